package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/store"
	"watchroom/store/boltkv"
	"watchroom/store/search"
)

// program is the real binary on a data directory of its own, which outlives the process.
type program struct {
	t      *testing.T
	binary string
	data   string
	addr   string
	cmd    *exec.Cmd
	log    bytes.Buffer
}

func newProgram(t *testing.T) *program {
	t.Helper()
	dir, err := os.MkdirTemp("", "wr") // short: a unix socket's path has at most 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &program{t: t, binary: filepath.Join(dir, "watchroom"), data: filepath.Join(dir, "data"), addr: freeAddr(t)}
	if out, err := exec.Command("go", "build", "-o", p.binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	t.Cleanup(func() { p.kill() })
	return p
}

func freeAddr(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// start runs the program and returns once it is ready.
func (p *program) start() *client {
	p.t.Helper()
	p.log.Reset()
	p.cmd = exec.Command(p.binary, "serve", "--listen", p.addr, "--data", p.data)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	op := operatorAt(p.data)
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for {
		select {
		case <-poll.C:
			if op.call(p.t.Context(), "GET", "/version", nil, nil) == nil {
				return op
			}
		case <-deadline.C:
			p.kill()
			p.t.Fatalf("not ready after a minute:\n%s", p.log.String())
		}
	}
}

// kill ends the program as a power cut would, as far as the process is concerned.
func (p *program) kill() {
	if p.cmd == nil || p.cmd.Process == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGKILL) // it may be dead already
	_ = p.cmd.Wait()
	p.cmd = nil
}

// ledger is what the program acknowledged, and what it was asked.
type ledger struct {
	mu    sync.Mutex
	acked map[string]uint64 // nonce → Seq
	asked map[string]bool
	keys  map[string]bool // alert keys that were acknowledged
}

// cycles is how often the program is killed: few in the ordinary run, WATCHROOM_CRASH_CYCLES in the full one.
func cycles(t *testing.T) int {
	n, err := strconv.Atoi(or(os.Getenv("WATCHROOM_CRASH_CYCLES"), "12"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Whatever was answered before a kill -9 is there afterwards, once and in order; what was not answered can be sent again
// without doubling; and the index comes to hold exactly what the store holds.
func TestCrash(t *testing.T) {
	p := newProgram(t)
	op := p.start()
	ctx := t.Context()
	var room chat.Room
	if err := op.call(ctx, "POST", "/rooms", map[string]string{"kind": "public", "name": "crash"}, &room); err != nil {
		t.Fatal(err)
	}
	var made keyed
	if err := op.call(ctx, "POST", "/integrations", incident.IntegrationIn{Kind: incident.KindJSON, Name: "crash", Room: room.ID}, &made); err != nil {
		t.Fatal(err)
	}
	l := &ledger{acked: map[string]uint64{}, asked: map[string]bool{}, keys: map[string]bool{}}
	n := cycles(t)
	begin := time.Now()
	for i := range n {
		l.load(ctx, p, op, room.ID, made.Key, i)
		op = p.start()
		l.again(t, op, room.ID)
	}
	l.check(t, op, room.ID)
	index(t, p)
	t.Logf("%d kills in %s: %d messages and %d alerts acknowledged; 0 lost, 0 doubled, 0 out of order", n, time.Since(begin).Round(time.Second), len(l.acked), len(l.keys))
}

// load posts from several senders until the program is killed in the middle of it.
func (l *ledger) load(ctx context.Context, p *program, op *client, room id.Room, key string, cycle int) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var senders sync.WaitGroup
	for s := range 8 {
		senders.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				nonce := fmt.Sprintf("c%d-s%d-%d", cycle, s, i)
				l.ask(nonce)
				var m chat.Message
				if op.call(ctx, "POST", "/rooms/"+string(room)+"/messages", body(nonce), &m) == nil {
					l.ack(nonce, m.ID)
				}
			}
		})
	}
	senders.Go(func() {
		for i := 0; ctx.Err() == nil && i < 3; i++ {
			k := fmt.Sprintf("alert-%d-%d", cycle, i)
			alert := map[string]string{"title": "low " + k, "key": k, "status": "firing", "severity": "low"}
			if raise(ctx, p.addr, key, alert) == nil {
				l.mu.Lock()
				l.keys[k] = true
				l.mu.Unlock()
			}
		}
	})
	time.Sleep(time.Duration(20+rand.IntN(380)) * time.Millisecond) // the moment of the kill is what is random here
	p.kill()
	stop()
	senders.Wait()
}

func raise(ctx context.Context, addr, key string, alert map[string]string) error {
	b, err := json.Marshal(alert)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, "POST", "http://"+addr+"/in/json/"+key, bytes.NewReader(b))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}

func body(nonce string) map[string]string {
	return map[string]string{"text": "written before the lights went out, token " + nonce, "nonce": nonce}
}

func (l *ledger) ask(nonce string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked[nonce] = true
}

func (l *ledger) ack(nonce string, seq uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acked[nonce] = seq
}

// again sends what was never answered once more with the same nonce, as a client does.
func (l *ledger) again(t *testing.T, op *client, room id.Room) {
	t.Helper()
	for nonce := range l.asked {
		if _, ok := l.acked[nonce]; ok {
			delete(l.asked, nonce)
			continue
		}
		var m chat.Message
		if err := op.call(t.Context(), "POST", "/rooms/"+string(room)+"/messages", body(nonce), &m); err != nil {
			t.Fatalf("send again: %v", err)
		}
		l.ack(nonce, m.ID)
		delete(l.asked, nonce)
	}
}

// check reads the whole room back and compares.
func (l *ledger) check(t *testing.T, op *client, room id.Room) {
	t.Helper()
	seen := map[string]bool{}
	last, ordinal := uint64(1<<62), uint64(0)
	for before := uint64(0); ; {
		var page chat.HistoryPage
		if err := op.call(t.Context(), "GET", fmt.Sprintf("/rooms/%s/messages?limit=100&before=%d", room, before), nil, &page); err != nil {
			t.Fatal(err)
		}
		for i := len(page.Messages) - 1; i >= 0; i-- {
			m := page.Messages[i]
			if m.ID >= last {
				t.Fatalf("message %d comes after %d", m.ID, last)
			}
			if ordinal != 0 && m.Ordinal != ordinal-1 {
				t.Fatalf("ordinal %d before %d: a gap", m.Ordinal, ordinal)
			}
			last, ordinal = m.ID, m.Ordinal
			if m.Author == account.SystemPerson && m.Nonce == "" {
				continue
			}
			if want, ok := l.acked[m.Nonce]; m.Nonce != "" && ok {
				if seen[m.Nonce] {
					t.Errorf("%s is there twice", m.Nonce)
				}
				if want != m.ID {
					t.Errorf("%s was acknowledged as %d and is %d", m.Nonce, want, m.ID)
				}
				seen[m.Nonce] = true
			}
		}
		if !page.Older || len(page.Messages) == 0 {
			break
		}
		before = page.Messages[0].ID
	}
	for nonce := range l.acked {
		if !seen[nonce] {
			t.Errorf("%s was acknowledged and is lost", nonce)
		}
	}
	l.checkAlerts(t, op)
}

func (l *ledger) checkAlerts(t *testing.T, op *client) {
	t.Helper()
	found := map[string]int{}
	for before := id.Incident(0); ; {
		var list []incident.Incident
		if err := op.call(t.Context(), "GET", fmt.Sprintf("/incidents?limit=200&before=%d", before), nil, &list); err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			break
		}
		for _, i := range list {
			found[i.Title]++
			before = i.ID
		}
	}
	for k := range l.keys {
		if got := found["low "+k]; got != 1 {
			t.Errorf("alert %s was acknowledged and has %d incidents, want 1", k, got)
		}
	}
}

// index compares the search index with the log, once the follower has caught up and the program has stopped.
func index(t *testing.T, p *program) {
	t.Helper()
	op := operatorAt(p.data)
	wait := time.NewTicker(20 * time.Millisecond)
	defer wait.Stop()
	for deadline := time.Now().Add(2 * time.Minute); ; <-wait.C {
		var out chat.SearchOut
		if err := op.call(t.Context(), "GET", "/search?q=lights&limit=1", nil, &out); err != nil {
			t.Fatal(err)
		}
		if !out.Partial {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the index did not catch up within two minutes")
		}
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Fatalf("graceful stop: %v\n%s", err, p.log.String())
	}
	p.cmd = nil
	epoch, want := stored(t, filepath.Join(p.data, "watchroom.db"))
	x, err := search.Open(filepath.Join(p.data, "index"), search.Options{Epoch: epoch})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	got, err := x.Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("the index holds %d messages, the store %d", got, want)
	}
}

// stored counts the messages in the log of a store that nobody has open.
func stored(t *testing.T, path string) (epoch string, messages uint64) {
	t.Helper()
	kv, err := boltkv.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer kv.Close()
	st, err := store.New(t.Context(), kv, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for after := store.Seq(0); ; {
		events, err := st.Events(t.Context(), after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			return st.Epoch(), messages
		}
		for _, e := range events {
			if e.Seq != after+1 {
				t.Errorf("event %d follows %d: a gap", e.Seq, after)
			}
			after = e.Seq
			if e.Kind == chat.EventPosted {
				messages++
			}
		}
	}
}
