package sqlite

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// changeBytes is what a change counts for in size.
const changeBytes = 96

// AppendChange implements backend.ChangeRows. Positions are dealt from memory;
// the rows are written at the end of the group.
func (r *rows) AppendChange(ctx context.Context, c *storage.Change) error {
	p := &r.pending
	if p.lastChange == 0 {
		head, err := r.ChangeHead(ctx)
		if err != nil {
			return err
		}
		p.lastChange = head.Newest
	}
	p.lastChange++
	c.Position = p.lastChange
	if c.Tx == 0 {
		c.Tx = c.Position
	}
	p.changes = append(p.changes, c.Clone())
	p.bytes += changeBytes
	return nil
}

const insertChangeSQL = `
INSERT INTO changes (
	position, tx, at, kind, room_id, user_id, actor, message_id, object_id, seq, version, role, emoji, purged
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// flushChanges writes the changes. They stay in memory, as search entries do.
func (r *rows) flushChanges() error {
	p := &r.pending
	for ; p.flushedChanges < len(p.changes); p.flushedChanges++ {
		if err := r.insertChange(&p.changes[p.flushedChanges]); err != nil {
			return err
		}
	}
	return nil
}

func (r *rows) insertChange(c *storage.Change) error {
	purged, err := toJSON(c.Purged)
	if err != nil {
		return err
	}
	return r.c.exec(insertChangeSQL, func(a *args) {
		a.int(int64(c.Position))
		a.key(int64(c.Tx) % int64(c.Position)) // NULL where they are one
		a.time(c.At)
		a.int(int64(c.Kind))
		a.id(c.RoomID)
		a.id(c.UserID)
		a.actor(c)
		a.id(c.MessageID)
		a.id(*objectOf(c))
		a.int(c.Seq)
		a.int(c.Version)
		a.int(int64(c.Role))
		a.textOrNull(c.Emoji)
		a.textOrNull(purged)
	})
}

// actor binds who acted; most act on themselves, or as authors.
func (a *args) actor(c *storage.Change) {
	if !c.Actor.IsZero() && c.Actor == c.UserID {
		a.int(1)
		return
	}
	a.id(c.Actor)
}

const forgetEmojiSQL = `
UPDATE changes INDEXED BY changes_with_emoji
SET emoji = NULL
WHERE message_id = ?
AND emoji IS NOT NULL`

// forgetEmoji takes out of the feed what reactions to a message said.
func (r *rows) forgetEmoji(message storage.MessageID) error {
	if err := r.flushChanges(); err != nil {
		return err
	}
	return r.c.exec(forgetEmojiSQL, func(a *args) { a.id(message) })
}
