// Package chat is rooms and what is said in them: members, messages, threads, read marks, files, and who may read and
// search what.
//
// A message's text stands once, in the body of the event that posted it. A room's history is an index on the log; an edit
// and a deletion overwrite the body where it stands, so superseded text is nowhere. Every answer about a message goes
// through readable, the one place that decides who may read a room.
package chat

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
	"watchroom/store/blob"
	"watchroom/store/search"
)

// Options are what the service needs from outside; the zero value is right for a test.
type Options struct {
	Now       func() time.Time
	PublicURL string
	Log       *slog.Logger
	OnMark    func(person id.Person, m Mark) // called after somebody read a room, to tell the person's other devices; must not block
}

// Service is the use cases of this package.
type Service struct {
	store  *store.Store
	people *account.Service
	index  *search.Index
	blobs  *blob.Store
	o      Options

	marks marks
	bytes sync.RWMutex // held for writing while blobs that nothing names are deleted
}

// New is the service above st. Index may be nil: then nothing is found.
func New(st *store.Store, people *account.Service, index *search.Index, blobs *blob.Store, o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{store: st, people: people, index: index, blobs: blobs, o: o, marks: marks{pending: map[markKey]Mark{}}}
}

// The buckets beside the tables.
const (
	tailBucket    = "tail"      // room -> tail
	memberBucket  = "member"    // room|person -> when joined
	placeBucket   = "place"     // person|room: the same from the other side
	openBucket    = "open"      // room that people read without being members -> the room it came from, or nothing
	directBucket  = "direct"    // hash of the members -> room
	historyBucket = "history"   // room|time|seq -> ordinal
	threadBucket  = "thread"    // root|seq of its replies
	nonceBucket   = "nonce"     // day|author|nonce -> seq
	markBucket    = "mark"      // room|person -> mark
	mentionBucket = "mention"   // person|room|seq of messages that name the person
	graveBucket   = "tombstone" // room|ordinal of deleted messages
)

var (
	rooms = store.NewTable("room", func(r *Room) []byte { return roomKey(r.ID) },
		store.Index[Room]{Name: "name", Keys: func(r *Room) [][]byte {
			if r.Name == "" || r.Archived {
				return nil
			}
			return [][]byte{store.Key(r.Name)}
		}})
	notes = store.NewTable("message", func(n *note) []byte { return store.Key(n.Seq) })
)

// note is what has happened to a message since, beside its text.
type note struct {
	Seq       uint64    `json:"seq"`
	Replies   int       `json:"replies,omitempty"`
	LastReply id.Millis `json:"lastReply,omitempty"`
	Edit      uint64    `json:"edit,omitempty"` // Seq of the newest message.edited: it has the text too
}

func roomKey(r id.Room) []byte { return store.Key(string(r)) }

// tail is the part of a room that every message changes, apart from the rest to be small.
type tail struct {
	Count, LastSeq uint64
	LastTime       id.Millis
	Members        uint64
}

func tailOf(tx *store.Tx, room id.Room) (t tail) {
	raw := tx.Get(tailBucket, roomKey(room))
	if len(raw) != 32 {
		return tail{}
	}
	return tail{
		Count: binary.BigEndian.Uint64(raw), LastSeq: binary.BigEndian.Uint64(raw[8:]),
		LastTime: id.Millis(binary.BigEndian.Uint64(raw[16:])), Members: binary.BigEndian.Uint64(raw[24:]),
	}
}

func (t tail) put(tx *store.Tx, room id.Room) {
	raw := make([]byte, 0, 32)
	for _, n := range []uint64{t.Count, t.LastSeq, uint64(t.LastTime), t.Members} {
		raw = binary.BigEndian.AppendUint64(raw, n)
	}
	tx.Put(tailBucket, roomKey(room), raw)
}

// emit announces a change by who in room.
func emit(tx *store.Tx, who account.Actor, kind string, room id.Room, to []string, body any) uint64 {
	raw, err := json.Marshal(body)
	if err != nil {
		tx.Fail(fmt.Errorf("encode %s: %w", kind, err))
		return 0
	}
	return uint64(tx.Emit(store.Event{Kind: kind, Room: string(room), To: to, Actor: string(who.Person), Body: raw}))
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// last is the number that a key ends with.
func last(key []byte) uint64 {
	if len(key) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(key[len(key)-8:])
}

var (
	errNoRoom    = fault.New(fault.Missing, "there is no such room, or you are not in it")
	errNoMessage = fault.New(fault.Missing, "there is no such message, or you may not read it")
	errArchived  = fault.New(fault.Conflict, "this room is archived")
)

// Run writes the read marks, and clears away nonces and files that nobody needs any more, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	marks := time.NewTicker(markEvery)
	defer marks.Stop()
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			s.flushMarks(context.WithoutCancel(ctx))
			return nil
		case <-marks.C:
			s.flushMarks(ctx)
		case <-sweep.C:
			if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
				s.o.Log.Warn("not everything old was cleared away", "error", err)
			}
		}
	}
}

const sweepEvery = 10 * time.Minute

// Sweep clears away the nonces of the days before yesterday, uploads that no message took, and the bytes of files that are
// gone. Run does it from time to time.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(s.sweepNonces(ctx), s.sweepFiles(ctx))
}
