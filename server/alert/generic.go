package alert

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"watchroom/server/fault"
)

// maxObjects is how many alerts one array may hold.
const maxObjects = 500

// Generic decodes what anybody can send: a JSON object, an array of them, or plain text.
//
//	{"title": "Disk full", "text": "94 %", "status": "firing", "severity": "critical", "key": "disk-web-1",
//	 "group": "web", "labels": {"service": "web"}, "link": "https://…", "links": [{"text": "Graph", "url": "https://…"}]}
//
// Only title or text is needed (message and body are text, too). Status is firing unless it says resolved (ok, recovered, closed, …), acknowledged or note. Without
// a key, the same title and labels are the same alert; without a group, an alert is a group of its own. An object with
// neither title nor text is a low alert that shows the JSON, so that nothing is lost. The first line of a plain text is its title.
func Generic(body []byte, h http.Header, now time.Time) ([]Alert, error) {
	if len(strings.TrimSpace(clean(string(body)))) == 0 {
		return nil, fault.New(fault.Invalid, "the body is empty")
	}
	v, err := parse(body)
	if err != nil {
		v = form(body, h)
	}
	switch v := v.(type) {
	case map[string]any:
		return []Alert{generic(v, now)}, nil
	case []any:
		rows := objects(v)
		if len(rows) == 0 || len(rows) != len(v) {
			return []Alert{unmapped(v, now)}, nil
		}
		if len(rows) > maxObjects {
			return nil, fault.New(fault.TooLarge, "one request holds at most %d alerts, this one has %d", maxObjects, len(rows))
		}
		out := make([]Alert, 0, len(rows))
		for _, r := range rows {
			out = append(out, generic(r, now))
		}
		return out, nil
	case string:
		return []Alert{plainText(v, now)}, nil
	}
	return []Alert{plainText(string(body), now)}, nil
}

// form reads title=…&text=… as an object, nil when the body is no such form. A content type alone proves nothing: curl claims a
// form for everything.
func form(body []byte, h http.Header) any {
	if !strings.HasPrefix(h.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil
	}
	values, err := url.ParseQuery(strings.TrimSpace(string(body)))
	if err != nil || !values.Has("title") && !values.Has("text") && !values.Has("message") {
		return nil
	}
	t := map[string]any{}
	for n := range values {
		t[n] = values.Get(n)
	}
	return t
}

// statusWords are the words for a status, in lower case. What is none of them fires.
var statusWords = map[string]Status{
	"resolved": Resolved, "resolve": Resolved, "ok": Resolved, "closed": Resolved, "close": Resolved, "recovered": Resolved,
	"recovery": Resolved, "up": Resolved, "normal": Resolved, "healthy": Resolved, "cleared": Resolved, "success": Resolved, "passed": Resolved,
	"acknowledged": Acknowledged, "acknowledge": Acknowledged, "ack": Acknowledged,
	"note": Note, "message": Note,
}

func generic(t tree, now time.Time) Alert {
	text := t.str("text", "body", "description", "message")
	title := line(t.str("title", "summary", "subject"), maxTitle)
	if message := t.str("message"); title == "" && message != text {
		title = line(message, maxTitle)
	}
	if title == "" && lines(text, maxText) == "" {
		return unmapped(map[string]any(t), now)
	}
	if title == "" {
		title, text = headline(text)
	}
	a := Alert{
		Status:      Firing,
		Title:       title,
		Text:        lines(text, maxText),
		Labels:      t.sub("labels").words(),
		Annotations: t.sub("annotations").words(),
		Room:        line(strings.TrimPrefix(strings.TrimSpace(t.str("room", "channel")), "#"), maxName),
		As:          line(t.str("as", "source"), maxName),
		StartsAt:    since(t.str("startsAt", "starts_at", "time", "timestamp"), now),
	}
	a.Severity, a.SeverityWhy = severity(first(t.str("severity", "priority", "level"), a.Labels["severity"]), "severity")
	said, rest := prefixed(title)
	if said != "" && rest != "" {
		title, a.Title, a.Status = rest, rest, said
		if t.str("severity", "priority", "level") == "" && a.Labels["severity"] == "" {
			a.Severity, a.SeverityWhy = titleSeverity(title, "")
		}
	}
	if s, ok := statusWords[strings.ToLower(strings.TrimSpace(t.str("status", "state")))]; ok {
		a.Status = s
	}
	switch a.Status {
	case Resolved:
		a.EndsAt = now
	case Note:
		a.note()
	}
	a.Key = key(first(strings.TrimSpace(clean(t.str("key", "dedup", "dedup_key", "alias", "fingerprint"))), "title:"+hash(title, hashLabels(a.Labels))))
	a.Group = key(first(strings.TrimSpace(clean(t.str("group", "groupKey"))), a.Key))
	a.Links = genericLinks(t)
	for _, n := range t.sub("fields").names() {
		if v := lines(str(t.sub("fields")[n]), maxValue); v != "" && len(a.Fields) < maxFields {
			a.Fields = append(a.Fields, Field{Name: line(n, maxName), Value: v})
		}
	}
	return a
}

func genericLinks(t tree) []Link {
	var l links
	l.add("Link", t.str("link", "url"))
	for _, n := range []string{"runbook_url", "runbook"} {
		l.add("Runbook", t.str(n))
	}
	many, _ := t["links"].([]any)
	for _, v := range many {
		switch v := v.(type) {
		case string:
			l.add("", v)
		case map[string]any:
			l.add(tree(v).str("text", "title", "name"), tree(v).str("url", "href", "link"))
		}
	}
	return l
}

// unmapped shows JSON that says neither title nor text. The same JSON again is the same alert.
func unmapped(v any, now time.Time) Alert {
	k := "json:" + hash(encode(v, ""))
	return Alert{
		Key: k, Group: k, Status: Firing, Title: "JSON without a title or a text",
		Text:     fenced(lines(pretty(v), maxText-100), "json"),
		Severity: Low, SeverityWhy: "low, because the JSON has none of the fields that we know",
		StartsAt: now,
	}
}

func plainText(s string, now time.Time) Alert {
	title, text := headline(s)
	k := "title:" + hash(title)
	return Alert{
		Key: k, Group: k, Status: Firing, Title: title, Text: text,
		Severity: Low, SeverityWhy: "low, because plain text has no severity",
		StartsAt: now,
	}
}

// headline splits a text into its first line and the rest. A first line that is too long for a title stays in the text too.
func headline(s string) (title, text string) {
	s = lines(s, maxText)
	one, rest, _ := strings.Cut(s, "\n")
	title = first(line(one, maxTitle), "alert without a title")
	if strings.HasSuffix(title, "…") {
		return title, s
	}
	return title, strings.TrimSpace(rest)
}
