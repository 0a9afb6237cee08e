package account

import "watchroom/server/id"

// Role is what a person may do in the whole server.
type Role string

// The roles, from most to least.
const (
	Owner  Role = "owner"  // everything, and cannot be disabled while the last
	Admin  Role = "admin"  // people, integrations, schedules, policies
	Member Role = "member" // every public room
	Guest  Role = "guest"  // only the rooms that it was invited to
)

// Person is a human or a bot account, as everybody may see it.
type Person struct {
	ID       id.Person `json:"id"`
	Handle   string    `json:"handle"` // what follows the @: [a-z0-9][a-z0-9._-]{0,31}, unique
	Name     string    `json:"name"`
	Role     Role      `json:"role"`
	Bot      bool      `json:"bot,omitempty"`
	Owner    id.Person `json:"owner,omitempty"` // of a bot: it never may more than this person
	Disabled bool      `json:"disabled,omitempty"`
	Zone     string    `json:"zone,omitempty"` // IANA time zone
	Created  id.Millis `json:"created"`
}

// Actor is who does something: an explicit argument of every use case.
type Actor struct {
	Person  id.Person
	Handle  string
	Role    Role
	Bot     bool
	Session id.Session // set when it came by a browser's session
	Token   id.Token   // set when it came by an access token
	System  bool       // the server itself, or its operator on the unix socket
}

// System is the server itself acting: its own bots, timers, and the operator at the unix socket.
// It may everything and is the author of the lines that the server writes.
func System() Actor {
	return Actor{Person: SystemPerson, Handle: "watchroom", Role: Owner, Bot: true, System: true}
}

// SystemPerson is the account of the server itself; it is made with the store.
const SystemPerson id.Person = "u_watchroom"

// IsAdmin tells whether a may administer people, integrations and rotas.
func (a Actor) IsAdmin() bool { return a.System || a.Role == Owner || a.Role == Admin }

// Session is one sign-in on one device, as its owner sees it.
type Session struct {
	ID       id.Session `json:"id"`
	Person   id.Person  `json:"person"`
	Agent    string     `json:"agent"`
	Remote   string     `json:"remote"`
	Created  id.Millis  `json:"created"`
	LastSeen id.Millis  `json:"lastSeen"`
}

// Token is a personal access token or a bot's, without its secret, which is shown once.
type Token struct {
	ID       id.Token  `json:"id"`
	Person   id.Person `json:"person"`
	Name     string    `json:"name"`
	Created  id.Millis `json:"created"`
	Expires  id.Millis `json:"expires,omitempty"` // 0: never
	LastUsed id.Millis `json:"lastUsed,omitempty"`
}

// Invite is an invitation link without its secret: it works once, until it expires.
type Invite struct {
	ID      id.Invite `json:"id"`
	Role    Role      `json:"role"`
	Rooms   []id.Room `json:"rooms,omitempty"` // joined on acceptance
	By      id.Person `json:"by"`
	Created id.Millis `json:"created"`
	Expires id.Millis `json:"expires"`
	UsedBy  id.Person `json:"usedBy,omitempty"`
}

// Way is one way to reach a person outside the browser. Ways are private to the person and to administrators.
type Way struct {
	Kind    WayKind `json:"kind"`
	Address string  `json:"address"` // ntfy: the topic's whole URL; mail: an address
}

// WayKind is a kind of way to reach somebody.
type WayKind string

// The ways; browser is always there and is never listed.
const (
	WayBrowser WayKind = "browser"
	WayNtfy    WayKind = "ntfy"
	WayMail    WayKind = "mail"
)
