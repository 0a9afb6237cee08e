package chat_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

// A message's event holds its body without id and time; the answer, the history and the log agree on it.
func TestPost(t *testing.T) {
	w := newWorld(t)
	ann := w.actor("ann", account.Member)
	r := w.room(ann, chat.Public, "ops")
	w.clock.pass(1500 * time.Millisecond)
	m := w.say(ann, chat.PostIn{Room: r.ID, Text: "hello <b> & \"all\"", Nonce: "n1"})
	events, err := w.store.Events(w.ctx, store.Seq(m.ID-1), 1)
	want(t, err, "")
	e := events[0]
	if uint64(e.Seq) != m.ID || e.Kind != chat.EventPosted || e.Room != string(r.ID) || e.Actor != string(ann.Person) || id.At(e.Time) != m.Time {
		t.Fatalf("event %+v for message %+v", e, m)
	}
	var body struct{ Message map[string]any }
	want(t, json.Unmarshal(e.Body, &body), "")
	for _, key := range []string{"id", "time", "replies", "edited"} {
		if _, there := body.Message[key]; there {
			t.Errorf("the body on disk holds %q: %s", key, e.Body)
		}
	}
	got := w.history(ann, r.ID, chat.PageIn{}).Messages
	if len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(m) {
		t.Fatalf("history has %+v, the answer was %+v", got, m)
	}
	if v := w.view(ann, r.ID); v.Room.Count != 1 || v.Room.LastSeq != m.ID || v.Room.LastTime != m.Time {
		t.Fatalf("the room ends at %+v", v.Room)
	}
}

// What cannot be a message is refused with a word about which field is wrong, and leaves no trace.
func TestPostRefused(t *testing.T) {
	w := newWorld(t)
	ann := w.actor("ann", account.Member)
	r := w.room(ann, chat.Public, "ops")
	other := w.room(ann, chat.Public, "other")
	far := w.post(ann, other.ID, "elsewhere")
	head := w.store.Head()
	for _, c := range []struct {
		in   chat.PostIn
		kind fault.Kind
	}{
		{chat.PostIn{Room: r.ID}, fault.Invalid},
		{chat.PostIn{Room: r.ID, Text: " \n\t"}, fault.Invalid},
		{chat.PostIn{Room: r.ID, Text: "bad \xff utf8"}, fault.Invalid},
		{chat.PostIn{Room: r.ID, Text: "nul \x00"}, fault.Invalid},
		{chat.PostIn{Room: r.ID, Text: strings.Repeat("x", 64<<10+1)}, fault.TooLarge},
		{chat.PostIn{Room: r.ID, Text: "x", Nonce: strings.Repeat("n", 65)}, fault.Invalid},
		{chat.PostIn{Room: r.ID, Text: "x", Files: []id.File{"f_none"}}, fault.Invalid},
		{chat.PostIn{Room: r.ID, Text: "x", Files: make([]id.File, 21)}, fault.Invalid},
		{chat.PostIn{Room: r.ID, Text: "x", Thread: far.ID}, fault.Invalid},
		{chat.PostIn{Room: r.ID, Text: "x", Thread: 1}, fault.Invalid},
		{chat.PostIn{Room: r.ID, Text: "x", Thread: 1 << 60}, fault.Invalid},
		{chat.PostIn{Room: "r_nowhere", Text: "x"}, fault.Missing},
		{chat.PostIn{Text: "x"}, fault.Missing},
	} {
		_, err := w.Post(w.ctx, ann, c.in)
		want(t, err, c.kind)
	}
	if w.store.Head() != head {
		t.Fatal("a refused post left an event")
	}
	w.say(ann, chat.PostIn{Room: r.ID, Text: strings.Repeat("x", 64<<10)})
}

// The same nonce of the same author is the same message for a day, also when it was edited or deleted; another author's
// is another message. Old nonces are forgotten.
func TestNonce(t *testing.T) {
	w := newWorld(t)
	ann, bob := w.actor("ann", account.Member), w.actor("bob", account.Member)
	r := w.room(ann, chat.Public, "ops", bob)
	in := chat.PostIn{Room: r.ID, Text: "once", Nonce: "n"}
	first := w.say(ann, in)
	head := w.store.Head()
	w.clock.pass(23 * time.Hour)
	if again := w.say(ann, in); fmt.Sprint(again) != fmt.Sprint(first) || w.store.Head() != head {
		t.Fatalf("posted again: %+v after %+v", again, first)
	}
	if other := w.say(bob, in); other.ID == first.ID {
		t.Fatal("another author got this author's message")
	}
	want(t, w.Delete(w.ctx, ann, first.ID), "")
	if again := w.say(ann, in); again.ID != first.ID || again.Deleted == 0 {
		t.Fatalf("after deleting, the nonce gives %+v", again)
	}
	w.clock.pass(72 * time.Hour)
	if again := w.say(ann, in); again.ID == first.ID {
		t.Fatal("a nonce of four days ago is remembered")
	}
}

// Replies stand in their thread and not in the room, count on the root, and never open a thread of their own.
func TestThread(t *testing.T) {
	w := newWorld(t)
	ann, bob := w.actor("ann", account.Member), w.actor("bob", account.Member)
	r := w.room(ann, chat.Public, "ops", bob)
	root := w.post(ann, r.ID, "root")
	w.post(ann, r.ID, "beside")
	w.clock.pass(time.Second)
	one := w.say(bob, chat.PostIn{Room: r.ID, Thread: root.ID, Text: "one"})
	two := w.say(ann, chat.PostIn{Room: r.ID, Thread: one.ID, Text: "two"})
	if two.Thread != root.ID || two.Ordinal != 0 {
		t.Fatalf("a reply to a reply is %+v", two)
	}
	got, err := w.Message(w.ctx, ann, root.ID)
	want(t, err, "")
	if got.Replies != 2 || got.LastReply != two.Time {
		t.Fatalf("the root has %d replies, the last at %d", got.Replies, got.LastReply)
	}
	if texts(w.history(ann, r.ID, chat.PageIn{}).Messages) != "root beside" {
		t.Fatal("replies are in the room's history")
	}
	p, err := w.Thread(w.ctx, bob, root.ID, chat.PageIn{})
	want(t, err, "")
	if texts(p.Messages) != "one two" {
		t.Fatalf("the thread is %s", texts(p.Messages))
	}
	want(t, w.Delete(w.ctx, bob, one.ID), "")
	if got, _ := w.Message(w.ctx, ann, root.ID); got.Replies != 1 {
		t.Fatalf("the root has %d replies after one was deleted", got.Replies)
	}
	if texts(w.history(ann, r.ID, chat.PageIn{Around: two.ID, Limit: 1}).Messages) != "root" {
		t.Fatal("around a reply is not around its root")
	}
}

func texts(list []chat.Message) string {
	var all []string
	for _, m := range list {
		all = append(all, m.Text)
	}
	return strings.Join(all, " ")
}

// What was edited away or deleted is nowhere: not in the history, not in an answer, not in any event of the log.
func TestErased(t *testing.T) {
	w := newWorld(t)
	ann, bob, admin := w.actor("ann", account.Member), w.actor("bob", account.Member), w.actor("adm", account.Admin)
	r := w.room(ann, chat.Public, "ops", bob)
	m := w.say(ann, chat.PostIn{Room: r.ID, Text: "secret-one @bob", Nonce: "n", Card: &chat.Card{Alert: &chat.AlertCard{Title: "secret-card"}}})
	if w.view(bob, r.ID).Mentions != 1 {
		t.Fatal("bob was not mentioned")
	}
	for _, text := range []string{"secret-two", "secret-three @bob"} {
		w.clock.pass(time.Second)
		got, err := w.Edit(w.ctx, ann, m.ID, text)
		want(t, err, "")
		if got.Text != text || got.Edited == 0 {
			t.Fatalf("edited to %+v", got)
		}
		w.logHolds(text, true)
	}
	w.logHolds("secret-one", false)
	w.logHolds("secret-two", false)
	if w.view(bob, r.ID).Mentions != 1 {
		t.Fatal("an edit lost or doubled the mention")
	}
	want(t, w.Delete(w.ctx, bob, m.ID), fault.Denied)
	want(t, w.Delete(w.ctx, admin, m.ID), "")
	head := w.store.Head()
	want(t, w.Delete(w.ctx, ann, m.ID), "")
	if w.store.Head() != head {
		t.Fatal("deleting twice is two events")
	}
	w.logHolds("secret", false)
	_, err := w.Edit(w.ctx, ann, m.ID, "back")
	want(t, err, fault.Conflict)
	page := w.history(bob, r.ID, chat.PageIn{}).Messages
	if len(page) != 1 || page[0].Text != "" || page[0].Deleted == 0 || page[0].Card != nil || page[0].Author != ann.Person || page[0].Ordinal != 1 {
		t.Fatalf("the tombstone is %+v", page)
	}
	if v := w.view(bob, r.ID); v.Mentions != 0 || v.Unread != 0 {
		t.Fatalf("a deleted message counts: %d mentions, %d unread", v.Mentions, v.Unread)
	}
}

// logHolds looks for text in every body of the log.
func (w *world) logHolds(text string, should bool) {
	w.t.Helper()
	events, err := w.store.Events(w.ctx, 0, 10_000)
	if err != nil {
		w.t.Fatal(err)
	}
	found := slices.ContainsFunc(events, func(e store.Event) bool { return strings.Contains(string(e.Body), text) })
	if found != should {
		w.t.Fatalf("the log holds %q: %v, want %v", text, found, should)
	}
}

// Only the author edits; commands stay; the same text and an empty one change nothing.
func TestEdit(t *testing.T) {
	w := newWorld(t)
	ann, bob := w.actor("ann", account.Owner), w.actor("bob", account.Member)
	r := w.room(ann, chat.Public, "ops", bob)
	m := w.post(bob, r.ID, "mine")
	_, err := w.Edit(w.ctx, ann, m.ID, "yours")
	want(t, err, fault.Denied)
	head := w.store.Head()
	_, err = w.Edit(w.ctx, bob, m.ID, "mine")
	want(t, err, "")
	_, err = w.Edit(w.ctx, bob, m.ID, "  ")
	want(t, err, fault.Invalid)
	if w.store.Head() != head {
		t.Fatal("an edit that changes nothing is an event")
	}
	c := w.say(bob, chat.PostIn{Room: r.ID, Text: "/status", Command: &chat.CommandRef{Name: "status"}})
	_, err = w.Edit(w.ctx, bob, c.ID, "/silence all 8h")
	want(t, err, fault.Denied)
	_, err = w.Edit(w.ctx, bob, 1, "not a message")
	want(t, err, fault.Missing)
}

// Handles are found outside code, once each; punctuation around them is not theirs.
func TestMentions(t *testing.T) {
	for text, want := range map[string]string{
		"hi @ann":                              "ann",
		"@Ann, @bob! (@eve)":                   "ann bob eve",
		"@ann @ann":                            "ann",
		"mail a@b.test or x/@y":                "",
		"`@ann` and ``a ` @bob`` @eve":         "eve",
		"unclosed ` @ann":                      "ann",
		"```\n@ann\n```\n@bob":                 "bob",
		"~~~~ sh\n@ann\n~~~\n@bob\n~~~~ \n@c1": "c1",
		"``` @ann ```":                         "",
		"```\n@ann":                            "",
		`\@ann`:                                "",
		"@":                                    "",
		"@@ann":                                "",
		"@-ann @.x":                            "",
		"see @ann.":                            "ann.",
		"@ann-lee_1.x":                         "ann-lee_1.x",
		strings.Repeat("@x", 3):                "x",
		"@" + strings.Repeat("x", 65):          "",
	} {
		if got := strings.Join(chat.Mentions(text), " "); got != want {
			t.Errorf("%q mentions %q, want %q", text, got, want)
		}
	}
	var many strings.Builder
	for i := range 100 {
		fmt.Fprintf(&many, "@p%d ", i)
	}
	if got := len(chat.Mentions(many.String())); got != 50 {
		t.Errorf("%d mentions of 100 are kept, want 50", got)
	}
}

// Whatever the text, what is found is a bounded list of distinct words that stand behind an @ in it.
func FuzzMentions(f *testing.F) {
	f.Add("@ann `@bob` ```\n@eve\n```")
	f.Add("\\@x ``` ~~~ @y\n    ```")
	f.Fuzz(func(t *testing.T, text string) {
		got := chat.Mentions(text)
		seen := map[string]bool{}
		for _, h := range got {
			if h == "" || seen[h] || !strings.Contains(strings.ToLower(text), "@"+h) {
				t.Fatalf("%q mentions %q", text, got)
			}
			seen[h] = true
		}
		if len(got) > 50 {
			t.Fatalf("%d mentions", len(got))
		}
	})
}

// A mention counts for members until they read it; the name may end a sentence; a guest cannot name strangers.
func TestMentioned(t *testing.T) {
	w := newWorld(t)
	ann, bob, gus := w.actor("ann", account.Member), w.actor("bob", account.Member), w.actor("gus", account.Guest)
	out := w.actor("out.", account.Member)
	r := w.room(ann, chat.Public, "ops", bob, gus)
	m := w.post(ann, r.ID, "ask @bob... or @out. and @nobody @ann")
	if !slices.Equal(m.Mentions, []id.Person{bob.Person, out.Person, ann.Person}) {
		t.Fatalf("mentions are %v", m.Mentions)
	}
	reply := w.say(ann, chat.PostIn{Room: r.ID, Thread: m.ID, Text: "@bob in a thread"})
	if v := w.view(bob, r.ID); v.Mentions != 2 {
		t.Fatalf("bob has %d mentions, want 2", v.Mentions)
	}
	want(t, w.MarkRead(w.ctx, bob, r.ID, m.ID), "")
	if v := w.view(bob, r.ID); v.Mentions != 1 || v.Unread != 0 {
		t.Fatalf("bob has %d mentions, %d unread, want 1 and 0", v.Mentions, v.Unread)
	}
	want(t, w.MarkRead(w.ctx, bob, r.ID, reply.ID), "")
	if v := w.view(bob, r.ID); v.Mentions != 0 {
		t.Fatalf("bob has %d mentions, want 0", v.Mentions)
	}
	if v := w.view(ann, r.ID); v.Mentions != 0 {
		t.Fatal("naming oneself is a mention")
	}
	if m := w.post(gus, r.ID, "@bob @out."); !slices.Equal(m.Mentions, []id.Person{bob.Person}) {
		t.Fatalf("a guest mentioned %v", m.Mentions)
	}
}
