package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// Limits of a message. Texts are counted in bytes.
const (
	MaxBody     = 64 << 10
	MaxNonce    = 128
	MaxMentions = 256
	MaxTags     = 32
	MaxTag      = 64
	MaxBatch    = 10_000    // messages, or members, in one bulk call
	MaxSeq      = 1<<32 - 1 // messages that a room can ever have: one more is ErrConstraint
)

// MessageType is what a message's body is.
type MessageType uint8

// The types of messages.
const (
	MessageText MessageType = iota + 1
	MessageSystem
	MessageFile
	MessageImage
	MessageVoice
	MessageVideo
	MessageCode
	MessageMarkdown
	MessageEncrypted // never indexed for search
)

var messageTypes = enum[MessageType]{"MessageType", []string{
	"text", "system", "file", "image", "voice", "video", "code", "markdown", "encrypted",
}}

// ParseMessageType returns the type that [MessageType.String] writes as s.
func ParseMessageType(s string) (MessageType, error) { return messageTypes.parse(s) }

// Valid reports whether t is one of the types.
func (t MessageType) Valid() bool { return messageTypes.valid(t) }

// String returns the type's name.
func (t MessageType) String() string { return messageTypes.string(t) }

// MarshalText returns the type's name, "" when it is unset.
func (t MessageType) MarshalText() ([]byte, error) { return messageTypes.marshal(t) }

// UnmarshalText is the inverse of [MessageType.MarshalText].
func (t *MessageType) UnmarshalText(text []byte) error { return messageTypes.unmarshal(t, text) }

// Message is something said in a room, or the tombstone that is left of it.
type Message struct {
	ID          MessageID       `json:"id"`
	RoomID      RoomID          `json:"room_id"`
	Seq         int64           `json:"seq"`                // 1, 2, 3 … in its room, in commit order
	AuthorID    UserID          `json:"author_id,omitzero"` // nobody, once that user is deleted
	Type        MessageType     `json:"type"`               // MessageText unless given
	Body        string          `json:"body"`
	ParentID    MessageID       `json:"parent_id,omitzero"` // the message this one replies to
	RootID      MessageID       `json:"root_id,omitzero"`   // the thread's first message, for replies
	Nonce       string          `json:"nonce,omitzero"`     // the client's idempotency key
	Mentions    []UserID        `json:"mentions,omitzero"`  // each user once
	MentionsAll bool            `json:"mentions_all,omitzero"`
	Tags        []string        `json:"tags,omitzero"`
	Custom      json.RawMessage `json:"custom,omitzero"` // a JSON object, kept byte for byte
	CreatedAt   time.Time       `json:"created_at"`
	EditedAt    time.Time       `json:"edited_at,omitzero"`
	DeletedAt   time.Time       `json:"deleted_at,omitzero"` // set: this is a tombstone
	DeletedBy   UserID          `json:"deleted_by,omitzero"`
	ExpiresAt   time.Time       `json:"expires_at,omitzero"` // from then on no reader returns it but one that is asked WithExpired
	PinnedAt    time.Time       `json:"pinned_at,omitzero"`
	Version     int64           `json:"version"` // 1, 2, 3 …

	// Attachments are the files that the message carries, in their order. Of
	// those that are given to CreateMessage only the identifiers count; what is
	// returned is whole.
	Attachments []Attachment `json:"attachments,omitzero"`

	// Reactions and Thread sum up what others have added. Readers and writers
	// that return a message fill them in; what is given to them is ignored.
	Reactions []ReactionCount `json:"reactions,omitzero"`
	Thread    Thread          `json:"thread,omitzero"` // of the replies, if this message is a root
}

// Deleted reports whether the message is a tombstone.
func (m Message) Deleted() bool { return !m.DeletedAt.IsZero() }

// Expired reports whether the message's time is over.
func (m Message) Expired(now time.Time) bool {
	return !m.ExpiresAt.IsZero() && !now.Before(m.ExpiresAt)
}

// Searchable reports whether the message belongs in the search index.
func (m Message) Searchable() bool { return !m.Deleted() && m.Type != MessageEncrypted }

// Countable reports whether the message can be unread at all.
func (m Message) Countable() bool { return m.Type != MessageSystem }

// Tombstone turns the message into what is left of it when by deletes it at
// now: identity, place, author and times, but nothing that was said.
func (m *Message) Tombstone(by UserID, now time.Time) {
	m.Body, m.Mentions, m.MentionsAll, m.Tags, m.Custom = "", nil, false, nil, nil
	m.PinnedAt, m.Attachments, m.Reactions = time.Time{}, nil, nil
	m.DeletedAt, m.DeletedBy = now, by
	m.Version++
}

// Clone returns a copy that shares nothing with m.
func (m Message) Clone() Message {
	m.Mentions = cloneSlice(m.Mentions)
	m.Tags = cloneSlice(m.Tags)
	m.Custom = cloneSlice(m.Custom)
	m.Attachments = cloneSlice(m.Attachments)
	for i, a := range m.Attachments {
		m.Attachments[i] = a.Clone()
	}
	m.Reactions = cloneSlice(m.Reactions)
	return m
}

// Validate refuses a message that cannot be stored.
func (m Message) Validate() error {
	if m.RoomID.IsZero() {
		return Invalid("RoomID", "unset")
	}
	if err := messageTypes.check("Type", m.Type); err != nil {
		return err
	}
	if err := checkTexts(text{"Body", m.Body, MaxBody}, text{"Nonce", m.Nonce, MaxNonce}); err != nil {
		return err
	}
	if err := m.validateMentions(); err != nil {
		return err
	}
	if err := checkTags("Tags", m.Tags); err != nil {
		return err
	}
	if err := checkAttachments(m.Attachments); err != nil {
		return err
	}
	for _, at := range []struct {
		field string
		time  time.Time
	}{{"CreatedAt", m.CreatedAt}, {"ExpiresAt", m.ExpiresAt}} {
		if err := checkTime(at.field, at.time); err != nil {
			return err
		}
	}
	return checkCustom("Custom", m.Custom)
}

func (m Message) validateMentions() error {
	if len(m.Mentions) > MaxMentions {
		return Invalid("Mentions", fmt.Sprintf("%d users, at most %d", len(m.Mentions), MaxMentions))
	}
	for _, id := range m.Mentions {
		if id.IsZero() {
			return Invalid("Mentions", "unset")
		}
	}
	return nil
}

func checkTags(field string, tags []string) error {
	if len(tags) > MaxTags {
		return Invalid(field, fmt.Sprintf("%d tags, at most %d", len(tags), MaxTags))
	}
	for _, tag := range tags {
		if tag == "" {
			return Invalid(field, "empty tag")
		}
		if err := CheckText(field, tag, MaxTag); err != nil {
			return err
		}
	}
	return nil
}

func checkAttachments(all []Attachment) error {
	if len(all) > MaxAttachments {
		return Invalid("Attachments", fmt.Sprintf("%d files, at most %d", len(all), MaxAttachments))
	}
	for i, a := range all {
		same := func(other Attachment) bool { return other.ID == a.ID }
		switch {
		case a.ID.IsZero():
			return Invalid("Attachments", "unset")
		case slices.ContainsFunc(all[:i], same):
			return Invalid("Attachments", "the same one twice")
		}
	}
	return nil
}

// Normalize fills in the defaults of a new message and gives its times and
// slices their stored form: each mention and tag once, in the order given.
func (m *Message) Normalize() {
	if m.Type == 0 {
		m.Type = MessageText
	}
	m.Mentions = distinct(m.Mentions)
	m.Tags = distinct(m.Tags)
	m.Custom = nilIfEmpty(m.Custom)
	m.Attachments = nilIfEmpty(m.Attachments)
	m.CreatedAt = Timestamp(m.CreatedAt)
	m.ExpiresAt = Timestamp(m.ExpiresAt)
}

// distinct returns the values of s in their order, each once, in a slice of
// its own.
func distinct[T comparable](s []T) []T {
	var out []T
	for _, v := range s {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// Digest returns what a nonce stands for: a digest of all that the sender
// asked to be stored. The message must be normalized.
func (m Message) Digest() [16]byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d\x00%d:%s\x00%v\x00%v\x00%d:", m.Type, len(m.Body), m.Body, m.ParentID, m.MentionsAll, len(m.Mentions))
	for _, id := range m.Mentions {
		b.Write(id[:])
	}
	for _, tag := range m.Tags {
		fmt.Fprintf(&b, "\x00%s", tag)
	}
	fmt.Fprintf(&b, "\x00\x00%s\x00%d", m.Custom, m.ExpiresAt.UnixMicro())
	for _, a := range m.Attachments {
		b.Write(a.ID[:])
	}
	sum := sha256.Sum256(b.Bytes())
	return [16]byte(sum[:])
}

// MessagePatch changes the fields that are not nil.
type MessagePatch struct {
	Body        *string
	Mentions    *[]UserID
	MentionsAll *bool
	Tags        *[]string
	Custom      *json.RawMessage
	IfVersion   int64 // 0, or the version that the change is based on: ErrConflict if it is stale, ErrInvalid if negative
}

// Apply changes m and reports whether anything is different now. The result
// is to be validated.
func (p MessagePatch) Apply(m *Message) (changed bool) {
	before := *m
	set(&m.Body, p.Body)
	set(&m.Mentions, p.Mentions)
	set(&m.MentionsAll, p.MentionsAll)
	set(&m.Tags, p.Tags)
	set(&m.Custom, p.Custom)
	m.Normalize()
	return !reflect.DeepEqual(before, *m)
}

// MessageReader reads messages. A message that does not exist, has expired,
// or was in a room that is deleted, is ErrNotFound.
type MessageReader interface {
	// Message returns a message, or its tombstone.
	Message(ctx context.Context, id MessageID) (Message, error)

	// MessagesByID returns those of the messages that exist, tombstones too,
	// in the order of ids, each once. At most MaxLimit identifiers.
	MessagesByID(ctx context.Context, ids ...MessageID) ([]Message, error)

	// Messages lists the messages that q selects, a page at a time. A room or
	// author that does not exist has none; an anchor that is no message of the
	// room, nor was, is ErrNotFound.
	Messages(ctx context.Context, q MessageQuery) (Page[Message], error)

	// CountMessages counts all the messages that q selects, whatever its
	// Limit, Cursor and Order. Around is ErrInvalid.
	CountMessages(ctx context.Context, q MessageQuery) (int64, error)

	// SearchMessages finds the messages whose text matches, newest first
	// unless told otherwise. A page may come back short, even empty, with its
	// Next set: so does a search that has looked long for little. A room, reader
	// or author that does not exist has none. A context that is done before the
	// page is whole, with its highlights, makes it fail with ErrCanceled or
	// ErrTimeout.
	SearchMessages(ctx context.Context, q SearchQuery) (SearchResult, error)
}

// MessageWriter changes messages. A message that does not exist is
// ErrNotFound.
type MessageWriter interface {
	// CreateMessage stores a new message and sets in *m what the store
	// decides: ID and Type if they are unset, Seq, RootID, CreatedAt and
	// Version, with EditedAt, DeletedAt, DeletedBy, PinnedAt, Reactions and
	// Thread cleared and Attachments filled in.
	// Posting needs no membership, and AuthorID may be unset. A room, author,
	// parent, attachment or mentioned user that does not exist is ErrNotFound
	// (a parent that was purged too), a parent or an attachment of another room
	// ErrInvalid, an attachment that another message carries, or carried until
	// it was deleted, ErrConflict. A parent that is a tombstone is legal.
	// ErrForbidden is a room that is inactive (ReasonRoomInactive) or has expired
	// (ReasonRoomExpired), an author who is banned or muted, in the room or
	// everywhere (ReasonBanned, ReasonMuted), and one message too many within a
	// minute where the room's settings limit an author's rate (ReasonRateLimit,
	// with RetryAfter, which is a minute at most; tombstones count as messages).
	//
	// Sending marks the room read for an author who is a member, up to the new
	// message: the marker moves there, and the messages that it passes get
	// receipts, as by MarkRead.
	//
	// A Nonce is the sender's idempotency key, unique for author and room. The
	// same request again stores nothing, sets *m to the first message (its
	// tombstone, once deleted, and also once it has expired) and reports created
	// as false; a different one under the same nonce is ErrConflict. An
	// ExpiresAt in the past is legal. After an error *m is as it was.
	CreateMessage(ctx context.Context, m *Message) (created bool, err error)

	// CreateMessages stores up to MaxBatch messages, all or none, in their
	// order: for imports. It differs from CreateMessage in that a CreatedAt
	// that is given is kept, that no read marker moves, and that neither
	// sanctions nor rate limits are asked. A room that is inactive or has
	// expired takes no imports either. created counts those that were new.
	// Thread is as it was when each was stored.
	CreateMessages(ctx context.Context, ms []*Message) (created int, err error)

	// EditMessage applies a patch on behalf of by, who may be nobody, and
	// returns the message as it is then, with EditedAt set and Version raised
	// if anything changed; what it said before is kept as a Revision. The type
	// never changes. An editor or a mentioned user who does not exist is
	// ErrNotFound. ErrForbidden is a room that is inactive (ReasonRoomInactive)
	// or has expired (ReasonRoomExpired), and an editor who is banned or muted,
	// in the room or everywhere (ReasonBanned, ReasonMuted), even where nothing
	// would change. A stale IfVersion and a tombstone are ErrConflict.
	EditMessage(ctx context.Context, id MessageID, by UserID, p MessagePatch) (Message, error)

	// DeleteMessage turns a message into its tombstone and returns that,
	// whatever the room and whoever is banned or muted: row,
	// Seq, replies and receipts stay; text, mentions, tags, custom fields,
	// revisions, reactions and search entry go, and what it carried is
	// unattached from then on, with DetachedAt. Deleting again returns the same
	// tombstone. A message that a legal hold covers is ErrForbidden with
	// ReasonHeld.
	DeleteMessage(ctx context.Context, id MessageID, by UserID) (Message, error)

	// DeleteMessages turns the messages that q selects into tombstones, as
	// DeleteMessage does: the first ones in the order of q, at most its Limit,
	// all or none, in one transaction, which other writers wait for (some
	// millisecond a message on SQLite). It returns how many it turned, and
	// whether there are more. It passes over what a legal hold covers. Around,
	// WithDeleted and Cursor are ErrInvalid.
	DeleteMessages(ctx context.Context, q MessageQuery, by UserID) (deleted int, more bool, err error)
}
