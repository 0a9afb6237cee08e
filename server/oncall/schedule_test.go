package oncall_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watchroom/server/id"
	"watchroom/server/oncall"
)

// changes are places and days at which clocks change, in every way that they do.
var changes = []struct {
	zone string
	day  time.Time
}{
	{"Europe/Berlin", date(2026, 3, 29)}, {"Europe/Berlin", date(2026, 10, 25)}, {"Europe/Berlin", date(2026, 7, 1)},
	{"America/New_York", date(2026, 3, 8)}, {"America/New_York", date(2026, 11, 1)},
	{"Australia/Lord_Howe", date(2026, 4, 4)}, {"Australia/Lord_Howe", date(2026, 10, 3)},
	{"Asia/Kathmandu", date(1985, 12, 31)}, {"Asia/Kathmandu", date(2026, 5, 1)},
	{"Africa/Casablanca", date(2026, 2, 15)}, {"Africa/Casablanca", date(2026, 3, 22)},
	{"Pacific/Apia", date(2011, 12, 29)}, {"Pacific/Apia", date(2011, 9, 24)},
	{"Pacific/Kwajalein", date(1969, 9, 30)}, {"America/Caracas", date(2016, 5, 1)},
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// drawSchedule makes any schedule whose times are whole minutes near the day.
func drawSchedule(t *rapid.T, zone string, day time.Time) oncall.Schedule {
	minute := func(label string, around time.Duration) time.Time {
		n := int(around / time.Minute)
		return day.Add(time.Duration(rapid.IntRange(-n, n).Draw(t, label)) * time.Minute)
	}
	s := oncall.Schedule{ID: "s", Name: "s", Zone: zone}
	for i := range rapid.IntRange(0, 3).Draw(t, "rotations") {
		r := oncall.Rotation{Start: minute("start", 20*24*time.Hour)}
		for j := range rapid.IntRange(1, 4).Draw(t, "people") {
			r.People = append(r.People, id.Person(fmt.Sprintf("p%d%d", i, j%3)))
		}
		r.Unit = rapid.SampledFrom([]oncall.Unit{oncall.Hours, oncall.Days, oncall.Weeks}).Draw(t, "unit")
		r.Length = rapid.IntRange(1, 4).Draw(t, "length")
		for range rapid.IntRange(0, 2).Draw(t, "windows") {
			r.Only = append(r.Only, oncall.Window{
				Days: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}), 0, 7, rapid.ID).Draw(t, "days"),
				From: drawTime(t), To: drawTime(t),
			})
		}
		s.Rotations = append(s.Rotations, r)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "overrides") {
		from := minute("from", 3*24*time.Hour)
		s.Overrides = append(s.Overrides, oncall.Override{
			Person: id.Person(fmt.Sprintf("o%d", i)), From: from,
			To: from.Add(time.Duration(rapid.IntRange(1, 3000).Draw(t, "long")) * time.Minute),
		})
	}
	return s
}

// drawTime prefers the hours in which clocks change.
func drawTime(t *rapid.T) string {
	h := rapid.OneOf(rapid.IntRange(0, 3), rapid.IntRange(0, 23)).Draw(t, "hour")
	return fmt.Sprintf("%02d:%02d", h, rapid.SampledFrom([]int{0, 1, 15, 30, 59}).Draw(t, "minute"))
}

// oracle walks minute by minute and knows nothing but what a clock on the wall shows: the latest time that it ever showed.
type oracle struct {
	s     oncall.Schedule
	loc   *time.Location
	shown time.Time
	turns []int
	weeks []map[int]bool // per rotation: the minutes of the week at which it counts
}

func newOracle(s oncall.Schedule, loc *time.Location) *oracle {
	o := &oracle{s: s, loc: loc, turns: make([]int, len(s.Rotations)), shown: time.Unix(-1<<40, 0).UTC()}
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	for _, r := range s.Rotations {
		week := map[int]bool{}
		for _, w := range r.Only {
			var fh, fm, th, tm int
			fmt.Sscanf(w.From+" "+w.To, "%d:%d %d:%d", &fh, &fm, &th, &tm)
			for d, name := range names {
				if len(w.Days) > 0 && !slices.Contains(w.Days, name) {
					continue
				}
				for m := fh*60 + fm; ; {
					week[(d*1440+m)%(7*1440)] = true
					m++
					if m%1440 == (th*60+tm)%1440 {
						break
					}
				}
			}
		}
		o.weeks = append(o.weeks, week)
	}
	return o
}

// clock is what a clock in the zone shows.
func (o *oracle) clock(t time.Time) time.Time {
	l := t.In(o.loc)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), 0, 0, time.UTC)
}

// at must be called for every minute in order.
func (o *oracle) at(t time.Time) id.Person {
	if c := o.clock(t); c.After(o.shown) {
		o.shown = c
	}
	var who id.Person
	for _, v := range o.s.Overrides {
		if !t.Before(v.From) && t.Before(v.To) {
			who = v.Person
		}
	}
	for i, r := range o.s.Rotations {
		n := len(r.People)
		if t.Before(r.Start) {
			continue
		}
		for {
			next := o.turns[i] + 1
			handOver, seen := r.Start.Add(time.Duration(next*r.Length)*time.Hour), t
			if r.Unit != oncall.Hours {
				days := next * r.Length
				if r.Unit == oncall.Weeks {
					days *= 7
				}
				handOver, seen = o.clock(r.Start).AddDate(0, 0, days), o.shown
			}
			if seen.Before(handOver) {
				break
			}
			o.turns[i] = next
		}
		minute := int(o.shown.Weekday())*1440 + o.shown.Hour()*60 + o.shown.Minute()
		if who == "" && (len(r.Only) == 0 || o.weeks[i][minute]) {
			who = r.People[o.turns[i]%n]
		}
	}
	return who
}

func one(p []id.Person) id.Person {
	if len(p) == 0 {
		return ""
	}
	return p[0]
}

// At and Shifts say at every minute what somebody says who only watches the clock on the wall, whatever the clock does.
func TestScheduleAgainstMinutes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(changes).Draw(t, "change")
		s := drawSchedule(t, c.zone, c.day)
		if err := s.Validate(); err != nil && c.day.Year() > 1970 {
			t.Fatal(err)
		}
		loc, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		from, to := c.day.Add(-30*time.Hour), c.day.Add(66*time.Hour)
		shifts := s.Shifts(from, to)
		merged(t, shifts, from, to)
		o := newOracle(s, loc)
		ask := rapid.IntRange(17, 400).Draw(t, "ask")
		for i, at := 0, from.Add(-72*time.Hour); at.Before(to); i, at = i+1, at.Add(time.Minute) {
			want := o.at(at)
			if at.Before(from) {
				continue
			}
			for !at.Before(shifts[0].To) {
				shifts = shifts[1:]
			}
			if got := one(shifts[0].People); got != want {
				t.Fatalf("Shifts: %s (%s): got %q, want %q", at, at.In(loc), got, want)
			}
			if i%ask == 0 {
				if got := one(s.At(at)); got != want {
					t.Fatalf("At: %s (%s): got %q, want %q", at, at.In(loc), got, want)
				}
			}
		}
	})
}

// merged checks that shifts fill the time without holes, and that neighbours differ.
func merged(t *rapid.T, shifts []oncall.Shift, from, to time.Time) {
	if len(shifts) == 0 || !shifts[0].From.Equal(from) || !shifts[len(shifts)-1].To.Equal(to) {
		t.Fatalf("shifts %v do not reach from %v to %v", shifts, from, to)
	}
	for i, f := range shifts {
		if !f.From.Before(f.To) || f.People == nil {
			t.Fatalf("shift %v", f)
		}
		if i > 0 && (!f.From.Equal(shifts[i-1].To) || slices.Equal(f.People, shifts[i-1].People) && f.Override == shifts[i-1].Override) {
			t.Fatalf("shifts %v and %v", shifts[i-1], f)
		}
	}
}

// Next is the moment of the first change: just before it the same person is on call as now, at it somebody else.
func TestNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(changes).Draw(t, "change")
		s := drawSchedule(t, c.zone, c.day)
		next := s.Next(c.day)
		if next.IsZero() {
			for _, f := range s.Shifts(c.day, c.day.Add(oncall.MaxSpan)) {
				if !slices.Equal(f.People, s.At(c.day)) {
					t.Fatalf("nothing changes, but %v", f)
				}
			}
			return
		}
		if !slices.Equal(s.At(next.Add(-1)), s.At(c.day)) || slices.Equal(s.At(next), s.At(c.day)) {
			t.Fatalf("next is %v: %v, then %v; now %v", next, s.At(next.Add(-1)), s.At(next), s.At(c.day))
		}
	})
}

// A hand-over keeps its time on the wall when the clock changes; hours are counted by the sun.
func TestHandOverAcrossChange(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	start := time.Date(2026, 3, 23, 9, 0, 0, 0, berlin)
	weekly := oncall.Schedule{Zone: "Europe/Berlin", Rotations: []oncall.Rotation{{People: []id.Person{"ann", "bob"}, Start: start, Unit: oncall.Weeks, Length: 1}}}
	if got, want := weekly.Next(start), time.Date(2026, 3, 30, 9, 0, 0, 0, berlin); !got.Equal(want) {
		t.Errorf("weekly: hand-over %v, want %v", got, want)
	}
	weekly.Rotations[0].Unit, weekly.Rotations[0].Length = oncall.Hours, 168
	if got, want := weekly.Next(start), time.Date(2026, 3, 30, 10, 0, 0, 0, berlin); !got.Equal(want) {
		t.Errorf("168 hours: hand-over %v, want %v", got, want)
	}
}

// A hand-over in an hour that is skipped comes at the jump, and one in an hour that happens twice comes the first time only.
func TestHandOverInsideChange(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	s := oncall.Schedule{Zone: "Europe/Berlin", Rotations: []oncall.Rotation{{
		People: []id.Person{"ann", "bob"}, Start: time.Date(2026, 1, 1, 2, 30, 0, 0, berlin), Unit: oncall.Days, Length: 1,
	}}}
	spring := time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)
	if got := s.Next(spring.Add(-time.Hour)); !got.Equal(spring) {
		t.Errorf("spring: hand-over %v, want %v", got, spring)
	}
	autumn := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
	shifts := s.Shifts(autumn.Add(-time.Hour), autumn.Add(20*time.Hour))
	if len(shifts) != 2 || !shifts[1].From.Equal(autumn) {
		t.Errorf("autumn: %v, want one hand-over at %v", shifts, autumn)
	}
}

// One person without a first hand-over is always on call, and an override of its own time comes before everything.
func TestOnePersonAndOverride(t *testing.T) {
	now := date(2026, 11, 21)
	s := oncall.Schedule{Name: "default", Zone: "UTC", Rotations: []oncall.Rotation{{People: []id.Person{"ann"}}}}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	if got := s.At(now); !slices.Equal(got, []id.Person{"ann"}) || !s.Next(now).IsZero() {
		t.Errorf("on call %v, next %v", got, s.Next(now))
	}
	s.Overrides = []oncall.Override{{Person: "bob", From: now, To: now.Add(2 * time.Hour)}, {Person: "cyd", From: now.Add(time.Hour), To: now.Add(3 * time.Hour)}}
	want := []oncall.Shift{
		{From: now.Add(-time.Hour), To: now, People: []id.Person{"ann"}},
		{From: now, To: now.Add(time.Hour), People: []id.Person{"bob"}, Override: true},
		{From: now.Add(time.Hour), To: now.Add(3 * time.Hour), People: []id.Person{"cyd"}, Override: true},
		{From: now.Add(3 * time.Hour), To: now.Add(4 * time.Hour), People: []id.Person{"ann"}},
	}
	if got := s.Shifts(now.Add(-time.Hour), now.Add(4*time.Hour)); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A schedule that Validate would refuse still answers, quickly and without a panic.
func TestInvalidSchedules(t *testing.T) {
	now := date(2026, 11, 21)
	for _, r := range []oncall.Rotation{
		{}, {People: []id.Person{"a", "b"}}, {People: []id.Person{"a", "b"}, Unit: "years", Length: -3}, {People: []id.Person{"a"}, Only: []oncall.Window{{From: "x"}}},
		{People: []id.Person{"a", "b"}, Unit: oncall.Days, Length: 1, Start: time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		s := oncall.Schedule{Zone: "Nowhere/Else", Rotations: []oncall.Rotation{r}}
		if s.Validate() == nil {
			t.Errorf("%v is accepted", r)
		}
		s.At(now)
		s.Next(now)
		s.Shifts(now, now.Add(1<<62))
	}
}
