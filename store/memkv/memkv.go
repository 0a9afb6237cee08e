// Package memkv keeps a store in memory: for demonstrations and tests.
package memkv

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"

	"watchroom/store"
)

type item struct{ key, value []byte }

func before(a, b item) bool { return bytes.Compare(a.key, b.key) < 0 }

type tree = btree.BTreeG[item]

// snapshot is a state by bucket. Once it is published neither the map nor a tree changes.
type snapshot map[string]*tree

// KV is a store.KV in memory. Every Apply publishes a new snapshot that shares what did not
// change with the one before, so views neither block nor are blocked.
type KV struct {
	now    atomic.Pointer[snapshot]
	closed atomic.Bool
	mu     sync.Mutex // held by the one Apply
}

var errClosed = errors.New("the memory store is closed")

// New returns an empty KV.
func New() *KV {
	kv := &KV{}
	kv.now.Store(&snapshot{})
	return kv
}

// View runs fn on the newest snapshot.
func (kv *KV) View(ctx context.Context, fn func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if kv.closed.Load() {
		return errClosed
	}
	return fn(*kv.now.Load())
}

// Apply publishes a snapshot with the batch applied.
func (kv *KV) Apply(ctx context.Context, b store.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	kv.mu.Lock()
	defer kv.mu.Unlock()
	if kv.closed.Load() {
		return errClosed
	}
	next := maps.Clone(*kv.now.Load())
	mine := map[string]*tree{}
	for _, op := range b.Ops {
		t := mine[op.Bucket]
		if t == nil {
			if old := next[op.Bucket]; old != nil {
				t = old.Copy()
			} else {
				t = btree.NewBTreeGOptions(before, btree.Options{NoLocks: true})
			}
			mine[op.Bucket], next[op.Bucket] = t, t
		}
		switch {
		case len(op.Key) == 0:
			return errors.New("empty key")
		case op.Delete:
			t.Delete(item{key: op.Key})
		case op.Value == nil:
			t.Set(item{op.Key, []byte{}})
		default:
			t.Set(item{op.Key, op.Value})
		}
	}
	kv.now.Store(&next)
	return nil
}

// Close refuses whatever comes afterwards.
func (kv *KV) Close() error {
	kv.closed.Store(true)
	return nil
}

// Get returns the value under key, nil where there is none.
func (s snapshot) Get(bucket string, key []byte) []byte {
	t := s[bucket]
	if t == nil {
		return nil
	}
	it, _ := t.Get(item{key: key})
	return it.value
}

// Scan walks over a range.
func (s snapshot) Scan(bucket string, r store.Range) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		t := s[bucket]
		if t == nil {
			return
		}
		if !r.Reverse {
			t.Ascend(item{key: r.From}, func(it item) bool {
				return (r.To == nil || bytes.Compare(it.key, r.To) < 0) && yield(it.key, it.value)
			})
			return
		}
		visit := func(it item) bool {
			if r.To != nil && bytes.Compare(it.key, r.To) >= 0 {
				return true
			}
			return bytes.Compare(it.key, r.From) >= 0 && yield(it.key, it.value)
		}
		if r.To == nil {
			t.Reverse(visit)
		} else {
			t.Descend(item{key: r.To}, visit)
		}
	}
}
