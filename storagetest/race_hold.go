package storagetest

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// testRaceHold has holds race with what takes away: what was there when the hold
// was put is there ever after.
func testRaceHold(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	left := func(room storage.RoomID) []storage.Message {
		return list(f, f.Messages, storage.MessageQuery{Room: room, WithDeleted: true})
	}
	for range rounds {
		room := f.room("", ann)
		ms := f.numbered(racers, ann, room.ID)
		var held []storage.Message // when the hold was put
		errs := race(racers, func(i int) error {
			switch i % 4 {
			case 0:
				if i > 0 {
					return errOf(f.PurgeMessage(f.ctx, ms[i].ID))
				}
				h, err := storage.HoldRoom(f.ctx, f, room.ID, ann, "case 7")
				if err == nil && h.Stands() {
					held = left(room.ID)
				}
				return err
			case 1:
				return errOf(f.DeleteMessage(f.ctx, ms[i].ID, ann))
			case 2:
				return errOf(f.PurgeMessages(f.ctx, storage.PurgeQuery{Room: room.ID, Limit: 1}))
			}
			_, _, err := f.DeleteMessages(f.ctx, storage.MessageQuery{Room: room.ID, Limit: 1}, ann)
			return err
		})
		for _, err := range errs {
			if err != nil && !errors.Is(err, storage.ErrNotFound) {
				wantForbidden(t, err, storage.ReasonHeld)
			}
		}
		require.NoError(t, errs[0])
		require.Equal(t, held, left(room.ID), "what was taken away after the hold")
	}
}
