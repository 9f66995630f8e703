package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// The kinds of failure. Every error of a [Store] is an [*Error] whose Kind is
// one of these, so that errors.Is(err, ErrNotFound) tells. Where several apply
// to one call, it reports the first of: closed, context, invalid, not found,
// forbidden, conflict, duplicate.
var (
	ErrNotFound        = errors.New("not found")
	ErrDuplicate       = errors.New("already exists")
	ErrInvalid         = errors.New("invalid")
	ErrConflict        = errors.New("conflict")                    // stale version, an idempotency key used for something else, editing a tombstone
	ErrConstraint      = errors.New("constraint violated")         // the data forbids it, and no other kind says it better
	ErrForbidden       = errors.New("forbidden")                   // Error.Reason tells why
	ErrUnauthenticated = errors.New("not authenticated")           //
	ErrThrottled       = errors.New("throttled")                   // Error.RetryAfter tells how long
	ErrTimeout         = errors.New("timed out")                   // the context's deadline, or another process's lock
	ErrCanceled        = errors.New("canceled")                    // the context was canceled
	ErrPoolExhausted   = errors.New("no free reader")              // the wait for a reader reached its limit
	ErrSerialization   = errors.New("serialization failure")       // try the transaction again
	ErrConnection      = errors.New("connection failed")           // the way to the data broke; the next call opens another
	ErrQuery           = errors.New("query failed")                // a fault of the backend
	ErrUnsupported     = errors.New("unsupported")                 // this backend lacks it
	ErrClosed          = errors.New("closed")                      // the store was closed, or the transaction has ended
	ErrReadOnly        = errors.New("read-only")                   //
	ErrCorrupt         = errors.New("corrupt data")                // what was read cannot have been written by this program
	ErrFull            = errors.New("storage full")                // the disk, or the quota
	ErrCommitUnknown   = errors.New("outcome of commit unknown")   // stored or not: ask again by Error.ID or the nonce
	ErrSchemaTooNew    = errors.New("schema newer than program")   //
	ErrGone            = errors.New("no longer kept")              // a pruned part of the change feed; Error.Oldest tells what is left
	ErrBusy            = errors.New("too many operations at once") // too many password hashes waiting
)

// Reason tells why an operation was forbidden.
type Reason string

// The reasons that go with [ErrForbidden].
const (
	ReasonBanned       Reason = "banned"
	ReasonMuted        Reason = "muted"
	ReasonRoomFull     Reason = "room full"
	ReasonRoomInactive Reason = "room inactive"
	ReasonLastOwner    Reason = "last owner"
	ReasonNotOwner     Reason = "not an owner"
	ReasonRateLimit    Reason = "rate limit"
	ReasonUpload       Reason = "upload rules"
	ReasonRoomExpired  Reason = "room expired"
	ReasonHeld         Reason = "legal hold"
)

// Entity names a kind of record in an [Error].
type Entity string

// The entities that an [Error] can name.
const (
	EntityUser       Entity = "user"
	EntityRoom       Entity = "room"
	EntityMembership Entity = "membership"
	EntityMessage    Entity = "message"
	EntityRevision   Entity = "revision" // its ID: that of the message, a space, the version
	EntityAttachment Entity = "attachment"
	EntityInvite     Entity = "invite"
	EntitySanction   Entity = "sanction"
	EntitySession    Entity = "session"
	EntityLogin      Entity = "login attempt"
	EntityAudit      Entity = "audit entry"
	EntityConfig     Entity = "configuration"
	EntityConsumer   Entity = "consumer"
)

// Error is what every failing call of a [Store] returns. errors.Is finds its
// Kind and its cause, errors.As finds it.
type Error struct {
	Op         string        // the operation: "create message"
	Entity     Entity        // the kind of record concerned, if one is
	ID         string        // that record's identifier or key, if known
	Field      string        // the argument or field at fault, by its name in Go
	Kind       error         // one of the Err… variables
	Reason     Reason        // why it is forbidden
	RetryAfter time.Duration // for ErrThrottled and ReasonRateLimit: how long to wait
	Oldest     Position      // for ErrGone: of the oldest change that is kept, or of the next one if none is
	Err        error         // the cause below, or a detail in words; may be nil
}

// Error returns the operation, what it concerned, and what went wrong.
func (e *Error) Error() string {
	var b strings.Builder
	part := func(s string) {
		if s == "" {
			return
		}
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(s)
	}
	part(e.Op)
	part(strings.TrimSpace(string(e.Entity) + " " + printable(e.ID)))
	part(e.Field)
	part(e.Kind.Error())
	part(string(e.Reason))
	if e.Err != nil {
		part(e.Err.Error())
	}
	return b.String()
}

// printable returns a key as it may stand in a log: a caller's text can be
// long, and hold line feeds.
func printable(key string) string {
	const most = 80 // two identifiers fit
	if len(key) <= most && !strings.ContainsFunc(key, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return key
	}
	return fmt.Sprintf("%.*q", most, key)
}

// Unwrap returns the kind and the cause, for errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// Invalid returns an error of kind [ErrInvalid] for a field, with a detail in
// words.
func Invalid(field, detail string) *Error {
	return &Error{Field: field, Kind: ErrInvalid, Err: errors.New(detail)}
}

// NotFound returns an error of kind [ErrNotFound] for a record.
func NotFound(entity Entity, id string) *Error {
	return &Error{Entity: entity, ID: id, Kind: ErrNotFound}
}

// Forbidden returns an error of kind [ErrForbidden] with its reason.
func Forbidden(entity Entity, id string, reason Reason) *Error {
	return &Error{Entity: entity, ID: id, Kind: ErrForbidden, Reason: reason}
}

// Conflict returns an error of kind [ErrConflict] for a record, with a detail
// in words.
func Conflict(entity Entity, id, detail string) *Error {
	return &Error{Entity: entity, ID: id, Kind: ErrConflict, Err: errors.New(detail)}
}

// Duplicate returns an error of kind [ErrDuplicate] for the field whose value
// is taken.
func Duplicate(entity Entity, id, field string) *Error {
	return &Error{Entity: entity, ID: id, Field: field, Kind: ErrDuplicate}
}

// WithOp returns err as an [*Error] of the named operation. An error that is
// none yet becomes ErrCanceled or ErrTimeout where a context caused it, and
// ErrQuery otherwise; one that already names an operation is left alone.
func WithOp(op string, err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		if e.Op != "" {
			return err
		}
		named := *e
		named.Op = op
		return &named
	}
	kind := ErrQuery
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		kind = ErrTimeout
	case errors.Is(err, context.Canceled):
		kind = ErrCanceled
	}
	return &Error{Op: op, Kind: kind, Err: err}
}
