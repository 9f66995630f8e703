package storage

import "log/slog"

const redacted = "[redacted]"

// Secret is text that must never show, such as a password hash. Printing,
// logging and JSON give a placeholder (or nothing, when it is empty); only a
// conversion to string tells it, and JSON never sets it.
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

// LogValue returns a placeholder, for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns a placeholder, for JSON and others.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText leaves the secret as it is: what JSON carries is a placeholder.
func (s *Secret) UnmarshalText([]byte) error { return nil }
