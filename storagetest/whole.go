package storagetest

// Every way to a record gives all of it, not only the one that reads it alone.

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var wholeCases = []testCase{
	{"users", testWholeUsers},
	{"rooms", testWholeRooms},
	{"memberships", testWholeMemberships},
	{"messages", testWholeMessages},
	{"tombstones", testWholeTombstones},
}

// wantFilled requires that no field of a record is unset, but for those named,
// so that a field that is lost on the way shows.
func wantFilled(t testing.TB, record any, but ...string) {
	t.Helper()
	unset := map[string]bool{}
	for _, name := range but {
		unset[name] = true
	}
	v := reflect.ValueOf(record)
	for _, field := range reflect.VisibleFields(v.Type()) {
		value := v.FieldByIndex(field.Index)
		if value.Kind() == reflect.Struct && field.Type != reflect.TypeFor[time.Time]() {
			wantFilled(t, value.Interface(), but...)
			continue
		}
		require.Equal(t, unset[field.Name], value.IsZero(), "%s.%s is unset", v.Type(), field.Name)
	}
}

// way is a way to one record.
type way[R any] struct {
	name string
	read func() (R, error)
}

// wantWhole requires that every way leads to the same record.
func wantWhole[R any](t *testing.T, want R, ways ...way[R]) {
	t.Helper()
	for _, w := range ways {
		got, err := w.read()
		require.NoError(t, err, w.name)
		require.Equal(t, want, got, w.name)
	}
}

// first returns the first of the records that a read gave.
func first[R any](records []R, err error) (R, error) {
	if err != nil || len(records) == 0 {
		return *new(R), err
	}
	return records[0], nil
}

// firstOf is first for a page.
func firstOf[R any](p storage.Page[R], err error) (R, error) { return first(p.Items, err) }

func testWholeUsers(t *testing.T, f *fixture) {
	u := fullUser()
	require.NoError(t, f.CreateUser(f.ctx, &u))
	f.clock.advance(time.Second)
	require.NoError(t, f.TouchUser(f.ctx, u.ID))
	u.LastSeenAt = f.now()
	f.clock.advance(time.Second)
	updated, err := f.UpdateUser(f.ctx, u.ID, storage.UserPatch{Username: new("Anna")})
	require.NoError(t, err)
	u.Username, u.UpdatedAt, u.Version = "Anna", f.now(), 2
	require.Equal(t, u, updated, "UpdateUser")
	wantFilled(t, u)

	ways := []way[storage.User]{
		{"User", func() (storage.User, error) { return f.User(f.ctx, u.ID) }},
		{"UsersByID", func() (storage.User, error) { return first(f.UsersByID(f.ctx, u.ID)) }},
		{"UserByUsername", func() (storage.User, error) { return f.UserByUsername(f.ctx, u.Username) }},
		{"UserByEmail", func() (storage.User, error) { return f.UserByEmail(f.ctx, u.Email) }},
		{"UserByExternalID", func() (storage.User, error) { return f.UserByExternalID(f.ctx, u.ExternalID) }},
		{"UpdateUser of nothing", func() (storage.User, error) { return f.UpdateUser(f.ctx, u.ID, storage.UserPatch{}) }},
	}
	for _, q := range []storage.UserQuery{
		{}, {Order: storage.UsersByCreation}, {Order: storage.UsersBySeen}, {Text: "ann"}, {Roles: []storage.Role{u.Role}},
	} {
		ways = append(ways, way[storage.User]{"Users", func() (storage.User, error) { return firstOf(f.Users(f.ctx, q)) }})
	}
	wantWhole(t, u, ways...)
}

func testWholeRooms(t *testing.T, f *fixture) {
	ann := f.user("ann")
	r := fullRoom()
	r.CreatorID = ann.ID
	require.NoError(t, f.CreateRoom(f.ctx, &r))
	f.clock.advance(time.Second)
	f.say(r.ID, ann.ID, "hello")
	r.LastSeq, r.MessageCount, r.MemberCount, r.LastMessageAt = 1, 1, 1, f.now()
	f.clock.advance(time.Second)
	updated, err := f.UpdateRoom(f.ctx, r.ID, storage.RoomPatch{Topic: new("more dust")})
	require.NoError(t, err)
	r.Topic, r.UpdatedAt, r.Version = "more dust", f.now(), 2
	require.Equal(t, r, updated, "UpdateRoom")
	wantFilled(t, r)

	ways := []way[storage.Room]{
		{"Room", func() (storage.Room, error) { return f.Room(f.ctx, r.ID) }},
		{"RoomsByID", func() (storage.Room, error) { return first(f.RoomsByID(f.ctx, r.ID)) }},
		{"RoomByName", func() (storage.Room, error) { return f.RoomByName(f.ctx, r.Name) }},
		{"UpdateRoom of nothing", func() (storage.Room, error) { return f.UpdateRoom(f.ctx, r.ID, storage.RoomPatch{}) }},
		{"UpdateRoomSettings of nothing", func() (storage.Room, error) { return f.UpdateRoomSettings(f.ctx, r.ID, r.Settings) }},
	}
	for _, q := range []storage.RoomQuery{
		{}, {Order: storage.RoomsByCreation}, {Order: storage.RoomsByActivity}, {Order: storage.RoomsByMembers},
		{Member: ann.ID}, {Creator: ann.ID}, {Text: "attic"},
	} {
		ways = append(ways, way[storage.Room]{"Rooms", func() (storage.Room, error) { return firstOf(f.Rooms(f.ctx, q)) }})
	}
	wantWhole(t, r, ways...)

	f.clock.advance(time.Second)
	r.Settings, r.UpdatedAt, r.Version = storage.RoomSettings{RateLimit: 7}, f.now(), 3
	wantWhole(t, r,
		way[storage.Room]{"UpdateRoomSettings", func() (storage.Room, error) { return f.UpdateRoomSettings(f.ctx, r.ID, r.Settings) }},
		way[storage.Room]{"Room", func() (storage.Room, error) { return f.Room(f.ctx, r.ID) }},
	)
}

func testWholeMemberships(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("general", storage.UserID{})
	f.say(room.ID, bob.ID, "hello")
	m := f.join(room.ID, ann.ID, func(m *storage.Membership) {
		m.Role, m.InvitedBy, m.Settings = storage.MemberAdmin, bob.ID, fullMemberSettings()
	})
	f.clock.advance(time.Second)
	require.NoError(t, f.TouchMember(f.ctx, room.ID, ann.ID))
	m.LastActiveAt = f.now()
	wantFilled(t, m)

	ways := []way[storage.Membership]{
		{"Membership", func() (storage.Membership, error) { return f.Membership(f.ctx, room.ID, ann.ID) }},
	}
	for _, order := range []storage.MembershipOrder{storage.MembersByJoining, storage.MembersByActivity} {
		for _, q := range []storage.MembershipQuery{{Room: room.ID, Order: order}, {User: ann.ID, Order: order}} {
			ways = append(ways, way[storage.Membership]{"Memberships", func() (storage.Membership, error) {
				return firstOf(f.Memberships(f.ctx, q))
			}})
		}
	}
	wantWhole(t, m, ways...)
}

// wholeMessage stores a message with everything that a message can have, and
// edits it.
func (f *fixture) wholeMessage() (whole storage.Message, ann, bob storage.User) {
	f.t.Helper()
	ann, bob = f.user("ann"), f.user("bob")
	room := f.room("general", ann.ID)
	root := f.say(room.ID, bob.ID, "well?")
	parent := f.say(room.ID, bob.ID, "well, well?", func(m *storage.Message) { m.ParentID = root.ID })
	m := f.say(room.ID, ann.ID, "*hello*", func(m *storage.Message) {
		m.Type, m.ParentID, m.Nonce = storage.MessageMarkdown, parent.ID, "client-1"
		m.Mentions, m.MentionsAll = []storage.UserID{bob.ID, ann.ID}, true
		m.Tags, m.Custom = []string{"b", "a"}, json.RawMessage(`{"k": 1}`)
		m.ExpiresAt = clockStart.Add(time.Hour)
	})
	f.clock.advance(time.Second)
	edited, err := f.EditMessage(f.ctx, m.ID, bob.ID, storage.MessagePatch{Body: new("*hello there*")})
	require.NoError(f.t, err)
	m.Body, m.EditedAt, m.Version, m.RootID = "*hello there*", f.now(), 2, root.ID
	require.Equal(f.t, m, edited, "EditMessage")
	f.react(m.ID, bob.ID, "👍")
	m.Reactions = []storage.ReactionCount{{Emoji: "👍", Count: 1}}
	pinned, err := f.PinMessage(f.ctx, m.ID, bob.ID)
	require.NoError(f.t, err)
	m.PinnedAt, m.Version = f.now(), 3
	require.Equal(f.t, m, pinned, "PinMessage")
	return m, ann, bob
}

// messageWays are the ways to the latest message of a room, of which a nonce
// reminds.
func (f *fixture) messageWays(m storage.Message) []way[storage.Message] {
	again := storage.Message{
		RoomID: m.RoomID, AuthorID: m.AuthorID, Type: storage.MessageMarkdown, ParentID: m.ParentID, Nonce: m.Nonce, Body: "*hello*",
		Mentions: f.mentioned(), MentionsAll: true, Tags: []string{"b", "a"}, Custom: json.RawMessage(`{"k": 1}`),
		ExpiresAt: m.ExpiresAt,
	}
	ways := []way[storage.Message]{
		{"Message", func() (storage.Message, error) { return f.Message(f.ctx, m.ID) }},
		{"MessagesByID", func() (storage.Message, error) { return first(f.MessagesByID(f.ctx, m.ID)) }},
		{"CreateMessage again", func() (storage.Message, error) {
			next := again.Clone()
			_, err := f.CreateMessage(f.ctx, &next)
			return next, err
		}},
		{"CreateMessages again", func() (storage.Message, error) {
			next := again.Clone()
			_, err := f.CreateMessages(f.ctx, []*storage.Message{&next})
			return next, err
		}},
	}
	for _, q := range []storage.MessageQuery{
		{Room: m.RoomID}, {Author: m.AuthorID}, {Room: m.RoomID, Author: m.AuthorID}, {Room: m.RoomID, Around: storage.At(m.ID), Limit: 1},
	} {
		q.WithDeleted = true
		ways = append(ways, way[storage.Message]{"Messages", func() (storage.Message, error) { return firstOf(f.Messages(f.ctx, q)) }})
	}
	return ways
}

// mentioned are the users whom wholeMessage mentions.
func (f *fixture) mentioned() (ids []storage.UserID) {
	f.t.Helper()
	for _, name := range []string{"bob", "ann"} {
		u, err := f.UserByUsername(f.ctx, name)
		require.NoError(f.t, err)
		ids = append(ids, u.ID)
	}
	return ids
}

func testWholeMessages(t *testing.T, f *fixture) {
	m, _, bob := f.wholeMessage()
	wantFilled(t, m, "DeletedAt", "DeletedBy")
	ways := append(f.messageWays(m), way[storage.Message]{"EditMessage of nothing", func() (storage.Message, error) {
		return f.EditMessage(f.ctx, m.ID, bob.ID, storage.MessagePatch{})
	}})
	if !f.backend.lacks(FeatureSearch) {
		for _, q := range []storage.SearchQuery{
			{Text: "there"}, {Text: "there", Rooms: []storage.RoomID{m.RoomID}}, {Text: "there", Author: m.AuthorID},
			{Text: "there", Reader: m.AuthorID},
		} {
			ways = append(ways, way[storage.Message]{"SearchMessages", func() (storage.Message, error) {
				found, err := f.SearchMessages(f.ctx, q)
				match, err := first(found.Items, err)
				return match.Message, err
			}})
		}
	}
	wantWhole(t, m, ways...)
}

func testWholeTombstones(t *testing.T, f *fixture) {
	m, _, bob := f.wholeMessage()
	f.clock.advance(time.Second)
	deleted, err := f.DeleteMessage(f.ctx, m.ID, bob.ID)
	require.NoError(t, err)
	m.Tombstone(bob.ID, f.now())
	require.Equal(t, m, deleted, "DeleteMessage")
	wantFilled(t, m, "Body", "Mentions", "MentionsAll", "Tags", "Custom", "PinnedAt", "Reactions")
	wantWhole(t, m, append(f.messageWays(m), way[storage.Message]{"DeleteMessage again", func() (storage.Message, error) {
		return f.DeleteMessage(f.ctx, m.ID, storage.UserID{})
	}})...)
}
