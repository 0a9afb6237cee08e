package alert

import (
	"bytes"
	"errors"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// What Slack answers, as plain text with status 400, to a request that it does not take. The texts are exact.
var (
	ErrInvalidPayload     = errors.New("invalid_payload")
	ErrNoText             = errors.New("no_text")
	ErrTooManyAttachments = errors.New("too_many_attachments")
)

const maxAttachments = 100

// Slack decodes Slack's incoming webhook and Mattermost's additions to it. The errors are ErrInvalidPayload, ErrNoText
// and ErrTooManyAttachments, whose texts are what the sender is to be answered.
//
// An attachment whose fallback or title begins with [FIRING:n] or [RESOLVED], as Alertmanager and Grafana write them, is
// an alert; its key is the rest of that text, so both match. Everything else is a Note: one for text and
// blocks (with a title when a header block gives one), and one for each attachment.
func Slack(body []byte, h http.Header, now time.Time) ([]Alert, error) {
	body = slackJSON(body, h)
	v, err := parse(body)
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		return nil, ErrInvalidPayload
	}
	t := tree(m)
	attachments := t.list("attachments")
	if len(attachments) > maxAttachments {
		return nil, ErrTooManyAttachments
	}
	base := Alert{
		As:       line(t.str("username"), maxName),
		Room:     line(strings.TrimPrefix(strings.TrimSpace(t.str("channel")), "#"), maxName),
		StartsAt: now,
	}
	var out []Alert
	said := said{text: mrkdwn(t.str("text"))}
	said.blocks(t.list("blocks"), 0)
	if text := said.whole(); text != "" || said.header != "" || len(said.links) > 0 {
		a := base
		a.Title, a.Text, a.Links = said.header, text, said.links
		a.note()
		out = append(out, a)
	}
	for _, at := range attachments {
		a, ok := attachment(at, base)
		if !ok {
			continue
		}
		if len(out) == 1 && out[0].plain() && strings.Contains(bare(a.Title+" "+a.Text), bare(out[0].Text)) {
			out = nil
		}
		out = append(out, a)
	}
	if len(out) == 0 {
		return nil, ErrNoText
	}
	return out, nil
}

// slackJSON finds the JSON in a body: as it is, or in a form's payload, with or without the right content type.
func slackJSON(body []byte, h http.Header) []byte {
	form := bytes.HasPrefix(bytes.TrimSpace(body), []byte("payload="))
	if !form && strings.HasPrefix(h.Get("Content-Type"), "application/x-www-form-urlencoded") {
		form = !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{"))
	}
	if !form {
		return body
	}
	raw := bytes.TrimSpace(body)
	if values, err := url.ParseQuery(string(raw)); err == nil && values.Get("payload") != "" {
		return []byte(values.Get("payload"))
	}
	return bytes.TrimPrefix(raw, []byte("payload="))
}

// note makes a into a Note.
func (a *Alert) note() {
	a.Status, a.Severity, a.SeverityWhy = Note, Info, "info, because it is a message and no alert"
}

// plain says whether a is a Note of nothing but text.
func (a *Alert) plain() bool {
	return a.Status == Note && a.Title == "" && len(a.Fields)+len(a.Links) == 0
}

// attachment is one attachment as an alert or as a Note; false when there is nothing in it.
func attachment(t tree, base Alert) (Alert, bool) {
	a := base
	said := said{text: paragraphs(mrkdwn(t.str("pretext")), mrkdwn(t.str("text")))}
	_, title := prefixed(plain(t.str("title")))
	said.links.add(first(title, "Link"), t.str("title_link"))
	said.links.add(plain(t.str("author_name")), t.str("author_link"))
	for _, x := range t.list("actions") {
		said.action(x)
	}
	said.blocks(t.list("blocks"), 0)
	said.links.add("Image", t.str("image_url"))
	said.links.add("Image", t.str("thumb_url"))
	a.Text = lines(paragraphs(said.whole(), mrkdwn(t.str("footer"))), maxText)
	a.Title = line(first(plain(t.str("title")), said.header, plain(t.str("author_name"))), maxTitle)
	a.Links = said.links
	a.Color = colour(t.str("color"))
	for _, f := range t.list("fields") {
		said.field(plain(f.str("title")), mrkdwn(f.str("value")))
	}
	a.Fields = said.fields
	if said.header != "" && a.Title != line(said.header, maxTitle) {
		a.Text = lines(paragraphs("**"+said.header+"**", a.Text), maxText)
	}
	for _, said := range []string{t.str("fallback"), t.str("title"), said.header} {
		if status, rest := prefixed(plain(said)); status != "" {
			a.alarm(status, rest, t)
			return a, true
		}
	}
	if a.Text == "" && a.Title == "" && len(a.Fields)+len(a.Links) == 0 {
		a.Text = lines(mrkdwn(t.str("fallback")), maxText)
	}
	a.note()
	return a, a.Text != "" || a.Title != "" || len(a.Fields)+len(a.Links) > 0
}

// alarm makes a into the alert that the sender's title announces. The key is that title without its prefix and link. It is
// kept whole: what is in parentheses may change while a group burns, and then a second incident opens, which is
// better than one incident that a neighbour's all-clear resolves.
func (a *Alert) alarm(status Status, rest string, t tree) {
	name := rest
	if i := strings.LastIndex(rest, " | http"); i >= 0 {
		name = rest[:i]
	}
	name = line(name, maxText)
	_, title := prefixed(a.Title)
	a.Title = line(first(title, name, "alert without a name"), maxTitle)
	a.Status = status
	a.Key = key("slack:" + strings.ToLower(name))
	a.Group = a.Key
	if status == Resolved {
		a.EndsAt = a.StartsAt
	}
	a.Severity, a.SeverityWhy = titleSeverity(name+" "+a.Title, t.str("color"))
}

// prefix is how senders say in a title that something fires or is well again.
var prefix = regexp.MustCompile(`(?i)\[(FIRING|RESOLVED)\b[^\]\n]{0,40}\]`)

// emoji are names such as :fire:.
var emoji = regexp.MustCompile(`:[a-zA-Z0-9_+'-]+:`)

// prefixed takes [FIRING:2] or [RESOLVED] off a title, with the emoji before it. Without one the status is empty and rest is
// all of s.
func prefixed(s string) (status Status, rest string) {
	at := prefix.FindStringSubmatchIndex(s)
	if at == nil {
		return "", s
	}
	before := emoji.ReplaceAllString(s[:at[0]], "")
	if strings.IndexFunc(before, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) >= 0 {
		return "", s
	}
	return Status(strings.ToLower(s[at[2]:at[3]])), strings.TrimSpace(s[at[1]:])
}

// inParentheses is what stands in a title's parentheses: where Alertmanager puts the labels.
var inParentheses = regexp.MustCompile(`\(([^()]*)\)`)

// titleSeverity finds the severity in a title: a word in parentheses, the word critical anywhere, else the colour.
func titleSeverity(title, color string) (Severity, string) {
	for _, m := range inParentheses.FindAllStringSubmatch(title, -1) {
		for _, w := range words(m[1]) {
			if s, ok := severityWords[strings.ToLower(w)]; ok {
				return s, `the word "` + w + `" in the title`
			}
		}
	}
	for _, w := range words(title) {
		if strings.EqualFold(w, "critical") {
			return Critical, `the word "` + w + `" in the title`
		}
	}
	if strings.TrimSpace(color) == "danger" {
		return Critical, "critical, because the colour is danger and the title says nothing else"
	}
	return Low, "low, because neither the title nor the colour says how severe it is"
}

func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// colour maps a sender's colour to ours: the names by meaning, #rrggbb by its hue.
func colour(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	switch s {
	case "danger":
		return "crit"
	case "warning":
		return "high"
	case "good":
		return "ok"
	}
	hex := strings.TrimPrefix(s, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		return ""
	}
	r, g, b := float64(n>>16), float64(n>>8&255), float64(n&255)
	most, least := max(r, g, b), min(r, g, b)
	if most-least < 40 {
		return "low"
	}
	hue := math.Mod(math.Atan2(math.Sqrt(3)*(g-b), 2*r-g-b)*180/math.Pi+360, 360)
	switch {
	case hue < 20 || hue >= 320:
		return "crit"
	case hue < 70:
		return "high"
	case hue < 170:
		return "ok"
	}
	return "info"
}
