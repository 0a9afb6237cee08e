package incident

import (
	"context"
	"net/http"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

// kept is how many requests of each integration are kept with their bodies.
const kept = 200

// requestRow is a request in the order in which its integration received it.
type requestRow struct {
	Request
	N      uint64      `json:"n"`
	Header http.Header `json:"header,omitempty"` // what the adapter needs to read the body again
}

// intake is what an integration has received so far.
type intake struct {
	Integration id.Integration `json:"integration"`
	Count       uint64         `json:"count"`
	LastSeen    id.Millis      `json:"lastSeen"`
	Told        id.Millis      `json:"told,omitempty"` // when a request that changed nothing was last announced
}

const bodyBucket = "requestbody" // integration|n -> raw body

var (
	requests = store.NewTable("request", func(r *requestRow) []byte { return store.Key(string(r.Integration), r.N) },
		store.Index[requestRow]{Name: "id", Keys: func(r *requestRow) [][]byte { return [][]byte{store.Key(string(r.ID))} }})
	intakes = store.NewTable("intake", func(i *intake) []byte { return store.Key(string(i.Integration)) })
)

// seen is in with the time of its newest request.
func seen(tx *store.Tx, in Integration) Integration {
	i, _ := intakes.Get(tx, store.Key(string(in.ID)))
	in.LastSeen = i.LastSeen
	return in
}

// keepRequest keeps a request and its raw body, and lets go of what is too old.
func (s *Service) keepRequest(c *change, in ReceiveIn, r Request, quiet bool) {
	i, _ := intakes.Get(c.Tx, store.Key(string(r.Integration)))
	first := i.Count == 0
	i.Integration, i.LastSeen = r.Integration, r.Time
	i.Count++
	row := requestRow{Request: r, N: i.Count, Header: http.Header{}}
	for _, name := range []string{"Content-Type", "User-Agent"} {
		if v := in.Header.Get(name); v != "" && len(v) < 500 {
			row.Header.Set(name, v)
		}
	}
	requests.Put(c.Tx, row)
	c.Put(bodyBucket, store.Key(string(r.Integration), row.N), in.Body)
	if row.N > kept {
		if old, ok := requests.Get(c.Tx, store.Key(string(r.Integration), row.N-kept)); ok {
			dropRequest(c.Tx, old)
		}
	}
	if !quiet || first || r.Time.Time().Sub(i.Told.Time()) >= repeatEvery {
		i.Told = r.Time
		c.emit(EventRequestReceived, "", []string{"@admin"}, RequestReceived{Request: r})
	}
	intakes.Put(c.Tx, i)
}

func dropRequest(tx *store.Tx, r requestRow) {
	requests.Delete(tx, store.Key(string(r.Integration), r.N))
	tx.Delete(bodyBucket, store.Key(string(r.Integration), r.N))
}

// Requests lists the newest requests of an integration, newest first.
func (s *Service) Requests(ctx context.Context, who account.Actor, n id.Integration, limit int) ([]Request, error) {
	if !who.IsAdmin() {
		return nil, errAdmin
	}
	if limit <= 0 || limit > kept {
		limit = 50
	}
	list := []Request{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		if _, ok := integrations.Get(tx, store.Key(string(n))); !ok {
			return errNoIntegration
		}
		r := store.Prefix(store.Key(string(n)))
		r.Reverse = true
		for row := range requests.Scan(tx, r) {
			if list = append(list, row.Request); len(list) == limit {
				break
			}
		}
		return nil
	})
	return list, err
}

// request is one that is still kept, with its body.
func (s *Service) request(ctx context.Context, who account.Actor, n id.Request) (row requestRow, in Integration, body []byte, err error) {
	if !who.IsAdmin() {
		return row, in, nil, errAdmin
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if n != "" && len(n) <= 64 {
			for row = range requests.By(tx, "id", store.Prefix(store.Key(string(n)))) {
				k, ok := integrations.Get(tx, store.Key(string(row.Integration)))
				if !ok {
					return errNoIntegration
				}
				in, body = k.Integration, tx.Get(bodyBucket, store.Key(string(row.Integration), row.N))
				return nil
			}
		}
		return fault.New(fault.Missing, "there is no such request, or it is too old: the newest %d of each integration are kept", kept)
	})
	return row, in, body, err
}

// RawBody is what the sender sent, byte by byte.
func (s *Service) RawBody(ctx context.Context, who account.Actor, n id.Request) ([]byte, error) {
	_, _, body, err := s.request(ctx, who, n)
	return body, err
}

// Replay takes a kept request through the same road again, as if it came now.
func (s *Service) Replay(ctx context.Context, who account.Actor, n id.Request) (Request, error) {
	row, in, body, err := s.request(ctx, who, n)
	if err != nil {
		return Request{}, err
	}
	return s.Receive(ctx, ReceiveIn{Integration: in, Body: body, Header: row.Header, Remote: "replayed by " + who.Handle, Test: row.Test, Replay: true})
}
