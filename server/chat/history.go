package chat

import (
	"context"
	"math"
	"slices"

	"watchroom/server/account"
	"watchroom/server/id"
	"watchroom/store"
)

const (
	pageDefault = 50
	pageMax     = 100
)

// PageIn asks for a page: before a message, after one, around one, or the newest. The first of them that is set counts.
type PageIn struct {
	Before, After, Around uint64
	Limit                 int // 50 when 0, at most 100
}

// HistoryPage is a stretch of messages without gaps.
type HistoryPage struct {
	Messages []Message `json:"messages"` // oldest first
	Older    bool      `json:"older"`    // there are older ones
	Newer    bool      `json:"newer"`
	At       uint64    `json:"at"` // the page holds every event up to this Seq
}

// line is an index of messages in order: a room's history or a thread.
type line struct {
	bucket string
	prefix []byte
	place  func(seq uint64) []byte // where a message stands, or would: its key
}

func (l line) end() []byte { return store.Prefix(l.prefix).To }

// History is a page of a room, tombstones included. A place that is not a message of the room is as good as the moment it
// was made at; a reply stands where the message does that it replies to.
func (s *Service) History(ctx context.Context, who account.Actor, room id.Room, in PageIn) (page HistoryPage, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if _, err := s.visible(tx, who, room); err != nil {
			return err
		}
		l := line{bucket: historyBucket, prefix: roomKey(room)}
		l.place = func(seq uint64) []byte {
			at := int64(math.MaxInt64)
			if m, ok := s.message(tx, seq); ok {
				if m.Room == room && m.Thread != 0 {
					if root, ok := s.message(tx, m.Thread); ok {
						m = root
					}
				}
				at, seq = int64(m.Time), m.ID
			} else if e, ok := tx.Event(store.Seq(seq)); ok {
				at = int64(id.At(e.Time))
			}
			return store.Key(string(room), at, seq)
		}
		page = s.page(tx, l, in)
		return nil
	})
	return page, err
}

// Thread is a page of the replies to a message, without the message itself.
func (s *Service) Thread(ctx context.Context, who account.Actor, root uint64, in PageIn) (page HistoryPage, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if _, err := s.MessageTx(tx, who, root); err != nil {
			return err
		}
		l := line{bucket: threadBucket, prefix: store.Key(root)}
		l.place = func(seq uint64) []byte { return store.Key(root, seq) }
		page = s.page(tx, l, in)
		return nil
	})
	return page, err
}

// page reads one page of a line.
func (s *Service) page(tx *store.Tx, l line, in PageIn) HistoryPage {
	limit := in.Limit
	if limit <= 0 {
		limit = pageDefault
	}
	limit = min(limit, pageMax)
	p := HistoryPage{At: uint64(tx.Head()), Messages: []Message{}}
	var seqs []uint64
	switch {
	case in.Before != 0:
		at := l.place(in.Before)
		seqs, p.Older = l.older(tx, at, limit)
		p.Newer = l.any(tx, at, l.end())
	case in.After != 0:
		at := append(l.place(in.After), 0)
		seqs, p.Newer = l.newer(tx, at, limit)
		p.Older = l.any(tx, l.prefix, at)
	case in.Around != 0:
		at := l.place(in.Around)
		var behind []uint64
		seqs, p.Older = l.older(tx, at, limit/2)
		behind, p.Newer = l.newer(tx, at, limit-limit/2)
		seqs = append(seqs, behind...)
	default:
		seqs, p.Older = l.older(tx, l.end(), limit)
	}
	for _, seq := range seqs {
		if m, ok := s.message(tx, seq); ok {
			p.Messages = append(p.Messages, m)
		}
	}
	return p
}

// older lists up to limit messages before the key at, oldest first, and tells whether there are more.
func (l line) older(tx *store.Tx, at []byte, limit int) (seqs []uint64, more bool) {
	for k := range tx.Scan(l.bucket, store.Range{From: l.prefix, To: at, Reverse: true}) {
		if len(seqs) == limit {
			more = true
			break
		}
		seqs = append(seqs, last(k))
	}
	slices.Reverse(seqs)
	return seqs, more
}

// newer lists up to limit messages from the key at on.
func (l line) newer(tx *store.Tx, at []byte, limit int) (seqs []uint64, more bool) {
	for k := range tx.Scan(l.bucket, store.Range{From: at, To: l.end()}) {
		if len(seqs) == limit {
			return seqs, true
		}
		seqs = append(seqs, last(k))
	}
	return seqs, false
}

func (l line) any(tx *store.Tx, from, to []byte) bool {
	for range tx.Scan(l.bucket, store.Range{From: from, To: to}) {
		return true
	}
	return false
}
