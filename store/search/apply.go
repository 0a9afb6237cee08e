package search

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/blevesearch/bleve/v2/index/scorch"
)

// chunk is how many documents go into one write: beyond it a batch is written in steps, the cursor in the last one.
const chunk = 1000

// Apply feeds the index: documents, deletions and the cursor are durable and can be found when it returns. A crash within
// leaves the old cursor, and the same batch again then gives the same index. After an error of the storage, and after a
// ctx that ended long ago while it still writes, the index is suspect.
func (x *Index) Apply(ctx context.Context, b Batch) error {
	x.write.Lock()
	defer x.write.Unlock()
	if x.closed { // written under write and mu
		return ErrClosed
	}
	if err := x.Err(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	gone := make(map[uint64]bool, len(b.Deletes))
	for _, id := range b.Deletes {
		gone[id] = true
	}
	docs := latest(b.Docs, gone)
	docs = slices.DeleteFunc(docs, func(d Doc) bool {
		if d.Room == "" {
			gone[d.ID] = true
		}
		return d.Room == ""
	})
	deletes := slices.Sorted(maps.Keys(gone))
	for len(docs) > chunk {
		if err := x.step(ctx, docs[:chunk], nil, x.Cursor()); err != nil {
			return err
		}
		docs = docs[chunk:]
	}
	return x.step(ctx, docs, deletes, b.Cursor)
}

// latest is the last of each ID in order of IDs, without those that are gone.
func latest(docs []Doc, gone map[uint64]bool) []Doc {
	out := make([]Doc, 0, len(docs))
	for _, d := range docs {
		if !gone[d.ID] {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b Doc) int {
		switch {
		case a.ID < b.ID:
			return -1
		case a.ID > b.ID:
			return 1
		}
		return 0
	})
	kept := out[:0]
	for i, d := range out {
		if i+1 == len(out) || out[i+1].ID != d.ID {
			kept = append(kept, d)
		}
	}
	return kept
}

// step writes at most chunk documents. What they replace is first removed from the older partitions, then one batch of the
// active one has everything else together with the cursor.
func (x *Index) step(ctx context.Context, docs []Doc, deletes []uint64, cursor uint64) error {
	if err := x.roll(ctx); err != nil {
		return err
	}
	var newest uint64
	for _, p := range x.parts {
		if s := p.bounds(); s.minID <= s.maxID {
			newest = max(newest, s.maxID)
		}
	}
	ids := slices.Clone(deletes)
	c := change{docs: make([]*document, len(docs)), set: map[string][]byte{keyCursor: number(cursor)}}
	for i, d := range docs {
		c.docs[i] = newDocument(d)
		if d.ID <= newest {
			ids = append(ids, d.ID)
		}
	}
	active := x.active()
	for _, p := range x.parts {
		keys, err := p.keys(ids)
		if err != nil {
			x.report(p.trouble, err)
			return fmt.Errorf("look up documents: %w", err)
		}
		if p == active {
			c.deletes = keys
			continue
		}
		if len(keys) == 0 {
			continue
		}
		if err := p.apply(ctx, x, change{deletes: keys}); err != nil {
			return err
		}
		c.set[keyGenOf+strconv.Itoa(p.number)] = number(p.gen)
	}
	if err := active.apply(ctx, x, c); err != nil {
		return err
	}
	x.cursor.Store(cursor)
	return nil
}

// roll seals the active partition when it is full and begins the next.
func (x *Index) roll(ctx context.Context) error {
	active := x.active()
	n, err := active.count()
	if err != nil {
		return fmt.Errorf("count documents: %w", err)
	}
	if n < uint64(x.o.PartitionDocs) {
		return nil
	}
	if err := active.seal(ctx, x); err != nil {
		return err
	}
	p, err := x.make(ctx, active.number+1, x.parts)
	if err != nil {
		x.report(active.trouble, err)
		return fmt.Errorf("make partition: %w", err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.add(p)
	return nil
}

// keys are the keys in the partition of the documents with these IDs.
func (p *partition) keys(ids []uint64) ([]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	s, err := p.snapshot()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	sp := p.bounds()
	var out []string
	err = guarded(func() error {
		for _, seg := range s.Segments() {
			for _, id := range ids {
				if id < sp.minID || id > sp.maxID {
					continue
				}
				found, err := keysOf(seg, id)
				if err != nil {
					return err
				}
				out = append(out, found...)
			}
		}
		return nil
	})
	return out, err
}

// keysOf are the keys of the live documents with this ID in a segment: one, or none.
func keysOf(seg *scorch.SegmentSnapshot, id uint64) ([]string, error) {
	dict, err := seg.Segment().Dictionary("_id")
	if err != nil {
		return nil, err
	}
	from := number(id)
	var to []byte
	if id+1 != 0 {
		to = number(id + 1)
	}
	var out []string
	for it := dict.AutomatonIterator(nil, from, to); ; {
		e, err := it.Next()
		if err != nil || e == nil {
			return out, err
		}
		list, err := dict.PostingsList([]byte(e.Term), seg.Deleted(), nil)
		if err != nil {
			return nil, err
		}
		if list.Count() > 0 {
			out = append(out, e.Term)
		}
	}
}

// Purge removes for good what has been deleted or replaced, which until then is still in the files though no search finds
// it, and the damaged index that was moved aside. It rewrites every partition that has lost a document: for once a day.
func (x *Index) Purge(ctx context.Context) error {
	x.write.Lock()
	defer x.write.Unlock()
	if x.closed {
		return ErrClosed
	}
	if err := x.Err(); err != nil {
		return err
	}
	for _, p := range x.parts {
		if err := p.seal(ctx, x); err != nil {
			return err
		}
	}
	return x.removeAside()
}
