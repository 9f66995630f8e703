package storagetest

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// wantErr requires an [*storage.Error] of a kind that names its operation and,
// if one is given, its field.
func wantErr(t testing.TB, err, kind error, field ...string) *storage.Error {
	t.Helper()
	require.ErrorIs(t, err, kind)
	var e *storage.Error
	require.Truef(t, errors.As(err, &e), "%T is no *storage.Error: %v", err, err)
	require.Equal(t, kind, e.Kind, "Kind of %v", err)
	require.NotEmpty(t, e.Op, "Op of %v", err)
	if len(field) > 0 {
		require.Equal(t, field[0], e.Field, "Field of %v", err)
	}
	return e
}

// wantNotFound requires ErrNotFound about a kind of record.
func wantNotFound(t testing.TB, err error, entity storage.Entity) {
	t.Helper()
	e := wantErr(t, err, storage.ErrNotFound)
	require.Equal(t, entity, e.Entity, "Entity of %v", err)
}

// wantForbidden requires ErrForbidden with a reason.
func wantForbidden(t testing.TB, err error, reason storage.Reason) {
	t.Helper()
	e := wantErr(t, err, storage.ErrForbidden)
	require.Equal(t, reason, e.Reason, "Reason of %v", err)
}

// refused requires that a call fails with a kind of error (and a field, if one
// is given) and that nothing is changed by it, as far as readers can see.
func (f *fixture) refused(t testing.TB, call func() error, kind error, field ...string) *storage.Error {
	t.Helper()
	before := f.dump()
	e := wantErr(t, call(), kind, field...)
	require.Equal(t, before, f.dump(), "a call that failed changed something")
	return e
}
