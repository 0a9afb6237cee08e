package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// maxBatch is how many changes share one commit.
const maxBatch = 512

// Change is what was handed in with Submit: it waits for its turn and its outcome.
type Change struct {
	ctx   context.Context
	fn    func(*Tx) error
	taken atomic.Bool // by the committer, or by its caller who has given up
	err   error
	done  chan struct{}
}

// Done is closed when the outcome is known.
func (c *Change) Done() <-chan struct{} { return c.done }

// Err waits for the outcome: nil when the change is durable, else the reason why it left no trace. A context that ends
// before the change began withdraws it; after that the outcome is waited for.
func (c *Change) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
	}
	select {
	case <-c.done:
	case <-c.ctx.Done():
		if c.taken.CompareAndSwap(false, true) {
			c.answer(c.ctx.Err())
		}
		<-c.done
	}
	return c.err
}

// batch is what the changes of one commit have done so far.
type batch struct {
	over      *overlay
	head      Seq
	events    []Event // emitted by changes that stand
	rewritten []Event
	changes   int // that share the commit
}

// Update runs fn as a change and returns when it is durable, or with the reason why it left no
// trace. Nothing slow may happen in fn, and it may run on another goroutine than its caller's.
//
// Before Run it waits for it; after Run has ended it fails. A context that ends before the
// change began withdraws it; after that the outcome is waited for. Update inside a change fails
// with ErrNested; a change that waits for another goroutine's Update waits for ever.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	return s.Submit(ctx, fn).Err()
}

// Submit hands fn in as a change, as Update does, and does not wait for it. Changes that are
// submitted one after the other run in that order. One whose context has ended when its turn
// comes leaves no trace.
func (s *Store) Submit(ctx context.Context, fn func(*Tx) error) *Change {
	c := &Change{ctx: ctx, fn: fn, done: make(chan struct{})}
	if ctx.Value(inTx{}) == s || s.changing.Load() && insideChange() {
		c.answer(ErrNested)
	} else if err := s.queue.add(c); err != nil {
		c.answer(err)
	}
	return c
}

// Run is the committer. When ctx ends it commits what waits and returns.
func (s *Store) Run(ctx context.Context) error {
	if err := s.queue.open(); err != nil {
		return err
	}
	var taken []*Change
	defer func() {
		for _, c := range append(taken, s.queue.close()...) {
			c.answer(fmt.Errorf("%w: it has stopped", ErrUnavailable))
		}
	}()
	for {
		taken = s.queue.take(taken[:0])
		if len(taken) == 0 {
			select {
			case <-s.queue.signal:
				continue
			case <-ctx.Done():
				if s.queue.empty() {
					return nil
				}
				continue
			}
		}
		// Two yields let the callers who were answered just now join this batch: without them
		// a closed loop of senders splits into two cohorts that take turns.
		runtime.Gosched()
		runtime.Gosched()
		taken = s.queue.take(taken)
		s.commit(context.WithoutCancel(ctx), taken)
		clear(taken)
		taken = taken[:0]
	}
}

// commit runs the changes on one overlay, writes what they did and answers them.
func (s *Store) commit(ctx context.Context, changes []*Change) {
	s.committing.Lock()
	defer s.committing.Unlock()
	b := &batch{over: newOverlay(), head: s.Head(), changes: len(changes)}
	err := s.kv.View(ctx, func(r Reader) error {
		for _, c := range changes {
			c.err = s.try(c, r, b)
		}
		return nil
	})
	if err == nil {
		err = s.write(ctx, b)
	}
	if err != nil {
		s.log.Error("commit", "changes", len(changes), "error", err)
		err = fmt.Errorf("%w: %w", ErrUnavailable, err)
		s.stats.lost(len(changes))
		s.resync(ctx)
	}
	for _, c := range changes {
		if err != nil {
			c.err = err
		}
		close(c.done)
	}
}

// try runs one change and takes it back if it fails.
func (s *Store) try(c *Change, r Reader, b *batch) (err error) {
	b.over.begin()
	head, events, rewritten := b.head, len(b.events), len(b.rewritten)
	if now := s.now().Truncate(time.Millisecond); now.After(s.clock) {
		s.clock = now
	}
	t := &Tx{ctx: context.WithValue(c.ctx, inTx{}, s), file: r, batch: b, now: s.clock}
	s.changing.Store(true)
	defer func() {
		s.changing.Store(false)
		t.end()
		if p := recover(); p != nil {
			s.log.Error("a change panicked", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", ErrPanic, p)
		}
		if err != nil {
			b.over.rollback()
			b.head, b.events, b.rewritten = head, b.events[:events], b.rewritten[:rewritten]
		}
		s.stats.tried(err)
	}()
	if err := c.ctx.Err(); err != nil {
		return err
	}
	return runChange(t, c.fn)
}

// runChange stands in a function of its own so that insideChange can recognize it.
//
//go:noinline
func runChange(t *Tx, fn func(*Tx) error) error {
	if err := fn(t); err != nil {
		return err
	}
	return t.err
}

// insideChange says whether the calling goroutine runs a change. It catches an Update with a
// context that was not taken from the transaction.
func insideChange() bool {
	var pcs [128]uintptr
	for _, pc := range pcs[:runtime.Callers(2, pcs[:])] {
		if f := runtime.FuncForPC(pc); f != nil && f.Name() == "watchroom/store.runChange" {
			return true
		}
	}
	return false
}

// write makes a batch durable and visible.
func (s *Store) write(ctx context.Context, b *batch) error {
	ops := b.over.batch()
	if len(ops.Ops) == 0 {
		return nil
	}
	var fresh []string
	last := ""
	for _, op := range ops.Ops {
		if op.Bucket != last && !s.buckets[op.Bucket] {
			fresh = append(fresh, op.Bucket)
		}
		last = op.Bucket
	}
	for _, name := range fresh {
		ops.Ops = append(ops.Ops, Op{Bucket: metaBucket, Key: []byte(bucketMark + name), Value: []byte{}})
	}
	start := time.Now()
	if err := s.kv.Apply(ctx, ops); err != nil {
		return err
	}
	s.stats.committed(b.changes, len(b.events), time.Since(start))
	for _, name := range fresh {
		s.buckets[name] = true
	}
	for t := range s.tees {
		t.add(ops)
	}
	s.publish(b)
	return nil
}

// resync takes the head from the file after a commit that failed: a backend may have written the
// batch although it could not promise that it lasts.
func (s *Store) resync(ctx context.Context) {
	for t := range s.tees {
		t.broken = true
	}
	head := s.Head()
	err := s.kv.View(ctx, func(r Reader) (err error) {
		head, _, err = newest(r)
		return err
	})
	if err != nil {
		s.log.Error("read the head of the log", "error", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tail, s.tailSize = nil, 0
	s.rewrites.Add(1)
	if head != s.Head() {
		s.head.Store(uint64(head))
		s.rouse()
	}
}

func (c *Change) answer(err error) {
	c.err = err
	close(c.done)
}

// queue holds the changes that wait for the committer.
type queue struct {
	signal chan struct{} // has room for one: something waits

	mu      sync.Mutex
	waiting []*Change
	running bool
	stopped bool
}

func (q *queue) init() { q.signal = make(chan struct{}, 1) }

func (q *queue) open() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running {
		return errors.New("the store runs already")
	}
	q.running, q.stopped = true, false
	return nil
}

// close refuses further changes and returns those that waited.
func (q *queue) close() []*Change {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running, q.stopped = false, true
	rest := q.waiting[:0]
	for _, c := range q.waiting {
		if c.taken.CompareAndSwap(false, true) {
			rest = append(rest, c)
		}
	}
	q.waiting = nil
	return rest
}

func (q *queue) add(c *Change) error {
	q.mu.Lock()
	if q.stopped {
		q.mu.Unlock()
		return fmt.Errorf("%w: it has stopped", ErrUnavailable)
	}
	q.waiting = append(q.waiting, c)
	q.mu.Unlock()
	select {
	case q.signal <- struct{}{}:
	default:
	}
	return nil
}

func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting) == 0
}

// take moves changes to a batch, as many as it may hold, without those that were withdrawn.
func (q *queue) take(batch []*Change) []*Change {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, c := range q.waiting {
		if len(batch) == maxBatch {
			break
		}
		n++
		if c.taken.CompareAndSwap(false, true) {
			batch = append(batch, c)
		}
	}
	rest := copy(q.waiting, q.waiting[n:])
	clear(q.waiting[rest:])
	q.waiting = q.waiting[:rest]
	return batch
}
