package incident

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/id"
	"watchroom/store"
)

// The states of readiness.
const (
	ReadyArmed    = "armed"          // a device rings, and its owner confirmed hearing it within a day
	ReadyUnproven = "armed_unproven" // a device rings, but nobody confirmed hearing it
	ReadyAway     = "away"           // only ways outside the browser
	ReadyDark     = "dark"           // nothing
)

const darkAfter = 5 * time.Minute // somebody on call cannot be rung: the team is told

// darkness is that somebody on call cannot be rung.
type darkness struct {
	Person id.Person `json:"person"`
	Since  id.Millis `json:"since"`
	Told   bool      `json:"told,omitempty"`
}

var darks = store.NewTable("darkness", func(d *darkness) []byte { return store.Key(string(d.Person)) })

// Readiness says whether people can be rung now; everybody on call when nobody is named. Devices are shown to the person and to
// administrators; a guest sees only its own.
func (s *Service) Readiness(ctx context.Context, who account.Actor, people ...id.Person) ([]Readiness, error) {
	var list []Readiness
	err := s.store.View(ctx, func(tx *store.Tx) error {
		list = s.ReadinessTx(tx, who, people...)
		return nil
	})
	return list, err
}

// ReadinessTx is Readiness within a transaction.
func (s *Service) ReadinessTx(tx *store.Tx, who account.Actor, people ...id.Person) []Readiness {
	if len(people) == 0 {
		people = s.onCall(tx, tx.Now())
	}
	list := []Readiness{}
	for _, p := range people {
		if _, ok := s.people.ActorTx(tx, p); !ok || !who.System && who.Role == account.Guest && who.Person != p {
			continue
		}
		r := s.ready(tx, p)
		if who.Person != p && !who.IsAdmin() {
			r.Devices = nil
		}
		list = append(list, r)
	}
	return list
}

// ready is whether one person can be rung, with everything.
func (s *Service) ready(tx *store.Tx, p id.Person) Readiness {
	r := Readiness{Person: p}
	for _, w := range s.people.WaysTx(tx, p) {
		if w.Kind != account.WayBrowser && !slices.Contains(r.Ways, string(w.Kind)) {
			r.Ways = append(r.Ways, string(w.Kind))
		}
	}
	s.mu.Lock()
	for _, d := range s.devices[p] {
		r.Devices = append(r.Devices, *d)
	}
	s.mu.Unlock()
	slices.SortFunc(r.Devices, func(a, b DeviceState) int { return strings.Compare(string(a.Device), string(b.Device)) })
	rings, heard := 0, id.Millis(0)
	for _, d := range r.Devices {
		if d.rings() {
			rings++
			heard = max(heard, d.Proven)
		}
	}
	now := s.o.Now()
	switch {
	case rings > 0 && heard != 0 && now.Sub(heard.Time()) < provenFor:
		r.State, r.Words = ReadyArmed, "armed; a test tone was heard "+ago(now.Sub(heard.Time()))
	case rings > 0:
		r.State, r.Words = ReadyUnproven, "armed, but nobody confirmed hearing a test tone within a day"
	case len(r.Ways) > 0:
		r.State, r.Words = ReadyAway, "no browser rings ("+silence(r.Devices)+"); only "+strings.Join(r.Ways, " and ")
	default:
		r.State, r.Words = ReadyDark, "cannot be rung: "+silence(r.Devices)+", and no other way is set"
	}
	return r
}

// silence says why none of these devices rings: what the one that was seen last says.
func silence(devices []DeviceState) string {
	why, newest := "no browser is connected", id.Millis(0)
	for _, d := range devices {
		if !d.rings() && d.Seen >= newest {
			newest, why = d.Seen, reason(d)
		}
	}
	return why
}

// reason says why a device does not ring.
func reason(d DeviceState) string {
	switch {
	case !d.Online:
		return nonempty(d.Why, "its browser is not connected")
	case d.Phone && d.Hidden:
		return "the page on the phone is hidden or the phone is locked"
	}
	return nonempty(d.Why, "its browser is not armed")
}

func ago(d time.Duration) string {
	if d < 2*time.Minute {
		return "just now"
	}
	return span(d) + " ago"
}

// reaches tells whether a browser of the person rings.
func (r Readiness) reaches() bool { return r.State == ReadyArmed || r.State == ReadyUnproven }

// judge tells what changed in a person's readiness, and watches over somebody on call who cannot be rung.
func (s *Service) judge(ctx context.Context, p id.Person) error {
	var r Readiness
	moved := false
	err := s.store.View(ctx, func(tx *store.Tx) error {
		r = s.ready(tx, p)
		_, dark := darks.Get(tx, store.Key(string(p)))
		called := slices.Contains(s.onCall(tx, tx.Now()), p)
		moved = dark != (called && !r.reaches())
		return nil
	})
	if err != nil {
		return err
	}
	if s.o.OnReadiness != nil {
		s.o.OnReadiness(r)
	}
	if !moved {
		return nil
	}
	return s.change(ctx, account.System(), func(c *change) error {
		s.watch(c, p)
		return nil
	})
}

// watch begins or ends the watch over one person, as things stand.
func (s *Service) watch(c *change, p id.Person) {
	key := store.Key(string(p))
	d, dark := darks.Get(c.Tx, key)
	called := slices.Contains(s.onCall(c.Tx, c.Now()), p)
	reached := s.ringable(p)
	switch {
	case called && !reached && !dark:
		darks.Put(c.Tx, darkness{Person: p, Since: c.now()})
		c.dueIn(dueDark, string(p), darkAfter)
	case dark && (reached || !called):
		darks.Delete(c.Tx, key)
		c.undue(dueDark, string(p))
		if d.Told && reached {
			s.tellTeams(c, p, s.name(c.Tx, p)+" is on call and can be rung again.")
		}
	}
}

// darkDue tells the person and the team that somebody on call cannot be rung.
func (s *Service) darkDue(c *change, due due) error {
	p := id.Person(due.ID)
	d, ok := darks.Get(c.Tx, store.Key(due.ID))
	if !ok || d.Told || s.ringable(p) || !slices.Contains(s.onCall(c.Tx, c.Now()), p) {
		return nil
	}
	d.Told = true
	darks.Put(c.Tx, d)
	if who, ok := s.people.PersonTx(c.Tx, p); ok {
		r := s.ready(c.Tx, p)
		other := "Nothing else is set that would reach them."
		if len(r.Ways) > 0 {
			other = "They are reached by " + strings.Join(r.Ways, " and ") + " only."
		}
		s.tellTeams(c, p, fmt.Sprintf("@%s is on call, and for 5 min no browser of theirs could ring: %s. %s", who.Handle, silence(r.Devices), other))
	}
	return nil
}

// tellTeams posts a line to the rooms of the teams for which a person is on call.
func (s *Service) tellTeams(c *change, p id.Person, text string) {
	var told []id.Room
	for t := range teams.Scan(c.Tx, store.Range{}) {
		if !slices.Contains(s.OnCallTx(c.Tx, t.Schedule, c.Now()), p) {
			continue
		}
		room := s.firstRoom(c.Tx, t.Room, opsRoom(c.Tx))
		if room != "" && !slices.Contains(told, room) {
			told = append(told, room)
			s.say(c, room, chat.PostIn{Text: text})
		}
	}
	if room := opsRoom(c.Tx); len(told) == 0 && room != "" {
		s.say(c, room, chat.PostIn{Text: text})
	}
}

// begin looks at the start who is on call, and when that changes.
func (s *Service) begin(ctx context.Context) error {
	return s.change(ctx, account.System(), func(c *change) error {
		for v := range schedules.Scan(c.Tx, store.Range{}) {
			s.dueShift(c, v)
		}
		s.watchAll(c)
		return nil
	})
}

// watchAll looks at everybody on call, and at everybody who was.
func (s *Service) watchAll(c *change) {
	people := s.onCall(c.Tx, c.Now())
	for d := range darks.Scan(c.Tx, store.Range{}) {
		people = with(people, d.Person)
	}
	for _, p := range people {
		s.watch(c, p)
	}
}

// shiftDue looks who is on call from now on.
func (s *Service) shiftDue(c *change, d due) error {
	v, ok := schedules.Get(c.Tx, store.Key(d.ID))
	if !ok {
		return nil
	}
	s.watchAll(c)
	s.dueShift(c, v)
	if s.o.OnReadiness != nil {
		for _, p := range v.At(c.Now()) {
			s.o.OnReadiness(s.ready(c.Tx, p))
		}
	}
	return nil
}
