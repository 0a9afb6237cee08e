package search_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"watchroom/store/search"
)

// feedVariable makes the test binary a process that feeds the index in this directory until it is killed.
const feedVariable = "SEARCH_TEST_FEED"

func TestMain(m *testing.M) {
	if dir := os.Getenv(feedVariable); dir != "" {
		fmt.Fprintln(os.Stderr, feed(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func feed(dir string) error {
	x, err := search.Open(dir, search.Options{PartitionDocs: 60})
	if err != nil {
		return err
	}
	fmt.Println("feeding")
	for {
		if err := x.Apply(context.Background(), nth(x.Cursor()+1)); err != nil {
			return err
		}
	}
}

// nth is the batch that takes the index to cursor n: new documents, edits and deletions of older ones.
func nth(n uint64) search.Batch {
	b := search.Batch{Cursor: n}
	add := func(id uint64) { b.Docs = append(b.Docs, line(id, token(id, n))) }
	for i := range uint64(7) {
		add(n*7 + i)
	}
	if n > 3 {
		for i := range uint64(3) {
			add(7 + (n*31+i*17)%(n*7-7))
		}
		b.Deletes = []uint64{7 + (n*13)%(n*7-7)}
	}
	return b
}

func token(id, n uint64) string { return fmt.Sprintf("m%dm at%dm", id, n) }

// world is what the index holds at a cursor, and the texts that have been replaced or deleted.
func world(cursor uint64) (now map[uint64]string, gone []string) {
	now = map[uint64]string{}
	for n := uint64(1); n <= cursor; n++ {
		b := nth(n)
		for _, d := range b.Docs {
			if old := now[d.ID]; old != "" {
				gone = append(gone, old)
			}
			now[d.ID] = d.Text
		}
		for _, id := range b.Deletes {
			if now[id] != "" {
				gone = append(gone, now[id])
			}
			delete(now, id)
		}
	}
	return now, gone
}

// A process that is killed while it feeds leaves an index that opens with the cursor of a whole batch; the documents that
// the next batch does not touch are those of that cursor, and after the next batch everything is exact.
func TestKill(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	reached := uint64(0)
	for round := range 6 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), feedVariable+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 16)); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Duration(40+round*37) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed

		x, err := search.Open(dir, search.Options{PartitionDocs: 60})
		if err != nil {
			t.Fatal(err)
		}
		at := x.Cursor()
		if at < reached {
			t.Fatalf("cursor %d after %d: a durable batch was lost", at, reached)
		}
		next := nth(at + 1)
		touched := map[uint64]bool{}
		for _, d := range next.Docs {
			touched[d.ID] = true
		}
		for _, id := range next.Deletes {
			touched[id] = true
		}
		now, _ := world(at)
		same := func(id uint64) bool { return touched[id] }
		got, want := slices.DeleteFunc(everything(t, x), same), slices.DeleteFunc(slices.Sorted(maps.Keys(now)), same)
		if !slices.Equal(got, want) {
			t.Fatalf("at %d: got %v, want %v", at, got, want)
		}
		apply(t, x, next)
		compare(t, x, at+1)
		reached = at + 1
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(dir + ".damaged"); err == nil {
		t.Error("an index was given up as damaged")
	}
	if reached < 20 {
		t.Errorf("only %d batches: this has tested little", reached)
	}
}

// everything is every ID in the index in rising order.
func everything(t *testing.T, x *search.Index) []uint64 {
	t.Helper()
	var all []uint64
	for below := uint64(0); ; {
		ids := find(t, x, search.Query{BeforeID: below, Limit: 100})
		if len(ids) == 0 {
			slices.Reverse(all)
			return all
		}
		all = append(all, ids...)
		below = ids[len(ids)-1]
	}
}

func compare(t *testing.T, x *search.Index, cursor uint64) {
	t.Helper()
	now, gone := world(cursor)
	if got, want := everything(t, x), slices.Sorted(maps.Keys(now)); !slices.Equal(got, want) {
		t.Fatalf("at %d: got %v, want %v", cursor, got, want)
	}
	for id, text := range now {
		if got := find(t, x, search.Query{Text: `"` + text + `"`}); !slices.Equal(got, []uint64{id}) {
			t.Fatalf("%q: got %v, want %d", text, got, id)
		}
	}
	for _, text := range gone {
		if got := find(t, x, search.Query{Text: `"` + text + `"`}); len(got) > 0 {
			t.Fatalf("%q was replaced and is still found: %v", text, got)
		}
	}
}
