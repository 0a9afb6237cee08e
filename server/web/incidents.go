package web

import (
	"context"
	"time"

	"watchroom/server/account"
	"watchroom/server/alert"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/incident"
)

// IncidentPath names an incident by its number.
type IncidentPath struct {
	N id.Incident `path:"n"`
}

type oneIncident = whole[incident.Incident]

// act registers POST /incidents/{n}/<verb> without a body.
func act(s *Server, verb, summary string, fn func(context.Context, account.Actor, id.Incident) (incident.Incident, error)) {
	secured(s, operation("POST", "/incidents/{n}/"+verb, summary), func(ctx context.Context, who account.Actor, in *IncidentPath) (*oneIncident, error) {
		return reply(fn(ctx, who, in.N))
	})
}

type raiseIn struct {
	Body struct {
		Title    string         `json:"title"`
		Text     string         `json:"text,omitempty"`
		Severity alert.Severity `json:"severity" enum:"critical,low"`
		Team     id.Team        `json:"team,omitempty"`
		Person   id.Person      `json:"person,omitempty" doc:"page this one only"`
		Room     id.Room        `json:"room,omitempty"`
		Test     bool           `json:"test,omitempty"`
	}
}

// span is a length of time as a client says it.
type Span struct {
	Minutes       int  `json:"minutes,omitempty" minimum:"0" maximum:"525600"`
	UntilResolved bool `json:"untilResolved,omitempty"`
}

// until is the end of the span: -1 for until resolved.
func (p Span) until(now time.Time) (id.Millis, error) {
	if p.UntilResolved {
		return -1, nil
	}
	if p.Minutes < 1 {
		return 0, fault.Field("minutes", "say how long, or untilResolved")
	}
	return id.At(now.Add(time.Duration(p.Minutes) * time.Minute)), nil
}

func (s *Server) incidentRoutes() {
	inc := s.o.Incidents
	secured(s, operation("GET", "/incidents", "List incidents, newest first"), func(ctx context.Context, who account.Actor, in *struct {
		State  string      `query:"state" enum:"open,resolved,"`
		Before id.Incident `query:"before"`
		Limit  int         `query:"limit" minimum:"0" maximum:"200"`
	}) (*whole[[]incident.Incident], error) {
		return reply(inc.Incidents(ctx, who, incident.ListIn{State: in.State, Before: in.Before, Limit: in.Limit}))
	})
	secured(s, operation("POST", "/incidents", "Raise an incident by hand"), func(ctx context.Context, who account.Actor, in *raiseIn) (*oneIncident, error) {
		b := in.Body
		return reply(inc.Raise(ctx, who, incident.RaiseIn{Title: b.Title, Text: b.Text, Severity: b.Severity, Team: b.Team, Person: b.Person, Room: b.Room, Test: b.Test}))
	})
	secured(s, operation("GET", "/incidents/{n}", "Read an incident with its alerts, timeline and pages"), func(ctx context.Context, who account.Actor, in *IncidentPath) (*whole[incident.Detail], error) {
		return reply(inc.Incident(ctx, who, in.N))
	})
	secured(s, operation("POST", "/incidents/{n}/acknowledge", "Acknowledge: stop the climb, silence the horns, own it"), func(ctx context.Context, who account.Actor, in *struct {
		IncidentPath
		Body *struct {
			Take bool `json:"take,omitempty" doc:"take it although you were not paged"`
		}
	}) (*oneIncident, error) {
		return reply(inc.Acknowledge(ctx, who, in.N, in.Body != nil && in.Body.Take))
	})
	act(s, "unacknowledge", "Undo your acknowledgement within 5 seconds", inc.Unacknowledge)
	act(s, "resolve", "Resolve", inc.Resolve)
	act(s, "escalate", "Ring the next step now", inc.Escalate)
	secured(s, operation("POST", "/incidents/{n}/note", "Add a line to the timeline"), func(ctx context.Context, who account.Actor, in *struct {
		IncidentPath
		Body struct {
			Text string `json:"text"`
		}
	}) (*none, error) {
		return done(inc.Note(ctx, who, in.N, in.Body.Text))
	})
	secured(s, operation("POST", "/incidents/{n}/silence", "Keep an incident from ringing for a time"), func(ctx context.Context, who account.Actor, in *struct {
		IncidentPath
		Body Span
	}) (*oneIncident, error) {
		until, err := in.Body.until(time.Now())
		if err != nil {
			return nil, err
		}
		return reply(inc.SilenceIncident(ctx, who, in.N, until))
	})
	secured(s, operation("POST", "/incidents/cleanup", "Resolve and archive everything that a rehearsal left"), func(ctx context.Context, who account.Actor, _ *struct{}) (*whole[cleaned], error) {
		n, err := inc.CleanUpTests(ctx, who)
		return reply(cleaned{n}, err)
	})
	secured(s, operation("POST", "/page-me", "Page yourself by the real road"), func(ctx context.Context, who account.Actor, _ *struct{}) (*oneIncident, error) {
		return reply(inc.Raise(ctx, who, incident.RaiseIn{Title: "Test page to " + who.Handle, Severity: alert.Critical, Person: who.Person, Test: true}))
	})
	open(s, operation("POST", "/acknowledge-link", "Acknowledge by the secret of a mail or a push"), func(ctx context.Context, in *secretIn) (*oneIncident, error) {
		return reply(inc.AckByLink(ctx, in.Body.Secret))
	})
	s.silenceRoutes()
}

type cleaned struct {
	Cleaned int `json:"cleaned"`
}

func (s *Server) silenceRoutes() {
	inc := s.o.Incidents
	secured(s, operation("GET", "/silences", "List silences that are in force"), func(ctx context.Context, who account.Actor, _ *struct{}) (*whole[[]incident.Silence], error) {
		return reply(inc.Silences(ctx, who))
	})
	secured(s, operation("POST", "/silences", "Keep matching alerts from paging"), func(ctx context.Context, who account.Actor, in *struct {
		Body struct {
			Span
			Match map[string]string `json:"match"`
			Why   string            `json:"why,omitempty"`
		}
	}) (*whole[incident.Silence], error) {
		until, err := in.Body.until(time.Now())
		if err != nil {
			return nil, err
		}
		return reply(inc.AddSilence(ctx, who, incident.Silence{Match: in.Body.Match, Until: until, Why: in.Body.Why}))
	})
	secured(s, operation("DELETE", "/silences/{id}", "End a silence"), func(ctx context.Context, who account.Actor, in *struct {
		ID id.Silence `path:"id"`
	}) (*none, error) {
		return done(inc.EndSilence(ctx, who, in.ID))
	})
}
