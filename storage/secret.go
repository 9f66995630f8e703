package storage

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is text that must never show, such as a password hash. Printing,
// logging and JSON give a placeholder (or nothing, when it is empty); only a
// conversion to string tells it, and JSON never sets it. It is not to be the key
// of a map, nor an unexported field of what is printed: there no method of it is
// asked.
type Secret string

// String returns a placeholder, or "" when there is no secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString returns a placeholder, for %#v.
func (s Secret) GoString() string { return `storage.Secret("` + s.String() + `")` }

// Format writes the placeholder for any verb: a wrong one, such as %d, would
// show the text otherwise.
func (s Secret) Format(f fmt.State, verb rune) {
	switch {
	case verb == 'v' && f.Flag('#'):
		fmt.Fprint(f, s.GoString())
	case verb == 'q':
		fmt.Fprintf(f, fmt.FormatString(f, 'q'), s.String())
	default:
		fmt.Fprintf(f, fmt.FormatString(f, 's'), s.String())
	}
}

// LogValue returns a placeholder, for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns a placeholder, for JSON and others.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText leaves the secret as it is: what JSON carries is a placeholder.
func (s *Secret) UnmarshalText([]byte) error { return nil }
