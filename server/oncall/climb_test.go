package oncall_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watchroom/server/id"
	"watchroom/server/oncall"
)

var began = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

func drawPolicy(t *rapid.T) oncall.Policy {
	p := oncall.Policy{Name: "p"}
	for i := range rapid.IntRange(1, 4).Draw(t, "steps") {
		p.Steps = append(p.Steps, oncall.Step{
			Targets: []oncall.Target{{Person: id.Person(fmt.Sprintf("p%d", i+1))}},
			After:   rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(1, 86400)).Draw(t, "after"),
		})
	}
	return p
}

// again is a climb as a restart reads it.
func again(t *rapid.T, c oncall.Climb) oncall.Climb {
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var out oncall.Climb
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// pass lets some time pass: none, a little, much, or just until due.
func pass(t *rapid.T, now, due time.Time) time.Time {
	switch rapid.IntRange(0, 4).Draw(t, "when") {
	case 0:
		return now.Add(time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "pass")))
	case 1:
		return now.Add(time.Duration(rapid.Int64Range(0, int64(3*time.Hour)).Draw(t, "sleep")))
	case 2:
		if now.Before(due) {
			return due
		}
	}
	return now
}

// Whenever the climb is asked, and however often: no step is left out or rung twice, each gets its time unless it is skipped, rounds
// do not spin, an unheard round is told exactly once, and after 8 h it is over. A restart from its JSON goes on the same.
func TestClimb(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		now := began
		c, due := oncall.Start(p, now)
		step, round, heard, told := 1, 1, false, 0
		roundBegan, end := now, began.Add(oncall.MaxRing)
		if due.Step != 1 || due.Round != 1 || len(due.Ring) != 1 {
			t.Fatalf("start: %+v", due)
		}
		for range rapid.IntRange(1, 200).Draw(t, "calls") {
			if rapid.IntRange(0, 3).Draw(t, "restart") == 0 {
				c = again(t, c)
			}
			if rapid.IntRange(0, 9).Draw(t, "plays") == 0 && c.Step > 0 {
				c.Heard, heard = true, true
			}
			before := c
			skip := rapid.Bool().Draw(t, "skip")
			now = pass(t, now, c.Due)
			move := oncall.Advance
			if skip {
				move = oncall.Skip
			}
			c, due = move(p, c, now)
			twin, twinDue := move(p, again(t, before), now)
			if !reflect.DeepEqual(again(t, c), again(t, twin)) || !reflect.DeepEqual(due, twinDue) {
				t.Fatalf("after a restart %+v %+v, else %+v %+v", twin, twinDue, c, due)
			}
			if due.Ended {
				if now.Before(end) || !c.Over() {
					t.Fatalf("ended at %v: %+v", now, c)
				}
				if _, due := oncall.Skip(p, c, now.Add(time.Hour)); len(due.Ring) > 0 {
					t.Fatalf("rang after the end")
				}
				return
			}
			if c.Due.After(end) || c.Due.IsZero() {
				t.Fatalf("due %v, the end is %v", c.Due, end)
			}
			if due.Exhausted {
				told++
				if heard || told != round {
					t.Fatalf("exhausted, though heard is %v, told %d in round %d", heard, told, round)
				}
			}
			if len(due.Ring) == 0 {
				continue
			}
			if !now.Before(end) {
				t.Fatalf("rang at %v, the end is %v", now, end)
			}
			if !skip && now.Before(before.Due) {
				t.Fatalf("rang at %v, due was %v", now, before.Due)
			}
			if step++; step > len(p.Steps) {
				if now.Sub(roundBegan) < oncall.MinRound {
					t.Fatalf("round %d after %v", round+1, now.Sub(roundBegan))
				}
				if heard {
					told = round
				}
				if told != round {
					t.Fatalf("round %d was not heard and not told", round)
				}
				step, round, heard, roundBegan = 1, round+1, false, now
			}
			if due.Step != step || due.Round != round || c.Step != step || c.Round != round || due.Ring[0].Person != id.Person(fmt.Sprintf("p%d", step)) {
				t.Fatalf("rang %+v, want step %d of round %d", due, step, round)
			}
		}
	})
}

// Left alone, a climb rings every step of every round at its time, and is over after exactly 8 h.
func TestClimbLeftAlone(t *testing.T) {
	p := oncall.Policy{Steps: []oncall.Step{{Targets: []oncall.Target{{Person: "ann"}}, After: 300}, {Targets: []oncall.Target{{Schedule: "s"}}, After: 900}}}
	c, due := oncall.Start(p, began)
	rang, now := 1, began
	for !due.Ended {
		now = c.Due
		c, due = oncall.Advance(p, c, now)
		if len(due.Ring) > 0 {
			rang++
		}
		if due.Exhausted != (due.Step == 1) && !due.Ended {
			t.Fatalf("%+v", due)
		}
	}
	if rang != 48 || !now.Equal(began.Add(oncall.MaxRing)) {
		t.Errorf("rang %d times until %v, want 48 until %v", rang, now, began.Add(oncall.MaxRing))
	}
}

// When nothing plays at all, the climb goes through every step at once, says so, and waits before the next round.
func TestNothingPlays(t *testing.T) {
	p := oncall.Policy{Steps: []oncall.Step{{Targets: []oncall.Target{{Person: "ann"}}, After: 300}, {Targets: []oncall.Target{{Person: "bob"}}, After: 300}}}
	c, _ := oncall.Start(p, began)
	c, due := oncall.Skip(p, c, began.Add(3*time.Second))
	if due.Step != 2 || due.Exhausted {
		t.Fatalf("first skip: %+v", due)
	}
	c, due = oncall.Skip(p, c, began.Add(6*time.Second))
	if !due.Exhausted || len(due.Ring) > 0 || !c.Due.Equal(began.Add(oncall.MinRound)) {
		t.Fatalf("second skip: %+v, due %v", due, c.Due)
	}
	if _, due := oncall.Skip(p, c, began.Add(7*time.Second)); len(due.Ring) > 0 || due.Exhausted {
		t.Fatalf("skip in the pause: %+v", due)
	}
	if c, due = oncall.Advance(p, c, c.Due); due.Round != 2 || due.Step != 1 || due.Exhausted || len(due.Ring) != 1 {
		t.Fatalf("second round: %+v", due)
	}
}

// A policy may change under a climb: with fewer steps, or none, it goes on without a panic and still ends.
func TestPolicyEditedWhileClimbing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, _ := oncall.Start(drawPolicy(t), began)
		for range 20_000 {
			p := drawPolicyMaybeEmpty(t)
			var due oncall.Due
			if c, due = oncall.Advance(p, c, c.Due); due.Ended {
				return
			}
			if len(due.Ring) > 0 && due.Step > len(p.Steps) {
				t.Fatalf("rang step %d of %d", due.Step, len(p.Steps))
			}
			if c.Due.Sub(began) > oncall.MaxRing {
				t.Fatalf("due after the end")
			}
			if c.Due.Sub(began) > time.Hour {
				return
			}
		}
		t.Fatal("the climb does not move")
	})
}

func drawPolicyMaybeEmpty(t *rapid.T) oncall.Policy {
	p := drawPolicy(t)
	p.Steps = p.Steps[:rapid.IntRange(0, len(p.Steps)).Draw(t, "left")]
	for i := range p.Steps {
		p.Steps[i].After += 60
	}
	return p
}
