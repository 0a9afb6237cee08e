package notify_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/notify"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

var note = notify.Note{
	Title: "#142 checkout is down", Text: "critical, 2 alert(s) firing.", Link: "https://wr.example/#/incident/142", Critical: true,
	AckLink: "https://wr.example/#/ack/s3cret", AckURL: "https://wr.example/api/v1/acknowledge-link", AckBody: `{"secret":"s3cret"}`,
}

// What reaches ntfy names the topic, is urgent, and acknowledges by a POST whose secret is in the body, not in the URL.
func TestNtfy(t *testing.T) {
	got := make(chan map[string]any, 1)
	peer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m map[string]any
		b, _ := io.ReadAll(r.Body) // a broken body fails the next line
		if err := json.Unmarshal(b, &m); err != nil || r.URL.Path != "/" || r.Header.Get("Authorization") != "Bearer tk" {
			t.Errorf("%s %s %q: %v", r.Method, r.URL, b, err)
		}
		got <- m
	}))
	defer peer.Close()
	err := notify.NewNtfy(loopback, "tk").Send(t.Context(), account.Way{Kind: account.WayNtfy, Address: peer.URL + "/ops-ann"}, note)
	if err != nil {
		t.Fatal(err)
	}
	m := <-got
	if m["topic"] != "ops-ann" || m["priority"] != 5.0 || m["title"] != note.Title {
		t.Errorf("published %v", m)
	}
	action := m["actions"].([]any)[0].(map[string]any)
	if action["method"] != "POST" || strings.Contains(action["url"].(string), "s3cret") || action["body"] != note.AckBody {
		t.Errorf("action %v", action)
	}
}

// An address that is not public, or no topic, is refused in words, and nothing is sent.
func TestNtfyRefuses(t *testing.T) {
	peer := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a refused address was called") }))
	defer peer.Close()
	for address, want := range map[string]string{
		peer.URL + "/topic": "cannot be reached", peer.URL: "topic", "file:///etc/passwd": "whole URL", "https://ntfy.sh/a/b": "topic", "nonsense": "whole URL",
		"http://[::ffff:127.0.0.1]:1/x": "cannot be reached", "http://169.254.169.254/latest": "cannot be reached",
	} {
		err := notify.NewNtfy(nil, "").Send(t.Context(), account.Way{Kind: account.WayNtfy, Address: address}, note)
		if err == nil || !strings.Contains(fault.Words(err), want) {
			t.Errorf("%s: %v, want words with %q", address, err, want)
		}
	}
}

// An ntfy server that answers with an error is named with its answer.
func TestNtfyAnswer(t *testing.T) {
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }))
	defer peer.Close()
	err := notify.NewNtfy(loopback, "").Send(t.Context(), account.Way{Kind: account.WayNtfy, Address: peer.URL + "/x"}, note)
	if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Words(err), "429") {
		t.Errorf("got %v, want an unavailable error with 429", err)
	}
}

// mailbox is a real SMTP server that keeps what it is handed.
type mailbox struct{ mails chan string }

func (m *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &delivery{box: m}, nil }

type delivery struct {
	box *mailbox
	to  string
}

func (d *delivery) Reset()                                    {}
func (d *delivery) Logout() error                             { return nil }
func (d *delivery) Mail(string, *smtp.MailOptions) error      { return nil }
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error { d.to = to; return nil }
func (d *delivery) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	d.box.mails <- "to " + d.to + "\n" + string(b)
	return err
}

func post(t *testing.T) (*mailbox, int) {
	t.Helper()
	box := &mailbox{mails: make(chan string, 4)}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(box)
	server.Domain = "localhost"
	go server.Serve(ln)
	t.Cleanup(func() { server.Close() })
	return box, ln.Addr().(*net.TCPAddr).Port
}

// A mail names the incident and carries a link to a page that acknowledges; it never goes out unencrypted unless that was asked for.
func TestMail(t *testing.T) {
	box, port := post(t)
	plain, err := notify.NewMail(notify.MailOptions{Host: "127.0.0.1", Port: port, From: "watchroom@example.org", TLS: "none"})
	if err != nil {
		t.Fatal(err)
	}
	to := account.Way{Kind: account.WayMail, Address: "ann@example.org"}
	if err := plain.Send(t.Context(), to, note); err != nil {
		t.Fatal(err)
	}
	mail := <-box.mails
	for _, want := range []string{"to ann@example.org", "#142 checkout is down", note.AckLink, note.Link, "Auto-Submitted: auto-generated"} {
		if !strings.Contains(mail, want) {
			t.Errorf("the mail lacks %q:\n%s", want, mail)
		}
	}
	safe, err := notify.NewMail(notify.MailOptions{Host: "127.0.0.1", Port: port, From: "watchroom@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	if err := safe.Send(t.Context(), to, note); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a server without STARTTLS got the mail: %v", err)
	}
}

// A line break in an address cannot add headers, and options that cannot work are refused.
func TestMailRefuses(t *testing.T) {
	_, port := post(t)
	m, err := notify.NewMail(notify.MailOptions{Host: "127.0.0.1", Port: port, From: "a@example.org", TLS: "none"})
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"", "ann", "ann@example.org\r\nBcc: eve@example.org"} {
		if err := m.Send(context.Background(), account.Way{Address: address}, note); fault.KindOf(err) != fault.Invalid {
			t.Errorf("address %q: %v, want it refused", address, err)
		}
	}
	for _, o := range []notify.MailOptions{{}, {Host: "x"}, {Host: "x", From: "a@b", TLS: "maybe"}} {
		if _, err := notify.NewMail(o); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v, want it refused", o, err)
		}
	}
}
