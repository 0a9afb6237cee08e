package web

import (
	"context"
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

// Browser is where a sign-in comes from, and where its cookies go.
type Browser struct {
	Agent  string `header:"User-Agent" hidden:"true"`
	remote string
	fiber  *fiber.Ctx
}

// Resolve notes the address of the other end.
func (b *Browser) Resolve(hc huma.Context) []error {
	b.fiber = humafiber.Unwrap(hc)
	b.remote = strings.Clone(b.fiber.IP())
	b.Agent = strings.Clone(clip(b.Agent))
	return nil
}

// keep sets the session's two cookies. The one that is sent everywhere lives as long as the other, so that an expired
// one still tells that there is something to refresh.
func (s *Server) keep(c *fiber.Ctx, access, refresh string, until time.Time) {
	c.Cookie(&fiber.Cookie{Name: s.cookieName(accessCookie), Value: access, Path: "/", Expires: until, HTTPOnly: true, Secure: s.secure,
		SameSite: fiber.CookieSameSiteLaxMode})
	c.Cookie(&fiber.Cookie{Name: s.cookieName(refreshCookie), Value: refresh, Path: sessionPath, Expires: until, HTTPOnly: true, Secure: s.secure,
		SameSite: fiber.CookieSameSiteStrictMode})
}

func (s *Server) grant(b Browser, g account.Grant, err error) (*whole[Me], error) {
	if err != nil {
		return nil, err
	}
	s.keep(b.fiber, g.Access, g.Refresh, g.RefreshExpires.Time())
	return &whole[Me]{Body: Me{Person: g.Person, Session: g.Session, AccessExpires: g.AccessExpires}}, nil
}

type claimIn struct {
	Browser
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
	Browser
	Body struct {
		Handle   string    `json:"handle"`
		Password string    `json:"password"`
		Device   id.Device `json:"device,omitempty"`
	}
}

func (s *Server) sessionRoutes() {
	people := s.o.People
	open(s, operation("POST", "/claim", "Become an owner by a one-time link"), func(ctx context.Context, in *claimIn) (*whole[Me], error) {
		b := in.Body
		g, err := people.Claim(ctx, account.ClaimIn{Secret: b.Secret, Handle: b.Handle, Name: b.Name, Password: b.Password, Team: b.Team,
			Device: b.Device, Agent: in.Agent, Remote: in.remote})
		return s.grant(in.Browser, g, err)
	})
	open(s, operation("POST", "/invites/peek", "See what an invitation offers"), func(ctx context.Context, in *secretIn) (*whole[account.InvitePeek], error) {
		return reply(people.PeekInvite(ctx, in.Body.Secret))
	})
	open(s, operation("POST", "/invites/accept", "Join by an invitation"), func(ctx context.Context, in *claimIn) (*whole[Me], error) {
		b := in.Body
		g, err := people.Accept(ctx, account.AcceptIn{Secret: b.Secret, Handle: b.Handle, Name: b.Name, Password: b.Password,
			Device: b.Device, Agent: in.Agent, Remote: in.remote})
		return s.grant(in.Browser, g, err)
	})
	open(s, operation("POST", "/password/reset", "Set a new password by a one-time link"), func(ctx context.Context, in *resetIn) (*none, error) {
		return done(people.ResetBySecret(ctx, in.Body.Secret, in.Body.Password))
	})
	open(s, operation("POST", "/session", "Sign in"), func(ctx context.Context, in *signInIn) (*whole[Me], error) {
		g, err := people.SignIn(ctx, account.SignInIn{Handle: in.Body.Handle, Password: in.Body.Password, Device: in.Body.Device,
			Agent: in.Agent, Remote: in.remote})
		return s.grant(in.Browser, g, err)
	})
	open(s, operation("POST", "/session/refresh", "Get a fresh session cookie"), func(ctx context.Context, in *refreshIn) (*whole[Me], error) {
		if in.refresh == "" {
			return nil, fault.New(fault.Unsigned, "sign in first")
		}
		g, err := people.Refresh(ctx, in.refresh, in.remote)
		return s.grant(in.Browser, g, err)
	})
	secured(s, operation("DELETE", "/session", "Sign out"), func(ctx context.Context, who account.Actor, in *Browser) (*none, error) {
		s.keep(in.fiber, "", "", time.Unix(1, 0))
		return done(people.SignOut(ctx, who))
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
	Browser
	refresh string
}

// Resolve reads the refresh cookie under the name that it has here.
func (r *refreshIn) Resolve(hc huma.Context) []error {
	c := humafiber.Unwrap(hc)
	r.refresh = strings.Clone(c.Cookies("__Secure-"+refreshCookie, c.Cookies(refreshCookie)))
	return r.Browser.Resolve(hc)
}
