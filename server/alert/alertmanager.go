package alert

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"watchroom/server/fault"
)

// Alertmanager decodes the webhook of Prometheus Alertmanager, version 4: every alert of one group, each time the whole
// group. All of them share Group, the sender's group key, so they are one incident however many they are. A body that
// the sender's own `payload` replaced is an error.
func Alertmanager(body []byte, _ http.Header, now time.Time) ([]Alert, error) {
	v, err := parse(body)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "this is not JSON")
	}
	m, _ := v.(map[string]any)
	g := tree(m)
	rows := g.list("alerts")
	switch {
	case g.str("version") != "4" || g.str("groupKey") == "":
		return nil, fault.New(fault.Invalid, "this is not an Alertmanager webhook of version 4: version and groupKey are missing or different")
	case len(rows) == 0:
		return nil, fault.New(fault.Invalid, "this Alertmanager webhook holds no alerts")
	}
	common := g.sub("commonLabels").words()
	truncated, _ := strconv.Atoi(g.str("truncatedAlerts"))
	out := make([]Alert, 0, len(rows))
	for _, r := range rows {
		a := promAlert(r, common, now)
		a.Group = key(g.str("groupKey"))
		a.GroupTitle = groupTitle(g, common)
		a.As = line(g.str("receiver"), maxName)
		a.Truncated = max(truncated, 0)
		l := links(a.Links)
		l.add("Alertmanager", receiverURL(g))
		a.Links = l
		out = append(out, a)
	}
	return out, nil
}

// promAlert is one alert as Prometheus and Alertmanager write it.
func promAlert(r tree, common map[string]string, now time.Time) Alert {
	labels, notes := r.sub("labels").words(), r.sub("annotations").words()
	a := Alert{
		Key:         key(first(strings.TrimSpace(clean(r.str("fingerprint"))), hashLabels(labels))),
		Status:      Firing,
		Labels:      labels,
		Annotations: notes,
		StartsAt:    since(r.str("startsAt"), now),
		Title:       rowTitle(labels, notes, common),
		Text:        lines(first(notes["description"], notes["message"]), maxText),
	}
	if t, ok := moment(r.str("startsAt")); ok {
		a.Episode = t.Format(time.RFC3339Nano)
	}
	if t, ok := moment(r.str("endsAt")); ok {
		a.EndsAt = t
	}
	if r.str("status") == string(Resolved) {
		a.Status = Resolved
		if a.EndsAt.IsZero() {
			a.EndsAt = now
		}
	}
	a.Severity, a.SeverityWhy = severity(labels["severity"], "label severity")
	a.Links = promLinks(r, notes)
	return a
}

// rowTitle is what one alert is called: its summary or its name, and which of several it is.
func rowTitle(labels, notes, common map[string]string) string {
	title := line(first(notes["summary"], notes["title"], notes["message"], labels["alertname"], "alert without a name"), maxTitle)
	var own []string
	for _, n := range slices.Sorted(maps.Keys(labels)) {
		if v := labels[n]; common[n] != v && n != "severity" && n != "alertname" && !strings.Contains(title, v) && len(own) < 3 {
			own = append(own, line(v, 60))
		}
	}
	if len(own) == 0 {
		return title
	}
	return line(title+" ("+strings.Join(own, ", ")+")", maxTitle)
}

// groupTitle is what a whole group is called: the summary that its alerts share, else the labels they are grouped by.
func groupTitle(g tree, common map[string]string) string {
	notes, by := g.sub("commonAnnotations").words(), g.sub("groupLabels").words()
	if t := first(notes["summary"], notes["title"], notes["message"]); t != "" {
		return line(t, maxTitle)
	}
	parts := []string{}
	if name := first(by["alertname"], common["alertname"]); name != "" {
		parts = append(parts, name)
	}
	for _, n := range slices.Sorted(maps.Keys(by)) {
		if n != "alertname" {
			parts = append(parts, by[n])
		}
	}
	return line(first(strings.Join(parts, " "), g.str("groupKey")), maxTitle)
}

// promLinkNames are the annotations that hold an address, in the order in which they are shown, and what they are called.
var promLinkNames = []struct{ name, text string }{
	{"runbook_url", "Runbook"}, {"runbook", "Runbook"}, {"runbookURL", "Runbook"},
	{"dashboard_url", "Dashboard"}, {"dashboard", "Dashboard"}, {"dashboardURL", "Dashboard"}, {"grafana_url", "Grafana"},
}

func promLinks(r tree, notes map[string]string) []Link {
	var l links
	for _, n := range promLinkNames {
		l.add(n.text, notes[n.name])
	}
	l.add("Graph", r.str("generatorURL"))
	for _, n := range slices.Sorted(maps.Keys(notes)) {
		l.add(n, notes[n])
	}
	return l
}

// receiverURL is the sender's page about this receiver's alerts, as its own templates write it.
func receiverURL(g tree) string {
	base := strings.TrimSuffix(strings.TrimSpace(g.str("externalURL")), "/")
	if base == "" {
		return ""
	}
	return base + "/#/alerts?receiver=" + url.QueryEscape(g.str("receiver"))
}
