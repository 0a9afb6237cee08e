package incident

import "watchroom/server/oncall"

// The kinds of event that this package emits.
const (
	EventOpened             = "incident.opened"
	EventChanged            = "incident.changed"
	EventNoted              = "incident.noted"
	EventPageChanged        = "page.changed"
	EventAlertChanged       = "alert.changed"
	EventTeamChanged        = "team.changed"
	EventScheduleChanged    = "schedule.changed"
	EventPolicyChanged      = "policy.changed"
	EventIntegrationChanged = "integration.changed"
	EventRequestReceived    = "request.received"
	EventSilenceChanged     = "silence.changed"
)

// Opened carries a new incident.
type Opened struct {
	Incident Incident `json:"incident"`
}

// Changed carries an incident as it is from now on.
type Changed struct {
	Incident Incident `json:"incident"`
}

// Noted carries a new line of an incident's timeline.
type Noted struct {
	Entry Entry `json:"entry"`
}

// PageChanged carries a page as it is from now on; a new one is queued.
type PageChanged struct {
	Page Page `json:"page"`
}

// AlertChanged carries one row of an incident as it is from now on.
type AlertChanged struct {
	Row Row `json:"row"`
}

// TeamChanged carries a team as it is from now on, or as it was when it was deleted.
type TeamChanged struct {
	Team    oncall.Team `json:"team"`
	Deleted bool        `json:"deleted,omitempty"`
}

// ScheduleChanged carries a schedule as it is from now on, or as it was when it was deleted.
type ScheduleChanged struct {
	Schedule oncall.Schedule `json:"schedule"`
	Deleted  bool            `json:"deleted,omitempty"`
}

// PolicyChanged carries a policy as it is from now on, or as it was when it was deleted.
type PolicyChanged struct {
	Policy  oncall.Policy `json:"policy"`
	Deleted bool          `json:"deleted,omitempty"`
}

// IntegrationChanged carries an integration as it is from now on, or as it was when it was removed. It never holds a key.
type IntegrationChanged struct {
	Integration Integration `json:"integration"`
	Deleted     bool        `json:"deleted,omitempty"`
}

// RequestReceived carries a sender's request with what became of it.
type RequestReceived struct {
	Request Request `json:"request"`
}

// SilenceChanged carries a silence as it is from now on.
type SilenceChanged struct {
	Silence Silence `json:"silence"`
}
