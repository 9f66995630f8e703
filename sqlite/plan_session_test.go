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

// sessionQueries are what requests begin with, and what ends sessions.
var sessionQueries = map[string]string{
	"session":             sessionByIDSQL,
	"session by token":    sessionByTokenSQL,
	"touch":               touchSessionSQL,
	"change of a session": updateSessionSQL,
	"sessions to revoke":  unrevokedSQL,
	"revocation":          revokeSessionSQL,
	"end of a session":    deleteSessionSQL,
	"sessions that ended": deleteEndedSessionsSQL,
	"sessions of late":    newSessionsSQL,
}

func sessionPlans() map[string]accessPlan {
	user := storage.UserID{1}
	since := time.Unix(1, 0)
	sessions := func(q storage.SessionQuery) list {
		return sessionList(backend.SessionScan{SessionQuery: q, Scan: newestPage})
	}
	counts := func(q storage.SessionQuery) list {
		return sessionCount(backend.SessionScan{SessionQuery: q})
	}
	const byUser = "sessions_by_user (user_id=? AND created_at<?)"
	return map[string]accessPlan{
		"sessions":                 {sessions(storage.SessionQuery{}), "sessions_by_creation (created_at<?)", false},
		"live sessions":            {sessions(storage.SessionQuery{Live: new(true)}), "sessions_by_creation (created_at<?)", false},
		"active sessions":          {sessions(storage.SessionQuery{ActiveSince: since}), "sessions_by_creation (created_at<?)", false},
		"a user's":                 {sessions(storage.SessionQuery{User: user}), byUser, false},
		"a user's live":            {sessions(storage.SessionQuery{User: user, Live: new(true)}), byUser, false},
		"a user's over":            {sessions(storage.SessionQuery{User: user, Live: new(false), ActiveSince: since}), byUser, false},
		"count of a user's":        {counts(storage.SessionQuery{User: user}), "sessions_by_user (user_id=?)", false},
		"count of a user's live":   {counts(storage.SessionQuery{User: user, Live: new(true), ActiveSince: since}), "sessions_by_user (user_id=?)", false},
		"count of the active":      {counts(storage.SessionQuery{ActiveSince: since}), "sessions_by_activity (last_active_at>?)", false},
		"count of the active live": {counts(storage.SessionQuery{ActiveSince: since, Live: new(true)}), "sessions_by_activity (last_active_at>?)", false},
	}
}

// checkLists requires steps of the plans of lists, and that they read no whole
// table.
func checkLists(t *testing.T, e *engine, plans map[string]accessPlan) {
	t.Helper()
	for name, p := range plans {
		sql, _, err := p.ToSql()
		require.NoError(t, err)
		steps := strings.Join(plan(t, e, sql), "\n")
		assert.Contains(t, steps, p.step, "%s: %s", name, sql)
		assert.NotContains(t, steps, "SCAN", name)
		assert.Equal(t, p.sort, strings.Contains(steps, "TEMP B-TREE"), "%s sorts: %s", name, steps)
	}
}

func TestPlansOfSessions(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	checkPlans(t, e, sessionQueries, "of an empty store")
	checkLists(t, e, sessionPlans())
	assert.Equal(t, []string{"SEARCH s USING PRIMARY KEY (token_hash=?)"}, plan(t, e, sessionByTokenSQL))
	assert.Contains(t, strings.Join(plan(t, e, deleteEndedSessionsSQL), "\n"), "sessions_by_end (ends_at<?)")
	ends := map[string]string{}
	for i, sql := range deleteUserSQL {
		if sql != uncountReactionsSQL { // which sorts the reactions to one message
			ends[fmt.Sprint("end of a user ", i)] = sql
		}
	}
	checkPlans(t, e, ends, "of an empty store")
}
