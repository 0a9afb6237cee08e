package checks

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"watchroom/server/alert"
	"watchroom/server/fault"
)

// Span is a duration as one writes it in a file: 30s, 5m, 504h.
type Span time.Duration

// UnmarshalText reads a Go duration.
func (s *Span) UnmarshalText(b []byte) error {
	d, err := time.ParseDuration(string(b))
	if err != nil {
		return fault.New(fault.Invalid, "%q is not a duration such as 30s or 5m", b)
	}
	*s = Span(d)
	return nil
}

// Duration is s as Go's own type.
func (s Span) Duration() time.Duration { return time.Duration(s) }

// Check is one thing that is watched. Exactly one of HTTP, TCP, DNS and TLS is set.
type Check struct {
	Name         string   `yaml:"name"`
	Tags         []string `yaml:"tags"`
	HTTP         *HTTP    `yaml:"http"`
	TCP          *TCP     `yaml:"tcp"`
	DNS          *DNS     `yaml:"dns"`
	TLS          *TLS     `yaml:"tls"`
	Every        Span     `yaml:"every"`         // 1s or more; 30s when left out
	Timeout      Span     `yaml:"timeout"`       // 5s when left out
	FailAfter    int      `yaml:"fail_after"`    // failures in a row before it is down; 2 when left out
	RecoverAfter int      `yaml:"recover_after"` // successes in a row before it is up again; 1 when left out
	Needs        []string `yaml:"needs"`         // checks without which this one cannot work: while one is down, this one pages nobody
	Alert        Alert    `yaml:"alert"`
}

// Alert says what a failing check raises.
type Alert struct {
	Severity alert.Severity    `yaml:"severity"` // critical, low or info; low when left out
	Room     string            `yaml:"room"`     // with or without #; the integration's default when left out
	Runbook  string            `yaml:"runbook"`
	Labels   map[string]string `yaml:"labels"` // for routing rules, such as team=db
}

// HTTP asks for a page.
type HTTP struct {
	URL        string `yaml:"url"`
	Method     string `yaml:"method"`   // GET when left out
	Status     []int  `yaml:"status"`   // any 2xx when left out
	Contains   string `yaml:"contains"` // somewhere in the first 1 MiB
	MaxLatency Span   `yaml:"max_latency"`
}

// TCP opens a connection.
type TCP struct {
	Addr string `yaml:"addr"` // host:port
}

// DNS asks a name server.
type DNS struct {
	Name   string   `yaml:"name"`
	Type   string   `yaml:"type"`   // A, AAAA, CNAME, MX, NS or TXT; A when left out
	Server string   `yaml:"server"` // host:port; the system's when left out
	AnyOf  []string `yaml:"any_of"` // at least one of these is among the answers
}

// TLS looks at a certificate.
type TLS struct {
	Addr    string `yaml:"addr"`     // host:port
	MinLeft Span   `yaml:"min_left"` // how long it must still be valid; 336h when left out
}

// Validate fills in what was left out and returns the checks, or the first mistake in words.
func Validate(checks []Check) ([]Check, error) {
	out := slices.Clone(checks)
	names := map[string]bool{}
	for i := range out {
		c := &out[i]
		if c.Name == "" || names[c.Name] {
			return nil, fault.Field("checks", "number %d needs a name of its own", i+1)
		}
		names[c.Name] = true
		c.defaults()
		if err := c.validate(); err != nil {
			return nil, err
		}
	}
	for _, c := range out {
		for _, n := range c.Needs {
			if !names[n] || n == c.Name {
				return nil, fault.Field("checks."+c.Name+".needs", "there is no other check called %q", n)
			}
		}
	}
	return out, nil
}

func (c *Check) defaults() {
	if c.Every == 0 {
		c.Every = Span(30 * time.Second)
	}
	if c.Timeout == 0 {
		c.Timeout = Span(5 * time.Second)
	}
	if c.FailAfter == 0 {
		c.FailAfter = 2
	}
	if c.RecoverAfter == 0 {
		c.RecoverAfter = 1
	}
	if c.Alert.Severity == "" {
		c.Alert.Severity = alert.Low
	}
	c.Alert.Room = strings.TrimPrefix(c.Alert.Room, "#")
	if c.TLS != nil && c.TLS.MinLeft == 0 {
		c.TLS.MinLeft = Span(336 * time.Hour)
	}
	if c.DNS != nil && c.DNS.Type == "" {
		c.DNS.Type = "A"
	}
}

func (c *Check) validate() error {
	field := "checks." + c.Name
	kinds := 0
	for _, set := range []bool{c.HTTP != nil, c.TCP != nil, c.DNS != nil, c.TLS != nil} {
		if set {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		return fault.Field(field, "needs exactly one of http, tcp, dns and tls")
	case c.Every.Duration() < time.Second:
		return fault.Field(field+".every", "must be at least 1s")
	case c.Timeout.Duration() <= 0 || c.Timeout.Duration() > time.Minute:
		return fault.Field(field+".timeout", "must be at most 1m")
	case c.FailAfter < 1 || c.RecoverAfter < 1:
		return fault.Field(field, "fail_after and recover_after count from 1")
	case !slices.Contains([]alert.Severity{alert.Critical, alert.Low, alert.Info}, c.Alert.Severity):
		return fault.Field(field+".alert.severity", "must be critical, low or info")
	}
	return c.validateTarget(field)
}

func (c *Check) validateTarget(field string) error {
	switch {
	case c.HTTP != nil:
		u, err := url.Parse(c.HTTP.URL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return fault.Field(field+".http.url", "must be an http or https address")
		}
	case c.TCP != nil:
		return hostPort(field+".tcp.addr", c.TCP.Addr)
	case c.TLS != nil:
		return hostPort(field+".tls.addr", c.TLS.Addr)
	case c.DNS != nil:
		if c.DNS.Name == "" {
			return fault.Field(field+".dns.name", "is required")
		}
		if !slices.Contains([]string{"A", "AAAA", "CNAME", "MX", "NS", "TXT"}, c.DNS.Type) {
			return fault.Field(field+".dns.type", "must be A, AAAA, CNAME, MX, NS or TXT")
		}
		for _, a := range c.DNS.AnyOf {
			if _, err := netip.ParseAddr(a); err != nil && (c.DNS.Type == "A" || c.DNS.Type == "AAAA") {
				return fault.Field(field+".dns.any_of", "%q is not an address", a)
			}
		}
		if c.DNS.Server != "" {
			return hostPort(field+".dns.server", c.DNS.Server)
		}
	}
	return nil
}

func hostPort(field, s string) error {
	if host, port, err := net.SplitHostPort(s); err != nil || host == "" || port == "" {
		return fault.Field(field, "must be host:port")
	}
	return nil
}
