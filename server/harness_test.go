package server_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"watchroom/server"
	"watchroom/server/account"
)

// What a test starts ends with it. The housekeeping of two libraries sleeps some seconds before it sees that it may end.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/caddyserver/certmagic.keepLockfileFresh"))
}

// patience is how long a test waits for what should take a moment: only a machine that hangs is slower.
const patience = 30 * time.Second

// lines is a log that a test can read while it is written.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write keeps one line.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// String is everything so far.
func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// site is one running server, and what its test did with it.
type site struct {
	t     *testing.T
	o     server.Options
	base  string
	log   *lines
	tls   *tls.Config // nil: plain HTTP
	owner *agent
	stop  func() error // waits for the end of Run; may be called again
}

// cheap makes passwords cost nothing that a test would notice.
var cheap = account.Argon{Memory: 64, Time: 1, Threads: 1}

const password = "seven grey herons over Lund"

// start runs a server in memory, or as change says, with an owner called ann.
func start(t *testing.T, change ...func(*server.Options)) *site {
	t.Helper()
	s := launch(t, change...)
	s.owner = &agent{site: s, handle: "ann", role: "owner", http: client(t)}
	var link string
	s.operator("POST", "/owner-link", nil).into(&struct{ URL *string }{&link})
	s.owner.claim("/claim", link)
	return s
}

// launch runs a server that nobody owns yet.
func launch(t *testing.T, change ...func(*server.Options)) *site {
	t.Helper()
	s := &site{t: t, log: &lines{}}
	s.o = server.Options{
		Listen: freeAddr(t), Operator: t.TempDir(), Passwords: &cheap, Version: "test",
		Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	s.o.PublicURL = "http://" + s.o.Listen
	for _, c := range change {
		c(&s.o)
	}
	if s.o.Data != "" {
		s.o.Operator = ""
	}
	s.run()
	return s
}

// freeAddr is a loopback address that nobody listens on: the public URL must name the port before the server has it.
func freeAddr(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

func (s *site) run() {
	s.t.Helper()
	srv, err := server.New(s.t.Context(), s.o)
	if err != nil {
		s.t.Fatalf("new server: %v", err)
	}
	s.base = "http://" + srv.Addr()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- srv.Run(ctx, func(context.Context) error {
			close(ready)
			return nil
		})
	}()
	select {
	case <-ready:
	case err := <-ended:
		s.t.Fatalf("the server ended at once: %v\n%s", err, s.log)
	}
	s.stop = sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-ended:
			return err
		case <-time.After(2 * patience):
			return errors.New("the server did not stop")
		}
	})
	s.t.Cleanup(func() {
		if err := s.stop(); err != nil {
			s.t.Errorf("the server ended with %v", err)
		}
		if at := strings.Index(s.log.String(), "panic"); at >= 0 {
			s.t.Errorf("the log tells of a panic: %.2000s", s.log.String()[at:])
		}
	})
}

// operator calls the API on the unix socket.
func (s *site) operator(method, path string, body any) *answer {
	s.t.Helper()
	dir := s.o.Operator
	if dir == "" {
		dir = s.o.Data
	}
	a := &agent{site: s, handle: "operator", role: "system", http: client(s.t)}
	a.http.Transport = &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", filepath.Join(dir, "watchroom.sock"))
	}}
	return a.call(method, path, body)
}

// agent is somebody who calls the API.
type agent struct {
	site   *site
	handle string
	role   string
	id     string
	bearer string // a token, or the session's access token
	http   *http.Client
}

func client(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Jar: jar, Timeout: 2 * patience}
}

// stranger is a client that keeps no cookies.
func stranger(t *testing.T) *http.Client {
	c := client(t)
	c.Jar = nil
	return c
}

// claim signs up by the secret at the end of link, and acts by the session from then on.
func (a *agent) claim(path, link string) {
	a.site.t.Helper()
	got := a.call("POST", path, map[string]any{
		"secret": link[strings.LastIndexByte(link, '/')+1:], "handle": a.handle, "name": strings.ToUpper(a.handle), "password": password, "device": "d-" + a.handle,
	})
	got.into(&struct {
		Person struct {
			ID   *string
			Role *string
		}
	}{Person: struct {
		ID   *string
		Role *string
	}{&a.id, &a.role}})
	a.bearer = a.cookie("wr_access")
}

func (a *agent) cookie(name string) string {
	a.site.t.Helper()
	u, err := url.Parse(a.site.base + "/api/v1/session")
	if err != nil {
		a.site.t.Fatal(err)
	}
	for _, c := range a.http.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	a.site.t.Fatalf("@%s has no cookie %s", a.handle, name)
	return ""
}

// join brings somebody in by an invitation of the owner.
func (s *site) join(handle, role string, rooms ...string) *agent {
	s.t.Helper()
	var made struct{ URL string }
	s.owner.call("POST", "/invites", map[string]any{"role": role, "rooms": rooms}).into(&made)
	a := &agent{site: s, handle: handle, http: client(s.t)}
	a.claim("/invites/accept", made.URL)
	return a
}

// bot makes a bot account of the owner's with a token.
func (s *site) bot(handle, role string) *agent {
	s.t.Helper()
	var made struct{ Person struct{ ID string } }
	s.owner.call("POST", "/people", map[string]any{"handle": handle, "role": role, "bot": true}).into(&made)
	var token struct{ Secret string }
	s.owner.call("POST", "/tokens", map[string]any{"name": "test", "person": made.Person.ID}).into(&token)
	return &agent{site: s, handle: handle, role: role, id: made.Person.ID, bearer: token.Secret, http: client(s.t)}
}

// answer is what came back.
type answer struct {
	t      *testing.T
	about  string
	status int
	header http.Header
	body   []byte
}

// call makes one request under /api/v1 with a JSON body, by bearer where there is one.
func (a *agent) call(method, path string, body any) *answer {
	a.site.t.Helper()
	h := http.Header{"X-Watchroom": {"1"}}
	if a.bearer != "" {
		h.Set("Authorization", "Bearer "+a.bearer)
	}
	var b []byte
	switch v := body.(type) {
	case nil:
	case []byte:
		b = v
	default:
		var err error
		if b, err = json.Marshal(v); err != nil {
			a.site.t.Fatal(err)
		}
		h.Set("Content-Type", "application/json")
	}
	return a.send(method, "/api/v1"+path, h, b)
}

// send makes one request with exactly these headers and the cookies of the jar.
func (a *agent) send(method, path string, h http.Header, body []byte) *answer {
	a.site.t.Helper()
	req, err := http.NewRequestWithContext(a.site.t.Context(), method, a.site.base+path, bytes.NewReader(body))
	if err != nil {
		a.site.t.Fatal(err)
	}
	req.Header = h
	resp, err := a.http.Do(req)
	if err != nil {
		a.site.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		a.site.t.Fatalf("%s %s: read the answer: %v", method, path, err)
	}
	return &answer{a.site.t, fmt.Sprintf("@%s: %s %s", a.handle, method, path), resp.StatusCode, resp.Header, got}
}

// into wants success, and the body as v.
func (r *answer) into(v any) *answer {
	r.t.Helper()
	if r.status/100 != 2 {
		r.t.Fatalf("%s: answered %d %s", r.about, r.status, r.body)
	}
	if v != nil {
		if err := json.Unmarshal(r.body, v); err != nil {
			r.t.Fatalf("%s: %v in %s", r.about, err, r.body)
		}
	}
	return r
}

// ok wants success.
func (r *answer) ok() *answer {
	r.t.Helper()
	return r.into(nil)
}

// problem wants problem+json with this status and with these words in its detail.
func (r *answer) problem(status int, words string) {
	r.t.Helper()
	var p struct {
		Detail, Kind, Title string
		Status              int
	}
	err := json.Unmarshal(r.body, &p)
	if err != nil || r.status != status || p.Status != status || r.header.Get("Content-Type") != "application/problem+json" ||
		p.Detail == "" || p.Kind == "" || p.Title == "" || !strings.Contains(p.Detail, words) {
		r.t.Errorf("%s: answered %d %s %s, want a problem %d with the words %q", r.about, r.status, r.header.Get("Content-Type"), r.body, status, words)
	}
}

// eventually polls until done holds.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !done(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("it did not happen: %s", what)
		}
	}
}

// room is the id of the room called name.
func (a *agent) room(name string) string {
	a.site.t.Helper()
	var v struct{ Room struct{ ID string } }
	a.call("GET", "/rooms/~"+name, nil).into(&v)
	return v.Room.ID
}

// makeRoom makes a room and returns its id.
func (a *agent) makeRoom(name, kind string) string {
	a.site.t.Helper()
	var v struct{ ID string }
	a.call("POST", "/rooms", map[string]any{"name": name, "kind": kind}).into(&v)
	return v.ID
}

// message is as much of one as tests look at.
type message struct {
	ID      uint64
	Author  string
	Text    string
	Nonce   string
	Command *struct{ Name string }
}

func (a *agent) post(room, text string) message {
	a.site.t.Helper()
	var m message
	a.call("POST", "/rooms/"+room+"/messages", map[string]any{"text": text}).into(&m)
	return m
}

// history is the newest page of a room.
func (a *agent) history(room string) []message {
	a.site.t.Helper()
	var page struct{ Messages []message }
	a.call("GET", "/rooms/"+room+"/messages?limit=100", nil).into(&page)
	return page.Messages
}

// metric is a figure of /metrics, as it stands there.
func (s *site) metric(name string) string {
	s.t.Helper()
	for line := range strings.Lines(string(s.owner.send("GET", "/metrics", http.Header{}, nil).body)) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+" "); ok {
			return value
		}
	}
	s.t.Fatalf("there is no figure %s", name)
	return ""
}
