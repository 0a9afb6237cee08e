package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"time"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

const (
	cursorName = "runner"
	runTimeout = 30 * time.Second
	saveEvery  = 200 // events between two saves of the cursor while nothing is run
)

// Run follows the log and runs each command once it is posted. Its cursor is durable, so a command is run at least once;
// its reply has the command's own nonce, so a replay is the same reply. A new runner starts at the head.
func (r *Runner) Run(ctx context.Context) error {
	after, found, err := r.store.Cursor(ctx, cursorName)
	if err != nil {
		return fmt.Errorf("read the runner's cursor: %w", err)
	}
	if !found || after > r.store.Head() {
		after = r.store.Head()
	}
	idle := 0
	for e, err := range r.store.Follow(ctx, after) {
		if err != nil {
			return err
		}
		idle++
		ran := e.Kind == "message.posted" && r.event(ctx, e)
		if ran || idle >= saveEvery {
			if err := r.store.SetCursor(ctx, cursorName, e.Seq); err != nil && ctx.Err() == nil {
				return fmt.Errorf("save the runner's cursor: %w", err)
			}
			idle = 0
		}
	}
	return nil
}

// event runs the command that a posted message holds, and tells whether there was one.
func (r *Runner) event(ctx context.Context, e store.Event) bool {
	var posted struct {
		Message chat.Message `json:"message"`
	}
	if !bytes.Contains(e.Body, []byte(`"command":`)) { // most messages: a text that holds this has its quotes escaped
		return false
	}
	if err := json.Unmarshal(e.Body, &posted); err != nil || posted.Message.Command == nil {
		return false
	}
	m := posted.Message
	text, call, err := r.run(ctx, e, m)
	if ctx.Err() != nil {
		return false
	}
	if err != nil {
		if fault.KindOf(err) == fault.Internal {
			r.log.Error("command failed", "command", m.Command.Name, "seq", e.Seq, "error", err)
		}
		text = fmt.Sprintf("/%s did not work: %s.", m.Command.Name, fault.Words(err))
	}
	if text == "" {
		return true
	}
	if err := r.reply(ctx, call, text); err != nil {
		r.log.Error("reply not posted", "command", m.Command.Name, "seq", e.Seq, "error", err)
	}
	return true
}

// run binds and authorises the command anew: rights may have changed since it was posted.
func (r *Runner) run(ctx context.Context, e store.Event, m chat.Message) (text string, call Call, err error) {
	ctx, cancel := context.WithTimeout(ctx, runTimeout)
	defer cancel()
	call = Call{Room: m.Room, Thread: m.Thread, Seq: uint64(e.Seq)}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	who, err := r.people.ActorOf(ctx, id.Person(e.Actor))
	if err != nil {
		return "", call, err
	}
	cmd, bound, err := r.bindPosted(ctx, who, m)
	if err != nil {
		return "", call, err
	}
	bound.Seq = uint64(e.Seq)
	text, err = cmd.Run(ctx, bound)
	return text, bound, err
}

// bindPosted binds without the command's own questions: they were answered before it was posted, and Run judges the present.
func (r *Runner) bindPosted(ctx context.Context, who account.Actor, m chat.Message) (Command, Call, error) {
	words, err := split(m.Text)
	if err != nil {
		return Command{}, Call{}, err
	}
	call := Call{Who: who, Room: m.Room, Thread: m.Thread}
	cmd, ok := r.commands[m.Command.Name]
	if !ok {
		return Command{}, call, &Unknown{Name: m.Command.Name}
	}
	if !r.may(ctx, cmd, call) {
		return Command{}, call, fault.New(fault.Denied, "you may not use /%s here", cmd.Name)
	}
	call.Args, err = cmd.read(m.Text, words[1:])
	return cmd, call, err
}
