package chat_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
	"watchroom/store/blob"
	"watchroom/store/memkv"
	"watchroom/store/search"
)

// clock is a time that only the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is a server's rooms on a store of their own.
type world struct {
	*chat.Service
	t      testing.TB
	ctx    context.Context
	stop   context.CancelFunc
	store  *store.Store
	people *account.Service
	index  *search.Index
	clock  *clock
	marks  *marked
}

// marked collects what OnMark was told.
type marked struct {
	mu   sync.Mutex
	list []chat.Mark
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{at: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}, marks: &marked{}}
	ctx, stop := context.WithCancel(context.Background())
	w.ctx, w.stop = ctx, stop
	st, err := store.New(ctx, memkv.New(), store.Options{Now: w.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	w.store = st
	w.run(st.Run)
	w.people = account.New(st, account.Options{Now: w.clock.now, Cost: &account.Argon{Memory: 8, Time: 1, Threads: 1},
		Shares: func(tx *store.Tx, a, b id.Person) bool { return w.SharesTx(tx, a, b) }})
	if err := w.people.Setup(ctx); err != nil {
		t.Fatal(err)
	}
	w.index, err = search.Open("", search.Options{Head: func() uint64 { return uint64(st.Head()) }, Epoch: st.Epoch()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.index.Close(); err != nil {
			t.Error(err)
		}
	})
	w.Service = chat.New(st, w.people, w.index, blob.NewMem(), chat.Options{Now: w.clock.now, OnMark: func(_ id.Person, m chat.Mark) {
		w.marks.mu.Lock()
		defer w.marks.mu.Unlock()
		w.marks.list = append(w.marks.list, m)
	}})
	return w
}

// run runs something of the server until the test ends, and waits for it.
func (w *world) run(fn func(context.Context) error) {
	done := make(chan error, 1)
	go func() { done <- fn(w.ctx) }()
	w.t.Cleanup(func() {
		w.stop()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
}

func (w *world) actor(handle string, role account.Role) account.Actor {
	w.t.Helper()
	p, _, err := w.people.Add(w.ctx, account.System(), account.AddIn{Handle: handle, Role: role})
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := w.people.ActorOf(w.ctx, p.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func (w *world) room(who account.Actor, kind chat.RoomKind, name string, people ...account.Actor) chat.Room {
	w.t.Helper()
	r, err := w.CreateRoom(w.ctx, who, chat.RoomIn{Kind: kind, Name: name, People: ids(people)})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func ids(people []account.Actor) (list []id.Person) {
	for _, p := range people {
		list = append(list, p.Person)
	}
	return list
}

func (w *world) post(who account.Actor, room id.Room, text string) chat.Message {
	w.t.Helper()
	return w.say(who, chat.PostIn{Room: room, Text: text})
}

func (w *world) say(who account.Actor, in chat.PostIn) chat.Message {
	w.t.Helper()
	m, err := w.Post(w.ctx, who, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

func (w *world) view(who account.Actor, room id.Room) chat.RoomView {
	w.t.Helper()
	v, err := w.View(w.ctx, who, room)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

func (w *world) history(who account.Actor, room id.Room, in chat.PageIn) chat.HistoryPage {
	w.t.Helper()
	p, err := w.History(w.ctx, who, room, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) kinds(after store.Seq) (kinds []string) {
	w.t.Helper()
	events, err := w.store.Events(w.ctx, after, 10_000)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// want fails unless err is of this kind; "" is no error.
func want(t testing.TB, err error, kind fault.Kind) {
	t.Helper()
	if got := fault.KindOf(err); got != kind {
		t.Fatalf("got error %v of kind %q, want kind %q", err, got, kind)
	}
}

// Whoever may not read a room, by role and kind of room, learns nothing by any use case; whoever reads but is not a member
// writes only where joining is allowed.
func TestRightsMatrix(t *testing.T) {
	w := newWorld(t)
	ann := w.actor("ann", account.Owner)
	roles := []account.Role{account.Guest, account.Member, account.Admin, account.Owner}
	n := 0
	incident := func(from chat.Room) chat.Room {
		n++
		var r chat.Room
		err := w.store.Update(w.ctx, func(tx *store.Tx) (err error) {
			r, err = w.CreateRoomTx(tx, account.System(), chat.RoomIn{Kind: chat.Public, Name: fmt.Sprintf("inc-%d", n), Priority: true, From: from.ID})
			return err
		})
		want(t, err, "")
		return r
	}
	kinds := map[string]func(member account.Actor) chat.Room{
		"public": func(m account.Actor) chat.Room { n++; return w.room(ann, chat.Public, fmt.Sprintf("pub-%d", n), m) },
		"locked": func(m account.Actor) chat.Room {
			n++
			r := w.room(ann, chat.Public, fmt.Sprintf("lock-%d", n), m)
			yes := true
			_, err := w.UpdateRoom(w.ctx, ann, r.ID, chat.RoomPatch{Locked: &yes})
			want(t, err, "")
			return r
		},
		"private": func(m account.Actor) chat.Room { n++; return w.room(ann, chat.Private, fmt.Sprintf("priv-%d", n), m) },
		"direct": func(m account.Actor) chat.Room {
			r, err := w.Direct(w.ctx, ann, []id.Person{m.Person})
			want(t, err, "")
			return r
		},
		"public incident": func(m account.Actor) chat.Room {
			n++
			return w.bring(incident(w.room(ann, chat.Public, fmt.Sprintf("from-%d", n))), ann, m)
		},
		"private incident": func(m account.Actor) chat.Room {
			n++
			return w.bring(incident(w.room(ann, chat.Private, fmt.Sprintf("from-%d", n))), ann, m)
		},
	}
	for kind, make := range kinds {
		for _, role := range roles {
			t.Run(kind+" "+string(role), func(t *testing.T) {
				n++
				member := w.actor(fmt.Sprintf("in-%d", n), role)
				room := make(member)
				root := w.post(ann, room.ID, "the root")
				stranger := w.actor(fmt.Sprintf("out-%d", n), role)
				reads := role != account.Guest && (kind == "public" || kind == "locked" || kind == "public incident")
				w.checkReads(t, member, room, root, true)
				w.checkReads(t, stranger, room, root, reads)
				w.checkWrites(t, stranger, room, root, reads, reads && kind != "locked", role)
				if _, err := w.Post(w.ctx, member, chat.PostIn{Room: room.ID, Text: "I may"}); err != nil {
					t.Errorf("a member may not write: %v", err)
				}
				if err := w.Delete(w.ctx, member, root.ID); (err == nil) != (role == account.Admin || role == account.Owner) {
					t.Errorf("deleting what somebody else wrote: %v", err)
				}
			})
		}
	}
}

// bring makes people members of a room of the server's.
func (w *world) bring(r chat.Room, people ...account.Actor) chat.Room {
	w.t.Helper()
	if err := w.Add(w.ctx, account.System(), r.ID, ids(people)); err != nil {
		w.t.Fatal(err)
	}
	return r
}

// checkReads tries every way to read.
func (w *world) checkReads(t *testing.T, who account.Actor, room chat.Room, root chat.Message, may bool) {
	t.Helper()
	tries := map[string]error{}
	_, tries["View"] = w.View(w.ctx, who, room.ID)
	_, tries["History"] = w.History(w.ctx, who, room.ID, chat.PageIn{})
	_, tries["Message"] = w.Message(w.ctx, who, root.ID)
	_, tries["Thread"] = w.Thread(w.ctx, who, root.ID, chat.PageIn{})
	tries["MarkRead"] = w.MarkRead(w.ctx, who, room.ID, root.ID)
	if room.Name != "" {
		_, tries["Named"] = w.Named(w.ctx, who, room.Name)
		list, err := w.Directory(w.ctx, who, room.Name)
		want(t, err, "")
		if found := slices.ContainsFunc(list, func(v chat.RoomView) bool { return v.Room.ID == room.ID }); found != may {
			t.Errorf("Directory shows the room: %v, want %v", found, may)
		}
	}
	for name, err := range tries {
		if may && err != nil || !may && fault.KindOf(err) != fault.Missing {
			t.Errorf("%s by %s: %v, may %v", name, who.Role, err, may)
		}
	}
}

// checkWrites tries every way to change something, as somebody who is not a member.
func (w *world) checkWrites(t *testing.T, who account.Actor, room chat.Room, root chat.Message, reads, joins bool, role account.Role) {
	t.Helper()
	refused := func(name string, err error) {
		t.Helper()
		if kind := fault.KindOf(err); kind != fault.Missing && (!reads || kind != fault.Denied) {
			t.Errorf("%s by %s: %v, want it refused", name, role, err)
		}
	}
	admin := role == account.Admin || role == account.Owner
	topic, yes := "mine", true
	_, err := w.Edit(w.ctx, who, root.ID, "changed")
	refused("Edit", err)
	refused("Leave", w.Leave(w.ctx, who, room.ID))
	if !reads || !admin {
		refused("Delete", w.Delete(w.ctx, who, root.ID))
		refused("Add", w.Add(w.ctx, who, room.ID, []id.Person{who.Person}))
		refused("Remove", w.Remove(w.ctx, who, room.ID, root.Author))
		for _, p := range []chat.RoomPatch{{Topic: &topic}, {Name: &topic}, {Archived: &yes}, {Locked: &yes}} {
			_, err := w.UpdateRoom(w.ctx, who, room.ID, p)
			refused("UpdateRoom", err)
		}
	}
	if !joins {
		_, err = w.AddFile(w.ctx, who, room.ID, "x.txt", strings.NewReader("hello"))
		refused("AddFile", err)
		_, err = w.Post(w.ctx, who, chat.PostIn{Room: room.ID, Text: "hello"})
		refused("Post", err)
		if !admin || !reads {
			refused("Join", w.Join(w.ctx, who, room.ID))
		}
		if w.view(account.System(), room.ID).Total != 2 && !admin {
			t.Errorf("a refused stranger is a member now")
		}
		return
	}
	if _, err := w.Post(w.ctx, who, chat.PostIn{Room: room.ID, Text: "hello"}); err != nil {
		t.Errorf("Post by %s: %v", role, err)
	}
	if !w.view(who, room.ID).Joined {
		t.Errorf("posting did not join")
	}
}

// Guests make no rooms; nobody makes one with a name that is malformed, taken or an incident's.
func TestRoomNames(t *testing.T) {
	w := newWorld(t)
	ann, gus := w.actor("ann", account.Member), w.actor("gus", account.Guest)
	_, err := w.CreateRoom(w.ctx, gus, chat.RoomIn{Kind: chat.Public, Name: "mine"})
	want(t, err, fault.Denied)
	for _, bad := range []string{"", "two words", "-x", "#", "änn", "inc-1", "inc-142-checkout", strings.Repeat("x", 65)} {
		_, err := w.CreateRoom(w.ctx, ann, chat.RoomIn{Kind: chat.Public, Name: bad})
		want(t, err, fault.Invalid)
	}
	_, err = w.CreateRoom(w.ctx, ann, chat.RoomIn{Kind: chat.Direct, Name: "x"})
	want(t, err, fault.Invalid)
	_, err = w.CreateRoom(w.ctx, ann, chat.RoomIn{Kind: chat.Public, Name: "x", Topic: "evil\u202e"})
	want(t, err, fault.Invalid)
	ops := w.room(ann, chat.Public, "#Ops")
	if ops.Name != "ops" {
		t.Fatalf("the room is called %q", ops.Name)
	}
	_, err = w.CreateRoom(w.ctx, ann, chat.RoomIn{Kind: chat.Private, Name: "ops"})
	want(t, err, fault.Conflict)

	// The name of an archived room is free, and then the archived one cannot come back by it.
	yes, no, name := true, false, "ops-old"
	_, err = w.UpdateRoom(w.ctx, ann, ops.ID, chat.RoomPatch{Archived: &yes})
	want(t, err, "")
	w.room(ann, chat.Public, "ops")
	_, err = w.UpdateRoom(w.ctx, ann, ops.ID, chat.RoomPatch{Archived: &no})
	want(t, err, fault.Conflict)
	_, err = w.UpdateRoom(w.ctx, ann, ops.ID, chat.RoomPatch{Archived: &no, Name: &name})
	want(t, err, "")
}

// An archived room is read, and nothing is written, joined or uploaded; deleting still works.
func TestArchived(t *testing.T) {
	w := newWorld(t)
	ann, bob := w.actor("ann", account.Member), w.actor("bob", account.Member)
	r := w.room(ann, chat.Public, "old")
	m := w.post(ann, r.ID, "a password, by mistake")
	yes := true
	_, err := w.UpdateRoom(w.ctx, ann, r.ID, chat.RoomPatch{Archived: &yes})
	want(t, err, "")
	_, err = w.Post(w.ctx, ann, chat.PostIn{Room: r.ID, Text: "more"})
	want(t, err, fault.Conflict)
	_, err = w.Post(w.ctx, account.System(), chat.PostIn{Room: r.ID, Text: "more"})
	want(t, err, fault.Conflict)
	_, err = w.Edit(w.ctx, ann, m.ID, "other")
	want(t, err, fault.Conflict)
	want(t, w.Join(w.ctx, bob, r.ID), fault.Conflict)
	want(t, w.Add(w.ctx, ann, r.ID, ids([]account.Actor{bob})), fault.Conflict)
	_, err = w.AddFile(w.ctx, ann, r.ID, "x", strings.NewReader("x"))
	want(t, err, fault.Conflict)
	if p := w.history(bob, r.ID, chat.PageIn{}); len(p.Messages) != 1 {
		t.Fatalf("%d messages of an archived room", len(p.Messages))
	}
	list, err := w.Rooms(w.ctx, ann)
	want(t, err, "")
	if len(list) != 0 {
		t.Fatal("an archived room is in the list")
	}
	want(t, w.Delete(w.ctx, ann, m.ID), "")
}

// The same people always get the same direct room, whoever asks and in whatever order; it keeps its people for ever.
func TestDirect(t *testing.T) {
	w := newWorld(t)
	ann, bob, eve, gus := w.actor("ann", account.Member), w.actor("bob", account.Member), w.actor("eve", account.Admin), w.actor("gus", account.Guest)
	one, err := w.Direct(w.ctx, ann, []id.Person{bob.Person, eve.Person})
	want(t, err, "")
	two, err := w.Direct(w.ctx, eve, []id.Person{ann.Person, bob.Person, eve.Person, bob.Person})
	want(t, err, "")
	three, err := w.Direct(w.ctx, ann, []id.Person{bob.Person})
	want(t, err, "")
	if one.ID != two.ID || one.ID == three.ID {
		t.Fatalf("rooms are %s, %s and %s", one.ID, two.ID, three.ID)
	}
	want(t, w.Leave(w.ctx, ann, one.ID), fault.Conflict)
	want(t, w.Add(w.ctx, ann, three.ID, []id.Person{eve.Person}), fault.Conflict)
	_, err = w.Direct(w.ctx, ann, nil)
	want(t, err, fault.Invalid)
	_, err = w.Direct(w.ctx, ann, []id.Person{"u_nobody"})
	want(t, err, fault.Missing)
	_, err = w.Direct(w.ctx, gus, []id.Person{ann.Person})
	want(t, err, fault.Missing) // they share no room
	_, err = w.Direct(w.ctx, ann, []id.Person{gus.Person})
	want(t, err, "")
	w.post(bob, three.ID, "psst")
	if v := w.view(ann, three.ID); v.Unread != 1 || v.Mentions != 1 {
		t.Fatalf("a direct message counts %d unread, %d mentions", v.Unread, v.Mentions)
	}
}

// Joining and leaving is announced to the members and to who came or went, with all that a newcomer's client needs.
func TestMembership(t *testing.T) {
	w := newWorld(t)
	ann, bob, eve := w.actor("ann", account.Member), w.actor("bob", account.Member), w.actor("eve", account.Member)
	r := w.room(ann, chat.Private, "war")
	at := w.store.Head()
	want(t, w.Add(w.ctx, ann, r.ID, ids([]account.Actor{bob, eve, bob, ann})), "")
	want(t, w.Leave(w.ctx, bob, r.ID), "")
	want(t, w.Remove(w.ctx, eve, r.ID, ann.Person), fault.Denied)
	want(t, w.Remove(w.ctx, ann, r.ID, eve.Person), "")
	want(t, w.Remove(w.ctx, ann, r.ID, eve.Person), fault.Missing)
	if got, want := w.kinds(at), []string{"room.joined", "room.joined", "room.left", "room.left"}; !slices.Equal(got, want) {
		t.Fatalf("events are %v, want %v", got, want)
	}
	events, err := w.store.Events(w.ctx, at, 1)
	want(t, err, "")
	if e := events[0]; e.Room != string(r.ID) || !slices.Equal(e.To, []string{string(bob.Person)}) || !strings.Contains(string(e.Body), `"total":3`) {
		t.Fatalf("joined is %+v %s", e, e.Body)
	}
	if v := w.view(ann, r.ID); v.Total != 1 || len(v.Members) != 1 {
		t.Fatalf("%d members left: %v", v.Total, v.Members)
	}
	_, err = w.View(w.ctx, bob, r.ID)
	want(t, err, fault.Missing)
}

// ctxOf is a context within the world's, to stop a part of it.
func ctxOf(w *world) (context.Context, context.CancelFunc) { return context.WithCancel(w.ctx) }

// The list of rooms for a search and the judgement of one room agree, for every role and kind of room.
func TestDirectoryAgrees(t *testing.T) {
	w := newWorld(t)
	ann := w.actor("ann", account.Owner)
	from := map[chat.RoomKind]chat.Room{chat.Public: w.room(ann, chat.Public, "open"), chat.Private: w.room(ann, chat.Private, "closed")}
	all := []chat.Room{from[chat.Public], from[chat.Private]}
	for kind, f := range from {
		err := w.store.Update(w.ctx, func(tx *store.Tx) error {
			r, err := w.CreateRoomTx(tx, account.System(), chat.RoomIn{Kind: chat.Public, Name: "inc-1-" + string(kind), Priority: true, From: f.ID})
			all = append(all, r)
			return err
		})
		want(t, err, "")
	}
	who := []account.Actor{ann, account.System()}
	for _, role := range []account.Role{account.Guest, account.Member, account.Admin, account.Owner, "unheard-of"} {
		who = append(who, account.Actor{Person: w.actor("p-"+string(role[0:3]), account.Guest).Person, Role: role})
	}
	for _, a := range who {
		list, err := w.Directory(w.ctx, a, "")
		want(t, err, "")
		for _, r := range all {
			_, err := w.View(w.ctx, a, r.ID)
			listed := slices.ContainsFunc(list, func(v chat.RoomView) bool { return v.Room.ID == r.ID })
			if listed != (err == nil) {
				t.Errorf("%s %s: #%s is listed %v, and viewing it says %v", a.Handle, a.Role, r.Name, listed, err)
			}
		}
	}
}
