package chat

import (
	"context"
	"errors"
	"slices"
	"time"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
	"watchroom/store/search"
)

const (
	foundDefault = 20
	foundMax     = 50
)

// SearchIn is a search as it was typed; see search.Parse for the language.
type SearchIn struct {
	Q      string
	Before uint64 // the next page: the Before of the last answer
	Limit  int    // 20 when 0, at most 50
}

// SearchHit is a message found, and what in its text to mark, in UTF-16 code units from and to.
type SearchHit struct {
	Message Message  `json:"message"`
	Room    id.Room  `json:"room"`
	Spans   [][2]int `json:"spans"`
}

// SearchOut is a page of hits, newest first.
type SearchOut struct {
	Hits    []SearchHit `json:"hits"`
	More    bool        `json:"more"`             // there may be older ones: ask again with Before
	Before  uint64      `json:"before,omitempty"` // for the next page
	Partial bool        `json:"partial"`          // the index is being rebuilt: messages may be missing
}

// Search finds messages that who may read: the rooms are part of the query, and every hit is judged again by the
// memberships of this moment. Deleted messages are not found.
func (s *Service) Search(ctx context.Context, who account.Actor, in SearchIn) (SearchOut, error) {
	out := SearchOut{Hits: []SearchHit{}}
	if s.index == nil {
		return out, nil
	}
	now := s.o.Now().UTC()
	if p, err := s.people.Person(ctx, who.Person); err == nil && p.Zone != "" {
		if zone, err := time.LoadLocation(p.Zone); err == nil {
			now = now.In(zone)
		}
	}
	parsed, err := search.ParseAt(in.Q, now)
	if err != nil {
		return out, err
	}
	q := parsed.Query()
	if q.Limit = min(in.Limit, foundMax); q.Limit <= 0 {
		q.Limit = foundDefault
	}
	q.BeforeID = in.Before
	if err := s.store.View(ctx, func(tx *store.Tx) error { return s.resolve(tx, who, &q) }); err != nil {
		return out, err
	}
	found, err := s.index.Search(ctx, q)
	if errors.Is(err, search.ErrSuspect) {
		return SearchOut{Hits: out.Hits, Partial: true}, nil
	}
	if err != nil {
		return out, err
	}
	out.More, out.Partial, out.Before = found.More, found.Partial, found.SearchedTo
	if out.More && out.Before == 0 && len(found.Hits) > 0 {
		out.Before = found.Hits[len(found.Hits)-1].ID
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		for _, h := range found.Hits {
			m, err := s.MessageTx(tx, who, h.ID)
			if err != nil || m.Deleted != 0 {
				continue
			}
			hit := SearchHit{Message: m, Room: m.Room, Spans: [][2]int{}}
			for _, span := range search.Highlight(m.Text, q.Text) {
				hit.Spans = append(hit.Spans, [2]int{span.Start, span.End})
			}
			out.Hits = append(out.Hits, hit)
		}
		return nil
	})
	return out, err
}

// resolve puts ids in the place of the names that were typed, and the rooms that who may read.
func (s *Service) resolve(tx *store.Tx, who account.Actor, q *search.Query) error {
	for i, name := range q.From {
		p, ok := s.people.ByHandleTx(tx, name)
		if name == "me" {
			p.ID, ok = who.Person, true
		}
		if !ok || !s.people.SeesTx(tx, who, p.ID) {
			return fault.Field("query", "from: there is nobody called @%s", name)
		}
		q.From[i] = string(p.ID)
	}
	may := s.readableTx(tx, who)
	for i, name := range q.In {
		r, ok := s.RoomByNameTx(tx, name)
		if !ok {
			r, ok = s.RoomTx(tx, id.Room(name))
		}
		if !ok || !s.readable(tx, who, r) {
			return fault.Field("query", "in: there is no room #%s that you may read", name)
		}
		q.In[i] = string(r.ID)
	}
	q.Rooms = make([]string, 0, len(may))
	for r := range may {
		q.Rooms = append(q.Rooms, string(r))
	}
	slices.Sort(q.Rooms)
	return nil
}
