package hub

import (
	"encoding/json"
	"fmt"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/id"
	"watchroom/server/wire"
	"watchroom/store"
)

// tables say who is in which room and who is what, as of the newest event in the ring.
type tables struct {
	people    map[id.Person]*person
	order     []*person // by index
	rooms     map[id.Room]*set
	everybody *set // who is neither a guest nor disabled
	admins    *set
}

type person struct {
	account.Person
	index    uint32
	floor    store.Seq  // what the person could see before is not known any more: who comes back from there begins anew
	sessions []*Session // that are live
}

// change is what an event means for the hub beyond its audience.
type change struct {
	rewrites []store.Seq // the bodies of these events were overwritten
	person   id.Person   // this person is somebody else now, or is signed out
	code     int         // closes the person's sockets: all, or those of one sign-in or token
	reason   string
	session  id.Session
	token    id.Token
}

func newTables() tables {
	return tables{people: map[id.Person]*person{}, rooms: map[id.Room]*set{}}
}

// of is the person's entry, made where there is none: somebody whom the log mentions before their account is read.
func (t *tables) of(who id.Person) *person {
	p := t.people[who]
	if p == nil {
		p = &person{Person: account.Person{ID: who, Role: account.Guest}, index: uint32(len(t.order))}
		t.people[who] = p
		t.order = append(t.order, p)
	}
	return p
}

func (t *tables) at(n uint32) *person { return t.order[n] }

// person takes who somebody is from now on.
func (t *tables) person(now account.Person) {
	p := t.of(now.ID)
	p.Person = now
	t.everybody, t.admins = t.everybody.without(p.index), t.admins.without(p.index)
	if now.Disabled {
		return
	}
	if now.Role != account.Guest {
		t.everybody = t.everybody.with(p.index)
	}
	if now.Role == account.Admin || now.Role == account.Owner {
		t.admins = t.admins.with(p.index)
	}
}

func (t *tables) join(room id.Room, who id.Person) {
	t.rooms[room] = t.rooms[room].with(t.of(who).index)
}

func (t *tables) leave(room id.Room, who id.Person) {
	if t.rooms[room] = t.rooms[room].without(t.of(who).index); t.rooms[room] == nil {
		delete(t.rooms, room)
	}
}

// judge sets the audience of ev, with what e itself changes: who joins sees that, and who leaves sees it too.
func (t *tables) judge(e store.Event, ev *entry) (change, error) {
	c, left, err := t.apply(e)
	if err != nil {
		return c, err
	}
	ev.room = t.rooms[id.Room(e.Room)]
	if e.Room == "" {
		ev.room = nil
	}
	for _, to := range e.To {
		switch to {
		case "*":
			ev.everybody = t.everybody
		case "@admin":
			ev.admins = t.admins
		default:
			ev.to = append(ev.to, t.of(id.Person(to)).index)
		}
	}
	if left != "" {
		ev.to = append(ev.to, t.of(left).index)
	}
	return c, nil
}

func (t *tables) apply(e store.Event) (c change, left id.Person, err error) {
	switch e.Kind {
	case chat.EventRoomJoined:
		var b chat.Joined
		if err = read(e, &b); err == nil {
			t.join(b.Room.ID, b.Person)
		}
	case chat.EventRoomLeft:
		var b chat.Left
		if err = read(e, &b); err == nil {
			t.leave(b.Room, b.Person)
			left = b.Person
		}
	case account.EventPersonCreated, account.EventPersonChanged:
		var b account.PersonChanged
		if err = read(e, &b); err == nil {
			c = t.changed(e, b.Person)
		}
	case account.EventSessionEnded:
		var b account.SessionEnded
		if err = read(e, &b); err == nil {
			c = change{person: b.Person, code: wire.CloseUnsigned, reason: "signed out", session: b.Session, token: b.Token}
		}
	case chat.EventEdited:
		var b chat.Edited
		err = read(e, &b)
		c.rewrites = []store.Seq{store.Seq(b.Message), store.Seq(b.Replaces)}
	case chat.EventDeleted:
		var b chat.Deleted
		err = read(e, &b)
		c.rewrites = []store.Seq{store.Seq(b.Message), store.Seq(b.Replaces)}
	}
	return c, left, err
}

// changed takes a person as they are now. A disabled one is signed out; another role sees another world, so its pages
// begin anew.
func (t *tables) changed(e store.Event, now account.Person) change {
	was, known := t.people[now.ID]
	role := account.Role("")
	if known {
		role = was.Role
	}
	t.person(now)
	switch {
	case now.Disabled:
		return change{person: now.ID, code: wire.CloseUnsigned, reason: "the account is disabled"}
	case known && e.Kind == account.EventPersonChanged && role != now.Role:
		t.of(now.ID).floor = e.Seq + 1 // also for a page that saw this event
		return change{person: now.ID, code: wire.CloseSlow, reason: "the role changed"}
	}
	return change{person: now.ID}
}

// rewind undoes what e did. What somebody was before a change is not in the log: their pages begin anew.
func (t *tables) rewind(e store.Event) error {
	switch e.Kind {
	case chat.EventRoomJoined:
		var b chat.Joined
		if err := read(e, &b); err != nil {
			return err
		}
		t.leave(b.Room.ID, b.Person)
	case chat.EventRoomLeft:
		var b chat.Left
		if err := read(e, &b); err != nil {
			return err
		}
		t.join(b.Room, b.Person)
	case account.EventPersonCreated, account.EventPersonChanged:
		var b account.PersonChanged
		if err := read(e, &b); err != nil {
			return err
		}
		p := t.of(b.Person.ID)
		p.floor = max(p.floor, e.Seq)
	}
	return nil
}

func read(e store.Event, body any) error {
	if err := json.Unmarshal(e.Body, body); err != nil {
		return fmt.Errorf("read the body of %s %d: %w", e.Kind, e.Seq, err)
	}
	return nil
}
