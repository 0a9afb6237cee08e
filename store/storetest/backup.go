package storetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"watchroom/store"
)

// A backup that is taken under load equals the source as it was at its Seq, and the store goes
// on meanwhile.
func backup(t *testing.T, open func(t *testing.T) store.KV) {
	source := open(t)
	s, stop := start(t, source, store.Options{})
	value := strings.Repeat("v", 300)
	for from := 0; from < 20_000; from += 800 {
		update(t, s, func(tx *store.Tx) {
			for i := from; i < from+800; i++ {
				tx.Put("rows", store.Key(i), []byte(value))
			}
		})
	}
	want := contents(t, source)
	var edits []func(map[string]string) // by Seq, for only the changes below emit
	var wg sync.WaitGroup
	began := make(chan bool)
	quit := make(chan bool)
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-quit:
				return
			default:
			}
			row, gone := store.Key(i*7919%25_000), store.Key(i*104_729%25_000)
			late, value := fmt.Sprint("late", i%5), fmt.Sprint("changed ", i)
			err := s.Update(t.Context(), func(tx *store.Tx) error {
				tx.Put("rows", row, []byte(value))
				tx.Put(late, store.Key(i), []byte(value))
				tx.Delete("rows", gone)
				tx.Emit(store.Event{Kind: "k", Body: fmt.Append(nil, i)})
				if i > 3 {
					tx.Rewrite(store.Seq(i/2), []byte("rewritten"))
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			edits = append(edits, func(m map[string]string) {
				m["rows/"+string(row)], m[late+"/"+string(store.Key(i))] = value, value
				delete(m, "rows/"+string(gone))
			})
			if i == 5 {
				close(began)
			}
		}
	})
	<-began
	copied := open(t)
	at, err := s.Backup(t.Context(), copied)
	if err != nil {
		t.Error(err)
	}
	close(quit)
	wg.Wait()
	stop()
	if at < 6 || int(at) > len(edits) {
		t.Fatalf("backup at %d of %d", at, len(edits))
	}
	for _, edit := range edits[:at] {
		edit(want)
	}
	if got := contents(t, copied); !maps.Equal(got, want) {
		t.Errorf("backup at %d holds %d keys, want %d, or others", at, len(got), len(want))
	}
	sameLog(t, s, copied, at)
	again, end := start(t, copied, store.Options{})
	update(t, again, func(tx *store.Tx) { tx.Put("rows", store.Key("on it goes"), nil) })
	end()
	if err := errors.Join(source.Close(), copied.Close()); err != nil {
		t.Error(err)
	}
}

// sameLog checks that a copy holds the events up to at, as the source had them then.
func sameLog(t *testing.T, s *store.Store, copied store.KV, at store.Seq) {
	t.Helper()
	c, err := store.New(t.Context(), copied, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c.Head() != at || c.Epoch() != s.Epoch() {
		t.Errorf("copy has head %d and epoch %s, want %d and %s", c.Head(), c.Epoch(), at, s.Epoch())
	}
	got, err := c.Events(t.Context(), 0, int(at)+1)
	if err != nil {
		t.Fatal(err)
	}
	want, err := s.Events(t.Context(), 0, int(at))
	if err != nil {
		t.Fatal(err)
	}
	rewritten := 0
	equal := slices.EqualFunc(got, want, func(a, b store.Event) bool {
		if !a.Rewritten { // the source may have rewritten it since
			return a.Seq == b.Seq && a.Hash == b.Hash && a.Time.Equal(b.Time)
		}
		rewritten++
		return same(a, b)
	})
	if want := (int(at)-1)/2 - 1; !equal || rewritten < want {
		t.Errorf("the copied log differs: %d events, %d rewritten, want %d and %d", len(got), rewritten, at, want)
	}
}

// contents reads every bucket that a test wrote.
func contents(t *testing.T, kv store.KV) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := kv.View(t.Context(), func(r store.Reader) error {
		for _, bucket := range []string{"rows", "late0", "late1", "late2", "late3", "late4"} {
			for k, v := range r.Scan(bucket, store.Range{}) {
				all[bucket+"/"+string(k)] = string(v)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A destination that holds a store already, or that is full, is refused, a copy that was broken
// off is never opened, and the source does not mind.
func backupRefused(t *testing.T, open func(t *testing.T) store.KV) {
	source, other := open(t), open(t)
	s, stop := start(t, source, store.Options{})
	update(t, s, func(tx *store.Tx) { tx.Put("a", []byte("1"), nil) })
	if _, err := s.Backup(t.Context(), &frail{KV: other, full: true}); !errors.Is(err, errFull) {
		t.Errorf("onto a full disk: %v", err)
	}
	if _, err := store.New(t.Context(), other, store.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Backup(t.Context(), other); err == nil {
		t.Error("a store was overwritten")
	}
	half := &frail{KV: open(t), after: 2}
	if _, err := s.Backup(t.Context(), half); !errors.Is(err, errFull) {
		t.Errorf("onto a disk that fills up: %v", err)
	}
	half.after, half.full = 0, false
	if _, err := store.New(t.Context(), half, store.Options{}); err == nil {
		t.Error("half a copy was opened")
	}
	if _, err := s.Backup(t.Context(), half); err == nil {
		t.Error("half a copy was taken for empty")
	}
	update(t, s, func(tx *store.Tx) { tx.Put("a", []byte("2"), nil) })
	stop()
	if err := errors.Join(source.Close(), other.Close(), half.Close()); err != nil {
		t.Error(err)
	}
}
