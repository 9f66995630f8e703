package storage

import (
	"context"
	"log/slog"
	"time"
)

// Options are what every backend takes. The zero value works.
type Options struct {
	// Now tells the time; nil means time.Now. A transaction asks once.
	// It is called while the writer is held and must be quick.
	Now func() time.Time

	// NewUUID makes the identifiers of new records; nil means UUIDs of
	// version 7. They must be unique; that they rise with time is what keeps
	// indexes compact.
	NewUUID func() [16]byte

	// Logger is told what no call can return, such as a failed checkpoint in
	// the background; nil means nobody is.
	Logger *slog.Logger

	// Observe is called after each call on a Store, on the caller's goroutine;
	// metrics and traces hang on it. Nil means not to. View and Update count as
	// one call each, whatever happens inside.
	Observe func(context.Context, Op)
}

// Op tells [Options.Observe] about one call.
type Op struct {
	Name     string        // the operation: "create message"
	Duration time.Duration // including all waiting
	Err      error         // what the call returned
	Write    bool          // whether it asked for the writer
	Rows     int           // records returned or written, as far as the operation counts them
	Group    int           // calls that shared the commit, from 1; 0 where nothing was committed
}

// WithDefaults returns the options with every nil filled in, but Observe.
func (o Options) WithDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewUUID == nil {
		o.NewUUID = newUUID
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}
