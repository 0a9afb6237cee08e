package server

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"watchroom/bots/checks"
	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/notify"
	"watchroom/store"
)

// Options are all that a server is told. The zero value of a field that is not explained is what its comment says.
type Options struct {
	Listen        string   // host:port; port 0 takes a free one
	PublicURL     string   // what people type, without a path
	Data          string   // directory; "": everything in memory
	KV            store.KV // where records go; nil: a file in Data, or memory
	Operator      string   // directory of the operator's unix socket; "": Data
	InsecureHTTP  bool     // serve plain HTTP on a network address
	Trusted       []string
	DevOrigin     string
	TLS           TLS
	Mail          *notify.MailOptions // nil: no mail
	NtfyToken     string
	OutboundAllow []netip.Prefix // networks besides the public ones that people's ntfy addresses may point to
	Checks        []checks.Check // as checks.Validate returned them
	AckLapse      time.Duration  // 0: 30 minutes
	Version       string
	Log           *slog.Logger
	Now           func() time.Time // nil: the real clock
	Passwords     *account.Argon   // nil: 64 MiB, three passes
	SocketRate    float64          // frames a second that one socket may send; 0: 30
}

// TLS says how the server itself speaks HTTPS. The zero value: it does not.
type TLS struct {
	Cert, Key string   // PEM files
	Auto      []string // names for which certificates are fetched
	Email     string
	CA        string // ACME directory; "": Let's Encrypt
}

func (t TLS) on() bool { return t.Cert != "" || len(t.Auto) > 0 }

// Validate says what cannot work, with a way that does.
func (o Options) Validate() error {
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return fault.Field("listen", "%q must be host:port, such as 127.0.0.1:8080 or :8080", o.Listen)
	}
	if (o.TLS.Cert == "") != (o.TLS.Key == "") {
		return fault.Field("tls", "cert and key go together")
	}
	if o.TLS.Cert != "" && len(o.TLS.Auto) > 0 {
		return fault.Field("tls", "cert and auto exclude each other")
	}
	public, err := url.Parse(o.PublicURL)
	if err != nil || public.Host == "" {
		return fault.Field("public_url", "%q must be an address such as https://watchroom.example.org", o.PublicURL)
	}
	// Listening everywhere is fine behind a container's port that is published on this machine's loopback only.
	local := isLoopback(host) || isLoopback(public.Hostname())
	if local || public.Scheme == "https" || o.TLS.on() || o.InsecureHTTP {
		return nil
	}
	return fault.New(fault.Invalid, plainHTTP, o.Listen, or(public.Hostname(), "watchroom.example.org"), strings.TrimPrefix(o.Listen, host))
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

const plainHTTP = `%s is a network address, and over plain HTTP browsers take away locks, service workers, notifications and secure cookies: no page could ring.
Choose one in watchroom.yaml:

  # 1. certificates by itself (the name must point here, port 443 open)
  listen: ":443"
  tls: { auto: [%[2]s], email: ops@example.org }

  # 2. your own certificate
  public_url: https://%[2]s
  tls: { cert: /etc/watchroom/tls.crt, key: /etc/watchroom/tls.key }

  # 3. a proxy that speaks HTTPS and passes on to this server
  listen: 127.0.0.1%[3]s
  public_url: https://%[2]s

  # 4. plain HTTP all the same: chat works, alarms do not
  insecure_http: true`

// missing says what browsers will lack, for the log, where plain HTTP was asked for.
func (o Options) missing() string {
	if o.InsecureHTTP && !strings.HasPrefix(o.PublicURL, "https://") {
		return fmt.Sprintf("insecure_http: pages from %s have no service worker, no notifications, no locks and no secure cookies unless they come from this machine", o.PublicURL)
	}
	return ""
}
