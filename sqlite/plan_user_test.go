package sqlite

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/search"
)

func userPlans() map[string]accessPlan {
	users := func(q storage.UserQuery) list {
		s := backend.UserScan{UserQuery: q, Prefixes: search.Prefixes(q.Text), Scan: newestPage}
		if s.Desc = q.Order != storage.UsersByName; !s.Desc {
			s.After = &storage.Keyset{Text: "a", ID: [16]byte{1}}
		}
		return userList(s)
	}
	counts := func(q storage.UserQuery) list {
		return userCount(backend.UserScan{UserQuery: q, Prefixes: search.Prefixes(q.Text)})
	}
	since := time.Unix(1, 0)
	name, creation, seen := storage.UsersByName, storage.UsersByCreation, storage.UsersBySeen
	staff := []storage.Role{storage.RoleAdmin, storage.RoleModerator}
	const (
		byName     = "sqlite_autoindex_users_3 (username_folded>?)"
		byCreation = "users_by_creation (created_at<?)"
		bySeen     = "users_by_seen (<expr><?)"
		span       = "users_by_creation (created_at>? AND created_at<?)"
		word       = "user_words USING PRIMARY KEY (word>? AND word<?)"
	)
	return map[string]accessPlan{
		"users with roles by name":     {users(storage.UserQuery{Order: name, Roles: staff}), byName, false},
		"users with roles by creation": {users(storage.UserQuery{Order: creation, Roles: staff}), byCreation, false},
		"users with roles by seen":     {users(storage.UserQuery{Order: seen, Roles: staff}), bySeen, false},
		"active users by name":         {users(storage.UserQuery{Order: name, Active: new(true)}), byName, false},
		"active users by creation":     {users(storage.UserQuery{Order: creation, Active: new(true)}), byCreation, false},
		"active users by seen":         {users(storage.UserQuery{Order: seen, Active: new(true)}), bySeen, false},
		"deactivated users by name":    {users(storage.UserQuery{Order: name, Active: new(false)}), "users_deactivated (username_folded>?)", false},
		"users of late by seen":        {users(storage.UserQuery{Order: seen, SeenSince: since}), "users_by_seen (<expr>>? AND <expr><?)", false},
		"users of late by name":        {users(storage.UserQuery{Order: name, SeenSince: since}), byName, false},
		"new users by creation":        {users(storage.UserQuery{Order: creation, CreatedFrom: since, CreatedTo: since}), span, false},
		"new users by name":            {users(storage.UserQuery{Order: name, CreatedFrom: since, CreatedTo: since}), span, true},
		"users by words":               {users(storage.UserQuery{Order: name, Text: "ann smi"}), word, true},
		"count of roles":               {counts(storage.UserQuery{Roles: staff}), "users_by_role (role=?)", false},
		"count of late":                {counts(storage.UserQuery{SeenSince: since}), "users_by_seen (<expr>>?)", false},
		"count of new users":           {counts(storage.UserQuery{CreatedFrom: since}), "users_by_creation (created_at>?)", false},
		"count by words":               {counts(storage.UserQuery{Text: "ann"}), word, false},
	}
}

// blockQueries are what a server asks before it lets somebody speak to another.
var blockQueries = map[string]string{
	"has blocked":    hasBlockedSQL,
	"end of a block": deleteBlockSQL,
}

func blockPlans() map[string]accessPlan {
	user := storage.UserID{1}
	blocks := func(q storage.BlockQuery) list { return blockList(backend.BlockScan{BlockQuery: q, Scan: newestPage}) }
	return map[string]accessPlan{
		"blocks of a user":      {blocks(storage.BlockQuery{User: user}), "user_blocks_by_user (user_id=? AND created_at<?)", false},
		"blocks against a user": {blocks(storage.BlockQuery{Blocked: user}), "user_blocks_by_blocked (blocked_id=? AND created_at<?)", false},
		"one block":             {blocks(storage.BlockQuery{User: user, Blocked: user}), "PRIMARY KEY (user_id=? AND blocked_id=?)", false},
	}
}

func rolePlans() map[string]accessPlan {
	user, room := storage.UserID{1}, storage.RoomID{1}
	roles := func(q storage.RoleQuery, desc bool) list {
		q.Normalize()
		s := backend.RoleScan{RoleQuery: q, AfterRoom: room, Scan: newestPage}
		if s.Desc = desc; q.Rooms {
			return roomRoles(s)
		}
		return serverRoles(s)
	}
	const seek = "(role,id)"
	owners := []storage.MemberRole{storage.MemberOwner}
	everybody := []storage.MemberRole{storage.MemberMember, storage.MemberGuest}
	return map[string]accessPlan{
		"roles":               {roles(storage.RoleQuery{}, false), seek, false},
		"roles before":        {roles(storage.RoleQuery{}, true), seek, false},
		"roles apart":         {roles(storage.RoleQuery{Roles: []storage.Role{storage.RoleAdmin, storage.RoleGuest}}, false), seek, false},
		"roles by permission": {roles(storage.RoleQuery{Permission: storage.PermissionInvite}, false), seek, false},
		"role of a user":      {roles(storage.RoleQuery{User: user}, false), "sqlite_autoindex_users_1 (id=?", false},
		"roles in rooms":      {roles(storage.RoleQuery{Rooms: true}, false), "room_memberships_by_rank (room_key=? AND role<?)", true},
		"rooms by identifier": {roles(storage.RoleQuery{Rooms: true}, true), "sqlite_autoindex_rooms_1 (id<?)", true},
		"owners":              {roles(storage.RoleQuery{Rooms: true, MemberRoles: owners}, false), "room_memberships_by_rank (room_key=? AND role<?)", true},
		"roles in a room":     {roles(storage.RoleQuery{Room: room}, false), "room_memberships_by_rank (room_key=? AND role<?)", true},
		"others in a room":    {roles(storage.RoleQuery{Room: room, MemberRoles: everybody}, false), "PRIMARY KEY (room_key=?)", true},
		"a user's in rooms":   {roles(storage.RoleQuery{Rooms: true, User: user}, false), "room_memberships_by_user (user_key=?)", true},
		"a user's in a room":  {roles(storage.RoleQuery{Room: room, User: user}, false), "sqlite_autoindex_rooms_1 (id=?", true},
	}
}

// activityQueries look at what is one user's.
var activityQueries = map[string]string{
	"messages of a user":    authoredTotalsSQL,
	"reactions of a user":   reactionTotalSQL,
	"attachments of a user": attachmentTotalsSQL,
	"sanctions of a user":   sanctionTotalSQL,
}

func activityPlans() map[string]accessPlan {
	user := storage.UserID{1}
	created := from("count(*)", "rooms AS r")
	created.whereRooms(backend.RoomScan{RoomQuery: storage.RoomQuery{Creator: user}})
	logins := backend.LoginScan{LoginQuery: storage.LoginQuery{User: user, Success: new(true)}, Scan: backend.Scan{Desc: true, Limit: 1}}
	members := from("count(*)", "room_memberships AS m")
	members.whereMemberships(backend.MembershipScan{MembershipQuery: storage.MembershipQuery{User: user}})
	return map[string]accessPlan{
		"rooms created by a user": {created, "rooms_by_creator (creator_key=?)", false},
		"rooms of a user":         {members, "room_memberships_by_user (user_key=?)", false},
		"last login of a user":    {loginList(logins), "login_attempts_by_user (user_id=?", false},
	}
}

func TestPlansOfUsers(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	checkPlans(t, e, blockQueries, "of an empty store")
	checkLists(t, e, blockPlans())
	checkLists(t, e, rolePlans())
	checkLists(t, e, userPlans())
	deactivated, _, err := userCount(backend.UserScan{UserQuery: storage.UserQuery{Active: new(false)}}).ToSql()
	require.NoError(t, err)
	require.Equal(t, []string{"SCAN u USING COVERING INDEX users_deactivated"}, plan(t, e, deactivated), "of these alone")
	checkPlans(t, e, activityQueries, "of an empty store")
	checkLists(t, e, activityPlans())
}
