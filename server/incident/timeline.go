package incident

import (
	"context"
	"strings"
	"time"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

const (
	listMax    = 200
	noteMax    = 4000 // bytes
	recently   = 24 * time.Hour
	detailRows = 1000
)

// note writes the next line of r's timeline.
func (s *Service) note(c *change, r *record, e Entry) {
	r.Entries++
	e.Incident, e.N, e.Time = r.ID, r.Entries, c.now()
	entries.Put(c.Tx, e)
	c.emit(EventNoted, r.Room, s.audience(c, r), Noted{Entry: e})
}

// Note adds a line of one's own to the timeline.
func (s *Service) Note(ctx context.Context, who account.Actor, n id.Incident, text string) error {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > noteMax {
		return fault.Field("text", "has 1 to %d bytes", noteMax)
	}
	_, err := s.act(ctx, who, n, func(c *change, r *record) error {
		s.note(c, r, Entry{Kind: "note", Actor: who.Person, Text: text})
		return nil
	})
	return err
}

// Detail is all there is to know of an incident.
type Detail struct {
	Incident Incident `json:"incident"`
	Rows     []Row    `json:"rows"`
	Timeline []Entry  `json:"timeline"`
	Pages    []Page   `json:"pages"`
}

// Incident is one incident with its alerts, its timeline and its pages.
func (s *Service) Incident(ctx context.Context, who account.Actor, n id.Incident) (Detail, error) {
	d := Detail{Rows: []Row{}, Timeline: []Entry{}, Pages: []Page{}}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		r, err := s.find(tx, who, n)
		if err != nil {
			return err
		}
		d.Incident = r.Incident
		for row := range rows.Scan(tx, store.Prefix(number(n))) {
			if d.Rows = append(d.Rows, row.as(r).Row); len(d.Rows) == detailRows {
				break
			}
		}
		for e := range entries.Scan(tx, store.Prefix(number(n))) {
			d.Timeline = append(d.Timeline, e)
		}
		for p := range pages.By(tx, "incident", store.Prefix(number(n))) {
			d.Pages = append(d.Pages, p)
		}
		return nil
	})
	return d, err
}

// ListIn selects incidents.
type ListIn struct {
	State  string // "open", "resolved"; "" is both
	Before id.Incident
	Limit  int // 50 when 0, 200 at most
}

// Incidents lists what who may see, newest first.
func (s *Service) Incidents(ctx context.Context, who account.Actor, in ListIn) ([]Incident, error) {
	if in.State != "" && in.State != stateOpen && in.State != stateResolved {
		return nil, fault.Field("state", "is open or resolved")
	}
	if in.Limit <= 0 {
		in.Limit = 50
	}
	in.Limit = min(in.Limit, listMax)
	list := []Incident{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		span := store.Range{Reverse: true}
		if in.Before != 0 {
			span.To = number(in.Before)
		}
		walk := incidents.Scan(tx, span)
		if in.State != "" {
			span = store.Prefix(store.Key(in.State))
			if span.Reverse = true; in.Before != 0 {
				span.To = store.Key(in.State, uint64(in.Before))
			}
			walk = incidents.By(tx, "state", span)
		}
		for r := range walk {
			if !s.readable(tx, who, &r) {
				continue
			}
			if list = append(list, r.Incident); len(list) == in.Limit {
				break
			}
		}
		return nil
	})
	return list, err
}

// OpenIncidents lists what is open or was resolved within a day, oldest first: what a client holds.
func (s *Service) OpenIncidents(ctx context.Context, who account.Actor) ([]Incident, error) {
	var list []Incident
	err := s.store.View(ctx, func(tx *store.Tx) error {
		list = s.OpenIncidentsTx(tx, who)
		return nil
	})
	return list, err
}

// OpenIncidentsTx is OpenIncidents within a transaction, for a snapshot of everything at one Seq.
func (s *Service) OpenIncidentsTx(tx *store.Tx, who account.Actor) []Incident {
	list := []Incident{}
	for r := range incidents.By(tx, "state", store.Prefix(store.Key(stateOpen))) {
		if s.readable(tx, who, &r) {
			list = append(list, r.Incident)
		}
	}
	span := store.Prefix(store.Key(stateResolved))
	span.Reverse = true
	since := id.At(tx.Now().Add(-recently))
	old := 0
	for r := range incidents.By(tx, "state", span) {
		if r.Resolved < since {
			if old++; old == listMax {
				break // numbers grow with the time of opening, so that hardly any younger one stands below
			}
			continue
		}
		if s.readable(tx, who, &r) {
			list = append(list, r.Incident)
		}
	}
	return list
}
