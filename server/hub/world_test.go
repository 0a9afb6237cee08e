package hub_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/hub"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/server/wire"
	"watchroom/store"
	"watchroom/store/memkv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// world is a store with people and rooms, and a hub that can be started anew.
type world struct {
	t     fataler
	store *store.Store
	hub   *hub.Hub
	o     hub.Options
	calls []string // what reached the handler
	mu    sync.Mutex

	stopStore, stopHub func()
}

func newWorld(t fataler, o hub.Options) *world {
	w := &world{t: t}
	ctx, cancel := context.WithCancel(context.Background())
	st, err := store.New(ctx, memkv.New(), store.Options{})
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	w.store = st
	done := make(chan error, 1)
	go func() { done <- st.Run(ctx) }()
	w.stopStore = func() {
		cancel()
		if err := <-done; err != nil && ctx.Err() == nil {
			t.Fatalf("the store stopped: %v", err)
		}
	}
	o.People, o.Rooms = people, rooms
	o.Snapshot = func(context.Context, account.Actor) (wire.Snapshot, error) {
		return wire.Snapshot{Settings: account.Settings{TeamName: "ops"}}, nil
	}
	o.Handler = w.handler()
	o.Version = "test"
	w.o = o
	w.start()
	return w
}

func (w *world) start() {
	w.hub = hub.New(w.store, w.o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.hub.Run(ctx) }()
	w.stopHub = func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Fatalf("the hub stopped: %v", err)
		}
	}
}

func (w *world) close() {
	w.stopHub()
	w.stopStore()
}

func people(tx *store.Tx) (list []account.Person) {
	for _, v := range tx.Scan("people", store.Range{}) {
		var p account.Person
		if json.Unmarshal(v, &p) == nil {
			list = append(list, p)
		}
	}
	return list
}

func rooms(tx *store.Tx, who id.Person) (list []id.Room) {
	prefix := string(who) + "/"
	for k := range tx.Scan("members", store.Prefix([]byte(prefix))) {
		list = append(list, id.Room(strings.TrimPrefix(string(k), prefix)))
	}
	return list
}

func body(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func (w *world) update(fn func(tx *store.Tx)) {
	w.t.Helper()
	err := w.store.Update(context.Background(), func(tx *store.Tx) error {
		fn(tx)
		return nil
	})
	if err != nil {
		w.t.Fatalf("update: %v", err)
	}
}

func (w *world) emit(e store.Event) (seq store.Seq) {
	w.t.Helper()
	if e.Body == nil {
		e.Body = []byte("{}")
	}
	w.update(func(tx *store.Tx) { seq = tx.Emit(e) })
	return seq
}

// person makes somebody, or makes them somebody else.
func (w *world) person(p account.Person, kind string) (seq store.Seq) {
	w.t.Helper()
	w.update(func(tx *store.Tx) {
		tx.Put("people", []byte(p.ID), body(p))
		seq = tx.Emit(store.Event{Kind: kind, To: []string{"*", string(p.ID)}, Body: body(account.PersonChanged{Person: p})})
	})
	return seq
}

func (w *world) join(room id.Room, who id.Person) (seq store.Seq) {
	w.t.Helper()
	w.update(func(tx *store.Tx) {
		tx.Put("members", []byte(string(who)+"/"+string(room)), nil)
		seq = tx.Emit(store.Event{Kind: "room.joined", Room: string(room), Body: body(chat.Joined{Room: chat.Room{ID: room}, Person: who})})
	})
	return seq
}

func (w *world) leave(room id.Room, who id.Person) (seq store.Seq) {
	w.t.Helper()
	w.update(func(tx *store.Tx) {
		tx.Delete("members", []byte(string(who)+"/"+string(room)))
		seq = tx.Emit(store.Event{Kind: "room.left", Room: string(room), Body: body(chat.Left{Room: room, Person: who})})
	})
	return seq
}

func (w *world) post(room id.Room, text string) (seq store.Seq) {
	w.t.Helper()
	return w.emit(store.Event{Kind: "message.posted", Room: string(room), Body: body(chat.Posted{Message: chat.Message{Room: room, Text: text}})})
}

func (w *world) edit(room id.Room, message store.Seq, text string) (seq store.Seq) {
	w.t.Helper()
	w.update(func(tx *store.Tx) {
		tx.Rewrite(message, body(chat.Posted{Message: chat.Message{Room: room, Text: text}}))
		seq = tx.Emit(store.Event{Kind: "message.edited", Room: string(room), Body: body(chat.Edited{Message: uint64(message), Room: room, Text: text})})
	})
	return seq
}

func (w *world) called(what string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, fmt.Sprintf(what, args...))
}

func (w *world) handler() hub.Handler {
	return hub.Handler{
		Post: func(ctx context.Context, who account.Actor, f wire.Post) hub.Posting {
			w.called("%s posts %s", who.Person, f.Text)
			m := chat.Message{Room: f.Room, Text: f.Text, Nonce: f.Nonce}
			c := w.store.Submit(ctx, func(tx *store.Tx) error {
				m.ID = uint64(tx.Emit(store.Event{Kind: "message.posted", Room: string(f.Room), Body: body(chat.Posted{Message: m})}))
				return nil
			})
			return hub.Posting{Done: c.Done(), Result: func() (chat.Message, error) { return m, c.Err() }}
		},
		Edit:   func(context.Context, account.Actor, wire.Edit) error { return errBroken },
		Delete: func(context.Context, account.Actor, wire.Delete) error { return store.ErrUnavailable },
		Command: func(_ context.Context, _ account.Actor, f wire.Command) (hub.Answer, error) {
			return hub.Answer{Text: "you typed " + f.Text}, nil
		},
		Mark: func(_ context.Context, who account.Actor, f wire.Mark) error {
			w.called("%s reads %s to %d", who.Person, f.Room, f.Seq)
			return nil
		},
		Armed: func(_ context.Context, _ account.Actor, s incident.DeviceState) error {
			w.called("%s of %s armed=%t", s.Device, s.Person, s.Armed)
			return nil
		},
		Received: func(_ context.Context, _ account.Actor, n id.Incident, d id.Device) error {
			w.called("%s received %d", d, n)
			return nil
		},
		Playing: func(_ context.Context, _ account.Actor, n id.Incident, d id.Device, proven bool) error {
			w.called("%s plays %d proven=%t", d, n, proven)
			return nil
		},
		Silent: func(_ context.Context, _ account.Actor, n id.Incident, d id.Device, why string) error {
			w.called("%s is silent on %d: %s", d, n, why)
			return nil
		},
		Ack:   func(context.Context, account.Actor, wire.Ack) error { return nil },
		Unack: func(context.Context, account.Actor, wire.Unack) error { return nil },
		Gone: func(_ context.Context, p id.Person, d id.Device, why string) {
			w.called("%s of %s is gone: %s", d, p, why)
		},
	}
}

// page is one browser page: a socket, its session, and what it was told.
type page struct {
	w       *world
	session *hub.Session
	hangUp  context.CancelFunc
	served  chan struct{}

	mu     sync.Mutex
	stream []byte // not whole frames yet
	frames []frame
	stuck  bool
	moving chan struct{} // closed when a stuck page reads again
	code   int
	closed bool
}

// frame is any frame of the server, as far as the tests look at it.
type frame struct {
	T       string          `json:"t"`
	Seq     store.Seq       `json:"seq"`
	Kind    string          `json:"kind"`
	Room    id.Room         `json:"room"`
	Body    json.RawMessage `json:"body"`
	At      store.Seq       `json:"at"`
	Epoch   string          `json:"epoch"`
	Resumed bool            `json:"resumed"`
	Nonce   string          `json:"nonce"`
	Message json.RawMessage `json:"message"`
	Text    string          `json:"text"`
	ID      store.Seq       `json:"id"`
	Me      account.Person  `json:"me"`
	Snap    *wire.Snapshot  `json:"snapshot"`
}

// tryPage is a page whose socket can be written to without waiting.
type tryPage struct{ *page }

// open makes a page of somebody; raw gives it a TryWriter.
func (w *world) open(who account.Actor, raw bool) (*page, error) {
	p := &page{w: w, served: make(chan struct{}), moving: make(chan struct{})}
	var socket hub.Socket = p
	if raw {
		socket = tryPage{p}
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.hangUp = cancel
	var err error
	if p.session, err = w.hub.Open(ctx, hub.Opening{Who: who, Socket: socket}); err != nil {
		cancel()
		return p, err
	}
	go func() {
		defer close(p.served)
		_ = p.session.Serve()
	}()
	return p, nil
}

func (p *page) say(v any) { p.session.Receive(body(v)) }

type hello struct {
	T      string    `json:"t"`
	Device string    `json:"device"`
	Since  store.Seq `json:"since,omitempty"`
	Epoch  string    `json:"epoch,omitempty"`
}

func (p *page) Write(ctx context.Context, frames [][]byte) error {
	p.mu.Lock()
	for p.stuck {
		moving := p.moving
		p.mu.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moving:
		}
		p.mu.Lock()
	}
	defer p.mu.Unlock()
	for _, f := range frames {
		p.take(f)
	}
	return nil
}

func (p tryPage) TryWrite(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stuck {
		data = data[:len(data)/3]
	}
	p.take(data)
	return len(data), nil
}

func (p *page) Close(code int, _ string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.code, p.closed = code, true
	return nil
}

// take reads the frames of what was written. The caller holds mu.
func (p *page) take(data []byte) {
	if p.closed {
		p.w.t.Fatalf("written after the end")
	}
	p.stream = append(p.stream, data...)
	for {
		payload, rest, ok := unframe(p.stream)
		if !ok {
			return
		}
		p.stream = rest
		var f frame
		if err := json.Unmarshal(payload, &f); err != nil {
			p.w.t.Fatalf("a frame that is no JSON: %v: %q", err, payload)
		}
		p.frames = append(p.frames, f)
	}
}

func unframe(b []byte) (payload, rest []byte, ok bool) {
	if len(b) < 2 {
		return nil, b, false
	}
	n, at := uint64(b[1]), 2
	switch {
	case n == 126 && len(b) >= 4:
		n, at = uint64(binary.BigEndian.Uint16(b[2:])), 4
	case n == 127 && len(b) >= 10:
		n, at = binary.BigEndian.Uint64(b[2:]), 10
	case n >= 126:
		return nil, b, false
	}
	if uint64(len(b)-at) < n {
		return nil, b, false
	}
	return b[at : at+int(n)], b[at+int(n):], true
}

// told takes the frames that came since it was last asked.
func (p *page) told() []frame {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.frames
	p.frames = nil
	return f
}

func (p *page) stick(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stuck && !on {
		close(p.moving)
		p.moving = make(chan struct{})
	}
	p.stuck = on
}

func (p *page) ended() (int, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.code, p.closed
}

func (p *page) end() {
	p.hangUp()
	<-p.served
}

var errBroken = errors.New("the disk says: secret path /var/lib")
