package main

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// socket is the client's end of a WebSocket (RFC 6455): text frames, no extensions. It reads into one buffer that is
// used again, so that the load generator costs little beside the server that it measures.
type socket struct {
	conn net.Conn
	r    *bufio.Reader
	buf  []byte
}

// dialSocket opens /api/v1/socket at base with a bearer token.
func dialSocket(base, token string) (*socket, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" {
		return nil, fmt.Errorf("the bench speaks plain http to a server on this machine, not %s", u.Scheme)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		return nil, err
	}
	key := make([]byte, 16)
	rand.Read(key)
	fmt.Fprintf(conn, "GET /api/v1/socket HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: %s\r\nAuthorization: Bearer %s\r\n\r\n", u.Host, base64.StdEncoding.EncodeToString(key), token)
	s := &socket{conn: conn, r: bufio.NewReaderSize(conn, 16<<10)}
	resp, err := http.ReadResponse(s.r, nil)
	if err != nil {
		conn.Close()
		return nil, err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		conn.Close()
		return nil, fmt.Errorf("the server answered the socket's handshake with %s", resp.Status)
	}
	return s, nil
}

// write sends v as one masked text frame.
func (s *socket) write(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	frame := []byte{0x81}
	switch n := len(body); {
	case n < 126:
		frame = append(frame, 0x80|byte(n))
	case n < 1<<16:
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 0x80|127), uint64(n))
	}
	frame = append(frame, 0, 0, 0, 0) // a mask of zeros is a mask: the payload stays as it is
	_, err = s.conn.Write(append(frame, body...))
	return err
}

const frameLimit = 64 << 20

// read returns the next text frame's payload, valid until the next read.
func (s *socket) read() ([]byte, error) {
	for {
		var head [2]byte
		if _, err := io.ReadFull(s.r, head[:]); err != nil {
			return nil, err
		}
		n := uint64(head[1] & 0x7f)
		var long [8]byte
		switch n {
		case 126:
			if _, err := io.ReadFull(s.r, long[:2]); err != nil {
				return nil, err
			}
			n = uint64(binary.BigEndian.Uint16(long[:]))
		case 127:
			if _, err := io.ReadFull(s.r, long[:]); err != nil {
				return nil, err
			}
			n = binary.BigEndian.Uint64(long[:])
		}
		if n > frameLimit {
			return nil, errors.New("the server sent a frame beyond 64 MiB")
		}
		if uint64(cap(s.buf)) < n {
			s.buf = make([]byte, n)
		}
		s.buf = s.buf[:n]
		if _, err := io.ReadFull(s.r, s.buf); err != nil {
			return nil, err
		}
		switch head[0] & 0x0f {
		case 1:
			return s.buf, nil
		case 8:
			return nil, fmt.Errorf("the server closed the socket: %s", closing(s.buf))
		}
	}
}

func closing(b []byte) string {
	if len(b) < 2 {
		return "without a code"
	}
	return fmt.Sprintf("%d %s", binary.BigEndian.Uint16(b), b[2:])
}
