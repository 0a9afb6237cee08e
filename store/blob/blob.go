// Package blob keeps files by the hash of what is in them: the same bytes are kept once, and what
// is read back is what was put.
package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Ref names one blob.
type Ref struct {
	Hash string `json:"hash"` // SHA-256 in lower-case hex
	Size int64  `json:"size"`
}

var (
	// ErrTooLarge is the answer to more bytes than Put was allowed to take.
	ErrTooLarge = errors.New("file is too large")
	// ErrNotFound is the answer to a hash under which nothing is kept.
	ErrNotFound = errors.New("no such file is kept")
)

// Store keeps blobs in a directory, or in memory.
type Store struct {
	dir string // "" in memory

	mu  sync.Mutex
	mem map[string][]byte // nil on disk
}

const incoming = "incoming"

// abandoned is how old an unfinished upload is when Open takes it for the rest of a crash.
const abandoned = 24 * time.Hour

// New opens the blobs below dir, makes the directory where there is none, and clears away what
// uploads left unfinished long ago.
func New(dir string) (*Store, error) {
	in := filepath.Join(dir, incoming)
	if err := os.MkdirAll(in, 0o700); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	left, err := os.ReadDir(in)
	if err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	for _, f := range left {
		if info, err := f.Info(); err == nil && time.Since(info.ModTime()) > abandoned {
			_ = os.Remove(filepath.Join(in, f.Name())) // the next start tries again
		}
	}
	return &Store{dir: dir}, nil
}

// NewMem keeps blobs in memory.
func NewMem() *Store { return &Store{mem: map[string][]byte{}} }

// Put keeps what r gives, at most limit bytes, and returns when it is durable. More gives
// ErrTooLarge and keeps nothing.
func (s *Store) Put(ctx context.Context, r io.Reader, limit int64) (Ref, error) {
	in := &intake{ctx: ctx, from: r, left: limit, sum: sha256.New()}
	if s.mem != nil {
		var b bytes.Buffer
		if _, err := io.Copy(&b, in); err != nil {
			return Ref{}, err
		}
		ref := in.ref()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.mem[ref.Hash] = b.Bytes()
		return ref, nil
	}
	return s.putFile(in)
}

func (s *Store) putFile(in *intake) (ref Ref, err error) {
	tmp, err := os.CreateTemp(filepath.Join(s.dir, incoming), "put-*")
	if err != nil {
		return Ref{}, fmt.Errorf("keep file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
		}
	}()
	if _, err := io.Copy(tmp, in); err != nil {
		return Ref{}, fmt.Errorf("keep file: %w", err)
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return Ref{}, fmt.Errorf("keep file: %w", err)
	}
	ref = in.ref()
	to := s.path(ref.Hash)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return Ref{}, fmt.Errorf("keep file: %w", err)
	}
	if err := os.Rename(tmp.Name(), to); err != nil {
		return Ref{}, fmt.Errorf("keep file: %w", err)
	}
	if err := errors.Join(syncDir(filepath.Dir(to)), syncDir(s.dir)); err != nil {
		return Ref{}, fmt.Errorf("keep file: %w", err)
	}
	return ref, nil
}

// Open reads the blob with this hash. The caller closes it.
func (s *Store) Open(hash string) (io.ReadSeekCloser, error) {
	if !wellFormed(hash) {
		return nil, fmt.Errorf("%w: %q", ErrNotFound, hash)
	}
	if s.mem != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		b, ok := s.mem[hash]
		if !ok {
			return nil, fmt.Errorf("%w: %s", ErrNotFound, hash)
		}
		return inMemory{bytes.NewReader(b)}, nil
	}
	f, err := os.Open(s.path(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, hash)
	}
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	return f, nil
}

// Delete forgets the blob with this hash; an absent one is no error.
func (s *Store) Delete(hash string) error {
	if !wellFormed(hash) {
		return nil
	}
	if s.mem != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.mem, hash)
		return nil
	}
	if err := os.Remove(s.path(hash)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete file: %w", err)
	}
	return nil
}

func (s *Store) path(hash string) string { return filepath.Join(s.dir, hash[:2], hash) }

// wellFormed keeps everything that is not a hash, such as a path, away from the disk.
func wellFormed(hash string) bool {
	if len(hash) != 2*sha256.Size {
		return false
	}
	for _, c := range hash {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// intake counts and hashes what passes through it.
type intake struct {
	ctx  context.Context
	from io.Reader
	left int64
	size int64
	sum  hash.Hash
}

// Read reads on until the limit is passed or the context ends.
func (in *intake) Read(p []byte) (int, error) {
	if err := in.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := in.from.Read(p)
	if in.left -= int64(n); in.left < 0 {
		return 0, ErrTooLarge
	}
	in.size += int64(n)
	_, _ = in.sum.Write(p[:n]) // a hash never fails
	return n, err
}

func (in *intake) ref() Ref { return Ref{Hash: hex.EncodeToString(in.sum.Sum(nil)), Size: in.size} }

type inMemory struct{ *bytes.Reader }

// Close does nothing.
func (inMemory) Close() error { return nil }
