package storagetest

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var aliasCases = []testCase{
	{"users", testAliasUsers},
	{"rooms", testAliasRooms},
	{"direct rooms", testAliasDirectRooms},
	{"memberships", testAliasMemberships},
	{"messages", testAliasMessages},
	{"sessions", testAliasSessions},
	{"audit entries", testAliasAudit},
	{"statistics", testAliasStats},
	{"inside transactions", testAliasTx},
	{"arguments stay as they are", testArgumentsKept},
}

// scribble overwrites the elements of every slice that v holds or points to.
func scribble(v any) { scribbleValue(reflect.ValueOf(v)) }

func scribbleValue(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			scribbleValue(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				scribbleValue(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			scribbleValue(v.Index(i))
			if v.Index(i).Kind() == reflect.Uint8 {
				v.Index(i).SetUint('X')
			} else {
				v.Index(i).SetZero()
			}
		}
	}
}

// exchange is a call that takes or gives slices; it returns all of them.
type exchange struct {
	name string
	call func() (any, error)
}

// got fits what a call returns to what an exchange returns.
func got[T any](v T, err error) (any, error) { return v, err }

// wantUnaliased requires that what is stored does not change when the slices
// do that went into calls or came out of them.
func wantUnaliased(t *testing.T, stored func() any, calls ...exchange) {
	t.Helper()
	want := fmt.Sprintf("%#v", stored()) // text, which shares nothing with a store
	for _, c := range calls {
		v, err := c.call()
		require.NoError(t, err, c.name)
		scribble(v)
		require.Equal(t, want, fmt.Sprintf("%#v", stored()), "the store shares memory with its caller: %s", c.name)
	}
}

func testAliasUsers(t *testing.T, f *fixture) {
	given := fullUser()
	u := given
	require.NoError(t, f.CreateUser(f.ctx, &u))
	profile, settings := fullProfile(), fullUserSettings()
	wantUnaliased(t, func() any { return f.readUser(u.ID) },
		exchange{"CreateUser took", func() (any, error) { return &given, nil }},
		exchange{"CreateUser gave", func() (any, error) { return &u, nil }},
		exchange{"User", func() (any, error) { return got(f.User(f.ctx, u.ID)) }},
		exchange{"UsersByID", func() (any, error) { return got(f.UsersByID(f.ctx, u.ID)) }},
		exchange{"UserByUsername", func() (any, error) { return got(f.UserByUsername(f.ctx, u.Username)) }},
		exchange{"UserByEmail", func() (any, error) { return got(f.UserByEmail(f.ctx, u.Email)) }},
		exchange{"UserByExternalID", func() (any, error) { return got(f.UserByExternalID(f.ctx, u.ExternalID)) }},
		exchange{"Users", func() (any, error) { return got(f.Users(f.ctx, storage.UserQuery{})) }},
		exchange{"UpdateUser gave nothing new", func() (any, error) { return got(f.UpdateUser(f.ctx, u.ID, storage.UserPatch{})) }},
	)
	patch := storage.UserPatch{Profile: &profile, Settings: &settings, Username: new("anna")}
	updated, err := f.UpdateUser(f.ctx, u.ID, patch)
	require.NoError(t, err)
	wantUnaliased(t, func() any { return f.readUser(u.ID) },
		exchange{"UpdateUser took", func() (any, error) { return patch, nil }},
		exchange{"UpdateUser gave", func() (any, error) { return &updated, nil }},
	)
}

func testAliasRooms(t *testing.T, f *fixture) {
	given := fullRoom()
	r := given
	require.NoError(t, f.CreateRoom(f.ctx, &r))
	wantUnaliased(t, func() any { return f.readRoom(r.ID) },
		exchange{"CreateRoom took", func() (any, error) { return &given, nil }},
		exchange{"CreateRoom gave", func() (any, error) { return &r, nil }},
		exchange{"Room", func() (any, error) { return got(f.Room(f.ctx, r.ID)) }},
		exchange{"RoomsByID", func() (any, error) { return got(f.RoomsByID(f.ctx, r.ID)) }},
		exchange{"RoomByName", func() (any, error) { return got(f.RoomByName(f.ctx, r.Name)) }},
		exchange{"Rooms", func() (any, error) { return got(f.Rooms(f.ctx, storage.RoomQuery{})) }},
		exchange{"UpdateRoom gave nothing new", func() (any, error) { return got(f.UpdateRoom(f.ctx, r.ID, storage.RoomPatch{})) }},
	)
	_, err := f.UpdateRoomSettings(f.ctx, r.ID, storage.RoomSettings{})
	require.NoError(t, err)
	settings := fullRoomSettings()
	first, err := f.UpdateRoomSettings(f.ctx, r.ID, settings)
	require.NoError(t, err)
	second, err := f.UpdateRoom(f.ctx, r.ID, storage.RoomPatch{Topic: new("light")})
	require.NoError(t, err)
	wantUnaliased(t, func() any { return f.readRoom(r.ID) },
		exchange{"UpdateRoomSettings took", func() (any, error) { return &settings, nil }},
		exchange{"UpdateRoomSettings gave", func() (any, error) { return &first, nil }},
		exchange{"UpdateRoom gave", func() (any, error) { return &second, nil }},
	)
}

func testAliasDirectRooms(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.direct(ann, bob)
	settings := fullRoomSettings()
	settings.MaxMembers = 0
	_, err := f.UpdateRoomSettings(f.ctx, room.ID, settings)
	require.NoError(t, err)
	wantUnaliased(t, func() any { return f.readRoom(room.ID) },
		exchange{"DirectRoom", func() (any, error) { return got(f.DirectRoom(f.ctx, bob, ann)) }},
		exchange{"OpenDirectRoom", func() (any, error) { return got(f.direct(ann, bob), nil) }},
		exchange{"Rooms", func() (any, error) { return got(f.Rooms(f.ctx, storage.RoomQuery{VisibleTo: ann})) }},
	)
}

func testAliasMemberships(t *testing.T, f *fixture) {
	ann, room := f.user("ann"), f.room("general", storage.UserID{})
	given := storage.Membership{RoomID: room.ID, UserID: ann.ID, Settings: fullMemberSettings()}
	m := given
	require.NoError(t, f.AddMember(f.ctx, &m))
	wantUnaliased(t, func() any { return f.readMember(room.ID, ann.ID) },
		exchange{"AddMember took", func() (any, error) { return &given, nil }},
		exchange{"AddMember gave", func() (any, error) { return &m, nil }},
		exchange{"Membership", func() (any, error) { return got(f.Membership(f.ctx, room.ID, ann.ID)) }},
		exchange{"Memberships", func() (any, error) { return got(f.Memberships(f.ctx, storage.MembershipQuery{Room: room.ID})) }},
		exchange{"Memberships of a user", func() (any, error) { return got(f.Memberships(f.ctx, storage.MembershipQuery{User: ann.ID})) }},
	)
	settings := storage.MemberSettings{Custom: json.RawMessage(`{"new":1}`)}
	require.NoError(t, f.UpdateMemberSettings(f.ctx, room.ID, ann.ID, settings))
	wantUnaliased(t, func() any { return f.readMember(room.ID, ann.ID) },
		exchange{"UpdateMemberSettings took", func() (any, error) { return &settings, nil }},
	)
}

func testAliasMessages(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("general", ann.ID)
	given := storage.Message{
		RoomID: room.ID, AuthorID: ann.ID, Body: "hello", Nonce: "n", Mentions: []storage.UserID{ann.ID, bob.ID},
		Tags: []string{"one", "two"}, Custom: json.RawMessage(`{"a":1}`),
	}
	m := given
	_, err := f.CreateMessage(f.ctx, &m)
	require.NoError(t, err)
	stored := func() any { return f.readMessage(m.ID) }
	wantUnaliased(t, stored,
		exchange{"the same request again", func() (any, error) {
			again := given.Clone()
			created, err := f.CreateMessage(f.ctx, &again)
			require.False(t, created)
			return &again, err
		}},
		exchange{"CreateMessage took", func() (any, error) { return &given, nil }},
		exchange{"CreateMessage gave", func() (any, error) { return &m, nil }},
		exchange{"Message", func() (any, error) { return got(f.Message(f.ctx, m.ID)) }},
		exchange{"MessagesByID", func() (any, error) { return got(f.MessagesByID(f.ctx, m.ID)) }},
		exchange{"Messages", func() (any, error) { return got(f.Messages(f.ctx, storage.MessageQuery{Room: room.ID})) }},
		exchange{"Messages of an author", func() (any, error) { return got(f.Messages(f.ctx, storage.MessageQuery{Author: ann.ID})) }},
		exchange{"EditMessage gave nothing new", func() (any, error) { return got(f.EditMessage(f.ctx, m.ID, ann.ID, storage.MessagePatch{})) }},
	)
	if !f.backend.lacks(FeatureSearch) {
		wantUnaliased(t, stored, exchange{"SearchMessages", func() (any, error) {
			return got(f.SearchMessages(f.ctx, storage.SearchQuery{Text: "hello"}))
		}})
	}
	patch := storage.MessagePatch{
		Mentions: &[]storage.UserID{bob.ID, ann.ID}, Tags: &[]string{"three"}, Custom: new(json.RawMessage(`{"b":1}`)),
	}
	edited, err := f.EditMessage(f.ctx, m.ID, ann.ID, patch)
	require.NoError(t, err)
	bulk := &storage.Message{RoomID: room.ID, Tags: []string{"four"}, Custom: json.RawMessage(`{"c":1}`)}
	tags := bulk.Tags
	_, err = f.CreateMessages(f.ctx, []*storage.Message{bulk})
	require.NoError(t, err)
	wantUnaliased(t, func() any { return f.dump() },
		exchange{"EditMessage took", func() (any, error) { return patch, nil }},
		exchange{"EditMessage gave", func() (any, error) { return &edited, nil }},
		exchange{"CreateMessages took", func() (any, error) { return tags, nil }},
		exchange{"CreateMessages gave", func() (any, error) { return bulk, nil }},
	)
}

func testAliasTx(t *testing.T, f *fixture) {
	u := fullUser()
	require.NoError(t, f.CreateUser(f.ctx, &u))
	r := f.room("general", u.ID, func(r *storage.Room) { r.Settings = fullRoomSettings() })
	m := f.say(r.ID, u.ID, "hello", func(m *storage.Message) { m.Tags = []string{"one"} })
	exchanges := func(ctx context.Context, s storage.Reader) []exchange {
		return []exchange{
			{"User", func() (any, error) { return got(s.User(ctx, u.ID)) }},
			{"Users", func() (any, error) { return got(s.Users(ctx, storage.UserQuery{})) }},
			{"Room", func() (any, error) { return got(s.Room(ctx, r.ID)) }},
			{"Rooms", func() (any, error) { return got(s.Rooms(ctx, storage.RoomQuery{})) }},
			{"Message", func() (any, error) { return got(s.Message(ctx, m.ID)) }},
			{"Messages", func() (any, error) { return got(s.Messages(ctx, storage.MessageQuery{Room: r.ID})) }},
		}
	}
	stored := func() any { return f.dump() }
	require.NoError(t, f.View(f.ctx, func(ctx context.Context, s storage.Reader) error {
		wantUnaliased(t, stored, exchanges(ctx, s)...)
		return nil
	}))
	var kept storage.User
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		settings := fullUserSettings()
		var err error
		kept, err = tx.UpdateUser(ctx, u.ID, storage.UserPatch{Settings: &settings, Username: new("other")})
		require.NoError(t, err)
		wantUnaliased(t, func() any {
			page, err := tx.Users(ctx, storage.UserQuery{})
			require.NoError(t, err)
			return page.Items
		}, append(exchanges(ctx, tx), exchange{"UpdateUser took", func() (any, error) { return &settings, nil }})...)
		return nil
	}))
	wantUnaliased(t, stored, exchange{"UpdateUser gave", func() (any, error) { return &kept, nil }})
}

// testArgumentsKept looks at slices that only go in.
func testArgumentsKept(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	a, b := f.room("a", ann.ID), f.room("b", ann.ID)
	users := []storage.UserID{bob.ID, ann.ID, bob.ID}
	rooms := []storage.RoomID{b.ID, a.ID, b.ID}
	roles := []storage.Role{storage.RoleUser, storage.RoleAdmin, storage.RoleUser}
	ranks := []storage.MemberRole{storage.MemberMember, storage.MemberOwner, storage.MemberMember}
	mentions := []storage.UserID{bob.ID, ann.ID, bob.ID}
	kinds := []storage.SanctionKind{storage.SanctionMute, storage.SanctionBan, storage.SanctionMute}
	before := []any{slices.Clone(users), slices.Clone(rooms), slices.Clone(roles), slices.Clone(ranks), slices.Clone(mentions), slices.Clone(kinds)}

	_, err := f.UsersByID(f.ctx, users...)
	require.NoError(t, err)
	_, err = f.RoomsByID(f.ctx, rooms...)
	require.NoError(t, err)
	_, err = f.AddMembers(f.ctx, a.ID, 0, users...)
	require.NoError(t, err)
	_, err = f.Users(f.ctx, storage.UserQuery{Roles: roles})
	require.NoError(t, err)
	_, err = f.RoleHolders(f.ctx, storage.RoleQuery{Roles: roles, Permission: storage.PermissionConfigure})
	require.NoError(t, err)
	_, err = f.RoleHolders(f.ctx, storage.RoleQuery{Rooms: true, MemberRoles: ranks})
	require.NoError(t, err)
	_, err = f.Sanctions(f.ctx, storage.SanctionQuery{Kinds: kinds})
	require.NoError(t, err)
	m := f.say(a.ID, ann.ID, "hello", func(m *storage.Message) { m.Mentions = mentions })
	require.Equal(t, []storage.UserID{bob.ID, ann.ID}, m.Mentions)
	_, err = f.EditMessage(f.ctx, m.ID, ann.ID, storage.MessagePatch{Mentions: &mentions})
	require.NoError(t, err)
	if !f.backend.lacks(FeatureSearch) {
		_, err = f.SearchMessages(f.ctx, storage.SearchQuery{Text: "hello", Rooms: rooms})
		require.NoError(t, err)
	}
	require.Equal(t, before, []any{users, rooms, roles, ranks, mentions, kinds})
}
