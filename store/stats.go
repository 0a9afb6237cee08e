package store

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// Stats counts what the committer has done since the store was opened.
type Stats struct {
	Commits  uint64    // batches written
	Changes  uint64    // changes that were run
	Refused  uint64    // changes that failed by themselves
	Panicked uint64    // refused changes that panicked
	Lost     uint64    // changes whose batch could not be written
	Events   uint64    // events committed
	Batch    Histogram // changes per commit
	Seconds  Histogram // duration of a commit's write and sync
}

// Histogram counts observations up to each bound; Counts has one element more, for what is above.
type Histogram struct {
	Bounds []float64
	Counts []uint64
	Count  uint64
	Sum    float64
}

func (h *Histogram) observe(v float64) {
	i, _ := slices.BinarySearch(h.Bounds, v)
	h.Counts[i]++
	h.Count++
	h.Sum += v
}

func histogram(bounds ...float64) Histogram {
	return Histogram{Bounds: bounds, Counts: make([]uint64, len(bounds)+1)}
}

type statistics struct {
	mu    sync.Mutex
	stats Stats
}

func (s *statistics) init() {
	s.stats.Batch = histogram(1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
	s.stats.Seconds = histogram(.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5)
}

func (s *statistics) tried(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Changes++
	if err != nil {
		s.stats.Refused++
	}
	if errors.Is(err, ErrPanic) {
		s.stats.Panicked++
	}
}

func (s *statistics) committed(changes, events int, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Commits++
	s.stats.Events += uint64(events)
	s.stats.Batch.observe(float64(changes))
	s.stats.Seconds.observe(took.Seconds())
}

func (s *statistics) lost(changes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Lost += uint64(changes)
}

// Stats returns the counts as they stand.
func (s *Store) Stats() Stats {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	st := s.stats.stats
	st.Batch.Counts = slices.Clone(st.Batch.Counts)
	st.Seconds.Counts = slices.Clone(st.Seconds.Counts)
	return st
}
