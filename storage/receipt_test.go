package storage_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func TestReadingQueriesValidate(t *testing.T) {
	assert.NoError(t, storage.ReceiptQuery{Message: someMessage}.Validate())
	assertInvalid(t, "Message", storage.ReceiptQuery{Limit: 5}.Validate(), "no message")

	assert.NoError(t, storage.InboxQuery{User: someUser}.Validate())
	assert.NoError(t, storage.InboxQuery{
		User: someUser, Types: []storage.RoomType{storage.RoomGroup, storage.RoomGroup}, Active: new(false), UnreadOnly: true,
	}.Validate())
	assertInvalid(t, "User", storage.InboxQuery{Types: []storage.RoomType{99}}.Validate(), "no user")
	for _, unknown := range []storage.RoomType{0, 99} {
		q := storage.InboxQuery{User: someUser, Types: []storage.RoomType{storage.RoomGroup, unknown}}
		assertInvalid(t, "Types", q.Validate(), "an unknown type")
	}
}

func TestReadingQueriesKeepAllButTheCursor(t *testing.T) {
	receipts := storage.ReceiptQuery{Message: someMessage, Limit: 3}
	assert.Equal(t, storage.ReceiptQuery{Message: someMessage, Limit: 3, Cursor: "c"}, receipts.WithCursor("c"))
	inbox := storage.InboxQuery{User: someUser, UnreadOnly: true, Limit: 3}
	assert.Equal(t, storage.InboxQuery{User: someUser, UnreadOnly: true, Limit: 3, Cursor: "c"}, inbox.WithCursor("c"))
	unread := storage.UnreadQuery{Room: someRoom, User: someUser, Limit: 3}
	assert.Equal(t, storage.UnreadQuery{Room: someRoom, User: someUser, Limit: 3, Cursor: "c"}, unread.WithCursor("c"))
}

// unreadReader tells a marker and a page, and keeps what it was asked for.
type unreadReader struct {
	storage.Reader
	marker int64
	page   storage.Page[storage.Message]
	err    error
	asked  []storage.MessageQuery
}

func (r *unreadReader) Membership(_ context.Context, room storage.RoomID, user storage.UserID) (storage.Membership, error) {
	return storage.Membership{RoomID: room, UserID: user, ReadSeq: r.marker}, r.err
}

func (r *unreadReader) Messages(_ context.Context, q storage.MessageQuery) (storage.Page[storage.Message], error) {
	r.asked = append(r.asked, q)
	return r.page, nil
}

func TestUnreadMessagesBeginsBehindTheMarker(t *testing.T) {
	r := &unreadReader{marker: 7}
	q := storage.UnreadQuery{Room: someRoom, User: someUser, Limit: 3}
	want := storage.MessageQuery{Room: someRoom, Viewer: someUser, Order: storage.OldestFirst, Limit: 3}
	behind := want
	behind.After = storage.AtSeq(7)
	further := want
	further.Cursor = "c"

	_, err := storage.UnreadMessages(t.Context(), r, q)
	require.NoError(t, err)
	_, err = storage.UnreadMessages(t.Context(), r, q.WithCursor("c"))
	require.NoError(t, err)
	r.marker = 0
	_, err = storage.UnreadMessages(t.Context(), r, q)
	require.NoError(t, err)
	assert.Equal(t, []storage.MessageQuery{behind, further, want}, r.asked)
}

func TestUnreadMessagesLeavesOutWhatCannotBeUnread(t *testing.T) {
	other := storage.Message{AuthorID: storage.UserID{9}, Type: storage.MessageText}
	own, system, nobodys := other, other, other
	own.AuthorID, system.Type, nobodys.AuthorID = someUser, storage.MessageSystem, storage.UserID{}
	q := storage.UnreadQuery{Room: someRoom, User: someUser}

	r := &unreadReader{page: storage.Page[storage.Message]{
		Items: []storage.Message{own, other, system, nobodys}, Next: "next", Prev: "prev",
	}}
	page, err := storage.UnreadMessages(t.Context(), r, q)
	require.NoError(t, err)
	assert.Equal(t, storage.Page[storage.Message]{Items: []storage.Message{other, nobodys}, Next: "next", Prev: "prev"}, page)

	r.page.Items = []storage.Message{own, system}
	page, err = storage.UnreadMessages(t.Context(), r, q)
	require.NoError(t, err)
	assert.Equal(t, storage.Page[storage.Message]{Next: "next", Prev: "prev"}, page, "a short page leads on")

	r.err = errors.New("no member")
	page, err = storage.UnreadMessages(t.Context(), r, q)
	assert.ErrorIs(t, err, r.err)
	assert.Zero(t, page)
}
