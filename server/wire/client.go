package wire

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/store"
)

// Limits of what a client may send in one frame.
const (
	MaxFrame = 128 << 10 // bytes of a whole frame
	maxNonce = 128
	maxName  = 200 // device, tab
	maxAgent = 1000
	maxFiles = 20
	maxRings = 100
	maxSeq   = 1 << 53
)

// ClientFrame is one of the frames below that a client sends.
type ClientFrame interface{ check() error }

// Hello is the first frame on every socket. With Epoch set it asks to go on after Since.
type Hello struct {
	Device id.Device `json:"device"`
	Tab    string    `json:"tab"`
	Agent  string    `json:"agent"`
	Since  store.Seq `json:"since,omitempty"`
	Epoch  string    `json:"epoch,omitempty"`
}

// Post says something in a room.
type Post struct {
	Nonce  string    `json:"nonce"`
	Room   id.Room   `json:"room"`
	Thread store.Seq `json:"thread,omitempty"`
	Text   string    `json:"text"`
	Files  []id.File `json:"files,omitempty"`
}

// Edit replaces the text of one's own message.
type Edit struct {
	Nonce   string    `json:"nonce"`
	Message store.Seq `json:"message"`
	Text    string    `json:"text"`
}

// Delete turns a message into a tombstone.
type Delete struct {
	Nonce   string    `json:"nonce"`
	Message store.Seq `json:"message"`
}

// Command is a line that begins with a slash. It is bound and authorised before anything is logged.
type Command struct {
	Nonce  string    `json:"nonce"`
	Room   id.Room   `json:"room"`
	Thread store.Seq `json:"thread,omitempty"`
	Text   string    `json:"text"`
}

// Mark says that a room is read up to Seq.
type Mark struct {
	Room id.Room   `json:"room"`
	Seq  store.Seq `json:"seq"`
}

// Armed reports, on every change, whether this device can ring.
type Armed struct {
	State ArmedState `json:"state"`
}

// ArmedState is what a device says of itself; the server adds whose it is.
type ArmedState struct {
	Device id.Device `json:"device"`
	Armed  bool      `json:"armed"`            // audio runs and a leader tab holds the lock
	Proven id.Millis `json:"proven,omitempty"` // when the owner last confirmed hearing a test tone on this output
	Phone  bool      `json:"phone,omitempty"`
	Hidden bool      `json:"hidden,omitempty"`
	Notify string    `json:"notify,omitempty"` // granted, denied, default
	Why    string    `json:"why,omitempty"`    // why it cannot ring, in words
	Agent  string    `json:"agent,omitempty"`
}

// Of is the state as the incident engine keeps it, of this person, seen now.
func (a ArmedState) Of(person id.Person, now id.Millis) incident.DeviceState {
	return incident.DeviceState{
		Device: a.Device, Person: person, Online: true, Armed: a.Armed, Proven: a.Proven, Phone: a.Phone,
		Hidden: a.Hidden, Notify: a.Notify, Why: a.Why, Agent: a.Agent, Seen: now,
	}
}

// Received says that the device knows that an incident rings.
type Received struct {
	Incident id.Incident `json:"incident"`
}

// Playing says that the siren sounds: the receipt by which a page counts as delivered.
type Playing struct {
	Incident id.Incident `json:"incident"`
	Proven   bool        `json:"proven"`
	Time     float64     `json:"time"` // the audio clock
}

// Silent says that the siren should sound and does not, and why.
type Silent struct {
	Incident id.Incident `json:"incident"`
	Why      string      `json:"why"`
}

// Ack acknowledges an incident; Take confirms it for somebody who was not paged.
type Ack struct {
	Nonce    string      `json:"nonce"`
	Incident id.Incident `json:"incident"`
	Take     bool        `json:"take,omitempty"`
}

// Unack takes an acknowledgement back within 5 s.
type Unack struct {
	Nonce    string      `json:"nonce"`
	Incident id.Incident `json:"incident"`
}

// Pong answers a ping with its At, from the page's own code: a frozen page answers nothing.
type Pong struct {
	At      store.Seq     `json:"at"`
	Playing []id.Incident `json:"playing,omitempty"` // what sounds at this moment
}

// ClientFrames lists the frames that a client sends, by "t".
func ClientFrames() []Entry {
	return []Entry{
		{"hello", Hello{}, "first on every socket, within 10 s; `epoch` and `since` ask to resume"},
		{"post", Post{}, "answered by `ok` with the message; the same nonce never posts twice"},
		{"edit", Edit{}, "answered by `ok`"},
		{"delete", Delete{}, "answered by `ok`"},
		{"command", Command{}, "answered by `ok` with a message, by `ephemeral`, or by `error`, perhaps with `suggest`"},
		{"mark", Mark{}, "not answered; the person's other sockets get a `mark` signal"},
		{"armed", Armed{}, "not answered; on every change of what the device can do"},
		{"received", Received{}, "not answered; the device knows that the incident rings"},
		{"playing", Playing{}, "not answered; the siren sounds"},
		{"silent", Silent{}, "not answered; the siren should sound and does not"},
		{"ack", Ack{}, "answered by `ok`; kind `conflict` asks the person to take it"},
		{"unack", Unack{}, "answered by `ok`"},
		{"pong", Pong{}, "answers every `ping` within 30 s"},
	}
}

var readers = map[string]func([]byte) (ClientFrame, error){
	"hello": read[Hello], "post": read[Post], "edit": read[Edit], "delete": read[Delete], "command": read[Command],
	"mark": read[Mark], "armed": read[Armed], "received": read[Received], "playing": read[Playing], "silent": read[Silent],
	"ack": read[Ack], "unack": read[Unack], "pong": read[Pong],
}

// BadFrame is what Decode returns for a frame that cannot be used. It is a fault of kind invalid or too_large beneath.
type BadFrame struct {
	Nonce string // of the frame, when it could be read: the error frame repeats it
	Fatal bool   // this is no frame at all: the socket is closed with 4009
	cause error
}

func (b *BadFrame) Error() string { return b.cause.Error() }

// Unwrap returns the fault.
func (b *BadFrame) Unwrap() error { return b.cause }

// Decode reads one frame. Unknown fields are ignored, so that a newer client may say more; wrong types, sizes and
// unknown frames are a *BadFrame.
func Decode(data []byte) (ClientFrame, error) {
	if len(data) > MaxFrame {
		return nil, &BadFrame{Fatal: true, cause: fault.New(fault.TooLarge, "a frame is at most %d bytes", MaxFrame)}
	}
	var head struct{ T, Nonce string }
	if !utf8.Valid(data) {
		return nil, &BadFrame{Fatal: true, cause: fault.New(fault.Invalid, "this frame is not UTF-8")}
	}
	if err := json.Unmarshal(data, &head); err != nil {
		if _, typed := errors.AsType[*json.UnmarshalTypeError](err); !typed || head.T == "" {
			return nil, &BadFrame{Fatal: true, cause: fault.New(fault.Invalid, `a frame is one JSON object with the string "t"`)}
		}
	}
	if len(head.Nonce) > maxNonce {
		return nil, &BadFrame{cause: fault.Field("nonce", "at most %d bytes", maxNonce)}
	}
	reader, ok := readers[head.T]
	if !ok {
		return nil, &BadFrame{Nonce: head.Nonce, cause: fault.Field("t", "there is no such frame; there are %s", strings.Join(names(readers), ", "))}
	}
	f, err := reader(data)
	if err != nil {
		return nil, &BadFrame{Nonce: head.Nonce, cause: err}
	}
	return f, nil
}

func read[T ClientFrame](data []byte) (ClientFrame, error) {
	var f T
	if err := json.Unmarshal(data, &f); err != nil {
		if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return nil, fault.Field(t.Field, "cannot be a %s", t.Value)
		}
		return nil, fault.New(fault.Invalid, "this frame cannot be read: %v", err)
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	return f, nil
}

func (h Hello) check() error {
	return anyOf(need("device", string(h.Device), maxName), most("tab", h.Tab, maxName), most("agent", h.Agent, maxAgent),
		most("epoch", h.Epoch, maxName), seq("since", h.Since))
}

func (p Post) check() error {
	if len(p.Files) > maxFiles {
		return fault.Field("files", "at most %d", maxFiles)
	}
	return anyOf(nonce(p.Nonce), need("room", string(p.Room), maxName), seq("thread", p.Thread))
}

func (e Edit) check() error   { return anyOf(nonce(e.Nonce), seq("message", e.Message)) }
func (d Delete) check() error { return anyOf(nonce(d.Nonce), seq("message", d.Message)) }

func (c Command) check() error {
	return anyOf(nonce(c.Nonce), need("room", string(c.Room), maxName), seq("thread", c.Thread))
}

func (m Mark) check() error { return anyOf(need("room", string(m.Room), maxName), seq("seq", m.Seq)) }

func (a Armed) check() error {
	s := a.State
	return anyOf(most("state.device", string(s.Device), maxName), most("state.notify", s.Notify, maxName),
		most("state.why", s.Why, maxAgent), most("state.agent", s.Agent, maxAgent))
}

func (r Received) check() error { return nil }
func (p Playing) check() error  { return nil }
func (s Silent) check() error   { return most("why", s.Why, maxAgent) }
func (a Ack) check() error      { return nonce(a.Nonce) }
func (u Unack) check() error    { return nonce(u.Nonce) }

func (p Pong) check() error {
	if len(p.Playing) > maxRings {
		return fault.Field("playing", "at most %d", maxRings)
	}
	return seq("at", p.At)
}

func nonce(s string) error { return need("nonce", s, maxNonce) }

func need(field, s string, limit int) error {
	if s == "" {
		return fault.Field(field, "is missing")
	}
	return most(field, s, limit)
}

func most(field, s string, limit int) error {
	if len(s) > limit {
		return fault.Field(field, "at most %d bytes", limit)
	}
	return nil
}

func seq(field string, s store.Seq) error {
	if s >= maxSeq {
		return fault.Field(field, "no number of an event is that large")
	}
	return nil
}

func anyOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
