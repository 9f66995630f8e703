package sqlite

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// holdQueries are what every deletion asks, and what is asked about holds.
var holdQueries = map[string]string{
	"hold":               holdSQL,
	"end of a hold":      updateHoldSQL,
	"any hold":           anyHoldSQL,
	"hold on a message":  messageHeldSQL,
	"hold on a file":     attachmentHeldSQL,
	"hold on a room":     roomHeldSQL,
	"hold on a user":     userHeldSQL,
	"files to take away": unattachedFilesSQL,
}

func holdPlans() map[string]accessPlan {
	user, room := storage.UserID{1}, storage.RoomID{1}
	holds := func(q storage.HoldQuery) list { return holdList(backend.HoldScan{HoldQuery: q, Scan: newestPage}) }
	deletions := messageList(messageColumns, backend.MessageScan{MessageQuery: storage.MessageQuery{Room: room}, Unheld: true}, everything)
	deletions.scan(order{column: "m.key"}, newestPage)
	return map[string]accessPlan{
		"holds":              {holds(storage.HoldQuery{}), "legal_holds_standing (created_at<?)", false},
		"all holds":          {holds(storage.HoldQuery{WithReleased: true}), "legal_holds_by_creation (created_at<?)", false},
		"holds on a room":    {holds(storage.HoldQuery{Room: room}), "legal_holds_by_room (room_id=? AND created_at<?)", false},
		"messages to delete": {deletions, "legal_holds_on_users (user_key=?)", false},
		"holds on a user":    {holds(storage.HoldQuery{User: user, WithReleased: true}), "legal_holds_by_user (user_id=? AND created_at<?)", false},
	}
}

func TestPlansOfHolds(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	checkPlans(t, e, holdQueries, "of an empty store")
	checkLists(t, e, holdPlans())
	steps := strings.Join(plan(t, e, messageHeldSQL), "\n")
	for _, step := range []string{
		"SEARCH m USING INDEX messages_by_id (id=?)",
		"SEARCH h USING INDEX legal_holds_on_rooms (room_key=?)",
		"SEARCH h USING INDEX legal_holds_on_users (user_key=?)",
		"SEARCH c USING INDEX file_attachments_by_message (message_key=?)",
	} {
		assert.Contains(t, steps, step)
	}
}
