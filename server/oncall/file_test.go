package oncall_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/oncall"
)

const example = `teams:
  - id: payments
    name: Payments
    room: "#payments"
    schedule: payments
    policy: payments
schedules:
  - id: payments
    zone: Europe/Berlin
    rotations:
      - name: week
        people: ["@ann", "@bob"]
        start: 2026-11-23T09:00:00+01:00
        unit: weeks
        length: 1
        only:
          - {days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00"}
      - name: else
        people: ["@cyd"]
    overrides:
      - {person: "@cyd", from: 2026-12-24T00:00:00+01:00, to: 2026-12-27T00:00:00+01:00}
policies:
  - id: payments
    steps:
      - {targets: [{schedule: payments}], after: 300}
      - {targets: [{person: "@dan"}, {schedule: payments}], after: 900}
`

// A file is read as it is written, and every handle in it can be replaced.
func TestParseFile(t *testing.T) {
	f, err := oncall.ParseFile([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	if err := f.People(func(h string) (id.Person, error) {
		seen = append(seen, h)
		return id.Person("u_" + strings.TrimPrefix(h, "@")), nil
	}); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(seen, " "), "@ann @bob @cyd @cyd @dan"; got != want {
		t.Errorf("handles %q, want %q", got, want)
	}
	s := f.Schedules[0]
	if s.Name != "payments" || s.Rotations[0].People[1] != "u_bob" || s.Overrides[0].Person != "u_cyd" || f.Policies[0].Steps[1].Targets[0].Person != "u_dan" {
		t.Errorf("got %+v", f)
	}
	if want := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC); !s.Rotations[0].Start.Equal(want) {
		t.Errorf("start %v, want %v", s.Rotations[0].Start, want)
	}
	if f.Teams[0].Room != "#payments" {
		t.Errorf("room %q", f.Teams[0].Room)
	}
}

// A handle that nobody has is a fault of the file, at its field.
func TestPeopleUnknown(t *testing.T) {
	f, err := oncall.ParseFile([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	err = f.People(func(h string) (id.Person, error) {
		if h == "@dan" {
			return "", fault.New(fault.Missing, "nobody is called %s", h)
		}
		return id.Person(h), nil
	})
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind != fault.Invalid || e.Field != "policies[0].steps[1].targets[0].person" || !strings.Contains(e.Message, "nobody is called @dan") {
		t.Errorf("got %v", err)
	}
}

// What is wrong in a file is said with its line or its field.
func TestParseFileFaults(t *testing.T) {
	for from, c := range map[string]struct{ to, want string }{
		"zone: Europe/Berlin":              {"zones: Europe/Berlin", "line 9: there is no field \"zones\""},
		"length: 1":                        {"length: one", "line 15"},
		"unit: weeks":                      {"unit: months", "schedules[0].rotations[0].unit: \"months\""},
		"after: 900":                       {"after: 0", "policies[0].steps[1].after"},
		"{person: \"@dan\"}":               {"{person: \"@dan\", schedule: x}", "policies[0].steps[1].targets[0]"},
		"mon, tue":                         {"mon, Tuesday", "schedules[0].rotations[0].only[0].days[1]"},
		"to: \"18:00\"":                    {"to: 18h", "schedules[0].rotations[0].only[0].to"},
		"to: 2026-12-27T":                  {"to: 2026-12-20T", "schedules[0].overrides[0].to"},
		"Europe/Berlin":                    {"Europe/Berlyn", "schedules[0].zone"},
		"- id: payments\n    name":         {"- id: Pay ments\n    name", "teams[0].id"},
		"people: [\"@cyd\"]":               {"people: []", "schedules[0].rotations[1].people"},
		"start: 2026-11-23T09:00:00+01:00": {"start: 23.11.2026", "line 13"},
		"teams:":                           {"\tteams:", "line 1"},
	} {
		body := strings.Replace(example, from, c.to, 1)
		if body == example {
			t.Fatalf("%q is not in the example", from)
		}
		_, err := oncall.ParseFile([]byte(body))
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Words(err), c.want) {
			t.Errorf("%q: got %v, want %q", c.to, fault.Words(err), c.want)
		}
	}
}

// An empty file declares nothing; two documents are not silently half a file.
func TestParseFileEdges(t *testing.T) {
	for _, body := range []string{"", "\n", "# nothing\n", "{}", "teams:\n"} {
		if _, err := oncall.ParseFile([]byte(body)); err != nil {
			t.Errorf("%q: %v", body, err)
		}
	}
	if _, err := oncall.ParseFile([]byte(example + "---\n" + example)); err == nil {
		t.Error("a second document is ignored")
	}
	if _, err := oncall.ParseFile([]byte(example + example)); err == nil {
		t.Error("a repeated key is ignored")
	}
}

// Every part that a person can get wrong is refused with the name of its field.
func TestValidateNamesTheField(t *testing.T) {
	two := []id.Person{"a", "b"}
	start := date(2026, 1, 1)
	for i, c := range []struct {
		err  error
		want string
	}{
		{oncall.Team{}.Validate(), "name"},
		{oncall.Schedule{Name: "s"}.Validate(), "zone"},
		{oncall.Schedule{Name: "s", Zone: "Local"}.Validate(), "zone"},
		{oncall.Schedule{Name: "s", Zone: "UTC", Rotations: []oncall.Rotation{{}}}.Validate(), "rotations[0].people"},
		{oncall.Rotation{People: two}.Validate(), "start"},
		{oncall.Rotation{People: two, Start: start}.Validate(), "unit"},
		{oncall.Rotation{People: two, Start: start, Unit: oncall.Weeks}.Validate(), "length"},
		{oncall.Rotation{People: two, Start: start, Unit: oncall.Weeks, Length: 53}.Validate(), "length"},
		{oncall.Rotation{People: two, Start: date(9000, 1, 1), Unit: oncall.Weeks, Length: 1}.Validate(), "start"},
		{oncall.Window{From: "24:00", To: "08:00"}.Validate(), "from"},
		{oncall.Window{From: "08:00", To: "8:00"}.Validate(), "to"},
		{oncall.Override{From: start, To: start.Add(1)}.Validate(), "person"},
		{oncall.Override{Person: "a", From: start, To: start}.Validate(), "to"},
		{oncall.Policy{Name: "p"}.Validate(), "steps"},
		{oncall.Policy{Name: "p", Steps: []oncall.Step{{After: 1}}}.Validate(), "steps[0].targets"},
	} {
		var e *fault.Error
		if !errors.As(c.err, &e) || e.Field != c.want || e.Kind != fault.Invalid {
			t.Errorf("%d: got %v, want a fault of %q", i, c.err, c.want)
		}
	}
}

// Whatever a file holds, reading it never panics; what is accepted is valid and can be asked.
func FuzzParseFile(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte("a: &a [*a, *a]"))
	f.Add([]byte("schedules: [{id: s, zone: UTC, rotations: [{people: [\"@a\"]}]}]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := oncall.ParseFile(b)
		if err != nil {
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
				t.Errorf("kind %q of %v", k, err)
			}
			return
		}
		if err := file.People(func(h string) (id.Person, error) { return id.Person(h), nil }); err != nil {
			t.Error(err)
		}
		for _, s := range file.Schedules {
			if err := s.Validate(); err != nil {
				t.Error(err)
			}
			now := date(2026, 3, 28)
			s.At(now)
			s.Shifts(now, now.Add(72*time.Hour))
		}
		for _, p := range file.Policies {
			c, _ := oncall.Start(p, began)
			oncall.Skip(p, c, began)
		}
	})
}
