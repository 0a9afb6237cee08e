package store

import (
	"bytes"
	"maps"
	"slices"

	"github.com/tidwall/btree"
)

// overlay is what the changes of one batch have put so far. It knows how to take back what the
// running change did.
type overlay struct {
	layers map[string]*layer
	change uint64 // number of the running change
	undo   []undone
}

// layer is the part of an overlay in one bucket.
type layer struct {
	tree  *btree.BTreeG[item]
	edits uint64 // changes with every edit, so that a running scan looks again
}

type item struct {
	key, value []byte
	deleted    bool
	change     uint64 // who put it
}

type undone struct {
	layer *layer
	had   bool
	item  item // as it was; only the key where there was none
}

func before(a, b item) bool { return bytes.Compare(a.key, b.key) < 0 }

func newOverlay() *overlay { return &overlay{layers: map[string]*layer{}} }

// begin starts the next change: what stands now stays, whatever happens to it.
func (o *overlay) begin() {
	o.change++
	o.undo = o.undo[:0]
}

// keys counts the keys that the running change touched.
func (o *overlay) keys() int { return len(o.undo) }

func (o *overlay) set(bucket string, it item) {
	l := o.layers[bucket]
	if l == nil {
		l = &layer{tree: btree.NewBTreeGOptions(before, btree.Options{NoLocks: true})}
		o.layers[bucket] = l
	}
	it.change = o.change
	prev, had := l.tree.Set(it)
	l.edits++
	if had && prev.change == o.change {
		return
	}
	if !had {
		prev = item{key: it.key}
	}
	o.undo = append(o.undo, undone{layer: l, had: had, item: prev})
}

// rollback takes back the running change.
func (o *overlay) rollback() {
	for _, u := range slices.Backward(o.undo) {
		u.layer.edits++
		if u.had {
			u.layer.tree.Set(u.item)
		} else {
			u.layer.tree.Delete(u.item)
		}
	}
	o.undo = o.undo[:0]
}

func (o *overlay) get(bucket string, key []byte) (item, bool) {
	if l := o.layers[bucket]; l != nil {
		return l.tree.Get(item{key: key})
	}
	return item{}, false
}

// batch is the whole overlay as ops, bucket by bucket in key order.
func (o *overlay) batch() Batch {
	n := 0
	for _, l := range o.layers {
		n += l.tree.Len()
	}
	ops := make([]Op, 0, n+1)
	for _, bucket := range slices.Sorted(maps.Keys(o.layers)) {
		o.layers[bucket].tree.Scan(func(it item) bool {
			ops = append(ops, Op{Bucket: bucket, Key: it.key, Value: it.value, Delete: it.deleted})
			return true
		})
	}
	return Batch{Ops: ops}
}

// walk steps through one bucket of an overlay in the order of a range. It looks up each step
// anew after an edit, so a scan may put and delete what it walks over.
type walk struct {
	over   *overlay
	bucket string
	r      Range
	last   []byte // the last key that was passed, nil at the start

	edits uint64
	item  item
	ok    bool
	fresh bool
}

// pass moves the walk behind key.
func (w *walk) pass(key []byte) {
	w.last = key
	w.fresh = false
}

// peek is the next item of the overlay behind the last key that was passed.
func (w *walk) peek() (item, bool) {
	l := w.over.layers[w.bucket]
	if l == nil {
		return item{}, false
	}
	if w.fresh && w.edits == l.edits {
		return w.item, w.ok
	}
	w.fresh, w.edits, w.ok = true, l.edits, false
	visit := func(it item) bool {
		if w.last != nil && bytes.Equal(it.key, w.last) || w.r.Reverse && w.r.To != nil && bytes.Compare(it.key, w.r.To) >= 0 {
			return true
		}
		w.item, w.ok = it, w.r.holds(it.key)
		return false
	}
	from := w.last
	switch {
	case !w.r.Reverse:
		if from == nil {
			from = w.r.From
		}
		l.tree.Ascend(item{key: from}, visit)
	case from != nil:
		l.tree.Descend(item{key: from}, visit)
	case w.r.To != nil:
		l.tree.Descend(item{key: w.r.To}, visit)
	default:
		l.tree.Reverse(visit)
	}
	return w.item, w.ok
}

// precedes says whether a comes before b in the order of the range.
func (r Range) precedes(a, b []byte) bool {
	if r.Reverse {
		a, b = b, a
	}
	return bytes.Compare(a, b) < 0
}

func (r Range) holds(key []byte) bool {
	return (r.From == nil || bytes.Compare(key, r.From) >= 0) && (r.To == nil || bytes.Compare(key, r.To) < 0)
}
