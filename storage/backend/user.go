package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/search"
)

// userRow prepares a user for storing.
func userRow(u storage.User) (*UserRow, error) {
	if err := u.Validate(); err != nil {
		return nil, err
	}
	folded, err := storage.FoldUsername(u.Username)
	if err != nil {
		return nil, err
	}
	return &UserRow{
		User:        u,
		FoldedName:  folded,
		FoldedEmail: storage.FoldEmail(u.Email),
		Words:       UserWords(u.Username, u.Profile.DisplayName, u.Email),
	}, nil
}

// UserWords returns what text queries find a user by.
func UserWords(username, displayName, email string) []string {
	return search.Words(username + " " + displayName + " " + email)
}

// User implements storage.UserReader.
func (r Reader) User(ctx context.Context, id storage.UserID) (storage.User, error) {
	return readOne(ctx, r.in, "read user", unchecked, func(rows Rows) (storage.User, error) {
		u, err := rows.User(ctx, id)
		return u, missing(err, storage.EntityUser, id)
	})
}

// UsersByID implements storage.UserReader.
func (r Reader) UsersByID(ctx context.Context, ids ...storage.UserID) ([]storage.User, error) {
	check := func() (err error) { ids, err = checkIDs("ids", ids); return err }
	return readList(ctx, r.in, "read users", check, func(rows Rows) ([]storage.User, error) {
		return rows.UsersByID(ctx, ids)
	})
}

// UserByUsername implements storage.UserReader.
func (r Reader) UserByUsername(ctx context.Context, username string) (storage.User, error) {
	var folded string
	check := func() (err error) { folded, err = storage.FoldUsername(username); return err }
	return readOne(ctx, r.in, "read user by username", check, func(rows Rows) (storage.User, error) {
		u, err := rows.UserByUsername(ctx, folded)
		return u, missingKey(err, storage.EntityUser, func() string { return username })
	})
}

// UserByEmail implements storage.UserReader.
func (r Reader) UserByEmail(ctx context.Context, email string) (storage.User, error) {
	check := func() error { return storage.CheckText("email", email, storage.MaxEmail) }
	return readOne(ctx, r.in, "read user by email", check, func(rows Rows) (storage.User, error) {
		folded := storage.FoldEmail(email)
		if folded == "" {
			return storage.User{}, storage.NotFound(storage.EntityUser, "")
		}
		u, err := rows.UserByEmail(ctx, folded)
		return u, missingKey(err, storage.EntityUser, func() string { return email })
	})
}

// UserByExternalID implements storage.UserReader.
func (r Reader) UserByExternalID(ctx context.Context, externalID string) (storage.User, error) {
	check := func() error { return storage.CheckText("externalID", externalID, storage.MaxExternalID) }
	return readOne(ctx, r.in, "read user by external ID", check, func(rows Rows) (storage.User, error) {
		if externalID == "" {
			return storage.User{}, storage.NotFound(storage.EntityUser, "")
		}
		u, err := rows.UserByExternalID(ctx, externalID)
		return u, missingKey(err, storage.EntityUser, func() string { return externalID })
	})
}

// Users implements storage.UserReader.
func (r Reader) Users(ctx context.Context, q storage.UserQuery) (storage.Page[storage.User], error) {
	var p *pager
	var s UserScan
	check := func() (err error) {
		if s, err = userScan(q); err != nil {
			return err
		}
		p, err = newPager(s.UserQuery, q.Limit, q.Cursor)
		return err
	}
	rows, err := readList(ctx, r.in, "list users", check, func(rows Rows) ([]storage.User, error) {
		s.Scan = p.scan(s.Order != storage.UsersByName)
		if hopeless(q.Text, s.Prefixes) {
			return nil, nil
		}
		return rows.Users(ctx, s)
	})
	if err != nil {
		return storage.Page[storage.User]{}, err
	}
	return page(p, rows, func(u storage.User) storage.Keyset { return userKeyset(s.Order, u) })
}

// CountUsers implements storage.UserReader.
func (r Reader) CountUsers(ctx context.Context, q storage.UserQuery) (int64, error) {
	var s UserScan
	check := func() (err error) { s, err = userScan(q); return err }
	return readOne(ctx, r.in, "count users", check, func(rows Rows) (int64, error) {
		if hopeless(q.Text, s.Prefixes) {
			return 0, nil
		}
		return rows.CountUsers(ctx, s)
	})
}

// userScan checks a query and reads its text.
func userScan(q storage.UserQuery) (UserScan, error) {
	if err := q.Validate(); err != nil {
		return UserScan{}, err
	}
	q.Limit, q.Cursor = 0, ""
	if q.Order == 0 {
		q.Order = storage.UsersByName
	}
	q.Roles = noneIfEmpty(q.Roles)
	q.SeenSince = ceilTime(q.SeenSince)
	q.CreatedFrom, q.CreatedTo = ceilTime(q.CreatedFrom), ceilTime(q.CreatedTo)
	return UserScan{UserQuery: q, Prefixes: search.Prefixes(q.Text)}, nil
}

// hopeless reports a text without a single word, which nothing can match.
func hopeless(text string, prefixes []string) bool { return text != "" && len(prefixes) == 0 }

func userKeyset(order storage.UserOrder, u storage.User) storage.Keyset {
	k := storage.Keyset{ID: u.ID}
	switch order {
	case storage.UsersByName:
		k.Text, _ = storage.FoldUsername(u.Username) // it was folded when it was stored
	case storage.UsersByCreation:
		k.Int = Micros(u.CreatedAt)
	case storage.UsersBySeen:
		k.Int = Micros(u.LastSeenAt)
	}
	return k
}

// Micros is the number by which lists order a time: microseconds since 1970, 0
// for never.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// CreateUser implements storage.UserWriter.
func (w Writer) CreateUser(ctx context.Context, u *storage.User) error {
	var row *UserRow
	check := func() (err error) {
		if u == nil {
			return storage.Invalid("u", "nil")
		}
		next := u.Clone()
		next.Normalize()
		if next.ID.IsZero() {
			next.ID = w.o.NewUUID()
		}
		next.Active, next.LastSeenAt, next.Version = true, time.Time{}, 1
		row, err = userRow(next)
		return err
	}
	err := writeOnly(ctx, w.in, "create user", check, func(t *rules) error { return t.createUser(ctx, row) })
	if err == nil {
		*u = row.User
	}
	return err
}

func (t *rules) createUser(ctx context.Context, row *UserRow) error {
	if err := t.freeUser(ctx, row, &UserRow{}); err != nil {
		return err
	}
	exists, err := t.rows.UserExists(ctx, row.ID)
	if err != nil {
		return err
	}
	if exists {
		return storage.Duplicate(storage.EntityUser, row.ID.String(), "ID")
	}
	row.CreatedAt, row.UpdatedAt = t.now, t.now
	if err := t.rows.InsertUser(ctx, row); err != nil {
		return err
	}
	if err := t.counted(ctx, Activity{At: t.now, User: row.ID, Users: 1}); err != nil {
		return err
	}
	return t.changed(ctx, storage.Change{Kind: storage.ChangeUserCreated, UserID: row.ID, Version: 1})
}

// freeUser refuses values that must be unique, have changed since old, and are
// somebody's.
func (t *rules) freeUser(ctx context.Context, row, old *UserRow) error {
	for _, unique := range []struct {
		field, value, before string
		find                 func(context.Context, string) (storage.User, error)
	}{
		{"Username", row.FoldedName, old.FoldedName, t.rows.UserByUsername},
		{"Email", row.FoldedEmail, old.FoldedEmail, t.rows.UserByEmail},
		{"ExternalID", row.ExternalID, old.ExternalID, t.rows.UserByExternalID},
	} {
		if unique.value == "" || unique.value == unique.before {
			continue
		}
		_, err := unique.find(ctx, unique.value)
		taken, err := found(err)
		if err != nil {
			return err
		}
		if taken {
			return storage.Duplicate(storage.EntityUser, "", unique.field)
		}
	}
	return nil
}

// UpdateUser implements storage.UserWriter.
func (w Writer) UpdateUser(ctx context.Context, id storage.UserID, p storage.UserPatch) (storage.User, error) {
	check := func() error { return checkPatch(p.IfVersion, storage.User{Username: "a"}, p.Apply) }
	return writeOne(ctx, w.in, "update user", check, func(t *rules) (storage.User, error) {
		return t.changeUser(ctx, id, p.IfVersion, p.Apply)
	})
}

// SetUserRole implements storage.UserWriter.
func (w Writer) SetUserRole(ctx context.Context, id storage.UserID, role storage.Role) error {
	check := func() error {
		if !role.Valid() {
			return storage.Invalid("role", "no role of a user")
		}
		return nil
	}
	return w.setUser(ctx, "set user role", id, check, func(u *storage.User) bool {
		return assign(&u.Role, role)
	})
}

// SetPasswordHash implements storage.UserWriter.
func (w Writer) SetPasswordHash(ctx context.Context, id storage.UserID, hash storage.Secret) error {
	check := func() error { return storage.User{Username: "a", PasswordHash: hash}.Validate() }
	return w.setUser(ctx, "set password hash", id, check, func(u *storage.User) bool {
		return assign(&u.PasswordHash, hash)
	})
}

// DeactivateUser implements storage.UserWriter. It keeps what SessionByToken
// relies on: no session that is not revoked is of a user who is deactivated.
func (w Writer) DeactivateUser(ctx context.Context, id storage.UserID) error {
	return writeOnly(ctx, w.in, "deactivate user", unchecked, func(t *rules) error { return t.deactivateUser(ctx, id) })
}

func (t *rules) deactivateUser(ctx context.Context, id storage.UserID) error {
	_, err := t.changeUser(ctx, id, 0, func(u *storage.User) bool { return assign(&u.Active, false) })
	if err != nil {
		return err
	}
	_, err = t.rows.RevokeSessions(ctx, id, nil, t.now)
	return err
}

// ReactivateUser implements storage.UserWriter.
func (w Writer) ReactivateUser(ctx context.Context, id storage.UserID) error {
	return w.setUser(ctx, "reactivate user", id, unchecked, func(u *storage.User) bool {
		return assign(&u.Active, true)
	})
}

func (w Writer) setUser(ctx context.Context, op string, id storage.UserID, check func() error, apply func(*storage.User) bool) error {
	return writeOnly(ctx, w.in, op, check, func(t *rules) error {
		_, err := t.changeUser(ctx, id, 0, apply)
		return err
	})
}

// changeUser applies a change to a user, as a new version if it makes any
// difference.
func (t *rules) changeUser(ctx context.Context, id storage.UserID, ifVersion int64, apply func(*storage.User) bool) (storage.User, error) {
	u, err := t.rows.User(ctx, id)
	if err != nil {
		return u, missing(err, storage.EntityUser, id)
	}
	if err := fresh(storage.EntityUser, id.String(), u.Version, ifVersion); err != nil {
		return u, err
	}
	old := &UserRow{User: u, FoldedEmail: storage.FoldEmail(u.Email)}
	old.FoldedName, _ = storage.FoldUsername(u.Username) // it was folded when it was stored
	if !apply(&u) {
		return u, nil
	}
	u.Version++
	u.UpdatedAt = t.now
	row, err := userRow(u)
	if err != nil {
		return u, err
	}
	if err := t.freeUser(ctx, row, old); err != nil {
		return u, err
	}
	if err := t.rows.UpdateUser(ctx, row); err != nil {
		return u, err
	}
	return u.Clone(), t.changed(ctx, storage.Change{Kind: storage.ChangeUserUpdated, UserID: id, Version: u.Version})
}

// TouchUser implements storage.UserWriter.
func (w Writer) TouchUser(ctx context.Context, id storage.UserID) error {
	return writeOnly(ctx, w.in, "touch user", unchecked, func(t *rules) error { return t.touchUser(ctx, id) })
}

func (t *rules) touchUser(ctx context.Context, id storage.UserID) error {
	u, err := t.rows.User(ctx, id)
	if err != nil {
		return missing(err, storage.EntityUser, id)
	}
	if !t.now.After(u.LastSeenAt) {
		return nil
	}
	return t.rows.TouchUser(ctx, id, t.now)
}

// DeleteUser implements storage.UserWriter.
func (w Writer) DeleteUser(ctx context.Context, id storage.UserID) error {
	return writeOnly(ctx, w.in, "delete user", unchecked, func(t *rules) error {
		if err := t.needUser(ctx, id, ""); err != nil {
			return err
		}
		if err := free(ctx, t.rows.UserHeld, storage.EntityUser, id); err != nil {
			return err
		}
		return t.deleteUser(ctx, id)
	})
}

// deleteUser removes a user who exists.
func (t *rules) deleteUser(ctx context.Context, id storage.UserID) error {
	if err := t.countLeaves(ctx, id); err != nil {
		return err
	}
	if err := t.rows.DeleteUser(ctx, id); err != nil {
		return err
	}
	t.gone = append(t.gone, id)
	at, err := t.changedAt(ctx, storage.Change{Kind: storage.ChangeUserDeleted, UserID: id})
	if err != nil {
		return err
	}
	return t.rows.EndStays(ctx, storage.RoomID{}, id, at)
}

// countLeaves tells the rollups that a user leaves all rooms.
func (t *rules) countLeaves(ctx context.Context, id storage.UserID) error {
	s := MembershipScan{MembershipQuery: storage.MembershipQuery{User: id, Order: storage.MembersByJoining}}
	for s.Scan.Limit = storage.MaxLimit; ; {
		members, err := t.rows.Memberships(ctx, s)
		if err != nil {
			return err
		}
		for i := range members {
			if err := t.counted(ctx, Activity{At: t.now, Room: members[i].RoomID, User: id, Leaves: 1}); err != nil {
				return err
			}
			s.After = new(membershipKeyset(s.MembershipQuery, members[i]))
		}
		if len(members) < s.Scan.Limit {
			return nil
		}
	}
}

// needUser refuses a user who does not exist; field says where it was named.
func (t *rules) needUser(ctx context.Context, id storage.UserID, field string) error {
	exists, err := t.rows.UserExists(ctx, id)
	if err != nil || exists {
		return err
	}
	return &storage.Error{Entity: storage.EntityUser, ID: id.String(), Field: field, Kind: storage.ErrNotFound}
}
