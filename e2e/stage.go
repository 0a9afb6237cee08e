//go:build e2e

// Package e2e drives the real binary with real browsers, records what they sound like, and stands in for the world around
// it: a real Alertmanager that fires, a mail server and a push server that keep what reaches them.
//
// A test reads like a script:
//
//	st := e2e.Start(t, e2e.Setup{Sound: true})
//	ann := st.Browser("ann")
//	ann.SignUp(st.Server.OwnerLink(), "ann", "Ann", "a long password")
//	ann.Click("text=Arm")
//	ann.Hear(e2e.Tone(880), 5*time.Second)
package e2e

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Setup says what a stage begins with.
type Setup struct {
	Sound    bool     // browsers play into sound devices that are recorded
	Config   string   // the server's watchroom.yaml
	Command  []string // instead of serve
	NoServer bool     // for tests of the stage itself
}

// Stage is one server, the browsers before it and the world around it. It ends with its test.
type Stage struct {
	Server *Server // nil with NoServer
	t      testing.TB
	sound  *soundServer // nil without Sound
}

// Start sets the stage: the server is ready to answer when Start returns.
func Start(t testing.TB, s Setup) *Stage {
	t.Helper()
	st := &Stage{t: t}
	if s.Sound {
		st.sound = startSound(t)
	}
	if !s.NoServer {
		st.Server = newServer(t, s)
		st.Server.Start()
	}
	return st
}

// workspace is where what the tests fetched and made is kept: .cache at the top of the tree.
func workspace(parts ...string) string {
	dir, err := filepath.Abs(filepath.Join(append([]string{"..", ".cache"}, parts...)...))
	if err != nil {
		panic(err)
	}
	return dir
}

// freeAddress is a local address that nobody listens on.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// directory is a new directory with a short path, which a unix socket needs.
func directory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "wr")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // a process that is being killed may still write; the next boot clears it
	return dir
}

// Eventually asks again and again until ok says yes, and tells whether it did within that time.
func Eventually(within time.Duration, ok func() bool) bool {
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-again.C:
		case <-deadline.C:
			return ok()
		}
	}
	return true
}
