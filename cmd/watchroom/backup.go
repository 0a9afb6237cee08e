package main

import (
	"context"
	"fmt"
	"path/filepath"

	"watchroom/server"
)

type backupCmd struct {
	To string `arg:"" help:"A directory that does not exist yet."`
}

// Run asks the running server to copy itself.
func (b backupCmd) Run(ctx context.Context, c *cli) error {
	to, err := filepath.Abs(b.To)
	if err != nil {
		return err
	}
	op, err := operator(c)
	if err != nil {
		return err
	}
	var m server.Manifest
	if err := op.call(ctx, "POST", "/backup", map[string]string{"to": to}, &m); err != nil {
		return err
	}
	fmt.Printf("Backed up to %s at event %d, with %d files.\n", to, m.Seq, m.Files)
	return nil
}

type restoreCmd struct {
	From string `arg:"" type:"existingdir" help:"A directory that backup made."`
}

// Run puts a backup into the data directory, which must be empty; no server may run on it.
func (r restoreCmd) Run(ctx context.Context, c *cli) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	m, err := server.Restore(ctx, r.From, cfg.Data)
	if err != nil {
		return err
	}
	fmt.Printf("Restored %s into %s: the state after event %d of %s, with %d files. The search index is built at the next start.\n",
		r.From, cfg.Data, m.Seq, m.Time.Format("2006-01-02 15:04:05Z"), m.Files)
	return nil
}
