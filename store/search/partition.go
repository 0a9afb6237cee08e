package search

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/index/scorch/mergeplan"
	index "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// A partition is one scorch index with a bounded number of documents. The newest takes documents; one that is full is
// merged into a single segment and afterwards only loses documents, to deletions and to edits.
type partition struct {
	number  int
	dir     string // "" in memory
	scorch  *scorch.Scorch
	trouble *trouble

	broken atomic.Bool // it can no longer be read: a failed batch closes what can already be seen
	gen    uint64      // how many batches it has taken: the active partition remembers it of the others

	mu     sync.Mutex // guards what follows
	span   span
	tables map[uint64]*table // by segment
}

func (p *partition) bounds() span {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.span
}

// span bounds what a partition ever held.
type span struct {
	minID, maxID uint64
	minMs, maxMs int64
}

// The keys that a partition keeps beside its documents.
const (
	keyFormat = "format"
	keyEpoch  = "epoch"
	keyCursor = "cursor"
	keyGen    = "gen"
	keySpan   = "span"
	keyGenOf  = "gen of " // + number: the least gen that another partition must have
)

// format changes whenever the same text would be indexed in another way: an older index is then built again.
const format = "1"

// registering guards Bleve's table of callbacks, which has no lock of its own.
var registering sync.Mutex

// openPartition opens the scorch index in dir, making it when absent. What is damaged in a way that Bleve notices is an
// error; a panic or a fault within Bleve becomes one.
func (x *Index) openPartition(number int, dir string) (p *partition, err error) {
	defer catch(&err)
	tr := x.trouble.Load()
	config := map[string]any{
		"path":                   dir,
		"bolt_timeout":           lockTimeout.String(),
		"asyncErrorCallbackName": "watchroom",
		"numSnapshotsToKeep":     1,
		// A batch that was full under load is not merged again before the partition is sealed; small ones are.
		"scorchMergePlanOptions": map[string]any{"maxSegmentsPerTier": 50, "segmentsPerMergeTask": 20, "floorSegmentSize": 200, "maxSegmentSize": 1600},
	}
	registering.Lock()
	scorch.RegistryAsyncErrorCallbacks["watchroom"] = func(err error, path string) {
		x.report(tr, fmt.Errorf("%s: %w", path, err))
	}
	made, err := scorch.NewScorch(scorch.Name, config, x.queue)
	delete(scorch.RegistryAsyncErrorCallbacks, "watchroom")
	registering.Unlock()
	if err != nil {
		return nil, err
	}
	if err := made.Open(); err != nil {
		return nil, err
	}
	return &partition{
		number: number, dir: dir, scorch: made.(*scorch.Scorch), trouble: tr,
		span: emptySpan(), tables: map[uint64]*table{},
	}, nil
}

// catch makes an error of a panic and of a fault in mapped memory, for Bleve does not check what it reads.
func catch(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("panic in the index: %v", r)
	}
}

// guarded runs fn so that a fault in mapped memory is an error.
func guarded(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer catch(&err)
	return fn()
}

func (p *partition) close() (err error) {
	defer catch(&err)
	return p.scorch.Close()
}

// snapshot is the partition as of now; the caller closes it.
func (p *partition) snapshot() (*scorch.IndexSnapshot, error) {
	r, err := p.scorch.Reader()
	if err != nil {
		return nil, err
	}
	s, ok := r.(*scorch.IndexSnapshot)
	if !ok || s == nil {
		return nil, ErrClosed
	}
	return s, nil
}

func (p *partition) count() (uint64, error) {
	s, err := p.snapshot()
	if err != nil {
		return 0, err
	}
	defer s.Close()
	return s.DocCount()
}

// change is what one batch does to one partition.
type change struct {
	docs    []*document
	deletes []string // keys
	set     map[string][]byte
}

// apply writes c and waits until it is durable. The storage may never answer (a full disk), so the wait ends with ctx:
// then the outcome is unknown and the partition suspect.
func (p *partition) apply(ctx context.Context, x *Index, c change) error {
	b := index.NewBatch()
	for _, key := range c.deletes {
		b.Delete(key)
	}
	sp := p.bounds()
	for _, d := range c.docs {
		b.Update(d)
		sp.include(d.id, d.ms)
	}
	for k, v := range c.set {
		b.SetInternal([]byte(k), v)
	}
	gen := p.gen + 1
	b.SetInternal([]byte(keyGen), number(gen))
	b.SetInternal([]byte(keySpan), sp.encode())
	p.mu.Lock()
	p.span = sp // before the documents can be seen: a search must not skip them
	p.mu.Unlock()
	if err := p.await(ctx, x, func() error { return p.scorch.Batch(b) }); err != nil {
		return fmt.Errorf("write search index: %w", err)
	}
	p.gen = gen
	return nil
}

// patience is how long a batch may go on after the end of its context before the storage is thought to be stuck.
const patience = 10 * time.Second

// await runs fn. It may never return when the storage is in trouble (a full disk): then its goroutine is given up, and the
// partition is suspect. What has begun is not left half done at the end of ctx, which may be an orderly stop.
func (p *partition) await(ctx context.Context, x *Index, fn func() error) error {
	done := make(chan error, 1)
	go func() { done <- guarded(fn) }()
	late := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(patience, func() { close(late) }) })
	defer stop()
	select {
	case err := <-done:
		if err != nil {
			p.broken.Store(true)
			x.report(p.trouble, err)
		}
		return err
	case <-p.trouble.told:
		return x.Err()
	case <-late:
		err := fmt.Errorf("the storage does not answer: %w", ctx.Err())
		x.report(p.trouble, err)
		return err
	}
}

// seal merges the partition into one segment without deleted documents.
func (p *partition) seal(ctx context.Context, x *Index) error {
	if p.dir == "" {
		return nil // nothing merges in memory
	}
	one := mergeplan.SingleSegmentMergePlanOptions
	one.SegmentsPerMergeTask = 1 << 20
	for range 3 {
		segs, deleted, err := p.shape()
		if err != nil || segs == 0 || segs == 1 && !deleted {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		// Bleve does not merge a single segment, so a document that nothing finds is put beside it for the while.
		dummy := newDummy(p.bounds())
		if segs == 1 {
			if err := p.apply(ctx, x, change{docs: []*document{dummy}}); err != nil {
				return err
			}
		}
		if err := p.await(ctx, x, func() error { return p.scorch.ForceMerge(ctx, &one) }); err != nil {
			return fmt.Errorf("merge partition: %w", err)
		}
		// A batch, be there a dummy or not, makes Bleve remove the old files.
		if err := p.apply(ctx, x, change{deletes: []string{dummy.ID()}}); err != nil {
			return err
		}
	}
	return nil
}

// shape is how many segments the partition has, and whether there are deleted documents in them other than a dummy.
func (p *partition) shape() (segs int, deleted bool, err error) {
	s, err := p.snapshot()
	if err != nil {
		return 0, false, err
	}
	defer s.Close()
	err = guarded(func() error {
		for _, seg := range s.Segments() {
			if seg.Deleted() == nil {
				continue
			}
			for it := seg.Deleted().Iterator(); it.HasNext() && !deleted; {
				key, err := seg.DocID(uint64(it.Next()))
				if err != nil {
					return err
				}
				deleted = len(key) != keyBytes // a dummy has no room
			}
		}
		return nil
	})
	return len(s.Segments()), deleted, err
}

// table says where in a segment which documents lie, in blocks of blockDocs, so that a search can go from the newest to
// the oldest in whatever order the segment holds them.
type table struct{ blocks []block }

type block struct {
	span
	from, to uint32 // document numbers in the segment
}

const blockDocs = 512

// table reads the keys of a segment once, and keeps what it needs of them.
func (p *partition) table(s *scorch.SegmentSnapshot) (*table, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := p.tables[s.Id()]; t != nil {
		return t, nil
	}
	t, err := readTable(s.Segment())
	if err != nil {
		return nil, err
	}
	p.tables[s.Id()] = t
	return t, nil
}

// forget drops the tables of segments that are no longer there.
func (p *partition) forget(s *scorch.IndexSnapshot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.tables) <= 2*len(s.Segments()) {
		return
	}
	keep := make(map[uint64]*table, len(s.Segments()))
	for _, seg := range s.Segments() {
		if t := p.tables[seg.Id()]; t != nil {
			keep[seg.Id()] = t
		}
	}
	p.tables = keep
}

func readTable(s segment.Segment) (*table, error) {
	n := s.Count()
	t := &table{blocks: make([]block, 0, n/blockDocs+1)}
	for from := uint64(0); from < n; from += blockDocs {
		b := block{from: uint32(from), to: uint32(min(from+blockDocs, n)), span: emptySpan()}
		for i := b.from; i < b.to; i++ {
			key, err := s.DocID(uint64(i))
			if err != nil {
				return nil, err
			}
			id, ms, _, ok := splitKey(key)
			if !ok {
				return nil, errors.New("a document has no key")
			}
			b.include(id, ms)
		}
		t.blocks = append(t.blocks, b)
	}
	return t, nil
}

func emptySpan() span {
	return span{minID: math.MaxUint64, minMs: math.MaxInt64, maxMs: math.MinInt64}
}

func (s *span) include(id uint64, ms int64) {
	s.minID, s.maxID = min(s.minID, id), max(s.maxID, id)
	s.minMs, s.maxMs = min(s.minMs, ms), max(s.maxMs, ms)
}

func (s span) encode() []byte {
	b := make([]byte, 0, 32)
	for _, v := range []uint64{s.minID, s.maxID, uint64(s.minMs), uint64(s.maxMs)} {
		b = binary.BigEndian.AppendUint64(b, v)
	}
	return b
}

func decodeSpan(b []byte) (span, bool) {
	if len(b) != 32 {
		return span{}, false
	}
	return span{
		binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:]),
		int64(binary.BigEndian.Uint64(b[16:])), int64(binary.BigEndian.Uint64(b[24:])),
	}, true
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func decodeNumber(b []byte) (uint64, bool) {
	if len(b) != 8 {
		return 0, false
	}
	return binary.BigEndian.Uint64(b), true
}

const keyBytes = 16 // without the room

// The key of a document is its ID, its time and its room: a hit needs nothing else, and keys sort by ID.
func makeKey(id uint64, ms int64, room string) string {
	b := make([]byte, 0, keyBytes+len(room))
	b = binary.BigEndian.AppendUint64(b, id)
	b = binary.BigEndian.AppendUint64(b, uint64(ms)^1<<63)
	return string(append(b, room...))
}

func splitKey(key []byte) (id uint64, ms int64, room []byte, ok bool) {
	if len(key) < keyBytes {
		return 0, 0, nil, false
	}
	return binary.BigEndian.Uint64(key), int64(binary.BigEndian.Uint64(key[8:]) ^ 1<<63), key[keyBytes:], true
}

func millis(t time.Time) int64 { return t.UnixMilli() }
