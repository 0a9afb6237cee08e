//go:build e2e

package e2e

import (
	"bytes"
	"io"
	"net"
	"net/mail"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// Mail is one message as it arrived.
type Mail struct {
	From    string
	To      []string
	Subject string
	Body    string // as sent: parts and encodings are the reader's to undo
	At      time.Time
}

// Mailbox is a local mail server that accepts everything and keeps it.
type Mailbox struct {
	Host string
	Port int

	t    testing.TB
	mu   sync.Mutex
	kept []Mail
}

// Mailbox starts a mail server on a free port.
func (st *Stage) Mailbox() *Mailbox {
	st.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		st.t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	m := &Mailbox{Host: address.IP.String(), Port: address.Port, t: st.t}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &mailSession{box: m}, nil }))
	server.Domain, server.AllowInsecureAuth, server.ReadTimeout = "localhost", true, time.Minute
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) }) // it ends by being closed
	st.t.Cleanup(func() {
		_ = server.Close() // nothing is left to save
		serving.Wait()
	})
	return m
}

// Mails are those that arrived so far.
func (m *Mailbox) Mails() []Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.kept)
}

// Wait returns the first mail, after the given number of earlier ones, that is what one waits for.
func (m *Mailbox) Wait(skip int, within time.Duration, ok func(Mail) bool) Mail {
	m.t.Helper()
	var found Mail
	seen := Eventually(within, func() bool {
		all := m.Mails()
		i := slices.IndexFunc(all[min(skip, len(all)):], ok)
		if i >= 0 {
			found = all[skip+i]
		}
		return i >= 0
	})
	if !seen {
		m.t.Fatalf("no such mail within %v; there are: %+v", within, m.Mails())
	}
	return found
}

// mailSession is one connection.
type mailSession struct {
	box  *Mailbox
	mail Mail
}

// Mail begins a message.
func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	s.mail = Mail{From: from}
	return nil
}

// Rcpt adds somebody whom it is for.
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.To = append(s.mail.To, to)
	return nil
}

// Data takes the message itself and keeps it.
func (s *mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	body, err := io.ReadAll(message.Body)
	if err != nil {
		return err
	}
	s.mail.Subject, s.mail.Body, s.mail.At = message.Header.Get("Subject"), string(body), time.Now()
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.kept = append(s.box.kept, s.mail)
	return nil
}

// Reset forgets a message that was begun.
func (s *mailSession) Reset() { s.mail = Mail{} }

// Logout ends the connection.
func (s *mailSession) Logout() error { return nil }
