// Command watchroom is the server and the operator's tool for it.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"watchroom/server/fault"
)

// cli is the command line.
type cli struct {
	Config    string `short:"c" help:"Configuration file (watchroom.yaml when it is there)." env:"WATCHROOM_CONFIG" type:"path"`
	Listen    string `help:"Address to listen on, such as 127.0.0.1:8080."`
	PublicURL string `name:"public-url" help:"Address that people type; every link uses it."`
	Data      string `help:"Data directory." type:"path"`

	Serve       serveCmd       `cmd:"" default:"1" help:"Run the server."`
	Demo        demoCmd        `cmd:"" help:"Run a server with an invented team, in memory."`
	OwnerLink   ownerLinkCmd   `cmd:"" help:"Print a one-time link that makes an owner."`
	User        userCmd        `cmd:"" help:"Add, list, disable people; change their role."`
	Token       tokenCmd       `cmd:"" help:"Create and revoke access tokens."`
	Integration integrationCmd `cmd:"" help:"Add, list, rotate, pause, remove the ways in for senders."`
	Apply       applyCmd       `cmd:"" help:"Apply schedules, policies and routing from files."`
	Post        postCmd        `cmd:"" help:"Post what comes in on standard input, or the words given, into a room."`
	Backup      backupCmd      `cmd:"" help:"Copy a running server's data into a new directory."`
	Restore     restoreCmd     `cmd:"" help:"Put a backup into an empty data directory."`
	Bench       benchCmd       `cmd:"" help:"Drive a running server and print its figures beside this machine's floors."`
	CheckConfig checkConfigCmd `cmd:"" help:"Read the configuration and say what is wrong with it."`
	Healthcheck healthcheckCmd `cmd:"" help:"Ask a running server whether it is ready; for containers."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

// config is the configuration with the flags over it.
func (c *cli) config() (Config, error) {
	cfg, err := readConfig(c.Config)
	if err != nil {
		return cfg, err
	}
	cfg.Listen, cfg.PublicURL, cfg.Data = or(c.Listen, cfg.Listen), or(c.PublicURL, cfg.PublicURL), or(c.Data, cfg.Data)
	cfg.finish()
	return cfg, nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			return
		}
		fmt.Fprintln(os.Stderr, "watchroom:", words(err))
		os.Exit(1)
	}
}

// words is an error for the terminal: the whole chain, as its reader is the operator.
func words(err error) string {
	if fe, ok := errors.AsType[*fault.Error](err); ok {
		return fe.Error()
	}
	return err.Error()
}

func run(ctx context.Context, args []string) error {
	var c cli
	parser, err := kong.New(&c, kong.Name("watchroom"), kong.UsageOnError(),
		kong.Description("The chat server that an operations team lives in, and that wakes the right person when something breaks."),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return err
	}
	k, err := parser.Parse(args)
	if err != nil {
		parser.FatalIfErrorf(err)
	}
	return k.Run(&c)
}

// version is the module's version, or the commit that the binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && (v == "" || v == "(devel)") {
			v = s.Value[:min(12, len(s.Value))]
		}
	}
	return or(v, "devel")
}

// logger writes structured lines to standard error.
func logger(level, format string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(or(level, "info"))); err != nil {
		return nil, fmt.Errorf("log.level: %q must be debug, info, warn or error", level)
	}
	o := &slog.HandlerOptions{Level: l}
	switch or(format, "text") {
	case "text":
		return slog.New(slog.NewTextHandler(os.Stderr, o)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(os.Stderr, o)), nil
	}
	return nil, fmt.Errorf("log.format: %q must be text or json", format)
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	_, err := fmt.Println(version())
	return err
}

type checkConfigCmd struct{}

// Run reads the configuration and prints what it means.
func (checkConfigCmd) Run(c *cli) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	o, err := cfg.options()
	if err != nil {
		return err
	}
	if err := o.Validate(); err != nil {
		return err
	}
	fmt.Printf("The configuration is valid.\nlisten      %s\npublic_url  %s\ndata        %s\nchecks      %d\n", o.Listen, o.PublicURL, o.Data, len(o.Checks))
	return nil
}
