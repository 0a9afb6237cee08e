package incident

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"watchroom/server/account"
	"watchroom/server/alert"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/oncall"
	"watchroom/store"
)

// routing is what a file says of one integration that exists.
type routing struct {
	Integration string    `yaml:"integration"` // its name
	Service     string    `yaml:"service"`
	Team        id.Team   `yaml:"team"`
	Room        string    `yaml:"room"` // "#name"
	Policy      id.Policy `yaml:"policy"`
	Rules       []struct {
		Match    map[string]string `yaml:"match"`
		Room     string            `yaml:"room"`
		Policy   id.Policy         `yaml:"policy"`
		Team     id.Team           `yaml:"team"`
		Severity alert.Severity    `yaml:"severity"`
	} `yaml:"rules"`
}

// declared is what all files say together.
type declared struct {
	oncall.File
	routing []routing
}

// parseDeclared reads on-call files that may have a `routing:` section beside teams, schedules and policies.
func parseDeclared(files [][]byte) (declared, error) {
	var all declared
	for i, b := range files {
		if len(b) > oncall.MaxFile {
			return all, fault.New(fault.TooLarge, "an on-call file has at most %d bytes", oncall.MaxFile)
		}
		rota, routes := split(b)
		var f oncall.File
		if says(rota) {
			var err error
			if f, err = oncall.ParseFile(rota); err != nil {
				return all, inFile(err, i, len(files))
			}
		}
		all.Teams = append(all.Teams, f.Teams...)
		all.Schedules = append(all.Schedules, f.Schedules...)
		all.Policies = append(all.Policies, f.Policies...)
		var r struct {
			Routing []routing `yaml:"routing"`
		}
		if !says(routes) {
			continue
		}
		if err := yaml.Load(routes, &r, yaml.WithKnownFields()); err != nil {
			words := strings.Join(strings.Fields(strings.TrimPrefix(err.Error(), "yaml: ")), " ")
			return all, inFile(fault.Wrap(err, fault.Invalid, "%s", strings.ToValidUTF8(words, "\ufffd")), i, len(files))
		}
		all.routing = append(all.routing, r.Routing...)
	}
	return all, all.twice()
}

// split parts the top-level section `routing:` from the rest. Each part keeps its lines where they stood, so that errors name the right one.
func split(b []byte) (rota, routes []byte) {
	in := false
	for line := range bytes.Lines(b) {
		if len(line) > 0 && !bytes.ContainsRune([]byte(" \t\r\n#-"), rune(line[0])) {
			in = bytes.HasPrefix(line, []byte("routing:"))
		}
		blank := []byte("\n")
		if in {
			rota, routes = append(rota, blank...), append(routes, line...)
		} else {
			rota, routes = append(rota, line...), append(routes, blank...)
		}
	}
	return rota, routes
}

// says tells whether YAML holds more than comments.
func says(b []byte) bool {
	for line := range bytes.Lines(b) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return true
		}
	}
	return false
}

func inFile(err error, i, n int) error {
	if n == 1 {
		return err
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return &fault.Error{Kind: f.Kind, Field: f.Field, Message: fmt.Sprintf("file %d: %s", i+1, f.Message)}
	}
	return err
}

// twice refuses names that several files declare.
func (d declared) twice() error {
	seen := map[string]bool{}
	again := func(noun, name string) error {
		if seen[noun+name] {
			return fault.New(fault.Invalid, "the %s %s is declared twice", noun, name)
		}
		seen[noun+name] = true
		return nil
	}
	var err error
	for _, t := range d.Teams {
		err = errors.Join(err, again("team ", string(t.ID)))
	}
	for _, v := range d.Schedules {
		err = errors.Join(err, again("schedule ", string(v.ID)))
	}
	for _, p := range d.Policies {
		err = errors.Join(err, again("policy ", string(p.ID)))
	}
	for _, r := range d.routing {
		err = errors.Join(err, again("routing of ", strings.ToLower(r.Integration)))
	}
	return err
}

// Apply makes teams, schedules, policies and the routing of integrations as the files say, all or nothing, and returns what changed in
// words. What files declare is read-only in the client; what they declare no more is deleted. Shifts that people took stay.
func (s *Service) Apply(ctx context.Context, who account.Actor, files [][]byte) (changes []string, err error) {
	if !who.IsAdmin() {
		return nil, errAdmin
	}
	parsed, err := parseDeclared(files)
	if err != nil {
		return nil, err
	}
	err = s.change(ctx, who, func(c *change) error {
		a := &applying{s: s, c: c, d: parsed}
		err := a.apply()
		changes = a.changes
		return err
	})
	if err != nil {
		return nil, err
	}
	return append([]string{}, changes...), nil
}

// applying is one Apply under way.
type applying struct {
	s       *Service
	c       *change
	d       declared
	changes []string
}

func (a *applying) said(format string, args ...any) {
	a.changes = append(a.changes, fmt.Sprintf(format, args...))
}

func (a *applying) apply() error {
	err := a.d.People(func(handle string) (id.Person, error) {
		p, ok := a.s.people.ByHandleTx(a.c.Tx, strings.TrimPrefix(handle, "@"))
		if !ok {
			return "", fault.New(fault.Invalid, "there is nobody called %s", handle)
		}
		return p.ID, nil
	})
	if err != nil {
		return err
	}
	for _, step := range []func() error{a.schedules, a.policies, a.teams, a.routing, a.dropTeams, a.dropPolicies, a.dropSchedules} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// verb is what happened to something that is there from now on.
func verb(had bool) string {
	if had {
		return "changed"
	}
	return "made"
}

func (a *applying) schedules() error {
	for _, v := range a.d.Schedules {
		was, had := schedules.Get(a.c.Tx, store.Key(string(v.ID)))
		for i := range v.Overrides {
			if v.Overrides[i].ID == "" {
				v.Overrides[i].ID = fmt.Sprintf("file-%d", i+1)
			}
		}
		for _, o := range was.Overrides {
			if !strings.HasPrefix(o.ID, "file-") && !slices.ContainsFunc(v.Overrides, func(x oncall.Override) bool { return x.ID == o.ID }) {
				v.Overrides = append(v.Overrides, o)
			}
		}
		v.Declared = true
		if v.Rotations == nil {
			v.Rotations = []oncall.Rotation{}
		}
		if had && same(was, v) {
			continue
		}
		if err := a.s.putSchedule(a.c, &v); err != nil {
			return at(err, "schedule", string(v.ID))
		}
		a.said("schedule %s %s", v.ID, verb(had))
	}
	return nil
}

// same compares as the store keeps things: a time read back equals the one that was written.
func same[T any](x, y T) bool {
	return reflect.DeepEqual(x, y) || fmt.Sprint(x) == fmt.Sprint(y)
}

func at(err error, noun, name string) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return &fault.Error{Kind: f.Kind, Field: f.Field, Message: noun + " " + name + ": " + f.Message}
	}
	return err
}

func (a *applying) policies() error {
	for _, p := range a.d.Policies {
		was, had := policies.Get(a.c.Tx, store.Key(string(p.ID)))
		if p.Declared = true; had && same(was, p) {
			continue
		}
		if err := a.s.putPolicy(a.c, p); err != nil {
			return at(err, "policy", string(p.ID))
		}
		a.said("policy %s %s", p.ID, verb(had))
	}
	return nil
}

func (a *applying) teams() error {
	for _, t := range a.d.Teams {
		was, had := teams.Get(a.c.Tx, store.Key(string(t.ID)))
		room, err := a.room(string(t.Room))
		if err != nil {
			return at(err, "team", string(t.ID))
		}
		if t.Room, t.Declared = room, true; t.Room == "" {
			t.Room = opsRoom(a.c.Tx)
		}
		if had && same(was, t) {
			continue
		}
		if err := a.s.putTeam(a.c, t); err != nil {
			return at(err, "team", string(t.ID))
		}
		a.said("team %s %s", t.ID, verb(had))
	}
	return nil
}

// room is the room that a file calls "#name".
func (a *applying) room(name string) (id.Room, error) {
	if name == "" {
		return "", nil
	}
	r, ok := a.s.rooms.RoomByNameTx(a.c.Tx, strings.TrimPrefix(name, "#"))
	if !ok {
		return "", fault.New(fault.Invalid, "there is no room %s; make it first", name)
	}
	return r.ID, nil
}

func (a *applying) routing() error {
	named := map[id.Integration]bool{}
	for _, r := range a.d.routing {
		var k keyed
		for v := range integrations.Scan(a.c.Tx, store.Range{}) {
			if strings.EqualFold(v.Name, r.Integration) {
				k = v
			}
		}
		if k.ID == "" {
			return fault.New(fault.Invalid, "routing: there is no integration called %q; make it first, a file holds no keys", r.Integration)
		}
		named[k.ID] = true
		next, err := a.routed(k.Integration, r)
		if err != nil {
			return at(err, "routing of", r.Integration)
		}
		if same(next, k.Integration) {
			continue
		}
		k.Integration = next
		a.s.putIntegration(a.c, k)
		a.said("routing of %s changed", k.Name)
	}
	for k := range integrations.Scan(a.c.Tx, store.Range{}) {
		if k.Declared && !named[k.ID] {
			k.Declared = false
			a.s.putIntegration(a.c, k)
			a.said("routing of %s is no longer declared", k.Name)
		}
	}
	return nil
}

// routed is an integration as the file routes it.
func (a *applying) routed(in Integration, r routing) (Integration, error) {
	room, err := a.room(r.Room)
	if err != nil {
		return in, err
	}
	in.Service, in.Team, in.Room, in.Policy, in.Declared, in.Rules = r.Service, r.Team, room, r.Policy, true, nil
	for _, rule := range r.Rules {
		room, err := a.room(rule.Room)
		if err != nil {
			return in, err
		}
		in.Rules = append(in.Rules, Rule{Match: rule.Match, Room: room, Policy: rule.Policy, Team: rule.Team, Severity: rule.Severity})
	}
	return in, a.s.checkIntegration(&change{Tx: a.c.Tx, who: account.System()}, &in)
}

func (a *applying) dropTeams() error {
	for t := range teams.Scan(a.c.Tx, store.Range{}) {
		if !t.Declared || slices.ContainsFunc(a.d.Teams, func(x oncall.Team) bool { return x.ID == t.ID }) {
			continue
		}
		if t.ID == defaultTeam {
			t.Declared = false
			teams.Put(a.c.Tx, t)
			continue
		}
		if err := a.s.dropTeam(a.c, t); err != nil {
			return err
		}
		a.said("team %s deleted", t.ID)
	}
	return nil
}

func (a *applying) dropPolicies() error {
	for p := range policies.Scan(a.c.Tx, store.Range{}) {
		if !p.Declared || slices.ContainsFunc(a.d.Policies, func(x oncall.Policy) bool { return x.ID == p.ID }) {
			continue
		}
		if p.ID == defaultPolicy {
			p.Declared = false
			policies.Put(a.c.Tx, p)
			continue
		}
		if err := a.s.dropPolicy(a.c, p); err != nil {
			return err
		}
		a.said("policy %s deleted", p.ID)
	}
	return nil
}

func (a *applying) dropSchedules() error {
	for v := range schedules.Scan(a.c.Tx, store.Range{}) {
		if !v.Declared || slices.ContainsFunc(a.d.Schedules, func(x oncall.Schedule) bool { return x.ID == v.ID }) {
			continue
		}
		if err := a.s.dropSchedule(a.c, v); err != nil {
			return err
		}
		a.said("schedule %s deleted", v.ID)
	}
	return nil
}
