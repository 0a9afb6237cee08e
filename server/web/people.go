package web

import (
	"cmp"
	"context"
	"strings"

	"watchroom/server/account"
	"watchroom/server/id"
)

// PersonPath names a person.
type PersonPath struct {
	ID id.Person `path:"id"`
}

type tokenOut struct {
	Token  account.Token `json:"token"`
	Secret string        `json:"secret" doc:"shown this once"`
}

type linkOut struct {
	URL string `json:"url" doc:"works once"`
}

type inviteOut struct {
	Invite account.Invite `json:"invite"`
	URL    string         `json:"url" doc:"works once, until it expires"`
}

type addedOut struct {
	Person account.Person `json:"person"`
	URL    string         `json:"url,omitempty" doc:"sets the password; only where none was given"`
}

func (s *Server) peopleRoutes() {
	s.selfRoutes()
	people := s.o.People
	type list = whole[[]account.Person]
	secured(s, operation("GET", "/people", "List people"), func(ctx context.Context, who account.Actor, _ *struct{}) (*list, error) {
		return reply(people.People(ctx, who))
	})
	secured(s, operation("POST", "/people", "Add a person or a bot account"), func(ctx context.Context, who account.Actor, in *struct{ Body account.AddIn }) (*whole[addedOut], error) {
		p, url, err := people.Add(ctx, who, in.Body)
		return reply(addedOut{p, url}, err)
	})
	secured(s, operation("PATCH", "/people/{id}", "Change a person: name, zone, role, disabled"), func(ctx context.Context, who account.Actor, in *struct {
		PersonPath
		Body account.Patch
	}) (*whole[account.Person], error) {
		return reply(people.Update(ctx, who, in.ID, in.Body))
	})
	secured(s, operation("POST", "/people/{id}/reset", "Make a link that sets a new password"), func(ctx context.Context, who account.Actor, in *PersonPath) (*whole[linkOut], error) {
		url, err := people.ResetPassword(ctx, who, in.ID)
		return reply(linkOut{url}, err)
	})
	secured(s, operation("GET", "/people/{id}/ways", "List somebody's ways outside the browser"), func(ctx context.Context, who account.Actor, in *PersonPath) (*whole[[]account.Way], error) {
		return reply(people.Ways(ctx, who, in.ID))
	})
	secured(s, operation("GET", "/invites", "List invitations"), func(ctx context.Context, who account.Actor, _ *struct{}) (*whole[[]account.Invite], error) {
		return reply(people.Invites(ctx, who))
	})
	secured(s, operation("POST", "/invites", "Make an invitation link"), func(ctx context.Context, who account.Actor, in *struct{ Body account.InviteIn }) (*whole[inviteOut], error) {
		inv, url, err := people.Invite(ctx, who, in.Body)
		return reply(inviteOut{inv, url}, err)
	})
	secured(s, operation("DELETE", "/invites/{id}", "Take an invitation back"), func(ctx context.Context, who account.Actor, in *struct {
		ID id.Invite `path:"id"`
	}) (*none, error) {
		return done(people.RevokeInvite(ctx, who, in.ID))
	})
	secured(s, operation("POST", "/owner-link", "Make a one-time owner link (operator only)"), func(ctx context.Context, who account.Actor, _ *struct{}) (*whole[linkOut], error) {
		url, err := people.OwnerLink(ctx, who)
		return reply(linkOut{url}, err)
	})
	secured(s, operation("GET", "/settings", "Read the settings"), func(ctx context.Context, _ account.Actor, _ *struct{}) (*whole[account.Settings], error) {
		return reply(people.Settings(ctx))
	})
	secured(s, operation("PATCH", "/settings", "Change the settings"), func(ctx context.Context, who account.Actor, in *struct{ Body account.Settings }) (*whole[account.Settings], error) {
		return reply(in.Body, people.SetSettings(ctx, who, in.Body))
	})
}

func (s *Server) selfRoutes() {
	people := s.o.People
	secured(s, operation("GET", "/me", "Who is signed in"), func(ctx context.Context, who account.Actor, _ *struct{}) (*whole[Me], error) {
		p, err := people.Person(ctx, who.Person)
		return reply(Me{Person: p, Session: who.Session}, err)
	})
	secured(s, operation("PATCH", "/me", "Change your name or time zone"), func(ctx context.Context, who account.Actor, in *struct {
		Body struct {
			Name *string `json:"name,omitempty"`
			Zone *string `json:"zone,omitempty"`
		}
	}) (*whole[account.Person], error) {
		return reply(people.Update(ctx, who, who.Person, account.Patch{Name: in.Body.Name, Zone: in.Body.Zone}))
	})
	secured(s, operation("POST", "/me/password", "Change your password"), func(ctx context.Context, who account.Actor, in *struct{ Body account.PasswordIn }) (*none, error) {
		return done(people.Password(ctx, who, in.Body))
	})
	secured(s, operation("GET", "/me/ways", "List your ways outside the browser"), func(ctx context.Context, who account.Actor, _ *struct{}) (*whole[[]account.Way], error) {
		return reply(people.Ways(ctx, who, who.Person))
	})
	secured(s, operation("PUT", "/me/ways", "Set your ways outside the browser, in the order in which they are tried"), func(ctx context.Context, who account.Actor, in *struct{ Body []account.Way }) (*whole[[]account.Way], error) {
		if err := people.SetWays(ctx, who, who.Person, in.Body); err != nil {
			return nil, err
		}
		return reply(people.Ways(ctx, who, who.Person))
	})
	secured(s, operation("POST", "/me/ways/test", "Send a test by one of your ways"), func(ctx context.Context, who account.Actor, in *struct {
		Body struct {
			Index int `json:"index" minimum:"0"`
		}
	}) (*none, error) {
		return done(s.o.Notify.Test(ctx, who, in.Body.Index))
	})
	secured(s, operation("GET", "/tokens", "List your access tokens, or those of a bot"), func(ctx context.Context, who account.Actor, in *struct {
		Person id.Person `query:"person" doc:"a bot; yourself when left out"`
	}) (*whole[[]account.Token], error) {
		return reply(people.Tokens(ctx, who, cmp.Or(id.Person(strings.Clone(string(in.Person))), who.Person)))
	})
	secured(s, operation("POST", "/tokens", "Make an access token for yourself or a bot of yours"), func(ctx context.Context, who account.Actor, in *struct{ Body account.TokenIn }) (*whole[tokenOut], error) {
		t, secret, err := people.CreateToken(ctx, who, in.Body)
		return reply(tokenOut{t, secret}, err)
	})
	secured(s, operation("DELETE", "/tokens/{id}", "Revoke an access token at once"), func(ctx context.Context, who account.Actor, in *struct {
		ID id.Token `path:"id"`
	}) (*none, error) {
		return done(people.RevokeToken(ctx, who, in.ID))
	})
}
