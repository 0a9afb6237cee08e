package incident

import (
	"context"
	"fmt"
	"slices"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

var silences = store.NewTable("silence", func(v *Silence) []byte { return store.Key(string(v.ID)) },
	store.Index[Silence]{Name: "active", Keys: func(v *Silence) [][]byte {
		if v.Ended != 0 {
			return nil
		}
		return [][]byte{store.Key("active")}
	}})

const (
	maxWhy      = 500 // bytes
	maxSilences = 1000
)

// until says in words how long something is held.
func until(at id.Millis) string {
	if at == -1 {
		return "until resolved"
	}
	return "until " + at.Time().Format("2 Jan 15:04 MST")
}

// held says why r is shown and not paged, and until when; "" when nothing holds it.
func (s *Service) held(c *change, r *record) (words string, till id.Millis) {
	if r.Quiet != 0 {
		return "silenced " + until(r.Quiet), r.Quiet
	}
	if k, ok := integrations.Get(c.Tx, store.Key(string(r.Integration))); ok && k.Paused != 0 {
		if k.Paused == -1 {
			return k.Name + " is paused", -1
		}
		return k.Name + " is paused " + until(k.Paused), k.Paused
	}
	var active []Silence
	for v := range silences.By(c.Tx, "active", store.Range{}) {
		if v.Incident == 0 {
			active = append(active, v)
		}
	}
	if len(active) == 0 || r.Firing == 0 {
		return "", 0
	}
	return s.heldBy(c, r, active)
}

// heldBy looks whether every row that fires is silenced by its labels.
func (s *Service) heldBy(c *change, r *record, active []Silence) (string, id.Millis) {
	k, _ := integrations.Get(c.Tx, store.Key(string(r.Integration)))
	var by Silence
	for row := range rows.Scan(c.Tx, store.Prefix(number(r.ID))) {
		row = row.as(r)
		if row.Ended != 0 {
			continue
		}
		labels := labelsOf(k.Integration, row.Alert)
		i := slices.IndexFunc(active, func(v Silence) bool { return matches(v.Match, labels) })
		if i < 0 {
			return "", 0
		}
		if by.ID == "" || sooner(active[i].Until, by.Until) {
			by = active[i]
		}
	}
	if by.ID == "" {
		return "", 0
	}
	return fmt.Sprintf("silenced by %s (%s) %s", s.name(c.Tx, by.By), pairs(by.Match), until(by.Until)), by.Until
}

func sooner(a, b id.Millis) bool { return a != -1 && (b == -1 || a < b) }

// weighAtOnce is how many incidents one change may stop or start: each has its pages, deadlines and lines.
const weighAtOnce = 10

// weighAll asks every open incident that which selects whether it should ring. What is too much for one change follows at once.
func (s *Service) weighAll(c *change, which func(*record) bool) { s.weighFrom(c, 0, which) }

func (s *Service) weighFrom(c *change, after id.Incident, which func(*record) bool) {
	span := store.Prefix(store.Key(stateOpen))
	span.From = store.Key(stateOpen, uint64(after)+1)
	moved := 0
	for r := range incidents.By(c.Tx, "state", span) {
		if !which(&r) {
			continue
		}
		held := r.Held
		if s.weigh(c, &r); held == r.Held {
			continue
		}
		s.put(c, &r, EventChanged)
		if moved++; moved == weighAtOnce {
			c.dueIn(dueWeigh, nth(r.ID), 0)
			return
		}
	}
}

// weighDue goes on where weighAll stopped.
func (s *Service) weighDue(c *change, d due) error {
	s.weighFrom(c, parseNth(d.ID), func(*record) bool { return true })
	return nil
}

// SilenceIncident keeps one incident from ringing until then; -1: until it is resolved.
func (s *Service) SilenceIncident(ctx context.Context, who account.Actor, n id.Incident, till id.Millis) (Incident, error) {
	return s.act(ctx, who, n, func(c *change, r *record) error {
		if r.State == Resolved {
			return fault.New(fault.Conflict, "#%d is resolved already", n)
		}
		if till != -1 && till <= c.now() {
			return fault.Field("until", "is in the past")
		}
		r.Quiet = till
		c.undue(dueQuiet, nth(n))
		if till > 0 {
			c.due(dueQuiet, nth(n), till.Time())
		}
		words := fmt.Sprintf("Silenced %s by %s.", until(till), s.name(c.Tx, who.Person))
		s.note(c, r, Entry{Kind: "silenced", Actor: who.Person, Text: words})
		s.tell(c, r, "%s", words)
		s.weigh(c, r)
		return nil
	})
}

// quietDue ends an incident's own silence.
func (s *Service) quietDue(c *change, d due) error {
	r, ok := incidents.Get(c.Tx, number(parseNth(d.ID)))
	if !ok || r.Quiet != d.At {
		return nil
	}
	r.Quiet = 0
	s.note(c, &r, Entry{Kind: "silence ended", Text: "The silence ended."})
	s.weigh(c, &r)
	s.put(c, &r, EventChanged)
	return nil
}

// Silences lists those in force, newest first.
func (s *Service) Silences(ctx context.Context, who account.Actor) ([]Silence, error) {
	list := []Silence{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		if !who.System && who.Role == account.Guest {
			return errGuest
		}
		span := store.Range{Reverse: true}
		for v := range silences.By(tx, "active", span) {
			list = append(list, v)
		}
		return nil
	})
	return list, err
}

// AddSilence keeps alerts whose labels match from paging: those that fire now stop ringing, and all are still shown. With an incident
// instead of labels it is SilenceIncident. Until resolved means until nothing matches any more.
func (s *Service) AddSilence(ctx context.Context, who account.Actor, in Silence) (Silence, error) {
	if !who.System && who.Role == account.Guest {
		return Silence{}, errGuest
	}
	if in.Incident != 0 {
		if _, err := s.SilenceIncident(ctx, who, in.Incident, in.Until); err != nil {
			return Silence{}, err
		}
		return Silence{Incident: in.Incident, Until: in.Until, By: who.Person, Created: id.At(s.o.Now())}, nil
	}
	if len(in.Match) == 0 || len(in.Match) > 50 {
		return Silence{}, fault.Field("match", "name at least one label and its value")
	}
	if err := checkMatch("match", in.Match); err != nil {
		return Silence{}, err
	}
	v := Silence{ID: id.New[id.Silence]("s"), Match: in.Match, Until: in.Until, By: who.Person, Why: clip(in.Why, maxWhy)}
	err := s.change(ctx, who, func(c *change) error {
		v.Created = c.now()
		if v.Until != -1 && v.Until <= v.Created {
			return fault.Field("until", "is in the past")
		}
		n := 0
		for range silences.By(c.Tx, "active", store.Range{}) {
			if n++; n >= maxSilences {
				return fault.New(fault.Conflict, "%d silences are the most; end one first", maxSilences)
			}
		}
		silences.Put(c.Tx, v)
		if v.Until > 0 {
			c.due(dueSilence, string(v.ID), v.Until.Time())
		}
		c.emit(EventSilenceChanged, "", []string{"*"}, SilenceChanged{Silence: v})
		s.weighAll(c, func(*record) bool { return true })
		return nil
	})
	if err != nil {
		return Silence{}, err
	}
	return v, nil
}

// EndSilence ends a silence before its time. What it held and still fires rings then.
func (s *Service) EndSilence(ctx context.Context, who account.Actor, n id.Silence) error {
	if !who.System && who.Role == account.Guest {
		return errGuest
	}
	return s.change(ctx, who, func(c *change) error {
		v, ok := silences.Get(c.Tx, store.Key(string(n)))
		if !ok || v.Ended != 0 {
			return fault.New(fault.Missing, "there is no such silence in force")
		}
		s.endSilence(c, v)
		return nil
	})
}

func (s *Service) endSilence(c *change, v Silence) {
	v.Ended = c.now()
	silences.Put(c.Tx, v)
	c.undue(dueSilence, string(v.ID))
	c.emit(EventSilenceChanged, "", []string{"*"}, SilenceChanged{Silence: v})
	s.weighAll(c, func(r *record) bool { return r.Held != "" })
}

// silenceDue ends a silence at its time.
func (s *Service) silenceDue(c *change, d due) error {
	if v, ok := silences.Get(c.Tx, store.Key(d.ID)); ok && v.Ended == 0 && v.Until == d.At {
		s.endSilence(c, v)
	}
	return nil
}

// endUntilResolved ends the silences that last until resolved, when r was the last that they held.
func (s *Service) endUntilResolved(c *change, r *record) {
	var waiting []Silence
	for v := range silences.By(c.Tx, "active", store.Range{}) {
		if v.Until == -1 && s.holds(c, r, v) {
			waiting = append(waiting, v)
		}
	}
	if len(waiting) == 0 {
		return
	}
	for other := range incidents.By(c.Tx, "state", store.Prefix(store.Key(stateOpen))) {
		if other.ID == r.ID {
			continue
		}
		waiting = slices.DeleteFunc(waiting, func(v Silence) bool { return s.holds(c, &other, v) })
	}
	for _, v := range waiting {
		v.Ended = c.now()
		silences.Put(c.Tx, v)
		c.emit(EventSilenceChanged, "", []string{"*"}, SilenceChanged{Silence: v})
	}
}

// holds tells whether any row of r matches v.
func (s *Service) holds(c *change, r *record, v Silence) bool {
	k, _ := integrations.Get(c.Tx, store.Key(string(r.Integration)))
	for row := range rows.Scan(c.Tx, store.Prefix(number(r.ID))) {
		if matches(v.Match, labelsOf(k.Integration, row.Alert)) {
			return true
		}
	}
	return false
}
