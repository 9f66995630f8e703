package sqlite

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"strings"

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

const (
	// Reactions to messages that stand together in one room.
	reactionsBetweenSQL = `
SELECT x.key & 4294967295, x.emoji, count(*), min(x.created_at),
	max(x.user_key = (SELECT key FROM users WHERE id = ?))
FROM rooms AS r
CROSS JOIN message_reactions AS x
WHERE r.id = ?
AND x.key BETWEEN (r.key << 32) + ? AND (r.key << 32) + ?
GROUP BY x.key, x.emoji`

	// Reactions to messages from anywhere: a JSON list of their identifiers.
	reactionsAnywhereSQL = `
SELECT j.key, x.emoji, 1, x.created_at, x.user_key = (SELECT key FROM users WHERE id = ?)
FROM json_each(?) AS j
CROSS JOIN messages AS m ON m.id = unhex(j.value)
CROSS JOIN message_reactions AS x ON x.key = m.key`
)

// SetReactions implements backend.ReactionRows, with one statement.
func (r *rows) SetReactions(_ context.Context, ms []storage.Message, viewer storage.UserID) error {
	if len(ms) == 0 {
		return nil
	}
	if low, high, ok := together(ms); ok {
		return r.tally(ms, reactionsBetweenSQL, places(ms), func(a *args) {
			a.id(viewer)
			a.id(ms[0].RoomID)
			a.int(low)
			a.int(high)
		})
	}
	index := func(i int64) (int, bool) { return int(i), true }
	return r.tally(ms, reactionsAnywhereSQL, index, func(a *args) {
		a.id(viewer)
		a.text(hexList(ms))
	})
}

// tally sets the reactions that a statement gives; at finds their message.
func (r *rows) tally(ms []storage.Message, sql string, at func(int64) (int, bool), bind func(*args)) error {
	var all [][]backend.Tally
	err := r.c.query(sql, bind, func(row *row) error {
		i, ok := at(row.int())
		t := backend.Tally{ReactionCount: storage.ReactionCount{Emoji: row.text(), Count: row.int()}, First: row.time()}
		t.Mine = row.bool()
		if all == nil {
			all = make([][]backend.Tally, len(ms))
		}
		if ok {
			all[i] = backend.AddTally(all[i], t)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, t := range all {
		ms[i].Reactions = backend.SortTallies(t)
	}
	return nil
}

// together reports whether messages are of one room, in the order of Seq or
// against it, and so close to each other that its range holds little else. It
// returns the ends of that range.
func together(ms []storage.Message) (low, high int64, ok bool) {
	low, high = ms[0].Seq, ms[len(ms)-1].Seq
	for i, m := range ms[1:] {
		before := ms[i].Seq
		if m.RoomID != ms[0].RoomID || (before < m.Seq) != (low < high) {
			return 0, 0, false
		}
	}
	low, high = min(low, high), max(low, high)
	return low, high, high-low < 2*int64(len(ms))+100
}

// places returns where in ms, which are together, the message with a Seq is.
func places(ms []storage.Message) func(seq int64) (int, bool) {
	ascending := ms[0].Seq <= ms[len(ms)-1].Seq
	return func(seq int64) (int, bool) {
		i, ok := slices.BinarySearchFunc(ms, seq, func(m storage.Message, seq int64) int {
			if ascending {
				return cmp.Compare(m.Seq, seq)
			}
			return cmp.Compare(seq, m.Seq)
		})
		return i, ok
	}
}

// hexList returns the identifiers of messages as a list for json_each.
func hexList(ms []storage.Message) string {
	var b strings.Builder
	for i, m := range ms {
		b.WriteString([...]string{`["`, `","`}[min(i, 1)])
		b.WriteString(hex.EncodeToString(m.ID[:]))
	}
	b.WriteString(`"]`)
	return b.String()
}

const (
	hasReactionSQL = `
SELECT EXISTS (
	SELECT 1
	FROM messages AS m
	CROSS JOIN message_reactions AS x ON x.key = m.key
	WHERE m.id = ?
	AND x.emoji = ?
	AND x.user_key = ?
)`
	hasEmojiSQL = `
SELECT EXISTS (
	SELECT 1
	FROM messages AS m
	CROSS JOIN message_reactions AS x ON x.key = m.key
	WHERE m.id = ?
	AND x.emoji = ?
)`
)

// HasReaction implements backend.ReactionRows.
func (r *rows) HasReaction(_ context.Context, message storage.MessageID, user storage.UserID, emoji string) (has bool, err error) {
	sql := hasEmojiSQL
	key, err := r.userKey(user)
	if err != nil {
		return false, err
	}
	if key != 0 {
		sql = hasReactionSQL
	}
	bind := func(a *args) {
		a.id(message)
		a.text(emoji)
		if key != 0 {
			a.int(key)
		}
	}
	err = r.c.one(sql, bind, func(row *row) error {
		has = row.bool()
		return nil
	})
	return has, err
}

const countEmojiSQL = `
SELECT count(DISTINCT x.emoji)
FROM messages AS m
CROSS JOIN message_reactions AS x ON x.key = m.key
WHERE m.id = ?`

// CountEmoji implements backend.ReactionRows.
func (r *rows) CountEmoji(_ context.Context, message storage.MessageID) (n int, err error) {
	err = r.c.one(countEmojiSQL, func(a *args) { a.id(message) }, func(row *row) error {
		n = int(row.int())
		return nil
	})
	return n, err
}

const (
	insertReactionSQL = `
INSERT INTO message_reactions (key, emoji, user_key, created_at)
VALUES ((SELECT key FROM messages WHERE id = ?), ?, ?, ?)`
	deleteReactionSQL = `
DELETE FROM message_reactions
WHERE key = (SELECT key FROM messages WHERE id = ?)
AND emoji = ?
AND user_key = ?`
)

// InsertReaction implements backend.ReactionRows.
func (r *rows) InsertReaction(_ context.Context, v *storage.Reaction) error {
	user, err := r.userKey(v.UserID)
	if err != nil {
		return err
	}
	r.pending.bytes += rowBytes
	return r.c.exec(insertReactionSQL, func(a *args) {
		a.id(v.MessageID)
		a.text(v.Emoji)
		a.int(user)
		a.time(v.CreatedAt)
	})
}

// DeleteReaction implements backend.ReactionRows.
func (r *rows) DeleteReaction(_ context.Context, message storage.MessageID, user storage.UserID, emoji string) error {
	key, err := r.userKey(user)
	if err != nil {
		return err
	}
	r.pending.bytes += rowBytes
	return r.execOne(deleteReactionSQL, func(a *args) {
		a.id(message)
		a.text(emoji)
		a.int(key)
	})
}
