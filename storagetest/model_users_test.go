package storagetest_test

// Users as they are listed and summed up.

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lairchat/lair/storage"
)

func (m *model) Users(_ context.Context, q storage.UserQuery) (storage.Page[storage.User], error) {
	if err := q.Validate(); err != nil {
		return storage.Page[storage.User]{}, err
	}
	key := func(u storage.User) storage.Keyset {
		k := storage.Keyset{ID: u.ID}
		switch q.Order {
		case storage.UsersByCreation:
			k.Int = u.CreatedAt.UnixMicro()
		case storage.UsersBySeen:
			if !u.LastSeenAt.IsZero() {
				k.Int = u.LastSeenAt.UnixMicro()
			}
		default:
			k.Int = nameInOrder(u.Username)
		}
		return k
	}
	falls := q.Order == storage.UsersByCreation || q.Order == storage.UsersBySeen
	all := m.selectedUsers(q)
	slices.SortFunc(all, func(a, b storage.User) int {
		if falls {
			a, b = b, a
		}
		return compareKeys(key(a), key(b))
	})
	return modelPage(all, key, falls, q.Limit, q.Cursor)
}

func (m *model) CountUsers(_ context.Context, q storage.UserQuery) (int64, error) {
	return int64(len(m.selectedUsers(q))), q.Validate()
}

func (m *model) selectedUsers(q storage.UserQuery) (all []storage.User) {
	for _, u := range m.profiles {
		text := strings.Join([]string{u.Username, u.Profile.DisplayName, strings.ReplaceAll(u.Email, "@", " ")}, " ")
		if (len(q.Roles) == 0 || slices.Contains(q.Roles, u.Role)) && (q.Active == nil || *q.Active == u.Active) &&
			(q.SeenSince.IsZero() || !u.LastSeenAt.IsZero() && !u.LastSeenAt.Before(q.SeenSince)) &&
			(q.CreatedFrom.IsZero() || !u.CreatedAt.Before(q.CreatedFrom)) &&
			(q.CreatedTo.IsZero() || u.CreatedAt.Before(q.CreatedTo)) &&
			hasWords(strings.Fields(strings.ToLower(text)), q.Text) {
			all = append(all, u)
		}
	}
	return all
}

// lately counts what happened at a time among what is recent.
func (m *model) lately(n *storage.Recent, at time.Time) {
	for days, count := range map[int]*int64{1: &n.Day, 7: &n.Week, 30: &n.Month} {
		if !at.IsZero() && !at.After(m.now()) && !at.Before(m.now().Add(time.Duration(-days)*24*time.Hour)) {
			*count++
		}
	}
}

func (m *model) UserStats(context.Context) (storage.UserStats, error) {
	s := storage.UserStats{ByRole: map[storage.Role]int64{}}
	for _, u := range m.profiles {
		s.Total++
		if u.Active {
			s.Active++
		}
		s.ByRole[u.Role]++
		m.lately(&s.New, u.CreatedAt)
		m.lately(&s.Seen, u.LastSeenAt)
	}
	return s, nil
}

func (m *model) UserActivity(ctx context.Context, id storage.UserID) (storage.UserActivity, error) {
	u, err := m.User(ctx, id)
	if err != nil {
		return storage.UserActivity{}, err
	}
	a := storage.UserActivity{UserID: id, CreatedAt: u.CreatedAt, LastSeenAt: u.LastSeenAt}
	for _, message := range m.saidBy(storage.RoomID{}, id) {
		a.Messages++
		m.lately(&a.RecentMessages, message.CreatedAt)
		if message.CreatedAt.After(a.LastMessageAt) {
			a.LastMessageAt = message.CreatedAt
		}
	}
	m.addTo(&a)
	a.Sessions, _ = m.CountSessions(ctx, storage.SessionQuery{User: id, Live: new(true)})
	a.FailedLogins, _ = m.CountFailedLogins(ctx, storage.LoginQuery{
		User: id, From: m.now().Add(-24 * time.Hour), To: m.now().Add(storage.TimePrecision),
	})
	for _, l := range m.logins {
		if l.UserID == id && l.Success && l.CreatedAt.After(a.LastLoginAt) {
			a.LastLoginAt = l.CreatedAt
		}
	}
	return a, nil
}

// addTo counts what a user has in rooms beside messages.
func (m *model) addTo(a *storage.UserActivity) {
	for i, message := range m.messages {
		for _, r := range message.reactions {
			if r.UserID == a.UserID && m.held(i) && !message.Expired(m.now()) {
				a.Reactions++
			}
		}
	}
	for k, f := range m.files {
		if f.UploaderID == a.UserID && m.shown(k) {
			a.Attachments++
			a.AttachedBytes += f.Size
		}
	}
	for i, r := range m.rooms {
		if !r.gone && m.isMember(i, a.UserID) {
			a.Rooms++
		}
		if !r.gone && r.CreatorID == a.UserID {
			a.RoomsCreated++
		}
	}
	for _, s := range m.sanctions {
		if s.UserID == a.UserID && s.InForce(m.now()) {
			a.Sanctions++
		}
	}
}

// unhashed takes the hash out of a user, since each store makes its own of a
// password whose hash was too weak.
func unhashed(u storage.User, err error) (any, error) {
	u.PasswordHash = ""
	return u, err
}

// lookAtUsers compares a list of users, and one of them by whatever finds it.
func (h *history) lookAtUsers(q storage.UserQuery) {
	list := func(s storage.ReadWriter) lister[storage.UserQuery, storage.User] {
		return func(ctx context.Context, q storage.UserQuery) (storage.Page[storage.User], error) {
			p, err := s.Users(ctx, q)
			for i := range p.Items {
				p.Items[i].PasswordHash = ""
			}
			return p, err
		}
	}
	h.quietly(say("Users(%s)", q), walk(list, q))
	h.quietly(say("CountUsers(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.CountUsers(ctx, q))
	})
	name := fmt.Sprintf("uSER%d", 1+h.below(len(h.users)+1))
	h.quietly(say("UserByUsername(%s)", name), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return unhashed(s.UserByUsername(ctx, name))
	})
	h.quietly(say("UserByEmail(%s@example.org)", name), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return unhashed(s.UserByEmail(ctx, name+"@example.org"))
	})
	external := oneOf(h.draws, "one", "two", "")
	h.quietly(say("UserByExternalID(%s)", external), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return unhashed(s.UserByExternalID(ctx, external))
	})
}

func (h *history) userQuery() storage.UserQuery {
	q := storage.UserQuery{
		Order: oneOf(h.draws, 0, storage.UsersByName, storage.UsersByCreation, storage.UsersBySeen),
		Limit: 1 + h.below(3),
	}
	if h.oneIn(4) {
		q.Roles = []storage.Role{oneOf(h.draws, storage.RoleUser, storage.RoleAdmin, storage.RoleModerator), storage.RoleGuest}
	}
	if h.oneIn(4) {
		q.Active = new(h.oneIn(2))
	}
	if h.oneIn(5) {
		q.SeenSince = h.moment()
	}
	if h.oneIn(5) {
		q.CreatedFrom = h.moment()
	}
	if h.oneIn(5) {
		q.CreatedTo = q.CreatedFrom.Add(time.Hour)
	}
	if h.oneIn(4) {
		q.Text = oneOf(h.draws, "u", "USER2", "plum", "exam", "user1 apple", " ", "zebra")
	}
	return q
}

func (h *history) lookAtUser(id storage.UserID) {
	ids := []storage.UserID{id, h.user(), id}
	h.quietly(say("UsersByID(%s)", ids), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		all, err := s.UsersByID(ctx, ids...)
		for i := range all {
			all[i].PasswordHash = ""
		}
		return all, err
	})
	h.quietly(say("UserActivity(%s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.UserActivity(ctx, id))
	})
}
