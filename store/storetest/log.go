package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"watchroom/store"
)

// Seq has no gaps and follows the order of commits; Events pages through the log exactly.
func sequence(t *testing.T, kv store.KV) {
	s, stop := start(t, kv, store.Options{})
	defer stop()
	const senders, each = 20, 30
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			last := store.Seq(0)
			for range each {
				err := s.Update(t.Context(), func(tx *store.Tx) error {
					seq := tx.Emit(store.Event{Kind: "k", Actor: strconv.Itoa(i), Body: fmt.Appendf(nil, "%d", last)})
					if seq <= last {
						t.Errorf("Seq %d came after %d", seq, last)
					}
					last = seq
					if seq%7 == 0 {
						return errFull
					}
					return nil
				})
				if err == nil && s.Head() < last {
					t.Errorf("answered %d at head %d", last, s.Head())
				}
				if err != nil {
					last--
				}
			}
		})
	}
	wg.Wait()
	var all []store.Event
	for after := store.Seq(0); ; {
		page, err := s.Events(t.Context(), after, 37)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		all = append(all, page...)
		after = page[len(page)-1].Seq
	}
	if len(all) != int(s.Head()) {
		t.Fatalf("%d events, head %d", len(all), s.Head())
	}
	for i, e := range all {
		if e.Seq != store.Seq(i+1) || i > 0 && e.Time.Before(all[i-1].Time) {
			t.Fatalf("event %d has Seq %d at %v", i+1, e.Seq, e.Time)
		}
	}
	if page, err := s.Events(t.Context(), s.Head()+5, 10); len(page) != 0 || err != nil {
		t.Errorf("behind the end: %v, %v", page, err)
	}
	if page, err := s.Events(t.Context(), 0, 0); len(page) != 0 || err != nil {
		t.Errorf("no events wanted: %v, %v", page, err)
	}
}

// A follower that is cut off anywhere resumes behind the last event it saw: each event once, in
// order, the same from the log as live. It ends silently with its context.
func follow(t *testing.T, kv store.KV) {
	s, stop := start(t, kv, store.Options{})
	defer stop()
	const n = 12_000 // more than is kept in memory
	read := func(cut int) (all []store.Event) {
		at := store.Seq(0)
		for at < n {
			i := 0
			for e, err := range s.Follow(t.Context(), at) {
				if err != nil {
					t.Errorf("follow: %v", err)
					return all
				}
				all = append(all, e)
				if at = e.Seq; at == n {
					break
				}
				if i++; i == cut {
					break
				}
			}
		}
		return all
	}
	var wg sync.WaitGroup
	got := make([][]store.Event, 3)
	for i, cut := range []int{n, 97, 1} {
		wg.Go(func() { got[i] = read(cut) })
	}
	for sent := 0; sent < n; sent += 400 {
		update(t, s, func(tx *store.Tx) {
			for i := range 400 {
				tx.Emit(store.Event{Kind: "k", Room: "r", To: []string{"a", ""}, Actor: "x", Body: strconv.AppendInt(nil, int64(sent+i), 10)})
			}
		})
	}
	wg.Wait()
	late := read(n)
	for i := range late {
		if late[i].Seq != store.Seq(i+1) || string(late[i].Body) != strconv.Itoa(i) {
			t.Fatalf("event %d is %+v", i+1, late[i])
		}
	}
	for i, all := range got {
		if !slices.EqualFunc(all, late, same) {
			t.Errorf("follower %d saw %d events that differ from the log's %d", i, len(all), len(late))
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	for e, err := range s.Follow(ctx, s.Head()) {
		t.Errorf("nothing happened, but it yielded %v, %v", e, err)
	}
	for _, err := range s.Follow(t.Context(), s.Head()+1) {
		if !errors.Is(err, store.ErrAhead) {
			t.Errorf("ahead of the log: %v", err)
		}
	}
	wake := s.Wake()
	update(t, s, func(tx *store.Tx) { tx.Emit(store.Event{Kind: "k"}) })
	<-wake
}

func same(a, b store.Event) bool {
	return a.Seq == b.Seq && a.Time.Equal(b.Time) && a.Kind == b.Kind && a.Room == b.Room && slices.Equal(a.To, b.To) &&
		a.Actor == b.Actor && bytes.Equal(a.Body, b.Body) && a.Hash == b.Hash && a.Rewritten == b.Rewritten
}

// A rewritten event keeps its header and the hash of its first body, and no way of reading
// serves the old body: tail, file, transaction, in the same change, batch, or later.
func rewrite(t *testing.T, kv store.KV) {
	s, stop := start(t, kv, store.Options{})
	defer stop()
	emit := func(tx *store.Tx) store.Seq {
		return tx.Emit(store.Event{Kind: "k", Room: "r", Actor: "ann", To: []string{"bob"}, Body: []byte("secret")})
	}
	var first, same store.Seq
	update(t, s, func(tx *store.Tx) { first = emit(tx) })
	was, err := s.Events(t.Context(), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	update(t, s, func(tx *store.Tx) {
		same = emit(tx)
		tx.Rewrite(same, []byte("erased"))
		tx.Rewrite(first, []byte("interim"))
		tx.Rewrite(first, []byte("erased"))
		if e, ok := tx.Event(first); !ok || string(e.Body) != "erased" {
			t.Errorf("the change itself sees %+v", e)
		}
	})
	err = s.Update(t.Context(), func(tx *store.Tx) error {
		tx.Rewrite(first, []byte("never"))
		return errFull
	})
	if !errors.Is(err, errFull) {
		t.Error(err)
	}
	check := func(where string, e store.Event) {
		t.Helper()
		if string(e.Body) != "erased" || !e.Rewritten || e.Hash != was[0].Hash || e.Room != "r" || e.Actor != "ann" || !slices.Equal(e.To, []string{"bob"}) {
			t.Errorf("%s serves %+v", where, e)
		}
	}
	for range 2 {
		for e, err := range s.Follow(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			check("follow", e)
			if e.Seq == same {
				break
			}
		}
		events, err := s.Events(t.Context(), 0, 10)
		if err != nil || len(events) != 2 {
			t.Fatalf("%d events, %v", len(events), err)
		}
		for _, e := range events {
			check("events", e)
		}
		stop()
		s, stop = start(t, kv, store.Options{})
	}
	stop()
}

// A follower that is told of an event after its rewrite was answered gets the new body, however
// far behind it reads.
func rewriteUnderFollowers(t *testing.T, kv store.KV) {
	s, stop := start(t, kv, store.Options{})
	defer stop()
	const n = 500
	update(t, s, func(tx *store.Tx) {
		for range n {
			tx.Emit(store.Event{Kind: "k", Body: []byte("old")})
		}
	})
	for _, fresh := range []bool{false, true} { // from the tail, then from the file
		if fresh {
			stop()
			s, stop = start(t, kv, store.Options{})
		}
		done := store.Seq(0)
		for e, err := range s.Follow(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if e.Seq <= done && string(e.Body) != fmt.Sprint("new ", fresh) {
				t.Fatalf("event %d came as %q after its rewrite", e.Seq, e.Body)
			}
			if e.Seq == n {
				break
			}
			if e.Seq%50 == 1 {
				done = e.Seq + 40
				update(t, s, func(tx *store.Tx) {
					for seq := e.Seq; seq <= done; seq++ {
						tx.Rewrite(seq, []byte(fmt.Sprint("new ", fresh)))
					}
				})
			}
		}
	}
	stop()
}

// A record whose bytes have rotted is an error everywhere and is served nowhere.
func corrupt(t *testing.T, kv store.KV) {
	s, stop := start(t, kv, store.Options{})
	update(t, s, func(tx *store.Tx) {
		for _, body := range []string{"one", "two", "three"} {
			tx.Emit(store.Event{Kind: "k", Body: []byte(body)})
		}
	})
	stop()
	var record []byte
	err := kv.View(t.Context(), func(r store.Reader) error {
		record = bytes.Clone(r.Get(store.LogBucket, store.Key(store.Seq(2))))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range record {
		rotten := bytes.Clone(record)
		rotten[i] ^= 4
		apply(t, kv, store.Op{Bucket: store.LogBucket, Key: store.Key(store.Seq(2)), Value: rotten})
		if events, err := s.Events(t.Context(), 0, 10); !errors.Is(err, store.ErrCorrupt) {
			t.Fatalf("byte %d: events gave %v, %v", i, events, err)
		}
	}
	s, stop = start(t, kv, store.Options{})
	defer stop()
	seen := 0
	for e, err := range s.Follow(t.Context(), 0) {
		if err == nil {
			seen++
			t.Errorf("follow gave %+v", e)
		} else if !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("follow gave %v", err)
		}
	}
	err = s.View(t.Context(), func(tx *store.Tx) error {
		if e, ok := tx.Event(2); ok {
			t.Errorf("event gave %+v", e)
		}
		return nil
	})
	if !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("view gave %v", err)
	}
	apply(t, kv, store.Op{Bucket: store.LogBucket, Key: store.Key(store.Seq(2)), Delete: true})
	if events, err := s.Events(t.Context(), 1, 10); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("a missing record: %v, %v", events, err)
	}
	apply(t, kv, store.Op{Bucket: store.LogBucket, Key: store.Key(store.Seq(3)), Value: record})
	if _, err := store.New(t.Context(), kv, store.Options{}); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("a store with a rotten head: %v", err)
	}
}
