package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Span is a stretch of a text to mark, in UTF-16 code units as JavaScript counts them (an invalid byte counts as one, the
// replacement character that JSON makes of it). It begins and ends between whole characters.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Highlight is what in text the words of a query (Query.Text, Parsed.Text) have found, in order and without overlap.
// Excluded words mark nothing.
func Highlight(text, words string) []Span {
	clauses, _ := compile(words)
	if len(clauses) == 0 || text == "" {
		return nil
	}
	tokens := scan(text)
	byPlace := make([][]token, len(tokens)+1)
	for _, t := range tokens {
		byPlace[t.at] = append(byPlace[t.at], t)
	}
	var found []stretch
	for _, c := range clauses {
		if !c.not {
			found = append(found, c.find(tokens, byPlace)...)
		}
	}
	return inUTF16(text, merge(found))
}

// stretch is a Span in bytes.
type stretch struct{ start, end int }

// find is where the clause stands in the text.
func (c clause) find(tokens []token, byPlace [][]token) []stretch {
	var out []stretch
	for _, first := range c.steps[0].meets(tokens) {
		s, ok := stretch{first.start, first.end}, true
		for _, st := range c.steps[1:] {
			at := first.at + st.at
			if at >= len(byPlace) {
				ok = false
				break
			}
			next := st.meets(byPlace[at])
			if ok = len(next) > 0; !ok {
				break
			}
			for _, n := range next {
				s = stretch{min(s.start, n.start), max(s.end, n.end)}
			}
		}
		if ok {
			out = append(out, s)
		}
	}
	return out
}

// meets are the tokens with the term of the step.
func (st step) meets(tokens []token) []token {
	var out []token
	for _, t := range tokens {
		if t.term == st.term || st.prefix && strings.HasPrefix(t.term, st.term) {
			out = append(out, t)
		}
	}
	return out
}

// merge sorts, and joins what overlaps.
func merge(all []stretch) []stretch {
	slices.SortFunc(all, func(a, b stretch) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
	var out []stretch
	for _, s := range all {
		if n := len(out); n > 0 && s.start < out[n-1].end {
			out[n-1].end = max(out[n-1].end, s.end)
			continue
		}
		out = append(out, s)
	}
	return out
}

// inUTF16 counts stretches, which are in order, in UTF-16 code units.
func inUTF16(text string, all []stretch) []Span {
	if len(all) == 0 {
		return nil
	}
	out := make([]Span, 0, len(all))
	units, at := 0, 0
	to := func(end int) int {
		for at < end {
			r, n := utf8.DecodeRuneInString(text[at:])
			units++
			if r > 0xffff {
				units++
			}
			at += n
		}
		return units
	}
	for _, s := range all {
		start := to(s.start)
		out = append(out, Span{start, to(s.end)})
	}
	return out
}
