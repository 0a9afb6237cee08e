package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"watchroom/store"
)

// Of 400 changes at once each that fails or panics leaves no trace, and each other one stands
// whole: its key, its count and its event.
func groupCommit(t *testing.T, kv store.KV) {
	s, stop := start(t, kv, store.Options{})
	defer stop()
	refusal := errors.New("no")
	const n = 400
	seqs := make([]store.Seq, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			err := s.Update(t.Context(), func(tx *store.Tx) error {
				count, _ := strconv.Atoi(string(tx.Get("sum", []byte("n"))))
				tx.Put("sum", []byte("n"), []byte(strconv.Itoa(count+1)))
				tx.Put("one", store.Key(i), []byte("x"))
				tx.Delete("one", store.Key(i+n))
				seqs[i] = tx.Emit(store.Event{Kind: "k", Body: []byte(strconv.Itoa(i))})
				switch i % 4 {
				case 1:
					return refusal
				case 2:
					panic("oh")
				}
				return nil
			})
			want := []error{nil, refusal, store.ErrPanic, nil}[i%4]
			if !errors.Is(err, want) || (err == nil) != (want == nil) {
				t.Errorf("change %d gave %v, want %v", i, err, want)
			}
			if want == nil && s.Head() < seqs[i] {
				t.Errorf("change %d was answered before its event %d stood", i, seqs[i])
			}
		})
	}
	wg.Wait()
	view(t, s, func(tx *store.Tx) {
		if got := string(tx.Get("sum", []byte("n"))); got != strconv.Itoa(n/2) {
			t.Errorf("%s changes were counted, want %d", got, n/2)
		}
		for i := range n {
			if got, want := tx.Get("one", store.Key(i)) != nil, i%4 == 0 || i%4 == 3; got != want {
				t.Errorf("key of change %d stands: %t, want %t", i, got, want)
			}
			if i%4 == 0 || i%4 == 3 {
				if e, ok := tx.Event(seqs[i]); !ok || string(e.Body) != strconv.Itoa(i) {
					t.Errorf("event %d of change %d is %q", seqs[i], i, e.Body)
				}
			}
		}
		if tx.Head() != n/2 {
			t.Errorf("head is %d, want %d", tx.Head(), n/2)
		}
	})
	stats := s.Stats()
	if stats.Changes != n || stats.Refused != n/2 || stats.Panicked != n/4 || stats.Events != n/2 || stats.Lost != 0 {
		t.Errorf("stats are %+v", stats)
	}
	if stats.Commits == 0 || stats.Batch.Count != stats.Commits || stats.Seconds.Count != stats.Commits || stats.Batch.Sum < n/2 || stats.Batch.Sum > n {
		t.Errorf("histograms are %+v", stats)
	}
}

// A change reads its own puts, then those of the changes before it, then the file; time and
// Seq never go back.
func seesBatch(t *testing.T, kv store.KV) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 123_456_789, time.UTC)
	s, stop := start(t, kv, store.Options{Now: func() time.Time {
		now = now.Add(-time.Millisecond)
		return now
	}})
	defer stop()
	update(t, s, func(tx *store.Tx) {
		tx.Put("a", []byte("1"), []byte("file"))
		tx.Put("a", []byte("2"), []byte("file"))
		tx.Put("a", []byte("4"), []byte("file"))
	})
	var before time.Time
	update(t, s, func(tx *store.Tx) {
		value := []byte("own")
		tx.Put("a", []byte("1"), value)
		copy(value, "bad")
		tx.Delete("a", []byte("2"))
		tx.Put("a", []byte("3"), []byte("own"))
		tx.Put("a", []byte("5"), nil)
		got := tx.Get("a", []byte("1"))
		copy(got, "bad")
		var all []string
		for k, v := range tx.Scan("a", store.Range{}) {
			all = append(all, string(k)+string(v))
			copy(v, "bad")
		}
		if want := []string{"1own", "3own", "4file", "5"}; !slices.Equal(all, want) {
			t.Errorf("scan gave %q, want %q", all, want)
		}
		if v := tx.Get("a", []byte("5")); v == nil || len(v) != 0 {
			t.Errorf("an empty value became %v", v)
		}
		if tx.Get("a", []byte("2")) != nil {
			t.Error("a deleted key has a value")
		}
		seq := tx.Emit(store.Event{Kind: "k", Room: "r", Actor: "ann", To: []string{"bob", "*"}, Body: []byte(`{"a":1}`), Seq: 99, Time: now.Add(time.Hour)})
		e, ok := tx.Event(seq)
		if !ok || seq != 1 || tx.Head() != 1 || e.Kind != "k" || e.Room != "r" || e.Actor != "ann" || !slices.Equal(e.To, []string{"bob", "*"}) || string(e.Body) != `{"a":1}` {
			t.Errorf("own event is %+v, %t", e, ok)
		}
		if !e.Time.Equal(tx.Now()) || e.Time.Nanosecond()%1e6 != 0 {
			t.Errorf("event at %v in a change at %v", e.Time, tx.Now())
		}
		before = tx.Now()
	})
	update(t, s, func(tx *store.Tx) {
		if tx.Now().Before(before) {
			t.Errorf("time went back from %v to %v", before, tx.Now())
		}
		var seen []string
		for k := range tx.Scan("a", store.Range{}) { // a loop may change what it walks over
			seen = append(seen, string(k))
			tx.Delete("a", k)
			tx.Put("a", append(k, '+'), nil)
			tx.Delete("a", []byte("4"))
			if len(seen) > 20 {
				break
			}
		}
		if len(seen) != 21 || seen[1] != "1+" || seen[2] != "1++" {
			t.Errorf("the loop met %q", seen)
		}
	})
}

// What a change may not do fails it with a clear error, and nothing of it stands.
func limits(t *testing.T, kv store.KV) {
	s, stop := start(t, kv, store.Options{})
	defer stop()
	tests := []struct {
		name string
		want error
		fn   func(tx *store.Tx)
	}{
		{"long key", store.ErrLimit, func(tx *store.Tx) { tx.Put("a", bytes.Repeat([]byte("k"), store.MaxKey+1), nil) }},
		{"empty key", store.ErrLimit, func(tx *store.Tx) { tx.Put("a", nil, nil) }},
		{"empty key deleted", store.ErrLimit, func(tx *store.Tx) { tx.Delete("a", nil) }},
		{"large value", store.ErrLimit, func(tx *store.Tx) { tx.Put("a", []byte("k"), make([]byte, store.MaxValue+1)) }},
		{"many keys", store.ErrLimit, func(tx *store.Tx) {
			for i := range store.MaxKeys + 1 {
				tx.Put("a", store.Key(i), nil)
			}
		}},
		{"event without kind", store.ErrLimit, func(tx *store.Tx) { tx.Emit(store.Event{}) }},
		{"large body", store.ErrLimit, func(tx *store.Tx) { tx.Emit(store.Event{Kind: "k", Body: make([]byte, store.MaxValue+1)}) }},
		{"nothing to rewrite", nil, func(tx *store.Tx) { tx.Rewrite(7, []byte("x")) }},
		{"the log itself", nil, func(tx *store.Tx) { tx.Put(store.LogBucket, store.Key(store.Seq(1)), nil) }},
		{"own failure", errFull, func(tx *store.Tx) { tx.Fail(errFull); tx.Fail(errors.New("later")) }},
		{"cursor without name", store.ErrLimit, func(tx *store.Tx) { tx.SetCursor("", 1) }},
	}
	for _, test := range tests {
		err := s.Update(t.Context(), func(tx *store.Tx) error {
			tx.Put("b", []byte("before"), nil)
			tx.Emit(store.Event{Kind: "before"})
			test.fn(tx)
			tx.Put("b", []byte("after"), nil)
			return nil
		})
		if err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s gave %v", test.name, err)
		}
	}
	update(t, s, func(tx *store.Tx) { // the same key many times is one key
		for range 2 * store.MaxKeys {
			tx.Put("c", bytes.Repeat([]byte("k"), store.MaxKey), []byte("last"))
		}
	})
	err := s.View(t.Context(), func(tx *store.Tx) error {
		for k := range tx.Scan("b", store.Range{}) {
			t.Errorf("a failed change left %q", k)
		}
		tx.Put("a", []byte("k"), nil)
		tx.Emit(store.Event{Kind: "k"})
		return nil
	})
	if !errors.Is(err, store.ErrReadOnly) || s.Head() != 0 {
		t.Errorf("a write in a view gave %v, head %d", err, s.Head())
	}
}

// Update inside a transaction fails at once, whatever context it uses.
func nested(t *testing.T, kv store.KV) {
	s, stop := start(t, kv, store.Options{})
	defer stop()
	inner := func(ctx context.Context) error {
		return s.Update(ctx, func(*store.Tx) error { return nil })
	}
	for name, ctx := range map[string]func(tx *store.Tx) context.Context{
		"its own context": func(tx *store.Tx) context.Context { return tx.Context() },
		"another context": func(*store.Tx) context.Context { return t.Context() },
	} {
		err := s.Update(t.Context(), func(tx *store.Tx) error { return inner(ctx(tx)) })
		if !errors.Is(err, store.ErrNested) {
			t.Errorf("update inside a change with %s gave %v", name, err)
		}
	}
	err := s.View(t.Context(), func(tx *store.Tx) error { return inner(tx.Context()) })
	if !errors.Is(err, store.ErrNested) {
		t.Errorf("update inside a view gave %v", err)
	}
}

// Changes that one caller submits without waiting run in their order, in few commits; each has its own outcome.
func submitted(t *testing.T, kv store.KV) {
	s, err := store.New(t.Context(), kv, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const n = 1000
	var changes []*store.Change
	ended, end := context.WithCancel(t.Context())
	withdrawn := s.Submit(ended, func(*store.Tx) error {
		t.Error("a withdrawn change ran")
		return nil
	})
	end()
	for i := range n {
		changes = append(changes, s.Submit(t.Context(), func(tx *store.Tx) error {
			if i%10 == 3 {
				return errFull
			}
			tx.Emit(store.Event{Kind: "k", Body: store.Key(i)})
			return nil
		}))
	}
	run, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(run) }()
	for i, c := range changes {
		<-c.Done()
		if err := c.Err(); errors.Is(err, errFull) != (i%10 == 3) || err != nil && !errors.Is(err, errFull) {
			t.Fatalf("change %d gave %v", i, err)
		}
	}
	for range 2 {
		if err := withdrawn.Err(); !errors.Is(err, context.Canceled) {
			t.Errorf("a withdrawn change gave %v", err)
		}
	}
	events, err := s.Events(t.Context(), 0, n)
	if err != nil || len(events) != n-n/10 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	for i := 1; i < len(events); i++ {
		if bytes.Compare(events[i-1].Body, events[i].Body) >= 0 {
			t.Fatalf("event %d stands before its turn", i)
		}
	}
	if commits := s.Stats().Commits; commits > 3 {
		t.Errorf("%d changes took %d commits", n, commits)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("run: %v", err)
	}
}

// A change whose context ends before its turn never runs; a store that has stopped refuses, and
// one that is stopping still commits what waits.
func withdrawn(t *testing.T, kv store.KV) {
	s, err := store.New(t.Context(), kv, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err = s.Update(ctx, func(tx *store.Tx) error {
		t.Error("a withdrawn change ran")
		return nil
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("before run: %v", err)
	}
	waits := make(chan error)
	go func() {
		waits <- s.Update(t.Context(), func(tx *store.Tx) error {
			tx.Emit(store.Event{Kind: "k"})
			return nil
		})
	}()
	run, end := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(run) }()
	if err := <-waits; err != nil {
		t.Errorf("a change that waited for run: %v", err)
	}
	err = s.Update(t.Context(), func(tx *store.Tx) error {
		end()
		tx.Emit(store.Event{Kind: "k"})
		return nil
	})
	if err != nil {
		t.Errorf("a change while the store stops: %v", err)
	}
	if err := <-done; err != nil {
		t.Errorf("run: %v", err)
	}
	if err := s.Update(t.Context(), func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("after run: %v", err)
	}
	if s.Head() != 2 {
		t.Errorf("head is %d, want 2", s.Head())
	}
}

// When a commit cannot be written every change of it is told, nothing of it is seen, no Seq is
// lost, and the store goes on as soon as it can.
func failedCommit(t *testing.T, kv store.KV) {
	disk := &frail{KV: kv}
	s, stop := start(t, disk, store.Options{})
	defer stop()
	emit := func(body string) error {
		return s.Update(t.Context(), func(tx *store.Tx) error {
			tx.Put("a", []byte(body), nil)
			tx.Emit(store.Event{Kind: "k", Body: []byte(body)})
			return nil
		})
	}
	if err := emit("1"); err != nil {
		t.Fatal(err)
	}
	update(t, s, func(*store.Tx) { disk.full = true })
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := emit(fmt.Sprint("lost ", i)); !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, errFull) {
				t.Errorf("on a full disk: %v", err)
			}
		})
	}
	wg.Wait()
	update(t, s, func(*store.Tx) { disk.full = false })
	if err := emit("2"); err != nil {
		t.Fatal(err)
	}
	events, err := s.Events(t.Context(), 0, 10)
	if err != nil || len(events) != 2 || string(events[1].Body) != "2" || events[1].Seq != 2 || s.Head() != 2 {
		t.Errorf("afterwards the log is %v, %v", events, err)
	}
	for _, line := range list(t, kv, "a", store.Range{}) {
		if strings.HasPrefix(line, "lost") {
			t.Errorf("a lost change left %q", line)
		}
	}
	if got := s.Stats().Lost; got != 20 {
		t.Errorf("%d changes were counted as lost, want 20", got)
	}
}

// Another store on the same data goes on where the first ended: head, time, epoch, cursors.
func reopen(t *testing.T, kv store.KV) {
	s, stop := start(t, kv, store.Options{Now: func() time.Time { return time.UnixMilli(5000) }})
	update(t, s, func(tx *store.Tx) {
		tx.Emit(store.Event{Kind: "k"})
		tx.Put("a", []byte("1"), []byte("x"))
	})
	if err := s.SetCursor(t.Context(), "search", 1); err != nil {
		t.Fatal(err)
	}
	epoch := s.Epoch()
	stop()
	s, stop = start(t, kv, store.Options{Now: func() time.Time { return time.UnixMilli(1000) }})
	if s.Epoch() != epoch || epoch == "" || s.Head() != 1 {
		t.Errorf("epoch %q became %q, head %d", epoch, s.Epoch(), s.Head())
	}
	if at, ok, err := s.Cursor(t.Context(), "search"); at != 1 || !ok || err != nil {
		t.Errorf("cursor is %d, %t, %v", at, ok, err)
	}
	if _, ok, err := s.Cursor(t.Context(), "none"); ok || err != nil {
		t.Errorf("a cursor that was never set: %t, %v", ok, err)
	}
	update(t, s, func(tx *store.Tx) {
		if tx.Now().Before(time.UnixMilli(5000)) || tx.Emit(store.Event{Kind: "k"}) != 2 {
			t.Errorf("time went back to %v", tx.Now())
		}
	})
	stop()
	fresh, err := store.NewEpoch(t.Context(), kv)
	if err != nil || fresh == epoch {
		t.Fatalf("new epoch is %q, %v", fresh, err)
	}
	s, stop = start(t, kv, store.Options{})
	defer stop()
	if s.Epoch() != fresh || s.Head() != 2 {
		t.Errorf("epoch is %q, want %q; head %d", s.Epoch(), fresh, s.Head())
	}
	update(t, s, func(*store.Tx) {}) // now the first run has surely begun
	if err := s.Run(t.Context()); err == nil {
		t.Error("a second run was allowed")
	}
}
