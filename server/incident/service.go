package incident

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/oncall"
	"watchroom/store"
)

// Options are what the service needs from outside; the zero value is right for a test.
type Options struct {
	Now         func() time.Time // the clock on the wall: time.Now
	PublicURL   string           // begins every link
	Log         *slog.Logger
	AckLapse    time.Duration   // 30 min: how long an acknowledgement holds without activity of its owner
	OnReadiness func(Readiness) // somebody can be rung from now on, or cannot; must not block
}

const ackLapse = 30 * time.Minute

// Service is the use cases of this package.
type Service struct {
	store  *store.Store
	people *account.Service
	rooms  *chat.Service
	o      Options
	counts counts

	poke chan struct{} // has room for one: deadlines changed

	mu      sync.Mutex // guards what follows
	moved   []dueKey   // deadlines that changed since the engine looked
	devices map[id.Person]map[id.Device]*DeviceState
	sounds  map[id.Incident]map[id.Person]map[id.Device]bool // which devices say that they play
}

// New is the service above st. Setup must have run before anything is raised.
func New(st *store.Store, people *account.Service, rooms *chat.Service, o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.AckLapse <= 0 {
		o.AckLapse = ackLapse
	}
	o.PublicURL = strings.TrimSuffix(o.PublicURL, "/")
	return &Service{
		store: st, people: people, rooms: rooms, o: o, poke: make(chan struct{}, 1),
		devices: map[id.Person]map[id.Device]*DeviceState{},
		sounds:  map[id.Incident]map[id.Person]map[id.Device]bool{},
	}
}

// record is an incident with what clients do not see.
type record struct {
	Incident
	Climb    *oncall.Climb       `json:"climb,omitempty"`  // nil: nothing climbs
	Bells    map[id.Person]*bell `json:"bells,omitempty"`  // the newest page to each ringing person's browser
	Called   []id.Person         `json:"called,omitempty"` // the people of the step where the climb stands
	Direct   id.Person           `json:"direct,omitempty"` // whoever raised it wants this person only
	Quiet    id.Millis           `json:"quiet,omitempty"`  // itself silenced until then; -1: until resolved
	Held     string              `json:"held,omitempty"`   // in words: why it is shown and not paged
	Chimed   bool                `json:"chimed,omitempty"` // a low one has chimed
	Undo     *undo               `json:"undo,omitempty"`
	Entries  int                 `json:"entries"`
	Episode  int                 `json:"episode"`            // how often it was resolved
	Swept    id.Millis           `json:"swept,omitempty"`    // when it was last resolved: rows of an earlier episode ended then
	Repeated id.Millis           `json:"repeated,omitempty"` // when a repeat was last announced
	Cleaned  bool                `json:"cleaned,omitempty"`
}

// bell is the page that rings one person's devices, and how often other ways were tried.
type bell struct {
	Page     id.Page   `json:"page"`
	State    PageState `json:"state"`
	Queued   id.Millis `json:"queued"`
	Attempts int       `json:"attempts,omitempty"`
}

func (b *bell) plays() bool { return b != nil && (b.State == Playing || b.State == Heard) }
func (b *bell) waits() bool {
	return b != nil && (b.State == Queued || b.State == Sent || b.State == Received)
}

var (
	incidents = store.NewTable("incident", func(r *record) []byte { return number(r.ID) },
		store.Index[record]{Name: "state", Keys: func(r *record) [][]byte { return [][]byte{store.Key(r.openness())} }},
		store.Index[record]{Name: "key", Keys: func(r *record) [][]byte { return [][]byte{store.Key(r.Key)} }},
		store.Index[record]{Name: "owned", Keys: func(r *record) [][]byte {
			if r.State != Acknowledged {
				return nil
			}
			return [][]byte{store.Key(string(r.Room))}
		}},
		store.Index[record]{Name: "test", Keys: func(r *record) [][]byte {
			if !r.Test || r.Cleaned {
				return nil
			}
			return [][]byte{store.Key("test")}
		}},
	)
	entries = store.NewTable("incidententry", func(e *Entry) []byte { return store.Key(uint64(e.Incident), e.N) })
	pages   = store.NewTable("page", func(p *Page) []byte { return store.Key(string(p.ID)) },
		store.Index[Page]{Name: "incident", Keys: func(p *Page) [][]byte { return [][]byte{number(p.Incident)} }},
		store.Index[Page]{Name: "live", Keys: func(p *Page) [][]byte {
			if !p.live() {
				return nil
			}
			return [][]byte{number(p.Incident)}
		}},
		store.Index[Page]{Name: "queued", Keys: func(p *Page) [][]byte {
			if p.State != Queued || p.Way == account.WayBrowser {
				return nil
			}
			return [][]byte{store.Key("queued")}
		}},
	)
)

func number(n id.Incident) []byte { return store.Key(uint64(n)) }

const (
	stateOpen     = "open"
	stateResolved = "resolved"
)

func (r *record) openness() string {
	if r.State == Resolved {
		return stateResolved
	}
	return stateOpen
}

// live tells whether an acknowledgement still has something to stop.
func (p Page) live() bool {
	switch p.State {
	case Queued:
		return true
	case Sent, Received, Playing, Heard:
		return p.Way == account.WayBrowser
	}
	return false
}

// change is one transaction of this package: who acts, and which deadlines it moved.
type change struct {
	*store.Tx
	who   account.Actor
	moved []dueKey
	shift time.Duration // of a deadline that runs: how far the wall clock was set since
}

// change runs fn as who in one transaction and lets the engine know of moved deadlines after it stands.
func (s *Service) change(ctx context.Context, who account.Actor, fn func(*change) error) error {
	var moved []dueKey
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		c := &change{Tx: tx, who: who}
		err := fn(c)
		moved = c.moved
		return err
	})
	if err == nil {
		s.wake(moved)
	}
	return err
}

// wake hands moved deadlines to the engine.
func (s *Service) wake(moved []dueKey) {
	if len(moved) == 0 {
		return
	}
	s.mu.Lock()
	s.moved = append(s.moved, moved...)
	s.mu.Unlock()
	select {
	case s.poke <- struct{}{}:
	default:
	}
}

// now is the moment of the change as the API writes it.
func (c *change) now() id.Millis { return id.At(c.Now()) }

// emit announces body to the members of room and to others.
func (c *change) emit(kind string, room id.Room, to []string, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		c.Fail(fmt.Errorf("encode %s: %w", kind, err))
		return
	}
	c.Emit(store.Event{Kind: kind, Room: string(room), To: to, Actor: string(c.who.Person), Body: raw})
}

// audience is who sees r beyond the members of its room: the paged, and whoever reads the room that it came from.
func (s *Service) audience(c *change, r *record) []string {
	var to []string
	for _, p := range r.Paged {
		to = append(to, string(p))
	}
	from, ok := s.rooms.RoomTx(c.Tx, r.From)
	switch {
	case !ok || r.From == r.Room:
	case from.Kind == chat.Public:
		return append(to, "*")
	default:
		for _, p := range s.rooms.MembersTx(c.Tx, r.From) {
			if who, ok := s.people.PersonTx(c.Tx, p); ok && who.Role != account.Guest && !slices.Contains(r.Paged, p) {
				to = append(to, string(p))
			}
		}
		return to
	}
	if ok && from.Kind == chat.Public {
		to = append(to, "*")
	}
	return to
}

// put keeps r and announces it as kind.
func (s *Service) put(c *change, r *record, kind string) {
	incidents.Put(c.Tx, *r)
	var body any = Changed{Incident: r.Incident}
	if kind == EventOpened {
		body = Opened{Incident: r.Incident}
	}
	c.emit(kind, r.Room, s.audience(c, r), body)
}

// say posts a line of the server's own into a room. A room that refuses must not keep anybody from being rung: then the line is
// only in the log of the program.
func (s *Service) say(c *change, room id.Room, in chat.PostIn) uint64 {
	in.Room = room
	in.As = visible(clip(in.As, 80))
	m, err := s.rooms.PostTx(c.Tx, account.System(), in)
	if err != nil {
		s.o.Log.Warn("line not posted", "room", room, "text", in.Text, "error", err)
		return 0
	}
	return m.ID
}

// tell posts a short line into the incident's room.
func (s *Service) tell(c *change, r *record, format string, args ...any) {
	s.say(c, r.Room, chat.PostIn{Text: fmt.Sprintf(format, args...)})
}

// handles names people without calling them: a line of the server's own is no mention.
func (s *Service) handles(tx *store.Tx, people []id.Person) string {
	var names []string
	for _, p := range people {
		if who, ok := s.people.PersonTx(tx, p); ok {
			names = append(names, who.Handle)
		}
	}
	switch n := len(names); n {
	case 0:
		return "nobody"
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}

// name is what the lines call one person.
func (s *Service) name(tx *store.Tx, p id.Person) string {
	if who, ok := s.people.PersonTx(tx, p); ok {
		return who.Name
	}
	return "somebody"
}

var (
	errNoIncident = fault.New(fault.Missing, "there is no such incident, or you may not see it")
	errAdmin      = fault.New(fault.Denied, "only an administrator may do this")
	errGuest      = fault.New(fault.Denied, "guests may not do this")
)

// readable tells whether who may see r: whoever reads the room that it came from, the members of its own, and the paged. A guest
// must be a member of its room.
func (s *Service) readable(tx *store.Tx, who account.Actor, r *record) bool {
	switch {
	case who.System, s.rooms.MemberTx(tx, r.Room, who.Person), slices.Contains(r.Paged, who.Person):
		return true
	case who.Role == account.Guest:
		return false
	}
	return s.rooms.ReadableTx(tx, who, r.From)
}

// find is an incident that who may see.
func (s *Service) find(tx *store.Tx, who account.Actor, n id.Incident) (*record, error) {
	r, ok := incidents.Get(tx, number(n))
	if !ok || !s.readable(tx, who, &r) {
		return nil, errNoIncident
	}
	return &r, nil
}

// act changes one incident as who, who is no guest unless it was paged, and announces it.
func (s *Service) act(ctx context.Context, who account.Actor, n id.Incident, fn func(*change, *record) error) (out Incident, err error) {
	err = s.change(ctx, who, func(c *change) error {
		r, err := s.find(c.Tx, who, n)
		if err != nil {
			return err
		}
		if !who.System && who.Role == account.Guest && !slices.Contains(r.Paged, who.Person) {
			return errGuest
		}
		if err := fn(c, r); err != nil {
			return err
		}
		s.touch(c, r)
		s.put(c, r, EventChanged)
		out = r.Incident
		return nil
	})
	return out, err
}

func with(list []id.Person, p id.Person) []id.Person {
	if slices.Contains(list, p) {
		return list
	}
	return append(slices.Clip(list), p)
}
