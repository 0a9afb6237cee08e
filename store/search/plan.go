package search

import (
	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// plan is a query worked out for one segment: the documents that have all its terms, and the phrases that are still to be
// checked by the positions of their terms.
type plan struct {
	seg     *scorch.SegmentSnapshot
	docs    *roaring.Bitmap // nil: none
	phrases []phrase
	visits  int // blocks visited
}

type phrase struct {
	steps []lists
	docs  *roaring.Bitmap // those that have all the terms
	not   bool
}

// lists are the documents of one step: one list, or one for each term that begins with a prefix.
type lists struct {
	at    int
	lists []list
}

type list struct {
	postings segment.PostingsList
	docs     *roaring.Bitmap
}

func (l lists) docs() *roaring.Bitmap {
	if len(l.lists) == 1 {
		return l.lists[0].docs
	}
	all := make([]*roaring.Bitmap, len(l.lists))
	for i := range l.lists {
		all[i] = l.lists[i].docs
	}
	return roaring.FastOr(all...)
}

// eager is after how many blocks the phrases of a segment are checked in all its documents at once: positions are read
// forward, and beginning again for each block costs more than what the blocks that are never visited save.
const eager = 4

// settle checks the phrases of all documents when it is time.
func (pl *plan) settle() error {
	if pl.visits++; pl.visits <= eager || len(pl.phrases) == 0 {
		return nil
	}
	kept, walk := roaring.New(), pl.walk()
	for it := pl.docs.Iterator(); it.HasNext(); {
		doc := it.Next()
		ok, err := walk.meets(doc)
		if err != nil {
			return err
		}
		if ok {
			kept.Add(doc)
		}
	}
	pl.docs, pl.phrases = kept, nil
	return nil
}

// planner works out a plan: text is looked at first, for it is rarest.
type planner struct {
	seg   *scorch.SegmentSnapshot
	text  segment.TermDictionary
	marks segment.TermDictionary
	docs  *roaring.Bitmap // what is left; nil before the first condition
	mine  bool            // docs may be changed
}

// and keeps only what is in b; false when nothing is left.
func (p *planner) and(b *roaring.Bitmap) bool {
	switch {
	case p.docs == nil:
		p.docs = b
	case p.mine:
		p.docs.And(b)
	default:
		p.docs, p.mine = roaring.And(p.docs, b), true
	}
	return !p.docs.IsEmpty()
}

func (p *planner) without(b *roaring.Bitmap) {
	if p.mine {
		p.docs.AndNot(b)
		return
	}
	p.docs, p.mine = roaring.AndNot(p.docs, b), true
}

// plan works the query out for a segment.
func (s *search) plan(seg *scorch.SegmentSnapshot) (*plan, error) {
	text, err := seg.Segment().Dictionary(fieldText)
	if err != nil {
		return nil, err
	}
	marks, err := seg.Segment().Dictionary(fieldMark)
	if err != nil {
		return nil, err
	}
	p := &planner{seg: seg, text: text, marks: marks}
	out := &plan{seg: seg}
	for _, c := range s.clauses {
		if c.not {
			continue
		}
		if ok, err := p.clause(out, c); !ok || err != nil {
			return out, err
		}
	}
	if ok, err := s.filter(p); !ok || err != nil {
		return out, err
	}
	for _, c := range s.clauses {
		if !c.not {
			continue
		}
		if _, err := p.clause(out, c); err != nil {
			return out, err
		}
	}
	if d := seg.Deleted(); d != nil && !d.IsEmpty() {
		p.without(d)
	}
	out.docs = p.docs
	return out, nil
}

// clause narrows by one clause; false when nothing is left.
func (p *planner) clause(out *plan, c clause) (bool, error) {
	ph := phrase{not: c.not}
	for _, st := range c.steps {
		ls, err := p.lists(st)
		if err != nil {
			return false, err
		}
		docs := ls.docs()
		if docs.IsEmpty() {
			return c.not, nil
		}
		if !c.not && !p.and(docs) {
			return false, nil
		}
		if ph.docs == nil {
			ph.docs = docs
		} else {
			ph.docs = roaring.And(ph.docs, docs)
		}
		ph.steps = append(ph.steps, ls)
	}
	switch {
	case len(c.steps) > 1:
		out.phrases = append(out.phrases, ph)
	case c.not:
		p.without(ph.docs)
	}
	return true, nil
}

// lists looks the terms of a step up.
func (p *planner) lists(st step) (lists, error) {
	out := lists{at: st.at}
	if !st.prefix {
		l, err := lookup(p.text, []byte(st.term))
		out.lists = []list{l}
		return out, err
	}
	from := []byte(st.term)
	it := p.text.AutomatonIterator(nil, from, after(from))
	if quick, ok := p.text.(interface {
		AutomatonIteratorOmitCount(segment.Automaton, []byte, []byte) segment.DictionaryIterator
	}); ok {
		it = quick.AutomatonIteratorOmitCount(nil, from, after(from))
	}
	for {
		e, err := it.Next()
		if err != nil || e == nil {
			return out, err
		}
		l, err := lookup(p.text, []byte(e.Term))
		if err != nil {
			return out, err
		}
		out.lists = append(out.lists, l)
	}
}

// after is the first key behind all that begin with prefix.
func after(prefix []byte) []byte {
	out := append([]byte(nil), prefix...)
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] < 0xff {
			out[i]++
			return out[:i+1]
		}
	}
	return nil
}

// lookup is the list of one term, an empty one when there is none.
func lookup(dict segment.TermDictionary, term []byte) (list, error) {
	postings, err := dict.PostingsList(term, nil, nil)
	if err != nil {
		return list{}, err
	}
	l := list{postings: postings}
	if it, ok := postings.Iterator(false, false, false, nil).(segment.OptimizablePostingsIterator); ok {
		if doc, one := it.DocNum1Hit(); one {
			l.docs = roaring.BitmapOf(uint32(doc))
		} else {
			l.docs = it.ActualBitmap()
		}
	}
	if l.docs == nil {
		l.docs = roaring.New()
	}
	return l, nil
}

// filter narrows by the marks; false when nothing is left.
func (s *search) filter(p *planner) (bool, error) {
	var wants [][]string
	if len(s.q.From) > 0 {
		wants = append(wants, marksOf(markAuthor, s.q.From))
	}
	for _, h := range s.q.Has {
		wants = append(wants, []string{markHas + h})
	}
	if s.q.Thread != 0 {
		wants = append(wants, []string{threadMark(s.q.Thread)})
	}
	for _, w := range wants {
		if ok, err := p.any(w); !ok || err != nil {
			return false, err
		}
	}
	// The key of each hit has its room, so with few hits left it is cheaper to look there.
	if p.docs != nil && p.docs.GetCardinality() < uint64(8*len(s.rooms)) {
		return true, nil
	}
	rooms := make([]string, 0, len(s.rooms))
	for r := range s.rooms {
		rooms = append(rooms, markRoom+r)
	}
	return p.any(rooms)
}

func marksOf(kind string, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = kind + n
	}
	return out
}

// any narrows to the documents with any of the marks.
func (p *planner) any(marks []string) (bool, error) {
	all := make([]*roaring.Bitmap, 0, len(marks))
	for _, m := range marks {
		l, err := lookup(p.marks, []byte(m))
		if err != nil {
			return false, err
		}
		if !l.docs.IsEmpty() {
			all = append(all, l.docs)
		}
	}
	switch len(all) {
	case 0:
		return false, nil
	case 1:
		return p.and(all[0]), nil
	}
	return p.and(roaring.FastOr(all...)), nil
}

// walk checks phrases of documents in rising order.
type walk struct {
	phrases []phraseWalk
}

type phraseWalk struct {
	phrase
	its [][]segment.PostingsIterator // by step and list, made when first needed
	at  []uint64                     // where the phrase may begin
}

func (pl *plan) walk() *walk {
	w := &walk{phrases: make([]phraseWalk, len(pl.phrases))}
	for i, ph := range pl.phrases {
		w.phrases[i] = phraseWalk{phrase: ph, its: make([][]segment.PostingsIterator, len(ph.steps))}
	}
	return w
}

// meets says that doc has every phrase that it must have, and none that it must not.
func (w *walk) meets(doc uint32) (bool, error) {
	for i := range w.phrases {
		ph := &w.phrases[i]
		has := ph.docs.Contains(doc)
		if has {
			var err error
			if has, err = ph.meets(doc); err != nil {
				return false, err
			}
		}
		if has == ph.not {
			return false, nil
		}
	}
	return true, nil
}

// meets says that the terms of the phrase stand at their distances somewhere in doc.
func (w *phraseWalk) meets(doc uint32) (bool, error) {
	w.at = w.at[:0]
	for i, st := range w.steps {
		if w.its[i] == nil {
			w.its[i] = make([]segment.PostingsIterator, len(st.lists))
		}
		var here []uint64
		for j, l := range st.lists {
			if !l.docs.Contains(doc) {
				continue
			}
			if w.its[i][j] == nil {
				w.its[i][j] = l.postings.Iterator(true, false, true, nil)
			}
			p, err := w.its[i][j].Advance(uint64(doc))
			if err != nil {
				return false, err
			}
			if p == nil || p.Number() != uint64(doc) {
				continue
			}
			for _, loc := range p.Locations() {
				here = append(here, loc.Pos()-uint64(st.at))
			}
		}
		if i == 0 {
			w.at = append(w.at, here...)
			continue
		}
		kept := w.at[:0]
		for _, at := range w.at {
			for _, h := range here {
				if h == at {
					kept = append(kept, at)
					break
				}
			}
		}
		if w.at = kept; len(kept) == 0 {
			return false, nil
		}
	}
	return len(w.at) > 0, nil
}
