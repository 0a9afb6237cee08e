package hub

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/wire"
	"watchroom/store"
)

// Opening is a socket that was just made, and whose it is.
type Opening struct {
	Who    account.Actor
	Socket Socket
	// Check reads again who this is, once the hub would notice that it ended: what was revoked in between is found.
	// Optional; an error closes the socket.
	Check func(ctx context.Context) (account.Actor, error)
}

// Session is one open socket. Its handler runs Serve, and calls Receive for every message that it reads, one at a time.
type Session struct {
	h      *Hub
	socket Socket
	try    TryWriter // nil: every write may wait, and Serve does them all
	pump   *pump
	check  func(context.Context) (account.Actor, error)
	number uint64
	owner  string
	self   id.Person // whose it is, for ever
	person *person
	limit  *rate.Limiter
	ctx    context.Context // the session's life
	cancel context.CancelFunc
	hand   chan struct{} // tells Serve that it has to write
	posts  posts         // whose answers Serve sends

	io    sync.Mutex // held while the socket is written to or closed
	ended bool       // the socket belongs to somebody else again
	torn  bool       // the last frame is not whole
	rest  []byte     // what TryWrite left over

	mu      sync.Mutex
	who     account.Actor
	device  id.Device
	agent   string
	proven  bool // the siren was heard by its owner
	live    bool // hello was answered
	closing bool
	code    int
	reason  string
	heard   time.Time // when the page last said something

	queued  bool      // somebody writes, or will
	sent    store.Seq // everything owed up to here was sent
	from    store.Seq // the first that is owed and not sent, or 0
	pinging bool
	pending [][]byte // frames for this socket alone; they go first
	waiting int      // bytes of them
}

const (
	maxPending = 1 << 20   // bytes of frames for one socket alone
	maxJoin    = 256 << 10 // bytes of events in one write
)

// Open takes a socket in. On an error it was closed with a code that says why. Else Serve must be called.
func (h *Hub) Open(ctx context.Context, o Opening) (*Session, error) {
	select {
	case <-h.ready:
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), o.Socket.Close(wire.CloseDrain, "the server starts"))
	}
	s := &Session{
		h: h, socket: o.Socket, check: o.Check, who: o.Who, self: o.Who.Person, owner: owner(o.Who), heard: time.Now(),
		hand: make(chan struct{}, 1), posts: newPosts(), limit: rate.NewLimiter(rate.Limit(h.o.Rate), h.o.Burst),
	}
	s.try, _ = o.Socket.(TryWriter)
	s.ctx, s.cancel = context.WithCancel(ctx)
	if code, err := h.admit(s); err != nil {
		s.cancel()
		h.stats.refused.Add(1)
		return nil, errors.Join(err, o.Socket.Close(code, fault.Words(err)))
	}
	return s, nil
}

// owner is whose share of sockets this is.
func owner(a account.Actor) string {
	switch {
	case a.Session != "":
		return string(a.Session)
	case a.Token != "":
		return string(a.Token)
	}
	return string(a.Person)
}

func (h *Hub) admit(s *Session) (code int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.draining:
		return wire.CloseDrain, fault.New(fault.Unavailable, "the server shuts down")
	case len(h.sessions) >= h.o.Sockets:
		return wire.CloseMany, fault.New(fault.Throttled, "the server has as many connections as it takes")
	case h.owners[s.owner] >= h.o.PerSession:
		return wire.CloseMany, fault.New(fault.Throttled, "at most %d connections for one sign-in", h.o.PerSession)
	}
	h.number++
	s.number = h.number
	s.pump = h.pumps[s.number%uint64(len(h.pumps))]
	s.person = h.tables.of(s.who.Person)
	s.person.sessions = append(s.person.sessions, s)
	h.sessions[s] = true
	h.owners[s.owner]++
	return 0, nil
}

// Serve keeps the session until its context ends, the hub closes it, or it cannot be written to, and then closes the
// socket. Nobody touches the socket afterwards.
func (s *Session) Serve() error {
	defer s.leave()
	var err error
	var next *post
	for err == nil {
		if next == nil {
			next = s.posts.first()
		}
		select {
		case <-s.ctx.Done():
			err = errClosed
		case <-s.hand:
			err = s.write()
		case <-s.posts.more:
		case <-next.known():
			m, err := next.Result()
			s.posted(next.nonce, &m, err)
			s.posts.pop()
			next = nil
		case <-next.late():
			s.refuse(next.nonce, next.ctx.Err())
			s.posts.pop()
			next = nil
		}
	}
	s.cancel()
	s.mu.Lock()
	slow := errors.Is(err, context.DeadlineExceeded) && !s.closing
	if !s.closing {
		s.closing, s.code, s.reason = true, 1000, "the page closed"
	}
	if slow {
		s.code, s.reason = wire.CloseSlow, "the connection takes no more"
		s.h.stats.cuts.Add(1)
	}
	code, reason := s.code, s.reason
	s.pending = nil
	s.mu.Unlock()
	s.io.Lock()
	defer s.io.Unlock()
	s.ended = true
	if s.torn {
		code = 0 // in the middle of a frame there is no room for words
	}
	closed := s.socket.Close(code, reason)
	if errors.Is(err, errClosed) || slow {
		return closed
	}
	return err
}

// leave takes the session out of the hub, and tells when its device has no page left.
func (s *Session) leave() {
	h := s.h
	h.mu.Lock()
	delete(h.sessions, s)
	if h.owners[s.owner]--; h.owners[s.owner] == 0 {
		delete(h.owners, s.owner)
	}
	s.person.sessions = slices.DeleteFunc(s.person.sessions, func(x *Session) bool { return x == s })
	gone := false
	if s.live {
		d := device{s.self, s.device}
		if h.devices[d]--; h.devices[d] == 0 {
			delete(h.devices, d)
			gone = s.code != wire.CloseDrain // it comes back to the next server
		}
	}
	if h.draining && len(h.sessions) == 0 {
		close(h.empty)
	}
	h.mu.Unlock()
	if gone {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), useLimit)
		defer cancel()
		h.o.Handler.Gone(ctx, s.self, s.device, s.reason)
	}
}

// Actor is who acts here, with the role of this moment.
func (s *Session) Actor() account.Actor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.who
}

func (s *Session) isLive() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live && !s.closing
}

// close ends the session with a code; the first one counts.
func (s *Session) close(code int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(code, reason)
}

// end is close for who holds mu.
func (s *Session) end(code int, reason string) {
	if s.closing {
		return
	}
	s.closing, s.code, s.reason = true, code, reason
	if code == wire.CloseSlow {
		s.h.stats.cuts.Add(1)
	}
	s.cancel()
}

// owe says that the event with this Seq is owed. The caller holds Hub.mu.
func (s *Session) owe(seq store.Seq) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.live || s.closing || seq <= s.sent {
		return
	}
	if s.from == 0 {
		s.from = seq
	}
	switch {
	case s.queued:
	case s.try != nil:
		s.queued = true
		s.pump.fresh = append(s.pump.fresh, s)
	default:
		s.queue()
	}
}

// direct sends a frame to this socket alone.
func (s *Session) direct(frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.send(frame)
}

// send is direct for who holds mu.
func (s *Session) send(frame []byte) {
	if s.closing {
		return
	}
	if s.waiting += len(frame); s.waiting > maxPending && len(s.pending) > 0 {
		s.end(wire.CloseSlow, "too many answers wait")
		return
	}
	s.pending = append(s.pending, frame)
	s.queue()
}

// Pong answers a WebSocket ping of the client; the handler that reads calls it, because nobody else may write.
func (s *Session) Pong(payload []byte) {
	if len(payload) <= maxControl {
		s.direct(controlFrame(opPong, payload))
	}
}

func (s *Session) answer(f wire.ServerFrame) {
	data, err := wire.Encode(f)
	if err != nil {
		s.h.o.Log.Error("answer not sent", "error", err)
		return
	}
	s.direct(textFrame(data))
}

func (s *Session) ping() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live && !s.closing {
		s.pinging = true
		s.queue()
	}
}

// queue makes somebody write, unless somebody will. The caller holds mu.
func (s *Session) queue() {
	if s.queued {
		return
	}
	s.queued = true
	if s.try != nil {
		s.pump.add(s)
		return
	}
	s.handOver()
}

func (s *Session) handOver() {
	select {
	case s.hand <- struct{}{}:
	default:
	}
}

// silent says why the session must end for want of words, or nil.
func (s *Session) silent(now time.Time) *change {
	s.mu.Lock()
	defer s.mu.Unlock()
	quiet := now.Sub(s.heard)
	switch {
	case !s.live && quiet > helloFirst:
		return &change{code: wire.CloseBad, reason: "no hello within 10 s"}
	case s.live && quiet > pongWithin:
		return &change{code: wire.CloseSlow, reason: "no pong within 30 s"}
	}
	return nil
}

// load is what one write carries.
type load struct {
	direct [][]byte
	events []*entry
	ping   []byte
}

// take moves what waits into l. It is false when there is nothing, and then nobody writes any more.
func (s *Session) take(l *load) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.direct, l.events, l.ping = nil, l.events[:0], nil
	if s.closing {
		s.queued = false
		return false
	}
	l.direct, s.pending, s.waiting = s.pending, nil, 0
	roused := store.Seq(s.h.roused.Load())
	if s.from != 0 {
		events, to, ok := s.h.ring.owed(l.events, s.from, s.person.index, maxJoin)
		if !ok {
			s.end(wire.CloseSlow, "too far behind")
			s.queued = false
			return false
		}
		l.events, s.sent = events, to
		if s.from = 0; to < roused {
			s.from = to + 1
		}
	}
	if s.pinging && s.from == 0 {
		s.pinging = false
		l.ping = pingFrame(max(s.sent, roused))
	}
	if len(l.direct)+len(l.events) == 0 && l.ping == nil && s.from == 0 {
		s.queued = false
		return false
	}
	s.h.stats.deliveries.Add(uint64(len(l.events)))
	return true
}

// done ends a write. It is true when there is more already.
func (s *Session) done() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queued = !s.closing && (s.from != 0 || len(s.pending) > 0 || s.pinging)
	return s.queued
}

// write writes all that waits, and may wait for the connection.
func (s *Session) write() error {
	var l load
	for {
		if len(s.rest) > 0 {
			if err := s.push([][]byte{s.rest}); err != nil {
				return err
			}
			s.rest = nil
		}
		if !s.take(&l) {
			return nil
		}
		frames := l.direct
		for _, e := range l.events {
			frames = append(frames, e.frame)
		}
		if l.ping != nil {
			frames = append(frames, l.ping)
		}
		if len(frames) == 0 {
			continue
		}
		if err := s.push(frames); err != nil {
			return err
		}
	}
}

func (s *Session) push(frames [][]byte) error {
	ctx, cancel := context.WithTimeout(s.ctx, writeLimit)
	defer cancel()
	s.io.Lock()
	defer s.io.Unlock()
	s.h.stats.writes.Add(1)
	err := s.socket.Write(ctx, frames)
	s.torn = err != nil
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
