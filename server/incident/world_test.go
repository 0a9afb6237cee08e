package incident_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"watchroom/server/account"
	"watchroom/server/alert"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/server/oncall"
	"watchroom/store"
	"watchroom/store/memkv"
)

// world is a server's incidents on a store of their own, inside a bubble whose time the test moves.
type world struct {
	*incident.Service
	t      testing.TB
	ctx    context.Context
	kv     *memkv.KV
	store  *store.Store
	people *account.Service
	rooms  *chat.Service
	end    func()
	set    atomic.Int64 // how far the clock on the wall was set, in nanoseconds
	mu     sync.Mutex   // guards ready
	ready  []incident.Readiness

	ann, bob, carol, dave account.Actor // owner on call, admin, member, guest
	ops                   id.Room
}

// bubble runs a test on a fresh server.
func bubble(t *testing.T, fn func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := fresh(t)
		defer func() { w.end() }()
		fn(w)
	})
}

func fresh(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, kv: memkv.New()}
	w.start()
	must(t, w.people.Setup(w.ctx))
	must(t, w.Setup(w.ctx))
	w.ann, w.bob = w.add("ann", account.Owner), w.add("bob", account.Admin)
	w.carol, w.dave = w.add("carol", account.Member), w.add("dave", account.Guest)
	must(t, w.store.Update(w.ctx, func(tx *store.Tx) error {
		p, _ := w.people.PersonTx(tx, w.ann.Person)
		return w.FirstOwnerTx(tx, p)
	}))
	var err error
	w.ops, err = w.rooms.Named(w.ctx, w.ann, "ops")
	must(t, err)
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start runs the server on what the store has.
func (w *world) start() {
	w.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	w.ctx = ctx
	now := func() time.Time { return time.Now().Add(time.Duration(w.set.Load())) }
	st, err := store.New(ctx, w.kv, store.Options{Now: now})
	must(w.t, err)
	w.store = st
	w.people = account.New(st, account.Options{Now: now, Cost: &account.Argon{Memory: 8, Time: 1, Threads: 1}})
	w.rooms = chat.New(st, w.people, nil, nil, chat.Options{Now: now})
	w.Service = incident.New(st, w.people, w.rooms, incident.Options{Now: now, PublicURL: "http://localhost:8080", OnReadiness: func(r incident.Readiness) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.ready = append(w.ready, r)
	}})
	var running sync.WaitGroup
	storeCtx, stopStore := context.WithCancel(context.Background())
	running.Go(func() { _ = st.Run(storeCtx) })
	var engine sync.WaitGroup
	engine.Go(func() {
		if err := w.Run(ctx); err != nil {
			w.t.Errorf("engine ended: %v", err)
		}
	})
	w.end = func() {
		stop()
		engine.Wait()
		stopStore()
		running.Wait()
	}
}

// restart ends the server and starts it again on the same store.
func (w *world) restart() {
	w.end()
	w.start()
	synctest.Wait()
}

func (w *world) add(handle string, role account.Role) account.Actor {
	w.t.Helper()
	p, _, err := w.people.Add(w.ctx, account.System(), account.AddIn{Handle: handle, Name: strings.ToUpper(handle[:1]) + handle[1:], Role: role})
	must(w.t, err)
	a, err := w.people.ActorOf(w.ctx, p.ID)
	must(w.t, err)
	return a
}

// pass lets time go by.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// sender makes a way in.
func (w *world) sender(kind incident.Kind, change func(*incident.IntegrationIn)) incident.Integration {
	w.t.Helper()
	in := incident.IntegrationIn{Kind: kind, Name: "prod-" + string(kind)}
	if change != nil {
		change(&in)
	}
	made, _, err := w.CreateIntegration(w.ctx, w.ann, in.Integration())
	must(w.t, err)
	return made
}

// send has a sender post alerts.
func (w *world) send(in incident.Integration, alerts ...alert.Alert) incident.Request {
	w.t.Helper()
	r, err := w.Receive(w.ctx, incident.ReceiveIn{Integration: in, Body: []byte("{}"), Alerts: alerts, Remote: "192.0.2.1"})
	must(w.t, err)
	synctest.Wait()
	return r
}

// capture posts a recorded request.
func (w *world) capture(in incident.Integration, name string) incident.Request {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "alert", "testdata", name+".json"))
	must(w.t, err)
	var recorded struct {
		Headers map[string]string
		Body    string
	}
	must(w.t, json.Unmarshal(b, &recorded))
	h := http.Header{}
	for k, v := range recorded.Headers {
		h.Set(k, v)
	}
	r, err := w.Receive(w.ctx, incident.ReceiveIn{Integration: in, Body: []byte(recorded.Body), Header: h, Remote: "192.0.2.1"})
	must(w.t, err)
	synctest.Wait()
	return r
}

// fire is an alert that burns since start.
func fire(key, group string, severity alert.Severity) alert.Alert {
	return alert.Alert{Key: key, Group: group, Status: alert.Firing, Title: key + " is down", GroupTitle: group + " is down", Severity: severity, SeverityWhy: "label severity=" + string(severity), Labels: map[string]string{"alertname": key, "service": group}, StartsAt: time.Now()}
}

func well(a alert.Alert) alert.Alert {
	a.Status, a.EndsAt = alert.Resolved, time.Now()
	return a
}

// detail is everything of an incident.
func (w *world) detail(n id.Incident) incident.Detail {
	w.t.Helper()
	d, err := w.Incident(w.ctx, account.System(), n)
	must(w.t, err)
	return d
}

// open lists what is open, by number.
func (w *world) open() []incident.Incident {
	w.t.Helper()
	list, err := w.Incidents(w.ctx, account.System(), incident.ListIn{State: "open"})
	must(w.t, err)
	slices.Reverse(list)
	return list
}

// one is the only open incident.
func (w *world) one() incident.Incident {
	w.t.Helper()
	list := w.open()
	if len(list) != 1 {
		w.t.Fatalf("%d incidents are open, want 1", len(list))
	}
	return list[0]
}

// arm connects a device of who that rings.
func (w *world) arm(who account.Actor, device id.Device) {
	w.t.Helper()
	must(w.t, w.ReportDevice(w.ctx, who, incident.DeviceState{Device: device, Online: true, Armed: true, Proven: id.At(time.Now())}))
	synctest.Wait()
}

// plays has a device say that it plays n.
func (w *world) plays(who account.Actor, n id.Incident, device id.Device) {
	w.t.Helper()
	must(w.t, w.ReportPlaying(w.ctx, who, n, device, true))
	synctest.Wait()
}

// rings fails unless exactly these people are rung.
func (w *world) rings(n id.Incident, want ...account.Actor) {
	w.t.Helper()
	var people []id.Person
	for _, p := range want {
		people = append(people, p.Person)
	}
	if got := w.detail(n).Incident.Ringing; !slices.Equal(got, people) {
		w.t.Fatalf("at %s: rings %v, want %v\n%s", time.Now().Format("15:04:05"), got, people, w.story(n))
	}
}

// story is the timeline in words, with the seconds since it began.
func (w *world) story(n id.Incident) string {
	d := w.detail(n)
	var b strings.Builder
	for _, e := range d.Timeline {
		fmt.Fprintf(&b, "%5.0fs %s: %s\n", float64(e.Time-d.Incident.Opened)/1000, e.Kind, e.Text)
	}
	return b.String()
}

// lines are what the server itself said in a room.
func (w *world) lines(room id.Room) []string {
	w.t.Helper()
	h, err := w.rooms.History(w.ctx, account.System(), room, chat.PageIn{Limit: 100})
	must(w.t, err)
	var list []string
	for _, m := range h.Messages {
		list = append(list, m.Text)
	}
	return list
}

// said fails unless a line in the room begins so.
func (w *world) said(room id.Room, prefix string) {
	w.t.Helper()
	if list := w.lines(room); !slices.ContainsFunc(list, func(s string) bool { return strings.HasPrefix(s, prefix) }) {
		w.t.Fatalf("nobody said %q in\n%s", prefix, strings.Join(list, "\n"))
	}
}

// refused fails unless err is of this kind.
func refused(t testing.TB, err error, kind fault.Kind) {
	t.Helper()
	if fault.KindOf(err) != kind {
		t.Fatalf("error %v of kind %q, want %q", err, fault.KindOf(err), kind)
	}
}

// steps makes the default policy ring these people one after the other.
func (w *world) steps(after int, people ...account.Actor) {
	w.t.Helper()
	p := oncall.Policy{ID: "default", Name: "default"}
	for _, who := range people {
		p.Steps = append(p.Steps, oncall.Step{Targets: []oncall.Target{{Person: who.Person}}, After: after})
	}
	_, err := w.PutPolicy(w.ctx, w.ann, p)
	must(w.t, err)
}

// ways gives who ways outside the browser.
func (w *world) ways(who account.Actor, ways ...account.Way) {
	w.t.Helper()
	must(w.t, w.people.SetWays(w.ctx, account.System(), who.Person, ways))
}

var (
	ntfy = account.Way{Kind: account.WayNtfy, Address: "https://ntfy.example.org/topic"}
	mail = account.Way{Kind: account.WayMail, Address: "ann@example.org"}
)

// burn opens a critical incident.
func (w *world) burn() id.Incident {
	w.t.Helper()
	w.send(w.sender(incident.KindJSON, nil), fire("a", "g", alert.Critical))
	return w.one().ID
}

// pagesTo lists the pages to who by one way, oldest first.
func (w *world) pagesTo(n id.Incident, who account.Actor, way account.WayKind) []incident.Page {
	w.t.Helper()
	var list []incident.Page
	for _, p := range w.detail(n).Pages {
		if p.Person == who.Person && p.Way == way {
			list = append(list, p)
		}
	}
	return list
}
