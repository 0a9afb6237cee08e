package checks

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// probe runs the check once. The words say what was seen; the error, what was wrong.
func (c Check) probe(ctx context.Context) (words string, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout.Duration())
	defer cancel()
	switch {
	case c.HTTP != nil:
		return c.HTTP.probe(ctx)
	case c.TCP != nil:
		return c.TCP.probe(ctx)
	case c.DNS != nil:
		return c.DNS.probe(ctx)
	default:
		return c.TLS.probe(ctx)
	}
}

const pageLimit = 1 << 20

func (h *HTTP) probe(ctx context.Context) (string, error) {
	method := h.Method
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, h.URL, nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("User-Agent", "watchroom-check")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // each run proves the whole way
	begin := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("no answer: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, pageLimit))
	if err != nil {
		return "", fmt.Errorf("answer ended early: %w", err)
	}
	took := time.Since(begin).Round(time.Millisecond)
	fine := resp.StatusCode/100 == 2
	if len(h.Status) > 0 {
		fine = slices.Contains(h.Status, resp.StatusCode)
	}
	switch {
	case !fine:
		return "", fmt.Errorf("answered %s", resp.Status)
	case h.Contains != "" && !bytes.Contains(body, []byte(h.Contains)):
		return "", fmt.Errorf("answer does not contain %q", h.Contains)
	case h.MaxLatency > 0 && took > h.MaxLatency.Duration():
		return "", fmt.Errorf("took %s, more than %s", took, h.MaxLatency.Duration())
	}
	return fmt.Sprintf("%s in %s", resp.Status, took), nil
}

func (t *TCP) probe(ctx context.Context) (string, error) {
	var d net.Dialer
	begin := time.Now()
	conn, err := d.DialContext(ctx, "tcp", t.Addr)
	if err != nil {
		return "", fmt.Errorf("not open: %w", err)
	}
	conn.Close()
	return fmt.Sprintf("open in %s", time.Since(begin).Round(time.Millisecond)), nil
}

func (d *DNS) probe(ctx context.Context) (string, error) {
	r := net.DefaultResolver
	if d.Server != "" {
		r = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, network, d.Server)
		}}
	}
	answers, err := d.ask(ctx, r)
	if err != nil {
		return "", err
	}
	if len(answers) == 0 {
		return "", fmt.Errorf("no %s record", d.Type)
	}
	for _, want := range d.AnyOf {
		if slices.Contains(answers, strings.TrimSuffix(want, ".")) {
			return want, nil
		}
	}
	if len(d.AnyOf) > 0 {
		return "", fmt.Errorf("answers are %s", strings.Join(answers, ", "))
	}
	return strings.Join(answers, ", "), nil
}

func (d *DNS) ask(ctx context.Context, r *net.Resolver) ([]string, error) {
	var answers []string
	add := func(s string) { answers = append(answers, strings.TrimSuffix(s, ".")) }
	var err error
	switch d.Type {
	case "A", "AAAA":
		var ips []net.IP
		ips, err = r.LookupIP(ctx, map[string]string{"A": "ip4", "AAAA": "ip6"}[d.Type], d.Name)
		for _, ip := range ips {
			add(ip.String())
		}
	case "CNAME":
		var name string
		name, err = r.LookupCNAME(ctx, d.Name)
		add(name)
	case "MX":
		var list []*net.MX
		list, err = r.LookupMX(ctx, d.Name)
		for _, mx := range list {
			add(mx.Host)
		}
	case "NS":
		var list []*net.NS
		list, err = r.LookupNS(ctx, d.Name)
		for _, ns := range list {
			add(ns.Host)
		}
	case "TXT":
		answers, err = r.LookupTXT(ctx, d.Name)
	}
	return answers, err
}

func (t *TLS) probe(ctx context.Context) (string, error) {
	conn, err := (&tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS12}}).DialContext(ctx, "tcp", t.Addr)
	if err != nil {
		return "", fmt.Errorf("no valid certificate: %w", err)
	}
	defer conn.Close()
	certs := conn.(*tls.Conn).ConnectionState().PeerCertificates
	left := time.Until(certs[0].NotAfter)
	words := fmt.Sprintf("valid for %d more days", int(left.Hours()/24))
	if left < t.MinLeft.Duration() {
		return "", fmt.Errorf("only %s", words)
	}
	return words, nil
}
