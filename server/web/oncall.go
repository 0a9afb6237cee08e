package web

import (
	"context"
	"strings"

	"watchroom/server/account"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/server/oncall"
	"watchroom/server/wire"
)

type changesOut struct {
	Changes []string `json:"changes" doc:"what changed, in words"`
}

func (s *Server) oncallRoutes() {
	inc := s.o.Incidents
	secured(s, operation("GET", "/oncall", "Who is on call, now and next"), func(ctx context.Context, who account.Actor, in *struct {
		Days int `query:"days" minimum:"0" maximum:"90" doc:"how far ahead; 14 when left out"`
	}) (*whole[[]incident.Duty], error) {
		if in.Days == 0 {
			in.Days = 14
		}
		return reply(inc.Duties(ctx, who, in.Days))
	})
	secured(s, operation("GET", "/readiness", "Who can be rung now"), func(ctx context.Context, who account.Actor, in *struct {
		People string `query:"people" doc:"ids with commas between; everybody on call when left out"`
	}) (*whole[[]incident.Readiness], error) {
		var people []id.Person
		for p := range strings.FieldsFuncSeq(in.People, func(r rune) bool { return r == ',' }) {
			people = append(people, id.Person(strings.Clone(p)))
		}
		return reply(inc.Readiness(ctx, who, people...))
	})
	inside(s, operation("GET", "/checks", "The newest result of every check"), func(ctx context.Context, _ account.Actor, _ *struct{}) (*whole[[]wire.CheckState], error) {
		return reply(s.o.Checks(ctx), nil)
	})
	secured(s, operation("POST", "/apply", "Apply schedules, policies and routing from files"), func(ctx context.Context, who account.Actor, in *struct {
		Body struct {
			Files []string `json:"files" minItems:"1" maxItems:"100"`
		}
	}) (*whole[changesOut], error) {
		files := make([][]byte, len(in.Body.Files))
		for i, f := range in.Body.Files {
			files[i] = []byte(f)
		}
		changes, err := inc.Apply(ctx, who, files)
		return reply(changesOut{changes}, err)
	})
	declared(s, "/teams", "team", inc.Teams, inc.PutTeam, inc.DeleteTeam, func(t *oncall.Team, v id.Team) { t.ID = v })
	declared(s, "/schedules", "schedule", inc.Schedules, inc.PutSchedule, inc.DeleteSchedule, func(t *oncall.Schedule, v id.Schedule) { t.ID = v })
	declared(s, "/policies", "policy", inc.Policies, inc.PutPolicy, inc.DeletePolicy, func(t *oncall.Policy, v id.Policy) { t.ID = v })
	secured(s, operation("POST", "/schedules/{id}/overrides", "Put somebody on call instead for a time"), func(ctx context.Context, who account.Actor, in *struct {
		ID   id.Schedule `path:"id"`
		Body oncall.Override
	}) (*whole[oncall.Schedule], error) {
		return reply(inc.AddOverride(ctx, who, in.ID, in.Body))
	})
	secured(s, operation("DELETE", "/schedules/{id}/overrides/{override}", "Take an override back"), func(ctx context.Context, who account.Actor, in *struct {
		ID       id.Schedule `path:"id"`
		Override string      `path:"override"`
	}) (*whole[oncall.Schedule], error) {
		return reply(inc.RemoveOverride(ctx, who, in.ID, strings.Clone(in.Override)))
	})
}

// declared registers list, create, replace and delete for one noun of the rota.
func declared[T any, ID ~string](s *Server, path, noun string,
	list func(context.Context) ([]T, error),
	put func(context.Context, account.Actor, T) (T, error),
	remove func(context.Context, account.Actor, ID) error,
	name func(*T, ID)) {
	type IDPath struct {
		ID ID `path:"id"`
	}
	type putIn struct {
		IDPath
		Body T
	}
	inside(s, operation("GET", path, "List: "+noun), func(ctx context.Context, _ account.Actor, _ *struct{}) (*whole[[]T], error) {
		return reply(list(ctx))
	})
	secured(s, operation("POST", path, "Make a "+noun), func(ctx context.Context, who account.Actor, in *struct{ Body T }) (*whole[T], error) {
		var fresh ID
		name(&in.Body, fresh)
		return reply(put(ctx, who, in.Body))
	})
	secured(s, operation("PUT", path+"/{id}", "Replace a "+noun), func(ctx context.Context, who account.Actor, in *putIn) (*whole[T], error) {
		name(&in.Body, ID(strings.Clone(string(in.ID))))
		return reply(put(ctx, who, in.Body))
	})
	secured(s, operation("DELETE", path+"/{id}", "Delete a "+noun), func(ctx context.Context, who account.Actor, in *IDPath) (*none, error) {
		return done(remove(ctx, who, in.ID))
	})
}
