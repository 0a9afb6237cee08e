package web

import (
	"bytes"
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"watchroom/server/fault"
)

// health registers the routes for probes and for Prometheus.
func (s *Server) health() {
	s.app.Get("/healthz", func(c *fiber.Ctx) error { return c.SendString("ok") })
	s.app.Get("/readyz", func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c.UserContext(), 2*time.Second)
		defer cancel()
		if err := s.o.Ready(ctx); err != nil {
			s.o.Log.Warn("not ready", "error", err)
			return fault.New(fault.Unavailable, "not ready: %s", fault.Words(err))
		}
		return c.SendString("ok")
	})
	s.app.Get("/metrics", func(c *fiber.Ctx) error {
		var page bytes.Buffer
		if err := s.o.Meter.Write(&page); err != nil {
			return err
		}
		c.Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		return c.Send(page.Bytes())
	})
}
