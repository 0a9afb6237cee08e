package web

import (
	"errors"
	"io/fs"
	"mime"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

const unbuilt = "The browser client is not built into this binary.\n\nBuild it with:  make build\nor, while working on it:  make dev\n"

// static serves the client: hashed assets for ever, everything else is the page itself. A missing asset is 404, never the page.
func (s *Server) static() {
	s.app.Use(func(c *fiber.Ctx) error {
		if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
			return fiber.ErrNotFound
		}
		if s.o.Client == nil {
			return c.Status(fiber.StatusNotImplemented).SendString(unbuilt)
		}
		name := strings.TrimPrefix(path.Clean("/"+c.Path()), "/")
		body, err := fs.ReadFile(s.o.Client, name)
		switch {
		case err == nil && name != "index.html":
			if strings.HasPrefix(name, "assets/") {
				c.Set("Cache-Control", "public, max-age=31536000, immutable")
			} else {
				c.Set("Cache-Control", "no-cache")
			}
			c.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
			return c.Send(body)
		case err != nil && path.Ext(name) != "":
			return fiber.ErrNotFound
		}
		page, err := fs.ReadFile(s.o.Client, "index.html")
		if errors.Is(err, fs.ErrNotExist) {
			return c.Status(fiber.StatusNotImplemented).SendString(unbuilt)
		}
		if err != nil {
			return err
		}
		c.Set("Cache-Control", "no-cache")
		c.Set("Content-Type", "text/html; charset=utf-8")
		return c.Send(page)
	})
}
