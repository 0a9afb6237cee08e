package hub

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net"
	"time"
	"unicode/utf8"

	"watchroom/server/id"
	"watchroom/server/wire"
	"watchroom/store"
)

// The WebSocket frames that a server sends: whole, unmasked, uncompressed (RFC 6455).
const (
	opText  = 0x1
	opClose = 0x8
	opPong  = 0xA

	final      = 0x80
	maxHeader  = 10
	maxControl = 125
)

// textFrame is a text message.
func textFrame(data []byte) []byte {
	b := make([]byte, maxHeader, maxHeader+len(data))
	return framed(append(b, data...))
}

func eventFrame(e store.Event) []byte {
	return framed(wire.AppendEvent(make([]byte, maxHeader, maxHeader+128+len(e.Body)), e))
}

func pingFrame(at store.Seq) []byte {
	data, _ := json.Marshal(struct { // numbers always can be written
		T    string    `json:"t"`
		At   store.Seq `json:"at"`
		Time id.Millis `json:"time"`
	}{"ping", at, id.At(time.Now())})
	return textFrame(data)
}

// framed puts the header in front of a payload, for which the first maxHeader bytes of b are left free.
func framed(b []byte) []byte {
	n := len(b) - maxHeader
	switch {
	case n <= maxControl:
		b = b[maxHeader-2:]
		b[1] = byte(n)
	case n < 1<<16:
		b = b[maxHeader-4:]
		b[1] = 126
		binary.BigEndian.PutUint16(b[2:], uint16(n))
	default:
		b[1] = 127
		binary.BigEndian.PutUint64(b[2:], uint64(n))
	}
	b[0] = final | opText
	return b[:len(b):len(b)]
}

// controlFrame is a close or a pong; the payload is at most maxControl bytes.
func controlFrame(op byte, payload []byte) []byte {
	return append([]byte{final | op, byte(len(payload))}, payload...)
}

func closeFrame(code int, reason string) []byte {
	for len(reason) > maxControl-2 {
		_, size := utf8.DecodeLastRuneInString(reason)
		reason = reason[:len(reason)-size]
	}
	return controlFrame(opClose, append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...))
}

// Conn is the Socket of a connection whose WebSocket handshake is done, and that nobody else writes to: the reader must
// leave control frames alone and hand pings to Session.Pong. A plain TCP connection is also a TryWriter.
func Conn(c net.Conn) Socket {
	s := conn{c: c}
	if raw := rawOf(c); raw != nil {
		return &rawConn{conn: s, raw: raw}
	}
	return &s
}

type conn struct{ c net.Conn }

// Write writes frames in one piece.
func (c *conn) Write(ctx context.Context, frames [][]byte) error {
	stop := context.AfterFunc(ctx, func() { _ = c.c.SetWriteDeadline(time.Unix(1, 0)) }) // ends the write
	defer stop()
	data := frames[0]
	if len(frames) > 1 {
		size := 0
		for _, f := range frames {
			size += len(f)
		}
		data = make([]byte, 0, size)
		for _, f := range frames {
			data = append(data, f...)
		}
	}
	_, err := c.c.Write(data)
	return err
}

// Close says why and closes the connection. Code 0 says nothing.
func (c *conn) Close(code int, reason string) error {
	if code != 0 {
		if err := c.c.SetWriteDeadline(time.Now().Add(time.Second)); err == nil {
			_, _ = c.c.Write(closeFrame(code, reason)) // whoever does not hear it notices the end
		}
	}
	if err := c.c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
