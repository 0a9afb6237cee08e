package hub_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"watchroom/server/hub"
	"watchroom/store"
)

// hold keeps the committer busy until the returned function is called.
func (w *world) hold() (release func()) {
	free := make(chan struct{})
	w.store.Submit(context.Background(), func(*store.Tx) error {
		<-free
		return nil
	})
	synctest.Wait()
	return func() { close(free) }
}

// answers lists the nonces of what was answered, and what it was answered with unless that is ok.
func (p *page) answers() (list []string) {
	for _, f := range p.told() {
		switch f.T {
		case "ok":
			list = append(list, f.Nonce)
		case "error", "ephemeral":
			list = append(list, f.T+" "+f.Nonce)
		}
	}
	return list
}

// Posts of one socket do not wait for each other, up to a limit; they stand in the log and are answered in their order,
// and a command that follows them is run after them.
func TestPostsInFlight(t *testing.T) {
	in(t, hub.Options{Rate: 1e6, Burst: 1e6}, func(t *testing.T, w *world) {
		p := w.enter("ann", "d1")
		defer p.end()
		head, release := w.store.Head(), w.hold()
		const posts = 200
		taken := 0
		var want []string
		for i := range posts {
			want = append(want, fmt.Sprint(i))
		}
		want = append(want, "ephemeral c")
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := range posts {
				p.session.Receive(fmt.Appendf(nil, `{"t":"post","nonce":"%d","room":"ops","text":"%d"}`, i, i))
				taken = i + 1
			}
			p.session.Receive([]byte(`{"t":"command","nonce":"c","room":"ops","text":"/help"}`))
		}()
		synctest.Wait()
		if got := p.answers(); taken != 128 || got != nil {
			t.Errorf("%d posts were taken before a commit, want 128; answered %q", taken, got)
		}
		release()
		<-done
		synctest.Wait()
		if got := p.answers(); strings.Join(got, ",") != strings.Join(want, ",") {
			t.Errorf("answered %q", got)
		}
		events, err := w.store.Events(t.Context(), head, posts+1)
		if err != nil || len(events) != posts {
			t.Fatalf("%d events, %v", len(events), err)
		}
		for i, e := range events {
			if !strings.Contains(string(e.Body), fmt.Sprintf(`"text":"%d"`, i)) {
				t.Fatalf("event %d is %s", i, e.Body)
			}
		}
	})
}

// A post that the store does not take in time is answered as one that may or may not have happened; one whose page hangs up
// is posted all the same.
func TestPostsLate(t *testing.T) {
	in(t, hub.Options{}, func(t *testing.T, w *world) {
		slow, gone := w.enter("ann", "d1"), w.enter("bob", "d2")
		defer slow.end()
		head, release := w.store.Head(), w.hold()
		slow.say(map[string]any{"t": "post", "nonce": "1", "room": "ops", "text": "slow"})
		time.Sleep(14 * time.Second)
		gone.say(map[string]any{"t": "post", "nonce": "1", "room": "ops", "text": "gone"})
		synctest.Wait()
		gone.end()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := slow.answers(); len(got) != 1 || got[0] != "error 1" {
			t.Errorf("a late post was answered by %q", got)
		}
		release()
		synctest.Wait()
		if n := w.store.Head() - head; n != 1 {
			t.Errorf("%d posts, want the one whose page hung up", n)
		}
	})
}
