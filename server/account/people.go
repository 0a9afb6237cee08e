package account

import (
	"context"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

var handleForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,31}$`)

// reserved handles would be mistaken for something else after an @.
var reserved = []string{"all", "channel", "everyone", "here", "nobody", "oncall", "room", "team", "watchroom"}

const (
	botsPerOwner = 50
	setLinkLives = 72 * time.Hour
)

func validHandle(handle string) (string, error) {
	handle = strings.ToLower(strings.TrimSpace(handle))
	if !handleForm.MatchString(handle) {
		return "", fault.Field("handle", "begins with a letter or digit and has at most 32 of a-z 0-9 . _ -")
	}
	if slices.Contains(reserved, handle) || strings.HasPrefix(handle, "oncall-") {
		return "", fault.Field("handle", "%q means something else here; choose another", handle)
	}
	return handle, nil
}

// Line is s as one line of plain text: trimmed, in normal form, at most most characters, and without control characters
// or the invisible ones that make text read differently than it is. The error names field.
func Line(field, s string, most int) (string, error) {
	if !utf8.ValidString(s) {
		return "", fault.Field(field, "must be text")
	}
	s = strings.TrimSpace(norm.NFC.String(s))
	if utf8.RuneCountInString(s) > most {
		return "", fault.Field(field, "has more than %d characters", most)
	}
	for _, r := range s {
		if Invisible(r) {
			return "", fault.Field(field, "holds an invisible character (%U)", r)
		}
	}
	return s, nil
}

// Invisible tells whether r is a control character or changes how its neighbours read without being seen.
func Invisible(r rune) bool {
	switch {
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
		return true
	case r == '\u200b', r == '\u2028', r == '\u2029', r == '\u2060', r == '\ufeff', r == '\u00ad':
		return true
	}
	return false
}

// rank orders the roles; an unknown one is below all.
func rank(r Role) int {
	return slices.Index([]Role{Guest, Member, Admin, Owner}, r)
}

// may tells whether who may administer somebody of this role, or give it.
func (a Actor) may(r Role) bool {
	return a.System || a.IsAdmin() && rank(r) <= rank(a.Role)
}

// PersonTx is the person with this id.
func (s *Service) PersonTx(tx *store.Tx, p id.Person) (Person, bool) {
	return people.Get(tx, personKey(p))
}

// ByHandleTx is the person with this handle, disabled ones included.
func (s *Service) ByHandleTx(tx *store.Tx, handle string) (Person, bool) {
	return byHandle(tx, strings.ToLower(handle))
}

func byHandle(tx *store.Tx, handle string) (Person, bool) {
	if !handleForm.MatchString(handle) {
		return Person{}, false
	}
	for p := range people.By(tx, "handle", store.Prefix(store.Key(handle))) {
		return p, true
	}
	return Person{}, false
}

// AdminsTx lists the owners and admins who can act: people, not bots.
func (s *Service) AdminsTx(tx *store.Tx) []id.Person {
	var list []id.Person
	for _, r := range []Role{Owner, Admin} {
		for p := range people.By(tx, "role", store.Prefix(store.Key(string(r)))) {
			if !p.Disabled && !p.Bot {
				list = append(list, p.ID)
			}
		}
	}
	return list
}

// ActorTx is a person as an actor with the rights of this moment: not ok when disabled, or the bot of somebody who is.
func (s *Service) ActorTx(tx *store.Tx, person id.Person) (Actor, bool) {
	if person == SystemPerson {
		return System(), true
	}
	p, ok := people.Get(tx, personKey(person))
	if !ok || p.Disabled {
		return Actor{}, false
	}
	a := Actor{Person: p.ID, Handle: p.Handle, Role: p.Role, Bot: p.Bot}
	if p.Bot && p.Owner != "" && p.Owner != SystemPerson {
		owner, ok := people.Get(tx, personKey(p.Owner))
		if !ok || owner.Disabled {
			return Actor{}, false
		}
		if rank(owner.Role) < rank(a.Role) {
			a.Role = owner.Role
		}
	}
	return a, rank(a.Role) >= 0
}

// ActorOf is ActorTx in a view of its own, for followers that act for somebody.
func (s *Service) ActorOf(ctx context.Context, person id.Person) (a Actor, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		var ok bool
		if a, ok = s.ActorTx(tx, person); !ok {
			return fault.New(fault.Denied, "this account cannot act any more")
		}
		return nil
	})
	return a, err
}

// People lists everybody whom who may see, by handle: a guest sees the people of its rooms.
func (s *Service) People(ctx context.Context, who Actor) ([]Person, error) {
	list := []Person{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		for p := range people.By(tx, "handle", store.Range{}) {
			if s.SeesTx(tx, who, p.ID) {
				list = append(list, p)
			}
		}
		return nil
	})
	return list, err
}

// AllTx lists everybody, disabled accounts too.
func (s *Service) AllTx(tx *store.Tx) []Person {
	var list []Person
	for p := range people.Scan(tx, store.Range{}) {
		list = append(list, p)
	}
	return list
}

// SeesTx tells whether who may know of person.
func (s *Service) SeesTx(tx *store.Tx, who Actor, person id.Person) bool {
	return who.System || who.Role != Guest || who.Person == person || person == SystemPerson ||
		s.o.Shares != nil && s.o.Shares(tx, who.Person, person)
}

// Person is the person with this id, whoever asks.
func (s *Service) Person(ctx context.Context, person id.Person) (p Person, err error) {
	return s.find(ctx, func(tx *store.Tx) (Person, bool) { return s.PersonTx(tx, person) })
}

// ByHandle is the person with this handle, whoever asks.
func (s *Service) ByHandle(ctx context.Context, handle string) (Person, error) {
	return s.find(ctx, func(tx *store.Tx) (Person, bool) { return s.ByHandleTx(tx, handle) })
}

func (s *Service) find(ctx context.Context, get func(*store.Tx) (Person, bool)) (p Person, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		var ok bool
		if p, ok = get(tx); !ok {
			return errNobody
		}
		return nil
	})
	return p, err
}

var errNobody = fault.New(fault.Missing, "there is no such person")

// create puts a new person and announces it.
func create(tx *store.Tx, who Actor, p Person) {
	people.Put(tx, p)
	emit(tx, who, EventPersonCreated, []string{"*", string(p.ID)}, PersonCreated{p})
}

func change(tx *store.Tx, who Actor, p Person) {
	people.Put(tx, p)
	emit(tx, who, EventPersonChanged, []string{"*", string(p.ID)}, PersonChanged{p})
}

// AddIn describes a new person or bot.
type AddIn struct {
	Handle   string `json:"handle"`
	Name     string `json:"name,omitempty"` // the handle when empty
	Role     Role   `json:"role,omitempty"` // member when empty
	Bot      bool   `json:"bot,omitempty"`
	Password string `json:"password,omitempty"` // without one, the answer holds a link that sets it
}

// Add makes a person, or a bot that belongs to who. A person without a password gets a link that sets one.
func (s *Service) Add(ctx context.Context, who Actor, in AddIn) (Person, string, error) {
	if in.Role == "" {
		in.Role = Member
	}
	if rank(in.Role) < 0 {
		return Person{}, "", fault.Field("role", "is owner, admin, member or guest")
	}
	if !who.may(in.Role) {
		return Person{}, "", fault.New(fault.Denied, "you may not add a %s", in.Role)
	}
	p, err := newPerson(in.Handle, in.Name, in.Role)
	if err != nil {
		return Person{}, "", err
	}
	if in.Bot && in.Password != "" {
		return Person{}, "", fault.Field("password", "bots have tokens, not passwords")
	}
	var hash *Hash
	if in.Password != "" {
		h, err := s.hash(ctx, in.Password, p.Handle)
		if err != nil {
			return Person{}, "", err
		}
		hash = &h
	}
	if in.Bot {
		p.Bot, p.Owner = true, who.Person
	}
	var url string
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		url = ""
		if err := s.freeTx(tx, p); err != nil {
			return err
		}
		p.Created = id.At(tx.Now())
		create(tx, who, p)
		switch {
		case hash != nil:
			setPassword(tx, p.ID, *hash)
		case !p.Bot:
			url = s.resetLink(tx, p.ID, setLinkLives)
		}
		return nil
	})
	return p, url, err
}

func newPerson(handle, name string, role Role) (Person, error) {
	handle, err := validHandle(handle)
	if err != nil {
		return Person{}, err
	}
	if name, err = Line("name", name, 80); err != nil {
		return Person{}, err
	}
	if name == "" {
		name = handle
	}
	return Person{ID: id.New[id.Person]("u"), Handle: handle, Name: name, Role: role}, nil
}

// freeTx refuses a handle that is taken and a bot too many.
func (s *Service) freeTx(tx *store.Tx, p Person) error {
	if _, taken := byHandle(tx, p.Handle); taken {
		return &fault.Error{Kind: fault.Conflict, Field: "handle", Message: "handle: @" + p.Handle + " is taken"}
	}
	if p.Bot && p.Owner != SystemPerson {
		n := 0
		for range people.By(tx, "owner", store.Prefix(store.Key(string(p.Owner)))) {
			if n++; n >= botsPerOwner {
				return fault.New(fault.Conflict, "you have %d bots, which is the most", n)
			}
		}
	}
	return nil
}

// Patch changes what is not nil.
type Patch struct {
	Name     *string `json:"name,omitempty"`
	Zone     *string `json:"zone,omitempty"` // IANA name; "" for the browser's
	Role     *Role   `json:"role,omitempty"`
	Disabled *bool   `json:"disabled,omitempty"`
}

// Update changes a person: everybody their own name and zone, an admin everything of people who are not above. Disabling
// ends all sessions and tokens of the person at once, and those of its bots refuse. The last owner stays.
func (s *Service) Update(ctx context.Context, who Actor, person id.Person, patch Patch) (p Person, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		var ok bool
		if p, ok = people.Get(tx, personKey(person)); !ok || !s.SeesTx(tx, who, person) {
			return errNobody
		}
		was := p
		if err := patch.apply(&p); err != nil {
			return err
		}
		if err := s.allowed(tx, who, was, p); err != nil {
			return err
		}
		if p == was {
			return nil
		}
		change(tx, who, p)
		if p.Disabled && !was.Disabled {
			s.shutOut(tx, who, p.ID)
		}
		return nil
	})
	return p, err
}

func (c Patch) apply(p *Person) error {
	if c.Name != nil {
		name, err := Line("name", *c.Name, 80)
		if err != nil {
			return err
		}
		if name == "" {
			return fault.Field("name", "is empty")
		}
		p.Name = name
	}
	if c.Zone != nil {
		if _, err := time.LoadLocation(*c.Zone); err != nil || *c.Zone == "Local" || len(*c.Zone) > 64 {
			return fault.Field("zone", "is not a time zone such as Europe/Berlin")
		}
		p.Zone = *c.Zone
	}
	if c.Role != nil {
		if rank(*c.Role) < 0 {
			return fault.Field("role", "is owner, admin, member or guest")
		}
		p.Role = *c.Role
	}
	if c.Disabled != nil {
		p.Disabled = *c.Disabled
	}
	return nil
}

// allowed judges the change from was to p.
func (s *Service) allowed(tx *store.Tx, who Actor, was, p Person) error {
	power := was.Role != p.Role || was.Disabled != p.Disabled
	switch {
	case was.ID == SystemPerson && p != was:
		return fault.New(fault.Denied, "this is the server itself")
	case who.Person != was.ID && !who.may(was.Role):
		return fault.New(fault.Denied, "only an administrator may change other people")
	case power && (!who.may(was.Role) || !who.may(p.Role)):
		return fault.New(fault.Denied, "you may not change this role")
	}
	stays := p.Role == Owner && !p.Disabled
	if was.Role == Owner && !was.Disabled && !was.Bot && !stays {
		for o := range people.By(tx, "role", store.Prefix(store.Key(string(Owner)))) {
			if o.ID != was.ID && !o.Disabled && !o.Bot {
				return nil
			}
		}
		return fault.New(fault.Conflict, "the last owner must stay one")
	}
	return nil
}

// shutOut ends everything that a person could come in by.
func (s *Service) shutOut(tx *store.Tx, who Actor, person id.Person) {
	endSessions(tx, who, person, "")
	for t := range tokens.By(tx, "person", store.Prefix(store.Key(string(person)))) {
		tokens.Delete(tx, store.Key(t.Hash))
	}
	dropLinks(tx, person)
	emit(tx, who, EventSessionEnded, nil, SessionEnded{Person: person})
	for b := range people.By(tx, "owner", store.Prefix(store.Key(string(person)))) {
		emit(tx, who, EventSessionEnded, nil, SessionEnded{Person: b.ID})
	}
}

// Ways lists how a person is reached outside the browser, in the order in which they are tried. Only the person and
// administrators may know.
func (s *Service) Ways(ctx context.Context, who Actor, person id.Person) (ways []Way, err error) {
	if who.Person != person && !who.IsAdmin() {
		return nil, fault.New(fault.Denied, "how somebody is reached is private")
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		ways = s.WaysTx(tx, person)
		return nil
	})
	return ways, err
}

type waysRow struct {
	Person id.Person `json:"person"`
	Ways   []Way     `json:"ways"`
}

var waysTable = store.NewTable("ways", func(w *waysRow) []byte { return personKey(w.Person) })

// WaysTx lists a person's ways, never nil.
func (s *Service) WaysTx(tx *store.Tx, person id.Person) []Way {
	row, _ := waysTable.Get(tx, personKey(person))
	if row.Ways == nil {
		return []Way{}
	}
	return row.Ways
}

// SetWays replaces a person's ways; only the person and administrators may.
func (s *Service) SetWays(ctx context.Context, who Actor, person id.Person, ways []Way) error {
	if len(ways) > 10 {
		return fault.Field("ways", "at most 10")
	}
	for _, w := range ways {
		if err := w.check(); err != nil {
			return err
		}
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		p, ok := people.Get(tx, personKey(person))
		if !ok {
			return errNobody
		}
		if who.Person != person && !who.may(p.Role) {
			return fault.New(fault.Denied, "only an administrator may change how others are reached")
		}
		waysTable.Put(tx, waysRow{Person: person, Ways: ways})
		return nil
	})
}

func (w Way) check() error {
	if len(w.Address) > 500 || strings.ContainsFunc(w.Address, Invisible) {
		return fault.Field("address", "is too long or holds an invisible character")
	}
	switch w.Kind {
	case WayNtfy:
		u, err := url.Parse(w.Address)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") == "" {
			return fault.Field("address", "of ntfy is the topic's whole URL, such as https://ntfy.sh/my-topic")
		}
	case WayMail:
		if a, err := mail.ParseAddress(w.Address); err != nil || a.Address != w.Address {
			return fault.Field("address", "is not a mail address")
		}
	default:
		return fault.Field("kind", "is ntfy or mail")
	}
	return nil
}
