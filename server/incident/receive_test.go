package incident_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"watchroom/server/alert"
	"watchroom/server/chat"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/store"
)

// The recorded pair of an Alertmanager group of two alerts is one incident, one room and one siren, and its resolve closes it.
func TestRecordedGroupIsOneIncident(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindAlertmanager, nil)
		r := w.capture(in, "alertmanager-webhook-firing")
		i := w.one()
		if i.Firing != 2 || i.Alerts != 2 || i.Severity != alert.Critical || i.Room == i.From || i.From != w.ops {
			t.Fatalf("incident %+v", i)
		}
		w.rings(i.ID, w.ann)
		d := w.detail(i.ID)
		if len(d.Pages) != 1 || d.Pages[0].Person != w.ann.Person || d.Pages[0].State != incident.Queued {
			t.Fatalf("pages %+v, want one to ann", d.Pages)
		}
		room, err := w.rooms.View(w.ctx, w.ann, i.Room)
		must(t, err)
		if room.Room.Name != "inc-1-hello-world" || !room.Room.Priority || !room.Joined {
			t.Fatalf("room %+v", room.Room)
		}
		if len(r.Decisions) != 1 || r.Decisions[0].Outcome != "opened #1, ringing ann" || r.Decisions[0].Route != "default of prod-alertmanager" {
			t.Fatalf("decisions %+v", r.Decisions)
		}
		w.said(w.ops, "#1 Hello World is unreachable: critical, 2 alerts fire. Worked on in #inc-1-hello-world")
		w.capture(in, "alertmanager-webhook-firing")
		if i = w.one(); i.Repeats != 1 || len(w.detail(i.ID).Pages) != 1 {
			t.Fatalf("after the repeat: %+v", i)
		}
		r = w.capture(in, "alertmanager-webhook-resolved")
		if d = w.detail(i.ID); d.Incident.State != incident.Resolved || len(d.Incident.Ringing) != 0 || d.Pages[0].State != incident.Stopped {
			t.Fatalf("after the resolve: %+v %+v", d.Incident, d.Pages)
		}
		if r.Decisions[0].Outcome != "resolved #1" {
			t.Fatalf("outcome %q", r.Decisions[0].Outcome)
		}
		w.said(i.Room, "Resolved: the sender says")
		w.pass(25 * time.Hour)
		if room, _ := w.rooms.View(w.ctx, w.ann, i.Room); !room.Room.Archived {
			t.Fatal("the room is not archived a day later")
		}
	})
}

// A body that nobody can read is kept and shown as a low incident, and the sender hears no error.
func TestUnparsed(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindAlertmanager, nil)
		body := []byte("not json \x00\xff ``` @all")
		r, err := w.Receive(w.ctx, incident.ReceiveIn{Integration: in, Body: body})
		must(t, err)
		if r.Error == "" || len(r.Decisions) != 1 {
			t.Fatalf("request %+v", r)
		}
		if i := w.one(); i.Severity != alert.Low || !strings.HasPrefix(i.Title, "Unparsed request") {
			t.Fatalf("incident %+v", i)
		}
		raw, err := w.RawBody(w.ctx, w.ann, r.ID)
		must(t, err)
		if string(raw) != string(body) {
			t.Fatalf("raw %q", raw)
		}
		w.pass(25 * time.Hour)
		if len(w.open()) != 0 {
			t.Fatal("it did not end by itself")
		}
	})
}

// An alert that only repeats is announced once a minute at most, however often it comes.
func TestRepeatsMakeNoStorm(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindAlertmanager, nil)
		w.capture(in, "alertmanager-webhook-firing")
		before := w.store.Head()
		for range 100 {
			w.capture(in, "alertmanager-webhook-firing")
		}
		n := 0
		events, err := w.store.Events(w.ctx, before, 1000)
		must(t, err)
		for _, e := range events {
			if e.Kind == incident.EventChanged {
				n++
			}
		}
		if n != 1 || len(events) > 3 || w.one().Repeats != 100 {
			t.Fatalf("%d changes among %d events, %d repeats", n, len(events), w.one().Repeats)
		}
	})
}

// Only the newest 200 requests of an integration are kept, each with its body.
func TestRequestsAreCapped(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindJSON, nil)
		first := w.send(in, fire("a", "g", alert.Low))
		for range 200 {
			w.send(in, fire("a", "g", alert.Low))
		}
		list, err := w.Requests(w.ctx, w.ann, in.ID, 200)
		must(t, err)
		if len(list) != 200 || slices.ContainsFunc(list, func(r incident.Request) bool { return r.ID == first.ID }) {
			t.Fatalf("%d requests are kept", len(list))
		}
		if _, err := w.RawBody(w.ctx, w.ann, first.ID); err == nil {
			t.Fatal("the oldest body is still there")
		}
	})
}

// A new alert joins an acknowledged incident without ringing; one that makes it critical rings again.
func TestJoining(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindJSON, nil)
		w.send(in, fire("a", "g", alert.Low))
		n := w.one().ID
		if i := w.one(); i.Room != w.ops || len(i.Ringing) != 0 || len(w.detail(n).Pages) != 1 {
			t.Fatalf("low incident %+v", i)
		}
		_, err := w.Acknowledge(w.ctx, w.ann, n, false)
		must(t, err)
		r := w.send(in, fire("b", "g", alert.Low))
		if i := w.one(); i.State != incident.Acknowledged || i.Firing != 2 || len(i.Ringing) != 0 {
			t.Fatalf("joined %+v", i)
		}
		if want := "joined #1, acknowledged by ann"; r.Decisions[0].Outcome != want {
			t.Fatalf("outcome %q, want %q", r.Decisions[0].Outcome, want)
		}
		w.send(in, fire("c", "g", alert.Critical))
		if i := w.one(); i.State != incident.Triggered || i.Severity != alert.Critical || i.Room == w.ops {
			t.Fatalf("worse %+v", i)
		}
		w.rings(n, w.ann)
		_, err = w.Acknowledge(w.ctx, w.ann, n, false)
		must(t, err)
		w.send(in, fire("d", "g", alert.Critical))
		w.rings(n)
	})
}

// A row that gets worse makes its incident critical, with a room of its own, although no new row joined.
func TestWorse(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindJSON, nil)
		a := fire("a", "g", alert.Low)
		w.send(in, a)
		a.Severity = alert.Critical
		w.send(in, a)
		i := w.one()
		w.rings(i.ID, w.ann)
		if i.Room == w.ops || i.Firing != 1 || i.Alerts != 1 {
			t.Fatalf("incident %+v", i)
		}
		w.send(in, well(a))
		a = fire("a", "g", alert.Low)
		w.send(in, a)
		if i := w.one(); i.Severity != alert.Low || i.Reopened != 1 || len(i.Ringing) != 0 {
			t.Fatalf("reopened as low: %+v", i)
		}
	})
}

// The same key within 30 min after a resolve opens the same incident and room again; later it is a new one.
func TestReopen(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindJSON, nil)
		w.send(in, fire("a", "g", alert.Critical))
		first := w.one()
		w.send(in, well(fire("a", "g", alert.Critical)))
		w.pass(29 * time.Minute)
		w.send(in, fire("a", "g", alert.Critical))
		i := w.one()
		if i.ID != first.ID || i.Room != first.Room || i.Reopened != 1 || i.Firing != 1 {
			t.Fatalf("reopened %+v", i)
		}
		w.rings(i.ID, w.ann)
		w.send(in, well(fire("a", "g", alert.Critical)))
		w.pass(31 * time.Minute)
		w.send(in, fire("a", "g", alert.Critical))
		if i := w.one(); i.ID == first.ID || i.Room == first.Room {
			t.Fatalf("after 31 min: %+v", i)
		}
	})
}

// An info alert is posted with its card, once for each episode, and is no incident.
func TestInfo(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindJSON, nil)
		a := fire("deployed", "deployed", alert.Info)
		r := w.send(in, a)
		w.send(in, a)
		w.send(in, well(a))
		h, err := w.rooms.History(w.ctx, w.ann, w.ops, chat.PageIn{Limit: 50})
		must(t, err)
		var colors []string
		for _, m := range h.Messages {
			if m.Card != nil && m.Card.Alert != nil {
				colors = append(colors, m.Card.Alert.Color)
			}
		}
		if len(w.open()) != 0 || !slices.Equal(colors, []string{"info", "ok"}) || r.Decisions[0].Outcome != "posted in #ops" {
			t.Fatalf("%d open, cards %v, outcome %q", len(w.open()), colors, r.Decisions[0].Outcome)
		}
	})
}

// The first rule whose labels match decides room, policy and severity; a pattern stands between slashes; the defaults follow.
func TestRouting(t *testing.T) {
	bubble(t, func(w *world) {
		db, err := w.rooms.CreateRoom(w.ctx, w.ann, chat.RoomIn{Kind: chat.Public, Name: "db"})
		must(t, err)
		secret, err := w.rooms.CreateRoom(w.ctx, w.ann, chat.RoomIn{Kind: chat.Private, Name: "secret"})
		must(t, err)
		in := w.sender(incident.KindJSON, func(in *incident.IntegrationIn) {
			in.Rules = []incident.Rule{
				{Match: map[string]string{"service": "/db-.*/", "env": "prod"}, Room: db.ID, Severity: alert.Critical},
				{Match: map[string]string{"service": "/db-.*/"}, Room: db.ID},
			}
		})
		_ = secret
		for _, c := range []struct {
			labels   map[string]string
			asks     string
			room     id.Room
			severity alert.Severity
			route    string
		}{
			{map[string]string{"service": "db-1", "env": "prod"}, "", db.ID, alert.Critical, "rule 1 (env=prod service=/db-.*/) of prod-json"},
			{map[string]string{"service": "db-1"}, "", db.ID, alert.Low, "rule 2 (service=/db-.*/) of prod-json"},
			{map[string]string{"service": "xdb-1"}, "", w.ops, alert.Low, "default of prod-json"},
			{nil, "db", db.ID, alert.Low, "default of prod-json, to #db as the sender asks"},
			{nil, "secret", w.ops, alert.Low, "default of prod-json, because there is no public room #secret that the sender asks for"},
		} {
			a := fire("x", fmt.Sprint(c), alert.Low)
			a.Labels, a.Room = c.labels, c.asks
			d := w.send(in, a).Decisions[0]
			if d.Room != c.room || d.Severity != c.severity || d.Route != c.route {
				t.Errorf("%v went to %s as %s by %q", c.labels, d.Room, d.Severity, d.Route)
			}
		}
	})
}

// Nothing is sent nowhere: where every room of a route is archived, the default team's room opens again.
func TestArchivedRooms(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindJSON, nil)
		yes := true
		_, err := w.rooms.UpdateRoom(w.ctx, w.ann, w.ops, chat.RoomPatch{Archived: &yes})
		must(t, err)
		w.send(in, fire("a", "g", alert.Critical))
		i := w.one()
		w.rings(i.ID, w.ann)
		if room, _ := w.rooms.View(w.ctx, w.ann, w.ops); room.Room.Archived || i.From != w.ops {
			t.Fatalf("incident %+v went to an archived room", i)
		}
	})
}

// A shadow integration pages only its owner, never the policy and no administrator.
func TestShadow(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindJSON, func(in *incident.IntegrationIn) { in.Shadow = w.carol.Person })
		w.arm(w.ann, "d1")
		w.send(in, fire("a", "g", alert.Critical))
		n := w.one().ID
		w.rings(n, w.carol)
		w.pass(2 * time.Minute)
		w.rings(n, w.carol)
	})
}

// An alert whose sender stays silent for endAfter seconds ends by itself; every repeat holds it.
func TestEndAfter(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindJSON, func(in *incident.IntegrationIn) { in.EndAfter = 600 })
		a, b := fire("a", "g", alert.Low), fire("b", "g", alert.Low)
		w.send(in, a, b)
		w.pass(9 * time.Minute)
		w.send(in, a)
		w.pass(2 * time.Minute)
		if i := w.one(); i.Firing != 1 {
			t.Fatalf("%d fire, want 1", i.Firing)
		}
		w.pass(9 * time.Minute)
		if len(w.open()) != 0 {
			t.Fatal("still open although its sender is silent")
		}
		w.send(in, a)
		if i := w.one(); i.Reopened != 1 {
			t.Fatalf("the same alert goes on: %+v", i)
		}
	})
}

// A request of thousands of alerts in one group is one incident, and its resolve closes it.
func TestHugeGroup(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindJSON, nil)
		var on, off []alert.Alert
		for i := range 1500 {
			a := fire(fmt.Sprintf("k%d", i), "g", alert.Critical)
			a.Episode = "1"
			on, off = append(on, a), append(off, well(a))
		}
		w.send(in, on...)
		i := w.one()
		if i.Firing != 1500 || i.Alerts != 1500 {
			t.Fatalf("incident %+v", i)
		}
		w.rings(i.ID, w.ann)
		w.send(in, off...)
		if len(w.open()) != 0 {
			t.Fatalf("still open: %+v", w.one())
		}
		w.send(in, on...)
		if len(w.open()) != 0 {
			t.Fatalf("a late repeat opened %+v", w.one())
		}
		again, err := w.Replay(w.ctx, w.ann, w.send(in, on[0]).ID)
		must(t, err)
		if again.Replay != true {
			t.Fatalf("replay %+v", again)
		}
	})
}

// Every event of an incident reaches the members of its room, the paged, and whoever reads the room that it came from.
func TestAudience(t *testing.T) {
	bubble(t, func(w *world) {
		private, err := w.rooms.CreateRoom(w.ctx, w.bob, chat.RoomIn{Kind: chat.Private, Name: "vault", People: []id.Person{w.carol.Person, w.dave.Person}})
		must(t, err)
		must(t, w.rooms.Add(w.ctx, w.bob, private.ID, []id.Person{w.ann.Person}))
		in := w.sender(incident.KindJSON, func(in *incident.IntegrationIn) { in.Room = private.ID })
		before := w.store.Head()
		w.send(in, fire("a", "g", alert.Critical))
		events, err := w.store.Events(w.ctx, before, 100)
		must(t, err)
		i := slices.IndexFunc(events, func(e store.Event) bool { return e.Kind == incident.EventChanged })
		got := slices.Sorted(slices.Values(events[i].To))
		want := slices.Sorted(slices.Values([]string{string(w.ann.Person), string(w.bob.Person), string(w.carol.Person)}))
		if !slices.Equal(got, want) || events[i].Room != string(w.one().Room) {
			t.Fatalf("to %v in %s, want %v", got, events[i].Room, want)
		}
	})
}
