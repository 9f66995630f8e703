package sqlite

import (
	"context"
	"errors"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const prunedSQL = `
SELECT position
FROM changes_pruned
WHERE subject = ?`

// Pruned implements backend.ChangeRows.
func (r *rows) Pruned(_ context.Context, subject [16]byte) (at storage.Position, err error) {
	err = r.c.one(prunedSQL, func(a *args) { a.blob(subject[:]) }, func(row *row) error {
		at = storage.Position(row.int())
		return nil
	})
	if errors.Is(err, storage.ErrNotFound) {
		return 0, nil
	}
	return at, err
}

const (
	notePrunedSQL = `
INSERT INTO changes_pruned (subject, position)
SELECT ifnull(room_id, zeroblob(16)), max(position)
FROM changes
WHERE position <= ?
GROUP BY room_id
ON CONFLICT DO UPDATE
SET position = excluded.position`
	notePrunedNamedSQL = `
INSERT INTO changes_pruned (subject, position)
SELECT user_id, max(position)
FROM changes
WHERE position <= ?
AND room_id IS NOT NULL
AND user_id IS NOT NULL
AND (? >> kind) & 1
GROUP BY user_id
ON CONFLICT DO UPDATE
SET position = excluded.position`
	notePrunedStaysSQL = `
INSERT INTO changes_pruned (subject, position)
SELECT user_id, max(to_position)
FROM room_stays
WHERE to_position <= ?
GROUP BY user_id
ON CONFLICT DO UPDATE
SET position = max(position, excluded.position)`
	prunedDeletionsSQL = `
SELECT coalesce(room_id, user_id), position
FROM changes
WHERE position <= ?
AND (? >> kind) & 1
ORDER BY position`
	forgetPrunedSQL = `
DELETE FROM changes_pruned
WHERE subject = ?
AND position <= ?`
)

// notePruned remembers where the changes up to last were, which are about to be
// removed.
func (r *rows) notePruned(last storage.Position) error {
	kinds := kindBits(backend.ToldToNamed)
	for _, sql := range []string{notePrunedSQL, notePrunedNamedSQL, notePrunedStaysSQL} {
		err := r.c.exec(sql, func(a *args) {
			a.int(int64(last))
			if sql == notePrunedNamedSQL {
				a.int(kinds)
			}
		})
		if err != nil {
			return err
		}
	}
	return r.forgetPruned(last)
}

// forgetPruned takes away what was remembered of rooms and users whose deletion
// is among the changes up to last.
func (r *rows) forgetPruned(last storage.Position) error {
	type deletion struct {
		subject [16]byte
		at      int64
	}
	var all []deletion
	bind := func(a *args) {
		a.int(int64(last))
		a.int(kindBits([]storage.ChangeKind{storage.ChangeRoomDeleted, storage.ChangeUserDeleted}))
	}
	err := r.c.query(prunedDeletionsSQL, bind, func(row *row) error {
		all = append(all, deletion{row.id(), row.int()})
		return nil
	})
	for _, d := range all {
		if err == nil {
			err = r.c.exec(forgetPrunedSQL, func(a *args) { a.blob(d.subject[:]); a.int(d.at) })
		}
	}
	return err
}
