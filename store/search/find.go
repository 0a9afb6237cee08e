package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"watchroom/server/fault"
)

const (
	defaultLimit = 20
	maxLimit     = 500
	maxWords     = 40
	maxQuery     = 2000 // bytes
)

// search is one Search under way.
type search struct {
	q        Query
	clauses  []clause
	rooms    map[string]bool
	from, to int64 // milliseconds: from <= time < to
	below    uint64
	top      []Hit // the newest so far, one more than asked for at most
	deadline time.Time
	visited  int    // blocks
	reached  uint64 // set when the time is up: what lies below has not been looked at
}

// Search finds the newest messages that meet q. It walks from the newest partition to the oldest and stops when it has
// enough. An error of kind fault.Invalid is about the query, any other is that of ctx or ErrClosed: damage is no error, but
// leaves out the partition that has it, makes the index suspect and the answer Partial.
func (x *Index) Search(ctx context.Context, q Query) (Hits, error) {
	s, err := newSearch(q, time.Now().Add(x.o.Budget))
	if err != nil {
		return Hits{}, err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.closed {
		return Hits{}, ErrClosed
	}
	if s == nil {
		return Hits{Partial: x.partial()}, nil
	}
	if err := s.run(ctx, x); err != nil {
		return Hits{}, err
	}
	h := Hits{Hits: s.top, Partial: x.partial(), SearchedTo: s.reached, More: s.reached > 0}
	if limit := s.limit(); len(h.Hits) > limit {
		h.Hits, h.More, h.SearchedTo = h.Hits[:limit], true, 0
	}
	return h, nil
}

// partial says that messages may be missing.
func (x *Index) partial() bool { return x.Cursor() < x.target.Load() || x.Err() != nil }

// newSearch checks and compiles a query; nil when nothing can meet it.
func newSearch(q Query, deadline time.Time) (*search, error) {
	if len(q.Text) > maxQuery {
		return nil, fault.Field("query", "is too long: at most %d bytes", maxQuery)
	}
	clauses, some := compile(q.Text)
	if len(clauses) > maxWords {
		return nil, fault.Field("query", "has too many words: at most %d", maxWords)
	}
	s := &search{q: q, clauses: clauses, from: math.MinInt64, to: math.MaxInt64, below: q.BeforeID, deadline: deadline}
	if s.below == 0 {
		s.below = math.MaxUint64
	}
	if !q.After.IsZero() {
		s.from = ceilMillis(q.After)
	}
	if !q.Before.IsZero() {
		s.to = ceilMillis(q.Before)
	}
	s.rooms = make(map[string]bool, len(q.Rooms))
	for _, r := range q.Rooms {
		if len(q.In) == 0 || slices.Contains(q.In, r) {
			s.rooms[r] = true
		}
	}
	if !some || len(s.rooms) == 0 || s.from >= s.to {
		return nil, nil
	}
	return s, nil
}

// ceilMillis is the first whole millisecond at or after t: a kept time is before t exactly when it is below it.
func ceilMillis(t time.Time) int64 {
	ms := t.UnixMilli()
	if t.After(time.UnixMilli(ms)) {
		ms++
	}
	return ms
}

func (s *search) limit() int {
	if s.q.Limit <= 0 {
		return defaultLimit
	}
	return min(s.q.Limit, maxLimit)
}

// enough says that nothing with an ID of at most id can be among the hits any more.
func (s *search) enough(id uint64) bool {
	return len(s.top) > s.limit() && s.top[len(s.top)-1].ID >= id
}

// add puts a hit in its place.
func (s *search) add(h Hit) {
	at, twice := slices.BinarySearchFunc(s.top, h.ID, func(a Hit, id uint64) int { return cmp.Compare(id, a.ID) })
	if twice || at > s.limit() {
		return
	}
	s.top = slices.Insert(s.top, at, h)
	if len(s.top) > s.limit()+1 {
		s.top = s.top[:s.limit()+1]
	}
}

// misses says that nothing within these bounds can meet the query.
func (s *search) misses(b span) bool {
	return b.minID > b.maxID || b.minID >= s.below || b.maxMs < s.from || b.minMs >= s.to
}

// run walks the partitions, the one with the newest documents first.
func (s *search) run(ctx context.Context, x *Index) error {
	type place struct {
		*partition
		span
	}
	places := make([]place, 0, len(x.parts))
	for _, p := range x.parts {
		if b := p.bounds(); !s.misses(b) && !p.broken.Load() {
			places = append(places, place{p, b})
		}
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(b.maxID, a.maxID) })
	for i, p := range places {
		if s.enough(p.maxID) {
			return nil
		}
		var rest uint64 // the newest of what comes after this partition
		if i+1 < len(places) {
			rest = places[i+1].maxID
		}
		var late bool
		err := guarded(func() (err error) {
			late, err = s.within(ctx, p.partition, rest)
			return err
		})
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			p.broken.Store(true)
			x.report(p.trouble, fmt.Errorf("search partition %d: %w", p.number, err))
		case late:
			return nil
		}
	}
	return nil
}

// late says that the time is up when documents with IDs of at most id are still to be looked at; it then keeps only the
// hits above them, which are certain.
func (s *search) late(ctx context.Context, id uint64) (bool, error) {
	if err := ctx.Err(); err != nil {
		return true, err
	}
	if time.Now().Before(s.deadline) {
		return false, nil
	}
	s.reached = id + 1
	for len(s.top) > 0 && s.top[len(s.top)-1].ID < s.reached {
		s.top = s.top[:len(s.top)-1]
	}
	return true, nil
}

// within walks the blocks of one partition, the one with the newest documents first; it says whether the time was up.
func (s *search) within(ctx context.Context, p *partition, rest uint64) (bool, error) {
	snap, err := p.snapshot()
	if err != nil {
		return false, err
	}
	defer snap.Close()
	p.forget(snap)
	type place struct {
		block
		seg int
	}
	segs := snap.Segments()
	var places []place
	for i, seg := range segs {
		t, err := p.table(seg)
		if err != nil {
			return false, err
		}
		for _, b := range t.blocks {
			if !s.misses(b.span) {
				places = append(places, place{b, i})
			}
		}
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(b.maxID, a.maxID) })
	plans := make([]*plan, len(segs))
	for _, pl := range places {
		if s.enough(pl.maxID) {
			return false, nil
		}
		if s.visited++; s.visited%9 == 0 { // not before the first eight, so that the next page gets further
			if late, err := s.late(ctx, max(pl.maxID, rest)); late || err != nil {
				return late, err
			}
		}
		if plans[pl.seg] == nil {
			made, err := s.plan(segs[pl.seg])
			if err != nil {
				return false, err
			}
			plans[pl.seg] = made
		}
		if err := s.visit(plans[pl.seg], pl.block); err != nil {
			return false, err
		}
	}
	return false, nil
}

// visit adds the hits of one block.
func (s *search) visit(pl *plan, b block) error {
	if pl.docs == nil {
		return nil
	}
	if err := pl.settle(); err != nil {
		return err
	}
	it := pl.docs.Iterator()
	it.AdvanceIfNeeded(b.from)
	walk := pl.walk()
	for it.HasNext() {
		doc := it.Next()
		if doc >= b.to {
			return nil
		}
		key, err := pl.seg.DocID(uint64(doc))
		if err != nil {
			return err
		}
		id, ms, room, ok := splitKey(key)
		if !ok {
			return errors.New("a document has no key")
		}
		if id >= s.below || ms < s.from || ms >= s.to || !s.rooms[string(room)] || s.enough(id) {
			continue
		}
		if ok, err := walk.meets(doc); err != nil {
			return err
		} else if ok {
			s.add(Hit{ID: id, Room: string(room), Time: time.UnixMilli(ms).UTC()})
		}
	}
	return nil
}
