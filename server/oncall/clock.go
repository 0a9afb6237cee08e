package oncall

import (
	"strconv"
	"time"
	_ "time/tzdata" // zones are known on every machine
)

// Two moments matter when clocks change: an hour that is skipped, and an hour that happens twice. One rule settles both. A wall-clock
// time has come at the first instant at which the clock shows it or has already jumped over it. So a hand-over at 02:30 happens at
// the jump in spring, the first time in autumn, and each of them once.

// lookBack is longer than any jump of a clock: whole days were skipped and repeated, never two.
const lookBack = 48 * time.Hour

// wall is what the clock in loc shows at t, written as if it were UTC so that one can calculate with it.
func wall(t time.Time, loc *time.Location) time.Time {
	_, offset := t.In(loc).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// reached is the latest wall-clock time that has come at t: what the clock shows, unless it was turned back a little before.
func reached(t time.Time, loc *time.Location) time.Time {
	latest := wall(t, loc)
	for at := t.Add(-lookBack).In(loc); ; {
		_, offset := at.Zone()
		_, end := at.ZoneBounds()
		if end.IsZero() || end.After(t) {
			return latest
		}
		if w := end.UTC().Add(time.Duration(offset)*time.Second - 1); w.After(latest) {
			latest = w
		}
		at = end.In(loc)
	}
}

// comes is the first instant at which the wall-clock time w has come in loc.
func comes(w time.Time, loc *time.Location) time.Time {
	for at := w.Add(-lookBack).In(loc); ; {
		_, offset := at.Zone()
		start, end := at.ZoneBounds()
		shift := time.Duration(offset) * time.Second
		if !start.IsZero() && !start.UTC().Add(shift).Before(w) {
			return start.UTC()
		}
		if t := w.Add(-shift); end.IsZero() || t.Before(end) {
			return t
		}
		at = end.In(loc)
	}
}

// day is the midnight of w.
func day(w time.Time) time.Time {
	return time.Date(w.Year(), w.Month(), w.Day(), 0, 0, 0, 0, time.UTC)
}

// floor is a / b rounded down; b is above 0.
func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// minutes is the minutes since midnight of a time such as "08:00"; "24:00" is the end of a day.
func minutes(s string) (int, bool) {
	if len(s) != 5 || s[2] != ':' || s[0] < '0' || s[0] > '9' || s[3] < '0' || s[3] > '9' {
		return 0, false
	}
	h, err := strconv.Atoi(s[:2])
	m, err2 := strconv.Atoi(s[3:])
	if err != nil || err2 != nil || m > 59 || h > 24 || h == 24 && m > 0 {
		return 0, false
	}
	return h*60 + m, true
}
