package sqlite

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// eraseQueries are what a batch of an erasure asks, and what an export does.
var eraseQueries = map[string]string{
	"attachments left":                attachmentsLeftSQL,
	"message to disown":               disownMessageSQL,
	"sessions to trim":                trimSessionsSQL,
	"logins to trim":                  trimLoginsSQL,
	"logins of nobody to trim":        trimLoginsOfNobodySQL,
	"invites to trim":                 trimInvitesSQL,
	"invites to an address to trim":   trimInvitesToAddressSQL,
	"blocks to trim":                  trimBlocksSQL,
	"blocks against a user to trim":   trimBlocksAgainstSQL,
	"receipts to trim":                trimReceiptsSQL,
	"read ranges to trim":             trimRangesSQL,
	"sanctions to trim":               trimSanctionsSQL,
	"mentions to trim":                trimMentionsSQL,
	"emoji to forget":                 forgetEmojiOfSQL,
	"next room that was written in":   nextAuthoredSQL,
	"next room that was mentioned in": nextMentionedSQL,
	"next room that was reacted in":   nextReactedSQL,
}

func tracePlans() map[string]accessPlan {
	page := backend.Scan{Limit: 51, After: &storage.Keyset{Int: 1, Text: "x"}}
	back := backend.Scan{Limit: 51, Desc: true, After: page.After}
	in := func(s backend.Scan) backend.TraceScan {
		return backend.TraceScan{Room: storage.RoomID{1}, User: storage.UserID{1}, Scan: s}
	}
	const reactions, receipts = "message_reactions_by_user (user_key=? AND key>? AND key<?)", "SEARCH m USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"
	return map[string]accessPlan{
		"reactions of a user":           {userReactions(backend.TraceScan{User: storage.UserID{1}, Scan: backend.Scan{Limit: 9}}), "message_reactions_by_user (user_key=?)", false},
		"reactions of a user in a room": {userReactions(in(page)), reactions, false},
		"the same, backwards":           {userReactions(in(back)), reactions, false},
		"receipts of a user in a room":  {stretchList(in(page), page.After), receipts, false},
		"receipts, backwards":           {stretchList(in(back), back.After), receipts, false},
	}
}

// Nothing that a batch asks grows with what is others', and none of it is sorted.
func TestPlansOfErasing(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	checkPlans(t, e, eraseQueries, "of an empty store")
	checkLists(t, e, tracePlans())
	for _, sql := range passingsSQL {
		checkPlans(t, e, map[string]string{"what has passed messages": sql}, "of an empty store")
	}
	for sql, index := range map[string]string{
		forgetEmojiOfSQL: "changes_emoji_by_user (user_id=?)",
		nextAuthoredSQL:  "messages_by_author (author_key=? AND rowid>?)",
		nextReactedSQL:   "message_reactions_by_user (user_key=? AND key>?)",
	} {
		assert.Contains(t, strings.Join(plan(t, e, sql), "\n"), index)
	}
	author := purgeList(backend.PurgeScan{PurgeQuery: storage.PurgeQuery{Author: storage.UserID{1}}, First: -1, Limit: 9}, 1, 0)
	checkLists(t, e, map[string]accessPlan{"messages of an author": {author, "messages_by_author (author_key=?)", false}})
	written := messageList(messageColumns, backend.MessageScan{MessageQuery: storage.MessageQuery{
		Room: storage.RoomID{1}, Author: storage.UserID{1}, WithDeleted: true,
	}}, everything)
	written.scan(order{column: "m.key"}, backend.Scan{Limit: 51})
	checkLists(t, e, map[string]accessPlan{
		"messages of an author in a room": {written, "messages_by_author (author_key=? AND rowid>? AND rowid<?)", false},
	})
}
