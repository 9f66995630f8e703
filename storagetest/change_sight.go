package storagetest

// What a user may see of the change feed.

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var sightCases = []testCase{
	{"a member", testSightMember},
	{"before joining", testSightBefore},
	{"before joining, where history is hidden", testSightHidden},
	{"messages from before, where history is hidden", testSightHiddenMessages},
	{"purges, where history is hidden", testSightHiddenPurges},
	{"messages of an earlier stay, where history is hidden", testSightHiddenAgain},
	{"leaving", testSightLeaving},
	{"joining again", testSightAgain},
	{"joining again, where history is hidden", testSightAgainHidden},
	{"hidden later", testSightHiddenLater},
	{"kicked", testSightKicked},
	{"banned everywhere", testSightBanned},
	{"deleted room", testSightRoomDeleted},
	{"deleted room that the user had left", testSightRoomLeft},
	{"deleted user", testSightUserDeleted},
	{"others in the room", testSightOthers},
	{"markers", testSightMarkers},
	{"receipts and reactions", testSightShown},
	{"sanctions", testSightSanctions},
	{"invites", testSightInvites},
	{"invites by address", testSightInvitesByEmail},
	{"direct rooms", testSightDirect},
	{"who is nowhere", testSightNowhere},
	{"after a position", testSightAfter},
	{"pages", testSightPages},
	{"pruned", testSightPruned},
	{"rolled back", testSightRolledBack},
	{"reopen", testSightReopen},
}

// story is what happens in a case, step by step.
type story struct {
	*fixture
	names []string
	ends  []storage.Position // of each step
	start storage.Position
}

func (f *fixture) story() *story { return &story{fixture: f, start: f.head().Newest} }

// step does something that makes changes.
func (s *story) step(name string, call func() error) {
	s.t.Helper()
	before := s.head().Newest
	require.NoError(s.t, call(), name)
	s.names, s.ends = append(s.names, name), append(s.ends, s.head().Newest)
	require.Greater(s.t, s.head().Newest, before, "changes of %q", name)
}

// says has somebody write a message, as a step.
func (s *story) says(name string, room storage.RoomID, author storage.UserID) {
	s.t.Helper()
	s.step(name, func() error {
		return errOf(s.CreateMessage(s.ctx, &storage.Message{RoomID: room, AuthorID: author, Body: name}))
	})
}

func (s *story) joins(name string, room storage.RoomID, user storage.UserID) {
	s.t.Helper()
	s.step(name, func() error { return s.AddMember(s.ctx, &storage.Membership{RoomID: room, UserID: user}) })
}

func (s *story) leaves(name string, room storage.RoomID, user storage.UserID) {
	s.t.Helper()
	s.step(name, func() error { return s.RemoveMember(s.ctx, room, user) })
}

// told are the steps of which a query tells, "step 1/2" where it does not tell
// all.
func (s *story) told(q storage.ChangeQuery) (names []string) {
	s.t.Helper()
	q.After = max(q.After, s.start)
	seen := map[storage.Position]bool{}
	if s.head().Newest > q.After {
		for _, c := range s.changesOf(q) {
			seen[c.Position] = true
		}
	}
	first := s.start + 1
	for i, end := range s.ends {
		got := 0
		for at := first; at <= end; at++ {
			if seen[at] {
				got++
			}
		}
		switch all := int(end-first) + 1; got {
		case 0:
		case all:
			names = append(names, s.names[i])
		default:
			names = append(names, fmt.Sprintf("%s %d/%d", s.names[i], got, all))
		}
		first = end + 1
	}
	return names
}

// sees requires that a user sees these steps and no others.
func (s *story) sees(user storage.UserID, want ...string) {
	s.t.Helper()
	require.Equal(s.t, want, s.told(storage.ChangeQuery{User: user}))
}

// hidden is a circle whose room hides its history.
func (f *fixture) hidden(c circle) {
	f.t.Helper()
	require.NoError(f.t, errOf(f.UpdateRoomSettings(f.ctx, c.room, storage.RoomSettings{HistoryHidden: true})))
}

func testSightMember(_ *testing.T, f *fixture) {
	c := f.circle()
	attic := f.room("attic", c.cid).ID
	s := f.story()
	s.says("one", c.room, c.ann)
	s.says("elsewhere", attic, c.cid)
	s.step("a topic", func() error { return errOf(f.UpdateRoom(f.ctx, c.room, storage.RoomPatch{Topic: new("tea")})) })
	s.says("two", c.room, c.bob)
	s.sees(c.bob, "one", "a topic", "two")
	s.sees(c.ann, "one", "a topic", "two")
	s.sees(c.cid, "one", "elsewhere", "a topic", "two")
}

func testSightBefore(_ *testing.T, f *fixture) {
	c := f.circle()
	dan := f.user("dan").ID
	s := f.story()
	s.says("before", c.room, c.ann)
	s.sees(dan)
	s.joins("dan joins", c.room, dan)
	s.says("after", c.room, c.ann)
	s.sees(dan, "before", "dan joins", "after")
}

func testSightHidden(_ *testing.T, f *fixture) {
	c := f.circle()
	f.hidden(c)
	dan := f.user("dan").ID
	s := f.story()
	s.says("before", c.room, c.ann)
	s.joins("dan joins", c.room, dan)
	s.says("after", c.room, c.ann)
	s.sees(dan, "dan joins", "after")
	s.sees(c.bob, "before", "dan joins", "after")
}

func testSightLeaving(_ *testing.T, f *fixture) {
	for _, hidden := range []bool{false, true} {
		c := circle{room: f.room("", storage.UserID{}).ID, bob: f.user(fmt.Sprint("bob", hidden)).ID}
		if hidden {
			f.hidden(c)
		}
		f.join(c.room, c.bob)
		s := f.story()
		s.says("with bob", c.room, storage.UserID{})
		s.leaves("bob leaves", c.room, c.bob)
		s.says("without bob", c.room, storage.UserID{})
		s.sees(c.bob, "with bob", "bob leaves")
	}
}

// again tells of bob, who was away for a while.
func (s *story) again(c circle) {
	s.t.Helper()
	s.says("with bob", c.room, c.ann)
	s.leaves("bob leaves", c.room, c.bob)
	s.says("without bob", c.room, c.ann)
	s.joins("bob is back", c.room, c.bob)
	s.says("with bob again", c.room, c.ann)
}

func testSightAgain(_ *testing.T, f *fixture) {
	c := f.circle()
	s := f.story()
	s.again(c)
	s.sees(c.bob, "with bob", "bob leaves", "without bob", "bob is back", "with bob again")
	s.leaves("and leaves", c.room, c.bob)
	s.says("and on", c.room, c.ann)
	s.sees(c.bob, "with bob", "bob leaves", "without bob", "bob is back", "with bob again", "and leaves")
}

func testSightAgainHidden(_ *testing.T, f *fixture) {
	c := f.circle()
	f.hidden(c)
	s := f.story()
	s.again(c)
	s.sees(c.bob, "with bob", "bob leaves", "bob is back", "with bob again")
	s.sees(c.ann, "with bob", "bob leaves", "without bob", "bob is back", "with bob again")
}

// What counts are the settings as they are now.
func testSightHiddenLater(_ *testing.T, f *fixture) {
	c := f.circle()
	s := f.story()
	s.again(c)
	settings := func(hidden bool) func() error {
		return func() error {
			return errOf(f.UpdateRoomSettings(f.ctx, c.room, storage.RoomSettings{HistoryHidden: hidden}))
		}
	}
	s.step("hidden", settings(true))
	s.sees(c.bob, "with bob", "bob leaves", "bob is back", "with bob again", "hidden")
	s.step("shown", settings(false))
	s.sees(c.bob, "with bob", "bob leaves", "without bob", "bob is back", "with bob again", "hidden", "shown")
}

// expels is a sanction as a step.
func (s *story) expels(name string, kind storage.SanctionKind, room storage.RoomID, user storage.UserID) storage.SanctionID {
	s.t.Helper()
	sanction := storage.Sanction{RoomID: room, UserID: user, Kind: kind}
	s.step(name, func() error { return s.CreateSanction(s.ctx, &sanction) })
	return sanction.ID
}

func testSightKicked(_ *testing.T, f *fixture) {
	c := f.circle()
	f.hidden(c)
	s := f.story()
	s.says("before", c.room, c.ann)
	s.expels("kick", storage.SanctionKick, c.room, c.bob)
	s.says("after", c.room, c.ann)
	s.sees(c.bob, "before", "kick")
	s.sees(c.ann, "before", "kick 1/2", "after")
	s.joins("back", c.room, c.bob)
	s.sees(c.bob, "before", "kick", "back")
}

func testSightBanned(_ *testing.T, f *fixture) {
	c := f.circle()
	attic := f.room("attic", c.ann).ID
	f.join(attic, c.bob)
	s := f.story()
	ban := s.expels("ban", storage.SanctionBan, storage.RoomID{}, c.bob)
	s.says("in the hall", c.room, c.ann)
	s.says("in the attic", attic, c.ann)
	s.step("lifted", func() error { return errOf(f.LiftSanction(f.ctx, ban, storage.UserID{})) })
	s.joins("back", attic, c.bob)
	s.sees(c.bob, "ban", "in the attic", "lifted", "back")
	s.sees(c.cid, "ban 1/3", "in the hall")
}

func testSightRoomDeleted(_ *testing.T, f *fixture) {
	c := f.circle()
	dan := f.user("dan").ID
	s := f.story()
	s.says("one", c.room, c.ann)
	s.joins("dan joins", c.room, dan)
	s.step("deleted", func() error { return f.DeleteRoom(f.ctx, c.room) })
	s.sees(c.bob, "one", "dan joins", "deleted")
	s.sees(dan, "dan joins", "deleted") // what was before nobody shows any more
}

func testSightRoomLeft(_ *testing.T, f *fixture) {
	c := f.circle()
	s := f.story()
	s.says("one", c.room, c.ann)
	s.leaves("bob leaves", c.room, c.bob)
	s.step("deleted", func() error { return f.DeleteRoom(f.ctx, c.room) })
	s.sees(c.bob, "one", "bob leaves")
	s.sees(c.cid, "one", "bob leaves", "deleted")
}

func testSightUserDeleted(_ *testing.T, f *fixture) {
	c := f.circle()
	dan := f.user("dan").ID
	s := f.story()
	s.says("one", c.room, c.bob)
	s.step("bob goes", func() error { return f.DeleteUser(f.ctx, c.bob) })
	s.says("two", c.room, c.ann)
	s.sees(c.ann, "one", "bob goes", "two")
	s.sees(c.bob, "one", "bob goes")
	s.sees(dan)
	s.step("dan goes", func() error { return f.DeleteUser(f.ctx, dan) })
	s.sees(c.ann, "one", "bob goes", "two")
	s.sees(dan, "dan goes")
}
