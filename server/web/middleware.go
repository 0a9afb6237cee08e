package web

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"watchroom/server/fault"
	"watchroom/server/id"
)

const keyRequest = "request"

// requestID gives each request a name that its answer and its log lines carry.
func (s *Server) requestID(c *fiber.Ctx) error {
	name := strings.TrimPrefix(id.New[string]("q"), "q_")
	c.Locals(keyRequest, name)
	c.Set("X-Request-Id", name)
	begin := time.Now()
	err := c.Next()
	if err != nil {
		err = s.fail(c, err)
	}
	s.o.Meter.Request(routeName(c), c.Response().StatusCode(), time.Since(begin))
	return err
}

// routeName is the pattern of the matched route: paths hold secrets and would be endless labels.
func routeName(c *fiber.Ctx) string {
	if p := c.Route().Path; p != "" {
		return c.Method() + " " + p
	}
	return c.Method()
}

// guard turns a panic into a 500 without telling the client anything of it.
func (s *Server) guard(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.o.Log.Error("panic in a handler", "request", c.Locals(keyRequest), "route", routeName(c), "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = fault.New(fault.Internal, "internal error")
		}
	}()
	return c.Next()
}

// headers are the browser's rules for every answer.
func (s *Server) headers(c *fiber.Ctx) error {
	h := map[string]string{
		"X-Content-Type-Options":     "nosniff",
		"Referrer-Policy":            "no-referrer",
		"X-Frame-Options":            "DENY",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Permissions-Policy":         "camera=(), geolocation=(), payment=(), usb=()",
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
			"connect-src 'self'; worker-src 'self'; manifest-src 'self'; media-src 'self' blob:; font-src 'self'; " +
			"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'",
	}
	if s.secure {
		h["Strict-Transport-Security"] = "max-age=31536000"
	}
	for k, v := range h {
		c.Set(k, v)
	}
	if strings.HasPrefix(c.Path(), "/api/") {
		c.Set("Cache-Control", "no-store")
	}
	return c.Next()
}

// capBody reads the body whole, up to the route's limit. With streaming on, routes that read the body
// themselves would otherwise take eight times the limit.
func (s *Server) capBody(c *fiber.Ctx) error {
	limit := bodyLimit
	if isUpload(c) {
		limit = uploadLimit
		if _, err := s.actor(c); err == nil { // a phone needs longer than what a stranger is given
			_ = c.Context().Conn().SetReadDeadline(time.Now().Add(uploadTimeout))
		}
	}
	var body []byte
	if stream := c.Request().BodyStream(); stream != nil {
		announced := c.Request().Header.ContentLength() // negative: not at all
		if announced <= limit {
			var err error
			if body, err = io.ReadAll(io.LimitReader(stream, int64(limit)+1)); err != nil {
				c.Context().SetConnectionClose()
				return fault.Wrap(err, fault.Invalid, "the request's body ended early")
			}
		}
		if announced > limit || len(body) > limit {
			// Who still talks does not hear the answer: a connection that is closed with bytes unread is reset.
			_ = c.Context().Conn().SetReadDeadline(time.Now().Add(finishWithin))
			_, _ = io.CopyN(io.Discard, stream, drainLimit)
			c.Context().SetConnectionClose()
			return tooLarge(limit)
		}
	}
	c.Request().SetBodyStream(bytes.NewReader(body), len(body))
	c.Locals(keyBody, body)
	return c.Next()
}

const keyBody = "body"

// bodyOf is the whole body, as capBody read it.
func bodyOf(c *fiber.Ctx) []byte {
	body, _ := c.Locals(keyBody).([]byte)
	return body
}

func tooLarge(limit int) error {
	return fault.New(fault.TooLarge, "the request is larger than %d KiB", limit>>10)
}

func isUpload(c *fiber.Ctx) bool {
	return c.Method() == http.MethodPost && strings.HasPrefix(c.Path(), "/api/v1/rooms/") && strings.HasSuffix(c.Path(), "/files")
}

// sameOrigin refuses requests that another site's page makes with this browser's cookies.
func (s *Server) sameOrigin(c *fiber.Ctx) error {
	if origin := c.Get("Origin"); origin != "" {
		if !slices.Contains(s.origins, origin) {
			return fault.New(fault.Denied, "this request comes from %s, but this server is %s: set public_url to the address that people type", clip(origin), s.origins[0])
		}
		return nil
	}
	if c.Get("X-Watchroom") == "" && !isSafe(c.Method()) {
		return fault.New(fault.Denied, "a browser's request must carry its Origin or the header X-Watchroom")
	}
	return nil
}

func isSafe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// clip shortens what a stranger sent before it is shown.
func clip(s string) string {
	if len(s) > 120 {
		return s[:120] + "…"
	}
	return s
}

var statuses = map[fault.Kind]int{
	fault.Invalid: 422, fault.Unsigned: 401, fault.Denied: 403, fault.Missing: 404, fault.Conflict: 409, fault.Gone: 410,
	fault.TooLarge: 413, fault.Throttled: 429, fault.Unavailable: 503, fault.Internal: 500,
}

// fail is the one place where an error becomes an answer: problem+json with the words that the error carries, or on a
// sender's route what that sender understands.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	request, _ := c.Locals(keyRequest).(string)
	var p *Problem
	if fe, ok := errors.AsType[*fiber.Error](err); ok {
		p = ofStatus(fe.Code, request)
	} else {
		p = s.problem(err, request)
	}
	for name, values := range p.GetHeaders() {
		c.Set(name, values[0])
	}
	if spoken, err := inSendersWords(c, p); spoken {
		return err
	}
	c.Status(p.Status)
	return c.JSON(p, "application/problem+json")
}

// ofStatus is what the library found wrong before a handler saw the request: the status is its own, the words are ours.
// A connection that broke is not an error of this server.
func ofStatus(status int, request string) *Problem {
	words := map[int]string{
		http.StatusNotFound:                    "there is nothing at this address",
		http.StatusMethodNotAllowed:            "this address does not take this method",
		http.StatusRequestTimeout:              "the request did not come to its end in time",
		http.StatusRequestEntityTooLarge:       "the request is too large",
		http.StatusRequestHeaderFieldsTooLarge: "the request's headers are too large",
		http.StatusUpgradeRequired:             "this address speaks WebSocket only",
	}[status]
	if words == "" || status >= 500 {
		status, words = http.StatusBadRequest, cmp.Or(words, "this is not an HTTP request that can be read")
	}
	p := &Problem{Type: "about:blank", Status: status, Title: http.StatusText(status), Detail: words, Kind: fault.Invalid, Request: request}
	for kind, s := range statuses {
		if s == status {
			p.Kind = kind
		}
	}
	return p
}
