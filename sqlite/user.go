package sqlite

import (
	"context"
	"errors"

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
	return listed(r, userList(s), scanUser)
}

// userList walks its order, and so no index of roles. A span of creation leads
// to an index of its own, from which another order is sorted; so do words.
func userList(s backend.UserScan) list {
	l := from(userColumns, "users AS u")
	l.whereUsers(s, "+u.role")
	l.scan(userOrder(s.Order), s.Scan)
	return l
}

// CountUsers implements backend.UserRows.
// Who is active are all but the few who were deactivated, of whom there is an
// index.
func (r *rows) CountUsers(_ context.Context, s backend.UserScan) (int64, error) {
	if s.Active == nil || !*s.Active {
		return counted(r, userCount(s))
	}
	if err := r.snapshot(); err != nil {
		return 0, err
	}
	s.Active = nil
	all, err := counted(r, userCount(s))
	if err != nil {
		return 0, err
	}
	s.Active = new(false)
	deactivated, err := counted(r, userCount(s))
	return all - deactivated, err
}

func userCount(s backend.UserScan) list {
	l := from("count(*)", "users AS u")
	l.whereUsers(s, "u.role")
	return l
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

// whereUsers keeps the users that a query selects.
func (l *list) whereUsers(s backend.UserScan, role string) {
	whereIn(l, role, s.Roles)
	switch {
	case s.Active == nil:
	case *s.Active:
		l.where("u.active = 1")
	default:
		l.where("u.active = 0") // as the index says it
	}
	if !s.SeenSince.IsZero() {
		l.where("ifnull(u.last_seen_at, 0) >= ?", s.SeenSince)
		l.where("u.last_seen_at IS NOT NULL")
	}
	if !s.CreatedFrom.IsZero() {
		l.where("u.created_at >= ?", s.CreatedFrom)
	}
	if !s.CreatedTo.IsZero() {
		l.where("u.created_at < ?", s.CreatedTo)
	}
	l.wherePrefixes("u.key", userPrefixes, s.Prefixes)
}
