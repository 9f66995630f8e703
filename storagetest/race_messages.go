package storagetest

// Races of messages in one room.

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testRaceSeq(t *testing.T, f *fixture) {
	const each = 10
	ann := f.user("ann")
	room, attic := f.room("hall", ann.ID), f.room("attic", ann.ID)
	seqs := make([][]int64, racers)
	for _, err := range race(racers, func(i int) error {
		for n := range each {
			m := storage.Message{RoomID: room.ID, AuthorID: ann.ID, Body: fmt.Sprintf("racer%d", i)}
			if _, err := f.CreateMessage(f.ctx, &m); err != nil {
				return err
			}
			seqs[i] = append(seqs[i], m.Seq)
			// One that fails must not leave a hole, nor one elsewhere.
			other := storage.Message{RoomID: room.ID, AuthorID: ann.ID, ParentID: id[storage.Message](byte(n))}
			if _, err := f.CreateMessage(f.ctx, &other); err == nil {
				return fmt.Errorf("a reply to nothing was stored")
			}
			if _, err := f.CreateMessage(f.ctx, &storage.Message{RoomID: attic.ID, Body: "x"}); err != nil {
				return err
			}
		}
		return nil
	}) {
		require.NoError(t, err)
	}
	var all []int64
	for _, own := range seqs {
		require.IsIncreasing(t, own, "Seq of one sender's messages")
		all = append(all, own...)
	}
	slices.Sort(all)
	for i, seq := range all {
		require.Equal(t, int64(i+1), seq, "Seq in order")
	}
	for _, id := range []storage.RoomID{room.ID, attic.ID} {
		r := f.readRoom(id)
		require.Equal(t, int64(racers*each), r.MessageCount, "MessageCount")
		require.Equal(t, int64(racers*each), r.LastSeq, "LastSeq")
		ms := list(f, f.Messages, storage.MessageQuery{Room: id, Order: storage.OldestFirst})
		require.Len(t, ms, racers*each)
	}
	f.findEach(t, room.ID, each)
}

// Two who purge the same take nothing from each other, and neither stops early.
func testRacePurge(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	const all = 200
	var ms []*storage.Message
	for range all {
		ms = append(ms, &storage.Message{RoomID: room.ID, Body: "x"})
	}
	_, err := f.CreateMessages(f.ctx, ms)
	require.NoError(t, err)
	purged := make([]int64, 4)
	for _, err := range race(len(purged), func(i int) error {
		out, err := storage.Purge(f.ctx, f.Store, storage.PurgeQuery{Room: room.ID, KeepPinned: true})
		purged[i] = out.Messages
		if n, failed := f.CountMessages(f.ctx, storage.MessageQuery{Room: room.ID}); failed != nil || n != 0 {
			return fmt.Errorf("%d messages are left when a purge has ended: %v", n, failed)
		}
		return err
	}) {
		require.NoError(t, err)
	}
	var sum int64
	for _, n := range purged {
		sum += n
	}
	require.EqualValues(t, all, sum, "each is purged once")
}

// findEach requires that a search finds the messages of every racer, in the
// order of Seq.
func (f *fixture) findEach(t *testing.T, room storage.RoomID, each int) {
	t.Helper()
	if f.backend.lacks(FeatureSearch) {
		return
	}
	for i := range racers {
		found := f.searchAll(storage.SearchQuery{Text: fmt.Sprintf("racer%d", i), Rooms: []storage.RoomID{room}, Order: storage.OldestFirst})
		require.Len(t, found, each, "messages of racer %d found", i)
		for n := range found[1:] {
			require.Less(t, found[n].Message.Seq, found[n+1].Message.Seq)
		}
	}
}

func testRaceDelete(t *testing.T, f *fixture) {
	var users []storage.UserID
	for i := range racers {
		users = append(users, f.user(fmt.Sprintf("user%d", i)).ID)
	}
	room := f.room("hall", storage.UserID{})
	for range rounds {
		m := f.say(room.ID, storage.UserID{}, "delete me")
		stones := make([]storage.Message, racers)
		for _, err := range race(racers, func(i int) (err error) {
			stones[i], err = f.DeleteMessage(f.ctx, m.ID, users[i])
			return err
		}) {
			require.NoError(t, err)
		}
		for _, stone := range stones {
			require.Equal(t, stones[0], stone, "tombstones")
		}
		require.Equal(t, int64(2), stones[0].Version)
	}
	require.Equal(t, int64(0), f.readRoom(room.ID).MessageCount)
}

// Everything at once in one room: in the end, what was counted is there.
func testRaceMixed(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	var users []storage.UserID
	for i := range racers {
		users = append(users, f.user(fmt.Sprintf("user%d", i)).ID)
	}
	for _, err := range race(racers, func(i int) error {
		for range 5 {
			if err := f.mixed(room.ID, users[i]); err != nil {
				return err
			}
		}
		return nil
	}) {
		require.NoError(t, err)
	}
	r := f.readRoom(room.ID)
	require.Equal(t, int64(racers*5*3), r.LastSeq, "LastSeq")
	require.Equal(t, int64(racers*5*2), r.MessageCount, "MessageCount")
	require.Equal(t, int64(racers+1), r.MemberCount, "MemberCount")
	ms := list(f, f.Messages, storage.MessageQuery{Room: room.ID})
	require.Len(t, ms, racers*5*2)
	require.Len(t, list(f, f.Memberships, storage.MembershipQuery{Room: room.ID}), racers+1)
}

// mixed joins and leaves, says three things, changes one and deletes another.
func (f *fixture) mixed(room storage.RoomID, user storage.UserID) error {
	if err := f.AddMember(f.ctx, &storage.Membership{RoomID: room, UserID: user}); err != nil && kindOf(err) != storage.ErrDuplicate.Error() {
		return err
	}
	if err := f.RemoveMember(f.ctx, room, user); err != nil {
		return err
	}
	if _, err := f.AddMembers(f.ctx, room, 0, user); err != nil {
		return err
	}
	first := storage.Message{RoomID: room, AuthorID: user, Body: "first"}
	if _, err := f.CreateMessage(f.ctx, &first); err != nil {
		return err
	}
	two := []*storage.Message{{RoomID: room, AuthorID: user, Body: "second"}, {RoomID: room, AuthorID: user, Body: "third"}}
	if n, err := f.CreateMessages(f.ctx, two); err != nil || n != 2 {
		return fmt.Errorf("CreateMessages = %d, %w", n, err)
	}
	if two[1].Seq != two[0].Seq+1 {
		return fmt.Errorf("a batch with Seq %d and %d", two[0].Seq, two[1].Seq)
	}
	if _, err := f.EditMessage(f.ctx, first.ID, user, storage.MessagePatch{Body: new("changed")}); err != nil {
		return err
	}
	_, err := f.DeleteMessage(f.ctx, two[0].ID, user)
	return err
}

// The same request from many: one stores it, all get it.
func testRaceRequest(t *testing.T, f *fixture) {
	const racers = 32
	request := f.request()
	sent := make([]storage.Message, racers)
	created := make([]bool, racers)
	errs := race(racers, func(i int) (err error) {
		sent[i] = request()
		created[i], err = f.CreateMessage(f.ctx, &sent[i])
		return err
	})
	stored := 0
	for i := range racers {
		require.NoError(t, errs[i])
		require.Equal(t, sent[0], sent[i], "what the racers got")
		if created[i] {
			stored++
		}
	}
	require.Equal(t, 1, stored, "racers whose message was created")
	require.Equal(t, int64(2), f.readRoom(sent[0].RoomID).MessageCount)
	require.Equal(t, int64(2), f.readRoom(sent[0].RoomID).LastSeq)
}
