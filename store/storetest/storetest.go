// Package storetest is the list of promises that every backend of the store keeps, as tests.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"watchroom/store"
)

// Run checks a backend. Each call of open gives an empty KV, which Run closes.
func Run(t *testing.T, open func(t *testing.T) store.KV) {
	tests := []struct {
		name string
		test func(*testing.T, store.KV)
	}{
		{"batch is whole", wholeBatch},
		{"ranges", ranges},
		{"views stand still", standingView},
		{"empty values", emptyValues},
		{"large scans", largeScans},
		{"ended context", endedContext},
		{"group commit", groupCommit},
		{"changes see the batch", seesBatch},
		{"transaction model", transactionModel},
		{"limits", limits},
		{"nested update", nested},
		{"submitted in order", submitted},
		{"withdrawn and stopped", withdrawn},
		{"failed commit", failedCommit},
		{"reopen", reopen},
		{"log", sequence},
		{"follow", follow},
		{"rewrite", rewrite},
		{"rewrite under followers", rewriteUnderFollowers},
		{"corrupt record", corrupt},
		{"table", tableModel},
		{"table refusals", tableRefusals},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			kv := open(t)
			test.test(t, kv)
			if err := kv.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	t.Run("backup", func(t *testing.T) { backup(t, open) })
	t.Run("backup refused", func(t *testing.T) { backupRefused(t, open) })
}

// start opens a store and runs it until stop is called, which also happens at the end of the test.
func start(t *testing.T, kv store.KV, o store.Options) (s *store.Store, stop func()) {
	t.Helper()
	s, err := store.New(t.Context(), kv, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	}
	return s, stop
}

func put(bucket, key, value string) store.Op {
	return store.Op{Bucket: bucket, Key: []byte(key), Value: []byte(value)}
}

func apply(t *testing.T, kv store.KV, ops ...store.Op) {
	t.Helper()
	if err := kv.Apply(t.Context(), store.Batch{Ops: ops}); err != nil {
		t.Fatal(err)
	}
}

func update(t *testing.T, s *store.Store, fn func(tx *store.Tx)) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		fn(tx)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func view(t *testing.T, s *store.Store, fn func(tx *store.Tx)) {
	t.Helper()
	err := s.View(t.Context(), func(tx *store.Tx) error {
		fn(tx)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// list reads a range of a bucket as "key=value".
func list(t *testing.T, kv store.KV, bucket string, r store.Range) (all []string) {
	t.Helper()
	err := kv.View(t.Context(), func(reader store.Reader) error {
		for k, v := range reader.Scan(bucket, r) {
			all = append(all, fmt.Sprintf("%s=%s", k, v))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// frail is a backend whose disk can be full.
type frail struct {
	store.KV
	full  bool
	after int // batches until it is; 0 is never
}

var errFull = errors.New("no space left on device")

// Apply fails while the disk is full.
func (f *frail) Apply(ctx context.Context, b store.Batch) error {
	if f.full {
		return errFull
	}
	if f.after > 0 {
		f.after--
		f.full = f.after == 0
	}
	return f.KV.Apply(ctx, b)
}
