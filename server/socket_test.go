package server_test

import (
	"bufio"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// socket is a page's end of a WebSocket (RFC 6455), as little of it as tests need.
type socket struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
	who  string
	at   uint64 // Seq of the newest event
}

// closed is the error of a socket that the server closed, with its code; 0 without one.
type closed struct {
	code   int
	reason string
}

func (c *closed) Error() string { return fmt.Sprintf("closed with %d %q", c.code, c.reason) }

// handshake asks for a socket with these headers, and returns the answer's status.
func handshake(s *site, h http.Header) (*socket, int) {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.o.Listen)
	if err != nil {
		s.t.Fatal(err)
	}
	if s.tls != nil {
		conn = tls.Client(conn, s.tls)
	}
	s.t.Cleanup(func() { conn.Close() })
	key := make([]byte, 16)
	rand.Read(key)
	fmt.Fprintf(conn, "GET /api/v1/socket HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n",
		s.o.Listen, base64.StdEncoding.EncodeToString(key))
	if err := h.Write(conn); err != nil {
		s.t.Fatal(err)
	}
	fmt.Fprint(conn, "\r\n")
	k := &socket{t: s.t, conn: conn, r: bufio.NewReaderSize(conn, 1<<16)}
	resp, err := http.ReadResponse(k.r, nil)
	if err != nil {
		s.t.Fatalf("handshake: %v", err)
	}
	return k, resp.StatusCode
}

// connect opens a socket by bearer, without hello.
func (a *agent) connect() *socket {
	a.site.t.Helper()
	k, status := handshake(a.site, http.Header{"Authorization": {"Bearer " + a.bearer}})
	if status != http.StatusSwitchingProtocols {
		a.site.t.Fatalf("@%s: the handshake was answered with %d", a.handle, status)
	}
	k.who = a.handle
	return k
}

// frame is what the server said.
type frame struct {
	T        string
	Nonce    string
	Seq      uint64
	Kind     string
	Room     string
	Body     json.RawMessage
	Message  json.RawMessage
	Text     string
	Field    string
	Suggest  []string
	Epoch    string
	At       uint64
	Resumed  bool
	ID       uint64
	Snapshot *struct {
		Rooms     []struct{ Room struct{ ID, Name string } }
		People    []struct{ ID, Handle string }
		Incidents []struct{ ID uint64 }
		Commands  []struct{ Name string }
	}
}

// words are an error frame's.
func (f frame) words() string {
	var s string
	if json.Unmarshal(f.Message, &s) != nil {
		return string(f.Message)
	}
	return s
}

// open is a socket that said hello and was welcomed.
func (a *agent) open() (*socket, frame) { return a.resume(0, "") }

// resume is open from a point on.
func (a *agent) resume(since uint64, epoch string) (*socket, frame) {
	a.site.t.Helper()
	k := a.connect()
	return k, k.hello(since, epoch)
}

// hello says hello and returns the welcome.
func (k *socket) hello(since uint64, epoch string) frame {
	k.t.Helper()
	k.say(map[string]any{"t": "hello", "device": "d-" + k.who, "tab": "t", "agent": "test", "since": since, "epoch": epoch})
	f := k.until("hello", func(f frame) bool { return f.T == "hello" })
	k.at = f.At
	return f
}

// say sends v as one text frame.
func (k *socket) say(v any) {
	k.t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		k.t.Fatal(err)
	}
	if err := k.write(0x81, body, true); err != nil {
		k.t.Fatalf("@%s: write: %v", k.who, err)
	}
}

// write sends one frame as it is told to, right or wrong.
func (k *socket) write(first byte, body []byte, masked bool) error {
	bit := byte(0)
	if masked {
		bit = 0x80
	}
	head := []byte{first}
	switch n := len(body); {
	case n < 126:
		head = append(head, bit|byte(n))
	case n < 1<<16:
		head = binary.BigEndian.AppendUint16(append(head, bit|126), uint16(n))
	default:
		head = binary.BigEndian.AppendUint64(append(head, bit|127), uint64(n))
	}
	if masked {
		head = append(head, 0, 0, 0, 0) // a mask of zeros is a mask: the body stays as it is
	}
	if err := k.conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err := k.conn.Write(append(head, body...))
	return err
}

// next is the next text frame; a *closed when the server closed.
func (k *socket) next() (frame, error) {
	for {
		op, body, err := k.read()
		if err != nil {
			return frame{}, err
		}
		switch op {
		case 8:
			c := &closed{}
			if len(body) >= 2 {
				c.code, c.reason = int(binary.BigEndian.Uint16(body)), string(body[2:])
			}
			return frame{}, c
		case 1:
			var f frame
			if err := json.Unmarshal(body, &f); err != nil {
				return f, fmt.Errorf("the server sent %q: %w", body, err)
			}
			if f.T == "event" {
				if f.Seq <= k.at {
					return f, fmt.Errorf("event %d came after %d", f.Seq, k.at)
				}
				k.at = f.Seq
			}
			return f, nil
		}
	}
}

func (k *socket) read() (op byte, body []byte, err error) {
	if err := k.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return 0, nil, err
	}
	var head [2]byte
	if _, err := io.ReadFull(k.r, head[:]); err != nil {
		return 0, nil, ended(err)
	}
	n := uint64(head[1])
	var long [8]byte
	switch n {
	case 126:
		_, err = io.ReadFull(k.r, long[:2])
		n = uint64(binary.BigEndian.Uint16(long[:]))
	case 127:
		_, err = io.ReadFull(k.r, long[:])
		n = binary.BigEndian.Uint64(long[:])
	}
	if err != nil {
		return 0, nil, ended(err)
	}
	body = make([]byte, n)
	_, err = io.ReadFull(k.r, body)
	return head[0] & 0x0f, body, ended(err)
}

// ended turns the end of a connection into a *closed; a deadline stays what it is.
func ended(err error) error {
	if ne, ok := errors.AsType[net.Error](err); err == nil || ok && ne.Timeout() {
		return err
	}
	return &closed{}
}

// until reads on to the first frame that fits.
func (k *socket) until(what string, fits func(frame) bool) frame {
	k.t.Helper()
	for {
		f, err := k.next()
		if err != nil {
			k.t.Fatalf("@%s waited for %s: %v", k.who, what, err)
		}
		if fits(f) {
			return f
		}
	}
}

// answer reads on to the answer to the frame with this nonce.
func (k *socket) answer(nonce string) frame {
	k.t.Helper()
	return k.until("the answer to "+nonce, func(f frame) bool { return f.T != "event" && f.Nonce == nonce })
}

// end reads on to the end and returns the close code.
func (k *socket) end() int {
	k.t.Helper()
	for {
		_, err := k.next()
		if c, ok := errors.AsType[*closed](err); ok {
			return c.code
		}
		if err != nil {
			k.t.Errorf("@%s waited for the end: %v", k.who, err)
			return -1
		}
	}
}

// posted is the message of a message.posted event.
func (f frame) posted() message {
	var body struct{ Message message }
	if f.T != "event" || f.Kind != "message.posted" || json.Unmarshal(f.Body, &body) != nil {
		return message{}
	}
	body.Message.ID = f.Seq
	return body.Message
}
