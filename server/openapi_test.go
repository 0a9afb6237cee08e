package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// schema is as much of JSON Schema as the description uses.
type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Properties           map[string]schema
	AdditionalProperties json.RawMessage
	Required             []string
	Items                *schema
	Enum                 []any
	OneOf                []schema
}

type document struct {
	OpenAPI    string
	Info       struct{ Title, Version string }
	Paths      map[string]map[string]endpoint
	Components struct{ Schemas map[string]schema }
}

type endpoint struct {
	OperationID string
	Summary     string
	Parameters  []struct{ Name, In string }
	Responses   map[string]struct {
		Content map[string]struct{ Schema schema }
	}
}

// wrong says what of v does not fit s.
func (d *document) wrong(at string, s schema, v any) string {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		found, ok := d.Components.Schemas[name]
		if !ok {
			return at + ": there is no schema " + name
		}
		return d.wrong(at, found, v)
	}
	kinds, _ := s.Type.([]any)
	if one, ok := s.Type.(string); ok {
		kinds = []any{one}
	}
	kind := map[string]string{"string": "string", "float64": "number", "bool": "boolean", "<nil>": "null", "map[string]interface {}": "object", "[]interface {}": "array"}[fmt.Sprintf("%T", v)]
	if len(kinds) > 0 && !slices.Contains(kinds, any(kind)) && !(kind == "number" && slices.Contains(kinds, any("integer"))) {
		return fmt.Sprintf("%s: is %s, not %v", at, kind, kinds)
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
		return fmt.Sprintf("%s: %v is not one of %v", at, v, s.Enum)
	}
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			if s.Items != nil {
				if w := d.wrong(fmt.Sprintf("%s[%d]", at, i), *s.Items, item); w != "" {
					return w
				}
			}
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, ok := v[name]; !ok {
				return at + ": lacks " + name
			}
		}
		for name, item := range v {
			p, ok := s.Properties[name]
			if !ok && string(s.AdditionalProperties) == "false" {
				return at + ": holds " + name + ", which is not described"
			}
			if w := d.wrong(at+"."+name, p, item); ok && w != "" {
				return w
			}
		}
	}
	return ""
}

// The description is OpenAPI 3.1; every operation has a name of its own, a summary, and its path's parameters.
func TestOpenAPI(t *testing.T) {
	s := start(t)
	var d document
	s.owner.call("GET", "/openapi.json", nil).into(&d)
	if !strings.HasPrefix(d.OpenAPI, "3.1") || d.Info.Title != "Watchroom" || d.Info.Version != "test" {
		t.Errorf("the description begins %q %+v", d.OpenAPI, d.Info)
	}
	names := map[string]string{}
	for path, methods := range d.Paths {
		for method, e := range methods {
			if e.Summary == "" || e.OperationID == "" || names[e.OperationID] != "" {
				t.Errorf("%s %s: summary %q, operation %q (also of %s)", method, path, e.Summary, e.OperationID, names[e.OperationID])
			}
			names[e.OperationID] = method + " " + path
			for part := range strings.SplitSeq(path, "/") {
				name, isParam := strings.CutPrefix(part, "{")
				if isParam && !slices.ContainsFunc(e.Parameters, func(p struct{ Name, In string }) bool { return p.In == "path" && p.Name+"}" == name }) {
					t.Errorf("%s %s does not describe %s", method, path, part)
				}
			}
		}
	}
	// A public document: a client generator has no session.
	(&agent{site: s, handle: "nobody", http: stranger(t)}).call("GET", "/openapi.json", nil).ok()
}

// Real answers are as the description says.
func TestAnswersAreAsDescribed(t *testing.T) {
	s := start(t)
	var d document
	s.owner.call("GET", "/openapi.json", nil).into(&d)
	ops := s.owner.room("ops")
	s.owner.post(ops, "hello **world**")
	n := made(s.owner, "/incidents", object{"title": "fire", "severity": "critical"}, "id")
	in := made(s.owner, "/integrations", object{"kind": "json", "name": "link", "rules": []object{{"match": object{"a": "b"}, "severity": "low"}}}, "integration", "id")
	s.owner.call("POST", "/integrations/"+in+"/test", object{"severity": "low"}).ok()
	s.owner.call("POST", "/silences", object{"match": object{"a": "b"}, "minutes": 5}).ok()
	s.bot("robo", "member")
	s.owner.call("POST", "/invites", object{"role": "guest"}).ok()
	paths := map[string]string{"/incidents/{n}": "/incidents/" + n, "/rooms/{room}": "/rooms/" + ops, "/rooms/{room}/messages": "/rooms/" + ops + "/messages",
		"/integrations/{id}/requests": "/integrations/" + in + "/requests", "/search": "/search?q=hello", "/people/{id}/ways": "/people/" + s.owner.id + "/ways"}
	checked := 0
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		e, ok := d.Paths[path]["get"]
		short := strings.TrimPrefix(path, "/api/v1")
		at := paths[short]
		if at == "" {
			at = short
		}
		if !ok || strings.Contains(at, "{") {
			continue
		}
		var v any
		s.owner.call("GET", at, nil).into(&v)
		if w := d.wrong(short, e.Responses["200"].Content["application/json"].Schema, v); w != "" {
			t.Error(w)
		}
		checked++
	}
	if checked < 20 {
		t.Errorf("only %d answers were compared", checked)
	}
	var v any
	if err := json.Unmarshal(s.owner.call("GET", "/rooms/~nothing", nil).body, &v); err != nil {
		t.Fatal(err)
	}
	if w := d.wrong("problem", d.Paths["/api/v1/rooms/{room}"]["get"].Responses["404"].Content["application/problem+json"].Schema, v); w != "" {
		t.Error(w)
	}
}
