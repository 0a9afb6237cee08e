package web

import (
	"bytes"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"watchroom/server/id"
)

// files are the two raw routes: a body of bytes in, a body of bytes out.
func (s *Server) files() {
	s.app.Post("/api/v1/rooms/:room/files", s.upload)
	s.app.Get("/api/v1/files/:id", s.download)
}

func (s *Server) upload(c *fiber.Ctx) error {
	who, err := s.actor(c)
	if err != nil {
		return err
	}
	param, err := url.PathUnescape(c.Params("room"))
	if err != nil {
		return fiber.ErrBadRequest
	}
	room, err := s.room(c.UserContext(), who, id.Room(param))
	if err != nil {
		return err
	}
	file, err := s.o.Rooms.AddFile(c.UserContext(), who, room, strings.Clone(c.Query("name")), bytes.NewReader(bodyOf(c)))
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(file)
}

// inlineTypes may be shown by a browser in place; everything else is a download.
var inlineTypes = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}

func (s *Server) download(c *fiber.Ctx) error {
	who, err := s.actor(c)
	if err != nil {
		return err
	}
	file, r, err := s.o.Rooms.OpenFile(c.UserContext(), who, id.File(strings.Clone(c.Params("id"))))
	if err != nil {
		return err
	}
	defer r.Close()
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	disposition, kind := "attachment", "application/octet-stream"
	if inlineTypes[file.Type] {
		disposition, kind = "inline", file.Type
	}
	c.Set("Content-Type", kind)
	c.Set("Content-Length", strconv.FormatInt(file.Size, 10))
	c.Set("Content-Disposition", disposition+"; filename*=UTF-8''"+url.PathEscape(file.Name))
	c.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	c.Set("Cache-Control", "private, max-age=31536000, immutable")
	return c.Send(body)
}
