package alert_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"watchroom/server/alert"
	"watchroom/server/fault"
)

var update = flag.Bool("update", false, "write the golden files anew")

var now = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

type request struct {
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

func (r request) header() http.Header {
	h := http.Header{}
	for n, v := range r.Headers {
		h.Set(n, v)
	}
	return h
}

func adapter(path string) alert.Adapter {
	switch path {
	case "/webhook":
		return alert.Alertmanager
	case "/v2/enqueue":
		return alert.PagerDuty
	case "/slack":
		return alert.Slack
	}
	return alert.Generic
}

func load(t *testing.T, name string) request {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var r request
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func decode(t *testing.T, name string) []alert.Alert {
	t.Helper()
	r := load(t, name)
	alerts, err := adapter(r.Path)([]byte(r.Body), r.header(), now)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return alerts
}

// Every recorded request is decoded to exactly what its golden file says.
func TestGolden(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.json")
	if len(files) < 8 {
		t.Fatalf("%d recorded requests, want at least 8", len(files))
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".json")
		t.Run(name, func(t *testing.T) {
			r := load(t, name)
			alerts, err := adapter(r.Path)([]byte(r.Body), r.header(), now)
			sound(t, alerts, err)
			var got []byte
			if err != nil {
				got = []byte("error: " + fault.Words(err) + "\n")
				if fault.KindOf(err) == fault.Internal {
					got = []byte("error: " + err.Error() + "\n")
				}
			} else {
				var b strings.Builder
				e := json.NewEncoder(&b)
				e.SetEscapeHTML(false)
				e.SetIndent("", "  ")
				if err := e.Encode(alerts); err != nil {
					t.Fatal(err)
				}
				got = []byte(b.String())
			}
			golden := strings.TrimSuffix(f, ".json") + ".golden"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// What a sender reports as firing and then as resolved is the same key and group, whichever of its formats it uses.
func TestResolvedMatchesFiring(t *testing.T) {
	pairs := [][2]string{
		{"alertmanager-webhook-firing", "alertmanager-webhook-resolved"},
		{"alertmanager-slack-firing", "alertmanager-slack-resolved"},
		{"alertmanager-pagerduty-trigger", "alertmanager-pagerduty-resolve"},
	}
	for _, p := range pairs {
		firing, resolved := decode(t, p[0]), decode(t, p[1])
		if len(firing) != len(resolved) {
			t.Fatalf("%s: %d alerts, then %d", p[0], len(firing), len(resolved))
		}
		for i := range firing {
			f, r := firing[i], resolved[i]
			if f.Status != alert.Firing || r.Status != alert.Resolved {
				t.Errorf("%s: statuses %s and %s", p[0], f.Status, r.Status)
			}
			if f.Key != r.Key || f.Group != r.Group || f.Episode != r.Episode {
				t.Errorf("%s: %s/%s/%s became %s/%s/%s", p[0], f.Group, f.Key, f.Episode, r.Group, r.Key, r.Episode)
			}
			if f.Severity != alert.Critical {
				t.Errorf("%s: severity %s (%s), want critical", p[0], f.Severity, f.SeverityWhy)
			}
		}
	}
}

// However many alerts an Alertmanager group holds, it is one group with rows of their own.
func TestAlertmanagerGroupIsOne(t *testing.T) {
	alerts := decode(t, "alertmanager-webhook-firing")
	if len(alerts) != 2 || alerts[0].Group != alerts[1].Group || alerts[0].Key == alerts[1].Key || alerts[0].Title == alerts[1].Title {
		t.Errorf("got %+v, want two rows of one group", alerts)
	}
}

// The words of Slack's errors are exact, because senders compare them.
func TestSlackErrors(t *testing.T) {
	many := `{"attachments":[` + strings.TrimSuffix(strings.Repeat(`{"text":"x"},`, 101), ",") + `]}`
	for body, want := range map[string]error{
		"":                  alert.ErrInvalidPayload,
		"{":                 alert.ErrInvalidPayload,
		"payload=":          alert.ErrInvalidPayload,
		"{}":                alert.ErrNoText,
		`{"text":""}`:       alert.ErrNoText,
		`{"blocks":[{}]}`:   alert.ErrNoText,
		many:                alert.ErrTooManyAttachments,
		`{"text":"hello"}`:  nil,
		`{"attachments":7}`: alert.ErrNoText,
	} {
		if _, got := alert.Slack([]byte(body), http.Header{}, now); !errors.Is(got, want) {
			t.Errorf("%.40s: got %v, want %v", body, got, want)
		}
	}
}

// A PagerDuty event that is refused says every fault in the sender's own words.
func TestPagerDutyFaults(t *testing.T) {
	const rk = `"routing_key":"0123456789abcdef0123456789abcdef"`
	for body, want := range map[string][]string{
		`{"routing_key":"x"}`:                   {"Length of 'routing_key' is incorrect (should be 32 characters)", "'event_action' is missing or blank"},
		`[]`:                                    {"Event is not a JSON object"},
		`{` + rk + `,"event_action":"resolve"}`: {"'dedup_key' is missing or blank"},
		`{` + rk + `,"event_action":"trigger"}`: {"'payload' is missing or blank"},
		`{` + rk + `,"event_action":"trigger","dedup_key":"` + strings.Repeat("k", 256) + `","payload":{"summary":"s"}}`: {"Length of 'dedup_key' is incorrect (should be at most 255 characters)"},
		`{` + rk + `,"event_action":"trigger","payload":{"summary":"s"}}`:                                                nil,
		strings.Repeat(" ", alert.MaxPagerDuty+1):                                                                        {"Event is too large (should be at most 512 KB)"},
	} {
		if _, got := alert.PagerDutyCheck([]byte(body)); !slices.Equal(got, want) {
			t.Errorf("%.60s: got %q, want %q", body, got, want)
		}
	}
}

// A trigger without a dedup key gets one of its own, which the sender can be told.
func TestPagerDutyMakesDedupKeys(t *testing.T) {
	body := []byte(`{"routing_key":"0123456789abcdef0123456789abcdef","event_action":"trigger","payload":{"summary":"s"}}`)
	a, _ := alert.PagerDutyCheck(body)
	b, _ := alert.PagerDutyCheck(body)
	if a.DedupKey == "" || a.DedupKey == b.DedupKey || a.Alerts(now)[0].Key != a.DedupKey {
		t.Errorf("dedup keys %q and %q, key %q", a.DedupKey, b.DedupKey, a.Alerts(now)[0].Key)
	}
}

// However large or deep a body is, what comes out is bounded and quick to make.
func TestBounds(t *testing.T) {
	long := strings.Repeat("ä<&*", 200_000)
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	bodies := []string{
		fmt.Sprintf(`{"title":%q,"text":%q,"key":%q,"labels":{%q:%q}}`, long, long, long, long, long),
		fmt.Sprintf(`{"text":%q,"attachments":[{"title":%q,"fallback":%q,"fields":[{"title":%q,"value":%q}]}]}`, long, long, "[FIRING:1] "+long, long, long),
		`{"x":` + deep + `}`, deep, long, strings.Repeat("<!", 100_000), strings.Repeat("*a", 100_000), strings.Repeat("`", 100_000),
	}
	for _, body := range bodies {
		for _, decode := range []alert.Adapter{alert.Alertmanager, alert.PagerDuty, alert.Slack, alert.Generic} {
			alerts, err := decode([]byte(body), http.Header{}, now)
			sound(t, alerts, err)
			for _, a := range alerts {
				if b, err := json.Marshal(a); err != nil || len(b) > 1<<20 {
					t.Errorf("%.20s…: %d bytes, %v", body, len(b), err)
				}
			}
		}
	}
}

// sound checks what every adapter promises of whatever it returns.
func sound(t *testing.T, alerts []alert.Alert, err error) {
	t.Helper()
	if (err == nil) != (len(alerts) > 0) {
		t.Fatalf("%d alerts and error %v", len(alerts), err)
	}
	for _, a := range alerts {
		said := a.Status == alert.Firing && a.Title != "" || a.Status == alert.Resolved || a.Status == alert.Acknowledged ||
			a.Status == alert.Note && (a.Title != "" || a.Text != "" || len(a.Fields)+len(a.Links) > 0)
		if !said {
			t.Errorf("status %q with title %q says nothing", a.Status, a.Title)
		}
		if a.Status != alert.Note && (a.Key == "" || a.Group == "" || len(a.Key) > 255 || len(a.Group) > 255) {
			t.Errorf("key %q, group %q", a.Key, a.Group)
		}
		if !slices.Contains([]alert.Severity{alert.Critical, alert.Low, alert.Info}, a.Severity) || a.SeverityWhy == "" || a.StartsAt.IsZero() {
			t.Errorf("severity %q because %q, since %v", a.Severity, a.SeverityWhy, a.StartsAt)
		}
		if n := utf8.RuneCountInString(a.Title); n > 200 || strings.ContainsAny(a.Title, "\n\t") {
			t.Errorf("title of %d runes: %q", n, a.Title)
		}
		if n := utf8.RuneCountInString(a.Text); n > 16_000 {
			t.Errorf("text of %d runes", n)
		}
		texts := []string{a.Title, a.GroupTitle, a.Text, a.Key, a.Group, a.Room, a.As, a.SeverityWhy}
		for n, v := range a.Labels {
			texts = append(texts, n, v)
		}
		for _, f := range a.Fields {
			texts = append(texts, f.Name, f.Value)
		}
		for _, l := range a.Links {
			texts = append(texts, l.Text, l.URL)
			if low := strings.ToLower(l.URL); !strings.HasPrefix(low, "http://") && !strings.HasPrefix(low, "https://") {
				t.Errorf("link to %q", l.URL)
			}
		}
		for _, s := range texts {
			if !utf8.ValidString(s) || strings.ContainsFunc(s, deceives) {
				t.Errorf("%q holds what could deceive a reader", s)
			}
		}
		if _, err := json.Marshal(a); err != nil {
			t.Errorf("cannot be kept: %v", err)
		}
	}
}

func deceives(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// seed gives a fuzz target every recorded body.
func seed(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.json")
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		var r request
		if json.Unmarshal(b, &r) == nil {
			f.Add([]byte(r.Body), r.Headers["Content-Type"])
		}
	}
}

func fuzz(f *testing.F, decode alert.Adapter) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		alerts, err := decode(body, http.Header{"Content-Type": {contentType}}, now)
		sound(t, alerts, err)
	})
}

// Whatever arrives, decoding it never panics and returns alerts that can be shown and kept, or an error.
func FuzzAlertmanager(f *testing.F) { fuzz(f, alert.Alertmanager) }

// The same law for PagerDuty's events.
func FuzzPagerDuty(f *testing.F) { fuzz(f, alert.PagerDuty) }

// The same law for Slack's webhook.
func FuzzSlack(f *testing.F) { fuzz(f, alert.Slack) }

// The same law for what anybody sends; a body that says anything is never an error, but for too many alerts at once.
func FuzzGeneric(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		alerts, err := alert.Generic(body, http.Header{"Content-Type": {contentType}}, now)
		sound(t, alerts, err)
		if err != nil && fault.KindOf(err) != fault.TooLarge && !strings.Contains(err.Error(), "empty") {
			t.Errorf("%q is an error: %v", body, err)
		}
	})
}
