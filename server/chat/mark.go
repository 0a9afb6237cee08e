package chat

import (
	"context"
	"encoding/binary"
	"math"
	"sync"
	"time"

	"watchroom/server/account"
	"watchroom/server/id"
	"watchroom/store"
)

const (
	markEvery  = 2 * time.Second
	marksAtOne = 100 // in one change
	clearAtOne = 8   // mentions that a mark passed and that are forgotten with it; the rest goes with later marks
)

type markKey struct {
	room   id.Room
	person id.Person
}

// marks are read marks that wait to be written. The mark of a person is the further one of this and the stored one.
type marks struct {
	mu      sync.Mutex // guards pending
	pending map[markKey]Mark
}

func (m *marks) of(k markKey) Mark {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pending[k]
}

// advance notes a mark unless one waits that is as far.
func (m *marks) advance(k markKey, to Mark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if to.Seq > m.pending[k].Seq {
		m.pending[k] = to
	}
}

func (m *marks) take() map[markKey]Mark {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.pending
	m.pending = map[markKey]Mark{}
	return all
}

func (m Mark) put(tx *store.Tx, person id.Person) {
	tx.Put(markBucket, store.Key(string(m.Room), string(person)), append(number(m.Seq), number(m.Ordinal)...))
}

func storedMark(tx *store.Tx, k markKey) Mark {
	m := Mark{Room: k.room}
	if raw := tx.Get(markBucket, store.Key(string(k.room), string(k.person))); len(raw) == 16 {
		m.Seq, m.Ordinal = binary.BigEndian.Uint64(raw), binary.BigEndian.Uint64(raw[8:])
	}
	return m
}

// mark is how far person has read room.
func (s *Service) mark(tx *store.Tx, room id.Room, person id.Person) Mark {
	k := markKey{room, person}
	m := storedMark(tx, k)
	if p := s.marks.of(k); p.Seq > m.Seq {
		return p
	}
	return m
}

// unread counts the room's messages outside threads behind m that are not deleted.
func unread(tx *store.Tx, r Room, m Mark) uint64 {
	if m.Ordinal >= r.Count {
		return 0
	}
	n := r.Count - m.Ordinal
	key := func(ordinal uint64) []byte { return append(roomKey(r.ID), number(ordinal)...) }
	for range tx.Scan(graveBucket, store.Range{From: key(m.Ordinal + 1), To: key(math.MaxUint64)}) {
		n--
	}
	return n
}

// MarkRead notes that who has read room up to seq. A mark never goes back. It is written within two seconds, and
// not at all for who is not a member.
func (s *Service) MarkRead(ctx context.Context, who account.Actor, room id.Room, seq uint64) error {
	var m Mark
	moved := false
	err := s.store.View(ctx, func(tx *store.Tx) error {
		r, err := s.visible(tx, who, room)
		if err != nil || !s.MemberTx(tx, room, who.Person) {
			return err
		}
		m = Mark{Room: room, Seq: min(seq, uint64(tx.Head())), Ordinal: r.Count}
		if m.Seq < r.LastSeq {
			m.Ordinal = ordinalAt(tx, room, m.Seq)
		}
		moved = m.Seq > s.mark(tx, room, who.Person).Seq
		return nil
	})
	if err != nil || !moved {
		return err
	}
	s.marks.advance(markKey{room, who.Person}, m)
	if s.o.OnMark != nil {
		s.o.OnMark(who.Person, m)
	}
	return nil
}

// ordinalAt is the ordinal of the newest message outside threads at seq or before.
func ordinalAt(tx *store.Tx, room id.Room, seq uint64) uint64 {
	r := store.Prefix(roomKey(room))
	r.Reverse = true
	if e, ok := tx.Event(store.Seq(seq)); ok {
		// Nothing behind the event's time can have a smaller Seq.
		r.To = store.Key(string(room), int64(id.At(e.Time))+1)
	}
	for k, ordinal := range tx.Scan(historyBucket, r) {
		if last(k) <= seq {
			return last(ordinal)
		}
	}
	return 0
}

// flushMarks writes the marks that wait. What cannot be written waits on.
func (s *Service) flushMarks(ctx context.Context) {
	all := s.marks.take()
	part := make(map[markKey]Mark, marksAtOne)
	flush := func() {
		err := s.store.Update(ctx, func(tx *store.Tx) error {
			for k, m := range part {
				s.putMark(tx, k, m)
			}
			return nil
		})
		if err != nil {
			for k, m := range part {
				s.marks.advance(k, m)
			}
			s.o.Log.Warn("read marks not written", "marks", len(part), "error", err)
		}
		clear(part)
	}
	for k, m := range all {
		if part[k] = m; len(part) == marksAtOne {
			flush()
		}
	}
	if len(part) > 0 {
		flush()
	}
}

func (s *Service) putMark(tx *store.Tx, k markKey, m Mark) {
	if !s.MemberTx(tx, k.room, k.person) || storedMark(tx, k).Seq >= m.Seq {
		return
	}
	m.put(tx, k.person)
	prefix := store.Key(string(k.person), string(k.room))
	n := 0
	for key := range tx.Scan(mentionBucket, store.Prefix(prefix)) {
		if last(key) > m.Seq || n == clearAtOne {
			return
		}
		tx.Delete(mentionBucket, key)
		n++
	}
}
