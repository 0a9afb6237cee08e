package web

import (
	"context"
	"strings"

	"watchroom/bots/runner"
	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/id"
)

// RoomPath names a room by its id, or by its name with a ~ before it.
type RoomPath struct {
	Room id.Room `path:"room" doc:"r_… or ~name"`
}

func (s *Server) room(ctx context.Context, who account.Actor, in id.Room) (id.Room, error) {
	if name, ok := strings.CutPrefix(string(in), "~"); ok {
		return s.o.Rooms.Named(ctx, who, name)
	}
	return id.Room(strings.Clone(string(in))), nil
}

// inRoom registers an operation on one room, found by id or name.
func inRoom[I, O any](s *Server, method, path, summary string, of func(*I) id.Room, fn func(context.Context, account.Actor, id.Room, *I) (*O, error)) {
	secured(s, operation(method, "/rooms/{room}"+path, summary), func(ctx context.Context, who account.Actor, in *I) (*O, error) {
		room, err := s.room(ctx, who, of(in))
		if err != nil {
			return nil, err
		}
		return fn(ctx, who, room, in)
	})
}

func justRoom(in *RoomPath) id.Room { return in.Room }

type peopleBody struct {
	People []id.Person `json:"people" maxItems:"200"`
}

func (s *Server) roomRoutes() {
	rooms := s.o.Rooms
	type list = whole[[]chat.RoomView]
	secured(s, operation("GET", "/rooms", "List your rooms"), func(ctx context.Context, who account.Actor, _ *struct{}) (*list, error) {
		return reply(rooms.Rooms(ctx, who))
	})
	secured(s, operation("GET", "/rooms/directory", "Find rooms that you may read"), func(ctx context.Context, who account.Actor, in *struct {
		Q string `query:"q" maxLength:"100"`
	}) (*list, error) {
		return reply(rooms.Directory(ctx, who, in.Q))
	})
	secured(s, operation("POST", "/rooms", "Make a room"), func(ctx context.Context, who account.Actor, in *struct {
		Body struct {
			Kind   chat.RoomKind `json:"kind" enum:"public,private"`
			Name   string        `json:"name"`
			Topic  string        `json:"topic,omitempty"`
			People []id.Person   `json:"people,omitempty"`
		}
	}) (*whole[chat.Room], error) {
		b := in.Body
		return reply(rooms.CreateRoom(ctx, who, chat.RoomIn{Kind: b.Kind, Name: b.Name, Topic: b.Topic, People: b.People}))
	})
	secured(s, operation("POST", "/direct", "Open the direct room with these people"), func(ctx context.Context, who account.Actor, in *struct{ Body peopleBody }) (*whole[chat.Room], error) {
		return reply(rooms.Direct(ctx, who, in.Body.People))
	})
	inRoom(s, "GET", "", "Read a room as you have it", justRoom, func(ctx context.Context, who account.Actor, room id.Room, _ *RoomPath) (*whole[chat.RoomView], error) {
		return reply(rooms.View(ctx, who, room))
	})
	type patchIn struct {
		RoomPath
		Body chat.RoomPatch
	}
	inRoom(s, "PATCH", "", "Change a room: name, topic, locked, archived", func(in *patchIn) id.Room { return in.Room },
		func(ctx context.Context, who account.Actor, room id.Room, in *patchIn) (*whole[chat.Room], error) {
			return reply(rooms.UpdateRoom(ctx, who, room, in.Body))
		})
	inRoom(s, "POST", "/join", "Join a room", justRoom, func(ctx context.Context, who account.Actor, room id.Room, _ *RoomPath) (*none, error) {
		return done(rooms.Join(ctx, who, room))
	})
	inRoom(s, "POST", "/leave", "Leave a room", justRoom, func(ctx context.Context, who account.Actor, room id.Room, _ *RoomPath) (*none, error) {
		return done(rooms.Leave(ctx, who, room))
	})
	type addIn struct {
		RoomPath
		Body peopleBody
	}
	inRoom(s, "POST", "/members", "Bring people into a room", func(in *addIn) id.Room { return in.Room },
		func(ctx context.Context, who account.Actor, room id.Room, in *addIn) (*none, error) {
			return done(rooms.Add(ctx, who, room, in.Body.People))
		})
	type removeIn struct {
		RoomPath
		Person id.Person `path:"person"`
	}
	inRoom(s, "DELETE", "/members/{person}", "Remove somebody from a room", func(in *removeIn) id.Room { return in.Room },
		func(ctx context.Context, who account.Actor, room id.Room, in *removeIn) (*none, error) {
			return done(rooms.Remove(ctx, who, room, in.Person))
		})
	type markIn struct {
		RoomPath
		Body struct {
			Seq uint64 `json:"seq"`
		}
	}
	inRoom(s, "PUT", "/mark", "Say how far you have read", func(in *markIn) id.Room { return in.Room },
		func(ctx context.Context, who account.Actor, room id.Room, in *markIn) (*none, error) {
			return done(rooms.MarkRead(ctx, who, room, in.Body.Seq))
		})
}

// PageQuery says which page of a history is wanted.
type PageQuery struct {
	Before uint64 `query:"before"`
	After  uint64 `query:"after"`
	Around uint64 `query:"around"`
	Limit  int    `query:"limit" minimum:"0" maximum:"100"`
}

func (p PageQuery) page() chat.PageIn {
	return chat.PageIn{Before: p.Before, After: p.After, Around: p.Around, Limit: p.Limit}
}

// MessagePath names a message.
type MessagePath struct {
	ID uint64 `path:"id"`
}

type postIn struct {
	RoomPath
	Body struct {
		Text   string    `json:"text"`
		Thread uint64    `json:"thread,omitempty"`
		Files  []id.File `json:"files,omitempty" maxItems:"20"`
		Nonce  string    `json:"nonce,omitempty" maxLength:"64"`
	}
}

func (s *Server) messageRoutes() {
	rooms := s.o.Rooms
	type historyIn struct {
		RoomPath
		PageQuery
	}
	inRoom(s, "GET", "/messages", "Read a page of a room's history", func(in *historyIn) id.Room { return in.Room },
		func(ctx context.Context, who account.Actor, room id.Room, in *historyIn) (*whole[chat.HistoryPage], error) {
			return reply(rooms.History(ctx, who, room, in.page()))
		})
	inRoom(s, "POST", "/messages", "Post a message", func(in *postIn) id.Room { return in.Room },
		func(ctx context.Context, who account.Actor, room id.Room, in *postIn) (*whole[chat.Message], error) {
			b := in.Body
			return reply(rooms.Post(ctx, who, chat.PostIn{Room: room, Thread: b.Thread, Text: b.Text, Files: b.Files, Nonce: b.Nonce}))
		})
	inRoom(s, "POST", "/commands", "Run a command", func(in *postIn) id.Room { return in.Room },
		func(ctx context.Context, who account.Actor, room id.Room, in *postIn) (*whole[runner.Out], error) {
			b := in.Body
			return reply(s.o.Runner.Execute(ctx, who, runner.In{Room: room, Thread: b.Thread, Text: b.Text, Nonce: b.Nonce}))
		})
	secured(s, operation("GET", "/messages/{id}", "Read one message"), func(ctx context.Context, who account.Actor, in *MessagePath) (*whole[chat.Message], error) {
		return reply(rooms.Message(ctx, who, in.ID))
	})
	secured(s, operation("PATCH", "/messages/{id}", "Edit a message of yours"), func(ctx context.Context, who account.Actor, in *struct {
		MessagePath
		Body struct {
			Text string `json:"text"`
		}
	}) (*whole[chat.Message], error) {
		return reply(rooms.Edit(ctx, who, in.ID, in.Body.Text))
	})
	secured(s, operation("DELETE", "/messages/{id}", "Delete a message; a tombstone stays"), func(ctx context.Context, who account.Actor, in *MessagePath) (*none, error) {
		return done(rooms.Delete(ctx, who, in.ID))
	})
	secured(s, operation("GET", "/messages/{id}/thread", "Read a thread"), func(ctx context.Context, who account.Actor, in *struct {
		MessagePath
		PageQuery
	}) (*whole[chat.HistoryPage], error) {
		return reply(rooms.Thread(ctx, who, in.ID, in.page()))
	})
	secured(s, operation("GET", "/search", "Search what you may read, newest first"), func(ctx context.Context, who account.Actor, in *struct {
		Q      string `query:"q" maxLength:"400"`
		Before uint64 `query:"before"`
		Limit  int    `query:"limit" minimum:"0" maximum:"50"`
	}) (*whole[chat.SearchOut], error) {
		return reply(rooms.Search(ctx, who, chat.SearchIn{Q: in.Q, Before: in.Before, Limit: in.Limit}))
	})
	secured(s, operation("GET", "/commands", "List the commands that you may use in a room"), func(ctx context.Context, who account.Actor, in *struct {
		Room id.Room `query:"room"`
	}) (*whole[[]runner.Help], error) {
		return reply(s.o.Runner.Commands(ctx, who, in.Room), nil)
	})
}
