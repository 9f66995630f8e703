package sqlite

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// statsQueries are what writes pay for statistics, and what statistics of
// messages read. Those of users and rooms read all users and rooms.
var statsQueries = map[string]string{
	"cell":               cellSQL,
	"cells":              walkCellsSQL,
	"end of a cell":      removeCellSQL,
	"folding":            foldingSQL,
	"log":                logSQL,
	"end of the log":     appendLogSQL,
	"rows to seal":       sealUpToSQL,
	"seal":               sealSQL,
	"mark":               markSQL,
	"folded":             foldedSQL[0],
	"last folded":        foldedSQL[1],
	"messages over":      overSQL,
	"room of a key":      roomOfKeySQL,
	"user of a key":      userOfKeySQL,
	"new users":          newUsersSQL,
	"users seen of late": seenUsersSQL,
	"new rooms":          newRoomsSQL,
}

func TestPlansOfStats(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	checkPlans(t, e, statsQueries, "of an empty store")
	assert.Equal(t, []string{
		"SEARCH rollups USING PRIMARY KEY ((kind,period,a,b)>(?,?,?,?) AND (kind,period,a,b)<(?,?,?,?))",
	}, plan(t, e, walkCellsSQL), "from one cell to another, and no further")
	assert.Contains(t, strings.Join(plan(t, e, overSQL), "\n"), "messages_by_expiry (expires_at<?)")
	assert.Equal(t, []string{"SCAN deleted_rooms"}, plan(t, e, deadRoomsSQL), "which are few")
}
