package storagetest

// Calls about typing beside transactions, contexts, Close and each other.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// Typing is no part of a transaction: it is seen at once, and no rollback takes
// it back.
func testTypingTx(t *testing.T, f *fixture) {
	other := func(ctx context.Context) {
		require.NoError(t, f.SetTyping(ctx, den, typist(1), f.now().Add(time.Second)))
		require.NoError(t, f.SetTyping(ctx, den, typist(2), f.now().Add(time.Second)))
		require.NoError(t, f.ClearTyping(ctx, den, typist(1)))
		got, err := f.TypingUsers(ctx, den)
		require.NoError(t, err)
		require.Equal(t, []storage.UserID{typist(2)}, got)
		wantTyping(t, f, den, typist(2))
	}
	require.ErrorIs(t, f.Update(f.ctx, func(ctx context.Context, _ storage.Tx) error { other(ctx); return errUndo }), errUndo)
	wantTyping(t, f, den, typist(2))
	require.NoError(t, f.ClearTyping(f.ctx, den, typist(2)))
	require.NoError(t, f.View(f.ctx, func(ctx context.Context, _ storage.Reader) error { other(ctx); return nil }))
	wantTyping(t, f, den, typist(2))
}

// testTypingDeleted has users go who are typing, each in one way: at once, within
// a transaction, and not after all.
func testTypingDeleted(t *testing.T, f *fixture) {
	for name, gone := range map[string]func(context.Context, storage.ReadWriter, storage.UserID) error{
		"deleted": func(ctx context.Context, w storage.ReadWriter, user storage.UserID) error {
			return w.DeleteUser(ctx, user)
		},
		"erased": func(ctx context.Context, w storage.ReadWriter, user storage.UserID) error {
			return errOf(storage.EraseUser(ctx, w, user, storage.EraseOptions{}))
		},
	} {
		within := func(user storage.UserID, end error) error {
			return f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
				require.NoError(t, gone(ctx, tx, user))
				wantTyping(t, f, den, typist(1), user)
				return end
			})
		}
		types := func(user storage.UserID) {
			f.types(den, typist(1), time.Second)
			f.types(den, user, time.Second)
			f.types(loft, user, time.Second)
		}
		user := f.user(name).ID
		types(user)
		require.ErrorIs(t, within(user, errUndo), errUndo)
		wantTyping(t, f, den, typist(1), user)
		require.NoError(t, within(user, nil))
		wantTyping(t, f, den, typist(1))
		wantTyping(t, f, loft)
		user = f.user(name).ID
		types(user)
		require.NoError(t, gone(f.ctx, f, user))
		wantTyping(t, f, den, typist(1))
		wantTyping(t, f, loft)
	}
}

// typingCalls are the calls about typing.
func (f *fixture) typingCalls() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"TypingUsers": func(ctx context.Context) error { _, err := f.TypingUsers(ctx, den); return err },
		"SetTyping": func(ctx context.Context) error {
			return f.SetTyping(ctx, den, typist(2), f.clock.Now().Add(time.Second))
		},
		"ClearTyping": func(ctx context.Context) error { return f.ClearTyping(ctx, den, typist(1)) },
	}
}

func testTypingDone(t *testing.T, f *fixture) {
	f.types(den, typist(1), time.Minute)
	contexts := doneContexts(t, f.ctx)
	for kind, ctx := range contexts {
		for method, call := range f.typingCalls() {
			require.ErrorIs(t, wantErr(t, call(ctx), kind), contextCauses[kind], method)
		}
	}
	wantTyping(t, f, den, typist(1))
	require.NoError(t, f.Close())
	for _, ctx := range contexts {
		for _, call := range f.typingCalls() {
			wantErr(t, call(f.ctx), storage.ErrClosed)
			wantErr(t, call(ctx), storage.ErrClosed)
		}
	}
	wantErr(t, f.SetTyping(f.ctx, storage.RoomID{}, storage.UserID{}, time.Time{}), storage.ErrClosed)
}

// Neither does another store know of it, nor the same when it is opened again.
func testTypingReopen(t *testing.T, f *fixture) {
	f.types(den, typist(1), time.Minute)
	other := f.another(func(*storage.Options) {})
	wantTyping(t, other, den)
	if !f.backend.lacks(FeatureReopen) {
		f.reopen()
		wantTyping(t, f, den)
	}
}

func testTypingObserved(t *testing.T, f *fixture) {
	o := f.observed()
	names := map[string]string{}
	for method, call := range o.typingCalls() {
		o.one(t, method, false, call)
		require.Empty(t, names[o.ops[0].Name], "%s has the same name", method)
		names[o.ops[0].Name] = method
	}
	o.one(t, "SetTyping", false, func(ctx context.Context) error {
		err := o.SetTyping(ctx, den, storage.UserID{}, time.Time{})
		wantErr(t, err, storage.ErrInvalid)
		return err
	})
}

func testTypingRace(t *testing.T, f *fixture) {
	const each = 50
	for i, err := range race(racers, func(i int) error {
		own := id[storage.Room](byte(100 + i))
		for n := range each {
			until := f.now().Add(time.Duration(n+1) * time.Millisecond)
			err := errors.Join(
				f.SetTyping(f.ctx, den, typist(byte(i)), until),
				f.SetTyping(f.ctx, own, typist(byte(n)), until),
				f.ClearTyping(f.ctx, loft, typist(byte(n))),
				f.SetTyping(f.ctx, loft, typist(byte(n)), until),
			)
			users, reading := f.TypingUsers(f.ctx, den)
			if err = errors.Join(err, reading); err != nil {
				return err
			}
			if !slices.Contains(users, typist(byte(i))) || !slices.IsSortedFunc(users, storage.UserID.Compare) {
				return fmt.Errorf("%v are typing, %v among them", users, typist(byte(i)))
			}
		}
		if users, err := f.TypingUsers(f.ctx, own); err != nil || len(users) != each {
			return fmt.Errorf("%d are typing: %w", len(users), err)
		}
		return nil
	}) {
		require.NoError(t, err, "racer %d", i)
	}
	var all []storage.UserID
	for i := range racers {
		all = append(all, typist(byte(i)))
	}
	wantTyping(t, f, den, all...)
	f.clock.advance(each * time.Millisecond)
	wantTyping(t, f, den)
}
