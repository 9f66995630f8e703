package storage

import (
	"context"
	"iter"
	"time"
)

// MaxConsumer is the limit of a consumer's name, in bytes.
const MaxConsumer = 128

// Position is a place in the change feed: 1, 2, 3 … in commit order, without a
// gap, never dealt twice. 0 is before the first change.
type Position int64

// ChangeKind is what a change says happened.
type ChangeKind uint8

// The kinds of changes. Beside each stand the fields that are set, on top of
// Position, Tx, At, Kind, and Actor where the writer was told who acts: for a
// message that was sent, its author. One that was imported (CreateMessages) has
// no Actor, and moved nobody's read marker. Touches and typing, sessions, login
// attempts, audit entries and configuration make no changes. Emoji is gone once
// the message is purged, the room is deleted, or the user is erased.
const (
	ChangeUserCreated       ChangeKind = iota + 1 // UserID, Version
	ChangeUserUpdated                             // UserID, Version: patch, role, password, activation
	ChangeUserDeleted                             // UserID: memberships and blocks end and authors become nobody without further changes
	ChangeUserBlocked                             // UserID, OtherID (whom)
	ChangeUserUnblocked                           // UserID, OtherID (whom)
	ChangeRoomCreated                             // RoomID, Version
	ChangeRoomUpdated                             // RoomID, Version: patch, settings, activation
	ChangeRoomDeleted                             // RoomID: memberships and messages go without further changes
	ChangeMemberAdded                             // RoomID, UserID, Role, Seq (the new read marker)
	ChangeMemberUpdated                           // RoomID, UserID, Role: role or settings
	ChangeMemberRemoved                           // RoomID, UserID
	ChangeMessageCreated                          // RoomID, MessageID, Seq, UserID (author), RootID, Version
	ChangeMessageEdited                           // RoomID, MessageID, Seq, UserID (author), RootID, Version
	ChangeMessageDeleted                          // RoomID, MessageID, Seq, UserID (author), RootID, Version
	ChangeMessagePinned                           // RoomID, MessageID, Seq, Version
	ChangeMessageUnpinned                         // RoomID, MessageID, Seq, Version
	ChangeMessagesPurged                          // RoomID, Purged: one for each room of a batch
	ChangeReactionAdded                           // RoomID, MessageID, Seq, UserID, Emoji
	ChangeReactionRemoved                         // RoomID, MessageID, Seq, UserID, Emoji
	ChangeReadMarker                              // RoomID, UserID, Seq (the marker, moved forward or back)
	ChangeReadReceipt                             // RoomID, MessageID, Seq, UserID
	ChangeAttachmentCreated                       // RoomID, AttachmentID, UserID (uploader)
	ChangeAttachmentDeleted                       // RoomID, AttachmentID, MessageID, Seq and Version where one carried it
	ChangeInviteCreated                           // RoomID, InviteID, UserID (invitee, if one is named, or has the address now)
	ChangeInviteRevoked                           // RoomID, InviteID, UserID (invitee, if one is named, or has the address now)
	ChangeSanctionCreated                         // RoomID (zero: everywhere), UserID, SanctionID
	ChangeSanctionLifted                          // RoomID (zero: everywhere), UserID, SanctionID
)

var changeKinds = enum[ChangeKind]{"ChangeKind", []string{
	"user_created", "user_updated", "user_deleted", "user_blocked", "user_unblocked",
	"room_created", "room_updated", "room_deleted",
	"member_added", "member_updated", "member_removed",
	"message_created", "message_edited", "message_deleted", "message_pinned", "message_unpinned", "messages_purged",
	"reaction_added", "reaction_removed", "read_marker", "read_receipt",
	"attachment_created", "attachment_deleted",
	"invite_created", "invite_revoked", "sanction_created", "sanction_lifted",
}}

// ParseChangeKind returns the kind that [ChangeKind.String] writes as s.
func ParseChangeKind(s string) (ChangeKind, error) { return changeKinds.parse(s) }

// Valid reports whether k is one of the kinds.
func (k ChangeKind) Valid() bool { return changeKinds.valid(k) }

// String returns the kind's name.
func (k ChangeKind) String() string { return changeKinds.string(k) }

// MarshalText returns the kind's name, "" when it is unset.
func (k ChangeKind) MarshalText() ([]byte, error) { return changeKinds.marshal(k) }

// UnmarshalText is the inverse of [ChangeKind.MarshalText].
func (k *ChangeKind) UnmarshalText(text []byte) error { return changeKinds.unmarshal(k, text) }

// Change is one thing that happened: identifiers, and what a reader needs to
// decide whether to look, never text or a secret. What it names may have
// changed again since, or be gone.
type Change struct {
	Position     Position     `json:"position"`
	Tx           Position     `json:"tx"` // Position of the first change of its transaction: those with one Tx belong together
	At           time.Time    `json:"at"` // the transaction's Now
	Kind         ChangeKind   `json:"kind"`
	Actor        UserID       `json:"actor,omitzero"`
	RoomID       RoomID       `json:"room_id,omitzero"`
	UserID       UserID       `json:"user_id,omitzero"`
	OtherID      UserID       `json:"other_id,omitzero"`
	MessageID    MessageID    `json:"message_id,omitzero"`
	RootID       MessageID    `json:"root_id,omitzero"`
	AttachmentID AttachmentID `json:"attachment_id,omitzero"`
	InviteID     InviteID     `json:"invite_id,omitzero"`
	SanctionID   SanctionID   `json:"sanction_id,omitzero"`
	Seq          int64        `json:"seq,omitzero"`
	Version      int64        `json:"version,omitzero"`
	Role         MemberRole   `json:"role,omitzero"`
	Emoji        string       `json:"emoji,omitzero"`
	Purged       []SeqRange   `json:"purged,omitzero"` // exactly the messages purged, in order and disjoint
}

// SeqRange is a run of messages of one room.
type SeqRange struct {
	First int64 `json:"first"` // Seq, inclusive
	Last  int64 `json:"last"`  // Seq, inclusive
}

// Clone returns a copy that shares nothing with c.
func (c Change) Clone() Change {
	c.Purged = cloneSlice(c.Purged)
	return c
}

// ChangeQuery selects changes; the zero value selects all, from the first on.
// Conditions are combined with AND. They come in the order of Position. An
// After and a Cursor together are ErrInvalid: the place travels in the cursor.
type ChangeQuery struct {
	After Position // exclusive
	Room  RoomID

	// User selects what this user may see: changes in rooms while the user was
	// a member, from the one that let the user in to the one that ended it; of
	// markers and sanctions the user's own; of invites to a room the user is not
	// in those that name the user, or an address that was the user's when the
	// invite was made or revoked, and of an invite to an address, or one that is
	// gone, nobody else is told in UserID whose it is; and changes of the user and of those who shared
	// a room with the user then.
	//
	// Where a room's settings, as they are now, do not hide its history, changes
	// from before the user joined are among them. Where they do, neither these
	// are, nor later changes about messages from before: of a purge, only what it
	// took of messages after. Who comes back to such a room begins anew: messages
	// of an earlier stay are from before. The same goes for a deleted room.
	//
	// Identifiers of users and rooms are not to be used again after a deletion:
	// who has a deleted user's is shown what that one was, who is in a room with
	// a deleted one's may be shown changes of the old, and of what was pruned of
	// either, ErrGone may be missing.
	User UserID

	Kinds  []ChangeKind // any of these
	Limit  int
	Cursor Cursor
}

// WithCursor returns the query for the page at c, without After.
func (q ChangeQuery) WithCursor(c Cursor) ChangeQuery {
	q.After, q.Cursor = 0, c
	return q
}

// Validate refuses a query that means nothing.
func (q ChangeQuery) Validate() error {
	switch {
	case q.After < 0:
		return Invalid("After", "negative")
	case q.After > 0 && q.Cursor != "":
		return Invalid("After", "a position and a cursor together")
	}
	return changeKinds.checkAll("Kinds", q.Kinds)
}

// ChangePage is a page of the change feed. Pages go forward: Prev is not set.
// One may come back short, even empty, with its Next set.
type ChangePage struct {
	Page[Change]

	// Through is how far the page looked: the position of its last change, or
	// of a later one that q does not select, at the end of the feed the newest.
	// It is what a client keeps as After for the next time.
	Through Position
}

// ChangeHead tells which changes there are.
type ChangeHead struct {
	Newest Position // of the latest change, 0 if there never was one
	Oldest Position // of the oldest change that is kept; Newest+1 if none is
}

// Consumer is a named reader of the feed, and how far it has come.
type Consumer struct {
	Name      string    `json:"name"`
	Position  Position  `json:"position"` // of the last change that it is done with
	UpdatedAt time.Time `json:"updated_at"`
}

// ChangePrune selects changes to prune: those that are old, and those beyond
// the newest Keep. One of them must be given; both are combined with OR.
type ChangePrune struct {
	Age           time.Duration // At so long ago, or longer
	Keep          int64
	PastConsumers bool // also what a consumer has not done yet; such a consumer gets ErrGone
	Limit         int  // changes in this batch, or a few more: DefaultLimit if 0, at most MaxLimit
}

// Validate refuses a query that means nothing.
func (p ChangePrune) Validate() error {
	switch {
	case p.Keep < 0:
		return Invalid("Keep", "negative")
	case p.Age < 0:
		return Invalid("Age", "negative")
	case p.Keep == 0 && p.Age == 0:
		return Invalid("Age", "neither Age nor Keep")
	}
	return nil
}

// ChangeReader reads the change feed.
type ChangeReader interface {
	// Changes lists the changes that q selects, a page at a time. ErrGone if
	// one after After was pruned that q may have selected, were it not for
	// Kinds: what a client knows is stale then, and it begins anew from the
	// records. With a Room, that is one of the room; with a User, one of a room
	// that the user was in, one that named the user, or one in no room. Of a
	// room or a user that is not there it may be any. After 0 is no exception:
	// it is the place of who knows nothing. Who wants what is left, whatever went
	// before, begins at the Oldest of ChangeHead, or of the error, less 1. An
	// After beyond the newest position is ErrInvalid: it is of another store.
	//
	// Of a room or user that was deleted, changes stay until they are pruned, and
	// are told by the same identifier: who uses it again for another shows that
	// one what went before.
	Changes(ctx context.Context, q ChangeQuery) (ChangePage, error)

	// ChangeHead returns the newest and the oldest position. Read in the same
	// View as records, it is where to follow them from.
	ChangeHead(ctx context.Context) (ChangeHead, error)

	// ConsumerPosition returns how far a consumer has come; ErrNotFound if
	// nothing has advanced it yet.
	ConsumerPosition(ctx context.Context, name string) (Position, error)

	// Consumers returns all consumers, by name, bytewise.
	Consumers(ctx context.Context) ([]Consumer, error)
}

// ChangeWriter changes what is kept beside the feed. Nothing but the other
// writers appends to it: every change is in the transaction that made it.
type ChangeWriter interface {
	// AdvanceConsumer records that a consumer is done with all changes up to a
	// position, and makes the consumer where there is none. It never moves
	// back: an earlier position changes nothing. A position beyond the newest,
	// an empty name and one beyond MaxConsumer is ErrInvalid. In an Update,
	// with what the consumer writes itself, each change takes effect once.
	AdvanceConsumer(ctx context.Context, name string, position Position) error

	// DeleteConsumer forgets a consumer, so that pruning no longer waits for
	// it; ErrNotFound if there is none.
	DeleteConsumer(ctx context.Context, name string) error

	// PruneChanges removes a batch of the oldest changes that p selects, of each
	// transaction all or none, and returns how many; fewer than p's Limit mean
	// that there are no more.
	PruneChanges(ctx context.Context, p ChangePrune) (pruned int, err error)
}

// ChangeWatcher follows the change feed live. A Store has it, a Tx has not.
type ChangeWatcher interface {
	// Watch yields every change that q selects, in order, each once, and then
	// waits for more: within the process at once, from other processes within
	// a second. It begins after q's After; its Limit and Cursor are ignored. A
	// slow reader loses nothing and holds nobody up. It ends when the loop
	// breaks, and with an error when ctx is done (ErrCanceled, ErrTimeout), the
	// store is closed (ErrClosed), or a change that it had not seen was pruned
	// (ErrGone, as in Changes). While it waits, it passes over what it would not
	// be told within a second, so that pruning that later ends nothing. Inside
	// View and Update it is ErrInvalid: it would not end. A watcher costs only
	// those writers something who write what it is told: one of a Room in that
	// room, one of a User in the user's rooms or about the user and those in them.
	Watch(ctx context.Context, q ChangeQuery) iter.Seq2[Change, error]
}
