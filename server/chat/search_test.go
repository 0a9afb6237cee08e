package chat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store/search"
)

// indexed waits until the index has read the whole log.
func (w *world) indexed() {
	w.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for w.index.Cursor() != uint64(w.store.Head()) {
		select {
		case <-tick.C:
		case <-limit:
			w.t.Fatalf("the index is at %d, the log at %d", w.index.Cursor(), w.store.Head())
		}
	}
}

// find is the texts that a search gives, once the index is up to date.
func (w *world) find(who account.Actor, q string) string {
	w.t.Helper()
	w.indexed()
	out, err := w.Search(w.ctx, who, chat.SearchIn{Q: q})
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, h := range out.Hits {
		all = append(all, h.Message.Text)
	}
	return strings.Join(all, " | ")
}

// A search finds what its asker may read now, by words, author, room and kind; edits replace, deletions remove, and who
// left or never was in a room finds nothing of it.
func TestSearch(t *testing.T) {
	w := newWorld(t)
	w.run(w.RunIndex)
	ann, bob, gus := w.actor("ann", account.Member), w.actor("bob", account.Member), w.actor("gus", account.Guest)
	ops := w.room(ann, chat.Public, "ops", gus)
	war := w.room(ann, chat.Private, "war", bob)
	first := w.post(ann, ops.ID, "database timeout on db1")
	w.post(ann, war.ID, "database secret")
	w.say(ann, chat.PostIn{Room: ops.ID, Thread: first.ID, Text: "database again, see https://x.test"})
	w.say(ann, chat.PostIn{Room: ops.ID, Text: "look", Card: &chat.Card{Alert: &chat.AlertCard{Title: "database down"}}})
	f, err := w.AddFile(w.ctx, bob, ops.ID, "database.log", strings.NewReader("x"))
	want(t, err, "")
	w.say(bob, chat.PostIn{Room: ops.ID, Text: "attached", Files: []id.File{f.ID}})

	both := "attached | look | database again, see https://x.test | database secret | database timeout on db1"
	open := "attached | look | database again, see https://x.test | database timeout on db1"
	for _, c := range []struct {
		who     account.Actor
		q, want string
	}{
		{ann, "database", both},
		{bob, "database", both},
		{gus, "database", open},
		{gus, "secret", ""},
		{bob, "database in:#war", "database secret"},
		{bob, "from:@bob", "attached"},
		{bob, "from:me database", "attached"},
		{ann, "has:link", "database again, see https://x.test"},
		{ann, "has:alert", "look"},
		{ann, "has:file", "attached"},
		{ann, "has:thread", "database again, see https://x.test"},
		{ann, `"database timeout"`, "database timeout on db1"},
		{ann, "before:2026-11-21 database", ""},
		{ann, "after:2026-11-21 timeout", "database timeout on db1"},
	} {
		if got := w.find(c.who, c.q); got != c.want {
			t.Errorf("%s finds %q by %q, want %q", c.who.Handle, got, c.q, c.want)
		}
	}
	for _, c := range []struct {
		who account.Actor
		q   string
	}{{gus, "in:#war x"}, {ann, "in:#nowhere x"}, {ann, "from:@nobody x"}, {ann, "has:nothing"}, {ann, strings.Repeat("x", 5000)}} {
		_, err := w.Search(w.ctx, c.who, chat.SearchIn{Q: c.q})
		want(t, err, fault.Invalid)
	}

	_, err = w.Edit(w.ctx, ann, first.ID, "storage timeout")
	want(t, err, "")
	if got := w.find(ann, "db1"); got != "" {
		t.Errorf("an edited text is found: %q", got)
	}
	if got := w.find(ann, "storage"); got != "storage timeout" {
		t.Errorf("the new text is %q", got)
	}
	want(t, w.Delete(w.ctx, ann, first.ID), "")
	if got := w.find(ann, "storage"); got != "" {
		t.Errorf("a deleted message is found: %q", got)
	}
	want(t, w.Leave(w.ctx, bob, war.ID), "")
	if got := w.find(bob, "secret"); got != "" {
		t.Errorf("who left finds %q", got)
	}
}

// Every hit is judged by the store, not by the index: before the index has heard of it, what was deleted is not found and
// what was edited is shown as it is.
func TestSearchBehind(t *testing.T) {
	w := newWorld(t)
	ann := w.actor("ann", account.Member)
	r := w.room(ann, chat.Public, "ops")
	gone, changed := w.post(ann, r.ID, "needle one"), w.post(ann, r.ID, "needle two")
	want(t, w.index.Apply(w.ctx, search.Batch{Cursor: 1, Docs: []search.Doc{
		{ID: gone.ID, Room: string(r.ID), Text: "needle one"}, {ID: changed.ID, Room: string(r.ID), Text: "needle two"},
		{ID: 1, Room: string(r.ID), Text: "needle that is no message"}, {ID: 1 << 40, Room: string(r.ID), Text: "needle of the future"},
	}}), "")
	want(t, w.Delete(w.ctx, ann, gone.ID), "")
	_, err := w.Edit(w.ctx, ann, changed.ID, "🙂 a needle, two")
	want(t, err, "")
	out, err := w.Search(w.ctx, ann, chat.SearchIn{Q: "needle "})
	want(t, err, "")
	if len(out.Hits) != 1 || out.Hits[0].Message.Text != "🙂 a needle, two" || !slices.Equal(out.Hits[0].Spans, [][2]int{{5, 11}}) {
		t.Fatalf("hits are %+v", out.Hits)
	}
}

// Pages of a search meet every hit once, newest first.
func TestSearchPages(t *testing.T) {
	w := newWorld(t)
	w.run(w.RunIndex)
	ann := w.actor("ann", account.Member)
	r := w.room(ann, chat.Public, "ops")
	var wanted, got []string
	for i := range 45 {
		w.post(ann, r.ID, fmt.Sprintf("needle %d", i))
		wanted = append([]string{fmt.Sprintf("needle %d", i)}, wanted...)
	}
	w.indexed()
	in := chat.SearchIn{Q: "needle"}
	for range 10 {
		out, err := w.Search(w.ctx, ann, in)
		want(t, err, "")
		for _, h := range out.Hits {
			got = append(got, h.Message.Text)
		}
		if in.Before = out.Before; !out.More {
			break
		}
	}
	if !slices.Equal(got, wanted) {
		t.Fatalf("pages give %v", got)
	}
}

// An index that was fed from a longer log than this is emptied and filled from the beginning; what was deleted or edited
// before is indexed as it is now.
func TestIndexRebuild(t *testing.T) {
	w := newWorld(t)
	ann := w.actor("ann", account.Member)
	r := w.room(ann, chat.Public, "ops")
	gone, changed := w.post(ann, r.ID, "needle deleted"), w.post(ann, r.ID, "needle before")
	w.post(ann, r.ID, "needle kept")
	want(t, w.Delete(w.ctx, ann, gone.ID), "")
	_, err := w.Edit(w.ctx, ann, changed.ID, "needle after")
	want(t, err, "")
	want(t, w.index.Apply(w.ctx, search.Batch{Cursor: 1 << 40, Docs: []search.Doc{{ID: 5, Room: string(r.ID), Text: "needle foreign"}}}), "")
	w.run(w.RunIndex)
	if got := w.find(ann, "needle"); got != "needle kept | needle after" {
		t.Fatalf("the rebuilt index finds %q", got)
	}
}
