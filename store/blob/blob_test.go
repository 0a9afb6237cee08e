package blob_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"watchroom/store/blob"
)

func each(t *testing.T, test func(t *testing.T, s *blob.Store)) {
	t.Run("disk", func(t *testing.T) {
		s, err := blob.New(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		test(t, s)
	})
	t.Run("memory", func(t *testing.T) { test(t, blob.NewMem()) })
}

// What is put is read back from any place, under the hash of its bytes, and the same bytes have
// the same reference.
func TestPutOpen(t *testing.T) {
	each(t, func(t *testing.T, s *blob.Store) {
		for _, body := range []string{"", "a", strings.Repeat("horn ", 100_000)} {
			sum := sha256.Sum256([]byte(body))
			want := blob.Ref{Hash: hex.EncodeToString(sum[:]), Size: int64(len(body))}
			for range 2 {
				got, err := s.Put(t.Context(), strings.NewReader(body), int64(len(body)))
				if err != nil || got != want {
					t.Fatalf("put gave %v, %v, want %v", got, err, want)
				}
			}
			f, err := s.Open(want.Hash)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(f)
			if err != nil || string(got) != body {
				t.Errorf("read %d bytes, %v, want %d", len(got), err, len(body))
			}
			if at, err := f.Seek(-int64(len(body)), io.SeekEnd); at != 0 || err != nil {
				t.Errorf("seek gave %d, %v", at, err)
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

// A file beyond the limit, a sender that breaks off and a context that ends leave nothing behind.
func TestPutRefused(t *testing.T) {
	dir := t.TempDir()
	s, err := blob.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	broken := errors.New("line broke")
	tests := []struct {
		name string
		ctx  context.Context
		body func() io.Reader
		want error
	}{
		{"too large", t.Context(), func() io.Reader { return strings.NewReader("12345") }, blob.ErrTooLarge},
		{"broken", t.Context(), func() io.Reader { return io.MultiReader(strings.NewReader("12"), iotest.ErrReader(broken)) }, broken},
		{"ended", ended, func() io.Reader { return strings.NewReader("12") }, context.Canceled},
	}
	for _, test := range tests {
		for name, s := range map[string]*blob.Store{"disk": s, "memory": blob.NewMem()} {
			if _, got := s.Put(test.ctx, test.body(), 4); !errors.Is(got, test.want) {
				t.Errorf("%s on %s: got %v, want %v", test.name, name, got, test.want)
			}
		}
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("left behind %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Only a hash opens anything: a path does not reach the disk, and what was deleted is gone.
func TestOpenRefused(t *testing.T) {
	each(t, func(t *testing.T, s *blob.Store) {
		ref, err := s.Put(t.Context(), strings.NewReader("gone"), 10)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(ref.Hash); err != nil {
			t.Error(err)
		}
		if err := s.Delete(ref.Hash); err != nil {
			t.Errorf("second delete: %v", err)
		}
		for _, hash := range []string{ref.Hash, "", "..", "../../etc/passwd", strings.Repeat("/", 64), strings.ToUpper(ref.Hash)} {
			if _, err := s.Open(hash); !errors.Is(err, blob.ErrNotFound) {
				t.Errorf("open %q gave %v", hash, err)
			}
		}
	})
}

// Blobs survive a restart, and the same bytes may be put by many at once.
func TestManyAndRestart(t *testing.T) {
	dir := t.TempDir()
	s, err := blob.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := s.Put(t.Context(), strings.NewReader("same"), 10); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	ref, err := s.Put(t.Context(), strings.NewReader("same"), 10)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = blob.New(dir); err != nil {
		t.Fatal(err)
	}
	f, err := s.Open(ref.Hash)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := io.ReadAll(f); string(got) != "same" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if info, err := os.Stat(filepath.Join(dir, ref.Hash[:2], ref.Hash)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file is %v, %v", info, err)
	}
}
