package storage

import (
	"bytes"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// ID identifies a record of type T: a UUID, of version 7 where lair makes it
// (RFC 9562, section 5.7), so that identifiers sort by creation time. The zero
// ID means "none". IDs of different records are different types.
type ID[T any] [16]byte

// The identifiers of users, rooms and messages.
type (
	UserID    = ID[User]
	RoomID    = ID[Room]
	MessageID = ID[Message]
)

// NewID returns a new identifier from the current time and random bits.
func NewID[T any]() ID[T] { return ID[T](newUUID()) }

// newUUID panics when the system has no random numbers, which crypto/rand
// turns into a crash anyway.
func newUUID() [16]byte { return uuid.Must(uuid.NewV7()) }

// ParseID returns the identifier written as s, in the canonical form of 36
// characters that [ID.String] gives; anything else is ErrInvalid.
func ParseID[T any](s string) (ID[T], error) {
	u, err := uuid.Parse(s)
	if err != nil || len(s) != 36 {
		return ID[T]{}, Invalid("ID", fmt.Sprintf("%.40q is not a UUID", s))
	}
	return ID[T](u), nil
}

// String returns the canonical form: 0190a6e2-….
func (id ID[T]) String() string { return uuid.UUID(id).String() }

// Compare orders identifiers bytewise, which for those of version 7 is by
// creation time.
func (id ID[T]) Compare(other ID[T]) int { return bytes.Compare(id[:], other[:]) }

// IsZero reports whether the identifier is unset.
func (id ID[T]) IsZero() bool { return id == ID[T]{} }

// Time returns the time of creation, to the millisecond, that an identifier of
// version 7 carries, and the zero time for any other.
func (id ID[T]) Time() time.Time {
	if uuid.UUID(id).Version() != 7 {
		return time.Time{}
	}
	var ms int64
	for _, b := range id[:6] {
		ms = ms<<8 | int64(b)
	}
	return time.UnixMilli(ms).UTC()
}

// MarshalText returns the canonical form, or nothing for the zero ID.
func (id ID[T]) MarshalText() ([]byte, error) {
	if id.IsZero() {
		return []byte{}, nil
	}
	return []byte(id.String()), nil
}

// UnmarshalText is the inverse of [ID.MarshalText].
func (id *ID[T]) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*id = ID[T]{}
		return nil
	}
	parsed, err := ParseID[T](string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// Scan reads an identifier from a database column: 16 bytes, the canonical
// text, or NULL for the zero ID.
func (id *ID[T]) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*id = ID[T]{}
		return nil
	case []byte:
		if len(v) == len(id) {
			copy(id[:], v)
			return nil
		}
		return id.UnmarshalText(v)
	case string:
		return id.UnmarshalText([]byte(v))
	}
	return &Error{Field: "ID", Kind: ErrInvalid, Err: errors.New("neither bytes nor text")}
}

// Value returns the 16 bytes for a database column, or NULL for the zero ID.
func (id ID[T]) Value() (driver.Value, error) {
	if id.IsZero() {
		return nil, nil
	}
	return id[:], nil
}
