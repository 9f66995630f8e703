package backend

import "context"

// Scrubber is implemented by engines in which what was taken away stays behind
// for a while, in a write-ahead log say.
type Scrubber interface {
	// Scrub clears away what was left by what is committed, as far as it can
	// without a long wait, and reports whether nothing is left.
	Scrub(ctx context.Context) (bool, error)
}

// scrub logs a failure, since what was to be purged is gone by now.
func (c *calls) scrub(ctx context.Context) bool {
	engine, lasts := c.engine.(Scrubber)
	if !lasts {
		return true
	}
	if !c.gate.enter() {
		return false
	}
	defer c.gate.leave()
	clean, err := engine.Scrub(ctx)
	if err != nil {
		c.o.Logger.WarnContext(ctx, "scrubbing after a purge failed", "error", err)
	}
	return clean && err == nil
}
