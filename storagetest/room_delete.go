package storagetest

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var roomDeleteCases = []testCase{
	{"the room goes", testDeleteRoom},
	{"memberships go", testDeleteRoomMemberships},
	{"messages go", testDeleteRoomMessages},
	{"more messages than a batch", testDeleteRoomLarge},
	{"a later room with the same ID", testDeleteRoomSameID},
	{"nothing of it is seen", testDeleteRoomRemains},
	{"stays end with it", testDeleteRoomStays},
}

func testDeleteRoom(t *testing.T, f *fixture) {
	ann := f.user("ann")
	kept, gone := f.room("kept", ann.ID), f.room("gone", ann.ID)
	require.NoError(t, f.DeleteRoom(f.ctx, gone.ID))

	_, err := f.Room(f.ctx, gone.ID)
	wantNotFound(t, err, storage.EntityRoom)
	_, err = f.RoomByName(f.ctx, "gone")
	wantNotFound(t, err, storage.EntityRoom)
	rooms, err := f.RoomsByID(f.ctx, gone.ID, kept.ID)
	require.NoError(t, err)
	require.Equal(t, []storage.Room{kept}, rooms)
	for name, q := range map[string]storage.RoomQuery{
		"all":         {},
		"creator":     {Creator: ann.ID},
		"member":      {Member: ann.ID},
		"text":        {Text: "gone"},
		"by activity": {Order: storage.RoomsByActivity},
		"by members":  {Order: storage.RoomsByMembers},
	} {
		want := []storage.Room{kept}
		if q.Text != "" {
			want = nil
		}
		require.Equal(t, want, list(f, f.Rooms, q), name)
		n, err := f.CountRooms(f.ctx, q)
		require.NoError(t, err)
		require.Equal(t, int64(len(want)), n, name)
	}
	f.refused(t, func() error { return f.DeleteRoom(f.ctx, gone.ID) }, storage.ErrNotFound)
}

func testDeleteRoomMemberships(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	kept, gone := f.room("kept", ann.ID), f.room("gone", ann.ID)
	f.join(gone.ID, bob.ID)
	require.NoError(t, f.DeleteRoom(f.ctx, gone.ID))

	_, err := f.Membership(f.ctx, gone.ID, bob.ID)
	wantErr(t, err, storage.ErrNotFound)
	member, err := f.IsMember(f.ctx, gone.ID, ann.ID)
	require.NoError(t, err)
	require.False(t, member)
	for name, c := range map[string]struct {
		q    storage.MembershipQuery
		want []storage.Membership
	}{
		"of the room": {storage.MembershipQuery{Room: gone.ID}, nil},
		"of ann":      {storage.MembershipQuery{User: ann.ID}, []storage.Membership{f.readMember(kept.ID, ann.ID)}},
		"of bob":      {storage.MembershipQuery{User: bob.ID}, nil},
	} {
		require.Equal(t, c.want, list(f, f.Memberships, c.q), name)
		n, err := f.CountMembers(f.ctx, c.q)
		require.NoError(t, err)
		require.Equal(t, int64(len(c.want)), n, name)
	}
	m := storage.Membership{RoomID: gone.ID, UserID: bob.ID}
	f.refused(t, func() error { return f.AddMember(f.ctx, &m) }, storage.ErrNotFound)
	f.refused(t, func() error { return f.RemoveMember(f.ctx, gone.ID, bob.ID) }, storage.ErrNotFound)
	f.refused(t, func() error { return f.TouchMember(f.ctx, gone.ID, bob.ID) }, storage.ErrNotFound)
}

func testDeleteRoomMessages(t *testing.T, f *fixture) {
	ann := f.user("ann")
	kept, gone := f.room("kept", ann.ID), f.room("gone", ann.ID)
	lost := f.say(gone.ID, ann.ID, "word")
	found := f.say(kept.ID, ann.ID, "word")
	require.NoError(t, f.DeleteRoom(f.ctx, gone.ID))

	_, err := f.Message(f.ctx, lost.ID)
	wantNotFound(t, err, storage.EntityMessage)
	byID, err := f.MessagesByID(f.ctx, lost.ID, found.ID)
	require.NoError(t, err)
	require.Equal(t, []storage.Message{found}, byID)
	f.wantStored(t, storage.MessageQuery{Room: gone.ID, WithDeleted: true})
	f.wantStored(t, storage.MessageQuery{Author: ann.ID}, found)
	f.wantStored(t, storage.MessageQuery{Room: gone.ID, Author: ann.ID})
	f.wantHits(t, storage.SearchQuery{Text: "word"}, found.ID)
	f.wantHits(t, storage.SearchQuery{Text: "word", Rooms: []storage.RoomID{gone.ID}})
	f.wantHits(t, storage.SearchQuery{Text: "word", Reader: ann.ID}, found.ID)

	f.refused(t, func() error {
		_, err := f.EditMessage(f.ctx, lost.ID, ann.ID, storage.MessagePatch{Body: new("x")})
		return err
	}, storage.ErrNotFound)
	f.refused(t, func() error { _, err := f.DeleteMessage(f.ctx, lost.ID, ann.ID); return err }, storage.ErrNotFound)
	f.refused(t, func() error {
		_, err := f.CreateMessage(f.ctx, &storage.Message{RoomID: gone.ID, Body: "x"})
		return err
	}, storage.ErrNotFound)
	f.refused(t, func() error {
		_, err := f.CreateMessage(f.ctx, &storage.Message{RoomID: kept.ID, Body: "x", ParentID: lost.ID})
		return err
	}, storage.ErrNotFound)
}

// wantStored requires what a list of messages holds, and its count.
func (f *fixture) wantStored(t *testing.T, q storage.MessageQuery, want ...storage.Message) {
	t.Helper()
	require.Equal(t, want, list(f, f.Messages, q))
	n, err := f.CountMessages(f.ctx, q)
	require.NoError(t, err)
	require.Equal(t, int64(len(want)), n, "CountMessages")
}

// wantHits requires what a search finds, where there is one.
func (f *fixture) wantHits(t *testing.T, q storage.SearchQuery, want ...storage.MessageID) {
	t.Helper()
	if f.backend.lacks(FeatureSearch) {
		return
	}
	var found []storage.MessageID
	for {
		page, err := f.SearchMessages(f.ctx, q)
		require.NoError(t, err)
		for _, match := range page.Items {
			found = append(found, match.Message.ID)
		}
		if page.Next == "" {
			break
		}
		q = q.WithCursor(page.Next)
	}
	require.Equal(t, want, found, "SearchMessages(%q)", q.Text)
}

func testDeleteRoomLarge(t *testing.T, f *fixture) {
	ann := f.user("ann")
	gone := f.room("gone", ann.ID)
	var last storage.MessageID
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		ms := make([]*storage.Message, 2500)
		for i := range ms {
			ms[i] = &storage.Message{RoomID: gone.ID, AuthorID: ann.ID, Body: "word " + strconv.Itoa(i)}
		}
		_, err := tx.CreateMessages(ctx, ms)
		require.NoError(t, err)
		last = ms[len(ms)-1].ID
	})
	require.NoError(t, f.DeleteRoom(f.ctx, gone.ID))
	_, err := f.Message(f.ctx, last)
	wantNotFound(t, err, storage.EntityMessage)
	f.wantStored(t, storage.MessageQuery{Author: ann.ID})
	f.wantHits(t, storage.SearchQuery{Text: "word"})
}

func testDeleteRoomSameID(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	gone := f.room("gone", ann.ID)
	f.join(gone.ID, bob.ID)
	lost := f.say(gone.ID, ann.ID, "word", func(m *storage.Message) { m.Nonce = "n" })
	require.NoError(t, f.DeleteRoom(f.ctx, gone.ID))

	other := f.room("other", bob.ID, func(r *storage.Room) { r.ID = gone.ID })
	require.Equal(t, other, f.readRoom(gone.ID))
	require.Zero(t, other.LastSeq)
	f.wantStored(t, storage.MessageQuery{Room: other.ID, WithDeleted: true})
	_, err := f.Message(f.ctx, lost.ID)
	wantNotFound(t, err, storage.EntityMessage)
	member, err := f.IsMember(f.ctx, other.ID, ann.ID)
	require.NoError(t, err)
	require.False(t, member)

	m := f.say(other.ID, ann.ID, "another word", func(m *storage.Message) { m.Nonce = "n" })
	require.Equal(t, int64(1), m.Seq)
	f.wantStored(t, storage.MessageQuery{Room: other.ID}, m)
	f.wantHits(t, storage.SearchQuery{Text: "word", Rooms: []storage.RoomID{other.ID}}, m.ID)
}
