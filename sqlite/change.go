package sqlite

import (
	"context"
	"errors"
	"math"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const changeHeadSQL = `
SELECT value, ifnull((SELECT max(position) FROM changes), 0)
FROM counters
WHERE name = 'changes'`

// ChangeHead implements backend.ChangeRows.
func (r *rows) ChangeHead(context.Context) (head storage.ChangeHead, err error) {
	err = r.c.one(changeHeadSQL, nil, func(row *row) error {
		pruned := storage.Position(row.int())
		head.Oldest = pruned + 1
		head.Newest = max(pruned, storage.Position(row.int()), r.pending.lastChange)
		return nil
	})
	return head, err
}

// changesSQL looks at a range of the feed. The kinds that are wanted are bits of
// a number.
const changesSQL = `
SELECT
	position, ifnull(tx, position), at, kind, room_id, user_id, CASE actor WHEN 1 THEN user_id ELSE actor END,
	message_id, object_id, seq, version, role, emoji, purged
FROM changes
WHERE position > ?
AND position <= ?
AND (? >> kind) & 1
AND (?4 IS NULL OR room_id = ?4)
ORDER BY position
LIMIT ?`

// Changes implements backend.ChangeRows.
func (r *rows) Changes(ctx context.Context, s backend.ChangeScan) ([]storage.Change, storage.Position, error) {
	if err := r.snapshot(); err != nil {
		return nil, 0, err
	}
	head, err := r.ChangeHead(ctx)
	if err != nil {
		return nil, 0, err
	}
	through := min(max(s.After, head.Oldest-1)+storage.Position(s.Walk), head.Newest)
	if through <= s.After || through < head.Oldest {
		return nil, s.After, nil
	}
	if err := r.flushChanges(); err != nil {
		return nil, 0, err
	}
	var all []storage.Change
	bind := func(a *args) {
		a.int(int64(s.After))
		a.int(int64(through))
		a.int(kindBits(s.Kinds))
		a.id(s.Room)
		a.int(int64(s.Limit))
	}
	err = r.c.query(changesSQL, bind, func(row *row) error {
		all = append(all, scanChange(row))
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	if len(all) == s.Limit {
		through = all[len(all)-1].Position
	}
	return all, through, nil
}

// kindBits returns a number with the bits of kinds; of all, if none are given.
func kindBits(kinds []storage.ChangeKind) (bits int64) {
	if kinds == nil {
		return math.MaxInt64
	}
	for _, k := range kinds {
		bits |= 1 << k
	}
	return bits
}

func scanChange(row *row) (c storage.Change) {
	c.Position, c.Tx, c.At = storage.Position(row.int()), storage.Position(row.int()), row.time()
	c.Kind = known[storage.ChangeKind](row)
	c.RoomID, c.UserID, c.Actor, c.MessageID = row.id(), row.id(), row.id(), row.id()
	*objectOf(&c) = row.id()
	c.Seq, c.Version, c.Role = row.int(), row.int(), storage.MemberRole(row.int())
	c.Emoji = row.text()
	row.json(&c.Purged)
	return c
}

// objectOf returns the identifier that changes of c's kind have beside those of
// a room, a user and a message.
func objectOf(c *storage.Change) *[16]byte {
	switch c.Kind {
	case storage.ChangeUserBlocked, storage.ChangeUserUnblocked:
		return (*[16]byte)(&c.OtherID)
	case storage.ChangeAttachmentCreated, storage.ChangeAttachmentDeleted:
		return (*[16]byte)(&c.AttachmentID)
	case storage.ChangeInviteCreated, storage.ChangeInviteRevoked:
		return (*[16]byte)(&c.InviteID)
	case storage.ChangeSanctionCreated, storage.ChangeSanctionLifted:
		return (*[16]byte)(&c.SanctionID)
	}
	return (*[16]byte)(&c.RootID)
}

const (
	oldestChangesSQL = `
SELECT position, ifnull(tx, position), at
FROM changes
WHERE position > ?
ORDER BY position`
	pruneChangesSQL = `
DELETE FROM changes
WHERE position <= ?`
	setPrunedSQL = `
UPDATE counters
SET value = ?
WHERE name = 'changes'`
	pruneStaysSQL = `
DELETE FROM room_stays
WHERE to_position <= ?`
)

// PruneChanges implements backend.ChangeRows.
func (r *rows) PruneChanges(ctx context.Context, p backend.ChangePruning) (int, error) {
	if err := r.flushChanges(); err != nil {
		return 0, err
	}
	head, err := r.ChangeHead(ctx)
	if err != nil {
		return 0, err
	}
	last, err := r.lastToPrune(head, p)
	if err != nil || last < head.Oldest {
		return 0, err
	}
	if err := r.notePruned(last); err != nil {
		return 0, err
	}
	for _, sql := range []string{pruneChangesSQL, setPrunedSQL, pruneStaysSQL} {
		if err := r.c.exec(sql, func(a *args) { a.int(int64(last)) }); err != nil {
			return 0, err
		}
	}
	pruned := int(last - head.Oldest + 1)
	r.pending.bytes += pruned * changeBytes
	return pruned, nil
}

// lastToPrune returns the end of the last transaction that is to go.
func (r *rows) lastToPrune(head storage.ChangeHead, p backend.ChangePruning) (last storage.Position, err error) {
	errKept := errors.New("this one stays")
	last = head.Oldest - 1
	err = r.c.query(oldestChangesSQL, func(a *args) { a.int(int64(last)) }, func(row *row) error {
		position, tx, at := storage.Position(row.int()), storage.Position(row.int()), row.time()
		if position == tx {
			last = position - 1
		}
		old := !p.Until.IsZero() && !at.After(p.Until) || p.Keep > 0 && int64(head.Newest-position) >= p.Keep
		if !old || position > p.Last || int(last-head.Oldest)+1 >= p.Limit {
			return errKept
		}
		return nil
	})
	switch {
	case errors.Is(err, errKept):
		return last, nil
	case err != nil:
		return 0, err
	}
	return head.Newest, nil
}
