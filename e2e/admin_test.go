//go:build e2e

package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"watchroom/e2e"
)

// replay posts a request as it was recorded from a real sender, to another address.
func replay(t *testing.T, url, file string) {
	t.Helper()
	text, err := os.ReadFile("../server/alert/testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct{ Body string }
	if err := json.Unmarshal(text, &recorded); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(url, "application/json", bytes.NewReader([]byte(recorded.Body)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		t.Fatalf("the recorded request was answered with %s", resp.Status)
	}
}

// A sender is connected in the client: what to paste is shown once, the first request arrives live with its decision, and
// it can be read, replayed, tested, paused; one button cleans the rehearsal up.
func TestConnecting(t *testing.T) {
	st := e2e.Start(t, e2e.Setup{})
	ann := st.Browser("ann")
	ann.SignUp(st.Server.OwnerLink(), "ann", "Ann Kowalski", password)
	ann.Goto("/#/admin/integrations")
	ann.Click("button.sender:has-text('Alertmanager')")
	ann.Click("dialog button:has-text('Connect')")
	ann.See("text=Waiting for the first request")
	snippet := ann.Text(".guide pre >> nth=0")
	url := regexp.MustCompile(`http://127\.0\.0\.1:\d+/in/alertmanager/[^'\s]+`).FindString(snippet)
	if url == "" {
		t.Fatalf("no address in what is to be pasted:\n%s", snippet)
	}
	begin := time.Now()
	replay(t, url, "alertmanager-webhook-firing.json")
	ann.See(".decisions .road:has-text('accepted')")
	t.Logf("request to live line: %v", time.Since(begin).Round(time.Millisecond))
	road := ann.Text(".decisions .road")
	for _, words := range []string{"critical", "#ops", "policy default", "ringing ann"} {
		if !strings.Contains(strings.Join(strings.Fields(road), " "), words) {
			t.Errorf("the decision %q does not say %q", road, words)
		}
	}
	ann.See(".banner button.ack")

	ann.Click(".requests button:has-text('Body')")
	ann.See("dialog pre:has-text('HelloWorldDown')")
	ann.Click("dialog >> text=Close")
	ann.Click(".requests button:has-text('Replay')")
	ann.See(".requests .badge:text('replay')")
	ann.Click("section[aria-label='Last requests'] button:text-is('low')")
	ann.See(".requests .badge:text('test')")
	ann.Click("section[aria-label=Pause] button:has-text('30 min')")
	ann.See("header.heading .sev.high")
	ann.Click("section[aria-label=Pause] button:has-text('Resume')")
	ann.Miss("header.heading .sev.high")
	ann.Reload()
	ann.See(".requests .badge:text('replay')")
	if n := ann.Count(".guide"); n != 0 {
		t.Error("the key is shown again after a reload")
	}

	ann.Goto("/#/incidents")
	ann.See("main .incidents li >> nth=1")
	ann.Click("main button:has-text('Clean up rehearsal')")
	ann.See(".toast >> text=1 rehearsal resolved")
	if n := len(open(t, st)); n != 1 {
		t.Errorf("after cleaning up %d incidents are open, want the one that was no rehearsal", n)
	}
}

// Ways out of the browser are added and tested, a token posts from the command line, a session that is ended signs its
// browser out, and the theme is chosen.
func TestSettings(t *testing.T) {
	st := e2e.Start(t, e2e.Setup{NoServer: true})
	mailbox, push := st.Mailbox(), st.PushServer()
	st = e2e.Start(t, e2e.Setup{Config: fmt.Sprintf("smtp: { host: %s, port: %d, from: watchroom@example.org, tls: none }\noutbound: { allow: [127.0.0.0/8] }\n", mailbox.Host, mailbox.Port)})
	ann := st.Browser("ann")
	ann.SignUp(st.Server.OwnerLink(), "ann", "Ann Kowalski", password)
	ann.See("nav.rail")

	ann.Goto("/#/settings/ways")
	ann.Fill("[aria-label='Whole URL of the topic']", push.URL+"/ann")
	ann.Click("main button:text-is('Add')")
	ann.See(".entries li:has-text('/ann')")
	choose(t, ann, "[aria-label='Kind of way']", "Mail")
	ann.Fill("[aria-label='Mail address']", "ann@example.org")
	ann.Click("main button:text-is('Add')")
	ann.See(".entries li:has-text('ann@example.org')")
	ann.Click(".entries li:has-text('/ann') >> text=Send a test")
	push.Wait(0, patience, func(p e2e.Push) bool { return p.Topic == "ann" })
	ann.Click(".entries li:has-text('ann@example.org') >> text=Send a test")
	mailbox.Wait(0, patience, func(m e2e.Mail) bool { return len(m.To) > 0 })

	ann.Goto("/#/settings/tokens")
	ann.Fill("main form input >> nth=0", "deploy script")
	ann.Click("text=Make a token")
	secret := strings.TrimSpace(ann.Text("pre[aria-label='The token']"))
	st.Server.CLI("post", "#ops", "build 4711 is green", "--url", st.Server.URL, "--token", secret)
	enter(ann, "ops")
	ann.See(row("build 4711 is green"))

	laptop := st.Browser("laptop")
	laptop.SignIn("ann", password)
	laptop.See("nav.rail")
	ann.Goto("/#/settings/sessions")
	begin := time.Now()
	ann.Click(".entries li:not(:has-text('this one')) >> button:has-text('End')")
	laptop.SeeWithin("text=/^Sign(ed out| in)/", patience)
	slow(t, "a session ended to its browser signed out", time.Since(begin), time.Second)

	ann.Goto("/#/settings/profile")
	ground := "getComputedStyle(document.body).backgroundColor"
	dark := ann.Eval(ground)
	ann.Click("label:has-text('Light')")
	if light := ann.Eval(ground); light == dark {
		t.Errorf("dark and light have the same ground, %v", light)
	}
	ann.Reload()
	ann.See("input[type=radio]:checked >> xpath=.. >> text=Light")
}
