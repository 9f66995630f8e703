package sqlite

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

func retentionPlans() map[string]accessPlan {
	s := backend.PurgeScan{
		PurgeQuery: storage.PurgeQuery{Room: storage.RoomID{1}, To: time.Unix(1, 0), KeepPinned: true}, First: -1, Limit: 11,
	}
	oldest := newestPage
	oldest.Desc = false
	return map[string]accessPlan{
		"ages of rooms":            {roomAgeList(oldest), "SEARCH r USING INDEX rooms_by_creation (created_at>?)", false},
		"ages: the oldest":         {roomAgeList(oldest), "SEARCH m USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)", false},
		"ages: of what is not":     {roomAgeList(oldest), "SEARCH b USING COVERING INDEX backdated_messages_by_time (<expr>=?)", false},
		"ages: holds":              {roomAgeList(oldest), "legal_holds_on_rooms (room_key=?)", false},
		"old in a room":            {risingList(s, 0), "SEARCH m USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)", false},
		"old, stored after others": {backdatedList(s, 0), "SEARCH b USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)", false},
	}
}

func TestPlansOfRetention(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	checkPlans(t, e, map[string]string{
		"old ones that were stored late": hasBackdatedSQL, "end of what was stored late": forgetBackdatedSQL,
		"before one that is restored": messagesBeforeSQL, "ended invites": deleteInvitesSQL, "ended sanctions": deleteSanctionsSQL,
		"first that is young": firstYoungSQL, "count of sessions": countSessionsSQL, "count of invites": countInvitesSQL,
		"count of sanctions": countSanctionsSQL, "count of what has expired in a room": countExpiredSQL,
	}, "of an empty store")
	checkLists(t, e, retentionPlans())
	assert.Contains(t, strings.Join(plan(t, e, countExpiredSQL), "\n"), "SEARCH m USING INDEX messages_by_expiry_in_room (<expr>=? AND expires_at<?)")
	assert.Contains(t, strings.Join(plan(t, e, deleteInvitesSQL), "\n"), "SEARCH i USING INDEX room_invites_by_end (<expr><?)")
	assert.Contains(t, strings.Join(plan(t, e, deleteSanctionsSQL), "\n"), "SEARCH s USING INDEX user_moderation_by_end (<expr><?)")
}

// TestMigrationFindsBackdated takes away which messages were stored late, and has
// the migration find them again.
func TestMigrationFindsBackdated(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	d := populate(t, e, 0)
	_, err := e.Update(t.Context(), func(r backend.Rows) error {
		d.r = r.(*rows)
		for i := range 60 {
			d.now = d.now.Add(time.Duration(i*37%11-4) * time.Minute)
			d.send()
		}
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, e.Close())
	before := backdatedKeys(t, e.source)
	require.Greater(t, len(before), 5)
	downTo(t, e.source, 21)
	again := openEngineAt(t, e.source.path, nil)
	require.NoError(t, again.Close())
	assert.Equal(t, before, backdatedKeys(t, e.source))
}

func backdatedKeys(t *testing.T, s *source) (keys [][2]int64) {
	t.Helper()
	c, err := s.writer()
	require.NoError(t, err)
	defer c.close()
	require.NoError(t, c.query(`SELECT key, created_at FROM backdated_messages ORDER BY key`, nil, func(r *row) error {
		keys = append(keys, [2]int64{r.int(), r.int()})
		return nil
	}))
	return keys
}
