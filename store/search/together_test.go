package search_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"watchroom/store/search"
)

// While one writer feeds, edits and purges, searches see only whole documents: each hit is one that was written, newest
// first, once; and when the writer is done everything is found.
func TestTogether(t *testing.T) {
	x := open(t, filepath.Join(t.TempDir(), "index"), search.Options{PartitionDocs: 120})
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for ctx.Err() == nil {
				h, err := x.Search(context.Background(), search.Query{Text: `"disk full"`, Rooms: []string{"ops"}, Limit: 50})
				if err != nil {
					t.Error(err)
					return
				}
				if !slices.IsSortedFunc(h.Hits, func(a, b search.Hit) int { return int(b.ID) - int(a.ID) }) {
					t.Errorf("not newest first: %v", h.Hits)
				}
				for i, hit := range h.Hits {
					if hit.Room != "ops" || hit.ID%2 == 1 || i > 0 && h.Hits[i-1].ID == hit.ID {
						t.Errorf("hit %+v", hit)
					}
				}
			}
		})
	}
	id := uint64(0)
	for n := range 30 {
		var docs []search.Doc
		for range 20 {
			id++
			docs = append(docs, line(id, []string{"disk full", "full disk"}[id%2]))
		}
		if id > 100 {
			docs = append(docs, line(id-90, []string{"still disk full", "still full disk"}[(id-90)%2]))
		}
		apply(t, x, search.Batch{Docs: docs, Cursor: id})
		if n%10 == 9 {
			if err := x.Purge(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
	cancel()
	readers.Wait()
	if got := find(t, x, search.Query{Text: `"disk full"`, Limit: 500}); len(got) != 300 {
		t.Errorf("%d found, want 300", len(got))
	}
}

// A search that runs out of time says how far it came; asking again from there finds the rest, nothing twice.
func TestBudget(t *testing.T) {
	x := open(t, "", search.Options{PartitionDocs: 3000, Budget: time.Nanosecond})
	var want []uint64
	for from := uint64(1); from <= 9000; from += 1000 {
		var docs []search.Doc
		for id := from; id < from+1000; id++ {
			text := "disk full"
			if id%900 == 0 {
				text = "disk empty"
				want = append(want, id)
			}
			docs = append(docs, line(id, text))
		}
		apply(t, x, search.Batch{Docs: docs, Cursor: from + 999})
	}
	slices.Reverse(want)
	var got []uint64
	pages := 0
	for below := uint64(0); ; pages++ {
		h, err := x.Search(t.Context(), search.Query{Text: "empty", Rooms: []string{"ops"}, BeforeID: below})
		if err != nil {
			t.Fatal(err)
		}
		for _, hit := range h.Hits {
			if hit.ID < h.SearchedTo {
				t.Fatalf("hit %d below %d", hit.ID, h.SearchedTo)
			}
			got = append(got, hit.ID)
		}
		if h.SearchedTo == 0 {
			break
		}
		if !h.More || below != 0 && h.SearchedTo >= below {
			t.Fatalf("%+v after %d", h, below)
		}
		below = h.SearchedTo
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || pages < 2 {
		t.Errorf("got %v in %d pages, want %v", got, pages, want)
	}
}

// Nothing outside of Rooms is ever found: not with no rooms, not by naming one in In, not among many.
func TestRooms(t *testing.T) {
	x := open(t, "", search.Options{})
	var docs []search.Doc
	var all []string
	for id := uint64(1); id <= 60; id++ {
		d := line(id, "disk full")
		d.Room = fmt.Sprintf("r%d", id)
		all = append(all, d.Room)
		docs = append(docs, d)
	}
	apply(t, x, search.Batch{Docs: docs, Cursor: 60})
	for _, c := range []struct {
		rooms, in []string
		want      int
	}{{[]string{}, nil, 0}, {[]string{}, []string{"r1"}, 0}, {[]string{"r2"}, []string{"r1"}, 0}, {[]string{"r2", "r1"}, []string{"r1"}, 1}, {all[:50], nil, 50}, {all, nil, 60}, {[]string{"r"}, nil, 0}} {
		for _, text := range []string{"disk ", "", "-nothing ", `"disk full"`} {
			if got := find(t, x, search.Query{Text: text, Rooms: c.rooms, In: c.in, Limit: 100}); len(got) != c.want {
				t.Errorf("%q rooms %v in %v: %d found, want %d", text, c.rooms, c.in, len(got), c.want)
			}
		}
	}
	stray := line(1, "disk full")
	stray.Room = ""
	apply(t, x, search.Batch{Docs: []search.Doc{stray}, Cursor: 61})
	if got := find(t, x, search.Query{Text: "disk", Rooms: append(all, ""), Limit: 100}); len(got) != 59 {
		t.Errorf("%d found after a message lost its room, want 59", len(got))
	}
}
