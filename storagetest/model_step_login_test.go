package storagetest_test

// What histories do with sessions and logins.

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// enter makes one call that is about being logged in.
func (h *history) enter() {
	switch h.below(5) {
	case 0:
		h.createSession()
	case 1, 2:
		h.changeSession()
	case 3:
		h.recordLogin()
	case 4:
		h.authenticate()
	}
}

func (h *history) changeSession() {
	id := h.session()
	switch h.below(8) {
	case 0, 1:
		h.call(say("TouchSession(%s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.TouchSession(ctx, id)
		})
	case 2, 3:
		until := h.later()
		h.call(say("ExtendSession(%s, %s)", id, until), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.ExtendSession(ctx, id, until))
		})
	case 4:
		client := h.client()
		h.call(say("UpdateSessionMetadata(%s, %s)", id, client), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.UpdateSessionMetadata(ctx, id, client))
		})
	case 5:
		h.call(say("RevokeSession(%s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.RevokeSession(ctx, id)
		})
	case 6:
		user := h.user()
		h.call(say("RevokeSessions(%s, %s)", user, id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.RevokeSessions(ctx, user, id))
		})
	case 7:
		h.endSessions(id)
	}
}

func (h *history) endSessions(id storage.SessionID) {
	if h.oneIn(2) {
		h.call(say("DeleteSession(%s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.DeleteSession(ctx, id)
		})
		return
	}
	before, limit := h.moment(), 1+h.below(3)
	h.call(say("DeleteExpiredSessions(%s, %s)", before, limit), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.DeleteExpiredSessions(ctx, before, limit))
	})
}

// login draws what is typed as a name: a user's, in some form, or nobody's.
func (d *draws) login() string {
	return oneOf(d, "user1", "USER2", "user3", "User1@Example.org", "user2@example.org", "nobody", "Nobody", "no@body.org")
}

func (h *history) recordLogin() {
	if h.oneIn(6) {
		before, limit := h.moment(), 1+h.below(3)
		h.call(say("PruneLoginAttempts(%s, %s)", before, limit), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.PruneLoginAttempts(ctx, before, limit))
		})
		return
	}
	a := storage.LoginAttempt{
		ID: h.id(), Login: h.login(), UserID: h.maybe(), IP: oneOf(h.draws, modelAddrs...), Success: h.oneIn(4), UserAgent: h.text(),
	}
	if len(h.model.logins) > 0 && h.oneIn(20) {
		a.ID = h.model.logins[h.below(len(h.model.logins))].ID
	}
	h.call(say("RecordLoginAttempt(%s)", a), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		next := a
		err := s.RecordLoginAttempt(ctx, &next)
		return next, err
	})
}

func (h *history) setPassword(user storage.UserID) {
	hash := oneOf(h.draws, modelHashes()...)
	h.call(say("SetPasswordHash(%s, that of %s)", user, modelPassword(hash)), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return nil, s.SetPasswordHash(ctx, user, hash)
	})
}

// authenticate logs somebody in, or tries to, some times in a row and from some
// addresses by turns, unless a transaction is open.
func (h *history) authenticate() {
	if _, open := h.subjects[1].on.(storage.Store); !open {
		return
	}
	c := storage.Credentials{Login: h.login(), Hasher: &modelHasher}
	for i := range 1 + h.below(16) {
		if i == 0 || h.oneIn(4) {
			c.IP = oneOf(h.draws, modelAddrs...)
		}
		if i == 0 || h.oneIn(4) {
			c.Password = oneOf(h.draws, storage.Secret("apple"), "plum")
		}
		if wait := h.attempt(c); wait > 0 && h.oneIn(2) {
			h.clock = h.clock.Add(wait)
			h.t.Logf("%v", say("the clock says %s", h.clock))
		}
	}
}

// attempt returns how long the model has it wait.
func (h *history) attempt(c storage.Credentials) (wait time.Duration) {
	h.uuid = h.id()
	id := h.uuid
	h.call(say("Authenticate(%s, %s, %s)", c.Login, string(c.Password), c.IP), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		if m, is := s.(modelStore); is {
			u, err := m.authenticate(ctx, c, id)
			if err != nil {
				wait = asError(err).RetryAfter
			}
			return unhashed(u, err)
		}
		return unhashed(storage.Authenticate(ctx, s.(storage.Store), c))
	})
	return wait
}

func (h *history) lookAtSessions(q storage.SessionQuery) {
	h.quietly(say("Sessions(%s)", q), walk(func(s storage.ReadWriter) lister[storage.SessionQuery, storage.Session] {
		return s.Sessions
	}, q))
	h.quietly(say("CountSessions(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.CountSessions(ctx, q))
	})
	id := h.session()
	h.quietly(say("Session(%s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.Session(ctx, id))
	})
	store := -1
	h.quietly(say("SessionByToken(that of %s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		store++
		return value(s.SessionByToken(ctx, h.tokens[store][id]))
	})
}

func (h *history) sessionQuery() storage.SessionQuery {
	q := storage.SessionQuery{Limit: 1 + h.below(3)}
	if h.oneIn(2) {
		q.User = h.user()
	}
	if h.oneIn(3) {
		q.Live = new(h.oneIn(2))
	}
	if h.oneIn(3) {
		q.ActiveSince = h.moment()
	}
	return q
}

func (h *history) lookAtLogins(q storage.LoginQuery) {
	h.quietly(say("LoginAttempts(%s)", q), walk(func(s storage.ReadWriter) lister[storage.LoginQuery, storage.LoginAttempt] {
		return s.LoginAttempts
	}, q))
	h.quietly(say("CountFailedLogins(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.CountFailedLogins(ctx, q))
	})
}

func (h *history) loginQuery() storage.LoginQuery {
	q := storage.LoginQuery{Limit: 1 + h.below(4)}
	switch h.below(4) {
	case 1:
		q.User = h.user()
	case 2:
		q.Login = h.login()
	case 3:
		q.IP = oneOf(h.draws, modelAddrs...)
	}
	if h.oneIn(5) {
		q.IP = oneOf(h.draws, modelAddrs...)
	}
	if h.oneIn(5) {
		q.Success = new(h.oneIn(2))
	}
	if h.oneIn(4) {
		q.From = h.moment()
	}
	if h.oneIn(5) {
		q.To = h.moment().Add(time.Hour)
	}
	return q
}
