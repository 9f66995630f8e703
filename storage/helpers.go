package storage

// Small helpers that several records share.

import (
	"errors"
	"slices"
	"time"
)

// MaxQueryText is the limit of the text of a query over users or rooms, in
// bytes.
const MaxQueryText = 1024

// set stores a patch's value, if it has one.
func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

// nilIfEmpty gives empty slices the one form in which they read back.
func nilIfEmpty[S ~[]E, E any](s S) S {
	if len(s) == 0 {
		return nil
	}
	return s
}

func cloneSlice[S ~[]E, E any](s S) S { return nilIfEmpty(slices.Clone(s)) }

// checkRange refuses a half-open range that ends before it begins, and times
// that cannot be stored. Zero ends are open.
func checkRange(field string, from, to time.Time) error {
	if err := checkTime(field, from); err != nil {
		return err
	}
	if err := checkTime(field, to); err != nil {
		return err
	}
	if !from.IsZero() && !to.IsZero() && to.Before(from) {
		return Invalid(field, "before the start of the range")
	}
	return nil
}

// exists turns the error of a look-up into an answer.
func exists(err error) (bool, error) {
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
