package storagetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var reopenCases = []testCase{
	{"every field is there", testReopenFields},
	{"cursors go on", testReopenCursors},
	{"names are still taken", testReopenNames},
	{"texts still find", testReopenText},
	{"who was deleted stays nobody", testReopenSameID},
	{"who is logged in stays so", testReopenSessions},
	{"who is blocked stays so", testReopenBlocks},
	{"configuration", testReopenConfig},
	{"audit log", testReopenAudit},
}

func testReopenFields(t *testing.T, f *fixture) {
	u := fullUser()
	require.NoError(t, f.CreateUser(f.ctx, &u))
	r := fullRoom()
	r.CreatorID = u.ID
	require.NoError(t, f.CreateRoom(f.ctx, &r))
	bob := f.user("bob")
	m := f.join(r.ID, bob.ID, func(m *storage.Membership) {
		m.Role, m.InvitedBy, m.Settings = storage.MemberGuest, u.ID, fullMemberSettings()
	})
	require.NoError(t, f.TouchUser(f.ctx, u.ID))
	require.NoError(t, f.TouchMember(f.ctx, r.ID, bob.ID))
	require.NoError(t, f.DeactivateUser(f.ctx, bob.ID))
	require.NoError(t, f.DeactivateRoom(f.ctx, f.room("", bob.ID).ID))
	before := f.dump()
	f.reopen()
	require.Equal(t, before, f.dump())
	m.LastActiveAt = f.now()
	require.Equal(t, m, f.readMember(r.ID, bob.ID))
}

func testReopenCursors(t *testing.T, f *fixture) {
	ann, _ := f.house()
	users := list(f, f.Users, storage.UserQuery{})
	rooms := list(f, f.Rooms, storage.RoomQuery{Text: "tea"})
	members := list(f, f.Memberships, storage.MembershipQuery{User: ann.ID})
	readUsers, readRooms := f.userPages(storage.UserQuery{}), f.roomPages(storage.RoomQuery{Text: "tea"})
	readMembers := f.memberPages(storage.MembershipQuery{User: ann.ID})
	u, r, m := next(t, readUsers), next(t, readRooms), next(t, readMembers)
	f.reopen()
	wantPage(t, users, 1, 10, readUsers, u)
	wantPage(t, rooms, 1, 10, readRooms, r)
	wantPage(t, members, 1, 10, readMembers, m)
}

func testReopenNames(t *testing.T, f *fixture) {
	u := fullUser()
	require.NoError(t, f.CreateUser(f.ctx, &u))
	f.room("General", u.ID)
	f.reopen()
	for field, other := range map[string]storage.User{
		"ID":         {Username: "bob", ID: u.ID},
		"Username":   {Username: "ANN"},
		"Email":      {Username: "bob", Email: "ANN@example.org"},
		"ExternalID": {Username: "bob", ExternalID: u.ExternalID},
	} {
		f.refused(t, func() error { return f.CreateUser(f.ctx, &other) }, storage.ErrDuplicate, field)
	}
	f.refused(t, func() error { return f.CreateRoom(f.ctx, &storage.Room{Name: "GENERAL"}) }, storage.ErrDuplicate, "Name")
	f.user("bob") // and identifiers are still new ones
	f.room("lobby", u.ID)
}

func testReopenText(t *testing.T, f *fixture) {
	f.user("ann", func(u *storage.User) { u.Profile.DisplayName = "Ann Smith" })
	f.room("general", storage.UserID{}, func(r *storage.Room) { r.Topic = "green tea" })
	f.reopen()
	wantNames(t, f, "smi an", "ann")
	require.Equal(t, "general", roomNames(list(f, f.Rooms, storage.RoomQuery{Text: "tea"})))
}

func testReopenSameID(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("general", ann.ID)
	message := f.say(room.ID, ann.ID, "mine")
	require.NoError(t, f.DeleteUser(f.ctx, ann.ID))
	f.reopen()
	f.user("other", func(u *storage.User) { u.ID = ann.ID })
	f.reopen()
	require.True(t, f.readMessage(message.ID).AuthorID.IsZero(), "AuthorID")
	require.True(t, f.readRoom(room.ID).CreatorID.IsZero(), "CreatorID")
	f.wantStored(t, storage.MessageQuery{Author: ann.ID})
}

func testReopenSessions(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	s, token := f.login(ann, func(s *storage.Session) { *s = f.fullSession(ann) })
	revoked, other := f.login(ann)
	require.NoError(t, f.RevokeSession(f.ctx, revoked.ID))
	f.attempt(storage.LoginAttempt{Login: "ann", UserID: ann})
	before := f.dump()
	f.reopen()
	require.Equal(t, before, f.dump())
	f.wantAdmitted(token, s)
	f.wantTurnedAway(other)
	f.wantFailed(1, storage.LoginQuery{User: ann})
}

func testReopenBlocks(t *testing.T, f *fixture) {
	users, _ := f.quarrel()
	q := storage.BlockQuery{User: users[7]}
	all := list(f, f.BlockedUsers, q)
	f.reopen()
	wantList(t, all, f.blockPages(q))
	f.wantBlocked(false, users[8], users[8])
}

func testReopenConfig(t *testing.T, f *fixture) {
	f.configure("a", "1", sensitive)
	f.configure("b", "2", func(c *storage.Config) { c.Type = storage.ConfigInteger })
	f.configure("c", "3")
	require.NoError(t, f.DeleteConfig(f.ctx, "c"))
	before := f.dump()
	f.reopen()
	require.Equal(t, before, f.dump())
}

func testReopenAudit(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	for range 4 {
		f.audit(fullAudit(ann, bob, nowhere))
		f.clock.advance(time.Second)
	}
	f.erased(1, ann, 1)
	f.prunedAudit(2, f.now(), 2)
	saved, before := f.auditHead(), f.dump()
	f.reopen()
	require.Equal(t, before, f.dump())
	next := f.audit(storage.AuditEntry{Action: "server.start"})
	require.Equal(t, saved.Hash, next.Prev)
	f.verified(saved)
}
