package hub

import (
	"context"
	"errors"
	"slices"
	"time"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/wire"
	"watchroom/store"
)

// Receive takes one message of the client and does what it says. A client that sends faster than it may is made to
// wait. Frames of one socket are done in their order, and Receive returns when its frame was done; a post is only started
// then, so that the next ones can share its commit, and is answered by Serve. Answers to posts come in their order.
func (s *Session) Receive(data []byte) {
	if s.limit.Wait(s.ctx) != nil {
		return
	}
	f, err := wire.Decode(data)
	if bad, ok := errors.AsType[*wire.BadFrame](err); ok && !bad.Fatal {
		s.answer(wire.Refuse(bad.Nonce, err))
		return
	}
	if err != nil {
		s.close(wire.CloseBad, fault.Words(err))
		return
	}
	s.mu.Lock()
	s.heard = time.Now()
	live, who := s.live, s.who
	s.mu.Unlock()
	// What a client asked for is done although it hangs up meanwhile: it repeats the nonce to learn the outcome.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), useLimit)
	if p, ok := f.(wire.Post); ok && live {
		s.post(ctx, cancel, who, p)
		return
	}
	defer cancel()
	hello, first := f.(wire.Hello)
	switch {
	case !live && first:
		s.hello(hello)
	case !live:
		s.close(wire.CloseBad, "the first frame is hello")
	case first:
		s.answer(wire.Refuse("", fault.New(fault.Conflict, "hello was said already")))
	default:
		s.do(ctx, who, f)
	}
}

// hello lets the client go on where it was, or gives it a snapshot, and makes the session live.
func (s *Session) hello(f wire.Hello) {
	ctx, cancel := context.WithTimeout(s.ctx, useLimit)
	defer cancel()
	err := s.h.reach(ctx)
	if err == nil && s.check != nil {
		var who account.Actor
		if who, err = s.check(ctx); err == nil {
			s.mu.Lock()
			s.who = who
			s.mu.Unlock()
		}
	}
	if err == nil {
		err = s.begin(ctx, f)
	}
	if err == nil || s.ctx.Err() != nil {
		return
	}
	switch fault.KindOf(err) {
	case fault.Unsigned, fault.Denied, fault.Missing, fault.Gone:
		s.close(wire.CloseUnsigned, fault.Words(err))
	default:
		s.h.o.Log.Error("hello not answered", "person", s.self, "error", err)
		s.close(wire.CloseSlow, "the server cannot answer now")
	}
}

func (s *Session) begin(ctx context.Context, f wire.Hello) error {
	w := wire.Welcome{Epoch: s.h.store.Epoch(), Version: s.h.o.Version, At: f.Since, Resumed: true}
	if f.Epoch == w.Epoch {
		if done, err := s.start(f, w); done || err != nil {
			return err
		}
	}
	select {
	case s.h.snapshots <- struct{}{}:
		defer func() { <-s.h.snapshots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	w.At, w.Resumed = s.h.ring.head(), false
	snap, err := s.h.o.Snapshot(ctx, s.Actor())
	if err != nil {
		return err
	}
	snap.At = uint64(w.At)
	w.Snapshot = &snap
	done, err := s.start(f, w)
	if err == nil && !done {
		s.close(wire.CloseSlow, "the snapshot took too long")
	}
	return err
}

// start makes the session live: it is owed everything after w.At. It is false when the ring does not reach that far
// back, or when who the person was then is not known.
func (s *Session) start(f wire.Hello, w wire.Welcome) (bool, error) {
	h := s.h
	h.mu.Lock()
	w.Me = s.person.Person
	h.mu.Unlock()
	w.Session, w.Time = s.Actor().Session, id.At(time.Now())
	data, err := wire.Encode(w) // a snapshot is large: the locks are not held
	if err != nil {
		return false, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.ring.follows(w.At) || w.Resumed && w.At < s.person.floor {
		return false, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return true, nil
	}
	if w.Resumed {
		h.stats.resumes.Add(1)
	} else {
		h.stats.resets.Add(1)
	}
	s.device, s.agent, s.live = f.Device, f.Agent, true
	h.devices[device{s.self, s.device}]++
	if s.sent = w.At; w.At < h.ring.head() {
		s.from = w.At + 1
	}
	s.send(textFrame(data))
	return true, nil
}

// post starts a post, which keeps ctx until it is answered.
func (s *Session) post(ctx context.Context, cancel context.CancelFunc, who account.Actor, f wire.Post) {
	if s.posts.below(s.ctx, maxPosts) != nil {
		cancel()
		return
	}
	s.posts.add(&post{Posting: s.h.o.Handler.Post(ctx, who, f), nonce: f.Nonce, ctx: ctx, cancel: cancel})
}

// do runs one frame of a live session and answers it.
func (s *Session) do(ctx context.Context, who account.Actor, f wire.ClientFrame) {
	do := &s.h.o.Handler
	switch f := f.(type) {
	case wire.Command:
		if s.posts.below(s.ctx, 1) != nil { // it may look at what was posted before it
			return
		}
		a, err := do.Command(ctx, who, f)
		if err == nil && a.Text != "" {
			s.answer(wire.Ephemeral{Nonce: f.Nonce, Room: f.Room, Text: a.Text})
		}
		if err != nil || a.Text == "" || a.Message != nil {
			s.posted(f.Nonce, a.Message, err)
		}
	case wire.Edit:
		s.did(f.Nonce, do.Edit(ctx, who, f))
	case wire.Delete:
		s.did(f.Nonce, do.Delete(ctx, who, f))
	case wire.Ack:
		s.did(f.Nonce, do.Ack(ctx, who, f))
	case wire.Unack:
		s.did(f.Nonce, do.Unack(ctx, who, f))
	case wire.Mark:
		s.quiet(do.Mark(ctx, who, f))
	case wire.Armed:
		f.State.Device, f.State.Agent = s.device, s.agent
		s.proven = f.State.Proven != 0
		s.quiet(do.Armed(ctx, who, f.State.Of(who.Person, id.At(time.Now()))))
	case wire.Received:
		s.quiet(do.Received(ctx, who, f.Incident, s.device))
	case wire.Playing:
		s.proven = f.Proven
		s.quiet(do.Playing(ctx, who, f.Incident, s.device, f.Proven))
	case wire.Silent:
		s.quiet(do.Silent(ctx, who, f.Incident, s.device, f.Why))
	case wire.Pong:
		for _, n := range slices.Compact(slices.Sorted(slices.Values(f.Playing))) {
			s.quiet(do.Playing(ctx, who, n, s.device, s.proven))
		}
	}
}

func (s *Session) posted(nonce string, m *chat.Message, err error) {
	ok := wire.OK{Nonce: nonce}
	if err == nil && m != nil {
		ok.Message, ok.ID = m, store.Seq(m.ID)
	}
	s.reply(ok, err)
}

func (s *Session) did(nonce string, err error) { s.reply(wire.OK{Nonce: nonce}, err) }

func (s *Session) reply(ok wire.OK, err error) {
	if err != nil {
		s.refuse(ok.Nonce, err)
		return
	}
	s.answer(ok)
}

// quiet answers a frame that has no nonce: only with an error.
func (s *Session) quiet(err error) {
	if err != nil {
		s.refuse("", err)
	}
}

// refuse answers with an error; what nobody classified is logged here, once, and hidden.
func (s *Session) refuse(nonce string, err error) {
	f := wire.Refuse(nonce, err)
	if f.Kind == fault.Internal {
		switch {
		case errors.Is(err, store.ErrUnavailable):
			f.Kind, f.Message = fault.Unavailable, "the store cannot write now; nothing was changed, try again"
		case errors.Is(err, context.DeadlineExceeded):
			f.Kind, f.Message = fault.Unavailable, "this took too long; it may or may not have happened"
		}
		s.h.o.Log.Error("frame failed", "person", s.self, "nonce", nonce, "error", err)
	}
	s.answer(f)
}
