package account

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

const (
	accessLives  = 10 * time.Minute
	sessionLives = 30 * 24 * time.Hour // since the last refresh
	refreshGrace = time.Minute
	sessionsKept = 50 // of one person; a further sign-in ends the one unused for longest
	siblings     = 8

	issuer   = "watchroom"
	audience = "access"
)

var (
	errUnsigned = fault.New(fault.Unsigned, "sign in first")
	errSignIn   = fault.New(fault.Unsigned, "the handle or the password is wrong")
)

// sessionRow is a session with the hashes of its refresh secrets. Current are those that may be used: one, or a few
// when the answer to a refresh was lost or several tabs asked at once. Using one retires all that were current.
type sessionRow struct {
	Session
	Device   id.Device `json:"device,omitempty"`
	Current  [][]byte  `json:"current"`
	Previous [][]byte  `json:"previous,omitempty"`
	Rotated  id.Millis `json:"rotated"`
	Expires  id.Millis `json:"expires"`
}

// Grant is what a browser gets by signing in. Access and Refresh are secrets.
type Grant struct {
	Person         Person
	Session        id.Session
	Access         string // a JWT
	AccessExpires  id.Millis
	Refresh        string
	RefreshExpires id.Millis
}

// SignInIn is a sign-in from a device.
type SignInIn struct {
	Handle, Password string
	Device           id.Device
	Agent, Remote    string
}

// origin is where a session begins.
type origin struct {
	Device        id.Device
	Agent, Remote string
}

// SignIn checks a password and begins a session. An unknown handle, a wrong password and a disabled account get the same
// answer after the same work.
func (s *Service) SignIn(ctx context.Context, in SignInIn) (Grant, error) {
	handle := strings.ToLower(strings.TrimSpace(in.Handle))
	if len(handle) > 64 || len(in.Password) > 4*passwordMax || len(in.Device) > 64 {
		return Grant{}, errSignIn
	}
	hash, person, known := s.cost.decoy(), id.Person(""), false
	err := s.store.View(ctx, func(tx *store.Tx) error {
		p, ok := byHandle(tx, handle)
		if !ok || p.Disabled || p.Bot {
			return nil
		}
		c, ok := passwords.Get(tx, personKey(p.ID))
		if !ok {
			return nil
		}
		for row := range sessions.By(tx, "person", store.Prefix(store.Key(string(p.ID)))) {
			known = known || in.Device != "" && row.Device == in.Device
		}
		person = p.ID
		var err error
		hash, err = ParseHash(c.Hash)
		return err
	})
	if err != nil {
		return Grant{}, err
	}
	account, remote := byAccount(handle), byRemote(in.Remote)
	if known {
		account = byDevice(handle, string(in.Device))
	}
	counted := []bucket{account}
	if in.Remote != "" {
		counted = append(counted, remote)
	}
	if wait := s.throttle.try(s.o.Now(), counted...); wait > 0 {
		return Grant{}, tooFast(wait)
	}
	ok, err := s.matches(ctx, hash, in.Password)
	if err != nil {
		return Grant{}, err
	}
	if !ok || person == "" {
		return Grant{}, errSignIn
	}
	s.throttle.right(remote, account)
	fresh := hash
	if hash.Argon != s.cost {
		if fresh, err = s.rehash(ctx, in.Password); err != nil {
			return Grant{}, err
		}
	}
	var g Grant
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		p, ok := people.Get(tx, personKey(person))
		c, has := passwords.Get(tx, personKey(person))
		if !ok || p.Disabled || !has || c.Hash != hash.String() {
			return errSignIn
		}
		if fresh.Argon != hash.Argon {
			setPassword(tx, person, fresh)
		}
		g, err = s.begin(tx, p, origin{in.Device, in.Agent, in.Remote})
		return err
	})
	return g, err
}

// begin starts a session for p.
func (s *Service) begin(tx *store.Tx, p Person, from origin) (Grant, error) {
	k := s.keys.Load()
	if k == nil {
		return Grant{}, fault.New(fault.Unavailable, "the server is starting; try again")
	}
	s.prune(tx, p)
	now := id.At(tx.Now())
	row := sessionRow{
		Session: Session{ID: id.New[id.Session]("s"), Person: p.ID, Agent: clip(from.Agent, 300), Remote: clip(from.Remote, 64), Created: now, LastSeen: now},
		Device:  id.Device(clip(string(from.Device), 64)), Rotated: now, Expires: id.At(tx.Now().Add(sessionLives)),
	}
	secret := k.refresh(row.ID)
	row.Current = [][]byte{digest(secret)}
	sessions.Put(tx, row)
	return k.grant(p, row, secret, s.o.Now())
}

// prune ends the person's expired sessions and those beyond the limit.
func (s *Service) prune(tx *store.Tx, p Person) {
	rows := slices.Collect(sessions.By(tx, "person", store.Prefix(store.Key(string(p.ID)))))
	slices.SortFunc(rows, func(a, b sessionRow) int { return int(b.LastSeen - a.LastSeen) })
	for i, row := range rows {
		if i >= sessionsKept-1 || row.Expires <= id.At(tx.Now()) {
			endSession(tx, System(), row)
		}
	}
}

func clip(s string, most int) string {
	return strings.ToValidUTF8(s[:min(len(s), most)], "")
}

func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

func holds(list [][]byte, d []byte) bool {
	found := 0
	for _, h := range list {
		found |= subtle.ConstantTimeCompare(h, d)
	}
	return found == 1
}

// refresh makes a secret of the form session.random.mac: the mac tells an old secret of ours from an invented one.
func (k *keys) refresh(session id.Session) string {
	var random [24]byte
	rand.Read(random[:])
	head := string(session) + "." + base64.RawURLEncoding.EncodeToString(random[:])
	return head + "." + k.mac(head)
}

func (k *keys) mac(head string) string {
	m := hmac.New(sha256.New, k.Refresh)
	m.Write([]byte(head))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:18])
}

// session is whose refresh secret this is.
func (k *keys) session(secret string) (id.Session, bool) {
	at := strings.LastIndexByte(secret, '.')
	if at < 0 || len(secret) > 256 || subtle.ConstantTimeCompare([]byte(secret[at+1:]), []byte(k.mac(secret[:at]))) != 1 {
		return "", false
	}
	session, _, ok := strings.Cut(secret[:at], ".")
	return id.Session(session), ok
}

type claims struct {
	Session id.Session `json:"sid"`
	jwt.RegisteredClaims
}

func (k *keys) grant(p Person, row sessionRow, refresh string, now time.Time) (Grant, error) {
	expires := now.Add(accessLives)
	access, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		Session: row.ID,
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: issuer, Audience: jwt.ClaimStrings{audience}, Subject: string(p.ID),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
		},
	}).SignedString(k.JWT)
	return Grant{Person: p, Session: row.ID, Access: access, AccessExpires: id.At(expires), Refresh: refresh, RefreshExpires: row.Expires}, err
}

// Refresh gives a session fresh secrets. The secret that was used before works for 60 s more, for a tab beside this one
// or an answer that was lost; one that is older was stolen or copied, and ends the session.
func (s *Service) Refresh(ctx context.Context, secret, remote string) (Grant, error) {
	k := s.keys.Load()
	if k == nil {
		return Grant{}, fault.New(fault.Unavailable, "the server is starting; try again")
	}
	session, ok := k.session(secret)
	if !ok {
		return Grant{}, errUnsigned
	}
	var g Grant
	reused := false
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		row, p, ok := sessionTx(tx, session)
		if !ok {
			return errUnsigned
		}
		fresh := k.refresh(session)
		switch d := digest(secret); {
		case holds(row.Current, d):
			row.Previous, row.Current, row.Rotated = row.Current, [][]byte{digest(fresh)}, id.At(tx.Now())
		case holds(row.Previous, d) && tx.Now().Sub(row.Rotated.Time()) <= refreshGrace:
			row.Current = append(row.Current[max(0, len(row.Current)-siblings+1):], digest(fresh))
		default:
			reused = true
			endSession(tx, System(), row)
			return nil
		}
		row.LastSeen, row.Expires = id.At(tx.Now()), id.At(tx.Now().Add(sessionLives))
		if remote != "" {
			row.Remote = clip(remote, 64)
		}
		sessions.Put(tx, row)
		g, err = k.grant(p, row, fresh, s.o.Now())
		return err
	})
	if err == nil && reused {
		return Grant{}, errUnsigned
	}
	return g, err
}

// sessionTx is a session that lives, with its person, who may come in.
func sessionTx(tx *store.Tx, session id.Session) (sessionRow, Person, bool) {
	if session == "" || len(session) > 64 {
		return sessionRow{}, Person{}, false
	}
	row, ok := sessions.Get(tx, store.Key(string(session)))
	if !ok || row.Expires <= id.At(tx.Now()) {
		return sessionRow{}, Person{}, false
	}
	p, ok := people.Get(tx, personKey(row.Person))
	return row, p, ok && !p.Disabled
}

// Authenticate tells who a bearer secret stands for: the JWT of a session or an access token. The session or token and
// its person are looked up each time, so what was revoked or disabled a moment ago is refused.
func (s *Service) Authenticate(ctx context.Context, bearer string) (Actor, error) {
	if len(bearer) > 2048 {
		return Actor{}, errUnsigned
	}
	if strings.HasPrefix(bearer, tokenPrefix) {
		return s.byToken(ctx, bearer)
	}
	k := s.keys.Load()
	if k == nil {
		return Actor{}, fault.New(fault.Unavailable, "the server is starting; try again")
	}
	var c claims
	parsed, err := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired(), jwt.WithIssuer(issuer),
		jwt.WithAudience(audience), jwt.WithStrictDecoding(), jwt.WithTimeFunc(s.o.Now),
	).ParseWithClaims(bearer, &c, func(*jwt.Token) (any, error) { return k.JWT, nil })
	if err != nil || !parsed.Valid {
		return Actor{}, errUnsigned
	}
	var a Actor
	err = s.store.View(ctx, func(tx *store.Tx) error {
		row, p, ok := sessionTx(tx, c.Session)
		if !ok || p.Bot || string(p.ID) != c.Subject {
			return errUnsigned
		}
		a = Actor{Person: p.ID, Handle: p.Handle, Role: p.Role, Session: row.ID}
		return nil
	})
	return a, err
}

// endSession revokes one session and tells the hub.
func endSession(tx *store.Tx, who Actor, row sessionRow) {
	sessions.Delete(tx, store.Key(string(row.ID)))
	emit(tx, who, EventSessionEnded, nil, SessionEnded{Session: row.ID, Person: row.Person})
}

// endSessions revokes all sessions of a person but one.
func endSessions(tx *store.Tx, who Actor, person id.Person, but id.Session) {
	for _, row := range slices.Collect(sessions.By(tx, "person", store.Prefix(store.Key(string(person))))) {
		if row.ID != but {
			endSession(tx, who, row)
		}
	}
}

// SignOut ends the actor's session.
func (s *Service) SignOut(ctx context.Context, who Actor) error {
	if who.Session == "" {
		return fault.New(fault.Invalid, "there is no session to end")
	}
	return s.Revoke(ctx, who, who.Session)
}

// Sessions lists the actor's sessions, the last used first.
func (s *Service) Sessions(ctx context.Context, who Actor) ([]Session, error) {
	list := []Session{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		for row := range sessions.By(tx, "person", store.Prefix(store.Key(string(who.Person)))) {
			if row.Expires > id.At(tx.Now()) {
				list = append(list, row.Session)
			}
		}
		return nil
	})
	slices.SortFunc(list, func(a, b Session) int { return int(b.LastSeen - a.LastSeen) })
	return list, err
}

// Revoke ends a session at once: one's own, or as an administrator somebody's who is not above.
func (s *Service) Revoke(ctx context.Context, who Actor, session id.Session) error {
	missing := fault.New(fault.Missing, "there is no such session")
	if session == "" || len(session) > 64 {
		return missing
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		row, ok := sessions.Get(tx, store.Key(string(session)))
		if !ok {
			return missing
		}
		if p, _ := people.Get(tx, personKey(row.Person)); row.Person != who.Person && !who.may(p.Role) {
			return missing
		}
		endSession(tx, who, row)
		return nil
	})
}
