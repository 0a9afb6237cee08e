package incident

import (
	"context"
	"fmt"
	"slices"
	"time"

	"watchroom/server/account"
	"watchroom/server/alert"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/oncall"
	"watchroom/store"
)

const undoWithin = 5 * time.Second

// undo is what an acknowledgement ended, for who takes it back.
type undo struct {
	State   State         `json:"state"`
	Owner   id.Person     `json:"owner,omitempty"`
	Acked   id.Millis     `json:"acked,omitempty"`
	Lapses  id.Millis     `json:"lapses,omitempty"`
	Climb   *oncall.Climb `json:"climb,omitempty"`
	Called  []id.Person   `json:"called,omitempty"`
	Ringing []id.Person   `json:"ringing,omitempty"`
	Left    int64         `json:"left,omitempty"` // milliseconds until the next step
}

// Acknowledge stops the climb, silences every device and makes who the owner. Who was not paged is asked first: without take it is
// a Conflict with the question.
func (s *Service) Acknowledge(ctx context.Context, who account.Actor, n id.Incident, take bool) (Incident, error) {
	return s.act(ctx, who, n, func(c *change, r *record) error {
		switch {
		case r.State == Resolved:
			return fault.New(fault.Conflict, "#%d is resolved already", n)
		case r.State == Acknowledged && r.Owner == who.Person:
			return nil
		case !take && r.State == Acknowledged:
			return fault.New(fault.Conflict, "#%d is acknowledged by %s. Take it?", n, s.name(c.Tx, r.Owner))
		case !take && !slices.Contains(r.Paged, who.Person):
			return fault.New(fault.Conflict, "You were not paged for #%d. Take it?", n)
		}
		s.own(c, r)
		return nil
	})
}

// own makes the actor of the change the owner.
func (s *Service) own(c *change, r *record) {
	was := &undo{State: r.State, Owner: r.Owner, Acked: r.Acked, Lapses: r.Lapses, Climb: r.Climb, Called: r.Called, Ringing: r.Ringing}
	if r.Climb != nil {
		was.Left = r.Climb.Due.Sub(c.Now()).Milliseconds()
	}
	name := s.name(c.Tx, c.who.Person)
	s.hush(c, r, c.who.Person, "acknowledged by "+name)
	r.State, r.Owner, r.Acked, r.Undo, r.NotDelivered = Acknowledged, c.who.Person, c.now(), was, false
	c.undue(dueRemind, nth(r.ID))
	s.hold(c, r)
	if room, ok := s.rooms.RoomTx(c.Tx, r.Room); ok && room.Priority && !c.who.System {
		if err := s.rooms.AddTx(c.Tx, account.System(), r.Room, []id.Person{c.who.Person}); err != nil {
			s.o.Log.Warn("owner not brought in", "incident", r.ID, "error", err)
		}
	}
	s.note(c, r, Entry{Kind: "acknowledged", Actor: c.who.Person, Text: "Acknowledged by " + name + "."})
	s.tell(c, r, "Acknowledged by %s.", name)
}

// senderAcked takes in that somebody acknowledged where the alert came from. It holds like any other, with nobody as its owner.
func (s *Service) senderAcked(c *change, r *record) {
	s.hush(c, r, "", "acknowledged at the sender")
	r.State, r.Owner, r.Acked, r.Undo, r.NotDelivered = Acknowledged, "", c.now(), nil, false
	c.undue(dueRemind, nth(r.ID))
	s.hold(c, r)
	s.note(c, r, Entry{Kind: "acknowledged", Text: "Acknowledged at the sender."})
	s.tell(c, r, "Acknowledged at the sender.")
}

// hold lets an acknowledgement hold from now on. Low incidents never ring, so theirs does not lapse.
func (s *Service) hold(c *change, r *record) {
	if r.Severity != alert.Critical {
		r.Lapses = 0
		c.undue(dueLapse, nth(r.ID))
		return
	}
	at := c.Now().Add(s.o.AckLapse)
	r.Lapses = id.At(at)
	c.due(dueLapse, nth(r.ID), at)
}

// touch keeps an acknowledgement from lapsing when its owner does something.
func (s *Service) touch(c *change, r *record) {
	if r.State == Acknowledged && r.Owner == c.who.Person && r.Acked != c.now() {
		s.hold(c, r)
	}
}

// unown ends an acknowledgement; weigh rings again.
func (s *Service) unown(c *change, r *record) {
	c.undue(dueLapse, nth(r.ID))
	r.State, r.Acked, r.Lapses, r.Undo = Triggered, 0, 0, nil
}

// Unacknowledge takes an acknowledgement back within 5 s: it rings again where it stood.
func (s *Service) Unacknowledge(ctx context.Context, who account.Actor, n id.Incident) (Incident, error) {
	return s.act(ctx, who, n, func(c *change, r *record) error {
		switch {
		case r.State != Acknowledged || r.Owner != who.Person || r.Undo == nil:
			return fault.New(fault.Conflict, "#%d is not acknowledged by you", n)
		case c.Now().Sub(r.Acked.Time()) > undoWithin:
			return fault.New(fault.Conflict, "an acknowledgement can be taken back for %d s", int(undoWithin.Seconds()))
		}
		was := *r.Undo
		s.unown(c, r)
		r.State, r.Owner, r.Acked = was.State, was.Owner, was.Acked
		s.note(c, r, Entry{Kind: "undone", Actor: who.Person, Text: s.name(c.Tx, who.Person) + " took the acknowledgement back."})
		s.tell(c, r, "%s took the acknowledgement back.", s.name(c.Tx, who.Person))
		if r.State == Acknowledged {
			s.hold(c, r)
			return nil
		}
		if was.Climb != nil && !was.Climb.Over() {
			climb := *was.Climb
			climb.Due = c.Now().Add(time.Duration(max(was.Left, 0)) * time.Millisecond)
			r.Climb, r.Called, r.NextDue = &climb, was.Called, id.At(climb.Due)
			s.ring(c, r, was.Ringing, climb.Step, climb.Round)
			c.due(dueStep, nth(r.ID), climb.Due)
		}
		s.weigh(c, r)
		return nil
	})
}

// lapseDue ends an acknowledgement whose owner did nothing for long.
func (s *Service) lapseDue(c *change, d due) error {
	r, ok := incidents.Get(c.Tx, number(parseNth(d.ID)))
	if !ok || r.State != Acknowledged {
		return nil
	}
	if r.Firing == 0 {
		s.close(c, &r, "Resolved: the sender said so, and nobody closed it.")
		s.put(c, &r, EventChanged)
		return nil
	}
	name := s.name(c.Tx, r.Owner)
	s.unown(c, &r)
	words := fmt.Sprintf("The acknowledgement by %s lapsed: nothing was done for %s.", name, span(s.o.AckLapse))
	s.note(c, &r, Entry{Kind: "lapsed", Text: words})
	s.tell(c, &r, "%s Ringing again.", words)
	s.weigh(c, &r)
	s.put(c, &r, EventChanged)
	return nil
}

// Escalate rings the next step now.
func (s *Service) Escalate(ctx context.Context, who account.Actor, n id.Incident) (Incident, error) {
	return s.act(ctx, who, n, func(c *change, r *record) error {
		switch {
		case r.State == Resolved:
			return fault.New(fault.Conflict, "#%d is resolved already", n)
		case r.Severity != alert.Critical:
			return fault.New(fault.Conflict, "#%d is %s: it does not ring", n, r.Severity)
		}
		s.note(c, r, Entry{Kind: "escalated", Actor: who.Person, Text: "Escalated by " + s.name(c.Tx, who.Person) + "."})
		s.tell(c, r, "Escalated by %s.", s.name(c.Tx, who.Person))
		if r.State == Acknowledged {
			s.unown(c, r)
		}
		policy := s.policy(c.Tx, r)
		if r.Climb == nil || r.Climb.Over() {
			r.Climb = nil
			r.Quiet = 0
			c.undue(dueQuiet, nth(r.ID))
			climb, due := oncall.Start(policy, c.Now())
			s.follow(c, r, policy, climb, due)
			r.Held, r.SilencedTill = "", 0
			return nil
		}
		climb := *r.Climb
		if climb.Step == 0 {
			climb.Due = c.Now()
		}
		climb, due := oncall.Skip(policy, climb, c.Now())
		s.follow(c, r, policy, climb, due)
		return nil
	})
}

// followOwners keeps acknowledgements from lapsing while their owners talk in the incident's room.
func (s *Service) followOwners(ctx context.Context, after store.Seq) {
	last := map[id.Room]time.Time{}
	for e, err := range s.store.Follow(ctx, after) {
		if err != nil {
			s.o.Log.Error("owners not followed", "error", err)
			return
		}
		if e.Kind != chat.EventPosted || e.Actor == string(account.SystemPerson) || time.Since(last[id.Room(e.Room)]) < repeatEvery {
			continue
		}
		if err := s.spoke(ctx, e, last); err != nil && ctx.Err() == nil {
			s.o.Log.Warn("activity not noted", "room", e.Room, "error", err)
		}
	}
}

// spoke holds the acknowledgements of whoever posted e, in its room.
func (s *Service) spoke(ctx context.Context, e store.Event, last map[id.Room]time.Time) error {
	var mine []id.Incident
	author := id.Person(e.Actor)
	err := s.store.View(ctx, func(tx *store.Tx) error {
		for r := range incidents.By(tx, "owned", store.Prefix(store.Key(e.Room))) {
			if r.Owner == author {
				mine = append(mine, r.ID)
			}
		}
		return nil
	})
	if err != nil || len(mine) == 0 {
		return err
	}
	last[id.Room(e.Room)] = time.Now()
	return s.change(ctx, account.System(), func(c *change) error {
		for _, n := range mine {
			if r, ok := incidents.Get(c.Tx, number(n)); ok && r.State == Acknowledged && r.Owner == author {
				s.hold(c, &r)
				s.put(c, &r, EventChanged)
			}
		}
		return nil
	})
}
