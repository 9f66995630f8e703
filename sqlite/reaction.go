package sqlite

import (
	"context"
	"errors"
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// Reactions implements backend.ReactionRows. Only what was added at the same
// moment is sorted.
func (r *rows) Reactions(_ context.Context, s backend.ReactionScan) ([]storage.Reaction, error) {
	return listed(r, reactionList(s), func(row *row) storage.Reaction {
		return storage.Reaction{MessageID: s.Message, UserID: row.id(), Emoji: row.text(), CreatedAt: row.time()}
	})
}

func reactionList(s backend.ReactionScan) list {
	l := from("u.id, x.emoji, x.created_at", `messages AS m
CROSS JOIN message_reactions AS x INDEXED BY message_reactions_by_time ON x.key = m.key
CROSS JOIN users AS u ON u.key = x.user_key`)
	direction, beyond := " ASC", ">"
	if s.Desc {
		direction, beyond = " DESC", "<"
	}
	l.where("m.id = ?", s.Message[:])
	if s.Emoji != "" {
		l.where("x.emoji = ?", s.Emoji)
	}
	if k := s.After; k != nil {
		l.where("x.created_at "+beyond+"= ?", k.Int)
		l.where("(x.created_at, u.id, x.emoji) "+beyond+" (?, ?, ?)", k.Int, k.ID[:], k.Text)
	}
	l.SelectBuilder = l.OrderBy("x.created_at"+direction, "u.id"+direction, "x.emoji"+direction).Suffix("LIMIT ?", s.Limit)
	return l
}

const hasReactionSQL = `
SELECT EXISTS (
	SELECT 1
	FROM messages AS m
	CROSS JOIN message_reactions AS x ON x.key = m.key
	WHERE m.id = ?
	AND x.emoji = ?
	AND x.user_key = ?
)`

// HasReaction implements backend.ReactionRows.
func (r *rows) HasReaction(_ context.Context, message storage.MessageID, user storage.UserID, emoji string) (has bool, err error) {
	key, err := r.userKey(user)
	if err != nil {
		return false, err
	}
	if key == 0 {
		_, all, err := r.tallies(message)
		return findTally(all, emoji) >= 0, absent(err)
	}
	bind := func(a *args) {
		a.id(message)
		a.text(emoji)
		a.int(key)
	}
	err = r.c.one(hasReactionSQL, bind, func(row *row) error {
		has = row.bool()
		return nil
	})
	return has, err
}

// absent takes what is not there for nothing.
func absent(err error) error {
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	return err
}

// CountEmoji implements backend.ReactionRows.
func (r *rows) CountEmoji(_ context.Context, message storage.MessageID) (int, error) {
	_, all, err := r.tallies(message)
	return len(all), absent(err)
}

const insertReactionSQL = `
INSERT INTO message_reactions (key, emoji, user_key, created_at)
VALUES (?, ?, ?, ?)`

// InsertReaction implements backend.ReactionRows.
func (r *rows) InsertReaction(_ context.Context, v *storage.Reaction) error {
	user, err := r.userKey(v.UserID)
	if err != nil {
		return err
	}
	key, all, err := r.tallies(v.MessageID)
	if err != nil {
		return err
	}
	first := v.CreatedAt.UnixMicro()
	if i := findTally(all, v.Emoji); i >= 0 {
		all[i].count++
		all[i].first = min(all[i].first, first)
	} else {
		all = append(all, tally{emoji: v.Emoji, count: 1, first: first})
	}
	r.pending.bytes += rowBytes
	err = r.c.exec(insertReactionSQL, func(a *args) {
		a.int(key)
		a.text(v.Emoji)
		a.int(user)
		a.time(v.CreatedAt)
	})
	if err != nil {
		return err
	}
	return r.setTallies(key, all)
}

const (
	deleteReactionSQL = `
DELETE FROM message_reactions
WHERE key = ?
AND emoji = ?
AND user_key = ?`
	firstReactionSQL = `
SELECT created_at
FROM message_reactions INDEXED BY message_reactions_by_time
WHERE key = ?
AND emoji = ?
ORDER BY created_at
LIMIT 1`
)

// DeleteReaction implements backend.ReactionRows.
func (r *rows) DeleteReaction(_ context.Context, message storage.MessageID, user storage.UserID, emoji string) error {
	userKey, err := r.userKey(user)
	if err != nil {
		return err
	}
	key, all, err := r.tallies(message)
	if err != nil {
		return err
	}
	r.pending.bytes += rowBytes
	err = r.execOne(deleteReactionSQL, func(a *args) {
		a.int(key)
		a.text(emoji)
		a.int(userKey)
	})
	if err != nil {
		return err
	}
	i := findTally(all, emoji)
	if i < 0 {
		return inconsistent(storage.ErrNotFound, "a reaction that its message does not count")
	}
	if all[i].count--; all[i].count == 0 {
		return r.setTallies(key, slices.Delete(all, i, i+1))
	}
	bind := func(a *args) {
		a.int(key)
		a.text(emoji)
	}
	err = r.c.one(firstReactionSQL, bind, func(row *row) error {
		all[i].first = row.int()
		return nil
	})
	if err != nil {
		return err
	}
	return r.setTallies(key, all)
}
