package wire_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/wire"
	"watchroom/store"
)

// Every frame of the registry decodes to its own type, and only with what it needs.
func TestDecode(t *testing.T) {
	good := map[string]string{
		"hello":    `{"t":"hello","device":"d","tab":"1","agent":"Firefox","since":7,"epoch":"e","newer":true}`,
		"post":     `{"t":"post","nonce":"1","room":"r","thread":3,"text":"hi","files":["f"]}`,
		"edit":     `{"t":"edit","nonce":"1","message":3,"text":"hi"}`,
		"delete":   `{"t":"delete","nonce":"1","message":3}`,
		"command":  `{"t":"command","nonce":"1","room":"r","text":"/help"}`,
		"mark":     `{"t":"mark","room":"r","seq":3}`,
		"armed":    `{"t":"armed","state":{"device":"d","armed":true,"proven":12}}`,
		"received": `{"t":"received","incident":142}`,
		"playing":  `{"t":"playing","incident":142,"proven":true,"time":0.25}`,
		"silent":   `{"t":"silent","incident":142,"why":"muted"}`,
		"ack":      `{"t":"ack","nonce":"1","incident":142,"take":true}`,
		"unack":    `{"t":"unack","nonce":"1","incident":142}`,
		"pong":     `{"t":"pong","at":9,"playing":[142]}`,
	}
	for _, e := range wire.ClientFrames() {
		f, err := wire.Decode([]byte(good[e.Name]))
		if err != nil {
			t.Errorf("%s: %v", e.Name, err)
			continue
		}
		if got, want := reflect.TypeOf(f), reflect.TypeOf(e.Zero); got != want {
			t.Errorf("%s is read as %v, want %v", e.Name, got, want)
		}
		if reflect.ValueOf(f).IsZero() {
			t.Errorf("%s lost what it held", e.Name)
		}
	}
	bad := []struct {
		name, frame, nonce, words string
		fatal                     bool
	}{
		{"no JSON", `{"t":"pong"`, "", "a frame is one JSON object", true},
		{"two values", `{"t":"pong","at":1}{}`, "", "a frame is one JSON object", true},
		{"a list", `[1]`, "", "a frame is one JSON object", true},
		{"t is no string", `{"t":1}`, "", "a frame is one JSON object", true},
		{"no UTF-8", "{\"t\":\"\xff\"}", "", "this frame is not UTF-8", true},
		{"too large", strings.Repeat(" ", wire.MaxFrame+1), "", "a frame is at most", true},
		{"unknown", `{"t":"typing","nonce":"7"}`, "7", "there is no such frame", false},
		{"no nonce", `{"t":"post","room":"r","text":"x"}`, "", "nonce: is missing", false},
		{"long nonce", `{"t":"post","nonce":"` + strings.Repeat("n", 129) + `"}`, "", "nonce: at most 128", false},
		{"wrong type", `{"t":"post","nonce":"7","room":"r","text":5}`, "7", "text: cannot be a number", false},
		{"negative", `{"t":"mark","room":"r","seq":-1}`, "", "seq: cannot be a number -1", false},
		{"beyond 2^53", `{"t":"mark","room":"r","seq":9007199254740992}`, "", "seq: no number of an event", false},
		{"many files", `{"t":"post","nonce":"7","room":"r","files":["` + strings.Repeat(`f","`, 20) + `"]}`, "7", "files: at most 20", false},
	}
	for _, c := range bad {
		_, err := wire.Decode([]byte(c.frame))
		b, ok := errors.AsType[*wire.BadFrame](err)
		if !ok || b.Fatal != c.fatal || b.Nonce != c.nonce || !strings.Contains(fault.Words(err), c.words) {
			t.Errorf("%s: %+v (%q), want fatal %t, nonce %q, words %q", c.name, b, fault.Words(err), c.fatal, c.nonce, c.words)
		}
	}
}

// Whatever arrives is a frame of the registry or a *BadFrame with words for the user.
func FuzzDecode(f *testing.F) {
	for _, e := range wire.ClientFrames() {
		b, err := json.Marshal(e.Zero)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(strings.Replace(string(b), "{", `{"t":"`+e.Name+`",`, 1))
	}
	f.Add(`{"t":"post","nonce":"1","room":"r","text":"\ud800"}`)
	f.Add(`{"T":"pong","t":null,"at":1e3}`)
	f.Fuzz(func(t *testing.T, data string) {
		frame, err := wire.Decode([]byte(data))
		if err == nil {
			if frame == nil {
				t.Fatal("neither a frame nor an error")
			}
			return
		}
		if _, ok := errors.AsType[*wire.BadFrame](err); !ok || fault.Words(err) == "" || fault.KindOf(err) == fault.Internal {
			t.Fatalf("%q: %T %v", data, err, err)
		}
		if _, err := wire.Encode(wire.Refuse("n", err)); err != nil {
			t.Fatal(err)
		}
	})
}

// An event's frame is JSON whose body is byte for byte what the log holds.
func TestAppendEvent(t *testing.T) {
	for _, e := range []store.Event{
		{Seq: 7, Time: time.UnixMilli(1234), Kind: "message.posted", Room: "r_1", Actor: "u_1", Body: []byte(`{"message": {"text":"<&>"}}`)},
		{Seq: 1<<53 - 1, Kind: "odd \"kind\"\n", Actor: "ä"},
	} {
		got := string(wire.AppendEvent(nil, e))
		var f struct {
			T     string
			Seq   store.Seq
			Time  int64
			Kind  string
			Room  string
			Actor string
			Body  json.RawMessage
		}
		if err := json.Unmarshal([]byte(got), &f); err != nil {
			t.Fatalf("%s: %v", got, err)
		}
		body := string(e.Body)
		if body == "" {
			body = "{}"
		}
		if f.T != "event" || f.Seq != e.Seq || f.Time != e.Time.UnixMilli() || f.Kind != e.Kind || f.Room != e.Room || f.Actor != e.Actor || string(f.Body) != body {
			t.Errorf("%+v became %s", e, got)
		}
	}
}

// A frame of the server says its name first and keeps the names of its fields.
func TestEncode(t *testing.T) {
	for want, f := range map[string]wire.ServerFrame{
		`{"t":"ok","nonce":"1","id":7}`:                                              wire.OK{Nonce: "1", ID: 7},
		`{"t":"ping","at":7,"time":9}`:                                               wire.Ping{At: 7, Time: 9},
		`{"t":"signal","kind":"mark","body":{"room":"r","seq":1,"ordinal":0}}`:       wire.Signal{Kind: wire.SignalMark, Body: chat.Mark{Room: "r", Seq: 1}},
		`{"t":"error","nonce":"1","kind":"missing","message":"no","suggest":["/a"]}`: wire.Refuse("1", fmt.Errorf("x: %w", meant{})),
		`{"t":"error","kind":"internal","message":"internal error"}`:                 wire.Refuse("", os.ErrPermission),
		`{"t":"error","kind":"invalid","message":"name: is missing","field":"name"}`: wire.Refuse("", fault.Field("name", "is missing")),
	} {
		if got, err := wire.Encode(f); err != nil || string(got) != want {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
	}
}

type meant struct{}

func (meant) Error() string     { return "meant" }
func (meant) Unwrap() error     { return fault.New(fault.Missing, "no") }
func (meant) Suggest() []string { return []string{"/a"} }

// The documentation lists every event, frame and signal of the registry, with its audience or meaning.
func TestDocs(t *testing.T) {
	const file = "../../docs/protocol.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := string(text)
	for mark, list := range map[string][]wire.Entry{
		"client frames": wire.ClientFrames(), "server frames": wire.ServerFrames(), "signals": wire.Signals(), "events": wire.Events(),
	} {
		var table strings.Builder
		for _, e := range list {
			fmt.Fprintf(&table, "| `%s` | %s | %s |\n", e.Name, fields(reflect.TypeOf(e.Zero)), e.Note)
		}
		begin, end := "<!-- "+mark+" -->\n", "<!-- end -->"
		head, rest, ok := strings.Cut(want, begin)
		_, tail, closed := strings.Cut(rest, end)
		if !ok || !closed {
			t.Fatalf("%s has no place for the %s", file, mark)
		}
		want = head + begin + "| name | holds | |\n|---|---|---|\n" + table.String() + end + tail
	}
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(text) {
		t.Errorf("%s is stale: run `go generate ./server/wire`", file)
	}
}

// fields lists the JSON names of a struct; what may be absent has a question mark.
func fields(t reflect.Type) string {
	var list []string
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if options != "" {
			name += "?"
		}
		list = append(list, "`"+name+"`")
	}
	return strings.Join(list, " ")
}
