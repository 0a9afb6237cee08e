package incident

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"watchroom/server/alert"
	"watchroom/server/chat"
	"watchroom/server/id"
	"watchroom/store"
)

// route is where one alert goes.
type route struct {
	room     id.Room
	team     id.Team
	policy   id.Policy
	severity alert.Severity
	why      string // how the severity came about
	words    string // which rule sent it where
}

// pattern is the regular expression in /…/, which must match the whole value.
func pattern(value string) (string, bool) {
	if len(value) < 2 || value[0] != '/' || value[len(value)-1] != '/' {
		return "", false
	}
	return "^(?:" + value[1:len(value)-1] + ")$", true
}

// matches tells whether every label of match is among labels. An absent label is an empty one.
func matches(match, labels map[string]string) bool {
	for name, want := range match {
		got := labels[name]
		p, ok := pattern(want)
		if !ok {
			if got != want {
				return false
			}
			continue
		}
		if re, err := regexp.Compile(p); err != nil || !re.MatchString(got) {
			return false
		}
	}
	return true
}

// pairs writes a match in words.
func pairs(match map[string]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(match)) {
		list = append(list, name+"="+match[name])
	}
	return strings.Join(list, " ")
}

// labelsOf are an alert's labels, with the integration's service where the sender names none.
func labelsOf(in Integration, a alert.Alert) map[string]string {
	if in.Service == "" || a.Labels["service"] != "" {
		return a.Labels
	}
	labels := maps.Clone(a.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	labels["service"] = in.Service
	return labels
}

// route decides where an alert goes: the first rule that matches, else the integration's defaults. Nothing is sent nowhere.
func (s *Service) route(c *change, in Integration, a alert.Alert) route {
	tx := c.Tx
	r := route{team: in.Team, severity: a.Severity, why: a.SeverityWhy, words: "default of " + in.Name}
	var rule Rule
	for i, candidate := range in.Rules {
		if matches(candidate.Match, labelsOf(in, a)) {
			rule = candidate
			r.words = fmt.Sprintf("rule %d (%s) of %s", i+1, pairs(rule.Match), in.Name)
			break
		}
	}
	if in.Kind == KindManual {
		r.words = "paged by " + a.Annotations[raisedBy]
		rule.Team = id.Team(a.Annotations[raisedTeam])
	}
	if rule.Severity != "" && rule.Severity != r.severity {
		r.severity, r.why = rule.Severity, string(rule.Severity)+", because "+r.words+" says so"
	}
	if rule.Team != "" {
		r.team = rule.Team
	}
	team, _ := teams.Get(tx, store.Key(string(r.team)))
	r.policy = s.firstPolicy(tx, rule.Policy, when(rule.Team != "", team.Policy), in.Policy, team.Policy, defaultPolicy)
	r.room = s.firstRoom(tx, rule.Room, when(in.Kind == KindManual, id.Room(a.Room)))
	if asked := strings.TrimPrefix(a.Room, "#"); asked != "" && r.room == "" && !in.LockRoom {
		if room, ok := s.rooms.RoomByNameTx(tx, asked); ok && room.Kind == chat.Public && !room.Priority {
			r.room, r.words = room.ID, r.words+", to #"+room.Name+" as the sender asks"
		} else {
			r.words += ", because there is no public room #" + asked + " that the sender asks for"
		}
	}
	if r.room == "" {
		r.room = s.firstRoom(tx, when(rule.Team != "", team.Room), in.Room, team.Room, opsRoom(tx))
	}
	if r.room == "" {
		r.room, r.words = s.somewhere(c), r.words+", whose rooms are archived"
	}
	return r
}

// when is v if the condition holds, else nothing.
func when[T ~string](ok bool, v T) T {
	if ok {
		return v
	}
	return ""
}

func (s *Service) firstPolicy(tx *store.Tx, list ...id.Policy) id.Policy {
	for _, p := range list {
		if p != "" {
			if _, ok := policies.Get(tx, store.Key(string(p))); ok {
				return p
			}
		}
	}
	return defaultPolicy
}

// firstRoom is the first of the rooms that somebody can write in; "" when there is none.
func (s *Service) firstRoom(tx *store.Tx, list ...id.Room) id.Room {
	for _, room := range list {
		if room != "" {
			if r, ok := s.rooms.RoomTx(tx, room); ok && !r.Archived {
				return room
			}
		}
	}
	return ""
}
