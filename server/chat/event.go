package chat

import "watchroom/server/id"

// The kinds of events of this package.
const (
	EventRoomCreated = "room.created"
	EventRoomChanged = "room.changed"
	EventRoomJoined  = "room.joined"
	EventRoomLeft    = "room.left"
	EventPosted      = "message.posted"
	EventEdited      = "message.edited"
	EventDeleted     = "message.deleted"
)

// RoomCreated announces a new room to those who may find it.
type RoomCreated struct {
	Room Room `json:"room"`
}

// RoomChanged announces a room as it is now: its name, topic, locked or archived.
type RoomChanged struct {
	Room Room `json:"room"`
}

// Joined announces a new member. It has everything that the newcomer's client needs to show the room.
type Joined struct {
	Room    Room        `json:"room"`
	Person  id.Person   `json:"person"`
	Members []id.Person `json:"members"` // at most 200
	Total   int         `json:"total"`
}

// Left announces that a member left, or was removed by somebody else.
type Left struct {
	Room   id.Room   `json:"room"`
	Person id.Person `json:"person"`
	By     id.Person `json:"by"`
}

// Posted announces a message. Its id is the event's seq and its time the event's, unless it says one of its own.
type Posted struct {
	Message Message `json:"message"`
}

// Edited announces a message's new text. Superseded means that a later edit or deletion took this text away, and that
// there is nothing to apply: the later event follows.
type Edited struct {
	Message    uint64      `json:"message"`
	Room       id.Room     `json:"room"`
	Text       string      `json:"text"`
	Mentions   []id.Person `json:"mentions,omitempty"`
	Edited     id.Millis   `json:"edited"`
	Superseded bool        `json:"superseded,omitempty"`
	Replaces   uint64      `json:"replaces,omitempty"` // Seq of the edit before, whose body is superseded from now on
}

// Deleted announces that a message is a tombstone from now on.
type Deleted struct {
	Message  uint64    `json:"message"`
	Room     id.Room   `json:"room"`
	Thread   uint64    `json:"thread,omitempty"`
	Deleted  id.Millis `json:"deleted"`
	By       id.Person `json:"by"`
	Replaces uint64    `json:"replaces,omitempty"` // Seq of the newest edit, whose body is superseded from now on
}
