package sqlite

// What is left of a deleted room beside its messages.

// remainsPerMessage is how many rows of other tables go in the time of one
// message, which has an entry in the search index.
const remainsPerMessage = 5

// sweepRemainsSQL takes away some rows that name a deleted room, by its key, at
// most so many.
var sweepRemainsSQL = []string{
	`DELETE FROM room_memberships
WHERE room_key = ?1
AND user_key IN (SELECT user_key FROM room_memberships WHERE room_key = ?1 LIMIT ?2)`,
	`DELETE FROM room_invites
WHERE key IN (SELECT key FROM room_invites WHERE room_key = ?1 LIMIT ?2)`,
	`DELETE FROM user_moderation
WHERE key IN (SELECT key FROM user_moderation WHERE room_key = ?1 LIMIT ?2)`,
	`UPDATE room_stays
SET to_position = (SELECT ended_at FROM deleted_rooms WHERE key = ?1)
WHERE (user_id, room_id, from_position) IN (
	SELECT s.user_id, s.room_id, s.from_position
	FROM deleted_rooms AS d
	CROSS JOIN room_stays AS s INDEXED BY room_stays_open ON s.room_id = d.room_id
	WHERE d.key = ?1
	AND s.to_position IS NULL
	AND s.from_position <= d.ended_at
	LIMIT ?2
)`,
	`DELETE FROM purged_messages
WHERE key IN (
	SELECT key
	FROM purged_messages
	WHERE key BETWEEN ?1 << 32 AND (?1 << 32) + 4294967295
	LIMIT ?2
)`,
	// Those under roots that were purged.
	`DELETE FROM message_threads
WHERE (root_key, author_key, expires_at) IN (
	SELECT root_key, author_key, expires_at
	FROM message_threads
	WHERE root_key BETWEEN ?1 << 32 AND (?1 << 32) + 4294967295
	LIMIT ?2
)`,
	`DELETE FROM read_ranges
WHERE (room_key, user_key, to_seq) IN (
	SELECT room_key, user_key, to_seq
	FROM read_ranges
	WHERE room_key = ?1
	LIMIT ?2
)`,
	`DELETE FROM former_members
WHERE room_key = ?1
AND user_key IN (SELECT user_key FROM former_members WHERE room_key = ?1 LIMIT ?2)`,
}

const forgetRoomSQL = `
DELETE FROM deleted_rooms
WHERE key = ?`

// sweepRemains takes away what else names a deleted room, as much as takes the
// time of so many messages, and then the room's own trace. It returns of how many
// messages it has taken the time.
func (r *rows) sweepRemains(room int64, messages int) (int, error) {
	limit, swept := messages*remainsPerMessage, 0
	for _, sql := range sweepRemainsSQL {
		err := r.c.exec(sql, func(a *args) {
			a.int(room)
			a.int(int64(limit - swept))
		})
		if err != nil {
			return 0, err
		}
		n := int(r.c.changes())
		r.pending.bytes += n * rowBytes
		if swept += n; swept >= limit {
			return messages, nil
		}
	}
	err := r.c.exec(forgetRoomSQL, func(a *args) { a.int(room) })
	return swept / remainsPerMessage, err
}
