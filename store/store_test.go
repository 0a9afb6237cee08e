package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"watchroom/store"
	"watchroom/store/memkv"
)

// running opens a store on kv that runs until the test ends.
func running(t testing.TB, kv store.KV, o store.Options) *store.Store {
	t.Helper()
	s, err := store.New(t.Context(), kv, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return s
}

// A change that is emitted wakes its followers without any time passing, and the store runs on
// the clock of a test.
func TestFollowWithoutPolling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := running(t, memkv.New(), store.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		seen := make(chan time.Duration, 10)
		go func() {
			defer close(seen)
			for e, err := range s.Follow(ctx, 0) {
				if err != nil {
					t.Error(err)
				}
				if got := e.Time.Sub(start.Truncate(time.Millisecond)); got != time.Since(start) {
					t.Errorf("event of %v was seen at %v", got, time.Since(start))
				}
				seen <- time.Since(start)
			}
		}()
		for i := range 3 {
			time.Sleep(time.Hour)
			err := s.Update(t.Context(), func(tx *store.Tx) error {
				tx.Emit(store.Event{Kind: "tick"})
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			if got, want := <-seen, time.Duration(i+1)*time.Hour; got != want {
				t.Errorf("seen after %v, want %v", got, want)
			}
		}
		cancel()
		if _, more := <-seen; more {
			t.Error("an event too many")
		}
	})
}

// Nothing that the store starts outlives it.
func TestNoGoroutineStays(t *testing.T) {
	ignore := goleak.IgnoreCurrent()
	t.Run("", func(t *testing.T) {
		s := running(t, memkv.New(), store.Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		for range s.Follow(ctx, 0) {
			t.Error("an event of nothing")
		}
	})
	goleak.VerifyNone(t, ignore)
}

// A change that ends the committer's goroutine takes the store down with an answer to everybody
// instead of leaving them to wait.
func TestGoexitInsideChange(t *testing.T) {
	s, err := store.New(t.Context(), memkv.New(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Run(t.Context()) }() // ends with the change
	err = s.Update(t.Context(), func(*store.Tx) error {
		runtime.Goexit() // as a test's Fatal does
		return nil
	})
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("the change itself: %v", err)
	}
	if err := s.Update(t.Context(), func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("the next one: %v", err)
	}
}

// A transaction is over when its function returns: what was kept of it writes and reads nothing.
func TestTxAfterItsEnd(t *testing.T) {
	s := running(t, memkv.New(), store.Options{})
	var kept *store.Tx
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		kept = tx
		tx.Put("a", []byte("k"), []byte("v"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	kept.Put("a", []byte("late"), nil)
	kept.Emit(store.Event{Kind: "late"})
	if kept.Get("a", []byte("k")) != nil {
		t.Error("it reads")
	}
	err = s.View(t.Context(), func(tx *store.Tx) error {
		if tx.Get("a", []byte("late")) != nil || tx.Head() != 0 {
			t.Error("it wrote")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Data of a layout that this program does not know is refused in words.
func TestShape(t *testing.T) {
	kv := memkv.New()
	if _, err := store.NewEpoch(t.Context(), kv); err != nil {
		t.Fatal(err)
	}
	err := kv.Apply(t.Context(), store.Batch{Ops: []store.Op{{Bucket: "_store", Key: []byte("shape"), Value: []byte("2")}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.New(t.Context(), kv, store.Options{}); err == nil {
		t.Error("a newer layout was opened")
	}
}

type note struct {
	ID   string
	Room string
}

// A table keeps values under their keys and finds them by its indexes.
func ExampleTable() {
	notes := store.NewTable("note", func(n *note) []byte { return store.Key(n.ID) },
		store.Index[note]{Name: "room", Keys: func(n *note) [][]byte { return [][]byte{store.Key(n.Room)} }})

	ctx, cancel := context.WithCancel(context.Background())
	s, _ := store.New(ctx, memkv.New(), store.Options{})
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()

	_ = s.Update(ctx, func(tx *store.Tx) error {
		notes.Put(tx, note{ID: "1", Room: "ops"})
		notes.Put(tx, note{ID: "2", Room: "hall"})
		notes.Put(tx, note{ID: "3", Room: "ops"})
		tx.Emit(store.Event{Kind: "notes.put"})
		return nil
	})
	_ = s.View(ctx, func(tx *store.Tx) error {
		for n := range notes.By(tx, "room", store.Prefix(store.Key("ops"))) {
			fmt.Println(n.ID)
		}
		return nil
	})
	fmt.Println("head", s.Head())
	cancel()
	<-done
	// Output:
	// 1
	// 3
	// head 1
}
