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
	"watchroom/server/incident"
)

// scene is a climb with everything in it: a device that plays, one that does not, other ways, a low alert, a silence that ends, NOT
// DELIVERED, an acknowledgement that lapses. It yields between its moments.
func scene(w *world, moment func()) {
	w.ways(w.carol, ntfy)
	w.steps(60, w.bob, w.carol)
	w.arm(w.bob, "b")
	in := w.sender(incident.KindJSON, func(in *incident.IntegrationIn) { in.EndAfter = 5 * 3600 })
	w.send(in, fire("a", "g", alert.Critical), fire("low", "l", alert.Low))
	w.plays(w.bob, 1, "b")
	wait := func(d time.Duration) {
		moment()
		w.pass(d)
	}
	wait(61 * time.Second)
	wait(2 * time.Second)
	wait(2 * time.Second)
	wait(55 * time.Second)
	wait(3 * time.Minute)
	_, err := w.Acknowledge(w.ctx, w.carol, 1, false)
	must(w.t, err)
	wait(2 * time.Second)
	wait(29 * time.Minute)
	wait(2 * time.Minute)
	wait(4 * time.Hour)
	wait(time.Hour)
	moment()
}

// trail is every page and every line of every incident, without the names that differ from run to run.
func (w *world) trail() string {
	var b strings.Builder
	handles := map[string]string{string(w.ann.Person): "ann", string(w.bob.Person): "bob", string(w.carol.Person): "carol"}
	list, err := w.Incidents(w.ctx, account.System(), incident.ListIn{})
	must(w.t, err)
	for _, i := range slices.Backward(list) {
		d := w.detail(i.ID)
		fmt.Fprintf(&b, "#%d %s firing %d\n", i.ID, d.Incident.State, d.Incident.Firing)
		for _, e := range d.Timeline {
			fmt.Fprintf(&b, "%d %s: %s\n", e.Time/10, e.Kind, e.Text)
		}
		var pages []string
		for _, p := range d.Pages {
			pages = append(pages, fmt.Sprintf("page %d %s %s step %d round %d attempt %d %s %s", p.Queued/10, handles[string(p.Person)], p.Way, p.Step, p.Round, p.Attempt, p.State, p.Why))
		}
		slices.Sort(pages)
		b.WriteString(strings.Join(pages, "\n") + "\n")
	}
	return b.String()
}

// A restart forgets nothing: whenever the server is stopped and started again, the pages and the timeline are those of a server that
// ran all the time; no step is skipped and none doubled.
func TestRestartForgetsNothing(t *testing.T) {
	var want string
	moments := 0
	bubble(t, func(w *world) {
		scene(w, func() { moments++ })
		want = w.trail()
	})
	if !strings.Contains(want, "lapsed") || !strings.Contains(want, "reminded") || !strings.Contains(want, "attempt 3") || !strings.Contains(want, "ended by itself") {
		t.Fatalf("the scene lacks something:\n%s", want)
	}
	for at := range moments + 1 {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			bubble(t, func(w *world) {
				n := 0
				scene(w, func() {
					if n == at || at == moments {
						p := w.pagesTo(1, w.bob, account.WayBrowser)
						w.restart()
						w.arm(w.bob, "b")
						if p[len(p)-1].State == incident.Heard {
							w.plays(w.bob, 1, "b")
						}
					}
					n++
				})
				got, lines := strings.Split(w.trail(), "\n"), strings.Split(want, "\n")
				for i := range max(len(got), len(lines)) {
					if i >= len(got) || i >= len(lines) || got[i] != lines[i] {
						t.Fatalf("restarted at moment %d, line %d:\n%s\nwant\n%s", at, i, strings.Join(got[max(0, i-5):min(len(got), i+5)], "\n"), strings.Join(lines[max(0, i-5):min(len(lines), i+5)], "\n"))
					}
				}
			})
		})
	}
}

// What was due while the server was down is done once at the next start, and the climb goes on from there.
func TestDownForLong(t *testing.T) {
	bubble(t, func(w *world) {
		w.steps(300, w.ann, w.bob, w.carol)
		w.arm(w.ann, "a")
		n := w.burn()
		w.plays(w.ann, n, "a")
		w.end()
		time.Sleep(time.Hour)
		w.start()
		synctest.Wait()
		w.rings(n, w.ann, w.bob)
		w.pass(3 * time.Second)
		w.rings(n, w.ann, w.bob, w.carol)
	})
}

// A page that played before a restart, and whose device does not come back within 20 s, counts as not playing.
func TestDeviceLostInRestart(t *testing.T) {
	bubble(t, func(w *world) {
		w.steps(300, w.ann, w.bob)
		w.arm(w.ann, "a")
		n := w.burn()
		w.plays(w.ann, n, "a")
		w.restart()
		w.pass(19 * time.Second)
		w.rings(n, w.ann)
		w.pass(2 * time.Second)
		w.rings(n, w.ann, w.bob)
	})
}

// Setting the clock on the wall by an hour, forwards or backwards, neither skips nor doubles a step: the time that was left counts.
func TestClockIsSet(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(by.String(), func(t *testing.T) {
			bubble(t, func(w *world) {
				w.steps(300, w.ann, w.bob, w.carol)
				for _, who := range []account.Actor{w.ann, w.bob, w.carol} {
					w.arm(who, "x")
				}
				n := w.burn()
				w.plays(w.ann, n, "x")
				w.pass(100 * time.Second)
				w.set.Store(int64(by))
				w.pass(199 * time.Second)
				w.rings(n, w.ann)
				w.pass(time.Second)
				w.rings(n, w.ann, w.bob)
				w.plays(w.bob, n, "x")
				w.pass(299 * time.Second)
				w.rings(n, w.ann, w.bob)
				w.pass(time.Second)
				w.rings(n, w.ann, w.bob, w.carol)
				w.plays(w.carol, n, "x")
				w.pass(8*time.Hour - 601*time.Second)
				w.rings(n, w.ann, w.bob, w.carol)
				w.pass(5 * time.Minute)
				w.rings(n)
			})
		})
	}
}
