package storagetest

// Every way to a record gives all of it, not only the one that reads it alone.

import (
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var wholeCases = []testCase{
	{"users", testWholeUsers},
	{"rooms", testWholeRooms},
	{"direct rooms", testWholeDirectRooms},
	{"memberships", testWholeMemberships},
	{"invites", testWholeInvites},
	{"sanctions", testWholeSanctions},
	{"legal holds", testWholeHolds},
	{"sessions", testWholeSessions},
	{"audit entries", testWholeAudit},
	{"login attempts", testWholeLogins},
	{"messages", testWholeMessages},
	{"roots of threads", testWholeRoots},
	{"tombstones", testWholeTombstones},
	{"attachments", testWholeAttachments},
	{"detached attachments", testWholeDetached},
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
		if value.Kind() == reflect.Struct && field.Type != reflect.TypeFor[time.Time]() && field.Type != reflect.TypeFor[netip.Addr]() {
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
		{"Inbox", func() (storage.Room, error) {
			e, err := firstOf(f.Inbox(f.ctx, storage.InboxQuery{User: ann.ID}))
			return e.Room, err
		}},
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
		{"Inbox", func() (storage.Membership, error) {
			e, err := firstOf(f.Inbox(f.ctx, storage.InboxQuery{User: ann.ID}))
			return e.Membership, err
		}},
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
