package notify

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	gomail "github.com/wneessen/go-mail"

	"watchroom/server/account"
	"watchroom/server/fault"
)

// MailOptions say how to hand over mail.
type MailOptions struct {
	Host     string
	Port     int // 0: 587, or 465 with TLS "implicit"
	User     string
	Password string
	From     string
	TLS      string // "starttls" (required; the default), "implicit", or "none" for a relay on this host
}

// Mail hands pages over to one SMTP server.
type Mail struct {
	o MailOptions
}

// NewMail is a sender by o, or an error in words when o cannot work.
func NewMail(o MailOptions) (*Mail, error) {
	switch o.TLS {
	case "":
		o.TLS = "starttls"
	case "starttls", "implicit", "none":
	default:
		return nil, fault.Field("smtp.tls", "must be starttls, implicit or none")
	}
	if o.Host == "" || o.From == "" {
		return nil, fault.Field("smtp", "host and from are needed")
	}
	if o.Port == 0 {
		o.Port = map[string]int{"starttls": 587, "implicit": 465, "none": 25}[o.TLS]
	}
	return &Mail{o: o}, nil
}

func (m *Mail) client() (*gomail.Client, error) {
	opts := []gomail.Option{gomail.WithPort(m.o.Port), gomail.WithTimeout(10 * time.Second)}
	switch m.o.TLS {
	case "starttls":
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithTLSConfig(&tls.Config{ServerName: m.o.Host, MinVersion: tls.VersionTLS12}))
	case "implicit":
		opts = append(opts, gomail.WithSSL(), gomail.WithTLSConfig(&tls.Config{ServerName: m.o.Host, MinVersion: tls.VersionTLS12}))
	case "none":
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if m.o.User != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(m.o.User), gomail.WithPassword(m.o.Password))
	}
	return gomail.NewClient(m.o.Host, opts...)
}

// Send hands one mail over.
func (m *Mail) Send(ctx context.Context, to account.Way, n Note) error {
	msg := gomail.NewMsg()
	if err := msg.From(m.o.From); err != nil {
		return fault.Wrap(err, fault.Invalid, "smtp.from is not an address")
	}
	if err := msg.To(to.Address); err != nil {
		return fault.Wrap(err, fault.Invalid, "%q is not a mail address", to.Address)
	}
	msg.Subject(n.Title)
	msg.SetImportance(gomail.ImportanceUrgent)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	body := n.Text + "\n"
	if n.AckLink != "" {
		body += fmt.Sprintf("\nAcknowledge (opens a page with a button):\n%s\n", n.AckLink)
	}
	if n.Link != "" {
		body += fmt.Sprintf("\nOpen:\n%s\n", n.Link)
	}
	msg.SetBodyString(gomail.TypeTextPlain, body)
	client, err := m.client()
	if err != nil {
		return err
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return fault.Wrap(err, fault.Unavailable, "mail server %s did not take the mail", m.o.Host)
	}
	return nil
}
