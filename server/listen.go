package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"

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
	if o.TLS.Cert == "" {
		return automatic(ctx, ln, o)
	}
	cert, err := tls.LoadX509KeyPair(o.TLS.Cert, o.TLS.Key)
	if err != nil {
		ln.Close()
		return nil, fmt.Errorf("tls: %w", err)
	}
	return tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}), nil
}

// certified is a listener whose certificates are fetched and renewed until it is closed.
type certified struct {
	net.Listener
	stop func() // ends fetching and renewal; may be called again
}

// Close ends the renewal too.
func (c *certified) Close() error {
	c.stop()
	return c.Listener.Close()
}

// automatic speaks TLS on ln with certificates that an authority gives to whoever answers at the name.
func automatic(ctx context.Context, ln net.Listener, o Options) (net.Listener, error) {
	var magic *certmagic.Config
	cache := certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return magic, nil },
		Logger:           zap.NewNop(),
	})
	magic = certmagic.New(cache, certmagic.Config{
		Storage: &certmagic.FileStorage{Path: filepath.Join(or(o.Data, os.TempDir()), "acme")}, Logger: zap.NewNop(),
		OnEvent: func(_ context.Context, event string, data map[string]any) error {
			switch event {
			case "cert_obtained":
				o.Log.Info("certificate fetched", "name", data["identifier"])
			case "cert_failed":
				o.Log.Error("certificate not fetched; it is tried again", "name", data["identifier"], "error", data["error"])
			}
			return nil
		},
	})
	issuer := certmagic.NewACMEIssuer(magic, certmagic.ACMEIssuer{
		CA: or(o.TLS.CA, certmagic.LetsEncryptProductionCA), Email: o.TLS.Email, Agreed: true, DisableHTTPChallenge: true, Logger: zap.NewNop(),
	})
	magic.Issuers = []certmagic.Issuer{issuer}
	fetching, stop := context.WithCancel(context.WithoutCancel(ctx))
	c := &certified{stop: sync.OnceFunc(func() {
		stop()
		cache.Stop()
	})}
	if err := magic.ManageAsync(fetching, o.TLS.Auto); err != nil {
		c.Listener = ln
		return nil, errors.Join(fmt.Errorf("tls: %w", err), c.Close())
	}
	config := magic.TLSConfig()
	config.MinVersion = tls.VersionTLS12
	config.NextProtos = []string{"http/1.1", "acme-tls/1"}
	c.Listener = tls.NewListener(ln, config)
	return c, nil
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
