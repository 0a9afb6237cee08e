package server_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"watchroom/server"
	"watchroom/server/fault"
)

// A backup taken while people post holds everything that was acknowledged before it; restored elsewhere it is found
// again, under a new epoch, and the backup itself stays as it was.
func TestBackup(t *testing.T) {
	t.Parallel()
	data, copied := t.TempDir(), filepath.Join(t.TempDir(), "backup")
	s := start(t, func(o *server.Options) { o.Data = data })
	ops := s.owner.room("ops")
	mem := s.join("mem", "member")
	picture := s.upload(ops)
	s.owner.call("POST", "/rooms/"+ops+"/messages", object{"text": "look", "files": []string{picture}}).ok()
	for i := range 50 {
		s.owner.post(ops, fmt.Sprintf("before %d", i))
	}
	k, hello := mem.open()
	k.conn.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var posting sync.WaitGroup
	posting.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			mem.post(ops, fmt.Sprintf("during %d", i))
		}
	})
	var m server.Manifest
	s.operator("POST", "/backup", object{"to": copied}).into(&m)
	cancel()
	posting.Wait()
	s.operator("POST", "/backup", object{"to": copied}).problem(422, "does not exist yet")
	s.operator("POST", "/backup", object{}).problem(422, "to")
	if m.Files != 1 || m.Epoch != hello.Epoch || m.Seq < 50 {
		t.Errorf("the manifest says %+v", m)
	}
	var kept []message
	for _, one := range s.owner.history(ops) {
		if one.ID <= uint64(m.Seq) {
			kept = append(kept, one)
		}
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	fresh := filepath.Join(t.TempDir(), "fresh")
	if _, err := server.Restore(t.Context(), copied, fresh); err != nil {
		t.Fatal(err)
	}
	s.o.Data = fresh
	s.run()
	found := map[uint64]string{}
	for _, one := range s.owner.history(ops) {
		found[one.ID] = one.Text
	}
	for _, one := range kept[max(0, len(kept)-90):] {
		if found[one.ID] != one.Text {
			t.Errorf("message %d was %q, and is %q", one.ID, one.Text, found[one.ID])
		}
	}
	s.owner.call("GET", "/files/"+picture, nil).ok()
	eventually(t, "the search finds what was restored", func() bool {
		return strings.Contains(string(s.owner.call("GET", "/search?q=%22before+49%22", nil).ok().body), "before 49")
	})
	if _, again := mem.resume(k.at, hello.Epoch); again.Resumed || again.Epoch == hello.Epoch {
		t.Error("a page goes on in the restored store as if nothing had happened")
	}
}

// A backup that is damaged, or a directory that holds something, is refused before anything is written.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *server.Options) { o.Data = t.TempDir() })
	s.upload(s.owner.room("ops"))
	backup := func() string {
		to := filepath.Join(t.TempDir(), "backup")
		s.operator("POST", "/backup", object{"to": to}).ok()
		return to
	}
	file := func(dir string) string {
		found, err := filepath.Glob(filepath.Join(dir, "files", "*", "*"))
		if err != nil || len(found) != 1 {
			t.Fatalf("the backup holds %v, %v", found, err)
		}
		return found[0]
	}
	flip := func(path string) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)/2] ^= 1
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for about, damage := range map[string]func(dir string){
		"one bit of the store":    func(dir string) { flip(filepath.Join(dir, "watchroom.db")) },
		"one bit of a file":       func(dir string) { flip(file(dir)) },
		"a file that is gone":     func(dir string) { os.Remove(file(dir)) },
		"a store that is gone":    func(dir string) { os.Remove(filepath.Join(dir, "watchroom.db")) },
		"a manifest that is gone": func(dir string) { os.Remove(filepath.Join(dir, "backup.json")) },
		"half a manifest":         func(dir string) { os.Truncate(filepath.Join(dir, "backup.json"), 20) },
	} {
		dir, to := backup(), filepath.Join(t.TempDir(), "to")
		damage(dir)
		if _, err := server.Restore(t.Context(), dir, to); err == nil {
			t.Errorf("%s: was restored", about)
		}
		if _, err := os.Stat(to); !os.IsNotExist(err) {
			t.Errorf("%s: something was written", about)
		}
	}
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Restore(t.Context(), backup(), full); fault.KindOf(err) != fault.Conflict || !strings.Contains(fault.Words(err), "not empty") {
		t.Errorf("into a directory that holds something: %v", err)
	}
	launch(t).operator("POST", "/backup", object{"to": filepath.Join(t.TempDir(), "x")}).problem(409, "memory")
}
