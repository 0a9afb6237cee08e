package runner_test

import (
	"testing"
	"time"

	"watchroom/bots/runner"
)

// A path is talk, a slash and a word is a command.
func TestIsCommand(t *testing.T) {
	for text, want := range map[string]bool{
		"/help": true, "/ack 142": true, "/page @ann disk full": true, "/status\nsecond line": true,
		"/var/log/syslog is full": false, "/etc/passwd": false, "please /restart sql": false, "/": false, "/ x": false,
		"//comment": false, "/1": false, "": false, "`/help`": false,
	} {
		if got := runner.IsCommand(text); got != want {
			t.Errorf("IsCommand(%q) = %v, want %v", text, got, want)
		}
	}
}

// A span is the sum of its parts, and nonsense is refused.
func TestSpan(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30m": 30 * time.Minute, "1h30m": 90 * time.Minute, "2d": 48 * time.Hour, "1w": 168 * time.Hour, "until-resolved": runner.UntilResolved,
	} {
		got, err := runner.Span(text)
		if err != nil || got != want {
			t.Errorf("Span(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "30", "m", "-1h", "0m", "9999999d", "400d", "1h 30m", "1y"} {
		if got, err := runner.Span(text); err == nil {
			t.Errorf("Span(%q) = %v, want an error", text, got)
		}
	}
}

// An incident is named by its number, with or without what stands around it.
func TestIncident(t *testing.T) {
	for _, text := range []string{"142", "#142", "#inc-142-checkout", "inc-142"} {
		if got, err := runner.Incident(text); err != nil || got != 142 {
			t.Errorf("Incident(%q) = %d, %v, want 142", text, got, err)
		}
	}
}

// Whatever is typed, reading it neither panics nor takes a span out of its range.
func FuzzSpan(f *testing.F) {
	for _, s := range []string{"30m", "1h30m", "until-resolved", "", "99999999999999w"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := runner.Span(s)
		if err == nil && d != runner.UntilResolved && (d <= 0 || d > 366*24*time.Hour) {
			t.Errorf("Span(%q) = %v", s, d)
		}
		runner.IsCommand(s)
	})
}
