package checks_test

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"watchroom/bots/checks"
)

func declare(text string) ([]checks.Check, error) {
	var file struct {
		Checks []checks.Check `yaml:"checks"`
	}
	if err := yaml.Load([]byte(text), &file, yaml.WithKnownFields()); err != nil {
		return nil, err
	}
	return checks.Validate(file.Checks)
}

// What is left out has the documented default, and every kind of check can be declared.
func TestDeclare(t *testing.T) {
	list, err := declare(`
checks:
- name: dns
  dns: { name: www.example.org, any_of: [192.0.2.10] }
- name: web
  http: { url: "https://www.example.org/healthz", status: [200, 204], contains: ok, max_latency: 800ms }
  every: 1m
  fail_after: 3
  needs: [dns]
  alert: { room: "#ops", severity: critical, runbook: "https://runbooks.example/web" }
- name: sql
  tcp: { addr: "db1.internal:3306" }
- name: cert
  tls: { addr: "www.example.org:443", min_left: 504h }
`)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := list[0].FailAfter, 2; got != want {
		t.Errorf("fail_after %d, want %d", got, want)
	}
	if got, want := list[0].DNS.Type, "A"; got != want {
		t.Errorf("dns type %q, want %q", got, want)
	}
	if got, want := list[1].Alert.Room, "ops"; got != want {
		t.Errorf("room %q, want %q", got, want)
	}
}

// A mistake is refused with the check's name and the field.
func TestDeclareRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`checks: [{ tcp: { addr: "a:1" } }]`:                                             "name of its own",
		`checks: [{ name: a, tcp: { addr: "a:1" } }, { name: a, tcp: { addr: "a:1" } }]`: "name of its own",
		`checks: [{ name: a }]`:                                                          "exactly one",
		`checks: [{ name: a, tcp: { addr: "a:1" }, tls: { addr: "a:1" } }]`:              "exactly one",
		`checks: [{ name: a, tcp: { addr: "nowhere" } }]`:                                "host:port",
		`checks: [{ name: a, http: { url: "ftp://x" } }]`:                                "http or https",
		`checks: [{ name: a, dns: { name: x, type: PTR } }]`:                             "dns.type",
		`checks: [{ name: a, tcp: { addr: "a:1" }, every: 10ms }]`:                       "every",
		`checks: [{ name: a, tcp: { addr: "a:1" }, timeout: 2m }]`:                       "timeout",
		`checks: [{ name: a, tcp: { addr: "a:1" }, needs: [b] }]`:                        "no other check",
		`checks: [{ name: a, tcp: { addr: "a:1" }, alert: { severity: fatal } }]`:        "severity",
		`checks: [{ name: a, tcp: { addr: "a:1" }, timeot: 2m }]`:                        "timeot",
		`checks: [{ name: a, tcp: { addr: "a:1" }, every: soon }]`:                       "soon",
		`checks: [{ name: a, dns: { name: x, any_of: [nonsense] } }]`:                    "not an address",
	} {
		if _, err := declare(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("declare(%s): %v, want an error with %q", text, err, want)
		}
	}
}

// Whatever a file holds, reading it ends in checks or an error.
func FuzzDeclare(f *testing.F) {
	f.Add(`checks: [{ name: a, tcp: { addr: "a:1" }, every: 30s }]`)
	f.Add(`checks: [{ name: a, dns: { name: x, type: MX } }]`)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := declare(text)
		if err != nil {
			return
		}
		for _, c := range list {
			if c.Every.Duration() < 1 || c.Timeout.Duration() < 1 || c.FailAfter < 1 || c.RecoverAfter < 1 {
				t.Errorf("accepted %+v", c)
			}
		}
	})
}
