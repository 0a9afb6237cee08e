package store

import (
	"context"
	"fmt"
	"iter"
	"slices"
)

const (
	tailEvents = 4096     // how many of the newest events are kept in memory, at most twice as many
	tailBytes  = 16 << 20 // and how many bytes of their bodies
)

// Follow yields every event after a Seq, first from the log and then as they are committed, each
// exactly once and in order, until ctx ends; then it ends without an error. An error is the last
// thing it yields.
func (s *Store) Follow(ctx context.Context, after Seq) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for at := after; ctx.Err() == nil; {
			rewrites := s.rewrites.Load()
			events, wake, err := s.next(ctx, at)
			if err != nil {
				if ctx.Err() == nil {
					yield(Event{}, err)
				}
				return
			}
			if len(events) == 0 {
				select {
				case <-ctx.Done():
					return
				case <-wake:
					continue
				}
			}
			for _, e := range events {
				if ctx.Err() != nil {
					return
				}
				if s.rewrites.Load() != rewrites {
					break // a body in hand may be superseded: read again from here
				}
				if !yield(e, nil) {
					return
				}
				at = e.Seq
			}
		}
	}
}

// next returns some events after at, or the channel that tells of the next ones.
func (s *Store) next(ctx context.Context, at Seq) ([]Event, <-chan struct{}, error) {
	s.mu.Lock()
	wake, tail, head := s.wake, s.tail, s.Head()
	s.mu.Unlock()
	switch {
	case at == head:
		return nil, wake, nil
	case at > head:
		return nil, nil, fmt.Errorf("%w: %d, the log ends at %d", ErrAhead, at, head)
	case len(tail) > 0 && tail[0].Seq <= at+1:
		return tail[at+1-tail[0].Seq:], nil, nil
	}
	events, err := s.chunk(ctx, at, chunkEvents)
	return events, nil, err
}

// publish makes a committed batch visible to followers.
func (s *Store) publish(b *batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range b.events {
		s.tail = append(s.tail, e)
		s.tailSize += len(e.Body)
	}
	s.trim()
	shared := true // followers hold parts of the tail: it is copied before it is changed
	for _, e := range b.rewritten {
		if len(s.tail) == 0 || e.Seq < s.tail[0].Seq {
			continue
		}
		if shared {
			s.tail, shared = slices.Clone(s.tail), false
		}
		was := &s.tail[e.Seq-s.tail[0].Seq]
		s.tailSize += len(e.Body) - len(was.Body)
		*was = e
	}
	if len(b.rewritten) > 0 {
		s.rewrites.Add(1)
	}
	if len(b.events) > 0 {
		s.head.Store(uint64(b.head))
		s.rouse()
	}
}

// rouse wakes everybody who waits for events; the caller holds mu.
func (s *Store) rouse() {
	close(s.wake)
	s.wake = make(chan struct{})
}

// trim forgets the oldest events once the tail holds twice what it should.
func (s *Store) trim() {
	if len(s.tail) < 2*tailEvents && s.tailSize < 2*tailBytes {
		return
	}
	drop := max(0, len(s.tail)-tailEvents)
	for _, e := range s.tail[:drop] {
		s.tailSize -= len(e.Body)
	}
	for drop < len(s.tail) && s.tailSize > tailBytes {
		s.tailSize -= len(s.tail[drop].Body)
		drop++
	}
	s.tail = slices.Clone(s.tail[drop:])
}
