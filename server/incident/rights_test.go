package incident_test

import (
	"testing"
	"time"

	"watchroom/server/account"
	"watchroom/server/alert"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/server/oncall"
)

// Integrations, rotas and files are for administrators; every other attempt is denied.
func TestAdministratorsOnly(t *testing.T) {
	bubble(t, func(w *world) {
		in := w.sender(incident.KindJSON, nil)
		r := w.send(in, fire("a", "g", alert.Low))
		for _, who := range []account.Actor{w.carol, w.dave} {
			for name, try := range map[string]func() error{
				"list":     func() error { _, err := w.Integrations(w.ctx, who); return err },
				"create":   func() error { _, _, err := w.CreateIntegration(w.ctx, who, in); return err },
				"update":   func() error { _, err := w.UpdateIntegration(w.ctx, who, in); return err },
				"rotate":   func() error { _, _, err := w.RotateKey(w.ctx, who, in.ID); return err },
				"pause":    func() error { _, err := w.PauseIntegration(w.ctx, who, in.ID, -1); return err },
				"remove":   func() error { return w.RemoveIntegration(w.ctx, who, in.ID) },
				"requests": func() error { _, err := w.Requests(w.ctx, who, in.ID, 10); return err },
				"body":     func() error { _, err := w.RawBody(w.ctx, who, r.ID); return err },
				"replay":   func() error { _, err := w.Replay(w.ctx, who, r.ID); return err },
				"test":     func() error { _, err := w.SendTest(w.ctx, who, in.ID, alert.Low); return err },
				"team":     func() error { _, err := w.PutTeam(w.ctx, who, oncall.Team{Name: "x"}); return err },
				"no team":  func() error { return w.DeleteTeam(w.ctx, who, "default") },
				"schedule": func() error { _, err := w.PutSchedule(w.ctx, who, oncall.Schedule{Name: "x"}); return err },
				"no sched": func() error { return w.DeleteSchedule(w.ctx, who, "default") },
				"policy":   func() error { _, err := w.PutPolicy(w.ctx, who, oncall.Policy{Name: "x"}); return err },
				"no pol":   func() error { return w.DeletePolicy(w.ctx, who, "default") },
				"apply":    func() error { _, err := w.Apply(w.ctx, who, nil); return err },
			} {
				if got := fault.KindOf(try()); got != fault.Denied {
					t.Errorf("%s: %s by a %s, want denied", name, got, who.Role)
				}
			}
		}
	})
}

// Guests silence, raise and look at nothing; of incidents they see those in whose room they are.
func TestGuests(t *testing.T) {
	bubble(t, func(w *world) {
		n := w.burn()
		for name, try := range map[string]func() error{
			"silences": func() error { _, err := w.Silences(w.ctx, w.dave); return err },
			"silence": func() error {
				_, err := w.AddSilence(w.ctx, w.dave, incident.Silence{Match: map[string]string{"a": "b"}, Until: -1})
				return err
			},
			"end":    func() error { return w.EndSilence(w.ctx, w.dave, "s_x") },
			"raise":  func() error { _, err := w.Raise(w.ctx, w.dave, incident.RaiseIn{Title: "x"}); return err },
			"duties": func() error { _, err := w.Duties(w.ctx, w.dave, 7); return err },
			"clean":  func() error { _, err := w.CleanUpTests(w.ctx, w.dave); return err },
		} {
			if got := fault.KindOf(try()); got != fault.Denied {
				t.Errorf("%s: %s, want denied", name, got)
			}
		}
		_, err := w.Incident(w.ctx, w.dave, n)
		refused(t, err, fault.Missing)
		must(t, w.rooms.Add(w.ctx, w.ann, w.ops, []id.Person{w.dave.Person}))
		_, err = w.Incident(w.ctx, w.dave, n)
		refused(t, err, fault.Missing)
		must(t, w.rooms.Add(w.ctx, w.ann, w.one().Room, []id.Person{w.dave.Person}))
		_, err = w.Incident(w.ctx, w.dave, n)
		must(t, err)
		_, err = w.Acknowledge(w.ctx, w.dave, n, true)
		refused(t, err, fault.Denied)
		_, err = w.Resolve(w.ctx, w.dave, n)
		refused(t, err, fault.Denied)
		list, err := w.OpenIncidents(w.ctx, w.dave)
		must(t, err)
		if len(list) != 1 {
			t.Fatalf("a guest in the room sees %d incidents", len(list))
		}
	})
}

// Who does not read the room that an incident came from sees nothing of it and changes nothing.
func TestPrivateIncident(t *testing.T) {
	bubble(t, func(w *world) {
		vault, err := w.rooms.CreateRoom(w.ctx, w.ann, chat.RoomIn{Kind: chat.Private, Name: "vault"})
		must(t, err)
		in := w.sender(incident.KindJSON, func(in *incident.IntegrationIn) { in.Room = vault.ID })
		w.send(in, fire("a", "g", alert.Critical))
		n := w.one().ID
		for name, try := range map[string]func() error{
			"read":     func() error { _, err := w.Incident(w.ctx, w.carol, n); return err },
			"ack":      func() error { _, err := w.Acknowledge(w.ctx, w.carol, n, true); return err },
			"unack":    func() error { _, err := w.Unacknowledge(w.ctx, w.carol, n); return err },
			"resolve":  func() error { _, err := w.Resolve(w.ctx, w.carol, n); return err },
			"escalate": func() error { _, err := w.Escalate(w.ctx, w.carol, n); return err },
			"note":     func() error { return w.Note(w.ctx, w.carol, n, "x") },
			"silence":  func() error { _, err := w.SilenceIncident(w.ctx, w.carol, n, -1); return err },
		} {
			if got := fault.KindOf(try()); got != fault.Missing {
				t.Errorf("%s: %s, want missing", name, got)
			}
		}
		list, err := w.Incidents(w.ctx, w.carol, incident.ListIn{})
		must(t, err)
		if len(list) != 0 {
			t.Fatalf("carol sees %+v", list)
		}
		in.Room = vault.ID
		_, err = w.UpdateIntegration(w.ctx, w.bob, in)
		refused(t, err, fault.Invalid)
	})
}

// A member takes a shift and gives it back; only administrators put others on call.
func TestOverrides(t *testing.T) {
	bubble(t, func(w *world) {
		o := oncall.Override{Person: w.carol.Person, From: time.Now(), To: time.Now().Add(time.Hour)}
		_, err := w.AddOverride(w.ctx, w.carol, "default", oncall.Override{Person: w.bob.Person, From: o.From, To: o.To})
		refused(t, err, fault.Denied)
		_, err = w.AddOverride(w.ctx, w.dave, "default", oncall.Override{Person: w.dave.Person, From: o.From, To: o.To})
		refused(t, err, fault.Denied)
		v, err := w.AddOverride(w.ctx, w.carol, "default", o)
		must(t, err)
		n := w.burn()
		w.rings(n, w.carol)
		duties, err := w.Duties(w.ctx, w.carol, 7)
		must(t, err)
		if d := duties[0]; d.Now[0] != w.carol.Person || d.Next[0] != w.ann.Person || len(d.Shifts) != 2 {
			t.Fatalf("duty %+v", d)
		}
		must(t, func() error { _, err := w.Resolve(w.ctx, w.ann, n); return err }())
		w.send(w.sender(incident.KindAlertmanager, nil), fire("later", "later", alert.Low))
		_, err = w.RemoveOverride(w.ctx, w.bob, "default", "o_none")
		refused(t, err, fault.Missing)
		by, err := w.AddOverride(w.ctx, w.ann, "default", oncall.Override{Person: w.bob.Person, From: o.From, To: o.To})
		must(t, err)
		_, err = w.RemoveOverride(w.ctx, w.carol, "default", by.Overrides[1].ID)
		refused(t, err, fault.Denied)
		v, err = w.RemoveOverride(w.ctx, w.carol, "default", v.Overrides[0].ID)
		must(t, err)
		if len(v.Overrides) != 1 {
			t.Fatalf("overrides %+v", v.Overrides)
		}
	})
}

// What something else names cannot be deleted, and the defaults stay.
func TestDeleting(t *testing.T) {
	bubble(t, func(w *world) {
		sched, err := w.PutSchedule(w.ctx, w.ann, oncall.Schedule{Name: "nights", Zone: "Europe/Berlin", Rotations: []oncall.Rotation{{People: []id.Person{w.bob.Person}}}})
		must(t, err)
		pol, err := w.PutPolicy(w.ctx, w.ann, oncall.Policy{Name: "nights", Steps: []oncall.Step{{Targets: []oncall.Target{{Schedule: sched.ID}}, After: 60}}})
		must(t, err)
		team, err := w.PutTeam(w.ctx, w.ann, oncall.Team{Name: "nights", Schedule: sched.ID, Policy: pol.ID})
		must(t, err)
		in := w.sender(incident.KindJSON, func(in *incident.IntegrationIn) { in.Team = team.ID })
		if in.Policy != pol.ID {
			t.Fatalf("integration %+v does not take its team's policy", in)
		}
		refused(t, w.DeleteTeam(w.ctx, w.ann, team.ID), fault.Conflict)
		refused(t, w.DeletePolicy(w.ctx, w.ann, pol.ID), fault.Conflict)
		refused(t, w.DeleteSchedule(w.ctx, w.ann, sched.ID), fault.Conflict)
		refused(t, w.DeleteTeam(w.ctx, w.ann, "default"), fault.Conflict)
		refused(t, w.DeletePolicy(w.ctx, w.ann, "default"), fault.Conflict)
		must(t, w.RemoveIntegration(w.ctx, w.ann, in.ID))
		must(t, w.DeleteTeam(w.ctx, w.ann, team.ID))
		must(t, w.DeletePolicy(w.ctx, w.ann, pol.ID))
		must(t, w.DeleteSchedule(w.ctx, w.ann, sched.ID))
	})
}

// What does not fit is refused with the field that is wrong.
func TestInvalid(t *testing.T) {
	bubble(t, func(w *world) {
		n := w.burn()
		past := id.At(time.Now().Add(-time.Hour))
		create := func(change func(*incident.Integration)) error {
			in := incident.Integration{Kind: incident.KindJSON, Name: "new"}
			change(&in)
			_, _, err := w.CreateIntegration(w.ctx, w.ann, in)
			return err
		}
		for name, err := range map[string]error{
			"kind":     create(func(in *incident.Integration) { in.Kind = "fax" }),
			"manual":   create(func(in *incident.Integration) { in.Kind = incident.KindManual }),
			"name":     create(func(in *incident.Integration) { in.Name = " " }),
			"room":     create(func(in *incident.Integration) { in.Room = "r_none" }),
			"policy":   create(func(in *incident.Integration) { in.Policy = "none" }),
			"team":     create(func(in *incident.Integration) { in.Team = "none" }),
			"shadow":   create(func(in *incident.Integration) { in.Shadow = "u_none" }),
			"endAfter": create(func(in *incident.Integration) { in.EndAfter = -1 }),
			"match":    create(func(in *incident.Integration) { in.Rules = []incident.Rule{{}} }),
			"pattern":  create(func(in *incident.Integration) { in.Rules = []incident.Rule{{Match: map[string]string{"a": "/(/"}}} }),
			"severity": create(func(in *incident.Integration) {
				in.Rules = []incident.Rule{{Match: map[string]string{"a": "b"}, Severity: "huge"}}
			}),
			"past":    func() error { _, err := w.SilenceIncident(w.ctx, w.ann, n, past); return err }(),
			"pause":   func() error { _, err := w.PauseIntegration(w.ctx, w.ann, "in_manual", past); return err }(),
			"nothing": func() error { _, err := w.AddSilence(w.ctx, w.ann, incident.Silence{Until: -1}); return err }(),
			"state":   func() error { _, err := w.Incidents(w.ctx, w.ann, incident.ListIn{State: "x"}); return err }(),
			"note":    w.Note(w.ctx, w.ann, n, " "),
			"device":  w.ReportDevice(w.ctx, w.ann, incident.DeviceState{}),
			"title":   func() error { _, err := w.Raise(w.ctx, w.ann, incident.RaiseIn{Title: " "}); return err }(),
			"info": func() error {
				_, err := w.Raise(w.ctx, w.ann, incident.RaiseIn{Title: "x", Severity: alert.Info})
				return err
			}(),
			"person": func() error {
				_, err := w.Raise(w.ctx, w.ann, incident.RaiseIn{Title: "x", Person: "u_none"})
				return err
			}(),
			"days": func() error { _, err := w.Duties(w.ctx, w.ann, 1000); return err }(),
		} {
			if got := fault.KindOf(err); got != fault.Invalid {
				t.Errorf("%s: %v is %q, want invalid", name, err, got)
			}
		}
		refused(t, create(func(in *incident.Integration) { in.Name = "PROD-json" }), fault.Conflict)
	})
}
