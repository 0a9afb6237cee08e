package main

import (
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"watchroom/bots/checks"
	"watchroom/server"
	"watchroom/server/notify"
)

// Config is watchroom.yaml. Environment variables override the file, flags override both.
type Config struct {
	Listen         string   `yaml:"listen"`          // WATCHROOM_LISTEN; 127.0.0.1:8080
	PublicURL      string   `yaml:"public_url"`      // WATCHROOM_PUBLIC_URL; http:// and listen
	Data           string   `yaml:"data"`            // WATCHROOM_DATA; ./data
	InsecureHTTP   bool     `yaml:"insecure_http"`   // WATCHROOM_INSECURE_HTTP; serve plain HTTP on a network address although pages then cannot ring
	TrustedProxies []string `yaml:"trusted_proxies"` // whose X-Forwarded-For is believed
	DevOrigin      string   `yaml:"-"`               // WATCHROOM_DEV_ORIGIN; the client's live-reload server
	SocketRate     float64  `yaml:"-"`               // WATCHROOM_SOCKET_RATE; frames a second that one socket may send, for the bench
	TLS            struct {
		Cert  string   `yaml:"cert"`  // PEM files
		Key   string   `yaml:"key"`   //
		Auto  []string `yaml:"auto"`  // names for which certificates are fetched by ACME
		Email string   `yaml:"email"` // for the certificate authority
		CA    string   `yaml:"ca"`    // the ACME directory; Let's Encrypt when left out
	} `yaml:"tls"`
	Log struct {
		Level  string `yaml:"level"`  // WATCHROOM_LOG_LEVEL; debug, info, warn, error
		Format string `yaml:"format"` // text or json
	} `yaml:"log"`
	SMTP struct {
		Host         string `yaml:"host"`
		Port         int    `yaml:"port"`
		User         string `yaml:"user"`
		PasswordFile string `yaml:"password_file"` // or WATCHROOM_SMTP_PASSWORD
		From         string `yaml:"from"`
		TLS          string `yaml:"tls"` // starttls, implicit, none
	} `yaml:"smtp"`
	Ntfy struct {
		TokenFile string `yaml:"token_file"` // or WATCHROOM_NTFY_TOKEN
	} `yaml:"ntfy"`
	Outbound struct {
		Allow []string `yaml:"allow"` // networks, such as 10.0.0.0/8, that people's ntfy addresses may point to
	} `yaml:"outbound"`
	Paging struct {
		AckLapse checks.Span `yaml:"ack_lapse"` // 30m
	} `yaml:"paging"`
	Checks []checks.Check `yaml:"checks"`
}

// readConfig reads the file at path, or the defaults when path is "" and ./watchroom.yaml is not there.
func readConfig(path string) (Config, error) {
	var c Config
	body, err := os.ReadFile(or(path, "watchroom.yaml"))
	switch {
	case os.IsNotExist(err) && path == "":
	case err != nil:
		return c, err
	default:
		if err := yaml.Load(body, &c, yaml.WithKnownFields()); err != nil && !empty(body) {
			return c, fmt.Errorf("%s: %w", or(path, "watchroom.yaml"), err)
		}
	}
	for name, to := range map[string]*string{
		"WATCHROOM_LISTEN": &c.Listen, "WATCHROOM_PUBLIC_URL": &c.PublicURL, "WATCHROOM_DATA": &c.Data,
		"WATCHROOM_LOG_LEVEL": &c.Log.Level, "WATCHROOM_DEV_ORIGIN": &c.DevOrigin,
	} {
		*to = or(os.Getenv(name), *to)
	}
	if v := os.Getenv("WATCHROOM_INSECURE_HTTP"); v != "" {
		if c.InsecureHTTP, err = strconv.ParseBool(v); err != nil {
			return c, fmt.Errorf("WATCHROOM_INSECURE_HTTP must be true or false, not %q", v)
		}
	}
	if v := os.Getenv("WATCHROOM_SOCKET_RATE"); v != "" {
		if c.SocketRate, err = strconv.ParseFloat(v, 64); err != nil || c.SocketRate < 1 {
			return c, fmt.Errorf("WATCHROOM_SOCKET_RATE must be a number from 1, not %q", v)
		}
	}
	return c, nil
}

// empty tells whether a file says nothing: all of it is blank or comment.
func empty(body []byte) bool {
	for line := range strings.Lines(string(body)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' && line != "---" {
			return false
		}
	}
	return true
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// finish fills in what was left out.
func (c *Config) finish() {
	c.Listen = or(c.Listen, "127.0.0.1:8080")
	c.Data = or(c.Data, "data")
	if c.PublicURL == "" {
		c.PublicURL = "http://" + c.Listen
		if len(c.TLS.Auto) > 0 {
			c.PublicURL = "https://" + c.TLS.Auto[0]
		}
	}
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
}

// options checks c and turns it into what the server takes. The first mistake is returned in words.
func (c Config) options() (server.Options, error) {
	o := server.Options{
		Listen: c.Listen, PublicURL: c.PublicURL, Data: c.Data, InsecureHTTP: c.InsecureHTTP, Trusted: c.TrustedProxies,
		DevOrigin: c.DevOrigin, SocketRate: c.SocketRate, AckLapse: c.Paging.AckLapse.Duration(), Version: version(),
		TLS: server.TLS{Cert: c.TLS.Cert, Key: c.TLS.Key, Auto: c.TLS.Auto, Email: c.TLS.Email, CA: c.TLS.CA},
	}
	public, err := url.Parse(c.PublicURL)
	if err != nil || public.Host == "" || (public.Scheme != "http" && public.Scheme != "https") || public.Path != "" {
		return o, fmt.Errorf("public_url: %q must be http:// or https:// and a host, without a path", c.PublicURL)
	}
	if o.AckLapse != 0 && o.AckLapse < time.Minute {
		return o, fmt.Errorf("paging.ack_lapse: must be at least 1m")
	}
	for _, n := range c.Outbound.Allow {
		p, err := netip.ParsePrefix(n)
		if err != nil {
			return o, fmt.Errorf("outbound.allow: %q is not a network such as 10.0.0.0/8", n)
		}
		o.OutboundAllow = append(o.OutboundAllow, p)
	}
	if o.Checks, err = checks.Validate(c.Checks); err != nil {
		return o, err
	}
	if o.NtfyToken, err = secret(c.Ntfy.TokenFile, "WATCHROOM_NTFY_TOKEN"); err != nil {
		return o, err
	}
	if c.SMTP.Host != "" {
		password, err := secret(c.SMTP.PasswordFile, "WATCHROOM_SMTP_PASSWORD")
		if err != nil {
			return o, err
		}
		o.Mail = &notify.MailOptions{Host: c.SMTP.Host, Port: c.SMTP.Port, User: c.SMTP.User, Password: password, From: c.SMTP.From, TLS: c.SMTP.TLS}
		if _, err := notify.NewMail(*o.Mail); err != nil {
			return o, err
		}
	}
	o.Log, err = logger(c.Log.Level, c.Log.Format)
	return o, err
}

// secret reads a secret from a file, else from the environment; neither is no secret.
func secret(file, env string) (string, error) {
	if file == "" {
		return os.Getenv(env), nil
	}
	b, err := os.ReadFile(file)
	return strings.TrimSpace(string(b)), err
}

// socketPath is where the running server listens for its operator.
func (c Config) socketPath() string { return filepath.Join(c.Data, "watchroom.sock") }
