package storage

import (
	"context"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Limits of reactions.
const (
	MaxEmoji     = 64 // bytes, in NFC
	MaxReactions = 64 // different emoji on one message
)

// Reaction is one user's emoji on one message. A user may put several emoji on
// a message, each once.
type Reaction struct {
	MessageID MessageID `json:"message_id"`
	UserID    UserID    `json:"user_id"`
	Emoji     string    `json:"emoji"` // any text, such as 👍 or :party:, in NFC
	CreatedAt time.Time `json:"created_at"`
}

// Validate refuses a reaction that cannot be stored.
func (r Reaction) Validate() error {
	switch {
	case r.MessageID.IsZero():
		return Invalid("MessageID", "unset")
	case r.UserID.IsZero():
		return Invalid("UserID", "unset")
	case r.Emoji == "":
		return Invalid("Emoji", "empty")
	}
	return CheckText("Emoji", r.Emoji, MaxEmoji)
}

// Normalize gives the emoji its stored form, in which equal ones are equal
// bytewise: NFC.
func (r *Reaction) Normalize() {
	r.Emoji = norm.NFC.String(r.Emoji)
	r.CreatedAt = Timestamp(r.CreatedAt)
}

// ReactionCount sums up one emoji on one message. Message.Reactions has one for
// each emoji: the one whose earliest standing reaction is the oldest first,
// ties by emoji bytewise.
type ReactionCount struct {
	Emoji string `json:"emoji"`
	Count int64  `json:"count"`
	Mine  bool   `json:"mine,omitzero"` // whether the viewer is among them (MessageQuery.Viewer)
}

// ReactionQuery selects the reactions to a message, which must be given. They
// are listed in the order in which they were added (CreatedAt, then user, then
// emoji). Those of a user who is deleted are gone.
type ReactionQuery struct {
	Message MessageID
	Emoji   string // only this one, taken in NFC; "": all
	Limit   int
	Cursor  Cursor
}

// WithCursor returns the query for the page at c.
func (q ReactionQuery) WithCursor(c Cursor) ReactionQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q ReactionQuery) Validate() error {
	if q.Message.IsZero() {
		return Invalid("Message", "unset")
	}
	return CheckText("Emoji", q.Emoji, MaxEmoji)
}

// ReactionReader reads reactions. A message that does not exist or has expired
// is ErrNotFound; a tombstone has no reactions.
type ReactionReader interface {
	// Reactions lists who reacted how, a page at a time.
	Reactions(ctx context.Context, q ReactionQuery) (Page[Reaction], error)

	// ReactionCounts returns the reactions of one message summed up, as a page
	// of Messages carries them. viewer may be nobody.
	ReactionCounts(ctx context.Context, message MessageID, viewer UserID) ([]ReactionCount, error)
}

// ReactionWriter changes reactions. A message that does not exist or has
// expired, and a user who does not exist, is ErrNotFound; an emoji that is
// empty or too long is ErrInvalid; a tombstone is ErrConflict. Emoji are taken
// in NFC. Neither the message's Version nor its times change. Reacting
// needs no membership: Can decides.
type ReactionWriter interface {
	// AddReaction adds a reaction; added is false if it was there already.
	// Otherwise ErrForbidden is a room that is inactive (ReasonRoomInactive) or
	// has expired (ReasonRoomExpired), and a user who is banned or muted, in the
	// room or everywhere (ReasonBanned, ReasonMuted). One emoji more than
	// MaxReactions is ErrConstraint.
	AddReaction(ctx context.Context, message MessageID, user UserID, emoji string) (added bool, err error)

	// RemoveReaction takes a reaction back; removed is false if there was none.
	RemoveReaction(ctx context.Context, message MessageID, user UserID, emoji string) (removed bool, err error)
}
