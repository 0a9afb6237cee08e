package chat

import (
	"context"
	"slices"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

const (
	membersShown = 200
	addAtOnce    = 100
)

// MemberTx tells whether person is a member of room.
func (s *Service) MemberTx(tx *store.Tx, room id.Room, person id.Person) bool {
	return tx.Get(memberBucket, store.Key(string(room), string(person))) != nil
}

// MembersTx lists the members of a room.
func (s *Service) MembersTx(tx *store.Tx, room id.Room) []id.Person {
	return names[id.Person](tx, memberBucket, roomKey(room), -1)
}

// RoomsOfTx lists the rooms that a person is a member of, archived ones included.
func (s *Service) RoomsOfTx(tx *store.Tx, person id.Person) []id.Room {
	return names[id.Room](tx, placeBucket, store.Key(string(person)), -1)
}

// names reads the second string of keys that begin with prefix, at most most of them.
func names[T ~string](tx *store.Tx, bucket string, prefix []byte, most int) []T {
	var list []T
	for k := range tx.Scan(bucket, store.Prefix(prefix)) {
		if len(list) == most {
			break
		}
		list = append(list, T(k[len(prefix):len(k)-1]))
	}
	return list
}

// SharesTx tells whether two people are in one room: what a guest may see of people.
func (s *Service) SharesTx(tx *store.Tx, a, b id.Person) bool {
	return slices.ContainsFunc(s.RoomsOfTx(tx, a), func(r id.Room) bool { return s.MemberTx(tx, r, b) })
}

// ReadableTx tells whether who may read room. Members may; who is not a guest also reads public rooms, and an incident's
// room when they read the room it came from.
func (s *Service) ReadableTx(tx *store.Tx, who account.Actor, room id.Room) bool {
	r, ok := s.RoomTx(tx, room)
	return ok && s.readable(tx, who, r)
}

func (s *Service) readable(tx *store.Tx, who account.Actor, r Room) bool {
	return who.System || s.MemberTx(tx, r.ID, who.Person) || s.open(tx, who, r, 3)
}

// open tells whether who may read r without being a member.
func (s *Service) open(tx *store.Tx, who account.Actor, r Room, depth int) bool {
	switch {
	case depth == 0 || who.Role != account.Member && who.Role != account.Admin && who.Role != account.Owner:
		return false
	case r.From == "":
		return r.Kind == Public
	}
	from, ok := s.RoomTx(tx, r.From)
	return ok && (s.MemberTx(tx, from.ID, who.Person) || s.open(tx, who, from, depth-1))
}

// readableTx lists every room that who may read, and maps it to true.
func (s *Service) readableTx(tx *store.Tx, who account.Actor) map[id.Room]bool {
	all := map[id.Room]bool{}
	if who.System {
		for r := range rooms.Scan(tx, store.Range{}) {
			all[r.ID] = true
		}
		return all
	}
	for _, r := range s.RoomsOfTx(tx, who.Person) {
		all[r] = true
	}
	if who.Role != account.Member && who.Role != account.Admin && who.Role != account.Owner {
		return all
	}
	type came struct{ room, from id.Room }
	var later []came
	for k, from := range tx.Scan(openBucket, store.Range{}) {
		switch room := id.Room(k[:len(k)-1]); {
		case len(from) == 0:
			all[room] = true
		default:
			later = append(later, came{room, id.Room(from)})
		}
	}
	for _, c := range later {
		if all[c.from] {
			all[c.room] = true
		}
	}
	return all
}

// visible is a room that who may read, or errNoRoom.
func (s *Service) visible(tx *store.Tx, who account.Actor, room id.Room) (Room, error) {
	r, ok := s.RoomTx(tx, room)
	if !ok || !s.readable(tx, who, r) {
		return Room{}, errNoRoom
	}
	return r, nil
}

// writable is a room that who may write in. Who is not a member but may join it joins.
func (s *Service) writable(tx *store.Tx, who account.Actor, room id.Room) (Room, error) {
	r, err := s.visible(tx, who, room)
	switch {
	case err != nil:
		return Room{}, err
	case r.Archived:
		return Room{}, errArchived
	case who.System || s.MemberTx(tx, room, who.Person):
		return r, nil
	case r.Locked:
		return Room{}, fault.New(fault.Denied, "only members may write here at the moment")
	}
	s.enter(tx, who, r, []id.Person{who.Person})
	return r, nil
}

// Join makes who a member of a room that they may read.
func (s *Service) Join(ctx context.Context, who account.Actor, room id.Room) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return s.JoinTx(tx, who, room) })
}

// JoinTx is Join within a change.
func (s *Service) JoinTx(tx *store.Tx, who account.Actor, room id.Room) error {
	r, err := s.visible(tx, who, room)
	switch {
	case err != nil:
		return err
	case s.MemberTx(tx, room, who.Person):
		return nil
	case r.Archived:
		return errArchived
	case r.Locked && !who.IsAdmin():
		return fault.New(fault.Denied, "this room is locked: ask a member to bring you in")
	}
	s.enter(tx, who, r, []id.Person{who.Person})
	return nil
}

// Add brings people into a room: its members may, guests excepted. Who is in already stays.
func (s *Service) Add(ctx context.Context, who account.Actor, room id.Room, list []id.Person) error {
	for part := range slices.Chunk(list, addAtOnce) {
		if err := s.store.Update(ctx, func(tx *store.Tx) error { return s.AddTx(tx, who, room, part) }); err != nil {
			return err
		}
	}
	return nil
}

// AddTx is Add within a change, of at most 100 people.
func (s *Service) AddTx(tx *store.Tx, who account.Actor, room id.Room, list []id.Person) error {
	r, err := s.visible(tx, who, room)
	switch {
	case err != nil:
		return err
	case r.Kind == Direct:
		return fault.New(fault.Conflict, "a direct room keeps its people; open another one")
	case r.Archived:
		return errArchived
	case who.System || who.IsAdmin():
	case who.Role == account.Guest || !s.MemberTx(tx, room, who.Person):
		return fault.New(fault.Denied, "only members of a room may bring people in")
	}
	if len(list) > addAtOnce {
		return fault.Field("people", "at most %d at once", addAtOnce)
	}
	for _, p := range list {
		if err := s.known(tx, who, p); err != nil {
			return err
		}
	}
	s.enter(tx, who, r, list)
	return nil
}

// known refuses people who do not exist, are disabled, or whom who may not know of.
func (s *Service) known(tx *store.Tx, who account.Actor, person id.Person) error {
	p, ok := s.people.PersonTx(tx, person)
	if !ok || !s.people.SeesTx(tx, who, person) {
		return fault.New(fault.Missing, "there is no such person")
	}
	if p.Disabled {
		return fault.New(fault.Conflict, "@%s is disabled", p.Handle)
	}
	return nil
}

// enter makes people members, those who are not yet, and announces each. They have read everything so far.
func (s *Service) enter(tx *store.Tx, who account.Actor, r Room, list []id.Person) {
	t := tailOf(tx, r.ID)
	read := Mark{Room: r.ID, Seq: uint64(tx.Head()), Ordinal: t.Count}
	var fresh []id.Person
	for _, p := range list {
		if s.MemberTx(tx, r.ID, p) {
			continue
		}
		fresh = append(fresh, p)
		tx.Put(memberBucket, store.Key(string(r.ID), string(p)), number(uint64(id.At(tx.Now()))))
		tx.Put(placeBucket, store.Key(string(p), string(r.ID)), []byte{1})
		read.put(tx, p)
	}
	if len(fresh) == 0 {
		return
	}
	t.Members += uint64(len(fresh))
	t.put(tx, r.ID)
	members := names[id.Person](tx, memberBucket, roomKey(r.ID), membersShown)
	for _, p := range fresh {
		emit(tx, who, EventRoomJoined, r.ID, []string{string(p)}, Joined{Room: r, Person: p, Members: members, Total: int(t.Members)})
	}
}

// Leave ends the membership of who.
func (s *Service) Leave(ctx context.Context, who account.Actor, room id.Room) error {
	return s.Remove(ctx, who, room, who.Person)
}

// Remove ends somebody's membership: one's own; who made the room and administrators anybody's.
func (s *Service) Remove(ctx context.Context, who account.Actor, room id.Room, person id.Person) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		r, err := s.visible(tx, who, room)
		switch {
		case err != nil:
			return err
		case r.Kind == Direct:
			return fault.New(fault.Conflict, "a direct room keeps its people")
		case who.Person != person && !who.IsAdmin() && r.By != who.Person:
			return fault.New(fault.Denied, "only who made the room or an administrator may remove somebody")
		case !s.MemberTx(tx, room, person):
			return fault.New(fault.Missing, "not a member of this room")
		}
		tx.Delete(memberBucket, store.Key(string(room), string(person)))
		tx.Delete(placeBucket, store.Key(string(person), string(room)))
		tx.Delete(markBucket, store.Key(string(room), string(person)))
		t := tailOf(tx, room)
		t.Members--
		t.put(tx, room)
		emit(tx, who, EventRoomLeft, room, []string{string(person)}, Left{Room: room, Person: person, By: who.Person})
		return nil
	})
}

// MayInviteTx refuses rooms that who may not open to a newcomer: the hook of invitations.
func (s *Service) MayInviteTx(tx *store.Tx, who account.Actor, list []id.Room) error {
	for _, room := range list {
		r, err := s.visible(tx, who, room)
		if err != nil {
			return err
		}
		if r.Kind == Direct || r.Archived {
			return fault.Field("rooms", "nobody can join #%s", r.Name)
		}
	}
	return nil
}

// AcceptTx brings a newcomer into the rooms of the invitation, those that still stand: the hook of invitations.
func (s *Service) AcceptTx(tx *store.Tx, p account.Person, list []id.Room) error {
	for _, room := range list {
		if r, ok := s.RoomTx(tx, room); ok && r.Kind != Direct && !r.Archived {
			s.enter(tx, account.System(), r, []id.Person{p.ID})
		}
	}
	return nil
}
