//go:build e2e

package e2e

import (
	"net/http"
	"testing"
	"time"
)

// Reload loads the page anew.
func (b *Browser) Reload() {
	b.t.Helper()
	_, err := b.Page.Reload()
	b.check(err, "reload")
}

// Rest lets the page be for a time that the product itself measures, such as a banner's first second.
func (b *Browser) Rest(d time.Duration) {
	b.t.Helper()
	_, err := b.Page.Evaluate("ms => new Promise((done) => setTimeout(done, ms))", float64(d.Milliseconds()))
	b.check(err, "rest for %v", d)
}

// API is a request as the person at this browser.
func (b *Browser) API(method, path string, in any) {
	b.t.Helper()
	b.api(method, path, in)
}

// Apply applies a file with schedules, policies, teams or routing.
func (s *Server) Apply(t testing.TB, file string) {
	t.Helper()
	s.Op("POST", "/apply", map[string]any{"files": []string{file}}, nil)
}

// PostJSON is a sender's request.
func PostJSON(t testing.TB, url string, body any) {
	t.Helper()
	if err := call(&http.Client{Timeout: 20 * time.Second}, "POST", url, body, nil); err != nil {
		t.Fatal(err)
	}
}
