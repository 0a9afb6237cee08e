package account

import "watchroom/server/id"

// The kinds of events of this package.
const (
	EventPersonCreated   = "person.created"
	EventPersonChanged   = "person.changed"
	EventSettingsChanged = "settings.changed"
	EventSessionEnded    = "session.ended"
)

// PersonCreated announces a new person or bot.
type PersonCreated struct {
	Person Person `json:"person"`
}

// PersonChanged announces a person as it is now.
type PersonChanged struct {
	Person Person `json:"person"`
}

// SettingsChanged announces the settings as they are now.
type SettingsChanged struct {
	Settings Settings `json:"settings"`
}

// SessionEnded is for the server's own followers: a session or a token works no more, and its sockets must close. With
// neither of the two set it is everything that Person has.
type SessionEnded struct {
	Session id.Session `json:"session,omitempty"`
	Token   id.Token   `json:"token,omitempty"`
	Person  id.Person  `json:"person"`
}
