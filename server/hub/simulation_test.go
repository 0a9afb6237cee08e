package hub_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/hub"
	"watchroom/server/id"
	"watchroom/store"
)

const ringSize = 24

// sim is the world beside the plainest model of it: who is what, who is where, and who was owed which event.
type sim struct {
	*world
	t       *rapid.T
	role    map[id.Person]account.Role
	member  map[id.Room]map[id.Person]bool
	owed    map[id.Person][]store.Seq
	floor   map[id.Person]store.Seq // of the newest change of role: who saw less begins anew
	head    store.Seq
	posted  []store.Seq
	where   map[store.Seq]id.Room
	version map[store.Seq]int
	clients []*client
}

// client is a browser that keeps what it was told and comes back.
type client struct {
	who     id.Person
	page    *page
	session id.Session
	raw     bool
	stuck   bool
	epoch   string
	since   store.Seq         // its resume point
	version map[store.Seq]int // what it may at least expect of each message
}

var (
	simPeople = []id.Person{"ann", "bob", "cy", "dee", "eve"}
	simRooms  = []id.Room{"ops", "web", "db"}
)

// Whatever happens, a client sees exactly the events that it was owed, in order and once, or is told to begin anew; and
// never a text that was superseded before it said hello.
func TestSimulation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(struct{ testing.TB }{t}, simulate) // without t.Deadline, which a bubble forbids
	})
}

func simulate(t *rapid.T) {
	s := &sim{
		t: t, world: newWorld(t, hub.Options{Ring: ringSize, Rate: 1e6, Burst: 1e6, Pumps: 2}), role: map[id.Person]account.Role{},
		member: map[id.Room]map[id.Person]bool{}, owed: map[id.Person][]store.Seq{}, floor: map[id.Person]store.Seq{},
		where: map[store.Seq]id.Room{}, version: map[store.Seq]int{},
	}
	defer s.close()
	for i, p := range simPeople {
		s.setRole(p, []account.Role{account.Owner, account.Admin, account.Member, account.Member, account.Guest}[i], "person.created")
	}
	for _, r := range simRooms {
		s.member[r] = map[id.Person]bool{}
	}
	for i := range 7 {
		s.clients = append(s.clients, &client{who: simPeople[i%len(simPeople)], session: id.Session(fmt.Sprint("s", i)), raw: i%2 == 0})
	}
	defer func() {
		for _, c := range s.clients {
			s.disconnect(c)
		}
	}()
	actions := []func(*rapid.T){
		s.post1, s.post1, s.burst, s.edit1, s.edit1, s.join1, s.join1, s.leave1, s.tell, s.connect1, s.connect1, s.connect1,
		s.hangUp, s.stick1, s.stick1, s.role1, s.signOut, s.restart, s.sleep,
	}
	for range rapid.IntRange(10, 150).Draw(t, "steps") {
		rapid.SampledFrom(actions).Draw(t, "action")(t)
		if rapid.IntRange(0, 2).Draw(t, "quiet") == 0 {
			s.check()
		}
	}
	s.check()
}

func (s *sim) client(t *rapid.T) *client { return rapid.SampledFrom(s.clients).Draw(t, "client") }
func (s *sim) who(t *rapid.T) id.Person  { return rapid.SampledFrom(simPeople).Draw(t, "person") }
func (s *sim) where1(t *rapid.T) id.Room { return rapid.SampledFrom(simRooms).Draw(t, "room") }

// happened notes who is owed an event.
func (s *sim) happened(seq store.Seq, sees func(id.Person) bool) {
	s.head = seq
	for _, p := range simPeople {
		if sees(p) {
			s.owed[p] = append(s.owed[p], seq)
		}
	}
}

func (s *sim) post1(t *rapid.T) {
	room := s.where1(t)
	seq := s.post(room, "0")
	s.posted = append(s.posted, seq)
	s.where[seq] = room
	s.happened(seq, func(p id.Person) bool { return s.member[room][p] })
}

func (s *sim) burst(t *rapid.T) {
	for range rapid.SampledFrom([]int{2, 3, 5, 8, 13, 40}).Draw(t, "posts") {
		s.post1(t)
	}
}

func (s *sim) edit1(t *rapid.T) {
	if len(s.posted) == 0 {
		return
	}
	m := rapid.SampledFrom(s.posted[max(0, len(s.posted)-ringSize):]).Draw(t, "message")
	s.version[m]++
	room := s.where[m]
	s.happened(s.edit(room, m, fmt.Sprint(s.version[m])), func(p id.Person) bool { return s.member[room][p] })
}

func (s *sim) join1(t *rapid.T) {
	room, who := s.where1(t), s.who(t)
	if s.member[room][who] {
		return
	}
	s.member[room][who] = true
	s.happened(s.join(room, who), func(p id.Person) bool { return s.member[room][p] })
}

func (s *sim) leave1(t *rapid.T) {
	room, who := s.where1(t), s.who(t)
	if !s.member[room][who] {
		return
	}
	seq := s.leave(room, who)
	s.happened(seq, func(p id.Person) bool { return s.member[room][p] })
	delete(s.member[room], who)
}

func (s *sim) tell(t *rapid.T) {
	to := rapid.SampledFrom([]string{"*", "@admin", "ann", "eve"}).Draw(t, "to")
	seq := s.emit(store.Event{Kind: "settings.changed", To: []string{to}})
	s.happened(seq, func(p id.Person) bool {
		switch to {
		case "*":
			return s.role[p] != account.Guest
		case "@admin":
			return s.role[p] == account.Admin || s.role[p] == account.Owner
		}
		return to == string(p)
	})
}

func (s *sim) setRole(who id.Person, role account.Role, kind string) {
	seq := s.person(account.Person{ID: who, Role: role}, kind)
	if s.role[who] != role {
		s.floor[who] = seq + 1
	}
	s.role[who] = role
	s.happened(seq, func(p id.Person) bool { return p == who || s.role[p] != account.Guest })
}

func (s *sim) role1(t *rapid.T) {
	who := s.who(t)
	role := rapid.SampledFrom([]account.Role{account.Member, account.Admin, account.Guest}).Draw(t, "role")
	s.check() // a page of this person is about to be cut off
	s.setRole(who, role, "person.changed")
}

func (s *sim) signOut(t *rapid.T) {
	c := s.client(t)
	s.check()
	seq := s.emit(store.Event{Kind: "session.ended", Body: body(account.SessionEnded{Session: c.session, Person: c.who})})
	s.happened(seq, func(id.Person) bool { return false })
	synctest.Wait()
	if c.page == nil {
		return
	}
	if code, ended := c.page.ended(); !ended || code != 4001 && code != 0 {
		s.t.Fatalf("%s signed out: ended=%t with code %d, want 4001", c.session, ended, code)
	}
}

func (s *sim) connect1(t *rapid.T) {
	c := s.client(t)
	if c.page != nil {
		return
	}
	synctest.Wait() // what was edited so far is edited in the ring too
	c.version = maps.Clone(s.version)
	p, err := s.open(account.Actor{Person: c.who, Role: s.role[c.who], Session: c.session}, c.raw)
	if err != nil {
		s.t.Fatalf("open: %v", err)
	}
	c.page = p
	p.say(hello{T: "hello", Device: "d", Since: c.since, Epoch: c.epoch})
	synctest.Wait()
	got := p.told()
	if len(got) == 0 || got[0].T != "hello" {
		s.t.Fatalf("%s said hello and was told %v", c.session, got)
	}
	w := got[0]
	reach := c.epoch != "" && s.head-c.since <= ringSize
	switch {
	case reach && c.since >= s.floor[c.who] && !w.Resumed && !s.renamed(c):
		s.t.Fatalf("%s could not go on after %d, the head is %d", c.session, c.since, s.head)
	case w.Resumed && (!reach || c.since+1 < s.floor[c.who]):
		s.t.Fatalf("%s went on after %d, the head is %d, the role changed at %d", c.session, c.since, s.head, s.floor[c.who])
	case w.Resumed && w.At != c.since, !w.Resumed && w.At != s.head, w.Resumed != (w.Snap == nil):
		s.t.Fatalf("%s after %d: at %d, resumed %t, the head is %d", c.session, c.since, w.At, w.Resumed, s.head)
	}
	c.epoch, c.since = w.Epoch, w.At
	s.read(c, got[1:])
}

// renamed tells whether something about the person changed that a hub which started since does not know the past of.
func (s *sim) renamed(c *client) bool {
	seen := s.owed[c.who]
	for _, seq := range seen[max(0, len(seen)-ringSize):] {
		if seq > c.since {
			if events, err := s.store.Events(s.t.Context(), seq-1, 1); err == nil && events[0].Kind == "person.changed" {
				return true
			}
		}
	}
	return false
}

func (s *sim) hangUp(t *rapid.T) { s.disconnect(s.client(t)) }

func (s *sim) disconnect(c *client) {
	if c.page == nil {
		return
	}
	c.page.end()
	s.read(c, c.page.told())
	c.page, c.stuck = nil, false
}

func (s *sim) stick1(t *rapid.T) {
	if c := s.client(t); c.page != nil {
		c.stuck = !c.stuck
		c.page.stick(c.stuck)
	}
}

func (s *sim) restart(*rapid.T) {
	synctest.Wait()
	s.stopHub()
	s.start()
}

func (s *sim) sleep(t *rapid.T) {
	d := time.Duration(rapid.IntRange(1, 12).Draw(t, "seconds")) * time.Second
	for _, c := range s.clients {
		if c.page != nil && !c.stuck {
			c.page.say(map[string]any{"t": "pong", "at": c.since})
		}
	}
	time.Sleep(d)
}

// check compares, once all is quiet, what every client was told with what it was owed.
func (s *sim) check() {
	synctest.Wait()
	for _, c := range s.clients {
		if c.page == nil {
			continue
		}
		s.read(c, c.page.told())
		_, ended := c.page.ended()
		if ended {
			<-c.page.served
			c.page, c.stuck = nil, false
			continue
		}
		if missed := s.after(c); !c.stuck && len(missed) > 0 {
			s.t.Fatalf("%s (%s) saw %d and was not told %v, the head is %d", c.session, c.who, c.since, missed, s.head)
		}
	}
}

// after lists what the client is owed and was not told.
func (s *sim) after(c *client) []store.Seq {
	all := s.owed[c.who]
	at, _ := slices.BinarySearch(all, c.since+1)
	return all[at:]
}

// read checks frames that a client was told: the next owed event each, and pings that promise no more than was told.
func (s *sim) read(c *client, frames []frame) {
	for _, f := range frames {
		next := s.after(c)
		switch f.T {
		case "event":
			if len(next) == 0 || f.Seq != next[0] {
				s.t.Fatalf("%s (%s) saw %d and was told %d, owed is %v", c.session, c.who, c.since, f.Seq, next)
			}
			c.since = f.Seq
			s.fresh(c, f)
		case "ping":
			if len(next) > 0 && f.At >= next[0] || f.At < c.since {
				s.t.Fatalf("%s was pinged at %d, saw %d, is owed %v", c.session, f.At, c.since, next)
			}
			c.since = f.At
		default:
			s.t.Fatalf("%s was told %+v", c.session, f)
		}
	}
}

func (s *sim) fresh(c *client, f frame) {
	if f.Kind != "message.posted" {
		return
	}
	var b chat.Posted
	if err := json.Unmarshal(f.Body, &b); err != nil {
		s.t.Fatalf("read %s: %v", f.Body, err)
	}
	if got, want := b.Message.Text, c.version[f.Seq]; len(got) == len(fmt.Sprint(want)) && got < fmt.Sprint(want) {
		s.t.Fatalf("%s was told version %s of %d, which was version %d before it came", c.session, got, f.Seq, want)
	}
}
