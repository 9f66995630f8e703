package sqlite

import (
	"cmp"
	"errors"
	"slices"
	"strconv"

	"github.com/lairchat/lair/storage"
)

// Mentions stand by chunks of a room, 512 messages each, and within a chunk by
// user: those of one message, and of messages that are stored together, share
// pages, and still what mentions a user is read by a few ranges. In which chunks
// a user is mentioned is noted apart, once a chunk. A chunk's number is that of
// its messages' keys without the lowest nine bits.
const (
	insertMentionSQL = `
INSERT INTO message_mentions (chunk, user_key, key, plain)
VALUES (?1 >> 9, ?2, ?1, ?3)`
	insertMentionChunksSQL = `
INSERT INTO mention_chunks (user_key, chunk)
SELECT value, ?1
FROM json_each(?2)
WHERE TRUE
ON CONFLICT DO NOTHING`
)

// mention is one user's by one message.
type mention struct {
	key, user int64
	plain     bool
}

// compare is the order of the table.
func (m mention) compare(other mention) int {
	return cmp.Or(cmp.Compare(m.key>>9, other.key>>9), cmp.Compare(m.user, other.user), cmp.Compare(m.key, other.key))
}

// insertMentions adds a message to those that mention its users, as far as
// there are such users, at the end of the group.
func (r *rows) insertMentions(key, author int64, m *storage.Message) error {
	users, err := r.userKeys(m.Mentions)
	if err != nil || len(users) == 0 {
		return err
	}
	plain := m.Countable() && m.ExpiresAt.IsZero()
	for _, user := range users {
		r.pending.mentions = append(r.pending.mentions, mention{key, user, plain && user != author})
	}
	return r.noteChunk(key>>9, users)
}

// flushMentions writes the mentions that were deferred. They stay in memory, as
// search entries do.
func (r *rows) flushMentions() error {
	p := &r.pending
	if p.noted == len(p.mentions) {
		return nil
	}
	for _, m := range slices.SortedFunc(slices.Values(p.mentions[p.noted:]), mention.compare) {
		err := r.c.exec(insertMentionSQL, func(a *args) {
			a.int(m.key)
			a.int(m.user)
			a.bool(m.plain)
		})
		if err != nil {
			return err
		}
	}
	p.noted = len(p.mentions)
	return nil
}

// noteChunk notes that users are mentioned in a chunk, where that is not known
// to be noted.
func (r *rows) noteChunk(chunk int64, users []int64) error {
	var fresh []int64
	for _, user := range users {
		if !r.noted(mentioned{user, chunk}) {
			fresh = append(fresh, user)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	err := r.c.exec(insertMentionChunksSQL, func(a *args) {
		a.int(chunk)
		a.text(jsonList(fresh))
	})
	if err != nil {
		return err
	}
	for _, user := range fresh {
		r.known.mentioned[mentioned{user, chunk}] = struct{}{}
	}
	return nil
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

const deleteMentionSQL = `
DELETE FROM message_mentions
WHERE chunk = ?1 >> 9
AND user_key = ?2
AND key = ?1`

// deleteMentions is the inverse of insertMentions. What is noted of chunks
// stays, since other processes know of it too.
func (r *rows) deleteMentions(key int64, users []storage.UserID) error {
	if len(users) == 0 {
		return nil
	}
	if err := r.flushMentions(); err != nil {
		return err
	}
	return r.eachMention(deleteMentionSQL, key, users)
}

const forgetChunkSQL = `
DELETE FROM mention_chunks
WHERE chunk = ?1 >> 9
AND user_key = ?2`

// forgetMentions is deleteMentions for a message in a deleted room.
func (r *rows) forgetMentions(key int64, users []storage.UserID) error {
	if err := r.deleteMentions(key, users); err != nil {
		return err
	}
	return r.eachMention(forgetChunkSQL, key, users)
}

func (r *rows) eachMention(sql string, key int64, users []storage.UserID) error {
	keys, err := r.userKeys(users)
	if err != nil {
		return err
	}
	for _, user := range keys {
		err := r.c.exec(sql, func(a *args) {
			a.int(key)
			a.int(user)
		})
		if err != nil {
			return err
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
