package server_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"watchroom/server"
	"watchroom/server/notify"
	"watchroom/store/memkv"
)

// mailbox is a real SMTP server that keeps what it is handed.
type mailbox struct {
	refuse atomic.Bool
	port   int
	mu     sync.Mutex // guards mails
	mails  []string
}

// NewSession begins one delivery.
func (m *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &delivery{box: m}, nil }

type delivery struct {
	box *mailbox
	to  string
}

// Reset, Logout, Mail, Rcpt and Data are one delivery, as smtp.Session wants them.
func (d *delivery) Reset()                                    {}
func (d *delivery) Logout() error                             { return nil }
func (d *delivery) Mail(string, *smtp.MailOptions) error      { return nil }
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error { d.to = to; return nil }
func (d *delivery) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if d.box.refuse.Load() {
		return &smtp.SMTPError{Code: 451, Message: "try again"}
	}
	d.box.mu.Lock()
	d.box.mails = append(d.box.mails, "to "+d.to+"\n"+string(b))
	d.box.mu.Unlock()
	return err
}

func (m *mailbox) all() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Join(m.mails, "\n")
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	box := &mailbox{}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := smtp.NewServer(box)
	srv.Domain = "localhost"
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = srv.Serve(ln) // ends with the test
	}()
	t.Cleanup(func() {
		srv.Close()
		<-ended
	})
	box.port = ln.Addr().(*net.TCPAddr).Port
	return box
}

// topic is an HTTP peer that takes what ntfy would.
type topic struct {
	*httptest.Server
	broken atomic.Bool
	mu     sync.Mutex // guards notes
	notes  []map[string]any
}

func newTopic(t *testing.T) *topic {
	t.Helper()
	p := &topic{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m map[string]any
		err := json.NewDecoder(r.Body).Decode(&m)
		if p.broken.Load() || err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		p.mu.Lock()
		p.notes = append(p.notes, m)
		p.mu.Unlock()
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *topic) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.notes)
}

func outward(box *mailbox) func(*server.Options) {
	return func(o *server.Options) {
		o.Mail = &notify.MailOptions{Host: "127.0.0.1", Port: box.port, From: "watchroom@example.org", TLS: "none"}
		o.OutboundAllow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	}
}

type page struct{ Way, State, Why string }

// pages are the first incident's, outside the browser.
func (s *site) pages() (outside []page) {
	s.t.Helper()
	var d struct{ Pages []page }
	s.owner.call("GET", "/incidents/1", nil).into(&d)
	for _, p := range d.Pages {
		if p.Way != "browser" {
			outside = append(outside, p)
		}
	}
	return outside
}

// With no browser that could ring, a page leaves by ntfy and by mail; the mail's link acknowledges, once asked by POST, and opens nothing else.
func TestOutward(t *testing.T) {
	t.Parallel()
	box, peer := newMailbox(t), newTopic(t)
	s := start(t, outward(box))
	s.owner.call("PUT", "/me/ways", []object{{"kind": "ntfy", "address": peer.URL + "/ann"}, {"kind": "mail", "address": "ann@example.org"}}).ok()
	begin := time.Now()
	s.owner.call("POST", "/page-me", nil).ok()
	eventually(t, "a push and a mail", func() bool { return peer.count() > 0 && box.all() != "" })
	t.Logf("the page left by ntfy and by mail after %s", time.Since(begin).Round(time.Millisecond))
	eventually(t, "both pages are sent", func() bool {
		list := s.pages()
		return len(list) == 2 && list[0].State == "sent" && list[1].State == "sent"
	})
	mail := box.all()
	link := regexp.MustCompile(`/#/ack/([A-Za-z0-9_-]+)`).FindStringSubmatch(mail)
	if !strings.Contains(mail, "to ann@example.org") || link == nil {
		t.Fatalf("the mail holds no link:\n%s", mail)
	}
	nobody := &agent{site: s, handle: "nobody", http: stranger(t)}
	nobody.send("GET", "/", http.Header{}, nil) // what a scanner does with the link: the secret stays behind the #
	nobody.send("GET", "/api/v1/acknowledge-link?secret="+link[1], http.Header{}, nil).problem(404, "")
	var one struct{ Incident struct{ State, Owner string } }
	s.owner.call("GET", "/incidents/1", nil).into(&one)
	if one.Incident.State != "triggered" {
		t.Fatalf("opening a link made it %s", one.Incident.State)
	}
	for _, c := range [][2]string{{"/password/reset", "secret"}, {"/claim", "secret"}, {"/invites/accept", "secret"}} {
		nobody.call("POST", c[0], object{c[1]: link[1], "password": password, "handle": "eve", "name": "Eve"})
	}
	(&agent{site: s, handle: "bearer", bearer: link[1], http: stranger(t)}).call("GET", "/me", nil).problem(401, "")
	nobody.call("POST", "/acknowledge-link", object{"secret": link[1] + "x"}).problem(410, "")
	var acked struct{ State, Owner string }
	nobody.call("POST", "/acknowledge-link", object{"secret": link[1]}).into(&acked)
	if acked.State != "acknowledged" || acked.Owner != s.owner.id {
		t.Errorf("the link made it %+v", acked)
	}
	peer.mu.Lock()
	note := peer.notes[0]
	peer.mu.Unlock()
	if action, ok := note["actions"].([]any)[0].(map[string]any); !ok || action["url"] != s.o.PublicURL+"/api/v1/acknowledge-link" || strings.Contains(action["url"].(string), link[1]) {
		t.Errorf("the push offers %v", note["actions"])
	}
}

// What cannot be sent is told in words, beside the page and in the timeline; a way that works is not held up by one that does not.
func TestOutwardFails(t *testing.T) {
	t.Parallel()
	box, peer := newMailbox(t), newTopic(t)
	peer.broken.Store(true)
	s := start(t, outward(box))
	s.owner.call("PUT", "/me/ways", []object{{"kind": "ntfy", "address": peer.URL + "/ann"}, {"kind": "mail", "address": "ann@example.org"}}).ok()
	s.owner.call("POST", "/page-me", nil).ok()
	eventually(t, "one fails in words and one is sent", func() bool {
		said := map[string]page{}
		for _, p := range s.pages() {
			said[p.Way] = p
		}
		return said["mail"].State == "sent" && said["ntfy"].State == "failed" && strings.Contains(said["ntfy"].Why, "502")
	})
	box.refuse.Store(true)
	s.owner.call("POST", "/me/ways/test", object{"index": 0}).problem(503, "502")
	s.owner.call("POST", "/me/ways/test", object{"index": 1}).problem(503, "did not take")
	s.owner.call("POST", "/me/ways/test", object{"index": 7}).problem(422, "no way number 8")
	s.owner.call("PUT", "/me/ways", []object{{"kind": "ntfy", "address": "file:///etc/passwd"}}).problem(422, "")
	s.owner.call("PUT", "/me/ways", []object{{"kind": "pigeon", "address": "x"}}).problem(422, "")
}

// A page that waits to be sent when the server stops is sent when it is back.
func TestOutwardRestart(t *testing.T) {
	t.Parallel()
	box := newMailbox(t)
	hold := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the server notices that the client went only after the body
		select {
		case <-hold:
		case <-r.Context().Done():
		}
	}))
	defer slow.Close()
	kv := &kept{memkv.New()}
	s := start(t, outward(box), func(o *server.Options) { o.KV = kv })
	s.owner.call("PUT", "/me/ways", []object{{"kind": "ntfy", "address": slow.URL + "/ann"}}).ok()
	s.owner.call("POST", "/page-me", nil).ok()
	eventually(t, "the page is queued", func() bool { return len(s.pages()) == 1 && s.pages()[0].State == "queued" })
	begin := time.Now()
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	t.Logf("stopped in %s with a page on its way", time.Since(begin).Round(time.Millisecond))
	close(hold)
	s.run()
	eventually(t, "the page is sent", func() bool { return s.pages()[0].State == "sent" })
}
