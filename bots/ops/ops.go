// Package ops is the bot for incidents and rooms: who is on call, page, acknowledge, resolve, silence, invite, topic.
package ops

import (
	"context"
	"fmt"
	"strings"
	"time"

	"watchroom/bots/runner"
	"watchroom/server/account"
	"watchroom/server/alert"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/server/oncall"
)

const topicMax = 250 // as a room takes it

// Bot acts through the use cases as the person who typed.
type Bot struct {
	people    *account.Service
	rooms     *chat.Service
	incidents *incident.Service
}

// New is the bot over these services.
func New(people *account.Service, rooms *chat.Service, incidents *incident.Service) *Bot {
	return &Bot{people: people, rooms: rooms, incidents: incidents}
}

// Commands are /oncall /page /ack /resolve /silence /invite /topic.
func (b *Bot) Commands() []runner.Command {
	number := runner.Arg{Name: "incident", Kind: runner.IncidentArg}
	return []runner.Command{
		{Name: "oncall", Help: "Say who is on call, now and next.", May: notGuest, Args: []runner.Arg{{Name: "schedule", Kind: runner.WordArg}},
			Check: func(ctx context.Context, c runner.Call) error { _, err := b.oncall(ctx, c); return err }, Run: b.oncall},
		{Name: "page", Help: "Ring somebody, or whoever is on call for a team, until they acknowledge.", May: notGuest,
			Args:  []runner.Arg{{Name: "who", Kind: runner.WordArg, Required: true}, {Name: "text", Kind: runner.TextArg, Required: true}},
			Check: func(ctx context.Context, c runner.Call) error { _, err := b.target(ctx, c); return err }, Run: b.page},
		{Name: "ack", Help: "Acknowledge this room's incident, or the one with this number.", May: notGuest, Args: []runner.Arg{number}, Check: b.one("ack"), Run: b.ack},
		{Name: "resolve", Help: "Resolve this room's incident, or the one with this number.", May: notGuest, Args: []runner.Arg{number}, Check: b.one("resolve"), Run: b.resolve},
		{Name: "silence", Help: "Keep alerts from paging: by incident number, or by label=value pairs.", May: notGuest,
			Args: []runner.Arg{{Name: "what", Kind: runner.WordArg, Required: true, Many: true}}, Check: b.checkSilence, Run: b.silence},
		{Name: "invite", Help: "Bring people into this room.", May: notGuest, Args: []runner.Arg{{Name: "person", Kind: runner.PersonArg, Required: true, Many: true}},
			Check: b.checkInvite, Run: b.invite},
		{Name: "topic", Help: "Set this room's topic.", May: notGuest, Args: []runner.Arg{{Name: "text", Kind: runner.TextArg, Required: true}},
			Check: b.checkTopic, Run: b.topic},
	}
}

func notGuest(_ context.Context, c runner.Call) bool { return c.Who.Role != account.Guest }

func (b *Bot) oncall(ctx context.Context, c runner.Call) (string, error) {
	duties, err := b.incidents.Duties(ctx, c.Who, 14)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	want := strings.TrimPrefix(c.Arg("schedule"), "@")
	for _, d := range duties {
		if want != "" && !strings.EqualFold(d.Schedule.Name, want) {
			continue
		}
		fmt.Fprintf(&out, "**%s**: %s", d.Schedule.Name, b.names(ctx, d.Now, "nobody"))
		if !d.Until.IsZero() {
			fmt.Fprintf(&out, " until %s, then %s", d.Until.In(zone(d.Schedule.Zone)).Format("Mon 2 Jan 15:04 MST"), b.names(ctx, d.Next, "nobody"))
		}
		out.WriteString("\n")
	}
	if out.Len() == 0 {
		if want != "" {
			return "", fault.New(fault.Missing, "there is no schedule called %s", want)
		}
		return "There is no schedule yet.", nil
	}
	return out.String(), nil
}

func zone(name string) *time.Location {
	if loc, err := time.LoadLocation(name); err == nil {
		return loc
	}
	return time.UTC
}

// names lists handles without the @ that would mention: a line of the server is not a call.
func (b *Bot) names(ctx context.Context, people []id.Person, none string) string {
	var names []string
	for _, p := range people {
		if person, err := b.people.Person(ctx, p); err == nil {
			names = append(names, person.Name)
		}
	}
	if len(names) == 0 {
		return none
	}
	return strings.Join(names, ", ")
}

// target reads whom /page means: @ann, or a team's name.
func (b *Bot) target(ctx context.Context, c runner.Call) (incident.RaiseIn, error) {
	title, err := account.Line("text", strings.Join(strings.Fields(c.Arg("text")), " "), 200)
	if err != nil {
		return incident.RaiseIn{}, err
	}
	in := incident.RaiseIn{Title: title, Severity: alert.Critical, Room: c.Room}
	who := c.Arg("who")
	if handle, ok := strings.CutPrefix(who, "@"); ok {
		if p, err := b.people.ByHandle(ctx, handle); err == nil {
			if p.Disabled || p.ID == account.SystemPerson {
				return in, fault.Field("who", "@%s cannot be paged", p.Handle)
			}
			in.Person = p.ID
			return in, nil
		}
	}
	teams, err := b.incidents.Teams(ctx)
	if err != nil {
		return in, err
	}
	for _, t := range teams {
		if matches(t, strings.TrimPrefix(strings.TrimPrefix(who, "@"), "oncall-")) {
			in.Team = t.ID
			return in, nil
		}
	}
	return in, fault.Field("who", "%q is neither a person nor a team; write @name or a team's name", who)
}

func matches(t oncall.Team, name string) bool {
	return strings.EqualFold(t.Name, name) || strings.EqualFold(string(t.ID), name)
}

func (b *Bot) page(ctx context.Context, c runner.Call) (string, error) {
	in, err := b.target(ctx, c)
	if err != nil {
		return "", err
	}
	in.Key = fmt.Sprintf("command:%d", c.Seq)
	inc, err := b.incidents.Raise(ctx, c.Who, in)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Paging %s. #%d is open.", b.names(ctx, inc.Paged, "nobody: nobody is on call"), inc.ID), nil
}

func (b *Bot) persons(ctx context.Context, c runner.Call) ([]id.Person, error) {
	var people []id.Person
	for _, h := range c.Args["person"] {
		p, err := b.people.ByHandle(ctx, strings.TrimPrefix(h, "@"))
		if err != nil {
			return nil, fault.Field("person", "there is nobody called %s", h)
		}
		if p.Disabled {
			return nil, fault.Field("person", "%s is disabled", h)
		}
		people = append(people, p.ID)
	}
	return people, nil
}

func (b *Bot) checkInvite(ctx context.Context, c runner.Call) error {
	if _, err := b.persons(ctx, c); err != nil {
		return err
	}
	return b.named(ctx, c)
}

func (b *Bot) checkTopic(ctx context.Context, c runner.Call) error {
	if _, err := account.Line("text", c.Arg("text"), topicMax); err != nil {
		return err
	}
	return b.named(ctx, c)
}

// named refuses a direct room, which has neither a topic nor a door.
func (b *Bot) named(ctx context.Context, c runner.Call) error {
	v, err := b.rooms.View(ctx, c.Who, c.Room)
	if err == nil && v.Room.Kind == chat.Direct {
		return fault.New(fault.Conflict, "a direct room keeps its people and has no topic")
	}
	return err
}

func (b *Bot) invite(ctx context.Context, c runner.Call) (string, error) {
	people, err := b.persons(ctx, c)
	if err != nil {
		return "", err
	}
	if err := b.rooms.Add(ctx, c.Who, c.Room, people); err != nil {
		return "", err
	}
	return "Brought in " + b.names(ctx, people, "nobody") + ".", nil
}

func (b *Bot) topic(ctx context.Context, c runner.Call) (string, error) {
	text := c.Arg("text")
	if _, err := b.rooms.UpdateRoom(ctx, c.Who, c.Room, chat.RoomPatch{Topic: &text}); err != nil {
		return "", err
	}
	return "The topic is set.", nil
}
