package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	copyKeys  = 8192
	copyBytes = 4 << 20
	copyTime  = 50 * time.Millisecond // how long one view of a backup stays open
)

// tee collects the batches that are committed while a backup copies.
type tee struct {
	broken bool // a commit failed and may have been written all the same; set before detach

	mu      sync.Mutex
	batches []Batch
}

func (t *tee) add(b Batch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.batches = append(t.batches, b)
}

func (t *tee) take() []Batch {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.batches
	t.batches = nil
	return b
}

// Backup copies everything into dst, which must be empty, while the store goes on working, and
// returns the Seq at which the copy equals the store. The copy has the same epoch: whoever
// starts a server on it gives it a new one with NewEpoch. A copy that was broken off is marked,
// and New refuses it.
//
// No view stays open: ranges are copied in short ones, and what is committed meanwhile is
// collected and applied on top, in order.
func (s *Store) Backup(ctx context.Context, dst KV) (Seq, error) {
	if err := claim(ctx, dst); err != nil {
		return 0, fmt.Errorf("back up: %w", err)
	}
	t := &tee{}
	s.committing.Lock()
	s.tees[t] = true
	buckets := slices.Sorted(maps.Keys(s.buckets))
	s.committing.Unlock()
	defer s.detach(t)

	for _, bucket := range append(buckets, metaBucket) {
		for from := []byte{}; from != nil; {
			next, err := s.copyChunk(ctx, dst, bucket, from)
			if err == nil {
				err = replay(ctx, dst, t.take())
			}
			if err != nil {
				return 0, fmt.Errorf("back up %s: %w", bucket, err)
			}
			from = next
		}
	}
	at := s.detach(t)
	if t.broken {
		return 0, fmt.Errorf("back up: %w: a commit failed meanwhile", ErrUnavailable)
	}
	done := Batch{Ops: []Op{{Bucket: metaBucket, Key: []byte(unfinished), Delete: true}}}
	if err := replay(ctx, dst, append(t.take(), done)); err != nil {
		return 0, fmt.Errorf("back up what was committed meanwhile: %w", err)
	}
	return at, nil
}

// detach ends a tee between two commits and returns the head there.
func (s *Store) detach(t *tee) Seq {
	s.committing.Lock()
	defer s.committing.Unlock()
	delete(s.tees, t)
	return s.Head()
}

// claim marks an empty destination as a copy that is not finished.
func claim(ctx context.Context, dst KV) error {
	err := dst.View(ctx, func(r Reader) error {
		for range r.Scan(metaBucket, Range{}) {
			return errors.New("the destination is not empty")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return dst.Apply(ctx, Batch{Ops: []Op{{Bucket: metaBucket, Key: []byte(unfinished), Value: []byte{}}}})
}

// copyChunk copies the keys of a bucket from a key on and returns where to go on, nil at the end.
func (s *Store) copyChunk(ctx context.Context, dst KV, bucket string, from []byte) (next []byte, err error) {
	var ops []Op
	size, start := 0, time.Now()
	err = s.kv.View(ctx, func(r Reader) error {
		for k, v := range r.Scan(bucket, Range{From: from}) {
			if len(ops) >= copyKeys || size >= copyBytes || len(ops)&63 == 63 && time.Since(start) > copyTime {
				next = bytes.Clone(k)
				break
			}
			ops = append(ops, Op{Bucket: bucket, Key: bytes.Clone(k), Value: append([]byte{}, v...)})
			size += len(k) + len(v)
		}
		return nil
	})
	if err != nil || len(ops) == 0 {
		return nil, err
	}
	return next, dst.Apply(ctx, Batch{Ops: ops})
}

func replay(ctx context.Context, dst KV, batches []Batch) error {
	for _, b := range batches {
		if err := dst.Apply(ctx, b); err != nil {
			return err
		}
	}
	return nil
}
