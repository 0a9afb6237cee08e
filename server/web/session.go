package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
)

const (
	accessCookie  = "wr_access"
	refreshCookie = "wr_refresh"
	sessionPath   = "/api/v1/session"
)

// cookieName adds the prefix that binds a cookie to https and this host, where there is https.
func (s *Server) cookieName(name string) string {
	switch {
	case s.secure && name == accessCookie:
		return "__Host-" + name
	case s.secure:
		return "__Secure-" + name
	}
	return name
}

// actor is who makes a request: the operator, a bearer token, or a session's cookie from this very site.
func (s *Server) actor(c *fiber.Ctx) (account.Actor, error) {
	if s.trusted {
		return account.System(), nil
	}
	if bearer, ok := strings.CutPrefix(c.Get("Authorization"), "Bearer "); ok {
		return s.o.People.Authenticate(c.UserContext(), strings.Clone(bearer))
	}
	cookie := c.Cookies(s.cookieName(accessCookie))
	if cookie == "" {
		return account.Actor{}, fault.New(fault.Unsigned, "sign in first")
	}
	if err := s.sameOrigin(c); err != nil {
		return account.Actor{}, err
	}
	return s.o.People.Authenticate(c.UserContext(), strings.Clone(cookie))
}

// Me is who is signed in.
type Me struct {
	Person        account.Person `json:"person"`
	Session       id.Session     `json:"session,omitempty"`
	AccessExpires id.Millis      `json:"accessExpires,omitempty"`
}

// signedIn is an answer that also sets the session's cookies.
type signedIn struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      Me
}

func (s *Server) grant(g account.Grant, err error) (*signedIn, error) {
	if err != nil {
		return nil, err
	}
	access := http.Cookie{Name: s.cookieName(accessCookie), Value: g.Access, Path: "/", Expires: g.RefreshExpires.Time(),
		HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode}
	refresh := http.Cookie{Name: s.cookieName(refreshCookie), Value: g.Refresh, Path: sessionPath, Expires: g.RefreshExpires.Time(),
		HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteStrictMode}
	return &signedIn{SetCookie: []http.Cookie{access, refresh}, Body: Me{Person: g.Person, Session: g.Session, AccessExpires: g.AccessExpires}}, nil
}

// browser is where a sign-in comes from.
type browser struct {
	Agent  string `header:"User-Agent" hidden:"true"`
	remote string
}

// Resolve notes the address of the other end.
func (b *browser) Resolve(hc huma.Context) []error {
	b.remote = strings.Clone(humafiber.Unwrap(hc).IP())
	b.Agent = strings.Clone(clip(b.Agent))
	return nil
}

type claimIn struct {
	browser
	Body struct {
		Secret   string    `json:"secret"`
		Handle   string    `json:"handle"`
		Name     string    `json:"name"`
		Password string    `json:"password"`
		Team     string    `json:"team,omitempty" doc:"what the team is called; only the first owner names it"`
		Device   id.Device `json:"device,omitempty"`
	}
}

type signInIn struct {
	browser
	Body struct {
		Handle   string    `json:"handle"`
		Password string    `json:"password"`
		Device   id.Device `json:"device,omitempty"`
	}
}

func (s *Server) sessionRoutes() {
	people := s.o.People
	open(s, operation("POST", "/claim", "Become an owner by a one-time link"), func(ctx context.Context, in *claimIn) (*signedIn, error) {
		b := in.Body
		g, err := people.Claim(ctx, account.ClaimIn{Secret: b.Secret, Handle: b.Handle, Name: b.Name, Password: b.Password, Team: b.Team,
			Device: b.Device, Agent: in.Agent, Remote: in.remote})
		return s.grant(g, err)
	})
	open(s, operation("POST", "/invites/peek", "See what an invitation offers"), func(ctx context.Context, in *secretIn) (*whole[account.InvitePeek], error) {
		return reply(people.PeekInvite(ctx, in.Body.Secret))
	})
	open(s, operation("POST", "/invites/accept", "Join by an invitation"), func(ctx context.Context, in *claimIn) (*signedIn, error) {
		b := in.Body
		g, err := people.Accept(ctx, account.AcceptIn{Secret: b.Secret, Handle: b.Handle, Name: b.Name, Password: b.Password,
			Device: b.Device, Agent: in.Agent, Remote: in.remote})
		return s.grant(g, err)
	})
	open(s, operation("POST", "/password/reset", "Set a new password by a one-time link"), func(ctx context.Context, in *resetIn) (*none, error) {
		return done(people.ResetBySecret(ctx, in.Body.Secret, in.Body.Password))
	})
	open(s, operation("POST", "/session", "Sign in"), func(ctx context.Context, in *signInIn) (*signedIn, error) {
		return s.grant(people.SignIn(ctx, account.SignInIn{Handle: in.Body.Handle, Password: in.Body.Password, Device: in.Body.Device,
			Agent: in.Agent, Remote: in.remote}))
	})
	open(s, operation("POST", "/session/refresh", "Get a fresh session cookie"), func(ctx context.Context, in *refreshIn) (*signedIn, error) {
		if in.refresh == "" {
			return nil, fault.New(fault.Unsigned, "sign in first")
		}
		return s.grant(people.Refresh(ctx, in.refresh, in.remote))
	})
	secured(s, operation("DELETE", "/session", "Sign out"), func(ctx context.Context, who account.Actor, _ *struct{}) (*signedOut, error) {
		past := time.Unix(1, 0)
		return &signedOut{SetCookie: []http.Cookie{
			{Name: s.cookieName(accessCookie), Path: "/", Expires: past, HttpOnly: true, Secure: s.secure},
			{Name: s.cookieName(refreshCookie), Path: sessionPath, Expires: past, HttpOnly: true, Secure: s.secure},
		}}, people.SignOut(ctx, who)
	})
	secured(s, operation("GET", "/sessions", "List your sessions"), func(ctx context.Context, who account.Actor, _ *struct{}) (*whole[[]account.Session], error) {
		return reply(people.Sessions(ctx, who))
	})
	secured(s, operation("DELETE", "/sessions/{id}", "End a session at once"), func(ctx context.Context, who account.Actor, in *struct {
		ID id.Session `path:"id"`
	}) (*none, error) {
		return done(people.Revoke(ctx, who, in.ID))
	})
}

type signedOut struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

type secretIn struct {
	Body struct {
		Secret string `json:"secret"`
	}
}

type resetIn struct {
	Body struct {
		Secret   string `json:"secret"`
		Password string `json:"password"`
	}
}

type refreshIn struct {
	browser
	refresh string
}

// Resolve reads the refresh cookie under the name that it has here.
func (r *refreshIn) Resolve(hc huma.Context) []error {
	c := humafiber.Unwrap(hc)
	r.refresh = strings.Clone(c.Cookies("__Secure-"+refreshCookie, c.Cookies(refreshCookie)))
	return r.browser.Resolve(hc)
}
