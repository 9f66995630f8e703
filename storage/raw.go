package storage

// Raw records, of which dumps are made. Store does not have them: they stay
// an optional interface of backends.

import (
	"context"
	"fmt"
	"reflect"
	"time"
)

// RawKind is a kind of raw record.
type RawKind uint8

// The kinds, in the order in which they are dumped and restored: nothing
// refers to what comes later. Attachments come before the messages that carry
// them, whose search entries have their names, and stubs before those that
// reply to them.
const (
	RawUsers RawKind = iota + 1
	RawBlocks
	RawRooms
	RawMemberships
	RawAttachments
	RawLeftovers
	RawStubs
	RawMessages
	RawRevisions
	RawReactions
	RawReceipts
	RawInvites
	RawSanctions
	RawHolds
	RawSessions
	RawLogins
	RawConfigs
	RawAudit
	RawAuditHeads
	RawChanges
	RawChangeHeads
	RawPruned
	RawStays
	RawConsumers
	RawActivities
)

var rawKinds = enum[RawKind]{"RawKind", []string{
	"users", "blocks", "rooms", "memberships", "attachments", "leftovers", "stubs", "messages", "revisions", "reactions",
	"receipts", "invites", "sanctions", "holds", "sessions", "logins", "configs", "audit", "audit_heads",
	"changes", "change_heads", "pruned", "stays", "consumers", "activities",
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
// What can be recomputed from other records is not in it: search entries, unread
// ordinals, thread summaries, counts, rollups of messages. Printed or as JSON it
// shows no secret; only a dump that was told to writes them.
type Raw struct {
	User       *RawUser       `json:"user,omitzero"`
	Block      *Block         `json:"block,omitzero"`
	Room       *RawRoom       `json:"room,omitzero"`
	Membership *Membership    `json:"membership,omitzero"`
	Attachment *Attachment    `json:"attachment,omitzero"` // its MessageID is unset: the message tells
	Leftover   *RawLeftover   `json:"leftover,omitzero"`
	Stub       *RawStub       `json:"stub,omitzero"`
	Message    *RawMessage    `json:"message,omitzero"`
	Revision   *RawRevision   `json:"revision,omitzero"`
	Reaction   *RawReaction   `json:"reaction,omitzero"`
	Receipt    *RawReceipt    `json:"receipt,omitzero"`
	Invite     *RawInvite     `json:"invite,omitzero"`
	Sanction   *Sanction      `json:"sanction,omitzero"`
	Hold       *Hold          `json:"hold,omitzero"`
	Session    *RawSession    `json:"session,omitzero"`
	Login      *LoginAttempt  `json:"login,omitzero"`
	Config     *RawConfig     `json:"config,omitzero"`
	Audit      *AuditEntry    `json:"audit,omitzero"`
	AuditHead  *AuditHead     `json:"audit_head,omitzero"`
	Change     *Change        `json:"change,omitzero"`
	ChangeHead *RawChangeHead `json:"change_head,omitzero"`
	Pruned     *RawPrune      `json:"pruned,omitzero"`
	Stay       *RawStay       `json:"stay,omitzero"`
	Consumer   *Consumer      `json:"consumer,omitzero"`
	Activity   *RawActivity   `json:"activity,omitzero"`
}

// Kind returns the kind of the record, and 0 unless exactly one is set.
func (r Raw) Kind() (kind RawKind) {
	for i, set := range [...]bool{
		r.User != nil, r.Block != nil, r.Room != nil, r.Membership != nil, r.Attachment != nil, r.Leftover != nil,
		r.Stub != nil, r.Message != nil, r.Revision != nil, r.Reaction != nil, r.Receipt != nil, r.Invite != nil, r.Sanction != nil,
		r.Hold != nil, r.Session != nil, r.Login != nil, r.Config != nil, r.Audit != nil, r.AuditHead != nil,
		r.Change != nil, r.ChangeHead != nil, r.Pruned != nil, r.Stay != nil, r.Consumer != nil, r.Activity != nil,
	} {
		switch {
		case set && kind != 0:
			return 0
		case set:
			kind = RawKind(i + 1)
		}
	}
	return kind
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

// RawRoom is a room with what a Room does not show. Its MessageCount and
// MemberCount are unset: they are counted.
type RawRoom struct {
	Room
	PasswordHash Secret    `json:"password_hash,omitzero"` // only with secrets
	Pair         [2]UserID `json:"pair,omitzero"`          // whose direct room it is, the lower ID first; unset once one is deleted
}

// RawMessage is a message, or a tombstone, with what a Message does not show.
// Its Attachments, Reactions and Thread are unset.
type RawMessage struct {
	Message
	Digest        []byte         `json:"digest,omitzero"`         // of the request, if there is a nonce
	AttachmentIDs []AttachmentID `json:"attachment_ids,omitzero"` // that it carries, or carried as it was deleted, in their order
	AuthorGone    bool           `json:"author_gone,omitzero"`    // the author was deleted, and so the nonce, which the message has, is nobody's
	Missed        []UserID       `json:"missed,omitzero"`         // of the Mentions, those that mention nobody: of users deleted since, or not there then
}

// RawLeftover is an attachment that a deleted room has left, for PurgeAttachments.
// Its RoomID and MessageID are unset.
type RawLeftover struct {
	Attachment
	Next bool `json:"next,omitzero"` // of another room than the one before
}

// RawStub is what is left of a purged message.
type RawStub struct {
	ID     MessageID `json:"id"`
	RoomID RoomID    `json:"room_id"`
	Seq    int64     `json:"seq"`
}

// RawRevision is a revision, and the room of its message.
type RawRevision struct {
	Revision
	RoomID RoomID `json:"room_id"`
}

// RawReaction is a reaction, and the room of its message.
type RawReaction struct {
	Reaction
	RoomID RoomID `json:"room_id"`
}

// RawReceipt is a run of messages that a user has read at one time. Whether the
// user's own and what was purged is within it means nothing, but that a run
// neither begins nor ends there, nor is cut by it in two.
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

// RawSession is a session with the digest of its token, in hexadecimal. There
// are none but with secrets: without, nobody has a token.
type RawSession struct {
	Session
	TokenHash Secret `json:"token_hash"`
}

// RawConfig is a setting with its value. Sensitive ones are dumped only with
// secrets.
type RawConfig struct {
	Config
	Value Secret `json:"value"`
}

// RawChangeHead is what a ChangeHead tells.
type RawChangeHead struct {
	Newest Position `json:"newest"`
	Oldest Position `json:"oldest"`
}

// RawPrune tells where the last change was that was pruned about a subject.
type RawPrune struct {
	Subject  ID[RawPrune] `json:"subject"` // a room's identifier or a user's; zero: in no room
	Position Position     `json:"position"`
}

// RawStay is a time in which a user was a member of a room, by the changes that
// began and ended it. Both may be deleted.
type RawStay struct {
	UserID UserID   `json:"user_id"`
	RoomID RoomID   `json:"room_id"`
	From   Position `json:"from"`
	To     Position `json:"to,omitzero"` // 0: it goes on
	Seq    int64    `json:"seq"`         // the room's LastSeq when it began
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
// that is the same in every backend that holds the same: rooms and messages in
// the order in which they were stored (ties of searches and of purges are broken
// by it), and so what hangs on them; all else by times, identifiers, keys and
// positions.
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
// where the backend supports dumps, and a Tx has; otherwise Dump is
// ErrUnsupported. A page holds no more in memory than itself.
type RawReader interface {
	// RawRecords lists the records of a kind, a page at a time: hidden ones
	// too, such as expired messages and released holds, but of rooms that are
	// deleted nothing except leftovers and stays. Pages go forward: Prev is not set. One of large records
	// may come back short.
	RawRecords(ctx context.Context, q RawQuery) (Page[Raw], error)
}

// RawRestorer restores raw records. The Tx that Update gives its function has
// it, where the backend supports loading; otherwise Load is ErrUnsupported. It
// keeps to no rule but the integrity of the data, and appends no changes.
type RawRestorer interface {
	// RestoreRaw stores records as they are: identifiers, sequence numbers,
	// versions, times. They come in the order of their kinds, and within a kind
	// in the order of RawRecords, and nothing else may write meanwhile. A record
	// that is there already, by any of its unique keys, is ErrDuplicate; one
	// that refers to what is not there is ErrConstraint; one that cannot be
	// stored is ErrInvalid. The Field of an error begins with which of the
	// records it is: "[3].Username". After an error none of them is stored.
	RestoreRaw(ctx context.Context, records ...Raw) error

	// FinishRestore recomputes what is not in raw records, and refuses as
	// ErrConstraint what does not fit together. It is called once, after the
	// last of them; until then readers may see wrong counts.
	FinishRestore(ctx context.Context) error

	// CutChanges ends the feed as it is kept: all changes are pruned, and who
	// follows more than one room of it begins anew (ErrGone), however far he
	// has come. It is for records that come into a store which has a feed, and
	// are not told there. It returns the newest position.
	CutChanges(ctx context.Context) (Position, error)
}
