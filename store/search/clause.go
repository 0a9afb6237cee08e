package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clause is one word, compound or phrase of a query: its steps must all stand at their distances in a text.
type clause struct {
	steps []step
	not   bool
}

// step is one term, at a number of positions after the first.
type step struct {
	at     int
	term   string
	prefix bool // any term that begins so
}

// piece is one unit of what a user types: a word, a "phrase", or op:value.
type piece struct {
	op     string // as typed, "" when it is none
	text   string
	not    bool
	quoted bool
	typing bool // the input ends right behind it
}

// pieces splits the input at white space; quotes hold a phrase together, to the end when they are not closed.
func pieces(s string) []piece {
	s = straight.Replace(s)
	var out []piece
	for {
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
		if s == "" {
			return out
		}
		var p piece
		if s[0] == '-' && len(s) > 1 && s[1] != '-' && !isSpace(s[1:]) {
			p.not, s = true, s[1:]
		}
		if op, rest, ok := operatorOf(s); ok {
			p.op, s = op, rest
		}
		if strings.HasPrefix(s, `"`) {
			p.quoted = true
			p.text, s, _ = strings.Cut(s[1:], `"`)
		} else {
			end := strings.IndexFunc(s, unicode.IsSpace)
			if end < 0 {
				end, p.typing = len(s), true
			}
			p.text, s = s[:end], s[end:]
		}
		out = append(out, p)
	}
}

// straight makes the quotes of telephones those of keyboards.
var straight = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`)

func isSpace(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsSpace(r)
}

// compile makes clauses of the words of a query. some is false when there were words, but none that can be searched for.
func compile(words string) (clauses []clause, some bool) {
	all := pieces(words)
	for _, p := range all {
		text := p.text
		if p.op != "" { // no operators here: it is a text with a colon
			text = p.op + ":" + p.text
		}
		prefix := p.typing && !p.quoted && !p.not
		if !p.quoted && len(text) > 1 && strings.HasSuffix(text, "*") {
			text, prefix = text[:len(text)-1], true
		}
		if steps := stepsOf(runs(text), prefix); len(steps) > 0 {
			clauses = append(clauses, clause{steps, p.not})
		}
	}
	return clauses, len(clauses) > 0 || len(all) == 0
}

// stepsOf is the least set of terms that finds these runs: links where there are, else the runs.
func stepsOf(all []run, prefix bool) []step {
	var out []step
	linked := false // the run before is within a link
	for i, r := range all {
		last := i+1 == len(all)
		if !last {
			if t := link(r, all[i+1]); t != "" {
				out = append(out, step{at: i, term: t, prefix: prefix && i+2 == len(all) && r.kind == word})
				linked = true
				continue
			}
		}
		if !linked {
			long := utf8.RuneCountInString(r.term) > 1
			out = append(out, step{at: i, term: r.term, prefix: prefix && last && r.kind == word && (long || i > 0)})
		}
		linked = false
	}
	if len(out) > 0 {
		first := out[0].at
		for i := range out {
			out[i].at -= first
		}
	}
	return out
}
