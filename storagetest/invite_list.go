package storagetest

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func (f *fixture) invitePages(q storage.InviteQuery) pages[storage.Invite] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.Invite], error) {
		q.Limit, q.Cursor = limit, c
		return f.Invites(f.ctx, q)
	}
}

// mailbox stores invites that differ in all that a query asks for, to the
// lobby and to another room, and returns them, the newest first.
func (f *fixture) mailbox(l lobby) (other storage.RoomID, invites []storage.Invite) {
	f.t.Helper()
	other = f.room("other", l.ann).ID
	for n := range 24 {
		i := storage.Invite{
			ID: id[storage.Invite](byte(101 * n)), RoomID: []storage.RoomID{l.room, other}[n%2],
			InviterID: []storage.UserID{l.ann, l.cid, {}}[n%3], Role: storage.MemberGuest,
		}
		switch n / 2 % 4 {
		case 0:
			i.InviteeID = l.bob
		case 1:
			i.Email = []string{"BOB@example.com", "dee@example.com"}[n/8%2]
		case 2:
			i.InviteeID = l.cid
		}
		if n%5 == 0 {
			i.ExpiresAt = f.now().Add(time.Minute)
		}
		i, _ = f.invite(i)
		if n%7 == 0 {
			require.NoError(f.t, f.RevokeInvite(f.ctx, i.ID))
		}
		invites = append(invites, f.readInvite(i.ID))
		if n%3 == 0 {
			f.clock.advance(time.Microsecond)
		}
	}
	f.clock.advance(time.Minute)
	slices.SortFunc(invites, func(a, b storage.Invite) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), b.ID.Compare(a.ID))
	})
	return other, invites
}

func testInviteList(t *testing.T, f *fixture) {
	l := f.lobby()
	wantList(t, nil, f.invitePages(storage.InviteQuery{}))
	other, all := f.mailbox(l)
	addresses := map[storage.UserID]string{l.bob: "BOB@example.com", l.cid: "cid@example.com"}
	for _, room := range []storage.RoomID{{}, l.room, other, nowhere} {
		for _, inviter := range []storage.UserID{{}, l.ann, l.cid, nobody} {
			for _, invitee := range []storage.UserID{{}, l.bob, l.cid, l.ann, nobody} {
				for _, live := range []*bool{nil, new(true), new(false)} {
					want := slices.DeleteFunc(slices.Clone(all), func(i storage.Invite) bool {
						return !room.IsZero() && i.RoomID != room || !inviter.IsZero() && i.InviterID != inviter ||
							!invitee.IsZero() && i.InviteeID != invitee && (i.Email == "" || i.Email != addresses[invitee]) ||
							live != nil && i.Live(f.now()) != *live
					})
					q := storage.InviteQuery{Room: room, Inviter: inviter, Invitee: invitee, Live: live}
					wantWalk(t, want, max(len(want), 1), f.invitePages(q))
					wantWalk(t, want, 3, f.invitePages(q))
				}
			}
		}
	}
	wantList(t, all, f.invitePages(storage.InviteQuery{}))
}

func testInviteListInvitee(t *testing.T, f *fixture) {
	l := f.lobby()
	byID, _ := f.invite(storage.Invite{RoomID: l.room, InviteeID: l.bob})
	f.clock.advance(time.Microsecond)
	byAddress, code := f.invite(storage.Invite{RoomID: l.room, Email: "Bob@Example.com"})
	f.invite(storage.Invite{RoomID: l.room})
	of := func(user storage.UserID, live bool) []storage.Invite {
		return list(f, f.Invites, storage.InviteQuery{Invitee: user, Live: &live})
	}
	require.Equal(t, []storage.Invite{byAddress, byID}, of(l.bob, true))
	require.Empty(t, of(l.bob, false))
	require.Empty(t, of(l.ann, true), "one without an address")
	_, err := f.RedeemInvite(f.ctx, code, l.bob)
	require.NoError(t, err)
	byAddress.Uses = 1
	require.Equal(t, []storage.Invite{byID}, of(l.bob, true))
	require.Equal(t, []storage.Invite{byAddress}, of(l.bob, false))
	require.NoError(t, f.DeleteUser(f.ctx, l.bob))
	require.Empty(t, of(l.bob, false), "a user who does not exist has none")
}

func testInviteListOrder(t *testing.T, f *fixture) {
	l := f.lobby()
	for _, batch := range []string{"cab", "fd", "e"} {
		for _, letter := range batch {
			f.invite(storage.Invite{ID: id[storage.Invite](byte(letter)), RoomID: l.room})
		}
		f.clock.advance(time.Microsecond)
	}
	all := list(f, f.Invites, storage.InviteQuery{Room: l.room})
	var order []byte
	for _, i := range all {
		order = append(order, i.ID[15])
	}
	require.Equal(t, "efdcba", string(order))
	wantList(t, all, f.invitePages(storage.InviteQuery{Room: l.room}))
}

// A cursor serves on when what it stands at is no longer in the list.
func testInviteListLive(t *testing.T, f *fixture) {
	l := f.lobby()
	var all []storage.Invite
	for range 6 {
		i, _ := f.invite(storage.Invite{RoomID: l.room})
		all = slices.Insert(all, 0, i)
		f.clock.advance(time.Microsecond)
	}
	read := f.invitePages(storage.InviteQuery{Live: new(true)})
	first := wantPage(t, all, 0, 2, read, "")
	require.NoError(t, f.RevokeInvite(f.ctx, all[1].ID))
	require.NoError(t, f.RevokeInvite(f.ctx, all[2].ID))
	second, err := read(2, first.Next)
	require.NoError(t, err)
	require.Equal(t, all[3:5], second.Items)
	back, err := read(5, second.Prev)
	require.NoError(t, err)
	require.Equal(t, all[:1], back.Items)
}

func testInviteListLimits(t *testing.T, f *fixture) {
	l := f.lobby()
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range storage.MaxLimit + 1 {
			_, err := tx.CreateInvite(ctx, &storage.Invite{RoomID: l.room})
			require.NoError(t, err)
		}
	})
	wantLimits(t, f.invitePages(storage.InviteQuery{Room: l.room}))
}

func testInviteListCursors(t *testing.T, f *fixture) {
	l := f.lobby()
	_, all := f.mailbox(l)
	read := f.invitePages(storage.InviteQuery{})
	wantOtherLimit(t, all, read)
	wantTampered(t, read, next(t, read))
	wantForeign(t, read,
		next(t, f.invitePages(storage.InviteQuery{Room: l.room})),
		next(t, f.invitePages(storage.InviteQuery{Inviter: l.ann})),
		next(t, f.invitePages(storage.InviteQuery{Invitee: l.bob})),
		next(t, f.invitePages(storage.InviteQuery{Live: new(true)})),
		next(t, f.roomPages(storage.RoomQuery{})),
	)
	wantForeign(t, f.invitePages(storage.InviteQuery{Live: new(false)}), next(t, f.invitePages(storage.InviteQuery{Live: new(true)})))
}
