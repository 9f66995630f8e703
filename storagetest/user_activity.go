package storagetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var userActivityCases = []testCase{
	{"nobody", testActivityNobody},
	{"nothing yet", testActivityNothing},
	{"messages", testActivityMessages},
	{"messages of late", testActivityRecent},
	{"messages in an order of their own", testActivityImported},
	{"reactions", testActivityReactions},
	{"attachments", testActivityAttachments},
	{"rooms", testActivityRooms},
	{"sessions", testActivitySessions},
	{"logins", testActivityLogins},
	{"sanctions", testActivitySanctions},
	{"what the lists say", testActivityLists},
}

func (f *fixture) activity(user storage.UserID) storage.UserActivity {
	f.t.Helper()
	a, err := f.UserActivity(f.ctx, user)
	require.NoError(f.t, err)
	return a
}

func testActivityNobody(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	require.NoError(t, f.DeleteUser(f.ctx, ann))
	for _, user := range []storage.UserID{{}, nobody, ann} {
		a, err := f.UserActivity(f.ctx, user)
		wantNotFound(t, err, storage.EntityUser)
		require.Zero(t, a)
	}
}

func testActivityNothing(t *testing.T, f *fixture) {
	f.world()
	u := f.user("new")
	f.clock.advance(time.Hour)
	require.Equal(t, storage.UserActivity{UserID: u.ID, CreatedAt: u.CreatedAt}, f.activity(u.ID))
	require.NoError(t, f.TouchUser(f.ctx, u.ID))
	require.Equal(t, storage.UserActivity{UserID: u.ID, CreatedAt: u.CreatedAt, LastSeenAt: f.now()}, f.activity(u.ID))
}

func testActivityMessages(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	hall, attic := f.room("hall", bob).ID, f.room("attic", bob).ID
	want := func(n int64, last time.Time, why string) {
		t.Helper()
		a := f.activity(ann)
		require.Equal(t, n, a.Messages, why)
		require.Equal(t, last, a.LastMessageAt, why)
		require.Equal(t, storage.Recent{Day: n, Week: n, Month: n}, a.RecentMessages, why)
	}
	start := f.now()
	f.say(hall, ann, "one")
	f.say(hall, bob, "of bob's")
	f.clock.advance(time.Minute)
	second := f.say(hall, ann, "two")
	f.clock.advance(time.Minute)
	third := f.say(attic, ann, "three")
	f.clock.advance(time.Minute)
	short := f.say(hall, ann, "four", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Minute) })
	want(4, short.CreatedAt, "in two rooms")
	f.clock.advance(time.Minute)
	want(3, third.CreatedAt, "one has expired")
	require.NoError(t, f.DeactivateRoom(f.ctx, attic))
	want(3, third.CreatedAt, "in a room that is closed")
	require.NoError(t, f.DeleteRoom(f.ctx, attic))
	want(2, second.CreatedAt, "in a room that is deleted")
	require.NoError(t, errOf(f.DeleteMessage(f.ctx, second.ID, bob)))
	want(1, start, "a tombstone")
	require.NoError(t, errOf(f.PurgeMessages(f.ctx, storage.PurgeQuery{Room: hall})))
	want(0, time.Time{}, "purged")
}

func testActivityRecent(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	f.say(f.room("room", ann).ID, ann, "hello")
	const day = 24 * time.Hour
	for _, c := range []struct {
		at   time.Duration
		want storage.Recent
	}{
		{day, storage.Recent{Day: 1, Week: 1, Month: 1}},
		{day + time.Microsecond, storage.Recent{Week: 1, Month: 1}},
		{7 * day, storage.Recent{Week: 1, Month: 1}},
		{7*day + time.Microsecond, storage.Recent{Month: 1}},
		{30 * day, storage.Recent{Month: 1}},
		{30*day + time.Microsecond, storage.Recent{}},
	} {
		f.clock.advance(c.at)
		a := f.activity(ann)
		require.Equal(t, c.want, a.RecentMessages, "after %s", c.at)
		require.Equal(t, int64(1), a.Messages)
		f.clock.advance(-c.at)
	}
}

// The latest message is so by its time, and not by its place.
func testActivityImported(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	room := f.room("room", ann).ID
	late, early := f.now().Add(-time.Hour), f.now().Add(-100*24*time.Hour)
	ms := []*storage.Message{
		{RoomID: room, AuthorID: ann, Body: "late", CreatedAt: late},
		{RoomID: room, AuthorID: ann, Body: "early", CreatedAt: early},
	}
	require.NoError(t, errOf(f.CreateMessages(f.ctx, ms)))
	a := f.activity(ann)
	require.Equal(t, late, a.LastMessageAt)
	require.Equal(t, int64(2), a.Messages)
	require.Equal(t, storage.Recent{Day: 1, Week: 1, Month: 1}, a.RecentMessages)
}

func testActivityReactions(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	hall, attic := f.room("hall", bob).ID, f.room("attic", bob).ID
	m := f.say(hall, bob, "hello")
	short := f.say(hall, bob, "soon over", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Minute) })
	there := f.say(attic, bob, "hello there")
	for _, id := range []storage.MessageID{m.ID, short.ID, there.ID} {
		f.react(id, ann, "👍")
		f.react(id, bob, "🎉")
	}
	f.react(m.ID, ann, "🎉")
	require.Equal(t, int64(4), f.activity(ann).Reactions)
	require.Equal(t, int64(3), f.activity(bob).Reactions)
	f.clock.advance(time.Minute)
	require.Equal(t, int64(3), f.activity(ann).Reactions, "to one that has expired")
	require.NoError(t, f.DeleteRoom(f.ctx, attic))
	require.Equal(t, int64(2), f.activity(ann).Reactions, "in a room that is deleted")
	require.NoError(t, errOf(f.RemoveReaction(f.ctx, m.ID, ann, "🎉")))
	require.Equal(t, int64(1), f.activity(ann).Reactions)
	require.NoError(t, errOf(f.DeleteMessage(f.ctx, m.ID, bob)))
	require.Zero(t, f.activity(ann).Reactions, "to a tombstone")
}

func testActivityAttachments(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	hall, attic := f.room("hall", bob).ID, f.room("attic", bob).ID
	sized := func(n int64) func(*storage.Attachment) { return func(a *storage.Attachment) { a.Size = n } }
	want := func(n, bytes int64, why string) {
		t.Helper()
		a := f.activity(ann)
		require.Equal(t, []int64{n, bytes}, []int64{a.Attachments, a.AttachedBytes}, why)
	}
	f.upload(hall, ann, "draft", sized(1))
	photo, short := f.upload(hall, ann, "photo", sized(20)), f.upload(hall, ann, "short", sized(300))
	f.upload(hall, bob, "bob's", sized(5))
	f.upload(attic, ann, "plan", sized(4000))
	m := f.say(hall, bob, "look", carrying(photo))
	f.say(hall, ann, "quick", carrying(short), func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Minute) })
	want(4, 4321, "carried by anybody, or nobody")
	f.clock.advance(time.Minute)
	want(3, 4021, "carried by one that has expired")
	require.NoError(t, f.DeleteRoom(f.ctx, attic))
	want(2, 21, "in a room that is deleted")
	require.NoError(t, errOf(f.DeleteMessage(f.ctx, m.ID, bob)))
	want(2, 21, "detached, and still there")
}

func testActivityRooms(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	want := func(rooms, created int64, why string) {
		t.Helper()
		a := f.activity(ann)
		require.Equal(t, []int64{rooms, created}, []int64{a.Rooms, a.RoomsCreated}, why)
	}
	hall := f.room("hall", ann).ID
	attic := f.room("attic", ann).ID
	f.join(f.room("bob's", bob).ID, ann)
	want(3, 2, "all")
	f.join(hall, bob, func(m *storage.Membership) { m.Role = storage.MemberOwner })
	f.leave(hall, ann)
	want(2, 2, "one was left")
	require.NoError(t, f.DeactivateRoom(f.ctx, attic))
	f.room("over", ann, expiring(f.now().Add(time.Minute)))
	f.clock.advance(time.Hour)
	want(3, 3, "closed, and over")
	require.NoError(t, f.DeleteRoom(f.ctx, attic))
	want(2, 2, "one was deleted")
}

func testActivitySessions(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	f.login(ann)
	f.login(ann, f.expiringIn(time.Minute))
	revoked, _ := f.login(ann)
	f.login(bob)
	require.Equal(t, int64(3), f.activity(ann).Sessions)
	require.NoError(t, f.RevokeSession(f.ctx, revoked.ID))
	f.clock.advance(time.Minute)
	require.Equal(t, int64(1), f.activity(ann).Sessions)
	require.NoError(t, f.DeactivateUser(f.ctx, ann))
	require.Zero(t, f.activity(ann).Sessions)
	require.Equal(t, int64(1), f.activity(bob).Sessions)
}

func testActivityLogins(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	try := func(user storage.UserID, success bool) {
		f.attempt(storage.LoginAttempt{Login: "ann", UserID: user, IP: home, Success: success})
		f.clock.advance(time.Minute)
	}
	want := func(failed int64, last time.Time, why string) {
		t.Helper()
		a := f.activity(ann)
		require.Equal(t, failed, a.FailedLogins, why)
		require.Equal(t, last, a.LastLoginAt, why)
	}
	try(ann, false)
	try(bob, true)
	try(storage.UserID{}, false)
	want(1, time.Time{}, "of this user alone")
	try(ann, false)
	login := f.now()
	try(ann, true)
	want(0, login, "a success wipes the slate")
	first := f.now()
	try(ann, false)
	try(ann, false)
	want(2, login, "since then")
	f.clock.advance(first.Add(24 * time.Hour).Sub(f.now()))
	want(2, login, "a day later")
	f.clock.advance(time.Microsecond)
	want(1, login, "a moment after that")
	require.NoError(t, errOf(f.PruneLoginAttempts(f.ctx, first, 0)))
	want(1, time.Time{}, "as far as attempts are kept")
}

func testActivitySanctions(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	hall, attic := f.room("hall", bob).ID, f.room("attic", bob).ID
	f.join(hall, ann)
	for _, s := range []storage.Sanction{
		{UserID: ann, RoomID: hall, Kind: storage.SanctionKick},
		{UserID: ann, RoomID: attic, Kind: storage.SanctionBan},
		{UserID: ann, Kind: storage.SanctionMute, ExpiresAt: f.now().Add(time.Minute)},
		{UserID: bob, Kind: storage.SanctionMute},
	} {
		f.sanction(s)
	}
	lifted := f.sanction(storage.Sanction{UserID: ann, RoomID: hall, Kind: storage.SanctionMute})
	require.Equal(t, int64(3), f.activity(ann).Sanctions)
	require.NoError(t, errOf(f.LiftSanction(f.ctx, lifted.ID, bob)))
	require.Equal(t, int64(2), f.activity(ann).Sanctions)
	f.clock.advance(time.Minute)
	require.Equal(t, int64(1), f.activity(ann).Sanctions)
	require.NoError(t, f.DeleteRoom(f.ctx, attic))
	require.Zero(t, f.activity(ann).Sanctions)
}

// testActivityLists compares with what the lists say of everybody in a world.
func testActivityLists(t *testing.T, f *fixture) {
	f.world()
	for _, u := range list(f, f.Users, storage.UserQuery{}) {
		want := storage.UserActivity{UserID: u.ID, CreatedAt: u.CreatedAt, LastSeenAt: u.LastSeenAt}
		for _, m := range list(f, f.Messages, storage.MessageQuery{Author: u.ID}) {
			want.Messages++
			if m.CreatedAt.After(want.LastMessageAt) {
				want.LastMessageAt = m.CreatedAt
			}
		}
		want.RecentMessages = storage.Recent{Day: want.Messages, Week: want.Messages, Month: want.Messages}
		for _, r := range list(f, f.Rooms, storage.RoomQuery{}) {
			for _, m := range list(f, f.Messages, storage.MessageQuery{Room: r.ID}) {
				for _, x := range list(f, f.Reactions, storage.ReactionQuery{Message: m.ID}) {
					if x.UserID == u.ID {
						want.Reactions++
					}
				}
			}
		}
		for _, a := range list(f, f.Attachments, storage.AttachmentQuery{Uploader: u.ID}) {
			want.Attachments++
			want.AttachedBytes += a.Size
		}
		want.Rooms = int64(len(list(f, f.Memberships, storage.MembershipQuery{User: u.ID})))
		want.RoomsCreated = int64(len(list(f, f.Rooms, storage.RoomQuery{Creator: u.ID})))
		want.Sessions = int64(len(list(f, f.Sessions, storage.SessionQuery{User: u.ID, Live: new(true)})))
		want.Sanctions = int64(len(list(f, f.Sanctions, storage.SanctionQuery{User: u.ID, InForce: true})))
		n, err := f.CountFailedLogins(f.ctx, storage.LoginQuery{User: u.ID, From: f.now().Add(-24 * time.Hour)})
		require.NoError(t, err)
		want.FailedLogins = n
		for _, a := range list(f, f.LoginAttempts, storage.LoginQuery{User: u.ID, Success: new(true)}) {
			if a.CreatedAt.After(want.LastLoginAt) {
				want.LastLoginAt = a.CreatedAt
			}
		}
		require.Equal(t, want, f.activity(u.ID), u.Username)
	}
}
