package storage

import (
	"context"
	"time"
)

// Block is one user's wish to have nothing to do with another. The store keeps
// it; it is the embedder's server that acts on it: it asks HasBlocked before it
// opens a direct room, say. It goes when either user is deleted.
type Block struct {
	UserID    UserID    `json:"user_id"`    // who blocks
	BlockedID UserID    `json:"blocked_id"` // whom
	CreatedAt time.Time `json:"created_at"`
}

// BlockQuery selects blocks: of User, against Blocked, or both; one of them
// must be given. The newest come first, ties by the other user's ID
// descending.
type BlockQuery struct {
	User    UserID // who blocks
	Blocked UserID // whom
	Limit   int
	Cursor  Cursor
}

// WithCursor returns the query for the page at c.
func (q BlockQuery) WithCursor(c Cursor) BlockQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q BlockQuery) Validate() error {
	if q.User.IsZero() && q.Blocked.IsZero() {
		return Invalid("User", "neither User nor Blocked")
	}
	return nil
}

// BlockReader reads blocks.
type BlockReader interface {
	// BlockedUsers lists the blocks that q selects, a page at a time. A user who
	// does not exist has none.
	BlockedUsers(ctx context.Context, q BlockQuery) (Page[Block], error)

	// HasBlocked reports whether user blocks other. The other way round is a
	// block of its own. Who does not exist has blocked nobody, and nobody has
	// blocked them.
	HasBlocked(ctx context.Context, user, other UserID) (bool, error)
}

// BlockWriter changes blocks. A user who does not exist is ErrNotFound.
type BlockWriter interface {
	// BlockUser makes user block other. Doing so again changes nothing;
	// oneself is ErrInvalid.
	BlockUser(ctx context.Context, user, other UserID) error

	// UnblockUser is the inverse of BlockUser. Where there is no block it
	// changes nothing.
	UnblockUser(ctx context.Context, user, other UserID) error
}
