package sqlite

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/backend/rollup"
)

// userArgs binds what insertUserSQL and updateUserSQL have in common.
func userArgs(u *backend.UserRow) (func(*args), error) {
	profile := u.Profile
	profile.DisplayName, profile.Avatar, profile.Custom = "", "", nil
	profileJSON, err := toJSON(profile)
	if err != nil {
		return nil, err
	}
	settings := u.Settings
	settings.Chat = nil
	settingsJSON, err := toJSON(settings)
	if err != nil {
		return nil, err
	}
	return func(a *args) {
		a.textOrNull(u.ExternalID)
		a.text(u.Username)
		a.text(u.FoldedName)
		a.textOrNull(u.Email)
		a.textOrNull(u.FoldedEmail)
		a.int(int64(u.Role))
		a.bool(u.Active)
		a.textOrNull(string(u.PasswordHash))
		a.textOrNull(u.Profile.DisplayName)
		a.textOrNull(u.Profile.Avatar)
		a.textOrNull(profileJSON)
		a.textOrNull(string(u.Profile.Custom))
		a.textOrNull(settingsJSON)
		a.textOrNull(string(u.Settings.Chat))
		a.time(u.CreatedAt)
		a.time(u.UpdatedAt)
		a.time(u.LastSeenAt)
		a.int(u.Version)
		a.id(u.ID)
	}, nil
}

const insertUserSQL = `
INSERT INTO users (
	external_id, username, username_folded, email, email_folded, role, active, password_hash,
	display_name, avatar, profile, profile_custom, settings, settings_chat,
	created_at, updated_at, last_seen_at, version, id
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// InsertUser implements backend.UserRows.
func (r *rows) InsertUser(_ context.Context, u *backend.UserRow) error {
	bind, err := userArgs(u)
	if err != nil {
		return err
	}
	if err := r.c.exec(insertUserSQL, bind); err != nil {
		return err
	}
	r.pending.bytes += rowBytes
	return r.insertWords(insertUserWordSQL, r.c.db.LastInsertRowID(), u.Words)
}

const updateUserSQL = `
UPDATE users
SET
	external_id = ?, username = ?, username_folded = ?, email = ?, email_folded = ?, role = ?, active = ?,
	password_hash = ?, display_name = ?, avatar = ?, profile = ?, profile_custom = ?, settings = ?,
	settings_chat = ?, created_at = ?, updated_at = ?, last_seen_at = ?, version = ?
WHERE id = ?`

// UpdateUser implements backend.UserRows.
func (r *rows) UpdateUser(_ context.Context, u *backend.UserRow) error {
	key, err := r.userKey(u.ID)
	if err != nil {
		return err
	}
	bind, err := userArgs(u)
	if err != nil {
		return err
	}
	if err := r.c.exec(updateUserSQL, bind); err != nil {
		return err
	}
	r.pending.bytes += rowBytes
	return r.replaceWords(userWordsSQL, deleteUserWordsSQL, insertUserWordSQL, key, u.Words)
}

const touchUserSQL = `
UPDATE users
SET last_seen_at = ?
WHERE id = ?`

// TouchUser implements backend.UserRows.
func (r *rows) TouchUser(_ context.Context, id storage.UserID, at time.Time) error {
	r.pending.bytes += rowBytes
	return r.execOne(touchUserSQL, func(a *args) {
		a.time(at)
		a.id(id)
	})
}

// deleteUserSQL takes away a user, by key, and all that is the user's alone.
// The key stays on messages: nobody else will ever have it.
var deleteUserSQL = []string{
	`UPDATE rooms
SET member_count = member_count - 1
WHERE key IN (SELECT room_key FROM room_memberships WHERE user_key = ?)`,
	`DELETE FROM room_memberships
WHERE user_key = ?`,
	`DELETE FROM message_mentions
WHERE user_key = ?1
AND chunk IN (SELECT chunk FROM mention_chunks WHERE user_key = ?1)`,
	`DELETE FROM mention_chunks
WHERE user_key = ?`,
	uncountReactionsSQL,
	`DELETE FROM message_reactions
WHERE user_key = ?`,
	`DELETE FROM room_invites
WHERE invitee_key = ?`,
	`DELETE FROM user_moderation
WHERE user_key = ?`,
	`DELETE FROM sessions
WHERE user_id = (SELECT id FROM users WHERE key = ?)`,
	`DELETE FROM login_attempts
WHERE user_id = (SELECT id FROM users WHERE key = ?)`,
	`DELETE FROM user_blocks
WHERE user_id = (SELECT id FROM users WHERE key = ?)`,
	`DELETE FROM user_blocks
WHERE blocked_id = (SELECT id FROM users WHERE key = ?)`,
	deleteUserWordsSQL,
	`DELETE FROM users
WHERE key = ?`,
}

const countDeletionSQL = `
UPDATE counters
SET value = value + 1
WHERE name = 'user_deletions'`

// DeleteUser implements backend.UserRows.
func (r *rows) DeleteUser(_ context.Context, id storage.UserID) error {
	key, err := r.userKey(id)
	if err != nil {
		return err
	}
	defer r.known.forget()
	if err := errors.Join(r.flushMentions(), r.forgetReader(key), r.forgetSamples()); err != nil {
		return err
	}
	for _, sql := range deleteUserSQL {
		if err := r.c.exec(sql, func(a *args) { a.int(key) }); err != nil {
			return err
		}
	}
	r.pending.bytes += rowBytes
	if err := rollup.Forget(r.cells(), key); err != nil {
		return err
	}
	return r.c.exec(countDeletionSQL, nil)
}

const (
	userWordsSQL = `
SELECT word
FROM user_words
WHERE user_key = ?
ORDER BY word`
	insertUserWordSQL = `
INSERT INTO user_words (user_key, word)
VALUES (?, ?)`
	deleteUserWordsSQL = `
DELETE FROM user_words
WHERE user_key = ?`
)

// insertWords stores what text queries find a user or a room by.
func (r *rows) insertWords(insertSQL string, key int64, words []string) error {
	for _, word := range words {
		err := r.c.exec(insertSQL, func(a *args) {
			a.int(key)
			a.text(word)
		})
		if err != nil {
			return err
		}
		r.pending.bytes += len(word)
	}
	return nil
}

// replaceWords is insertWords where there may be others, or the same, already.
func (r *rows) replaceWords(selectSQL, deleteSQL, insertSQL string, key int64, words []string) error {
	var old []string
	bind := func(a *args) { a.int(key) }
	err := r.c.query(selectSQL, bind, func(row *row) error {
		old = append(old, row.text())
		return nil
	})
	if err != nil || slices.Equal(old, words) {
		return err
	}
	if err := r.c.exec(deleteSQL, bind); err != nil {
		return err
	}
	return r.insertWords(insertSQL, key, words)
}
