package server_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"watchroom/bots/checks"
	"watchroom/server"
)

// site under watch: what the checks look at, and whether it is broken.
type patient struct {
	broken atomic.Bool
	http   *httptest.Server
	tcp    net.Listener
	dns    net.PacketConn
	tls    net.Listener
}

// authority signs certificates that this process trusts.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key, pem: filepath.Join(t.TempDir(), "ca.pem")}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(a.pem, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

// sign is a certificate for 127.0.0.1 that is valid for this long.
func (a *authority) sign(t *testing.T, valid time.Duration) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "127.0.0.1"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(valid), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// newPatient starts an HTTP, a TCP, a DNS and a TLS server that can break.
func newPatient(t *testing.T) *patient {
	t.Helper()
	p := &patient{}
	p.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if p.broken.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprint(w, "all is well")
	}))
	t.Cleanup(p.http.Close)
	ca := newAuthority(t)
	t.Setenv("SSL_CERT_FILE", ca.pem)
	long, short := ca.sign(t, 90*24*time.Hour), ca.sign(t, 24*time.Hour)
	var err error
	p.tls, err = tls.Listen("tcp", "127.0.0.1:0", &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		if p.broken.Load() {
			return short, nil
		}
		return long, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if p.tcp, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if p.dns, err = net.ListenPacket("udp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	for _, ln := range []net.Listener{p.tls, p.tcp} {
		go serveHello(ln)
	}
	go p.serveDNS()
	t.Cleanup(func() { p.tls.Close(); p.tcp.Close(); p.dns.Close() })
	return p
}

// serveHello accepts, shakes hands and hangs up, until the listener is closed.
func serveHello(ln net.Listener) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		if s, ok := c.(*tls.Conn); ok {
			_ = s.Handshake() // the check judges it
		}
		c.Close()
	}
}

// serveDNS answers every question with one address, another one while broken.
func (p *patient) serveDNS() {
	buf := make([]byte, 1500)
	for {
		n, from, err := p.dns.ReadFrom(buf)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
			continue
		}
		q := m.Questions[0]
		m.Response, m.Additionals = true, nil
		if q.Type == dnsmessage.TypeA {
			ip := [4]byte{192, 0, 2, 10}
			if p.broken.Load() {
				ip[3] = 66
			}
			m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}, Body: &dnsmessage.AResource{A: ip}}}
		}
		if out, err := m.Pack(); err == nil {
			_, _ = p.dns.WriteTo(out, from)
		}
	}
}

// watched are checks of the patient that run ten times a second. Two of them need the first.
func (p *patient) watched(t *testing.T) []checks.Check {
	t.Helper()
	list, err := checks.Validate([]checks.Check{
		{Name: "web", Tags: []string{"shop"}, HTTP: &checks.HTTP{URL: p.http.URL, Contains: "well"}, Alert: checks.Alert{Severity: "critical", Runbook: "https://runbooks.example/web"}},
		{Name: "port", HTTP: nil, TCP: &checks.TCP{Addr: p.tcp.Addr().String()}, Needs: []string{"web"}, Alert: checks.Alert{Severity: "critical"}},
		{Name: "name", DNS: &checks.DNS{Name: "www.example.test", Server: p.dns.LocalAddr().String(), AnyOf: []string{"192.0.2.10"}}},
		{Name: "cert", Tags: []string{"shop"}, TLS: &checks.TLS{Addr: p.tls.Addr().String()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		list[i].Every = checks.Span(100 * time.Millisecond)
	}
	list[1].FailAfter = 30 // so that what it needs is known to be down before
	return list
}

func (s *site) states() map[string]string {
	s.t.Helper()
	var list []struct{ Name, State, Message string }
	s.owner.call("GET", "/checks", nil).into(&list)
	states := map[string]string{}
	for _, c := range list {
		states[c.Name] = c.State
	}
	return states
}

type incidentLine struct {
	ID                     uint64
	Title, Severity, State string
}

func (s *site) incidents() (list []incidentLine) {
	s.t.Helper()
	s.owner.call("GET", "/incidents", nil).into(&list)
	return list
}

// What fails raises an incident like any other sender, and what recovers resolves it. What needs something that is down
// pages nobody, until that is up and it is not.
func TestChecks(t *testing.T) {
	p := newPatient(t)
	s := start(t, func(o *server.Options) { o.Checks = p.watched(t) })
	ops := s.owner.room("ops")
	all := func(state string) func() bool {
		return func() bool {
			for _, got := range s.states() {
				if got != state {
					return false
				}
			}
			return true
		}
	}
	eventually(t, "every check is up", all("up"))
	if got := s.owner.run(ops, "/status"); !strings.HasPrefix(got, "4 of 4 up.") {
		t.Errorf("/status says %q", got)
	}
	if n := len(s.incidents()); n != 0 {
		t.Errorf("%d incidents while all is well", n)
	}
	p.broken.Store(true)
	p.tcp.Close()
	eventually(t, "every check is down", all("down"))
	eventually(t, "three incidents", func() bool { return len(s.incidents()) == 3 })
	severities := map[string]string{}
	for _, i := range s.incidents() {
		severities[strings.SplitN(i.Title, ":", 2)[0]] = i.Severity
	}
	if severities["web"] != "critical" || severities["name"] != "low" || severities["cert"] != "low" {
		t.Errorf("the incidents are %v: port needs web and must open none", severities)
	}
	if got := s.owner.run(ops, "/status shop"); !strings.HasPrefix(got, "2 of 2 DOWN.") || !strings.Contains(got, "500 Internal Server Error") || !strings.Contains(got, "valid for 0 more days") {
		t.Errorf("/status shop says %q", got)
	}
	p.broken.Store(false)
	eventually(t, "port is down although web is up, and raises", func() bool {
		list := s.incidents()
		return len(list) == 4 && strings.HasPrefix(list[0].Title, "port:") && list[0].Severity == "critical"
	})
	ln, err := net.Listen("tcp", p.tcp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go serveHello(ln)
	eventually(t, "every check is up again", all("up"))
	eventually(t, "every incident is resolved", func() bool {
		for _, i := range s.incidents() {
			if i.State != "resolved" {
				return false
			}
		}
		return true
	})
}
