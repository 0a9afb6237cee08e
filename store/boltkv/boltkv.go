// Package boltkv keeps a store in one bbolt file.
package boltkv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterr "go.etcd.io/bbolt/errors"

	"watchroom/store"
)

// ErrInUse says that another process has the file open.
var ErrInUse = errors.New("another watchroom uses this data directory")

const (
	pageSize    = 4096
	lockTimeout = time.Second
	// appendFill is how full a page of an append-only bucket is left: nothing is ever inserted.
	appendFill = 0.9
)

// KV is a store.KV in a file. Views should be short: pages that a commit sets free cannot be
// used again while a view that is older stays open.
type KV struct {
	db      *bolt.DB
	appends []string
}

// Open opens the file at path and makes it where there is none. The log, and any bucket that is
// named here, is filled as one whose keys only grow.
func Open(path string, appendOnly ...string) (*KV, error) {
	if err := create(path); err != nil {
		return nil, fmt.Errorf("make %s: %w", path, err)
	}
	db, err := open(path)
	if errors.Is(err, bolterr.ErrTimeout) {
		return nil, fmt.Errorf("open %s: %w", path, ErrInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return &KV{db: db, appends: append([]string{store.LogBucket}, appendOnly...)}, nil
}

// open maps as much address space as the system gives: growing the map later would have to wait
// for every view, and every view for it.
func open(path string) (db *bolt.DB, err error) {
	for _, size := range mapSizes() {
		db, err = bolt.Open(path, 0o600, &bolt.Options{
			Timeout:         lockTimeout,
			FreelistType:    bolt.FreelistMapType,
			InitialMmapSize: size,
			PageSize:        pageSize,
		})
		if !errors.Is(err, syscall.ENOMEM) && !errors.Is(err, syscall.EINVAL) {
			break
		}
	}
	return db, err
}

func mapSizes() []int {
	if runtime.GOOS == "windows" { // there the file would grow to the size of the map
		return []int{0}
	}
	gib := 1 << 30
	sizes := []int{gib, gib / 4, 0}
	if strconv.IntSize == 64 {
		sizes = slices.Concat([]int{64 * gib, 16 * gib, 4 * gib}, sizes)
	}
	return sizes
}

// create makes an empty file beside its place, syncs it and moves it there, so that a crash leaves
// either none or a whole one.
func create(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if err := tmp.Close(); err != nil {
		return err
	}
	db, err := bolt.Open(tmp.Name(), 0o600, &bolt.Options{PageSize: pageSize, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return err
	}
	if err := errors.Join(db.Sync(), db.Close()); err != nil {
		return err
	}
	// A link does not replace what another process has made meanwhile; not every file system has links.
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		if err := os.Rename(tmp.Name(), path); err != nil {
			return err
		}
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Close waits for open views and closes the file.
func (kv *KV) Close() error { return kv.db.Close() }

// Size is the size of the file in bytes.
func (kv *KV) Size() (int64, error) {
	info, err := os.Stat(kv.db.Path())
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Used is how many bytes of the file hold data; the rest is free for what comes.
func (kv *KV) Used() (used int64, err error) {
	err = kv.db.View(func(tx *bolt.Tx) error {
		st := kv.db.Stats()
		used = tx.Size() - int64(st.FreePageN+st.PendingPageN)*pageSize
		return nil
	})
	return used, err
}

// Check walks over every page of a file that nobody has open, and returns what is wrong with it. A
// torn file can end the process: check in one of its own.
func Check(path string) error {
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: lockTimeout})
	if errors.Is(err, bolterr.ErrTimeout) {
		return fmt.Errorf("check %s: %w", path, ErrInUse)
	}
	if err != nil {
		return fmt.Errorf("check %s: %w", path, err)
	}
	var found []error
	err = db.View(func(tx *bolt.Tx) error {
		for err := range tx.Check() {
			found = append(found, fmt.Errorf("check %s: %w", path, err))
		}
		return nil
	})
	return errors.Join(append(found, err, db.Close())...)
}

// View runs fn on a snapshot.
func (kv *KV) View(ctx context.Context, fn func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return kv.db.View(func(tx *bolt.Tx) error { return fn(reader{tx}) })
}

// Apply writes the batch in one transaction and returns after its sync. A file whose pages are
// damaged gives an error, where bbolt panics.
func (kv *KV) Apply(ctx context.Context, b store.Batch) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("write: %v", p)
		}
	}()
	return kv.db.Update(func(tx *bolt.Tx) error {
		var in *bolt.Bucket
		name := ""
		for _, op := range b.Ops {
			if in == nil || name != op.Bucket {
				var err error
				if in, err = kv.bucket(tx, op.Bucket); err != nil {
					return err
				}
				name = op.Bucket
			}
			var err error
			if op.Delete {
				err = in.Delete(op.Key)
			} else {
				err = in.Put(op.Key, op.Value)
			}
			if err != nil {
				return fmt.Errorf("%s %q: %w", op.Bucket, op.Key, err)
			}
		}
		return nil
	})
}

func (kv *KV) bucket(tx *bolt.Tx, name string) (*bolt.Bucket, error) {
	b := tx.Bucket([]byte(name))
	if b == nil {
		var err error
		if b, err = tx.CreateBucket([]byte(name)); err != nil {
			return nil, fmt.Errorf("bucket %q: %w", name, err)
		}
	}
	if slices.Contains(kv.appends, name) {
		b.FillPercent = appendFill
	}
	return b, nil
}

type reader struct{ tx *bolt.Tx }

// Get returns the value under key, nil where there is none.
func (r reader) Get(bucket string, key []byte) []byte {
	b := r.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	return b.Get(key)
}

// Scan walks over a range.
func (r reader) Scan(bucket string, rg store.Range) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		b := r.tx.Bucket([]byte(bucket))
		if b == nil {
			return
		}
		c := b.Cursor()
		if rg.Reverse {
			for k, v := last(c, rg.To); k != nil && bytes.Compare(k, rg.From) >= 0; k, v = c.Prev() {
				if !yield(k, v) {
					return
				}
			}
			return
		}
		for k, v := first(c, rg.From); k != nil && (rg.To == nil || bytes.Compare(k, rg.To) < 0); k, v = c.Next() {
			if !yield(k, v) {
				return
			}
		}
	}
}

func first(c *bolt.Cursor, from []byte) (k, v []byte) {
	if len(from) == 0 {
		return c.First()
	}
	return c.Seek(from)
}

// last moves to the last key before to; nil is the end.
func last(c *bolt.Cursor, to []byte) (k, v []byte) {
	if to == nil {
		return c.Last()
	}
	if k, _ := c.Seek(to); k == nil {
		return c.Last()
	}
	return c.Prev()
}
