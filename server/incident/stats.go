package incident

import (
	"context"
	"sync/atomic"

	"watchroom/store"
)

// counts are what happened since the start.
type counts struct {
	requests, pages, delivered, undelivered atomic.Uint64
}

// Stats is what is open, and what happened since the start.
type Stats struct {
	Requests     uint64 // that senders made
	Pages        uint64 // attempts to reach somebody
	Delivered    uint64 // pages that a device said it played
	NotDelivered uint64 // rounds that ended and nothing played
	Open         int    // incidents that are not resolved
	Ringing      int    // incidents that ring somebody now
}

// Stats counts for the metrics. Where the store cannot be read, what is open counts as 0.
func (s *Service) Stats() Stats {
	out := Stats{
		Requests: s.counts.requests.Load(), Pages: s.counts.pages.Load(),
		Delivered: s.counts.delivered.Load(), NotDelivered: s.counts.undelivered.Load(),
	}
	_ = s.store.View(context.Background(), func(tx *store.Tx) error {
		for r := range incidents.By(tx, "state", store.Prefix(store.Key(stateOpen))) {
			out.Open++
			if len(r.Ringing) > 0 {
				out.Ringing++
			}
		}
		return nil
	})
	return out
}
