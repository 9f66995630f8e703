package sqlite

import (
	"context"
	"errors"
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const (
	stayedRoomsSQL = `
SELECT room_key FROM room_memberships WHERE user_key = ?1
UNION SELECT room_key FROM former_members WHERE user_key = ?1`
	nextAuthoredSQL = `
SELECT key
FROM messages INDEXED BY messages_by_author
WHERE author_key = ?
AND key > ?
ORDER BY key
LIMIT 1`
	nextReactedSQL = `
SELECT key
FROM message_reactions INDEXED BY message_reactions_by_user
WHERE user_key = ?
AND key > ?
ORDER BY key
LIMIT 1`
	nextMentionedSQL = `
SELECT chunk << 9
FROM mention_chunks
WHERE user_key = ?
AND chunk > ? >> 9
ORDER BY chunk
LIMIT 1`
)

// UserRooms implements backend.TraceRows. Of messages, reactions and mentions it looks at
// one for each room, and steps over the rest.
func (r *rows) UserRooms(_ context.Context, user storage.UserID) ([]storage.RoomID, error) {
	if err := r.snapshot(); err != nil {
		return nil, err
	}
	key, err := r.userKey(user)
	if err != nil {
		return nil, absent(err)
	}
	var keys []int64
	err = r.c.query(stayedRoomsSQL, func(a *args) { a.int(key) }, func(row *row) error {
		keys = append(keys, row.int())
		return nil
	})
	for _, sql := range []string{nextAuthoredSQL, nextReactedSQL, nextMentionedSQL} {
		if err == nil {
			keys, err = r.roomsOfMessages(keys, sql, key)
		}
	}
	if err != nil {
		return nil, err
	}
	slices.Sort(keys)
	return r.roomIDs(slices.Compact(keys))
}

// roomsOfMessages adds the rooms of the messages that a statement finds for a
// user, each beyond a key.
func (r *rows) roomsOfMessages(rooms []int64, sql string, user int64) ([]int64, error) {
	for last := int64(0); ; {
		bind := func(a *args) {
			a.int(user)
			a.int(last)
		}
		err := r.c.one(sql, bind, func(row *row) error {
			last = row.int()
			return nil
		})
		if errors.Is(err, storage.ErrNotFound) {
			return rooms, nil
		}
		if err != nil {
			return nil, err
		}
		rooms = append(rooms, last>>32)
		last |= seqMask
	}
}

// roomIDs returns the identifiers of those rooms that are there.
func (r *rows) roomIDs(keys []int64) (ids []storage.RoomID, err error) {
	for _, key := range keys {
		err := r.c.one(roomIDSQL, func(a *args) { a.int(key) }, func(row *row) error {
			ids = append(ids, row.id())
			return nil
		})
		if absent(err) != nil {
			return nil, err
		}
	}
	return ids, nil
}

// UserReactions implements backend.TraceRows.
func (r *rows) UserReactions(_ context.Context, s backend.TraceScan) ([]storage.Reaction, error) {
	return listed(r, userReactions(s), func(row *row) storage.Reaction {
		return storage.Reaction{MessageID: row.id(), UserID: s.User, Emoji: row.text(), CreatedAt: row.time()}
	})
}

const reactionsOfUser = `message_reactions AS x INDEXED BY message_reactions_by_user
CROSS JOIN messages AS m ON m.key = x.key`

func userReactions(s backend.TraceScan) list {
	l := from("m.id, x.emoji, x.created_at", reactionsOfUser+" CROSS JOIN rooms AS r ON r.key = x.key >> 32")
	if !s.Room.IsZero() {
		l = from("m.id, x.emoji, x.created_at", "rooms AS r CROSS JOIN "+reactionsOfUser)
		l.whereTraced(s, "x.key")
	}
	l.where("x.user_key = (SELECT key FROM users WHERE id = ?)", s.User[:])
	if k := s.After; k != nil {
		beyond := beyondOf(s.Scan)
		l.where("(x.key, x.emoji) "+beyond+" ((r.key << 32) + ?, ?)", k.Int, k.Text)
	}
	l.whereUnexpired(s)
	l.ordered(s.Scan, "x.key", "x.emoji")
	return l
}

// whereTraced keeps to the room of a scan, from where it goes on.
func (l *list) whereTraced(s backend.TraceScan, key string) {
	low, high := int64(0), int64(seqMask)
	if k := s.After; k != nil && s.Desc {
		high = k.Int
	} else if k != nil {
		low = k.Int
	}
	l.where("r.id = ?", s.Room[:])
	l.where(key+" BETWEEN (r.key << 32) + ? AND (r.key << 32) + ?", low, high)
}

func (l *list) whereUnexpired(s backend.TraceScan) {
	if !s.Now.IsZero() {
		l.where("(m.expires_at IS NULL OR m.expires_at > ?)", s.Now)
	}
}
