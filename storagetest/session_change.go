package storagetest

// What changes of a session that lives.

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testSessionExtend(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	s, token := f.login(ann, f.expiringIn(time.Minute))
	other, _ := f.login(ann, f.expiringIn(time.Minute))
	extend := func(until time.Time) {
		t.Helper()
		got, err := f.ExtendSession(f.ctx, s.ID, until)
		require.NoError(t, err)
		s.ExpiresAt = storage.Timestamp(until)
		require.Equal(t, s, got)
		require.Equal(t, s, f.readSession(s.ID))
		f.wantAdmitted(token, s)
	}
	extend(f.clock.Now().Add(time.Hour))
	extend(f.clock.Now().Add(time.Second))
	extend(time.Time{})
	f.clock.advance(1000 * time.Hour)
	f.wantAdmitted(token, s)
	extend(f.clock.Now().Add(time.Minute))
	f.clock.advance(time.Minute)
	f.wantTurnedAway(token)
	require.Equal(t, other, f.readSession(other.ID))
}

func testSessionExtendRefused(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	s, _ := f.login(ann, f.expiringIn(time.Hour))
	revoked, _ := f.login(ann)
	expired, _ := f.login(ann, f.expiringIn(time.Minute))
	require.NoError(t, f.RevokeSession(f.ctx, revoked.ID))
	f.clock.advance(time.Minute)
	soon := f.now().Add(time.Hour)
	for _, c := range []struct {
		kind  error
		field string
		id    storage.SessionID
		until time.Time
	}{
		{storage.ErrInvalid, "ExpiresAt", s.ID, f.now()},
		{storage.ErrInvalid, "ExpiresAt", s.ID, f.now().Add(-time.Hour)},
		{storage.ErrInvalid, "ExpiresAt", s.ID, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		{storage.ErrInvalid, "ExpiresAt", id[storage.Session](1), f.now()},
		{storage.ErrNotFound, "", id[storage.Session](1), soon},
		{storage.ErrConflict, "", revoked.ID, soon},
		{storage.ErrConflict, "", expired.ID, soon},
		{storage.ErrConflict, "", expired.ID, time.Time{}},
	} {
		f.refused(t, func() error {
			got, err := f.ExtendSession(f.ctx, c.id, c.until)
			require.Zero(t, got, "a session beside an error")
			return err
		}, c.kind, c.field)
	}
}

func testSessionMetadata(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	s, token := f.login(ann, func(s *storage.Session) { *s = f.fullSession(ann) })
	for _, m := range []storage.SessionMetadata{
		{ClientType: "web", ClientVersion: "2", Device: "laptop", Location: "Lima", Custom: json.RawMessage(`{}`)},
		{Location: "Rome"},
		{},
		{Custom: json.RawMessage(`{"b": 1}`)},
	} {
		f.clock.advance(time.Second)
		got, err := f.UpdateSessionMetadata(f.ctx, s.ID, m)
		require.NoError(t, err)
		s.Metadata = m
		require.Equal(t, s, got)
		require.Equal(t, s, f.readSession(s.ID))
		f.wantAdmitted(token, s)
	}
	require.NoError(t, f.RevokeSession(f.ctx, s.ID))
	got, err := f.UpdateSessionMetadata(f.ctx, s.ID, storage.SessionMetadata{Device: "lost", Custom: json.RawMessage{}})
	require.NoError(t, err, "of one that was revoked")
	require.Equal(t, storage.SessionMetadata{Device: "lost"}, got.Metadata)
	f.refused(t, func() error {
		_, err := f.UpdateSessionMetadata(f.ctx, id[storage.Session](1), storage.SessionMetadata{})
		return err
	}, storage.ErrNotFound)
}

func testSessionTouch(t *testing.T, f *fixture) {
	ann := f.user("ann")
	s, token := f.login(ann.ID)
	other, _ := f.login(ann.ID)
	f.clock.advance(time.Hour)
	require.NoError(t, f.TouchSession(f.ctx, s.ID))
	s.LastActiveAt, ann.LastSeenAt = f.now(), f.now()
	require.Equal(t, s, f.readSession(s.ID))
	f.wantAdmitted(token, s)
	require.Equal(t, other, f.readSession(other.ID))
	require.Equal(t, ann, f.readUser(ann.ID), "LastSeenAt, and neither version nor UpdatedAt")
	f.refused(t, func() error { return f.TouchSession(f.ctx, id[storage.Session](1)) }, storage.ErrNotFound)
}

func testSessionTouchInterval(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	s, _ := f.login(ann)
	f.clock.advance(storage.SessionTouchInterval - time.Microsecond)
	before := f.dump()
	require.NoError(t, f.TouchSession(f.ctx, s.ID))
	require.Equal(t, before, f.dump(), "within the interval")
	f.clock.advance(time.Microsecond)
	require.NoError(t, f.TouchSession(f.ctx, s.ID))
	require.Equal(t, f.now(), f.readSession(s.ID).LastActiveAt)
	at := f.now()
	f.clock.advance(storage.SessionTouchInterval - time.Microsecond)
	require.NoError(t, f.TouchSession(f.ctx, s.ID))
	require.Equal(t, at, f.readSession(s.ID).LastActiveAt)
	require.Equal(t, at, f.readUser(ann).LastSeenAt)
}

func testSessionTouchOver(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	expired, _ := f.login(ann, f.expiringIn(time.Minute))
	revoked, _ := f.login(ann)
	require.NoError(t, f.RevokeSession(f.ctx, revoked.ID))
	f.clock.advance(time.Hour)
	before := f.dump()
	require.NoError(t, f.TouchSession(f.ctx, expired.ID))
	require.NoError(t, f.TouchSession(f.ctx, revoked.ID))
	require.Equal(t, before, f.dump())
}

func testSessionTouchBack(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	s, _ := f.login(ann)
	f.clock.advance(time.Hour)
	require.NoError(t, f.TouchUser(f.ctx, ann))
	seen := f.now()
	f.clock.advance(-30 * time.Minute)
	require.NoError(t, f.TouchSession(f.ctx, s.ID))
	require.Equal(t, f.now(), f.readSession(s.ID).LastActiveAt)
	require.Equal(t, seen, f.readUser(ann).LastSeenAt, "LastSeenAt moves forward only")
	at := f.now()
	f.clock.advance(-time.Hour)
	require.NoError(t, f.TouchSession(f.ctx, s.ID))
	require.Equal(t, at, f.readSession(s.ID).LastActiveAt)
}

// testSessionTouchLooks has a call ask for the writer only where it is due.
func testSessionTouchLooks(t *testing.T, f *fixture) {
	var ops []storage.Op
	other := f.another(func(o *storage.Options) {
		o.Observe = func(_ context.Context, op storage.Op) { ops = append(ops, op) }
	})
	s, _ := other.login(other.user("ann").ID)
	ops = nil
	for range 3 {
		require.NoError(t, other.TouchSession(f.ctx, s.ID))
		f.clock.advance(time.Minute)
	}
	require.NoError(t, other.RevokeSession(f.ctx, s.ID))
	require.NoError(t, other.TouchSession(f.ctx, s.ID))
	var wrote []bool
	for _, op := range ops {
		wrote = append(wrote, op.Write)
		require.Equal(t, op.Write, op.Group > 0, "%+v", op)
	}
	require.Equal(t, []bool{false, true, true, true, false}, wrote)
}
