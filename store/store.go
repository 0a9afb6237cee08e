// Package store keeps bytes in order and knows no chat: records under ordered keys, one log of
// everything that was announced, and transactions over both.
//
// A change is a function that runs on the committer, the one goroutine that writes. What it
// puts and what it emits becomes durable together or not at all, together with the changes that
// waited beside it: one batch, one sync. Followers read the log; there is no other way to tell
// anybody anything.
//
// A backend only applies batches and reads snapshots (KV). Everything else is written once,
// here, and every backend must keep the promises in store/storetest.
package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Seq numbers the events of the whole server in the order of their commits, without gaps,
// from 1. It stays below 2^53, so a browser can hold it.
type Seq uint64

// KV is a backend: snapshots to read, batches to write.
type KV interface {
	// View runs fn on one snapshot. A view must be short: some backends cannot reuse space
	// while it is open.
	View(ctx context.Context, fn func(Reader) error) error
	// Apply writes the whole batch or nothing, and returns when it is durable. The batch's
	// memory belongs to the backend afterwards.
	Apply(ctx context.Context, b Batch) error
	Close() error
}

// Reader reads one snapshot. What it returns is valid until the view ends and must not be changed.
type Reader interface {
	// Get returns nil where the key is absent, and an empty slice for an empty value.
	Get(bucket string, key []byte) []byte
	Scan(bucket string, r Range) iter.Seq2[[]byte, []byte]
}

// Range selects keys: From is included, To is not, nil is open. Reverse walks it from the end.
type Range struct {
	From, To []byte
	Reverse  bool
}

// Prefix selects the keys that begin with p.
func Prefix(p []byte) Range {
	to := append([]byte(nil), p...)
	for len(to) > 0 {
		to[len(to)-1]++
		if to[len(to)-1] != 0 {
			return Range{From: p, To: to}
		}
		to = to[:len(to)-1]
	}
	return Range{From: p}
}

// Batch is what one commit writes: the ops of a bucket stand together in key order, and of two
// ops on the same key the later one wins.
type Batch struct{ Ops []Op }

// Op puts or deletes one key.
type Op struct {
	Bucket     string
	Key, Value []byte
	Delete     bool
}

// The buckets that belong to the store itself; changes cannot put into them.
const (
	// LogBucket holds the log. Its keys only ever grow, which backends may exploit.
	LogBucket    = "_log"
	metaBucket   = "_store"
	cursorBucket = "_cursor"

	bucketMark = "bucket/" // prefix in metaBucket: one key for each bucket ever written
	shape      = "1"       // of the layout described here; a newer one is refused
	unfinished = "copying" // key in metaBucket while a backup is written
)

var (
	// ErrUnavailable says that nothing was written, or that it is not known to be: the disk is full
	// or broken, or the store has stopped.
	ErrUnavailable = errors.New("the store cannot write now")
	// ErrNested is the answer to Update inside a change, which could only wait for itself.
	ErrNested = errors.New("update inside a transaction")
	// ErrPanic wraps what a change panicked with.
	ErrPanic = errors.New("change panicked")
	// ErrCorrupt is a log record whose checksum or form is wrong. It is never served.
	ErrCorrupt = errors.New("corrupt log record")
	// ErrAhead is the answer to a follower that claims to have seen more than was committed:
	// it belongs to another epoch.
	ErrAhead = errors.New("position is ahead of the log")
	// ErrLimit wraps what a change may not do: too many keys, a key too long, a value too large.
	ErrLimit = errors.New("beyond a limit of the store")
	// ErrReadOnly is the answer to a write inside View.
	ErrReadOnly = errors.New("write in a read-only transaction")
)

// Options tune a store; the zero value is right for most.
type Options struct {
	Now func() time.Time // time.Now
	Log *slog.Logger     // discards
}

// Store is the storage above one KV. Reading works at once; Update needs Run.
type Store struct {
	kv    KV
	now   func() time.Time
	log   *slog.Logger
	epoch string
	queue queue

	head     atomic.Uint64
	rewrites atomic.Uint64 // counts commits that rewrote an event
	changing atomic.Bool   // a change runs at this moment

	mu       sync.Mutex // guards the tail and wake
	tail     []Event    // the newest events without gaps; followers hold parts of it
	tailSize int        // bytes of its bodies
	wake     chan struct{}

	committing sync.Mutex // held for a whole commit; guards what follows
	clock      time.Time  // of the newest change
	buckets    map[string]bool
	tees       map[*tee]bool
	stats      statistics
}

// New opens the store in kv, and makes it where kv is empty.
func New(ctx context.Context, kv KV, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{
		kv: kv, now: o.Now, log: o.Log,
		wake: make(chan struct{}), buckets: map[string]bool{}, tees: map[*tee]bool{},
	}
	s.queue.init()
	s.stats.init()
	err := kv.View(ctx, s.load)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if s.epoch == "" {
		if s.epoch, err = NewEpoch(ctx, kv); err != nil {
			return nil, fmt.Errorf("make store: %w", err)
		}
	}
	return s, nil
}

func (s *Store) load(r Reader) error {
	s.epoch = string(r.Get(metaBucket, []byte("epoch")))
	if have := string(r.Get(metaBucket, []byte("shape"))); have != "" && have != shape {
		return fmt.Errorf("the data has shape %s, this program knows %s: use a newer one", have, shape)
	}
	if r.Get(metaBucket, []byte(unfinished)) != nil {
		return errors.New("this is a backup that was broken off: it is not whole")
	}
	for k := range r.Scan(metaBucket, Prefix([]byte(bucketMark))) {
		s.buckets[strings.TrimPrefix(string(k), bucketMark)] = true
	}
	head, at, err := newest(r)
	if err != nil {
		return err
	}
	s.head.Store(uint64(head))
	s.clock = at
	return nil
}

// newest is the last event of the log and its time.
func newest(r Reader) (Seq, time.Time, error) {
	for k, v := range r.Scan(LogBucket, Range{Reverse: true}) {
		if len(k) != 8 {
			return 0, time.Time{}, fmt.Errorf("%w: key of %d bytes", ErrCorrupt, len(k))
		}
		seq := Seq(binary.BigEndian.Uint64(k))
		e, err := decode(seq, v)
		return seq, e.Time, err
	}
	return 0, time.Time{}, nil
}

// NewEpoch gives the data in kv a new random epoch and returns it. A copy that was restored
// needs one, so that browsers and followers of the original notice.
func NewEpoch(ctx context.Context, kv KV) (string, error) {
	var raw [12]byte
	_, _ = rand.Read(raw[:]) // never fails
	epoch := hex.EncodeToString(raw[:])
	return epoch, kv.Apply(ctx, Batch{Ops: []Op{
		{Bucket: metaBucket, Key: []byte("epoch"), Value: []byte(epoch)},
		{Bucket: metaBucket, Key: []byte("shape"), Value: []byte(shape)},
	}})
}

// Epoch names this history: positions in the log of another epoch mean nothing here.
func (s *Store) Epoch() string { return s.epoch }

// Head is the newest committed event.
func (s *Store) Head() Seq { return Seq(s.head.Load()) }

// Wake returns a channel that is closed when the next events are committed. Take it before
// looking at Head, or a commit between the two is missed.
func (s *Store) Wake() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wake
}

const slowView = 250 * time.Millisecond

// View runs fn on a snapshot. It must be short (250 ms) and must not wait for an Update.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error {
	start := time.Now()
	defer func() {
		if took := time.Since(start); took > slowView {
			s.log.Warn("a view was open for long", "took", took)
		}
	}()
	return s.kv.View(ctx, func(r Reader) error {
		t := &Tx{ctx: context.WithValue(ctx, inTx{}, s), file: r, now: s.now().Truncate(time.Millisecond), head: unknown}
		defer t.end()
		if err := fn(t); err != nil {
			return err
		}
		return t.err
	})
}

// Cursor returns the position that was set under name, and whether there is one.
func (s *Store) Cursor(ctx context.Context, name string) (at Seq, ok bool, err error) {
	err = s.View(ctx, func(t *Tx) error {
		at, ok = t.Cursor(name)
		return nil
	})
	return at, ok, err
}

// SetCursor keeps a follower's position durably.
func (s *Store) SetCursor(ctx context.Context, name string, at Seq) error {
	return s.Update(ctx, func(t *Tx) error {
		t.SetCursor(name, at)
		return nil
	})
}
