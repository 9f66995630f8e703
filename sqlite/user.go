package sqlite

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const userColumns = `
	u.id, u.external_id, u.username, u.email, u.role, u.active, u.password_hash,
	u.display_name, u.avatar, u.profile, u.profile_custom, u.settings, u.settings_chat,
	u.created_at, u.updated_at, u.last_seen_at, u.version`

func scanUser(row *row) (u storage.User) {
	u.ID, u.ExternalID = row.id(), row.text()
	u.Username, u.Email = row.text(), row.text()
	u.Role, u.Active = known[storage.Role](row), row.bool()
	u.PasswordHash = storage.Secret(row.text())
	name, avatar := row.text(), row.text()
	row.json(&u.Profile)
	u.Profile.DisplayName, u.Profile.Avatar, u.Profile.Custom = name, avatar, row.blob()
	row.json(&u.Settings)
	u.Settings.Chat = row.blob()
	u.CreatedAt, u.UpdatedAt, u.LastSeenAt = row.time(), row.time(), row.time()
	u.Version = row.int()
	return u
}

const userByIDSQL = `SELECT` + userColumns + `
FROM users AS u
WHERE u.id = ?`

// User implements backend.UserRows.
func (r *rows) User(_ context.Context, id storage.UserID) (storage.User, error) {
	return r.user(userByIDSQL, func(a *args) { a.id(id) })
}

func (r *rows) user(sql string, bind func(*args)) (u storage.User, err error) {
	err = r.c.one(sql, bind, func(row *row) error {
		u = scanUser(row)
		return nil
	})
	return u, err
}

const userByUsernameSQL = `SELECT` + userColumns + `
FROM users AS u
WHERE u.username_folded = ?`

// UserByUsername implements backend.UserRows.
func (r *rows) UserByUsername(_ context.Context, folded string) (storage.User, error) {
	return r.user(userByUsernameSQL, func(a *args) { a.text(folded) })
}

const userByEmailSQL = `SELECT` + userColumns + `
FROM users AS u
WHERE u.email_folded = ?`

// UserByEmail implements backend.UserRows.
func (r *rows) UserByEmail(_ context.Context, folded string) (storage.User, error) {
	return r.user(userByEmailSQL, func(a *args) { a.text(folded) })
}

const userByExternalIDSQL = `SELECT` + userColumns + `
FROM users AS u
WHERE u.external_id = ?`

// UserByExternalID implements backend.UserRows.
func (r *rows) UserByExternalID(_ context.Context, externalID string) (storage.User, error) {
	return r.user(userByExternalIDSQL, func(a *args) { a.text(externalID) })
}

// UserExists implements backend.UserRows.
func (r *rows) UserExists(_ context.Context, id storage.UserID) (bool, error) {
	_, err := r.userKey(id)
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	return err == nil && !id.IsZero(), err
}

// UsersByID implements backend.UserRows.
func (r *rows) UsersByID(ctx context.Context, ids []storage.UserID) ([]storage.User, error) {
	return byID(ctx, r, ids, r.User)
}

// byID reads records one by one, which is a seek each however it is asked,
// from one moment.
func byID[T any](
	ctx context.Context, r *rows, ids []storage.ID[T], read func(context.Context, storage.ID[T]) (T, error),
) ([]T, error) {
	if err := r.snapshot(); err != nil {
		return nil, err
	}
	var out []T
	for _, id := range ids {
		record, err := read(ctx, id)
		if errors.Is(err, storage.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, record)
	}
	return out, nil
}

// Users implements backend.UserRows.
func (r *rows) Users(_ context.Context, s backend.UserScan) ([]storage.User, error) {
	l := from(userColumns, "users AS u")
	l.whereUsers(s)
	l.scan(userOrder(s.Order), s.Scan)
	return listed(r, l, scanUser)
}

// CountUsers implements backend.UserRows.
func (r *rows) CountUsers(_ context.Context, s backend.UserScan) (int64, error) {
	l := from("count(*)", "users AS u")
	l.whereUsers(s)
	return counted(r, l)
}

func userOrder(o storage.UserOrder) order {
	switch o {
	case storage.UsersByCreation:
		return order{column: "u.created_at", id: "u.id"}
	case storage.UsersBySeen:
		return order{column: "ifnull(u.last_seen_at, 0)", id: "u.id"}
	}
	return order{column: "u.username_folded", id: "u.id", text: true}
}

const userPrefixes = `user_key FROM user_words WHERE word >= ?`

func (l *list) whereUsers(s backend.UserScan) {
	whereIn(l, "u.role", s.Roles)
	if s.Active != nil {
		l.where("u.active = ?", *s.Active)
	}
	if !s.SeenSince.IsZero() {
		l.where("u.last_seen_at >= ?", s.SeenSince)
	}
	if !s.CreatedFrom.IsZero() {
		l.where("u.created_at >= ?", s.CreatedFrom)
	}
	if !s.CreatedTo.IsZero() {
		l.where("u.created_at < ?", s.CreatedTo)
	}
	l.wherePrefixes("u.key", userPrefixes, s.Prefixes)
}

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
	return r.c.exec(touchUserSQL, func(a *args) {
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
WHERE user_key = ?`,
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
	for _, sql := range deleteUserSQL {
		if err := r.c.exec(sql, func(a *args) { a.int(key) }); err != nil {
			return err
		}
	}
	r.pending.bytes += rowBytes
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
