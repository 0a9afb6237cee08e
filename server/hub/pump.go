package hub

import (
	"bytes"
	"context"
	"slices"
	"sync"
)

// pump writes to the sockets that are owed something, one after the other, all that waits for each in one write that
// never waits. Sockets that take no more are left to their own Serve.
type pump struct {
	h     *Hub
	wake  chan struct{}
	fresh []*Session // marked by the event that is being published; guarded by Hub.mu

	mu   sync.Mutex
	list []*Session
}

func newPump(h *Hub) *pump { return &pump{h: h, wake: make(chan struct{}, 1)} }

// add queues a session.
func (p *pump) add(s ...*Session) {
	p.mu.Lock()
	p.list = append(p.list, s...)
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// push queues the sessions that the published event marked. The caller holds Hub.mu.
func (p *pump) push() {
	if len(p.fresh) > 0 {
		p.add(p.fresh...)
	}
}

// joiner keeps the last joined frames: many sockets are owed the same.
type joiner struct {
	load
	last []*entry
	buf  []byte
}

func (p *pump) run(ctx context.Context) {
	var j joiner
	var todo []*Session
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		}
		for {
			p.mu.Lock()
			todo, p.list = p.list, todo[:0]
			p.mu.Unlock()
			if len(todo) == 0 {
				break
			}
			for i, s := range todo {
				p.write(s, &j)
				todo[i] = nil
			}
		}
		clear(j.last)
		j.last = j.last[:0]
	}
}

func (p *pump) write(s *Session, j *joiner) {
	if !s.take(&j.load) {
		return
	}
	if data := j.join(); len(data) > 0 {
		p.h.stats.writes.Add(1)
		s.io.Lock()
		if s.ended {
			s.io.Unlock()
			return
		}
		n, err := s.try.TryWrite(data)
		if n < len(data) {
			s.torn, s.rest = true, bytes.Clone(data[n:])
		}
		s.io.Unlock()
		if err != nil {
			s.close(0, "the connection broke")
			return
		}
		if n < len(data) {
			s.handOver()
			return
		}
	}
	if s.done() {
		p.add(s)
	}
}

// join makes one piece of a load. It is valid until the next one.
func (j *joiner) join() []byte {
	plain := len(j.direct) == 0 && j.ping == nil
	if plain && len(j.events) == 1 {
		return j.events[0].frame
	}
	if plain && slices.Equal(j.events, j.last) {
		return j.buf
	}
	if cap(j.buf) > 2*maxJoin {
		j.buf = nil
	}
	j.buf, j.last = j.buf[:0], j.last[:0]
	for _, f := range j.direct {
		j.buf = append(j.buf, f...)
	}
	for _, e := range j.events {
		j.buf = append(j.buf, e.frame...)
	}
	j.buf = append(j.buf, j.ping...)
	if plain {
		j.last = append(j.last, j.events...)
	}
	return j.buf
}
