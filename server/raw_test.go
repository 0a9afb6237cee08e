package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// raw is a connection on which a test says what it likes.
type raw struct {
	net.Conn
	r *bufio.Reader
}

func dial(t *testing.T, s *site) *raw {
	t.Helper()
	c, err := net.Dial("tcp", s.o.Listen)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &raw{c, bufio.NewReader(c)}
}

// status is that of the next answer, which is read whole; 0 when the connection ended instead.
func (r *raw) status() int {
	status, _ := r.answer()
	return status
}

func (r *raw) answer() (int, string) {
	resp, err := http.ReadResponse(r.r, nil)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, ""
	}
	return resp.StatusCode, string(body)
}

// What is no HTTP, or HTTP meant to confuse, is refused or cut off, and the next is served.
func TestRawJunk(t *testing.T) {
	s := start(t)
	for about, text := range map[string]string{
		"binary":               "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\x00\r\n\r\n",
		"zeros":                strings.Repeat("\x00", 4096),
		"no version":           "GET /\r\n\r\n",
		"two lengths":          "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nhello",
		"length and chunks":    "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"a negative length":    "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nhello",
		"a chunk of nonsense":  "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
		"a flood of headers":   "GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-Flood: "+strings.Repeat("a", 100)+"\r\n", 3000) + "\r\n",
		"one endless header":   "GET / HTTP/1.1\r\nHost: x\r\nCookie: " + strings.Repeat("a", 1<<20) + "\r\n\r\n",
		"a header split":       "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
		"a path that is none":  "GET /%zz%/..%2f HTTP/1.1\r\nHost: x\r\n\r\n",
		"a proxy's request":    "GET http://evil.example/api/v1/me HTTP/1.1\r\nHost: x\r\n\r\n",
		"a request to connect": "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
		"an upgrade to nothing": "GET /api/v1/socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
			"Sec-WebSocket-Key: AAAA\r\n\r\n",
	} {
		c := dial(t, s)
		_, _ = c.Write([]byte(text)) // the server may hang up before all is said
		if tcp, ok := c.Conn.(*net.TCPConn); ok {
			_ = tcp.CloseWrite()
		}
		status, body := c.answer()
		if status >= 500 && status != 501 {
			t.Errorf("%s: answered %d %.200s", about, status, body)
		}
		s.owner.call("GET", "/me", nil).ok()
	}
}

// Requests that are sent without waiting are answered in their order, each for its own sender.
func TestPipeline(t *testing.T) {
	s := start(t)
	mem := s.join("mem", "member")
	c := dial(t, s)
	var all strings.Builder
	for i := range 20 {
		who := s.owner
		if i%2 == 1 {
			who = mem
		}
		body := fmt.Sprintf(`{"text":"pipe %d","nonce":"n%d"}`, i, i)
		fmt.Fprintf(&all, "POST /api/v1/rooms/~ops/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			who.bearer, len(body), body)
	}
	if _, err := c.Write([]byte(all.String())); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		status, body := c.answer()
		author := []string{s.owner.id, mem.id}[i%2]
		if status != 200 || !strings.Contains(body, fmt.Sprintf(`"pipe %d"`, i)) || !strings.Contains(body, `"author":"`+author+`"`) {
			t.Fatalf("answer %d: %d %s", i, status, body)
		}
	}
}

// A path that is written oddly reaches nothing that its plain form would not, and never a file of the server.
func TestPathTricks(t *testing.T) {
	s := start(t)
	secret := s.owner.makeRoom("vault", "private")
	s.owner.post(secret, "the code is 4711")
	mem := s.join("mem", "member")
	for _, path := range []string{
		"/api/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2fgo.mod", "//etc/passwd", "/assets/%00", "/..;/", "/api/v1/../../healthz",
		"/api//v1//rooms//" + secret + "//messages", "/api/v1/rooms/" + secret + "/messages", "/api/v1/rooms/%72" + secret[1:] + "/messages",
		"/api/v1/./rooms/" + secret + "/messages", "/api/v1/rooms/x/../" + secret + "/messages", "/API/V1/ROOMS/" + secret + "/MESSAGES",
		"/api/v1/rooms/" + secret + "/messages/", "/api/v1/rooms/~vault/messages", "/api/v1/rooms/%7Evault/messages", "/api/v1/files/..%2f..%2fwatchroom.db",
		"/api/v1/backup", "/api/%76%31/backup",
	} {
		for _, bearer := range []string{"", mem.bearer} {
			c := dial(t, s)
			fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n", path, bearer)
			status, body := c.answer()
			if strings.Contains(body, "4711") || strings.Contains(body, "root:") || strings.Contains(body, "module watchroom") {
				t.Errorf("%s: answered %d with what nobody may see: %.200s", path, status, body)
			}
			if status >= 500 && status != http.StatusNotImplemented {
				t.Errorf("%s: answered %d %.200s", path, status, body)
			}
		}
	}
	mem.call("POST", "/backup", map[string]string{"to": t.TempDir() + "/x"}).problem(404, "")
}

// Connections that say half a request, or nothing, end by themselves, and keep nobody waiting meanwhile.
func TestHalfOpen(t *testing.T) {
	t.Parallel()
	s := start(t)
	begun := time.Now()
	halves := []string{"", "GET /api/v1/me HTTP/1.1\r\nHost:", "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"han",
		"POST /in/json/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"}
	var ending sync.WaitGroup
	for i := range 100 {
		c := dial(t, s)
		if err := c.SetDeadline(time.Now().Add(10 * 10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write([]byte(halves[i%len(halves)])); err != nil {
			t.Fatal(err)
		}
		ending.Go(func() {
			if _, err := io.Copy(io.Discard, c.r); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Errorf("half a request (%.40q) was held open", halves[i%len(halves)])
			}
		})
	}
	slowest := time.Duration(0)
	for range 20 {
		begin := time.Now()
		s.owner.call("GET", "/me", nil).ok()
		slowest = max(slowest, time.Since(begin))
	}
	if slowest > 5*time.Second {
		t.Errorf("others waited %s", slowest)
	}
	ending.Wait()
	t.Logf("beside 100 half-open connections the slowest answer took %s; all had ended after %s", slowest, time.Since(begun).Round(time.Second))
}
