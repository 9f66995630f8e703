package backend

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// Engine is a backend's way into its data. It serves any number of
// goroutines.
//
// The Rows that a function gets are its own until it returns; what it reads
// through those of Write and Update includes its own writes. A context that
// is done while a call waits for its turn ends the wait with the context's
// error, and nothing is stored; once the function has begun, the context is
// only the function's business. The store above calls nothing after Close,
// and Close only when every other call has returned.
type Engine interface {
	// Read runs fn, which calls one method of Rows. What that method reads is
	// of one moment.
	Read(ctx context.Context, fn func(Rows) error) error

	// Snapshot runs fn on the caller's goroutine; all that it reads is of one
	// moment.
	Snapshot(ctx context.Context, fn func(Rows) error) error

	// Write runs fn in a write transaction, on any goroutine. Calls that wait
	// at the same time may share a commit: then an error of fn undoes what fn
	// did and nothing else. When Write returns nil, what fn did is durable.
	// group is the number of calls that shared the commit.
	Write(ctx context.Context, fn func(Rows) error) (group int, err error)

	// Update is Write with fn on the caller's goroutine. A panic or a Goexit in
	// fn undoes what fn did and goes on.
	Update(ctx context.Context, fn func(Rows) error) (group int, err error)

	// Health tells how the backend is.
	Health(ctx context.Context) (storage.Health, error)

	// Close frees everything.
	Close() error
}
