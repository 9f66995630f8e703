package sqlite

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// What Maintain takes away after an erasure leaves nothing in the files, without
// another checkpoint.
func TestMaintainAfterEraseLeavesNoByte(t *testing.T) {
	t.Parallel()
	for _, how := range []storage.MessageErasure{storage.EraseTombstones, storage.ErasePurge} {
		t.Run(how.String(), func(t *testing.T) {
			t.Parallel()
			p := newSecretPerson(t, 700)
			gone := p.newRoom("gone")
			for range 30 {
				p.upload(gone, p.other) // the user is muted by now
			}
			require.NoError(t, p.s.DeleteRoom(p.ctx, gone))
			_, err := storage.EraseUser(p.ctx, p.s, p.user, storage.EraseOptions{Messages: how, By: p.other})
			require.NoError(t, err)
			require.NoError(t, p.s.Checkpoint(p.ctx))
			require.NotEmpty(t, p.secrets.leftIn(t, p.s.engine.source.path), "files of deleted rooms")
			r, err := storage.Maintain(p.ctx, p.s, storage.MaintainOptions{})
			require.NoError(t, err)
			require.GreaterOrEqual(t, r.Attachments.Attachments, int64(30))
			assert.True(t, r.Expired.Scrubbed)
			p.wantNothing(p.secrets)
		})
	}
}

// upload stores an attachment with a secret name and blob.
func (f *secretStore) upload(room storage.RoomID, by storage.UserID) storage.AttachmentID {
	f.t.Helper()
	a := storage.Attachment{RoomID: room, UploaderID: by, Name: f.secrets.word(), Blob: f.secrets.word(), Hash: f.secrets.word(), Size: 1}
	require.NoError(f.t, f.s.CreateAttachment(f.t.Context(), &a))
	return a.ID
}

// secretKind stores secrets of one kind of record, for the options that take them
// away.
type secretKind struct {
	store func(t *testing.T, f *secretStore)
	o     storage.MaintainOptions
}

const soon = time.Minute

var secretKinds = map[string]secretKind{
	"expired messages": {func(t *testing.T, f *secretStore) {
		for range 5 {
			f.around(f.s)
			m := storage.Message{RoomID: f.room, AuthorID: f.author, Body: f.secrets.text(2000), ExpiresAt: time.Now().Add(soon)}
			_, err := f.s.CreateMessage(t.Context(), &m)
			require.NoError(t, err)
		}
	}, storage.MaintainOptions{}},
	"messages that are too old": {func(_ *testing.T, f *secretStore) {
		for range 5 {
			f.say(f.s, 2000)
		}
	}, storage.MaintainOptions{MessagesFor: 1, ChangesFor: 1}},
	"messages that are too many": {func(_ *testing.T, f *secretStore) {
		for range 5 {
			f.say(f.s, 2000)
		}
	}, storage.MaintainOptions{MessagesKeep: 1, ChangesFor: 1}},
	"attachments": {func(_ *testing.T, f *secretStore) {
		for range 30 {
			f.upload(f.room, f.author)
		}
	}, storage.MaintainOptions{UnattachedFor: 1}},
	"audit entries": {func(_ *testing.T, f *secretStore) { f.telling(f.s, f.author, f.author, 2000) }, storage.MaintainOptions{AuditFor: 1}},
	"changes": {func(t *testing.T, f *secretStore) {
		m := storage.Message{RoomID: f.room, AuthorID: f.author, Body: "zp zr stays"}
		_, err := f.s.CreateMessage(t.Context(), &m)
		require.NoError(t, err)
		for range 5 {
			emoji := f.secrets.word()
			_, err := f.s.AddReaction(t.Context(), m.ID, f.author, emoji)
			require.NoError(t, err)
			_, err = f.s.RemoveReaction(t.Context(), m.ID, f.author, emoji)
			require.NoError(t, err)
		}
	}, storage.MaintainOptions{ChangesFor: 1}},
	"sessions and login attempts": {func(t *testing.T, f *secretStore) {
		for range 30 {
			s := storage.Session{UserID: f.author, UserAgent: f.secrets.word(), Metadata: storage.SessionMetadata{Device: f.secrets.word()}}
			_, err := f.s.CreateSession(t.Context(), &s)
			require.NoError(t, err)
			require.NoError(t, f.s.RevokeSession(t.Context(), s.ID))
			a := storage.LoginAttempt{Login: f.secrets.word(), UserAgent: f.secrets.word()}
			require.NoError(t, f.s.RecordLoginAttempt(t.Context(), &a))
		}
	}, storage.MaintainOptions{SessionsFor: 1, LoginsFor: 1}},
	"invites and sanctions": {func(t *testing.T, f *secretStore) {
		other := storage.User{Username: "bob"}
		require.NoError(t, f.s.CreateUser(t.Context(), &other))
		for range 10 {
			i := storage.Invite{RoomID: f.room, Email: f.secrets.word() + "@example.org", ExpiresAt: time.Now().Add(soon)}
			_, err := f.s.CreateInvite(t.Context(), &i)
			require.NoError(t, err)
			s := storage.Sanction{RoomID: f.room, UserID: other.ID, Kind: storage.SanctionMute, Reason: f.secrets.word(), ExpiresAt: time.Now().Add(soon)}
			require.NoError(t, f.s.CreateSanction(t.Context(), &s))
		}
	}, storage.MaintainOptions{InvitesFor: 1, SanctionsFor: 1}},
}

func TestMaintainLeavesNoByte(t *testing.T) {
	t.Parallel()
	for name, kind := range secretKinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newSecretStore(t)
			kind.store(t, f)
			f.around(f.s)
			require.NoError(t, f.s.Checkpoint(t.Context()))
			require.NotEmpty(t, f.secrets.leftIn(t, f.s.engine.source.path))
			f.ahead.Store(int64(time.Hour))
			r, err := storage.Maintain(t.Context(), f.s, kind.o)
			require.NoError(t, err)
			assert.True(t, r.Expired.Scrubbed)
			assert.Empty(t, f.secrets.leftIn(t, f.s.engine.source.path))
		})
	}
}
