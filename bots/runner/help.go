package runner

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/id"
)

// Usage is the command as one types it: "/silence what time [why]".
func (c Command) Usage() string {
	var b strings.Builder
	b.WriteString("/" + c.Name)
	for _, a := range c.Args {
		name := a.Name
		switch {
		case a.Kind == PersonArg:
			name = "@" + name
		case a.Kind == ChoiceArg:
			name = strings.Join(a.Choices, "|")
		}
		if a.Many {
			name += "…"
		}
		if !a.Required {
			name = "[" + name + "]"
		}
		b.WriteString(" " + name)
	}
	return b.String()
}

// Help is a command as a client completes and explains it.
type Help struct {
	Name  string `json:"name"`
	Usage string `json:"usage"`
	Help  string `json:"help"`
	Args  []Arg  `json:"args,omitempty"`
}

// Commands lists what who may use in room, by name.
func (r *Runner) Commands(ctx context.Context, who account.Actor, room id.Room) []Help {
	call := Call{Who: who, Room: room}
	list := []Help{}
	for _, c := range r.commands {
		if r.may(ctx, c, call) {
			list = append(list, Help{Name: c.Name, Usage: c.Usage(), Help: c.Help, Args: c.Args})
		}
	}
	slices.SortFunc(list, func(a, b Help) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func (r *Runner) help() Command {
	return Command{
		Name: "help", Help: "List the commands that you may use here, or explain one.", Quiet: true,
		Args: []Arg{{Name: "command", Kind: WordArg}},
		Run: func(ctx context.Context, c Call) (string, error) {
			list := r.Commands(ctx, c.Who, c.Room)
			if name := strings.TrimPrefix(c.Arg("command"), "/"); name != "" {
				i := slices.IndexFunc(list, func(h Help) bool { return h.Name == name })
				if i < 0 {
					return "", &Unknown{Name: name, Nearest: r.nearest(ctx, c, name)}
				}
				return fmt.Sprintf("`%s`\n%s", list[i].Usage, list[i].Help), nil
			}
			var b strings.Builder
			for _, h := range list {
				fmt.Fprintf(&b, "- `%s` %s\n", h.Usage, h.Help)
			}
			return b.String(), nil
		},
	}
}

// reply answers the command at c in its room; a replay posts the same reply.
func (r *Runner) reply(ctx context.Context, c Call, text string) error {
	_, err := r.rooms.Post(ctx, account.System(), chat.PostIn{Room: c.Room, Thread: c.Thread, Text: text, Nonce: fmt.Sprintf("re:%d", c.Seq)})
	return err
}
