package chat

import "watchroom/server/id"

// RoomKind says who may find and join a room.
type RoomKind string

// The kinds of room.
const (
	Public  RoomKind = "public"  // every member may find, read and join it
	Private RoomKind = "private" // by invitation
	Direct  RoomKind = "direct"  // between its members for ever; has no name
)

// Room is a place to talk, as its readers see it.
type Room struct {
	ID       id.Room     `json:"id"`
	Kind     RoomKind    `json:"kind"`
	Name     string      `json:"name"` // without the #; "" for direct rooms
	Topic    string      `json:"topic,omitempty"`
	Priority bool        `json:"priority,omitempty"` // an incident's own room
	Incident id.Incident `json:"incident,omitempty"` // of a priority room
	From     id.Room     `json:"from,omitempty"`     // of a priority room: the everyday room it came from; whoever reads that one may read and join this
	Team     id.Team     `json:"team,omitempty"`
	Locked   bool        `json:"locked,omitempty"` // only members write
	Archived bool        `json:"archived,omitempty"`
	Created  id.Millis   `json:"created"`
	By       id.Person   `json:"by"`
	Count    uint64      `json:"count"`    // ordinal of the newest message outside threads
	LastSeq  uint64      `json:"lastSeq"`  // Seq of the newest message outside threads
	LastTime id.Millis   `json:"lastTime"` // its time
}

// Member is one person's place in one room.
type Member struct {
	Room   id.Room   `json:"room"`
	Person id.Person `json:"person"`
	Joined id.Millis `json:"joined"`
}

// Mark is how far a person has read a room. It is not in the log.
type Mark struct {
	Room    id.Room `json:"room"`
	Seq     uint64  `json:"seq"`     // everything up to here is read
	Ordinal uint64  `json:"ordinal"` // the ordinal of that message
}

// RoomView is a room as one person has it in the list.
type RoomView struct {
	Room     Room        `json:"room"`
	Members  []id.Person `json:"members"` // at most 200, the asker first; Total says how many there are
	Total    int         `json:"total"`
	Joined   bool        `json:"joined"`
	Mark     Mark        `json:"mark"`
	Unread   uint64      `json:"unread"`
	Mentions uint64      `json:"mentions"` // unread messages that name this person; in a direct room all unread
}
