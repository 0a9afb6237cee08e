package incident

import (
	"fmt"
	"slices"
	"time"

	"watchroom/server/account"
	"watchroom/server/alert"
	"watchroom/server/chat"
	"watchroom/server/id"
	"watchroom/server/oncall"
	"watchroom/store"
)

const (
	remindAfter = 4 * time.Hour // a low incident that nobody took
	aloneAfter  = 300           // seconds of the only step when one person alone is paged
)

// weigh decides whether r should ring, and has it ring or be quiet accordingly. It is asked after everything that may change the answer.
func (s *Service) weigh(c *change, r *record) {
	if r.State == Resolved {
		return
	}
	r.Held, r.SilencedTill = s.held(c, r)
	waits := r.State == Triggered && r.Held == ""
	switch {
	case r.Severity == alert.Critical && waits && r.Climb == nil:
		policy := s.policy(c.Tx, r)
		climb, due := oncall.Start(policy, c.Now())
		s.follow(c, r, policy, climb, due)
	case r.Climb != nil && !waits && r.State == Triggered:
		s.hush(c, r, "", r.Held)
		s.note(c, r, Entry{Kind: "silenced", Text: "Stopped ringing: " + r.Held + "."})
	case r.Severity == alert.Low && waits && !r.Chimed:
		s.chime(c, r)
		c.dueIn(dueRemind, nth(r.ID), remindAfter)
	}
}

// policy is whom r rings, in which order, as it stands now.
func (s *Service) policy(tx *store.Tx, r *record) oncall.Policy {
	for _, alone := range []id.Person{r.Shadow, r.Direct} {
		if alone != "" {
			return oncall.Policy{Steps: []oncall.Step{{Targets: []oncall.Target{{Person: alone}}, After: aloneAfter}}}
		}
	}
	team, _ := teams.Get(tx, store.Key(string(r.Team)))
	p, _ := policies.Get(tx, store.Key(string(s.firstPolicy(tx, r.Policy, team.Policy))))
	return p
}

// follow does what the climb says is due, and goes on at once over steps in which there is nobody to ring.
func (s *Service) follow(c *change, r *record, policy oncall.Policy, climb oncall.Climb, due oncall.Due) {
	for {
		r.Climb = &climb
		if due.Exhausted && !r.plays() {
			s.undelivered(c, r)
		}
		if due.Ended {
			s.hush(c, r, "", "nobody acknowledged for 8 h")
			r.Climb = &climb
			s.note(c, r, Entry{Kind: "ended", Text: "Rang for 8 h and nobody acknowledged. Nobody is rung any more."})
			s.tell(c, r, "Rang for 8 h and nobody acknowledged. Nobody is rung any more.")
			return
		}
		rung := s.ringStep(c, r, climb, due)
		climb.Heard = climb.Heard || r.plays()
		if rung || len(due.Ring) == 0 {
			break
		}
		climb, due = oncall.Skip(policy, climb, c.Now())
	}
	r.NextDue = id.At(climb.Due)
	if climb.Over() {
		c.undue(dueStep, nth(r.ID))
		return
	}
	c.due(dueStep, nth(r.ID), climb.Due)
}

// plays tells whether a device of anybody who is rung plays.
func (r *record) plays() bool {
	for _, p := range r.Ringing {
		if r.Bells[p].plays() {
			return true
		}
	}
	return false
}

// stepDue goes on with a climb. Where the clock on the wall was set since, the climb is moved by as much: only the time that passed counts.
func (s *Service) stepDue(c *change, d due) error {
	r, ok := incidents.Get(c.Tx, number(parseNth(d.ID)))
	if !ok || r.State != Triggered || r.Climb == nil {
		return nil
	}
	climb := *r.Climb
	if by := c.shift; by != 0 {
		climb.Since, climb.Began, climb.Due = climb.Since.Add(by), climb.Began.Add(by), climb.Due.Add(by)
	}
	if early := climb.Due.Sub(c.Now()); early > 0 {
		climb.Since, climb.Began, climb.Due = climb.Since.Add(-early), climb.Began.Add(-early), climb.Due.Add(-early)
	}
	policy := s.policy(c.Tx, &r)
	climb, due := oncall.Advance(policy, climb, c.Now())
	s.follow(c, &r, policy, climb, due)
	s.put(c, &r, EventChanged)
	return nil
}

// skip leaves a step in which nobody's device plays and none can any more.
func (s *Service) skip(c *change, r *record) {
	if r.Climb == nil || r.Climb.Step == 0 || r.State != Triggered {
		return
	}
	for _, p := range r.Called {
		if b := r.Bells[p]; b.plays() || b.waits() {
			return
		}
	}
	policy := s.policy(c.Tx, r)
	climb, due := oncall.Skip(policy, *r.Climb, c.Now())
	s.follow(c, r, policy, climb, due)
}

// targets are the people of a step at this moment, each once: those who can act.
func (s *Service) targets(c *change, list []oncall.Target) []id.Person {
	var people []id.Person
	for _, t := range list {
		who := []id.Person{t.Person}
		if t.Schedule != "" {
			who = s.OnCallTx(c.Tx, t.Schedule, c.Now())
		}
		for _, p := range who {
			if _, ok := s.people.ActorTx(c.Tx, p); ok && p != account.SystemPerson {
				people = with(people, p)
			}
		}
	}
	return people
}

// ringStep rings the people of a step; false when nobody is there whose device plays or may play in a moment.
func (s *Service) ringStep(c *change, r *record, climb oncall.Climb, due oncall.Due) bool {
	if len(due.Ring) == 0 {
		if climb.Step == 0 {
			r.Called = nil
		}
		return false
	}
	people := s.targets(c, due.Ring)
	r.Called = people
	if len(people) == 0 {
		if due.Round == 1 {
			s.note(c, r, Entry{Kind: "nobody", Text: fmt.Sprintf("Step %d: nobody is on call.", due.Step)})
		}
		return false
	}
	made := s.ring(c, r, people, due.Step, due.Round)
	if !slices.ContainsFunc(people, func(p id.Person) bool { return r.Bells[p].plays() || r.Bells[p].waits() }) {
		return false
	}
	if made == 0 && due.Round > 1 {
		return true
	}
	names := s.handles(c.Tx, people)
	wait := climb.Due.Sub(c.Now()).Round(time.Second)
	s.note(c, r, Entry{Kind: "rang", Text: fmt.Sprintf("Step %d, round %d: ringing %s. Next step in %s.", due.Step, due.Round, names, span(wait))})
	if due.Round == 1 {
		s.tell(c, r, "Ringing %s. Next step in %s.", names, span(wait))
	}
	return true
}

// span is a length of time as people say it.
func span(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}

// chime lets a low incident sound once for the people of the policy's first step.
func (s *Service) chime(c *change, r *record) {
	r.Chimed = true
	policy := s.policy(c.Tx, r)
	if len(policy.Steps) == 0 {
		return
	}
	people := s.targets(c, policy.Steps[0].Targets)
	for _, p := range people {
		r.Paged = with(r.Paged, p)
		page := Page{ID: id.New[id.Page]("pg"), Incident: r.ID, Person: p, Way: account.WayBrowser, Step: 1, Round: 1, Attempt: 1, State: Queued, Queued: c.now()}
		s.putPage(c, r, page)
	}
	s.note(c, r, Entry{Kind: "chimed", Text: "Chimed once for " + s.handles(c.Tx, people) + "."})
}

// remindDue reminds of a low incident that nobody took, once.
func (s *Service) remindDue(c *change, d due) error {
	r, ok := incidents.Get(c.Tx, number(parseNth(d.ID)))
	if !ok || r.State != Triggered || r.Severity != alert.Low || r.Held != "" {
		return nil
	}
	s.chime(c, &r)
	s.note(c, &r, Entry{Kind: "reminded", Text: "Nobody took it for 4 h: reminded."})
	s.say(c, r.Room, chat.PostIn{Text: fmt.Sprintf("Still open after 4 h and nobody took it: #%d %s", r.ID, r.Title), Card: &chat.Card{Incident: r.ID}})
	s.put(c, &r, EventChanged)
	return nil
}

// undelivered says that a whole round ended and nothing played, and rings every administrator who can be rung.
func (s *Service) undelivered(c *change, r *record) {
	first := !r.NotDelivered
	r.NotDelivered = true
	rung := s.handles(c.Tx, r.Ringing)
	words := "NOT DELIVERED: no device of " + rung + " plays."
	if len(r.Ringing) == 0 {
		words = "NOT DELIVERED: there is nobody to ring."
	}
	var admins []id.Person
	if r.Shadow == "" && !(r.Test && r.Direct != "") {
		for _, p := range s.people.AdminsTx(c.Tx) {
			if s.ringable(p) && !slices.Contains(r.Ringing, p) {
				admins = append(admins, p)
			}
		}
		if len(admins) > 0 {
			words += " Ringing every administrator who can be rung: " + s.handles(c.Tx, admins) + "."
		} else {
			words += " No further administrator can be rung."
		}
	}
	s.counts.undelivered.Add(1)
	if first || len(admins) > 0 {
		s.note(c, r, Entry{Kind: "not delivered", Text: words})
	}
	if first {
		s.tell(c, r, "%s", words)
	}
	if len(admins) > 0 {
		s.ring(c, r, admins, 0, r.Climb.Round)
	}
}
