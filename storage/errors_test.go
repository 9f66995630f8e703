package storage_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// kinds are all the kinds of failure.
var kinds = []error{
	storage.ErrNotFound, storage.ErrDuplicate, storage.ErrInvalid, storage.ErrConflict,
	storage.ErrConstraint, storage.ErrForbidden, storage.ErrUnauthenticated, storage.ErrThrottled,
	storage.ErrTimeout, storage.ErrCanceled, storage.ErrPoolExhausted, storage.ErrSerialization,
	storage.ErrConnection, storage.ErrQuery, storage.ErrUnsupported, storage.ErrClosed,
	storage.ErrReadOnly, storage.ErrCorrupt, storage.ErrFull, storage.ErrCommitUnknown,
	storage.ErrSchemaTooNew, storage.ErrGone, storage.ErrBusy,
}

func TestErrorIsItsKindAndItsCause(t *testing.T) {
	causes := []error{nil, context.DeadlineExceeded, context.Canceled, io.ErrUnexpectedEOF}
	for _, kind := range kinds {
		for _, cause := range causes {
			err := fmt.Errorf("above: %w", &storage.Error{Op: "create message", Kind: kind, Err: cause})
			for _, other := range kinds {
				assert.Equal(t, other == kind, errors.Is(err, other), "errors.Is(%v, %v)", err, other)
			}
			for _, other := range causes[1:] {
				assert.Equal(t, other == cause, errors.Is(err, other), "errors.Is(%v, %v)", err, other)
			}
		}
	}
}

func TestErrorAs(t *testing.T) {
	want := &storage.Error{
		Op: "authenticate", Entity: storage.EntityUser, ID: "ann", Field: "Password",
		Kind: storage.ErrThrottled, RetryAfter: time.Minute,
	}
	var got *storage.Error
	require.ErrorAs(t, fmt.Errorf("above: %w", want), &got)
	assert.Same(t, want, got)
	assert.Equal(t, time.Minute, got.RetryAfter)
}

func TestErrorText(t *testing.T) {
	const id = "0190a6e2-7c3f-7000-8000-000000000001"
	for _, tt := range []struct {
		err  error
		want string
	}{
		{storage.WithOp("create message", storage.NotFound(storage.EntityRoom, id)), "create message: room " + id + ": not found"},
		{storage.NotFound(storage.EntityMembership, ""), "membership: not found"},
		{storage.Invalid("Limit", "negative"), "Limit: invalid: negative"},
		{storage.WithOp("users", storage.Invalid("Limit", "negative")), "users: Limit: invalid: negative"},
		{storage.Duplicate(storage.EntityUser, "ann", "Username"), "user ann: Username: already exists"},
		{storage.Conflict(storage.EntityRoom, id, "version 2, not 1"), "room " + id + ": conflict: version 2, not 1"},
		{storage.Forbidden(storage.EntityRoom, id, storage.ReasonRoomFull), "room " + id + ": forbidden: room full"},
		{storage.WithOp("user", context.DeadlineExceeded), "user: timed out: context deadline exceeded"},
		{&storage.Error{Kind: storage.ErrClosed}, "closed"},
	} {
		assert.EqualError(t, tt.err, tt.want)
	}
}

func TestConstructorsSetTheirKind(t *testing.T) {
	for _, tt := range []struct {
		err  *storage.Error
		kind error
	}{
		{storage.Invalid("Body", "empty"), storage.ErrInvalid},
		{storage.NotFound(storage.EntityUser, "x"), storage.ErrNotFound},
		{storage.Forbidden(storage.EntityRoom, "x", storage.ReasonBanned), storage.ErrForbidden},
		{storage.Conflict(storage.EntityMessage, "x", "stale"), storage.ErrConflict},
		{storage.Duplicate(storage.EntityRoom, "x", "Name"), storage.ErrDuplicate},
	} {
		assert.Equal(t, tt.kind, tt.err.Kind)
		assert.ErrorIs(t, tt.err, tt.kind)
	}
}

func TestWithOpOfAnyError(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		kind error
	}{
		{"deadline", context.DeadlineExceeded, storage.ErrTimeout},
		{"wrapped deadline", fmt.Errorf("read: %w", context.DeadlineExceeded), storage.ErrTimeout},
		{"canceled", fmt.Errorf("read: %w", context.Canceled), storage.ErrCanceled},
		{"anything else", io.ErrUnexpectedEOF, storage.ErrQuery},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := storage.WithOp("user", tt.err)
			var e *storage.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, "user", e.Op)
			assert.Equal(t, tt.kind, e.Kind)
			assert.ErrorIs(t, err, tt.err)
		})
	}
}

func TestWithOpNamesOnce(t *testing.T) {
	require.NoError(t, storage.WithOp("user", nil))

	unnamed := storage.NotFound(storage.EntityUser, "x")
	named := storage.WithOp("user", unnamed)
	assert.EqualError(t, named, "user: user x: not found")
	assert.Empty(t, unnamed.Op, "WithOp(err) changed the error it was given")
	assert.Same(t, named, storage.WithOp("update", named), "WithOp(named) renamed it")

	wrapped := fmt.Errorf("in a callback: %w", named)
	assert.Same(t, wrapped, storage.WithOp("update", wrapped), "WithOp(wrapped) lost what a caller said")
}
