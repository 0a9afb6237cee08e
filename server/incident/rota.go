package incident

import (
	"context"
	"slices"
	"strings"
	"time"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/oncall"
	"watchroom/store"
)

// What a new server has.
const (
	defaultTeam     id.Team     = "default"
	defaultSchedule id.Schedule = "default"
	defaultPolicy   id.Policy   = "default"
)

const (
	maxRota      = 500                 // teams, schedules, policies: of each
	overrideKept = 30 * 24 * time.Hour // how long past overrides are shown
)

var (
	teams     = store.NewTable("team", func(t *oncall.Team) []byte { return store.Key(string(t.ID)) })
	schedules = store.NewTable("schedule", func(v *oncall.Schedule) []byte { return store.Key(string(v.ID)) })
	policies  = store.NewTable("policy", func(p *oncall.Policy) []byte { return store.Key(string(p.ID)) })
)

func errDeclared(noun string) error {
	return fault.New(fault.Denied, "this %s is declared in a file; change the file and run `watchroom apply`", noun)
}

var everybody = []string{"*"}

// all lists a table of the rota by name.
func all[T any](s *Service, ctx context.Context, table *store.Table[T], name func(T) string) ([]T, error) {
	list := []T{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		list = slices.AppendSeq(list, table.Scan(tx, store.Range{}))
		return nil
	})
	slices.SortFunc(list, func(a, b T) int { return strings.Compare(name(a), name(b)) })
	return list, err
}

// Teams lists the teams by name.
func (s *Service) Teams(ctx context.Context) ([]oncall.Team, error) {
	return all(s, ctx, teams, func(t oncall.Team) string { return t.Name })
}

// TeamsTx lists the teams within a transaction.
func (s *Service) TeamsTx(tx *store.Tx) []oncall.Team {
	return slices.AppendSeq([]oncall.Team{}, teams.Scan(tx, store.Range{}))
}

// Schedules lists the schedules by name.
func (s *Service) Schedules(ctx context.Context) ([]oncall.Schedule, error) {
	return all(s, ctx, schedules, func(v oncall.Schedule) string { return v.Name })
}

// Policies lists the policies by name.
func (s *Service) Policies(ctx context.Context) ([]oncall.Policy, error) {
	return all(s, ctx, policies, func(p oncall.Policy) string { return p.Name })
}

// full refuses one more where there are too many.
func full[T any](tx *store.Tx, table *store.Table[T]) error {
	n := 0
	for range table.Scan(tx, store.Range{}) {
		if n++; n >= maxRota {
			return fault.New(fault.Conflict, "%d are the most; delete one first", maxRota)
		}
	}
	return nil
}

// PutTeam makes a team, or replaces the one with its ID.
func (s *Service) PutTeam(ctx context.Context, who account.Actor, t oncall.Team) (oncall.Team, error) {
	err := s.rota(ctx, who, func(c *change) error {
		was, ok := teams.Get(c.Tx, store.Key(string(t.ID)))
		switch {
		case t.ID == "":
			t.ID = id.New[id.Team]("team")
			if err := full(c.Tx, teams); err != nil {
				return err
			}
		case !ok:
			return fault.New(fault.Missing, "there is no such team")
		case was.Declared:
			return errDeclared("team")
		}
		t.Declared = false
		return s.putTeam(c, t)
	})
	return t, err
}

// rota is a change of an administrator.
func (s *Service) rota(ctx context.Context, who account.Actor, fn func(*change) error) error {
	if !who.IsAdmin() {
		return errAdmin
	}
	return s.change(ctx, who, fn)
}

func (s *Service) putTeam(c *change, t oncall.Team) error {
	if err := t.Validate(); err != nil {
		return err
	}
	if r, ok := s.rooms.RoomTx(c.Tx, t.Room); t.Room != "" && (!ok || r.Archived) {
		return fault.Field("room", "there is no such room, or it is archived")
	}
	if _, ok := schedules.Get(c.Tx, store.Key(string(t.Schedule))); t.Schedule != "" && !ok {
		return fault.Field("schedule", "there is no such schedule")
	}
	if _, ok := policies.Get(c.Tx, store.Key(string(t.Policy))); t.Policy != "" && !ok {
		return fault.Field("policy", "there is no such policy")
	}
	teams.Put(c.Tx, t)
	c.emit(EventTeamChanged, "", everybody, TeamChanged{Team: t})
	return nil
}

// DeleteTeam deletes a team that nothing names.
func (s *Service) DeleteTeam(ctx context.Context, who account.Actor, n id.Team) error {
	return s.rota(ctx, who, func(c *change) error {
		t, ok := teams.Get(c.Tx, store.Key(string(n)))
		switch {
		case !ok:
			return fault.New(fault.Missing, "there is no such team")
		case t.Declared:
			return errDeclared("team")
		}
		return s.dropTeam(c, t)
	})
}

func (s *Service) dropTeam(c *change, t oncall.Team) error {
	if t.ID == defaultTeam {
		return fault.New(fault.Conflict, "the default team stays")
	}
	for k := range integrations.Scan(c.Tx, store.Range{}) {
		if k.Team == t.ID || slices.ContainsFunc(k.Rules, func(r Rule) bool { return r.Team == t.ID }) {
			return fault.New(fault.Conflict, "the integration %s names the team %s", k.Name, t.Name)
		}
	}
	teams.Delete(c.Tx, store.Key(string(t.ID)))
	c.emit(EventTeamChanged, "", everybody, TeamChanged{Team: t, Deleted: true})
	return nil
}

// PutSchedule makes a schedule, or replaces the one with its ID.
func (s *Service) PutSchedule(ctx context.Context, who account.Actor, v oncall.Schedule) (oncall.Schedule, error) {
	err := s.rota(ctx, who, func(c *change) error {
		was, ok := schedules.Get(c.Tx, store.Key(string(v.ID)))
		switch {
		case v.ID == "":
			v.ID = id.New[id.Schedule]("sch")
			if err := full(c.Tx, schedules); err != nil {
				return err
			}
		case !ok:
			return fault.New(fault.Missing, "there is no such schedule")
		case was.Declared:
			return errDeclared("schedule")
		}
		v.Declared = false
		return s.putSchedule(c, &v)
	})
	return v, err
}

func (s *Service) putSchedule(c *change, v *oncall.Schedule) error {
	for i := range v.Overrides {
		if v.Overrides[i].ID == "" {
			v.Overrides[i].ID = id.New[string]("o")
		}
	}
	past := c.Now().Add(-overrideKept)
	v.Overrides = slices.DeleteFunc(slices.Clone(v.Overrides), func(o oncall.Override) bool { return o.To.Before(past) })
	if v.Rotations == nil {
		v.Rotations = []oncall.Rotation{}
	}
	if err := v.Validate(); err != nil {
		return err
	}
	for _, r := range v.Rotations {
		for _, p := range r.People {
			if err := s.callable(c.Tx, "rotations", p); err != nil {
				return err
			}
		}
	}
	schedules.Put(c.Tx, *v)
	c.emit(EventScheduleChanged, "", everybody, ScheduleChanged{Schedule: *v})
	s.dueShift(c, *v)
	s.watchAll(c)
	return nil
}

// callable refuses people who cannot be on call.
func (s *Service) callable(tx *store.Tx, field string, p id.Person) error {
	if who, ok := s.people.ActorTx(tx, p); !ok || who.Bot || who.System {
		return fault.Field(field, "there is no such person, or the account is disabled or a bot")
	}
	return nil
}

// dueShift sets when somebody else is on call.
func (s *Service) dueShift(c *change, v oncall.Schedule) {
	c.undue(dueShift, string(v.ID))
	if next := v.Next(c.Now()); !next.IsZero() {
		c.due(dueShift, string(v.ID), next)
	}
}

// DeleteSchedule deletes a schedule that nothing names.
func (s *Service) DeleteSchedule(ctx context.Context, who account.Actor, n id.Schedule) error {
	return s.rota(ctx, who, func(c *change) error {
		v, ok := schedules.Get(c.Tx, store.Key(string(n)))
		switch {
		case !ok:
			return fault.New(fault.Missing, "there is no such schedule")
		case v.Declared:
			return errDeclared("schedule")
		}
		return s.dropSchedule(c, v)
	})
}

func (s *Service) dropSchedule(c *change, v oncall.Schedule) error {
	for t := range teams.Scan(c.Tx, store.Range{}) {
		if t.Schedule == v.ID {
			return fault.New(fault.Conflict, "the team %s names the schedule %s", t.Name, v.Name)
		}
	}
	for p := range policies.Scan(c.Tx, store.Range{}) {
		for _, step := range p.Steps {
			if slices.Contains(step.Targets, oncall.Target{Schedule: v.ID}) {
				return fault.New(fault.Conflict, "the policy %s names the schedule %s", p.Name, v.Name)
			}
		}
	}
	schedules.Delete(c.Tx, store.Key(string(v.ID)))
	c.undue(dueShift, string(v.ID))
	c.emit(EventScheduleChanged, "", everybody, ScheduleChanged{Schedule: v, Deleted: true})
	s.watchAll(c)
	return nil
}

// PutPolicy makes a policy, or replaces the one with its ID. What climbs goes on with it from its next step.
func (s *Service) PutPolicy(ctx context.Context, who account.Actor, p oncall.Policy) (oncall.Policy, error) {
	err := s.rota(ctx, who, func(c *change) error {
		was, ok := policies.Get(c.Tx, store.Key(string(p.ID)))
		switch {
		case p.ID == "":
			p.ID = id.New[id.Policy]("pol")
			if err := full(c.Tx, policies); err != nil {
				return err
			}
		case !ok:
			return fault.New(fault.Missing, "there is no such policy")
		case was.Declared:
			return errDeclared("policy")
		}
		p.Declared = false
		return s.putPolicy(c, p)
	})
	return p, err
}

func (s *Service) putPolicy(c *change, p oncall.Policy) error {
	if err := p.Validate(); err != nil {
		return err
	}
	for _, step := range p.Steps {
		for _, t := range step.Targets {
			if t.Person != "" {
				if err := s.callable(c.Tx, "steps", t.Person); err != nil {
					return err
				}
			} else if _, ok := schedules.Get(c.Tx, store.Key(string(t.Schedule))); !ok {
				return fault.Field("steps", "there is no schedule %s", t.Schedule)
			}
		}
	}
	policies.Put(c.Tx, p)
	c.emit(EventPolicyChanged, "", everybody, PolicyChanged{Policy: p})
	return nil
}

// DeletePolicy deletes a policy that nothing names.
func (s *Service) DeletePolicy(ctx context.Context, who account.Actor, n id.Policy) error {
	return s.rota(ctx, who, func(c *change) error {
		p, ok := policies.Get(c.Tx, store.Key(string(n)))
		switch {
		case !ok:
			return fault.New(fault.Missing, "there is no such policy")
		case p.Declared:
			return errDeclared("policy")
		}
		return s.dropPolicy(c, p)
	})
}

func (s *Service) dropPolicy(c *change, p oncall.Policy) error {
	if p.ID == defaultPolicy {
		return fault.New(fault.Conflict, "the default policy stays: nothing is paged nowhere")
	}
	for t := range teams.Scan(c.Tx, store.Range{}) {
		if t.Policy == p.ID {
			return fault.New(fault.Conflict, "the team %s names the policy %s", t.Name, p.Name)
		}
	}
	for k := range integrations.Scan(c.Tx, store.Range{}) {
		if k.Policy == p.ID || slices.ContainsFunc(k.Rules, func(r Rule) bool { return r.Policy == p.ID }) {
			return fault.New(fault.Conflict, "the integration %s names the policy %s", k.Name, p.Name)
		}
	}
	policies.Delete(c.Tx, store.Key(string(p.ID)))
	c.emit(EventPolicyChanged, "", everybody, PolicyChanged{Policy: p, Deleted: true})
	return nil
}

// AddOverride puts somebody on call instead for a time: oneself, or as an administrator anybody. Declared schedules take them too.
func (s *Service) AddOverride(ctx context.Context, who account.Actor, n id.Schedule, o oncall.Override) (v oncall.Schedule, err error) {
	if !who.IsAdmin() && (who.Role == account.Guest || o.Person != who.Person) {
		return v, fault.New(fault.Denied, "you can take a shift yourself; only an administrator puts others on call")
	}
	err = s.change(ctx, who, func(c *change) error {
		var ok bool
		if v, ok = schedules.Get(c.Tx, store.Key(string(n))); !ok {
			return fault.New(fault.Missing, "there is no such schedule")
		}
		if err := o.Validate(); err != nil {
			return err
		}
		if err := s.callable(c.Tx, "person", o.Person); err != nil {
			return err
		}
		o.ID = id.New[string]("o")
		v.Overrides = append(v.Overrides, o)
		return s.putSchedule(c, &v)
	})
	return v, err
}

// RemoveOverride takes an override back: one's own, or as an administrator any.
func (s *Service) RemoveOverride(ctx context.Context, who account.Actor, n id.Schedule, override string) (v oncall.Schedule, err error) {
	err = s.change(ctx, who, func(c *change) error {
		var ok bool
		if v, ok = schedules.Get(c.Tx, store.Key(string(n))); !ok {
			return fault.New(fault.Missing, "there is no such schedule")
		}
		i := slices.IndexFunc(v.Overrides, func(o oncall.Override) bool { return o.ID == override })
		switch {
		case i < 0:
			return fault.New(fault.Missing, "there is no such override")
		case !who.IsAdmin() && v.Overrides[i].Person != who.Person:
			return fault.New(fault.Denied, "only an administrator takes back the shifts of others")
		}
		v.Overrides = slices.Delete(v.Overrides, i, i+1)
		return s.putSchedule(c, &v)
	})
	return v, err
}

// OnCallTx is who is on call for a schedule at now.
func (s *Service) OnCallTx(tx *store.Tx, n id.Schedule, now time.Time) []id.Person {
	v, ok := schedules.Get(tx, store.Key(string(n)))
	if !ok {
		return nil
	}
	return v.At(now)
}

// onCall is everybody who is on call for anything.
func (s *Service) onCall(tx *store.Tx, now time.Time) []id.Person {
	var people []id.Person
	for v := range schedules.Scan(tx, store.Range{}) {
		for _, p := range v.At(now) {
			people = with(people, p)
		}
	}
	return people
}

// Duties says who is on call for each schedule, now and over the days to come.
func (s *Service) Duties(ctx context.Context, who account.Actor, days int) ([]Duty, error) {
	if !who.System && who.Role == account.Guest {
		return nil, errGuest
	}
	if days < 0 || days > 90 {
		return nil, fault.Field("days", "is 0 to 90")
	}
	list, err := s.Schedules(ctx)
	now := s.o.Now()
	duties := []Duty{}
	for _, v := range list {
		d := Duty{Schedule: v, Now: v.At(now), Shifts: v.Shifts(now, now.Add(time.Duration(days)*24*time.Hour))}
		if d.Until = v.Next(now); !d.Until.IsZero() {
			d.Next = v.At(d.Until)
		}
		if d.Shifts == nil {
			d.Shifts = []oncall.Shift{}
		}
		duties = append(duties, d)
	}
	return duties, err
}
