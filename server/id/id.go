// Package id holds the identifiers that every noun shares, each a type of its own so that
// a room cannot be passed where a person is asked for.
package id

import (
	"crypto/rand"
	"encoding/base64"
	"time"

	"github.com/oklog/ulid/v2"
)

type (
	// Person names a human or a bot account.
	Person string
	// Room names a room for ever; its name on the screen may change.
	Room string
	// Session names one sign-in on one device.
	Session string
	// Token names a personal access token (never its secret).
	Token string
	// Invite names an invitation link (never its secret).
	Invite string
	// File names an uploaded file.
	File string
	// Integration names a sender's way in.
	Integration string
	// Request names one request that a sender made.
	Request string
	// Team names a team.
	Team string
	// Schedule names an on-call schedule.
	Schedule string
	// Policy names an escalation policy.
	Policy string
	// Page names one attempt to reach one person about one incident by one way.
	Page string
	// Silence names a silence.
	Silence string
	// Device is chosen by a browser and kept in its storage: the tabs of one browser share it.
	Device string
	// Incident is the number people say: 142 in #inc-142-checkout. It is never used twice.
	Incident uint64
)

// Millis is a moment as milliseconds since 1970 in UTC: what the log, the API and the socket speak.
type Millis int64

// At is t as Millis; the zero time is 0.
func At(t time.Time) Millis {
	if t.IsZero() {
		return 0
	}
	return Millis(t.UnixMilli())
}

// Time is m as a time in UTC; 0 is the zero time.
func (m Millis) Time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m)).UTC()
}

// New is a fresh identifier with the given prefix, such as "r_01J…": unique, and ordered by time.
func New[T ~string](prefix string) T {
	return T(prefix + "_" + ulid.Make().String())
}

// Secret is a fresh random secret of 192 bits, safe in a URL.
func Secret() string {
	b := make([]byte, 24)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
