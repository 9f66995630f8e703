package sqlite

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// dumpedAs tells for each table how a dump carries it: as records of a kind, or
// as words say. A table that is added has to be thought of here.
var dumpedAs = map[string]string{
	"users":                 storage.RawUsers.String(),
	"user_blocks":           storage.RawBlocks.String(),
	"rooms":                 storage.RawRooms.String(),
	"room_counters":         storage.RawRooms.String(), // counts and ordinals are counted
	"direct_rooms":          storage.RawRooms.String(), // Pair
	"room_memberships":      storage.RawMemberships.String(),
	"file_attachments":      storage.RawAttachments.String(),
	"deleted_room_files":    storage.RawLeftovers.String(),
	"purged_messages":       storage.RawStubs.String(),
	"messages":              storage.RawMessages.String(),
	"message_revisions":     storage.RawRevisions.String(),
	"message_reactions":     storage.RawReactions.String(),
	"message_read_receipts": storage.RawReceipts.String(),
	"read_ranges":           storage.RawReceipts.String(),
	"former_members":        storage.RawReceipts.String(), // those of receipts
	"room_invites":          storage.RawInvites.String(),
	"user_moderation":       storage.RawSanctions.String(),
	"legal_holds":           storage.RawHolds.String(),
	"sessions":              storage.RawSessions.String(),
	"login_attempts":        storage.RawLogins.String(),
	"server_config":         storage.RawConfigs.String(),
	"audit_log":             storage.RawAudit.String(),
	"audit_head":            storage.RawAuditHeads.String(),
	"changes":               storage.RawChanges.String(),
	"changes_pruned":        storage.RawPruned.String(),
	"room_stays":            storage.RawStays.String(),
	"change_consumers":      storage.RawConsumers.String(),
	"rollups":               storage.RawActivities.String(), // messages are counted
	"rollup_log":            storage.RawActivities.String(),
	"counters":              storage.RawChangeHeads.String(), // the one of changes; others are of the file
	"user_words":            "of the users",
	"room_words":            "of the rooms",
	"audit_words":           "of the audit log",
	"message_mentions":      "of the messages",
	"mention_chunks":        "of the messages",
	"message_tags":          "of the messages",
	"message_threads":       "of the messages",
	"backdated_messages":    "of the messages",
	"messages_fts_1":        "of the messages",
	"messages_fts_2":        "of the messages",
	"search_indexes":        "of the file",
	"rollup_fold":           "of the file",
	"deleted_rooms":         "never: stays say what there is to say of them",
	"goose_db_version":      "of the file",
	"sqlite_sequence":       "of the file",
}

func TestEveryTableIsDumped(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	look := func(row *row) error {
		name := row.text()
		for _, shadow := range []string{"_data", "_idx", "_docsize", "_config", "_content"} {
			if base := strings.TrimSuffix(name, shadow); strings.HasPrefix(base, "messages_fts_") {
				name = base
			}
		}
		found[name] = true
		assert.Contains(t, dumpedAs, name, "a table that dumps do not know of")
		return nil
	}
	require.NoError(t, openEngine(t, nil).Read(t.Context(), func(r backend.Rows) error {
		return r.(*rows).c.query(`SELECT name FROM sqlite_schema WHERE type = 'table'`, nil, look)
	}))
	kinds := map[string]bool{}
	for table, as := range dumpedAs {
		kinds[as] = true
		assert.True(t, found[table] || strings.HasPrefix(table, "messages_fts_"), "there is no table %s", table)
	}
	for kind := storage.RawUsers; kind.Valid(); kind++ {
		assert.True(t, kinds[kind.String()], "no table is dumped as %s", kind)
	}
}

// A page of a dump begins where the one before has ended: nothing is read that is
// not in it, but for what deleted rooms have left.
func TestPlansOfRaw(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	queries := map[string]string{
		"users": rawUsersSQL, "blocks": rawBlocksSQL, "rooms": rawRoomsSQL, "memberships": rawMembershipsSQL,
		"leftovers": rawLeftoversSQL, "stubs": rawStubsSQL, "messages": rawMessagesSQL, "carried": rawCarriedSQL,
		"mentioned": rawMentionedSQL, "revisions": rawRevisionsSQL, "reactions": rawReactionsSQL, "rooms of receipts": roomFromSQL,
		"ranges": rawReadSQL[0], "own messages": rawReadSQL[1], "single receipts": rawReadSQL[2], "passes": passesSQL,
		"invites": rawInvitesSQL, "sessions": rawSessionsSQL, "pruned": rawPrunedSQL, "stays": rawStaysSQL,
		"taken": takenSQL, "restorable": restorableSQL, "carried again": restoreCarriedSQL, "overlapping": overlappingSQL,
		"former readers": formerReaderSQL,
	}
	checkPlans(t, e, queries, "of an empty store")
	populate(t, e, 40)
	_, err := e.Update(t.Context(), func(r backend.Rows) error { return r.(*rows).c.exec(`ANALYZE`, nil) })
	require.NoError(t, err)
	require.NoError(t, e.Close())
	checkPlans(t, openEngineAt(t, e.source.path, nil), queries, "with statistics")
}
