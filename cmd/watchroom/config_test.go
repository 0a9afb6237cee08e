package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// configured reads text as watchroom.yaml and turns it into what the server takes.
func configured(t *testing.T, text string) (Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "watchroom.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := readConfig(path)
	if err != nil {
		return c, err
	}
	c.finish()
	o, err := c.options()
	if err != nil {
		return c, err
	}
	return c, o.Validate()
}

// What is left out has its documented default, the environment overrides the file, and a mistake is named.
func TestConfig(t *testing.T) {
	c, err := configured(t, "")
	if err != nil || c.Listen != "127.0.0.1:8080" || c.PublicURL != "http://127.0.0.1:8080" || c.Data != "data" {
		t.Errorf("an empty file means %+v, %v", c, err)
	}
	for text, want := range map[string]string{
		"listn: 1":                                         "listn",
		"listen: [":                                        "watchroom.yaml",
		"listen: nowhere":                                  "host:port",
		"listen: 0.0.0.0:80":                               "insecure_http",
		"public_url: ftp://x":                              "public_url",
		"public_url: https://x/path":                       "without a path",
		"outbound: { allow: [ten] }":                       "not a network",
		"paging: { ack_lapse: 5s }":                        "at least 1m",
		"paging: { ack_lapse: soon }":                      "soon",
		"log: { level: loud }":                             "log.level",
		"log: { format: xml }":                             "log.format",
		"smtp: { host: x }":                                "from",
		"smtp: { host: x, password_file: /nothing/there }": "nothing",
		"tls: { cert: x }":                                 "go together",
		"checks: [{ name: a }]":                            "exactly one",
	} {
		if _, err := configured(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", text, err, want)
		}
	}
	t.Setenv("WATCHROOM_LISTEN", "127.0.0.1:1")
	if c, err := configured(t, "listen: 127.0.0.1:2"); err != nil || c.Listen != "127.0.0.1:1" {
		t.Errorf("the environment is overridden by the file: %+v, %v", c, err)
	}
	t.Setenv("WATCHROOM_INSECURE_HTTP", "maybe")
	if _, err := configured(t, ""); err == nil {
		t.Error("a switch that is neither on nor off is accepted")
	}
}

// Whatever the file holds, reading it ends in a configuration or an error.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{"listen: :80\npublic_url: https://x", "checks: [{ name: a, tcp: { addr: 'a:1' }, every: 30s }]", "tls: { auto: [x] }", "a: &a [*a]", "\x00", "smtp: { port: x }"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := configured(t, text)
		if err == nil && (c.Listen == "" || c.PublicURL == "") {
			t.Errorf("%q means %+v", text, c)
		}
	})
}
