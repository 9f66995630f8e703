package storagetest

// Races of those who are erased.

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// Whatever a user does while being erased either comes before the end of it, and
// is gone, or after, and is refused: there is no user then.
func testRaceErase(t *testing.T, f *fixture) {
	bob := f.user("bob").ID
	for round := range rounds {
		user := f.user(fmt.Sprint("user", round)).ID
		room := f.room(fmt.Sprint("room", round), bob).ID
		f.join(room, user)
		m := f.say(room, bob, "hello")
		for i, err := range race(racers, func(i int) error {
			if i%8 == 1 { // two of them
				return errOf(storage.EraseUser(f.ctx, f, user, storage.EraseOptions{Limit: 2}))
			}
			for n := range 10 {
				if err := f.leaveTrace(room, m.ID, user, fmt.Sprint(i, " ", n)); err != nil {
					return err
				}
			}
			return nil
		}) {
			if i%8 == 1 {
				assert.NoError(t, err)
			} else if err != nil {
				wantNotFound(t, err, storage.EntityUser)
			}
		}
		f.erase(user, storage.EraseOptions{}) // what is left where all of it came before
		f.wantErased(user, room, m.ID)
	}
}

// leaveTrace has a user do a little of everything. Where a message is a tombstone
// already, or the account is deactivated, the erasure was faster.
func (f *fixture) leaveTrace(room storage.RoomID, m storage.MessageID, user storage.UserID, text string) error {
	mine := storage.Message{RoomID: room, AuthorID: user, Body: text, Nonce: text}
	if _, err := f.CreateMessage(f.ctx, &mine); err != nil {
		return err
	}
	_, err := f.AddReaction(f.ctx, m, user, ":"+text+":")
	if err == nil || errors.Is(err, storage.ErrConstraint) {
		_, err = f.EditMessage(f.ctx, mine.ID, user, storage.MessagePatch{Body: new(text + " again")})
	}
	if err == nil || errors.Is(err, storage.ErrConflict) {
		_, err = f.CreateSession(f.ctx, &storage.Session{UserID: user, UserAgent: text})
	}
	if errors.Is(err, storage.ErrForbidden) {
		return nil
	}
	return err
}

func (f *fixture) wantErased(user storage.UserID, room storage.RoomID, other storage.MessageID) {
	f.t.Helper()
	wantNotFound(f.t, errOf(f.User(f.ctx, user)), storage.EntityUser)
	for _, m := range list(f, f.Messages, storage.MessageQuery{Room: room, WithDeleted: true}) {
		if m.ID != other {
			require.True(f.t, m.Deleted() && m.AuthorID.IsZero() && m.Nonce == "", "%+v", m)
		}
		require.Empty(f.t, m.Reactions)
	}
	require.EqualValues(f.t, 1, f.readRoom(room).MessageCount)
	require.Empty(f.t, list(f, f.Sessions, storage.SessionQuery{User: user}))
	for _, c := range list(f, f.changePage, storage.ChangeQuery{Room: room}) {
		require.Empty(f.t, c.Emoji)
	}
}
