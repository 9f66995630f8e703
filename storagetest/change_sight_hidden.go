package storagetest

// What happens to messages from before a user joined a room that hides its
// history.

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// befalls has everything happen to a message that can happen, as steps named
// after it.
func (s *story) befalls(name string, m storage.Message, by storage.UserID) {
	s.t.Helper()
	for _, step := range befallings(name) {
		s.step(step, func() error {
			switch step {
			case name + " is edited":
				return errOf(s.EditMessage(s.ctx, m.ID, by, storage.MessagePatch{Body: new("new")}))
			case name + " is pinned":
				return errOf(s.PinMessage(s.ctx, m.ID, by))
			case name + " is unpinned":
				return errOf(s.UnpinMessage(s.ctx, m.ID, by))
			case name + " is liked":
				return errOf(s.AddReaction(s.ctx, m.ID, by, "👍"))
			case name + " is liked no more":
				return errOf(s.RemoveReaction(s.ctx, m.ID, by, "👍"))
			case name + " is read":
				return s.AddReadReceipt(s.ctx, m.ID, by)
			case name + " loses its file":
				return errOf(s.DeleteAttachment(s.ctx, m.Attachments[0].ID))
			}
			return errOf(s.DeleteMessage(s.ctx, m.ID, by))
		})
	}
}

func befallings(name string) (steps []string) {
	for _, what := range []string{
		"is edited", "is pinned", "is unpinned", "is liked", "is liked no more", "is read", "loses its file", "is deleted",
	} {
		steps = append(steps, name+" "+what)
	}
	return steps
}

// withFile is a message with a file.
func (f *fixture) withFile(c circle) storage.Message {
	f.t.Helper()
	return f.say(c.room, c.ann, "look", carrying(f.upload(c.room, c.ann, "file")))
}

// lastMessage is the newest message of a room.
func (f *fixture) lastMessage(room storage.RoomID) storage.Message {
	f.t.Helper()
	p, err := f.Messages(f.ctx, storage.MessageQuery{Room: room, Limit: 1})
	require.NoError(f.t, err)
	return p.Items[0]
}

func testSightHiddenMessages(_ *testing.T, f *fixture) {
	c := f.circle()
	f.hidden(c)
	dan := f.user("dan").ID
	old := f.withFile(c)
	f.join(c.room, dan)
	later := f.withFile(c)
	s := f.story()
	s.befalls("old", old, c.bob)
	s.befalls("new", later, c.bob)
	s.sees(dan, befallings("new")...)
	s.sees(c.ann, append(befallings("old"), befallings("new")...)...)
	s.step("a topic", func() error { return errOf(f.UpdateRoom(f.ctx, c.room, storage.RoomPatch{Topic: new("tea")})) })
	s.step("shown", func() error { return errOf(f.UpdateRoomSettings(f.ctx, c.room, storage.RoomSettings{})) })
	s.sees(dan, append(append(befallings("old"), befallings("new")...), "a topic", "shown")...)
}

// Who comes back begins anew.
func testSightHiddenAgain(_ *testing.T, f *fixture) {
	c := f.circle()
	f.hidden(c)
	mine := f.say(c.room, c.bob, "before bob left")
	s := f.story()
	edit := func(name string, m storage.Message) {
		s.step(name, func() error {
			return errOf(f.EditMessage(f.ctx, m.ID, c.ann, storage.MessagePatch{Body: &name}))
		})
	}
	edit("edited with bob", mine)
	s.leaves("bob leaves", c.room, c.bob)
	s.says("while bob was away", c.room, c.ann)
	away := f.lastMessage(c.room)
	edit("edited without bob", mine)
	s.joins("bob is back", c.room, c.bob)
	s.says("now that bob is back", c.room, c.ann)
	back := f.lastMessage(c.room)
	edit("edited again", mine)
	edit("missed and edited", away)
	edit("new and edited", back)
	s.sees(c.bob, "edited with bob", "bob leaves", "bob is back", "now that bob is back", "new and edited")
}

// Of a purge a user sees what it took of the messages that the user could see.
func testSightHiddenPurges(t *testing.T, f *fixture) {
	c := f.circle()
	f.hidden(c)
	dan := f.user("dan").ID
	ms := f.saying(6, c.room, c.ann)
	f.join(c.room, dan)
	ms = append(ms, f.saying(6, c.room, c.ann)...)
	after := f.head().Newest
	for _, i := range []int{3, 8} {
		f.pin(ms[i].ID, c.ann)
	}
	f.wipe(ms[1])
	require.NoError(t, errOf(f.PurgeMessages(f.ctx, storage.PurgeQuery{Room: c.room, Keep: 3, KeepPinned: true})))
	f.wipe(ms[8])
	purges := storage.ChangeQuery{After: after, Kinds: []storage.ChangeKind{storage.ChangeMessagesPurged}}
	want := func(user storage.UserID, want ...[]storage.SeqRange) {
		t.Helper()
		q := purges
		q.User = user
		var got [][]storage.SeqRange
		for _, c := range f.changesOf(q) {
			got = append(got, c.Purged)
		}
		require.Equal(t, want, got)
	}
	all := [][]storage.SeqRange{{{First: 2, Last: 2}}, {{First: 1, Last: 1}, {First: 3, Last: 3}, {First: 5, Last: 8}}, {{First: 9, Last: 9}}}
	want(c.bob, all...)
	want(dan, []storage.SeqRange{{First: 7, Last: 8}}, []storage.SeqRange{{First: 9, Last: 9}})
	require.NoError(t, errOf(f.UpdateRoomSettings(f.ctx, c.room, storage.RoomSettings{})))
	want(dan, all...)
}
