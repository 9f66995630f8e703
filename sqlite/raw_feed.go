package sqlite

import (
	"context"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// Raw records of what stands beside the change feed.

const rawPrunedSQL = `
SELECT subject, position
FROM changes_pruned
WHERE subject > ?
ORDER BY subject
LIMIT ?`

func (r *rows) rawPruned(page *rawPage, after *storage.Keyset) error {
	bind := func(a *args) {
		from := make([]byte, 0, 16) // before every subject
		if after != nil {
			from = append(from, after.ID[:]...)
		}
		a.blob(from)
		a.int(page.asked())
	}
	return r.c.query(rawPrunedSQL, bind, func(row *row) error {
		raw := &storage.RawPrune{Subject: row.id(), Position: storage.Position(row.int())}
		return page.add(storage.Keyset{ID: raw.Subject}, 0, storage.Raw{Pruned: raw})
	})
}

var rawStaysSQL = `
SELECT s.user_id, s.room_id, s.from_position, ifnull(` + endOf("s") + `, 0), s.joined_seq
FROM room_stays AS s
WHERE (s.user_id, s.room_id, s.from_position) > (?1, ?2, ?3)
AND ifnull(` + endOf("s") + `, 9223372036854775807) > (SELECT value FROM counters WHERE name = 'changes')
ORDER BY s.user_id, s.room_id, s.from_position
LIMIT ?4`

func (r *rows) rawStays(page *rawPage, after *storage.Keyset) error {
	bind := func(a *args) {
		a.blob(page.after.ID[:])
		a.blob(append(make([]byte, 0, 16), page.after.Text...))
		a.int(beginning(after))
		a.int(page.asked())
	}
	return r.c.query(rawStaysSQL, bind, func(row *row) error {
		raw := &storage.RawStay{UserID: row.id(), RoomID: row.id(), From: storage.Position(row.int())}
		raw.To, raw.Seq = storage.Position(row.int()), row.int()
		place := storage.Keyset{ID: raw.UserID, Text: string(raw.RoomID[:]), Int: int64(raw.From)}
		return page.add(place, 0, storage.Raw{Stay: raw})
	})
}

const setAuditHeadSQL = `
UPDATE audit_head
SET position = ?, hash = ?, pruned_position = ?, pruned_hash = ?
WHERE one = 1`

// RestoreAuditHead implements backend.RawRows.
func (r *rows) RestoreAuditHead(_ context.Context, h storage.AuditHead) error {
	return r.execOne(setAuditHeadSQL, func(a *args) {
		a.int(h.Position)
		a.blob(h.Hash[:])
		a.int(h.PrunedPosition)
		a.blob(h.PrunedHash[:])
	})
}

// RestoreChange implements backend.RawRows.
func (r *rows) RestoreChange(ctx context.Context, c *storage.Change) error {
	head, err := r.ChangeHead(ctx)
	switch {
	case err != nil:
		return err
	case c.Position <= head.Newest:
		return storage.ErrDuplicate
	case c.Position > head.Newest+1 && head.Newest > 0:
		return &storage.Error{Field: "Position", Kind: storage.ErrConstraint}
	}
	r.pending.bytes += changeBytes
	if err := r.insertChange(c); err != nil {
		return err
	}
	r.pending.lastChange = c.Position
	return nil
}

// RestoreChangeHead implements backend.RawRows.
func (r *rows) RestoreChangeHead(_ context.Context, h storage.ChangeHead) error {
	return r.execOne(setPrunedSQL, func(a *args) { a.int(int64(h.Oldest) - 1) })
}

const restorePrunedSQL = `
INSERT INTO changes_pruned (subject, position)
VALUES (?, ?)
ON CONFLICT DO UPDATE
SET position = excluded.position`

// RestorePruned implements backend.RawRows.
func (r *rows) RestorePruned(_ context.Context, subject [16]byte, at storage.Position) error {
	r.pending.bytes += rowBytes
	return r.c.exec(restorePrunedSQL, func(a *args) {
		a.blob(subject[:])
		a.int(int64(at))
	})
}

const restoreStaySQL = `
INSERT INTO room_stays (user_id, room_id, from_position, to_position, joined_seq)
VALUES (?, ?, ?, ?, ?)`

// RestoreStay implements backend.RawRows.
func (r *rows) RestoreStay(_ context.Context, user storage.UserID, s backend.Stay) error {
	r.pending.bytes += rowBytes
	return bareDuplicate(r.c.exec(restoreStaySQL, func(a *args) {
		a.id(user)
		a.id(s.Room)
		a.int(int64(s.From))
		a.key(int64(s.To)) // NULL: it goes on
		a.int(s.Seq)
	}))
}
