// Package hub tells the browsers that are connected what happens. It follows the log, keeps the newest events as
// frames that are ready to be written, and every socket has a position among them: who falls behind is cut off and
// comes back with the last Seq it saw.
//
// What a person may see is judged event by event, in the order of the log, with the memberships as of that event, for
// those who are connected and for those who come back alike.
package hub

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/server/wire"
	"watchroom/store"
)

// Socket is the way to one browser. Only one call of Write, TryWrite or Close runs at a time.
type Socket interface {
	// Write writes frames that are complete WebSocket frames, in one piece. It returns soon after ctx ends.
	Write(ctx context.Context, frames [][]byte) error
	// Close says why, as far as the browser still listens, and closes the connection, so that its reader ends too.
	Close(code int, reason string) error
}

// TryWriter is a Socket that can write without ever waiting: it writes what fits now and says how much that was.
type TryWriter interface {
	TryWrite(data []byte) (n int, err error)
}

// Handler is what the frames of clients do. Every field is required.
type Handler struct {
	// Post starts a post and does not wait for it; posts of one socket are started in their order.
	Post     func(ctx context.Context, who account.Actor, f wire.Post) Posting
	Edit     func(ctx context.Context, who account.Actor, f wire.Edit) error
	Delete   func(ctx context.Context, who account.Actor, f wire.Delete) error
	Command  func(ctx context.Context, who account.Actor, f wire.Command) (Answer, error)
	Mark     func(ctx context.Context, who account.Actor, f wire.Mark) error
	Armed    func(ctx context.Context, who account.Actor, s incident.DeviceState) error
	Received func(ctx context.Context, who account.Actor, n id.Incident, d id.Device) error
	Playing  func(ctx context.Context, who account.Actor, n id.Incident, d id.Device, proven bool) error
	Silent   func(ctx context.Context, who account.Actor, n id.Incident, d id.Device, why string) error
	Ack      func(ctx context.Context, who account.Actor, f wire.Ack) error
	Unack    func(ctx context.Context, who account.Actor, f wire.Unack) error
	// Gone is told when the last socket of a device ended: it cannot ring any more.
	Gone func(ctx context.Context, person id.Person, d id.Device, why string)
}

// Posting is a post on its way. Done is closed when Result, which may wait, does not; nil: it never does.
type Posting struct {
	Done   <-chan struct{}
	Result func() (chat.Message, error)
}

// Answer is what a command gives: words for the asker alone, or the message that now stands in the room, or nothing.
type Answer struct {
	Text    string
	Message *chat.Message
}

// Options is what the hub needs. The functions are required, the numbers have defaults.
type Options struct {
	People   func(tx *store.Tx) []account.Person            // everybody, disabled ones too
	Rooms    func(tx *store.Tx, person id.Person) []id.Room // where the person is a member
	Snapshot func(ctx context.Context, who account.Actor) (wire.Snapshot, error)
	Handler  Handler
	Version  string
	Log      *slog.Logger

	Ring       int     // events to keep for those who come back: 8,192
	RingBytes  int     // and at most this many bytes of them: 32 MiB
	Sockets    int     // in all: 20,000
	PerSession int     // of one sign-in or token: 10
	Rate       float64 // frames per second that a client may send for long: 30
	Burst      int     // and at once: 120
	Pumps      int     // goroutines that write: half the processors, at most 4
}

const (
	pingEvery  = 10 * time.Second
	pongWithin = 30 * time.Second
	helloFirst = 10 * time.Second
	writeLimit = 10 * time.Second
	useLimit   = 15 * time.Second

	snapshotsAtOnce = 4 // when everybody comes back, the rest waits
)

// Hub serves the sockets of one server.
type Hub struct {
	store *store.Store
	o     Options
	ring  *ring
	pumps []*pump
	ready chan struct{} // closed when the ring is filled

	// Locks are taken in this order: Hub.mu, Session.mu, ring.mu and pump.mu.
	mu       sync.Mutex
	tables   tables
	sessions map[*Session]bool
	owners   map[string]int // sockets of each sign-in or token
	devices  map[device]int // sockets of each device that said hello
	draining bool
	empty    chan struct{} // closed while draining when the last session ended
	moved    chan struct{} // closed when the head moved, if somebody waits
	waiting  int
	number   uint64 // of the newest session

	roused    atomic.Uint64 // everybody who is owed something up to this Seq knows it
	snapshots chan struct{} // holds one for each that is being read
	stats     counters
}

type device struct {
	person id.Person
	device id.Device
}

type counters struct {
	deliveries, writes, cuts, resumes, resets, refused atomic.Uint64
}

// Stats are totals since the start, and what is the case now.
type Stats struct {
	Sockets    int
	Deliveries uint64 // frames of events handed to sockets
	Writes     uint64 // writes they took
	Cuts       uint64 // sockets closed because they were too far behind or silent
	Resumes    uint64 // hellos that went on where they were
	Resets     uint64 // hellos that got a snapshot
	Refused    uint64 // sockets beyond a limit
	Head       store.Seq
	Span       int // events in the ring
	Bytes      int // of their frames
}

// New is a hub for the events of st. It serves nobody before Run.
func New(st *store.Store, o Options) *Hub {
	defaults(&o.Ring, 8192)
	defaults(&o.RingBytes, 32<<20)
	defaults(&o.Sockets, 20_000)
	defaults(&o.PerSession, 10)
	defaults(&o.Rate, 30)
	defaults(&o.Burst, 120)
	defaults(&o.Pumps, min(4, max(1, runtime.NumCPU()/2)))
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	h := &Hub{
		store: st, o: o, ring: newRing(o.Ring, o.RingBytes), ready: make(chan struct{}),
		tables: newTables(), sessions: map[*Session]bool{}, owners: map[string]int{}, devices: map[device]int{},
		empty: make(chan struct{}), moved: make(chan struct{}), snapshots: make(chan struct{}, snapshotsAtOnce),
	}
	for range o.Pumps {
		h.pumps = append(h.pumps, newPump(h))
	}
	return h
}

func defaults[T int | float64](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

// Run follows the log and writes to the sockets until ctx ends; then it closes them all. An error means that the log
// cannot be read.
func (h *Hub) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	defer h.refuse()
	if err := h.fill(ctx); err != nil {
		return fmt.Errorf("fill the hub: %w", err)
	}
	close(h.ready)
	for _, p := range h.pumps {
		running.Go(func() { p.run(ctx) })
	}
	running.Go(func() { h.tick(ctx) })
	for e, err := range h.store.Follow(ctx, h.ring.head()) {
		if err == nil {
			err = h.publish(ctx, e)
		}
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("follow the log: %w", err)
		}
	}
	return nil
}

// fill reads the newest events and the memberships, and brings the memberships back to where those events begin.
func (h *Hub) fill(ctx context.Context) error {
	var head store.Seq
	err := h.store.View(ctx, func(tx *store.Tx) error {
		head = tx.Head()
		h.tables = newTables()
		for _, p := range h.o.People(tx) {
			h.tables.person(p)
			for _, r := range h.o.Rooms(tx, p.ID) {
				h.tables.join(r, p.ID)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	tail, err := h.tail(ctx, head)
	if err != nil {
		return err
	}
	h.ring.reset(head - store.Seq(len(tail)))
	for _, e := range slices.Backward(tail) {
		if err := h.tables.rewind(e); err != nil {
			return err
		}
	}
	for _, e := range tail {
		if err := h.publish(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// tail reads the newest events up to head, as many as the ring holds.
func (h *Hub) tail(ctx context.Context, head store.Seq) (tail []store.Event, err error) {
	size := 0
	for at := head - min(head, store.Seq(h.o.Ring)); at < head; {
		some, err := h.store.Events(ctx, at, int(head-at))
		if err != nil {
			return nil, err
		}
		if len(some) == 0 {
			return nil, fmt.Errorf("the log ends at %d, not at %d", at, head)
		}
		for _, e := range some {
			size += len(e.Body)
			at = e.Seq
		}
		for tail = append(tail, some...); size > h.o.RingBytes; tail = tail[1:] {
			size -= len(tail[0].Body)
		}
	}
	return tail, nil
}

// publish puts an event into the ring, wakes those who are owed it, and does what it means for the hub itself.
func (h *Hub) publish(ctx context.Context, e store.Event) error {
	ev := &entry{seq: e.Seq, frame: eventFrame(e)}
	h.mu.Lock()
	change, err := h.tables.judge(e, ev)
	if err != nil {
		h.mu.Unlock()
		return err
	}
	h.ring.add(ev)
	h.rouse(ev)
	h.roused.Store(uint64(e.Seq))
	var closing []*Session
	if change.person != "" {
		closing = h.concerned(change)
	}
	if h.waiting > 0 {
		close(h.moved)
		h.moved, h.waiting = make(chan struct{}), 0
	}
	h.mu.Unlock()
	for _, s := range closing {
		s.close(change.code, change.reason)
	}
	for _, seq := range change.rewrites {
		if err := h.rewrite(ctx, seq); err != nil {
			return err
		}
	}
	return nil
}

// rewrite replaces the frame of an event whose body was overwritten: what it said before is never sent again.
func (h *Hub) rewrite(ctx context.Context, seq store.Seq) error {
	if !h.ring.holds(seq) {
		return nil
	}
	events, err := h.store.Events(ctx, seq-1, 1)
	if err != nil {
		return err
	}
	if len(events) == 1 && events[0].Seq == seq {
		h.ring.replace(seq, eventFrame(events[0]))
	}
	return nil
}

// concerned lists the sessions that a change ends, and makes the others of the person act as who the person is now.
// The caller holds mu.
func (h *Hub) concerned(c change) []*Session {
	p := h.tables.people[c.person]
	if p == nil {
		return nil
	}
	var ended []*Session
	for _, s := range p.sessions {
		s.mu.Lock()
		s.who.Role, s.who.Handle = p.Role, p.Handle
		if c.code != 0 && (c.session == "" || s.who.Session == c.session) && (c.token == "" || s.who.Token == c.token) {
			ended = append(ended, s)
		}
		s.mu.Unlock()
	}
	return ended
}

// rouse marks every live session that is owed ev. The caller holds mu.
func (h *Hub) rouse(ev *entry) {
	for i := range h.pumps {
		h.pumps[i].fresh = h.pumps[i].fresh[:0]
	}
	if ev.everybody != nil || ev.admins != nil || ev.room.size() > len(h.sessions) {
		for s := range h.sessions {
			if ev.sees(s.person.index) {
				s.owe(ev.seq)
			}
		}
	} else {
		for n := range ev.audience() {
			for _, s := range h.tables.at(n).sessions {
				s.owe(ev.seq)
			}
		}
	}
	for _, p := range h.pumps {
		p.push()
	}
}

// reach waits until the hub has seen what the store has committed so far.
func (h *Hub) reach(ctx context.Context) error {
	select {
	case <-h.ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	for want := h.store.Head(); ; {
		h.mu.Lock()
		if h.ring.head() >= want {
			h.mu.Unlock()
			return nil
		}
		h.waiting++
		moved := h.moved
		h.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tick pings every session once in 10 s, a tenth of them each second, and closes those that say nothing.
func (h *Hub) tick(ctx context.Context) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for turn := uint64(0); ; turn++ {
		var now time.Time
		select {
		case <-ctx.Done():
			return
		case now = <-t.C:
		}
		slots := uint64(pingEvery / time.Second)
		for _, s := range h.all() {
			switch silent := s.silent(now); {
			case silent == nil && s.number%slots == turn%slots:
				s.ping()
			case silent != nil:
				s.close(silent.code, silent.reason)
			}
		}
	}
}

func (h *Hub) all() []*Session {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]*Session, 0, len(h.sessions))
	for s := range h.sessions {
		list = append(list, s)
	}
	return list
}

// Signal tells every open page of a person something that is not in the log.
func (h *Hub) Signal(person id.Person, kind wire.SignalKind, body any) {
	h.mu.Lock()
	var list []*Session
	if p := h.tables.people[person]; p != nil {
		list = slices.Clone(p.sessions)
	}
	h.mu.Unlock()
	h.signal(slices.DeleteFunc(list, func(s *Session) bool { return !s.isLive() }), kind, body)
}

// SignalAll tells it to the open pages of everybody whom filter accepts; nil accepts all.
func (h *Hub) SignalAll(kind wire.SignalKind, body any, filter func(account.Actor) bool) {
	h.signal(slices.DeleteFunc(h.all(), func(s *Session) bool {
		return !s.isLive() || filter != nil && !filter(s.Actor())
	}), kind, body)
}

func (h *Hub) signal(list []*Session, kind wire.SignalKind, body any) {
	if len(list) == 0 {
		return
	}
	data, err := wire.Encode(wire.Signal{Kind: kind, Body: body})
	if err != nil {
		h.o.Log.Error("signal not sent", "kind", kind, "error", err)
		return
	}
	frame := textFrame(data)
	for _, s := range list {
		s.direct(frame)
	}
}

// Online tells whether the person has an open page that said hello.
func (h *Hub) Online(person id.Person) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.tables.people[person]
	return p != nil && slices.ContainsFunc(p.sessions, (*Session).isLive)
}

// Drain closes every socket, tells the browsers to come back after a random wait, and refuses new ones. It returns
// when all have ended, or with the error of ctx.
func (h *Hub) Drain(ctx context.Context) error {
	h.refuse()
	select {
	case <-h.empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refuse closes every socket and takes no more.
func (h *Hub) refuse() {
	h.mu.Lock()
	if !h.draining {
		h.draining = true
		if len(h.sessions) == 0 {
			close(h.empty)
		}
	}
	h.mu.Unlock()
	for _, s := range h.all() {
		s.close(wire.CloseDrain, "the server shuts down")
	}
}

// Stats is what the hub did and holds.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	sockets := len(h.sessions)
	h.mu.Unlock()
	s := Stats{
		Sockets: sockets, Deliveries: h.stats.deliveries.Load(), Writes: h.stats.writes.Load(), Cuts: h.stats.cuts.Load(),
		Resumes: h.stats.resumes.Load(), Resets: h.stats.resets.Load(), Refused: h.stats.refused.Load(),
	}
	s.Head, s.Span, s.Bytes = h.ring.figures()
	return s
}

var errClosed = errors.New("the session is closed")
