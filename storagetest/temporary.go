package storagetest

// Rooms whose time is over.

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var temporaryCases = []testCase{
	{"takes nothing more", testTemporaryClosed},
	{"is read and changed still", testTemporaryRead},
	{"a nonce repeated", testTemporaryNonce},
	{"a time that moves", testTemporaryMoved},
	{"every type", testTemporaryTypes},
	{"is found by its time", testTemporaryFound},
	{"is taken away", testTemporaryMaintain},
	{"many are taken away", testTemporaryMany},
	{"one that gets more time meanwhile", testTemporaryProlonged},
}

// temporary is a room that has a minute left.
func (f *fixture) temporary(owner storage.UserID) storage.Room {
	f.t.Helper()
	return f.room("tent", owner, func(r *storage.Room) {
		r.Privacy = storage.PrivacyPublic
	}, expiring(f.now().Add(time.Minute)))
}

// additions are the calls that put something into a room.
func (f *fixture) additions(room storage.RoomID, owner, guest storage.UserID) map[string]func() error {
	return map[string]func() error{
		"CreateMessage": func() error {
			_, err := f.CreateMessage(f.ctx, &storage.Message{RoomID: room, AuthorID: owner})
			return err
		},
		"CreateMessages": func() error {
			_, err := f.CreateMessages(f.ctx, []*storage.Message{{RoomID: room, CreatedAt: f.now().Add(-time.Hour)}})
			return err
		},
		"CreateAttachment": func() error { return f.CreateAttachment(f.ctx, &storage.Attachment{RoomID: room, Blob: "b"}) },
		"AddMember":        func() error { return f.AddMember(f.ctx, &storage.Membership{RoomID: room, UserID: guest}) },
		"AddMembers":       func() error { _, err := f.AddMembers(f.ctx, room, 0, owner, guest); return err },
	}
}

func testTemporaryClosed(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.temporary(ann)
	f.clock.advance(time.Minute - time.Microsecond)
	for name, call := range f.additions(room.ID, ann, bob) {
		require.NoError(t, call(), name)
		if member, _ := f.IsMember(f.ctx, room.ID, bob); member {
			require.NoError(t, f.RemoveMember(f.ctx, room.ID, bob))
		}
	}
	f.clock.advance(time.Microsecond)
	f.wantRefused(f.additions(room.ID, ann, bob), storage.ReasonRoomExpired)
	f.refused(t, func() error {
		return f.AddMember(f.ctx, &storage.Membership{RoomID: room.ID, UserID: ann})
	}, storage.ErrDuplicate)
	n, err := f.AddMembers(f.ctx, room.ID, 0, ann)
	require.NoError(t, err, "a member already")
	require.Zero(t, n)
	require.NoError(t, f.DeactivateRoom(f.ctx, room.ID))
	_, err = f.CreateMessage(f.ctx, &storage.Message{RoomID: room.ID})
	wantForbidden(t, err, storage.ReasonRoomInactive)
}

func testTemporaryRead(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.temporary(ann)
	f.join(room.ID, bob)
	m := f.say(room.ID, ann, "hello")
	before := f.dump()
	f.clock.advance(time.Hour)
	require.Equal(t, before, f.dump(), "readers still see it")
	require.True(t, f.readRoom(room.ID).Expired(f.now()))
	require.True(t, f.readRoom(room.ID).Active)
	f.markRead(room.ID, bob, storage.Anchor{})
	require.NoError(t, f.SetMemberRole(f.ctx, room.ID, bob, storage.MemberOwner))
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, ann))
	f.remove(m.ID, bob)
	require.NoError(t, f.DeleteRoom(f.ctx, room.ID))
}

func testTemporaryNonce(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	room := f.temporary(ann)
	first := f.say(room.ID, ann, "hello", func(m *storage.Message) { m.Nonce = "n" })
	f.clock.advance(time.Minute)
	again := storage.Message{RoomID: room.ID, AuthorID: ann, Body: "hello", Nonce: "n"}
	created, err := f.CreateMessage(f.ctx, &again)
	require.NoError(t, err)
	require.False(t, created)
	require.Equal(t, first, again)
}

func testTemporaryMoved(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.temporary(ann)
	f.clock.advance(time.Minute)
	for _, later := range []time.Time{f.now().Add(time.Minute), {}} {
		got, err := f.UpdateRoom(f.ctx, room.ID, storage.RoomPatch{ExpiresAt: &later})
		require.NoError(t, err)
		require.Equal(t, later, got.ExpiresAt)
		f.say(room.ID, ann, "once more")
		_, err = f.UpdateRoom(f.ctx, room.ID, storage.RoomPatch{ExpiresAt: new(f.clock.Now())})
		require.NoError(t, err)
		f.wantRefused(f.additions(room.ID, ann, bob), storage.ReasonRoomExpired)
	}
	past := f.room("past", ann, expiring(f.now().Add(-time.Hour)))
	f.wantRefused(f.additions(past.ID, ann, bob), storage.ReasonRoomExpired)
}

// A time is for rooms that are called temporary; these need none.
func testTemporaryTypes(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	for _, kind := range []storage.RoomType{0, storage.RoomChannel, storage.RoomGroup, storage.RoomSystem} {
		timed := storage.Room{Type: kind, CreatorID: ann, ExpiresAt: f.now().Add(time.Hour)}
		f.refused(t, func() error { return f.CreateRoom(f.ctx, &timed) }, storage.ErrInvalid, "ExpiresAt")
		room := f.room("", ann, func(r *storage.Room) { r.Type = kind })
		for _, at := range []time.Time{f.now().Add(time.Hour), f.now()} {
			p := storage.RoomPatch{ExpiresAt: &at, Topic: new("tea")}
			f.refused(t, func() error { return errOf(f.UpdateRoom(f.ctx, room.ID, p)) }, storage.ErrInvalid, "ExpiresAt")
		}
	}
	endless := f.room("", ann, func(r *storage.Room) { r.Type = storage.RoomTemporary })
	f.clock.advance(1000 * time.Hour)
	f.say(endless.ID, ann, "without a time it stays")
}

func testTemporaryFound(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	room := f.temporary(ann)
	endless := f.room("house", ann)
	wantRooms := func(expired bool, want ...storage.Room) {
		t.Helper()
		for _, q := range []storage.RoomQuery{
			{Expired: &expired}, {Expired: &expired, Member: ann}, {Expired: &expired, Order: storage.RoomsByActivity},
		} {
			require.ElementsMatch(t, want, list(f, f.Rooms, q))
			n, err := f.CountRooms(f.ctx, q)
			require.NoError(t, err)
			require.Equal(t, int64(len(want)), n)
		}
	}
	f.clock.advance(time.Minute - time.Microsecond)
	wantRooms(true)
	wantRooms(false, room, endless)
	f.clock.advance(time.Microsecond)
	wantRooms(true, room)
	wantRooms(false, endless)
}

func testTemporaryMaintain(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	room, kept := f.temporary(ann), f.room("house", ann, expiring(f.now().Add(time.Hour)))
	file := f.upload(room.ID, ann, "file")
	f.say(room.ID, ann, "hello", carrying(file))
	f.clock.advance(time.Minute - time.Microsecond)
	require.Zero(t, f.maintain(0))
	f.clock.advance(time.Microsecond)
	require.Equal(t, storage.MaintainReport{
		Rooms: 1, Attachments: storage.PurgeResult{Attachments: 1, Blobs: []string{file.Blob}},
	}, f.maintain(0))
	require.Equal(t, []storage.Room{kept}, list(f, f.Rooms, storage.RoomQuery{}))
	require.Zero(t, f.maintain(0))
	f.temporary(ann)
}

func testTemporaryMany(t *testing.T, f *fixture) {
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range storage.DefaultLimit + 2 {
			require.NoError(t, tx.CreateRoom(ctx, &storage.Room{Type: storage.RoomTemporary, ExpiresAt: f.now()}))
		}
	})
	kept := f.room("kept", storage.UserID{})
	require.Equal(t, storage.MaintainReport{Rooms: storage.DefaultLimit + 2}, f.maintain(0))
	require.Equal(t, []storage.Room{kept}, list(f, f.Rooms, storage.RoomQuery{}))
}

// listing is a store in which something happens after rooms have been listed.
type listing struct {
	storage.Store
	after func()
}

func (s listing) Rooms(ctx context.Context, q storage.RoomQuery) (storage.Page[storage.Room], error) {
	p, err := s.Store.Rooms(ctx, q)
	s.after()
	return p, err
}

func testTemporaryProlonged(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	prolonged := f.temporary(ann).ID
	deleted := f.room("deleted", ann, expiring(f.now())).ID
	f.room("gone", ann, expiring(f.now()))
	f.clock.advance(time.Minute)
	meanwhile := sync.OnceFunc(func() {
		_, err := f.UpdateRoom(f.ctx, prolonged, storage.RoomPatch{ExpiresAt: new(f.now().Add(time.Minute))})
		require.NoError(t, err)
		require.NoError(t, f.DeleteRoom(f.ctx, deleted))
	})
	r, err := storage.Maintain(f.ctx, listing{f.Store, meanwhile}, storage.MaintainOptions{})
	require.NoError(t, err)
	require.Equal(t, int64(1), r.Rooms)
	rooms := list(f, f.Rooms, storage.RoomQuery{})
	require.Len(t, rooms, 1)
	require.Equal(t, prolonged, rooms[0].ID)
}
