package wire

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/store"
)

// The codes with which the server closes a socket. 1000 and 1001 are the client's own.
const (
	CloseUnsigned = 4001 // the session ended: refresh first, then connect anew
	CloseSlow     = 4008 // too far behind, or silent for too long: resume
	CloseBad      = 4009 // this was no frame, or too many of them
	CloseMany     = 4010 // too many sockets: wait
	CloseDrain    = 4013 // the server shuts down: resume after a random wait
)

// Welcome answers the first frame. When Resumed, the events after the client's since follow; else Snapshot is set and
// the events after its At follow.
type Welcome struct {
	Epoch    string         `json:"epoch"`
	At       store.Seq      `json:"at"` // where the events go on; the resume point from here
	Resumed  bool           `json:"resumed"`
	Version  string         `json:"version"`
	Time     id.Millis      `json:"time"` // the server's clock
	Session  id.Session     `json:"session,omitempty"`
	Me       account.Person `json:"me"`
	Snapshot *Snapshot      `json:"snapshot,omitempty"`
}

// OK answers a frame that had a nonce and was done.
type OK struct {
	Nonce   string        `json:"nonce"`
	Message *chat.Message `json:"message,omitempty"` // of a post or a command that posts
	ID      store.Seq     `json:"id,omitempty"`      // its ID
}

// Error answers a frame that was refused. Nothing of it was done.
type Error struct {
	Nonce   string     `json:"nonce,omitempty"`
	Kind    fault.Kind `json:"kind"`
	Message string     `json:"message"` // in words for the user
	Field   string     `json:"field,omitempty"`
	Suggest []string   `json:"suggest,omitempty"` // what may have been meant
}

// Ephemeral is an answer that only the asker sees. It is nowhere afterwards.
type Ephemeral struct {
	Nonce string  `json:"nonce"`
	Room  id.Room `json:"room"`
	Text  string  `json:"text"` // Markdown
}

// Ping comes every 10 s and wants a pong. Everything that this person is owed up to At was sent before it.
type Ping struct {
	At   store.Seq `json:"at"`
	Time id.Millis `json:"time"`
}

// Signal tells what is not in the log; Body is the type that Signals names for Kind.
type Signal struct {
	Kind SignalKind `json:"kind"`
	Body any        `json:"body"`
}

// SignalKind is what a signal is about.
type SignalKind string

// The kinds of signal.
const (
	SignalMark      SignalKind = "mark"      // the person read a room on another device
	SignalReadiness SignalKind = "readiness" // whether somebody on call can be rung
	SignalClosed    SignalKind = "closed"    // forget this room: it may not be read any more
)

// Closed names the room to forget.
type Closed struct {
	Room id.Room `json:"room"`
}

// Signals lists the signals with the zero values of their bodies.
func Signals() []Entry {
	return []Entry{
		{string(SignalMark), chat.Mark{}, "the person read a room on another device"},
		{string(SignalReadiness), incident.Readiness{}, "whether somebody on call can be rung"},
		{string(SignalClosed), Closed{}, "forget this room: it may not be read any more"},
	}
}

// ServerFrames lists the frames that the server sends, by "t", without event and signal, whose bodies vary.
func ServerFrames() []Entry {
	return []Entry{
		{"hello", Welcome{}, "the answer to the client's `hello`"},
		{"ok", OK{}, "the frame with this nonce was done, and is durable"},
		{"error", Error{}, "the frame was refused, in words for the user; nothing of it was done"},
		{"ephemeral", Ephemeral{}, "an answer that only the asker sees"},
		{"ping", Ping{}, "every 10 s; everything that the person is owed up to `at` was sent before it"},
	}
}

// ServerFrame is one of the frames that the server sends, other than an event.
type ServerFrame interface{ name() string }

func (Welcome) name() string   { return "hello" }
func (OK) name() string        { return "ok" }
func (Error) name() string     { return "error" }
func (Ephemeral) name() string { return "ephemeral" }
func (Ping) name() string      { return "ping" }
func (Signal) name() string    { return "signal" }

// Encode writes a frame as JSON. The types of this package always can be written; a signal's body is the caller's.
func Encode(f ServerFrame) ([]byte, error) {
	body, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encode a %s frame: %w", f.name(), err)
	}
	out := make([]byte, 0, len(body)+len(f.name())+8)
	out = append(out, `{"t":"`...)
	out = append(out, f.name()...)
	if len(body) == 2 {
		return append(out, '"', '}'), nil
	}
	out = append(out, '"', ',')
	return append(out, body[1:]...), nil
}

// AppendEvent appends the frame of an event to b; the body's bytes stay as the caller of the log encoded them.
func AppendEvent(b []byte, e store.Event) []byte {
	b = slices.Grow(b, 96+len(e.Kind)+len(e.Room)+len(e.Actor)+len(e.Body))
	b = append(b, `{"t":"event","seq":`...)
	b = strconv.AppendUint(b, uint64(e.Seq), 10)
	b = append(b, `,"time":`...)
	b = strconv.AppendInt(b, e.Time.UnixMilli(), 10)
	b = append(b, `,"kind":`...)
	b = appendText(b, e.Kind)
	if e.Room != "" {
		b = append(b, `,"room":`...)
		b = appendText(b, e.Room)
	}
	if e.Actor != "" {
		b = append(b, `,"actor":`...)
		b = appendText(b, e.Actor)
	}
	b = append(b, `,"body":`...)
	if len(e.Body) == 0 {
		b = append(b, "{}"...)
	}
	b = append(b, e.Body...)
	return append(b, '}')
}

func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // a string always can be
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// Refuse is the error frame for err; an error without words for the user is an internal error.
func Refuse(nonce string, err error) Error {
	f := Error{Nonce: nonce, Kind: fault.KindOf(err), Message: fault.Words(err)}
	for e := err; e != nil; e = unwrap(e) {
		if fe, ok := e.(*fault.Error); ok && f.Field == "" {
			f.Field = fe.Field
		}
		if s, ok := e.(interface{ Suggest() []string }); ok {
			f.Suggest = s.Suggest()
		}
	}
	return f
}

func unwrap(err error) error {
	if u, ok := err.(interface{ Unwrap() error }); ok {
		return u.Unwrap()
	}
	return nil
}
