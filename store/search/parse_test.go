package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"watchroom/server/fault"
	"watchroom/store/search"
)

// What people type is taken apart as they mean it; colons of other texts stay text.
func TestParse(t *testing.T) {
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		in   string
		want search.Parsed
		text string
	}{
		{"", search.Parsed{}, ""},
		{"disk full", search.Parsed{Words: []string{"disk", "full"}}, "disk full"},
		{"disk full ", search.Parsed{Words: []string{"disk", "full"}}, "disk full "},
		{`from:@ann in:#ops "took too  long" -debug -"no route"`, search.Parsed{From: []string{"ann"}, In: []string{"ops"}, Words: []string{`"took too  long"`, "-debug", `-"no route"`}}, `"took too  long" -debug -"no route" `},
		{"FROM:Ann from:bob disk", search.Parsed{From: []string{"Ann", "bob"}, Words: []string{"disk"}}, "disk"},
		{`from:"Ann Lee" x`, search.Parsed{From: []string{"Ann Lee"}, Words: []string{"x"}}, "x"},
		{"has:file has:links has:file", search.Parsed{Has: []string{"file", "link"}}, ""},
		{"before:2026-11-20 after:2026-10", search.Parsed{Before: day(2026, 11, 20), After: day(2026, 10, 1)}, ""},
		{"after:yesterday before:today", search.Parsed{After: day(2026, 11, 20), Before: day(2026, 11, 21)}, ""},
		{"before:2026 before:2025", search.Parsed{Before: day(2025, 1, 1)}, ""},
		{"host:8443 http://a.b/c error:5 12:30 :8443 localhost:", search.Parsed{Words: []string{"host:8443", "http://a.b/c", "error:5", "12:30", ":8443", "localhost:"}}, "host:8443 http://a.b/c error:5 12:30 :8443 localhost:"},
		{"--no-cache - -v", search.Parsed{Words: []string{"--no-cache", "-", "-v"}}, "--no-cache - -v"},
		{`"from:ann" “smart quotes” "open end`, search.Parsed{Words: []string{`"from:ann"`, `"smart quotes"`, `"open end"`}}, `"from:ann" "smart quotes" "open end" `},
	} {
		got, err := search.ParseAt(c.in, noon)
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		if got.Text() != c.text {
			t.Errorf("%q: text %q, want %q", c.in, got.Text(), c.text)
		}
		if g, w := fmt.Sprintf("%q %q %q %q %v %v", got.Words, got.From, got.In, got.Has, got.Before, got.After),
			fmt.Sprintf("%q %q %q %q %v %v", c.want.Words, c.want.From, c.want.In, c.want.Has, c.want.Before, c.want.After); g != w {
			t.Errorf("%q:\n got %s\nwant %s", c.in, g, w)
		}
	}
}

// What cannot be meant is refused with words that say what to type instead.
func TestParseErrors(t *testing.T) {
	for in, words := range map[string]string{
		"form:@ann":                          "did you mean from:?",
		"since:2026-11-20":                   "did you mean after:?",
		"is:unread":                          "only from:, in:, before:, after: and has:",
		"has:video":                          "file, image, link, code, alert or thread",
		"before:20.11.2026":                  "is not a day: write it as before:2026-11-20",
		"after:2026-02-30":                   "is not a day",
		"from:":                              "needs a value right behind it, as in from:@ann",
		"from: @ann":                         "needs a value",
		"in:#":                               "needs a name",
		"-from:@bot":                         "cannot be excluded",
		"after:2026-11-20 before:2026-11-1":  "is not a day",
		"after:2026-11-20 before:2026-11-01": "nothing is both after 2026-11-20 and before 2026-11-01",
		strings.Repeat("long ", 60):          "too many words",
		strings.Repeat("x", 3000):            "too long",
	} {
		_, err := search.ParseAt(in, noon)
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Words(err), words) {
			t.Errorf("%.40q: got %v, want %q", in, err, words)
		}
	}
}

// Days begin where the person is.
func TestParseZone(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	p, err := search.ParseAt("after:2026-11-20", noon.In(berlin))
	if err != nil || !p.After.Equal(time.Date(2026, 11, 19, 23, 0, 0, 0, time.UTC)) {
		t.Errorf("got %v %v", p.After, err)
	}
}

// What is highlighted is what was found: the compound as one, the phrase as one, the excluded not, in UTF-16 units.
func TestHighlight(t *testing.T) {
	for _, c := range []struct {
		text, words string
		want        []string
	}{
		{"disk full on 10.0.3.17:8443", "disk 10.0.3.17 ", []string{"disk", "10.0.3.17"}},
		{"disk full, disk empty", `"disk full"`, []string{"disk full"}},
		{"connection refused, conn lost", "conn", []string{"connection", "conn"}},
		{"connection refused, conn lost", "conn ", []string{"conn"}},
		{"disk full", "full -disk ", []string{"full"}},
		{"🔥🔥 Café über alles", "cafe uber ", []string{"Café", "über"}},
		{"dbConnectionPool", "connection ", []string{"Connection"}},
		{"数据库连接失败", "连接 ", []string{"连接"}},
		{"upgrade to v1.2.3", "1.2.3 ", []string{"1.2.3"}},
		{"a b", "- . ", nil},
		{"x\xff disk", "disk ", []string{"disk"}},
	} {
		units := utf16.Encode([]rune(c.text))
		var got []string
		for _, s := range search.Highlight(c.text, c.words) {
			got = append(got, string(utf16.Decode(units[s.Start:s.End])))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q in %q: got %q, want %q", c.words, c.text, got, c.want)
		}
	}
}

// Parse never panics; what it accepts it accepts again from its own words, with the same meaning.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "disk full", `from:@ann in:#ops before:2026-11-20 -"a b" has:file`, "“x” -from:", "before:9999-99", "a:b", `"`, `-"`, "in:in:in:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := search.ParseAt(s, noon)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("%q: an error without words: %v", s, err)
			}
			return
		}
		again, err := search.ParseAt(p.Text(), noon)
		if err != nil && !strings.Contains(err.Error(), "too long") { // a straight quote may be added at the end
			t.Fatalf("%q: its own text %q is refused: %v", s, p.Text(), err)
		}
		if err == nil && !slices.Equal(again.Words, p.Words) {
			t.Fatalf("%q: words %q, again %q", s, p.Words, again.Words)
		}
	})
}

// Highlight never panics; its spans are in order, not empty, within the text and between whole characters.
func FuzzHighlight(f *testing.F) {
	f.Add("disk full on 10.0.3.17", "full 10.0")
	f.Add("🔥 Café x\xff", `"cafe x"`)
	f.Add("数据库连接失败", "连接*")
	f.Add("v1.2.3 0xff dbConn", "1.2.3 ff conn")
	f.Fuzz(func(t *testing.T, text, words string) {
		if !utf8.ValidString(text) {
			text = strings.ToValidUTF8(text, "\ufffd")
		}
		units, last := utf16.Encode([]rune(text)), 0
		for _, s := range search.Highlight(text, words) {
			if s.Start < last || s.End <= s.Start || s.End > len(units) {
				t.Fatalf("%q in %q: span %v of %d", words, text, s, len(units))
			}
			if back := string(utf16.Decode(units[s.Start:s.End])); !strings.Contains(text, back) {
				t.Fatalf("%q in %q: span %v cuts a character: %q", words, text, s, back)
			}
			last = s.End
		}
	})
}
