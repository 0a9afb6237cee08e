package search_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"watchroom/store/search"
)

// step is the batch that takes a small index to cursor 30*n.
func step(n uint64) search.Batch {
	b := search.Batch{Cursor: 30 * n, Deletes: []uint64{30*n - 40}}
	for id := 30*n - 29; id <= 30*n; id++ {
		b.Docs = append(b.Docs, line(id, fmt.Sprintf("disk %d is full on 10.0.3.%d", id, id%250)))
	}
	return b
}

// small is an index on disk with several sealed partitions and an active one, closed; it gives its cursor.
func small(t *testing.T, dir string) uint64 {
	t.Helper()
	x, err := search.Open(dir, search.Options{PartitionDocs: 50})
	if err != nil {
		t.Fatal(err)
	}
	for n := uint64(1); n <= 7; n++ {
		apply(t, x, step(n))
	}
	end := x.Cursor()
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	return end
}

// newest and oldest segment files, and root files, of an index.
func files(t *testing.T, dir, pattern string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(all) == 0 {
		t.Fatalf("%s: %v %v", pattern, all, err)
	}
	return all
}

func flip(from, n int) func(string) error {
	return func(path string) error {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for i := from; i < from+n && i < len(b); i++ {
			b[i] ^= 0x5a
		}
		return os.WriteFile(path, b, 0o600)
	}
}

func zero(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, make([]byte, len(b)), 0o600)
}

func half(path string) error {
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	return os.Truncate(path, st.Size()/2)
}

func empty(path string) error { return os.Truncate(path, 0) }

// A damaged index opens without an error. Either it is empty, with cursor 0 and a line in the log, and what was there lies
// beside it; or, when only the last batches are lost, it stands at an earlier cursor. Fed from its cursor it is whole.
func TestDamage(t *testing.T) {
	master := filepath.Join(t.TempDir(), "master")
	end := small(t, master)
	newestZap := func(dir string) string { z := files(t, dir, "p-*/*.zap"); return z[len(z)-1] }
	oldestZap := func(dir string) string { return files(t, dir, "p-000001/*.zap")[0] }
	newestRoot := func(dir string) string { r := files(t, dir, "p-*/root.bolt"); return r[len(r)-1] }
	middleRoot := func(dir string) string { return files(t, dir, "p-000002/root.bolt")[0] }
	middle := func(dir string) string { return files(t, dir, "p-000002")[0] }
	for _, c := range []struct {
		name string
		what func(dir string) string
		do   func(path string) error
		tail bool // only the last batches may be lost
	}{
		{"newest segment cut", newestZap, half, true},
		{"newest segment empty", newestZap, empty, true},
		{"newest segment zero", newestZap, zero, true},
		{"newest segment flipped", newestZap, flip(200, 5), true},
		{"newest segment gone", newestZap, os.Remove, true},
		{"oldest segment cut", oldestZap, half, false},
		{"oldest segment zero", oldestZap, zero, false},
		{"oldest segment flipped", oldestZap, flip(100, 5), false},
		{"oldest segment gone", oldestZap, os.Remove, false},
		{"newest root zero", newestRoot, zero, false},
		{"newest root empty", newestRoot, empty, false},
		{"newest root cut", newestRoot, half, false},
		{"newest root without meta pages", newestRoot, flip(0, 8192), false},
		{"newest root with broken pages", newestRoot, flip(2*4096, 1<<20), false},
		{"newest root gone", newestRoot, os.Remove, false},
		{"middle root cut", middleRoot, half, false},
		{"middle root gone", middleRoot, os.Remove, false},
		{"middle partition gone", middle, os.RemoveAll, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "index")
			if err := os.CopyFS(dir, os.DirFS(master)); err != nil {
				t.Fatal(err)
			}
			if err := c.do(c.what(dir)); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			x := open(t, dir, search.Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Head: func() uint64 { return end }, PartitionDocs: 50})
			at := x.Cursor()
			if at >= end || at > 0 && !c.tail {
				t.Fatalf("cursor %d of %d: the damage was not seen", at, end)
			}
			if at == 0 {
				if _, err := os.Stat(dir + ".damaged"); err != nil || !strings.Contains(log.String(), "moved aside") {
					t.Errorf("aside: %v; log %q", err, log.String())
				}
				if n, err := x.Count(t.Context()); n != 0 || err != nil {
					t.Errorf("count %d %v, want none", n, err)
				}
			}
			if h, err := x.Search(t.Context(), search.Query{Rooms: []string{"ops"}}); err != nil || !h.Partial {
				t.Errorf("%+v %v, want a partial answer", h, err)
			}
			for n := at/30 + 1; n <= 7; n++ {
				apply(t, x, step(n))
			}
			h, err := x.Search(t.Context(), search.Query{Text: "disk", Rooms: []string{"ops"}, Limit: 500})
			if err != nil || h.Partial || len(h.Hits) != 204 {
				t.Errorf("%d hits, partial %v, %v: want 204", len(h.Hits), h.Partial, err)
			}
			if err := x.Purge(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(dir + ".damaged"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("after a purge the damaged index is still there: %v", err)
			}
		})
	}
}

// An index of another log is not believed; the same log's is, with its cursor.
func TestEpoch(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	x, err := search.Open(dir, search.Options{Epoch: "one"})
	if err != nil {
		t.Fatal(err)
	}
	apply(t, x, search.Batch{Docs: []search.Doc{line(7, "disk full")}, Cursor: 9})
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if x, err = search.Open(dir, search.Options{Epoch: "one"}); err != nil || x.Cursor() != 9 {
		t.Fatalf("%v, cursor %d, want 9", err, x.Cursor())
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if x := open(t, dir, search.Options{Epoch: "two"}); x.Cursor() != 0 {
		t.Errorf("cursor %d, want 0", x.Cursor())
	}
}

// An index that somebody else has open is not damaged: Open says so and leaves it alone.
func TestLocked(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	x := open(t, dir, search.Options{})
	apply(t, x, search.Batch{Docs: []search.Doc{line(7, "disk full")}, Cursor: 9})
	if _, err := search.Open(dir, search.Options{}); !errors.Is(err, search.ErrLocked) {
		t.Fatalf("got %v, want ErrLocked", err)
	}
	if got := fmt.Sprint(find(t, x, search.Query{Text: "disk"})); got != "[7]" {
		t.Errorf("got %s, want [7]", got)
	}
	if _, err := os.Stat(dir + ".damaged"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was moved aside: %v", err)
	}
}

// Check finds bits that have turned in the files of an open index, makes it suspect, and Reset heals it.
func TestCheckAndReset(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	end := small(t, dir)
	x := open(t, dir, search.Options{PartitionDocs: 50})
	if err := x.Check(t.Context()); err != nil || x.Cursor() != end {
		t.Fatalf("%v, cursor %d, want %d", err, x.Cursor(), end)
	}
	before := x.Suspect()
	if err := flip(150, 5)(files(t, dir, "p-000002/*.zap")[0]); err != nil {
		t.Fatal(err)
	}
	if err := x.Check(t.Context()); err == nil {
		t.Fatal("the flipped bytes were not found")
	}
	<-before
	if err := x.Apply(t.Context(), search.Batch{Cursor: 1000}); !errors.Is(err, search.ErrSuspect) {
		t.Errorf("apply: %v, want ErrSuspect", err)
	}
	if err := x.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := x.Count(t.Context()); n != 0 || err != nil || x.Cursor() != 0 || x.Err() != nil {
		t.Errorf("count %d %v cursor %d err %v, want nothing", n, err, x.Cursor(), x.Err())
	}
	select {
	case <-x.Suspect():
		t.Error("still suspect")
	default:
	}
	apply(t, x, search.Batch{Docs: []search.Doc{line(7, "disk full")}, Cursor: 9})
	if got := fmt.Sprint(find(t, x, search.Query{Text: "disk"})); got != "[7]" {
		t.Errorf("got %s, want [7]", got)
	}
}

// A closed index says so and does not panic; a context that has ended is obeyed.
func TestClosed(t *testing.T) {
	x := open(t, "", search.Options{})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := x.Apply(ended, search.Batch{}); !errors.Is(err, context.Canceled) {
		t.Errorf("apply: %v", err)
	}
	apply(t, x, search.Batch{Docs: []search.Doc{line(7, "disk full")}, Cursor: 9})
	if _, err := x.Search(ended, search.Query{Text: "disk", Rooms: []string{"ops"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("search: %v", err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	_, err1 := x.Search(t.Context(), search.Query{Rooms: []string{"ops"}})
	_, err2 := x.Count(t.Context())
	for i, err := range []error{err1, err2, x.Apply(t.Context(), search.Batch{}), x.Reset(t.Context()), x.Purge(t.Context()), x.Check(t.Context())} {
		if !errors.Is(err, search.ErrClosed) {
			t.Errorf("%d: %v, want ErrClosed", i, err)
		}
	}
}

// When the storage fails, Apply says so, the index is suspect at once, takes nothing more, and Reset makes it good.
func TestStorageFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	x := open(t, dir, search.Options{})
	apply(t, x, search.Batch{Docs: []search.Doc{line(7, "disk full")}, Cursor: 9})
	suspect := x.Suspect()
	if err := os.RemoveAll(filepath.Join(dir, "p-000001")); err != nil {
		t.Fatal(err)
	}
	if err := x.Apply(t.Context(), search.Batch{Docs: []search.Doc{line(8, "disk full")}, Cursor: 10}); err == nil {
		t.Fatal("a batch went into a directory that is gone")
	}
	<-suspect
	if x.Cursor() != 9 || !errors.Is(x.Err(), search.ErrSuspect) {
		t.Errorf("cursor %d, err %v", x.Cursor(), x.Err())
	}
	if h, err := x.Search(t.Context(), search.Query{Text: "disk", Rooms: []string{"ops"}}); err != nil || !h.Partial {
		t.Errorf("%+v %v, want a partial answer", h, err)
	}
	if err := x.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	apply(t, x, search.Batch{Docs: []search.Doc{line(7, "disk full"), line(8, "disk full")}, Cursor: 10})
	if got := fmt.Sprint(find(t, x, search.Query{Text: "disk"})); got != "[8 7]" {
		t.Errorf("got %s, want [8 7]", got)
	}
}

// What has been deleted or replaced leaves the files with a purge, also in a partition that is full; nothing else does.
func TestPurge(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	x := open(t, dir, search.Options{PartitionDocs: 200})
	weight := func() (sum int64) {
		for _, f := range files(t, dir, "p-*/*.zap") {
			if st, err := os.Stat(f); err == nil {
				sum += st.Size()
			}
		}
		return sum
	}
	c := newChatter()
	var gone, want []uint64
	for id := uint64(1); id <= 500; id += 100 {
		var docs []search.Doc
		for n := id; n < id+100; n++ {
			d := c.doc(n)
			d.Room = "ops"
			docs = append(docs, d)
			if n%20 == 0 {
				want = append(want, n)
			} else {
				gone = append(gone, n)
			}
		}
		apply(t, x, search.Batch{Docs: docs, Cursor: id})
	}
	if err := x.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := weight()
	apply(t, x, search.Batch{Deletes: gone, Cursor: 600})
	for range 2 { // the second has nothing to do
		if err := x.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Second); weight() > before/3; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes of %d are left", weight(), before)
		}
	}
	slices.Reverse(want)
	if got := find(t, x, search.Query{Limit: 500}); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if n, err := x.Count(t.Context()); err != nil || n != uint64(len(want)) {
		t.Errorf("count %d %v, want %d", n, err, len(want))
	}
	if err := x.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
