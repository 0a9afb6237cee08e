//go:build e2e

package e2e_test

import (
	"testing"
	"time"

	"watchroom/e2e"

	"github.com/playwright-community/playwright-go"
)

// choose picks what a list offers under these words.
func choose(t *testing.T, b *e2e.Browser, selector, words string) {
	t.Helper()
	if _, err := b.Page.Locator(selector).First().SelectOption(playwright.SelectOptionValues{Labels: &[]string{words}}); err != nil {
		t.Fatalf("%s: choose %q in %s: %v", b.Name, words, selector, err)
	}
}

// A colleague comes in by an invitation, is put into the schedule and the policy, and the escalation is rehearsed: who is
// rung first does not answer, and the colleague's browser sounds.
func TestRehearsal(t *testing.T) {
	st := e2e.Start(t, e2e.Setup{Sound: true})
	ann := st.Browser("ann")
	ann.SignUp(st.Server.OwnerLink(), "ann", "Ann Kowalski", password)
	arm(ann)
	ann.Click("nav.rail >> text=Administration")
	ann.Click("main button:has-text('Invite')")
	ann.Click("dialog >> text=Make the link")
	link := ann.Text("dialog pre[aria-label='The link']")
	ann.Click("dialog >> text=Done")
	ann.See("text=Open invitations")

	ben := st.Browser("ben")
	ben.Goto(link)
	ben.See("text=Ann Kowalski invites you")
	ben.Fill("input[autocomplete=name]", "Ben Okafor")
	ben.Fill("input[autocomplete=new-password]", password)
	ben.Click("button:has-text('Join')")
	ben.SeeWithin("nav.rail a:has-text('ops')", patience)
	arm(ben)
	ann.See("main tr:has-text('Ben Okafor')")

	ann.Click("nav.rail >> text=On-call")
	ann.Click("article[aria-label^=Schedule] button:has-text('Edit')")
	choose(t, ann, "dialog select[aria-label='Add somebody']", "Ben Okafor")
	ann.See("dialog .ordered >> text=Ben Okafor")
	ann.Click("dialog button:has-text('Save')")
	ann.Miss("dialog")
	ann.See("article[aria-label^=Schedule] >> text=Ben Okafor")

	ann.Click("[aria-label^='Edit policy']")
	ann.Fill("dialog .ladder li >> nth=0 >> input[type=number]", "4")
	choose(t, ann, "dialog .ladder > li:nth-child(1) .amount select", "seconds")
	ann.Click("dialog >> text=Add a step")
	choose(t, ann, "dialog .ladder > li:nth-child(2) select[aria-label='Add a schedule or a person']", "Ben Okafor")
	ann.Click("dialog button:has-text('Save')")
	ann.Miss("dialog")
	ann.See("text=/4 s/")

	fire(t, sender(st), "critical", "rehearsal of the escalation")
	begin := time.Now()
	ann.Hear(siren, patience)
	ben.WasSilent(begin)
	ben.Hear(siren, time.Minute)
	t.Logf("the second step rang after %v (4 s in the policy)", time.Since(begin).Round(time.Millisecond))
	ben.See(".banner >> text=rehearsal of the escalation")
	ben.Rest(1200 * time.Millisecond)
	pressed := time.Now()
	ben.Press("a")
	slow(t, "the colleague's A to silence", ben.HearSilence(pressed, patience), 300*time.Millisecond)
	if took := ann.HearSilence(pressed, patience); took > 3*time.Second {
		t.Errorf("the first one's browser fell silent %v after the colleague's A", took)
	}
}
