//go:build e2e

package e2e_test

import (
	"os"
	"testing"
	"time"

	"watchroom/e2e"
)

// The pictures of the README are taken from the demo, as a person sees it.
func TestScreenshots(t *testing.T) {
	if os.Getenv("WATCHROOM_SCREENSHOTS") == "" {
		t.Skip("make screenshots takes them")
	}
	st := e2e.Start(t, e2e.Setup{Command: []string{"demo", "--quiet"}})
	st.Server.Says("Sign in as ann", time.Minute)
	for _, look := range []struct {
		suffix string
		look   e2e.Look
	}{
		{"", e2e.Look{}},
		{"-light", e2e.Look{Light: true}},
		{"-phone", e2e.Look{Width: 390, Height: 844, Phone: true}},
	} {
		ann := st.BrowserAs("ann"+look.suffix, look.look)
		ann.SignIn("ann", "watchroom-demo")
		for _, room := range []struct{ name, word string }{{"room", "ops"}, {"incident-room", "inc-1"}} {
			ann.Goto("/#/")
			ann.Click(`nav a:has-text("` + room.word + `")`)
			ann.See("main")
			ann.Still()
			ann.Screenshot(room.name + look.suffix)
		}
		for _, page := range []struct{ name, at string }{
			{"incidents", "/#/incidents"}, {"incident", "/#/incident/1"}, {"oncall", "/#/oncall"}, {"search", "/#/search/postgres"}, {"admin", "/#/admin"},
		} {
			ann.Goto(page.at)
			ann.See("main")
			ann.Still()
			ann.Screenshot(page.name + look.suffix)
		}
	}
	ring(st)
}

// ring takes the pictures of an alarm, at the desk and on the phone.
func ring(st *e2e.Stage) {
	for _, look := range []struct {
		suffix string
		look   e2e.Look
	}{
		{"", e2e.Look{}},
		{"-phone", e2e.Look{Width: 390, Height: 844, Phone: true}},
	} {
		ann := st.BrowserAs("ringing"+look.suffix, look.look)
		ann.SignIn("ann", "watchroom-demo")
		if look.suffix == "" {
			ann.Click("button.arm")
			ann.Click("text=Play the tone")
			ann.Click("dialog >> text=Yes")
			ann.Click("dialog >> text=Close")
			ann.API("POST", "/incidents", map[string]any{"title": "checkout-api: error rate 41 % (SLO 0.1 %)", "severity": "critical"})
		}
		ann.See(".banner >> text=checkout-api")
		if look.suffix == "" {
			ann.Click(".banner >> a")
			ann.See("text=Who was reached")
		}
		ann.Rest(time.Second)
		ann.Screenshot("ringing" + look.suffix)
	}
}
