package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// least is the role that an operation needs.
type least string

const (
	anybody  least = "anybody" // without a sign-in
	guests   least = "guest"
	members  least = "member"
	admins   least = "admin"
	operator least = "operator"
)

// may tells whether somebody of role may do what needs l.
func (l least) may(role string) bool {
	order := []string{"", "guest", "member", "admin", "owner", "system"}
	need := map[least]string{anybody: "", guests: "guest", members: "member", admins: "admin", operator: "system"}[l]
	return slices.Index(order, role) >= slices.Index(order, need)
}

// cell is one operation of the matrix: who may, and a call that works when it is allowed.
type cell struct {
	least least
	call  func(m *matrix, a *agent) (path string, body any)
	noBot bool // a token may not, whoever it belongs to
}

// matrix is the server on which the calls are made.
type matrix struct {
	*site
	den, ops, link string // a private room of everybody, a public room, an integration
	rota, policy   string
	n              int
}

// name is one that nothing has yet.
func (m *matrix) name(prefix string) string {
	m.n++
	return fmt.Sprintf("%s-%d", prefix, m.n)
}

// made makes something as the owner and returns the string at these keys of the answer.
func (m *matrix) made(path string, body any, keys ...string) string {
	m.t.Helper()
	return made(m.owner, path, body, keys...)
}

func made(a *agent, path string, body any, keys ...string) string {
	a.site.t.Helper()
	var v any
	a.call("POST", path, body).into(&v)
	for _, k := range keys {
		object, _ := v.(map[string]any)
		v = object[k]
	}
	if f, ok := v.(float64); ok {
		return fmt.Sprintf("%.0f", f)
	}
	s, ok := v.(string)
	if !ok || s == "" {
		a.site.t.Fatalf("POST %s: no %v in the answer", path, keys)
	}
	return s
}

type object = map[string]any

// fixed is a call that is the same for everybody.
func fixed(path string, body any) func(*matrix, *agent) (string, any) {
	return func(*matrix, *agent) (string, any) { return path, body }
}

func (m *matrix) incident() string {
	return m.made("/incidents", object{"title": m.name("fire"), "severity": "low"}, "id")
}

func onIncident(verb string, body any) func(*matrix, *agent) (string, any) {
	return func(m *matrix, _ *agent) (string, any) { return "/incidents/" + m.incident() + verb, body }
}

func onIntegration(verb string, body any) func(*matrix, *agent) (string, any) {
	return func(m *matrix, _ *agent) (string, any) {
		return "/integrations/" + m.made("/integrations", object{"kind": "json", "name": m.name("in")}, "integration", "id") + verb, body
	}
}

func inDen(verb string, body any) func(*matrix, *agent) (string, any) {
	return func(m *matrix, _ *agent) (string, any) { return "/rooms/" + m.den + verb, body }
}

func ownMessage(verb string, body any) func(*matrix, *agent) (string, any) {
	return func(m *matrix, a *agent) (string, any) {
		who := a
		if a.bearer == "" {
			who = m.owner
		}
		return fmt.Sprintf("/messages/%d%s", who.post(m.den, m.name("word")).ID, verb), body
	}
}

func (m *matrix) request(verb string) string {
	var r struct{ ID string }
	m.owner.call("POST", "/integrations/"+m.link+"/test", object{"severity": "info"}).into(&r)
	return "/requests/" + r.ID + verb
}

func (m *matrix) victim() string {
	return m.made("/people", object{"handle": m.name("victim"), "password": password}, "person", "id")
}

func (m *matrix) teamBody(name string) object {
	return object{"name": name, "room": m.ops, "policy": m.policy, "schedule": m.rota}
}

func schedule(m *matrix, name string) object {
	return object{"name": name, "zone": "UTC", "rotations": []object{{"name": "week", "people": []string{m.owner.id}, "start": "2026-01-05T09:00:00Z", "length": 7, "unit": "days"}}}
}

func policy(m *matrix, name string) object {
	return object{"name": name, "steps": []object{{"after": 60, "targets": []object{{"person": m.owner.id}}}}}
}

// cells is the whole matrix. An operation that is not in it fails the test.
var cells = map[string]cell{
	"POST /claim":          {anybody, fixed("/claim", object{"secret": "x", "handle": "h", "name": "n", "password": password}), false},
	"POST /invites/peek":   {anybody, fixed("/invites/peek", object{"secret": "x"}), false},
	"POST /invites/accept": {anybody, fixed("/invites/accept", object{"secret": "x", "handle": "h", "name": "n", "password": password}), false},
	"POST /password/reset": {anybody, fixed("/password/reset", object{"secret": "x", "password": password}), false},
	"POST /session": {anybody, func(m *matrix, _ *agent) (string, any) {
		return "/session", object{"handle": "ann", "password": password}
	}, false},
	"POST /session/refresh":  {anybody, fixed("/session/refresh", nil), false},
	"POST /acknowledge-link": {anybody, fixed("/acknowledge-link", object{"secret": "x"}), false},

	"GET /me":            {guests, fixed("/me", nil), false},
	"PATCH /me":          {guests, fixed("/me", object{"zone": "Europe/Berlin"}), false},
	"POST /me/password":  {guests, fixed("/me/password", object{"old": password, "new": password}), true},
	"GET /me/ways":       {guests, fixed("/me/ways", nil), false},
	"PUT /me/ways":       {guests, fixed("/me/ways", []object{{"kind": "mail", "address": "a@example.org"}}), false},
	"POST /me/ways/test": {guests, fixed("/me/ways/test", object{"index": 0}), false},
	"GET /sessions":      {guests, fixed("/sessions", nil), false},
	"DELETE /session":    {guests, nil, true},
	"DELETE /sessions/{id}": {guests, func(m *matrix, a *agent) (string, any) {
		b := &agent{site: m.site, handle: a.handle, http: stranger(m.t)}
		var me struct{ Session string }
		if a.role == "" {
			return "/sessions/s_x", nil
		}
		b.call("POST", "/session", object{"handle": a.handle, "password": password}).into(&me)
		return "/sessions/" + me.Session, nil
	}, true},
	"GET /tokens":  {guests, fixed("/tokens", nil), false},
	"POST /tokens": {guests, fixed("/tokens", object{"name": "x"}), true},
	"DELETE /tokens/{id}": {guests, func(m *matrix, a *agent) (string, any) {
		if a.role == "" {
			return "/tokens/t_x", nil
		}
		return "/tokens/" + made(a, "/tokens", object{"name": "x"}, "token", "id"), nil
	}, true},
	"GET /version":  {guests, fixed("/version", nil), false},
	"GET /settings": {guests, fixed("/settings", nil), false},

	"GET /people":             {guests, fixed("/people", nil), false},
	"POST /people":            {admins, func(m *matrix, _ *agent) (string, any) { return "/people", object{"handle": m.name("new")} }, false},
	"PATCH /people/{id}":      {admins, func(m *matrix, _ *agent) (string, any) { return "/people/" + m.victim(), object{"name": "Other"} }, false},
	"POST /people/{id}/reset": {admins, func(m *matrix, _ *agent) (string, any) { return "/people/" + m.victim() + "/reset", nil }, false},
	"GET /people/{id}/ways":   {admins, func(m *matrix, _ *agent) (string, any) { return "/people/" + m.victim() + "/ways", nil }, false},
	"GET /invites":            {admins, fixed("/invites", nil), false},
	"POST /invites":           {admins, fixed("/invites", object{}), false},
	"DELETE /invites/{id}": {admins, func(m *matrix, _ *agent) (string, any) {
		return "/invites/" + m.made("/invites", object{}, "invite", "id"), nil
	}, false},
	"POST /owner-link": {operator, fixed("/owner-link", nil), false},
	"PATCH /settings":  {admins, fixed("/settings", object{"teamName": "Other"}), false},

	"GET /rooms":           {guests, fixed("/rooms", nil), false},
	"GET /rooms/directory": {guests, fixed("/rooms/directory", nil), false},
	"POST /rooms": {members, func(m *matrix, _ *agent) (string, any) {
		return "/rooms", object{"kind": "public", "name": m.name("room")}
	}, false},
	"POST /direct": {guests, func(m *matrix, a *agent) (string, any) {
		if a == m.owner {
			return "/direct", object{"people": []string{"u_watchroom"}}
		}
		return "/direct", object{"people": []string{m.owner.id}}
	}, false},
	"GET /rooms/{room}":       {guests, inDen("", nil), false},
	"PATCH /rooms/{room}":     {members, inDen("", object{"topic": "about fire"}), false},
	"POST /rooms/{room}/join": {members, func(m *matrix, _ *agent) (string, any) { return "/rooms/" + m.ops + "/join", nil }, false},
	"POST /rooms/{room}/leave": {guests, func(m *matrix, a *agent) (string, any) {
		return "/rooms/" + m.roomOf(a) + "/leave", nil
	}, false},
	"POST /rooms/{room}/members": {members, func(m *matrix, _ *agent) (string, any) {
		return "/rooms/" + m.den + "/members", object{"people": []string{m.victim()}}
	}, false},
	"DELETE /rooms/{room}/members/{person}": {admins, func(m *matrix, _ *agent) (string, any) {
		v := m.victim()
		m.owner.call("POST", "/rooms/"+m.den+"/members", object{"people": []string{v}}).ok()
		return "/rooms/" + m.den + "/members/" + v, nil
	}, false},
	"GET /rooms/{room}/messages":  {guests, inDen("/messages", nil), false},
	"POST /rooms/{room}/messages": {guests, inDen("/messages", object{"text": "word"}), false},
	"POST /rooms/{room}/commands": {guests, inDen("/commands", object{"text": "/help"}), false},
	"PUT /rooms/{room}/mark":      {guests, inDen("/mark", object{"seq": 1}), false},
	"GET /messages/{id}":          {guests, ownMessage("", nil), false},
	"PATCH /messages/{id}":        {guests, ownMessage("", object{"text": "other"}), false},
	"DELETE /messages/{id}":       {guests, ownMessage("", nil), false},
	"GET /messages/{id}/thread":   {guests, ownMessage("/thread", nil), false},
	"GET /search":                 {guests, fixed("/search?q=word", nil), false},
	"GET /commands":               {guests, fixed("/commands", nil), false},

	"GET /incidents":                  {guests, fixed("/incidents", nil), false},
	"POST /incidents":                 {members, fixed("/incidents", object{"title": "fire", "severity": "low"}), false},
	"GET /incidents/{n}":              {members, onIncident("", nil), false},
	"POST /incidents/{n}/acknowledge": {members, onIncident("/acknowledge", object{"take": true}), false},
	"POST /incidents/{n}/unacknowledge": {members, func(m *matrix, a *agent) (string, any) {
		n := m.incident()
		if members.may(a.role) {
			a.call("POST", "/incidents/"+n+"/acknowledge", object{"take": true}).ok()
		}
		return "/incidents/" + n + "/unacknowledge", nil
	}, false},
	"POST /incidents/{n}/resolve": {members, onIncident("/resolve", nil), false},
	"POST /incidents/{n}/escalate": {members, func(m *matrix, _ *agent) (string, any) {
		return "/incidents/" + m.made("/incidents", object{"title": m.name("fire"), "severity": "critical"}, "id") + "/escalate", nil
	}, false},
	"POST /incidents/{n}/note":    {members, onIncident("/note", object{"text": "seen"}), false},
	"POST /incidents/{n}/silence": {members, onIncident("/silence", object{"minutes": 5}), false},
	"POST /incidents/cleanup":     {members, fixed("/incidents/cleanup", nil), false},
	"POST /page-me":               {members, fixed("/page-me", nil), false},
	"GET /silences":               {members, fixed("/silences", nil), false},
	"POST /silences":              {members, fixed("/silences", object{"match": object{"a": "b"}, "minutes": 5}), false},
	"DELETE /silences/{id}": {members, func(m *matrix, _ *agent) (string, any) {
		return "/silences/" + m.made("/silences", object{"match": object{"a": m.name("b")}, "minutes": 5}, "id"), nil
	}, false},

	"GET /oncall":    {members, fixed("/oncall", nil), false},
	"GET /readiness": {guests, fixed("/readiness", nil), false},
	"GET /checks":    {members, fixed("/checks", nil), false},
	"POST /apply":    {admins, fixed("/apply", object{"files": []string{"teams: []\n"}}), false},
	"GET /teams":     {members, fixed("/teams", nil), false},
	"POST /teams":    {admins, func(m *matrix, _ *agent) (string, any) { return "/teams", m.teamBody(m.name("team")) }, false},
	"PUT /teams/{id}": {admins, func(m *matrix, _ *agent) (string, any) {
		return "/teams/" + m.made("/teams", m.teamBody(m.name("team")), "id"), m.teamBody(m.name("team"))
	}, false},
	"DELETE /teams/{id}": {admins, func(m *matrix, _ *agent) (string, any) {
		return "/teams/" + m.made("/teams", m.teamBody(m.name("team")), "id"), nil
	}, false},
	"GET /schedules":  {members, fixed("/schedules", nil), false},
	"POST /schedules": {admins, func(m *matrix, _ *agent) (string, any) { return "/schedules", schedule(m, m.name("rota")) }, false},
	"PUT /schedules/{id}": {admins, func(m *matrix, _ *agent) (string, any) {
		return "/schedules/" + m.made("/schedules", schedule(m, m.name("rota")), "id"), schedule(m, m.name("rota"))
	}, false},
	"DELETE /schedules/{id}": {admins, func(m *matrix, _ *agent) (string, any) {
		return "/schedules/" + m.made("/schedules", schedule(m, m.name("rota")), "id"), nil
	}, false},
	"POST /schedules/{id}/overrides": {members, func(m *matrix, a *agent) (string, any) {
		return "/schedules/" + m.made("/schedules", schedule(m, m.name("rota")), "id") + "/overrides", m.override(a)
	}, true},
	"DELETE /schedules/{id}/overrides/{override}": {members, func(m *matrix, a *agent) (string, any) {
		id := m.made("/schedules", schedule(m, m.name("rota")), "id")
		var v struct{ Overrides []struct{ ID string } }
		m.owner.call("POST", "/schedules/"+id+"/overrides", m.override(a)).into(&v)
		return "/schedules/" + id + "/overrides/" + v.Overrides[0].ID, nil
	}, true},
	"GET /policies":  {members, fixed("/policies", nil), false},
	"POST /policies": {admins, func(m *matrix, _ *agent) (string, any) { return "/policies", policy(m, m.name("policy")) }, false},
	"PUT /policies/{id}": {admins, func(m *matrix, _ *agent) (string, any) {
		return "/policies/" + m.made("/policies", policy(m, m.name("policy")), "id"), policy(m, m.name("policy"))
	}, false},
	"DELETE /policies/{id}": {admins, func(m *matrix, _ *agent) (string, any) {
		return "/policies/" + m.made("/policies", policy(m, m.name("policy")), "id"), nil
	}, false},

	"GET /integrations": {admins, fixed("/integrations", nil), false},
	"POST /integrations": {admins, func(m *matrix, _ *agent) (string, any) {
		return "/integrations", object{"kind": "slack", "name": m.name("in")}
	}, false},
	"PATCH /integrations/{id}": {admins, func(m *matrix, _ *agent) (string, any) {
		path, _ := onIntegration("", nil)(m, nil)
		return path, object{"kind": "json", "name": m.name("other")}
	}, false},
	"DELETE /integrations/{id}":       {admins, onIntegration("", nil), false},
	"POST /integrations/{id}/rotate":  {admins, onIntegration("/rotate", nil), false},
	"POST /integrations/{id}/pause":   {admins, onIntegration("/pause", object{"minutes": 5}), false},
	"POST /integrations/{id}/test":    {admins, onIntegration("/test", object{"severity": "info"}), false},
	"GET /integrations/{id}/requests": {admins, onIntegration("/requests", nil), false},
	"GET /requests/{id}/body":         {admins, func(m *matrix, _ *agent) (string, any) { return m.request("/body"), nil }, false},
	"POST /requests/{id}/replay":      {admins, func(m *matrix, _ *agent) (string, any) { return m.request("/replay"), nil }, false},
}

func (m *matrix) override(a *agent) object {
	person := a.id
	if person == "" || a.role == "guest" {
		person = m.owner.id
	}
	return object{"person": person, "from": time.Now().Add(time.Hour), "to": time.Now().Add(2 * time.Hour)}
}

// roomOf is a room that a is in and may leave.
func (m *matrix) roomOf(a *agent) string {
	room := m.owner.makeRoom(m.name("leave"), "private")
	if a.id != "" && a != m.owner {
		m.owner.call("POST", "/rooms/"+room+"/members", object{"people": []string{a.id}}).ok()
	}
	return room
}

// Every operation does what it says for whoever may, and is refused without a trace of the object for everybody else.
func TestMatrix(t *testing.T) {
	t.Parallel()
	s := start(t)
	m := &matrix{site: s, ops: s.owner.room("ops"), den: s.owner.makeRoom("den", "private")}
	m.link = m.made("/integrations", object{"kind": "json", "name": "link"}, "integration", "id")
	m.policy, m.rota = m.made("/policies", policy(m, "standby"), "id"), m.made("/schedules", schedule(m, "standby"), "id")
	people := []*agent{{site: s, handle: "nobody", http: stranger(t)}, s.join("gus", "guest", m.den), s.join("mem", "member", m.den), s.bot("robo", "member"), s.join("adm", "admin", m.den), s.owner}
	s.owner.call("POST", "/rooms/"+m.den+"/members", object{"people": []string{people[3].id}}).ok()
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	s.owner.call("GET", "/openapi.json", nil).into(&doc)
	for path, methods := range doc.Paths {
		for method := range methods {
			name := strings.ToUpper(method) + " " + strings.TrimPrefix(path, "/api/v1")
			c, ok := cells[name]
			if !ok {
				t.Errorf("%s is not in the matrix", name)
				continue
			}
			if c.call == nil {
				continue
			}
			for i, a := range people {
				m.judge(name, c, a, i == 3)
			}
		}
	}
	for i, a := range people[:5] { // signing out comes last
		got := a.call("DELETE", "/session", nil)
		if want := map[bool]int{true: 401, false: 204}[a.role == ""]; i != 3 && got.status != want {
			t.Errorf("%s: answered %d, want %d", got.about, got.status, want)
		}
	}
}

func (m *matrix) judge(name string, c cell, a *agent, bot bool) {
	m.t.Helper()
	if bot && c.noBot {
		return
	}
	path, body := c.call(m, a)
	method, _, _ := strings.Cut(name, " ")
	got := a.call(method, path, body)
	got.about = fmt.Sprintf("%s as %s (%s)", name, a.handle, a.role)
	switch {
	case c.least == anybody:
		if got.status == 403 || got.status >= 500 {
			m.t.Errorf("%s: answered %d %.200s", got.about, got.status, got.body)
		}
	case a.role == "":
		got.problem(401, "sign in")
	case c.least.may(a.role):
		if got.status/100 != 2 && name != "POST /me/ways/test" {
			m.t.Errorf("%s: answered %d %.300s, want success", got.about, got.status, got.body)
		}
	case got.status != 403 && got.status != 404:
		m.t.Errorf("%s: answered %d %.200s, want it refused", got.about, got.status, got.body)
	default:
		got.problem(got.status, "")
	}
}

// A guest sees its own rooms and who is in them, and nothing else: not by name, by search, as a file, an incident or an event.
func TestGuest(t *testing.T) {
	s := start(t)
	den, ops := s.owner.makeRoom("den", "private"), s.owner.room("ops")
	gus, mem := s.join("gus", "guest", den), s.join("mem", "member")
	k, hello := gus.open()
	secret := s.owner.makeRoom("vault", "private")
	hidden := s.owner.post(ops, "the word is xylophone")
	s.owner.post(secret, "the word is xylophone too")
	shared := s.owner.post(den, "here the word is xylophone as well")
	picture := s.upload(ops)
	n := made(mem, "/incidents", object{"title": "xylophone broken", "severity": "critical"}, "id")
	s.owner.post(den, "the end")
	for {
		f := k.until("the end", func(f frame) bool { return f.T == "event" })
		if f.posted().Text == "the end" {
			break
		}
		if f.Room != "" && f.Room != den || strings.Contains(string(f.Body), mem.id) {
			t.Errorf("a guest was sent %s in %s: %s", f.Kind, f.Room, f.Body)
		}
	}
	for _, r := range hello.Snapshot.Rooms {
		if r.Room.ID != den {
			t.Errorf("the snapshot shows a guest #%s", r.Room.Name)
		}
	}
	for _, p := range hello.Snapshot.People {
		if p.Handle == "mem" {
			t.Error("the snapshot shows a guest somebody from elsewhere")
		}
	}
	for _, path := range []string{"/rooms", "/rooms/directory", "/rooms/directory?q=ops", "/people", "/incidents", "/search?q=broken"} {
		got := gus.call("GET", path, nil).ok()
		for _, word := range []string{`"ops"`, `"vault"`, `"mem"`, mem.id, "broken"} {
			if path != "/search?q=broken" && bytes.Contains(got.body, []byte(word)) {
				t.Errorf("GET %s tells a guest of %s: %s", path, word, got.body)
			}
		}
	}
	var found struct{ Hits []struct{ Message message } }
	eventually(t, "the guest finds its own", func() bool {
		gus.call("GET", "/search?q=xylophone", nil).into(&found)
		return len(found.Hits) > 0
	})
	if len(found.Hits) != 1 || found.Hits[0].Message.ID != shared.ID {
		t.Errorf("a guest found %v, want message %d alone", found.Hits, shared.ID)
	}
	for _, path := range []string{"/rooms/" + ops, "/rooms/~ops", "/rooms/" + ops + "/messages", fmt.Sprint("/messages/", hidden.ID), fmt.Sprintf("/messages/%d/thread", hidden.ID),
		"/files/" + picture, "/incidents/" + n, "/rooms/~vault", "/rooms/~nothing"} {
		gus.call("GET", path, nil).problem(404, "")
	}
	gus.call("POST", "/rooms/"+ops+"/join", nil).problem(404, "")
	gus.call("POST", "/rooms/"+ops+"/messages", object{"text": "x"}).problem(404, "")
	gus.call("POST", "/direct", object{"people": []string{mem.id}}).problem(404, "")
	gus.call("POST", "/incidents/"+n+"/acknowledge", object{"take": true}).problem(404, "")
	s.owner.call("GET", "/files/"+picture, nil).ok()
}

// upload puts a small picture into a room as the owner and returns its id.
func (s *site) upload(room string) string {
	s.t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		s.t.Fatal(err)
	}
	var file struct{ ID, Type string }
	s.owner.send("POST", "/api/v1/rooms/"+room+"/files?name=a.png", http.Header{"Authorization": {"Bearer " + s.owner.bearer}}, b.Bytes()).into(&file)
	if file.Type != "image/png" {
		s.t.Errorf("the picture is taken for %q", file.Type)
	}
	return file.ID
}
