//go:build e2e

package e2e_test

import (
	"strings"
	"testing"

	"watchroom/e2e"
)

// The owner signs up by the link that the server prints, once; whom the server knows it still knows after a kill -9 and
// after an orderly stop, and it then prints no link any more.
func TestServerKeepsItsOwner(t *testing.T) {
	st := e2e.Start(t, e2e.Setup{})
	ann := st.Browser("ann")
	ann.SignUp(st.Server.OwnerLink(), "ann", "Ann Kowalski", "correct horse battery")
	for _, end := range []func(){st.Server.Kill, st.Server.Stop} {
		end()
		before := len(st.Server.Output())
		st.Server.Start()
		ann.SignIn("ann", "correct horse battery")
		var people []struct{ Handle, Role string }
		st.Server.Op("GET", "/people", nil, &people)
		owners := 0
		for _, p := range people {
			if p.Handle == "ann" && p.Role == "owner" {
				owners++
			}
		}
		if owners != 1 {
			t.Errorf("the people are %+v, want ann as owner once", people)
		}
		if said := st.Server.Output()[before:]; strings.Contains(said, "/#/claim/") {
			t.Errorf("an owned server offers itself:\n%s", said)
		}
	}
	if out := st.Server.CLI("user", "list"); !strings.Contains(out, "ann") {
		t.Errorf("user list knows no ann:\n%s", out)
	}
}
