// Package web is the edge: HTTP routes, sign-in, intake, files, the socket's handshake, health and metrics.
// It alone knows Fiber and the websocket package. A handler decodes, calls one use case, and encodes.
package web

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"watchroom/bots/runner"
	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/hub"
	"watchroom/server/incident"
	"watchroom/server/meter"
	"watchroom/server/notify"
	"watchroom/server/wire"
)

// Limits of what a client may send.
const (
	bodyLimit   = 1 << 20  // every route but uploads
	uploadLimit = 11 << 20 // a file of 10 MB and its envelope
	drainLimit  = 16 << 20 // of a body beyond the limit: read and dropped, so that its sender hears why
	useTimeout  = 15 * time.Second

	uploadTimeout = 2 * time.Minute
	finishWithin  = 2 * time.Second // what a client has begun to say, when the server stops or has heard enough
)

// Options is all that the edge needs; every field is required unless it says otherwise.
type Options struct {
	People    *account.Service
	Rooms     *chat.Service
	Incidents *incident.Service
	Hub       *hub.Hub
	Runner    *runner.Runner
	Notify    *notify.Service
	Checks    func(context.Context) []wire.CheckState
	Meter     *meter.Registry
	Ready     func(context.Context) error // nil when the server can work
	Backup    func(ctx context.Context, to string) (any, error)
	PublicURL string   // every link, the allowed Origin
	Trusted   []string // addresses of proxies whose X-Forwarded-For is believed
	DevOrigin string   // optional: the client's live-reload server
	Client    fs.FS    // the built client; nil when it was not built
	Version   string
	Log       *slog.Logger
}

// Server answers HTTP on any number of listeners.
type Server struct {
	o       Options
	app     *fiber.App
	api     huma.API
	origins []string
	secure  bool // public_url is https: cookies are Secure and carry the __Host- prefix
	trusted bool // every request comes from the operator on the unix socket
	conns   conns
}

// New is the server for the network.
func New(o Options) (*Server, error) { return build(o, false) }

// NewLocal is the same API for the operator: whoever can open the listener acts as the server itself.
// Serve it on a unix socket that only its owner may open.
func NewLocal(o Options) (*Server, error) { return build(o, true) }

func build(o Options, trusted bool) (*Server, error) {
	public, err := url.Parse(o.PublicURL)
	if err != nil {
		return nil, err
	}
	s := &Server{o: o, trusted: trusted, secure: public.Scheme == "https", origins: origins(public, o.DevOrigin)}
	s.app = fiber.New(fiber.Config{
		AppName:                 "watchroom",
		DisableStartupMessage:   true,
		Immutable:               true,
		StreamRequestBody:       true,
		BodyLimit:               1, // with streaming: hand over at once; the cap middleware counts
		ReadTimeout:             10 * time.Second,
		WriteTimeout:            30 * time.Second,
		IdleTimeout:             60 * time.Second,
		ReadBufferSize:          16 << 10,
		Concurrency:             64 << 10,
		EnableTrustedProxyCheck: true,
		TrustedProxies:          o.Trusted,
		EnableIPValidation:      true,
		ProxyHeader:             fiber.HeaderXForwardedFor,
		ErrorHandler:            s.fail,
	})
	s.conns.open = map[net.Conn]bool{}
	s.app.Server().ConnState = s.conns.note
	s.app.Use(s.requestID, s.guard, s.headers, s.capBody)
	s.health()
	s.intake()
	s.rest()
	s.files()
	s.app.Get("/api/v1/socket", s.socket())
	s.app.Use("/api", func(c *fiber.Ctx) error { return fiber.ErrNotFound })
	s.static()
	return s, nil
}

// origins lists the origins that may use cookies: public_url's, and for a loopback address its other spelling.
func origins(public *url.URL, dev string) []string {
	list := []string{public.Scheme + "://" + public.Host}
	if port := public.Port(); isLoopback(public.Hostname()) {
		for _, host := range []string{"127.0.0.1", "localhost", "[::1]"} {
			list = append(list, public.Scheme+"://"+host+":"+port)
		}
	}
	if dev != "" {
		list = append(list, dev)
	}
	return list
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Serve answers on ln until Shutdown.
func (s *Server) Serve(ln net.Listener) error { return s.app.Listener(ln) }

// Shutdown stops taking requests and waits for those in flight, until ctx ends. Who has begun a request and does not
// finish it is given a moment. Sockets are the hub's to drain first.
func (s *Server) Shutdown(ctx context.Context) error {
	s.conns.hurry(time.Now().Add(finishWithin))
	err := s.app.ShutdownWithContext(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.o.Log.Warn("requests were still in flight when the server stopped", "connections", s.conns.close())
		return nil
	}
	return err
}

// conns are the open connections that are not a socket's.
type conns struct {
	mu   sync.Mutex
	open map[net.Conn]bool
}

// note follows a connection's life.
func (c *conns) note(conn net.Conn, state fasthttp.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case fasthttp.StateNew:
		c.open[conn] = true
	case fasthttp.StateClosed, fasthttp.StateHijacked:
		delete(c.open, conn)
	case fasthttp.StateActive, fasthttp.StateIdle:
	}
}

// hurry ends reading on every connection at this time.
func (c *conns) hurry(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.open {
		_ = conn.SetReadDeadline(at) // one that ended meanwhile needs no deadline
	}
}

// close closes what is left and says how many there were.
func (c *conns) close() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.open {
		conn.Close()
	}
	return len(c.open)
}

// OpenAPI is the description of the REST API, as served at /api/v1/openapi.json.
func (s *Server) OpenAPI() *huma.OpenAPI { return s.api.OpenAPI() }
