package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/id"
)

type benchCmd struct {
	URL     string        `help:"The running server; its data directory is --data." default:"http://127.0.0.1:8080"`
	For     time.Duration `help:"How long each load lasts." default:"5s"`
	Members int           `help:"Members of the large room." default:"1000"`
	Rounds  int           `help:"Interleaved repetitions; medians are printed." default:"3"`
	Only    []string      `help:"Only these parts." enum:"posts,fanout,history,search" default:"posts,fanout,history,search"`
}

// bench is one run: accounts on a running server, and the rows that it prints.
type bench struct {
	benchCmd
	op     *client
	data   string
	rows   []row
	filled []id.Room // rooms that the loads wrote to
	behind int       // messages that the search index had still to read after a load, at most
	caught time.Duration
}

// row is one line of the table.
type row struct {
	what, value, p50, p99, floor, ratio, target string
}

// Run drives the server with its own accounts in a room of their own, and prints the table.
func (b benchCmd) Run(ctx context.Context, c *cli) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	op, err := operator(c)
	if err != nil {
		return err
	}
	run := &bench{benchCmd: b, op: op, data: cfg.Data}
	for _, part := range []struct {
		name string
		step func(context.Context) error
	}{{"posts", run.posts}, {"fanout", run.fanOut}, {"history", run.history}, {"search", run.search}} {
		if !slices.Contains(b.Only, part.name) {
			continue
		}
		if err := part.step(ctx); err != nil {
			return err
		}
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "QUANTITY\tVALUE\tP50\tP99\tFLOOR\tRATIO\tTARGET")
	for _, r := range run.rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.what, r.value, r.p50, r.p99, r.floor, r.ratio, r.target)
	}
	fmt.Fprintf(w, "\nThis process had %d core(s); every load ran %d times for %s after a second of warming up.\n", runtime.NumCPU(), b.Rounds, b.For)
	if run.behind > 0 {
		fmt.Fprintf(w, "After a load of posts the search index was at most %d messages behind, and had caught up %s later.\n", run.behind, run.caught.Round(time.Millisecond))
	}
	return w.Flush()
}

// team makes a room with n members of its own and opens their sockets.
func (b *bench) team(ctx context.Context, name string, n int) (id.Room, []*benchMember, error) {
	var room chat.Room
	name = fmt.Sprintf("bench-%s-%06d", name, rand.IntN(1_000_000))
	if err := b.op.call(ctx, "POST", "/rooms", map[string]string{"kind": "private", "name": name}, &room); err != nil {
		return "", nil, err
	}
	members := make([]*benchMember, n)
	people := make([]id.Person, n)
	for i := range members {
		m, err := b.member(ctx, fmt.Sprintf("%s-%d", name, i))
		if err != nil {
			return "", nil, err
		}
		members[i], people[i] = m, m.person
	}
	for at := 0; at < n; at += 200 {
		if err := b.op.call(ctx, "POST", "/rooms/"+string(room.ID)+"/members", map[string]any{"people": people[at:min(n, at+200)]}, nil); err != nil {
			return "", nil, err
		}
	}
	b.filled = append(b.filled, room.ID)
	for _, m := range members {
		if err := m.connect(b.URL); err != nil {
			return "", nil, err
		}
		m.room = room.ID
		go m.listen()
	}
	return room.ID, members, nil
}

// benchMember is one bot account with an open socket.
type benchMember struct {
	person id.Person
	room   id.Room
	token  string
	sock   *socket
	writes sync.Mutex                               // the load and the reader's pongs
	got    atomic.Pointer[func(kind, nonce string)] // called for every event and ok frame by the reader
}

func (b *bench) member(ctx context.Context, handle string) (*benchMember, error) {
	var added struct {
		Person account.Person `json:"person"`
	}
	if err := b.op.call(ctx, "POST", "/people", account.AddIn{Handle: handle, Name: handle, Role: account.Member, Bot: true}, &added); err != nil {
		return nil, err
	}
	var made struct {
		Secret string `json:"secret"`
	}
	if err := b.op.call(ctx, "POST", "/tokens", account.TokenIn{Name: "bench", Person: added.Person.ID, Days: 1}, &made); err != nil {
		return nil, err
	}
	return &benchMember{person: added.Person.ID, token: made.Secret}, nil
}

func (m *benchMember) connect(base string) (err error) {
	if m.sock, err = dialSocket(base, m.token); err != nil {
		return err
	}
	if err := m.sock.write(map[string]any{"t": "hello", "device": "bench", "tab": "bench", "agent": "bench"}); err != nil {
		return err
	}
	_, err = m.sock.read()
	return err
}

func (m *benchMember) write(v any) error {
	m.writes.Lock()
	defer m.writes.Unlock()
	return m.sock.write(v)
}

// listen reads until the socket closes and answers pings, so that the server keeps the socket.
func (m *benchMember) listen() {
	for {
		b, err := m.sock.read()
		if err != nil {
			return
		}
		kind := field(b, `{"t":"`)
		if kind == "ping" {
			if m.write(map[string]any{"t": "pong", "at": 0}) != nil {
				return
			}
			continue
		}
		got := m.got.Load()
		if got == nil {
			continue
		}
		switch kind {
		case "event", "ok":
			(*got)(kind, field(b, `"nonce":"`))
		case "error":
			(*got)(kind, string(b))
		}
	}
}

// field cuts a string that needs no unescaping out of a frame, without decoding the whole.
func field(b []byte, name string) string {
	_, rest, found := bytes.Cut(b, []byte(name))
	if !found {
		return ""
	}
	value, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(value)
}

func shut(members []*benchMember) {
	for _, m := range members {
		m.sock.conn.Close()
	}
}

const benchText = "api-7f9c prod-eu-1 upstream timed out after 3000 ms while reading response header, request 0f9d2c7b31e2, ERR_CONN_RESET from 10.0.3.17:8443; retried twice and gave up, see /var/log/nginx/error.log for the whole story"

func post(room id.Room, nonce string) map[string]any {
	return map[string]any{"t": "post", "nonce": nonce, "room": room, "text": benchText}
}

// posts measures durable posts a second through sockets: each client keeps window posts unanswered. Many clients are
// spread over rooms of eight, so that it is posting that is measured and not what everybody's posts cost to everybody.
func (b *bench) posts(ctx context.Context) error {
	for _, load := range []struct {
		clients, rooms, window int
		target                 string
	}{{1, 1, 1, "≥ .18F"}, {10, 1, 8, "p99 ≤ 15 ms"}, {10, 1, 64, "≥ 1F"}, {256, 32, 1, "≥ 1F"}} {
		var members []*benchMember
		for range load.rooms {
			_, some, err := b.team(ctx, "posts", load.clients/load.rooms)
			if err != nil {
				return err
			}
			members = append(members, some...)
		}
		if _, _, err := pump(ctx, time.Second, members, load.window); err != nil {
			return err
		}
		var all times
		var rates, floors []float64
		for range b.Rounds {
			if err := b.quiet(ctx); err != nil {
				return err
			}
			floor, _, err := diskFloor(b.data, time.Second)
			if err != nil {
				return err
			}
			rate, each, err := pump(ctx, b.For, members, load.window)
			if err != nil {
				return err
			}
			all, rates, floors = append(all, each...), append(rates, rate), append(floors, floor)
		}
		shut(members)
		rate, floor := median(rates), median(floors)
		b.rows = append(b.rows, row{fmt.Sprintf("durable posts/s, %d client(s) in %d room(s), %d in flight each", load.clients, load.rooms, load.window),
			fmt.Sprintf("%.0f", rate), ms(all.at(.5)), ms(all.at(.99)), fmt.Sprintf("F %.0f/s", floor), fmt.Sprintf("%.2fF", rate/floor), load.target})
	}
	return nil
}

// quiet waits until the search index has read all that was posted: what it still writes would lower the disk's floor.
func (b *bench) quiet(ctx context.Context) error {
	begin := time.Now()
	for first := true; ; first = false {
		lag, err := b.op.figure(ctx, "watchroom_index_lag")
		if err != nil {
			return err
		}
		if first {
			b.behind = max(b.behind, int(lag))
		}
		if lag == 0 || time.Since(begin) > lost {
			b.caught = max(b.caught, time.Since(begin))
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// pump posts for a while, and returns the rate and how long each post took to be answered. It returns when all are.
func pump(ctx context.Context, length time.Duration, members []*benchMember, window int) (float64, times, error) {
	posting, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	loads := make([]*load, len(members))
	failed := make(chan error, len(members))
	var wg sync.WaitGroup
	begin := time.Now()
	for i, m := range members {
		loads[i] = &load{sent: map[string]time.Time{}, slots: make(chan struct{}, window)}
		got := loads[i].got
		m.got.Store(&got)
		wg.Go(func() {
			if err := loads[i].run(posting, m, fmt.Sprintf("%d-%d", begin.UnixNano(), i)); err != nil {
				failed <- err
				cancel()
			}
		})
	}
	wg.Wait()
	took := time.Since(begin)
	var all times
	for _, l := range loads {
		all = append(all, l.took...)
	}
	select {
	case err := <-failed:
		return 0, nil, err
	default:
	}
	if len(all) == 0 {
		return 0, nil, errors.New("no post was answered")
	}
	return float64(len(all)) / took.Seconds(), all, ctx.Err()
}

// load is what one client has in flight.
type load struct {
	slots chan struct{}

	mu     sync.Mutex
	sent   map[string]time.Time
	took   times
	failed error
}

func (l *load) got(kind, nonce string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, mine := l.sent[nonce]
	switch {
	case kind == "error":
		l.failed = fmt.Errorf("the server refused a post: %s", nonce)
	case kind != "ok" || !mine:
		return
	default:
		delete(l.sent, nonce)
		l.took = append(l.took, time.Since(at))
	}
	<-l.slots
}

func (l *load) run(ctx context.Context, m *benchMember, name string) error {
	for n := 0; ctx.Err() == nil; n++ {
		select {
		case l.slots <- struct{}{}:
		case <-time.After(lost):
			return errors.New("a post was not answered")
		}
		nonce := fmt.Sprintf("%s-%d", name, n)
		l.mu.Lock()
		l.sent[nonce] = time.Now()
		err := l.failed
		l.mu.Unlock()
		if err == nil {
			err = m.write(post(m.room, nonce))
		}
		if err != nil {
			return err
		}
	}
	for range cap(l.slots) { // all that is in flight
		select {
		case l.slots <- struct{}{}:
		case <-time.After(lost):
			return errors.New("a post was not answered")
		}
	}
	return nil
}

func median(v []float64) float64 {
	t := make(times, len(v))
	for i, f := range v {
		t[i] = time.Duration(f * 1000)
	}
	return float64(t.at(.5)) / 1000
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }

// frameSize is about what a posted message costs on the wire.
func frameSize(room id.Room) int {
	b, _ := json.Marshal(post(room, strings.Repeat("n", 24))) // strings marshal
	return len(b) + 220
}
