package chat_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store/blob"
)

func picture(t *testing.T, encode func(io.Writer, image.Image) error, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	want(t, encode(&b, image.NewGray(image.Rect(0, 0, width, height))), "")
	return b.Bytes()
}

// bomb is a PNG of a few bytes that says it is this wide and high.
func bomb(t *testing.T, width, height uint32) []byte {
	b := picture(t, png.Encode, 1, 1)
	binary.BigEndian.PutUint32(b[16:], width)
	binary.BigEndian.PutUint32(b[20:], height)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

// The type of a file is what its bytes say, whatever its name; what a browser could run is bytes. Pictures are measured.
func TestFileTypes(t *testing.T) {
	w := newWorld(t)
	ann := w.actor("ann", account.Member)
	r := w.room(ann, chat.Public, "ops")
	gifs := func(out io.Writer, m image.Image) error { return gif.Encode(out, m, nil) }
	jpegs := func(out io.Writer, m image.Image) error { return jpeg.Encode(out, m, nil) }
	broken := picture(t, png.Encode, 5, 5)[:20]
	for _, c := range []struct {
		name, kind    string
		body          []byte
		width, height int
		called        string
	}{
		{"a.png", "image/png", picture(t, png.Encode, 30, 20), 30, 20, "a.png"},
		{"a.html", "image/gif", picture(t, gifs, 3, 2), 3, 2, "a.html"},
		{"../../etc/passwd", "image/jpeg", picture(t, jpegs, 8, 8), 8, 8, "passwd"},
		{`C:\x\evil.png`, "application/octet-stream", []byte("<html><script>alert(1)</script>"), 0, 0, "evil.png"},
		{"x.svg", "application/octet-stream", []byte(`<?xml version="1.0"?><svg onload="alert(1)"/>`), 0, 0, "x.svg"},
		{"x.svg", "text/plain", []byte(`<svg onload="alert(1)"/>`), 0, 0, "x.svg"},
		{"broken.png", "application/octet-stream", broken, 0, 0, "broken.png"},
		{"log", "text/plain", []byte("line\nline\n"), 0, 0, "log"},
		{"evil\u202egnp.exe", "text/plain", []byte("x"), 0, 0, "evilgnp.exe"},
		{"", "application/octet-stream", []byte{0, 1, 2}, 0, 0, "file"},
		{"..", "text/plain", []byte("x"), 0, 0, "file"},
		{strings.Repeat("ä", 200), "text/plain", []byte("x"), 0, 0, strings.Repeat("ä", 75)},
	} {
		f, err := w.AddFile(w.ctx, ann, r.ID, c.name, bytes.NewReader(c.body))
		want(t, err, "")
		if f.Type != c.kind || f.Width != c.width || f.Height != c.height || f.Name != c.called || f.Size != int64(len(c.body)) {
			t.Errorf("%q of %q became %+v", c.name, c.kind, f)
		}
	}
	_, err := w.AddFile(w.ctx, ann, r.ID, "bomb.png", bytes.NewReader(bomb(t, 10_000, 10_000)))
	want(t, err, fault.TooLarge)
	_, err = w.AddFile(w.ctx, ann, r.ID, "empty", strings.NewReader(""))
	want(t, err, fault.Invalid)
	_, err = w.AddFile(w.ctx, ann, r.ID, "big", io.LimitReader(zeros{}, 10<<20+1))
	want(t, err, fault.TooLarge)
	_, err = w.AddFile(w.ctx, ann, r.ID, "full", io.LimitReader(zeros{}, 10<<20))
	want(t, err, "")
	_, err = w.AddFile(w.ctx, ann, r.ID, "cut", iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("abc"))))
	want(t, err, fault.Internal)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A file is read by its uploader until it is posted, then by the readers of the room, and by nobody once its message is
// deleted. It is posted once, by its uploader, in its room.
func TestFileRights(t *testing.T) {
	w := newWorld(t)
	ann, bob, gus := w.actor("ann", account.Member), w.actor("bob", account.Member), w.actor("gus", account.Guest)
	r, other := w.room(ann, chat.Private, "war", bob), w.room(ann, chat.Public, "ops", bob)
	f, err := w.AddFile(w.ctx, ann, r.ID, "plan.txt", strings.NewReader("the plan"))
	want(t, err, "")
	open := func(who account.Actor, kind fault.Kind) {
		t.Helper()
		got, in, err := w.OpenFile(w.ctx, who, f.ID)
		want(t, err, kind)
		if err != nil {
			return
		}
		body, err := io.ReadAll(in)
		want(t, err, "")
		want(t, in.Close(), "")
		if string(body) != "the plan" || got != f {
			t.Fatalf("the file is %+v %q", got, body)
		}
	}
	open(ann, "")
	open(bob, fault.Missing)
	_, err = w.Post(w.ctx, bob, chat.PostIn{Room: r.ID, Files: []id.File{f.ID}})
	want(t, err, fault.Invalid)
	_, err = w.Post(w.ctx, ann, chat.PostIn{Room: other.ID, Files: []id.File{f.ID}})
	want(t, err, fault.Invalid)
	_, err = w.Post(w.ctx, ann, chat.PostIn{Room: r.ID, Files: []id.File{f.ID, f.ID}})
	want(t, err, fault.Invalid)
	m := w.say(ann, chat.PostIn{Room: r.ID, Files: []id.File{f.ID}, Nonce: "n"})
	if len(m.Files) != 1 || m.Files[0] != f {
		t.Fatalf("the message has %+v", m.Files)
	}
	if again := w.say(ann, chat.PostIn{Room: r.ID, Files: []id.File{f.ID}, Nonce: "n"}); again.ID != m.ID {
		t.Fatal("the same nonce posted twice")
	}
	_, err = w.Post(w.ctx, ann, chat.PostIn{Room: r.ID, Files: []id.File{f.ID}})
	want(t, err, fault.Invalid)
	open(bob, "")
	open(gus, fault.Missing)
	want(t, w.Leave(w.ctx, bob, r.ID), "")
	open(bob, fault.Missing)
	want(t, w.Delete(w.ctx, ann, m.ID), "")
	open(ann, fault.Missing)
}

// Uploads that no message takes within a day are forgotten, and the bytes of what is forgotten or deleted go when nothing
// else has the same.
func TestFileSweep(t *testing.T) {
	w := newWorld(t)
	blobs := blob.NewMem()
	s := chat.New(w.store, w.people, nil, blobs, chat.Options{Now: w.clock.now})
	ann := w.actor("ann", account.Member)
	r := w.room(ann, chat.Public, "ops")
	add := func(body string) chat.File {
		f, err := s.AddFile(w.ctx, ann, r.ID, "f", strings.NewReader(body))
		want(t, err, "")
		return f
	}
	loose, kept := add("loose"), add("same")
	gone := add("same")
	keep, err := s.Post(w.ctx, ann, chat.PostIn{Room: r.ID, Files: []id.File{kept.ID}})
	want(t, err, "")
	del, err := s.Post(w.ctx, ann, chat.PostIn{Room: r.ID, Files: []id.File{gone.ID}})
	want(t, err, "")
	want(t, s.Delete(w.ctx, ann, del.ID), "")
	w.clock.pass(25 * time.Hour)
	want(t, s.Sweep(w.ctx), "")
	_, _, err = s.OpenFile(w.ctx, ann, loose.ID)
	want(t, err, fault.Missing)
	there := func(body string) bool {
		sum := sha256.Sum256([]byte(body))
		in, err := blobs.Open(hex.EncodeToString(sum[:]))
		if err == nil {
			want(t, in.Close(), "")
		}
		return err == nil
	}
	if there("loose") || !there("same") {
		t.Fatalf("after the sweep, loose %v, same %v", there("loose"), there("same"))
	}
	_, in, err := s.OpenFile(w.ctx, ann, kept.ID)
	want(t, err, "")
	want(t, in.Close(), "")
	want(t, s.Delete(w.ctx, ann, keep.ID), "")
	want(t, s.Sweep(w.ctx), "")
	if there("same") {
		t.Fatal("the bytes of a deleted file are left")
	}
}

// Whatever is uploaded under whatever name is kept as it came or refused in words; a picture is never larger than allowed.
func FuzzFile(f *testing.F) {
	w := newWorld(f)
	ann := w.actor("ann", account.Member)
	r := w.room(ann, chat.Public, "ops")
	f.Add("a.png", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xff\xff\x00\x00\xff\xff\x08\x00\x00\x00\x00"))
	f.Add("../x\x00", []byte("GIF89a\xff\xff\xff\xff"))
	f.Add(`c:\y`, []byte("RIFF\x10\x00\x00\x00WEBPVP8 "))
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		got, err := w.AddFile(w.ctx, ann, r.ID, name, bytes.NewReader(body))
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Fatal(err)
			}
			return
		}
		if got.Name == "" || len(got.Name) > 150 || strings.ContainsAny(got.Name, "/\\\x00") || got.Size != int64(len(body)) || got.Width*got.Height > 50_000_000 {
			t.Fatalf("%q became %+v", name, got)
		}
	})
}
