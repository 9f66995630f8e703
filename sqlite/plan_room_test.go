package sqlite

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// What a list sorts.
const (
	sortsNothing = ""
	sortsTies    = "TERMS OF ORDER BY|LAST TERM OF ORDER BY" // those that are equal in the index
	sortsFew     = "FOR ORDER BY"                            // what one user, one word or one time selects
)

// orderPlan is what finds the rows of a list, and what of them is sorted.
type orderPlan struct{ step, sorts string }

// roomOrderPlans are what each order of rooms walks where nothing narrower is
// asked for.
var roomOrderPlans = map[storage.RoomOrder]orderPlan{
	storage.RoomsByName:     {"rooms_by_name (name_folded>?)", sortsNothing},
	storage.RoomsByCreation: {"rooms_by_creation (created_at<?)", sortsNothing},
	storage.RoomsByActivity: {"room_counters_by_hour (active_hour<?)", sortsTies},
	storage.RoomsByMembers:  {"rooms_by_members (member_count<?)", sortsNothing},
}

// wideRooms are the conditions that are asked of each room on the way.
func wideRooms() map[string]storage.RoomQuery {
	return map[string]storage.RoomQuery{
		"all": {}, "of a type": {Types: []storage.RoomType{storage.RoomGroup}},
		"of privacies": {Privacies: []storage.Privacy{storage.PrivacyPublic, storage.PrivacyProtected}},
		"inactive":     {Active: new(false)}, "not expired": {Expired: new(false)},
		"visible": {VisibleTo: storage.UserID{1}},
	}
}

// narrowRooms are the conditions that select few, and what finds these.
func narrowRooms() map[string]struct {
	q    storage.RoomQuery
	step string
} {
	type narrow = struct {
		q    storage.RoomQuery
		step string
	}
	user := storage.UserID{1}
	return map[string]narrow{
		"of a member":            {storage.RoomQuery{Member: user}, "room_memberships_by_user (user_key=?)"},
		"of a creator":           {storage.RoomQuery{Creator: user}, "rooms_by_creator (creator_key=?)"},
		"expired":                {storage.RoomQuery{Expired: new(true)}, "rooms_by_expiry (expires_at<?)"},
		"expired of a member":    {storage.RoomQuery{Expired: new(true), Member: user}, "room_memberships_by_user (user_key=?)"},
		"of words":               {storage.RoomQuery{Text: "a b"}, "SEARCH room_words USING PRIMARY KEY (word>? AND word<?)"},
		"of a member, and words": {storage.RoomQuery{Text: "a b", Member: user}, "room_memberships_by_user (user_key=? AND room_key=?)"},
		"of words, and visible":  {storage.RoomQuery{Text: "a b", VisibleTo: user}, "SEARCH room_words USING PRIMARY KEY (word>? AND word<?)"},
	}
}

// TestPlansOfRooms looks at every condition in every order, with statistics and
// without.
func TestPlansOfRooms(t *testing.T) {
	t.Parallel()
	eachStatistics(t, func(e *engine, when string) {
		for order, want := range roomOrderPlans {
			for name, q := range wideRooms() {
				q.Order = order
				wantOrder(t, e, fmt.Sprint("rooms ", name, " by ", order, when), roomScanPlan(q), want)
			}
			for name, c := range narrowRooms() {
				c.q.Order = order
				wantOrder(t, e, fmt.Sprint("rooms ", name, " by ", order, when), roomScanPlan(c.q), orderPlan{c.step, sortsFew})
			}
		}
		for name, c := range narrowRooms() {
			s := backend.RoomScan{RoomQuery: c.q, Prefixes: strings.Fields(c.q.Text)}
			wantOrder(t, e, fmt.Sprint("number of rooms ", name, when), roomCountList(s), orderPlan{c.step, sortsNothing})
		}
	})
}

// roomScanPlan is a page of a list of rooms that is not the first.
func roomScanPlan(q storage.RoomQuery) list {
	s := newestPage
	s.Desc = q.Order != storage.RoomsByName
	return roomList(backend.RoomScan{RoomQuery: q, Prefixes: strings.Fields(q.Text), Scan: s})
}

// TestPlansOfMembers does the same for memberships.
func TestPlansOfMembers(t *testing.T) {
	t.Parallel()
	user, room := storage.UserID{1}, storage.RoomID{1}
	high, any := []storage.MemberRole{storage.MemberOwner, storage.MemberAdmin}, []storage.MemberRole{storage.MemberOwner, storage.MemberGuest}
	since := time.Unix(1, 0)
	const rank = "room_memberships_by_rank (room_key=? AND role=?)"
	joining := orderPlan{"room_memberships_by_joining (room_key=? AND joined_at>?)", sortsTies}
	activity := orderPlan{"room_memberships_by_activity (room_key=? AND <expr><?)", sortsTies}
	ofUser := orderPlan{"room_memberships_by_user (user_key=?)", sortsFew}
	eachStatistics(t, func(e *engine, when string) {
		for name, c := range map[string]struct {
			q        storage.MembershipQuery
			joining  orderPlan
			activity orderPlan
			count    string // what finds those that are counted
		}{
			"in a room":               {storage.MembershipQuery{Room: room}, joining, activity, ""},
			"above others":            {storage.MembershipQuery{Room: room, Roles: high}, orderPlan{rank, sortsFew}, orderPlan{rank, sortsFew}, rank},
			"with roles":              {storage.MembershipQuery{Room: room, Roles: any}, joining, activity, "(room_key=?"},
			"active in a room":        {storage.MembershipQuery{Room: room, ActiveSince: since}, joining, orderPlan{"room_memberships_by_activity (room_key=? AND <expr>>? AND <expr><?)", sortsTies}, "room_memberships_by_activity (room_key=? AND <expr>>?)"},
			"of a user":               {storage.MembershipQuery{User: user}, ofUser, ofUser, "room_memberships_by_user (user_key=?)"},
			"of a user, with roles":   {storage.MembershipQuery{User: user, Roles: high}, ofUser, ofUser, "room_memberships_by_user (user_key=?)"},
			"of a user, where active": {storage.MembershipQuery{User: user, ActiveSince: since}, ofUser, ofUser, "room_memberships_by_user (user_key=?)"},
		} {
			for order, want := range map[storage.MembershipOrder]orderPlan{storage.MembersByJoining: c.joining, storage.MembersByActivity: c.activity} {
				s := backend.MembershipScan{MembershipQuery: c.q, Scan: newestPage}
				s.Order, s.Scan.Desc = order, order == storage.MembersByActivity
				wantOrder(t, e, fmt.Sprint("members ", name, " by ", order, when), membershipList(s), want)
				if c.count != "" {
					wantOrder(t, e, fmt.Sprint("number of members ", name, when), memberCountList(s), orderPlan{c.count, sortsNothing})
				}
			}
		}
	})
}

// eachStatistics runs a test on a store without statistics and on one with those
// of a few rows.
func eachStatistics(t *testing.T, run func(e *engine, when string)) {
	t.Helper()
	e := openEngine(t, nil)
	run(e, "")
	populate(t, e, 40)
	_, err := e.Update(t.Context(), func(r backend.Rows) error { return r.(*rows).c.exec(`ANALYZE`, nil) })
	require.NoError(t, err)
	require.NoError(t, e.Close())
	run(openEngineAt(t, e.source.path, nil), ", with statistics")
}

// wantOrder requires that a list is found as it should, and that no more than
// that is sorted.
func wantOrder(t *testing.T, e *engine, name string, l list, want orderPlan) {
	t.Helper()
	sql, _, err := l.ToSql()
	require.NoError(t, err)
	steps := strings.Join(plan(t, e, sql), "\n")
	assert.Contains(t, steps, want.step, "%s:%s", name, sql)
	// The rooms of a word, each once, are walked when they have been looked up.
	steps = strings.ReplaceAll(steps, "USE TEMP B-TREE FOR DISTINCT\nSCAN w\n", "")
	assert.NotContains(t, steps, "SCAN", "%s:%s", name, sql)
	if want.sorts == sortsNothing {
		assert.NotContains(t, steps, "TEMP B-TREE", "%s:%s", name, sql)
		return
	}
	assert.Regexp(t, "USE TEMP B-TREE.*("+want.sorts+")", steps, "%s:%s", name, sql)
}
