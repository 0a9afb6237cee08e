package search_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watchroom/store/search"
)

// Words of a small world in which a regular expression says what must be found: no camelCase, no letters beside digits.
var (
	vocabulary = []string{
		"disk", "full", "conn", "connection", "refused", "Refused", "timeout", "10.0.3.17", "10.0.3.1", "10.0.3", "3.17",
		"/var/log/syslog", "/var/log", "db-1.eu.example.com", "db-1", "eu", "no_route", "route_no", "a", "b", "a=b", "a:b",
	}
	rooms   = []string{"ops", "dev", "secret"}
	authors = []string{"ann", "bob", "cy"}
	has     = []string{"file", "link", "alert"}
)

// model is the index as a map.
type model map[uint64]search.Doc

// clause is one condition on the text: how it is typed, and the expression that decides.
type clause struct {
	typed string
	re    *regexp.Regexp
	not   bool
}

func clauses(t *rapid.T) []clause {
	out := make([]clause, rapid.IntRange(0, 3).Draw(t, "clauses"))
	for i := range out {
		words := rapid.SliceOfN(rapid.SampledFrom(vocabulary), 1, 3).Draw(t, "words")
		quoted := len(words) > 1 || rapid.Bool().Draw(t, "quoted")
		prefix := !quoted && rapid.IntRange(0, 2).Draw(t, "prefix") == 0
		not := rapid.IntRange(0, 3).Draw(t, "not") == 0
		if prefix { // cut it short, but leave two letters in the last word
			w := words[0]
			if n := len(w) - rapid.IntRange(0, 3).Draw(t, "cut"); n >= 2 && alnum(w[n-1]) && alnum(w[n-2]) {
				w = w[:n]
			}
			prefix = alnum(w[len(w)-1]) && len(w) > 1 && alnum(w[len(w)-2])
			words[0] = w
		}
		var parts []string
		for _, w := range words {
			parts = append(parts, regexp.QuoteMeta(strings.TrimLeft(w, "/")))
		}
		re := `(?i)(^|[^a-z0-9])` + strings.Join(parts, `[^a-z0-9]+`)
		if !prefix {
			re += `($|[^a-z0-9])`
		}
		typed := strings.Join(words, " ")
		switch {
		case quoted:
			typed = `"` + typed + `"`
		case prefix:
			typed += "*"
		}
		if not {
			typed = "-" + typed
		}
		out[i] = clause{typed, regexp.MustCompile(re), not}
	}
	return out
}

func alnum(b byte) bool {
	return 'a' <= b && b <= 'z' || '0' <= b && b <= '9' || 'A' <= b && b <= 'Z'
}

func query(t *rapid.T, top uint64) (search.Query, []clause) {
	cs := clauses(t)
	var typed []string
	for _, c := range cs {
		typed = append(typed, c.typed)
	}
	sometimes := func(name string, of []string) []string {
		if rapid.IntRange(0, 3).Draw(t, name+"?") > 0 {
			return nil
		}
		return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 1, 2, rapid.ID[string]).Draw(t, name)
	}
	q := search.Query{
		Text:  strings.Join(typed, " ") + " ",
		Rooms: rapid.SliceOfNDistinct(rapid.SampledFrom(rooms), 0, 3, rapid.ID[string]).Draw(t, "rooms"),
		In:    sometimes("in", rooms), From: sometimes("from", authors), Has: sometimes("has", has),
		Limit: rapid.IntRange(1, 12).Draw(t, "limit"),
	}
	moment := func(name string) time.Time {
		if rapid.IntRange(0, 3).Draw(t, name+"?") > 0 {
			return time.Time{}
		}
		return noon.Add(time.Duration(rapid.IntRange(-40, 200).Draw(t, name)) * 500 * time.Millisecond)
	}
	q.After, q.Before = moment("after"), moment("before")
	if rapid.IntRange(0, 3).Draw(t, "page?") == 0 {
		q.BeforeID = rapid.Uint64Range(1, top+2).Draw(t, "page")
	}
	if rapid.IntRange(0, 7).Draw(t, "thread?") == 0 {
		q.Thread = rapid.Uint64Range(1, 3).Draw(t, "thread")
	}
	return q, cs
}

// scan is the exhaustive search.
func (m model) scan(q search.Query, cs []clause) (ids []uint64, more bool) {
	ids = []uint64{}
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(m))) {
		d := m[id]
		ok := slices.Contains(q.Rooms, d.Room) &&
			(len(q.In) == 0 || slices.Contains(q.In, d.Room)) &&
			(len(q.From) == 0 || slices.Contains(q.From, d.Author)) &&
			(q.Before.IsZero() || d.Time.Before(q.Before)) &&
			(q.After.IsZero() || !d.Time.Before(q.After)) &&
			(q.BeforeID == 0 || id < q.BeforeID) &&
			(q.Thread == 0 || d.Thread == q.Thread)
		for _, h := range q.Has {
			ok = ok && slices.Contains(d.Has, h)
		}
		for _, c := range cs {
			ok = ok && c.re.MatchString(d.Text) != c.not
		}
		if ok {
			ids = append(ids, id)
		}
	}
	if len(ids) > q.Limit {
		return ids[:q.Limit], true
	}
	return ids, false
}

func document(t *rapid.T, id uint64) search.Doc {
	back := 0
	if rapid.IntRange(0, 5).Draw(t, "imported") == 0 {
		back = rapid.IntRange(0, 100).Draw(t, "back")
	}
	return search.Doc{
		ID: id, Room: rapid.SampledFrom(rooms).Draw(t, "room"), Author: rapid.SampledFrom(authors).Draw(t, "author"),
		Time:   noon.Add(time.Duration(int(id)-back) * time.Second),
		Text:   strings.Join(rapid.SliceOfN(rapid.SampledFrom(vocabulary), 0, 6).Draw(t, "text"), " "),
		Has:    rapid.SliceOfNDistinct(rapid.SampledFrom(has), 0, 2, rapid.ID[string]).Draw(t, "has"),
		Thread: rapid.Uint64Range(0, 3).Draw(t, "thread"),
	}
}

// Whatever has been written, edited and deleted, over any number of partitions and restarts, each kind of query finds
// exactly what an exhaustive scan finds, newest first, and says rightly whether there is more.
func TestExact(t *testing.T) {
	t.Run("memory", rapid.MakeCheck(func(t *rapid.T) { exact(t, "") }))
	dir, n := t.TempDir(), 0
	t.Run("disk", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			n++
			exact(t, fmt.Sprintf("%s/%d", dir, n))
		})
	})
}

func exact(t *rapid.T, dir string) {
	ctx := context.Background()
	o := search.Options{PartitionDocs: rapid.IntRange(5, 60).Draw(t, "partition")}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	x, err := search.Open(dir, o)
	must(err)
	defer func() { must(x.Close()) }()
	m, top := model{}, uint64(0)
	for range rapid.IntRange(1, 5).Draw(t, "batches") {
		b := search.Batch{Cursor: top + 1}
		for range rapid.IntRange(0, 40).Draw(t, "docs") {
			top++
			b.Docs = append(b.Docs, document(t, top))
		}
		if top > 0 {
			for _, id := range rapid.SliceOfN(rapid.Uint64Range(1, top), 0, 4).Draw(t, "edits") {
				b.Docs = append(b.Docs, document(t, id))
			}
			b.Deletes = rapid.SliceOfN(rapid.Uint64Range(1, top), 0, 4).Draw(t, "deletes")
		}
		for _, d := range b.Docs {
			m[d.ID] = d
		}
		for _, id := range b.Deletes {
			delete(m, id)
		}
		must(x.Apply(ctx, b))
		if x.Cursor() != b.Cursor {
			t.Fatalf("cursor %d, want %d", x.Cursor(), b.Cursor)
		}
		if dir != "" && rapid.IntRange(0, 3).Draw(t, "restart") == 0 {
			must(x.Close())
			x, err = search.Open(dir, o)
			must(err)
			if x.Cursor() != b.Cursor {
				t.Fatalf("cursor %d after a restart, want %d", x.Cursor(), b.Cursor)
			}
		}
		if rapid.IntRange(0, 5).Draw(t, "purge") == 0 {
			must(x.Purge(ctx))
		}
	}
	if n, err := x.Count(ctx); err != nil || n != uint64(len(m)) {
		t.Fatalf("count %d %v, want %d", n, err, len(m))
	}
	for range 12 {
		q, cs := query(t, top)
		want, more := m.scan(q, cs)
		h, err := x.Search(ctx, q)
		must(err)
		got := []uint64{}
		for _, hit := range h.Hits {
			got = append(got, hit.ID)
			if d := m[hit.ID]; hit.Room != d.Room || !hit.Time.Equal(d.Time) {
				t.Fatalf("hit %+v, want room and time of %+v", hit, d)
			}
		}
		if !slices.Equal(got, want) || h.More != more {
			for id, d := range m {
				t.Logf("%d %q", id, d.Text)
			}
			t.Fatalf("query %+v\n got %v more %v\nwant %v more %v", q, got, h.More, want, more)
		}
	}
}
