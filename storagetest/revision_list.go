package storagetest

// Lists of revisions, and what becomes of revisions.

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testRevisionPages(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m, want := f.edited(room.ID, ann.ID, 7)
	wantList(t, want, f.revisionPages(m.ID))
	wantOtherLimit(t, want, f.revisionPages(m.ID))
}

func testRevisionCursors(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m, _ := f.edited(room.ID, ann.ID, 3)
	other, _ := f.edited(room.ID, ann.ID, 3)
	read := f.revisionPages(m.ID)
	wantTampered(t, read, next(t, read))
	wantForeign(t, read, next(t, f.revisionPages(other.ID)), next(t, f.messagePages(storage.MessageQuery{Room: room.ID})))
}

func testRevisionWalk(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m, all := f.edited(room.ID, ann.ID, 4)
	read := f.revisionPages(m.ID)
	first, err := read(2, "")
	require.NoError(t, err)
	require.Equal(t, all[:2], first.Items)
	added := f.revisionOf(m, ann.ID)
	f.edit(m.ID, ann.ID, storage.MessagePatch{Body: new("more")})
	second, err := read(2, first.Next)
	require.NoError(t, err)
	require.Equal(t, all[2:], second.Items, "after an edit")
	back, err := read(2, second.Prev)
	require.NoError(t, err)
	require.Equal(t, all[:2], back.Items)
	back, err = read(2, back.Prev)
	require.NoError(t, err)
	require.Equal(t, []storage.Revision{added}, back.Items)
}

func testRevisionTombstone(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m, _ := f.edited(room.ID, ann.ID, 3)
	other, kept := f.edited(room.ID, ann.ID, 2)
	f.remove(m.ID, ann.ID)
	wantList(t, nil, f.revisionPages(m.ID))
	for version := range int64(5) {
		_, err := f.MessageRevision(f.ctx, m.ID, version)
		e := wantErr(t, err, storage.ErrNotFound)
		require.Equal(t, storage.EntityRevision, e.Entity)
	}
	require.Equal(t, kept, f.revisions(other.ID), "those of another message")
}

func testRevisionExpired(t *testing.T, f *fixture) {
	m, _ := f.expiring()
	want := f.revisionOf(m, m.AuthorID)
	f.edit(m.ID, m.AuthorID, storage.MessagePatch{Body: new("still here")})
	require.Equal(t, []storage.Revision{want}, f.revisions(m.ID))
	f.clock.advance(time.Minute)
	_, err := f.MessageRevisions(f.ctx, storage.RevisionQuery{Message: m.ID})
	wantNotFound(t, err, storage.EntityMessage)
	_, err = f.MessageRevision(f.ctx, m.ID, 1)
	wantNotFound(t, err, storage.EntityMessage)
}

func testRevisionDeletedRoom(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, other := f.room("hall", ann.ID), f.room("attic", ann.ID)
	m, _ := f.edited(room.ID, ann.ID, 2)
	elsewhere, kept := f.edited(other.ID, ann.ID, 2)
	require.NoError(t, f.DeleteRoom(f.ctx, room.ID))
	_, err := f.MessageRevisions(f.ctx, storage.RevisionQuery{Message: m.ID})
	wantNotFound(t, err, storage.EntityMessage)
	_, err = f.MessageRevision(f.ctx, m.ID, 1)
	wantNotFound(t, err, storage.EntityMessage)
	require.Equal(t, kept, f.revisions(elsewhere.ID))
}

// Who edited becomes nobody, and who is mentioned stays.
func testRevisionDeletedUsers(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "@bob", func(m *storage.Message) { m.Mentions = []storage.UserID{bob.ID} })
	want := []storage.Revision{f.revisionOf(m, bob.ID)}
	m = f.edit(m.ID, bob.ID, storage.MessagePatch{Body: new("me")})
	require.NoError(t, f.DeleteUser(f.ctx, bob.ID))
	want[0].ReplacedBy = storage.UserID{}
	require.Equal(t, want, f.revisions(m.ID))
	f.user("bob", func(u *storage.User) { u.ID = bob.ID })
	require.Equal(t, want, f.revisions(m.ID), "after another user got the ID")
	want = append([]storage.Revision{f.revisionOf(m, bob.ID)}, want...)
	f.edit(m.ID, bob.ID, storage.MessagePatch{Body: new("you")})
	require.Equal(t, want, f.revisions(m.ID))
}

func testRevisionRolledBack(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m, want := f.edited(room.ID, ann.ID, 1)
	other, kept := f.edited(room.ID, ann.ID, 2)
	require.ErrorIs(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.EditMessage(ctx, m.ID, ann.ID, storage.MessagePatch{Body: new("undone")})
		require.NoError(t, err)
		page, err := tx.MessageRevisions(ctx, storage.RevisionQuery{Message: m.ID})
		require.NoError(t, err)
		require.Len(t, page.Items, 2, "within the transaction")
		_, err = tx.DeleteMessage(ctx, other.ID, ann.ID)
		require.NoError(t, err)
		page, err = tx.MessageRevisions(ctx, storage.RevisionQuery{Message: other.ID})
		require.NoError(t, err)
		require.Empty(t, page.Items, "within the transaction")
		return errUndo
	}), errUndo)
	require.Equal(t, want, f.revisions(m.ID))
	require.Equal(t, kept, f.revisions(other.ID))
}

func testRevisionSnapshot(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureConcurrentViews) {
		t.Log("left out: writers wait for readers")
		return
	}
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m, want := f.edited(room.ID, ann.ID, 2)
	require.NoError(t, f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
		_, err := r.Message(ctx, m.ID)
		require.NoError(t, err)
		f.remove(m.ID, ann.ID)
		page, err := r.MessageRevisions(ctx, storage.RevisionQuery{Message: m.ID})
		require.NoError(t, err)
		require.Equal(t, want, page.Items)
		return nil
	}))
	require.Empty(t, f.revisions(m.ID))
}

func testRevisionReopen(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureReopen) {
		t.Log("left out: the backend forgets")
		return
	}
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m, want := f.edited(room.ID, ann.ID, 3)
	f.reopen()
	require.Equal(t, want, f.revisions(m.ID))
}

func testRevisionAliasing(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x", func(m *storage.Message) { m.Tags, m.Mentions = []string{"a"}, []storage.UserID{ann.ID} })
	patch := storage.MessagePatch{Tags: &[]string{"b", "c"}, Mentions: &[]storage.UserID{bob.ID}}
	first := f.edit(m.ID, ann.ID, patch)
	second := f.edit(m.ID, ann.ID, storage.MessagePatch{Body: new("y")})
	wantUnaliased(t, func() any { return f.revisions(m.ID) },
		exchange{"CreateMessage gave", func() (any, error) { return &m, nil }},
		exchange{"EditMessage took", func() (any, error) { return patch, nil }},
		exchange{"EditMessage gave", func() (any, error) { return []*storage.Message{&first, &second}, nil }},
		exchange{"MessageRevision", func() (any, error) { return got(f.MessageRevision(f.ctx, m.ID, 1)) }},
		exchange{"MessageRevisions", func() (any, error) {
			return got(f.MessageRevisions(f.ctx, storage.RevisionQuery{Message: m.ID}))
		}},
	)
}
