package incident_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"watchroom/server/alert"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/server/oncall"
)

// A test of every kind of sender is decoded as that sender's own format with the severity that was asked for, and one call cleans all up.
func TestSendTest(t *testing.T) {
	bubble(t, func(w *world) {
		want := 0
		for _, kind := range []incident.Kind{incident.KindAlertmanager, incident.KindPagerDuty, incident.KindSlack, incident.KindJSON, incident.KindChecks} {
			in := w.sender(kind, nil)
			for _, severity := range []alert.Severity{alert.Critical, alert.Low, alert.Info} {
				r, err := w.SendTest(w.ctx, w.ann, in.ID, severity)
				must(t, err)
				d := r.Decisions[0]
				if r.Error != "" || len(r.Decisions) != 1 || d.Severity != severity || !r.Test {
					t.Errorf("%s %s: %+v", kind, severity, r)
				}
				if severity != alert.Info {
					want++
					if i := w.detail(d.Incident).Incident; !i.Test || i.Severity != severity {
						t.Errorf("%s: incident %+v", kind, i)
					}
				}
			}
		}
		room := w.open()[0].Room
		n, err := w.CleanUpTests(w.ctx, w.carol)
		must(t, err)
		if n != want || len(w.open()) != 0 {
			t.Fatalf("cleaned %d, want %d; %d are open", n, want, len(w.open()))
		}
		if v, _ := w.rooms.View(w.ctx, w.ann, room); !v.Room.Archived {
			t.Fatal("a test's room is left")
		}
		if n, _ = w.CleanUpTests(w.ctx, w.carol); n != 0 {
			t.Fatalf("cleaned %d again", n)
		}
	})
}

// Whoever is paged by hand is rung alone, by the road of every alert, and a key joins what is open.
func TestRaise(t *testing.T) {
	bubble(t, func(w *world) {
		w.arm(w.bob, "b")
		room, err := w.rooms.CreateRoom(w.ctx, w.carol, chat.RoomIn{Kind: chat.Public, Name: "shop"})
		must(t, err)
		i, err := w.Raise(w.ctx, w.carol, incident.RaiseIn{Title: "the till is on fire", Person: w.carol.Person, Room: room.ID, Key: "till", Test: true})
		must(t, err)
		if i.From != room.ID || i.Route != "paged by carol" || !i.Test || !slices.Equal(i.Paged, []id.Person{w.carol.Person}) {
			t.Fatalf("incident %+v", i)
		}
		w.pass(5 * time.Minute)
		w.rings(i.ID, w.carol)
		again, err := w.Raise(w.ctx, w.carol, incident.RaiseIn{Title: "the till is on fire", Key: "till"})
		must(t, err)
		if again.ID != i.ID {
			t.Fatalf("the same key opened #%d", again.ID)
		}
		team, err := w.Raise(w.ctx, w.carol, incident.RaiseIn{Title: "wake the team", Team: "default"})
		must(t, err)
		if !slices.Equal(team.Ringing, []id.Person{w.ann.Person}) || team.From != w.ops {
			t.Fatalf("team page %+v", team)
		}
	})
}

// A kept request can be replayed: it opens again what its sender had closed.
func TestReplay(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindAlertmanager, nil)
		r := w.capture(in, "alertmanager-webhook-firing")
		w.capture(in, "alertmanager-webhook-resolved")
		w.capture(in, "alertmanager-webhook-firing")
		if len(w.open()) != 0 {
			t.Fatal("a late repeat opened it")
		}
		again, err := w.Replay(w.ctx, w.ann, r.ID)
		must(t, err)
		if i := w.one(); !again.Replay || i.Firing != 2 || i.Reopened != 1 {
			t.Fatalf("replayed %+v, incident %+v", again, i)
		}
		_, err = w.Replay(w.ctx, w.ann, "q_none")
		refused(t, err, fault.Missing)
	})
}

// A key opens its own kind of integration only; a rotated one works for 24 h more, a removed one not at all.
func TestKeys(t *testing.T) {
	bubble(t, func(w *world) {
		for _, kind := range []incident.Kind{incident.KindAlertmanager, incident.KindPagerDuty, incident.KindSlack, incident.KindJSON} {
			in, key, err := w.CreateIntegration(w.ctx, w.ann, incident.IntegrationIn{Kind: kind, Name: string(kind)}.Integration())
			must(t, err)
			got, err := w.ByKey(w.ctx, kind, key)
			must(t, err)
			if got.ID != in.ID || !strings.HasSuffix(key, in.Hint) || kind == incident.KindPagerDuty && len(key) != 32 {
				t.Fatalf("%s: %s opens %+v", kind, key, got)
			}
			if url := incident.URL("http://x/", kind, key); kind != incident.KindPagerDuty && !strings.HasSuffix(url, "/"+key) {
				t.Fatalf("url %s", url)
			}
			_, err = w.ByKey(w.ctx, incident.KindChecks, key)
			refused(t, err, fault.Missing)
			_, fresh, err := w.RotateKey(w.ctx, w.ann, in.ID)
			must(t, err)
			w.pass(23 * time.Hour)
			_, err = w.ByKey(w.ctx, kind, key)
			must(t, err)
			w.pass(2 * time.Hour)
			_, err = w.ByKey(w.ctx, kind, key)
			refused(t, err, fault.Missing)
			_, err = w.ByKey(w.ctx, kind, fresh)
			must(t, err)
			must(t, w.RemoveIntegration(w.ctx, w.ann, in.ID))
			_, err = w.ByKey(w.ctx, kind, fresh)
			refused(t, err, fault.Missing)
		}
		refused(t, w.RemoveIntegration(w.ctx, w.ann, "in_manual"), fault.Conflict)
	})
}

// The secret of a mail acknowledges one incident as the paged person, for 8 h, and takes it from nobody.
func TestAckLink(t *testing.T) {
	bubble(t, func(w *world) {
		n := w.burn()
		secret, err := w.AckLink(w.ctx, w.detail(n).Pages[0])
		must(t, err)
		i, err := w.AckByLink(w.ctx, secret)
		must(t, err)
		if i.Owner != w.ann.Person {
			t.Fatalf("owner %s", i.Owner)
		}
		_, err = w.AckByLink(w.ctx, secret)
		must(t, err)
		_, err = w.Acknowledge(w.ctx, w.bob, n, true)
		must(t, err)
		_, err = w.AckByLink(w.ctx, secret)
		refused(t, err, fault.Conflict)
		_, err = w.AckByLink(w.ctx, "nonsense")
		refused(t, err, fault.Gone)
		w.pass(8 * time.Hour)
		_, err = w.AckByLink(w.ctx, secret)
		refused(t, err, fault.Gone)
	})
}

const declared = `
schedules:
  - id: days
    zone: Europe/Berlin
    rotations:
      - people: ["@bob"]
policies:
  - id: days
    steps:
      - targets: [{schedule: days}]
        after: 60
      - targets: [{person: "@carol"}]
        after: 60
teams:
  - id: days
    room: "#ops"
    schedule: days
    policy: days
`

const routes = `
# where things go
routing:
- integration: prod-json
  team: days
  rules:
  - match: {service: db}
    severity: critical
`

// Files declare teams, schedules, policies and routing, all or nothing; what they declare is read-only, but shifts can be taken; what
// they declare no more is deleted.
func TestApply(t *testing.T) {
	bubble(t, func(w *world) {
		_, err := w.Apply(w.ctx, w.ann, [][]byte{[]byte(declared), []byte(routes)})
		refused(t, err, fault.Invalid)
		if list, _ := w.Teams(w.ctx); len(list) != 1 {
			t.Fatalf("teams after a refusal: %+v", list)
		}
		in := w.sender(incident.KindJSON, nil)
		changes, err := w.Apply(w.ctx, w.ann, [][]byte{[]byte(declared), []byte(routes)})
		must(t, err)
		if want := []string{"schedule days made", "policy days made", "team days made", "routing of prod-json changed"}; !slices.Equal(changes, want) {
			t.Fatalf("changes %q, want %q", changes, want)
		}
		a := fire("x", "db", alert.Low)
		w.send(in, a)
		reloaded, err := w.Integrations(w.ctx, w.ann)
		must(t, err)
		in = reloaded[slices.IndexFunc(reloaded, func(v incident.Integration) bool { return v.ID == in.ID })]
		w.send(in, fire("y", "db", alert.Low))
		w.rings(w.one().ID, w.bob)
		_, err = w.UpdateIntegration(w.ctx, w.ann, in)
		refused(t, err, fault.Denied)
		_, err = w.PutSchedule(w.ctx, w.ann, oncall.Schedule{ID: "days", Name: "days", Zone: "UTC"})
		refused(t, err, fault.Denied)
		_, err = w.PutPolicy(w.ctx, w.ann, oncall.Policy{ID: "days", Name: "days"})
		refused(t, err, fault.Denied)
		_, err = w.PutTeam(w.ctx, w.ann, oncall.Team{ID: "days", Name: "days"})
		refused(t, err, fault.Denied)
		refused(t, w.DeleteTeam(w.ctx, w.ann, "days"), fault.Denied)
		_, err = w.AddOverride(w.ctx, w.carol, "days", oncall.Override{Person: w.carol.Person, From: time.Now(), To: time.Now().Add(time.Hour)})
		must(t, err)
		changes, err = w.Apply(w.ctx, w.ann, [][]byte{[]byte(declared), []byte(routes)})
		must(t, err)
		if len(changes) != 0 {
			t.Fatalf("the same files change %q", changes)
		}
		if v, _ := w.Schedules(w.ctx); len(v[0].Overrides) != 1 {
			t.Fatalf("the shift that carol took is gone: %+v", v)
		}
		_, err = w.Apply(w.ctx, w.ann, [][]byte{nil})
		refused(t, err, fault.Conflict)
		_, err = w.Apply(w.ctx, w.ann, [][]byte{[]byte("routing:\n  - integration: prod-json\n    room: \"#ops\"\n    colour: red\n")})
		refused(t, err, fault.Invalid)
		if !strings.Contains(err.Error(), "colour") {
			t.Fatalf("error %v", err)
		}
		changes, err = w.Apply(w.ctx, w.ann, [][]byte{[]byte("routing:\n  - integration: prod-json\n    room: \"#ops\"\n    policy: default\n")})
		must(t, err)
		if want := []string{"routing of prod-json changed", "team days deleted", "policy days deleted", "schedule days deleted"}; !slices.Equal(changes, want) {
			t.Fatalf("changes %q, want %q", changes, want)
		}
	})
}

// Setting up twice changes nothing, and the first owner is on call, in #ops, and finds the checklist there.
func TestSetup(t *testing.T) {
	bubble(t, func(w *world) {
		before := w.store.Head()
		must(t, w.Setup(w.ctx))
		if w.store.Head() != before {
			t.Fatal("the second set-up changed something")
		}
		duties, err := w.Duties(w.ctx, w.ann, 7)
		must(t, err)
		if len(duties) != 1 || !slices.Equal(duties[0].Now, []id.Person{w.ann.Person}) {
			t.Fatalf("duties %+v", duties)
		}
		h, err := w.rooms.History(w.ctx, w.ann, w.ops, chat.PageIn{Limit: 10})
		must(t, err)
		if len(h.Messages) == 0 || h.Messages[0].Card == nil || h.Messages[0].Card.Story != "checklist" {
			t.Fatalf("messages %+v", h.Messages)
		}
		if got := w.Stats(); got.Open != 0 || got.Requests != 0 {
			t.Fatalf("stats %+v", got)
		}
	})
}

// Whatever a sender of any kind posts is received without an error and leaves a request behind.
func FuzzReceive(f *testing.F) {
	f.Add([]byte(`{"title":"x","severity":"critical"}`), 0)
	f.Add([]byte(`{"version":"4","groupKey":"g","alerts":[{"status":"firing","labels":{"a":"b"}}]}`), 1)
	f.Add([]byte("payload=%7B%22text%22%3A%22x%22%7D"), 2)
	f.Add([]byte(`{"status":"firing","title":"x","severity":"critical","key":"\u0000","room":"#ops"}`), 4)
	kinds := []incident.Kind{incident.KindJSON, incident.KindAlertmanager, incident.KindSlack, incident.KindPagerDuty, incident.KindChecks, incident.KindManual}
	w := fresh(f)
	f.Cleanup(func() { w.end() })
	f.Fuzz(func(t *testing.T, body []byte, kind int) {
		in := incident.Integration{ID: "in_manual", Kind: kinds[((kind%6)+6)%6], Name: "fuzz", Team: "default", Policy: "default", Room: w.ops}
		r, err := w.Receive(w.ctx, incident.ReceiveIn{Integration: in, Body: body, Header: http.Header{"Content-Type": {"application/json"}}})
		if err != nil || len(r.Decisions) == 0 {
			t.Fatalf("%q: %+v, %v", body, r, err)
		}
	})
}
