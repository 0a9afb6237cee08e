package account_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

// A wrong password, an unknown handle, a bot and a disabled account get the very same answer.
func TestSignInTellsNothing(t *testing.T) {
	w := newWorld(t, account.Options{})
	ann := w.actor(w.owner().Access)
	w.person("bob", account.Member)
	eve := w.person("eve", account.Member)
	_, _, err := w.Add(w.ctx, ann, account.AddIn{Handle: "robo", Bot: true})
	want(t, err, "")
	yes := true
	_, err = w.Update(w.ctx, ann, eve.Person.ID, account.Patch{Disabled: &yes})
	want(t, err, "")
	var words []string
	for _, in := range []account.SignInIn{
		{Handle: "bob", Password: "not the password"},
		{Handle: "nobody-here", Password: password},
		{Handle: "robo", Password: ""},
		{Handle: "eve", Password: password},
		{Handle: "watchroom", Password: ""},
		{Handle: strings.Repeat("x", 5000), Password: password},
		{Handle: "bob", Password: strings.Repeat("x", 5000)},
	} {
		_, err := w.SignIn(w.ctx, in)
		want(t, err, fault.Unsigned)
		words = append(words, fault.Words(err))
	}
	for _, got := range words {
		if got != words[0] {
			t.Fatalf("answers differ: %q", words)
		}
	}
	if g, err := w.SignIn(w.ctx, account.SignInIn{Handle: " BOB ", Password: password}); err != nil || g.Person.Handle != "bob" {
		t.Fatalf("bob did not come in: %v", err)
	}
}

// A password that was hashed at another cost is hashed anew when its owner comes in, and still lets the owner in.
func TestCostChanges(t *testing.T) {
	w := newWorld(t, account.Options{})
	w.owner()
	dear := account.Argon{Memory: 16, Time: 2, Threads: 1}
	for _, cost := range []account.Argon{dear, dear, cheap} {
		s := account.New(w.store, account.Options{Now: w.clock.now, Cost: &cost})
		want(t, s.Setup(w.ctx), "")
		_, err := s.SignIn(w.ctx, account.SignInIn{Handle: "ann", Password: password})
		want(t, err, "")
		err = w.store.View(w.ctx, func(tx *store.Tx) error {
			for _, raw := range tx.Scan("password", store.Range{}) {
				if part := fmt.Sprintf("m=%d,t=%d", cost.Memory, cost.Time); !strings.Contains(string(raw), part) {
					t.Errorf("the password is kept as %s, want %s", raw, part)
				}
			}
			return nil
		})
		want(t, err, "")
	}
}

// Guessing gets slower for an account and for an address, and a device that is known comes in all the same. Nobody is
// locked out for ever.
func TestThrottle(t *testing.T) {
	w := newWorld(t, account.Options{})
	w.person("bob", account.Member)
	home := account.SignInIn{Handle: "bob", Password: password, Device: "bobs-laptop", Remote: "192.0.2.7"}
	_, err := w.SignIn(w.ctx, home)
	want(t, err, "")
	guess := func(i int) error {
		_, err := w.SignIn(w.ctx, account.SignInIn{Handle: "bob", Password: "a wrong password", Remote: fmt.Sprintf("198.51.100.%d", i)})
		return err
	}
	for i := range 5 {
		want(t, guess(i), fault.Unsigned)
	}
	want(t, guess(6), fault.Throttled)
	_, err = w.SignIn(w.ctx, home)
	want(t, err, "")
	strange := home
	strange.Device = "new-phone"
	_, err = w.SignIn(w.ctx, strange)
	want(t, err, fault.Throttled)
	w.clock.pass(time.Minute)
	_, err = w.SignIn(w.ctx, strange)
	want(t, err, "")

	for i := range 20 {
		_, err := w.SignIn(w.ctx, account.SignInIn{Handle: fmt.Sprintf("who%d", i), Password: password, Remote: "2001:db8::1"})
		want(t, err, fault.Unsigned)
	}
	_, err = w.SignIn(w.ctx, account.SignInIn{Handle: "bob", Password: password, Remote: "2001:db8::2"})
	want(t, err, fault.Throttled)
	w.clock.pass(5 * time.Minute)
	_, err = w.SignIn(w.ctx, account.SignInIn{Handle: "bob", Password: password, Remote: "2001:db8::2"})
	want(t, err, "")
}

// A refresh gives new secrets; the one before works for a minute more, for parallel tabs and lost answers, and whichever
// of the answers the browser keeps works later. An older secret ends the session.
func TestRefresh(t *testing.T) {
	w := newWorld(t, account.Options{})
	g := w.owner()
	refresh := func(secret string, kind fault.Kind) account.Grant {
		t.Helper()
		got, err := w.Refresh(w.ctx, secret, "192.0.2.9")
		want(t, err, kind)
		return got
	}
	w.clock.pass(9 * time.Minute)
	tab1 := refresh(g.Refresh, "")
	w.clock.pass(50 * time.Second)
	tab2 := refresh(g.Refresh, "")
	if tab1.Refresh == tab2.Refresh || tab1.Session != g.Session || tab2.Session != g.Session {
		t.Fatal("a refresh must give another secret for the same session")
	}
	w.clock.pass(20 * time.Minute)
	kept := refresh(tab1.Refresh, "")
	w.actor(kept.Access)
	w.clock.pass(61 * time.Second)
	refresh(tab2.Refresh, fault.Unsigned)
	_, err := w.Authenticate(w.ctx, kept.Access)
	want(t, err, fault.Unsigned)
	refresh(kept.Refresh, fault.Unsigned)
}

// A session ends 30 days after its last refresh, an access token after 10 minutes.
func TestExpiry(t *testing.T) {
	w := newWorld(t, account.Options{})
	g := w.owner()
	w.clock.pass(10*time.Minute - time.Second)
	w.actor(g.Access)
	w.clock.pass(2 * time.Second)
	_, err := w.Authenticate(w.ctx, g.Access)
	want(t, err, fault.Unsigned)
	w.clock.pass(29 * 24 * time.Hour)
	g, err = w.Refresh(w.ctx, g.Refresh, "")
	want(t, err, "")
	w.clock.pass(30 * 24 * time.Hour)
	_, err = w.Refresh(w.ctx, g.Refresh, "")
	want(t, err, fault.Unsigned)
}

// A revoked session, a signed-out one and those that a new password ends are refused at once, and the hub is told.
func TestRevoke(t *testing.T) {
	w := newWorld(t, account.Options{})
	g := w.owner()
	ann := w.actor(g.Access)
	bob := w.person("bob", account.Member)
	phone, laptop := w.signIn("bob"), w.signIn("bob")
	want(t, w.Revoke(w.ctx, w.actor(bob.Access), g.Session), fault.Missing)
	want(t, w.Revoke(w.ctx, w.actor(bob.Access), phone.Session), "")
	_, err := w.Authenticate(w.ctx, phone.Access)
	want(t, err, fault.Unsigned)
	_, err = w.Refresh(w.ctx, phone.Refresh, "")
	want(t, err, fault.Unsigned)
	want(t, w.Revoke(w.ctx, ann, laptop.Session), "")
	_, err = w.Authenticate(w.ctx, laptop.Access)
	want(t, err, fault.Unsigned)

	again := w.signIn("bob")
	want(t, w.Password(w.ctx, w.actor(bob.Access), account.PasswordIn{Old: "wrong password", New: "quite another one"}), fault.Invalid)
	want(t, w.Password(w.ctx, w.actor(bob.Access), account.PasswordIn{Old: password, New: "quite another one"}), "")
	w.actor(bob.Access)
	_, err = w.Authenticate(w.ctx, again.Access)
	want(t, err, fault.Unsigned)
	want(t, w.SignOut(w.ctx, w.actor(bob.Access)), "")
	_, err = w.Authenticate(w.ctx, bob.Access)
	want(t, err, fault.Unsigned)

	ended := map[string]bool{}
	events, err := w.store.Events(w.ctx, 0, 1000)
	want(t, err, "")
	for _, e := range events {
		if e.Kind == account.EventSessionEnded {
			ended[string(e.Body)] = true
			if e.Room != "" || len(e.To) != 0 {
				t.Errorf("the end of a session is told to %q %v", e.Room, e.To)
			}
		}
	}
	for _, s := range []id.Session{phone.Session, laptop.Session, again.Session, bob.Session} {
		if !ended[fmt.Sprintf(`{"session":%q,"person":%q}`, s, bob.Person.ID)] {
			t.Errorf("no event says that session %s ended", s)
		}
	}
}

// One person has at most 50 sessions: the one unused for longest makes room.
func TestSessionLimit(t *testing.T) {
	w := newWorld(t, account.Options{})
	first := w.owner()
	var g account.Grant
	for range 50 {
		w.clock.pass(time.Second)
		g = w.signIn("ann")
	}
	list, err := w.Sessions(w.ctx, w.actor(g.Access))
	want(t, err, "")
	if len(list) != 50 || list[0].ID != g.Session {
		t.Fatalf("%d sessions, the newest is %s, want 50 and %s", len(list), list[0].ID, g.Session)
	}
	_, err = w.Authenticate(w.ctx, first.Access)
	want(t, err, fault.Unsigned)
}

// Tokens that were forged, changed, signed otherwise or meant for something else are refused.
func TestForgedTokens(t *testing.T) {
	w := newWorld(t, account.Options{})
	g := w.owner()
	parts := strings.Split(g.Access, ".")
	now := w.clock.now()
	claims := jwt.MapClaims{"iss": "watchroom", "aud": "access", "sub": string(g.Person.ID), "sid": string(g.Session),
		"iat": now.Unix(), "exp": now.Add(time.Minute).Unix()}
	sign := func(m jwt.SigningMethod, key any) string {
		s, err := jwt.NewWithClaims(m, claims).SignedString(key)
		want(t, err, "")
		return s
	}
	enc := base64.RawURLEncoding.EncodeToString
	forged := []string{
		"", ".", "..", "wr_", "wr_" + strings.Repeat("A", 32), g.Refresh, strings.Repeat("x", 100_000),
		sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType),
		sign(jwt.SigningMethodHS256, []byte("another key of at least 32 bytes!")),
		sign(jwt.SigningMethodHS512, []byte("another key of at least 32 bytes!")),
		parts[0] + "." + enc([]byte(`{"sub":"u_watchroom"}`)) + "." + parts[2],
		parts[0] + "." + parts[1] + ".",
		g.Access + "=", g.Access + "." + parts[2], strings.ToLower(g.Access),
	}
	for _, bearer := range forged {
		_, err := w.Authenticate(w.ctx, bearer)
		want(t, err, fault.Unsigned)
	}
	w.actor(g.Access)
	for _, secret := range []string{"", ".", "a.b.c", g.Access, g.Refresh + "x", g.Refresh[:len(g.Refresh)-1], strings.Repeat(".", 1000)} {
		_, err := w.Refresh(w.ctx, secret, "")
		want(t, err, fault.Unsigned)
	}
	_, err := w.Refresh(w.ctx, g.Refresh, "")
	want(t, err, "")
}

// Whatever is brought as a bearer, a refresh secret or a link's secret, the answer is a refusal and never a panic.
func FuzzSecrets(f *testing.F) {
	w := newWorld(f, account.Options{})
	g := w.owner()
	f.Add(g.Access[:20])
	f.Add(string(g.Session) + ".AAAA.BBBB")
	f.Add("wr_x")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Fuzz(func(t *testing.T, s string) {
		if s == g.Access || s == g.Refresh {
			return
		}
		_, err := w.Authenticate(w.ctx, s)
		want(t, err, fault.Unsigned)
		_, err = w.Refresh(w.ctx, s, "")
		want(t, err, fault.Unsigned)
		_, err = w.PeekInvite(w.ctx, s)
		want(t, err, fault.Gone)
		want(t, w.ResetBySecret(w.ctx, s, password), fault.Gone)
	})
}
