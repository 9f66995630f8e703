package backend

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// savepoints are rows that do nothing.
type savepoints struct{ Rows }

// Savepoint runs a function.
func (savepoints) Savepoint(_ context.Context, fn func() error) error { return fn() }

// Whoever was deleted by a call that failed in the end is there again, and types
// on when the transaction is committed.
func TestFailedCallsDeleteNobody(t *testing.T) {
	t.Parallel()
	open := &openRows{rules: rules{rows: savepoints{}}}
	remove := func(user byte, outcome error) error {
		return open.write(t.Context(), "delete user", unchecked, func(r *rules) (int, error) {
			r.gone = append(r.gone, storage.UserID{user})
			return 1, outcome
		})
	}
	require.NoError(t, remove(1, nil))
	late := errors.New("too late")
	require.ErrorIs(t, remove(2, late), late)
	require.NoError(t, remove(3, nil))
	assert.Equal(t, []storage.UserID{{1}, {3}}, open.rules.gone)
}
