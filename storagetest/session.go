package storagetest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var sessionCases = []testCase{
	{"as it is stored", testSessionStored},
	{"create refuses", testSessionRefused},
	{"an ID that is taken", testSessionTaken},
	{"tokens", testSessionTokens},
	{"by token", testSessionByToken},
	{"wrong tokens tell nothing", testSessionTellsNothing},
	{"expiry", testSessionExpiry},
	{"revocation", testSessionRevoked},
	{"revoke all", testSessionRevokeAll},
	{"revoke all but some", testSessionRevokeExcept},
	{"revoke expired ones too", testSessionRevokeExpired},
	{"the user is deactivated", testSessionDeactivated},
	{"the user is deactivated again", testSessionDeactivatedAgain},
	{"the user is deleted", testSessionUserDeleted},
	{"the user is another one", testSessionOtherUser},
	{"extend", testSessionExtend},
	{"extend refuses", testSessionExtendRefused},
	{"metadata", testSessionMetadata},
	{"delete", testSessionDelete},
	{"touch", testSessionTouch},
	{"touch by the minute", testSessionTouchInterval},
	{"touch what is over", testSessionTouchOver},
	{"touch when clocks go back", testSessionTouchBack},
	{"touch looks first", testSessionTouchLooks},
	{"delete expired", testSessionSweep},
	{"delete expired by their ends", testSessionSweepEnds},
	{"delete expired in batches", testSessionSweepBatches},
	{"delete expired refuses", testSessionSweepRefused},
	{"list", testSessionList},
	{"list by creation under equal times", testSessionListOrder},
	{"list while sessions end", testSessionListLive},
	{"list limits", testSessionListLimits},
	{"list cursors", testSessionListCursors},
	{"list refuses", testSessionListRefused},
	{"statistics", testSessionStats},
	{"statistics of time", testSessionStatsTime},
}

// login stores a session of a user, changed by edits first, and returns it with
// its token.
func (f *fixture) login(user storage.UserID, edits ...func(*storage.Session)) (storage.Session, storage.Secret) {
	f.t.Helper()
	s := storage.Session{UserID: user}
	for _, edit := range edits {
		edit(&s)
	}
	token, err := f.CreateSession(f.ctx, &s)
	require.NoError(f.t, err)
	return s, token
}

// expiring makes a session expire after a while.
func (f *fixture) expiringIn(d time.Duration) func(*storage.Session) {
	return func(s *storage.Session) { s.ExpiresAt = f.clock.Now().Add(d) }
}

func (f *fixture) readSession(id storage.SessionID) storage.Session {
	f.t.Helper()
	s, err := f.Session(f.ctx, id)
	require.NoError(f.t, err)
	return s
}

// wantAdmitted and wantTurnedAway require that a token serves, or does not.
func (f *fixture) wantAdmitted(token storage.Secret, want storage.Session) {
	f.t.Helper()
	s, err := f.SessionByToken(f.ctx, token)
	require.NoError(f.t, err)
	require.Equal(f.t, want, s)
}

func (f *fixture) wantTurnedAway(token storage.Secret) {
	f.t.Helper()
	s, err := f.SessionByToken(f.ctx, token)
	wantErr(f.t, err, storage.ErrUnauthenticated)
	require.Zero(f.t, s, "a session beside an error")
}

// fullSession is a session of a user with every field that can be given.
func (f *fixture) fullSession(user storage.UserID) storage.Session {
	return storage.Session{
		UserID: user, IP: netip.MustParseAddr("192.0.2.7"), UserAgent: "Lair/1.0 (test)",
		Metadata: storage.SessionMetadata{
			ClientType: "ios", ClientVersion: "1.2", Device: "phone", Location: "Oslo", Custom: json.RawMessage(`{"a":[1, 2]}`),
		},
		ExpiresAt: f.now().Add(time.Hour),
	}
}

func testSessionStored(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	full := f.fullSession(ann)
	full.ID = id[storage.Session](7)
	for name, given := range map[string]storage.Session{
		"bare":        {UserID: ann},
		"full":        full,
		"IPv6":        {UserID: ann, IP: netip.MustParseAddr("2001:db8::1")},
		"mapped IPv4": {UserID: ann, IP: netip.MustParseAddr("::ffff:192.0.2.9")},
		"a zone":      {UserID: ann, IP: netip.MustParseAddr("fe80::1%eth0")},
		"odd times":   {UserID: ann, ExpiresAt: f.clock.Now().Add(time.Hour)},
		"empty":       {UserID: ann, Metadata: storage.SessionMetadata{Custom: json.RawMessage{}}},
	} {
		given.CreatedAt, given.LastActiveAt, given.RevokedAt = time.Unix(1, 0), time.Unix(2, 0), time.Unix(3, 0)
		want := given.Clone()
		want.Normalize()
		want.CreatedAt, want.LastActiveAt, want.RevokedAt = f.now(), f.now(), time.Time{}
		s, token := f.login(given.UserID, func(s *storage.Session) { *s = given })
		if given.ID.IsZero() {
			require.False(t, s.ID.IsZero(), "ID of one %s", name)
			want.ID = s.ID
		}
		require.Equal(t, want, s, name)
		require.Equal(t, want, f.readSession(s.ID), name)
		f.wantAdmitted(token, want)
	}
	_, err := f.Session(f.ctx, id[storage.Session](8))
	wantNotFound(t, err, storage.EntitySession)
}

func testSessionRefused(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	require.NoError(t, f.DeactivateUser(f.ctx, bob))
	for _, c := range []struct {
		field string
		kind  error
		edit  func(*storage.Session)
	}{
		{"UserID", storage.ErrInvalid, func(s *storage.Session) { s.UserID = storage.UserID{} }},
		{"ExpiresAt", storage.ErrInvalid, func(s *storage.Session) { s.ExpiresAt = f.clock.Now() }},
		{"ExpiresAt", storage.ErrInvalid, func(s *storage.Session) { s.ExpiresAt = f.now().Add(-time.Hour) }},
		{"ExpiresAt", storage.ErrInvalid, func(s *storage.Session) { s.ExpiresAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"UserAgent", storage.ErrInvalid, func(s *storage.Session) { s.UserAgent = "\xff" }},
		{"Metadata.Device", storage.ErrInvalid, func(s *storage.Session) { s.Metadata.Device = of(storage.MaxDevice + 1) }},
		{"Metadata.Custom", storage.ErrInvalid, func(s *storage.Session) { s.Metadata.Custom = json.RawMessage(`[]`) }},
		{"", storage.ErrNotFound, func(s *storage.Session) { s.UserID = nobody }},
		{"", storage.ErrForbidden, func(s *storage.Session) { s.UserID = bob }},
	} {
		s := storage.Session{UserID: ann}
		c.edit(&s)
		before := s
		e := f.refused(t, func() error {
			token, err := f.CreateSession(f.ctx, &s)
			require.Empty(t, token, "a token beside an error")
			return err
		}, c.kind, c.field)
		require.Equal(t, before, s, "after an error the record is as it was")
		if c.kind == storage.ErrForbidden {
			require.Equal(t, storage.ReasonUserInactive, e.Reason)
		}
	}
}

func testSessionTaken(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	s, token := f.login(ann)
	again := storage.Session{ID: s.ID, UserID: bob}
	f.refused(t, func() error { _, err := f.CreateSession(f.ctx, &again); return err }, storage.ErrDuplicate, "ID")
	f.wantAdmitted(token, s)
}

// testSessionTokens has tokens of 256 bits that show in no print of a record.
func testSessionTokens(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	tokens := map[storage.Secret]bool{}
	for range 50 {
		s, token := f.login(ann)
		raw, err := base64.RawURLEncoding.Strict().DecodeString(string(token))
		require.NoError(t, err, "a token that no header and no URL changes")
		require.Len(t, raw, 32)
		require.NotContains(t, fmt.Sprintf("%v %+v %#v %v", s, s, s, token), string(token), "a token in a print")
		text, err := json.Marshal(s)
		require.NoError(t, err)
		require.NotContains(t, string(text), string(token))
		tokens[token] = true
	}
	require.Len(t, tokens, 50, "tokens that differ")
}

func testSessionByToken(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	first, firstToken := f.login(ann)
	second, secondToken := f.login(ann)
	other, otherToken := f.login(bob)
	for token, want := range map[storage.Secret]storage.Session{firstToken: first, secondToken: second, otherToken: other} {
		f.wantAdmitted(token, want)
	}
	last := firstToken[len(firstToken)-1]
	for _, wrong := range []storage.Secret{
		"", "x", firstToken[1:], firstToken + "A", firstToken + "=", firstToken + " ", " " + firstToken, "\x00", "\xff",
		storage.Secret(tooLong), storage.Secret(first.ID.String()), firstToken[:42] + storage.Secret(last^1), storage.Secret(of(43)),
	} {
		f.wantTurnedAway(wrong)
	}
}

// Whatever is wrong with a token, the error has the same words.
func testSessionTellsNothing(t *testing.T, f *fixture) {
	ann, bob, cid := f.user("ann").ID, f.user("bob").ID, f.user("cid").ID
	tokens := map[string]storage.Secret{"empty": "", "malformed": "no token\x00", "nobody's": storage.Secret(base64.RawURLEncoding.EncodeToString(make([]byte, 32)))}
	_, tokens["expired"] = f.login(ann, f.expiringIn(time.Minute))
	revoked, token := f.login(ann)
	tokens["revoked"] = token
	deleted, token := f.login(ann)
	tokens["deleted"] = token
	_, tokens["of a user who was deactivated"] = f.login(bob)
	_, tokens["of a user who was deleted"] = f.login(cid)
	require.NoError(t, f.RevokeSession(f.ctx, revoked.ID))
	require.NoError(t, f.DeleteSession(f.ctx, deleted.ID))
	require.NoError(t, f.DeactivateUser(f.ctx, bob))
	require.NoError(t, f.DeleteUser(f.ctx, cid))
	f.clock.advance(time.Minute)
	for name, token := range tokens {
		_, err := f.SessionByToken(f.ctx, token)
		e := wantErr(t, err, storage.ErrUnauthenticated)
		require.Equal(t, storage.Error{Op: e.Op, Kind: storage.ErrUnauthenticated}, *e, name)
	}
}

func testSessionExpiry(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	s, token := f.login(ann, f.expiringIn(time.Minute))
	forever, foreverToken := f.login(ann)
	f.clock.advance(time.Minute - time.Microsecond)
	f.wantAdmitted(token, s)
	f.clock.advance(time.Microsecond)
	f.wantTurnedAway(token)
	require.Equal(t, s, f.readSession(s.ID), "an expired session stays on record")
	f.clock.advance(100 * 365 * 24 * time.Hour)
	f.wantAdmitted(foreverToken, forever)
}

func testSessionRevoked(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	s, token := f.login(ann)
	other, otherToken := f.login(ann)
	f.clock.advance(time.Minute)
	require.NoError(t, f.RevokeSession(f.ctx, s.ID))
	s.RevokedAt = f.now()
	require.Equal(t, s, f.readSession(s.ID))
	f.wantTurnedAway(token)
	f.clock.advance(time.Minute)
	require.NoError(t, f.RevokeSession(f.ctx, s.ID), "again")
	require.Equal(t, s, f.readSession(s.ID))
	f.clock.advance(-time.Hour)
	f.wantTurnedAway(token)
	f.wantAdmitted(otherToken, other)
	f.refused(t, func() error { return f.RevokeSession(f.ctx, id[storage.Session](1)) }, storage.ErrNotFound)
}
