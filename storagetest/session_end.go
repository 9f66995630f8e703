package storagetest

// How sessions end: revoked with others, with their users, and swept away.

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// revokeAll revokes sessions of a user, and requires how many were live.
func (f *fixture) revokeAll(want int64, user storage.UserID, except ...storage.SessionID) {
	f.t.Helper()
	n, err := f.RevokeSessions(f.ctx, user, except...)
	require.NoError(f.t, err)
	require.Equal(f.t, want, n, "sessions that were revoked")
}

func testSessionRevokeAll(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	_, first := f.login(ann)
	_, second := f.login(ann)
	old, _ := f.login(ann)
	other, otherToken := f.login(bob)
	require.NoError(t, f.RevokeSession(f.ctx, old.ID))
	old = f.readSession(old.ID)
	f.clock.advance(time.Minute)
	f.revokeAll(2, ann)
	f.wantTurnedAway(first)
	f.wantTurnedAway(second)
	f.wantAdmitted(otherToken, other)
	require.Equal(t, old, f.readSession(old.ID), "one that was revoked before")
	for _, s := range list(f, f.Sessions, storage.SessionQuery{User: ann}) {
		require.False(t, s.RevokedAt.IsZero())
	}
	before := f.dump()
	f.revokeAll(0, ann)
	f.revokeAll(0, nobody)
	f.revokeAll(0, storage.UserID{})
	require.Equal(t, before, f.dump())
}

func testSessionRevokeExcept(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	kept, keptToken := f.login(ann)
	also, alsoToken := f.login(ann)
	_, token := f.login(ann)
	other, otherToken := f.login(bob)
	f.revokeAll(1, ann, kept.ID, also.ID, kept.ID, other.ID, id[storage.Session](1), storage.SessionID{})
	f.wantTurnedAway(token)
	f.wantAdmitted(keptToken, kept)
	f.wantAdmitted(alsoToken, also)
	f.wantAdmitted(otherToken, other)
	f.revokeAll(2, ann, other.ID)
	f.refused(t, func() error {
		_, err := f.RevokeSessions(f.ctx, bob, make([]storage.SessionID, storage.MaxLimit+1)...)
		return err
	}, storage.ErrInvalid, "except")
}

// An expired session that is revoked stays over even when the clock goes back.
func testSessionRevokeExpired(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	s, token := f.login(ann, f.expiringIn(time.Minute))
	f.clock.advance(time.Minute)
	f.revokeAll(0, ann)
	require.Equal(t, f.now(), f.readSession(s.ID).RevokedAt)
	f.clock.advance(-time.Second)
	f.wantTurnedAway(token)
}

func testSessionDeactivated(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	s, token := f.login(ann, f.expiringIn(time.Hour))
	over, _ := f.login(ann, f.expiringIn(time.Second))
	other, otherToken := f.login(bob)
	f.clock.advance(time.Minute)
	require.NoError(t, f.DeactivateUser(f.ctx, ann))
	f.wantTurnedAway(token)
	s.RevokedAt, over.RevokedAt = f.now(), f.now()
	require.Equal(t, s, f.readSession(s.ID))
	require.Equal(t, over, f.readSession(over.ID), "one that had expired")
	f.wantAdmitted(otherToken, other)

	f.clock.advance(time.Minute)
	require.NoError(t, f.ReactivateUser(f.ctx, ann))
	f.wantTurnedAway(token)
	require.Equal(t, s, f.readSession(s.ID), "reactivation revives none")
	next, nextToken := f.login(ann)
	f.wantAdmitted(nextToken, next)
}

func testSessionDeactivatedAgain(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	s, _ := f.login(ann)
	require.NoError(t, f.DeactivateUser(f.ctx, ann))
	s = f.readSession(s.ID)
	f.clock.advance(time.Minute)
	require.NoError(t, f.DeactivateUser(f.ctx, ann))
	require.Equal(t, s, f.readSession(s.ID))
	f.refused(t, func() error { return f.DeactivateUser(f.ctx, nobody) }, storage.ErrNotFound)
}

func testSessionUserDeleted(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	s, token := f.login(ann)
	other, otherToken := f.login(bob)
	require.NoError(t, f.DeleteUser(f.ctx, ann))
	f.wantTurnedAway(token)
	_, err := f.Session(f.ctx, s.ID)
	wantNotFound(t, err, storage.EntitySession)
	require.Equal(t, []storage.Session{other}, list(f, f.Sessions, storage.SessionQuery{}))
	require.Empty(t, list(f, f.Sessions, storage.SessionQuery{User: ann}))
	f.wantAdmitted(otherToken, other)
	again := storage.Session{ID: s.ID, UserID: bob}
	_, err = f.CreateSession(f.ctx, &again)
	require.NoError(t, err, "its ID is free")
}

func testSessionOtherUser(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	_, token := f.login(ann)
	require.NoError(t, f.DeleteUser(f.ctx, ann))
	f.user("other", func(u *storage.User) { u.ID = ann })
	f.wantTurnedAway(token)
	require.Empty(t, list(f, f.Sessions, storage.SessionQuery{User: ann}))
}

func testSessionDelete(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	s, token := f.login(ann)
	other, otherToken := f.login(ann)
	require.NoError(t, f.DeleteSession(f.ctx, s.ID))
	f.wantTurnedAway(token)
	_, err := f.Session(f.ctx, s.ID)
	wantNotFound(t, err, storage.EntitySession)
	f.wantAdmitted(otherToken, other)
	f.refused(t, func() error { return f.DeleteSession(f.ctx, s.ID) }, storage.ErrNotFound)
	require.Equal(t, []storage.Session{other}, list(f, f.Sessions, storage.SessionQuery{}))
}

// sweep removes what ended before a time, and requires how many went.
func (f *fixture) sweep(want int, before time.Time, limit int) {
	f.t.Helper()
	n, err := f.DeleteExpiredSessions(f.ctx, before, limit)
	require.NoError(f.t, err)
	require.Equal(f.t, want, n, "sessions that were removed")
}

func testSessionSweep(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	begin := f.now()
	forever, _ := f.login(ann)
	expired, _ := f.login(ann, f.expiringIn(time.Minute))
	revoked, _ := f.login(ann)
	later, laterToken := f.login(ann, f.expiringIn(time.Hour))
	require.NoError(t, f.RevokeSession(f.ctx, revoked.ID))
	f.sweep(0, begin, 0)
	f.sweep(1, begin.Add(time.Nanosecond), 0)
	wantNotFound(t, errOf(f.Session(f.ctx, revoked.ID)), storage.EntitySession)
	f.sweep(0, begin.Add(time.Hour+1), 0)
	f.wantAdmitted(laterToken, later)
	f.clock.advance(time.Minute)
	f.sweep(0, begin.Add(time.Minute), 0)
	f.sweep(1, time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC), 0)
	wantNotFound(t, errOf(f.Session(f.ctx, expired.ID)), storage.EntitySession)
	f.wantAdmitted(laterToken, later)
	f.clock.advance(1000 * time.Hour)
	f.sweep(1, f.now(), 0)
	require.Equal(t, []storage.Session{forever}, list(f, f.Sessions, storage.SessionQuery{}))
}

// testSessionSweepEnds has sessions whose ends differ from when they began.
func testSessionSweepEnds(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	begin := f.now()
	ends := map[int]storage.SessionID{}
	for _, minute := range []int{3, 2, 4, 1} {
		s, _ := f.login(ann, f.expiringIn(time.Duration(minute)*time.Minute))
		ends[minute] = s.ID
	}
	f.clock.advance(time.Minute + time.Second)
	require.NoError(t, f.RevokeSession(f.ctx, ends[4]))
	f.clock.advance(time.Minute)
	require.NoError(t, f.RevokeSession(f.ctx, ends[1]), "which expired long before")
	extended, err := f.ExtendSession(f.ctx, ends[3], begin.Add(time.Hour))
	require.NoError(t, err)
	f.clock.advance(10 * time.Minute)
	for _, gone := range []int{1, 4, 2} {
		f.sweep(1, f.now(), 1)
		wantNotFound(t, errOf(f.Session(f.ctx, ends[gone])), storage.EntitySession)
	}
	f.sweep(0, f.now(), 1)
	require.Equal(t, []storage.Session{extended}, list(f, f.Sessions, storage.SessionQuery{}))
}

func testSessionSweepBatches(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for n := range storage.MaxLimit + storage.DefaultLimit + 1 {
			s := storage.Session{ID: id[storage.Session](byte(n)), UserID: ann, ExpiresAt: f.now().Add(time.Minute)}
			s.ID[14] = byte(n >> 8)
			_, err := tx.CreateSession(ctx, &s)
			require.NoError(t, err)
		}
	})
	f.clock.advance(time.Minute)
	last := list(f, f.Sessions, storage.SessionQuery{})[0]
	f.sweep(storage.DefaultLimit, f.now().Add(1), 0)
	f.sweep(storage.MaxLimit, f.now().Add(1), 1<<40)
	require.Equal(t, []storage.Session{last}, list(f, f.Sessions, storage.SessionQuery{}), "of equal ends the highest ID goes last")
	f.sweep(1, f.now().Add(1), 2)
}

func testSessionSweepRefused(t *testing.T, f *fixture) {
	f.login(f.user("ann").ID, f.expiringIn(time.Minute))
	f.clock.advance(time.Hour)
	for _, c := range []struct {
		field  string
		before time.Time
		limit  int
	}{{"before", time.Time{}, 1}, {"before", time.Time{}.Add(-time.Hour), 1}, {"Limit", f.now(), -1}} {
		f.refused(t, func() error { _, err := f.DeleteExpiredSessions(f.ctx, c.before, c.limit); return err }, storage.ErrInvalid, c.field)
	}
}
