package web

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	fastsocket "github.com/fasthttp/websocket"
	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/hub"
	"watchroom/server/wire"
)

// The names under which the handshake hands over to the socket's handler.
const (
	keyActor      = "actor"
	keyCredential = "credential"
)

// socket is the handshake: who it is, and that the page is ours. The library checks neither.
func (s *Server) socket() fiber.Handler {
	upgrade := websocket.New(s.serveSocket, websocket.Config{
		HandshakeTimeout: 5 * time.Second, ReadBufferSize: 1024, WriteBufferSize: 256,
		RecoverHandler: func(*websocket.Conn) {
			if r := recover(); r != nil {
				s.o.Log.Error("panic in a socket's handler", "panic", fmt.Sprint(r))
			}
		},
	})
	return func(c *fiber.Ctx) error {
		if !websocket.IsWebSocketUpgrade(c) {
			return fault.New(fault.Invalid, "this address speaks WebSocket only")
		}
		credential, bearer := strings.CutPrefix(c.Get("Authorization"), "Bearer ")
		if !bearer {
			credential = c.Cookies(s.cookieName(accessCookie))
			if c.Get("Origin") == "" {
				return fault.New(fault.Denied, "a socket that uses a browser's session must carry its Origin")
			}
			if err := s.sameOrigin(c); err != nil {
				return err
			}
		}
		credential = strings.Clone(credential)
		who, err := s.actor(c)
		if err != nil {
			return err
		}
		c.Locals(keyActor, who)
		c.Locals(keyCredential, credential)
		return upgrade(c)
	}
}

// serveSocket owns the connection: the hub writes to the TCP connection beneath, a goroutine of this handler reads, and
// both have ended before it returns, because the library uses the connection's object again.
func (s *Server) serveSocket(c *websocket.Conn) {
	who, ok := c.Locals(keyActor).(account.Actor)
	credential, _ := c.Locals(keyCredential).(string)
	if !ok {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	raw := beneath(c.NetConn())
	if err := raw.SetDeadline(time.Time{}); err != nil {
		return
	}
	session, err := s.o.Hub.Open(ctx, hub.Opening{Who: who, Socket: hub.Conn(raw), Check: func(ctx context.Context) (account.Actor, error) {
		if s.trusted {
			return who, nil
		}
		return s.o.People.Authenticate(ctx, credential)
	}})
	if err != nil {
		s.o.Log.Debug("socket refused", "person", who.Person, "error", err)
		return
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		defer cancel()
		s.read(c.Conn, session)
	})
	if err := session.Serve(); err != nil {
		s.o.Log.Debug("socket ended", "person", who.Person, "error", err)
	}
	reading.Wait()
}

// read hands every message to the session until the connection ends. The hub closes it when the page falls silent.
func (s *Server) read(c *fastsocket.Conn, session *hub.Session) {
	defer func() {
		if r := recover(); r != nil {
			s.o.Log.Error("panic in a socket's reader", "panic", fmt.Sprint(r))
		}
	}()
	c.SetReadLimit(wire.MaxFrame)
	c.SetPingHandler(func(data string) error {
		session.Pong([]byte(data))
		return nil
	})
	c.SetCloseHandler(func(int, string) error { return nil })
	for {
		kind, data, err := c.ReadMessage()
		if err != nil {
			return
		}
		if kind != websocket.TextMessage {
			data = nil // no frame: the session says so
		}
		session.Receive(data)
	}
}

// beneath is the connection under the one that the server's library wraps, whose Close does nothing.
func beneath(c net.Conn) net.Conn {
	if w, ok := c.(interface{ UnsafeConn() net.Conn }); ok {
		return w.UnsafeConn()
	}
	return c
}
