package memory

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/backend/rollup"
	"github.com/lairchat/lair/storage/search"
)

// userKey returns the key of a user, 0 if there is none with the ID.
func (s *state) userKey(id storage.UserID) key {
	e, _ := s.userIDs.Get(identified[key]{id: id})
	return e.key
}

// userID returns the ID of the user that a record refers to: the zero ID once
// the user is deleted.
func (s *state) userID(k key) storage.UserID {
	if k == 0 {
		return storage.UserID{}
	}
	u, ok := s.users.Get(k)
	if !ok {
		return storage.UserID{}
	}
	return u.ID
}

func (s *state) userAt(k key) (storage.User, bool) {
	u, ok := s.users.Get(k)
	if !ok {
		return storage.User{}, false
	}
	return u.User, true
}

func (s *state) user(id storage.UserID) (storage.User, bool) { return s.userAt(s.userKey(id)) }

func (r *rows) User(_ context.Context, id storage.UserID) (storage.User, error) {
	return found(r.user(id))
}

func (r *rows) UserByUsername(_ context.Context, folded string) (storage.User, error) {
	return found(r.userAt(keyOfText(&r.userNames, folded)))
}

func (r *rows) UserByEmail(_ context.Context, folded string) (storage.User, error) {
	k, _ := r.userEmails.Get(folded)
	return found(r.userAt(k))
}

func (r *rows) UserByExternalID(_ context.Context, externalID string) (storage.User, error) {
	k, _ := r.userExternals.Get(externalID)
	return found(r.userAt(k))
}

func (r *rows) UserExists(_ context.Context, id storage.UserID) (bool, error) {
	return r.userKey(id) != 0, nil
}

func (r *rows) UsersByID(_ context.Context, ids []storage.UserID) ([]storage.User, error) {
	return each(ids, r.user), nil
}

func (r *rows) Users(_ context.Context, s backend.UserScan) ([]storage.User, error) {
	read := func(u *backend.UserRow) storage.User { return u.User }
	return list(r.usersInOrder(s), s.Scan.Limit, read), nil
}

// usersInOrder walks the users that a query selects.
func (r *rows) usersInOrder(s backend.UserScan) iter.Seq[*backend.UserRow] {
	return func(yield func(*backend.UserRow) bool) {
		for e := range r.userEntries(s) {
			u, _ := r.users.Get(e.key)
			if selectsUser(&s, u) && !yield(u) {
				return
			}
		}
	}
}

func (r *rows) userEntries(s backend.UserScan) iter.Seq[entry] {
	switch s.Order {
	case storage.UsersByCreation:
		return beyond(&r.userCreations, intAfter(s.After), s.Desc)
	case storage.UsersBySeen:
		return beyond(&r.userSightings, intAfter(s.After), s.Desc)
	}
	return beyond(&r.userNames, textAfter(s.After), s.Desc)
}

func (r *rows) CountUsers(_ context.Context, s backend.UserScan) (int64, error) {
	var n int64
	r.users.Scan(func(_ key, u *backend.UserRow) bool {
		if selectsUser(&s, u) {
			n++
		}
		return true
	})
	return n, nil
}

func selectsUser(s *backend.UserScan, u *backend.UserRow) bool {
	switch {
	case len(s.Roles) > 0 && !slices.Contains(s.Roles, u.Role),
		s.Active != nil && *s.Active != u.Active,
		!s.SeenSince.IsZero() && (u.LastSeenAt.IsZero() || u.LastSeenAt.Before(s.SeenSince)),
		!inRange(u.CreatedAt, s.CreatedFrom, s.CreatedTo):
		return false
	}
	return search.MatchWords(u.Words, s.Prefixes)
}

// inRange reports whether a time is in a half-open range, whose zero ends are
// open.
func inRange(t, from, to time.Time) bool {
	return (from.IsZero() || !t.Before(from)) && (to.IsZero() || t.Before(to))
}

func (r *rows) InsertUser(_ context.Context, u *backend.UserRow) error {
	r.lastUser++
	r.userIDs.Set(identified[key]{u.ID, r.lastUser})
	r.addUser(r.lastUser, cloneUser(u))
	return nil
}

func (r *rows) UpdateUser(_ context.Context, u *backend.UserRow) error {
	k := r.userKey(u.ID)
	if k == 0 {
		return storage.ErrNotFound
	}
	r.removeUser(k)
	r.addUser(k, cloneUser(u))
	return nil
}

func (r *rows) TouchUser(_ context.Context, id storage.UserID, at time.Time) error {
	k := r.userKey(id)
	u, ok := r.users.Get(k)
	if !ok {
		return storage.ErrNotFound
	}
	touched := *u
	touched.LastSeenAt = at
	r.userSightings.Delete(sighting(k, u))
	r.userSightings.Set(sighting(k, &touched))
	r.users.Set(k, &touched)
	return nil
}

func (r *rows) DeleteUser(_ context.Context, id storage.UserID) error {
	k := r.userKey(id)
	if k == 0 {
		return storage.ErrNotFound
	}
	for _, m := range r.membersOfUser(k) {
		r.removeMember(m)
	}
	r.removeReactions(r.reactionsByUser(k))
	r.forgetReader(k)
	r.removeInvites(func(i *invite) bool { return i.invitee == k })
	r.removeSanctions(r.sanctionsOf(k))
	for _, v := range slices.Collect(r.sessionsOf(k)) {
		r.removeSession(v)
	}
	r.removeLoginsOf(k)
	r.removeBlocks(k)
	r.removeUser(k)
	r.userIDs.Delete(identified[key]{id: id})
	return rollup.Forget(r.state, int64(k))
}

func cloneUser(u *backend.UserRow) *backend.UserRow {
	row := *u
	row.User = u.User.Clone()
	row.Words = slices.Clone(u.Words)
	return &row
}

// addUser stores a user and its index entries, but for the one by ID.
func (s *state) addUser(k key, u *backend.UserRow) {
	s.users.Set(k, u)
	if u.FoldedEmail != "" {
		s.userEmails.Set(u.FoldedEmail, k)
	}
	if u.ExternalID != "" {
		s.userExternals.Set(u.ExternalID, k)
	}
	s.userNames.Set(userName(k, u))
	s.userCreations.Set(userCreation(k, u))
	s.userSightings.Set(sighting(k, u))
	s.userRoles.Set(roleEntry(k, u))
}

// removeUser is the inverse of addUser.
func (s *state) removeUser(k key) {
	u, _ := s.users.Delete(k)
	s.userEmails.Delete(u.FoldedEmail)
	s.userExternals.Delete(u.ExternalID)
	s.userNames.Delete(userName(k, u))
	s.userCreations.Delete(userCreation(k, u))
	s.userSightings.Delete(sighting(k, u))
	s.userRoles.Delete(roleEntry(k, u))
}

// The places of a user in the orders of users.

func userName(k key, u *backend.UserRow) entry {
	return entry{text: u.FoldedName, id: u.ID, key: k}
}

func userCreation(k key, u *backend.UserRow) entry {
	return entry{n: backend.Micros(u.CreatedAt), id: u.ID, key: k}
}

func sighting(k key, u *backend.UserRow) entry {
	return entry{n: backend.Micros(u.LastSeenAt), id: u.ID, key: k}
}
