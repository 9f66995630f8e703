package storagetest

// Invites and sanctions that have ended long ago.

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// ender is a call that takes away what had ended before a time.
type ender func(ctx context.Context, before time.Time, limit int) (int, error)

func testRetentionInvites(t *testing.T, f *fixture) {
	l := f.lobby()
	start, hour := f.now(), time.Hour
	invite := func(i storage.Invite) (storage.Invite, storage.Secret) {
		i.RoomID = l.room
		return f.invite(i)
	}
	lasting, _ := invite(storage.Invite{})
	later, _ := invite(storage.Invite{ExpiresAt: start.Add(9 * hour)})
	expired, _ := invite(storage.Invite{ExpiresAt: start.Add(hour)})
	used, code := invite(storage.Invite{MaxUses: 1, ExpiresAt: start.Add(8 * hour)})
	revoked, _ := invite(storage.Invite{ExpiresAt: start.Add(9 * hour)})
	half, halfCode := invite(storage.Invite{MaxUses: 2})
	for _, c := range []storage.Secret{code, halfCode} {
		require.NoError(t, errOf(f.RedeemInvite(f.ctx, c, l.bob)))
		require.NoError(t, f.RemoveMember(f.ctx, l.room, l.bob))
	}
	f.clock.advance(2 * hour)
	require.NoError(t, f.RevokeInvite(f.ctx, revoked.ID))
	f.clock.advance(hour)
	f.wantEnded(f.DeleteInvites, 0, start)
	f.wantEnded(f.DeleteInvites, 1, start.Add(time.Microsecond)) // used up: nobody knows when
	wantNotFound(t, errOf(f.Invite(f.ctx, used.ID)), storage.EntityInvite)
	f.wantEnded(f.DeleteInvites, 0, start.Add(hour))
	require.Equal(t, storage.MaintainReport{Invites: 1}, f.maintained(storage.MaintainOptions{InvitesFor: 2*hour - time.Microsecond}))
	wantNotFound(t, errOf(f.Invite(f.ctx, expired.ID)), storage.EntityInvite)
	f.wantEnded(f.DeleteInvites, 1, start.Add(99*hour)) // what has ended by now
	wantNotFound(t, errOf(f.Invite(f.ctx, revoked.ID)), storage.EntityInvite)
	for _, live := range []storage.Invite{lasting, later, half} {
		require.True(t, f.readInvite(live.ID).Live(f.now()))
	}
	require.Zero(t, f.maintained(storage.MaintainOptions{InvitesFor: 1}))
	require.NoError(t, errOf(f.RedeemInvite(f.ctx, halfCode, l.bob)), "what is left can be redeemed")
	f.clock.advance(6 * hour)
	f.wantEnded(f.DeleteInvites, 2, f.now().Add(time.Microsecond)) // later, at this instant, and half, which is used up
}

// wantEnded requires how many a call takes away, and that the feed is not told.
func (f *fixture) wantEnded(call ender, want int, before time.Time) {
	f.t.Helper()
	f.makes(func() error {
		n, err := call(f.ctx, before, 0)
		require.Equal(f.t, want, n)
		return err
	})
}

func testRetentionSanctions(t *testing.T, f *fixture) {
	c := f.court()
	start, hour := f.now(), time.Hour
	kick := f.sanction(storage.Sanction{UserID: c.bob, RoomID: c.room, Kind: storage.SanctionKick})
	ban := f.sanction(storage.Sanction{UserID: c.bob, Kind: storage.SanctionBan})
	mute := f.sanction(storage.Sanction{UserID: c.bob, RoomID: c.room, Kind: storage.SanctionMute, ExpiresAt: start.Add(hour)})
	lifted := f.sanction(storage.Sanction{UserID: c.ann, Kind: storage.SanctionMute, ExpiresAt: start.Add(9 * hour)})
	f.clock.advance(2 * hour)
	f.lift(lifted.ID)
	f.clock.advance(hour)
	f.wantEnded(f.DeleteSanctions, 0, start)
	require.Equal(t, storage.MaintainReport{Sanctions: 1}, f.maintained(storage.MaintainOptions{SanctionsFor: 3*hour - time.Microsecond}))
	wantNotFound(t, errOf(f.Sanction(f.ctx, kick.ID)), storage.EntitySanction)
	f.wantEnded(f.DeleteSanctions, 1, start.Add(2*hour))
	wantNotFound(t, errOf(f.Sanction(f.ctx, mute.ID)), storage.EntitySanction)
	f.wantEnded(f.DeleteSanctions, 1, f.now().Add(99*hour))
	wantNotFound(t, errOf(f.Sanction(f.ctx, lifted.ID)), storage.EntitySanction)
	require.Equal(t, []storage.Sanction{ban}, list(f, f.Sanctions, storage.SanctionQuery{}))
	_, err := f.CreateMessage(f.ctx, &storage.Message{RoomID: c.room, AuthorID: c.bob})
	wantForbidden(t, err, storage.ReasonBanned)
	f.say(c.room, c.ann, "free")
}

func testRetentionEndedBatches(t *testing.T, f *fixture) {
	c := f.court()
	var sanctions []storage.SanctionID
	var invites []storage.InviteID
	for n := range 5 {
		f.clock.advance(time.Minute)
		sanctions = append(sanctions, f.sanction(storage.Sanction{
			ID: id[storage.Sanction](byte(40 - 3*n)), UserID: c.bob, RoomID: c.other, Kind: storage.SanctionMute, ExpiresAt: f.now().Add(time.Hour),
		}).ID)
		i, _ := f.invite(storage.Invite{ID: id[storage.Invite](byte(40 - 3*n)), RoomID: c.room, ExpiresAt: f.now().Add(time.Hour)})
		invites = append(invites, i.ID)
	}
	f.sanction(storage.Sanction{ID: id[storage.Sanction](1), UserID: c.bob, RoomID: c.other, Kind: storage.SanctionMute, ExpiresAt: f.now().Add(time.Hour)})
	f.clock.advance(2 * time.Hour)
	for batch := range 2 {
		for _, call := range []ender{f.DeleteSanctions, f.DeleteInvites} {
			n, err := call(f.ctx, f.now(), 2)
			require.NoError(t, err)
			require.Equal(t, 2, n)
		}
		for i := range sanctions {
			_, err := f.Sanction(f.ctx, sanctions[i])
			require.Equal(t, i < 2*(batch+1), err != nil, "the first to end goes first")
			_, err = f.Invite(f.ctx, invites[i])
			require.Equal(t, i < 2*(batch+1), err != nil, "the first to end goes first")
		}
	}
	n, err := f.DeleteSanctions(f.ctx, f.now(), 1)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, []storage.Sanction{f.readSanction(sanctions[4])}, list(f, f.Sanctions, storage.SanctionQuery{}), "of two, that with the lower ID")
	require.NoError(t, f.DeleteRoom(f.ctx, c.other))
	f.wantEnded(f.DeleteSanctions, 0, f.now())
}

func testRetentionEndedRefused(t *testing.T, f *fixture) {
	for _, call := range []ender{f.DeleteInvites, f.DeleteSanctions} {
		_, err := call(f.ctx, time.Time{}, 0)
		wantErr(t, err, storage.ErrInvalid, "before")
		_, err = call(f.ctx, f.now(), -1)
		wantErr(t, err, storage.ErrInvalid, "Limit")
		n, err := call(f.ctx, f.now(), storage.MaxLimit+1)
		require.NoError(t, err)
		require.Zero(t, n)
	}
}
