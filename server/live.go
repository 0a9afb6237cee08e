package server

import (
	"context"

	"watchroom/bots/runner"
	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/hub"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/server/meter"
	"watchroom/server/oncall"
	"watchroom/server/wire"
	"watchroom/store"
)

func (s *Server) newHub() *hub.Hub {
	return hub.New(s.store, hub.Options{
		People:   s.people.AllTx,
		Rooms:    s.rooms.RoomsOfTx,
		Snapshot: s.snapshot,
		Handler:  s.handler(),
		Version:  s.o.Version,
		Log:      s.log,
		Rate:     s.o.SocketRate,
		Burst:    int(s.o.SocketRate * 4),
	})
}

// handler is what the frames of clients do: each is one use case.
func (s *Server) handler() hub.Handler {
	return hub.Handler{
		Post: func(ctx context.Context, who account.Actor, f wire.Post) hub.Posting {
			p := s.rooms.PostStart(ctx, who, chat.PostIn{Room: f.Room, Thread: uint64(f.Thread), Text: f.Text, Files: f.Files, Nonce: f.Nonce})
			return hub.Posting{Done: p.Done(), Result: p.Result}
		},
		Edit: func(ctx context.Context, who account.Actor, f wire.Edit) error {
			_, err := s.rooms.Edit(ctx, who, uint64(f.Message), f.Text)
			return err
		},
		Delete: func(ctx context.Context, who account.Actor, f wire.Delete) error {
			return s.rooms.Delete(ctx, who, uint64(f.Message))
		},
		Command: func(ctx context.Context, who account.Actor, f wire.Command) (hub.Answer, error) {
			out, err := s.runner.Execute(ctx, who, runner.In{Room: f.Room, Thread: uint64(f.Thread), Text: f.Text, Nonce: f.Nonce})
			return hub.Answer{Text: out.Text, Message: out.Message}, err
		},
		Mark: func(ctx context.Context, who account.Actor, f wire.Mark) error {
			return s.rooms.MarkRead(ctx, who, f.Room, uint64(f.Seq))
		},
		Armed: s.incidents.ReportDevice,
		Received: func(ctx context.Context, who account.Actor, n id.Incident, d id.Device) error {
			return s.incidents.ReportReceived(ctx, who, n, d)
		},
		Playing: s.incidents.ReportPlaying,
		Silent:  s.incidents.ReportSilent,
		Ack: func(ctx context.Context, who account.Actor, f wire.Ack) error {
			_, err := s.incidents.Acknowledge(ctx, who, f.Incident, f.Take)
			return err
		},
		Unack: func(ctx context.Context, who account.Actor, f wire.Unack) error {
			_, err := s.incidents.Unacknowledge(ctx, who, f.Incident)
			return err
		},
		Gone: func(ctx context.Context, person id.Person, d id.Device, why string) {
			if err := s.incidents.DeviceGone(ctx, person, d, why); err != nil {
				s.log.Error("end of a device not recorded", "person", person, "error", err)
			}
		},
	}
}

// snapshot is all that a page shows before it asks for more. The hub noted the log's head before it is read.
func (s *Server) snapshot(ctx context.Context, who account.Actor) (snap wire.Snapshot, err error) {
	if snap.Me, err = s.people.Person(ctx, who.Person); err != nil {
		return snap, err
	}
	if snap.Settings, err = s.people.Settings(ctx); err != nil {
		return snap, err
	}
	if snap.People, err = s.people.People(ctx, who); err != nil {
		return snap, err
	}
	if snap.Rooms, err = s.rooms.Rooms(ctx, who); err != nil {
		return snap, err
	}
	if snap.Incidents, err = s.incidents.OpenIncidents(ctx, who); err != nil {
		return snap, err
	}
	snap.Teams = []oncall.Team{}
	if who.Role != account.Guest {
		if snap.Teams, err = s.incidents.Teams(ctx); err != nil {
			return snap, err
		}
	}
	if snap.Readiness, err = s.incidents.Readiness(ctx, who); err != nil {
		return snap, err
	}
	snap.Commands = s.commands(ctx, who)
	return snap, nil
}

// commands lists what who may use, for completion in any room.
func (s *Server) commands(ctx context.Context, who account.Actor) []wire.CommandHelp {
	list := []wire.CommandHelp{}
	for _, h := range s.runner.Commands(ctx, who, "") {
		args := make([]wire.CommandArg, len(h.Args))
		for i, a := range h.Args {
			args[i] = wire.CommandArg{Name: a.Name, Kind: wire.ArgKind(a.Kind), Choices: a.Choices, Required: a.Required, Many: a.Many}
		}
		list = append(list, wire.CommandHelp{Name: h.Name, Usage: h.Usage, Help: h.Help, Args: args})
	}
	return list
}

// welcome brings somebody who accepted an invitation into its rooms, and every member into the first team's room.
func (s *Server) welcome(tx *store.Tx, p account.Person, rooms []id.Room) error {
	if err := s.rooms.AcceptTx(tx, p, rooms); err != nil {
		return err
	}
	if p.Role == account.Guest || len(rooms) > 0 {
		return nil
	}
	for _, t := range s.incidents.TeamsTx(tx) {
		if t.Room != "" {
			return s.rooms.AddTx(tx, account.System(), t.Room, []id.Person{p.ID})
		}
	}
	return nil
}

// mayOpen refuses an invitation into rooms that the inviter is not in.
func (s *Server) mayOpen(tx *store.Tx, who account.Actor, rooms []id.Room) error {
	for _, r := range rooms {
		if !who.System && !s.rooms.MemberTx(tx, r, who.Person) {
			return fault.New(fault.Denied, "you can invite only into rooms that you are in")
		}
	}
	return s.rooms.MayInviteTx(tx, who, rooms)
}

// figures names what /metrics shows beside the process's own.
func (s *Server) figures() *meter.Registry {
	m := meter.New()
	m.Gauge("watchroom_sockets", "Open sockets.", func() float64 { return float64(s.hub.Stats().Sockets) })
	m.Counter("watchroom_deliveries_total", "Event frames handed to sockets.", func() float64 { return float64(s.hub.Stats().Deliveries) })
	m.Counter("watchroom_socket_writes_total", "Writes that the deliveries took.", func() float64 { return float64(s.hub.Stats().Writes) })
	m.Counter("watchroom_socket_cuts_total", "Sockets closed because they were too far behind or silent.", func() float64 { return float64(s.hub.Stats().Cuts) })
	m.Counter("watchroom_resumes_total", "Pages that went on where they were.", func() float64 { return float64(s.hub.Stats().Resumes) })
	m.Counter("watchroom_resets_total", "Pages that got a snapshot.", func() float64 { return float64(s.hub.Stats().Resets) })
	m.Gauge("watchroom_log_head", "Seq of the newest event.", func() float64 { return float64(s.store.Head()) })
	m.Gauge("watchroom_index_lag", "Events that the search index has still to read.", func() float64 {
		return max(0, float64(s.store.Head())-float64(s.index.Cursor()))
	})
	m.Counter("watchroom_commits_total", "Transactions synced to disk.", func() float64 { return float64(s.store.Stats().Commits) })
	m.Counter("watchroom_changes_total", "Changes that they held.", func() float64 { return float64(s.store.Stats().Changes) })
	m.Counter("watchroom_requests_total", "Requests taken from senders.", func() float64 { return float64(s.incidents.Stats().Requests) })
	m.Counter("watchroom_pages_total", "Pages made.", func() float64 { return float64(s.incidents.Stats().Pages) })
	m.Counter("watchroom_pages_delivered_total", "Pages that a device played.", func() float64 { return float64(s.incidents.Stats().Delivered) })
	m.Counter("watchroom_pages_not_delivered_total", "Rounds of paging in which nothing played.", func() float64 { return float64(s.incidents.Stats().NotDelivered) })
	m.Gauge("watchroom_incidents_open", "Incidents that are not resolved.", func() float64 { return float64(s.incidents.Stats().Open) })
	m.Gauge("watchroom_incidents_ringing", "Incidents that ring somebody now.", func() float64 { return float64(s.incidents.Stats().Ringing) })
	return m
}

// readiness tells everybody but guests whether somebody can be rung; the devices are for that person and for administrators.
func (s *Server) readiness(r incident.Readiness) {
	whole := func(a account.Actor) bool { return a.IsAdmin() || a.Person == r.Person }
	s.hub.SignalAll(wire.SignalReadiness, r, whole)
	r.Devices = nil
	s.hub.SignalAll(wire.SignalReadiness, r, func(a account.Actor) bool { return a.Role != account.Guest && !whole(a) })
}
