package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"watchroom/server"
	"watchroom/store"
	"watchroom/store/memkv"
)

// capture is a request as a real sender made it.
type capture struct {
	Path    string
	Headers map[string]string
	Body    string
}

func captured(t *testing.T, name string) capture {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("alert", "testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var c capture
	if err := json.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// sender is an integration and whoever posts to it.
type sender struct {
	*agent
	id, key, path string
}

// sender makes an integration of this kind.
func (s *site) sender(kind string) *sender {
	s.t.Helper()
	var made struct {
		Integration struct{ ID string }
		Key, URL    string
	}
	s.owner.call("POST", "/integrations", object{"kind": kind, "name": "my " + kind}).into(&made)
	return &sender{&agent{site: s, handle: kind, http: stranger(s.t)}, made.Integration.ID, made.Key, strings.TrimPrefix(made.URL, s.o.PublicURL)}
}

// deliver posts a capture to the integration's own address, with the headers that were recorded.
func (x *sender) deliver(c capture) *answer {
	x.site.t.Helper()
	h := http.Header{}
	for name, value := range c.Headers {
		if name != "Host" && name != "Content-Length" {
			h.Set(name, value)
		}
	}
	return x.send("POST", x.path, h, []byte(x.keyed(c.Body)))
}

// keyed is a body with the integration's own routing key in the place of the recorded one.
func (x *sender) keyed(body string) string {
	var event map[string]any
	if json.Unmarshal([]byte(body), &event) != nil || event["routing_key"] == nil {
		return body
	}
	event["routing_key"] = x.key
	b, err := json.Marshal(event)
	if err != nil {
		x.site.t.Fatal(err)
	}
	return string(b)
}

type request struct {
	ID        string
	Error     string
	Replay    bool
	Test      bool
	Decisions []struct {
		Title, Status, Severity, Why, Route, Room, Outcome string
		Incident                                           uint64
		Rings                                              []string
	}
}

func (x *sender) requests() []request {
	x.site.t.Helper()
	var list []request
	x.site.owner.call("GET", "/integrations/"+x.id+"/requests", nil).into(&list)
	return list
}

// exactly wants this status, content type and body, byte by byte.
func (r *answer) exactly(status int, contentType, body string) {
	r.t.Helper()
	if got := r.header.Get("Content-Type"); r.status != status || !strings.HasPrefix(got, contentType) || body != "" && string(r.body) != body {
		r.t.Errorf("%s: answered %d %s %q, want %d %s %q", r.about, r.status, got, r.body, status, contentType, body)
	}
}

// What a real Alertmanager sent makes one incident with a room of its own, rings once, and resolves; every answer is the sender's own.
func TestCaptures(t *testing.T) {
	for kind, names := range map[string][2]string{
		"alertmanager": {"alertmanager-webhook-firing", "alertmanager-webhook-resolved"},
		"slack":        {"alertmanager-slack-firing", "alertmanager-slack-resolved"},
		"pagerduty":    {"alertmanager-pagerduty-trigger", "alertmanager-pagerduty-resolve"},
	} {
		t.Run(kind, func(t *testing.T) {
			s := start(t)
			x := s.sender(kind)
			for i, name := range append([]string{names[0]}, names[:]...) { // the first one repeats
				got := x.deliver(captured(t, name))
				switch kind {
				case "slack":
					got.exactly(200, "text/plain", "ok")
				case "pagerduty":
					got.exactly(202, "application/json", "")
					var a struct {
						Status, Message string
						DedupKey        string `json:"dedup_key"`
					}
					got.into(&a)
					if a.Status != "success" || a.Message != "Event processed" || len(a.DedupKey) != 64 {
						t.Errorf("answered %s", got.body)
					}
				default:
					got.exactly(200, "application/json", "")
				}
				list := x.requests()
				if len(list) != i+1 || len(list[0].Decisions) != 1 {
					t.Fatalf("request %d led to %+v", i+1, list)
				}
				d := list[0].Decisions[0]
				want := []string{"opened #1", "#1", "resolved #1"}[i]
				if d.Incident != 1 || !strings.Contains(d.Outcome, want) || i < 2 && (d.Severity != "critical" || d.Why == "" || d.Route == "") {
					t.Errorf("request %d was decided %+v, want %q", i+1, d, want)
				}
			}
			var all []struct{ State, Room, From string }
			s.owner.call("GET", "/incidents", nil).into(&all)
			if len(all) != 1 || all[0].State != "resolved" || all[0].Room == all[0].From {
				t.Errorf("the incidents are %+v", all)
			}
		})
	}
}

// A key that is wrong, of another kind or no longer valid gets an answer that its sender understands.
func TestWrongKeys(t *testing.T) {
	s := start(t)
	am, slack, pd := s.sender("alertmanager"), s.sender("slack"), s.sender("pagerduty")
	removed := s.sender("json")
	s.owner.call("DELETE", "/integrations/"+removed.id, nil).ok()
	firing := captured(t, "alertmanager-webhook-firing")
	for _, path := range []string{"/in/alertmanager/wrong", "/in/alertmanager/" + slack.key, "/in/json/" + am.key, removed.path} {
		am.path = path
		am.deliver(firing).problem(404, "integration")
	}
	slack.path = "/services/T/B/wrong"
	slack.deliver(captured(t, "alertmanager-slack-firing")).exactly(404, "text/plain", "no_service")
	var bad struct {
		Status, Message string
		Errors          []string
	}
	pd.key = strings.Repeat("0", 32)
	got := pd.deliver(captured(t, "alertmanager-pagerduty-trigger"))
	got.exactly(400, "application/json", "")
	if err := json.Unmarshal(got.body, &bad); err != nil || bad.Status != "invalid event" || len(bad.Errors) != 1 {
		t.Errorf("answered %s", got.body)
	}
	for _, body := range []string{`{`, `[]`, `{}`, `{"routing_key":"short","event_action":"dance"}`, `{"routing_key":5}`, strings.Repeat(" ", 600_000), strings.Repeat(" ", 2<<20)} {
		got := pd.send("POST", "/v2/enqueue", http.Header{}, []byte(body))
		bad.Errors = nil
		if err := json.Unmarshal(got.body, &bad); err != nil || got.status != 400 && got.status != 413 || bad.Status != "invalid event" || len(bad.Errors) == 0 {
			t.Errorf("%.60q: answered %d %.200s", body, got.status, got.body)
		}
	}
	big := slack.send("POST", slack.path, http.Header{}, []byte(strings.Repeat(" ", 2<<20)))
	big.exactly(413, "text/plain", "invalid_payload")
}

// A trigger without a dedup_key gets one, and that one resolves it.
func TestPagerDutyMakesAKey(t *testing.T) {
	s := start(t)
	pd := s.sender("pagerduty")
	var a struct {
		DedupKey string `json:"dedup_key"`
	}
	pd.deliver(capture{Body: `{"routing_key":"x","event_action":"trigger","payload":{"summary":"fire","source":"s","severity":"critical"}}`}).into(&a)
	pd.deliver(capture{Body: `{"routing_key":"x","event_action":"resolve","dedup_key":"` + a.DedupKey + `"}`}).ok()
	var one struct{ Incident struct{ State string } }
	s.owner.call("GET", "/incidents/1", nil).into(&one)
	if one.Incident.State != "resolved" {
		t.Errorf("the incident is %s after a resolve with the key that was returned; requests %+v", one.Incident.State, pd.requests())
	}
}

// What comes under a valid key and cannot be read is kept, shown, and taken: its sender must not give up on us.
func TestUnparsed(t *testing.T) {
	s := start(t)
	for _, kind := range []string{"alertmanager", "slack", "json"} {
		x := s.sender(kind)
		for _, body := range []string{"", "{", "\x00\xff", `{"alerts": 5}`, `[[[[`, "payload=%zz", strings.Repeat("[", 100_000)} {
			got := x.send("POST", x.path, http.Header{"Content-Type": {"application/json"}}, []byte(body))
			if got.status != 200 {
				t.Errorf("%s: %.20q was answered %d %s", kind, body, got.status, got.body)
				continue
			}
			if kind == "slack" {
				got.exactly(200, "text/plain", "ok")
			}
			r := x.requests()[0]
			if raw := s.owner.call("GET", "/requests/"+r.ID+"/body", nil).ok(); string(raw.body) != body {
				t.Errorf("%s: %.20q was kept as %.40q", kind, body, raw.body)
			}
		}
		kept := x.requests()
		if len(kept) != 7 || len(kept[5].Decisions) == 0 || kind != "json" && kept[5].Error == "" {
			t.Errorf("%s: %d requests are shown, the broken one as %+v", kind, len(kept), kept[5])
		}
	}
}

// A kept request can be sent through again, and a test goes down the whole road.
func TestReplayAndTest(t *testing.T) {
	s := start(t)
	x := s.sender("alertmanager")
	x.deliver(captured(t, "alertmanager-webhook-firing")).ok()
	var again request
	s.owner.call("POST", "/requests/"+x.requests()[0].ID+"/replay", nil).into(&again)
	if !again.Replay || len(again.Decisions) != 1 || again.Decisions[0].Incident != 1 {
		t.Errorf("the replay was decided %+v", again)
	}
	for _, kind := range []string{"alertmanager", "slack", "pagerduty", "json"} {
		y := x
		if kind != "alertmanager" {
			y = s.sender(kind)
		}
		for _, severity := range []string{"critical", "low", "info"} {
			var r request
			s.owner.call("POST", "/integrations/"+y.id+"/test", object{"severity": severity}).into(&r)
			if !r.Test || len(r.Decisions) != 1 || r.Decisions[0].Severity != severity {
				t.Errorf("a %s test of %s was decided %+v", severity, kind, r)
			}
		}
	}
	var swept struct{ Cleaned int }
	s.owner.call("POST", "/incidents/cleanup", nil).into(&swept)
	if swept.Cleaned != 8 {
		t.Errorf("%d tests were cleaned up, want 8: two of each kind opened one", swept.Cleaned)
	}
}

// frail is a store that can be told to fail.
type frail struct {
	store.KV
	broken atomic.Bool
}

// Apply fails while broken.
func (f *frail) Apply(ctx context.Context, b store.Batch) error {
	if f.broken.Load() {
		return errors.New("no space left on device")
	}
	return f.KV.Apply(ctx, b)
}

// While the store cannot write nothing is taken, everybody is told to come back, and reading works; afterwards all is as before.
func TestStoreFails(t *testing.T) {
	kv := &frail{KV: memkv.New()}
	s := start(t, func(o *server.Options) { o.KV = kv })
	am, slack, pd, generic := s.sender("alertmanager"), s.sender("slack"), s.sender("pagerduty"), s.sender("json")
	k, _ := s.owner.open()
	ops := s.owner.room("ops")
	kv.broken.Store(true)
	for _, got := range []*answer{
		am.deliver(captured(t, "alertmanager-webhook-firing")), slack.deliver(captured(t, "alertmanager-slack-firing")),
		pd.deliver(captured(t, "alertmanager-pagerduty-trigger")), generic.deliver(captured(t, "generic-documented")),
		s.owner.call("POST", "/rooms/~ops/messages", object{"text": "lost?"}), s.owner.send("GET", "/readyz", http.Header{}, nil),
	} {
		if got.status != 503 || got.header.Get("Retry-After") == "" {
			t.Errorf("%s: answered %d %s, want 503 with Retry-After", got.about, got.status, got.body)
		}
	}
	slack.deliver(captured(t, "alertmanager-slack-firing")).exactly(503, "text/plain", "service_unavailable")
	k.say(object{"t": "post", "nonce": "n", "room": ops, "text": "lost?"})
	if f := k.answer("n"); f.T != "error" || f.Kind != "unavailable" {
		t.Errorf("the socket answered %+v", f)
	}
	s.owner.history(ops)
	kv.broken.Store(false)
	eventually(t, "the store writes again", func() bool { return s.owner.send("GET", "/readyz", http.Header{}, nil).status == 200 })
	am.deliver(captured(t, "alertmanager-webhook-firing")).ok()
	k.say(object{"t": "post", "nonce": "n", "room": ops, "text": "lost?"})
	if f := k.answer("n"); f.T != "ok" {
		t.Errorf("afterwards the socket answered %+v", f)
	}
}
