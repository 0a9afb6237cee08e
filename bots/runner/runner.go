// Package runner binds commands that people type to the bots that declare them, and runs them with the rights of the person who typed.
package runner

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

// Command is one thing that a bot can do.
type Command struct {
	Name  string // one word, without the slash
	Help  string // one sentence
	Args  []Arg
	Quiet bool                                              // answers only the asker, and leaves no message in the room
	May   func(ctx context.Context, c Call) bool            // nil: every member; decides also whether it is listed
	Check func(ctx context.Context, c Call) error           // optional: refuses or asks, before anything is logged
	Run   func(ctx context.Context, c Call) (string, error) // does it, as the caller, and answers in Markdown
}

// ArgKind is what an argument holds.
type ArgKind string

// The kinds of argument.
const (
	PersonArg   ArgKind = "person"   // @ann
	IncidentArg ArgKind = "incident" // 142 or #142
	WordArg     ArgKind = "word"
	TextArg     ArgKind = "text" // the rest of the line; only as the last
	DurationArg ArgKind = "duration"
	ChoiceArg   ArgKind = "choice"
)

// Arg is one argument of a command, in its place.
type Arg struct {
	Name     string   `json:"name"`
	Kind     ArgKind  `json:"kind"`
	Choices  []string `json:"choices,omitempty"`
	Required bool     `json:"required,omitempty"`
	Many     bool     `json:"many,omitempty"` // takes all that is left
}

// Call is a command with its arguments, bound.
type Call struct {
	Who    account.Actor
	Room   id.Room
	Thread uint64
	Seq    uint64 // of the message that holds the command; 0 while it is being checked
	Args   map[string][]string
}

// Arg is the argument's first value, or "".
func (c Call) Arg(name string) string {
	if v := c.Args[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Bot declares commands.
type Bot interface {
	Commands() []Command
}

// In is a command as it was typed.
type In struct {
	Room   id.Room
	Thread uint64
	Text   string
	Nonce  string
}

// Out is the answer to the one who typed: Text for the eyes of the asker alone, or the Message that now stands in the room.
type Out struct {
	Text    string        `json:"text,omitempty"`
	Message *chat.Message `json:"message,omitempty"`
}

// Unknown is the error for a command that nobody declared. It stays in the composer.
type Unknown struct {
	Name    string
	Nearest []string
}

func (u *Unknown) Error() string { return "there is no command /" + u.Name }

// Unwrap gives the fault that the edge understands.
func (u *Unknown) Unwrap() error {
	return fault.New(fault.Missing, "there is no command /%s", u.Name)
}

// Suggest lists what may have been meant, each with its slash.
func (u *Unknown) Suggest() []string { return u.Nearest }

// Runner holds the commands and answers them.
type Runner struct {
	store    *store.Store
	people   *account.Service
	rooms    *chat.Service
	commands map[string]Command
	log      *slog.Logger
}

// New is a runner with /help and the bots' commands. Two bots declaring one name is an error of the program and is returned.
func New(st *store.Store, people *account.Service, rooms *chat.Service, log *slog.Logger, bots ...Bot) (*Runner, error) {
	r := &Runner{store: st, people: people, rooms: rooms, commands: map[string]Command{}, log: log}
	all := []Command{r.help()}
	for _, b := range bots {
		all = append(all, b.Commands()...)
	}
	for _, c := range all {
		if _, taken := r.commands[c.Name]; taken {
			return nil, fault.New(fault.Conflict, "two bots declare /%s", c.Name)
		}
		r.commands[c.Name] = c
	}
	return r, nil
}

// Execute binds and authorises text before anything is logged. A refusal or a question is an error that only the asker
// sees; a quiet command answers at once; every other one is posted as a message, and the follower runs it.
// Text that is no command (a second slash in the first word) is posted as it is.
func (r *Runner) Execute(ctx context.Context, who account.Actor, in In) (Out, error) {
	post := chat.PostIn{Room: in.Room, Thread: in.Thread, Text: in.Text, Nonce: in.Nonce}
	if !IsCommand(in.Text) {
		m, err := r.rooms.Post(ctx, who, post)
		return Out{Message: &m}, err
	}
	cmd, call, err := r.bind(ctx, who, in)
	if err != nil {
		return Out{}, err
	}
	if cmd.Quiet {
		text, err := cmd.Run(ctx, call)
		return Out{Text: text}, err
	}
	post.Command = &chat.CommandRef{Name: cmd.Name}
	m, err := r.rooms.Post(ctx, who, post)
	if err != nil {
		return Out{}, err
	}
	return Out{Message: &m}, nil
}

// bind finds the command, reads its arguments, and asks whether who may run it here.
func (r *Runner) bind(ctx context.Context, who account.Actor, in In) (Command, Call, error) {
	words, err := split(in.Text)
	if err != nil {
		return Command{}, Call{}, err
	}
	name := strings.TrimPrefix(words[0].text, "/")
	call := Call{Who: who, Room: in.Room, Thread: in.Thread}
	if _, err := r.rooms.View(ctx, who, in.Room); err != nil {
		return Command{}, Call{}, err
	}
	cmd, ok := r.commands[name]
	if !ok || !r.may(ctx, cmd, call) {
		if ok {
			return Command{}, Call{}, fault.New(fault.Denied, "you may not use /%s here", name)
		}
		return Command{}, Call{}, &Unknown{Name: name, Nearest: r.nearest(ctx, call, name)}
	}
	if call.Args, err = cmd.read(in.Text, words[1:]); err != nil {
		return Command{}, Call{}, err
	}
	if cmd.Check != nil {
		if err := cmd.Check(ctx, call); err != nil {
			return Command{}, Call{}, err
		}
	}
	return cmd, call, nil
}

func (r *Runner) may(ctx context.Context, cmd Command, call Call) bool {
	if cmd.May != nil {
		return cmd.May(ctx, call)
	}
	return true
}

// nearest lists the declared names that may have been meant, best first, at most three.
func (r *Runner) nearest(ctx context.Context, call Call, name string) []string {
	type near struct {
		name string
		far  int
	}
	var list []near
	for _, c := range r.commands {
		d := distance(name, c.Name)
		if strings.HasPrefix(c.Name, name) && name != "" {
			d = 0
		}
		if d <= max(1, len(c.Name)/2) && r.may(ctx, c, call) {
			list = append(list, near{"/" + c.Name, d})
		}
	}
	slices.SortFunc(list, func(a, b near) int {
		if a.far != b.far {
			return a.far - b.far
		}
		return strings.Compare(a.name, b.name)
	})
	var names []string
	for _, n := range list[:min(3, len(list))] {
		names = append(names, n.name)
	}
	return names
}
