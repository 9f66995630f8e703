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

var auditQueries = map[string]string{
	"head of the audit log":    auditHeadSQL,
	"move of the head":         moveAuditHeadSQL,
	"audit chain":              auditChainSQL,
	"recent audit entries":     newAuditSQL,
	"entries of an actor":      auditOfActorSQL,
	"entries about a user":     auditOfUserSQL,
	"erasing of an entry":      eraseAuditSQL,
	"words of an entry":        auditWordsSQL,
	"end of words":             deleteAuditWordsSQL,
	"oldest audit entries":     oldestAuditSQL,
	"pruning of audit words":   pruneAuditWordsSQL,
	"pruning of audit entries": pruneAuditSQL,
	"move of the beginning":    setAuditPrunedSQL,
}

// auditFilters are conditions, and what finds them.
func auditFilters() map[string]struct {
	query storage.AuditQuery
	step  string
} {
	type filter = struct {
		query storage.AuditQuery
		step  string
	}
	user, room, at := storage.UserID{1}, storage.RoomID{1}, time.Unix(1, 0)
	return map[string]filter{
		"all":             {storage.AuditQuery{}, "audit_log_by_creation (created_at"},
		"an actor's":      {storage.AuditQuery{Actor: user}, "audit_log_by_actor (actor_id=? AND created_at"},
		"of a kind":       {storage.AuditQuery{TargetKind: storage.EntityUser}, "audit_log_by_kind (target_kind=? AND created_at"},
		"of a target":     {storage.AuditQuery{TargetID: "x"}, "audit_log_by_target (target_id=? AND created_at"},
		"a room's":        {storage.AuditQuery{Room: room}, "audit_log_by_room (room_id=? AND created_at"},
		"of an action":    {storage.AuditQuery{Actions: []string{"x"}}, "audit_log_by_action (action=? AND created_at"},
		"of some actions": {storage.AuditQuery{Actions: []string{"x", "y"}}, "audit_log_by_creation (created_at"},
		"of a time":       {storage.AuditQuery{From: at, To: at}, "audit_log_by_creation (created_at>? AND created_at<?)"},
		"an actor's of a time": {
			storage.AuditQuery{Actor: user, From: at, To: at}, "audit_log_by_actor (actor_id=? AND created_at>? AND created_at<?)",
		},
		"everything": {
			storage.AuditQuery{Actor: user, TargetKind: "x", TargetID: "x", Room: room, Actions: []string{"x"}, From: at, To: at}, "=? AND created_at>? AND created_at<?)",
		},
	}
}

func TestPlansOfAudit(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	checkPlans(t, e, auditQueries, "of an empty store")
	stop := &storage.Keyset{Int: 1}
	for name, f := range auditFilters() {
		for _, desc := range []bool{false, true} {
			s := backend.AuditScan{AuditQuery: f.query, Walk: 10, Scan: newestPage}
			s.Desc = desc
			checkLists(t, e, map[string]accessPlan{
				name + ", listed":   {auditList(s, nil), f.step, false},
				name + ", how far":  {auditStop(s), f.step, false},
				name + ", from top": {auditList(backend.AuditScan{AuditQuery: f.query, Scan: backend.Scan{Desc: desc, Limit: 51, After: stop}}, nil), f.step, false},
			})
			s.Prefixes = []string{"a", "b"}
			l := auditList(s, stop)
			checkLists(t, e, map[string]accessPlan{name + ", by words": {l, f.step, false}})
			sql, _, err := l.ToSql()
			require.NoError(t, err)
			steps := strings.Join(plan(t, e, sql), "\n")
			assert.Equal(t, 2, strings.Count(steps, "PRIMARY KEY (position=? AND word>? AND word<?)"), "words of one entry: %s", steps)
		}
		if f.query.TargetKind == "" || f.query.Room.IsZero() {
			checkCounts(t, e, name, f.query)
		}
	}
}

// checkCounts requires that counts read no whole table, but where all is
// counted.
func checkCounts(t *testing.T, e *engine, name string, q storage.AuditQuery) {
	t.Helper()
	s := backend.AuditScan{AuditQuery: q}
	for _, prefixes := range [][]string{nil, {"a", "b"}} {
		s.Prefixes = prefixes
		sql, _, err := auditCount(s).ToSql()
		require.NoError(t, err)
		steps := strings.Join(plan(t, e, sql), "\n")
		if all := len(q.Actions) != 1 && q.Actor.IsZero() && q.Room.IsZero() && q.TargetID == "" && q.TargetKind == "" && q.From.IsZero(); all && prefixes == nil {
			continue
		}
		assert.NotContains(t, steps, "SCAN", "count of %s: %s", name, sql)
		assert.NotContains(t, steps, "TEMP B-TREE", "count of %s", name)
	}
}
