package incident

import (
	"context"
	"fmt"
	"time"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/oncall"
	"watchroom/store"
)

// manualIntegration is the way in of /page and "Page me". It is made with the store.
const manualIntegration id.Integration = "in_manual"

// firstAfter is how long the first step of the default policy waits, in seconds.
const firstAfter = 300

// Setup makes what every server has, where it is missing: the room #ops, the team, schedule and policy named default, and the
// integration behind /page. It needs the store to run and the accounts to be set up.
func (s *Service) Setup(ctx context.Context) error {
	err := s.change(ctx, account.System(), func(c *change) error {
		if _, ok := teams.Get(c.Tx, store.Key(string(defaultTeam))); ok {
			return nil
		}
		ops, ok := s.rooms.RoomByNameTx(c.Tx, "ops")
		if !ok {
			var err error
			ops, err = s.rooms.CreateRoomTx(c.Tx, c.who, chat.RoomIn{Kind: chat.Public, Name: "ops", Topic: "Where alerts arrive that nothing sends elsewhere"})
			if err != nil {
				return err
			}
		}
		schedule := oncall.Schedule{ID: defaultSchedule, Name: "default", Zone: "UTC", Rotations: []oncall.Rotation{}}
		policy := oncall.Policy{ID: defaultPolicy, Name: "default", Steps: []oncall.Step{
			{Targets: []oncall.Target{{Schedule: defaultSchedule}}, After: firstAfter},
		}}
		team := oncall.Team{ID: defaultTeam, Name: "default", Room: ops.ID, Schedule: defaultSchedule, Policy: defaultPolicy}
		if err := s.putSchedule(c, &schedule); err != nil {
			return err
		}
		if err := s.putPolicy(c, policy); err != nil {
			return err
		}
		if err := s.putTeam(c, team); err != nil {
			return err
		}
		s.putIntegration(c, keyed{Hash: digest(id.Secret()), Integration: Integration{
			ID: manualIntegration, Kind: KindManual, Name: "by hand", Team: defaultTeam, Room: ops.ID, Policy: defaultPolicy,
			By: account.SystemPerson, Created: c.now(),
		}})
		return nil
	})
	if err != nil {
		return fmt.Errorf("set up incidents: %w", err)
	}
	return nil
}

// FirstOwnerTx makes the first owner always on call, brings them into #ops and puts the checklist there.
func (s *Service) FirstOwnerTx(tx *store.Tx, person account.Person) error {
	c := &change{Tx: tx, who: account.System()}
	v, ok := schedules.Get(tx, store.Key(string(defaultSchedule)))
	if !ok {
		return fault.New(fault.Internal, "the server is not set up")
	}
	if len(v.Rotations) == 0 {
		v.Rotations = []oncall.Rotation{{Name: person.Name, People: []id.Person{person.ID}}}
		if _, err := time.LoadLocation(person.Zone); err == nil && person.Zone != "" && person.Zone != "Local" {
			v.Zone = person.Zone
		}
		schedules.Put(tx, v)
		c.emit(EventScheduleChanged, "", everybody, ScheduleChanged{Schedule: v})
	}
	ops := opsRoom(tx)
	if err := s.rooms.AddTx(tx, account.System(), ops, []id.Person{person.ID}); err != nil {
		return err
	}
	s.say(c, ops, chat.PostIn{Text: "Welcome, " + person.Name + ". Five steps until a page reaches you:", Card: &chat.Card{Story: "checklist"}})
	return nil
}

// WelcomeTx brings a newcomer into the default team's room.
func (s *Service) WelcomeTx(tx *store.Tx, person account.Person) error {
	if room := s.firstRoom(tx, opsRoom(tx)); room != "" {
		return s.rooms.AddTx(tx, account.System(), room, []id.Person{person.ID})
	}
	return nil
}

// opsRoom is the default team's room: where everything goes that nothing sends elsewhere.
func opsRoom(tx *store.Tx) id.Room {
	t, _ := teams.Get(tx, store.Key(string(defaultTeam)))
	return t.Room
}

// somewhere is a room for what has none left, because the default team's room was archived: that one again, else a new one.
func (s *Service) somewhere(c *change) id.Room {
	no := false
	ops := opsRoom(c.Tx)
	if r, err := s.rooms.UpdateRoomTx(c.Tx, account.System(), ops, chat.RoomPatch{Archived: &no}); err == nil {
		return r.ID
	}
	r, err := s.rooms.CreateRoomTx(c.Tx, account.System(), chat.RoomIn{Kind: chat.Public, Name: fmt.Sprintf("alerts-%d", c.now())})
	if err != nil {
		s.o.Log.Error("no room for an alert", "error", err)
		return ops
	}
	return r.ID
}
