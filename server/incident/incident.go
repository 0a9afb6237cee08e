// Package incident takes what senders say is wrong to the people who must know: integrations, routing, incidents, pages and
// their deadlines, acknowledgement, silence, the timeline, and the rotas that all of it asks.
//
// Everything that must happen later stands in the store as a deadline (due.go); Run wakes for them, and a restart forgets
// nothing. Every step writes a line in words.
package incident

import (
	"time"

	"watchroom/server/account"
	"watchroom/server/alert"
	"watchroom/server/id"
	"watchroom/server/oncall"
)

// State is where an incident stands.
type State string

// The states of an incident.
const (
	Triggered    State = "triggered"    // nobody has taken it; a critical one rings
	Acknowledged State = "acknowledged" // somebody owns it
	Resolved     State = "resolved"
)

// Incident is what people work on. Its alerts are its rows.
type Incident struct {
	ID           id.Incident    `json:"id"`
	Key          string         `json:"key"` // integration and group: an open key joins, else opens
	Title        string         `json:"title"`
	Severity     alert.Severity `json:"severity"`
	State        State          `json:"state"`
	Room         id.Room        `json:"room"`           // where it is worked on: its own room when critical, else the routed room
	From         id.Room        `json:"from"`           // the everyday room that the routing chose
	Line         uint64         `json:"line,omitempty"` // the message in From that shows it
	Team         id.Team        `json:"team,omitempty"`
	Policy       id.Policy      `json:"policy,omitempty"`
	Integration  id.Integration `json:"integration,omitempty"`
	Route        string         `json:"route"` // in words: which rule sent it where
	Firing       int            `json:"firing"`
	Alerts       int            `json:"alerts"`                 // firing and resolved
	Repeats      int            `json:"repeats"`                // requests that changed nothing
	Owner        id.Person      `json:"owner,omitempty"`        // who acknowledged last
	Ringing      []id.Person    `json:"ringing,omitempty"`      // whose armed devices sound now: the client computes its siren from this
	Paged        []id.Person    `json:"paged,omitempty"`        // everybody who was rung in this episode
	NotDelivered bool           `json:"notDelivered,omitempty"` // a whole round ended and nothing played
	Shadow       id.Person      `json:"shadow,omitempty"`       // pages only this person, beside the pager that is still in charge
	Test         bool           `json:"test,omitempty"`         // a rehearsal: one button cleans it up
	SilencedTill id.Millis      `json:"silencedTill,omitempty"` // -1: until resolved
	Opened       id.Millis      `json:"opened"`
	Acked        id.Millis      `json:"acked,omitempty"`
	Lapses       id.Millis      `json:"lapses,omitempty"` // when the acknowledgement lapses without activity
	Resolved     id.Millis      `json:"resolved,omitempty"`
	SenderDone   bool           `json:"senderDone,omitempty"` // the sender says resolved while somebody owns it: the owner is asked whether to close
	Reopened     int            `json:"reopened,omitempty"`
	NextDue      id.Millis      `json:"nextDue,omitempty"` // when the next step rings
}

// Row is one alert of an incident.
type Row struct {
	Incident id.Incident `json:"incident"`
	Alert    alert.Alert `json:"alert"`
	Since    id.Millis   `json:"since"`
	Ended    id.Millis   `json:"ended,omitempty"`
	Ends     id.Millis   `json:"ends,omitempty"` // when it ends by itself if the sender stays silent
}

// Entry is one line of an incident's timeline, in words.
type Entry struct {
	Incident id.Incident `json:"incident"`
	N        int         `json:"n"` // from 1, without gaps
	Time     id.Millis   `json:"time"`
	Actor    id.Person   `json:"actor,omitempty"`
	Kind     string      `json:"kind"` // opened, rang, playing, failed, sent, acknowledged, lapsed, resolved, reopened, escalated, silenced, note, …
	Text     string      `json:"text"`
	Page     id.Page     `json:"page,omitempty"`
}

// PageState is how far one attempt to reach one person got.
type PageState string

// The states of a page.
const (
	Queued   PageState = "queued"
	Sent     PageState = "sent"     // handed to a device's socket, a mail server or ntfy
	Received PageState = "received" // the device has it
	Playing  PageState = "playing"  // a device says that it sounds: delivered
	Heard    PageState = "heard"    // playing on a device whose owner confirmed a test tone within 24 h
	Answered PageState = "acknowledged"
	Failed   PageState = "failed"  // Why says why
	Stopped  PageState = "stopped" // somebody else acknowledged, or it was resolved
)

// Page is one attempt to reach one person about one incident by one way.
type Page struct {
	ID       id.Page         `json:"id"`
	Incident id.Incident     `json:"incident"`
	Person   id.Person       `json:"person"`
	Way      account.WayKind `json:"way"`
	Step     int             `json:"step"` // from 1; 0: outside the policy, such as an administrator after NOT DELIVERED
	Round    int             `json:"round"`
	Attempt  int             `json:"attempt"` // outward ways repeat until acknowledged
	State    PageState       `json:"state"`
	Why      string          `json:"why,omitempty"`
	Device   id.Device       `json:"device,omitempty"`
	Queued   id.Millis       `json:"queued"`
	Sent     id.Millis       `json:"sent,omitempty"`
	Played   id.Millis       `json:"played,omitempty"`
	Ended    id.Millis       `json:"ended,omitempty"`
}

// Integration is a sender's way in.
type Integration struct {
	ID       id.Integration `json:"id"`
	Kind     Kind           `json:"kind"`
	Name     string         `json:"name"`
	Service  string         `json:"service,omitempty"`
	Team     id.Team        `json:"team"`
	Room     id.Room        `json:"room"`            // default room
	Policy   id.Policy      `json:"policy"`          // default policy
	Rules    []Rule         `json:"rules,omitempty"` // first match overrides the defaults
	Shadow   id.Person      `json:"shadow,omitempty"`
	Paused   id.Millis      `json:"paused,omitempty"`   // until then; -1: until resumed. Requests are kept and shown, nobody is paged
	EndAfter int            `json:"endAfter,omitempty"` // seconds without a word after which a firing alert ends by itself; 0: never
	LockRoom bool           `json:"lockRoom,omitempty"` // the sender may not choose the room
	By       id.Person      `json:"by"`
	Created  id.Millis      `json:"created"`
	Declared bool           `json:"declared,omitempty"`
	LastSeen id.Millis      `json:"lastSeen,omitempty"`
	Hint     string         `json:"hint"` // last four characters of the key
}

// Kind is what a sender speaks.
type Kind string

// The kinds of integration.
const (
	KindAlertmanager Kind = "alertmanager"
	KindPagerDuty    Kind = "pagerduty"
	KindSlack        Kind = "slack"
	KindJSON         Kind = "json"
	KindChecks       Kind = "checks" // the server's own checks
	KindManual       Kind = "manual" // /page and "Page me"
)

// Rule sends alerts whose labels match somewhere else.
type Rule struct {
	Match    map[string]string `json:"match" yaml:"match"` // every label equals, or matches when the value is /regexp/
	Room     id.Room           `json:"room,omitempty" yaml:"room,omitempty"`
	Policy   id.Policy         `json:"policy,omitempty" yaml:"policy,omitempty"`
	Team     id.Team           `json:"team,omitempty" yaml:"team,omitempty"`
	Severity alert.Severity    `json:"severity,omitempty" yaml:"severity,omitempty"`
}

// Request is one request that a sender made, with the decision it led to. The raw body is kept beside it.
type Request struct {
	ID          id.Request     `json:"id"`
	Integration id.Integration `json:"integration"`
	Time        id.Millis      `json:"time"`
	Remote      string         `json:"remote"`
	Size        int            `json:"size"`
	Replay      bool           `json:"replay,omitempty"`
	Test        bool           `json:"test,omitempty"`
	Decisions   []Decision     `json:"decisions"`
	Error       string         `json:"error,omitempty"` // why it could not be parsed
}

// Decision is what became of one alert group of a request, in the order in which it was decided.
type Decision struct {
	Title    string         `json:"title"`
	Status   alert.Status   `json:"status"`
	Severity alert.Severity `json:"severity"`
	Why      string         `json:"why"`   // how the severity came about
	Route    string         `json:"route"` // "rule 2 (team=db)", "default of prometheus"
	Room     id.Room        `json:"room"`
	Policy   id.Policy      `json:"policy,omitempty"`
	Incident id.Incident    `json:"incident,omitempty"`
	Outcome  string         `json:"outcome"` // in words: "opened #142, ringing ann", "joined #142", "posted", "silenced until …", "paused"
	Rings    []id.Person    `json:"rings,omitempty"`
}

// Silence keeps matching alerts from paging. They are still shown.
type Silence struct {
	ID       id.Silence        `json:"id"`
	Match    map[string]string `json:"match,omitempty"`    // labels, as in Rule
	Incident id.Incident       `json:"incident,omitempty"` // or one incident
	Until    id.Millis         `json:"until"`              // -1: until resolved
	By       id.Person         `json:"by"`
	Why      string            `json:"why,omitempty"`
	Created  id.Millis         `json:"created"`
	Ended    id.Millis         `json:"ended,omitempty"`
}

// DeviceState is what a browser reports of its ability to ring.
type DeviceState struct {
	Device id.Device `json:"device"`
	Person id.Person `json:"person"`
	Online bool      `json:"online"`
	Armed  bool      `json:"armed"`            // audio runs and a leader tab holds the lock
	Proven id.Millis `json:"proven,omitempty"` // when the owner last confirmed hearing a test tone on this output
	Phone  bool      `json:"phone,omitempty"`
	Hidden bool      `json:"hidden,omitempty"`
	Notify string    `json:"notify,omitempty"` // granted, denied, default
	Why    string    `json:"why,omitempty"`    // why it cannot ring, in words
	Agent  string    `json:"agent,omitempty"`
	Seen   id.Millis `json:"seen"`
}

// Readiness is whether a person can be rung now.
type Readiness struct {
	Person  id.Person     `json:"person"`
	State   string        `json:"state"` // armed (proven), armed_unproven, away (only outward ways), dark (nothing)
	Words   string        `json:"words"`
	Devices []DeviceState `json:"devices,omitempty"` // for the person and administrators
	Ways    []string      `json:"ways,omitempty"`    // kinds only
}

// Duty is who is on call for one schedule.
type Duty struct {
	Schedule oncall.Schedule `json:"schedule"`
	Now      []id.Person     `json:"now"`
	Until    time.Time       `json:"until,omitzero"`
	Next     []id.Person     `json:"next,omitempty"`
	Shifts   []oncall.Shift  `json:"shifts"` // from now, for the time that was asked for
}
