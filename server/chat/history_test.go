package chat_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/store"
)

// Whatever pages one asks for, before, after or around any message, in a room or in a thread, they are stretches of the
// plain list, and say truly whether there is more.
func TestHistoryPages(t *testing.T) {
	w := newWorld(t)
	ann := w.actor("ann", account.Member)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		r := w.room(ann, chat.Public, fmt.Sprintf("room-%d", n))
		noise := w.room(ann, chat.Public, fmt.Sprintf("noise-%d", n))
		var list, thread, all []uint64
		for i := range rapid.IntRange(0, 12).Draw(rt, "messages") {
			if rapid.Bool().Draw(rt, "later") {
				w.clock.pass(time.Duration(rapid.IntRange(1, 3).Draw(rt, "ms")) * time.Millisecond)
			}
			switch kind := rapid.IntRange(0, 5).Draw(rt, "kind"); {
			case kind == 0:
				all = append(all, w.post(ann, noise.ID, "noise").ID)
			case kind == 1 && len(list) > 0:
				m := w.say(ann, chat.PostIn{Room: r.ID, Text: "reply", Thread: list[0]})
				thread, all = append(thread, m.ID), append(all, m.ID)
			default:
				m := w.post(ann, r.ID, fmt.Sprint(i))
				list, all = append(list, m.ID), append(all, m.ID)
			}
		}
		all = append(all, 1, uint64(w.store.Head())+100)
		for range 10 {
			in := chat.PageIn{Limit: rapid.IntRange(1, 8).Draw(rt, "limit")}
			at := rapid.SampledFrom(all).Draw(rt, "at")
			way := rapid.SampledFrom([]string{"newest", "before", "after", "around"}).Draw(rt, "way")
			switch way {
			case "before":
				in.Before = at
			case "after":
				in.After = at
			case "around":
				in.Around = at
			}
			got, err := w.History(w.ctx, ann, r.ID, in)
			if err != nil {
				rt.Fatal(err)
			}
			place := at
			if len(list) > 0 && contains(thread, at) {
				place = list[0]
			}
			comparePage(rt, got, plain(list, place, way, in.Limit), list)
			if len(list) == 0 {
				continue
			}
			got, err = w.Thread(w.ctx, ann, list[0], in)
			if err != nil {
				rt.Fatal(err)
			}
			comparePage(rt, got, plain(thread, at, way, in.Limit), thread)
		}
	})
}

func contains(list []uint64, x uint64) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

// plain is the stretch [from, to) of a list that a page is, told from the list alone.
func plain(list []uint64, at uint64, way string, limit int) [2]int {
	split := 0 // the first that is not before at
	for split < len(list) && list[split] < at {
		split++
	}
	switch way {
	case "before":
		return [2]int{max(0, split-limit), split}
	case "after":
		if split < len(list) && list[split] == at {
			split++
		}
		return [2]int{split, min(len(list), split+limit)}
	case "around":
		return [2]int{max(0, split-limit/2), min(len(list), split+limit-limit/2)}
	}
	return [2]int{max(0, len(list)-limit), len(list)}
}

func comparePage(t *rapid.T, got chat.HistoryPage, span [2]int, list []uint64) {
	want := list[span[0]:span[1]]
	var ids []uint64
	for _, m := range got.Messages {
		ids = append(ids, m.ID)
	}
	if fmt.Sprint(ids) != fmt.Sprint(want) || got.Older != (span[0] > 0) || got.Newer != (span[1] < len(list)) {
		t.Fatalf("page %v older %v newer %v, want %v %v %v of %v", ids, got.Older, got.Newer, want, span[0] > 0, span[1] < len(list), list)
	}
}

// A page says up to which event it is complete.
func TestHistoryAt(t *testing.T) {
	w := newWorld(t)
	ann := w.actor("ann", account.Member)
	r := w.room(ann, chat.Public, "ops")
	w.post(ann, r.ID, "one")
	if p := w.history(ann, r.ID, chat.PageIn{}); store.Seq(p.At) != w.store.Head() {
		t.Fatalf("the page is at %d, the log at %d", p.At, w.store.Head())
	}
	if p := w.history(ann, r.ID, chat.PageIn{Limit: 1_000_000}); len(p.Messages) != 1 {
		t.Fatalf("%d messages", len(p.Messages))
	}
}

// model is one room as a plain list, told what everybody did.
type model struct {
	posts   []uint64
	deleted map[uint64]bool
	mark    map[int]int // person -> posts that are read
}

func (m *model) unread(person int) (n uint64) {
	for _, seq := range m.posts[m.mark[person]:] {
		if !m.deleted[seq] {
			n++
		}
	}
	return n
}

// After any mix of posting, replying, deleting, reading, joining and leaving, written to disk or still waiting, the
// unread count is what counting the list gives.
func TestUnread(t *testing.T) {
	w := newWorld(t)
	admin := w.actor("admin", account.Admin)
	people := []account.Actor{w.actor("ann", account.Member), w.actor("bob", account.Member), w.actor("eve", account.Member)}
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		r := w.room(admin, chat.Public, fmt.Sprintf("room-%d", n), people...)
		m := &model{deleted: map[uint64]bool{}, mark: map[int]int{}}
		in := map[int]bool{0: true, 1: true, 2: true}
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			i := rapid.IntRange(0, 2).Draw(rt, "who")
			who := people[i]
			switch rapid.SampledFrom([]string{"post", "post", "reply", "delete", "mark", "mark", "join", "leave"}).Draw(rt, "what") {
			case "post":
				m.posts = append(m.posts, w.post(who, r.ID, "x").ID)
				m.mark[i] = len(m.posts)
				in[i] = true
			case "reply":
				if len(m.posts) > 0 {
					if !in[i] {
						m.mark[i] = len(m.posts)
					}
					w.say(who, chat.PostIn{Room: r.ID, Thread: m.posts[0], Text: "re"})
					in[i] = true
				}
			case "delete":
				if len(m.posts) > 0 {
					seq := rapid.SampledFrom(m.posts).Draw(rt, "seq")
					want(t, w.Delete(w.ctx, admin, seq), "")
					m.deleted[seq] = true
				}
			case "mark":
				if len(m.posts) > 0 {
					to := rapid.IntRange(0, len(m.posts)-1).Draw(rt, "to")
					want(t, w.MarkRead(w.ctx, who, r.ID, m.posts[to]), "")
					if in[i] {
						m.mark[i] = max(m.mark[i], to+1)
					}
				}
			case "join":
				want(t, w.Join(w.ctx, who, r.ID), "")
				if !in[i] {
					m.mark[i], in[i] = len(m.posts), true
				}
			case "leave":
				if in[i] {
					want(t, w.Leave(w.ctx, who, r.ID), "")
					in[i] = false
				}
			}
			for j, p := range people {
				v := w.view(p, r.ID)
				wanted := m.unread(j)
				if !in[j] {
					wanted = 0
				}
				if v.Joined != in[j] || v.Unread != wanted {
					rt.Fatalf("%s: joined %v, %d unread; want %v, %d", p.Handle, v.Joined, v.Unread, in[j], wanted)
				}
			}
		}
	})
}

// A mark that a person sets is told to the hub once, never goes back, and is on disk when the service has stopped.
func TestMarksAreWritten(t *testing.T) {
	w := newWorld(t)
	ann, bob := w.actor("ann", account.Member), w.actor("bob", account.Member)
	r := w.room(ann, chat.Public, "ops", bob)
	one, two := w.post(ann, r.ID, "one"), w.post(ann, r.ID, "two")
	for _, seq := range []uint64{two.ID, one.ID, two.ID} {
		want(t, w.MarkRead(w.ctx, bob, r.ID, seq), "")
	}
	want(t, w.MarkRead(w.ctx, bob, r.ID, 1<<60), "")
	if got := len(w.marks.list); got != 1 || w.marks.list[0].Seq != two.ID || w.marks.list[0].Ordinal != 2 {
		t.Fatalf("the hub heard %+v", w.marks.list)
	}
	ctx, stop := ctxOf(w)
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	stop()
	want(t, <-done, "")
	fresh := chat.New(w.store, w.people, nil, nil, chat.Options{})
	v, err := fresh.View(w.ctx, bob, r.ID)
	want(t, err, "")
	if v.Mark.Seq < two.ID || v.Mark.Ordinal != 2 || v.Unread != 0 {
		t.Fatalf("after a restart the mark is %+v, %d unread", v.Mark, v.Unread)
	}
}
