package ops

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"watchroom/bots/runner"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/server/incident"
)

// Several is the question that is asked when a command names no incident and more than one may be meant.
type Several struct {
	Command string
	Open    []incident.Incident
}

func (s *Several) Error() string {
	var list []string
	for i, one := range s.Open {
		if i == 5 {
			list = append(list, "…")
			break
		}
		list = append(list, fmt.Sprintf("#%d %s", one.ID, one.Title))
	}
	return fmt.Sprintf("%d incidents are open: %s. Which one?", len(s.Open), strings.Join(list, "; "))
}

// Unwrap gives the fault that the edge understands.
func (s *Several) Unwrap() error { return fault.New(fault.Conflict, "%s", s.Error()) }

// Suggest lists the commands to choose from.
func (s *Several) Suggest() []string {
	var list []string
	for _, i := range s.Open {
		list = append(list, fmt.Sprintf("/%s %d", s.Command, i.ID))
	}
	return list
}

// find is the incident that the call means: by number, else this room's, else the only open one.
func (b *Bot) find(ctx context.Context, c runner.Call, command string) (id.Incident, error) {
	if arg := c.Arg("incident"); arg != "" {
		n, err := runner.Incident(arg)
		if err != nil {
			return 0, fault.Field("incident", "%q is not an incident's number", arg)
		}
		_, err = b.incidents.Incident(ctx, c.Who, id.Incident(n))
		return id.Incident(n), err
	}
	open, err := b.incidents.Incidents(ctx, c.Who, incident.ListIn{State: "open", Limit: 100})
	if err != nil {
		return 0, err
	}
	here := slices.DeleteFunc(slices.Clone(open), func(i incident.Incident) bool { return i.Room != c.Room })
	if len(here) == 0 {
		here = open
	}
	switch len(here) {
	case 0:
		return 0, fault.New(fault.Missing, "no incident is open")
	case 1:
		return here[0].ID, nil
	}
	return 0, &Several{Command: command, Open: here}
}

// one asks which incident, before anything is logged, when that is not clear.
func (b *Bot) one(command string) func(context.Context, runner.Call) error {
	return func(ctx context.Context, c runner.Call) error {
		n, err := b.find(ctx, c, command)
		if err != nil {
			return err
		}
		d, err := b.incidents.Incident(ctx, c.Who, n)
		if err == nil && d.Incident.State == incident.Resolved {
			return fault.New(fault.Conflict, "#%d is resolved already", n)
		}
		return err
	}
}

func (b *Bot) ack(ctx context.Context, c runner.Call) (string, error) {
	n, err := b.find(ctx, c, "ack")
	if err != nil {
		return "", err
	}
	i, err := b.incidents.Acknowledge(ctx, c.Who, n, true)
	i.ID = n
	return b.said(ctx, c, i, err, "acknowledged")
}

func (b *Bot) resolve(ctx context.Context, c runner.Call) (string, error) {
	n, err := b.find(ctx, c, "resolve")
	if err != nil {
		return "", err
	}
	i, err := b.incidents.Resolve(ctx, c.Who, n)
	i.ID = n
	return b.said(ctx, c, i, err, "resolved")
}

// said answers only outside the incident's own room, where the incident itself writes the line. An incident that was
// resolved since the command was allowed, perhaps by this very command before a restart, needs no word either.
func (b *Bot) said(ctx context.Context, c runner.Call, i incident.Incident, err error, what string) (string, error) {
	if fault.KindOf(err) == fault.Conflict {
		d, gone := b.incidents.Incident(ctx, c.Who, i.ID)
		if gone == nil && d.Incident.State == incident.Resolved {
			i, err, what = d.Incident, nil, "resolved"
		}
	}
	if err != nil || i.Room == c.Room {
		return "", err
	}
	return fmt.Sprintf("#%d is %s.", i.ID, what), nil
}

// quiet is what /silence was told: an incident or labels, and how long.
type quiet struct {
	incident id.Incident
	match    map[string]string
	span     time.Duration
}

var label = regexp.MustCompile(`^([a-zA-Z_][a-zA-Z0-9_]*)=(.+)$`)

// readSilence reads "142 2h", "service=api env=prod 30m" or "142 until-resolved". Without a time it is an hour.
func readSilence(words []string) (quiet, error) {
	q := quiet{match: map[string]string{}, span: time.Hour}
	for i, w := range words {
		if span, err := runner.Span(w); err == nil && i == len(words)-1 && i > 0 {
			q.span = span
			continue
		}
		if m := label.FindStringSubmatch(w); m != nil {
			q.match[m[1]] = m[2]
			continue
		}
		n, err := runner.Incident(w)
		if err != nil || q.incident != 0 {
			return q, fault.Field("what", "%q is neither an incident's number nor label=value nor, at the end, a time", w)
		}
		q.incident = id.Incident(n)
	}
	if (q.incident == 0) == (len(q.match) == 0) {
		return q, fault.Field("what", "name one incident or one or more label=value pairs")
	}
	return q, nil
}

func (b *Bot) checkSilence(ctx context.Context, c runner.Call) error {
	q, err := readSilence(c.Args["what"])
	if err != nil || q.incident == 0 {
		return err
	}
	_, err = b.incidents.Incident(ctx, c.Who, q.incident)
	return err
}

func (b *Bot) silence(ctx context.Context, c runner.Call) (string, error) {
	q, err := readSilence(c.Args["what"])
	if err != nil {
		return "", err
	}
	until, words := id.Millis(-1), "until resolved"
	if q.span != runner.UntilResolved {
		end := time.Now().Add(q.span)
		until, words = id.At(end), "until "+end.UTC().Format("Mon 15:04 MST")
	}
	if q.incident != 0 {
		if _, err := b.incidents.SilenceIncident(ctx, c.Who, q.incident, until); err != nil {
			return "", err
		}
		return fmt.Sprintf("#%d is silenced %s.", q.incident, words), nil
	}
	if _, err := b.incidents.AddSilence(ctx, c.Who, incident.Silence{Match: q.match, Until: until}); err != nil {
		return "", err
	}
	var pairs []string
	for k, v := range q.match {
		pairs = append(pairs, k+"="+v)
	}
	slices.Sort(pairs)
	return fmt.Sprintf("Alerts with %s are silenced %s. They are still shown.", strings.Join(pairs, " "), words), nil
}
