package backend

import (
	"time"

	"github.com/lairchat/lair/storage"
)

// rules are what the operations mean, over the rows of one write transaction.
// A rule calls rows and other rules, never a Writer, which would run it as a
// transaction of its own.
type rules struct {
	rows Rows
	now  time.Time // the transaction's
	o    *storage.Options

	firstChange storage.Position // of the transaction, 0: none yet
	touched     []touch          // what changes concern
	gone        []storage.UserID // who was deleted
}

// fresh refuses a change that is based on another version than the current
// one; 0 is based on none.
func fresh(entity storage.Entity, id string, version, ifVersion int64) error {
	if ifVersion == 0 || ifVersion == version {
		return nil
	}
	return storage.Conflict(entity, id, "stale version")
}

// toCome refuses a time that is not after the transaction's. It is asked inside,
// since the time could come while the call waits for its turn.
func (t *rules) toCome(field string, at time.Time) error {
	if at.IsZero() || at.After(t.now) {
		return nil
	}
	return storage.Invalid(field, "not in the future")
}

// checkPatch refuses a patch whose values no record may hold, by applying it
// to a valid one.
func checkPatch[T interface{ Validate() error }](ifVersion int64, valid T, apply func(*T) bool) error {
	if ifVersion < 0 {
		return storage.Invalid("IfVersion", "negative")
	}
	apply(&valid)
	return valid.Validate()
}

// assign sets a field and reports whether that changed it.
func assign[T comparable](field *T, value T) bool {
	if *field == value {
		return false
	}
	*field = value
	return true
}
