package server_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"watchroom/server"
	"watchroom/store"
	"watchroom/store/memkv"
)

// command runs a line in a room over REST.
func (a *agent) command(room, line string) *answer {
	a.site.t.Helper()
	return a.call("POST", "/rooms/"+room+"/commands", object{"text": line})
}

// replied waits for the server's reply to a command, and returns its text.
func (a *agent) replied(room string, m message) string {
	a.site.t.Helper()
	var text string
	eventually(a.site.t, "a reply to "+m.Text, func() bool {
		for _, r := range a.history(room) {
			if r.Author == "u_watchroom" && r.Nonce == fmt.Sprintf("re:%d", m.ID) {
				text = r.Text
				return true
			}
		}
		return false
	})
	return text
}

// run runs a line that is logged, and returns the reply.
func (a *agent) run(room, line string) string {
	a.site.t.Helper()
	var out struct{ Message *message }
	a.command(room, line).into(&out)
	if out.Message == nil {
		a.site.t.Fatalf("%s left no message", line)
	}
	return a.replied(room, *out.Message)
}

// Each command does what its help says, with the rights of whoever types it.
func TestCommands(t *testing.T) {
	s := start(t)
	ops := s.owner.room("ops")
	mem := s.join("mem", "member")
	var out struct {
		Text    string
		Message *message
	}
	mem.command(ops, "/help").into(&out)
	for _, name := range []string{"/help", "/oncall", "/page", "/ack", "/resolve", "/silence", "/status", "/invite", "/topic"} {
		if !strings.Contains(out.Text, "`"+name) {
			t.Errorf("/help does not tell of %s: %s", name, out.Text)
		}
	}
	if out.Message != nil {
		t.Error("/help left a message")
	}
	mem.command(ops, "/help page").into(&out)
	if !strings.Contains(out.Text, "acknowledge") {
		t.Errorf("/help page says %q", out.Text)
	}
	if got := mem.run(ops, "/oncall"); !strings.Contains(got, "**default**: ANN") {
		t.Errorf("/oncall says %q", got)
	}
	if got := mem.run(ops, "/status"); !strings.Contains(got, "No checks") {
		t.Errorf("/status says %q", got)
	}
	if got := mem.run(ops, "/topic all that burns"); got == "" || !strings.Contains(string(mem.call("GET", "/rooms/"+ops, nil).body), "all that burns") {
		t.Errorf("/topic says %q and changes nothing", got)
	}
	side := mem.makeRoom("side", "private")
	if got := mem.run(side, "/invite @ann"); !strings.Contains(got, "ANN") {
		t.Errorf("/invite says %q", got)
	}
	s.owner.call("GET", "/rooms/"+side, nil).ok()
	if got := mem.run(ops, "/page @ann disk full on db1"); !strings.Contains(got, "Paging ANN. #1") {
		t.Errorf("/page says %q", got)
	}
	if got := mem.run(ops, "/silence 1 30m"); !strings.Contains(got, "#1 is silenced until") {
		t.Errorf("/silence says %q", got)
	}
	if got := mem.run(ops, "/silence service=api 2h"); !strings.Contains(got, "service=api are silenced") {
		t.Errorf("/silence says %q", got)
	}
	if got := mem.run(ops, "/ack"); !strings.Contains(got, "#1 is acknowledged") {
		t.Errorf("/ack says %q", got)
	}
	if got := mem.run(ops, "/resolve #1"); !strings.Contains(got, "#1 is resolved") {
		t.Errorf("/resolve says %q", got)
	}
	var one struct {
		Incident struct{ State, Owner, Title string }
	}
	mem.call("GET", "/incidents/1", nil).into(&one)
	if one.Incident.State != "resolved" || one.Incident.Title != "disk full on db1" {
		t.Errorf("the incident is %+v", one.Incident)
	}
}

// A refusal or a question answers whoever typed, with what may have been meant, and leaves nothing in the room.
func TestCommandsRefuse(t *testing.T) {
	s := start(t)
	ops := s.owner.room("ops")
	k, _ := s.owner.open()
	for _, title := range []string{"one", "two"} {
		s.owner.call("POST", "/incidents", object{"title": title, "severity": "low"}).ok()
	}
	s.owner.call("POST", "/incidents/2/resolve", nil).ok()
	s.owner.call("POST", "/incidents", object{"title": "three", "severity": "low"}).ok()
	s.owner.call("PATCH", "/people/"+s.join("gone", "member").id, object{"disabled": true}).ok()
	var before []uint64
	for _, m := range s.owner.history(ops) {
		before = append(before, m.ID)
	}
	for i, c := range []struct {
		line, words string
		suggest     string
	}{
		{"/hlep", "no command /hlep", "/help"},
		{"/restart sql", "no command /restart", ""},
		{"/ack", "2 incidents are open", "/ack 1"},
		{"/resolve", "2 incidents are open", "/resolve 3"},
		{"/ack 2", "resolved already", ""},
		{"/ack 99", "no such incident", ""},
		{"/ack soon", "", ""},
		{"/page", "who: is required", ""},
		{"/page @nobody help", "neither a person nor a team", ""},
		{"/page @gone help", "cannot be paged", ""},
		{"/page @ann " + strings.Repeat("x", 300), "200", ""},
		{"/page @ann", "text: is required", ""},
		{"/silence", "is required", ""},
		{"/silence a=b c=d yesterday", "neither", ""},
		{"/silence 99 1h", "no such incident", ""},
		{"/invite @nobody", "nobody called", ""},
		{"/invite ann", "write @name", ""},
		{"/topic " + strings.Repeat("x", 400), "250", ""},
		{"/oncall nothing", "no schedule", ""},
		{"/status nothing", "no check", ""},
		{"/topic \"unclosed", "quote", ""},
		{"/ack 1 2 3", "does not take", ""},
	} {
		nonce := fmt.Sprint("n", i)
		k.say(object{"t": "command", "nonce": nonce, "room": ops, "text": c.line})
		f := k.answer(nonce)
		if f.T != "error" || f.Kind == "internal" || !strings.Contains(f.words(), c.words) {
			t.Errorf("%.40s: answered %s %s %s, want an error with %q", c.line, f.T, f.Kind, f.Message, c.words)
		}
		if c.suggest != "" && !slices.ContainsFunc(f.Suggest, func(s string) bool { return strings.HasPrefix(s, c.suggest) }) {
			t.Errorf("%s: suggested %q, want %s", c.line, f.Suggest, c.suggest)
		}
		if got := s.owner.command(ops, c.line); got.status < 400 || got.status >= 500 {
			t.Errorf("%.40s: over REST answered %d %s", c.line, got.status, got.body)
		}
	}
	var after []uint64
	for _, m := range s.owner.history(ops) {
		after = append(after, m.ID)
	}
	if !slices.Equal(before, after) {
		t.Errorf("the refusals left messages: %v became %v", before, after)
	}
}

// A guest is offered only what a guest may do, and the rest is refused before it is logged.
func TestCommandsForGuests(t *testing.T) {
	s := start(t)
	den := s.owner.makeRoom("den", "private")
	gus := s.join("gus", "guest", den)
	var list []struct{ Name string }
	gus.call("GET", "/commands?room="+den, nil).into(&list)
	if len(list) != 1 || list[0].Name != "help" {
		t.Errorf("a guest is offered %v", list)
	}
	_, hello := gus.open()
	if len(hello.Snapshot.Commands) != 1 {
		t.Errorf("the snapshot offers a guest %v", hello.Snapshot.Commands)
	}
	for _, line := range []string{"/page @ann x", "/oncall", "/status", "/topic x", "/invite @ann", "/ack 1", "/resolve 1", "/silence a=b"} {
		gus.command(den, line).problem(403, "you may not use")
	}
	gus.command(s.owner.room("ops"), "/help").problem(404, "")
	if n := len(gus.history(den)); n != 0 {
		t.Errorf("%d messages came of it", n)
	}
}

// What only looks like a command is talk: in a code block, in an edit, as a path, or posted as a message.
func TestNoCommands(t *testing.T) {
	s := start(t)
	ops := s.owner.room("ops")
	k, _ := s.owner.open()
	for i, text := range []string{"/var/log/syslog is full", "`/page @ann x`", "```\n/page @ann x\n```", "please /page @ann x", " /page @ann x"} {
		nonce := fmt.Sprint("n", i)
		k.say(object{"t": "command", "nonce": nonce, "room": ops, "text": text})
		if f := k.answer(nonce); f.T != "ok" || strings.Contains(string(f.Message), `"command"`) {
			t.Errorf("%q: answered %s %s", text, f.T, f.Message)
		}
	}
	said := s.owner.post(ops, "/page @ann posted as a message")
	s.owner.call("PATCH", fmt.Sprint("/messages/", said.ID), object{"text": "/page @ann in an edit"}).ok()
	var out struct{ Message message }
	s.owner.command(ops, "/topic first").into(&out)
	s.owner.replied(ops, out.Message)
	s.owner.call("PATCH", fmt.Sprint("/messages/", out.Message.ID), object{"text": "/topic second"})
	s.owner.run(ops, "/oncall") // whatever came before it has been looked at by now
	var all []struct{ ID uint64 }
	s.owner.call("GET", "/incidents", nil).into(&all)
	if len(all) != 0 {
		t.Errorf("%d incidents came of it", len(all))
	}
	if room := string(s.owner.call("GET", "/rooms/"+ops, nil).body); !strings.Contains(room, `"topic":"first"`) {
		t.Errorf("an edit ran: %s", room)
	}
}

// A runner that was stopped before it could note how far it was runs the last command again, and nothing happens twice.
func TestRunnerReplays(t *testing.T) {
	kv := &kept{memkv.New()}
	s := start(t, func(o *server.Options) { o.KV = kv })
	ops := s.owner.room("ops")
	for _, line := range []string{"/oncall", "/page @ann fire", "/ack 1", "/topic x", "/resolve 1", "/status"} {
		var out struct{ Message message }
		s.owner.command(ops, line).into(&out)
		s.owner.replied(ops, out.Message)
		before, detail := s.owner.history(ops), s.detail()
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		cursor := store.Op{Bucket: "_cursor", Key: []byte("runner"), Value: binary.BigEndian.AppendUint64(nil, out.Message.ID-1)}
		if err := kv.Apply(t.Context(), store.Batch{Ops: []store.Op{cursor}}); err != nil {
			t.Fatal(err)
		}
		s.run()
		s.owner.run(ops, "/oncall") // it comes after the replayed one
		after := s.owner.history(ops)
		if len(after) != len(before)+2 {
			t.Errorf("%s: %d messages became %d, want one command and its reply besides", line, len(before), len(after))
		}
		if again := s.detail(); again != detail {
			t.Errorf("%s: the incident was %s, and is %s", line, detail, again)
		}
	}
}

// detail is where the first incident stands, in short.
func (s *site) detail() string {
	s.t.Helper()
	var one struct {
		Incident struct {
			State, Owner string
			Reopened     int
		}
	}
	if got := s.owner.call("GET", "/incidents/1", nil); got.status == 200 {
		got.into(&one)
	}
	return fmt.Sprintf("%+v", one.Incident)
}

// kept is a store that outlives its server.
type kept struct{ store.KV }

// Close keeps it open.
func (*kept) Close() error { return nil }
