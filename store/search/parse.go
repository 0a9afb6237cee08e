package search

import (
	"slices"
	"strings"
	"time"

	"watchroom/server/fault"
)

// Parsed is what a user typed, taken apart. Names are as typed, without @ and #: the caller knows whom they mean.
type Parsed struct {
	Words  []string  // each a word, a "phrase", or either with - before it
	From   []string  // from:@ann
	In     []string  // in:#ops
	Has    []string  // has:file
	Before time.Time // before:2026-11-20, the beginning of that day
	After  time.Time // after:2026-11-20, the beginning of that day

	typing bool // the input ends within its last word
}

// Text is the words as Query.Text and Highlight take them.
func (p Parsed) Text() string {
	s := strings.Join(p.Words, " ")
	if s != "" && !p.typing {
		s += " "
	}
	return s
}

// Query is p as a query; Rooms, and names in the place of From and In, are for the caller to fill in.
func (p Parsed) Query() Query {
	return Query{Text: p.Text(), From: p.From, In: p.In, Has: p.Has, Before: p.Before, After: p.After}
}

// The operators, and what people type who know other programs.
var (
	operators = []string{"from", "in", "before", "after", "has"}
	marks     = []string{"file", "image", "link", "code", "alert", "thread"}
	meant     = map[string]string{
		"by": "from", "author": "from", "sender": "from", "form": "from", "fron": "from", "frm": "from",
		"room": "in", "channel": "in",
		"until": "before", "befor": "before", "beofre": "before", "bevore": "before", "older": "before",
		"since": "after", "afer": "after", "aftre": "after", "atfer": "after", "newer": "after",
		"hsa": "has", "contains": "has",
		"is": "", "on": "", "during": "", "with": "", "to": "",
	}
)

// Parse reads the query language with days in UTC; see ParseAt.
func Parse(s string) (Parsed, error) { return ParseAt(s, time.Now().UTC()) }

// ParseAt reads what a user typed into the search box. Days are days where now is.
//
//	refused             messages with this word, in any case and with or without accents
//	conn                the last word, while it is typed, also finds words that begin with it (connection); so does conn*
//	10.0.3.17 a/b-c_d   a compound finds itself, also within a longer one; its parts are found by themselves
//	"took too long"     these words one after another
//	-debug -"no route"  not these; --no-cache is no exclusion but the flag
//	from:@ann in:#ops   written by any of these people, in any of these rooms (may be repeated)
//	has:file            all of: file image link code alert thread
//	before:2026-11-20   older than that day; after: that day or later; also today, yesterday, 2026-11 and 2026
//
// An operator that is not known but was clearly meant as one, a value that makes no sense and an unreadable day are errors
// with words for the user. Any other colon (host:8443, error:5) is text, as is everything in quotes.
func ParseAt(s string, now time.Time) (Parsed, error) {
	if len(s) > maxQuery {
		return Parsed{}, fault.Field("query", "is too long: at most %d bytes", maxQuery)
	}
	var p Parsed
	all := pieces(s)
	for _, one := range all {
		if err := p.take(one, now); err != nil {
			return Parsed{}, err
		}
	}
	if len(p.Words) > maxWords {
		return Parsed{}, fault.Field("query", "has too many words: at most %d", maxWords)
	}
	p.typing = len(all) > 0 && all[len(all)-1].op == "" && all[len(all)-1].typing
	if !p.Before.IsZero() && !p.After.IsZero() && !p.After.Before(p.Before) {
		return Parsed{}, fault.Field("query", "nothing is both after %s and before %s", p.After.Format(time.DateOnly), p.Before.Format(time.DateOnly))
	}
	return p, nil
}

// take adds one piece.
func (p *Parsed) take(one piece, now time.Time) error {
	if one.op == "" {
		if w := one.word(); w != "" {
			p.Words = append(p.Words, w)
		}
		return nil
	}
	op := strings.ToLower(one.op)
	if !slices.Contains(operators, op) {
		if m := meant[op]; m != "" {
			return fault.Field("query", "there is no %s:, did you mean %s:? To search for the text, put it in quotes.", op, m)
		}
		return fault.Field("query", "there is no %s:, only from:, in:, before:, after: and has:. To search for the text, put it in quotes.", op)
	}
	if one.not {
		return fault.Field("query", "%s: cannot be excluded, only words and phrases can", op)
	}
	value := strings.TrimSpace(one.text)
	if value == "" {
		return fault.Field("query", "%s: needs a value right behind it, as in %s", op, exampleOf(op))
	}
	switch op {
	case "from", "in":
		name := strings.TrimLeft(value, "@#")
		if name == "" {
			return fault.Field("query", "%s: needs a name, as in %s", op, exampleOf(op))
		}
		if op == "from" {
			p.From = append(p.From, name)
		} else {
			p.In = append(p.In, name)
		}
	case "has":
		has := strings.TrimSuffix(strings.ToLower(value), "s")
		if !slices.Contains(marks, has) {
			return fault.Field("query", "has:%s is not known: file, image, link, code, alert or thread", value)
		}
		if !slices.Contains(p.Has, has) {
			p.Has = append(p.Has, has)
		}
	default:
		day, err := dayOf(op, value, now)
		if err != nil {
			return err
		}
		if op == "before" && (p.Before.IsZero() || day.Before(p.Before)) {
			p.Before = day
		}
		if op == "after" && day.After(p.After) {
			p.After = day
		}
	}
	return nil
}

// word is the piece as Words has it, "" when there is nothing in it.
func (p piece) word() string {
	w := p.text
	if strings.TrimSpace(w) == "" {
		return ""
	}
	if p.quoted {
		w = `"` + w + `"`
	}
	if p.not {
		w = "-" + w
	}
	return w
}

func exampleOf(op string) string {
	switch op {
	case "from":
		return "from:@ann"
	case "in":
		return "in:#ops"
	case "has":
		return "has:file"
	}
	return op + ":2026-11-20"
}

// dayOf is the beginning of a day, a month or a year.
func dayOf(op, value string, now time.Time) (time.Time, error) {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch strings.ToLower(value) {
	case "today":
		return today, nil
	case "yesterday":
		return today.AddDate(0, 0, -1), nil
	}
	for _, layout := range []string{time.DateOnly, "2006-01", "2006"} {
		if t, err := time.ParseInLocation(layout, value, now.Location()); err == nil && t.Year() >= 1970 {
			return t, nil
		}
	}
	return time.Time{}, fault.Field("query", "%s:%s is not a day: write it as %s:2026-11-20, or today or yesterday", op, value, op)
}

// operatorOf takes an operator off the beginning of s, also one that was only meant.
func operatorOf(s string) (op, rest string, ok bool) {
	for i := range len(s) {
		c := s[i] | 0x20
		if 'a' <= c && c <= 'z' {
			continue
		}
		if s[i] != ':' {
			return "", s, false
		}
		name := strings.ToLower(s[:i])
		if _, known := meant[name]; known || slices.Contains(operators, name) {
			return s[:i], s[i+1:], true
		}
		return "", s, false
	}
	return "", s, false
}
