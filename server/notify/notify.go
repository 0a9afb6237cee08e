// Package notify reaches people outside the browser: it follows the log and sends the pages that wait for ntfy or mail.
package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/store"
)

// Note is what a person is told.
type Note struct {
	Title    string
	Text     string
	Link     string // opens the incident
	AckLink  string // opens a page whose button acknowledges; a link alone never does, because scanners open links
	AckURL   string // POST AckBody here acknowledges at once
	AckBody  string
	Critical bool
}

// Sender sends one note by one kind of way. It returns when the other side has taken it.
type Sender interface {
	Send(ctx context.Context, to account.Way, n Note) error
}

// Options are what sending needs.
type Options struct {
	Senders   map[account.WayKind]Sender // a kind without a sender is not configured, and a page by it fails saying so
	PublicURL string
	Log       *slog.Logger
}

// Service sends outward pages and tells the incident what became of each.
type Service struct {
	log       *store.Store
	people    *account.Service
	incidents *incident.Service
	o         Options
}

// New is a service that sends nothing until Run.
func New(log *store.Store, people *account.Service, incidents *incident.Service, o Options) *Service {
	return &Service{log: log, people: people, incidents: incidents, o: o}
}

// Sending limits: how many at once, how long one may take, and the pauses between tries.
const (
	inFlight    = 16
	sendTimeout = 20 * time.Second
)

var pauses = []time.Duration{0, time.Second, 3 * time.Second}

// Run sends what is queued and what becomes queued, until ctx ends. A page whose sending was cut short by a stop is
// sent again at the next start: twice is better than never.
func (s *Service) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	slots := make(chan struct{}, inFlight)
	send := func(p incident.Page) {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		running.Go(func() {
			defer func() { <-slots }()
			s.page(ctx, p)
		})
	}
	after := s.log.Head()
	queued, err := s.incidents.QueuedPages(ctx)
	if err != nil {
		return fmt.Errorf("read queued pages: %w", err)
	}
	seen := map[id.Page]bool{}
	for _, p := range queued {
		seen[p.ID] = true
		send(p)
	}
	for e, err := range s.log.Follow(ctx, after) {
		if err != nil {
			return err
		}
		if e.Kind != "page.changed" {
			continue
		}
		var body struct {
			Page incident.Page `json:"page"`
		}
		if err := json.Unmarshal(e.Body, &body); err != nil {
			s.o.Log.Error("page not understood", "seq", e.Seq, "error", err)
			continue
		}
		p := body.Page
		if p.State == incident.Queued && p.Way != account.WayBrowser && !seen[p.ID] {
			send(p)
		}
	}
	return nil
}

// page sends one page, with a few tries, and records the outcome.
func (s *Service) page(ctx context.Context, p incident.Page) {
	err := s.try(ctx, p)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		s.o.Log.Warn("page not sent", "page", p.ID, "way", p.Way, "error", err)
		err = s.incidents.PageFailed(ctx, p.ID, fault.Words(err))
	} else {
		err = s.incidents.PageSent(ctx, p.ID)
	}
	if err != nil {
		s.o.Log.Error("outcome of a page not recorded", "page", p.ID, "error", err)
	}
}

func (s *Service) try(ctx context.Context, p incident.Page) error {
	way, err := s.way(ctx, p.Person, p.Way)
	if err != nil {
		return err
	}
	note, err := s.note(ctx, p)
	if err != nil {
		return err
	}
	for _, pause := range pauses {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		if err = s.send(ctx, way, note); err == nil {
			return nil
		}
	}
	return err
}

func (s *Service) send(ctx context.Context, way account.Way, n Note) error {
	sender, ok := s.o.Senders[way.Kind]
	if !ok {
		return fault.New(fault.Unavailable, "%s is not configured on this server", way.Kind)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return sender.Send(ctx, way, n)
}

func (s *Service) way(ctx context.Context, person id.Person, kind account.WayKind) (account.Way, error) {
	ways, err := s.people.Ways(ctx, account.System(), person)
	if err != nil {
		return account.Way{}, err
	}
	for _, w := range ways {
		if w.Kind == kind {
			return w, nil
		}
	}
	return account.Way{}, fault.New(fault.Missing, "no %s address is set", kind)
}

func (s *Service) note(ctx context.Context, p incident.Page) (Note, error) {
	d, err := s.incidents.Incident(ctx, account.System(), p.Incident)
	if err != nil {
		return Note{}, err
	}
	secret, err := s.incidents.AckLink(ctx, p)
	if err != nil {
		return Note{}, err
	}
	body, err := json.Marshal(map[string]string{"secret": secret})
	if err != nil {
		return Note{}, err
	}
	n := Note{
		Title:    fmt.Sprintf("#%d %s", p.Incident, d.Incident.Title),
		Text:     fmt.Sprintf("%s, %d alert(s) firing. Page %d, step %d.", d.Incident.Severity, d.Incident.Firing, p.Attempt, p.Step),
		Link:     fmt.Sprintf("%s/#/incident/%d", s.o.PublicURL, p.Incident),
		AckLink:  s.o.PublicURL + "/#/ack/" + secret,
		AckURL:   s.o.PublicURL + "/api/v1/acknowledge-link",
		AckBody:  string(body),
		Critical: true,
	}
	for i, row := range d.Rows {
		if i == 5 {
			n.Text += fmt.Sprintf("\n… and %d more", len(d.Rows)-i)
			break
		}
		n.Text += "\n• " + row.Alert.Title
	}
	return n, nil
}

// Test sends a test by the actor's own way number index, and returns what the other side said.
func (s *Service) Test(ctx context.Context, who account.Actor, index int) error {
	ways, err := s.people.Ways(ctx, who, who.Person)
	if err != nil {
		return err
	}
	if index < 0 || index >= len(ways) {
		return fault.Field("index", "there is no way number %d", index+1)
	}
	err = s.send(ctx, ways[index], Note{Title: "Watchroom test", Text: "This is how a page reaches you here.", Link: s.o.PublicURL, Critical: true})
	if fault.KindOf(err) == fault.Internal {
		return fault.Wrap(err, fault.Unavailable, "%s did not take the test: %s", ways[index].Kind, err)
	}
	return err
}
