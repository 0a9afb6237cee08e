// Package checks is the bot that watches: HTTP, TCP, DNS and TLS checks declared in the configuration. They raise and
// resolve incidents like any other sender, and /status tells their newest results.
package checks

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"watchroom/server/account"
	"watchroom/server/alert"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/server/wire"
	"watchroom/store"
)

// The states of a check.
const (
	Up      = "up"
	Down    = "down"
	Unknown = "unknown"
)

// Bot runs the checks.
type Bot struct {
	store     *store.Store
	incidents *incident.Service
	checks    []Check
	log       *slog.Logger

	mu     sync.Mutex
	states map[string]wire.CheckState
}

// New is a bot for checks that Validate accepted; it runs nothing until Run.
func New(st *store.Store, incidents *incident.Service, checks []Check, log *slog.Logger) *Bot {
	b := &Bot{store: st, incidents: incidents, checks: checks, log: log, states: map[string]wire.CheckState{}}
	for _, c := range checks {
		b.states[c.Name] = wire.CheckState{Name: c.Name, Tags: c.Tags, State: Unknown, Message: "not run yet"}
	}
	return b
}

// States lists the newest result of every check, by name.
func (b *Bot) States(context.Context) []wire.CheckState {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]wire.CheckState, 0, len(b.states))
	for _, s := range b.states {
		list = append(list, s)
	}
	slices.SortFunc(list, func(x, y wire.CheckState) int { return strings.Compare(x.Name, y.Name) })
	return list
}

// Run runs every check on its own rhythm until ctx ends.
func (b *Bot) Run(ctx context.Context) error {
	if len(b.checks) == 0 {
		return nil
	}
	in, err := b.integration(ctx)
	if err != nil {
		return fmt.Errorf("find the integration of the checks: %w", err)
	}
	var running sync.WaitGroup
	for _, c := range b.checks {
		running.Go(func() { b.watch(ctx, c, in) })
	}
	running.Wait()
	return nil
}

// integration is the checks' own way in; it is made when it is not there yet.
func (b *Bot) integration(ctx context.Context) (incident.Integration, error) {
	list, err := b.incidents.Integrations(ctx, account.System())
	if err != nil {
		return incident.Integration{}, err
	}
	for _, in := range list {
		if in.Kind == incident.KindChecks {
			return in, nil
		}
	}
	made, _, err := b.incidents.CreateIntegration(ctx, account.System(), incident.Integration{Kind: incident.KindChecks, Name: "checks"})
	return made, err
}

// tally counts results in a row, so that one lost packet wakes nobody.
type tally struct {
	state     string
	fails, ok int
}

// take counts one result and tells whether the state changed.
func (t *tally) take(c Check, err error) bool {
	was := t.state
	if err != nil {
		t.fails, t.ok = t.fails+1, 0
		if t.fails >= c.FailAfter {
			t.state = Down
		}
	} else {
		t.fails, t.ok = 0, t.ok+1
		if t.ok >= c.RecoverAfter {
			t.state = Up
		}
	}
	return t.state != was
}

func (b *Bot) watch(ctx context.Context, c Check, in incident.Integration) {
	t := tally{state: Unknown}
	held := false                                                                     // it is down and pages nobody, because what it needs is down
	wait := time.Duration(rand.Int64N(int64(min(c.Every.Duration(), 2*time.Second)))) // not all at once
	for {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		wait = c.Every.Duration()
		begin := time.Now()
		words, err := c.probe(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			words = err.Error()
		}
		changed := t.take(c, err)
		state := b.note(c, t.state, words, time.Since(begin), changed)
		by := ""
		if t.state == Down {
			by = b.blocked(c)
		}
		if !changed && (!held || by != "") {
			continue
		}
		held = by != ""
		if err := b.tell(ctx, c, in, state, by); err != nil {
			b.log.Error("check not told", "check", c.Name, "error", err)
			t = tally{state: Unknown} // so that the next result tells it again
		}
	}
}

func (b *Bot) note(c Check, state, words string, took time.Duration, changed bool) wire.CheckState {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.states[c.Name]
	s.State, s.Message, s.Latency = state, words, took.Milliseconds()
	if changed {
		s.Since = id.At(time.Now())
	}
	b.states[c.Name] = s
	return s
}

// blocked names a check that this one needs and that is down: what hangs on it pages nobody.
func (b *Bot) blocked(c Check) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range c.Needs {
		if b.states[n].State == Down {
			return n
		}
	}
	return ""
}

// tell announces a state and raises or resolves the check's alert. What needs another check that is down, named by, is only shown.
func (b *Bot) tell(ctx context.Context, c Check, in incident.Integration, s wire.CheckState, by string) error {
	body, err := json.Marshal(struct {
		Check wire.CheckState `json:"check"`
	}{s})
	if err != nil {
		return err
	}
	err = b.store.Update(ctx, func(tx *store.Tx) error {
		tx.Emit(store.Event{Kind: "check.changed", To: []string{"*"}, Actor: string(account.SystemPerson), Body: body})
		return nil
	})
	if err != nil || s.State == Unknown {
		return err
	}
	a := c.alert(s)
	if by != "" {
		a.Severity, a.SeverityWhy = alert.Info, "info, because it needs "+by+", which is down"
	}
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = b.incidents.Receive(ctx, incident.ReceiveIn{Integration: in, Body: raw, Remote: "this server", Alerts: []alert.Alert{a}})
	return err
}

func (c Check) alert(s wire.CheckState) alert.Alert {
	a := alert.Alert{
		Key: c.Name, Group: c.Name, Status: alert.Resolved, Title: c.Name + ": " + s.Message, Text: s.Message,
		Severity: c.Alert.Severity, SeverityWhy: "as the check says", Room: c.Alert.Room, As: "checks",
		Labels: map[string]string{"check": c.Name}, StartsAt: s.Since.Time(), Episode: fmt.Sprint(s.Since),
	}
	for k, v := range c.Alert.Labels {
		a.Labels[k] = v
	}
	if s.State == Down {
		a.Status = alert.Firing
	} else {
		a.EndsAt = s.Since.Time()
	}
	if c.Alert.Runbook != "" {
		a.Links = []alert.Link{{Text: "Runbook", URL: c.Alert.Runbook}}
	}
	return a
}
