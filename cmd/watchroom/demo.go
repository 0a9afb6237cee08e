package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"watchroom/server"
	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/id"
	"watchroom/server/incident"
)

const (
	demoPassword = "watchroom-demo"
	demoPast     = 72 * time.Hour
)

type demoCmd struct {
	Quiet bool `help:"No monitors that fail and recover by themselves; for screenshots and tests."`
}

// Run runs a server in memory with an invented team, three days of history, and monitors that fail and recover.
func (d demoCmd) Run(ctx context.Context, c *cli) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	o, err := cfg.options()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "watchroom-demo")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.Log, err = logger(or(cfg.Log.Level, "error"), cfg.Log.Format); err != nil { // the clock is set again and again
		return err
	}
	clock := &shiftedClock{}
	clock.ago(demoPast) // before the store is made: its clock never goes back
	o.Data, o.Operator, o.Now, o.Checks = "", dir, clock.now, nil
	s, err := server.New(ctx, o)
	if err != nil {
		return err
	}
	st := &stage{clock: clock, server: s, op: operatorAt(dir), tokens: map[string]*client{}, rooms: map[string]id.Room{}}
	var playing sync.WaitGroup // its context ends with Run
	defer playing.Wait()
	return s.Run(ctx, func(ctx context.Context) error {
		st.base = "http://" + s.Addr()
		if err := st.build(ctx); err != nil {
			return fmt.Errorf("build the demo: %w", err)
		}
		fmt.Printf("The demo is at %s\nSign in as ann with the password %s (or as ben, chen, dora, farid). Nothing is kept.\n", o.PublicURL, demoPassword)
		if !d.Quiet {
			playing.Go(func() { st.live(ctx) })
		}
		return nil
	})
}

// shiftedClock runs like the real one, by an amount earlier: history is written in the past, then the shift ends.
type shiftedClock struct{ earlier atomic.Int64 }

func (c *shiftedClock) now() time.Time { return time.Now().Add(-time.Duration(c.earlier.Load())) }

func (c *shiftedClock) ago(d time.Duration) { c.earlier.Store(int64(d)) }

// stage is the invented team on its server: it acts through the API alone, like any client.
type stage struct {
	clock  *shiftedClock
	server *server.Server
	op     *client
	base   string
	tokens map[string]*client // by handle
	rooms  map[string]id.Room
	key    string // of the Alertmanager integration
}

type castMember struct {
	handle, name string
	role         account.Role
	bot          bool
}

var cast = []castMember{
	{"ben", "Ben Okafor", account.Admin, false},
	{"chen", "Chen Wei", account.Member, false},
	{"dora", "Dora Lindqvist", account.Member, false},
	{"farid", "Farid Haddad", account.Member, false},
	{"mia", "Mia Rossi", account.Member, false},
	{"deploybot", "deploybot", account.Member, true},
}

// build makes the team, its rooms, its rota and its past.
func (s *stage) build(ctx context.Context) error {
	s.clock.ago(demoPast)
	for _, step := range []func(context.Context) error{s.people, s.makeRooms, s.rota, s.past} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	s.clock.ago(0)
	return nil
}

func (s *stage) people(ctx context.Context) error {
	link, err := s.server.OwnerLink(ctx)
	if err != nil {
		return err
	}
	_, secret, _ := strings.Cut(link, "#/claim/")
	owner := map[string]string{"secret": secret, "handle": "ann", "name": "Ann Kowalski", "password": demoPassword, "team": "Harbour"}
	if err := remote(s.base, "").call(ctx, "POST", "/claim", owner, nil); err != nil {
		return err
	}
	for _, m := range cast {
		in := account.AddIn{Handle: m.handle, Name: m.name, Role: m.role, Bot: m.bot}
		if !m.bot {
			in.Password = demoPassword
		}
		if err := s.op.call(ctx, "POST", "/people", in, nil); err != nil {
			return err
		}
	}
	var all []account.Person
	if err := s.op.call(ctx, "GET", "/people", nil, &all); err != nil {
		return err
	}
	for _, p := range all {
		if p.ID == account.SystemPerson {
			continue
		}
		var made struct {
			Secret string `json:"secret"`
		}
		if err := s.op.call(ctx, "POST", "/tokens", account.TokenIn{Name: "demo", Person: p.ID}, &made); err != nil {
			return err
		}
		s.tokens[p.Handle] = remote(s.base, made.Secret)
	}
	return nil
}

func (s *stage) makeRooms(ctx context.Context) error {
	for _, r := range []struct{ name, topic string }{
		{"deploys", "What goes out, and what went wrong with it"}, {"db", "Postgres, Redis, backups"},
		{"general", "Everything else"}, {"handover", "Start and end of every shift"},
	} {
		var made chat.Room
		if err := s.tokens["ann"].call(ctx, "POST", "/rooms", map[string]string{"kind": "public", "name": r.name, "topic": r.topic}, &made); err != nil {
			return err
		}
	}
	var ops chat.RoomView
	if err := s.tokens["ann"].call(ctx, "GET", "/rooms/~ops", nil, &ops); err != nil {
		return err
	}
	for _, who := range s.tokens {
		for _, name := range []string{"ops", "deploys", "db", "general", "handover"} {
			if err := who.call(ctx, "POST", "/rooms/~"+name+"/join", nil, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// rota has ann, ben and chen take turns by the week, with ann on call now.
func (s *stage) rota(ctx context.Context) error {
	start := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -3).Add(9 * time.Hour)
	file := fmt.Sprintf(`schedules:
  - id: harbour-primary
    name: Harbour primary
    zone: Europe/Berlin
    rotations:
      - name: weekly
        people: ["@ann", "@ben", "@chen"]
        start: %s
        unit: weeks
        length: 1
  - id: harbour-secondary
    name: Harbour secondary
    zone: Europe/Berlin
    rotations:
      - name: weekly
        people: ["@dora", "@farid"]
        start: %[1]s
        unit: weeks
        length: 1
policies:
  - id: harbour
    name: Harbour
    steps:
      - targets: [{ schedule: harbour-primary }]
        after: 300
      - targets: [{ schedule: harbour-secondary }]
        after: 300
`, start.Format(time.RFC3339))
	if err := s.op.call(ctx, "POST", "/apply", map[string]any{"files": []string{file}}, nil); err != nil {
		return err
	}
	var made keyed
	in := incident.IntegrationIn{Kind: incident.KindAlertmanager, Name: "prometheus", Policy: "harbour"}
	if err := s.op.call(ctx, "POST", "/integrations", in, &made); err != nil {
		return err
	}
	s.key = made.Key
	return nil
}

// say posts as somebody, that long ago.
func (s *stage) say(ctx context.Context, ago time.Duration, room, who, text string) error {
	s.clock.ago(ago)
	var m chat.Message
	return s.tokens[who].call(ctx, "POST", "/rooms/~"+url.PathEscape(room)+"/messages", map[string]string{"text": text}, &m)
}

// demoAlert is one monitor of the demo.
type demoAlert struct {
	name, service, severity, summary, instance, runbook string
}

// fire sends what Alertmanager would send for one alert.
func (s *stage) fire(ctx context.Context, a demoAlert, status string) error {
	now := s.clock.now().UTC()
	labels := map[string]string{"alertname": a.name, "service": a.service, "severity": a.severity, "instance": a.instance}
	group := map[string]string{"alertname": a.name, "service": a.service}
	row := map[string]any{"status": status, "labels": labels, "annotations": map[string]string{"summary": a.summary, "runbook_url": a.runbook},
		"startsAt": now.Format(time.RFC3339Nano), "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "https://prometheus.harbour.example/graph",
		"fingerprint": fmt.Sprintf("%016x", len(a.name)*7919+len(a.instance)*104729)}
	if status == "resolved" {
		row["endsAt"] = now.Format(time.RFC3339Nano)
	}
	body, err := json.Marshal(map[string]any{"version": "4", "status": status, "receiver": "watchroom", "groupKey": fmt.Sprintf(`{}:{alertname="%s", service="%s"}`, a.name, a.service),
		"groupLabels": group, "commonLabels": labels, "commonAnnotations": map[string]string{"summary": a.summary}, "externalURL": "https://alertmanager.harbour.example",
		"alerts": []any{row}})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, "POST", s.base+"/in/alertmanager/"+s.key, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return errors.New("the demo's monitor got " + resp.Status)
	}
	return nil
}

// newest is the newest open incident.
func (s *stage) newest(ctx context.Context) (incident.Incident, error) {
	var list []incident.Incident
	if err := s.op.call(ctx, "GET", "/incidents?state=open&limit=1", nil, &list); err != nil {
		return incident.Incident{}, err
	}
	if len(list) == 0 {
		return incident.Incident{}, errors.New("no incident is open")
	}
	return list[0], nil
}

// act does something to an incident as somebody.
func (s *stage) act(ctx context.Context, who string, n id.Incident, verb string) error {
	return s.tokens[who].call(ctx, "POST", fmt.Sprintf("/incidents/%d/%s", n, verb), map[string]bool{"take": true}, nil)
}
