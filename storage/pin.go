package storage

import "context"

// PinWriter pins messages. A message that does not exist or has expired is
// ErrNotFound, and so is a user who does not exist; by may be nobody, and is
// told to the change feed only. Pinning needs no membership: Can decides.
// MessageQuery.Pinned lists what is pinned.
type PinWriter interface {
	// PinMessage sets PinnedAt and raises Version, and returns the message as
	// it is then. Pinning again changes nothing. Otherwise a room that is
	// inactive (ReasonRoomInactive) or has expired (ReasonRoomExpired) is
	// ErrForbidden, and so is a by who is banned, in the room or everywhere
	// (ReasonBanned). A tombstone is ErrConflict; deleting a message unpins it.
	PinMessage(ctx context.Context, id MessageID, by UserID) (Message, error)

	// UnpinMessage is the inverse of PinMessage. What is not pinned, a
	// tombstone too, is returned as it is.
	UnpinMessage(ctx context.Context, id MessageID, by UserID) (Message, error)
}
