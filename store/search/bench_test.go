package search_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"watchroom/store/search"
)

// benchDocs is how many documents the benchmarks work on; SEARCH_BENCH_DOCS overrides it.
func benchDocs() int {
	if n, err := strconv.Atoi(os.Getenv("SEARCH_BENCH_DOCS")); err == nil {
		return n
	}
	return 100_000
}

// chatter makes lines as an operations chat has them: 50,000 words by Zipf's law, hosts, addresses, paths and codes, and
// "connection refused" in one of ten.
type chatter struct {
	r    *rand.Rand
	zipf *rand.Zipf
}

func newChatter() *chatter {
	r := rand.New(rand.NewPCG(1, 2))
	return &chatter{r, rand.NewZipf(r, 1.1, 4, 49_999)}
}

func (c *chatter) doc(id uint64) search.Doc {
	var b strings.Builder
	for range 8 + c.r.IntN(10) {
		b.WriteString("w" + strings.Map(letter, strconv.FormatUint(c.zipf.Uint64(), 10)) + " ")
	}
	fmt.Fprintf(&b, "host db-%d.eu.example.com at 10.%d.%d.%d:8443", c.r.IntN(300), c.r.IntN(4), c.r.IntN(200), c.r.IntN(250))
	if c.r.IntN(10) == 0 {
		b.WriteString(" connection refused")
	}
	switch c.r.IntN(8) {
	case 0:
		fmt.Fprintf(&b, " /var/log/app%d/error.log", c.r.IntN(50))
	case 1:
		fmt.Fprintf(&b, " ERR_%d code=E%d", c.r.IntN(2000), c.r.IntN(9000))
	}
	return search.Doc{
		ID: id, Room: fmt.Sprintf("r_%026d", c.r.IntN(100)), Author: fmt.Sprintf("p_%026d", c.r.IntN(200)),
		Time: noon.Add(time.Duration(id) * time.Second), Text: b.String(),
	}
}

func letter(r rune) rune { return 'a' + r - '0' }

// BenchmarkSearch fills an index in batches of 1,000 and asks each kind of question of it: docs/s, bytes on disk for a
// document, p50 and p99 in microseconds.
func BenchmarkSearch(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "index")
	x := open(b, dir, search.Options{})
	c, n := newChatter(), benchDocs()
	var took time.Duration
	for id := 0; id < n; {
		docs := make([]search.Doc, 0, 1000)
		for range min(1000, n-id) {
			id++
			docs = append(docs, c.doc(uint64(id)))
		}
		began := time.Now()
		apply(b, x, search.Batch{Docs: docs, Cursor: uint64(id)})
		took += time.Since(began)
	}
	b.Run("fill", func(b *testing.B) {
		for b.Loop() {
		}
		b.ReportMetric(float64(n)/took.Seconds(), "docs/s")
		b.ReportMetric(float64(size(b, dir))/float64(n), "B/doc")
	})
	all := make([]string, 100)
	for i := range all {
		all[i] = fmt.Sprintf("r_%026d", i)
	}
	words := func(from, to int) string {
		return "w" + strings.Map(letter, strconv.Itoa(from+c.r.IntN(to-from))) + " "
	}
	for _, kind := range []struct {
		name string
		q    func() search.Query
	}{
		{"frequent", func() search.Query { return search.Query{Text: words(0, 20), Rooms: all} }},
		{"middling", func() search.Query { return search.Query{Text: words(50, 500), Rooms: all} }},
		{"rare", func() search.Query { return search.Query{Text: fmt.Sprintf("E%d ", c.r.IntN(9000)), Rooms: all} }},
		{"none", func() search.Query { return search.Query{Text: "neverwritten ", Rooms: all} }},
		{"phrase", func() search.Query { return search.Query{Text: `"connection refused"`, Rooms: all} }},
		{"phrase10rooms", func() search.Query { return search.Query{Text: `"connection refused"`, Rooms: all[:10]} }},
		{"address", func() search.Query {
			return search.Query{Text: fmt.Sprintf("10.%d.%d.%d ", c.r.IntN(4), c.r.IntN(200), c.r.IntN(250)), Rooms: all}
		}},
		{"host", func() search.Query {
			return search.Query{Text: fmt.Sprintf("db-%d.eu.example.com ", c.r.IntN(300)), Rooms: all}
		}},
		{"nophrase", func() search.Query { return search.Query{Text: `"refused connection"`, Rooms: all} }},
		{"and", func() search.Query { return search.Query{Text: words(0, 20) + words(0, 50), Rooms: all} }},
		{"room+author", func() search.Query {
			return search.Query{Text: words(0, 20), Rooms: all, In: all[3:4], From: []string{fmt.Sprintf("p_%026d", c.r.IntN(200))}}
		}},
		{"day", func() search.Query {
			at := noon.Add(time.Duration(c.r.IntN(n)) * time.Second)
			return search.Query{Text: words(0, 200), Rooms: all, After: at, Before: at.Add(24 * time.Hour)}
		}},
		{"prefix3", func() search.Query { return search.Query{Text: words(0, 500)[:3], Rooms: all} }},
		{"exclude", func() search.Query { return search.Query{Text: "connection -" + words(0, 5), Rooms: all} }},
	} {
		b.Run(kind.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				q := kind.q()
				began := time.Now()
				find(b, x, q)
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1000, "p50-us")
			b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1000, "p99-us")
		})
	}
}

func size(b *testing.B, dir string) (sum int64) {
	for _, f := range mustGlob(b, filepath.Join(dir, "p-*", "*")) {
		if st, err := os.Stat(f); err == nil {
			sum += st.Size()
		}
	}
	return sum
}

func mustGlob(b *testing.B, pattern string) []string {
	all, err := filepath.Glob(pattern)
	if err != nil {
		b.Fatal(err)
	}
	return all
}
