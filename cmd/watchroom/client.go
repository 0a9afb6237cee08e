package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"watchroom/server/web"
)

// client speaks the REST API: over the unix socket as the operator, or over the network with a token.
type client struct {
	http  *http.Client
	base  string
	token string
}

// operator is a client on the unix socket of the server that uses this data directory.
func operator(c *cli) (*client, error) {
	cfg, err := c.config()
	if err != nil {
		return nil, err
	}
	path := cfg.socketPath()
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("no server runs on the data directory %s (there is no %s); start it, or name the directory with --data", cfg.Data, path)
	}
	return operatorAt(cfg.Data), nil
}

// operatorAt is a client on the unix socket in dir.
func operatorAt(dir string) *client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "unix", filepath.Join(dir, "watchroom.sock"))
		if errors.Is(err, syscall.ECONNREFUSED) {
			return nil, fmt.Errorf("the server on the data directory %s is not running", dir)
		}
		return conn, err
	}
	return &client{http: &http.Client{Transport: &http.Transport{DialContext: dial}}, base: "http://watchroom"}
}

// remote is a client over the network.
func remote(base, token string) *client {
	return &client{http: &http.Client{}, base: strings.TrimSuffix(base, "/"), token: token}
}

// call makes one request; in and out may be nil. An error answer comes back in its own words.
func (c *client) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1"+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Watchroom", "1")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		var p web.Problem
		if json.Unmarshal(answer, &p) == nil && p.Detail != "" {
			return errors.New(p.Detail)
		}
		return fmt.Errorf("the server answered %s", resp.Status)
	}
	if out == nil || len(answer) == 0 {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// figure is one number of the server's metrics.
func (c *client) figure(ctx context.Context, name string) (float64, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", c.base+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(page)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, fmt.Errorf("the server tells no %s", name)
}
