package server

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"
)

// listen opens the public listener, with TLS where that is asked for.
func listen(ctx context.Context, o Options) (net.Listener, error) {
	ln, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if !o.TLS.on() {
		return ln, nil
	}
	config, err := tlsConfig(ctx, o)
	if err != nil {
		ln.Close()
		return nil, err
	}
	return tls.NewListener(ln, config), nil
}

func tlsConfig(ctx context.Context, o Options) (*tls.Config, error) {
	if o.TLS.Cert != "" {
		cert, err := tls.LoadX509KeyPair(o.TLS.Cert, o.TLS.Key)
		if err != nil {
			return nil, fmt.Errorf("tls: %w", err)
		}
		return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}, nil
	}
	var magic *certmagic.Config
	cache := certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return magic, nil },
		Logger:           zap.NewNop(),
	})
	magic = certmagic.New(cache, certmagic.Config{Storage: &certmagic.FileStorage{Path: filepath.Join(or(o.Data, os.TempDir()), "acme")}, Logger: zap.NewNop()})
	issuer := certmagic.NewACMEIssuer(magic, certmagic.ACMEIssuer{
		CA: or(o.TLS.CA, certmagic.LetsEncryptProductionCA), Email: o.TLS.Email, Agreed: true, DisableHTTPChallenge: true, Logger: zap.NewNop(),
	})
	magic.Issuers = []certmagic.Issuer{issuer}
	if err := magic.ManageAsync(ctx, o.TLS.Auto); err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	config := magic.TLSConfig()
	config.MinVersion = tls.VersionTLS12
	config.NextProtos = []string{"http/1.1", "acme-tls/1"}
	return config, nil
}

// listenLocal opens the operator's unix socket, which only the server's own user may open. A path that is left over
// from a server that died is replaced; one that answers means that a server still runs.
func listenLocal(dir string) (net.Listener, error) {
	path := filepath.Join(dir, "watchroom.sock")
	if conn, err := net.Dial("unix", path); err == nil {
		conn.Close()
		return nil, fmt.Errorf("another server answers on %s", path)
	}
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	ln, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("operator's socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		ln.Close()
		return nil, err
	}
	return ln, nil
}
