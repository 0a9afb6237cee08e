package account

import (
	"context"
	"time"

	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

const (
	tokenPrefix     = "wr_"
	tokensPerPerson = 50
	touchEvery      = time.Minute
)

type tokenRow struct {
	Token
	Hash []byte `json:"hash"`
}

// TokenIn describes a new access token.
type TokenIn struct {
	Name   string    `json:"name"`
	Person id.Person `json:"person,omitempty"` // a bot; oneself when empty
	Days   int       `json:"days,omitempty"`   // 0: until revoked
}

// CreateToken makes an access token for oneself or a bot. The secret is shown this once. A token cannot make tokens.
func (s *Service) CreateToken(ctx context.Context, who Actor, in TokenIn) (t Token, secret string, err error) {
	if who.Token != "" {
		return Token{}, "", fault.New(fault.Denied, "an access token cannot make another; sign in")
	}
	name, err := Line("name", in.Name, 80)
	if err != nil {
		return Token{}, "", err
	}
	if name == "" {
		return Token{}, "", fault.Field("name", "is empty")
	}
	if in.Days < 0 || in.Days > 3650 {
		return Token{}, "", fault.Field("days", "is between 0 (never expires) and 3650")
	}
	if in.Person == "" {
		in.Person = who.Person
	}
	secret = tokenPrefix + id.Secret()
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if err := s.tokensOf(tx, who, in.Person, true); err != nil {
			return err
		}
		n := 0
		for range tokens.By(tx, "person", store.Prefix(store.Key(string(in.Person)))) {
			if n++; n >= tokensPerPerson {
				return fault.New(fault.Conflict, "%d access tokens are the most; revoke one first", n)
			}
		}
		t = Token{ID: id.New[id.Token]("t"), Person: in.Person, Name: name, Created: id.At(tx.Now())}
		if in.Days > 0 {
			t.Expires = id.At(tx.Now().AddDate(0, 0, in.Days))
		}
		tokens.Put(tx, tokenRow{Token: t, Hash: digest(secret)})
		return nil
	})
	if err != nil {
		return Token{}, "", err
	}
	return t, secret, nil
}

// tokensOf judges whether who may see, revoke or make tokens of person: its own, its bots', as an administrator those
// of bots not above, and to see and revoke of people not above.
func (s *Service) tokensOf(tx *store.Tx, who Actor, person id.Person, making bool) error {
	p, ok := people.Get(tx, personKey(person))
	switch {
	case !ok || person == SystemPerson:
		return errNobody
	case making && p.Disabled:
		return fault.New(fault.Conflict, "this account is disabled")
	case person == who.Person, p.Bot && p.Owner == who.Person, who.System:
		return nil
	case who.may(p.Role) && (p.Bot || !making):
		return nil
	}
	return fault.New(fault.Denied, "these are the access tokens of somebody else")
}

// Tokens lists the access tokens of a person or bot.
func (s *Service) Tokens(ctx context.Context, who Actor, person id.Person) ([]Token, error) {
	list := []Token{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		if err := s.tokensOf(tx, who, person, false); err != nil {
			return err
		}
		for row := range tokens.By(tx, "person", store.Prefix(store.Key(string(person)))) {
			list = append(list, row.Token)
		}
		return nil
	})
	return list, err
}

// RevokeToken ends an access token at once.
func (s *Service) RevokeToken(ctx context.Context, who Actor, token id.Token) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		if token != "" && len(token) <= 64 {
			for row := range tokens.By(tx, "id", store.Prefix(store.Key(string(token)))) {
				if err := s.tokensOf(tx, who, row.Person, false); err != nil {
					break
				}
				tokens.Delete(tx, store.Key(row.Hash))
				emit(tx, who, EventSessionEnded, nil, SessionEnded{Token: row.ID, Person: row.Person})
				return nil
			}
		}
		return fault.New(fault.Missing, "there is no such access token")
	})
}

// byToken is the actor behind an access token.
func (s *Service) byToken(ctx context.Context, secret string) (a Actor, err error) {
	key := store.Key(digest(secret))
	var row tokenRow
	err = s.store.View(ctx, func(tx *store.Tx) error {
		var ok bool
		if row, ok = tokens.Get(tx, key); !ok || row.Expires != 0 && row.Expires <= id.At(tx.Now()) {
			return errUnsigned
		}
		if a, ok = s.ActorTx(tx, row.Person); !ok || a.System {
			return errUnsigned
		}
		a.Token = row.ID
		return nil
	})
	if err != nil {
		return Actor{}, err
	}
	s.touch(ctx, row, key)
	return a, nil
}

// touch notes that a token was used, at most once a minute. It is a courtesy to the token's owner: where the store
// cannot write now, the token still works.
func (s *Service) touch(ctx context.Context, row tokenRow, key []byte) {
	now := s.o.Now()
	s.mu.Lock()
	fresh := now.Sub(s.touched[row.ID]) < touchEvery || now.Sub(row.LastUsed.Time()) < touchEvery
	if !fresh {
		if len(s.touched) > 10_000 {
			clear(s.touched)
		}
		s.touched[row.ID] = now
	}
	s.mu.Unlock()
	if fresh {
		return
	}
	_ = s.store.Update(ctx, func(tx *store.Tx) error {
		if row, ok := tokens.Get(tx, key); ok {
			row.LastUsed = id.At(tx.Now())
			tokens.Put(tx, row)
		}
		return nil
	})
}
