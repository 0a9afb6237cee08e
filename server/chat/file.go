package chat

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // decoders by name
	_ "image/jpeg"
	_ "image/png"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	_ "golang.org/x/image/webp"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
	"watchroom/store/blob"
)

const (
	fileMax   = 10 << 20
	pixelsMax = 50_000_000
	fileWaits = 24 * time.Hour // for the message that it is uploaded for
	looseBy   = "loose"
)

// fileRow is an uploaded file with where its bytes are and which message has it.
type fileRow struct {
	File
	Room    id.Room   `json:"room"`
	Author  id.Person `json:"author"`
	Hash    string    `json:"hash"`
	Message uint64    `json:"message,omitempty"` // 0: not posted yet
	Created id.Millis `json:"created"`
}

// orphan is a blob whose file was deleted: its bytes go when no other file has the same.
type orphan struct {
	Hash string `json:"hash"`
}

var (
	filesTable = store.NewTable("file", func(f *fileRow) []byte { return store.Key(string(f.ID)) },
		store.Index[fileRow]{Name: "hash", Keys: func(f *fileRow) [][]byte { return [][]byte{store.Key(f.Hash)} }},
		store.Index[fileRow]{Name: looseBy, Keys: func(f *fileRow) [][]byte {
			if f.Message != 0 {
				return nil
			}
			return [][]byte{store.Key(int64(f.Created))}
		}})
	orphans = store.NewTable("orphan", func(o *orphan) []byte { return store.Key(o.Hash) })
)

// shown is the files as a message has them.
func shown(rows []fileRow) []File {
	var list []File
	for _, r := range rows {
		list = append(list, r.File)
	}
	return list
}

// filesOf is the uploads that a draft names: the author's own, for this room, in no message yet.
func (s *Service) filesOf(tx *store.Tx, who account.Actor, d draft) ([]fileRow, error) {
	var list []fileRow
	for _, f := range d.Files {
		row, ok := filesTable.Get(tx, store.Key(string(f)))
		if !ok || row.Room != d.Room || row.Author != who.Person {
			return nil, fault.Field("files", "there is no such file here; upload it again")
		}
		if row.Message != 0 {
			return nil, fault.Field("files", "%s is in another message already", row.Name)
		}
		list = append(list, row)
	}
	return list, nil
}

// dropFiles forgets files; their bytes go with a later sweep.
func dropFiles(tx *store.Tx, files []File) {
	for _, f := range files {
		if row, ok := filesTable.Get(tx, store.Key(string(f.ID))); ok {
			filesTable.Delete(tx, store.Key(string(f.ID)))
			orphans.Put(tx, orphan{row.Hash})
		}
	}
}

// AddFile takes an upload for a room that who may write in: at most 10 MB, its type as the bytes say. Until a message
// shows it, only who uploaded it can read it, and after a day it is gone.
func (s *Service) AddFile(ctx context.Context, who account.Actor, room id.Room, name string, r io.Reader) (File, error) {
	name = fileName(name)
	err := s.store.View(ctx, func(tx *store.Tx) error {
		r, err := s.visible(tx, who, room)
		switch {
		case err != nil:
			return err
		case r.Archived:
			return errArchived
		case r.Locked && !who.System && !s.MemberTx(tx, room, who.Person):
			return fault.New(fault.Denied, "only members may write here at the moment")
		}
		return nil
	})
	if err != nil {
		return File{}, err
	}
	s.bytes.RLock()
	defer s.bytes.RUnlock()
	in := bufio.NewReaderSize(r, 512)
	head, err := in.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return File{}, fmt.Errorf("read upload: %w", err)
	}
	if len(head) == 0 {
		return File{}, fault.Field("file", "is empty")
	}
	kind := typeOf(head)
	ref, err := s.blobs.Put(ctx, in, fileMax)
	if errors.Is(err, blob.ErrTooLarge) {
		return File{}, fault.New(fault.TooLarge, "files may have at most 10 MB")
	}
	if err != nil {
		return File{}, fmt.Errorf("keep upload: %w", err)
	}
	f := File{ID: id.New[id.File]("f"), Name: name, Type: kind, Size: ref.Size}
	if err := s.measure(&f, ref.Hash); err != nil {
		_ = s.store.Update(ctx, func(tx *store.Tx) error { orphans.Put(tx, orphan{ref.Hash}); return nil })
		return File{}, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		filesTable.Put(tx, fileRow{File: f, Room: room, Author: who.Person, Hash: ref.Hash, Created: id.At(tx.Now())})
		return nil
	})
	return f, err
}

// typeOf is the type of a file that begins with head: the four pictures that browsers show safely, text, and a few that
// are only told apart for their icon. All else, HTML and SVG among it, is bytes.
func typeOf(head []byte) string {
	kind, _, _ := strings.Cut(http.DetectContentType(head), ";")
	if slices.Contains([]string{"image/png", "image/jpeg", "image/gif", "image/webp", "text/plain", "application/pdf",
		"application/zip", "application/x-gzip"}, kind) {
		return kind
	}
	return "application/octet-stream"
}

// measure sets the size of a picture. One that cannot be read is bytes; one that would fill a browser's memory is refused.
func (s *Service) measure(f *File, hash string) error {
	kind, ok := strings.CutPrefix(f.Type, "image/")
	if !ok {
		return nil
	}
	r, err := s.blobs.Open(hash)
	if err != nil {
		return fmt.Errorf("measure upload: %w", err)
	}
	defer r.Close()
	c, format, err := image.DecodeConfig(bufio.NewReader(r))
	if err != nil || format != kind || c.Width <= 0 || c.Height <= 0 {
		f.Type = "application/octet-stream"
		return nil
	}
	if int64(c.Width)*int64(c.Height) > pixelsMax {
		return fault.New(fault.TooLarge, "the picture is %d by %d pixels; %d million are the most", c.Width, c.Height, pixelsMax/1_000_000)
	}
	f.Width, f.Height = c.Width, c.Height
	return nil
}

// fileName is the last part of a path without what does not belong into a name, never empty.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if account.Invisible(r) || strings.ContainsRune(`<>:"|?*/`, r) {
			return -1
		}
		return r
	}, name))
	for len(name) > 150 {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	if name == "" || strings.Trim(name, ".") == "" {
		return "file"
	}
	return name
}

// OpenFile reads a file of a message that who may read, or an own upload. The caller closes it.
func (s *Service) OpenFile(ctx context.Context, who account.Actor, file id.File) (File, io.ReadSeekCloser, error) {
	missing := fault.New(fault.Missing, "there is no such file, or you may not read it")
	var row fileRow
	err := s.store.View(ctx, func(tx *store.Tx) error {
		var ok bool
		if row, ok = filesTable.Get(tx, store.Key(string(file))); !ok || !s.ReadableTx(tx, who, row.Room) {
			return missing
		}
		if row.Message == 0 && row.Author != who.Person {
			return missing
		}
		return nil
	})
	if err != nil {
		return File{}, nil, err
	}
	r, err := s.blobs.Open(row.Hash)
	if errors.Is(err, blob.ErrNotFound) {
		return File{}, nil, fault.Wrap(err, fault.Missing, "the bytes of this file are gone")
	}
	return row.File, r, err
}

// sweepFiles forgets uploads that no message took, and deletes bytes that no file has any more.
func (s *Service) sweepFiles(ctx context.Context) error {
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		old := store.Range{To: store.Key(int64(id.At(tx.Now().Add(-fileWaits))))}
		var rows []File
		for row := range filesTable.By(tx, looseBy, old) {
			if rows = append(rows, row.File); len(rows) == 100 {
				break
			}
		}
		dropFiles(tx, rows)
		return nil
	})
	if err != nil {
		return fmt.Errorf("sweep files: %w", err)
	}
	s.bytes.Lock()
	defer s.bytes.Unlock()
	var gone []string
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		gone = nil
		for o := range orphans.Scan(tx, store.Range{}) {
			orphans.Delete(tx, store.Key(o.Hash))
			used := false
			for range filesTable.By(tx, "hash", store.Prefix(store.Key(o.Hash))) {
				used = true
				break
			}
			if !used {
				gone = append(gone, o.Hash)
			}
			if len(gone) == 100 {
				break
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("sweep files: %w", err)
	}
	for _, hash := range gone {
		if err := s.blobs.Delete(hash); err != nil {
			return fmt.Errorf("sweep files: %w", err)
		}
	}
	return nil
}
