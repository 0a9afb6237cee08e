package account

import "watchroom/server/id"

// The kinds of event that this package emits.
const (
	EventPersonCreated   = "person.created"
	EventPersonChanged   = "person.changed"
	EventSettingsChanged = "settings.changed"
	EventSessionEnded    = "session.ended"
)

// Settings are the few things that hold for the whole server and that its administrators may change while it runs.
type Settings struct {
	TeamName string `json:"teamName"`
}

// PersonCreated says that somebody has an account now.
type PersonCreated struct {
	Person Person `json:"person"`
}

// PersonChanged carries a person as they are from now on; a disabled one loses every session.
type PersonChanged struct {
	Person Person `json:"person"`
}

// SettingsChanged carries the settings as they are from now on.
type SettingsChanged struct {
	Settings Settings `json:"settings"`
}

// SessionEnded says that a sign-in, or an access token (then Session is empty and Token is set), counts no longer.
// It has no audience: the server itself follows it and closes the sockets.
type SessionEnded struct {
	Session id.Session `json:"session,omitempty"`
	Token   id.Token   `json:"token,omitempty"`
	Person  id.Person  `json:"person"`
}
