// Package alert decodes what each sender posts into alerts. It is pure: bytes and a time in, alerts out.
package alert

import (
	"net/http"
	"time"
)

// Status is what the sender says of an alert.
type Status string

// The statuses.
const (
	Firing       Status = "firing"
	Acknowledged Status = "acknowledged" // somebody acknowledged it at the sender
	Resolved     Status = "resolved"
	Note         Status = "note" // nothing to work on: text to show
)

// Severity is how much an alert matters.
type Severity string

// The severities.
const (
	Critical Severity = "critical" // rings until acknowledged
	Low      Severity = "low"      // chimes once
	Info     Severity = "info"     // only posts
)

// Alert is one thing that a sender says is wrong, or well again.
type Alert struct {
	Key         string            `json:"key"`   // the sender's name for this alert, such as a fingerprint; one open key is one row
	Group       string            `json:"group"` // the sender's name for what belongs together: one open group is one incident
	Status      Status            `json:"status"`
	Title       string            `json:"title"`                // plain text, at most 200 runes; empty on a Note that is only Text, and where the sender gave none with an acknowledge or resolve
	GroupTitle  string            `json:"groupTitle,omitempty"` // what the whole group is called, when the sender says so; else Title serves
	Text        string            `json:"text,omitempty"`       // Markdown, at most 16,000 runes
	Severity    Severity          `json:"severity"`
	SeverityWhy string            `json:"severityWhy"` // in words: "label severity=critical", "low, because there is no severity label"
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Links       []Link            `json:"links,omitempty"`
	Fields      []Field           `json:"fields,omitempty"`
	Room        string            `json:"room,omitempty"`  // a room the sender asks for (Slack's channel), without #
	As          string            `json:"as,omitempty"`    // the sender's own name for itself
	Color       string            `json:"color,omitempty"` // crit, high, low, info or ok
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt,omitzero"`     // set on resolved alerts, or when the sender says that it ends by itself
	Episode     string            `json:"episode,omitempty"`   // differs when the same key fires anew
	Truncated   int               `json:"truncated,omitempty"` // how many alerts of this group the sender left out; an absent alert is not a resolved one
}

// Link is a place to read more: a runbook, a graph, the sender's page.
type Link struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// Field is a name and a value.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Adapter decodes one sender's request. An error means that the body is not what this sender sends: the
// caller keeps it raw and shows it as an unparsed low alert; it is never dropped.
type Adapter func(body []byte, h http.Header, now time.Time) ([]Alert, error)
