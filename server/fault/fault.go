// Package fault is the error that carries words for the user: a kind, which the edge maps to a status, and a message.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what a caller can do about an error.
type Kind string

// The kinds, each with the HTTP status that the edge gives it.
const (
	Invalid     Kind = "invalid"     // 422: the request is wrong; say it differently
	Unsigned    Kind = "unsigned"    // 401: sign in
	Denied      Kind = "denied"      // 403: signed in, but not allowed
	Missing     Kind = "missing"     // 404: not there, or not visible to this actor
	Conflict    Kind = "conflict"    // 409: true a moment ago, or the name is taken
	Gone        Kind = "gone"        // 410: used up or expired
	TooLarge    Kind = "too_large"   // 413
	Throttled   Kind = "throttled"   // 429
	Unavailable Kind = "unavailable" // 503: try again
	Internal    Kind = "internal"    // 500: ours; logged with a request id, shown as "internal error"
)

// Error is an error with words for the user.
type Error struct {
	Kind    Kind
	Message string
	Field   string // the input field that is wrong, when there is one
	cause   error
}

func (e *Error) Error() string {
	if e.cause != nil {
		return e.Message + ": " + e.cause.Error()
	}
	return e.Message
}

// Unwrap returns the error beneath.
func (e *Error) Unwrap() error { return e.cause }

// New is an error of this kind; format and args make the message that the user reads.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Field is an Invalid error about one field of the input.
func Field(field, format string, args ...any) *Error {
	return &Error{Kind: Invalid, Field: field, Message: field + ": " + fmt.Sprintf(format, args...)}
}

// Wrap is err with a kind and words for the user; the cause is logged and never shown.
func Wrap(err error, kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), cause: err}
}

// KindOf is the kind of err, Internal when nobody gave it one, and "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Words is what a user may read of err: "internal error" for what nobody classified.
func Words(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Message
	}
	return "internal error"
}
