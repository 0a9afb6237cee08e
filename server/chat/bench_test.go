package chat_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/id"
	"watchroom/store"
	"watchroom/store/blob"
	"watchroom/store/boltkv"
)

const line = "disk full on db1: 97 % of /var/lib is used, and the retention job has not run since yesterday"

// BenchmarkPost is the whole use case on a file: member, nonce, index and record. F is how many posts are made for one
// overwrite of 4 KiB with fdatasync on the same disk.
func BenchmarkPost(b *testing.B) {
	for _, senders := range []int{1, 256} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) {
			s, who, room := benchmarkWorld(b)
			f := floor(b)
			var n atomic.Int64
			post := func() bool {
				i := n.Add(1)
				in := chat.PostIn{Room: room, Text: line, Nonce: fmt.Sprintf("nonce-%d", i)}
				_, err := s.Post(b.Context(), who[i%int64(len(who))], in)
				if err != nil {
					b.Error(err)
				}
				return err == nil
			}
			b.ResetTimer()
			if senders == 1 {
				for range b.N {
					post()
				}
			} else {
				b.SetParallelism(senders / runtime.GOMAXPROCS(0))
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() && post() {
					}
				})
			}
			rate := float64(b.N) / b.Elapsed().Seconds()
			b.ReportMetric(rate, "posts/s")
			b.ReportMetric(rate/f, "F")
		})
	}
}

// BenchmarkHistory is a page of 50.
func BenchmarkHistory(b *testing.B) {
	s, who, room := benchmarkWorld(b)
	var last uint64
	for i := range 2000 {
		m, err := s.Post(b.Context(), who[0], chat.PostIn{Room: room, Text: fmt.Sprintf("message %d with some words", i)})
		if err != nil {
			b.Fatal(err)
		}
		last = m.ID
	}
	for b.Loop() {
		if p, err := s.History(b.Context(), who[0], room, chat.PageIn{Before: last / 2}); err != nil || len(p.Messages) != 50 {
			b.Fatal(err)
		}
	}
}

func benchmarkWorld(b *testing.B) (*chat.Service, []account.Actor, id.Room) {
	b.Helper()
	kv, err := boltkv.Open(filepath.Join(b.TempDir(), "bench.db"))
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	st, err := store.New(ctx, kv, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- st.Run(ctx) }()
	b.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			b.Error(err)
		}
		if err := kv.Close(); err != nil {
			b.Error(err)
		}
	})
	people := account.New(st, account.Options{Cost: &account.Argon{Memory: 8, Time: 1, Threads: 1}})
	s := chat.New(st, people, nil, blob.NewMem(), chat.Options{})
	var who []account.Actor
	var members []id.Person
	for i := range 100 {
		p, _, err := people.Add(ctx, account.System(), account.AddIn{Handle: fmt.Sprintf("p%d", i)})
		if err != nil {
			b.Fatal(err)
		}
		who, members = append(who, account.Actor{Person: p.ID, Role: account.Member}), append(members, p.ID)
	}
	r, err := s.CreateRoom(ctx, who[0], chat.RoomIn{Kind: chat.Public, Name: "bench", People: members[1:]})
	if err != nil {
		b.Fatal(err)
	}
	return s, who, r.ID
}

// floor is how often 4 KiB can be overwritten and synced in a second.
func floor(b *testing.B) float64 {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "floor"))
	if err != nil {
		b.Fatal(err)
	}
	page := make([]byte, 4096)
	const n = 300
	start := time.Now()
	for range n {
		if _, err := f.WriteAt(page, 0); err != nil {
			b.Fatal(err)
		}
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			b.Fatal(err)
		}
	}
	took := time.Since(start).Seconds()
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return n / took
}
