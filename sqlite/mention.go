package sqlite

import (
	"errors"
	"slices"
	"strconv"

	"github.com/lairchat/lair/storage"
)

// Mentions stand by room first, so that those of one message, and of messages
// that are stored together, share pages. In which rooms a user is mentioned is
// noted apart, once a room.
const (
	insertMentionsSQL = `
INSERT INTO message_mentions (room_key, user_key, key, plain)
SELECT ?1 >> 32, value, ?1, ?2 AND value <> ?3
FROM json_each(?4)`
	insertMentionRoomsSQL = `
INSERT INTO mention_rooms (user_key, room_key)
SELECT value, ?1 >> 32
FROM json_each(?2)
WHERE TRUE
ON CONFLICT DO NOTHING`
)

// insertMentions adds a message to those that mention its users, as far as
// there are such users.
func (r *rows) insertMentions(key, author int64, m *storage.Message) error {
	users, err := r.userKeys(m.Mentions)
	if err != nil || len(users) == 0 {
		return err
	}
	list := jsonList(users)
	err = r.c.exec(insertMentionsSQL, func(a *args) {
		a.int(key)
		a.bool(m.Countable() && m.ExpiresAt.IsZero())
		a.int(author)
		a.text(list)
	})
	if err != nil {
		return err
	}
	return r.c.exec(insertMentionRoomsSQL, func(a *args) {
		a.int(key)
		a.text(list)
	})
}

// userKeys returns the keys of those users who exist.
func (r *rows) userKeys(ids []storage.UserID) ([]int64, error) {
	keys := make([]int64, 0, len(ids))
	for _, id := range ids {
		key, err := r.userKey(id)
		if errors.Is(err, storage.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// jsonList returns keys as a list for json_each.
func jsonList(keys []int64) string {
	list := make([]byte, 0, 12*len(keys))
	for i, key := range keys {
		list = append(list, "[,"[min(i, 1)])
		list = strconv.AppendInt(list, key, 10)
	}
	return string(append(list, ']'))
}

const (
	deleteMentionSQL = `
DELETE FROM message_mentions
WHERE room_key = ?1 >> 32
AND user_key = ?2
AND key = ?1`
	deleteMentionRoomSQL = `
DELETE FROM mention_rooms
WHERE user_key = ?2
AND room_key = ?1 >> 32
AND NOT EXISTS (SELECT 1 FROM message_mentions WHERE room_key = ?1 >> 32 AND user_key = ?2)`
)

// deleteMentions is the inverse of insertMentions.
func (r *rows) deleteMentions(key int64, users []storage.UserID) error {
	keys, err := r.userKeys(users)
	if err != nil {
		return err
	}
	for _, user := range keys {
		for _, sql := range []string{deleteMentionSQL, deleteMentionRoomSQL} {
			err := r.c.exec(sql, func(a *args) {
				a.int(key)
				a.int(user)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *rows) changeMentions(key, author int64, old, m *storage.Message) error {
	if slices.Equal(old.Mentions, m.Mentions) {
		return nil
	}
	if err := r.deleteMentions(key, old.Mentions); err != nil {
		return err
	}
	return r.insertMentions(key, author, m)
}
