package incident_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"watchroom/server/account"
	"watchroom/server/alert"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/incident"
)

// Whose device plays has the step's time; then the next one is rung besides, and after the last the policy begins again.
func TestClimb(t *testing.T) {
	bubble(t, func(w *world) {
		w.steps(300, w.ann, w.bob)
		w.arm(w.ann, "a")
		w.arm(w.bob, "b")
		n := w.burn()
		w.plays(w.ann, n, "a")
		w.pass(299 * time.Second)
		w.rings(n, w.ann)
		w.pass(time.Second)
		w.rings(n, w.ann, w.bob)
		w.plays(w.bob, n, "b")
		w.pass(30 * time.Minute)
		d := w.detail(n)
		if d.Incident.NotDelivered || len(d.Pages) != 2 || d.Pages[0].State != incident.Heard {
			t.Fatalf("incident %+v, pages %+v", d.Incident, d.Pages)
		}
		if room, _ := w.rooms.View(w.ctx, w.bob, d.Incident.Room); !room.Joined {
			t.Fatal("bob was rung and not brought in")
		}
	})
}

// Nothing plays within 3 s: the person's other ways at once, the next step at once, and after the last NOT DELIVERED in words with
// every armed administrator rung. A device that plays later takes that back.
func TestNothingPlays(t *testing.T) {
	bubble(t, func(w *world) {
		w.ways(w.carol, ntfy, mail)
		w.steps(300, w.carol, w.bob)
		w.arm(w.ann, "a")
		n := w.burn()
		w.pass(2999 * time.Millisecond)
		if got := len(w.detail(n).Pages); got != 1 {
			t.Fatalf("%d pages within 3 s, want 1", got)
		}
		w.pass(time.Millisecond)
		w.rings(n, w.carol, w.bob)
		if len(w.pagesTo(n, w.carol, account.WayNtfy)) != 1 || len(w.pagesTo(n, w.carol, account.WayMail)) != 1 {
			t.Fatalf("other ways not tried:\n%s", w.story(n))
		}
		if p := w.pagesTo(n, w.carol, account.WayBrowser)[0]; p.State != incident.Failed || p.Why != "no device played within 3 s" {
			t.Fatalf("page %+v", p)
		}
		w.pass(3 * time.Second)
		w.rings(n, w.carol, w.bob, w.ann)
		i := w.one()
		if !i.NotDelivered {
			t.Fatalf("not said: %+v", i)
		}
		w.said(i.Room, "NOT DELIVERED: no device of carol and bob plays. Ringing every administrator who can be rung: ann.")
		w.plays(w.ann, n, "a")
		if w.one().NotDelivered {
			t.Fatal("a device plays and it still says not delivered")
		}
	})
}

// Ways out of the browser repeat every 2 min until somebody acknowledges, for 8 h at most.
func TestOutwardRepeats(t *testing.T) {
	bubble(t, func(w *world) {
		w.ways(w.ann, ntfy)
		n := w.burn()
		w.pass(3*time.Second + 10*time.Minute)
		if got := len(w.pagesTo(n, w.ann, account.WayNtfy)); got != 6 {
			t.Fatalf("%d attempts in 10 min, want 6", got)
		}
		queued, err := w.QueuedPages(w.ctx)
		must(t, err)
		if len(queued) != 6 || queued[5].Attempt != 6 {
			t.Fatalf("queued %+v", queued)
		}
		must(t, w.PageSent(w.ctx, queued[0].ID))
		must(t, w.PageFailed(w.ctx, queued[1].ID, "the server said 500"))
		w.pass(9 * time.Hour)
		attempts := len(w.pagesTo(n, w.ann, account.WayNtfy))
		if attempts < 235 || attempts > 241 {
			t.Fatalf("%d attempts in 8 h, want about 240", attempts)
		}
		w.rings(n)
		w.said(w.one().Room, "Rang for 8 h and nobody acknowledged.")
		w.pass(time.Hour)
		if got := len(w.pagesTo(n, w.ann, account.WayNtfy)); got != attempts {
			t.Fatal("it repeats after 8 h")
		}
	})
}

// An acknowledgement stops every horn, every repetition and the climb, and its owner is known.
func TestAcknowledge(t *testing.T) {
	bubble(t, func(w *world) {
		w.ways(w.ann, ntfy)
		w.steps(300, w.ann, w.bob)
		n := w.burn()
		w.pass(4 * time.Second)
		w.rings(n, w.ann, w.bob)
		i, err := w.Acknowledge(w.ctx, w.bob, n, false)
		must(t, err)
		if i.Owner != w.bob.Person || i.State != incident.Acknowledged || len(i.Ringing) != 0 || i.NextDue != 0 {
			t.Fatalf("incident %+v", i)
		}
		pages := len(w.detail(n).Pages)
		w.pass(20 * time.Minute)
		d := w.detail(n)
		if len(d.Pages) != pages {
			t.Fatalf("%d pages, had %d: it goes on\n%s", len(d.Pages), pages, w.story(n))
		}
		if p := w.pagesTo(n, w.bob, account.WayBrowser)[0]; p.State != incident.Answered {
			t.Fatalf("bob's page %+v", p)
		}
		if p := w.pagesTo(n, w.ann, account.WayNtfy)[0]; p.State != incident.Stopped || p.Why != "acknowledged by Bob" {
			t.Fatalf("ann's page %+v", p)
		}
		w.said(i.Room, "Acknowledged by Bob.")
	})
}

// Who was not paged is asked first; who takes it over from an owner, too.
func TestTake(t *testing.T) {
	bubble(t, func(w *world) {
		n := w.burn()
		_, err := w.Acknowledge(w.ctx, w.carol, n, false)
		refused(t, err, fault.Conflict)
		if want := "You were not paged for #1. Take it?"; fault.Words(err) != want {
			t.Fatalf("words %q", fault.Words(err))
		}
		_, err = w.Acknowledge(w.ctx, w.carol, n, true)
		must(t, err)
		_, err = w.Acknowledge(w.ctx, w.ann, n, false)
		refused(t, err, fault.Conflict)
		i, err := w.Acknowledge(w.ctx, w.ann, n, true)
		must(t, err)
		if i.Owner != w.ann.Person {
			t.Fatalf("owner %s", i.Owner)
		}
	})
}

// An acknowledgement can be taken back for 5 s by who made it: it rings again where it stood.
func TestUndo(t *testing.T) {
	bubble(t, func(w *world) {
		w.steps(300, w.ann, w.bob)
		w.arm(w.ann, "a")
		n := w.burn()
		w.plays(w.ann, n, "a")
		w.pass(100 * time.Second)
		_, err := w.Acknowledge(w.ctx, w.ann, n, false)
		must(t, err)
		w.pass(4 * time.Second)
		_, err = w.Unacknowledge(w.ctx, w.bob, n)
		refused(t, err, fault.Conflict)
		_, err = w.Unacknowledge(w.ctx, w.ann, n)
		must(t, err)
		w.rings(n, w.ann)
		w.plays(w.ann, n, "a")
		w.pass(199 * time.Second)
		w.rings(n, w.ann)
		w.pass(time.Second)
		w.rings(n, w.ann, w.bob)
		_, err = w.Acknowledge(w.ctx, w.ann, n, false)
		must(t, err)
		w.pass(6 * time.Second)
		_, err = w.Unacknowledge(w.ctx, w.ann, n)
		refused(t, err, fault.Conflict)
	})
}

// An acknowledgement lapses after 30 min without any activity of its owner and rings again; a message in the room counts.
func TestLapse(t *testing.T) {
	bubble(t, func(w *world) {
		n := w.burn()
		_, err := w.Acknowledge(w.ctx, w.ann, n, false)
		must(t, err)
		w.pass(20 * time.Minute)
		_, err = w.rooms.Post(w.ctx, w.bob, chat.PostIn{Room: w.one().Room, Text: "somebody else"})
		must(t, err)
		_, err = w.rooms.Post(w.ctx, w.ann, chat.PostIn{Room: w.one().Room, Text: "looking"})
		must(t, err)
		w.pass(20 * time.Minute)
		must(t, w.Note(w.ctx, w.ann, n, "the disk is full"))
		w.pass(29 * time.Minute)
		if i := w.one(); i.State != incident.Acknowledged {
			t.Fatalf("lapsed although its owner is active: %+v", i)
		}
		w.pass(time.Minute)
		if i := w.one(); i.State != incident.Triggered || i.Owner != w.ann.Person {
			t.Fatalf("did not lapse: %+v", i)
		}
		w.rings(n, w.ann)
		w.said(w.one().Room, "The acknowledgement by Ann lapsed: nothing was done for 30 min. Ringing again.")
	})
}

// When the sender says that all is well, an owner is asked; nobody answering for long closes it.
func TestSenderDone(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindJSON, nil)
		a := fire("a", "g", alert.Critical)
		w.send(in, a)
		n := w.one().ID
		_, err := w.Acknowledge(w.ctx, w.ann, n, false)
		must(t, err)
		r := w.send(in, well(a))
		i := w.one()
		if !i.SenderDone || i.State != incident.Acknowledged || r.Decisions[0].Outcome != "all clear for #1, waiting for ann to close it" {
			t.Fatalf("incident %+v, outcome %q", i, r.Decisions[0].Outcome)
		}
		w.said(i.Room, "All clear: the sender says that nothing fires any more. @ann, close it?")
		w.pass(31 * time.Minute)
		if len(w.open()) != 0 {
			t.Fatal("still open")
		}
	})
}

// A device that goes while it rings counts as not playing 3 s later, unless it comes back or another one of that person plays.
func TestDeviceGone(t *testing.T) {
	bubble(t, func(w *world) {
		w.ways(w.ann, ntfy)
		w.steps(300, w.ann, w.bob)
		w.arm(w.ann, "a1")
		w.arm(w.ann, "a2")
		n := w.burn()
		w.plays(w.ann, n, "a1")
		w.plays(w.ann, n, "a2")
		w.pass(10 * time.Second)
		must(t, w.DeviceGone(w.ctx, w.ann.Person, "a1", "the tab was closed"))
		w.rings(n, w.ann)
		w.pass(4 * time.Second)
		must(t, w.DeviceGone(w.ctx, w.ann.Person, "a2", "the page was loaded anew"))
		w.pass(2 * time.Second)
		w.arm(w.ann, "a2")
		w.plays(w.ann, n, "a2")
		w.pass(4 * time.Second)
		w.rings(n, w.ann)
		must(t, w.DeviceGone(w.ctx, w.ann.Person, "a2", "the tab was closed"))
		w.pass(3 * time.Second)
		w.rings(n, w.ann, w.bob)
		if len(w.pagesTo(n, w.ann, account.WayNtfy)) != 1 {
			t.Fatalf("no other way:\n%s", w.story(n))
		}
	})
}

// A device that says why it stays silent is not waited for.
func TestDeviceSilent(t *testing.T) {
	bubble(t, func(w *world) {
		w.steps(300, w.ann, w.bob)
		w.arm(w.ann, "a")
		n := w.burn()
		must(t, w.ReportReceived(w.ctx, w.ann, n, "a"))
		if p := w.pagesTo(n, w.ann, account.WayBrowser)[0]; p.State != incident.Received {
			t.Fatalf("page %+v", p)
		}
		must(t, w.ReportSilent(w.ctx, w.ann, n, "a", "the audio is suspended"))
		w.rings(n, w.ann, w.bob)
		if p := w.pagesTo(n, w.ann, account.WayBrowser)[0]; p.State != incident.Failed || !strings.Contains(p.Why, "the audio is suspended") {
			t.Fatalf("page %+v", p)
		}
	})
}

// A device that is muted while it rings is not waited for.
func TestDeviceMuted(t *testing.T) {
	bubble(t, func(w *world) {
		w.steps(300, w.ann, w.bob)
		w.arm(w.ann, "a")
		n := w.burn()
		w.plays(w.ann, n, "a")
		must(t, w.ReportDevice(w.ctx, w.ann, incident.DeviceState{Device: "a", Online: true, Why: "muted"}))
		w.rings(n, w.ann, w.bob)
	})
}

// Escalating rings the next step at once, also while somebody owns the incident.
func TestEscalate(t *testing.T) {
	bubble(t, func(w *world) {
		w.steps(300, w.ann, w.bob)
		w.arm(w.ann, "a")
		n := w.burn()
		w.plays(w.ann, n, "a")
		_, err := w.Escalate(w.ctx, w.ann, n)
		must(t, err)
		w.rings(n, w.ann, w.bob)
		_, err = w.Acknowledge(w.ctx, w.bob, n, false)
		must(t, err)
		_, err = w.Escalate(w.ctx, w.bob, n)
		must(t, err)
		w.rings(n, w.ann)
	})
}

// A low incident chimes once, reminds once after 4 h, and never climbs.
func TestLow(t *testing.T) {
	bubble(t, func(w *world) {
		w.send(w.sender(incident.KindJSON, nil), fire("a", "g", alert.Low))
		n := w.one().ID
		w.pass(3*time.Hour + 59*time.Minute)
		if got := len(w.detail(n).Pages); got != 1 {
			t.Fatalf("%d chimes before 4 h, want 1", got)
		}
		w.pass(time.Minute)
		if got := len(w.detail(n).Pages); got != 2 {
			t.Fatalf("%d chimes after 4 h, want 2", got)
		}
		w.said(w.ops, "Still open after 4 h and nobody took it: #1")
		w.pass(24 * time.Hour)
		if got := len(w.detail(n).Pages); got != 2 || len(w.one().Ringing) != 0 {
			t.Fatalf("%d chimes", got)
		}
	})
}

// With nobody on call it says so at once, and every armed administrator is rung.
func TestNobodyOnCall(t *testing.T) {
	bubble(t, func(w *world) {
		list, err := w.Schedules(w.ctx)
		must(t, err)
		list[0].Rotations = nil
		_, err = w.PutSchedule(w.ctx, w.ann, list[0])
		must(t, err)
		w.arm(w.bob, "b")
		n := w.burn()
		w.rings(n, w.bob)
		w.said(w.one().Room, "NOT DELIVERED: there is nobody to ring. Ringing every administrator who can be rung: bob.")
	})
}

// While an integration is paused, a silence matches, or the incident is silenced, it is shown and not paged, and the decision says so.
// What still burns when that ends rings then.
func TestHeld(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindJSON, nil)
		in, err := w.PauseIntegration(w.ctx, w.ann, in.ID, id.At(time.Now().Add(time.Hour)))
		must(t, err)
		r := w.send(in, fire("a", "g", alert.Critical))
		n := w.one().ID
		w.rings(n)
		if got := r.Decisions[0].Outcome; got != "opened #1, shown only: prod-json is paused until 1 Jan 01:00 UTC" {
			t.Fatalf("outcome %q", got)
		}
		w.pass(time.Hour)
		w.rings(n, w.ann)
		v, err := w.AddSilence(w.ctx, w.carol, incident.Silence{Match: map[string]string{"service": "/g.*/"}, Until: id.At(time.Now().Add(time.Hour))})
		must(t, err)
		w.rings(n)
		r = w.send(in, fire("b", "h", alert.Critical))
		w.rings(r.Decisions[0].Incident, w.ann)
		must(t, w.EndSilence(w.ctx, w.carol, v.ID))
		w.rings(n, w.ann)
		i, err := w.SilenceIncident(w.ctx, w.carol, n, id.At(time.Now().Add(10*time.Minute)))
		must(t, err)
		if i.SilencedTill == 0 || len(i.Ringing) != 0 {
			t.Fatalf("silenced %+v", i)
		}
		w.pass(10 * time.Minute)
		w.rings(n, w.ann)
		if i := w.detail(n).Incident; i.SilencedTill != 0 {
			t.Fatalf("still silenced: %+v", i)
		}
	})
}

// However many incidents ring, pausing their integration stops them all, and resuming it rings them again.
func TestPauseInStorm(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindJSON, nil)
		for i := range 60 {
			w.send(in, fire("a", fmt.Sprint("g", i), alert.Critical))
		}
		ringing := func() int {
			synctest.Wait()
			return w.Stats().Ringing
		}
		if got := ringing(); got != 60 {
			t.Fatalf("%d ring, want 60", got)
		}
		_, err := w.PauseIntegration(w.ctx, w.ann, in.ID, -1)
		must(t, err)
		if got := ringing(); got != 0 {
			t.Fatalf("%d ring while paused", got)
		}
		_, err = w.PauseIntegration(w.ctx, w.ann, in.ID, 0)
		must(t, err)
		if got := ringing(); got != 60 {
			t.Fatalf("%d ring again, want 60", got)
		}
	})
}

// A silence until resolved ends with the last incident that it holds.
func TestSilenceUntilResolved(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindJSON, nil)
		_, err := w.AddSilence(w.ctx, w.carol, incident.Silence{Match: map[string]string{"service": "g"}, Until: -1})
		must(t, err)
		a := fire("a", "g", alert.Critical)
		w.send(in, a)
		w.rings(1)
		w.send(in, well(a))
		list, err := w.Silences(w.ctx, w.carol)
		must(t, err)
		if len(list) != 0 {
			t.Fatalf("still in force: %+v", list)
		}
	})
}

// Somebody on call whom no browser rings for 5 min is told to the team, and so is the end of it.
func TestDark(t *testing.T) {
	bubble(t, func(w *world) {
		w.arm(w.ann, "a")
		must(t, w.DeviceGone(w.ctx, w.ann.Person, "a", "signed out"))
		w.pass(4 * time.Minute)
		w.arm(w.ann, "a")
		must(t, w.DeviceGone(w.ctx, w.ann.Person, "a", "signed out"))
		w.pass(4 * time.Minute)
		if slices.ContainsFunc(w.lines(w.ops), func(s string) bool { return strings.Contains(s, "on call") }) {
			t.Fatal("told before 5 min")
		}
		w.pass(time.Minute)
		w.said(w.ops, "@ann is on call, and for 5 min no browser of theirs could ring: signed out. Nothing else is set that would reach them.")
		w.arm(w.ann, "a")
		w.said(w.ops, "Ann is on call and can be rung again.")
		w.mu.Lock()
		defer w.mu.Unlock()
		if last := w.ready[len(w.ready)-1]; last.State != incident.ReadyArmed || last.Person != w.ann.Person {
			t.Fatalf("told %+v", last)
		}
	})
}

// A hidden page on a phone, a muted browser and an old proof each show in the readiness.
func TestReadiness(t *testing.T) {
	bubble(t, func(w *world) {
		state := func(d incident.DeviceState) string {
			d.Device, d.Online = "x", true
			must(t, w.ReportDevice(w.ctx, w.carol, d))
			r, err := w.Readiness(w.ctx, w.carol, w.carol.Person)
			must(t, err)
			return r[0].State
		}
		if got := state(incident.DeviceState{Armed: true, Phone: true, Hidden: true}); got != incident.ReadyDark {
			t.Errorf("hidden phone: %s", got)
		}
		if got := state(incident.DeviceState{Armed: true}); got != incident.ReadyUnproven {
			t.Errorf("never proven: %s", got)
		}
		if got := state(incident.DeviceState{Armed: true, Proven: id.At(time.Now())}); got != incident.ReadyArmed {
			t.Errorf("proven: %s", got)
		}
		w.pass(25 * time.Hour)
		if got := state(incident.DeviceState{Armed: true}); got != incident.ReadyUnproven {
			t.Errorf("proven long ago: %s", got)
		}
		w.ways(w.carol, mail)
		if got := state(incident.DeviceState{Why: "muted"}); got != incident.ReadyAway {
			t.Errorf("muted with mail: %s", got)
		}
		r, err := w.Readiness(w.ctx, w.dave, w.carol.Person)
		must(t, err)
		if len(r) != 0 {
			t.Errorf("a guest sees %+v", r)
		}
	})
}
