//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// build makes the binary once per run of the tests. WATCHROOM_BINARY names another one to test.
var build = sync.OnceValues(func() (string, error) {
	if given := os.Getenv("WATCHROOM_BINARY"); given != "" {
		return given, nil
	}
	binary := workspace("e2e", "watchroom")
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/watchroom").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return binary, nil
})

var ownerLink = regexp.MustCompile(`https?://\S+/#/claim/\S+`)

// Server is the real binary, with an address and a data directory that outlive its process.
type Server struct {
	URL  string
	Data string

	t       testing.TB
	dir     string
	address string
	command []string
	binary  string
	process *exec.Cmd
	exited  chan struct{}
	output  *transcript
	op      *http.Client
}

func newServer(t testing.TB, s Setup) *Server {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	dir := directory(t)
	sv := &Server{t: t, dir: dir, Data: filepath.Join(dir, "data"), address: freeAddress(t), command: s.Command, binary: binary, output: &transcript{}}
	sv.URL = "http://" + sv.address
	if len(sv.command) == 0 {
		sv.command = []string{"serve"}
	}
	if s.Config != "" {
		if err := os.WriteFile(filepath.Join(dir, "watchroom.yaml"), []byte(s.Config), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	socket := filepath.Join(sv.Data, "watchroom.sock")
	sv.op = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
	t.Cleanup(func() {
		sv.Kill()
		sv.op.CloseIdleConnections()
		if t.Failed() {
			t.Logf("the server said:\n%s", sv.Output())
		}
	})
	return sv
}

// Start runs the binary and returns once it is ready.
func (s *Server) Start() {
	s.t.Helper()
	s.process = exec.Command(s.binary, append(s.command, "--listen", s.address, "--data", s.Data)...)
	s.process.Dir = s.dir
	s.process.Stdout, s.process.Stderr = s.output, s.output
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.exited = make(chan struct{})
	go func() {
		_ = s.process.Wait() // how it ended stands in its output
		close(s.exited)
	}()
	if !Eventually(time.Minute, func() bool { return s.ended() || s.ready() }) || s.ended() {
		s.t.Fatalf("the server did not become ready:\n%s", s.Output())
	}
}

func (s *Server) ready() bool {
	resp, err := http.Get(s.URL + "/readyz")
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func (s *Server) ended() bool {
	select {
	case <-s.exited:
		return true
	default:
		return false
	}
}

// Stop ends the server as an operator does, and fails the test when it has not ended after half a minute.
func (s *Server) Stop() {
	s.t.Helper()
	_ = s.process.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-s.exited:
	case <-time.After(30 * time.Second):
		s.t.Error("the server did not stop within 30 s of SIGTERM")
		s.Kill()
	}
}

// Kill ends the server as a power cut would, as far as the process is concerned.
func (s *Server) Kill() {
	if s.process == nil || s.process.Process == nil {
		return
	}
	_ = s.process.Process.Kill() // it may have ended
	<-s.exited
}

// Output is everything that the server printed so far.
func (s *Server) Output() string { return s.output.String() }

// Says waits until the server has printed these words.
func (s *Server) Says(words string, within time.Duration) {
	s.t.Helper()
	if !Eventually(within, func() bool { return strings.Contains(s.Output(), words) }) {
		s.t.Fatalf("the server did not say %q within %v:\n%s", words, within, s.Output())
	}
}

// OwnerLink is the newest one-time link that the server printed for its first owner.
func (s *Server) OwnerLink() string {
	s.t.Helper()
	var links []string
	if !Eventually(10*time.Second, func() bool { links = ownerLink.FindAllString(s.Output(), -1); return len(links) > 0 }) {
		s.t.Fatalf("no owner's link in:\n%s", s.Output())
	}
	return links[len(links)-1]
}

// CLI runs a subcommand against this server, as its operator, and returns what it printed.
func (s *Server) CLI(args ...string) string {
	s.t.Helper()
	cmd := exec.Command(s.binary, append(args, "--data", s.Data, "--listen", s.address)...)
	cmd.Dir = s.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("watchroom %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Op calls the API as the operator, over the unix socket: in is sent as JSON unless nil, the answer is decoded into out
// unless nil.
func (s *Server) Op(method, path string, in, out any) {
	s.t.Helper()
	if err := call(s.op, method, "http://watchroom/api/v1"+path, in, out); err != nil {
		s.t.Fatal(err)
	}
}

// call is one request with JSON on both sides. An answer that is not 2xx is an error with its body.
func call(client *http.Client, method, url string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		return err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", method, url, resp.Status, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// transcript keeps what a process prints while others read it.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps b.
func (t *transcript) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(b)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
