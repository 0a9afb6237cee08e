// Package server wires the chat server together. It holds no rule of its own.
package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"watchroom/bots/checks"
	"watchroom/bots/ops"
	"watchroom/bots/runner"
	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/hub"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/server/notify"
	"watchroom/server/web"
	"watchroom/server/wire"
	"watchroom/store"
	"watchroom/store/blob"
	"watchroom/store/memkv"
	"watchroom/store/search"
	"watchroom/webui"
)

// Server is one running Watchroom.
type Server struct {
	o         Options
	log       *slog.Logger
	kv        store.KV
	store     *store.Store
	index     *search.Index
	people    *account.Service
	rooms     *chat.Service
	incidents *incident.Service
	hub       *hub.Hub
	notify    *notify.Service
	runner    *runner.Runner
	checks    *checks.Bot
	public    *web.Server
	local     *web.Server // for the operator; nil without a data directory
	listener  net.Listener
	operator  net.Listener
	probe     struct {
		mu  sync.Mutex // guards at and err
		at  time.Time
		err error
	}
}

// New opens the store and binds the addresses. Nothing is served until Run.
func New(ctx context.Context, o Options) (_ *Server, err error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{o: o, log: o.Log}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.listener, err = listen(ctx, o); err != nil {
		return nil, err
	}
	blobs, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.wire(ctx, blobs); err != nil {
		return nil, err
	}
	return s, nil
}

// open opens what keeps bytes: the store, the index, the files.
func (s *Server) open(ctx context.Context) (blobs *blob.Store, err error) {
	dir := s.o.Data
	s.kv, blobs = s.o.KV, blob.NewMem()
	indexAt := ""
	if s.kv == nil && dir == "" {
		s.kv = memkv.New()
	}
	if s.kv == nil {
		kv, err := openKV(filepath.Join(dir, storeFile))
		if err != nil {
			return nil, err
		}
		s.kv = kv
	}
	if dir != "" {
		indexAt = filepath.Join(dir, indexDir)
		if blobs, err = blob.New(filepath.Join(dir, filesDir)); err != nil {
			return nil, fmt.Errorf("open files: %w", err)
		}
	}
	if s.store, err = store.New(ctx, s.kv, store.Options{Now: s.o.Now, Log: s.log}); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if s.index, err = search.Open(indexAt, search.Options{Log: s.log, Epoch: s.store.Epoch(), Head: func() uint64 { return uint64(s.store.Head()) }}); err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	return blobs, nil
}

// wire makes the services, lowest first. Where a lower one must tell a higher one within its own transaction, it is
// given a function.
func (s *Server) wire(ctx context.Context, blobs *blob.Store) (err error) {
	s.people = account.New(s.store, account.Options{
		PublicURL: s.o.PublicURL, Now: s.o.Now, Cost: s.o.Passwords,
		OnAccept: func(tx *store.Tx, p account.Person, rooms []id.Room) error { return s.welcome(tx, p, rooms) },
		OnOwner:  func(tx *store.Tx, p account.Person) error { return s.incidents.FirstOwnerTx(tx, p) },
		OnInvite: s.mayOpen,
		Shares:   func(tx *store.Tx, a, b id.Person) bool { return s.rooms.SharesTx(tx, a, b) },
	})
	s.rooms = chat.New(s.store, s.people, s.index, blobs, chat.Options{Now: s.o.Now, PublicURL: s.o.PublicURL, Log: s.log,
		OnMark: func(p id.Person, m chat.Mark) { s.hub.Signal(p, wire.SignalMark, m) }})
	s.incidents = incident.New(s.store, s.people, s.rooms, incident.Options{Now: s.o.Now, PublicURL: s.o.PublicURL, Log: s.log, AckLapse: s.o.AckLapse,
		OnReadiness: s.readiness})
	if s.notify, err = s.notifier(); err != nil {
		return err
	}
	s.checks = checks.New(s.store, s.incidents, s.o.Checks, s.log)
	if s.runner, err = runner.New(s.store, s.people, s.rooms, s.log, ops.New(s.people, s.rooms, s.incidents), s.checks); err != nil {
		return err
	}
	s.hub = s.newHub()
	return s.serveOn(ctx)
}

func (s *Server) notifier() (*notify.Service, error) {
	senders := map[account.WayKind]notify.Sender{account.WayNtfy: notify.NewNtfy(s.o.OutboundAllow, s.o.NtfyToken)}
	if s.o.Mail != nil {
		mail, err := notify.NewMail(*s.o.Mail)
		if err != nil {
			return nil, err
		}
		senders[account.WayMail] = mail
	}
	return notify.New(s.store, s.people, s.incidents, notify.Options{Senders: senders, PublicURL: s.o.PublicURL, Log: s.log}), nil
}

func (s *Server) serveOn(context.Context) (err error) {
	var client fs.FS
	if built, ok := webui.Files(); ok {
		client = built
	}
	o := web.Options{
		People: s.people, Rooms: s.rooms, Incidents: s.incidents, Hub: s.hub, Runner: s.runner, Notify: s.notify, Checks: s.checks.States,
		Meter: s.figures(), Ready: s.ready, PublicURL: s.o.PublicURL, Trusted: s.o.Trusted, DevOrigin: s.o.DevOrigin,
		Client: client, Version: s.o.Version, Log: s.log,
		Backup: func(ctx context.Context, to string) (any, error) { return s.Backup(ctx, to) },
	}
	if s.public, err = web.New(o); err != nil {
		return err
	}
	if s.o.Data == "" && s.o.Operator == "" {
		return nil
	}
	if s.local, err = web.NewLocal(o); err != nil {
		return err
	}
	s.operator, err = listenLocal(or(s.o.Operator, s.o.Data))
	return err
}

// Addr is the address that the server listens on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// HasOwner tells whether somebody owns the server yet. It works while Run runs.
func (s *Server) HasOwner(ctx context.Context) (bool, error) { return s.people.HasOwner(ctx) }

// OwnerLink is a fresh one-time link that makes an owner. It works while Run runs.
func (s *Server) OwnerLink(ctx context.Context) (string, error) {
	return s.people.OwnerLink(ctx, account.System())
}

// ready tells whether the server can take a write now, by writing. Asked again within a second it repeats itself, so that
// whoever asks often costs nothing.
func (s *Server) ready(ctx context.Context) error {
	s.probe.mu.Lock()
	defer s.probe.mu.Unlock()
	if now := time.Now(); now.Sub(s.probe.at) > time.Second {
		s.probe.at = now
		s.probe.err = s.store.Update(ctx, func(tx *store.Tx) error {
			tx.Put("ready", store.Key("probe"), store.Key(uint64(now.UnixMilli())))
			return nil
		})
	}
	return s.probe.err
}

const drainTimeout = 10 * time.Second

// Run serves until ctx ends or a part fails, and calls started (which may be nil) once everything works. Stopping drains
// the sockets first, then waits for requests in flight, then for the followers, and closes the store last.
func (s *Server) Run(ctx context.Context, started func(context.Context) error) (err error) {
	defer func() { err = errors.Join(err, s.close()) }()
	if words := s.o.missing(); words != "" {
		s.log.Warn(words)
	}
	// The committer outlives everything that writes; the followers outlive the requests.
	storing, stopStore := context.WithCancel(context.WithoutCancel(ctx))
	defer stopStore()
	committed := make(chan error, 1)
	go func() { committed <- s.store.Run(storing) }()
	if err := s.setUp(ctx); err != nil {
		stopStore()
		return errors.Join(err, <-committed)
	}
	err = s.parts(ctx, started)
	stopStore()
	if cerr := <-committed; cerr != nil && !errors.Is(cerr, context.Canceled) {
		err = errors.Join(err, cerr)
	}
	return err
}

func (s *Server) setUp(ctx context.Context) error {
	if err := s.people.Setup(ctx); err != nil {
		return fmt.Errorf("set up people: %w", err)
	}
	if err := s.incidents.Setup(ctx); err != nil {
		return fmt.Errorf("set up incidents: %w", err)
	}
	return nil
}

func (s *Server) parts(ctx context.Context, started func(context.Context) error) error {
	serving, failed := errgroup.WithContext(ctx)
	following, stopFollowing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopFollowing()
	followers, broken := errgroup.WithContext(following)
	for name, run := range map[string]func(context.Context) error{
		"hub": s.hub.Run, "rooms": s.rooms.Run, "index": s.rooms.RunIndex, "incidents": s.incidents.Run,
		"notify": s.notify.Run, "runner": s.runner.Run, "checks": s.checks.Run,
	} {
		followers.Go(func() error {
			if err := run(broken); err != nil && broken.Err() == nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
	}
	serving.Go(func() error { return s.public.Serve(s.listener) })
	if s.local != nil {
		serving.Go(func() error { return s.local.Serve(s.operator) })
	}
	serving.Go(func() error {
		if started != nil {
			if err := started(failed); err != nil {
				return errors.Join(err, s.stop(failed))
			}
		}
		select {
		case <-failed.Done():
		case <-broken.Done():
		}
		return s.stop(failed)
	})
	err := serving.Wait()
	stopFollowing()
	return errors.Join(err, followers.Wait())
}

// stop closes the sockets with a word to come back, then waits for what is being answered.
func (s *Server) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	err := errors.Join(s.hub.Drain(ctx), s.public.Shutdown(ctx))
	if s.local != nil {
		err = errors.Join(err, s.local.Shutdown(ctx))
	}
	return err
}

// close releases what New opened.
func (s *Server) close() error {
	var errs []error
	for _, ln := range []net.Listener{s.listener, s.operator} {
		if ln != nil {
			if err := ln.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
		}
	}
	if s.index != nil {
		errs = append(errs, s.index.Close())
	}
	if s.kv != nil {
		errs = append(errs, s.kv.Close())
	}
	return errors.Join(errs...)
}
