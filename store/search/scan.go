package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis/char/asciifolding"
)

// How text becomes terms.
//
// A run is a stretch of letters and digits (a word), one character of a script written without spaces (a gram), or one
// pictograph. Each run takes one position. Besides the run itself these are indexed, at the run's position:
//
//   - a link to the run before it: for words joined by one to three of the characters . - _ / : @ = + # % & ? ~ \ the two
//     words with the characters between them ("10.0" and "0.3" of 10.0.3.17), for neighbouring grams the two grams. A link
//     stands at the position of its first run. A whole compound is therefore a short phrase of rare links: it is found
//     wherever it stands in a longer one, and no other compound of the same numbers is.
//   - the humps of camelCase, and letters and digits apart where they meet once (E1234, eth0, 500ms, v1, 0xdeadbeef).
//
// Terms are lower case, without accents, and cut at maxTerm bytes.
const (
	maxTerm   = 96
	maxJoiner = 3
	linkMark  = "\x01" // before a link of words, so that a prefix of words does not meet it
	joiners   = `.-_/:@=+#%&?~\`
	quotes    = "\"'`"
)

type kind uint8

const (
	word kind = iota
	gram
	pictograph
)

// run is one unit of a text: where it stands in bytes, its term, and how it hangs on the run before it.
type run struct {
	start, end int
	kind       kind
	term       string
	joiner     string // what joins it to the run before, "" when nothing does
	glued      bool   // it follows the run before at once
}

// runs splits text. Invalid bytes separate.
func runs(text string) []run {
	out := make([]run, 0, len(text)/6+1)
	gapAt := 0
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		k, ok := kindOf(r)
		if !ok || (r == utf8.RuneError && n == 1) {
			i += n
			continue
		}
		end := i + n
		if k == word {
			end = wordEnd(text, end)
		}
		if term := fold(text[i:end]); term != "" {
			cur := run{start: i, end: end, kind: k, term: term}
			if len(out) > 0 {
				cur.glued = gapAt == i
				if k == word && out[len(out)-1].kind == word {
					cur.joiner = joinerOf(text[gapAt:i])
				}
			}
			out = append(out, cur)
		}
		i, gapAt = end, end
	}
	return out
}

// wordEnd is where the word that includes text[:at] ends.
func wordEnd(text string, at int) int {
	for at < len(text) {
		r, n := rune(text[at]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[at:])
		}
		if k, ok := kindOf(r); (!ok || k != word) && !unicode.Is(unicode.M, r) {
			break
		}
		at += n
	}
	return at
}

// kindOf says what a rune begins, and false for what only separates.
func kindOf(r rune) (kind, bool) {
	if r < utf8.RuneSelf {
		return word, 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	if unicode.IsLetter(r) || unicode.IsNumber(r) {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
			return gram, true
		}
		return word, true
	}
	return pictograph, unicode.Is(unicode.So, r)
}

// joinerOf is what joins two words with gap between them, quotes left out: key="value" is joined by =.
func joinerOf(gap string) string {
	if strings.ContainsAny(gap, quotes) {
		gap = strings.Map(func(r rune) rune {
			if strings.ContainsRune(quotes, r) {
				return -1
			}
			return r
		}, gap)
	}
	if len(gap) == 0 || len(gap) > maxJoiner {
		return ""
	}
	for i := range len(gap) {
		if strings.IndexByte(joiners, gap[i]) < 0 {
			return ""
		}
	}
	return gap
}

// fold is s in lower case without accents, at most maxTerm bytes.
func fold(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] < utf8.RuneSelf
	}
	if plain {
		return cut(strings.ToLower(s))
	}
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if '\u0300' <= r && r <= '\u036f' { // combining accents
			continue
		}
		b = utf8.AppendRune(b, unicode.ToLower(unicode.ToUpper(r)))
	}
	return cut(strings.ToLower(string(asciifolding.New().Filter(b))))
}

func cut(s string) string {
	if len(s) <= maxTerm {
		return s
	}
	at := maxTerm
	for at > 0 && !utf8.RuneStart(s[at]) {
		at--
	}
	return s[:at]
}

// link is the term for cur hanging on prev, "" when it does not.
func link(prev, cur run) string {
	switch {
	case cur.joiner != "":
		return linkMark + prev.term + cur.joiner + cur.term
	case cur.glued && prev.kind == gram && cur.kind == gram:
		return prev.term + cur.term
	}
	return ""
}

// token is a term with its place: the position counts runs from 1, start and end are bytes.
type token struct {
	term       string
	at         int
	start, end int
}

// scan is every term under which text is found.
func scan(text string) []token {
	all := runs(text)
	out := make([]token, 0, len(all)*2)
	for i, r := range all {
		out = append(out, token{r.term, i + 1, r.start, r.end})
		if i > 0 {
			if t := link(all[i-1], r); t != "" {
				out = append(out, token{t, i, all[i-1].start, r.end})
				if alt := bare(all[i-1]); alt != "" {
					prev := all[i-1]
					prev.start, prev.term = prev.end-len(alt), alt
					out = append(out, token{link(prev, r), i, prev.start, r.end})
				}
			}
		}
		if r.kind == word {
			out = parts(out, text, r, i+1)
		}
	}
	return out
}

// bare is the number of a version or of a hexadecimal literal, so that 1.2.3 finds v1.2.3; else "".
func bare(r run) string {
	s := r.term
	switch {
	case len(s) > 1 && s[0] == 'v' && isDigits(s[1:]):
		return s[1:]
	case len(s) > 2 && s[0] == '0' && s[1] == 'x':
		return s[2:]
	}
	return ""
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// parts adds the humps of a word to out, each of at least two characters.
func parts(out []token, text string, r run, at int) []token {
	s := text[r.start:r.end]
	if len(s) < 3 || len(s) > maxTerm {
		return out
	}
	add := func(from, to int) {
		if to-from < 2 || to-from == len(s) {
			return
		}
		if t := fold(s[from:to]); len(t) > 1 && t != r.term {
			out = append(out, token{t, at, r.start + from, r.start + to})
		}
	}
	if t := bare(r); t != "" && len(t) < len(s) {
		add(len(s)-len(t), len(s))
		return out
	}
	humps, edge := boundaries(s)
	if edge > 0 {
		add(0, edge)
		add(edge, len(s))
	}
	from := 0
	for _, b := range humps {
		add(from, b)
		from = b
	}
	if from > 0 {
		add(from, len(s))
	}
	return out
}

// boundaries are the humps of a camelCase word, and the one place where letters meet digits, 0 when there is none or more.
func boundaries(s string) (humps []int, edge int) {
	edges := 0
	prev, prevAt := rune(0), 0
	var wasUpper bool // the rune before prev
	for i, r := range s {
		if i > 0 && !unicode.Is(unicode.M, r) {
			if isNumber(prev) != isNumber(r) {
				edges++
				edge = i
			}
			switch {
			case unicode.IsUpper(r) && !unicode.IsUpper(prev):
				humps = append(humps, i)
			case unicode.IsLower(r) && unicode.IsUpper(prev) && wasUpper:
				humps = append(humps, prevAt)
			}
			wasUpper = unicode.IsUpper(prev)
		}
		prev, prevAt = r, i
	}
	if edges != 1 {
		edge = 0
	}
	if len(humps) > 8 {
		humps = nil
	}
	return humps, edge
}

func isNumber(r rune) bool { return unicode.IsNumber(r) }
