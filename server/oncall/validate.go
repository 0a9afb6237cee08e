package oncall

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"watchroom/server/fault"
)

const (
	maxName      = 80
	maxRotations = 20
	maxPeople    = 100
	maxWindows   = 50
	maxOverrides = 1000
	maxSteps     = 20
	maxTargets   = 50
	maxAfter     = 86_400 // seconds
)

// maxLength is how many units a turn may have, about a year.
var maxLength = map[Unit]int{Hours: 8760, Days: 366, Weeks: 52}

// Validate says what is wrong with a team, by field.
func (t Team) Validate() error { return t.validate("") }

// Validate says what is wrong with a schedule, by field. One without rotations is right: nobody is on call.
func (s Schedule) Validate() error { return s.validate("") }

// Validate says what is wrong with a rotation, by field.
func (r Rotation) Validate() error { return r.validate("") }

// Validate says what is wrong with a window, by field.
func (o Window) Validate() error { return o.validate("") }

// Validate says what is wrong with an override, by field.
func (o Override) Validate() error { return o.validate("") }

// Validate says what is wrong with a policy, by field.
func (p Policy) Validate() error { return p.validate("") }

func (t Team) validate(at string) error { return named(at, t.Name) }

func (s Schedule) validate(at string) error {
	if err := named(at, s.Name); err != nil {
		return err
	}
	if s.Zone == "" || s.Zone == "Local" {
		return fault.Field(at+"zone", "name a time zone, such as Europe/Berlin")
	}
	if _, err := time.LoadLocation(s.Zone); err != nil {
		return fault.Field(at+"zone", "%q is not a time zone; write it as Europe/Berlin", s.Zone)
	}
	if len(s.Rotations) > maxRotations {
		return fault.Field(at+"rotations", "at most %d", maxRotations)
	}
	for i, r := range s.Rotations {
		if err := r.validate(fmt.Sprintf("%srotations[%d].", at, i)); err != nil {
			return err
		}
	}
	if len(s.Overrides) > maxOverrides {
		return fault.Field(at+"overrides", "at most %d; remove old ones", maxOverrides)
	}
	for i, o := range s.Overrides {
		if err := o.validate(fmt.Sprintf("%soverrides[%d].", at, i)); err != nil {
			return err
		}
	}
	return nil
}

func (r Rotation) validate(at string) error {
	switch {
	case utf8.RuneCountInString(r.Name) > maxName:
		return fault.Field(at+"name", "at most %d characters", maxName)
	case len(r.People) == 0:
		return fault.Field(at+"people", "name at least one person")
	case len(r.People) > maxPeople:
		return fault.Field(at+"people", "at most %d", maxPeople)
	case slices.Contains(r.People, ""):
		return fault.Field(at+"people", "one of them is empty")
	case len(r.People) == 1 && r.Start.IsZero() && r.Unit == "" && r.Length == 0:
	case len(r.People) > 1 && r.Start.IsZero():
		return fault.Field(at+"start", "say when the first hand-over is, such as 2026-11-23T09:00:00+01:00")
	case maxLength[r.Unit] == 0 && (len(r.People) > 1 || r.Unit != ""):
		return fault.Field(at+"unit", "%q is neither hours, days nor weeks", r.Unit)
	case (r.Length < 1 || r.Length > maxLength[r.Unit]) && len(r.People) > 1:
		return fault.Field(at+"length", "a turn has 1 to %d %s", maxLength[r.Unit], r.Unit)
	}
	if !r.Start.IsZero() && !plausible(r.Start) {
		return fault.Field(at+"start", "the year %d is too far away", r.Start.Year())
	}
	if len(r.Only) > maxWindows {
		return fault.Field(at+"only", "at most %d windows", maxWindows)
	}
	for i, o := range r.Only {
		if err := o.validate(fmt.Sprintf("%sonly[%d].", at, i)); err != nil {
			return err
		}
	}
	return nil
}

func (o Window) validate(at string) error {
	for i, d := range o.Days {
		if !slices.Contains(weekdays, d) {
			return fault.Field(fmt.Sprintf("%sdays[%d]", at, i), "%q is none of mon, tue, wed, thu, fri, sat, sun", d)
		}
	}
	if m, ok := minutes(o.From); !ok || m == 24*60 {
		return fault.Field(at+"from", "%q is not a time such as 08:00", o.From)
	}
	if _, ok := minutes(o.To); !ok {
		return fault.Field(at+"to", "%q is not a time such as 18:00", o.To)
	}
	return nil
}

func (o Override) validate(at string) error {
	switch {
	case o.Person == "":
		return fault.Field(at+"person", "say who takes over")
	case !plausible(o.From):
		return fault.Field(at+"from", "say when it begins, such as 2026-11-23T09:00:00+01:00")
	case !plausible(o.To):
		return fault.Field(at+"to", "say when it ends, such as 2026-11-24T09:00:00+01:00")
	case !o.From.Before(o.To):
		return fault.Field(at+"to", "it ends before it begins")
	case o.To.Sub(o.From) > MaxSpan:
		return fault.Field(at+"to", "an override lasts at most %d days", MaxSpan/(24*time.Hour))
	}
	return nil
}

func (p Policy) validate(at string) error {
	if err := named(at, p.Name); err != nil {
		return err
	}
	if len(p.Steps) == 0 || len(p.Steps) > maxSteps {
		return fault.Field(at+"steps", "a policy has 1 to %d steps", maxSteps)
	}
	for i, s := range p.Steps {
		at := fmt.Sprintf("%ssteps[%d].", at, i)
		if len(s.Targets) == 0 || len(s.Targets) > maxTargets {
			return fault.Field(at+"targets", "a step rings 1 to %d targets", maxTargets)
		}
		for j, t := range s.Targets {
			if (t.Schedule == "") == (t.Person == "") {
				return fault.Field(fmt.Sprintf("%stargets[%d]", at, j), "name a schedule or a person, exactly one of them")
			}
		}
		if s.After < 1 || s.After > maxAfter {
			return fault.Field(at+"after", "wait 1 to %d seconds", maxAfter)
		}
	}
	return nil
}

func named(at, name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return fault.Field(at+"name", "it needs a name")
	case utf8.RuneCountInString(name) > maxName:
		return fault.Field(at+"name", "at most %d characters", maxName)
	}
	return nil
}

// plausible keeps out years with which one cannot calculate, or that are slips of a finger.
func plausible(t time.Time) bool { return t.Year() >= 1970 && t.Year() <= 2200 }
