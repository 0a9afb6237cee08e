// Package wire is the protocol between server and browser: every event of the log with its body, every frame of the
// socket, and the TypeScript that the client compiles against, which is generated from here.
package wire

import (
	"maps"
	"slices"

	"watchroom/server/account"
	"watchroom/server/chat"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/server/oncall"
)

//go:generate go test . -run "TestTypeScript|TestDocs" -update

// EventCheckChanged is emitted when a check is up, down or unknown from now on.
const EventCheckChanged = "check.changed"

// Entry is one line of the registry: a kind or a frame's name, and the zero value of what it holds.
type Entry struct {
	Name string
	Zero any
	Note string // one sentence for the documentation
}

// Events lists every event that a client can see, by kind, with the zero value of its body and its audience.
func Events() []Entry {
	return []Entry{
		{account.EventPersonCreated, account.PersonCreated{}, "everybody, and the person"},
		{account.EventPersonChanged, account.PersonChanged{}, "everybody, and the person"},
		{account.EventSettingsChanged, account.SettingsChanged{}, "everybody"},
		{chat.EventRoomCreated, chat.RoomCreated{}, "everybody when the room is public, else nobody"},
		{chat.EventRoomChanged, chat.RoomChanged{}, "members; everybody when the room is public"},
		{chat.EventRoomJoined, chat.Joined{}, "members and the one who joined"},
		{chat.EventRoomLeft, chat.Left{}, "members and the one who left"},
		{chat.EventPosted, chat.Posted{}, "members"},
		{chat.EventEdited, chat.Edited{}, "members"},
		{chat.EventDeleted, chat.Deleted{}, "members"},
		{incident.EventOpened, incident.Opened{}, "members of the incident's room, the paged, and the readers of the room it came from"},
		{incident.EventChanged, incident.Changed{}, "as for incident.opened"},
		{incident.EventNoted, incident.Noted{}, "as for incident.opened"},
		{incident.EventPageChanged, incident.PageChanged{}, "members of the incident's room, and the paged person"},
		{incident.EventAlertChanged, incident.AlertChanged{}, "members of the incident's room"},
		{incident.EventTeamChanged, incident.TeamChanged{}, "everybody"},
		{incident.EventScheduleChanged, incident.ScheduleChanged{}, "everybody"},
		{incident.EventPolicyChanged, incident.PolicyChanged{}, "everybody"},
		{incident.EventIntegrationChanged, incident.IntegrationChanged{}, "administrators"},
		{incident.EventRequestReceived, incident.RequestReceived{}, "administrators"},
		{incident.EventSilenceChanged, incident.SilenceChanged{}, "everybody"},
		{EventCheckChanged, CheckChanged{}, "everybody"},
	}
}

// API lists the types of the REST API that no event or frame mentions and that the client needs.
func API() []any {
	return []any{
		account.Session{}, account.Token{}, account.TokenIn{}, account.Invite{}, account.InviteIn{}, account.InvitePeek{},
		account.AddIn{}, account.Patch{}, account.Way{},
		chat.HistoryPage{}, chat.SearchOut{}, chat.RoomPatch{},
		incident.Duty{}, incident.Detail{}, incident.IntegrationIn{},
	}
}

// CheckState is the newest result of one check.
type CheckState struct {
	Name    string    `json:"name"`
	Tags    []string  `json:"tags,omitempty"`
	State   string    `json:"state"` // up, down, unknown
	Since   id.Millis `json:"since"` // when it came into this state
	Message string    `json:"message"`
	Latency int64     `json:"latency,omitempty"` // of the last attempt, in milliseconds
}

// CheckChanged carries a check's result when its state changed.
type CheckChanged struct {
	Check CheckState `json:"check"`
}

// Snapshot is all that a client shows before it asks for more. It holds everything up to its At; events may tell
// some of it again, and applying those changes nothing.
type Snapshot struct {
	At        uint64               `json:"at"`
	Me        account.Person       `json:"me"`
	Settings  account.Settings     `json:"settings"`
	People    []account.Person     `json:"people"`
	Rooms     []chat.RoomView      `json:"rooms"`
	Incidents []incident.Incident  `json:"incidents"` // open, or resolved within the last 24 h
	Teams     []oncall.Team        `json:"teams"`
	Readiness []incident.Readiness `json:"readiness"` // of the people on call
	Commands  []CommandHelp        `json:"commands"`
}

// CommandHelp is a command as a client completes and explains it.
type CommandHelp struct {
	Name  string       `json:"name"` // without the slash
	Usage string       `json:"usage"`
	Help  string       `json:"help"`
	Args  []CommandArg `json:"args"`
}

// CommandArg is one argument of a command, in its place.
type CommandArg struct {
	Name     string   `json:"name"`
	Kind     ArgKind  `json:"kind"`
	Choices  []string `json:"choices,omitempty"`
	Required bool     `json:"required,omitempty"`
	Many     bool     `json:"many,omitempty"` // takes all that is left
}

// ArgKind is what an argument holds: a client completes it accordingly.
type ArgKind string

// The kinds of argument.
const (
	ArgPerson   ArgKind = "person"
	ArgRoom     ArgKind = "room"
	ArgIncident ArgKind = "incident"
	ArgWord     ArgKind = "word"
	ArgText     ArgKind = "text"
	ArgDuration ArgKind = "duration"
	ArgChoice   ArgKind = "choice"
)

// names lists what ks are called, in order, for a message.
func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
