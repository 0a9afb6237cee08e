package chat

import (
	"watchroom/server/account"
	"watchroom/server/id"
)

// The kinds of event that this package emits.
const (
	EventRoomCreated = "room.created"
	EventRoomChanged = "room.changed"
	EventRoomJoined  = "room.joined"
	EventRoomLeft    = "room.left"
	EventPosted      = "message.posted"
	EventEdited      = "message.edited"
	EventDeleted     = "message.deleted"
)

// RoomCreated announces a public room to everybody; a private one is announced to its members by Joined.
type RoomCreated struct {
	Room Room `json:"room"`
}

// RoomChanged carries a room as it is from now on: its name, topic, lock or archive changed.
type RoomChanged struct {
	Room Room `json:"room"`
}

// Joined says that a person is a member from this event on. It holds all that the person's client needs of the room.
type Joined struct {
	Room    Room             `json:"room"`
	Person  id.Person        `json:"person"`
	Members []account.Person `json:"members"` // at most 200; Total says how many there are
	Total   int              `json:"total"`
}

// Left says that a person is no member any more; the person still sees this event, and nothing of the room after it.
type Left struct {
	Room   id.Room   `json:"room"`
	Person id.Person `json:"person"`
	By     id.Person `json:"by"` // the person, or who removed them
}

// Posted carries a new message. Its ID is this event's Seq.
type Posted struct {
	Message Message `json:"message"`
}

// Edited replaces a message's text. The text in the event that posted it is overwritten too.
type Edited struct {
	Message  uint64      `json:"message"`
	Room     id.Room     `json:"room"`
	Text     string      `json:"text"`
	Mentions []id.Person `json:"mentions,omitempty"`
	Edited   id.Millis   `json:"edited"`
}

// Deleted turns a message into a tombstone.
type Deleted struct {
	Message uint64    `json:"message"`
	Room    id.Room   `json:"room"`
	Thread  uint64    `json:"thread,omitempty"` // of a reply: the message that it replied to
	Deleted id.Millis `json:"deleted"`
	By      id.Person `json:"by"`
}
