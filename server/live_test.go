package server_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"watchroom/server"
)

// A socket needs a session and our own Origin, or a token; everybody else is told why not.
func TestSocketHandshake(t *testing.T) {
	s := start(t)
	cookie := "wr_access=" + s.owner.bearer
	for _, c := range []struct {
		about string
		h     http.Header
		want  int
	}{
		{"nobody", http.Header{}, 403},
		{"nobody from our page", http.Header{"Origin": {s.o.PublicURL}}, 401},
		{"a session from our page", http.Header{"Origin": {s.o.PublicURL}, "Cookie": {cookie}}, 101},
		{"a session without an Origin", http.Header{"Cookie": {cookie}}, 403},
		{"a session from another site", http.Header{"Origin": {"https://evil.example"}, "Cookie": {cookie}}, 403},
		{"a session from no site", http.Header{"Origin": {"null"}, "Cookie": {cookie}}, 403},
		{"a forged session", http.Header{"Origin": {s.o.PublicURL}, "Cookie": {cookie + "x"}}, 401},
		{"a token", http.Header{"Authorization": {"Bearer " + s.bot("robo", "member").bearer}}, 101},
		{"a wrong token", http.Header{"Authorization": {"Bearer wr_nothing"}}, 401},
	} {
		if _, got := handshake(s, c.h); got != c.want {
			t.Errorf("%s: answered %d, want %d", c.about, got, c.want)
		}
	}
}

// What is no frame ends the socket, what is a wrong frame is answered in words, and neither disturbs anybody else.
func TestSocketJunk(t *testing.T) {
	s := start(t)
	other, _ := s.owner.open()
	hello := []byte(`{"t":"hello","device":"d","tab":"t","agent":"x"}`)
	for about, speak := range map[string]func(k *socket) error{
		"binary":                   func(k *socket) error { return k.write(0x82, []byte{0, 1, 2, 0xff}, true) },
		"not UTF-8":                func(k *socket) error { return k.write(0x81, []byte("{\"t\":\"\xff\"}"), true) },
		"no JSON":                  func(k *socket) error { return k.write(0x81, []byte("hello"), true) },
		"JSON, no object":          func(k *socket) error { return k.write(0x81, []byte("[1,2]"), true) },
		"8 MiB":                    func(k *socket) error { _ = k.write(0x81, bytes.Repeat([]byte(" "), 8<<20), true); return nil },
		"unmasked":                 func(k *socket) error { return k.write(0x81, hello, false) },
		"reserved bits":            func(k *socket) error { return k.write(0xf1, hello, true) },
		"unknown opcode":           func(k *socket) error { return k.write(0x83, hello, true) },
		"long control":             func(k *socket) error { return k.write(0x89, bytes.Repeat([]byte("p"), 200), true) },
		"broken fragments":         func(k *socket) error { _ = k.write(0x01, hello[:5], true); return k.write(0x01, hello[5:], true) },
		"a lone rest":              func(k *socket) error { return k.write(0x80, hello, true) },
		"junk for a header":        func(k *socket) error { _, err := k.conn.Write(bytes.Repeat([]byte{0xff}, 64)); return err },
		"a page that says goodbye": func(k *socket) error { return k.write(0x88, []byte{3, 232}, true) },
		"endless fragments": func(k *socket) error {
			for i := range 64 { // the server hangs up somewhere on the way
				if k.write(map[bool]byte{true: 0x01}[i == 0], bytes.Repeat([]byte(" "), 8<<10), true) != nil {
					break
				}
			}
			return nil
		},
	} {
		for _, live := range []bool{false, true} {
			k := s.owner.connect()
			if live {
				k.hello(0, "")
			}
			if err := speak(k); err != nil {
				t.Errorf("%s: %v", about, err)
			}
			if code := k.end(); code != 4009 && code != 0 && code < 1000 {
				t.Errorf("%s (live %v): closed with %d", about, live, code)
			}
		}
	}
	k := s.owner.connect()
	k.say(map[string]any{"t": "post", "nonce": "n", "room": "r", "text": "before hello"})
	if code := k.end(); code != 4009 {
		t.Errorf("a post before hello: closed with %d, want 4009", code)
	}
	other.say(map[string]any{"t": "post", "nonce": "alive", "room": s.owner.room("ops"), "text": "still here"})
	if f := other.answer("alive"); f.T != "ok" {
		t.Errorf("the other socket: %+v", f)
	}
}

// A frame that is wrong in itself is refused with its nonce, in words that name the field; the socket goes on.
func TestSocketWrongFrames(t *testing.T) {
	s := start(t)
	ops := s.owner.room("ops")
	k, _ := s.owner.open()
	for i, c := range []struct {
		frame map[string]any
		words string
	}{
		{map[string]any{"t": "dance"}, "no such frame"},
		{map[string]any{"t": "post", "room": 5, "text": "x"}, "room"},
		{map[string]any{"t": "post", "room": ops, "text": map[string]any{}}, "text"},
		{map[string]any{"t": "post", "text": "x"}, "room"},
		{map[string]any{"t": "post", "room": "r_nothing", "text": "x"}, "room"},
		{map[string]any{"t": "post", "room": ops, "text": ""}, "text"},
		{map[string]any{"t": "post", "room": ops, "text": strings.Repeat("a", 65<<10)}, "65536"},
		{map[string]any{"t": "post", "room": ops, "text": "x", "thread": -1}, "thread"},
		{map[string]any{"t": "post", "room": ops, "text": "x", "files": []string{"f_nothing"}}, "file"},
		{map[string]any{"t": "edit", "message": 1, "text": "x"}, "message"},
		{map[string]any{"t": "delete", "message": 987654}, "message"},
		{map[string]any{"t": "ack", "incident": 99}, "incident"},
		{map[string]any{"t": "ack", "incident": "99"}, "incident"},
		{map[string]any{"t": "command", "room": ops, "text": "/nothing-like-it"}, "no command"},
		{map[string]any{"t": "hello", "device": "d", "tab": "t", "agent": "x"}, "already"},
	} {
		nonce := fmt.Sprintf("n%d", i)
		if c.frame["t"] == "hello" {
			nonce = ""
		} else {
			c.frame["nonce"] = nonce
		}
		k.say(c.frame)
		if f := k.answer(nonce); f.T != "error" || f.Kind == "" || f.Kind == "internal" || !strings.Contains(f.words(), c.words) {
			t.Errorf("%v: answered %s %s %s, want an error with %q", c.frame, f.T, f.Kind, f.Message, c.words)
		}
	}
	k.say(map[string]any{"t": "post", "nonce": strings.Repeat("n", 500), "room": ops, "text": "x"})
	if f := k.answer(""); f.T != "error" || f.Field != "nonce" {
		t.Errorf("an endless nonce: %+v", f)
	}
}

// Whoever comes back after a broken connection gets every event that it missed, in order, once.
func TestResume(t *testing.T) {
	s := start(t)
	ops := s.owner.room("ops")
	mem := s.join("mem", "member")
	k, hello := mem.open()
	seen := map[string]int{}
	last := k.at
	for round := range 5 {
		for i := range 20 {
			s.owner.post(ops, fmt.Sprintf("%d-%d", round, i))
			if i == 10 {
				k.conn.Close() // in the middle of it, without a word
				k, hello = mem.resume(last, hello.Epoch)
				if !hello.Resumed {
					t.Fatalf("not resumed at %d", last)
				}
				k.at = last
			}
		}
		for range 20 {
			f := k.until("a post", func(f frame) bool { return f.posted().ID != 0 })
			seen[f.posted().Text]++
			last = k.at
		}
	}
	if len(seen) != 100 {
		t.Errorf("%d of 100 messages came", len(seen))
	}
	for text, n := range seen {
		if n != 1 {
			t.Errorf("message %s came %d times", text, n)
		}
	}
	if _, hello := mem.resume(last, "another epoch"); hello.Resumed || hello.Snapshot == nil {
		t.Error("resumed in an epoch that is not this one")
	}
	if _, hello := mem.resume(last+1_000_000, hello.Epoch); hello.Resumed {
		t.Error("resumed at a point that is yet to come")
	}
}

// Revoking a session, a token or an account closes its sockets at once, and none of them comes back.
func TestRevoke(t *testing.T) {
	s := start(t)
	mem, dis, robo := s.join("mem", "member"), s.join("dis", "member"), s.bot("robo", "member")
	for about, c := range map[string]struct {
		who *agent
		end func(a *agent)
	}{
		"signed out":   {mem, func(a *agent) { a.call("DELETE", "/session", nil).ok() }},
		"disabled":     {dis, func(a *agent) { s.owner.call("PATCH", "/people/"+a.id, map[string]any{"disabled": true}).ok() }},
		"bot disabled": {robo, func(a *agent) { s.owner.call("PATCH", "/people/"+a.id, map[string]any{"disabled": true}).ok() }},
	} {
		k, _ := c.who.open()
		silent := c.who.connect() // has not said hello yet
		begin := time.Now()
		c.end(c.who)
		code := k.end()
		took := time.Since(begin)
		t.Logf("%s: the socket closed after %s", about, took)
		if code != 4001 || took > 10*time.Second {
			t.Errorf("%s: closed with %d after %s, want 4001 within 1 s", about, code, took)
		}
		silent.say(map[string]any{"t": "hello", "device": "d", "tab": "t", "agent": "x"})
		if code := silent.end(); code != 4001 && code != 0 {
			t.Errorf("%s: a socket that was open already: closed with %d", about, code)
		}
		if _, status := handshake(s, http.Header{"Authorization": {"Bearer " + c.who.bearer}}); status != 401 {
			t.Errorf("%s: a new socket was answered with %d", about, status)
		}
		c.who.call("GET", "/me", nil).problem(401, "")
	}
}

// Whoever does not read is cut off, and comes back to everything.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *server.Options) { o.SocketRate = 1e6 })
	ops := s.owner.room("ops")
	mem := s.join("mem", "member")
	slow, hello := mem.open()
	fast, _ := s.owner.open()
	text := strings.Repeat("x", 60<<10)
	posted := 0
	for ; posted < 150; posted++ { // more than the kernel keeps for a page that does not read
		fast.say(map[string]any{"t": "post", "nonce": fmt.Sprint(posted), "room": ops, "text": fmt.Sprint(posted) + text})
		if f := fast.answer(fmt.Sprint(posted)); f.T != "ok" {
			t.Fatalf("post %d: %+v", posted, f)
		}
	}
	eventually(t, "the slow reader is cut", func() bool { return s.metric("watchroom_socket_cuts_total") != "0" })
	last := slow.at
	code := 0
	for code == 0 {
		f, err := slow.next()
		if c, ok := errors.AsType[*closed](err); ok {
			code = c.code
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		last = max(last, f.Seq)
	}
	if code != 4008 && code != 0 {
		t.Errorf("a slow reader was closed with %d, want 4008", code)
	}
	back, again := mem.resume(last, hello.Epoch)
	t.Logf("cut after %d posts of 60 KiB, seen as %d; resumed %v", posted, code, again.Resumed)
	s.owner.post(ops, "the end")
	back.until("the end", func(f frame) bool { return f.posted().Text == "the end" })
}

// A server that shuts down says so to every socket and ends, although half a request is still open.
func TestShutdown(t *testing.T) {
	s := start(t)
	var open []*socket
	for range 5 {
		k, _ := s.owner.open()
		open = append(open, k)
	}
	half := dial(t, s)
	if _, err := half.Write([]byte("POST /api/v1/session HTTP/1.1\r\nHost: x\r\n")); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	ended := make(chan error, 1)
	go func() { ended <- s.stop() }()
	for _, k := range open {
		if code := k.end(); code != 4013 {
			t.Errorf("closed with %d, want 4013", code)
		}
	}
	if err := <-ended; err != nil {
		t.Errorf("Run returned %v", err)
	}
	t.Logf("stopped in %s", time.Since(begin))
}
