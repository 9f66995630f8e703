package storagetest_test

import (
	"context"
	"slices"
	"strings"

	"github.com/lairchat/lair/storage"
)

func (m *model) CreateUser(_ context.Context, given *storage.User) error {
	u := given.Clone()
	u.Normalize()
	if err := m.freeUser(&u, storage.User{}); err != nil {
		return err
	}
	if m.users[u.ID] {
		return storage.Duplicate(storage.EntityUser, u.ID.String(), "ID")
	}
	u.Active, u.Version, u.CreatedAt, u.UpdatedAt = true, 1, m.now(), m.now()
	m.users[u.ID], m.profiles[u.ID] = true, u
	m.count(-1, u.ID, registrations)
	*given = u
	return nil
}

// freeUser refuses a name, an address or an external identifier that is that of
// somebody else, as far as it is new.
func (m *model) freeUser(next *storage.User, old storage.User) error {
	for _, unique := range []struct {
		field string
		of    func(storage.User) string
	}{
		{"Username", func(u storage.User) string { return strings.ToLower(u.Username) }},
		{"Email", func(u storage.User) string { return strings.ToLower(u.Email) }},
		{"ExternalID", func(u storage.User) string { return u.ExternalID }},
	} {
		value := unique.of(*next)
		if _, err := m.userBy(value, unique.of); value != unique.of(old) && err == nil {
			return storage.Duplicate(storage.EntityUser, "", unique.field)
		}
	}
	return nil
}

// userBy finds a user by what is unique; nobody has an empty value.
func (m *model) userBy(value string, of func(storage.User) string) (storage.User, error) {
	for _, u := range m.profiles {
		if value != "" && of(u) == value {
			return u, nil
		}
	}
	return storage.User{}, storage.NotFound(storage.EntityUser, value)
}

func (m *model) User(_ context.Context, id storage.UserID) (storage.User, error) {
	return m.profiles[id], m.needUser(id, "")
}

func (m *model) UsersByID(_ context.Context, ids ...storage.UserID) (all []storage.User, err error) {
	for k, id := range ids {
		if m.users[id] && !slices.Contains(ids[:k], id) {
			all = append(all, m.profiles[id])
		}
	}
	return all, nil
}

func (m *model) UserByUsername(_ context.Context, name string) (storage.User, error) {
	if name == "" {
		return storage.User{}, storage.Invalid("Username", "empty")
	}
	return m.userBy(strings.ToLower(name), func(u storage.User) string { return strings.ToLower(u.Username) })
}

func (m *model) UserByEmail(_ context.Context, email string) (storage.User, error) {
	return m.userBy(strings.ToLower(email), func(u storage.User) string { return strings.ToLower(u.Email) })
}

func (m *model) UserByExternalID(_ context.Context, id string) (storage.User, error) {
	return m.userBy(id, func(u storage.User) string { return u.ExternalID })
}

func (m *model) SetUserRole(_ context.Context, id storage.UserID, role storage.Role) error {
	return m.setUser(id, func(u *storage.User) bool { return replace(&u.Role, role) })
}

func (m *model) SetPasswordHash(_ context.Context, id storage.UserID, hash storage.Secret) error {
	return m.setUser(id, func(u *storage.User) bool { return replace(&u.PasswordHash, hash) })
}

func (m *model) DeactivateUser(ctx context.Context, id storage.UserID) error {
	err := m.setUser(id, func(u *storage.User) bool { return replace(&u.Active, false) })
	if err == nil {
		_, err = m.RevokeSessions(ctx, id)
	}
	return err
}

func (m *model) ReactivateUser(_ context.Context, id storage.UserID) error {
	return m.setUser(id, func(u *storage.User) bool { return replace(&u.Active, true) })
}

func (m *model) TouchUser(_ context.Context, id storage.UserID) error {
	if err := m.needUser(id, ""); err != nil {
		return err
	}
	u := m.profiles[id]
	u.LastSeenAt = m.now()
	m.profiles[id] = u
	return nil
}

func (m *model) UpdateUser(_ context.Context, id storage.UserID, p storage.UserPatch) (storage.User, error) {
	switch u, ok := m.profiles[id]; {
	case p.IfVersion < 0:
		return storage.User{}, storage.Invalid("IfVersion", "negative")
	case ok && p.IfVersion > 0 && p.IfVersion != u.Version:
		return storage.User{}, storage.Conflict(storage.EntityUser, id.String(), "stale version")
	}
	err := m.setUser(id, p.Apply)
	return m.profiles[id], err
}

// replace sets a value and reports whether it was another one.
func replace[T comparable](field *T, value T) bool {
	before := *field
	*field = value
	return before != value
}

// setUser changes a user, as a new version if set makes a difference.
func (m *model) setUser(id storage.UserID, set func(*storage.User) bool) error {
	if err := m.needUser(id, ""); err != nil {
		return err
	}
	old := m.profiles[id]
	next := old.Clone()
	if !set(&next) {
		return nil
	}
	if err := m.freeUser(&next, old); err != nil {
		return err
	}
	next.UpdatedAt = m.now()
	next.Version++
	m.profiles[id] = next
	return nil
}

func (m *model) DeleteUser(_ context.Context, id storage.UserID) error {
	if err := m.needUser(id, ""); err != nil {
		return err
	}
	if err := m.userKept(id); err != nil {
		return err
	}
	delete(m.users, id)
	delete(m.profiles, id)
	gone := func(user storage.UserID) bool { return user == id }
	forget := func(user *storage.UserID) {
		if *user == id {
			*user = storage.UserID{}
		}
	}
	for seat, member := range m.members {
		forget(&member.InvitedBy)
		m.members[seat] = member
		if seat.user == id {
			m.leave(seat)
		}
	}
	for i := range m.messages {
		m.messages[i].forget(id)
	}
	for i := range m.rooms {
		forget(&m.rooms[i].CreatorID)
	}
	for i := range m.files {
		forget(&m.files[i].UploaderID)
	}
	m.forgetAccess(id)
	m.sessions = slices.DeleteFunc(m.sessions, func(s storage.Session) bool { return s.UserID == id })
	m.logins = slices.DeleteFunc(m.logins, func(a storage.LoginAttempt) bool { return a.UserID == id })
	m.blocks = slices.DeleteFunc(m.blocks, func(b storage.Block) bool { return b.UserID == id || b.BlockedID == id })
	m.passes = slices.DeleteFunc(m.passes, func(p modelPass) bool { return gone(p.user) })
	m.singles = slices.DeleteFunc(m.singles, func(s modelSingle) bool { return gone(s.user) })
	return nil
}

// forget takes a user who is deleted out of a message.
func (message *modelMessage) forget(id storage.UserID) {
	if message.AuthorID == id {
		message.AuthorID, message.known = storage.UserID{}, false
	}
	if message.DeletedBy == id {
		message.DeletedBy = storage.UserID{}
	}
	message.reactions = slices.DeleteFunc(slices.Clone(message.reactions), func(r storage.Reaction) bool { return r.UserID == id })
	message.revisions = slices.Clone(message.revisions)
	for i := range message.revisions {
		if message.revisions[i].ReplacedBy == id {
			message.revisions[i].ReplacedBy = storage.UserID{}
		}
	}
}

// forgetAccess takes a user who is deleted out of invites and sanctions.
func (m *model) forgetAccess(id storage.UserID) {
	m.directs = slices.DeleteFunc(m.directs, func(d modelDirect) bool { return d.a == id || d.b == id })
	m.invites = slices.DeleteFunc(m.invites, func(i modelInvite) bool { return i.InviteeID == id })
	m.sanctions = slices.DeleteFunc(m.sanctions, func(s modelSanction) bool { return s.UserID == id })
	forget := func(user *storage.UserID) {
		if *user == id {
			*user = storage.UserID{}
		}
	}
	for i := range m.invites {
		forget(&m.invites[i].InviterID)
	}
	for i := range m.sanctions {
		forget(&m.sanctions[i].ModeratorID)
		forget(&m.sanctions[i].LiftedBy)
	}
}
