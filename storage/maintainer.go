package storage

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"
)

// DefaultMaintainEvery is how long a [Maintainer] rests where Every is 0.
const DefaultMaintainEvery = 5 * time.Minute

// Maintainer calls [Maintain] again and again. Set its fields before Run and leave
// them alone from then on.
type Maintainer struct {
	Store   Store
	Options MaintainOptions

	// Every is how long it rests between two runs, from the end of one to the
	// beginning of the next; 0: DefaultMaintainEvery.
	Every time.Duration

	// Report is called after each run, on the goroutine of Run, with what was
	// done, also where an error ended the run. Nil means not to.
	Report func(context.Context, MaintainReport, error)

	// Logger is told of runs that failed; nil means nobody is.
	Logger *slog.Logger

	// After is how it rests: what it returns receives once d is over. Nil means
	// time.After.
	After func(d time.Duration) <-chan time.Time

	running atomic.Bool
}

// Validate refuses a Maintainer that cannot run.
func (m *Maintainer) Validate() error {
	switch {
	case m.Store == nil:
		return Invalid("Store", "nil")
	case m.Every < 0:
		return Invalid("Every", "negative")
	}
	return m.Options.Validate()
}

// Run maintains the store at once, and then after each rest, until ctx is done:
// then it stops where it is, between two batches at the latest, and returns
// ErrCanceled or ErrTimeout. A run that fails does not end it, unless the store is
// closed: that is ErrClosed. Runs never overlap; a second Run at the same time is
// ErrInvalid.
func (m *Maintainer) Run(ctx context.Context) error {
	const op = "run maintainer"
	if err := m.Validate(); err != nil {
		return WithOp(op, err)
	}
	if !m.running.CompareAndSwap(false, true) {
		return WithOp(op, Invalid("Maintainer", "runs already"))
	}
	defer m.running.Store(false)
	every, rest := m.Every, m.After
	if every == 0 {
		every = DefaultMaintainEvery
	}
	if rest == nil {
		rest = time.After
	}
	for {
		if err := ctx.Err(); err != nil {
			return WithOp(op, err)
		}
		if err := m.once(ctx); errors.Is(err, ErrClosed) {
			return WithOp(op, &Error{Kind: ErrClosed})
		}
		if ctx.Err() != nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-rest(every):
		}
	}
}

// once makes a run, and tells of it.
func (m *Maintainer) once(ctx context.Context) error {
	r, err := Maintain(ctx, m.Store, m.Options)
	if m.Report != nil {
		m.Report(ctx, r, err)
	}
	if err != nil && m.Logger != nil && ctx.Err() == nil {
		m.Logger.WarnContext(ctx, "maintaining the store failed", "error", err)
	}
	return err
}
