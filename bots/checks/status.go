package checks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"watchroom/bots/runner"
	"watchroom/server/account"
	"watchroom/server/fault"
)

// Commands is /status.
func (b *Bot) Commands() []runner.Command {
	return []runner.Command{{
		Name: "status", Help: "Show the newest result of every check, or of those with this name or tag.",
		Args: []runner.Arg{{Name: "tag", Kind: runner.WordArg}},
		May:  func(_ context.Context, c runner.Call) bool { return c.Who.Role != account.Guest },
		Check: func(ctx context.Context, c runner.Call) error {
			_, err := b.status(ctx, c)
			return err
		},
		Run: b.status,
	}}
}

func (b *Bot) status(ctx context.Context, c runner.Call) (string, error) {
	tag := c.Arg("tag")
	var out strings.Builder
	down, shown := 0, 0
	for _, s := range b.States(ctx) {
		if tag != "" && tag != "all" && s.Name != tag && !slices.Contains(s.Tags, tag) {
			continue
		}
		shown++
		since := ""
		if s.Since != 0 {
			since = " for " + time.Since(s.Since.Time()).Round(time.Second).String()
		}
		if s.State == Down {
			down++
		}
		fmt.Fprintf(&out, "- **%s** %s%s: %s\n", s.Name, s.State, since, s.Message)
	}
	switch {
	case shown == 0 && tag != "":
		return "", fault.New(fault.Missing, "no check has the name or tag %s", tag)
	case shown == 0:
		return "No checks are declared. Declare them under `checks:` in the configuration.", nil
	case down == 0:
		return fmt.Sprintf("%d of %d up.\n\n%s", shown, shown, out.String()), nil
	}
	return fmt.Sprintf("%d of %d DOWN.\n\n%s", down, shown, out.String()), nil
}
