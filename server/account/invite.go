package account

import (
	"context"
	"slices"
	"time"

	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

const (
	ownerLinkLives = 30 * time.Minute
	resetLinkLives = 24 * time.Hour
	inviteHours    = 72
	inviteKept     = 30 * 24 * time.Hour // after it was used or expired
)

// link is a one-time secret that makes an owner or sets a password; only its hash is kept.
type link struct {
	Hash    []byte    `json:"hash"`
	Kind    linkKind  `json:"kind"`
	Person  id.Person `json:"person,omitempty"` // whose password
	Expires id.Millis `json:"expires"`
}

type linkKind string

const (
	ownerLink linkKind = "owner"
	resetLink linkKind = "reset"
)

var errLink = fault.New(fault.Gone, "this link was used or has expired; ask for a new one")

// newLink makes a link in place of the person's former ones, and returns its secret.
func newLink(tx *store.Tx, kind linkKind, person id.Person, lives time.Duration) string {
	dropLinks(tx, person)
	secret := id.Secret()
	links.Put(tx, link{Hash: digest(secret), Kind: kind, Person: person, Expires: id.At(tx.Now().Add(lives))})
	return secret
}

// dropLinks takes back the links of a person, the owner link for "".
func dropLinks(tx *store.Tx, person id.Person) {
	for _, l := range slices.Collect(links.By(tx, "person", store.Prefix(store.Key(string(person))))) {
		links.Delete(tx, store.Key(l.Hash))
	}
}

func linkTx(tx *store.Tx, kind linkKind, secret string) (link, error) {
	l, ok := links.Get(tx, store.Key(digest(secret)))
	if !ok || l.Kind != kind || l.Expires <= id.At(tx.Now()) {
		return link{}, errLink
	}
	return l, nil
}

// peekLink checks a secret before anything slow is done for whoever brings it.
func (s *Service) peekLink(ctx context.Context, kind linkKind, secret string) (l link, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		l, err = linkTx(tx, kind, secret)
		return err
	})
	return l, err
}

// OwnerLink makes a link that makes an owner, once, within 30 minutes; it replaces the one before. Only the operator may.
func (s *Service) OwnerLink(ctx context.Context, who Actor) (url string, err error) {
	if !who.System {
		return "", fault.New(fault.Denied, "only the operator of the server may make an owner link")
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		url = s.o.PublicURL + "/#/claim/" + newLink(tx, ownerLink, "", ownerLinkLives)
		return nil
	})
	return url, err
}

// HasOwner tells whether the server has an owner who can sign in.
func (s *Service) HasOwner(ctx context.Context) (has bool, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		has = hasOwner(tx)
		return nil
	})
	return has, err
}

func hasOwner(tx *store.Tx) bool {
	for p := range people.By(tx, "role", store.Prefix(store.Key(string(Owner)))) {
		if !p.Bot && !p.Disabled {
			return true
		}
	}
	return false
}

// ClaimIn is who becomes an owner by a link. Team names the team; only the first owner's counts.
type ClaimIn struct {
	Secret, Handle, Name, Password, Team string
	Device                               id.Device
	Agent, Remote                        string
}

// Claim makes an owner by a one-time link and signs in.
func (s *Service) Claim(ctx context.Context, in ClaimIn) (Grant, error) {
	if _, err := s.peekLink(ctx, ownerLink, in.Secret); err != nil {
		return Grant{}, err
	}
	p, hash, err := s.newcomer(ctx, in.Handle, in.Name, in.Password, Owner)
	if err != nil {
		return Grant{}, err
	}
	team, err := Line("team", in.Team, 80)
	if err != nil {
		return Grant{}, err
	}
	var g Grant
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		l, err := linkTx(tx, ownerLink, in.Secret)
		if err != nil {
			return err
		}
		links.Delete(tx, store.Key(l.Hash))
		first := !hasOwner(tx)
		if g, err = s.welcome(tx, p, hash, origin{in.Device, in.Agent, in.Remote}); err != nil || !first {
			return err
		}
		if team != "" {
			putSettings(tx, System(), Settings{TeamName: team})
		}
		if s.o.OnOwner != nil {
			return s.o.OnOwner(tx, g.Person)
		}
		return nil
	})
	return g, err
}

// newcomer checks what somebody says of themselves and hashes the password.
func (s *Service) newcomer(ctx context.Context, handle, name, password string, role Role) (Person, Hash, error) {
	p, err := newPerson(handle, name, role)
	if err != nil {
		return Person{}, Hash{}, err
	}
	_, err = s.find(ctx, func(tx *store.Tx) (Person, bool) { return p, s.freeTx(tx, p) == nil })
	if err != nil {
		return Person{}, Hash{}, &fault.Error{Kind: fault.Conflict, Field: "handle", Message: "handle: @" + p.Handle + " is taken"}
	}
	hash, err := s.hash(ctx, password, p.Handle)
	return p, hash, err
}

// welcome makes the person and the first session.
func (s *Service) welcome(tx *store.Tx, p Person, hash Hash, from origin) (Grant, error) {
	if err := s.freeTx(tx, p); err != nil {
		return Grant{}, err
	}
	p.Created = id.At(tx.Now())
	create(tx, Actor{Person: p.ID}, p)
	setPassword(tx, p.ID, hash)
	return s.begin(tx, p, from)
}

type inviteRow struct {
	Invite
	Hash []byte `json:"hash"`
}

// InviteIn describes an invitation.
type InviteIn struct {
	Role  Role      `json:"role,omitempty"`  // member when empty
	Rooms []id.Room `json:"rooms,omitempty"` // joined on acceptance
	Hours int       `json:"hours,omitempty"` // 72 when 0
}

// Invite makes an invitation link that works once. Nobody invites to a role above their own.
func (s *Service) Invite(ctx context.Context, who Actor, in InviteIn) (inv Invite, url string, err error) {
	if in.Role == "" {
		in.Role = Member
	}
	if in.Hours == 0 {
		in.Hours = inviteHours
	}
	switch {
	case rank(in.Role) < 0:
		return Invite{}, "", fault.Field("role", "is owner, admin, member or guest")
	case !who.may(in.Role):
		return Invite{}, "", fault.New(fault.Denied, "you may not invite a %s", in.Role)
	case in.Hours < 1 || in.Hours > 30*24:
		return Invite{}, "", fault.Field("hours", "is between 1 and 720")
	case len(in.Rooms) > 20:
		return Invite{}, "", fault.Field("rooms", "at most 20")
	}
	secret := id.Secret()
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if s.o.OnInvite != nil && len(in.Rooms) > 0 {
			if err := s.o.OnInvite(tx, who, in.Rooms); err != nil {
				return err
			}
		}
		for _, old := range slices.Collect(invites.Scan(tx, store.Range{})) {
			if tx.Now().Sub(old.Expires.Time()) > inviteKept {
				invites.Delete(tx, store.Key(string(old.ID)))
				break // one for one is enough to keep the list short
			}
		}
		inv = Invite{ID: id.New[id.Invite]("i"), Role: in.Role, Rooms: in.Rooms, By: who.Person,
			Created: id.At(tx.Now()), Expires: id.At(tx.Now().Add(time.Duration(in.Hours) * time.Hour))}
		invites.Put(tx, inviteRow{Invite: inv, Hash: digest(secret)})
		return nil
	})
	return inv, s.o.PublicURL + "/#/invite/" + secret, err
}

// inviteTx is an invitation that can be accepted: unused, not expired, and its author could still make it.
func (s *Service) inviteTx(tx *store.Tx, secret string) (inviteRow, Person, error) {
	for row := range invites.By(tx, "hash", store.Prefix(store.Key(digest(secret)))) {
		by, ok := s.ActorTx(tx, row.By)
		if row.UsedBy != "" || row.Expires <= id.At(tx.Now()) || !ok || !by.may(row.Role) {
			break
		}
		p, _ := people.Get(tx, personKey(row.By))
		return row, p, nil
	}
	return inviteRow{}, Person{}, errLink
}

// InvitePeek is what an invitation offers to whoever holds it.
type InvitePeek struct {
	Role    Role      `json:"role"`
	By      string    `json:"by"` // the name of who invited
	Team    string    `json:"team"`
	Expires id.Millis `json:"expires"`
}

// PeekInvite shows an invitation without using it.
func (s *Service) PeekInvite(ctx context.Context, secret string) (peek InvitePeek, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		row, by, err := s.inviteTx(tx, secret)
		peek = InvitePeek{Role: row.Role, By: by.Name, Team: settingsTx(tx).TeamName, Expires: row.Expires}
		return err
	})
	if err != nil {
		return InvitePeek{}, err
	}
	return peek, nil
}

// AcceptIn is who comes by an invitation.
type AcceptIn struct {
	Secret, Handle, Name, Password string
	Device                         id.Device
	Agent, Remote                  string
}

// Accept uses an invitation: it makes the person, joins the rooms, and signs in. A second one with the same link is refused.
func (s *Service) Accept(ctx context.Context, in AcceptIn) (Grant, error) {
	peek, err := s.PeekInvite(ctx, in.Secret)
	if err != nil {
		return Grant{}, err
	}
	p, hash, err := s.newcomer(ctx, in.Handle, in.Name, in.Password, peek.Role)
	if err != nil {
		return Grant{}, err
	}
	var g Grant
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		row, _, err := s.inviteTx(tx, in.Secret)
		if err != nil {
			return err
		}
		if g, err = s.welcome(tx, p, hash, origin{in.Device, in.Agent, in.Remote}); err != nil {
			return err
		}
		row.UsedBy = p.ID
		invites.Put(tx, row)
		if s.o.OnAccept != nil {
			return s.o.OnAccept(tx, g.Person, row.Rooms)
		}
		return nil
	})
	return g, err
}

// Invites lists the invitations, the newest first, used and expired ones included.
func (s *Service) Invites(ctx context.Context, who Actor) ([]Invite, error) {
	if !who.IsAdmin() {
		return nil, errAdmin
	}
	list := []Invite{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		for row := range invites.Scan(tx, store.Range{Reverse: true}) {
			list = append(list, row.Invite)
		}
		return nil
	})
	return list, err
}

var errAdmin = fault.New(fault.Denied, "only an administrator may do this")

// RevokeInvite takes an invitation back at once.
func (s *Service) RevokeInvite(ctx context.Context, who Actor, invite id.Invite) error {
	if !who.IsAdmin() {
		return errAdmin
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		if invite == "" || len(invite) > 64 {
			return fault.New(fault.Missing, "there is no such invitation")
		}
		row, ok := invites.Get(tx, store.Key(string(invite)))
		if !ok {
			return fault.New(fault.Missing, "there is no such invitation")
		}
		if !who.may(row.Role) {
			return errAdmin
		}
		invites.Delete(tx, store.Key(string(invite)))
		return nil
	})
}

func (s *Service) resetLink(tx *store.Tx, p id.Person, lives time.Duration) string {
	return s.o.PublicURL + "/#/reset/" + newLink(tx, resetLink, p, lives)
}

// ResetPassword makes a link that sets somebody's password, once, within a day; it replaces the one before.
func (s *Service) ResetPassword(ctx context.Context, who Actor, person id.Person) (url string, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		p, ok := people.Get(tx, personKey(person))
		switch {
		case !who.IsAdmin():
			return errAdmin
		case !ok || p.Bot:
			return errNobody
		case !who.may(p.Role):
			return errAdmin
		case p.Disabled:
			return fault.New(fault.Conflict, "this account is disabled")
		}
		url = s.resetLink(tx, person, resetLinkLives)
		return nil
	})
	return url, err
}

// ResetBySecret sets a password by a one-time link, and ends all sessions of the person.
func (s *Service) ResetBySecret(ctx context.Context, secret, password string) error {
	l, err := s.peekLink(ctx, resetLink, secret)
	if err != nil {
		return err
	}
	p, err := s.Person(ctx, l.Person)
	if err != nil {
		return err
	}
	hash, err := s.hash(ctx, password, p.Handle)
	if err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		l, err := linkTx(tx, resetLink, secret)
		if err != nil {
			return err
		}
		p, ok := people.Get(tx, personKey(l.Person))
		if !ok || p.Disabled {
			return errLink
		}
		dropLinks(tx, l.Person)
		setPassword(tx, l.Person, hash)
		endSessions(tx, Actor{Person: l.Person}, l.Person, "")
		return nil
	})
}
