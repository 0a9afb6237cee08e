// Package oncall says who is on call and how a page climbs. It is pure: it takes now and returns what is due.
package oncall

import (
	"time"

	"watchroom/server/id"
)

// Team is people with a default room, a schedule and a policy.
type Team struct {
	ID       id.Team     `json:"id" yaml:"id" required:"false"`
	Name     string      `json:"name" yaml:"name"`
	Room     id.Room     `json:"room" yaml:"room"`
	Schedule id.Schedule `json:"schedule" yaml:"schedule"`
	Policy   id.Policy   `json:"policy" yaml:"policy"`
	Declared bool        `json:"declared,omitempty" yaml:"-"` // from a file; read-only in the client
}

// Schedule says who is on call at any moment: the first rotation that has somebody, unless an override covers the moment.
type Schedule struct {
	ID        id.Schedule `json:"id" yaml:"id" required:"false"`
	Name      string      `json:"name" yaml:"name"`
	Zone      string      `json:"zone" yaml:"zone"` // IANA; hand-overs keep their wall-clock time across DST
	Rotations []Rotation  `json:"rotations" yaml:"rotations"`
	Overrides []Override  `json:"overrides,omitempty" yaml:"overrides,omitempty"`
	Declared  bool        `json:"declared,omitempty" yaml:"-"`
}

// Rotation passes the duty round its people: every Length units from Start.
type Rotation struct {
	Name   string      `json:"name" yaml:"name"`
	People []id.Person `json:"people" yaml:"people"` // one person: always on call
	Start  time.Time   `json:"start" yaml:"start"`   // the first hand-over, nobody before; its wall-clock time in the schedule's zone is the hand-over time. One person may do without
	Unit   Unit        `json:"unit" yaml:"unit"`
	Length int         `json:"length" yaml:"length"`                 // units per shift, from 1
	Only   []Window    `json:"only,omitempty" yaml:"only,omitempty"` // when set, the rotation counts only inside these
}

// Unit is the length of a turn.
type Unit string

// The units.
const (
	Hours Unit = "hours"
	Days  Unit = "days"
	Weeks Unit = "weeks"
)

// Window is a part of the week in the schedule's zone. From > To passes midnight.
type Window struct {
	Days []string `json:"days" yaml:"days"` // mon … sun, the day on which it begins; empty: every day
	From string   `json:"from" yaml:"from"` // "08:00"
	To   string   `json:"to" yaml:"to"`     // "18:00", at most "24:00"; equal to From means 24 h
}

// Override puts somebody on call instead, from From (included) to To (excluded). The newest one that covers a
// moment counts: the last of the list.
type Override struct {
	ID     string    `json:"id" yaml:"id" required:"false"`
	Person id.Person `json:"person" yaml:"person"`
	From   time.Time `json:"from" yaml:"from"`
	To     time.Time `json:"to" yaml:"to"`
}

// Shift is a stretch of time with the same people on call; without people it is a gap.
type Shift struct {
	From     time.Time   `json:"from"`
	To       time.Time   `json:"to"`
	People   []id.Person `json:"people"`
	Override bool        `json:"override,omitempty"`
}

// Policy says whom to ring, in which order. After its last step it starts again, for at most 8 h in all.
type Policy struct {
	ID       id.Policy `json:"id" yaml:"id" required:"false"`
	Name     string    `json:"name" yaml:"name"`
	Steps    []Step    `json:"steps" yaml:"steps"` // at least one
	Declared bool      `json:"declared,omitempty" yaml:"-"`
}

// Step rings its targets and waits After seconds for an acknowledgement before the next step.
type Step struct {
	Targets []Target `json:"targets" yaml:"targets"`
	After   int      `json:"after" yaml:"after"` // seconds, 1 to 86,400
}

// Target is a schedule (whoever is on call at that moment) or a person. Exactly one is set.
type Target struct {
	Schedule id.Schedule `json:"schedule,omitempty" yaml:"schedule,omitempty"`
	Person   id.Person   `json:"person,omitempty" yaml:"person,omitempty"`
}
