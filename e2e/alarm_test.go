//go:build e2e

package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watchroom/e2e"
	"watchroom/server/account"
	"watchroom/server/incident"
)

const password = "correct horse battery"

// siren is what a critical alert sounds like.
var siren = e2e.Tone(880, 1320)

// slow is when a promised time fails a test: at ten times the figure. The figure itself is printed.
func slow(t *testing.T, what string, took, promised time.Duration) {
	t.Helper()
	t.Logf("%s: %v (promised %v)", what, took.Round(time.Millisecond), promised)
	if took > 10*promised {
		t.Errorf("%s took %v, more than ten times %v", what, took, promised)
	}
}

// arm plays the tone in this browser and says that it was heard.
func arm(b *e2e.Browser) {
	b.Click("button.arm")
	b.Click("text=Play the tone")
	b.Hear(e2e.Tone(660), 10*time.Second)
	b.Click("dialog >> text=Yes")
	b.SeeWithin("dialog >> text=Armed. You heard", 10*time.Second)
	b.Click("dialog >> text=Close")
	b.See("button.arm.proven")
}

// The first hour, up to the first page: the printed link makes the owner, the browser is armed, the page that one sends
// oneself sounds, A silences it, and its trail stands in words.
func TestFirstHour(t *testing.T) {
	st := e2e.Start(t, e2e.Setup{Sound: true})
	ann := st.Browser("ann")
	ann.Goto(st.Server.OwnerLink())
	ann.Fill("label:has-text('Your name') >> xpath=.. >> input", "Ann Kowalski")
	ann.Fill("input[autocomplete=new-password]", password)
	ann.Fill("input[autocomplete=organization]", "Harbour")
	ann.Click("text=Become the owner")
	ann.SeeWithin("text=The first hour", 15*time.Second)
	ann.See("text=Harbour")
	arm(ann)

	ann.Click("text=Page me")
	ann.See(".banner >> text=Test page to ann")
	took := ann.Hear(siren, 15*time.Second)
	t.Logf("paged, and heard in the recording after %v", took.Round(time.Millisecond))
	ann.Screenshot("first-page")
	ann.Rest(1200 * time.Millisecond) // A does nothing within the banner's first second
	pressed := time.Now()
	ann.Press("a")
	slow(t, "A to silence", ann.HearSilence(pressed, 15*time.Second), 300*time.Millisecond)
	ann.Miss(".banner >> kbd >> text=A")
	ann.Goto("/#/incident/1")
	for _, words := range []string{"ringing ann", "Acknowledged by Ann Kowalski"} {
		ann.See("text=" + words)
	}
	var d incident.Detail
	st.Server.Op("GET", "/incidents/1", nil, &d)
	if got, want := d.Pages[0].State, incident.Answered; got != want {
		t.Errorf("the page is %q, want %q", got, want)
	}
}

// duo is a server with ann, who is on call, and ben, who is not; both are signed in and armed.
func duo(t *testing.T) (*e2e.Stage, *e2e.Browser, *e2e.Browser) {
	t.Helper()
	st := e2e.Start(t, e2e.Setup{Sound: true})
	ann, ben := st.Browser("ann"), st.Browser("ben")
	ann.SignUp(st.Server.OwnerLink(), "ann", "Ann Kowalski", password)
	st.Server.Op("POST", "/people", account.AddIn{Handle: "ben", Name: "Ben Okafor", Role: account.Member, Password: password}, nil)
	ben.SignIn("ben", password)
	arm(ann)
	arm(ben)
	return st, ann, ben
}

// readme is the Alertmanager configuration that the README gives, with the address filled in.
func readme(t *testing.T, url string) string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "## Point Alertmanager at it")
	_, rest, _ = strings.Cut(rest, "```yaml\n")
	config, _, found := strings.Cut(rest, "```")
	if !found || !strings.Contains(config, "http://127.0.0.1:8080/in/alertmanager/KEY") {
		t.Fatal("the README has no Alertmanager configuration")
	}
	return strings.ReplaceAll(config, "http://127.0.0.1:8080/in/alertmanager/KEY", url)
}

// A real Alertmanager with the README's configuration fires two alerts of one group: one incident, one room; the browser
// of who is on call sounds, the other stays silent; an acknowledgement silences it, the sender's all-clear closes the
// incident, and the story is in the room and is found by searching.
func TestAlertmanager(t *testing.T) {
	st, ann, ben := duo(t)
	url := strings.TrimSpace(lastLine(st.Server.CLI("integration", "add", "alertmanager", "prometheus")))
	am := st.Alertmanager(readme(t, url))
	begin := time.Now()
	labels := map[string]string{"alertname": "CheckoutDown", "rehearsal": "watchroom", "severity": "critical", "service": "checkout", "instance": "10.0.3.17:8443"}
	summary := map[string]string{"summary": "checkout answers ERR_CONN_REFUSED"}
	am.Fire(labels, summary)
	ann.Hear(siren, 30*time.Second)
	t.Logf("fired to siren in the recording: %v", time.Since(begin).Round(time.Millisecond))
	ann.See(".banner >> text=checkout answers ERR_CONN_REFUSED")
	ben.WasSilent(begin)
	ann.Screenshot("ringing")

	ann.Rest(1200 * time.Millisecond)
	pressed := time.Now()
	ann.Press("a")
	slow(t, "A to silence", ann.HearSilence(pressed, 15*time.Second), 300*time.Millisecond)
	ben.WasSilent(begin)

	list := open(t, st)
	if len(list) != 1 || list[0].State != incident.Acknowledged || list[0].Owner == "" {
		t.Fatalf("open incidents: %+v, want one that is acknowledged", list)
	}
	am.Resolve(labels)
	if !e2e.Eventually(time.Minute, func() bool { return open(t, st)[0].SenderDone }) {
		t.Fatal("the sender's all-clear did not arrive within a minute")
	}
	if !e2e.Eventually(10*time.Second, func() bool { return e2e.Tone(990)(ann.Recorded(10 * time.Second)) }) { // it ends on that note
		t.Error("the all-clear was not heard")
	}
	inc := fmt.Sprintf("/#/incident/%d", list[0].ID)
	ann.Goto(inc)
	ann.SeeWithin("text=The sender says", 20*time.Second)
	ann.Click("button:has-text('Resolve') >> nth=0")
	if !e2e.Eventually(20*time.Second, func() bool { return len(open(t, st)) == 0 }) {
		t.Errorf("still open: %+v", open(t, st))
	}
	for _, words := range []string{"ERR_CONN_REFUSED", "Acknowledged"} {
		ann.Goto("/#/search/" + words)
		ann.SeeWithin("main >> text=inc-1", 20*time.Second)
	}
	ann.Screenshot("found")
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

func open(t *testing.T, st *e2e.Stage) []incident.Incident {
	t.Helper()
	var list []incident.Incident
	st.Server.Op("GET", "/incidents?state=open", nil, &list)
	return list
}

// With the browser of who is on call closed, the page leaves by push and by mail, and the next step is rung at once.
func TestAway(t *testing.T) {
	st := e2e.Start(t, e2e.Setup{Sound: true})
	mailbox, push := st.Mailbox(), st.PushServer()
	config := fmt.Sprintf("smtp: { host: %s, port: %d, from: watchroom@example.org, tls: none }\noutbound: { allow: [127.0.0.0/8] }\n", mailbox.Host, mailbox.Port)
	if err := os.WriteFile(filepath.Join(filepath.Dir(st.Server.Data), "watchroom.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	st.Server.Stop()
	st.Server.Start()
	link := strings.TrimSpace(lastLine(st.Server.CLI("owner-link")))
	ann, ben := st.Browser("ann"), st.Browser("ben")
	ann.SignUp(link, "ann", "Ann Kowalski", password)
	st.Server.Op("POST", "/people", account.AddIn{Handle: "ben", Name: "Ben Okafor", Role: account.Member, Password: password}, nil)
	ben.SignIn("ben", password)
	arm(ben)
	ann.API("PUT", "/me/ways", []account.Way{{Kind: account.WayNtfy, Address: push.URL + "/ann"}, {Kind: account.WayMail, Address: "ann@example.org"}})
	st.Server.Apply(t, `
schedules:
  - { id: first, name: First, zone: UTC, rotations: [{ name: all, people: ["@ann"], unit: weeks, length: 1 }] }
policies:
  - { id: two, name: Two, steps: [{ targets: [{ schedule: first }], after: 600 }, { targets: [{ person: "@ben" }], after: 600 }] }
`)
	ann.Close()
	url := strings.TrimSpace(lastLine(st.Server.CLI("integration", "add", "json", "curl", "--policy", "two")))
	begin := time.Now()
	e2e.PostJSON(t, url, map[string]string{"title": "disk full on db-1", "severity": "critical", "key": "db-1"})
	p := push.Wait(0, 50*time.Second, func(p e2e.Push) bool { return strings.Contains(p.Title, "disk full") })
	slow(t, "alert to push", p.At.Sub(begin), 5*time.Second)
	m := mailbox.Wait(0, 50*time.Second, func(m e2e.Mail) bool { return strings.Contains(m.Subject, "disk full") })
	slow(t, "alert to mail", m.At.Sub(begin), 5*time.Second)
	ben.Hear(siren, 50*time.Second)
	slow(t, "alert to the next step's siren", time.Since(begin), 5*time.Second)
	var d incident.Detail
	st.Server.Op("GET", fmt.Sprintf("/incidents/%d", open(t, st)[0].ID), nil, &d)
	words := ""
	for _, e := range d.Timeline {
		words += e.Text + "\n"
	}
	if !strings.Contains(words, "no device played within 3 s") || !strings.Contains(words, "Step 2") {
		t.Errorf("the timeline does not tell it:\n%s", words)
	}
}

// A kill -9 while it rings: after the restart it rings again, and the climb has neither skipped nor doubled a step.
func TestKillWhileRinging(t *testing.T) {
	st, ann, _ := duo(t)
	url := strings.TrimSpace(lastLine(st.Server.CLI("integration", "add", "json", "curl")))
	e2e.PostJSON(t, url, map[string]string{"title": "disk full on db-1", "severity": "critical", "key": "db-1"})
	ann.Hear(siren, 20*time.Second)
	n := open(t, st)[0].ID
	playing := func() bool {
		var d incident.Detail
		st.Server.Op("GET", fmt.Sprintf("/incidents/%d", n), nil, &d)
		return d.Pages[0].State == incident.Heard
	}
	if !e2e.Eventually(20*time.Second, playing) {
		t.Fatal("no device reported that it plays")
	}
	st.Server.Kill()
	begin := time.Now()
	st.Server.Start()
	ann.See(".banner >> text=disk full on db-1")
	ann.Hear(siren, 50*time.Second)
	slow(t, "restart to siren", time.Since(begin), 5*time.Second)
	var d incident.Detail
	st.Server.Op("GET", fmt.Sprintf("/incidents/%d", n), nil, &d)
	rang := 0
	for _, e := range d.Timeline {
		if e.Kind == "rang" {
			rang++
		}
	}
	if rang != 1 || d.Incident.State != incident.Triggered || d.Incident.NextDue == 0 {
		t.Errorf("after the restart step 1 was rung %d times, state %s, next due %d; want once, triggered, and a next step", rang, d.Incident.State, d.Incident.NextDue)
	}
}

// What a newcomer does: make a room, post, reload, search. It is there.
func TestNewcomer(t *testing.T) {
	st := e2e.Start(t, e2e.Setup{})
	ann := st.Browser("ann")
	ann.SignUp(st.Server.OwnerLink(), "ann", "Ann Kowalski", password)
	ann.Click("[aria-label='New room']")
	ann.Fill("dialog >> input >> nth=0", "deploys")
	ann.Click("dialog >> text=Make #deploys")
	ann.See("main >> text=#deploys")
	ann.Fill("main >> textarea", "rolled out 4f21c8e to 10.0.3.17, see /var/log/deploy.log")
	ann.Press("Enter")
	ann.See("main .log >> text=rolled out")
	ann.Reload()
	ann.See("main .log >> text=rolled out")
	for _, q := range []string{"10.0.3.17", "deploy.log", "4f21c8e"} {
		ann.Goto("/#/search/" + q)
		ann.SeeWithin("main >> text=rolled out", 20*time.Second)
	}
}
