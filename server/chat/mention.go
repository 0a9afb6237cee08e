package chat

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"watchroom/server/account"
	"watchroom/server/id"
	"watchroom/store"
)

const mentionsMax = 50

// Mentions lists what stands behind an @ in a Markdown text outside code, in lower case, each once, at most 50. A handle
// may end in a dot or a dash, a sentence too: whose handle it is decides.
func Mentions(text string) []string {
	if !strings.Contains(text, "@") {
		return nil
	}
	var found []string
	fence := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if f := fenceOf(line); f != "" && (fence == "" || closes(line, f, fence)) {
			if fence == "" {
				fence = f
			} else {
				fence = ""
			}
			continue
		}
		if fence != "" {
			continue
		}
		for _, h := range inLine(line) {
			if !slices.Contains(found, h) {
				if found = append(found, h); len(found) == mentionsMax {
					return found
				}
			}
		}
	}
	return found
}

// fenceOf is the ``` or ~~~ that a line begins with.
func fenceOf(line string) string {
	s := strings.TrimLeft(line, " ")
	if len(line)-len(s) > 3 {
		return ""
	}
	for _, c := range []string{"`", "~"} {
		run := s[:len(s)-len(strings.TrimLeft(s, c))]
		if len(run) >= 3 && (c == "~" || !strings.Contains(s[len(run):], "`")) {
			return run
		}
	}
	return ""
}

// closes tells whether a line with the fence f ends the block that open began.
func closes(line, f, open string) bool {
	return f[0] == open[0] && len(f) >= len(open) && strings.Trim(line, " "+f[:1]) == ""
}

// inLine lists the handles of one line outside code spans.
func inLine(line string) []string {
	var found []string
	before := rune(0)
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRuneInString(line[i:])
		switch {
		case r == '`':
			run := len(line[i:]) - len(strings.TrimLeft(line[i:], "`"))
			i = spanEnd(line, i, run)
			before = '`'
			continue
		case r == '\\' && i+1 < len(line) && line[i+1] < utf8.RuneSelf:
			i += 2
			before = 'x'
			continue
		case r == '@' && !wordy(before):
			end := i + 1
			for end < len(line) && handleByte(line[end]) {
				end++
			}
			if handle := line[i+1 : end]; handle != "" && len(handle) <= 64 && handleStart(handle[0]) {
				found = append(found, strings.ToLower(handle))
			}
			before = '@'
			i = max(end, i+1)
			continue
		}
		before = r
		i += n
	}
	return found
}

// spanEnd is where the code span that begins with run backticks at i ends; without an end it is no span.
func spanEnd(line string, i, run int) int {
	for at := i + run; at < len(line); {
		if line[at] != '`' {
			at++
			continue
		}
		n := len(line[at:]) - len(strings.TrimLeft(line[at:], "`"))
		if n == run {
			return at + n
		}
		at += n
	}
	return i + run
}

func wordy(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("@/._-+", r) && r != 0
}

func handleStart(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9'
}

func handleByte(b byte) bool { return handleStart(b) || b == '.' || b == '_' || b == '-' }

// mentioned is whom the handles mean. A guest names only people of the room.
func (s *Service) mentioned(tx *store.Tx, who account.Actor, r Room, handles []string) []id.Person {
	var list []id.Person
	for _, h := range handles {
		for h != "" {
			p, ok := s.people.ByHandleTx(tx, h)
			if ok && !p.Disabled && (who.Role != account.Guest || s.MemberTx(tx, r.ID, p.ID)) && !slices.Contains(list, p.ID) {
				list = append(list, p.ID)
			}
			end := h[len(h)-1]
			if ok || handleStart(end) {
				break
			}
			h = h[:len(h)-1]
		}
	}
	return list
}

// indexMentions moves a message in the lists of unread mentions from the people of was to those of now: members, and not
// the author.
func (s *Service) indexMentions(tx *store.Tx, m Message, was, now []id.Person) {
	for _, p := range was {
		if !slices.Contains(now, p) {
			tx.Delete(mentionBucket, store.Key(string(p), string(m.Room), m.ID))
		}
	}
	for _, p := range now {
		if p != m.Author && !slices.Contains(was, p) && s.MemberTx(tx, m.Room, p) {
			tx.Put(mentionBucket, store.Key(string(p), string(m.Room), m.ID), nil)
		}
	}
}
