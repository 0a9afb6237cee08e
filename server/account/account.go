// Package account knows who may come in and how far: people and bots, their passwords, sessions, access tokens,
// invitations and roles.
//
// What must not be seen (password hashes, the hashes of secrets, the signing key) lies in records of its own and is
// never part of an event. Who is signed in is looked up on every request, so that a revocation holds at once.
package account

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"watchroom/server/id"
	"watchroom/store"
)

// Options are what the service needs from outside. The hooks run inside the change; each may be nil.
type Options struct {
	PublicURL string           // begins every link
	Now       func() time.Time // time.Now
	Cost      *Argon           // DefaultCost

	OnAccept func(tx *store.Tx, p Person, rooms []id.Room) error  // somebody came by an invitation, to these rooms or none
	OnOwner  func(tx *store.Tx, p Person) error                   // the first owner of this server was made
	OnInvite func(tx *store.Tx, who Actor, rooms []id.Room) error // refuses rooms that the inviter may not open
	Shares   func(tx *store.Tx, a, b id.Person) bool              // whether two people share a room: what a guest may see
}

// Service is the use cases of this package.
type Service struct {
	store    *store.Store
	o        Options
	cost     Argon
	slots    chan struct{} // passwords that are hashed at the same time
	throttle throttle
	keys     atomic.Pointer[keys]

	mu      sync.Mutex // guards touched
	touched map[id.Token]time.Time
}

// New is the service above st. Setup must have run before anybody can come in.
func New(st *store.Store, o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	cost := DefaultCost
	if o.Cost != nil {
		cost = *o.Cost
	}
	o.PublicURL = strings.TrimSuffix(o.PublicURL, "/")
	return &Service{
		store: st, o: o, cost: cost, slots: make(chan struct{}, passwordSlots),
		throttle: throttle{seen: map[string]*tries{}}, touched: map[id.Token]time.Time{},
	}
}

var (
	people = store.NewTable("person",
		func(p *Person) []byte { return personKey(p.ID) },
		store.Index[Person]{Name: "handle", Keys: func(p *Person) [][]byte { return one(p.Handle) }},
		store.Index[Person]{Name: "role", Keys: func(p *Person) [][]byte { return one(string(p.Role)) }},
		store.Index[Person]{Name: "owner", Keys: func(p *Person) [][]byte {
			if p.Owner == "" {
				return nil
			}
			return one(string(p.Owner))
		}},
	)
	passwords = store.NewTable("password", func(c *credential) []byte { return personKey(c.Person) })
	sessions  = store.NewTable("session",
		func(s *sessionRow) []byte { return store.Key(string(s.ID)) },
		store.Index[sessionRow]{Name: "person", Keys: func(s *sessionRow) [][]byte { return one(string(s.Person)) }},
	)
	tokens = store.NewTable("token",
		func(t *tokenRow) []byte { return store.Key(t.Hash) },
		store.Index[tokenRow]{Name: "id", Keys: func(t *tokenRow) [][]byte { return one(string(t.ID)) }},
		store.Index[tokenRow]{Name: "person", Keys: func(t *tokenRow) [][]byte { return one(string(t.Person)) }},
	)
	invites = store.NewTable("invite",
		func(i *inviteRow) []byte { return store.Key(string(i.ID)) },
		store.Index[inviteRow]{Name: "hash", Keys: func(i *inviteRow) [][]byte { return [][]byte{store.Key(i.Hash)} }},
	)
	links = store.NewTable("link", func(l *link) []byte { return store.Key(l.Hash) },
		store.Index[link]{Name: "person", Keys: func(l *link) [][]byte { return one(string(l.Person)) }})
)

const privateBucket = "account" // the signing keys and the settings

func personKey(p id.Person) []byte { return store.Key(string(p)) }
func one(s string) [][]byte        { return [][]byte{store.Key(s)} }

// keys sign what this server gives out.
type keys struct {
	JWT     []byte `json:"jwt"`
	Refresh []byte `json:"refresh"`
}

// Setup makes the system's own account and the signing keys where they are missing. It needs the store to run.
func (s *Service) Setup(ctx context.Context) error {
	fresh := keys{JWT: make([]byte, 32), Refresh: make([]byte, 32)}
	rand.Read(fresh.JWT)
	rand.Read(fresh.Refresh)
	var use keys
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := people.Get(tx, personKey(SystemPerson)); !ok {
			create(tx, System(), Person{ID: SystemPerson, Handle: "watchroom", Name: "Watchroom", Role: Owner, Bot: true, Created: id.At(tx.Now())})
		}
		if raw := tx.Get(privateBucket, store.Key("keys")); raw != nil {
			return json.Unmarshal(raw, &use)
		}
		use = fresh
		raw, err := json.Marshal(fresh)
		tx.Put(privateBucket, store.Key("keys"), raw)
		return err
	})
	if err != nil {
		return fmt.Errorf("set up accounts: %w", err)
	}
	if len(use.JWT) < 32 || len(use.Refresh) < 32 {
		return fmt.Errorf("set up accounts: the signing keys are too short")
	}
	s.keys.Store(&use)
	return nil
}

// emit announces a change by who.
func emit(tx *store.Tx, who Actor, kind string, to []string, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		tx.Fail(fmt.Errorf("encode %s: %w", kind, err))
		return
	}
	tx.Emit(store.Event{Kind: kind, To: to, Actor: string(who.Person), Body: raw})
}
