package incident

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/oncall"
	"watchroom/store"
)

const (
	playWithin = 3 * time.Second // for a device to say that it plays
	againEvery = 2 * time.Minute // ways out of the browser repeat, and so does the page to one that does not play
)

// putPage keeps a page and announces it.
func (s *Service) putPage(c *change, r *record, p Page) {
	if p.State == Queued {
		s.counts.pages.Add(1)
	}
	pages.Put(c.Tx, p)
	c.emit(EventPageChanged, r.Room, []string{string(p.Person)}, PageChanged{Page: p})
}

// ring rings people's browsers. Whose device plays already, or is about to, is not paged again; nor is one that failed a moment ago: it
// is still rung and sounds as soon as it can. It returns how many pages it made.
func (s *Service) ring(c *change, r *record, people []id.Person, step, round int) (made int) {
	if r.Bells == nil {
		r.Bells = map[id.Person]*bell{}
	}
	if room, ok := s.rooms.RoomTx(c.Tx, r.Room); ok && room.Priority && !room.Archived {
		for part := range slices.Chunk(people, 100) {
			if err := s.rooms.AddTx(c.Tx, account.System(), r.Room, part); err != nil {
				s.o.Log.Warn("people not brought in", "incident", r.ID, "error", err)
			}
		}
	}
	for _, p := range people {
		r.Ringing, r.Paged = with(r.Ringing, p), with(r.Paged, p)
		b := r.Bells[p]
		if b.plays() || b.waits() || b != nil && c.Now().Sub(b.Queued.Time()) < againEvery {
			continue
		}
		if b == nil {
			b = &bell{}
			r.Bells[p] = b
		}
		page := Page{ID: id.New[id.Page]("pg"), Incident: r.ID, Person: p, Way: account.WayBrowser, Step: step, Round: round, Attempt: round, State: Queued, Queued: c.now()}
		b.Page, b.State, b.Queued = page.ID, Queued, page.Queued
		s.putPage(c, r, page)
		c.dueIn(dueCheck, string(page.ID), playWithin)
		made++
	}
	return made
}

// checkDue looks whether a device plays, 3 s after it was rung.
func (s *Service) checkDue(c *change, d due) error {
	p, ok := pages.Get(c.Tx, store.Key(d.ID))
	if !ok {
		return nil
	}
	r, ok := incidents.Get(c.Tx, number(p.Incident))
	if b := r.Bells[p.Person]; !ok || r.State != Triggered || b == nil || b.Page != p.ID || !b.waits() {
		return nil
	}
	why := fmt.Sprintf("no device played within %d s", int(playWithin.Seconds()))
	if p.Why != "" {
		why = p.Why + ", and " + why
	}
	s.unheard(c, &r, p, why)
	s.put(c, &r, EventChanged)
	return nil
}

// unheard takes in that nothing plays for the person of a page: other ways at once, and the next step at once when nobody of this
// one can be heard.
func (s *Service) unheard(c *change, r *record, p Page, why string) {
	p.State, p.Why, p.Ended = Failed, why, c.now()
	r.Bells[p.Person].State = Failed
	s.putPage(c, r, p)
	words := "no other way is set"
	if kinds := s.ways(c, p.Person); len(kinds) > 0 {
		words = "trying " + strings.Join(kinds, " and ")
	}
	s.note(c, r, Entry{Kind: "failed", Page: p.ID, Text: fmt.Sprintf("%s: %s; %s.", s.name(c.Tx, p.Person), why, words)})
	if _, ok := dues.Get(c.Tx, dueKey{dueAgain, theirs(r.ID, p.Person)}.key()); !ok {
		s.outward(c, r, p.Person)
	}
	s.skip(c, r)
}

// ways are the kinds of a person's ways outside the browser, each once.
func (s *Service) ways(c *change, p id.Person) []string {
	var kinds []string
	for _, w := range s.people.WaysTx(c.Tx, p) {
		if w.Kind != account.WayBrowser && !slices.Contains(kinds, string(w.Kind)) {
			kinds = append(kinds, string(w.Kind))
		}
	}
	return kinds
}

// outward queues a page by every way outside the browser, and again in 2 min.
func (s *Service) outward(c *change, r *record, p id.Person) {
	kinds := s.ways(c, p)
	b := r.Bells[p]
	if len(kinds) == 0 || b == nil {
		return
	}
	b.Attempts++
	step, round := 0, 1
	if r.Climb != nil {
		step, round = r.Climb.Step, r.Climb.Round
	}
	for _, kind := range kinds {
		s.putPage(c, r, Page{ID: id.New[id.Page]("pg"), Incident: r.ID, Person: p, Way: account.WayKind(kind), Step: step, Round: round, Attempt: b.Attempts, State: Queued, Queued: c.now()})
	}
	c.dueIn(dueAgain, theirs(r.ID, p), againEvery)
}

// againDue repeats the ways outside the browser while the person is rung, for at most 8 h.
func (s *Service) againDue(c *change, d due) error {
	n, p := parseTheirs(d.ID)
	r, ok := incidents.Get(c.Tx, number(n))
	if !ok || r.State != Triggered || r.Climb == nil || r.Climb.Over() || !slices.Contains(r.Ringing, p) || c.Now().Sub(r.Climb.Since)-c.shift >= oncall.MaxRing {
		return nil
	}
	s.outward(c, &r, p)
	incidents.Put(c.Tx, r)
	return nil
}

// hush stops every horn and every repetition of r. The pages of who answered are answered, the others stopped.
func (s *Service) hush(c *change, r *record, answered id.Person, why string) {
	c.undue(dueStep, nth(r.ID))
	for _, p := range r.Paged {
		c.undue(dueAgain, theirs(r.ID, p))
	}
	for p := range pages.By(c.Tx, "live", store.Prefix(number(r.ID))) {
		c.undue(dueCheck, string(p.ID))
		p.Ended = c.now()
		if p.State, p.Why = Stopped, why; p.Person == answered {
			p.State, p.Why = Answered, ""
		}
		s.putPage(c, r, p)
	}
	r.Climb, r.Called, r.Bells, r.Ringing, r.NextDue = nil, nil, nil, nil, 0
}

// page changes one page of an incident that may still be stopped, if it is there.
func (s *Service) page(ctx context.Context, n id.Page, fn func(*change, *record, *Page) bool) error {
	return s.change(ctx, account.System(), func(c *change) error {
		p, ok := pages.Get(c.Tx, store.Key(string(n)))
		if !ok {
			return fault.New(fault.Missing, "there is no such page")
		}
		r, ok := incidents.Get(c.Tx, number(p.Incident))
		if !ok {
			return errNoIncident
		}
		if !fn(c, &r, &p) {
			return nil
		}
		s.putPage(c, &r, p)
		incidents.Put(c.Tx, r)
		return nil
	})
}

// QueuedPages lists the pages that wait to be sent outside the browser.
func (s *Service) QueuedPages(ctx context.Context) ([]Page, error) {
	list := []Page{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		for p := range pages.By(tx, "queued", store.Range{}) {
			list = append(list, p)
		}
		return nil
	})
	return list, err
}

// PageSent records that a way outside the browser took a page.
func (s *Service) PageSent(ctx context.Context, n id.Page) error {
	return s.page(ctx, n, func(c *change, r *record, p *Page) bool {
		if p.Sent != 0 {
			return false
		}
		p.Sent = c.now()
		if p.State == Queued {
			p.State = Sent
		}
		s.note(c, r, Entry{Kind: "sent", Page: p.ID, Text: fmt.Sprintf("%s: sent by %s, attempt %d.", s.name(c.Tx, p.Person), p.Way, p.Attempt)})
		return true
	})
}

// PageFailed records that a way outside the browser did not take a page.
func (s *Service) PageFailed(ctx context.Context, n id.Page, why string) error {
	return s.page(ctx, n, func(c *change, r *record, p *Page) bool {
		if p.State != Queued {
			return false
		}
		p.State, p.Why, p.Ended = Failed, clip(why, 500), c.now()
		s.note(c, r, Entry{Kind: "failed", Page: p.ID, Text: fmt.Sprintf("%s: %s failed: %s.", s.name(c.Tx, p.Person), p.Way, strings.TrimSuffix(p.Why, "."))})
		return true
	})
}
