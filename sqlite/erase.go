package sqlite

import (
	"context"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const attachmentsLeftSQL = `
SELECT f.id
FROM messages AS m
CROSS JOIN file_attachments AS f ON f.message_key = m.key
WHERE m.id = ?
ORDER BY f.position`

// AttachmentsLeft implements backend.EraseRows.
func (r *rows) AttachmentsLeft(_ context.Context, message storage.MessageID) (ids []storage.AttachmentID, err error) {
	err = r.c.query(attachmentsLeftSQL, func(a *args) { a.id(message) }, func(row *row) error {
		ids = append(ids, row.id())
		return nil
	})
	return ids, err
}

const disownMessageSQL = `
UPDATE messages
SET author_key = 0, nonce = NULL, nonce_digest = NULL, passed = NULL
WHERE id = ?`

// DisownMessage implements backend.EraseRows.
func (r *rows) DisownMessage(_ context.Context, id storage.MessageID) error {
	r.pending.bytes += messageBytes
	if err := r.execOne(disownMessageSQL, func(a *args) { a.id(id) }); err != nil {
		return err
	}
	return r.forgetSamples()
}

// trim takes a few records of a user away. Its values are the key or the
// identifier of the user, or a text, how many, and what else there is.
type trim struct {
	sql      string
	by, also any
	count    *int64
}

const (
	trimSessionsSQL = `
DELETE FROM sessions
WHERE token_hash IN (
	SELECT token_hash
	FROM sessions INDEXED BY sessions_by_user
	WHERE user_id = ?
	LIMIT ?
)`
	trimLoginsSQL = `
DELETE FROM login_attempts
WHERE key IN (
	SELECT key
	FROM login_attempts INDEXED BY login_attempts_by_user
	WHERE user_id = ?
	LIMIT ?
)`
	trimLoginsOfNobodySQL = `
DELETE FROM login_attempts
WHERE key IN (
	SELECT a.key
	FROM login_attempts AS a INDEXED BY login_attempts_by_login
	WHERE a.login = ?3
	AND a.network IN (
		SELECT k.network
		FROM login_attempts AS k INDEXED BY login_attempts_by_user
		WHERE k.user_id = ?1
		AND k.success = 1
	)
	AND a.user_id IS NULL
	LIMIT ?2
)`
	trimInvitesSQL = `
DELETE FROM room_invites
WHERE key IN (
	SELECT key
	FROM room_invites INDEXED BY room_invites_by_invitee
	WHERE invitee_key = ?
	AND room_key IN (SELECT key FROM rooms)
	LIMIT ?
)`
	trimInvitesToAddressSQL = `
DELETE FROM room_invites
WHERE key IN (
	SELECT key
	FROM room_invites INDEXED BY room_invites_by_email
	WHERE email_folded = ?
	AND room_key IN (SELECT key FROM rooms)
	LIMIT ?
)`
	trimBlocksSQL = `
DELETE FROM user_blocks
WHERE (user_id, blocked_id) IN (
	SELECT user_id, blocked_id
	FROM user_blocks INDEXED BY user_blocks_by_user
	WHERE user_id = ?
	LIMIT ?
)`
	trimBlocksAgainstSQL = `
DELETE FROM user_blocks
WHERE (user_id, blocked_id) IN (
	SELECT user_id, blocked_id
	FROM user_blocks INDEXED BY user_blocks_by_blocked
	WHERE blocked_id = ?
	LIMIT ?
)`
	trimReceiptsSQL = `
DELETE FROM message_read_receipts
WHERE (key, user_key) IN (
	SELECT key, user_key
	FROM message_read_receipts INDEXED BY message_read_receipts_by_user
	WHERE user_key = ?
	LIMIT ?
)`
	trimRangesSQL = `
DELETE FROM read_ranges
WHERE (room_key, user_key, to_seq) IN (
	SELECT x.room_key, x.user_key, x.to_seq
	FROM former_members AS f INDEXED BY former_members_by_user
	CROSS JOIN read_ranges AS x ON x.room_key = f.room_key AND x.user_key = f.user_key
	WHERE f.user_key = ?
	LIMIT ?
)`
	trimSanctionsSQL = `
DELETE FROM user_moderation
WHERE key IN (
	SELECT key
	FROM user_moderation INDEXED BY user_moderation_by_user
	WHERE user_key = ?
	AND (room_key IS NULL OR room_key IN (SELECT key FROM rooms))
	LIMIT ?
)`
)

// TrimUser implements backend.EraseRows.
func (r *rows) TrimUser(_ context.Context, u backend.UserTrim) (n backend.TrimmedUser, err error) {
	key, err := r.userKey(u.User)
	if err != nil {
		return n, err
	}
	var trims []trim
	for _, login := range u.Login {
		trims = append(trims, trim{trimLoginsOfNobodySQL, u.User[:], login, &n.Logins})
	}
	trims = append(trims,
		trim{trimSessionsSQL, u.User[:], nil, &n.Sessions}, trim{trimLoginsSQL, u.User[:], nil, &n.Logins},
		trim{trimInvitesSQL, key, nil, &n.Invites})
	if u.Email != "" {
		trims = append(trims, trim{trimInvitesToAddressSQL, u.Email, nil, &n.Invites})
	}
	trims = append(trims,
		trim{trimBlocksSQL, u.User[:], nil, &n.Blocks}, trim{trimBlocksAgainstSQL, u.User[:], nil, &n.Blocks},
		trim{trimSanctionsSQL, key, nil, &n.Sanctions})
	_, err = r.trim(trims, u.Limit)
	return n, err
}

// trim takes up to limit records away, and returns how many these were.
func (r *rows) trim(all []trim, limit int) (trimmed int64, err error) {
	for _, t := range all {
		left := int64(limit) - trimmed
		if left <= 0 {
			break
		}
		values := []any{t.by, left}
		if t.also != nil {
			values = append(values, t.also)
		}
		if err := r.c.exec(t.sql, func(a *args) { a.all(values) }); err != nil {
			return trimmed, err
		}
		n := r.c.changes()
		*t.count += n
		trimmed += n
	}
	r.pending.bytes += int(trimmed) * rowBytes
	return trimmed, nil
}

// TrimReadings implements backend.EraseRows.
func (r *rows) TrimReadings(_ context.Context, user storage.UserID, limit int) (more bool, err error) {
	key, err := r.userKey(user)
	if err != nil {
		return false, err
	}
	var records int64
	trimmed, err := r.trim([]trim{{trimReceiptsSQL, key, nil, &records}, {trimRangesSQL, key, nil, &records}}, limit)
	return int(trimmed) == limit, err
}

// mentionsOfRecord is how many mentions count as one record: they are small, and
// there may be very many.
const mentionsOfRecord = 100

// trimMentionsSQL leaves the chunks as they are, which connections know by heart.
const trimMentionsSQL = `
DELETE FROM message_mentions
WHERE (chunk, user_key, key) IN (
	SELECT n.chunk, n.user_key, n.key
	FROM mention_chunks AS c
	CROSS JOIN message_mentions AS n ON n.chunk = c.chunk AND n.user_key = c.user_key
	WHERE c.user_key = ?
	LIMIT ?
)`

// TrimMentions implements backend.EraseRows.
func (r *rows) TrimMentions(_ context.Context, user storage.UserID, limit int) (more bool, err error) {
	key, err := r.userKey(user)
	if err == nil {
		err = r.flushMentions()
	}
	if err != nil {
		return false, err
	}
	var mentions int64
	trimmed, err := r.trim([]trim{{trimMentionsSQL, key, nil, &mentions}}, limit*mentionsOfRecord)
	return int(trimmed) == limit*mentionsOfRecord, err
}

const forgetEmojiOfSQL = `
UPDATE changes
SET emoji = NULL
WHERE position IN (
	SELECT position
	FROM changes INDEXED BY changes_emoji_by_user
	WHERE user_id = ?
	AND emoji IS NOT NULL
	ORDER BY position
	LIMIT ?
)`

// ForgetEmojiOf implements backend.EraseRows.
func (r *rows) ForgetEmojiOf(_ context.Context, user storage.UserID, limit int) (int, error) {
	if err := r.flushChanges(); err != nil {
		return 0, err
	}
	err := r.c.exec(forgetEmojiOfSQL, func(a *args) {
		a.id(user)
		a.int(int64(limit))
	})
	if err != nil {
		return 0, err
	}
	forgotten := int(r.c.changes())
	r.pending.bytes += forgotten * changeBytes
	return forgotten, nil
}
