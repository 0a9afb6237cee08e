package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
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
}

// bench is one run: accounts on a running server, and the rows that it prints.
type bench struct {
	benchCmd
	op     *client
	data   string
	rows   []row
	filled []id.Room // rooms that the loads wrote to
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
	for _, step := range []func(context.Context) error{run.posts, run.fanOut, run.history, run.search} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "QUANTITY\tVALUE\tP50\tP99\tFLOOR\tRATIO\tTARGET")
	for _, r := range run.rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.what, r.value, r.p50, r.p99, r.floor, r.ratio, r.target)
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
	}
	return room.ID, members, nil
}

// benchMember is one bot account with an open socket.
type benchMember struct {
	person id.Person
	token  string
	sock   *socket
	got    func(kind string, nonce string) // called for every message.posted and ok frame by the reader
	done   chan struct{}
	err    error
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
	return &benchMember{person: added.Person.ID, token: made.Secret, done: make(chan struct{}), got: func(string, string) {}}, nil
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

// listen reads until the socket closes and answers pings, so that the server keeps the socket.
func (m *benchMember) listen() {
	defer close(m.done)
	for {
		b, err := m.sock.read()
		if err != nil {
			m.err = err
			return
		}
		switch text := string(b[:min(len(b), 24)]); {
		case strings.Contains(text, `"ping"`):
			if m.err = m.sock.write(map[string]any{"t": "pong", "at": 0}); m.err != nil {
				return
			}
		case strings.Contains(text, `"event"`):
			m.got("event", field(b, `"nonce":"`))
		case strings.Contains(text, `"ok"`):
			m.got("ok", field(b, `"nonce":"`))
		case strings.Contains(text, `"error"`):
			m.got("error", string(b))
		}
	}
}

// field cuts a string that needs no unescaping out of a frame, without decoding the whole.
func field(b []byte, name string) string {
	_, rest, found := strings.Cut(string(b), name)
	if !found {
		return ""
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
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

// posts measures durable posts a second through sockets: each client keeps window posts unanswered.
func (b *bench) posts(ctx context.Context) error {
	for _, load := range []struct {
		clients, window int
		target          string
	}{{1, 1, "≥ .18F"}, {10, 64, "≥ 1F, p99 ≤ 15 ms"}, {256, 1, "≥ 1F"}} {
		room, members, err := b.team(ctx, "posts", load.clients)
		if err != nil {
			return err
		}
		var all times
		var rates, floors []float64
		for range b.Rounds {
			floor, _, err := diskFloor(b.data, time.Second)
			if err != nil {
				return err
			}
			if len(rates) == 0 {
				for _, m := range members {
					go m.listen()
				}
			}
			rate, each, err := b.pump(ctx, room, members, load.window)
			if err != nil {
				return err
			}
			all, rates, floors = append(all, each...), append(rates, rate), append(floors, floor)
		}
		shut(members)
		rate, floor := median(rates), median(floors)
		b.rows = append(b.rows, row{fmt.Sprintf("durable posts/s, %d client(s), %d in flight each", load.clients, load.window), fmt.Sprintf("%.0f", rate),
			ms(all.at(.5)), ms(all.at(.99)), fmt.Sprintf("F %.0f/s", floor), fmt.Sprintf("%.2fF", rate/floor), load.target})
	}
	return nil
}

// pump posts for the run's length, and returns the rate and how long each post took to be answered.
func (b *bench) pump(ctx context.Context, room id.Room, members []*benchMember, window int) (float64, times, error) {
	ctx, cancel := context.WithTimeout(ctx, b.For)
	defer cancel()
	var all times
	var mu sync.Mutex
	var failed atomic.Pointer[string]
	var wg sync.WaitGroup
	begin := time.Now()
	for i, m := range members {
		sent := map[string]time.Time{}
		var own sync.Mutex
		slots := make(chan struct{}, window)
		m.got = func(kind, nonce string) {
			if kind == "error" {
				failed.Store(&nonce)
				cancel()
				return
			}
			if kind != "ok" {
				return
			}
			own.Lock()
			at, mine := sent[nonce]
			delete(sent, nonce)
			own.Unlock()
			if mine {
				mu.Lock()
				all = append(all, time.Since(at))
				mu.Unlock()
				<-slots
			}
		}
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case slots <- struct{}{}:
				case <-ctx.Done():
					return
				}
				nonce := fmt.Sprintf("%d-%d-%d", begin.UnixNano(), i, n)
				own.Lock()
				sent[nonce] = time.Now()
				own.Unlock()
				if err := m.sock.write(post(room, nonce)); err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(begin)
	if f := failed.Load(); f != nil {
		return 0, nil, fmt.Errorf("the server refused a post: %s", *f)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(all) == 0 {
		return 0, nil, errors.New("no post was answered")
	}
	return float64(len(all)) / took.Seconds(), all, nil
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
