//go:build e2e

package e2e_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"watchroom/e2e"
	"watchroom/server/account"
	"watchroom/server/chat"
)

// pair is a server with ann, its owner, and ben, a member; both have #deploys open and have joined #lounge.
func pair(t *testing.T) (*e2e.Stage, *e2e.Browser, *e2e.Browser) {
	t.Helper()
	st := e2e.Start(t, e2e.Setup{})
	ann, ben := st.Browser("ann"), st.Browser("ben")
	ann.SignUp(st.Server.OwnerLink(), "ann", "Ann Kowalski", password)
	st.Server.Op("POST", "/people", account.AddIn{Handle: "ben", Name: "Ben Okafor", Role: account.Member, Password: password}, nil)
	ben.SignIn("ben", password)
	for _, name := range []string{"deploys", "lounge"} {
		ann.API("POST", "/rooms", map[string]string{"kind": "public", "name": name})
		ben.API("POST", "/rooms/~"+name+"/join", nil)
	}
	enter(ann, "deploys")
	enter(ben, "deploys")
	return st, ann, ben
}

// enter opens a room by its name in the list.
func enter(b *e2e.Browser, name string) {
	b.Click("nav.rail a:has-text('" + name + "')")
	b.See("h1:has-text('" + name + "')")
	b.Still()
}

const (
	patience = 20 * time.Second
	composer = "main .composer textarea"
	rail     = "nav.rail a:has-text('deploys')"
)

// say writes into the room that is open and sends it.
func say(b *e2e.Browser, text string) {
	b.Fill(composer, text)
	b.Press("Enter")
}

// row finds the message with these words, once it has arrived.
func row(words string) string {
	return fmt.Sprintf("main .log .msg:not(.pending):has-text(%q)", words)
}

// paste pastes what the JavaScript puts into the clipboard d, wherever the focus is.
func paste(b *e2e.Browser, fill string) {
	b.Eval(`(async () => {
		const d = new DataTransfer()
		` + fill + `
		document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: d, bubbles: true, cancelable: true }))
	})()`)
}

// hover points at what the selector finds.
func hover(t *testing.T, b *e2e.Browser, selector string) {
	t.Helper()
	if err := b.Page.Locator(selector).First().Hover(); err != nil {
		t.Fatalf("%s: point at %s: %v", b.Name, selector, err)
	}
}

// What one person writes, changes and deletes arrives at the other without a reload; so do replies and mentions.
func TestTalk(t *testing.T) {
	_, ann, ben := pair(t)
	say(ann, "rolling out 4f21c8e")
	ben.See(row("rolling out 4f21c8e"))

	hover(t, ann, row("rolling out"))
	ann.Click("[aria-label=Edit]")
	ann.Fill("[aria-label='Edit message']", "rolling out 77aa01b")
	ann.Press("Enter")
	ben.See(row("rolling out 77aa01b"))
	ben.See(row("77aa01b") + " >> text=edited")

	say(ann, "a slip of the pen")
	ben.See(row("a slip"))
	hover(t, ann, row("a slip"))
	ann.Click("[aria-label=Delete]")
	ann.Click("dialog >> text=Delete message >> nth=-1")
	ben.See(row("Message deleted"))
	ben.Miss(row("a slip"))

	hover(t, ben, row("77aa01b"))
	ben.Click("[aria-label='Reply in a thread']")
	ben.Fill("aside.thread textarea", "looks good from here")
	ben.Press("Enter")
	ben.See("aside.thread .msg:not(.pending) >> text=looks good from here")
	ben.Click("[aria-label='Close thread']")
	ann.See(row("77aa01b") + " >> text=1 reply")
	ann.Click(row("77aa01b") + " >> text=1 reply")
	ann.See("aside.thread >> text=looks good from here")
	ann.Click("[aria-label='Close thread']")

	enter(ben, "lounge")
	say(ann, "the cake is in the kitchen")
	ben.See(rail + " >> .badge:not(.mention)")
	say(ann, "@ben can you look at this?")
	ben.See(rail + " >> .badge.mention")
	ben.Click(rail)
	ben.See(row("can you look") + " >> .mention.me")
	ben.Miss(rail + " >> .badge")

	ann.Click("[aria-label='New direct message']")
	ann.Fill("dialog >> input >> nth=0", "ben")
	ann.Press("Enter")
	ann.Click("text=Open conversation")
	ann.See("h1:has-text('Ben Okafor')")
	say(ann, "between the two of us")
	ben.Click("nav.rail a:has-text('Ann Kowalski')")
	ben.See(row("between the two of us"))
}

// A pasted picture stands in its room in its own size, a pasted log is folded, and HTML in a message is only text.
func TestPaste(t *testing.T) {
	_, ann, ben := pair(t)
	ann.Click(composer)
	paste(ann, `
		const c = Object.assign(document.createElement('canvas'), { width: 200, height: 120 })
		c.getContext('2d').fillRect(20, 20, 100, 50)
		const blob = await new Promise((done) => c.toBlob(done, 'image/png'))
		d.items.add(new File([blob], 'graph.png', { type: 'image/png' }))`)
	ann.See(".uploads >> text=graph.png")
	ann.Miss(".uploads >> text=uploading")
	say(ann, "the graph")
	ben.See(row("the graph") + " >> img[width='200'][height='120']")
	if !e2e.Eventually(patience, func() bool {
		return ben.Eval("document.querySelector('main .log img')?.naturalWidth === 200").(bool)
	}) {
		t.Error("the picture does not load at the other's")
	}

	ann.Click(composer)
	paste(ann, `d.setData('text/plain', Array.from({ length: 100 }, (_, i) => 'log line ' + (i + 1)).join('\n'))`)
	ann.Press("Enter")
	log := row("log line 1")
	ben.See(log)
	height := "document.evaluate(\"//article[contains(., 'log line 1')]\", document).iterateNext().getBoundingClientRect().height"
	folded := number(ben.Eval(height))
	ben.Click(log + " >> text=Show all")
	ben.See(log + " >> text=log line 100")
	if unfolded := number(ben.Eval(height)); unfolded < 2*folded {
		t.Errorf("the log of 100 lines is %.0f pixels high, and %.0f unfolded", folded, unfolded)
	}
	ben.Click(log + " >> text=Show less")

	say(ann, "<img src=x onerror=alert(1)> **bold** <script>alert(2)</script>")
	ben.See(row("<script>alert(2)</script>"))
	if n := ben.Count(".log .msg img[src=x], .log script"); n != 0 {
		t.Errorf("%d elements of a message's HTML came to life", n)
	}
	ben.See(row("<script>alert(2)</script>") + " >> strong:has-text('bold')")
}

// line is the text of one of many messages.
func line(i int) string { return fmt.Sprintf("line %03d of the history", i) }

// steady scrolls to the top of the log, waits until older rows are there, and returns by how many pixels the row that was
// on top has moved meanwhile, at most.
const steady = `() => new Promise((done) => {
	const scroller = document.querySelector('main .scroller')
	scroller.scrollTop = 0
	const anchor = document.querySelector('main .log .msg')
	const first = anchor.dataset.seq
	let from, worst = 0, after = 0, frames = 0
	const look = () => {
		if (!anchor.isConnected) return done(9999)
		const top = anchor.getBoundingClientRect().top
		from ??= top
		worst = Math.max(worst, Math.abs(top - from))
		if (document.querySelector('main .log .msg').dataset.seq !== first) after++
		if (after > 10 || ++frames > 300) return done(after > 0 ? worst : -1)
		requestAnimationFrame(look)
	}
	requestAnimationFrame(look)
})`

// A long room is read back to its beginning page by page without anything moving, and a link or a search hit opens a
// message among its neighbours.
func TestHistory(t *testing.T) {
	st, ann, ben := pair(t)
	for i := range 300 {
		ann.API("POST", "/rooms/~deploys/messages", map[string]string{"text": line(i)})
	}
	ben.See(row(line(299)))
	ben.Reload()
	ben.See(row(line(299)))
	pages := 0
	for ; ben.Count(row(line(0))) == 0 && pages < 20; pages++ {
		moved := number(ben.Eval("(" + steady + ")()"))
		if moved < 0 {
			break // nothing older
		}
		if moved > 2 {
			t.Errorf("page %d: what was on top moved by %v pixels while older messages came", pages, moved)
		}
	}
	ben.See(row(line(0)))
	t.Logf("read back to the first of 300 messages in %d pages", pages)

	var page chat.HistoryPage
	st.Server.Op("GET", "/rooms/~deploys/messages?limit=100", nil, &page)
	m := page.Messages[10]
	ann.Goto(fmt.Sprintf("/#/m/%d", m.ID))
	ann.See(".msg.hit:has-text('" + m.Text + "')")
	inView(t, ann, ".msg.hit")
	ann.See(row(line(209)))
	ann.See(row(line(211)))

	ann.Goto("/#/search/" + url.PathEscape(`"line 042"`))
	ann.SeeWithin("main .hits >> text=042", patience)
	ann.Click("main .hits a.hit")
	ann.See(".msg.hit:has-text('" + line(42) + "')")
	inView(t, ann, ".msg.hit")
	ann.See(row(line(41)))
	ann.Click("button.newest")
	ann.See(row(line(299)))
}

func number(v any) float64 {
	switch n := v.(type) {
	case int:
		return float64(n)
	case float64:
		return n
	}
	return -1
}

// inView waits until what the selector finds is inside of the visible part of the log.
func inView(t *testing.T, b *e2e.Browser, selector string) {
	t.Helper()
	if !e2e.Eventually(patience, func() bool {
		in, _ := b.Eval(fmt.Sprintf(`(() => {
			const a = document.querySelector(%q)?.getBoundingClientRect(), s = document.querySelector('main .scroller').getBoundingClientRect()
			return a !== undefined && a.top >= s.top && a.bottom <= s.bottom
		})()`, selector)).(bool)
		return in
	}) {
		t.Errorf("%s: %s is not in view", b.Name, selector)
	}
}

// A draft survives leaving the room; what is unread is the same after a reload and on another device, and read once is
// read everywhere.
func TestUnread(t *testing.T) {
	st, ann, ben := pair(t)
	ben.Fill(composer, "half a thought")
	enter(ben, "lounge")
	for i := range 3 {
		say(ann, fmt.Sprint("news ", i))
		ann.See(row(fmt.Sprint("news ", i)))
	}
	badge := func(b *e2e.Browser) {
		t.Helper()
		b.See(rail + " >> .badge")
		if !e2e.Eventually(patience, func() bool { return strings.HasPrefix(b.Text(rail+" >> .badge"), "3") }) {
			t.Errorf("%s sees %q unread, want 3", b.Name, b.Text(rail+" >> .badge"))
		}
	}
	badge(ben)
	ben.Reload()
	badge(ben)
	other := st.Browser("ben-laptop")
	other.SignIn("ben", password)
	badge(other)
	enter(ben, "deploys")
	ben.See(".day.fresh")
	ben.Miss(rail + " >> .badge")
	other.Miss(rail + " >> .badge")
	draft, err := ben.Page.Locator(composer).InputValue()
	if err != nil || draft != "half a thought" {
		t.Errorf("the draft is %q (%v)", draft, err)
	}
}
