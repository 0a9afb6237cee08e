package incident

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"watchroom/server/account"
	"watchroom/server/alert"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

const (
	repeatEvery = time.Minute    // at most so often is it announced that nothing changed
	unparsedFor = 24 * time.Hour // how long an unparsed request is shown as firing
	maxRemote   = 200            // bytes
)

// ReceiveIn is one request of a sender.
type ReceiveIn struct {
	Integration Integration
	Body        []byte // as it came: it is kept
	Header      http.Header
	Remote      string
	Alerts      []alert.Alert // decoded by the caller; else Body is decoded here
	ParseError  error         // the caller could not decode it
	Test        bool          // a rehearsal
	Replay      bool          // a kept request once more: it counts although it was seen before
}

// Decode reads a body as the senders of this kind write it.
func Decode(kind Kind, body []byte, h http.Header, now time.Time) ([]alert.Alert, error) {
	switch kind {
	case KindAlertmanager:
		return alert.Alertmanager(body, h, now)
	case KindPagerDuty:
		return alert.PagerDuty(body, h, now)
	case KindSlack:
		return alert.Slack(body, h, now)
	case KindChecks, KindManual:
		var a alert.Alert
		if err := json.Unmarshal(body, &a); err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "this is not an alert of the server's own")
		}
		if a.Status == "" || a.Title == "" || a.Severity == "" {
			return nil, fault.New(fault.Invalid, "this alert has no status, title or severity")
		}
		return []alert.Alert{a}, nil
	}
	return alert.Generic(body, h, now)
}

// chunks are how many alerts share one change, smaller ones where the store finds that too much.
var chunks = []int{300, 60, 10}

// Receive takes one request in: its body is kept, and for each group of alerts it is decided what becomes of it, all in one change
// (a request of more than 300 alerts takes several, and counts as received with the last). A body that cannot be decoded is kept and
// shown as a low alert; the sender is told nothing but that it arrived. Only a store that cannot write is an error.
func (s *Service) Receive(ctx context.Context, in ReceiveIn) (Request, error) {
	s.counts.requests.Add(1)
	if in.Alerts == nil && in.ParseError == nil {
		in.Alerts, in.ParseError = Decode(in.Integration.Kind, in.Body, in.Header, s.o.Now())
	}
	in.Test = in.Test || rehearsed(in.Alerts)
	var r Request
	err := error(nil)
	for _, size := range chunks {
		if r, err = s.receive(ctx, in, size); !errors.Is(err, store.ErrLimit) {
			break
		}
	}
	if err == nil || in.ParseError != nil || ctx.Err() != nil || errors.Is(err, store.ErrUnavailable) {
		return r, err
	}
	s.o.Log.Error("request not understood by the server itself", "integration", in.Integration.Name, "error", err)
	in.ParseError = fault.Wrap(err, fault.Internal, "the server itself could not act on it")
	return s.receive(ctx, in, chunks[0])
}

// rehearsed tells whether every alert carries the label of a rehearsal, as the pasted commands of the first hour do: what it
// opens can then be cleaned up.
func rehearsed(alerts []alert.Alert) bool {
	return len(alerts) > 0 && !slices.ContainsFunc(alerts, func(a alert.Alert) bool { return a.Labels["rehearsal"] != "watchroom" })
}

func (s *Service) receive(ctx context.Context, in ReceiveIn, size int) (Request, error) {
	alerts := in.Alerts
	r := Request{
		ID: id.New[id.Request]("q"), Integration: in.Integration.ID, Remote: clip(in.Remote, maxRemote), Size: len(in.Body),
		Test: in.Test, Replay: in.Replay, Decisions: []Decision{},
	}
	if in.ParseError != nil {
		r.Error = fault.Words(in.ParseError)
		alerts = []alert.Alert{unparsed(in, worst(in.Alerts), s.o.Now())}
	}
	if len(alerts) > size {
		alerts = slices.Clone(alerts)
		slices.SortStableFunc(alerts, func(a, b alert.Alert) int { return cmp.Compare(order(a), order(b)) })
	}
	quiet := true
	for len(alerts) > size {
		part := alerts[:size]
		alerts = alerts[size:]
		err := s.change(ctx, account.System(), func(c *change) error {
			d, q := s.decide(c, &in, part)
			r.Decisions, quiet = append(r.Decisions, d...), quiet && q
			return nil
		})
		if err != nil {
			return Request{}, err
		}
	}
	before := len(r.Decisions)
	err := s.change(ctx, account.System(), func(c *change) error {
		d, q := s.decide(c, &in, alerts)
		r.Time, r.Decisions = c.now(), append(r.Decisions[:before], d...)
		s.keepRequest(c, in, r, quiet && q)
		return nil
	})
	if err != nil {
		return Request{}, err
	}
	return r, nil
}

// order puts what fires before what is over, so that a group that comes in parts is not closed and opened again.
func order(a alert.Alert) int {
	if a.Status == alert.Firing {
		return 0
	}
	return 1
}

// decide sorts alerts into their groups and decides each; quiet when nothing at all changed.
func (s *Service) decide(c *change, in *ReceiveIn, alerts []alert.Alert) (all []Decision, quiet bool) {
	if k, ok := integrations.Get(c.Tx, store.Key(string(in.Integration.ID))); ok {
		in.Integration = k.Integration // the caller may hold an old one
	}
	var names []string
	groups := map[string][]alert.Alert{}
	quiet = true
	for _, a := range alerts {
		if a.Status == alert.Note {
			all = append(all, s.post(c, in, a))
			quiet = false
			continue
		}
		name := cmp.Or(a.Group, a.Key, a.Title)
		if groups[name] == nil {
			names = append(names, name)
		}
		groups[name] = append(groups[name], a)
	}
	for _, name := range names {
		g := s.group(c, in, name, groups[name])
		all = append(all, g.decide()...)
		quiet = quiet && g.quiet
	}
	return all, quiet
}

// worst is the severity of an alert that could not be acted on: what it would have been.
func worst(alerts []alert.Alert) alert.Severity {
	for _, a := range alerts {
		if a.Severity == alert.Critical && a.Status == alert.Firing {
			return alert.Critical
		}
	}
	return alert.Low
}

// unparsed shows a request that cannot be read: nothing that came under a valid key is lost.
func unparsed(in ReceiveIn, severity alert.Severity, now time.Time) alert.Alert {
	body := clip(strings.ToValidUTF8(string(in.Body), "\ufffd"), 1500)
	body = strings.Map(func(r rune) rune {
		if r == '`' {
			return '\''
		}
		if r < ' ' && r != '\n' && r != '\t' {
			return ' '
		}
		return r
	}, body)
	return alert.Alert{
		Key: "unparsed", Group: "unparsed", Status: alert.Firing, Severity: severity,
		SeverityWhy: string(severity) + ", because it could not be read",
		Title:       "Unparsed request from " + in.Integration.Name,
		Text:        fmt.Sprintf("%s. It is kept and can be replayed.\n\n```\n%s\n```", fault.Words(in.ParseError), body),
		StartsAt:    now, EndsAt: now.Add(unparsedFor),
	}
}

// clip is at most n bytes of s, cut between runes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// post shows what is no incident: a message of the sender in the routed room.
func (s *Service) post(c *change, in *ReceiveIn, a alert.Alert) Decision {
	to := s.route(c, in.Integration, a)
	d := Decision{Title: cmp.Or(a.Title, clip(a.Text, 80)), Status: a.Status, Severity: to.severity, Why: to.why, Route: to.words, Room: to.room}
	msg := chat.PostIn{As: cmp.Or(a.As, in.Integration.Name)}
	if a.Title == "" && len(a.Fields)+len(a.Links) == 0 {
		msg.Text = a.Text
	} else {
		msg.Card = &chat.Card{Alert: card(a)}
	}
	d.Outcome = "posted in " + s.roomName(c.Tx, to.room)
	if s.say(c, to.room, msg) == 0 {
		d.Outcome = "could not be posted in " + s.roomName(c.Tx, to.room)
	}
	return d
}

// card is an alert as a message shows it.
func card(a alert.Alert) *chat.AlertCard {
	v := &chat.AlertCard{Title: a.Title, Text: a.Text, Color: a.Color}
	if v.Color == "" {
		switch {
		case a.Status == alert.Resolved:
			v.Color = "ok"
		case a.Severity == alert.Critical:
			v.Color = "crit"
		case a.Severity == alert.Low:
			v.Color = "low"
		default:
			v.Color = "info"
		}
	}
	for i, l := range a.Links {
		if i == 0 {
			v.Link = l.URL
			continue
		}
		v.Fields = append(v.Fields, chat.Field{Name: l.Text, Value: l.URL})
	}
	for _, f := range a.Fields {
		v.Fields = append(v.Fields, chat.Field{Name: f.Name, Value: f.Value})
	}
	return v
}

// roomName is what a decision calls a room.
func (s *Service) roomName(tx *store.Tx, room id.Room) string {
	r, ok := s.rooms.RoomTx(tx, room)
	if !ok || r.Name == "" {
		return "a direct room"
	}
	return "#" + r.Name
}
