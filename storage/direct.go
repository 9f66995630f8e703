package storage

// Direct rooms. Declared here as the contract to come; no backend implements
// it yet, and Store does not have it.

import "context"

// DirectRoomReader finds the room of two users.
type DirectRoomReader interface {
	// DirectRoom returns the direct room of a and b, in either order, whether
	// or not they are in it at present. It is ErrNotFound if none was ever
	// opened, it was deleted, or a user does not exist. A room with oneself (a
	// and b the same) is one like any other.
	DirectRoom(ctx context.Context, a, b UserID) (Room, error)
}

// DirectRoomWriter opens the room of two users.
type DirectRoomWriter interface {
	// OpenDirectRoom returns the direct room of a and b and makes it where
	// there is none: one per pair, under any race. It is of type
	// RoomDirectMessage and privacy PrivacyPrivate, has neither name nor
	// creator, and both are in it as MemberMember, without an owner. Opening
	// it again brings back whoever has left and reactivates nothing. A user
	// who does not exist is ErrNotFound, one who is banned everywhere
	// ErrForbidden with ReasonBanned. Nobody else can be added to it
	// (AddMember is ErrConstraint). It outlives the deletion of one of its
	// users, who can then open no other.
	OpenDirectRoom(ctx context.Context, a, b UserID) (room Room, created bool, err error)
}
