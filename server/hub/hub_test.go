package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/hub"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/server/wire"
	"watchroom/store"
)

// in runs a test in a bubble of its own, with ann and bob in #ops and a hub.
func in(t *testing.T, o hub.Options, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, o)
		defer w.close()
		for _, p := range []id.Person{"ann", "bob"} {
			w.person(account.Person{ID: p, Handle: string(p), Role: account.Member}, "person.created")
			w.join("ops", p)
		}
		synctest.Wait()
		test(t, w)
	})
}

func actor(p id.Person) account.Actor {
	return account.Actor{Person: p, Role: account.Member, Session: id.Session("s-" + p)}
}

// enter opens a page and says hello.
func (w *world) enter(p id.Person, d string) *page {
	w.t.Helper()
	pg, err := w.open(actor(p), true)
	if err != nil {
		w.t.Fatalf("open: %v", err)
	}
	pg.say(hello{T: "hello", Device: d})
	synctest.Wait()
	if got := pg.told(); len(got) != 1 || got[0].T != "hello" {
		w.t.Fatalf("hello was answered by %+v", got)
	}
	return pg
}

func wantCode(t *testing.T, p *page, want int) {
	t.Helper()
	synctest.Wait()
	if code, ended := p.ended(); !ended || code != want {
		t.Errorf("ended %t with code %d, want %d", ended, code, want)
	}
}

// A frame with a nonce is answered with that nonce: by what it made, by words for the asker, or by a refusal that tells
// nothing of the inside.
func TestAnswers(t *testing.T) {
	in(t, hub.Options{}, func(t *testing.T, w *world) {
		p := w.enter("ann", "d1")
		defer p.end()
		cases := []struct{ say, want string }{
			{`{"t":"post","nonce":"1","room":"ops","text":"hi"}`, `ok 1 `},
			{`{"t":"command","nonce":"2","room":"ops","text":"/help"}`, `ephemeral 2 you typed /help`},
			{`{"t":"edit","nonce":"3","message":1,"text":"x"}`, `error 3 internal error`},
			{`{"t":"delete","nonce":"4","message":1}`, `error 4 the store cannot write now; nothing was changed, try again`},
			{`{"t":"ack","nonce":"5","incident":7}`, `ok 5 `},
			{`{"t":"post","nonce":"6","room":7,"text":"hi"}`, `error 6 room: cannot be a number`},
			{`{"t":"dance","nonce":"7"}`, `error 7 t: there is no such frame`},
			{`{"t":"hello","device":"d1"}`, `error  hello was said already`},
		}
		for _, c := range cases {
			p.session.Receive([]byte(c.say))
			synctest.Wait()
			var got []string
			for _, f := range p.told() {
				if f.T != "event" {
					got = append(got, fmt.Sprintf("%s %s %s", f.T, f.Nonce, words(f)))
				}
			}
			if len(got) != 1 || !strings.HasPrefix(got[0], c.want) {
				t.Errorf("%s was answered by %q, want %q", c.say, got, c.want)
			}
		}
	})
}

func words(f frame) string {
	if f.T == "error" {
		var s string
		_ = json.Unmarshal(f.Message, &s)
		return s
	}
	return f.Text
}

// Reports of a device reach the handler with the device that said hello, whatever the frame claims.
func TestDeviceReports(t *testing.T) {
	in(t, hub.Options{}, func(t *testing.T, w *world) {
		p := w.enter("ann", "d1")
		for _, say := range []string{
			`{"t":"armed","state":{"device":"other","armed":true}}`,
			`{"t":"received","incident":7}`,
			`{"t":"playing","incident":7,"proven":true,"time":1.5}`,
			`{"t":"silent","incident":7,"why":"muted"}`,
			`{"t":"pong","at":1,"playing":[7,7,8]}`,
			`{"t":"mark","room":"ops","seq":3}`,
		} {
			p.session.Receive([]byte(say))
		}
		other := w.enter("ann", "d1")
		p.end()
		other.end()
		want := []string{
			"d1 of ann armed=true", "d1 received 7", "d1 plays 7 proven=true", "d1 is silent on 7: muted",
			"d1 plays 7 proven=true", "d1 plays 8 proven=true", "ann reads ops to 3", "d1 of ann is gone: the page closed",
		}
		if !slices.Equal(w.calls, want) {
			t.Errorf("the handler was told %q, want %q", w.calls, want)
		}
	})
}

// The page that answers no ping for 30 s is closed, and its device is gone; the one that answers stays. A ping's at is
// the head although nothing was owed.
func TestPings(t *testing.T) {
	in(t, hub.Options{}, func(t *testing.T, w *world) {
		mute, lively := w.enter("ann", "d1"), w.enter("bob", "d2")
		pings := 0
		for range 60 {
			w.emit(store.Event{Kind: "settings.changed", To: []string{"nobody"}})
			time.Sleep(time.Second)
			synctest.Wait()
			for _, f := range lively.told() {
				if f.T == "ping" {
					pings++
					if head := w.store.Head(); f.At+1 < head {
						t.Errorf("a ping at %d, the head is %d", f.At, head)
					}
					lively.say(map[string]any{"t": "pong", "at": f.At})
				}
			}
		}
		wantCode(t, mute, wire.CloseSlow)
		if _, ended := lively.ended(); ended || pings < 5 || pings > 6 {
			t.Errorf("%d pings in 60 s, ended %t", pings, ended)
		}
		lively.end()
		if want := []string{"d1 of ann is gone: no pong within 30 s", "d2 of bob is gone: the page closed"}; !slices.Equal(w.calls, want) {
			t.Errorf("the handler was told %q, want %q", w.calls, want)
		}
	})
}

// A socket begins with hello, within 10 s; what is no frame closes it.
func TestFirstFrame(t *testing.T) {
	in(t, hub.Options{}, func(t *testing.T, w *world) {
		for _, say := range []string{`{"t":"mark","room":"ops","seq":1}`, `[]`, `{"t":"hello"`, "\xff", strings.Repeat(" ", wire.MaxFrame+1), ""} {
			p, err := w.open(actor("ann"), false)
			if err != nil {
				t.Fatal(err)
			}
			if say == "" {
				time.Sleep(15 * time.Second)
			} else {
				p.session.Receive([]byte(say))
			}
			wantCode(t, p, wire.CloseBad)
			<-p.served
		}
	})
}

// What ends a sign-in closes its sockets at once, and no others.
func TestRevoked(t *testing.T) {
	in(t, hub.Options{}, func(t *testing.T, w *world) {
		phone, _ := w.open(account.Actor{Person: "ann", Role: account.Member, Session: "s-phone"}, true)
		phone.say(hello{T: "hello", Device: "d3"})
		bot, _ := w.open(account.Actor{Person: "ann", Role: account.Member, Token: "k"}, false)
		bot.say(hello{T: "hello", Device: "d4"})
		p, bob := w.enter("ann", "d1"), w.enter("bob", "d2")
		defer bob.end()
		w.emit(store.Event{Kind: "session.ended", Body: body(account.SessionEnded{Person: "ann", Session: "s-ann"})})
		wantCode(t, p, wire.CloseUnsigned)
		if _, ended := phone.ended(); ended {
			t.Error("the other session was closed too")
		}
		w.emit(store.Event{Kind: "session.ended", Body: body(account.SessionEnded{Person: "ann", Token: "k"})})
		wantCode(t, bot, wire.CloseUnsigned)
		w.person(account.Person{ID: "ann", Role: account.Member, Disabled: true}, "person.changed")
		wantCode(t, phone, wire.CloseUnsigned)
		if _, ended := bob.ended(); ended {
			t.Error("somebody else was closed too")
		}
	})
}

// A session that ended between the handshake and hello is found by Check.
func TestCheck(t *testing.T) {
	in(t, hub.Options{}, func(t *testing.T, w *world) {
		p := &page{w: w, served: make(chan struct{}), moving: make(chan struct{})}
		s, err := w.hub.Open(t.Context(), hub.Opening{Who: actor("ann"), Socket: p, Check: func(context.Context) (account.Actor, error) {
			return account.Actor{}, fault.New(fault.Unsigned, "signed out")
		}})
		if err != nil {
			t.Fatal(err)
		}
		go s.Receive(body(hello{T: "hello", Device: "d"}))
		if err := s.Serve(); err != nil {
			t.Error(err)
		}
		wantCode(t, p, wire.CloseUnsigned)
	})
}

// The actor of a frame has the role of this moment, and whoever gets another role begins anew.
func TestRoleChanges(t *testing.T) {
	in(t, hub.Options{}, func(t *testing.T, w *world) {
		p := w.enter("ann", "d1")
		w.person(account.Person{ID: "ann", Handle: "anna", Role: account.Member}, "person.changed")
		synctest.Wait()
		if got := p.session.Actor(); got.Handle != "anna" || got.Role != account.Member {
			t.Errorf("acts as %+v", got)
		}
		seq := w.person(account.Person{ID: "ann", Handle: "anna", Role: account.Admin}, "person.changed")
		wantCode(t, p, wire.CloseSlow)
		p.end()
		again, _ := w.open(actor("ann"), true)
		defer again.end()
		again.say(hello{T: "hello", Device: "d1", Epoch: w.store.Epoch(), Since: seq})
		synctest.Wait()
		if got := again.told(); len(got) != 1 || got[0].Resumed || got[0].Me.Role != account.Admin {
			t.Errorf("hello was answered by %+v", got)
		}
	})
}

// One sign-in has at most so many sockets, the server too, and one that shuts down takes none; each code says which.
func TestLimits(t *testing.T) {
	in(t, hub.Options{PerSession: 2, Sockets: 3}, func(t *testing.T, w *world) {
		open := []*page{w.enter("ann", "d1"), w.enter("ann", "d2")}
		p, err := w.open(actor("ann"), true)
		if fault.KindOf(err) != fault.Throttled {
			t.Errorf("a third socket of one sign-in: %v", err)
		}
		wantCode(t, p, wire.CloseMany)
		open = append(open, w.enter("bob", "d1"))
		p, err = w.open(actor("bob"), true)
		if fault.KindOf(err) != fault.Throttled {
			t.Errorf("a fourth socket: %v", err)
		}
		wantCode(t, p, wire.CloseMany)
		if err := w.hub.Drain(t.Context()); err != nil {
			t.Error(err)
		}
		for _, p := range open {
			wantCode(t, p, wire.CloseDrain)
		}
		if p, err = w.open(actor("ann"), true); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("a socket after Drain: %v", err)
		}
		wantCode(t, p, wire.CloseDrain)
		if len(w.calls) > 0 {
			t.Errorf("devices of a server that restarts are not gone, but: %q", w.calls)
		}
		if got := w.hub.Stats(); got.Refused != 3 || got.Sockets != 0 {
			t.Errorf("stats %+v", got)
		}
	})
}

// A client that sends more than it may is made to wait, and loses nothing.
func TestRate(t *testing.T) {
	in(t, hub.Options{Rate: 10, Burst: 5}, func(t *testing.T, w *world) {
		p := w.enter("ann", "d1")
		defer p.end()
		start := time.Now()
		for i := range 24 {
			p.say(map[string]any{"t": "mark", "room": "ops", "seq": i})
		}
		if took := time.Since(start); took < 1900*time.Millisecond || took > 2100*time.Millisecond || len(w.calls) != 24 {
			t.Errorf("%d of 24 frames in %v, want all in 2 s", len(w.calls), took)
		}
	})
}

// A socket that takes no more is cut after 10 s, comes back with the last Seq that it saw, and misses nothing; nobody
// else waits for it.
func TestSlow(t *testing.T) {
	for _, raw := range []bool{true, false} {
		in(t, hub.Options{}, func(t *testing.T, w *world) {
			slow, _ := w.open(actor("ann"), raw)
			slow.say(hello{T: "hello", Device: "d1"})
			quick := w.enter("bob", "d2")
			defer quick.end()
			synctest.Wait()
			since := slow.told()[0].At
			slow.stick(true)
			for i := range 10 {
				w.post("ops", fmt.Sprint(i))
			}
			synctest.Wait()
			if got := quick.told(); len(got) != 10 {
				t.Errorf("the quick one was told %d of 10", len(got))
			}
			time.Sleep(11 * time.Second)
			synctest.Wait()
			if code, ended := slow.ended(); !ended || code != 0 { // there is no room for words in the middle of a frame
				t.Errorf("the slow one ended %t with %d", ended, code)
			}
			for _, f := range slow.told() {
				since = max(since, f.Seq)
			}
			again, _ := w.open(actor("ann"), raw)
			defer again.end()
			again.say(hello{T: "hello", Device: "d1", Epoch: w.store.Epoch(), Since: since})
			synctest.Wait()
			got := again.told()
			if len(got) == 0 || !got[0].Resumed || got[len(got)-1].Seq != w.store.Head() {
				t.Errorf("after %d it was told %+v", since, got)
			}
		})
	}
}

// What waits is sent in pieces of bounded size, all of it and in order.
func TestResumeManyBytes(t *testing.T) {
	in(t, hub.Options{}, func(t *testing.T, w *world) {
		since := w.store.Head()
		for range 40 {
			w.post("ops", strings.Repeat("x", 60_000))
		}
		w.post("ops", strings.Repeat("y", 300_000))
		p, _ := w.open(actor("ann"), true)
		defer p.end()
		p.say(hello{T: "hello", Device: "d1", Epoch: w.store.Epoch(), Since: since})
		synctest.Wait()
		for _, f := range p.told() {
			if f.T == "event" {
				if since++; f.Seq != since {
					t.Fatalf("was told %d, want %d", f.Seq, since)
				}
			}
		}
		if since != w.store.Head() {
			t.Errorf("told up to %d, the head is %d", since, w.store.Head())
		}
	})
}

// Another epoch, a Seq from the future and one that the ring forgot all get a snapshot.
func TestResets(t *testing.T) {
	in(t, hub.Options{Ring: 10}, func(t *testing.T, w *world) {
		for range 20 {
			w.post("ops", "x")
		}
		head := w.store.Head()
		for _, h := range []hello{
			{Since: head}, {Epoch: "other", Since: head}, {Epoch: w.store.Epoch(), Since: head + 1}, {Epoch: w.store.Epoch(), Since: head - 11},
			{Epoch: w.store.Epoch(), Since: 1<<53 - 1},
		} {
			h.T, h.Device = "hello", "d"
			p, _ := w.open(actor("ann"), true)
			p.say(h)
			synctest.Wait()
			if got := p.told(); len(got) != 1 || got[0].Resumed || got[0].At != head || got[0].Snap == nil || got[0].Snap.At != uint64(head) {
				t.Errorf("%+v was answered by %+v", h, got)
			}
			p.end()
		}
	})
}

// A signal reaches the live pages of those whom it is for, and is nowhere else.
func TestSignals(t *testing.T) {
	in(t, hub.Options{}, func(t *testing.T, w *world) {
		ann, bob := w.enter("ann", "d1"), w.enter("bob", "d2")
		defer ann.end()
		defer bob.end()
		w.hub.Signal("ann", wire.SignalMark, chat.Mark{Room: "ops", Seq: 7})
		w.hub.SignalAll(wire.SignalReadiness, incident.Readiness{Person: "ann"}, func(a account.Actor) bool { return a.Person == "bob" })
		synctest.Wait()
		for p, want := range map[*page]string{ann: "mark", bob: "readiness"} {
			if got := p.told(); len(got) != 1 || got[0].T != "signal" || got[0].Kind != want {
				t.Errorf("was told %+v, want the signal %s", got, want)
			}
		}
		if !w.hub.Online("ann") || w.hub.Online("cy") {
			t.Error("ann is online and cy is not")
		}
	})
}

// Events come in order, each once, while many post and pages come and go, without anybody waiting for quiet.
func TestConcurrent(t *testing.T) {
	in(t, hub.Options{Rate: 1e6, Burst: 1e6, Pumps: 2, PerSession: 100}, func(t *testing.T, w *world) {
		start := w.store.Head()
		var pages []*page
		for i := range 30 {
			p, err := w.open(actor([]id.Person{"ann", "bob"}[i%2]), i%3 > 0)
			if err != nil {
				t.Fatal(err)
			}
			pages = append(pages, p)
		}
		posted := make(chan error)
		for range 4 {
			go func() {
				var err error
				for range 500 {
					err = errors.Join(err, w.store.Update(t.Context(), func(tx *store.Tx) error {
						tx.Emit(store.Event{Kind: "x", Room: "ops", Body: []byte("{}")})
						return nil
					}))
				}
				posted <- err
			}()
		}
		for _, p := range pages {
			go p.say(hello{T: "hello", Device: "d", Epoch: w.store.Epoch(), Since: start})
		}
		for range 4 {
			if err := <-posted; err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
		for _, p := range pages {
			at := start
			for _, f := range p.told()[1:] {
				if at++; f.Seq != at {
					t.Fatalf("was told %d, want %d", f.Seq, at)
				}
			}
			if at != w.store.Head() {
				t.Errorf("told up to %d, the head is %d", at, w.store.Head())
			}
			p.end()
		}
	})
}

// Whatever a client says in its hello, it is answered or closed.
func FuzzHello(f *testing.F) {
	for _, seed := range []string{
		`{"t":"hello","device":"d"}`, `{"t":"hello","device":"d","since":3,"epoch":"EPOCH"}`, `{"t":"hello","device":"d","since":99,"epoch":"EPOCH"}`,
		`{"t":"hello","device":"d","since":-1,"epoch":"EPOCH"}`, `{"t":"hello","device":"","since":18446744073709551615}`, `{"t":"hello","since":"3"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, say string) {
		in(t, hub.Options{Ring: 4}, func(t *testing.T, w *world) {
			w.post("ops", "x")
			p, err := w.open(actor("ann"), false)
			if err != nil {
				t.Fatal(err)
			}
			defer p.end()
			p.session.Receive([]byte(strings.ReplaceAll(say, "EPOCH", w.store.Epoch())))
			synctest.Wait()
			told := p.told()
			if _, ended := p.ended(); !ended && len(told) == 0 {
				t.Errorf("%q was not answered", say)
			}
			at := store.Seq(0)
			for i, f := range told {
				if f.T == "hello" && i == 0 {
					at = f.At
				} else if f.T == "event" {
					if f.Seq <= at {
						t.Errorf("%q: told %d after %d", say, f.Seq, at)
					}
					at = f.Seq
				}
			}
		})
	})
}
