package storage_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func TestPurgeQueryValidate(t *testing.T) {
	room, author := storage.NewID[storage.Room](), storage.NewID[storage.User]()
	for _, q := range []storage.PurgeQuery{
		{Room: room}, {Author: author}, {To: noon}, {Expired: true}, {Tombstones: true},
		{Room: room, Keep: 1}, {Room: room, Author: author, To: noon, Expired: true, Tombstones: true, KeepPinned: true, Limit: 1 << 40},
	} {
		assert.NoError(t, q.Validate(), "%+v", q)
	}
	for _, c := range []struct {
		field string
		q     storage.PurgeQuery
	}{
		{"Room", storage.PurgeQuery{}},
		{"Room", storage.PurgeQuery{KeepPinned: true, Limit: 1}},
		{"Keep", storage.PurgeQuery{Room: room, Keep: -1}},
		{"Keep", storage.PurgeQuery{Author: author, Keep: 1}},
		{"Limit", storage.PurgeQuery{Room: room, Limit: -1}},
		{"To", storage.PurgeQuery{To: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}},
	} {
		var e *storage.Error
		require.ErrorAs(t, c.q.Validate(), &e, "%+v", c.q)
		assert.Equal(t, storage.ErrInvalid, e.Kind, "%+v", c.q)
		assert.Equal(t, c.field, e.Field, "%+v", c.q)
	}
}

func TestAttachmentPurgeValidate(t *testing.T) {
	assert.NoError(t, storage.AttachmentPurge{}.Validate())
	assert.NoError(t, storage.AttachmentPurge{UnattachedFor: time.Hour}.Validate())
	assert.ErrorIs(t, storage.AttachmentPurge{UnattachedFor: -1}.Validate(), storage.ErrInvalid)
}

// purger answers each call with the next of its results, and fails when there
// are no more.
type purger struct {
	storage.Store
	messages, attachments []storage.PurgeResult
	due                   []storage.RoomDue
	retention             storage.RetentionQuery
	queries               []storage.PurgeQuery
	query                 storage.PurgeQuery      // of the last call
	purge                 storage.AttachmentPurge // of the last call
}

func next(results *[]storage.PurgeResult) (storage.PurgeResult, error) {
	if len(*results) == 0 {
		return storage.PurgeResult{Messages: 99}, storage.ErrConnection
	}
	r := (*results)[0]
	*results = (*results)[1:]
	return r, nil
}

// Rooms lists no room: none has expired.
func (p *purger) Rooms(context.Context, storage.RoomQuery) (storage.Page[storage.Room], error) {
	return storage.Page[storage.Room]{}, nil
}

func (p *purger) RoomsDue(_ context.Context, q storage.RetentionQuery) (storage.Page[storage.RoomDue], error) {
	p.retention = q
	return storage.Page[storage.RoomDue]{Items: p.due}, nil
}

func (p *purger) PurgeMessages(_ context.Context, q storage.PurgeQuery) (storage.PurgeResult, error) {
	p.query = q
	p.queries = append(p.queries, q)
	return next(&p.messages)
}

func (p *purger) PurgeAttachments(_ context.Context, q storage.AttachmentPurge) (storage.PurgeResult, error) {
	p.purge = q
	return next(&p.attachments)
}

func TestPurgeAddsUp(t *testing.T) {
	p := &purger{messages: []storage.PurgeResult{
		{Messages: 2, Attachments: 1, Blobs: []string{"b", "d"}, More: true},
		{More: true, Blobs: []string{"a", "b"}},
		{Messages: 3, Attachments: 4, Blobs: []string{"c"}, Scrubbed: true},
		{Messages: 7},
	}}
	r, err := storage.Purge(t.Context(), p, storage.PurgeQuery{Expired: true, Limit: 5})
	require.NoError(t, err)
	require.Equal(t, storage.PurgeResult{Messages: 5, Attachments: 5, Blobs: []string{"a", "b", "c", "d"}, Scrubbed: true}, r)
	require.Equal(t, storage.PurgeQuery{Expired: true, Limit: 5}, p.query)
	require.Len(t, p.messages, 1, "batches after the last")
}

func TestPurgeStopsAtAnError(t *testing.T) {
	first := storage.PurgeResult{Messages: 2, Blobs: []string{"a"}, More: true}
	r, err := storage.Purge(t.Context(), &purger{messages: []storage.PurgeResult{first}}, storage.PurgeQuery{Expired: true})
	require.ErrorIs(t, err, storage.ErrConnection)
	require.Equal(t, first, r)
}

func TestMaintainReport(t *testing.T) {
	p := &purger{
		messages:    []storage.PurgeResult{{Messages: 1, Blobs: []string{"b"}, More: true}, {Blobs: []string{"c"}}, {Messages: 1}},
		attachments: []storage.PurgeResult{{Attachments: 1, Blobs: []string{"a"}, More: true}, {Attachments: 2, Blobs: []string{"b"}}},
	}
	r, err := storage.Maintain(t.Context(), p, storage.MaintainOptions{})
	require.NoError(t, err)
	require.Equal(t, storage.MaintainReport{
		Expired:     storage.PurgeResult{Messages: 2, Blobs: []string{"b", "c"}},
		Attachments: storage.PurgeResult{Attachments: 3, Blobs: []string{"a", "b"}},
	}, r)
	require.Equal(t, []string{"a", "b", "c"}, r.Blobs())
	require.Equal(t, []string{"b", "c"}, r.Expired.Blobs, "Blobs has changed what it sums up")
	require.Equal(t, storage.PurgeQuery{Expired: true}, p.query)
	require.Equal(t, storage.AttachmentPurge{UnattachedFor: 24 * time.Hour}, p.purge)
}

func TestMaintainStopsAtAnError(t *testing.T) {
	ctx, expired := t.Context(), storage.PurgeResult{Messages: 1}
	p := &purger{messages: []storage.PurgeResult{expired}}
	r, err := storage.Maintain(ctx, p, storage.MaintainOptions{UnattachedFor: time.Minute})
	require.ErrorIs(t, err, storage.ErrConnection)
	require.Equal(t, storage.MaintainReport{Expired: expired}, r)
	require.Equal(t, time.Minute, p.purge.UnattachedFor)

	r, err = storage.Maintain(ctx, p, storage.MaintainOptions{UnattachedFor: -1})
	require.ErrorIs(t, err, storage.ErrInvalid)
	require.ErrorContains(t, err, "maintain")
	require.Zero(t, r)
}

// TestMaintainRetains requires by which purges retention goes: after what has
// expired, the number first, and that what clears the log comes after all.
func TestMaintainRetains(t *testing.T) {
	room, to := storage.RoomID{1}, time.Unix(1, 0)
	p := &purger{
		due:         []storage.RoomDue{{Room: room, To: to, Keep: 5}},
		messages:    []storage.PurgeResult{{Messages: 8}, {Messages: 2, Blobs: []string{"b"}, More: true}, {Messages: 1}, {Messages: 4, Blobs: []string{"a"}}, {Scrubbed: true}},
		attachments: []storage.PurgeResult{{}},
	}
	r, err := storage.Maintain(t.Context(), p, storage.MaintainOptions{MessagesFor: time.Hour, MessagesKeep: 7})
	require.NoError(t, err)
	require.Equal(t, storage.RetentionQuery{For: time.Hour, Keep: 7, Limit: storage.MaxLimit}, p.retention)
	most := storage.PurgeQuery{Room: room, Keep: 5, KeepPinned: true, KeepLog: true}
	require.Equal(t, []storage.PurgeQuery{
		{Expired: true, KeepLog: true}, most, most, {Room: room, To: to, KeepPinned: true, KeepLog: true}, {Expired: true},
	}, p.queries)
	require.Equal(t, storage.MaintainReport{
		Retention: storage.PurgeResult{Messages: 7, Blobs: []string{"a", "b"}}, Expired: storage.PurgeResult{Messages: 8, Scrubbed: true},
	}, r)
	text, err := json.Marshal(r)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"rooms": 0, "retention": {"messages": 7, "attachments": 0, "blobs": ["a", "b"]},
		"expired": {"messages": 8, "attachments": 0, "scrubbed": true}, "attachments": {"messages": 0, "attachments": 0},
		"changes": 0, "sessions": 0, "logins": 0, "audit": 0, "invites": 0, "sanctions": 0
	}`, string(text))
}
