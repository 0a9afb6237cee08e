// Package search is the full-text index over messages: an embedded Bleve (scorch) index in partitions, with documents,
// queries and hits of its own. It knows no chat: rooms and authors are strings, a message is a number.
//
// The index is a cache of the log. It holds the cursor up to which it has been fed, stored in the same batch as the
// documents, so that after a crash the caller feeds it again from Cursor. What is damaged is moved aside and begins at 0.
package search

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	index "github.com/blevesearch/bleve_index_api"
)

// Doc is one message as the index sees it.
type Doc struct {
	ID     uint64 // the message's Seq; a later Doc of the same ID replaces this one
	Room   string // without one it is as if deleted: nobody may see it
	Author string
	Time   time.Time // kept to the millisecond
	Text   string
	Has    []string // "file", "image", "link", "code", "alert", "thread"
	Thread uint64   // the ID of the message that it answers in a thread, 0 for none
}

// Query asks for messages. Every condition that is set must hold; an empty Text with other conditions is allowed.
type Query struct {
	Text     string    // words, "phrases", -word and -"phrase"; see Parse for the meaning
	Rooms    []string  // the rooms that may be seen: nothing else is ever found, and nil finds nothing
	In       []string  // any of these rooms, among Rooms
	From     []string  // any of these authors
	Before   time.Time // older than this moment
	After    time.Time // at this moment or later
	Has      []string  // all of these
	Thread   uint64    // answers to this message
	BeforeID uint64    // only IDs below: the last Hit of a page, or SearchedTo, gives the next page
	Limit    int       // 20 when 0, at most 500
}

// Hit is one message found.
type Hit struct {
	ID   uint64
	Room string
	Time time.Time
}

// Hits are the newest hits by ID, newest first.
type Hits struct {
	Hits       []Hit
	More       bool   // there may be older ones
	Partial    bool   // the index is being filled or is damaged, so that messages may be missing
	SearchedTo uint64 // when the search ran out of time: no ID below it has been looked at; else 0
}

// Batch is one step of feeding: all of it is in the index when Apply returns.
// An ID in Deletes wins over a Doc of the same ID; of two Docs with one ID the later wins.
type Batch struct {
	Docs    []Doc
	Deletes []uint64
	Cursor  uint64
}

// Options tune an index; the zero value is right for a server.
type Options struct {
	Log           *slog.Logger
	Head          func() uint64 // the newest Seq of the log: until the cursor reaches the head of Open or Reset, hits are Partial
	Epoch         string        // the identity of the log: an index fed from another one is moved aside
	PartitionDocs int           // documents in a partition, 100,000 when 0
	Budget        time.Duration // how long one search may take before it answers with what it has, 2 s when 0
}

var (
	// ErrLocked means that another process has the index open.
	ErrLocked = errors.New("search index is in use by another process")
	// ErrSuspect means that the index has seen an error of its storage: it takes nothing more until Reset.
	ErrSuspect = errors.New("search index is damaged and waits for a rebuild")
	// ErrClosed means that the index has been closed.
	ErrClosed = errors.New("search index is closed")
)

// Index is an open index: one Apply, Purge or Reset at a time, any number of searches beside it.
type Index struct {
	dir   string
	o     Options
	queue *index.AnalysisQueue

	write sync.Mutex // one writer

	mu      sync.RWMutex // guards parts, closed; held for reading while a search runs
	parts   []*partition // by number; the last one takes new documents
	closed  bool
	cursor  atomic.Uint64
	target  atomic.Uint64
	trouble atomic.Pointer[trouble]
}

// trouble is the first error that the storage reported, told by closing a channel.
type trouble struct {
	once sync.Once
	told chan struct{}
	err  atomic.Pointer[error]
}

// Open opens the index in dir, or one in memory when dir is "". An index that is missing, damaged, of another format or
// of another Epoch is no error: it is moved to dir + ".damaged" and an empty one with cursor 0 stands in its place.
// Errors are ErrLocked and those of the machine (no permission, no files left).
func Open(dir string, o Options) (*Index, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.PartitionDocs <= 0 {
		o.PartitionDocs = 100_000
	}
	if o.Budget <= 0 {
		o.Budget = 2 * time.Second
	}
	x := &Index{dir: dir, o: o, queue: index.NewAnalysisQueue(runtime.GOMAXPROCS(0))}
	x.calm()
	if err := x.open(); err != nil {
		x.queue.Close()
		return nil, err
	}
	return x, nil
}

// calm forgets trouble and sets the mark up to which hits are partial.
func (x *Index) calm() {
	x.trouble.Store(&trouble{told: make(chan struct{})})
	if x.o.Head != nil {
		x.target.Store(x.o.Head())
	}
}

// report notes an error of the storage; only the first one counts, for storage repeats itself.
func (x *Index) report(at *trouble, err error) {
	at.once.Do(func() {
		at.err.Store(&err)
		close(at.told)
		x.o.Log.Error("search index is damaged and must be rebuilt", "dir", x.dir, "error", err)
	})
}

// Suspect is closed when the storage reports an error after which the index must be rebuilt: call Reset and feed it again
// from 0. Reset gives a new channel. Err has the reason.
func (x *Index) Suspect() <-chan struct{} { return x.trouble.Load().told }

// Err is why the index is suspect, nil when it is not.
func (x *Index) Err() error {
	if err := x.trouble.Load().err.Load(); err != nil {
		return fmt.Errorf("%w: %w", ErrSuspect, *err)
	}
	return nil
}

// Cursor is the cursor of the newest batch in the index.
func (x *Index) Cursor() uint64 { return x.cursor.Load() }

// Count is the number of documents in the index.
func (x *Index) Count(ctx context.Context) (uint64, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.closed {
		return 0, ErrClosed
	}
	var sum uint64
	for _, p := range x.parts {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := p.count()
		if err != nil {
			return 0, fmt.Errorf("count documents: %w", err)
		}
		sum += n
	}
	return sum, nil
}

// Reset drops every document and begins at cursor 0. It is the way out of ErrSuspect.
func (x *Index) Reset(ctx context.Context) error {
	x.write.Lock()
	defer x.write.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := x.shut(); err != nil {
		x.o.Log.Warn("close search index before dropping it", "dir", x.dir, "error", err)
	}
	if x.dir != "" {
		old := x.dir + ".old"
		if err := errors.Join(os.RemoveAll(old), os.Rename(x.dir, old), os.RemoveAll(old)); err != nil {
			return fmt.Errorf("drop search index: %w", err)
		}
	}
	x.calm()
	return x.fresh()
}

// Close closes the index; what runs is waited for. Closing twice is allowed.
func (x *Index) Close() error {
	x.write.Lock()
	defer x.write.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return nil
	}
	x.closed = true
	err := x.shut()
	x.queue.Close()
	return err
}

// shut closes all partitions and forgets them.
func (x *Index) shut() error {
	var errs []error
	for _, p := range x.parts {
		errs = append(errs, p.close())
	}
	x.parts = nil
	x.cursor.Store(0)
	return errors.Join(errs...)
}

// active is the partition that takes new documents.
func (x *Index) active() *partition { return x.parts[len(x.parts)-1] }

// add makes p the active partition.
func (x *Index) add(p *partition) { x.parts = append(slices.Clip(x.parts), p) }
