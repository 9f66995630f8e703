package storagetest

// Calls inside a transaction that fail, come too late, or go past it.

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// failing are calls that are refused in a world.
var failing = []struct {
	kind error
	write
}{
	{storage.ErrDuplicate, write{"CreateUser", func(ctx context.Context, s storage.Writer, _ *world) error {
		return s.CreateUser(ctx, &storage.User{Username: "ANN"})
	}}},
	{storage.ErrDuplicate, write{"UpdateUser", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.UpdateUser(ctx, w.bob.ID, storage.UserPatch{Username: new("bobby"), Email: new("ann@example.com")})
		return err
	}}},
	{storage.ErrNotFound, write{"DeleteUser", func(ctx context.Context, s storage.Writer, _ *world) error {
		return s.DeleteUser(ctx, id[storage.User](1))
	}}},
	{storage.ErrNotFound, write{"CreateRoom", func(ctx context.Context, s storage.Writer, _ *world) error {
		return s.CreateRoom(ctx, &storage.Room{Name: "new", CreatorID: id[storage.User](1)})
	}}},
	{storage.ErrConflict, write{"UpdateRoom", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.UpdateRoom(ctx, w.hall.ID, storage.RoomPatch{Topic: new("x"), IfVersion: 99})
		return err
	}}},
	{storage.ErrNotFound, write{"AddMembers", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.AddMembers(ctx, w.hall.ID, 0, w.eve.ID, w.fay.ID, id[storage.User](1))
		return err
	}}},
	{storage.ErrForbidden, write{"RemoveMember", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.RemoveMember(ctx, w.hall.ID, w.ann.ID)
	}}},
	{storage.ErrNotFound, write{"TransferOwnership", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.TransferOwnership(ctx, w.hall.ID, w.ann.ID, w.fay.ID)
	}}},
	{storage.ErrForbidden, write{"CreateMessage", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.CreateMessage(ctx, &storage.Message{RoomID: w.attic.ID})
		return err
	}}},
	{storage.ErrForbidden, write{"CreateAttachment", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.CreateAttachment(ctx, &storage.Attachment{RoomID: w.attic.ID, Blob: "undone"})
	}}},
	{storage.ErrDuplicate, write{"CreateMessage", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.CreateMessage(ctx, &storage.Message{RoomID: w.hall.ID, ID: w.first.ID})
		return err
	}}},
	{storage.ErrDuplicate, write{"CreateMessages", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.CreateMessages(ctx, []*storage.Message{
			{RoomID: w.hall.ID, Body: "undone one"}, {RoomID: w.shed.ID, Body: "undone two"}, {RoomID: w.hall.ID, ID: w.first.ID},
		})
		return err
	}}},
	{storage.ErrConflict, write{"EditMessage", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.EditMessage(ctx, w.gone.ID, w.ann.ID, storage.MessagePatch{Body: new("undone")})
		return err
	}}},
	{storage.ErrNotFound, write{"DeleteMessage", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.DeleteMessage(ctx, w.first.ID, id[storage.User](1))
		return err
	}}},
	{storage.ErrNotFound, write{"DeleteMessages", func(ctx context.Context, s storage.Writer, w *world) error {
		_, _, err := s.DeleteMessages(ctx, storage.MessageQuery{Room: w.hall.ID}, id[storage.User](1))
		return err
	}}},
	{storage.ErrConflict, write{"CreateMessage", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.CreateMessage(ctx, &storage.Message{
			RoomID: w.hall.ID, Body: "undone", ParentID: w.first.ID, Attachments: []storage.Attachment{w.draft, w.photo},
		})
		return err
	}}},
	{storage.ErrDuplicate, write{"CreateAttachment", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.CreateAttachment(ctx, &storage.Attachment{ID: w.photo.ID, RoomID: w.hall.ID, Blob: "undone"})
	}}},
	{storage.ErrNotFound, write{"DeleteAttachment", func(ctx context.Context, s storage.Writer, _ *world) error {
		_, err := s.DeleteAttachment(ctx, id[storage.Attachment](1))
		return err
	}}},
	{storage.ErrInvalid, write{"PurgeAttachments", func(ctx context.Context, s storage.Writer, _ *world) error {
		_, err := s.PurgeAttachments(ctx, storage.AttachmentPurge{UnattachedFor: -1})
		return err
	}}},
	{storage.ErrConflict, write{"AddReaction", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.AddReaction(ctx, w.gone.ID, w.ann.ID, "👍")
		return err
	}}},
	{storage.ErrConflict, write{"PinMessage", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.PinMessage(ctx, w.gone.ID, w.ann.ID)
		return err
	}}},
	{storage.ErrInvalid, write{"EditMessage", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.EditMessage(ctx, w.first.ID, w.ann.ID, storage.MessagePatch{Body: new("\xff")})
		return err
	}}},
	{storage.ErrNotFound, write{"OpenDirectRoom", func(ctx context.Context, s storage.Writer, w *world) error {
		_, _, err := s.OpenDirectRoom(ctx, w.ann.ID, id[storage.User](1))
		return err
	}}},
	{storage.ErrDuplicate, write{"CreateInvite", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.CreateInvite(ctx, &storage.Invite{ID: w.open.ID, RoomID: w.hall.ID})
		return err
	}}},
	{storage.ErrDuplicate, write{"RedeemInvite", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.RedeemInvite(ctx, w.openCode, w.cid.ID)
		return err
	}}},
	{storage.ErrDuplicate, write{"CreateSanction", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.CreateSanction(ctx, &storage.Sanction{ID: w.mute.ID, UserID: w.bob.ID, Kind: storage.SanctionBan})
	}}},
	{storage.ErrDuplicate, write{"CreateSession", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.CreateSession(ctx, &storage.Session{ID: w.desk.ID, UserID: w.bob.ID})
		return err
	}}},
	{storage.ErrConflict, write{"ExtendSession", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.ExtendSession(ctx, w.kiosk.ID, clockStart.AddDate(1, 0, 0))
		return err
	}}},
	{storage.ErrNotFound, write{"RecordLoginAttempt", func(ctx context.Context, s storage.Writer, _ *world) error {
		return s.RecordLoginAttempt(ctx, &storage.LoginAttempt{Login: "x", UserID: id[storage.User](1)})
	}}},
	{storage.ErrDuplicate, write{"AppendAudit", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.AppendAudit(ctx, &storage.AuditEntry{ID: w.banned.ID, Action: "undone"})
	}}},
	{storage.ErrInvalid, write{"PruneAudit", func(ctx context.Context, s storage.Writer, _ *world) error {
		_, err := s.PruneAudit(ctx, time.Time{}, 0)
		return err
	}}},
	{storage.ErrInvalid, write{"SetConfig", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.SetConfig(ctx, &storage.Config{Key: w.setting.Key, Type: storage.ConfigBoolean, Value: "undone"})
	}}},
	{storage.ErrNotFound, write{"DeleteConfig", func(ctx context.Context, s storage.Writer, _ *world) error {
		return s.DeleteConfig(ctx, "nothing")
	}}},
	{storage.ErrDuplicate, write{"CreateHold", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.CreateHold(ctx, &storage.Hold{ID: w.held.ID, UserID: w.bob.ID, Reason: "undone"})
	}}},
	{storage.ErrNotFound, write{"ReleaseHold", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.ReleaseHold(ctx, w.held.ID, id[storage.User](1))
		return err
	}}},
	{storage.ErrInvalid, write{"DeleteInvites", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.DeleteInvites(ctx, time.Time{}, 0)
		return err
	}}},
	{storage.ErrNotFound, write{"LiftSanction", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.LiftSanction(ctx, w.mute.ID, id[storage.User](1))
		return err
	}}},
}

func testTxFailingCall(t *testing.T, f *fixture) {
	w := f.world()
	before := f.dump()
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		seen := sight(ctx, tx, w)
		for _, call := range failing {
			wantErr(t, call.run(ctx, tx, w), call.kind)
			require.Equal(t, seen, sight(ctx, tx, w), "after %s failed", call.method)
		}
		return nil
	}))
	require.Equal(t, before, f.dump(), "after a transaction of failures alone")

	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		for i, write := range writes {
			call := failing[i%len(failing)]
			if i < len(failing) {
				require.Error(t, call.run(ctx, tx, w), call.method)
			}
			require.NoError(t, write.run(ctx, tx, w), "%s, after others failed", write.method)
		}
		return nil
	}))
	require.Empty(t, f.searchAll(storage.SearchQuery{Text: "undone"}))
	require.Equal(t, int64(7), f.readRoom(w.hall.ID).LastSeq, "LastSeq after failures and three messages")
	n, err := f.CountMessages(f.ctx, storage.MessageQuery{Room: w.hall.ID})
	require.NoError(t, err)
	require.Equal(t, f.readRoom(w.hall.ID).MessageCount, n, "MessageCount")
}

func testTxFailingBatch(t *testing.T, f *fixture) {
	w := f.world()
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		for i := range 3 {
			m := storage.Message{RoomID: w.hall.ID, Body: fmt.Sprint("kept ", i)}
			_, err := tx.CreateMessage(ctx, &m)
			require.NoError(t, err)
			require.Equal(t, int64(5+i), m.Seq, "Seq after a batch that failed")
			n, err := tx.CreateMessages(ctx, []*storage.Message{
				{RoomID: w.hall.ID, Body: "undone", Nonce: "n"}, {RoomID: w.hall.ID, Body: "undone"},
				{RoomID: w.hall.ID, ParentID: id[storage.Message](1)},
			})
			wantNotFound(t, err, storage.EntityMessage)
			require.Zero(t, n)
			room, err := tx.Room(ctx, w.hall.ID)
			require.NoError(t, err)
			require.Equal(t, int64(5+i), room.LastSeq, "LastSeq after a batch that failed")
			require.Equal(t, int64(4+i), room.MessageCount, "MessageCount after a batch that failed")
		}
		return nil
	}))
	require.Empty(t, f.searchAll(storage.SearchQuery{Text: "undone"}))
	if !f.backend.lacks(FeatureSearch) {
		require.Equal(t, []string{"kept 2", "kept 1", "kept 0"}, f.found(storage.SearchQuery{Text: "kept"}))
	}
}

// Transactions that read and then write lose nothing to each other.
func testTxSerial(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	m := f.say(room.ID, storage.UserID{}, "0")
	var inside atomic.Int64
	for _, err := range race(racers, func(int) error {
		for range 5 {
			if err := f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
				if n := inside.Add(1); n != 1 {
					return fmt.Errorf("%d transactions at once", n)
				}
				defer inside.Add(-1)
				was, err := tx.Message(ctx, m.ID)
				if err != nil {
					return err
				}
				_, err = tx.EditMessage(ctx, m.ID, storage.UserID{}, storage.MessagePatch{Body: new(fmt.Sprint(was.Version))})
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	}) {
		require.NoError(t, err)
	}
	require.Equal(t, int64(racers*5+1), f.readMessage(m.ID).Version)
}

// wantAllClosed requires that every call on a transaction's reader and writer
// (nil for none) is ErrClosed.
func wantAllClosed(t *testing.T, ctx context.Context, r storage.Reader, to storage.Writer, w *world) {
	t.Helper()
	requireAllReads(t)
	requireAllWrites(t)
	for _, read := range reads {
		_, err := read.run(ctx, r, w)
		require.ErrorIs(t, err, storage.ErrClosed, "%s after fn", read.method)
		wantErr(t, err, storage.ErrClosed)
	}
	for _, write := range writes {
		if to != nil {
			err := write.run(ctx, to, w)
			require.ErrorIs(t, err, storage.ErrClosed, "%s after fn", write.method)
			wantErr(t, err, storage.ErrClosed)
		}
	}
}

func testTxClosed(t *testing.T, f *fixture) {
	w := f.world()
	before := f.dump()
	var kept storage.Tx
	for _, result := range []error{nil, errUndo} {
		err := f.Update(f.ctx, func(_ context.Context, tx storage.Tx) error { kept = tx; return result })
		require.ErrorIs(t, err, result)
		wantAllClosed(t, f.ctx, kept, kept, w)
		ctx, cancel := context.WithCancel(f.ctx)
		cancel()
		wantAllClosed(t, ctx, kept, kept, w)
	}
	var reader storage.Reader
	require.NoError(t, f.View(f.ctx, func(_ context.Context, r storage.Reader) error { reader = r; return nil }))
	wantAllClosed(t, f.ctx, reader, nil, w)
	require.Equal(t, before, f.dump())
}

func testTxClosedPanic(t *testing.T, f *fixture) {
	w := f.world()
	var kept storage.Tx
	require.Panics(t, func() {
		_ = f.Update(f.ctx, func(_ context.Context, tx storage.Tx) error { kept = tx; panic("x") })
	})
	wantAllClosed(t, f.ctx, kept, kept, w)
	var reader storage.Reader
	require.Panics(t, func() {
		_ = f.View(f.ctx, func(_ context.Context, r storage.Reader) error { reader = r; panic("x") })
	})
	wantAllClosed(t, f.ctx, reader, nil, w)
	f.works(w)
}

// The store refuses to be written with the context of its own transaction,
// where it would wait for itself.
func testTxNesting(t *testing.T, f *fixture) {
	w := f.world()
	other := f.another(func(*storage.Options) {})
	theirs := other.world()
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		for _, write := range writes {
			err := write.run(ctx, f, w)
			require.ErrorIs(t, err, storage.ErrInvalid, "%s of the store within a transaction", write.method)
			wantErr(t, err, storage.ErrInvalid)
		}
		inner := context.WithValue(ctx, storage.ErrInvalid, "derived")
		wantErr(t, f.Update(inner, func(context.Context, storage.Tx) error { t.Error("a nested Update ran"); return nil }), storage.ErrInvalid)
		wantErr(t, f.View(inner, func(context.Context, storage.Reader) error { t.Error("a nested View ran"); return nil }), storage.ErrInvalid)
		// Another store is none of its business.
		require.NoError(t, other.TouchUser(ctx, theirs.ann.ID))
		require.NoError(t, tx.SetUserRole(ctx, w.ann.ID, storage.RoleAdmin))
		return nil
	}))
	require.Equal(t, storage.RoleAdmin, f.readUser(w.ann.ID).Role, "the transaction around refused calls")
}

func testTxCancelledCall(t *testing.T, f *fixture) {
	w := f.world()
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		seen := sight(ctx, tx, w)
		for _, write := range writes {
			wantErr(t, write.run(cancelled, tx, w), storage.ErrCanceled)
		}
		for _, read := range reads {
			_, err := read.run(cancelled, tx, w)
			wantErr(t, err, storage.ErrCanceled)
		}
		require.Equal(t, seen, sight(ctx, tx, w), "after calls whose own context was cancelled")
		return tx.SetUserRole(ctx, w.ann.ID, storage.RoleAdmin)
	}))
	require.Equal(t, storage.RoleAdmin, f.readUser(w.ann.ID).Role)
}

func testTxReadOnly(t *testing.T, f *fixture) {
	w := f.world()
	before := f.dump()
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		sight(ctx, tx, w)
		return nil
	}))
	require.NoError(t, f.Update(f.ctx, func(context.Context, storage.Tx) error { return nil }))
	require.Equal(t, before, f.dump())
}
