//go:build e2e

package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Push is one publication as it arrived, in either form of ntfy's protocol: fields as headers, or all of it as JSON.
type Push struct {
	Topic    string
	Title    string
	Message  string
	Priority string
	Click    string
	Header   http.Header
	At       time.Time
}

// PushServer takes what is published in ntfy's protocol and keeps it. It is not ntfy, which no package here offers: it is
// the receiving half of its protocol.
type PushServer struct {
	URL string

	t    testing.TB
	mu   sync.Mutex
	kept []Push
}

// PushServer starts one on a free port.
func (st *Stage) PushServer() *PushServer {
	st.t.Helper()
	p := &PushServer{t: st.t}
	server := httptest.NewServer(p)
	p.URL = server.URL
	st.t.Cleanup(server.Close)
	return p
}

// ServeHTTP keeps a publication and answers as ntfy does.
func (p *PushServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost && r.Method != http.MethodPut {
		http.Error(w, `{"code":40001,"http":400,"error":"invalid request"}`, http.StatusBadRequest)
		return
	}
	push := Push{
		Topic: strings.Trim(r.URL.Path, "/"), Message: string(body), Header: r.Header, At: time.Now(),
		Title: field(r.Header, "Title"), Priority: field(r.Header, "Priority"), Click: field(r.Header, "Click"),
	}
	if push.Topic == "" {
		var whole struct {
			Topic, Title, Message, Click string
			Priority                     json.Number
		}
		if err := json.Unmarshal(body, &whole); err != nil || whole.Topic == "" {
			http.Error(w, `{"code":40009,"http":400,"error":"invalid request: topic invalid"}`, http.StatusBadRequest)
			return
		}
		push.Topic, push.Title, push.Message, push.Click = whole.Topic, whole.Title, whole.Message, whole.Click
		push.Priority = whole.Priority.String()
	}
	p.mu.Lock()
	p.kept = append(p.kept, push)
	p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{ // the sender may have gone
		"id": "kept", "event": "message", "time": push.At.Unix(), "topic": push.Topic, "message": push.Message,
	})
}

// field is a header of ntfy's, which goes with and without X- before it.
func field(h http.Header, name string) string {
	if v := h.Get(name); v != "" {
		return v
	}
	return h.Get("X-" + name)
}

// Pushes are those that arrived so far.
func (p *PushServer) Pushes() []Push {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.kept)
}

// Wait returns the first publication, after the given number of earlier ones, that is what one waits for.
func (p *PushServer) Wait(skip int, within time.Duration, ok func(Push) bool) Push {
	p.t.Helper()
	var found Push
	seen := Eventually(within, func() bool {
		all := p.Pushes()
		i := slices.IndexFunc(all[min(skip, len(all)):], ok)
		if i >= 0 {
			found = all[skip+i]
		}
		return i >= 0
	})
	if !seen {
		p.t.Fatalf("nothing like it was published within %v; there is: %+v", within, p.Pushes())
	}
	return found
}
