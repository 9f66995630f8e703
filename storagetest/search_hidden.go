package storagetest

// What a search finds in rooms that hide their history.

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// hidingHistory makes a new room one that hides its history.
func hidingHistory(r *storage.Room) { r.Settings.HistoryHidden = true }

// hides has a room hide its history from now on, or show it.
func (f *fixture) hides(room storage.RoomID, hidden bool) {
	f.t.Helper()
	require.NoError(f.t, errOf(f.UpdateRoomSettings(f.ctx, room, storage.RoomSettings{HistoryHidden: hidden})))
}

// wantFoundBy requires that a reader finds exactly these texts with "word", the
// newest first, in rooms and in whatever rooms, and however it is asked for.
func (f *fixture) wantFoundBy(reader storage.UserID, rooms []storage.RoomID, want ...string) {
	f.t.Helper()
	for name, in := range map[string][]storage.RoomID{"wherever": nil, "in rooms": rooms} {
		q := storage.SearchQuery{Text: "word", Reader: reader, Rooms: in, Limit: 2, WithTotal: true}
		require.Equal(f.t, want, f.found(q), "newest first, %s", name)
		result, err := f.SearchMessages(f.ctx, q)
		require.NoError(f.t, err)
		require.Equal(f.t, len(want), result.Total, "Total, %s", name)
		for _, order := range []storage.MessageOrder{storage.OldestFirst, storage.MostRelevant} {
			q.Order = order
			require.ElementsMatch(f.t, want, f.found(q), "order %v, %s", order, name)
		}
	}
}

// Who joins finds nothing from before, as long as the room hides it.
func testSearchHidden(t *testing.T, f *fixture) {
	ann, bob, cid := f.user("ann").ID, f.user("bob").ID, f.user("cid").ID
	hall, attic := f.room("hall", ann, hidingHistory).ID, f.room("attic", ann).ID
	old := f.say(hall, ann, "word before bob")
	f.say(attic, ann, "word in attic")
	rooms := []storage.RoomID{hall, attic}
	f.join(hall, bob)
	f.wantFoundBy(bob, rooms[:1])
	f.join(attic, bob)
	f.wantFoundBy(bob, rooms, "word in attic")
	f.say(hall, ann, "word after bob")
	f.edit(old.ID, ann, storage.MessagePatch{Body: new("word before bob, edited")})
	f.join(hall, cid)
	f.say(hall, cid, "word after cid")
	f.wantFoundBy(bob, rooms, "word after cid", "word after bob", "word in attic")
	f.wantFoundBy(cid, rooms, "word after cid")
	all := []string{"word after cid", "word after bob", "word in attic", "word before bob, edited"}
	f.wantFoundBy(ann, rooms, all...)
	require.Equal(t, all, f.found(storage.SearchQuery{Text: "word"}), "for nobody")
	f.hides(hall, false)
	f.wantFoundBy(bob, rooms, all...)
	f.hides(attic, true)
	f.wantFoundBy(bob, rooms, "word after cid", "word after bob", "word before bob, edited")
	f.hides(hall, true)
	f.wantFoundBy(bob, rooms, "word after cid", "word after bob")
}

// Who joins anew finds no more than any other newcomer, and of a room that has
// the identifier of an old one all that is said there.
func testSearchHiddenAgain(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	hall := f.room("hall", ann, hidingHistory).ID
	rooms := []storage.RoomID{hall}
	f.say(hall, ann, "word before")
	f.join(hall, bob)
	f.say(hall, bob, "word by bob")
	f.wantFoundBy(bob, rooms, "word by bob")
	f.leave(hall, bob)
	f.say(hall, ann, "word without bob")
	f.join(hall, bob)
	f.wantFoundBy(bob, rooms)
	f.say(hall, ann, "word with bob")
	f.wantFoundBy(bob, rooms, "word with bob")
	require.NoError(t, f.DeleteRoom(f.ctx, hall))
	f.wantFoundBy(bob, rooms)
	f.room("hall", ann, hidingHistory, func(r *storage.Room) { r.ID = hall })
	f.join(hall, bob)
	f.say(hall, ann, "word in the next hall")
	f.wantFoundBy(bob, rooms, "word in the next hall")
}
