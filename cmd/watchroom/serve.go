package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"watchroom/server"
)

type serveCmd struct{}

// Run runs the server until it is told to stop. A server without an owner prints a link that makes one.
func (serveCmd) Run(ctx context.Context, c *cli) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	o, err := cfg.options()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return err
	}
	tune()
	s, err := server.New(ctx, o)
	if err != nil {
		return err
	}
	return s.Run(ctx, func(ctx context.Context) error {
		owned, err := s.HasOwner(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("Watchroom is at %s\n", o.PublicURL)
		if owned {
			return nil
		}
		link, err := s.OwnerLink(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("\nNobody owns this server yet. This link makes you its owner; it works once, within 30 minutes:\n\n  %s\n\nAnother one: watchroom owner-link\n", link)
		return nil
	})
}

// tune sets what the runtime guesses wrong for this program, unless the environment says otherwise. The search index
// merges for long stretches: with as many threads as there are cores one of them keeps a message waiting for 10 ms at
// every step of its way, while the system wakes another thread at once. And most of what is allocated dies young beside
// a small heap: collecting less often costs memory in proportion to it, and saves a tenth of the processor's time.
func tune() {
	const threads, percent = 4, 300
	if os.Getenv("GOMAXPROCS") == "" && runtime.GOMAXPROCS(0) < threads {
		runtime.GOMAXPROCS(threads)
	}
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(percent)
	}
}
