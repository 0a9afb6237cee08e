package hub_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watchroom/server/account"
	"watchroom/server/hub"
	"watchroom/server/id"
	"watchroom/store"
)

const (
	members = 1000
	payload = 300 // bytes of a message, about
)

// crowd is the members' ends of many loopback connections, with what they received.
type crowd struct {
	server []net.Conn
	client []net.Conn
	done   sync.WaitGroup

	counts [1 << 16]atomic.Int32 // of each Seq, how many received it
	last   [1 << 16]atomic.Int64 // when the last one did
	full   chan store.Seq        // of each Seq that all received
}

func newCrowd(b *testing.B) *crowd {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer ln.Close()
	c := &crowd{full: make(chan store.Seq, 1<<16)}
	for range members {
		out, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		in, err := ln.Accept()
		if err != nil {
			b.Fatal(err)
		}
		c.server, c.client = append(c.server, in), append(c.client, out)
		c.done.Go(func() { c.read(out) })
	}
	b.Cleanup(func() {
		for i := range c.client {
			_ = c.client[i].Close()
			_ = c.server[i].Close()
		}
		c.done.Wait()
	})
	return c
}

// read counts events; the Seq stands at a fixed place of their frames.
func (c *crowd) read(conn net.Conn) {
	r := bufio.NewReaderSize(conn, 16<<10)
	prefix := []byte(`{"t":"event","seq":`)
	var body [1 << 16]byte
	for {
		var head [2]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return
		}
		n := int(head[1])
		if n == 126 {
			var long [2]byte
			if _, err := io.ReadFull(r, long[:]); err != nil {
				return
			}
			n = int(binary.BigEndian.Uint16(long[:]))
		}
		if _, err := io.ReadFull(r, body[:n]); err != nil {
			return
		}
		if !strings.HasPrefix(string(body[:len(prefix)]), string(prefix)) {
			continue
		}
		seq := 0
		for _, d := range body[len(prefix):n] {
			if d < '0' || d > '9' {
				break
			}
			seq = seq*10 + int(d-'0')
		}
		slot := seq % len(c.counts)
		if c.counts[slot].Add(1) == members {
			c.counts[slot].Store(0)
			c.last[slot].Store(time.Now().UnixNano())
			c.full <- store.Seq(seq)
		}
	}
}

// pace sends at a rhythm and returns the time from each send to the last member.
func (c *crowd) pace(posts int, every time.Duration, send func() store.Seq) (p50, p99 time.Duration) {
	var took []time.Duration
	for range posts {
		start := time.Now()
		seq := send()
		for <-c.full != seq {
		}
		took = append(took, time.Duration(c.last[int(seq)%len(c.last)].Load()-start.UnixNano()))
		time.Sleep(max(0, every-time.Since(start)))
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*99/100]
}

// flood sends with so many in flight and returns deliveries per second.
func (c *crowd) flood(posts, flight int, send func() store.Seq) float64 {
	start := time.Now()
	going := 0
	for range posts {
		if going == flight {
			<-c.full
			going--
		}
		send()
		going++
	}
	for ; going > 0; going-- {
		<-c.full
	}
	return float64(posts*members) / time.Since(start).Seconds()
}

func bare(seq store.Seq) []byte {
	data := fmt.Sprintf(`{"t":"event","seq":%d,"body":"%s"}`, seq, strings.Repeat("x", payload))
	return append([]byte{0x81, 126, byte(len(data) >> 8), byte(len(data))}, data...)
}

// raw is the floor: one write() of the same bytes to every socket, one after the other.
func (c *crowd) raw(b *testing.B) func() store.Seq {
	seq := store.Seq(0)
	var sockets []hub.TryWriter
	for _, conn := range c.server {
		sockets = append(sockets, hub.Conn(conn).(hub.TryWriter))
	}
	return func() store.Seq {
		seq++
		frame := bare(seq)
		for _, s := range sockets {
			for {
				n, err := s.TryWrite(frame)
				if err != nil {
					b.Fatal(err)
				}
				if n == len(frame) {
					break
				}
				runtime.Gosched()
			}
		}
		return seq
	}
}

// BenchmarkFanOut prints how a post to 1,000 members compares with R, the floor that it measures in the same run.
func BenchmarkFanOut(b *testing.B) {
	for range b.N {
		c := newCrowd(b)
		raw := c.raw(b)
		floor := c
		c = newCrowd(b)
		w := newWorld(b, hub.Options{PerSession: members})
		w.person(account.Person{ID: "ann", Role: account.Member}, "person.created")
		var serving sync.WaitGroup
		ctx, cancel := context.WithCancel(b.Context())
		before := memory()
		for i := range members {
			who := id.Person(fmt.Sprint("p", i))
			w.person(account.Person{ID: who, Role: account.Member}, "person.created")
			w.join("ops", who)
			s, err := w.hub.Open(ctx, hub.Opening{Who: account.Actor{Person: who}, Socket: hub.Conn(c.server[i])})
			if err != nil {
				b.Fatal(err)
			}
			serving.Go(func() { _ = s.Serve() })
			s.Receive(body(hello{T: "hello", Device: "d", Epoch: w.store.Epoch(), Since: w.store.Head()}))
		}
		each := (memory() - before) / members
		text := body(map[string]string{"text": strings.Repeat("x", payload)})
		post := func() (seq store.Seq) {
			return w.emit(store.Event{Kind: "message.posted", Room: "ops", Body: text})
		}
		var raw50, raw99, hub50, hub99 []time.Duration
		for range 5 { // interleaved, because the machine is shared
			a, z := floor.pace(40, 50*time.Millisecond, raw)
			raw50, raw99 = append(raw50, a), append(raw99, z)
			a, z = c.pace(40, 50*time.Millisecond, post)
			hub50, hub99 = append(hub50, a), append(hub99, z)
		}
		rawRate := floor.flood(500, 1, raw)
		hubRate := c.flood(5000, 32, post)
		cancel()
		serving.Wait()
		w.close()
		b.ReportMetric(median(raw50).Seconds()*1000, "R-p50-ms")
		b.ReportMetric(median(raw99).Seconds()*1000, "R-p99-ms")
		b.ReportMetric(float64(median(hub50))/float64(median(raw50)), "p50/R")
		b.ReportMetric(float64(median(hub99))/float64(median(raw99)), "p99/R")
		b.ReportMetric(rawRate, "R-deliveries/s")
		b.ReportMetric(hubRate/rawRate, "deliveries/R")
		b.ReportMetric(float64(each), "B/conn")
	}
}

func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
