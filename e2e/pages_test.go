//go:build e2e

package e2e_test

import (
	"testing"
	"time"

	"watchroom/e2e"
)

// Every page of a lively server shows something, at the desk and on the phone, and none does what the security policy
// forbids, throws an error, or is wider than the screen. The browser itself fails the test for the first two.
func TestEveryPage(t *testing.T) {
	st := e2e.Start(t, e2e.Setup{Command: []string{"demo", "--quiet"}})
	st.Server.Says("Sign in as ann", time.Minute)
	for _, look := range []struct {
		name string
		look e2e.Look
		wide float64
	}{{"desk", e2e.Look{}, 1280}, {"phone", e2e.Look{Width: 390, Height: 844, Phone: true}, 390}} {
		ann := st.BrowserAs(look.name, look.look)
		ann.SignIn("ann", "watchroom-demo")
		for _, page := range []string{
			"/", "/incidents", "/incidents/resolved", "/incident/1", "/oncall", "/search/postgres", "/checks",
			"/settings/profile", "/settings/device", "/settings/ways", "/settings/sessions", "/settings/tokens", "/settings/password",
			"/admin/people", "/admin/integrations", "/admin/silences", "/admin/checks", "/admin/team",
		} {
			ann.Goto("/#" + page)
			if look.name == "desk" || page != "/" { // the phone's first page is the list alone
				ann.Still()
			}
			if n := ann.Count("main .notice.high[role=alert]"); n != 0 {
				t.Errorf("%s, %s: something could not be loaded", look.name, page)
			}
			if wide := number(ann.Eval("document.documentElement.scrollWidth")); wide > look.wide {
				t.Errorf("%s, %s: %.0f pixels wide, and the screen has %.0f", look.name, page, wide, look.wide)
			}
		}
		for _, page := range []string{"/invite/none", "/claim/none", "/reset/none", "/ack/none"} {
			ann.Goto("/#" + page)
			ann.See("main.gate")
		}
	}
}
