package account_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

// Nobody gives a role above their own or changes somebody above, whatever roles the two have; everybody changes their own
// name.
func TestRolesMatrix(t *testing.T) {
	w := newWorld(t, account.Options{})
	w.owner()
	roles := []account.Role{account.Guest, account.Member, account.Admin, account.Owner}
	rank := map[account.Role]int{account.Guest: 0, account.Member: 1, account.Admin: 2, account.Owner: 3}
	actors := map[account.Role]account.Actor{}
	for _, r := range roles {
		actors[r] = w.actor(w.person("actor-"+string(r), r).Access)
	}
	name, wrong := "New Name", account.Role("boss")
	for _, by := range roles {
		who := actors[by]
		admin := rank[by] >= 2
		_, err := w.Update(w.ctx, who, who.Person, account.Patch{Name: &name})
		want(t, err, "")
		for _, of := range roles {
			object, _, err := w.Add(w.ctx, account.System(), account.AddIn{Handle: string(by) + "-of-" + string(of), Role: of, Password: password})
			want(t, err, "")
			refused := fault.Denied
			if by == account.Guest {
				refused = fault.Missing // a guest does not even know
			}
			may := admin && rank[of] <= rank[by]
			check := func(err error, ok bool) {
				t.Helper()
				if ok {
					want(t, err, "")
				} else if got := fault.KindOf(err); got != refused && got != fault.Denied {
					t.Fatalf("%s on %s: got %v, want it refused", by, of, err)
				}
			}
			_, err = w.Update(w.ctx, who, object.ID, account.Patch{Name: &name})
			check(err, may)
			for _, to := range roles {
				_, err = w.Update(w.ctx, who, object.ID, account.Patch{Role: &to})
				noChange := to == of
				check(err, may && (noChange || rank[to] <= rank[by]))
				_, err = w.Update(w.ctx, account.System(), object.ID, account.Patch{Role: &of})
				want(t, err, "")
			}
			_, err = w.Update(w.ctx, who, object.ID, account.Patch{Role: &wrong})
			if by == account.Guest {
				want(t, err, fault.Missing)
			} else {
				want(t, err, fault.Invalid)
			}
			_, err = w.ResetPassword(w.ctx, who, object.ID)
			check(err, may)
			_, err = w.Ways(w.ctx, who, object.ID)
			check(err, admin)
			check(w.SetWays(w.ctx, who, object.ID, nil), may)
			_, _, err = w.Add(w.ctx, who, account.AddIn{Handle: "x-" + string(by) + "-" + string(of), Role: of, Bot: true})
			check(err, may)
			_, _, err = w.Invite(w.ctx, who, account.InviteIn{Role: of})
			check(err, may)
			_, _, err = w.CreateToken(w.ctx, who, account.TokenIn{Name: "t", Person: object.ID})
			check(err, false)
			_, err = w.Tokens(w.ctx, who, object.ID)
			check(err, may)
		}
		if err := w.SetSettings(w.ctx, who, account.Settings{TeamName: "Sea"}); (err == nil) != admin {
			t.Errorf("%s changed the settings: %v", by, err)
		}
		if _, err := w.Invites(w.ctx, who); (err == nil) != admin {
			t.Errorf("%s listed invitations: %v", by, err)
		}
	}
}

// The last owner can neither be disabled nor lowered, by nobody.
func TestLastOwner(t *testing.T) {
	w := newWorld(t, account.Options{})
	ann := w.actor(w.owner().Access)
	yes, lower := true, account.Admin
	for _, who := range []account.Actor{ann, account.System()} {
		_, err := w.Update(w.ctx, who, ann.Person, account.Patch{Disabled: &yes})
		want(t, err, fault.Conflict)
		_, err = w.Update(w.ctx, who, ann.Person, account.Patch{Role: &lower})
		want(t, err, fault.Conflict)
	}
	w.claim("bob")
	_, err := w.Update(w.ctx, ann, ann.Person, account.Patch{Role: &lower})
	want(t, err, "")
	_, err = w.Update(w.ctx, account.System(), account.SystemPerson, account.Patch{Disabled: &yes})
	want(t, err, fault.Denied)
}

// Disabling somebody ends their sessions and tokens and those of their bots, at once.
func TestDisable(t *testing.T) {
	w := newWorld(t, account.Options{})
	ann := w.actor(w.owner().Access)
	g := w.person("bob", account.Admin)
	bob := w.actor(g.Access)
	_, own, err := w.CreateToken(w.ctx, bob, account.TokenIn{Name: "own"})
	want(t, err, "")
	bot, _, err := w.Add(w.ctx, bob, account.AddIn{Handle: "bobot", Bot: true})
	want(t, err, "")
	_, bots, err := w.CreateToken(w.ctx, bob, account.TokenIn{Name: "bots", Person: bot.ID})
	want(t, err, "")
	_, _, err = w.Invite(w.ctx, bob, account.InviteIn{})
	want(t, err, "")
	for _, bearer := range []string{g.Access, own, bots} {
		w.actor(bearer)
	}
	yes := true
	_, err = w.Update(w.ctx, ann, bob.Person, account.Patch{Disabled: &yes})
	want(t, err, "")
	for _, bearer := range []string{g.Access, own, bots} {
		_, err := w.Authenticate(w.ctx, bearer)
		want(t, err, fault.Unsigned)
	}
	_, err = w.Refresh(w.ctx, g.Refresh, "")
	want(t, err, fault.Unsigned)
	_, err = w.ActorOf(w.ctx, bot.ID)
	want(t, err, fault.Denied)
	ended := 0
	events, err := w.store.Events(w.ctx, 0, 1000)
	want(t, err, "")
	for _, e := range events {
		if e.Kind == account.EventSessionEnded && (strings.Contains(string(e.Body), `{"person":"`+string(bob.Person)) || strings.Contains(string(e.Body), `{"person":"`+string(bot.ID))) {
			ended++
		}
	}
	if ended != 2 {
		t.Fatalf("%d events end everything of bob and the bot, want 2", ended)
	}
}

// A bot never may more than its owner, as the owner is now; its tokens name it, and a token makes no tokens.
func TestBots(t *testing.T) {
	w := newWorld(t, account.Options{})
	ann := w.actor(w.owner().Access)
	g := w.person("bob", account.Admin)
	bob := w.actor(g.Access)
	bot, url, err := w.Add(w.ctx, bob, account.AddIn{Handle: "deployer", Bot: true, Role: account.Admin})
	want(t, err, "")
	if url != "" || bot.Owner != bob.Person {
		t.Fatalf("bot %+v came with link %q", bot, url)
	}
	token, secret, err := w.CreateToken(w.ctx, bob, account.TokenIn{Name: "deploy", Person: bot.ID, Days: 1})
	want(t, err, "")
	a := w.actor(secret)
	if a.Person != bot.ID || !a.Bot || a.Role != account.Admin || a.Token != token.ID {
		t.Fatalf("the bot acts as %+v", a)
	}
	_, _, err = w.CreateToken(w.ctx, a, account.TokenIn{Name: "more"})
	want(t, err, fault.Denied)
	lower := account.Guest
	_, err = w.Update(w.ctx, ann, bob.Person, account.Patch{Role: &lower})
	want(t, err, "")
	if a := w.actor(secret); a.Role != account.Guest {
		t.Fatalf("the bot of a guest acts as %s", a.Role)
	}
	list, err := w.Tokens(w.ctx, w.actor(g.Access), bot.ID)
	want(t, err, "")
	if len(list) != 1 || list[0].LastUsed == 0 {
		t.Fatalf("the bot's tokens are %+v, want one that was used", list)
	}
	w.clock.pass(24 * time.Hour)
	_, err = w.Authenticate(w.ctx, secret)
	want(t, err, fault.Unsigned)

	_, own, err := w.CreateToken(w.ctx, ann, account.TokenIn{Name: "cli"})
	want(t, err, "")
	a = w.actor(own)
	eve := account.Actor{Person: "u_eve", Role: account.Member}
	want(t, w.RevokeToken(w.ctx, eve, a.Token), fault.Missing)
	want(t, w.RevokeToken(w.ctx, ann, a.Token), "")
	_, err = w.Authenticate(w.ctx, own)
	want(t, err, fault.Unsigned)
	want(t, w.RevokeToken(w.ctx, ann, a.Token), fault.Missing)
}

// A person without a password gets a link that sets it once; it ends the person's sessions.
func TestReset(t *testing.T) {
	w := newWorld(t, account.Options{})
	ann := w.actor(w.owner().Access)
	p, url, err := w.Add(w.ctx, ann, account.AddIn{Handle: "bob"})
	want(t, err, "")
	want(t, w.ResetBySecret(w.ctx, secretOf(url), "short"), fault.Invalid)
	want(t, w.ResetBySecret(w.ctx, secretOf(url), password), "")
	want(t, w.ResetBySecret(w.ctx, secretOf(url), password), fault.Gone)
	g := w.signIn("bob")
	url, err = w.ResetPassword(w.ctx, ann, p.ID)
	want(t, err, "")
	want(t, w.ResetBySecret(w.ctx, secretOf(url), "a wholly new one"), "")
	_, err = w.Authenticate(w.ctx, g.Access)
	want(t, err, fault.Unsigned)
	_, err = w.SignIn(w.ctx, account.SignInIn{Handle: "bob", Password: password})
	want(t, err, fault.Unsigned)
	url, err = w.ResetPassword(w.ctx, ann, p.ID)
	want(t, err, "")
	w.clock.pass(24 * time.Hour)
	want(t, w.ResetBySecret(w.ctx, secretOf(url), password), fault.Gone)
}

// Passwords that are short, endless or common are refused, and so is the handle repeated.
func TestPasswordPolicy(t *testing.T) {
	for _, bad := range []string{"", "short", "elevenchars", strings.Repeat("x", 257), "Password1234", "QWERTYUIOP123", "aaaaaaaaaaaaaaaa",
		"annannannann", "correcthorsebatterystaple", "passwörd\xff\xff1234"} {
		if err := account.CheckPassword(bad, "ann"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q is taken: %v", bad, err)
		}
	}
	for _, good := range []string{password, "twelve chars", strings.Repeat("xy", 128), "пароль для входа"} {
		if err := account.CheckPassword(good, "ann"); err != nil {
			t.Errorf("%q is refused: %v", good, err)
		}
	}
}

// Handles and names that would deceive are refused.
func TestNames(t *testing.T) {
	w := newWorld(t, account.Options{})
	for _, bad := range []string{"", "-x", "a b", "ann@home", "everyone", "oncall-db", "watchroom", "änn", strings.Repeat("a", 33)} {
		_, _, err := w.Add(w.ctx, account.System(), account.AddIn{Handle: bad, Password: password})
		want(t, err, fault.Invalid)
	}
	for _, bad := range []string{"evil\u202eeman", "zero\u200bwidth", "two\nlines", strings.Repeat("n", 81), "\xff"} {
		_, _, err := w.Add(w.ctx, account.System(), account.AddIn{Handle: "x", Name: bad, Password: password})
		want(t, err, fault.Invalid)
	}
	_, _, err := w.Add(w.ctx, account.System(), account.AddIn{Handle: "Ann", Password: password})
	want(t, err, "")
	_, _, err = w.Add(w.ctx, account.System(), account.AddIn{Handle: "ann", Password: password})
	want(t, err, fault.Conflict)
	zone := "Mars/Base"
	ann := w.actor(w.signIn("ann").Access)
	_, err = w.Update(w.ctx, ann, ann.Person, account.Patch{Zone: &zone})
	want(t, err, fault.Invalid)
	for _, bad := range []account.Way{{Kind: "pigeon", Address: "x"}, {Kind: account.WayNtfy, Address: "ftp://x/y"}, {Kind: account.WayNtfy, Address: "https://ntfy.test/"},
		{Kind: account.WayMail, Address: "Ann <a@b.test>"}, {Kind: account.WayMail, Address: "a@b.test\r\nBcc: c@d.test"}, {Kind: account.WayBrowser}} {
		want(t, w.SetWays(w.ctx, ann, ann.Person, []account.Way{bad}), fault.Invalid)
	}
}

// A guest sees itself, the server and who shares a room with it; everybody else sees all.
func TestGuestSees(t *testing.T) {
	shared := map[id.Person]bool{}
	w := newWorld(t, account.Options{Shares: func(_ *store.Tx, _, b id.Person) bool { return shared[b] }})
	ann := w.actor(w.owner().Access)
	bob := w.person("bob", account.Member)
	gus := w.actor(w.person("gus", account.Guest).Access)
	shared[bob.Person.ID] = true
	handles := func(who account.Actor) (list string) {
		all, err := w.People(w.ctx, who)
		want(t, err, "")
		for _, p := range all {
			list += p.Handle + " "
		}
		return list
	}
	if got := handles(gus); got != "bob gus watchroom " {
		t.Errorf("the guest sees %s", got)
	}
	if got := handles(ann); got != "ann bob gus watchroom " {
		t.Errorf("the owner sees %s", got)
	}
}

// A hash's text form is read back as it was written, and matches its password alone.
func TestHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := account.Argon{Memory: uint32(rapid.IntRange(16, 64).Draw(t, "m")), Time: uint32(rapid.IntRange(1, 2).Draw(t, "t")), Threads: uint8(rapid.IntRange(1, 2).Draw(t, "p"))}
		p, q := rapid.String().Draw(t, "password"), rapid.StringMatching("[a-z]{5}").Draw(t, "other")
		h, err := account.ParseHash(a.Hash(p).String())
		if err != nil || !h.Matches(p) || p != q && h.Matches(q) {
			t.Fatalf("hash of %q: %v, matches %v, other %v", p, err, h.Matches(p), h.Matches(q))
		}
	})
}

// Whatever is read as a hash is within bounds and is written as it was read.
func FuzzParseHash(f *testing.F) {
	f.Add(cheap.Hash(password).String())
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5")
	f.Add("$argon2id$v=19$m=8,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := account.ParseHash(s)
		if err != nil {
			return
		}
		if h.String() != s || h.Memory > 1<<20 || h.Time > 16 || h.Threads > 16 || len(h.Key) > 64 {
			t.Fatalf("%q was read as %+v", s, h)
		}
	})
}
