//go:build e2e

package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"watchroom/e2e"
	"watchroom/server/account"
)

// A kill -9 of the server while two people write: both see that they are cut off, what is written meanwhile waits visibly,
// and after the restart everything is there once at both.
func TestCutOff(t *testing.T) {
	st, ann, ben := pair(t)
	const before = 20
	for i := range before {
		say(ann, fmt.Sprintf("in flight %02d", i))
	}
	st.Server.Kill()
	ann.SeeWithin(".strip >> text=Reconnecting", patience)
	ben.SeeWithin(".strip >> text=Reconnecting", patience)
	say(ann, "written while cut off")
	ann.See("main .log .msg.pending:has-text('written while cut off')")
	begin := time.Now()
	st.Server.Start()
	ann.SeeWithin(row("written while cut off"), time.Minute)
	t.Logf("server started, and what waited is sent after %v", time.Since(begin).Round(time.Millisecond))
	for _, b := range []*e2e.Browser{ann, ben} {
		b.SeeWithin(row("written while cut off"), time.Minute)
		b.Miss(".strip")
		if n := b.Count("main .log .msg:has-text('written while cut off')"); n != 1 {
			t.Errorf("%s sees what was written while cut off %d times", b.Name, n)
		}
		for i := range before {
			text := fmt.Sprintf("in flight %02d", i)
			b.SeeWithin(row(text), patience)
			if n := b.Count("main .log .msg:has-text('" + text + "')"); n != 1 {
				t.Errorf("%s sees %q %d times", b.Name, text, n)
			}
		}
	}
	if n := ann.Count("main .log .msg.pending, main .log .msg.failed"); n != 0 {
		t.Errorf("%d messages still wait", n)
	}
}

// Commands complete as one types; one that nobody knows stays, and is sent as text by a second Enter; what only its asker
// should see is seen by nobody else; a guest pages nobody.
func TestCommands(t *testing.T) {
	st, ann, ben := pair(t)
	ann.Click(composer)
	ann.Type("/")
	ann.See("[role=listbox] [role=option]:has-text('/oncall')")
	ann.See("[role=listbox] [role=option]:has-text('/page')")
	ann.Type("to")
	ann.See("[role=listbox] [role=option]:has-text('/topic')")
	ann.Press("Tab")
	ann.Type("rolling out since noon")
	ann.Press("Enter")
	ben.See("header .topic:has-text('rolling out since noon')")

	say(ann, "/staus checkout")
	ann.See(".refused >> text=Did you mean")
	ann.See(".refused button:has-text('/status')")
	ann.Press("Enter")
	ben.See(row("/staus checkout"))

	say(ann, "/help")
	ann.See(".ephemerals >> text=/silence")
	say(ann, "/oncall")
	ben.See(row("default: Ann Kowalski"))
	say(ann, "/status")
	ben.See(row("/status"))
	if !e2e.Eventually(patience, func() bool { return ben.Count("main .log .msg:has(.badge:text('bot'))") >= 3 }) {
		t.Error("/topic, /oncall and /status were not all answered in the room")
	}
	if n := ben.Count(".ephemerals"); n != 0 {
		t.Error("the answer to /help is seen by somebody else")
	}

	st.Server.Op("POST", "/people", account.AddIn{Handle: "gus", Name: "Gus Guest", Role: account.Guest, Password: password}, nil)
	var people []account.Person
	st.Server.Op("GET", "/people", nil, &people)
	for _, p := range people {
		if p.Handle == "gus" {
			ann.API("POST", "/rooms/~deploys/members", map[string]any{"people": []string{string(p.ID)}})
		}
	}
	gus := st.Browser("gus")
	gus.SignIn("gus", password)
	enter(gus, "deploys")
	gus.Click(composer)
	gus.Type("/")
	gus.See("[role=listbox] [role=option]:has-text('/help')")
	if n := gus.Count("[role=option]:has-text('/page')"); n != 0 {
		t.Error("a guest is offered /page")
	}
	say(gus, "/page @ann wake up")
	gus.See(".refused")
	if n := len(open(t, st)); n != 0 {
		t.Errorf("a guest's /page opened %d incidents", n)
	}
}
