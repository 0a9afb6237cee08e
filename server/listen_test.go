package server_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watchroom/server"
	"watchroom/server/fault"
)

// With a certificate from files the server speaks HTTPS alone, and its cookies are bound to it.
func TestTLSFromFiles(t *testing.T) {
	ca := newAuthority(t)
	cert := ca.sign(t, time.Hour)
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := server.TLS{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	for path, block := range map[string]*pem.Block{files.Cert: {Type: "CERTIFICATE", Bytes: cert.Certificate[0]}, files.Key: {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := launch(t, func(o *server.Options) {
		o.TLS = files
		o.PublicURL = "https://" + o.Listen
	})
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	var link struct{ URL string }
	s.operator("POST", "/owner-link", nil).into(&link)
	s.base = s.o.PublicURL
	a := &agent{site: s, handle: "ann", http: client(t)}
	s.tls = &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"}
	tr := &http.Transport{TLSClientConfig: s.tls.Clone()}
	t.Cleanup(tr.CloseIdleConnections)
	a.http.Transport = tr
	if !strings.HasPrefix(link.URL, "https://") {
		t.Errorf("the link is %s", link.URL)
	}
	got := a.call("POST", "/claim", object{"secret": link.URL[strings.LastIndexByte(link.URL, '/')+1:], "handle": "ann", "name": "Ann", "password": password}).ok()
	cookies := strings.Join(got.header["Set-Cookie"], "\n")
	for _, want := range []string{"__Host-wr_access=", "__Secure-wr_refresh=", "; secure", "; HttpOnly", "SameSite=Strict", "SameSite=Lax"} {
		if !strings.Contains(cookies, want) {
			t.Errorf("the cookies lack %q:\n%s", want, cookies)
		}
	}
	if got.header.Get("Strict-Transport-Security") == "" {
		t.Error("browsers are not told to stay with HTTPS")
	}
	a.send("GET", "/api/v1/me", http.Header{}, nil).ok()
	a.send("POST", "/api/v1/session/refresh", http.Header{"Origin": {s.o.PublicURL}}, nil).ok()
	cookie := ""
	for _, c := range got.header["Set-Cookie"] {
		if strings.HasPrefix(c, "__Host-wr_access=") {
			cookie, _, _ = strings.Cut(c, ";")
		}
	}
	k, status := handshake(s, http.Header{"Origin": {s.o.PublicURL}, "Cookie": {cookie}})
	if status != 101 {
		t.Fatalf("the socket's handshake was answered with %d", status)
	}
	if hello := k.hello(0, ""); hello.Snapshot == nil {
		t.Error("the socket gave no snapshot")
	}
	if _, status := handshake(s, http.Header{"Origin": {"http://" + s.o.Listen}, "Cookie": {cookie}}); status != 403 {
		t.Errorf("a page that came over plain HTTP was answered with %d", status)
	}
	plain := dial(t, s)
	plain.Write([]byte("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"))
	if status := plain.status(); status == 200 {
		t.Error("plain HTTP is answered on the HTTPS port")
	}
	old := tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS11}
	if c, err := tls.Dial("tcp", s.o.Listen, &old); err == nil {
		c.Close()
		t.Error("TLS 1.1 is spoken")
	}
	// Half a handshake keeps nobody waiting.
	half := dial(t, s)
	half.Write([]byte{0x16, 3, 1})
	a.send("GET", "/healthz", http.Header{}, nil).ok()
}

// What cannot work is refused before anything is opened, with something that works to paste.
func TestOptionsRefuse(t *testing.T) {
	for _, c := range []struct {
		about string
		o     server.Options
		words []string
	}{
		{"plain HTTP for a network", server.Options{Listen: "0.0.0.0:8080", PublicURL: "http://watch.example.org:8080"},
			[]string{"tls: { auto: [watch.example.org]", "listen: 127.0.0.1:8080", "public_url: https://watch.example.org", "insecure_http: true"}},
		{"plain HTTP for a network by its address", server.Options{Listen: ":80", PublicURL: "http://192.0.2.1"}, []string{"tls:"}},
		{"no port", server.Options{Listen: "localhost", PublicURL: "http://localhost"}, []string{"host:port"}},
		{"no address", server.Options{Listen: ":1", PublicURL: "watch.example.org"}, []string{"https://"}},
		{"a certificate without its key", server.Options{Listen: ":1", PublicURL: "https://x", TLS: server.TLS{Cert: "x"}}, []string{"go together"}},
		{"two kinds of certificate", server.Options{Listen: ":1", PublicURL: "https://x", TLS: server.TLS{Cert: "x", Key: "y", Auto: []string{"x"}}}, []string{"exclude"}},
	} {
		_, err := server.New(t.Context(), c.o)
		for _, w := range c.words {
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Words(err), w) {
				t.Errorf("%s: %v, want words with %q", c.about, err, w)
			}
		}
	}
	for _, o := range []server.Options{
		{Listen: "127.0.0.1:1", PublicURL: "http://127.0.0.1:1"}, {Listen: "[::1]:1", PublicURL: "http://[::1]:1"}, {Listen: ":1", PublicURL: "https://x"},
		{Listen: "127.0.0.1:1", PublicURL: "https://x"}, {Listen: ":1", PublicURL: "http://x", InsecureHTTP: true}, {Listen: "0.0.0.0:1", PublicURL: "http://localhost:1"},
	} {
		if err := o.Validate(); err != nil {
			t.Errorf("%s for %s is refused: %v", o.Listen, o.PublicURL, err)
		}
	}
	if _, err := server.New(t.Context(), server.Options{Listen: "127.0.0.1:0", PublicURL: "https://x", TLS: server.TLS{Cert: "/nothing", Key: "/nothing"}}); err == nil {
		t.Error("a certificate that is not there is accepted")
	}
}

// The operator's socket is for its own user alone, a second server on the same data is refused, and what a dead one left is replaced.
func TestOperatorSocket(t *testing.T) {
	s := launch(t)
	path := filepath.Join(s.o.Operator, "watchroom.sock")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket is %v, %v", info, err)
	}
	s.operator("GET", "/people", nil).ok()
	second := s.o
	second.Listen = freeAddr(t)
	if _, err := server.New(t.Context(), second); err == nil || !strings.Contains(err.Error(), "another server") {
		t.Errorf("a second server: %v", err)
	}
	s.operator("GET", "/people", nil).ok() // the first one goes on
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	left, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	left.Close()
	s.run()
	s.operator("GET", "/people", nil).ok()
}

// An authority that cannot be reached keeps nothing from starting or stopping, and the log says what is wrong.
func TestAuthorityIsAway(t *testing.T) {
	s := launch(t, func(o *server.Options) {
		o.Data = t.TempDir()
		o.PublicURL = "https://watch.example.org"
		o.TLS = server.TLS{Auto: []string{"watch.example.org"}, CA: "https://" + freeAddr(t) + "/directory"}
	})
	s.operator("GET", "/people", nil).ok()
	eventually(t, "the log tells of it", func() bool { return strings.Contains(s.log.String(), "certificate not fetched") })
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}
