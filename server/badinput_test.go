package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// What cannot be read is refused in words that name the field, and nothing of it is done.
func TestBadBodies(t *testing.T) {
	s := start(t)
	ops := s.owner.room("ops")
	before := len(s.owner.history(ops))
	deep := strings.Repeat(`{"text":`, 20_000) + "1" + strings.Repeat("}", 20_000)
	for _, c := range []struct {
		about, method, path, body string
		status                    int
		words                     string
	}{
		{"malformed", "POST", "/rooms/~ops/messages", `{"text":`, 400, ""},
		{"no JSON at all", "POST", "/rooms/~ops/messages", "\x00\xff\xfe", 400, ""},
		{"empty", "POST", "/rooms/~ops/messages", ``, 400, ""},
		{"null", "POST", "/rooms/~ops/messages", `null`, 422, ""},
		{"an array", "POST", "/rooms/~ops/messages", `[]`, 422, "object"},
		{"a wrong type", "POST", "/rooms/~ops/messages", `{"text":5}`, 422, "text"},
		{"a wrong type deeper", "POST", "/rooms/~ops/messages", `{"text":"x","files":[{}]}`, 422, "files"},
		{"an unknown field", "POST", "/rooms/~ops/messages", `{"text":"x","colour":"red"}`, 422, "colour"},
		{"a missing field", "POST", "/rooms/~ops/messages", `{}`, 422, "text"},
		{"nothing to say", "POST", "/rooms/~ops/messages", `{"text":"  "}`, 422, "text"},
		{"text beyond 64 KiB", "POST", "/rooms/~ops/messages", `{"text":"` + strings.Repeat("a", 65<<10) + `"}`, 413, "65536"},
		{"a negative number", "PUT", "/rooms/~ops/mark", `{"seq":-1}`, 422, "seq"},
		{"a number beyond all", "PUT", "/rooms/~ops/mark", `{"seq":1e400}`, 0, ""},
		{"deep nesting", "POST", "/rooms/~ops/messages", deep, 0, ""},
		{"an unknown room", "POST", "/rooms/r_nothing/messages", `{"text":"x"}`, 404, "room"},
		{"an unknown room's name", "POST", "/rooms/~nothing/messages", `{"text":"x"}`, 404, "room"},
		{"a room's name with a zero", "POST", "/rooms/~o%00ps/messages", `{"text":"x"}`, 404, "room"},
		{"an endless room", "POST", "/rooms/" + strings.Repeat("r", 9000) + "/messages", `{"text":"x"}`, 404, "room"},
		{"an unknown incident", "POST", "/incidents/99/acknowledge", `{"take":true}`, 404, "incident"},
		{"an incident that is no number", "GET", "/incidents/many", ``, 422, "n"},
		{"a number beyond 64 bits", "GET", "/messages/99999999999999999999999", ``, 422, "id"},
		{"a page that is no page", "GET", "/rooms/~ops/messages?limit=-5", ``, 422, "limit"},
		{"a severity nobody knows", "POST", "/incidents", `{"title":"x","severity":"fatal"}`, 422, "severity"},
		{"a thread of nothing", "POST", "/rooms/~ops/messages", `{"text":"x","thread":987654}`, 0, ""},
		{"a file of nothing", "POST", "/rooms/~ops/messages", `{"text":"x","files":["f_nothing"]}`, 0, "file"},
		{"search that cannot be read", "GET", "/search?q=before:yesterdayish", ``, 422, "before"},
		{"a role nobody has", "POST", "/invites", `{"role":"king"}`, 422, "role"},
		{"apply that is no YAML", "POST", "/apply", `{"files":["a: [b"]}`, 422, ""},
		{"a silence without end", "POST", "/silences", `{"match":{"a":"b"}}`, 422, "minutes"},
		{"a bad pattern", "POST", "/silences", `{"match":{"a":"/(/"},"minutes":5}`, 422, "regular expression"},
	} {
		got := s.owner.call(c.method, c.path, []byte(c.body))
		if c.status == 0 {
			if c.status = got.status; got.status < 400 || got.status >= 500 {
				t.Errorf("%s: answered %d %.300s", c.about, got.status, got.body)
				continue
			}
		}
		got.about = c.about
		got.problem(c.status, c.words)
	}
	if after := len(s.owner.history(ops)); after != before {
		t.Errorf("%d messages came of it", after-before)
	}
}

// No route takes more than its limit, whether the length is announced, wrong or left out, and the next request is served.
func TestBodyCap(t *testing.T) {
	s := start(t)
	var key struct{ URL string }
	s.owner.call("POST", "/integrations", map[string]any{"kind": "json", "name": "json"}).into(&key)
	in := strings.TrimPrefix(key.URL, s.o.PublicURL)
	huge := bytes.Repeat([]byte(" "), 12<<20)
	for _, path := range []string{"/api/v1/rooms/~ops/messages", "/api/v1/session", "/api/v1/rooms/~ops/files?name=x", in, "/v2/enqueue", "/services/T/B/x", "/nothing"} {
		for _, chunked := range []bool{false, true} {
			raw := dial(t, s)
			if chunked {
				fmt.Fprintf(raw, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\n", path, s.owner.bearer)
				for range 12 {
					if _, err := fmt.Fprintf(raw, "%x\r\n%s\r\n", 1<<20, huge[:1<<20]); err != nil {
						break // the server hung up: that is one way to refuse
					}
				}
				fmt.Fprint(raw, "0\r\n\r\n")
			} else {
				fmt.Fprintf(raw, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n", path, s.owner.bearer, len(huge))
				_, _ = raw.Write(huge) // the server may hang up meanwhile
			}
			if status := raw.status(); status != 413 && status != 0 {
				t.Errorf("%s (chunked %v): answered %d to 12 MiB, want 413 or a closed connection", path, chunked, status)
			}
			raw.Close()
		}
	}
	if got := s.owner.call("POST", "/rooms/~ops/messages", huge[:2<<20]); got.status != 413 {
		t.Errorf("a client that talks to the end is answered %d", got.status)
	}
	s.owner.call("GET", "/me", nil).ok()
}

// A token that is expired, forged, unsigned, of another key or revoked opens nothing.
func TestBadTokens(t *testing.T) {
	s := start(t)
	parts := strings.Split(s.owner.bearer, ".")
	claims := jwt.MapClaims{}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatal(err)
	}
	sign := func(method jwt.SigningMethod, key any, change func(jwt.MapClaims)) string {
		t.Helper()
		mine := jwt.MapClaims{}
		for k, v := range claims {
			mine[k] = v
		}
		if change != nil {
			change(mine)
		}
		token, err := jwt.NewWithClaims(method, mine).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	other := bytes.Repeat([]byte("k"), 32)
	mem := s.join("mem", "member")
	var token struct {
		Token  struct{ ID string }
		Secret string
	}
	mem.call("POST", "/tokens", map[string]any{"name": "x"}).into(&token)
	mem.call("DELETE", "/tokens/"+token.Token.ID, nil).ok()
	for about, bearer := range map[string]string{
		"unsigned":          sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"another key":       sign(jwt.SigningMethodHS256, other, nil),
		"another algorithm": sign(jwt.SigningMethodHS512, other, nil),
		"an empty key":      sign(jwt.SigningMethodHS256, []byte{}, nil),
		"expired":           sign(jwt.SigningMethodHS256, other, func(c jwt.MapClaims) { c["exp"] = time.Now().Add(-time.Hour).Unix() }),
		"changed claims":    parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"u_watchroom","exp":9999999999}`)) + "." + parts[2],
		"no signature":      parts[0] + "." + parts[1] + ".",
		"junk":              "a.b.c", "an unknown token": "wr_" + strings.Repeat("x", 43), "a revoked token": token.Secret,
		"endless": strings.Repeat("a", 12<<10),
	} {
		for _, path := range []string{"/me", "/rooms", "/files/f_x", "/socket", "/search?q=x"} {
			got := (&agent{site: s, handle: about, bearer: bearer, http: client(t)}).call("GET", path, nil)
			if path == "/socket" {
				continue // not an upgrade: see the socket's own tests
			}
			got.problem(401, "sign in")
		}
	}
	mem.call("DELETE", "/session", nil).ok()
	mem.call("GET", "/me", nil).problem(401, "sign in")
}

// Another site's page cannot use this browser's cookies, and a request without any sign of our own page neither.
func TestForeignOrigin(t *testing.T) {
	s := start(t)
	cookies := s.owner.http
	for _, c := range []struct {
		about, method string
		h             http.Header
		want          int
	}{
		{"our page", "POST", http.Header{"Origin": {s.o.PublicURL}}, 200},
		{"our page by its other name", "POST", http.Header{"Origin": {strings.Replace(s.o.PublicURL, "127.0.0.1", "localhost", 1)}}, 200},
		{"our client without an Origin", "POST", http.Header{"X-Watchroom": {"1"}}, 200},
		{"another site", "POST", http.Header{"Origin": {"https://evil.example"}}, 403},
		{"another site that knows the header", "POST", http.Header{"Origin": {"https://evil.example"}, "X-Watchroom": {"1"}}, 403},
		{"a sandboxed frame", "POST", http.Header{"Origin": {"null"}}, 403},
		{"a name that begins like ours", "POST", http.Header{"Origin": {s.o.PublicURL + ".evil.example"}}, 403},
		{"a form without an Origin", "POST", http.Header{}, 403},
		{"reading for another site", "GET", http.Header{"Origin": {"https://evil.example"}}, 403},
		{"a link from anywhere", "GET", http.Header{}, 200},
	} {
		a := &agent{site: s, handle: c.about, http: cookies}
		c.h.Set("Content-Type", "application/json")
		path, body := "/api/v1/rooms/~ops/messages", []byte(`{"text":"x"}`)
		if c.method == "GET" {
			body = nil
		}
		got := a.send(c.method, path, c.h, body)
		if got.status != c.want {
			t.Errorf("%s: answered %d %.200s, want %d", c.about, got.status, got.body, c.want)
		}
		if c.want == 403 {
			got.problem(403, "")
		}
		if c.want == 200 && c.method == "POST" {
			// A sign-in cannot be forced on a visitor by another site either.
			a.send("POST", "/api/v1/session", http.Header{"Origin": {"https://evil.example"}, "Content-Type": {"application/json"}},
				[]byte(`{"handle":"ann","password":"x"}`)).problem(403, "")
		}
	}
	form := s.owner.send("POST", "/api/v1/rooms/~ops/messages", http.Header{"Origin": {s.o.PublicURL}, "Content-Type": {"text/plain"}}, []byte(`{"text":"x"}`))
	t.Logf("a body that does not call itself JSON: %d", form.status)
}
