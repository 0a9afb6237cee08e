//go:build e2e

package e2e_test

import (
	"fmt"
	"io"
	"mime/quotedprintable"
	"regexp"
	"strings"
	"testing"

	"watchroom/e2e"
	"watchroom/server/account"
)

// On a phone: rooms, a room, a thread and back; the alarm has its whole title and a button in reach of the thumb; the link
// of a mail acknowledges without a sign-in.
func TestPhone(t *testing.T) {
	st := e2e.Start(t, e2e.Setup{NoServer: true})
	mailbox := st.Mailbox()
	st = e2e.Start(t, e2e.Setup{Config: fmt.Sprintf("smtp: { host: %s, port: %d, from: watchroom@example.org, tls: none }\n", mailbox.Host, mailbox.Port)})
	ann := st.BrowserAs("ann", e2e.Look{Width: 390, Height: 844, Phone: true})
	ann.SignUp(st.Server.OwnerLink(), "ann", "Ann Kowalski", password)
	ann.API("PUT", "/me/ways", []account.Way{{Kind: account.WayMail, Address: "ann@example.org"}})
	ann.Click("nav.tabs >> text=Rooms")
	ann.Click("nav.rail a:has-text('ops')")
	ann.See("h1:has-text('ops')")
	ann.API("POST", "/rooms/~ops/messages", map[string]string{"text": "who takes the night?"})
	ann.See(row("who takes the night"))
	tap(t, ann, row("who takes the night"))
	ann.Click(row("who takes the night") + " >> [aria-label='Reply in a thread']")
	ann.Fill("aside.thread textarea", "I do")
	ann.Click("aside.thread [aria-label=Send]")
	ann.See("aside.thread .msg:not(.pending) >> text=I do")
	ann.Click("[aria-label='Close thread']")
	ann.See(row("who takes the night") + " >> text=1 reply")
	ann.Click("main header [aria-label='All rooms']")
	ann.See("nav.rail a:has-text('ops')")
	for _, tab := range []string{"Incidents", "On-call", "Me", "Rooms"} {
		ann.Click("nav.tabs >> text=" + tab)
		ann.See("nav.tabs a[aria-current=page]:has-text('" + tab + "')")
		if wide := number(ann.Eval("document.documentElement.scrollWidth")); wide > 390 {
			t.Errorf("%s is %.0f pixels wide on a phone of 390", tab, wide)
		}
	}

	fire(t, sender(st), "critical", "checkout answers ERR_CONN_REFUSED in two of three regions")
	ann.See(".banner button.ack")
	box, err := ann.Page.Locator(".banner button.ack").BoundingBox()
	if err != nil {
		t.Fatal(err)
	}
	if box.Height < 48 || box.Y < 844/2 || box.Y+box.Height > 844 {
		t.Errorf("the button is %.0f pixels high at %.0f of 844, want 48 or more in the lower half", box.Height, box.Y)
	}
	if cut, _ := ann.Eval("(() => { const a = document.querySelector('.banner .what a'); return a.scrollWidth > a.clientWidth + 1 && getComputedStyle(a).display !== 'inline' })()").(bool); cut {
		t.Error("the title is cut off")
	}
	ann.Screenshot("phone-ringing")

	m := mailbox.Wait(0, patience, func(m e2e.Mail) bool { return strings.Contains(m.Subject, "ERR_CONN") })
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(m.Body)))
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`http://\S+/#/ack/[^\s"'<]+`).FindString(string(text))
	if link == "" {
		t.Fatalf("no link to acknowledge in %s", text)
	}
	bare := st.BrowserAs("phone", e2e.Look{Width: 390, Height: 844, Phone: true})
	bare.Goto(link)
	bare.Click("button:has-text('Acknowledge')")
	bare.See("h1:has-text('Acknowledged')")
	ann.Miss(".banner button.ack")
	if list := open(t, st); len(list) != 1 || list[0].Owner == "" {
		t.Errorf("open incidents: %+v, want one with an owner", list)
	}
}

// tap touches what the selector finds.
func tap(t *testing.T, b *e2e.Browser, selector string) {
	t.Helper()
	if err := b.Page.Locator(selector).First().Tap(); err != nil {
		t.Fatalf("%s: tap %s: %v", b.Name, selector, err)
	}
}
