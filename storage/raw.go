package storage

// Raw records, of which dumps are made. Declared here as the contract to come;
// no backend implements it yet, and Store does not have it: it stays an
// optional interface of backends.

import (
	"context"
	"fmt"
	"reflect"
	"time"
)

// RawKind is a kind of raw record.
type RawKind uint8

// The kinds, in the order in which they are dumped and restored: nothing
// refers to what comes later, but for a message's parent.
const (
	RawUsers RawKind = iota + 1
	RawBlocks
	RawRooms
	RawMemberships
	RawMessages
	RawStubs
	RawRevisions
	RawReactions
	RawReceipts
	RawAttachments
	RawInvites
	RawSanctions
	RawHolds
	RawSessions
	RawLogins
	RawAudit
	RawAuditHeads
	RawConfigs
	RawChanges
	RawChangeHeads
	RawConsumers
	RawActivities
)

var rawKinds = enum[RawKind]{"RawKind", []string{
	"users", "blocks", "rooms", "memberships", "messages", "stubs", "revisions", "reactions", "receipts",
	"attachments", "invites", "sanctions", "holds", "sessions", "logins", "audit", "audit_heads", "configs",
	"changes", "change_heads", "consumers", "activities",
}}

// ParseRawKind returns the kind that [RawKind.String] writes as s.
func ParseRawKind(s string) (RawKind, error) { return rawKinds.parse(s) }

// Valid reports whether k is one of the kinds.
func (k RawKind) Valid() bool { return rawKinds.valid(k) }

// String returns the kind's name.
func (k RawKind) String() string { return rawKinds.string(k) }

// MarshalText returns the kind's name, "" when it is unset.
func (k RawKind) MarshalText() ([]byte, error) { return rawKinds.marshal(k) }

// UnmarshalText is the inverse of [RawKind.MarshalText].
func (k *RawKind) UnmarshalText(text []byte) error { return rawKinds.unmarshal(k, text) }

// Raw is one record with all that is stored of it: exactly one field is set.
// As JSON it is a line of a dump, but for what is secret: a [Secret] is a
// placeholder there, as everywhere, and only a dump that was told to writes the
// text in its place, by converting it. What can be recomputed from other records
// is not in it: search entries, unread ordinals, thread summaries, rollups of
// messages.
type Raw struct {
	User       *RawUser      `json:"user,omitzero"`
	Block      *Block        `json:"block,omitzero"`
	Room       *RawRoom      `json:"room,omitzero"`
	Membership *Membership   `json:"membership,omitzero"`
	Message    *RawMessage   `json:"message,omitzero"`
	Stub       *RawStub      `json:"stub,omitzero"`
	Revision   *Revision     `json:"revision,omitzero"`
	Reaction   *Reaction     `json:"reaction,omitzero"`
	Receipt    *RawReceipt   `json:"receipt,omitzero"`
	Attachment *Attachment   `json:"attachment,omitzero"`
	Invite     *RawInvite    `json:"invite,omitzero"`
	Sanction   *Sanction     `json:"sanction,omitzero"`
	Hold       *Hold         `json:"hold,omitzero"`
	Session    *RawSession   `json:"session,omitzero"`
	Login      *LoginAttempt `json:"login,omitzero"`
	Audit      *AuditEntry   `json:"audit,omitzero"`
	AuditHead  *AuditHead    `json:"audit_head,omitzero"`
	Config     *RawConfig    `json:"config,omitzero"`
	Change     *Change       `json:"change,omitzero"`
	ChangeHead *ChangeHead   `json:"change_head,omitzero"`
	Consumer   *Consumer     `json:"consumer,omitzero"`
	Activity   *RawActivity  `json:"activity,omitzero"`
}

// Format writes which record it is and nothing of what is in it: behind its
// pointers a wrong verb, such as %d, would show secrets.
func (r Raw) Format(f fmt.State, _ rune) {
	v := reflect.ValueOf(r)
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			fmt.Fprintf(f, "Raw{%s}", v.Type().Field(i).Name)
		}
	}
}

// RawUser is a user with the secret that a User does not show.
type RawUser struct {
	User
	PasswordHash Secret `json:"password_hash,omitzero"` // only with secrets
}

// RawRoom is a room with what a Room does not show.
type RawRoom struct {
	Room
	PasswordHash Secret    `json:"password_hash,omitzero"` // only with secrets
	Pair         [2]UserID `json:"pair,omitzero"`          // whose direct room it is, the lower ID first
}

// RawMessage is a message, or a tombstone, with what a Message does not show.
type RawMessage struct {
	Message
	Digest        []byte         `json:"digest,omitzero"`         // of the request, if there is a nonce
	AttachmentIDs []AttachmentID `json:"attachment_ids,omitzero"` // in the order of the message
}

// RawStub is what is left of a purged message.
type RawStub struct {
	ID     MessageID `json:"id"`
	RoomID RoomID    `json:"room_id"`
	Seq    int64     `json:"seq"`
}

// RawReceipt is a run of messages that a user read at once.
type RawReceipt struct {
	RoomID RoomID    `json:"room_id"`
	UserID UserID    `json:"user_id"`
	Range  SeqRange  `json:"range"`
	ReadAt time.Time `json:"read_at"`
}

// RawInvite is an invite with the digest of its code, in hexadecimal.
type RawInvite struct {
	Invite
	CodeHash Secret `json:"code_hash,omitzero"` // only with secrets: without, the invite is of use to whom it names
}

// RawSession is a session with the digest of its token, in hexadecimal.
type RawSession struct {
	Session
	TokenHash Secret `json:"token_hash,omitzero"` // only with secrets: without, nobody has its token
}

// RawConfig is a setting with its value. Sensitive ones are dumped only with
// secrets.
type RawConfig struct {
	Config
	Value Secret `json:"value"`
}

// RawActivity is what cannot be recomputed of the rollups: what happened in one
// quarter of an hour, in a room or, for registrations, on the server.
type RawActivity struct {
	At            time.Time `json:"at"` // when the quarter of an hour begins
	RoomID        RoomID    `json:"room_id,omitzero"`
	UserID        UserID    `json:"user_id,omitzero"`
	Joins         int64     `json:"joins,omitzero"`
	Leaves        int64     `json:"leaves,omitzero"`
	Registrations int64     `json:"registrations,omitzero"`
}

// RawQuery selects raw records of one kind, which must be given, in an order
// that is the same in every backend: by the records' keys, those of a room
// together, messages by Seq.
type RawQuery struct {
	Kind    RawKind
	Secrets bool // with password hashes, digests and sensitive settings
	Limit   int
	Cursor  Cursor
}

// WithCursor returns the query for the page at c.
func (q RawQuery) WithCursor(c Cursor) RawQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q RawQuery) Validate() error {
	if q.Kind == 0 {
		return Invalid("Kind", "unset")
	}
	return rawKinds.check("Kind", q.Kind)
}

// RawReader reads raw records. The Reader that View gives its function has it,
// where the backend supports dumps; otherwise Dump is ErrUnsupported. A page
// holds no more in memory than itself.
type RawReader interface {
	// RawRecords lists the records of a kind, a page at a time: hidden ones
	// too, such as expired messages and released holds, but nothing of rooms
	// that are deleted.
	RawRecords(ctx context.Context, q RawQuery) (Page[Raw], error)
}

// RawRestorer restores raw records. The Tx that Update gives its function has
// it, where the backend supports loading; otherwise Load is ErrUnsupported. It
// keeps to no rule but the integrity of the data, and appends no changes.
type RawRestorer interface {
	// RestoreRaw stores records as they are: identifiers, sequence numbers,
	// versions, times. They come in the order of their kinds. A record that is
	// there already, by any of its unique keys, is ErrDuplicate; one that
	// refers to what is not there is ErrConstraint; one that cannot be stored
	// is ErrInvalid.
	RestoreRaw(ctx context.Context, records ...Raw) error

	// FinishRestore recomputes what is not in raw records. It is called once,
	// after the last of them; until then readers may see wrong counts.
	FinishRestore(ctx context.Context) error
}
