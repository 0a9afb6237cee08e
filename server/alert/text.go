package alert

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxTitle  = 200    // runes
	maxText   = 16_000 // runes, so that it fits into a message of 64 KiB
	maxValue  = 2_000  // runes of a field, a label or an annotation
	maxName   = 200    // runes of a name
	maxKey    = 255    // bytes
	maxURL    = 2_000  // bytes
	maxLabels = 100
	maxFields = 50
	maxLinks  = 20
)

// clean repairs invalid UTF-8 and drops what could deceive a reader: control characters but tab and newline,
// and the characters that turn the direction of writing.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\ufeff':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// line is s on one line of at most max runes.
func line(s string, max int) string {
	return cut(strings.Join(strings.Fields(clean(s)), " "), max)
}

// lines is s with its line breaks, without blank edges, of at most max runes.
func lines(s string, max int) string {
	return cut(strings.TrimSpace(clean(s)), max)
}

func cut(s string, max int) string {
	if len(s) <= max || utf8.RuneCountInString(s) <= max {
		return s
	}
	n := 0
	for i := range s {
		if n == max-1 {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// key is s as a key: clean, and short enough for the store. A long one keeps its beginning and gets a hash of the whole.
func key(s string) string {
	s = strings.TrimSpace(clean(s))
	if len(s) <= maxKey {
		return s
	}
	return strings.ToValidUTF8(s[:maxKey-17], "") + "#" + hash(s)
}

// hash is 16 hex digits that differ when the parts differ.
func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// hashLabels is a hash of labels, whatever their order.
func hashLabels(labels map[string]string) string {
	parts := make([]string, 0, 2*len(labels))
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, k, labels[k])
	}
	return hash(parts...)
}

// first is the first of the strings that is not empty.
func first(of ...string) string {
	for _, s := range of {
		if s != "" {
			return s
		}
	}
	return ""
}

// paragraphs joins what is not empty with blank lines.
func paragraphs(of ...string) string {
	var b strings.Builder
	for _, s := range of {
		if strings.TrimSpace(s) == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(s)
	}
	return b.String()
}

// moment is a time as senders write it, in UTC; false for the zero time and for what cannot be a time.
func moment(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			t = t.UTC()
			return t, t.Year() >= 1970 && t.Year() < 9999
		}
	}
	return time.Time{}, false
}

// since is when an alert began: what the sender says, but never later than now.
func since(said string, now time.Time) time.Time {
	if t, ok := moment(said); ok && t.Before(now) {
		return t
	}
	return now
}

// severityWords are the words that senders use for how much an alert matters, in lower case.
var severityWords = map[string]Severity{
	"critical": Critical, "page": Critical, "crit": Critical, "fatal": Critical, "emergency": Critical, "disaster": Critical,
	"p1": Critical, "p2": Critical, "sev1": Critical,
	"warning": Low, "error": Low, "low": Low, "warn": Low, "high": Low, "major": Low, "medium": Low, "minor": Low, "average": Low, "p3": Low,
	"info": Info, "none": Info, "information": Info, "informational": Info, "notice": Info, "debug": Info, "p4": Info, "p5": Info,
}

// severity maps the sender's word, found at place (such as "label severity"), and says how.
func severity(word, place string) (Severity, string) {
	word = line(word, 40)
	if word == "" {
		return Low, "low, because there is no " + strings.TrimPrefix(place, "label ") + labelWord(place)
	}
	if s, ok := severityWords[strings.ToLower(word)]; ok {
		return s, place + "=" + word
	}
	return Low, "low, because " + place + "=" + word + " is not a severity that we know"
}

func labelWord(place string) string {
	if strings.HasPrefix(place, "label ") {
		return " label"
	}
	return ""
}

// links collects places to read more, each once; only what a browser may safely open.
type links []Link

func (l *links) add(text, url string) {
	url = strings.TrimSpace(url)
	if !openable(url) || len(*l) >= maxLinks || slices.ContainsFunc(*l, func(k Link) bool { return k.URL == url }) {
		return
	}
	*l = append(*l, Link{Text: first(line(text, maxName), line(url, maxName)), URL: url})
}

// openable says whether url is an absolute http or https address without anything that could break out of it.
func openable(url string) bool {
	if len(url) > maxURL || !utf8.ValidString(url) {
		return false
	}
	low := strings.ToLower(url[:min(len(url), 8)])
	if !strings.HasPrefix(low, "https://") && !strings.HasPrefix(low, "http://") {
		return false
	}
	return clean(url) == url && !strings.ContainsAny(url, " \t\n\"<>`\\")
}
