package boltkv_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"watchroom/store"
	"watchroom/store/boltkv"
	"watchroom/store/storetest"
)

func open(t testing.TB, path string) *boltkv.KV {
	t.Helper()
	kv, err := boltkv.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return kv
}

// The file backend keeps every promise of a backend, and its pages are sound afterwards.
func TestPromises(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.KV {
		path := filepath.Join(t.TempDir(), "store.db")
		t.Cleanup(func() {
			if err := boltkv.Check(path); err != nil {
				t.Error(err)
			}
		})
		return open(t, path)
	})
}

// What was applied is there after the file was closed and opened again, and only the file
// stands in the directory.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	kv := open(t, path)
	err := kv.Apply(t.Context(), store.Batch{Ops: []store.Op{{Bucket: "a", Key: []byte("k"), Value: []byte("v")}, {Bucket: "a", Key: []byte("l")}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := kv.Close(); err != nil {
		t.Fatal(err)
	}
	kv = open(t, path)
	err = kv.View(t.Context(), func(r store.Reader) error {
		if got := r.Get("a", []byte("k")); string(got) != "v" {
			t.Errorf("got %q, want v", got)
		}
		if got := r.Get("a", []byte("l")); got == nil {
			t.Error("the empty value is gone")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if size, err := kv.Size(); size == 0 || err != nil {
		t.Errorf("size is %d, %v", size, err)
	}
	if err := kv.Close(); err != nil {
		t.Fatal(err)
	}
	if err := kv.View(t.Context(), func(store.Reader) error { return nil }); err == nil {
		t.Error("a closed file was read")
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("the directory holds %v, %v", files, err)
	}
}

// A file that is open elsewhere is refused in words for the person who started the second one.
func TestInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	kv := open(t, path)
	if _, err := boltkv.Open(path); !errors.Is(err, boltkv.ErrInUse) {
		t.Errorf("second open gave %v", err)
	}
	if err := boltkv.Check(path); !errors.Is(err, boltkv.ErrInUse) {
		t.Errorf("check gave %v", err)
	}
	if err := kv.Close(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, path).Close(); err != nil {
		t.Error(err)
	}
}

// Of many who make the same file at once one wins, and the others find it in use or open it
// later: nobody works on a file that another has replaced.
func TestMakeTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	var mu sync.Mutex
	var opened []*boltkv.KV
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			kv, err := boltkv.Open(path)
			if errors.Is(err, boltkv.ErrInUse) {
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			opened = append(opened, kv)
		})
	}
	wg.Wait()
	if len(opened) != 1 {
		t.Errorf("%d have the file open, want 1", len(opened))
	}
	for _, kv := range opened {
		if err := kv.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A file that is no store, a missing directory and a directory in the file's place are errors.
func TestOpenRefused(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{garbage, filepath.Join(dir, "absent", "store.db"), dir} {
		kv, err := boltkv.Open(path)
		if err == nil {
			t.Errorf("%s was opened", path)
			err = kv.Close()
		}
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s gave %v", path, err)
		}
	}
}

// The log fills its pages, so that a record costs little more than its bytes.
func TestLogIsDense(t *testing.T) {
	kv := open(t, filepath.Join(t.TempDir(), "store.db"))
	const n, each = 40_000, 2_000
	value := make([]byte, 200)
	for from := 0; from < n; from += each {
		var ops []store.Op
		for i := from; i < from+each; i++ {
			ops = append(ops, store.Op{Bucket: store.LogBucket, Key: store.Key(i), Value: slices.Clone(value)})
		}
		if err := kv.Apply(t.Context(), store.Batch{Ops: ops}); err != nil {
			t.Fatal(err)
		}
	}
	used, err := kv.Used()
	if err != nil || used/n > 275 {
		t.Errorf("a record of 200 bytes takes %d, want at most 275; %v", used/n, err)
	}
	if err := kv.Close(); err != nil {
		t.Error(err)
	}
}
