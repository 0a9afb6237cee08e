package web

import (
	"context"
	"time"

	"watchroom/server/account"
	"watchroom/server/alert"
	"watchroom/server/id"
	"watchroom/server/incident"
)

// IntegrationPath names an integration.
type IntegrationPath struct {
	ID id.Integration `path:"id"`
}

type keyOut struct {
	Integration incident.Integration `json:"integration"`
	Key         string               `json:"key" doc:"shown this once"`
	URL         string               `json:"url" doc:"to paste into the sender; shown this once"`
}

func (s *Server) keyed(in incident.Integration, key string, err error) (*whole[keyOut], error) {
	return reply(keyOut{Integration: in, Key: key, URL: incident.URL(s.o.PublicURL, in.Kind, key)}, err)
}

func (s *Server) integrationRoutes() {
	inc := s.o.Incidents
	secured(s, operation("GET", "/integrations", "List integrations"), func(ctx context.Context, who account.Actor, _ *struct{}) (*whole[[]incident.Integration], error) {
		return reply(inc.Integrations(ctx, who))
	})
	secured(s, operation("POST", "/integrations", "Make a way in for a sender"), func(ctx context.Context, who account.Actor, in *struct{ Body incident.IntegrationIn }) (*whole[keyOut], error) {
		made, key, err := inc.CreateIntegration(ctx, who, in.Body.Integration())
		return s.keyed(made, key, err)
	})
	secured(s, operation("PATCH", "/integrations/{id}", "Change an integration: its defaults, rules, shadow"), func(ctx context.Context, who account.Actor, in *struct {
		IntegrationPath
		Body incident.IntegrationIn
	}) (*whole[incident.Integration], error) {
		v := in.Body.Integration()
		v.ID = in.ID
		return reply(inc.UpdateIntegration(ctx, who, v))
	})
	secured(s, operation("DELETE", "/integrations/{id}", "Remove an integration; its incidents stay"), func(ctx context.Context, who account.Actor, in *IntegrationPath) (*none, error) {
		return done(inc.RemoveIntegration(ctx, who, in.ID))
	})
	secured(s, operation("POST", "/integrations/{id}/rotate", "Make a new key; the old one works for 24 hours more"), func(ctx context.Context, who account.Actor, in *IntegrationPath) (*whole[keyOut], error) {
		made, key, err := inc.RotateKey(ctx, who, in.ID)
		return s.keyed(made, key, err)
	})
	secured(s, operation("POST", "/integrations/{id}/pause", "Keep an integration from paging; requests are still kept and shown"), func(ctx context.Context, who account.Actor, in *struct {
		IntegrationPath
		Body struct {
			Minutes int  `json:"minutes,omitempty" minimum:"0" maximum:"525600" doc:"0: until resumed"`
			Resume  bool `json:"resume,omitempty"`
		}
	}) (*whole[incident.Integration], error) {
		until := id.Millis(-1)
		if in.Body.Minutes > 0 {
			until = id.At(time.Now().Add(time.Duration(in.Body.Minutes) * time.Minute))
		}
		if in.Body.Resume {
			until = 0
		}
		return reply(inc.PauseIntegration(ctx, who, in.ID, until))
	})
	secured(s, operation("POST", "/integrations/{id}/test", "Send a test as this sender would"), func(ctx context.Context, who account.Actor, in *struct {
		IntegrationPath
		Body struct {
			Severity alert.Severity `json:"severity" enum:"critical,low,info"`
		}
	}) (*whole[incident.Request], error) {
		return reply(inc.SendTest(ctx, who, in.ID, in.Body.Severity))
	})
	secured(s, operation("GET", "/integrations/{id}/requests", "List the last requests with the decision each led to"), func(ctx context.Context, who account.Actor, in *struct {
		IntegrationPath
		Limit int `query:"limit" minimum:"0" maximum:"200"`
	}) (*whole[[]incident.Request], error) {
		return reply(inc.Requests(ctx, who, in.ID, in.Limit))
	})
	type requestIn struct {
		ID id.Request `path:"id"`
	}
	secured(s, operation("GET", "/requests/{id}/body", "Read the raw body of a request"), func(ctx context.Context, who account.Actor, in *requestIn) (*rawOut, error) {
		body, err := inc.RawBody(ctx, who, in.ID)
		return &rawOut{ContentType: "text/plain; charset=utf-8", Body: body}, err
	})
	secured(s, operation("POST", "/requests/{id}/replay", "Send a kept request through again"), func(ctx context.Context, who account.Actor, in *requestIn) (*whole[incident.Request], error) {
		return reply(inc.Replay(ctx, who, in.ID))
	})
}

type rawOut struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}
