package oncall

import (
	"slices"
	"time"

	"watchroom/server/id"
)

// MaxSpan is how far one call looks: Shifts gives no more, and Next sees no further.
const MaxSpan = 400 * 24 * time.Hour

// At is who is on call now. An unknown zone, which Validate refuses, counts as UTC: somebody is better than nobody.
func (s Schedule) At(now time.Time) []id.Person {
	person, _ := s.at(now, s.location())
	return people(person)
}

// Shifts is who is on call when, from from to to (at most MaxSpan), without holes: a stretch with nobody is a Shift without
// people. Neighbours differ in their people or in whether they are overrides.
func (s Schedule) Shifts(from, to time.Time) []Shift {
	if limit := from.Add(MaxSpan); to.After(limit) {
		to = limit
	}
	if !from.Before(to) {
		return nil
	}
	loc := s.location()
	edges := s.edges(from, to, loc)
	var out []Shift
	var last id.Person
	for i, edge := range edges {
		end := to
		if i+1 < len(edges) {
			end = edges[i+1]
		}
		person, override := s.at(edge, loc)
		if n := len(out); n > 0 && last == person && out[n-1].Override == override {
			out[n-1].To = end
			continue
		}
		out = append(out, Shift{From: edge, To: end, People: people(person), Override: override})
		last = person
	}
	return out
}

// Next is the next moment after now at which somebody else (or nobody) is on call; the zero time when there is none within MaxSpan.
func (s Schedule) Next(now time.Time) time.Time {
	for _, span := range []time.Duration{8 * 24 * time.Hour, MaxSpan} {
		shifts := s.Shifts(now, now.Add(span))
		for _, f := range shifts {
			if !slices.Equal(f.People, shifts[0].People) {
				return f.From
			}
		}
	}
	return time.Time{}
}

func (s Schedule) location() *time.Location {
	loc, err := time.LoadLocation(s.Zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

func people(p id.Person) []id.Person {
	if p == "" {
		return []id.Person{}
	}
	return []id.Person{p}
}

// at is who is on call at t, and whether an override says so.
func (s Schedule) at(t time.Time, loc *time.Location) (id.Person, bool) {
	for _, o := range slices.Backward(s.Overrides) {
		if !t.Before(o.From) && t.Before(o.To) {
			return o.Person, true
		}
	}
	w := reached(t, loc)
	for _, r := range s.Rotations {
		if p := r.at(t, w, loc); p != "" {
			return p, false
		}
	}
	return "", false
}

// at is whose turn it is at t, when the wall-clock time w has been reached; "" before the first hand-over and outside the windows.
func (r Rotation) at(t, w time.Time, loc *time.Location) id.Person {
	n := int64(len(r.People))
	if n == 0 || t.Before(r.Start) || !r.covers(w) {
		return ""
	}
	if n == 1 {
		return r.People[0]
	}
	turn := floor(r.since(t, w, loc), r.length())
	return r.People[((turn%n)+n)%n]
}

// since is the whole seconds from the first hand-over: by the sun for hours, by the clock on the wall for days and weeks.
func (r Rotation) since(t, w time.Time, loc *time.Location) int64 {
	start := r.Start
	if r.Unit != Hours {
		t, start = w, wall(start, loc)
	}
	s := t.Unix() - start.Unix()
	if t.Nanosecond() < start.Nanosecond() {
		s--
	}
	return s
}

// length is a turn in seconds.
func (r Rotation) length() int64 {
	n := int64(max(r.Length, 1))
	switch r.Unit {
	case Hours:
		return n * 3600
	case Weeks:
		return n * 7 * 86400
	}
	return n * 86400
}

// covers says whether the rotation counts at the wall-clock time w.
func (r Rotation) covers(w time.Time) bool {
	if len(r.Only) == 0 {
		return true
	}
	today := day(w)
	for _, o := range r.Only {
		for _, d := range []time.Time{today, today.AddDate(0, 0, -1)} {
			if from, to, ok := o.on(d); ok && !w.Before(from) && w.Before(to) {
				return true
			}
		}
	}
	return false
}

// weekdays are the names of the days in a window.
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// on is the window that begins on the day d, in wall-clock time; false when none does.
func (o Window) on(d time.Time) (from, to time.Time, ok bool) {
	a, okFrom := minutes(o.From)
	b, okTo := minutes(o.To)
	if !okFrom || !okTo || len(o.Days) > 0 && !slices.Contains(o.Days, weekdays[d.Weekday()]) {
		return from, to, false
	}
	if b <= a {
		b += 24 * 60
	}
	return d.Add(time.Duration(a) * time.Minute), d.Add(time.Duration(b) * time.Minute), true
}

// edges is from, and every moment before to at which the answer may change, in order.
func (s Schedule) edges(from, to time.Time, loc *time.Location) []time.Time {
	out := []time.Time{from}
	add := func(t time.Time) {
		if t.After(from) && t.Before(to) {
			out = append(out, t.In(from.Location()))
		}
	}
	for _, o := range s.Overrides {
		add(o.From)
		add(o.To)
	}
	for _, r := range s.Rotations {
		add(r.Start)
		if len(r.People) > 1 {
			r.handOvers(from, to, loc, add)
		}
		for d := day(wall(from, loc)).Add(-lookBack); d.Before(wall(to, loc)); d = d.AddDate(0, 0, 1) {
			for _, o := range r.Only {
				if a, b, ok := o.on(d); ok {
					add(comes(a, loc))
					add(comes(b, loc))
				}
			}
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}

// handOvers gives every hand-over from from to to, and perhaps some beside.
func (r Rotation) handOvers(from, to time.Time, loc *time.Location, add func(time.Time)) {
	if from.Before(r.Start) {
		from = r.Start
	}
	first := floor(r.since(from, reached(from, loc), loc), r.length())
	for turn := first; ; turn++ {
		t := later(r.Start, turn*r.length())
		if r.Unit != Hours {
			t = comes(later(wall(r.Start, loc), turn*r.length()), loc)
		}
		if !t.Before(to) {
			return
		}
		add(t)
	}
}

// later is t and some seconds, however many.
func later(t time.Time, seconds int64) time.Time {
	return time.Unix(t.Unix()+seconds, int64(t.Nanosecond())).UTC()
}
