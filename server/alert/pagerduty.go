package alert

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"watchroom/server/fault"
)

// MaxPagerDuty is how many bytes an event may have.
const MaxPagerDuty = 512_000

// PagerDutyEvent is one event of PagerDuty's Events API v2.
type PagerDutyEvent struct {
	RoutingKey string // which integration it is for
	Action     string // trigger, acknowledge or resolve
	DedupKey   string // made up for a trigger without one, and to be returned to the sender

	event tree
}

// PagerDutyCheck reads an event and returns it, or the list of faults that the sender is to be answered with status 400.
// What only describes the trouble (severity, source, details) is never a reason to refuse: it would lose a page.
func PagerDutyCheck(body []byte) (PagerDutyEvent, []string) {
	if len(body) > MaxPagerDuty {
		return PagerDutyEvent{}, []string{"Event is too large (should be at most 512 KB)"}
	}
	v, err := parse(body)
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		return PagerDutyEvent{}, []string{"Event is not a JSON object"}
	}
	t := tree(m)
	e := PagerDutyEvent{
		RoutingKey: strings.TrimSpace(t.str("routing_key")),
		Action:     strings.TrimSpace(t.str("event_action")),
		DedupKey:   strings.TrimSpace(clean(t.str("dedup_key"))),
		event:      t,
	}
	var faults []string
	switch {
	case e.RoutingKey == "":
		faults = append(faults, "'routing_key' is missing or blank")
	case utf8.RuneCountInString(e.RoutingKey) != 32:
		faults = append(faults, "Length of 'routing_key' is incorrect (should be 32 characters)")
	}
	switch e.Action {
	case "trigger", "acknowledge", "resolve":
	case "":
		faults = append(faults, "'event_action' is missing or blank")
	default:
		faults = append(faults, "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')")
	}
	switch {
	case utf8.RuneCountInString(e.DedupKey) > 255:
		faults = append(faults, "Length of 'dedup_key' is incorrect (should be at most 255 characters)")
	case e.DedupKey == "" && (e.Action == "acknowledge" || e.Action == "resolve"):
		faults = append(faults, "'dedup_key' is missing or blank")
	}
	if e.Action == "trigger" {
		if _, ok := t["payload"].(map[string]any); !ok {
			faults = append(faults, "'payload' is missing or blank")
		} else if line(t.sub("payload").str("summary"), maxTitle) == "" {
			faults = append(faults, "'payload.summary' is missing or blank")
		}
	}
	if len(faults) > 0 {
		return PagerDutyEvent{}, faults
	}
	if e.DedupKey == "" {
		e.DedupKey = strings.ToLower(rand.Text())
	}
	return e, nil
}

// PagerDuty is PagerDutyCheck and Alerts as an Adapter.
func PagerDuty(body []byte, _ http.Header, now time.Time) ([]Alert, error) {
	e, faults := PagerDutyCheck(body)
	if faults != nil {
		return nil, fault.New(fault.Invalid, "%s", strings.Join(faults, "; "))
	}
	return e.Alerts(now), nil
}

// Alerts is the event as one alert whose key and group are the dedup key.
func (e PagerDutyEvent) Alerts(now time.Time) []Alert {
	p := e.event.sub("payload")
	_, title := prefixed(p.str("summary"))
	a := Alert{
		Key: key(e.DedupKey), Group: key(e.DedupKey), Status: Firing,
		Title:    line(title, maxTitle),
		As:       line(e.event.str("client"), maxName),
		StartsAt: since(p.str("timestamp"), now),
	}
	switch e.Action {
	case "acknowledge":
		a.Status = Acknowledged
	case "resolve":
		a.Status, a.EndsAt = Resolved, now
	default:
		a.Title = first(a.Title, line(p.str("summary"), maxTitle))
	}
	a.Severity, a.SeverityWhy = severity(p.str("severity"), "severity")
	if strings.EqualFold(strings.TrimSpace(p.str("severity")), "error") {
		a.Severity = Critical
	}
	a.Labels = map[string]string{}
	for _, n := range []string{"severity", "source", "component", "group", "class"} {
		if v := line(p.str(n), maxValue); v != "" {
			a.Labels[n] = v
		}
	}
	a.details(p["custom_details"])
	a.Links = e.links()
	return []Alert{a}
}

// details spreads custom_details, which may be anything: single words become labels, so that rules can match them, longer ones fields.
func (a *Alert) details(v any) {
	m, ok := v.(map[string]any)
	if !ok {
		if s := pretty(v); v != nil && strings.TrimSpace(s) != "" {
			a.Text = lines(s, maxText)
		}
		return
	}
	t := tree(m)
	for _, n := range t.names() {
		name, value := line(n, maxName), lines(pretty(t[n]), maxValue)
		if name == "" || value == "" || t[n] == nil {
			continue
		}
		_, taken := a.Labels[name]
		if !taken && word(t[n]) && len(a.Labels) < maxLabels && !strings.HasPrefix(name, "num_") {
			a.Labels[name] = value
		} else if len(a.Fields) < maxFields {
			a.Fields = append(a.Fields, Field{Name: name, Value: value})
		}
	}
}

// word says whether a JSON value is short enough to be a label.
func word(v any) bool {
	switch v := v.(type) {
	case string:
		return len(v) <= 200 && !strings.ContainsAny(v, "\n\r")
	case bool, json.Number:
		return true
	}
	return false
}

func (e PagerDutyEvent) links() []Link {
	var l links
	for _, k := range e.event.list("links") {
		l.add(k.str("text"), k.str("href"))
	}
	for i, k := range e.event.list("images") {
		alt := first(k.str("alt"), fmt.Sprintf("Image %d", i+1))
		l.add(alt, k.str("src"))
		l.add(alt+" (link)", k.str("href"))
	}
	l.add(first(e.event.str("client"), "Sender"), e.event.str("client_url"))
	return l
}
