//go:build e2e

package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"watchroom/e2e"
	"watchroom/server/account"
)

// chime is what a low alert sounds like.
var chime = e2e.Tone(523)

// alone is a server with ann, who is on call and armed, and the address at which a sender fires plain JSON.
func alone(t *testing.T) (*e2e.Stage, *e2e.Browser, string) {
	t.Helper()
	st := e2e.Start(t, e2e.Setup{Sound: true})
	ann := st.Browser("ann")
	ann.SignUp(st.Server.OwnerLink(), "ann", "Ann Kowalski", password)
	arm(ann)
	return st, ann, sender(st)
}

// sender makes an integration for plain JSON and returns its address.
func sender(st *e2e.Stage) string {
	return strings.TrimSpace(lastLine(st.Server.CLI("integration", "add", "json", "curl")))
}

// fire raises an alert of that severity.
func fire(t *testing.T, url, severity, title string) {
	t.Helper()
	e2e.PostJSON(t, url, map[string]string{"title": title, "severity": severity, "key": title})
}

// doubled is the share of the tenths of a second in which both notes of the siren sound at once. One siren plays them in
// turn, so that only the tenths with a change of note hold both.
func doubled(c e2e.Clip) float64 {
	const tenth = 4800
	both, all := 0, 0
	for ; len(c) >= tenth; c = c[tenth:] {
		a, b := c[:tenth].Band(880), c[:tenth].Band(1320)
		all++
		if min(a, b) > 0.6*max(a, b) {
			both++
		}
	}
	return float64(both) / float64(max(all, 1))
}

// Two armed tabs of one browser ring as one. When the tab that rings is closed the other one takes over, and a tab that is
// loaded anew says that it is silent and rings again with the first click.
func TestTabs(t *testing.T) {
	st, ann, url := alone(t)
	second := ann.Tab()
	second.Goto("/")
	second.Click("h1")
	second.See("button.arm.proven")
	fire(t, url, "critical", "disk full on db-1")
	ann.Hear(siren, patience)
	ann.See(".banner >> text=disk full")
	second.See(".banner >> text=disk full")
	ann.Hear(func(e2e.Clip) bool { return siren(ann.Recorded(500 * time.Millisecond)) }, patience)
	ann.Rest(2 * time.Second)
	share := doubled(ann.Recorded(2 * time.Second))
	t.Logf("both notes at once in %.0f %% of the time", 100*share)
	if share > 0.5 {
		t.Errorf("both notes sound at once in %.0f %% of the time: more than one siren", 100*share)
	}

	closed := time.Now()
	if err := ann.Page.Close(); err != nil {
		t.Fatal(err)
	}
	second.Hear(func(e2e.Clip) bool {
		since := time.Since(closed)
		return since > 300*time.Millisecond && siren(second.Recorded(min(since-250*time.Millisecond, time.Second)))
	}, patience)
	slow(t, "closed, and the other tab rings", time.Since(closed), time.Second)
	second.Reload()
	second.See(".banner >> text=disk full")
	second.See(".banner .deaf") // a browser wants one click before a page that was loaded anew may sound, and the banner says so
	clicked := time.Now()
	second.Click("h1")
	second.Hear(func(e2e.Clip) bool {
		since := time.Since(clicked)
		return since > 100*time.Millisecond && siren(second.Recorded(min(since, time.Second)))
	}, patience)
	slow(t, "loaded anew and clicked anywhere, and it rings", time.Since(clicked), time.Second)
	second.Miss(".banner .deaf")
	if n := len(open(t, st)); n != 1 {
		t.Errorf("%d incidents are open, want 1", n)
	}
}

// A low alert chimes once and stands in its room as a card; an informing one is only a card.
func TestQuietAlerts(t *testing.T) {
	_, ann, url := alone(t)
	enter(ann, "ops")
	ann.HearSilence(time.Now(), patience)
	begin := time.Now()
	fire(t, url, "info", "backup finished")
	ann.See("main .log .card >> text=backup finished")
	ann.Rest(1500 * time.Millisecond)
	ann.WasSilent(begin)

	fire(t, url, "low", "certificate ends in 14 days")
	ann.See("main .log .card >> text=certificate ends")
	ann.Hear(chime, patience)
	ann.HearSilence(begin, patience)
	all := ann.Recorded(time.Since(begin))
	if all.Band(880) >= 0.01 || all.Band(1320) >= 0.01 {
		t.Errorf("a low alert sounded like a siren: %.3f at 880 Hz, %.3f at 1320 Hz", all.Band(880), all.Band(1320))
	}
	if n := ann.Count(".banner"); n != 0 {
		t.Error("a low alert made a banner")
	}
	chimed := time.Now()
	ann.Rest(2 * time.Second)
	ann.WasSilent(chimed)
}

// The banner counts what rings besides; an acknowledgement taken back rings again; who was not paged is asked first.
func TestAnswering(t *testing.T) {
	st, ann, url := alone(t)
	st.Server.Op("POST", "/people", account.AddIn{Handle: "ben", Name: "Ben Okafor", Role: account.Member, Password: password}, nil)
	ben := st.Browser("ben")
	ben.SignIn("ben", password)
	fire(t, url, "critical", "disk full on db-1")
	ann.Hear(siren, patience)
	fire(t, url, "critical", "checkout is down")
	ann.See(".banner >> text=+1 more")

	ann.Rest(1200 * time.Millisecond)
	ann.Press("a")
	ann.See(".banner >> text=disk full on db-1")
	ann.Rest(1200 * time.Millisecond)
	pressed := time.Now()
	ann.Press("a")
	slow(t, "the second A to silence", ann.HearSilence(pressed, patience), 300*time.Millisecond)
	undone := time.Now()
	ann.Click(".toast >> text=Undo >> nth=-1")
	ann.Hear(siren, patience)
	t.Logf("undone, and it rings after %v", time.Since(undone).Round(time.Millisecond))
	ann.See(".banner button.ack")

	ringing := 0
	for _, i := range open(t, st) {
		if i.Owner == "" {
			ringing = int(i.ID)
		}
	}
	ben.Goto(fmt.Sprintf("/#/incident/%d", ringing))
	ben.Click("main button:has-text('Take it')")
	ben.See("dialog >> text=You were not paged")
	ben.Click("dialog button:has-text('Take it')")
	ben.See("main dd:has-text('Ben Okafor')")
	ann.HearSilence(time.Now(), patience)
}
