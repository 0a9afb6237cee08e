package boltkv_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"watchroom/store"
)

const (
	rows  = 200_000 // that are there before
	rooms = 100
)

type room struct {
	ID    string
	Name  string
	Topic string
	Posts uint64
	Last  int64
}

var roomTable = store.NewTable("bench.room", func(r *room) []byte { return store.Key(r.ID) })

// BenchmarkPost measures durable posts as a use case makes them (member check, nonce, index,
// record, event), as a multiple of F: overwriting 4 KiB and syncing them, measured around it on
// the same disk. The design wants at least .18 for one sender and 1.5 for 256.
func BenchmarkPost(b *testing.B) {
	for _, senders := range []int{1, 256} {
		b.Run(fmt.Sprint(senders), func(b *testing.B) { benchmarkPost(b, senders) })
	}
}

func benchmarkPost(b *testing.B, senders int) {
	dir := b.TempDir()
	path := filepath.Join(dir, "store.db")
	kv := open(b, path)
	fill(b, kv)
	s, err := store.New(b.Context(), kv, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var run sync.WaitGroup
	run.Go(func() {
		if err := s.Run(ctx); err != nil {
			b.Error(err)
		}
	})
	before := floor(b, dir)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range senders {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := post(s, int(i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	rate := float64(b.N) / b.Elapsed().Seconds()
	f := (before + floor(b, dir)) / 2
	b.ReportMetric(rate, "posts/s")
	b.ReportMetric(f, "F")
	b.ReportMetric(rate/f, "posts/F")
	if st := s.Stats(); st.Commits > 0 {
		b.ReportMetric(st.Batch.Sum/float64(st.Commits), "posts/commit")
		b.ReportMetric(st.Seconds.Sum/float64(st.Commits)*1e6, "µs/write")
	}
	cancel()
	run.Wait()
	if err := kv.Close(); err != nil {
		b.Error(err)
	}
}

var body = bytes.Repeat([]byte("0123456789"), 30)

func post(s *store.Store, i int) error {
	var nonce [12]byte
	_, _ = rand.Read(nonce[:])
	id, author := fmt.Sprintf("room-%02d", i*7919%rooms), fmt.Sprintf("01J%023d", i%500)
	return s.Update(context.Background(), func(tx *store.Tx) error {
		if tx.Get("bench.member", store.Key(id, author)) != nil {
			return errors.New("banned")
		}
		sent := store.Key(author, nonce[:])
		if tx.Get("bench.nonce", sent) != nil {
			return errors.New("sent before")
		}
		r, _ := roomTable.Get(tx, store.Key(id))
		r.ID, r.Name, r.Topic = id, id, "what goes on here"
		r.Posts++
		r.Last = tx.Now().UnixMilli()
		roomTable.Put(tx, r)
		seq := tx.Emit(store.Event{Kind: "message.posted", Room: id, Actor: author, Body: body})
		tx.Put("bench.history", store.Key(id, tx.Now(), seq), nil)
		tx.Put("bench.nonce", sent, store.Key(seq))
		return nil
	})
}

// fill makes the file as large as it would be after many posts.
func fill(b *testing.B, kv store.KV) {
	b.Helper()
	const each = 10_000
	for from := 0; from < rows; from += each {
		var log, history, nonces []store.Op
		for i := from; i < from+each; i++ {
			var nonce [12]byte
			_, _ = rand.Read(nonce[:])
			log = append(log, store.Op{Bucket: "bench.log", Key: store.Key(i), Value: body})
			history = append(history, store.Op{Bucket: "bench.history", Key: store.Key(fmt.Sprintf("room-%02d", i%rooms), time.UnixMilli(int64(i)), i)})
			nonces = append(nonces, store.Op{Bucket: "bench.nonce", Key: store.Key(fmt.Sprintf("01J%023d", i%500), nonce[:]), Value: store.Key(i)})
		}
		for _, ops := range [][]store.Op{log, history, nonces} {
			if err := kv.Apply(b.Context(), store.Batch{Ops: ops}); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// floor is how often 4 KiB can be overwritten and synced in a second.
func floor(b *testing.B, dir string) float64 {
	b.Helper()
	f, err := os.Create(filepath.Join(dir, "floor"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	for range 256 {
		if _, err := f.Write(page); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	const n = 1500
	start := time.Now()
	for i := range n {
		if _, err := f.WriteAt(page, int64(i%256)*4096); err != nil {
			b.Fatal(err)
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			b.Fatal(err)
		}
	}
	return n / time.Since(start).Seconds()
}
