package incident

import (
	"container/heap"
	"context"
	"fmt"
	"sync"
	"time"

	"watchroom/server/account"
	"watchroom/server/id"
	"watchroom/store"
)

// drift is how far the clock on the wall may run apart from the time that passes before it counts as set.
const drift = 2 * time.Second

// retry is the pause before a deadline whose change failed is tried again.
const retry = 5 * time.Second

// regain is how long browsers have after a start to come back before a page that played counts as lost.
const regain = 20 * time.Second

// deadline is a due that the engine waits for. Only the time that is left counts: setting the clock on the wall neither skips nor
// doubles one.
type deadline struct {
	dueKey
	at   id.Millis
	fire time.Time // by the monotonic clock
	wall time.Time // what the clock on the wall is expected to show then
	pos  int
}

type deadlines []*deadline

func (d deadlines) Len() int           { return len(d) }
func (d deadlines) Less(i, j int) bool { return d[i].fire.Before(d[j].fire) }
func (d deadlines) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].pos, d[j].pos = i, j
}

// Push is for container/heap.
func (d *deadlines) Push(x any) {
	l := x.(*deadline)
	l.pos = len(*d)
	*d = append(*d, l)
}

// Pop is for container/heap.
func (d *deadlines) Pop() any {
	l := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return l
}

// engine is the deadlines in memory. It belongs to the goroutine of run.
type engine struct {
	s     *Service
	does  map[string]func(*change, due) error
	heap  deadlines
	known map[dueKey]*deadline
	mono  time.Time     // when it started
	wall  time.Time     // what the clock on the wall showed then
	drift time.Duration // as last logged
}

// handlers do what is due. They find the world as it has become and do nothing where it is no more due.
func (s *Service) handlers() map[string]func(*change, due) error {
	return map[string]func(*change, due) error{
		dueStep: s.stepDue, dueCheck: s.checkDue, dueAgain: s.againDue, dueLapse: s.lapseDue, dueRemind: s.remindDue,
		dueRows: s.rowsDue, dueArchive: s.archiveDue, dueQuiet: s.quietDue, dueSilence: s.silenceDue, duePause: s.pauseDue,
		dueForget: s.forgetDue, dueLink: s.linkDue, dueDark: s.darkDue, dueShift: s.shiftDue, dueWeigh: s.weighDue,
	}
}

// Run does what is due, from the deadlines in the store, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	after := s.store.Head()
	e := &engine{s: s, does: s.handlers(), known: map[dueKey]*deadline{}, mono: time.Now(), wall: s.o.Now()}
	err := e.load(ctx)
	if err == nil {
		err = s.begin(ctx)
	}
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read deadlines: %w", err)
	}
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { s.followOwners(ctx, after) })
	return e.run(ctx)
}

// load reads every deadline. What is overdue fires at once.
func (e *engine) load(ctx context.Context) error {
	return e.s.store.View(ctx, func(tx *store.Tx) error {
		for d := range dues.By(tx, "at", store.Range{}) {
			left := d.At.Time().Sub(e.wall)
			e.set(d, max(left, 0), e.wall)
		}
		return nil
	})
}

// set waits for d, left from now.
func (e *engine) set(d due, left time.Duration, wall time.Time) {
	k := dueKey{d.Kind, d.ID}
	e.drop(k)
	l := &deadline{dueKey: k, at: d.At, fire: time.Now().Add(left), wall: wall.Add(left)}
	e.known[k] = l
	heap.Push(&e.heap, l)
}

func (e *engine) drop(k dueKey) {
	if l := e.known[k]; l != nil {
		heap.Remove(&e.heap, l.pos)
		delete(e.known, k)
	}
}

func (e *engine) run(ctx context.Context) error {
	lost := time.NewTimer(regain)
	defer lost.Stop()
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		if err := e.sync(ctx); err != nil && ctx.Err() == nil {
			e.s.o.Log.Error("deadlines not read", "error", err)
		}
		e.watch()
		for len(e.heap) > 0 && !e.heap[0].fire.After(time.Now()) && ctx.Err() == nil {
			e.fire(ctx, e.heap[0])
			if err := e.sync(ctx); err != nil && ctx.Err() == nil {
				e.s.o.Log.Error("deadlines not read", "error", err)
			}
		}
		wait := time.Minute
		if len(e.heap) > 0 {
			wait = min(wait, time.Until(e.heap[0].fire))
		}
		next.Reset(wait)
		select {
		case <-ctx.Done():
			return nil
		case <-e.s.poke:
		case <-next.C:
		case <-lost.C:
			e.s.lost(ctx)
		}
	}
}

// sync takes over the deadlines that changes have moved.
func (e *engine) sync(ctx context.Context) error {
	e.s.mu.Lock()
	moved := e.s.moved
	e.s.moved = nil
	e.s.mu.Unlock()
	if len(moved) == 0 {
		return nil
	}
	err := e.s.store.View(ctx, func(tx *store.Tx) error {
		for _, k := range moved {
			d, ok := dues.Get(tx, k.key())
			if l := e.known[k]; ok && l != nil && l.at == d.At {
				continue
			}
			if !ok {
				e.drop(k)
				continue
			}
			e.set(d, d.At.Time().Sub(d.Set.Time()), d.Set.Time())
		}
		return nil
	})
	if err != nil {
		e.s.wake(moved)
	}
	return err
}

// watch logs once when the clock on the wall was set.
func (e *engine) watch() {
	d := e.s.o.Now().Sub(e.wall) - time.Since(e.mono)
	if (d - e.drift).Abs() <= drift {
		return
	}
	e.s.o.Log.Warn("the clock was set; running deadlines keep the time that was left", "by", d-e.drift)
	e.drift = d
}

// fire does one deadline in a change of its own, if the store still has it so.
func (e *engine) fire(ctx context.Context, l *deadline) {
	late := time.Since(l.fire)
	done := false
	err := e.s.change(ctx, account.System(), func(c *change) error {
		d, ok := dues.Get(c.Tx, l.key())
		if !ok || d.At != l.at {
			return nil
		}
		dues.Delete(c.Tx, l.key())
		if by := c.Now().Sub(l.wall.Add(late)); by.Abs() > drift {
			c.shift = by
		}
		done = true
		return e.does[l.kind](c, d)
	})
	switch {
	case err != nil:
		if ctx.Err() == nil {
			e.s.o.Log.Error("deadline not done", "kind", l.kind, "id", l.id, "error", err)
		}
		again := time.Now().Add(retry)
		l.fire, l.wall = again, l.wall.Add(again.Sub(l.fire))
		heap.Fix(&e.heap, l.pos)
	default:
		e.drop(l.dueKey)
		if !done {
			e.s.wake([]dueKey{l.dueKey})
		}
	}
}
