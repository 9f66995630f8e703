package memory

import (
	"context"
	"iter"
	"math"
	"strconv"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// loginAttempt is an attempt as it is kept.
type loginAttempt struct {
	storage.LoginAttempt // never changed
	key                  key
	user                 key
	network              string
}

// What attempts are looked for by, each in an order by time.
const everyLogin = "every"

func loginsByUser(user key) string        { return "user " + strconv.FormatInt(int64(user), 10) }
func loginsByLogin(login string) string   { return "login " + login }
func loginsByNetwork(bytes string) string { return "network " + bytes }

// places returns where an attempt stands in the index.
func (a *loginAttempt) places() (all []entry) {
	texts := []string{everyLogin, loginsByLogin(a.Login)}
	if a.user != 0 {
		texts = append(texts, loginsByUser(a.user))
	}
	if a.network != "" {
		texts = append(texts, loginsByNetwork(a.network))
	}
	for _, text := range texts {
		all = append(all, entry{text: text, n: backend.Micros(a.CreatedAt), id: a.ID, key: a.key})
	}
	return all
}

// selectedLogins walks what a scan selects, in its order, whatever its limit.
func (r *rows) selectedLogins(s *backend.LoginScan) iter.Seq[*loginAttempt] {
	text := everyLogin
	switch {
	case !s.User.IsZero():
		text = loginsByUser(r.userKey(s.User))
	case s.Login != "":
		text = loginsByLogin(s.Login)
	case s.Network != "":
		text = loginsByNetwork(s.Network)
	}
	return func(yield func(*loginAttempt) bool) {
		for e := range beyond(&r.loginPlaces, beginningOf(text, s), s.Desc) {
			a, _ := r.logins.Get(e.key)
			if e.text != text || past(s, a.CreatedAt) {
				return
			}
			if selectsLogin(s, a) && !yield(a) {
				return
			}
		}
	}
}

// past reports whether a walk has left its span of time.
func past(s *backend.LoginScan, at time.Time) bool {
	if s.Desc {
		return !s.From.IsZero() && at.Before(s.From)
	}
	return !s.To.IsZero() && !at.Before(s.To)
}

// beginningOf returns the place behind which a scan finds something.
func beginningOf(text string, s *backend.LoginScan) *entry {
	switch {
	case s.After != nil:
		return &entry{text: text, n: s.After.Int, id: s.After.ID}
	case s.Desc && !s.To.IsZero():
		return &entry{text: text, n: backend.Micros(s.To)}
	case s.Desc:
		last := lastEntry
		last.text = text
		return &last
	case !s.From.IsZero():
		return &entry{text: text, n: backend.Micros(s.From)}
	}
	return &entry{text: text, n: math.MinInt64}
}

func selectsLogin(s *backend.LoginScan, a *loginAttempt) bool {
	return (s.Login == "" || a.Login == s.Login) && (s.Network == "" || a.network == s.Network) &&
		(s.Success == nil || *s.Success == a.Success) && inRange(a.CreatedAt, s.From, s.To)
}

func (r *rows) LoginAttempts(_ context.Context, s backend.LoginScan) (all []storage.LoginAttempt, err error) {
	for _, a := range firstOf(r.selectedLogins(&s), s.Scan.Limit) {
		all = append(all, a.LoginAttempt)
	}
	return all, nil
}

func (r *rows) CountLoginAttempts(_ context.Context, s backend.LoginScan) (n int64, err error) {
	for range r.selectedLogins(&s) {
		n++
	}
	return n, nil
}

func (r *rows) InsertLoginAttempt(_ context.Context, row *backend.LoginRow) error {
	user := r.userKey(row.UserID)
	if user == 0 && !row.UserID.IsZero() {
		return storage.ErrNotFound
	}
	if _, taken := r.loginIDs.Get(identified[key]{id: row.ID}); taken {
		return storage.ErrDuplicate
	}
	r.lastLogin++
	a := &loginAttempt{LoginAttempt: row.LoginAttempt, key: r.lastLogin, user: user, network: row.Network}
	r.logins.Set(a.key, a)
	r.loginIDs.Set(identified[key]{a.ID, a.key})
	for _, e := range a.places() {
		r.loginPlaces.Set(e)
	}
	return nil
}

func (r *rows) PruneLoginAttempts(_ context.Context, before time.Time, limit int) (pruned int, err error) {
	s := backend.LoginScan{LoginQuery: storage.LoginQuery{To: before}}
	old := firstOf(r.selectedLogins(&s), limit)
	r.removeLogins(old)
	return len(old), nil
}

// removeLoginsOf takes away the attempts of a user.
func (s *state) removeLoginsOf(user key) {
	r := rows{state: s}
	scan := backend.LoginScan{LoginQuery: storage.LoginQuery{User: s.userID(user)}}
	r.removeLogins(firstOf(r.selectedLogins(&scan), math.MaxInt))
}

// removeLogins is the inverse of InsertLoginAttempt.
func (s *state) removeLogins(all []*loginAttempt) {
	for _, a := range all {
		s.logins.Delete(a.key)
		s.loginIDs.Delete(identified[key]{id: a.ID})
		for _, e := range a.places() {
			s.loginPlaces.Delete(e)
		}
	}
}
