package chat

import "watchroom/server/id"

// Message is one thing said in a room. Its ID is the Seq of the event that posted it.
//
// In that event's body, in the log and in a socket's frame, ID is absent, and Time too unless it differs from the event's:
// the body is encoded before the committer gives both, so who reads an event takes them from its envelope. Replies and
// LastReply are not in it either: they are counted from the replies. What this package and the API return has all set.
// An edit and a deletion rewrite that body.
type Message struct {
	ID        uint64      `json:"id,omitempty"`
	Room      id.Room     `json:"room"`
	Author    id.Person   `json:"author"`
	Time      id.Millis   `json:"time,omitempty"`    // order in a room is (time, id)
	Text      string      `json:"text"`              // Markdown; "" with Deleted
	Thread    uint64      `json:"thread,omitempty"`  // the message that this replies to
	Ordinal   uint64      `json:"ordinal,omitempty"` // counts the room's messages outside threads from 1
	Files     []File      `json:"files,omitempty"`
	Mentions  []id.Person `json:"mentions,omitempty"`
	Card      *Card       `json:"card,omitempty"`
	Command   *CommandRef `json:"command,omitempty"` // Text is a command that was allowed; a runner answers it
	Nonce     string      `json:"nonce,omitempty"`   // chosen by the author; the same nonce never posts twice
	As        string      `json:"as,omitempty"`      // the sender's own name for itself, on webhook posts
	Edited    id.Millis   `json:"edited,omitempty"`
	Deleted   id.Millis   `json:"deleted,omitempty"` // a tombstone: text, files and card are gone
	Replies   int         `json:"replies,omitempty"`
	LastReply id.Millis   `json:"lastReply,omitempty"`
}

// CommandRef marks a message that is a command, with the name it was bound to.
type CommandRef struct {
	Name string `json:"name"`
}

// Card is what a message shows besides its text. Exactly one field is set.
type Card struct {
	Incident id.Incident `json:"incident,omitempty"` // the incident's present state, kept current by the client
	Alert    *AlertCard  `json:"alert,omitempty"`    // what a sender posted that is not an incident
	Page     *PageOffer  `json:"page,omitempty"`     // "@oncall-payments" offers a "Page ana" button
	Story    string      `json:"story,omitempty"`    // a built-in card of the first hour: "checklist"
}

// AlertCard is an info alert or a Slack attachment: title, colour and fields.
type AlertCard struct {
	Title  string  `json:"title"`
	Link   string  `json:"link,omitempty"`
	Color  string  `json:"color,omitempty"` // crit, high, low, info, ok
	Text   string  `json:"text,omitempty"`
	Fields []Field `json:"fields,omitempty"`
}

// Field is a name and a value on a card.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// PageOffer is a button that pages somebody about a message.
type PageOffer struct {
	Person id.Person `json:"person"`
	Team   id.Team   `json:"team"`
}

// File is an uploaded file as a message shows it.
type File struct {
	ID     id.File `json:"id"`
	Name   string  `json:"name"`
	Type   string  `json:"type"` // as sniffed from the bytes, never as claimed
	Size   int64   `json:"size"`
	Width  int     `json:"width,omitempty"`
	Height int     `json:"height,omitempty"`
}
