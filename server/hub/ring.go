package hub

import (
	"iter"
	"slices"
	"sync"

	"watchroom/store"
)

// entry is one event, ready to be written, with its audience as of its Seq. It never changes.
type entry struct {
	seq       store.Seq
	frame     []byte
	room      *set     // members of the event's room
	everybody *set     // people who are not guests, when it is for them
	admins    *set     // administrators, when it is for them
	to        []uint32 // single people
}

func (e *entry) sees(n uint32) bool {
	return e.room.has(n) || e.everybody.has(n) || e.admins.has(n) || slices.Contains(e.to, n)
}

// audience walks the room's members and the single people, each once.
func (e *entry) audience() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for n := range e.room.all() {
			if !yield(n) {
				return
			}
		}
		for i, n := range e.to {
			if !e.room.has(n) && !slices.Contains(e.to[:i], n) && !yield(n) {
				return
			}
		}
	}
}

// ring holds the newest events without gaps.
type ring struct {
	limit int // bytes

	mu    sync.RWMutex
	slots []*entry
	low   store.Seq // the oldest that it holds
	next  store.Seq // the one after the newest
	bytes int
}

func newRing(events, bytes int) *ring {
	return &ring{slots: make([]*entry, events), limit: bytes, low: 1, next: 1}
}

// reset empties the ring; the next event is the one after at.
func (r *ring) reset(at store.Seq) {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.slots)
	r.low, r.next, r.bytes = at+1, at+1, 0
}

func (r *ring) slot(seq store.Seq) **entry { return &r.slots[int(seq%store.Seq(len(r.slots)))] }

// add appends the next event, and lets go of the oldest where there is no room.
func (r *ring) add(e *entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.low < r.next && (int(r.next-r.low) >= len(r.slots) || r.bytes+len(e.frame) > r.limit) {
		r.bytes -= len((*r.slot(r.low)).frame)
		*r.slot(r.low) = nil
		r.low++
	}
	*r.slot(e.seq) = e
	r.bytes += len(e.frame)
	r.next = e.seq + 1
}

// replace gives an event another frame, for the same audience.
func (r *ring) replace(seq store.Seq, frame []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if seq < r.low || seq >= r.next {
		return
	}
	e := **r.slot(seq)
	r.bytes += len(frame) - len(e.frame)
	e.frame = frame
	*r.slot(seq) = &e
}

func (r *ring) holds(seq store.Seq) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return seq >= r.low && seq < r.next
}

func (r *ring) head() store.Seq {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.next - 1
}

// follows tells whether everything after a Seq is here, so that somebody who saw it can go on.
func (r *ring) follows(after store.Seq) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return after+1 >= r.low && after < r.next
}

// owed appends to list the events from a Seq that person n sees, at most about limit bytes of them. It returns the
// last Seq that it looked at, and false when the ring no longer begins early enough.
func (r *ring) owed(list []*entry, from store.Seq, n uint32, limit int) (out []*entry, to store.Seq, ok bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if from < r.low {
		return list, 0, false
	}
	size := 0
	for seq := from; seq < r.next; seq++ {
		e := *r.slot(seq)
		if !e.sees(n) {
			continue
		}
		if size > 0 && size+len(e.frame) > limit {
			return list, seq - 1, true
		}
		size += len(e.frame)
		list = append(list, e)
	}
	return list, r.next - 1, true
}

func (r *ring) figures() (head store.Seq, span, bytes int) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.next - 1, int(r.next - r.low), r.bytes
}
