package sqlite

import (
	"math"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend/rollup"
)

const countedMessagesSQL = `
SELECT m.created_at, m.key >> 32, ifnull(u.key, 0), m.type
FROM messages AS m NOT INDEXED
LEFT JOIN users AS u ON u.key = m.author_key
WHERE m.deleted_at IS NULL`

// emptyRollupsSQL takes away what is counted. The last row of the log keeps its
// key.
var emptyRollupsSQL = []string{
	`DELETE FROM rollups`,
	`DELETE FROM rollup_log
WHERE key < (SELECT max(key) FROM rollup_log)`,
	`UPDATE rollup_log
SET deltas = x'', count = 0`,
	`UPDATE rollup_fold
SET sealed = (SELECT ifnull(max(key), 0) FROM rollup_log), kind = NULL, period = NULL, a = NULL, b = NULL
WHERE one = 1`,
}

// rebuildRollups counts all messages anew. What else happened stays as it is.
func (r *rows) rebuildRollups() error {
	deltas, err := r.events()
	if err != nil {
		return err
	}
	r.plan = nil
	for _, sql := range emptyRollupsSQL {
		if err := r.c.exec(sql, nil); err != nil {
			return err
		}
	}
	err = r.c.query(countedMessagesSQL, nil, func(row *row) error {
		deltas = append(deltas, rollup.MessageDelta(row.time(), row.int(), row.int(), storage.MessageType(row.int()), 1))
		if len(deltas) < maxSealed {
			return nil
		}
		err := rollup.FoldAll(r.cells(), deltas)
		deltas = deltas[:0]
		return err
	})
	if err != nil {
		return err
	}
	return rollup.FoldAll(r.cells(), deltas)
}

// events returns what is counted beside messages.
func (r *rows) events() (all []rollup.Delta, err error) {
	if err := r.flushDeltas(); err != nil {
		return nil, err
	}
	s := rollup.Source{Cells: r.cells()}
	if s.Tail, err = r.tail(rollup.Of{}); err != nil {
		return nil, err
	}
	err = s.Events(math.MinInt64, func(more []rollup.Delta) (bool, error) {
		all = append(all, more...)
		return true, nil
	})
	return all, err
}
