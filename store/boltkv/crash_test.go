package boltkv_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"watchroom/store"
	"watchroom/store/boltkv"
)

const crashFile = "BOLTKV_CRASH_FILE"

// What was acknowledged before a kill -9 is there afterwards, in order and without gaps, and the
// pages of the file are sound.
func TestKill(t *testing.T) {
	if path := os.Getenv(crashFile); path != "" {
		emitUntilKilled(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "store.db")
	acked := store.Seq(0)
	for round := range 6 {
		acked = max(acked, kill(t, path, 100+round*57))
		if err := boltkv.Check(path); err != nil {
			t.Fatal(err)
		}
		kv := open(t, path)
		s, err := store.New(t.Context(), kv, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		events, err := s.Events(t.Context(), 0, int(s.Head()))
		if err != nil || s.Head() < acked || len(events) != int(s.Head()) {
			t.Fatalf("round %d: %d events, head %d, acknowledged %d, %v", round, len(events), s.Head(), acked, err)
		}
		err = s.View(t.Context(), func(tx *store.Tx) error {
			for _, e := range events {
				if got := tx.Get("record", store.Key(e.Seq)); string(got) != string(e.Body) {
					t.Errorf("event %d says %q, its record %q", e.Seq, e.Body, got)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if err := kv.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// kill runs a writer on path, kills it after so many acknowledgements and returns the highest Seq
// that it acknowledged.
func kill(t *testing.T, path string, after int) (acked store.Seq) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
	cmd.Env = append(os.Environ(), crashFile+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		if seq, err := strconv.ParseUint(lines.Text(), 10, 64); err == nil {
			acked = max(acked, store.Seq(seq))
		}
		if n == after {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || acked == 0 {
		t.Fatalf("the writer ended by itself after %d: %v", acked, err)
	}
	return acked
}

func emitUntilKilled(t *testing.T, path string) {
	kv := open(t, path)
	s, err := store.New(t.Context(), kv, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { t.Error(s.Run(t.Context())) })
	for i := range 8 {
		wg.Go(func() {
			for n := 0; ; n++ {
				var seq store.Seq
				err := s.Update(context.Background(), func(tx *store.Tx) error {
					body := fmt.Appendf(nil, "%d of %d", n, i)
					seq = tx.Emit(store.Event{Kind: "k", Body: body})
					tx.Put("record", store.Key(seq), body)
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
				fmt.Printf("%d\n", seq)
			}
		})
	}
	wg.Wait()
}
