package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// remainsOf counts the rows of each table that a deleted room has left.
var remainsOf = map[string]string{
	"memberships": `SELECT count(*) FROM room_memberships`,
	"invites":     `SELECT count(*) FROM room_invites`,
	"sanctions":   `SELECT count(*) FROM user_moderation`,
	"stays":       `SELECT count(*) FROM room_stays WHERE to_position IS NULL`,
	"stubs":       `SELECT count(*) FROM purged_messages`,
	"ranges":      `SELECT count(*) FROM read_ranges`,
	"former":      `SELECT count(*) FROM former_members`,
	"messages":    `SELECT count(*) FROM messages`,
	"rooms":       `SELECT count(*) FROM deleted_rooms`,
}

// remains returns how many rows are left in all.
func remainsIn(t *testing.T, e *engine) (total int) {
	t.Helper()
	require.NoError(t, e.Read(t.Context(), func(r backend.Rows) error {
		for _, sql := range remainsOf {
			err := r.(*rows).c.one(sql, nil, func(row *row) error {
				total += int(row.int())
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return total
}

// crowded makes a room that leaves something in every table, and deletes it
// without taking away what it leaves.
func crowded(t *testing.T, e *engine, users int) {
	t.Helper()
	ctx, s := t.Context(), backend.New(e, storage.Options{})
	room := storage.Room{Name: "crowd"}
	require.NoError(t, s.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		if err := tx.CreateRoom(ctx, &room); err != nil {
			return err
		}
		for i := range users {
			u := storage.User{Username: fmt.Sprintf("user%d", i)}
			if err := tx.CreateUser(ctx, &u); err != nil {
				return err
			}
			if _, err := tx.AddMembers(ctx, room.ID, 0, u.ID); err != nil {
				return err
			}
			m := storage.Message{RoomID: room.ID, Body: "hello"}
			if _, err := tx.CreateMessage(ctx, &m); err != nil {
				return err
			}
			if err := tx.MarkRead(ctx, room.ID, u.ID, storage.Anchor{}); err != nil {
				return err
			}
			if i%2 == 0 {
				if _, err := tx.PurgeMessage(ctx, m.ID); err != nil {
					return err
				}
				if err := tx.RemoveMember(ctx, room.ID, u.ID); err != nil {
					return err
				}
			}
			if _, err := tx.CreateInvite(ctx, &storage.Invite{RoomID: room.ID, InviteeID: u.ID}); err != nil {
				return err
			}
			if err := tx.CreateSanction(ctx, &storage.Sanction{RoomID: room.ID, UserID: u.ID, Kind: storage.SanctionMute}); err != nil {
				return err
			}
		}
		return nil
	}))
	_, err := e.Write(ctx, func(r backend.Rows) error {
		if err := r.DeleteRoom(ctx, room.ID); err != nil {
			return err
		}
		at, err := r.ChangeHead(ctx)
		if err != nil {
			return err
		}
		return r.EndStays(ctx, room.ID, storage.UserID{}, at.Newest)
	})
	require.NoError(t, err)
}

// What a deleted room leaves goes by batches, each bounded, whichever table it
// is in, and all of it goes.
func TestSweepByBatches(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	crowded(t, e, 60)
	const batch = 4
	first := remainsIn(t, e)
	require.Greater(t, first, 60*5)
	left := first
	for more, calls := true, 0; more; calls++ {
		require.Less(t, calls, first, "it does not end")
		_, err := e.Write(t.Context(), func(r backend.Rows) (err error) {
			more, err = r.SweepRooms(t.Context(), batch)
			return err
		})
		require.NoError(t, err)
		now := remainsIn(t, e)
		assert.LessOrEqual(t, left-now, batch*remainsPerMessage+1, "rows in one batch")
		left = now
	}
	require.Zero(t, left)
}

// What a crash has left goes when the file is opened again, and what is too much
// for that with the next purge.
func TestOpenSweepsRemains(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "chat.db")
	e := openEngineAt(t, path, nil)
	crowded(t, e, 60)
	require.NoError(t, e.Close())
	s, err := Open(t.Context(), path, nil)
	require.NoError(t, err)
	assert.Zero(t, remainsIn(t, s.engine))

	crowded(t, s.engine, 0)
	require.Equal(t, 1, remainsIn(t, s.engine))
	_, err = s.PurgeMessages(t.Context(), storage.PurgeQuery{Expired: true})
	require.NoError(t, err)
	assert.Zero(t, remainsIn(t, s.engine))
	require.NoError(t, s.Close())
}
