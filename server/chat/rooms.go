package chat

import (
	"cmp"
	"context"
	"crypto/sha256"
	"math"
	"regexp"
	"slices"
	"strings"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

var (
	roomName     = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	incidentName = regexp.MustCompile(`^inc-[0-9]`)
)

const (
	topicMax     = 250
	directOthers = 8
	listed       = 100
)

// RoomTx is the room with this id, whoever asks.
func (s *Service) RoomTx(tx *store.Tx, room id.Room) (Room, bool) {
	r, ok := rooms.Get(tx, roomKey(room))
	if !ok {
		return Room{}, false
	}
	t := tailOf(tx, room)
	r.Count, r.LastSeq, r.LastTime = t.Count, t.LastSeq, t.LastTime
	return r, true
}

// RoomByNameTx is the live room with this name, whoever asks.
func (s *Service) RoomByNameTx(tx *store.Tx, name string) (Room, bool) {
	name = plainName(name)
	if !roomName.MatchString(name) {
		return Room{}, false
	}
	for r := range rooms.By(tx, "name", store.Prefix(store.Key(name))) {
		return s.RoomTx(tx, r.ID)
	}
	return Room{}, false
}

// Named is the id of the live room with this name, if who may read it.
func (s *Service) Named(ctx context.Context, who account.Actor, name string) (room id.Room, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		r, ok := s.RoomByNameTx(tx, name)
		if !ok || !s.readable(tx, who, r) {
			return errNoRoom
		}
		room = r.ID
		return nil
	})
	return room, err
}

// putRoom writes a room without what its tail holds.
func putRoom(tx *store.Tx, r Room) {
	r.Count, r.LastSeq, r.LastTime = 0, 0, 0
	rooms.Put(tx, r)
	switch key := roomKey(r.ID); {
	case r.From != "":
		tx.Put(openBucket, key, []byte(r.From))
	case r.Kind == Public:
		tx.Put(openBucket, key, nil)
	}
}

func plainName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(name), "#"))
}

// checkName refuses a name that is malformed, taken, or looks like an incident's room without being one.
func (s *Service) checkName(tx *store.Tx, r Room) error {
	if !roomName.MatchString(r.Name) {
		return fault.Field("name", "begins with a letter or digit and has at most 64 of a-z 0-9 . _ -")
	}
	if !r.Priority && incidentName.MatchString(r.Name) {
		return fault.Field("name", "inc-… is for the rooms of incidents")
	}
	if other, taken := s.RoomByNameTx(tx, r.Name); taken && other.ID != r.ID && !r.Archived {
		return &fault.Error{Kind: fault.Conflict, Field: "name", Message: "name: #" + r.Name + " is taken"}
	}
	return nil
}

// RoomIn describes a new room. What follows People is for an incident's own room.
type RoomIn struct {
	Kind     RoomKind
	Name     string
	Topic    string
	People   []id.Person
	Priority bool
	Incident id.Incident
	From     id.Room
	Team     id.Team
}

// CreateRoom makes a public or private room with who and the people in it. Guests may not.
func (s *Service) CreateRoom(ctx context.Context, who account.Actor, in RoomIn) (r Room, err error) {
	if !who.System && who.Role == account.Guest {
		return Room{}, fault.New(fault.Denied, "guests cannot make rooms")
	}
	in.Priority, in.Incident, in.From = false, 0, ""
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		r, err = s.CreateRoomTx(tx, who, in)
		return err
	})
	return r, err
}

// CreateRoomTx makes any room but a direct one, within a change. An incident's room is never more public than From.
func (s *Service) CreateRoomTx(tx *store.Tx, who account.Actor, in RoomIn) (Room, error) {
	if in.Kind != Public && in.Kind != Private {
		return Room{}, fault.Field("kind", "is public or private")
	}
	topic, err := account.Line("topic", in.Topic, topicMax)
	if err != nil {
		return Room{}, err
	}
	if in.From != "" {
		from, ok := s.RoomTx(tx, in.From)
		if !ok {
			return Room{}, errNoRoom
		}
		if from.Kind != Public {
			in.Kind = Private
		}
	}
	if len(in.People) > addAtOnce {
		return Room{}, fault.Field("people", "at most %d at once", addAtOnce)
	}
	r := Room{
		ID: id.New[id.Room]("r"), Kind: in.Kind, Name: plainName(in.Name), Topic: topic, Priority: in.Priority, Incident: in.Incident,
		From: in.From, Team: in.Team, Created: id.At(tx.Now()), By: who.Person,
	}
	if err := s.checkName(tx, r); err != nil {
		return Room{}, err
	}
	members := in.People
	if !who.System {
		members = append([]id.Person{who.Person}, in.People...)
	}
	for _, p := range members {
		if err := s.known(tx, who, p); err != nil {
			return Room{}, err
		}
	}
	putRoom(tx, r)
	emit(tx, who, EventRoomCreated, r.ID, r.everybody(), RoomCreated{r})
	s.enter(tx, who, r, members)
	return r, nil
}

// everybody is the audience beyond the members.
func (r Room) everybody() []string {
	if r.Kind == Public {
		return []string{"*"}
	}
	return nil
}

// RoomPatch changes what is not nil.
type RoomPatch struct {
	Name     *string `json:"name,omitempty"`
	Topic    *string `json:"topic,omitempty"`
	Locked   *bool   `json:"locked,omitempty"`
	Archived *bool   `json:"archived,omitempty"`
}

// UpdateRoom changes a room: its members the topic; who made it, administrators, and the members of an incident's room
// everything.
func (s *Service) UpdateRoom(ctx context.Context, who account.Actor, room id.Room, patch RoomPatch) (r Room, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		r, err = s.UpdateRoomTx(tx, who, room, patch)
		return err
	})
	return r, err
}

// UpdateRoomTx is UpdateRoom within a change.
func (s *Service) UpdateRoomTx(tx *store.Tx, who account.Actor, room id.Room, patch RoomPatch) (Room, error) {
	r, err := s.visible(tx, who, room)
	if err != nil {
		return Room{}, err
	}
	member := s.MemberTx(tx, room, who.Person) && who.Role != account.Guest
	rules := who.IsAdmin() || member && (r.By == who.Person || r.Priority)
	switch {
	case r.Kind == Direct:
		return Room{}, fault.New(fault.Conflict, "a direct room has nothing to change")
	case !rules && (patch.Name != nil || patch.Locked != nil || patch.Archived != nil):
		return Room{}, fault.New(fault.Denied, "only who made the room or an administrator may change this")
	case !rules && !member:
		return Room{}, fault.New(fault.Denied, "only members may change the topic")
	}
	was := r
	if patch.Topic != nil {
		if r.Topic, err = account.Line("topic", *patch.Topic, topicMax); err != nil {
			return Room{}, err
		}
	}
	if patch.Locked != nil {
		r.Locked = *patch.Locked
	}
	if patch.Archived != nil {
		r.Archived = *patch.Archived
	}
	if patch.Name != nil {
		r.Name = plainName(*patch.Name)
	}
	if r.Name != was.Name || was.Archived && !r.Archived {
		if err := s.checkName(tx, r); err != nil {
			return Room{}, err
		}
	}
	if r != was {
		putRoom(tx, r)
		emit(tx, who, EventRoomChanged, r.ID, r.everybody(), RoomChanged{r})
	}
	return r, nil
}

// Direct is the direct room between who and 1 to 8 others: always the same one for the same people.
func (s *Service) Direct(ctx context.Context, who account.Actor, others []id.Person) (r Room, err error) {
	all := slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(others), who.Person))))
	if len(all) < 2 || len(all) > directOthers+1 {
		return Room{}, fault.Field("people", "a direct room is with 1 to %d other people", directOthers)
	}
	sum := sha256.New()
	for _, p := range all {
		sum.Write(store.Key(string(p)))
	}
	key := store.Key(sum.Sum(nil))
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if known := tx.Get(directBucket, key); known != nil {
			var ok bool
			if r, ok = s.RoomTx(tx, id.Room(known)); ok {
				return nil
			}
		}
		for _, p := range all {
			if err := s.known(tx, who, p); err != nil {
				return err
			}
		}
		r = Room{ID: id.New[id.Room]("r"), Kind: Direct, Created: id.At(tx.Now()), By: who.Person}
		putRoom(tx, r)
		tx.Put(directBucket, key, []byte(r.ID))
		emit(tx, who, EventRoomCreated, r.ID, nil, RoomCreated{r})
		s.enter(tx, who, r, all)
		return nil
	})
	return r, err
}

// Rooms lists the rooms that who is a member of and that are not archived: incidents first, then by the newest message.
func (s *Service) Rooms(ctx context.Context, who account.Actor) ([]RoomView, error) {
	list := []RoomView{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		list = s.views(tx, who)
		return nil
	})
	return list, err
}

func (s *Service) views(tx *store.Tx, who account.Actor) []RoomView {
	list := []RoomView{}
	for _, room := range s.RoomsOfTx(tx, who.Person) {
		if r, ok := s.RoomTx(tx, room); ok && !r.Archived {
			list = append(list, s.view(tx, who, r))
		}
	}
	slices.SortFunc(list, func(a, b RoomView) int {
		if a.Room.Priority != b.Room.Priority {
			if a.Room.Priority {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.Room.LastSeq, a.Room.LastSeq), cmp.Compare(a.Room.Name, b.Room.Name))
	})
	return list
}

// View is a room as who has it.
func (s *Service) View(ctx context.Context, who account.Actor, room id.Room) (v RoomView, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		r, err := s.visible(tx, who, room)
		if err == nil {
			v = s.view(tx, who, r)
		}
		return err
	})
	return v, err
}

// view is r with what is of who in it.
func (s *Service) view(tx *store.Tx, who account.Actor, r Room) RoomView {
	t := tailOf(tx, r.ID)
	v := RoomView{Room: r, Total: int(t.Members), Joined: s.MemberTx(tx, r.ID, who.Person), Members: []id.Person{}}
	if v.Joined {
		v.Members = append(v.Members, who.Person)
	}
	for _, p := range names[id.Person](tx, memberBucket, roomKey(r.ID), membersShown) {
		if p != who.Person && len(v.Members) < membersShown {
			v.Members = append(v.Members, p)
		}
	}
	v.Mark = Mark{Room: r.ID}
	if !v.Joined {
		return v
	}
	v.Mark = s.mark(tx, r.ID, who.Person)
	v.Unread = unread(tx, r, v.Mark)
	if v.Mentions = v.Unread; r.Kind != Direct {
		v.Mentions = 0
		prefix := store.Key(string(who.Person), string(r.ID))
		after := store.Range{From: append(slices.Clone(prefix), number(v.Mark.Seq+1)...), To: append(slices.Clone(prefix), number(math.MaxUint64)...)}
		for range tx.Scan(mentionBucket, after) {
			v.Mentions++
		}
	}
	return v
}

// Directory lists the live rooms that who may read and whose name or topic holds q, by name, at most 100.
func (s *Service) Directory(ctx context.Context, who account.Actor, q string) ([]RoomView, error) {
	q = plainName(q)
	list := []RoomView{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		may := s.readableTx(tx, who)
		for r := range rooms.By(tx, "name", store.Range{}) {
			if !may[r.ID] || !strings.Contains(r.Name, q) && !strings.Contains(strings.ToLower(r.Topic), q) {
				continue
			}
			r, ok := s.RoomTx(tx, r.ID)
			if !ok || !s.readable(tx, who, r) {
				continue
			}
			if list = append(list, s.view(tx, who, r)); len(list) == listed {
				break
			}
		}
		return nil
	})
	return list, err
}
