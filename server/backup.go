package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"watchroom/server/fault"
	"watchroom/store"
	"watchroom/store/boltkv"
)

// The names within a data directory and within a backup of one.
const (
	storeFile    = "watchroom.db"
	indexDir     = "index"
	filesDir     = "files"
	manifestFile = "backup.json"
)

// Manifest says what a backup holds.
type Manifest struct {
	Epoch  string    `json:"epoch"`
	Seq    store.Seq `json:"seq"` // the backup is the store as it was right after this event
	Time   time.Time `json:"time"`
	SHA256 string    `json:"sha256"` // of the store's file
	Files  int       `json:"files"`
}

// Backup copies the running server's store and files into the new directory to, without holding up writers. The index
// is left out: it is built anew.
func (s *Server) Backup(ctx context.Context, to string) (Manifest, error) {
	m := Manifest{Epoch: s.store.Epoch(), Time: time.Now().UTC()}
	if s.o.Data == "" {
		return m, fault.New(fault.Conflict, "this server keeps everything in memory; there is nothing to copy")
	}
	if err := os.Mkdir(to, 0o700); err != nil {
		return m, fault.Wrap(err, fault.Invalid, "the backup needs a directory that does not exist yet, in one that does: %s", to)
	}
	kv, err := openKV(filepath.Join(to, storeFile))
	if err != nil {
		return m, err
	}
	m.Seq, err = s.store.Backup(ctx, kv)
	if cerr := kv.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return m, fmt.Errorf("copy the store: %w", err)
	}
	if m.Files, err = copyTree(filepath.Join(s.o.Data, filesDir), filepath.Join(to, filesDir)); err != nil {
		return m, fmt.Errorf("copy files: %w", err)
	}
	if m.SHA256, err = fileHash(filepath.Join(to, storeFile)); err != nil {
		return m, err
	}
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return m, err
	}
	return m, os.WriteFile(filepath.Join(to, manifestFile), b, 0o600)
}

// Restore puts the backup at from into the data directory, which must be empty or absent. The restored store gets a new
// epoch, so that browsers that knew the old one start afresh.
func Restore(ctx context.Context, from, data string) (Manifest, error) {
	var m Manifest
	b, err := os.ReadFile(filepath.Join(from, manifestFile))
	if err != nil {
		return m, fmt.Errorf("%s is not a backup: %w", from, err)
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("%s: %w", manifestFile, err)
	}
	if err := whole(from, m); err != nil {
		return m, err
	}
	if entries, err := os.ReadDir(data); err == nil && len(entries) > 0 {
		return m, fault.New(fault.Conflict, "the data directory %s is not empty; move it away first", data)
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return m, err
	}
	if err := copyFile(filepath.Join(from, storeFile), filepath.Join(data, storeFile)); err != nil {
		return m, err
	}
	if _, err := copyTree(filepath.Join(from, filesDir), filepath.Join(data, filesDir)); err != nil {
		return m, err
	}
	kv, err := openKV(filepath.Join(data, storeFile))
	if err != nil {
		return m, err
	}
	m.Epoch, err = store.NewEpoch(ctx, kv)
	if cerr := kv.Close(); err == nil {
		err = cerr
	}
	return m, err
}

// whole compares a backup with its manifest, so that nothing is restored of one that is damaged.
func whole(from string, m Manifest) error {
	if sum, err := fileHash(filepath.Join(from, storeFile)); err != nil || sum != m.SHA256 {
		return fault.Wrap(err, fault.Invalid, "the backup is damaged: %s does not have the hash that its manifest names", storeFile)
	}
	n := 0
	err := eachFile(filepath.Join(from, filesDir), func(path, _ string) error {
		n++
		if sum, err := fileHash(path); err != nil || sum != filepath.Base(path) {
			return fault.Wrap(err, fault.Invalid, "the backup is damaged: the file %s does not have the hash that is its name", path)
		}
		return nil
	})
	if err == nil && n != m.Files {
		err = fault.New(fault.Invalid, "the backup is damaged: it has %d files, and its manifest names %d", n, m.Files)
	}
	return err
}

func openKV(path string) (*boltkv.KV, error) { return boltkv.Open(path) }

func fileHash(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// eachFile calls fn for the files below dir, which may be absent, with their paths there. A file that is only half
// written has another name (the blob store renames it when it is whole), and is left out.
func eachFile(dir string, fn func(path, rel string) error) error {
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || len(d.Name()) != sha256.Size*2 {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return fn(path, rel)
	})
}

// copyTree copies the files below from and counts them.
func copyTree(from, to string) (n int, err error) {
	err = eachFile(from, func(path, rel string) error {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, rel)), 0o700); err != nil {
			return err
		}
		err := copyFile(path, filepath.Join(to, rel))
		if errors.Is(err, fs.ErrNotExist) {
			return nil // nothing refers to it any more: it was swept meanwhile
		}
		n++
		return err
	})
	return n, err
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := out.Close(); err == nil {
			err = cerr
		}
	}()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}
