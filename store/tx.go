package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"time"
)

// What one change may do.
const (
	MaxKeys  = 1000     // keys touched by one change, the entries of indexes included
	MaxKey   = 512      // bytes of a key
	MaxValue = 16 << 20 // bytes of a value or an event's body
)

const unknown = ^Seq(0)

type inTx struct{} // context key: the store whose transaction the context belongs to

// Tx is one transaction: a snapshot in View, a change in Update. Reads see the change's own puts,
// then the earlier changes of the batch, then the file. It belongs to the function it was
// handed to, in that goroutine, until that returns.
//
// Writes return nothing: the first thing that goes wrong sticks and fails the change.
type Tx struct {
	ctx   context.Context
	file  Reader
	batch *batch // nil in a view
	now   time.Time
	head  Seq // of a view, once asked for
	err   error
	ended bool
}

// Context is the context of the transaction. Code that takes it to Update is told ErrNested.
func (t *Tx) Context() context.Context { return t.ctx }

// Now is the moment of the transaction, to the millisecond; a later change never has an earlier one.
func (t *Tx) Now() time.Time { return t.now }

// Fail makes the transaction fail with err, whatever its function returns. The first call counts.
func (t *Tx) Fail(err error) {
	if t.err == nil {
		t.err = err
	}
}

// Head is the newest event that this transaction sees, its own included.
func (t *Tx) Head() Seq {
	if t.batch != nil {
		return t.batch.head
	}
	if t.head == unknown && !t.ended {
		head, _, err := newest(t.file)
		if err != nil {
			t.Fail(err)
			return head
		}
		t.head = head
	}
	return t.head
}

// Get returns a copy of the value under key: nil where it is absent, not nil where it is empty.
func (t *Tx) Get(bucket string, key []byte) []byte {
	v := t.get(bucket, key)
	if v == nil {
		return nil
	}
	return append([]byte{}, v...)
}

// get returns the value itself, which must not be changed or kept.
func (t *Tx) get(bucket string, key []byte) []byte {
	if t.ended {
		return nil
	}
	if t.batch != nil {
		if it, ok := t.batch.over.get(bucket, key); ok {
			if it.deleted {
				return nil
			}
			return it.value
		}
	}
	return t.file.Get(bucket, key)
}

// Scan walks over a range; what it yields are copies. The loop may put and delete in the
// range: it then sees what lies ahead as it has become.
func (t *Tx) Scan(bucket string, r Range) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		for k, v := range t.scan(bucket, r) {
			both := make([]byte, len(k)+len(v))
			copy(both, k)
			copy(both[len(k):], v)
			if !yield(both[:len(k):len(k)], both[len(k):]) {
				return
			}
		}
	}
}

// scan is Scan without the copies.
func (t *Tx) scan(bucket string, r Range) iter.Seq2[[]byte, []byte] {
	if t.ended {
		return func(func(k, v []byte) bool) {}
	}
	if t.batch == nil {
		return t.file.Scan(bucket, r)
	}
	return func(yield func(k, v []byte) bool) {
		w := walk{over: t.batch.over, bucket: bucket, r: r}
		for k, v := range t.file.Scan(bucket, r) {
			it, ok := w.peek()
			for ok && r.precedes(it.key, k) {
				if w.pass(it.key); !it.deleted && !yield(it.key, it.value) {
					return
				}
				it, ok = w.peek()
			}
			deleted := false
			if ok && bytes.Equal(it.key, k) {
				v, deleted = it.value, it.deleted
			}
			if w.pass(k); !deleted && !yield(k, v) {
				return
			}
		}
		for it, ok := w.peek(); ok; it, ok = w.peek() {
			if w.pass(it.key); !it.deleted && !yield(it.key, it.value) {
				return
			}
		}
	}
}

// Put writes a copy of value under key.
func (t *Tx) Put(bucket string, key, value []byte) {
	if !t.may(bucket, key) {
		return
	}
	if len(value) > MaxValue {
		t.Fail(fmt.Errorf("%w: value of %d bytes in %s", ErrLimit, len(value), bucket))
		return
	}
	t.set(bucket, item{key: bytes.Clone(key), value: append([]byte{}, value...)})
}

// Delete removes key; an absent one is no error.
func (t *Tx) Delete(bucket string, key []byte) {
	if t.may(bucket, key) {
		t.set(bucket, item{key: bytes.Clone(key), deleted: true})
	}
}

func (t *Tx) may(bucket string, key []byte) bool {
	switch {
	case t.batch == nil || t.ended:
		t.Fail(ErrReadOnly)
	case bucket == "" || bucket == LogBucket || bucket == metaBucket || bucket == cursorBucket:
		t.Fail(fmt.Errorf("bucket %q is the store's own", bucket))
	case len(key) == 0 || len(key) > MaxKey:
		t.Fail(fmt.Errorf("%w: key of %d bytes in %s", ErrLimit, len(key), bucket))
	default:
		return true
	}
	return false
}

func (t *Tx) set(bucket string, it item) {
	if t.batch == nil || t.ended {
		t.Fail(ErrReadOnly)
		return
	}
	if t.err != nil {
		return
	}
	t.batch.over.set(bucket, it)
	if t.batch.over.keys() > MaxKeys {
		t.Fail(fmt.Errorf("%w: more than %d keys in one change", ErrLimit, MaxKeys))
	}
}

// Emit appends an event to the log and returns its Seq, which is final if the change succeeds.
// Seq and Time are set here.
func (t *Tx) Emit(e Event) Seq {
	if t.batch == nil || t.ended {
		t.Fail(ErrReadOnly)
		return 0
	}
	if e.Kind == "" || len(e.Body) > MaxValue {
		t.Fail(fmt.Errorf("%w: event of kind %q with a body of %d bytes", ErrLimit, e.Kind, len(e.Body)))
		return 0
	}
	e.Seq = t.batch.head + 1
	e.Time = t.now.UTC()
	if e.To = slices.Clone(e.To); len(e.To) == 0 {
		e.To = nil
	}
	e.Hash = hash(e.Body)
	e.Rewritten = false
	record := encode(e)
	e.Body = record[len(record)-len(e.Body):]
	t.set(LogBucket, item{key: logKey(e.Seq), value: record})
	if t.err != nil {
		return 0
	}
	t.batch.head = e.Seq
	t.batch.events = append(t.batch.events, e)
	return e.Seq
}

// Event returns the event with this Seq, also one emitted earlier in this change or batch. The
// body is a copy. A corrupt record fails the transaction.
func (t *Tx) Event(seq Seq) (Event, bool) {
	raw := t.get(LogBucket, logKey(seq))
	if raw == nil {
		return Event{}, false
	}
	e, err := decode(seq, raw)
	if err != nil {
		t.Fail(err)
		return Event{}, false
	}
	e.Body = append([]byte{}, e.Body...)
	return e, true
}

// Rewrite puts another body in the place of an event's, under the same Seq and header. The first
// body's hash stays; the body itself is never served again.
func (t *Tx) Rewrite(seq Seq, body []byte) {
	if t.batch == nil || t.ended {
		t.Fail(ErrReadOnly)
		return
	}
	if len(body) > MaxValue {
		t.Fail(fmt.Errorf("%w: body of %d bytes", ErrLimit, len(body)))
		return
	}
	raw := t.get(LogBucket, logKey(seq))
	if raw == nil {
		t.Fail(fmt.Errorf("rewrite event %d: there is none", seq))
		return
	}
	e, err := decode(seq, raw)
	if err != nil {
		t.Fail(err)
		return
	}
	e.Body, e.Rewritten = body, true
	record := encode(e)
	e.Body = record[len(record)-len(body):]
	t.set(LogBucket, item{key: logKey(seq), value: record})
	if t.err == nil {
		t.batch.rewritten = append(t.batch.rewritten, e)
	}
}

// Cursor returns the position that was set under name, and whether there is one.
func (t *Tx) Cursor(name string) (Seq, bool) {
	v := t.get(cursorBucket, []byte(name))
	if len(v) != 8 {
		return 0, false
	}
	return Seq(binary.BigEndian.Uint64(v)), true
}

// SetCursor keeps a follower's position in the same transaction as what it did there.
func (t *Tx) SetCursor(name string, at Seq) {
	if len(name) == 0 || len(name) > MaxKey {
		t.Fail(fmt.Errorf("%w: cursor name of %d bytes", ErrLimit, len(name)))
		return
	}
	t.set(cursorBucket, item{key: []byte(name), value: logKey(at)})
}

func (t *Tx) end() { t.ended = true }
