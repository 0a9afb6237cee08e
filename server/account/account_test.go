package account_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
	"watchroom/store/memkv"
)

const password = "a long enough one"

var cheap = account.Argon{Memory: 8, Time: 1, Threads: 1}

// clock is a time that only the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is a server's accounts on a store of their own.
type world struct {
	*account.Service
	t     testing.TB
	ctx   context.Context
	store *store.Store
	clock *clock
}

func newWorld(t testing.TB, o account.Options) *world {
	t.Helper()
	c := &clock{at: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	st, err := store.New(t.Context(), memkv.New(), store.Options{Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- st.Run(t.Context()) }()
	t.Cleanup(func() {
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	o.PublicURL, o.Now, o.Cost = "http://watch.test", c.now, &cheap
	s := account.New(st, o)
	if err := s.Setup(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &world{Service: s, t: t, ctx: t.Context(), store: st, clock: c}
}

// secretOf is the end of a link.
func secretOf(url string) string { return url[strings.LastIndex(url, "/")+1:] }

// owner claims the server.
func (w *world) owner() account.Grant {
	w.t.Helper()
	return w.claim("ann")
}

func (w *world) claim(handle string) account.Grant {
	w.t.Helper()
	url, err := w.OwnerLink(w.ctx, account.System())
	if err != nil {
		w.t.Fatal(err)
	}
	g, err := w.Claim(w.ctx, account.ClaimIn{Secret: secretOf(url), Handle: handle, Password: password, Team: "Sky", Remote: "192.0.2.1"})
	if err != nil {
		w.t.Fatal(err)
	}
	return g
}

// person adds somebody with the usual password and signs in.
func (w *world) person(handle string, role account.Role) account.Grant {
	w.t.Helper()
	if _, _, err := w.Add(w.ctx, account.System(), account.AddIn{Handle: handle, Role: role, Password: password}); err != nil {
		w.t.Fatal(err)
	}
	return w.signIn(handle)
}

func (w *world) signIn(handle string) account.Grant {
	w.t.Helper()
	g, err := w.SignIn(w.ctx, account.SignInIn{Handle: handle, Password: password, Remote: "192.0.2.1"})
	if err != nil {
		w.t.Fatal(err)
	}
	return g
}

func (w *world) actor(bearer string) account.Actor {
	w.t.Helper()
	a, err := w.Authenticate(w.ctx, bearer)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// want fails unless err is of this kind; "" is no error.
func want(t testing.TB, err error, kind fault.Kind) {
	t.Helper()
	if got := fault.KindOf(err); got != kind {
		t.Fatalf("got error %v of kind %q, want kind %q", err, got, kind)
	}
}

// The first owner comes by a link that works once, names the team and is announced to the hook; a later owner is not first.
func TestFirstOwner(t *testing.T) {
	var first []id.Person
	w := newWorld(t, account.Options{OnOwner: func(_ *store.Tx, p account.Person) error { first = append(first, p.ID); return nil }})
	if has, err := w.HasOwner(w.ctx); err != nil || has {
		t.Fatalf("an empty server has an owner: %v, %v", has, err)
	}
	if _, err := w.OwnerLink(w.ctx, account.Actor{Role: account.Owner}); fault.KindOf(err) != fault.Denied {
		t.Fatalf("an owner made an owner link: %v", err)
	}
	stale, err := w.OwnerLink(w.ctx, account.System())
	want(t, err, "")
	url, err := w.OwnerLink(w.ctx, account.System())
	want(t, err, "")
	if !strings.HasPrefix(url, "http://watch.test/#/claim/") {
		t.Fatalf("owner link is %q", url)
	}
	in := account.ClaimIn{Secret: secretOf(stale), Handle: "Ann", Name: "Ann Lee", Password: password, Team: "Sky"}
	_, err = w.Claim(w.ctx, in)
	want(t, err, fault.Gone)
	in.Secret = secretOf(url)
	g, err := w.Claim(w.ctx, in)
	want(t, err, "")
	if a := w.actor(g.Access); a.Role != account.Owner || a.Handle != "ann" || a.Session != g.Session {
		t.Fatalf("the owner acts as %+v", a)
	}
	in.Handle = "eve"
	_, err = w.Claim(w.ctx, in)
	want(t, err, fault.Gone)
	if set, err := w.Settings(w.ctx); err != nil || set.TeamName != "Sky" {
		t.Fatalf("settings are %+v, %v", set, err)
	}
	w.claim("bob")
	if len(first) != 1 || first[0] != g.Person.ID {
		t.Fatalf("the hook of the first owner heard of %v, want only %s", first, g.Person.ID)
	}
	url, err = w.OwnerLink(w.ctx, account.System())
	want(t, err, "")
	w.clock.pass(30 * time.Minute)
	in.Secret = secretOf(url)
	_, err = w.Claim(w.ctx, in)
	want(t, err, fault.Gone)
}

// An invitation gives its role and rooms exactly once, also to two who use it at the same time, and dies with its time,
// with its revocation, and with its author's rights.
func TestInvite(t *testing.T) {
	var joined []id.Room
	w := newWorld(t, account.Options{
		OnAccept: func(_ *store.Tx, _ account.Person, rooms []id.Room) error {
			joined = append(joined, rooms...)
			return nil
		},
		OnInvite: func(_ *store.Tx, _ account.Actor, rooms []id.Room) error {
			if rooms[0] == "r_secret" {
				return fault.New(fault.Missing, "no such room")
			}
			return nil
		},
	})
	ann := w.actor(w.owner().Access)
	_, _, err := w.Invite(w.ctx, ann, account.InviteIn{Rooms: []id.Room{"r_secret"}})
	want(t, err, fault.Missing)
	inv, url, err := w.Invite(w.ctx, ann, account.InviteIn{Role: account.Guest, Rooms: []id.Room{"r_1"}})
	want(t, err, "")
	peek, err := w.PeekInvite(w.ctx, secretOf(url))
	want(t, err, "")
	if peek.Role != account.Guest || peek.By != "ann" || peek.Expires != inv.Expires {
		t.Fatalf("the invitation shows %+v", peek)
	}
	errs := make(chan error, 2)
	for _, handle := range []string{"gus", "gil"} {
		go func() {
			_, err := w.Accept(w.ctx, account.AcceptIn{Secret: secretOf(url), Handle: handle, Password: password})
			errs <- err
		}()
	}
	a, b := <-errs, <-errs
	if (a == nil) == (b == nil) {
		t.Fatalf("two accepted one invitation, or none: %v, %v", a, b)
	}
	if len(joined) != 1 || joined[0] != "r_1" {
		t.Fatalf("joined %v, want r_1 once", joined)
	}
	list, err := w.Invites(w.ctx, ann)
	want(t, err, "")
	if len(list) != 1 || list[0].UsedBy == "" {
		t.Fatalf("invitations are %+v", list)
	}

	accept := func(url string) error {
		_, err := w.Accept(w.ctx, account.AcceptIn{Secret: secretOf(url), Handle: "late", Password: password})
		return err
	}
	inv, url, err = w.Invite(w.ctx, ann, account.InviteIn{})
	want(t, err, "")
	want(t, w.RevokeInvite(w.ctx, ann, inv.ID), "")
	want(t, accept(url), fault.Gone)
	_, url, err = w.Invite(w.ctx, ann, account.InviteIn{Hours: 1})
	want(t, err, "")
	w.clock.pass(time.Hour)
	want(t, accept(url), fault.Gone)

	bob := w.actor(w.person("bob", account.Admin).Access)
	_, url, err = w.Invite(w.ctx, bob, account.InviteIn{Role: account.Admin})
	want(t, err, "")
	lower := account.Member
	_, err = w.Update(w.ctx, ann, bob.Person, account.Patch{Role: &lower})
	want(t, err, "")
	want(t, accept(url), fault.Gone)
}

// No event of the log holds a secret or the hash of one.
func TestNoSecretInLog(t *testing.T) {
	w := newWorld(t, account.Options{})
	g := w.owner()
	ann := w.actor(g.Access)
	secrets := []string{password, g.Access, g.Refresh, secretOf(g.Refresh)}
	_, url, err := w.Invite(w.ctx, ann, account.InviteIn{})
	want(t, err, "")
	secrets = append(secrets, secretOf(url))
	g2, err := w.Accept(w.ctx, account.AcceptIn{Secret: secretOf(url), Handle: "bob", Password: password})
	want(t, err, "")
	_, token, err := w.CreateToken(w.ctx, ann, account.TokenIn{Name: "ci"})
	want(t, err, "")
	reset, err := w.ResetPassword(w.ctx, ann, g2.Person.ID)
	want(t, err, "")
	secrets = append(secrets, g2.Refresh, token, secretOf(reset), "argon2id")
	want(t, w.ResetBySecret(w.ctx, secretOf(reset), "another long one"), "")
	want(t, w.SetWays(w.ctx, ann, ann.Person, []account.Way{{Kind: account.WayNtfy, Address: "https://ntfy.test/my-secret-topic"}}), "")
	secrets = append(secrets, "my-secret-topic", "another long one")
	events, err := w.store.Events(w.ctx, 0, 1000)
	want(t, err, "")
	if len(events) < 4 {
		t.Fatalf("only %d events", len(events))
	}
	for _, e := range events {
		if !json.Valid(e.Body) {
			t.Errorf("event %d has a body that is not JSON: %s", e.Seq, e.Body)
		}
		for _, secret := range secrets {
			if strings.Contains(string(e.Body), secret) {
				t.Errorf("event %d %s holds a secret: %s", e.Seq, e.Kind, e.Body)
			}
		}
	}
}

// Setting up a second time changes nothing: sessions stay valid.
func TestSetupTwice(t *testing.T) {
	w := newWorld(t, account.Options{})
	g := w.owner()
	again := account.New(w.store, account.Options{Now: w.clock.now, Cost: &cheap})
	_, err := again.Authenticate(w.ctx, g.Access)
	want(t, err, fault.Unavailable)
	head := w.store.Head()
	want(t, again.Setup(w.ctx), "")
	_, err = again.Authenticate(w.ctx, g.Access)
	want(t, err, "")
	if w.store.Head() != head {
		t.Fatal("setting up again wrote events")
	}
}
