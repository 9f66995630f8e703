package sqlite

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// accessQueries are what those wait for who come in, and what a send asks.
var accessQueries = map[string]string{
	"direct room":           directRoomSQL,
	"invite":                inviteByIDSQL,
	"invite by code":        inviteByCodeSQL,
	"use of an invite":      updateInviteSQL,
	"sanction":              sanctionByIDSQL,
	"sanctions in force":    activeSanctionsSQL,
	"end of a sanction":     updateSanctionSQL,
	"remains of an invite":  forgetInviteSQL,
	"remains of a sanction": forgetSanctionSQL,
	"end of remains":        forgetRoomSQL,
	"latest by an author":   latestByAuthorSQL,
}

// accessPlan is a list with a step that its plan must have, and whether it may
// sort.
type accessPlan struct {
	list
	step string
	sort bool
}

// newestPage is a page of a list whose newest come first.
var newestPage = backend.Scan{Limit: 51, Desc: true, After: &storage.Keyset{Int: 1, ID: [16]byte{1}}}

func invitePlans() map[string]accessPlan {
	user, room := storage.UserID{1}, storage.RoomID{1}
	invites := func(q storage.InviteQuery, email string) list {
		return inviteList(backend.InviteScan{InviteQuery: q, Email: email, Scan: newestPage})
	}
	return map[string]accessPlan{
		"invites":                   {invites(storage.InviteQuery{}, ""), "room_invites_by_creation (created_at<?)", false},
		"live invites":              {invites(storage.InviteQuery{Live: new(true)}, ""), "room_invites_by_creation (created_at<?)", false},
		"invites to a room":         {invites(storage.InviteQuery{Room: room}, ""), "room_invites_by_room (room_key=? AND created_at<?)", false},
		"dead invites to a room":    {invites(storage.InviteQuery{Room: room, Live: new(false)}, ""), "room_invites_by_room (room_key=? AND created_at<?)", false},
		"invites by an inviter":     {invites(storage.InviteQuery{Inviter: user}, ""), "room_invites_by_inviter (inviter_key=? AND created_at<?)", false},
		"invites of an invitee":     {invites(storage.InviteQuery{Invitee: user}, ""), "room_invites_by_invitee (invitee_key=?)", true},
		"invites to an address":     {invites(storage.InviteQuery{Invitee: user}, "x@y"), "room_invites_by_email (email_folded=?)", true},
		"invites to a user, either": {invites(storage.InviteQuery{Invitee: user}, "x@y"), "room_invites_by_invitee (invitee_key=?)", true},
	}
}

func sanctionPlans() map[string]accessPlan {
	user, room := storage.UserID{1}, storage.RoomID{1}
	sanctions := func(q storage.SanctionQuery) list {
		return sanctionList(backend.SanctionScan{SanctionQuery: q, Scan: newestPage})
	}
	return map[string]accessPlan{
		"sanctions":                {sanctions(storage.SanctionQuery{}), "user_moderation_by_creation (created_at<?)", false},
		"sanctions everywhere":     {sanctions(storage.SanctionQuery{Everywhere: true}), "user_moderation_by_creation (created_at<?)", false},
		"sanctions against a user": {sanctions(storage.SanctionQuery{User: user}), "user_moderation_by_user (user_key=? AND created_at<?)", false},
		"a user's in force":        {sanctions(storage.SanctionQuery{User: user, InForce: true}), "user_moderation_by_user (user_key=? AND created_at<?)", false},
		"sanctions in a room":      {sanctions(storage.SanctionQuery{Room: room}), "user_moderation_by_room (room_key=? AND created_at<?)", false},
		"bans in a room": {
			sanctions(storage.SanctionQuery{Room: room, Kinds: []storage.SanctionKind{storage.SanctionBan}}),
			"user_moderation_by_room (room_key=? AND created_at<?)", false,
		},
		"sanctions by a moderator": {sanctions(storage.SanctionQuery{Moderator: user}), "user_moderation_by_moderator (moderator_key=? AND created_at<?)", false},
	}
}

func roomPlans() map[string]accessPlan {
	user := storage.UserID{1}
	rooms := func(q storage.RoomQuery) list {
		s := newestPage
		s.Desc = q.Order != storage.RoomsByName
		return roomList(backend.RoomScan{RoomQuery: q, Scan: s})
	}
	name, creation := storage.RoomsByName, storage.RoomsByCreation
	return map[string]accessPlan{
		"visible by name":     {rooms(storage.RoomQuery{VisibleTo: user, Order: name}), "rooms_by_name (name_folded>?)", false},
		"visible by creation": {rooms(storage.RoomQuery{VisibleTo: user, Order: creation}), "rooms_by_creation (created_at<?)", false},
		"visible: invites":    {rooms(storage.RoomQuery{VisibleTo: user, Order: creation}), "room_invites_by_email (email_folded=?)", false},
		"visible: bans":       {rooms(storage.RoomQuery{VisibleTo: user, Order: creation}), "user_moderation_standing (user_key=?)", false},
		"expired by name":     {rooms(storage.RoomQuery{Expired: new(true), Order: name}), "rooms_by_expiry (expires_at<?)", true},
		"expired by activity": {rooms(storage.RoomQuery{Expired: new(true), Order: storage.RoomsByActivity}), "rooms_by_expiry (expires_at<?)", true},
		"expired of a member": {rooms(storage.RoomQuery{Expired: new(true), Member: user, Order: name}), "room_memberships_by_user (user_key=?)", true},
		"not expired":         {rooms(storage.RoomQuery{Expired: new(false), Order: creation}), "rooms_by_creation (created_at<?)", false},
		"of a creator":        {rooms(storage.RoomQuery{Creator: user, Order: name}), "rooms_by_creator (creator_key=?)", true},
	}
}

// endings are the statements by which rooms and readers go.
func endings() map[string]string {
	all := make(map[string]string)
	for name, queries := range map[string][]string{
		"end of a room": deleteRoomSQL, "remains of a room": sweepRemainsSQL, "end of a reader": forgetReaderSQL,
	} {
		for i, sql := range queries {
			all[fmt.Sprint(name, " ", i)] = sql
		}
	}
	return all
}

func TestPlansOfAccess(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	checkPlans(t, e, accessQueries, "of an empty store")
	checkPlans(t, e, endings(), "of an empty store")
	for _, plans := range []map[string]accessPlan{invitePlans(), sanctionPlans(), roomPlans()} {
		checkLists(t, e, plans)
	}
	assert.Contains(t, plan(t, e, activeSanctionsSQL)[0], "user_moderation_standing (user_key=?)")
	assert.Contains(t, plan(t, e, latestByAuthorSQL)[0], "messages_by_author (author_key=? AND rowid>? AND rowid<?)")
	assert.Contains(t, strings.Join(plan(t, e, directRoomSQL), "\n"), "SEARCH d USING PRIMARY KEY (low_key=? AND high_key=?)")
}
