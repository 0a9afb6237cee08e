package oncall

import "time"

const (
	// MaxRing is how long a climb rings without an acknowledgement.
	MaxRing = 8 * time.Hour
	// MinRound is the least time between the beginnings of two rounds. When nothing plays, a whole round is skipped through in a
	// moment; without a pause the climb would spin.
	MinRound = 30 * time.Second
)

// Climb is where the escalation of one incident stands. It is all there is to know: kept as JSON and read back, it goes on the same.
type Climb struct {
	Step  int       `json:"step"`            // the step that rings now, from 1; 0 is the pause between two rounds
	Round int       `json:"round"`           // from 1
	Since time.Time `json:"since"`           // when the climb began; MaxRing counts from here
	Began time.Time `json:"began"`           // when this round began
	Due   time.Time `json:"due,omitzero"`    // when to call Advance; zero when the climb is over
	Heard bool      `json:"heard,omitempty"` // some device played in this round; the caller sets it
}

// Due is what there is to do at once.
type Due struct {
	Ring      []Target // whom to ring now; nobody when empty
	Step      int      // the step they belong to, from 1
	Round     int      // from 1
	Exhausted bool     // a whole round ended and nobody played: say NOT DELIVERED, ring the administrators
	Ended     bool     // MaxRing is over: nobody is rung any more
}

// Over says whether the climb has ended by itself.
func (c Climb) Over() bool { return c.Due.IsZero() }

// Start begins a climb: the first step rings at once.
func Start(p Policy, now time.Time) (Climb, Due) {
	now = now.Round(0).UTC()
	c := Climb{Since: now}
	return c.round(p, now)
}

// Advance does what is due at now: the next step, or the next round after the last. Before c.Due, and after the end, nothing
// is due and c stays as it is, so calling it too often does no harm. Called late, it goes one step, which then gets its full time:
// no step is left out.
func Advance(p Policy, c Climb, now time.Time) (Climb, Due) {
	now = now.Round(0).UTC()
	if c.Over() || now.Before(c.Due) {
		return c, Due{}
	}
	return c.next(p, now)
}

// Skip goes to the next step at once, because nothing plays or somebody escalates. In the pause between two rounds nothing
// rings that could be skipped: then it is Advance.
func Skip(p Policy, c Climb, now time.Time) (Climb, Due) {
	now = now.Round(0).UTC()
	if c.Over() || c.Step == 0 && now.Before(c.Due) {
		return c, Due{}
	}
	return c.next(p, now)
}

// next leaves the present step.
func (c Climb) next(p Policy, now time.Time) (Climb, Due) {
	switch {
	case !now.Before(c.Since.Add(MaxRing)):
		c.Due = time.Time{}
		return c, Due{Step: c.Step, Round: c.Round, Ended: true}
	case c.Step == 0:
		return c.round(p, now)
	case c.Step < len(p.Steps):
		c.Step++
		return c.ring(p, now)
	}
	exhausted := !c.Heard
	if again := c.Began.Add(MinRound); now.Before(again) {
		c.Step, c.Due = 0, c.until(again)
		return c, Due{Round: c.Round, Exhausted: exhausted}
	}
	c, due := c.round(p, now)
	due.Exhausted = due.Exhausted || exhausted
	return c, due
}

// round begins the next round. A policy without steps rings nobody and says so each time.
func (c Climb) round(p Policy, now time.Time) (Climb, Due) {
	c.Round++
	c.Began, c.Heard = now, false
	if len(p.Steps) == 0 {
		c.Step, c.Due = 0, c.until(now.Add(MinRound))
		return c, Due{Round: c.Round, Exhausted: true}
	}
	c.Step = 1
	return c.ring(p, now)
}

// ring rings the step where c stands.
func (c Climb) ring(p Policy, now time.Time) (Climb, Due) {
	step := p.Steps[c.Step-1]
	after := min(max(step.After, 1), maxAfter)
	c.Due = c.until(now.Add(time.Duration(after) * time.Second))
	return c, Due{Ring: step.Targets, Step: c.Step, Round: c.Round}
}

// until is t, or the end of the climb when that comes first.
func (c Climb) until(t time.Time) time.Time {
	if end := c.Since.Add(MaxRing); end.Before(t) {
		return end
	}
	return t
}
