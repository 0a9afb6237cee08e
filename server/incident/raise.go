package incident

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"watchroom/server/account"
	"watchroom/server/alert"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

const archiveAfter = 24 * time.Hour // after a resolve, the incident's room is put away

// What an alert that a person raised says besides, as annotations.
const (
	raisedBy     = "by"
	raisedPerson = "person"
	raisedTeam   = "team"
)

// RaiseIn is an incident that a person raises by hand.
type RaiseIn struct {
	Title    string
	Text     string
	Severity alert.Severity // critical when empty
	Team     id.Team        // whose policy rings; the default team's when empty
	Person   id.Person      // page this one only
	Room     id.Room        // where the line goes; the team's room when empty
	Key      string         // the same key joins; always a new incident when empty
	Test     bool           // a rehearsal
}

// Raise opens an incident by hand. It takes the road of every other alert: through an integration.
func (s *Service) Raise(ctx context.Context, who account.Actor, in RaiseIn) (Incident, error) {
	a, err := s.raised(ctx, who, in)
	if err != nil {
		return Incident{}, err
	}
	body, err := json.Marshal(a)
	if err != nil {
		return Incident{}, fmt.Errorf("encode raised alert: %w", err)
	}
	var manual keyed
	err = s.store.View(ctx, func(tx *store.Tx) error {
		var ok bool
		if manual, ok = integrations.Get(tx, store.Key(string(manualIntegration))); !ok {
			return errNoIntegration
		}
		return nil
	})
	if err != nil {
		return Incident{}, err
	}
	r, err := s.Receive(ctx, ReceiveIn{Integration: manual.Integration, Body: body, Remote: "by " + who.Handle, Test: in.Test})
	if err != nil {
		return Incident{}, err
	}
	if len(r.Decisions) == 0 || r.Decisions[0].Incident == 0 {
		return Incident{}, fault.New(fault.Invalid, "this opened no incident: %s", r.Error)
	}
	d, err := s.Incident(ctx, account.System(), r.Decisions[0].Incident)
	return d.Incident, err
}

// raised is what a person says, as an alert.
func (s *Service) raised(ctx context.Context, who account.Actor, in RaiseIn) (alert.Alert, error) {
	title, err := account.Line("title", strings.Join(strings.Fields(in.Title), " "), 200)
	switch {
	case !who.System && who.Role == account.Guest:
		return alert.Alert{}, errGuest
	case err != nil:
		return alert.Alert{}, err
	case title == "":
		return alert.Alert{}, fault.Field("title", "has 1 to 200 characters")
	case len(in.Text) > 16_000 || !utf8.ValidString(in.Text):
		return alert.Alert{}, fault.Field("text", "has at most 16000 bytes")
	case in.Severity != "" && in.Severity != alert.Critical && in.Severity != alert.Low:
		return alert.Alert{}, fault.Field("severity", "is critical or low")
	case len(in.Key) > 200:
		return alert.Alert{}, fault.Field("key", "has at most 200 bytes")
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if in.Person != "" {
			if _, ok := s.people.ActorTx(tx, in.Person); !ok || in.Person == account.SystemPerson {
				return fault.Field("person", "there is no such person, or the account is disabled")
			}
		}
		if _, ok := teams.Get(tx, store.Key(string(in.Team))); in.Team != "" && !ok {
			return fault.Field("team", "there is no such team")
		}
		if in.Room != "" && !s.rooms.ReadableTx(tx, who, in.Room) {
			return fault.Field("room", "there is no such room, or you are not in it")
		}
		return nil
	})
	if err != nil {
		return alert.Alert{}, err
	}
	key := cmp.Or(in.Key, id.New[string]("by-hand"))
	now := s.o.Now()
	a := alert.Alert{
		Key: key, Group: key, Status: alert.Firing, Title: title, Text: in.Text, Severity: cmp.Or(in.Severity, alert.Critical),
		SeverityWhy: "as " + who.Handle + " says", Room: string(in.Room), As: who.Handle, StartsAt: now,
		Annotations: map[string]string{raisedBy: who.Handle},
	}
	if in.Person != "" {
		a.Annotations[raisedPerson] = string(in.Person)
	}
	if in.Team != "" {
		a.Annotations[raisedTeam] = string(in.Team)
	}
	return a, nil
}

// open makes a new incident. Nobody knows of it before announce.
func (s *Service) open(c *change, in *ReceiveIn, key string, lead routed) *record {
	n := id.Incident(1)
	for last := range incidents.Scan(c.Tx, store.Range{Reverse: true}) {
		n = last.ID + 1
		break
	}
	r := &record{Incident: Incident{
		ID: n, Key: key, Title: clip(cmp.Or(lead.GroupTitle, lead.Title, "alert without a name"), 800), Severity: lead.to.severity,
		State: Triggered, Room: lead.to.room, From: lead.to.room, Team: lead.to.team, Policy: lead.to.policy,
		Integration: in.Integration.ID, Route: lead.to.words, Shadow: in.Integration.Shadow, Test: in.Test, Opened: c.now(),
	}}
	if in.Integration.Kind == KindManual {
		r.Direct = id.Person(lead.Annotations[raisedPerson])
	}
	return r
}

// announce shows a new incident: a critical one in a room of its own and as one line in the everyday room, a low one as a card there.
func (s *Service) announce(c *change, r *record, lead routed) {
	if r.Severity == alert.Critical {
		s.ownRoom(c, r, lead.Alert)
	}
	s.put(c, r, EventOpened)
	text := fmt.Sprintf("#%d %s: %s, %s", r.ID, r.Title, r.Severity, firing(r.Firing))
	s.note(c, r, Entry{Kind: "opened", Text: fmt.Sprintf("Opened as %s (%s). Route: %s.", r.Severity, lead.to.why, r.Route)})
	if r.Room != r.From {
		s.say(c, r.Room, chat.PostIn{Text: text, Card: &chat.Card{Incident: r.ID}})
		text += ". Worked on in " + s.roomName(c.Tx, r.Room)
	}
	r.Line = s.say(c, r.From, chat.PostIn{Text: text, Card: &chat.Card{Incident: r.ID}})
}

func firing(n int) string {
	if n == 1 {
		return "1 alert fires"
	}
	return fmt.Sprintf("%d alerts fire", n)
}

// ownRoom gives a critical incident its room. Where that cannot be made, it is worked on where it was announced.
func (s *Service) ownRoom(c *change, r *record, a alert.Alert) {
	kind := chat.Private
	if from, ok := s.rooms.RoomTx(c.Tx, r.From); ok && from.Kind == chat.Public {
		kind = chat.Public
	}
	room, err := s.rooms.CreateRoomTx(c.Tx, account.System(), chat.RoomIn{
		Kind: kind, Name: fmt.Sprintf("inc-%d-%s", r.ID, slug(cmp.Or(a.Labels["service"], a.Labels["alertname"], r.Title))),
		Topic: visible(clip(r.Title, 200)), Priority: true, Incident: r.ID, From: r.From, Team: r.Team,
	})
	if err != nil {
		s.o.Log.Error("no room of its own", "incident", r.ID, "error", err)
		return
	}
	r.Room = room.ID
}

// visible is s without what a topic may not hold.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if account.Invisible(r) {
			return -1
		}
		return r
	}, s)
}

// slugMax is how much of a title a room's name takes: it stands in a narrow list.
const slugMax = 24

// slug is s as a part of a room's name, cut between words.
func slug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() > slugMax {
			break
		}
	}
	name := b.String()
	if len(name) > slugMax {
		name = name[:slugMax]
		if cut := strings.LastIndexByte(name, '-'); cut > slugMax/3 {
			name = name[:cut]
		}
	}
	return cmp.Or(strings.Trim(name, "-"), "alert")
}

// join takes new alerts into an open incident. They update its card; they ring again only when it has become critical, or when
// nobody took it and ringing had ended.
func (s *Service) join(c *change, r *record, fired []rowRecord) {
	r.SenderDone = false
	names := []string{}
	for _, row := range fired {
		if names = append(names, row.Alert.Title); len(names) == 3 {
			break
		}
	}
	s.note(c, r, Entry{Kind: "joined", Text: fmt.Sprintf("Joined by %d: %s. %s.", len(fired), strings.Join(names, "; "), firing(r.Firing))})
	if r.Climb != nil && r.Climb.Over() {
		r.Climb = nil
	}
}

// worsen takes in that an incident has become critical: it gets a room of its own, and rings although somebody owns it.
func (s *Service) worsen(c *change, r *record) {
	if r.Room == r.From {
		s.ownRoom(c, r, alert.Alert{})
		s.say(c, r.Room, chat.PostIn{Text: fmt.Sprintf("#%d %s: %s, %s", r.ID, r.Title, r.Severity, firing(r.Firing)), Card: &chat.Card{Incident: r.ID}})
	}
	s.note(c, r, Entry{Kind: "worse", Text: "Critical from now on."})
	s.say(c, r.From, chat.PostIn{Text: fmt.Sprintf("#%d is critical from now on. Worked on in %s", r.ID, s.roomName(c.Tx, r.Room)), Card: &chat.Card{Incident: r.ID}})
	c.undue(dueRemind, nth(r.ID))
	if r.State == Acknowledged {
		s.unown(c, r)
	}
}

// reopen goes on with a resolved incident in the same room.
func (s *Service) reopen(c *change, r *record) {
	s.unarchive(c, r)
	c.undue(dueArchive, nth(r.ID))
	r.State, r.Resolved, r.Acked, r.Owner, r.SenderDone = Triggered, 0, 0, "", false
	r.Paged, r.NotDelivered, r.Chimed = nil, false, false
	r.Reopened++
	s.note(c, r, Entry{Kind: "reopened", Text: "Fires again. Reopened: " + firing(r.Firing) + "."})
	s.tell(c, r, "Fires again. Reopened: %s.", firing(r.Firing))
	if from := s.firstRoom(c.Tx, r.From); from != "" && r.Room != r.From {
		r.Line = s.say(c, from, chat.PostIn{Text: fmt.Sprintf("#%d %s: fires again, %s", r.ID, r.Title, firing(r.Firing)), Card: &chat.Card{Incident: r.ID}})
	}
}

func (s *Service) unarchive(c *change, r *record) {
	if room, ok := s.rooms.RoomTx(c.Tx, r.Room); ok && room.Archived && room.Priority {
		no := false
		if _, err := s.rooms.UpdateRoomTx(c.Tx, account.System(), r.Room, chat.RoomPatch{Archived: &no}); err != nil {
			s.o.Log.Warn("room not opened again", "incident", r.ID, "error", err)
		}
	}
}

// senderDone takes in that the sender says all is well: what nobody owns is resolved, and an owner is asked.
func (s *Service) senderDone(c *change, r *record) {
	if r.State != Acknowledged {
		s.close(c, r, "Resolved: the sender says that nothing fires any more.")
		return
	}
	r.SenderDone = true
	s.note(c, r, Entry{Kind: "all clear", Text: "The sender says that nothing fires any more."})
	who := "Close it?"
	if p, ok := s.people.PersonTx(c.Tx, r.Owner); ok && r.Owner != account.SystemPerson {
		who = "@" + p.Handle + ", close it?"
	}
	s.tell(c, r, "All clear: the sender says that nothing fires any more. %s", who)
}

// close resolves r: horns stop, its own silence ends, its room is put away a day later. Rows that still fire are over
// as far as people are concerned; when their sender says more of them, they open it again.
func (s *Service) close(c *change, r *record, words string) {
	s.hush(c, r, "", words)
	r.State, r.Resolved, r.Firing = Resolved, c.now(), 0
	r.Swept = c.now()
	r.Episode++
	r.SenderDone, r.Lapses, r.Quiet, r.SilencedTill, r.Held, r.Undo, r.NotDelivered = false, 0, 0, 0, "", nil, false
	for _, kind := range []string{dueLapse, dueRemind, dueRows, dueQuiet} {
		c.undue(kind, nth(r.ID))
	}
	s.note(c, r, Entry{Kind: "resolved", Actor: actorOf(c), Text: words})
	s.tell(c, r, "%s", words)
	if room, ok := s.rooms.RoomTx(c.Tx, r.Room); ok && room.Priority {
		c.dueIn(dueArchive, nth(r.ID), archiveAfter)
	}
	s.endUntilResolved(c, r)
}

// actorOf is who did it, nobody when it was the server itself.
func actorOf(c *change) id.Person {
	if c.who.System {
		return ""
	}
	return c.who.Person
}

// archiveDue puts the room of a resolved incident away.
func (s *Service) archiveDue(c *change, d due) error {
	r, ok := incidents.Get(c.Tx, number(parseNth(d.ID)))
	if ok && r.State == Resolved {
		s.archive(c, &r)
	}
	return nil
}

func (s *Service) archive(c *change, r *record) {
	if room, ok := s.rooms.RoomTx(c.Tx, r.Room); ok && room.Priority && !room.Archived {
		yes := true
		if _, err := s.rooms.UpdateRoomTx(c.Tx, account.System(), r.Room, chat.RoomPatch{Archived: &yes}); err != nil {
			s.o.Log.Warn("room not archived", "incident", r.ID, "error", err)
		}
	}
}

// Resolve closes an incident.
func (s *Service) Resolve(ctx context.Context, who account.Actor, n id.Incident) (Incident, error) {
	return s.act(ctx, who, n, func(c *change, r *record) error {
		if r.State == Resolved {
			return fault.New(fault.Conflict, "#%d is resolved already", n)
		}
		s.close(c, r, "Resolved by "+s.name(c.Tx, who.Person)+".")
		return nil
	})
}

// outcome says in words what became of a group.
func (s *Service) outcome(c *change, r *record, what string) string {
	switch {
	case r.State == Resolved:
		return fmt.Sprintf("resolved #%d", r.ID)
	case r.SenderDone:
		return fmt.Sprintf("all clear for #%d, waiting for %s to close it", r.ID, s.handles(c.Tx, []id.Person{r.Owner}))
	case what == "":
		what = fmt.Sprintf("#%d goes on, %s", r.ID, firing(r.Firing))
	default:
		what = fmt.Sprintf("%s #%d", what, r.ID)
	}
	switch {
	case r.Held != "":
		return what + ", shown only: " + r.Held
	case len(r.Ringing) > 0:
		return what + ", ringing " + s.handles(c.Tx, r.Ringing)
	case r.State == Acknowledged:
		return what + ", acknowledged by " + s.handles(c.Tx, []id.Person{r.Owner})
	}
	return what
}
