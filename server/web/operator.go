package web

import (
	"context"
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"

	"watchroom/server/account"
	"watchroom/server/fault"
)

const backupTimeout = 6 * time.Hour

type versionOut struct {
	Version string `json:"version"`
}

func (s *Server) operatorRoutes() {
	secured(s, operation("GET", "/version", "Which version runs"), func(context.Context, account.Actor, *struct{}) (*whole[versionOut], error) {
		return reply(versionOut{s.o.Version}, nil)
	})
	if s.trusted {
		s.app.Post("/api/v1/backup", s.backup)
	}
}

// backup copies the server's data into a directory of this machine: only the operator on the unix socket may name one.
func (s *Server) backup(c *fiber.Ctx) error {
	var in struct {
		To string `json:"to"`
	}
	if err := json.Unmarshal(bodyOf(c), &in); err != nil || in.To == "" {
		return fault.Field("to", "name a directory that does not exist yet")
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), backupTimeout)
	defer cancel()
	made, err := s.o.Backup(ctx, in.To)
	if err != nil {
		return err
	}
	return c.JSON(made)
}
