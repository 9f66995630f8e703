package storagetest_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/lairchat/lair/storage"
)

var sessionFaults = slices.Concat(forgottenSessions(), []fault{
	{name: "tokens that can be guessed", caught: "session/tokens", open: sessionWrites{
		create: func(ctx context.Context, w storage.ReadWriter, s *storage.Session) (storage.Secret, error) {
			token, err := w.CreateSession(ctx, s)
			return token[:min(len(token), 12)], err
		},
	}.opener()},
	{name: "the ID is a token", caught: "session/by token", open: sessionReads{byToken: tokenOrID}.opener()},
	{name: "a wrong token tells more", caught: "session/wrong tokens tell nothing", open: sessionReads{
		byToken: func(ctx context.Context, r storage.Reader, token storage.Secret) (storage.Session, error) {
			s, err := r.SessionByToken(ctx, token)
			var e *storage.Error
			if errors.As(err, &e) && len(token) != 43 {
				e.Field = "token"
			}
			return s, err
		},
	}.opener()},
	{name: "sessions that do not expire", caught: "session/expiry", open: loggingIn(func(s *storage.Session) { s.ExpiresAt = time.Time{} })},
	{name: "sessions that expire an instant late", caught: "session/expiry", open: loggingIn(func(s *storage.Session) {
		if !s.ExpiresAt.IsZero() {
			s.ExpiresAt = s.ExpiresAt.Add(time.Microsecond)
		}
	})},
	{name: "sessions that cannot be revoked", caught: "session/revocation", open: sessionWrites{
		revoke: func(ctx context.Context, w storage.ReadWriter, id storage.SessionID) error {
			_, err := w.Session(ctx, id)
			return err
		},
	}.opener()},
	{name: "all sessions are revoked", caught: "session/revoke all but some", open: sessionWrites{
		revokeMany: func(ctx context.Context, w storage.ReadWriter, user storage.UserID, _ ...storage.SessionID) (int64, error) {
			return w.RevokeSessions(ctx, user)
		},
	}.opener()},
	{name: "expired sessions are not revoked", caught: "session/revoke expired ones too", open: sessionWrites{revokeMany: revokeLive}.opener()},
	{name: "deactivated users stay logged in", caught: "session/the user is deactivated", open: staysIn},
	{name: "who stays in is overlooked in a race", caught: "race/logins and a deactivation", open: stores(func(s storage.Store) storage.Store {
		return lateRevoker{s}
	})},
	{name: "extending what is over", caught: "session/extend refuses", open: sessionWrites{extend: extendAny}.opener()},
	{name: "touching at each call", caught: "session/touch by the minute", open: sessionWrites{touch: touchUser}.opener()},
	{name: "touching forgets the user", caught: "session/touch", open: stores(func(s storage.Store) storage.Store { return unseen{s} })},
	{name: "sweeping by creation", caught: "session/delete expired by their ends", open: sessionWrites{sweep: sweepOldest}.opener()},
	{name: "sweeping what has not ended", caught: "session/delete expired", open: sessionWrites{sweep: sweepSoon}.opener()},
	{name: "sessions of everybody", caught: "session/list", open: sessionReads{query: func(q *storage.SessionQuery) { q.User = storage.UserID{} }}.opener()},
	{name: "sessions live or not", caught: "session/list", open: sessionReads{query: func(q *storage.SessionQuery) { q.Live = nil }}.opener()},
	{name: "sessions active or not", caught: "session/list", open: sessionReads{query: func(q *storage.SessionQuery) { q.ActiveSince = time.Time{} }}.opener()},
	{name: "counts sessions of everybody", caught: "session/list", open: sessionReads{counted: func(q *storage.SessionQuery) { q.User = storage.UserID{} }}.opener()},
	{name: "counts sessions live or not", caught: "session/list", open: sessionReads{counted: func(q *storage.SessionQuery) { q.Live = nil }}.opener()},
	{name: "counts sessions active or not", caught: "session/list", open: sessionReads{counted: func(q *storage.SessionQuery) { q.ActiveSince = time.Time{} }}.opener()},
	{name: "users with sessions are counted twice", caught: "session/statistics", open: sessionReads{stats: func(s *storage.SessionStats) { s.Users = s.Live }}.opener()},
	{name: "sessions of a month are of a week", caught: "session/statistics of time", open: sessionReads{stats: func(s *storage.SessionStats) { s.New.Week = s.New.Month }}.opener()},
})

// forgottenSessions are stores that lose one field of a session. The methods
// take turns at losing the fields.
func forgottenSessions() (all []fault) {
	methods := []string{"Session", "SessionByToken", "Sessions"}
	for i, field := range leaves(reflect.TypeFor[storage.Session]()) {
		if !field.IsExported() { // within IP
			continue
		}
		r := sessionReads{
			only:    methods[i%len(methods)],
			session: func(s *storage.Session) { reflect.ValueOf(s).Elem().FieldByIndex(field.Index).SetZero() },
		}
		if field.Name == "RevokedAt" {
			r.only = "Session"
		}
		all = append(all, fault{name: r.only + " forgets Session." + field.Name, caught: "whole/sessions", open: r.opener()})
	}
	r := sessionReads{only: "SessionByToken", session: func(s *storage.Session) { s.IP = s.IP.Prev() }}
	return append(all, fault{name: "addresses that are others", caught: "whole/sessions", open: r.opener()})
}

func tokenOrID(ctx context.Context, r storage.Reader, token storage.Secret) (storage.Session, error) {
	if id, err := storage.ParseID[storage.Session](string(token)); err == nil {
		return r.Session(ctx, id)
	}
	return r.SessionByToken(ctx, token)
}

// loggingIn stores other sessions than it was given, and says nothing of it.
func loggingIn(change func(*storage.Session)) opener {
	return sessionWrites{
		create: func(ctx context.Context, w storage.ReadWriter, s *storage.Session) (storage.Secret, error) {
			next := *s
			change(&next)
			token, err := w.CreateSession(ctx, &next)
			if err == nil {
				next.ExpiresAt = storage.Timestamp(s.ExpiresAt)
				*s = next
			}
			return token, err
		},
	}.opener()
}

func revokeLive(ctx context.Context, w storage.ReadWriter, user storage.UserID, except ...storage.SessionID) (int64, error) {
	p, err := w.Sessions(ctx, storage.SessionQuery{User: user, Live: new(false), Limit: storage.MaxLimit})
	if err != nil {
		return 0, err
	}
	for _, s := range p.Items {
		except = append(except, s.ID)
	}
	return w.RevokeSessions(ctx, user, except...)
}

// staysIn opens stores that let those in by their tokens who were deactivated.
func staysIn(o storage.Options) storage.Store {
	var tokens sync.Map
	read := func(r storage.Reader) storage.Reader {
		return sessionReader{r, sessionReads{byToken: func(ctx context.Context, r storage.Reader, token storage.Secret) (storage.Session, error) {
			s, err := r.SessionByToken(ctx, token)
			if id, known := tokens.Load(token); known && errors.Is(err, storage.ErrUnauthenticated) {
				s, _ := r.Session(ctx, id.(storage.SessionID))
				if u, found := r.User(ctx, s.UserID); found == nil && !u.Active {
					return s, nil
				}
			}
			return s, err
		}}}
	}
	write := func(w storage.ReadWriter) storage.Writer {
		return sessionWriter{w, sessionWrites{create: func(ctx context.Context, w storage.ReadWriter, s *storage.Session) (storage.Secret, error) {
			token, err := w.CreateSession(ctx, s)
			if err == nil {
				tokens.Store(token, s.ID)
			}
			return token, err
		}}}
	}
	return newBroken(memoryStore(o), read, write)
}

// lateRevoker looks for what it has to revoke before it deactivates.
type lateRevoker struct{ storage.Store }

func (r lateRevoker) CreateSession(ctx context.Context, s *storage.Session) (storage.Secret, error) {
	u, err := r.User(ctx, s.UserID)
	if err != nil || u.Active {
		return r.Store.CreateSession(ctx, s)
	}
	if err := r.ReactivateUser(ctx, s.UserID); err != nil {
		return "", err
	}
	return r.Store.CreateSession(ctx, s)
}

// extendAny puts a new session in the place of one that is over.
func extendAny(ctx context.Context, w storage.ReadWriter, id storage.SessionID, until time.Time) (storage.Session, error) {
	s, err := w.ExtendSession(ctx, id, until)
	if !errors.Is(err, storage.ErrConflict) {
		return s, err
	}
	if s, err = w.Session(ctx, id); err != nil {
		return s, err
	}
	if err := w.DeleteSession(ctx, id); err != nil {
		return s, err
	}
	s.ExpiresAt = until
	_, err = w.CreateSession(ctx, &s)
	return s, err
}

func touchUser(ctx context.Context, w storage.ReadWriter, id storage.SessionID) error {
	if err := w.TouchSession(ctx, id); err != nil {
		return err
	}
	s, err := w.Session(ctx, id)
	if err != nil {
		return err
	}
	return w.TouchUser(ctx, s.UserID)
}

// unseen gives users whom a touch of a session has not touched.
type unseen struct{ storage.Store }

func (u unseen) User(ctx context.Context, id storage.UserID) (storage.User, error) {
	user, err := u.Store.User(ctx, id)
	user.LastSeenAt = time.Time{}
	return user, err
}

// sweepOldest takes what began first of what has ended.
func sweepOldest(ctx context.Context, w storage.ReadWriter, before time.Time, limit int) (int, error) {
	p, err := w.Sessions(ctx, storage.SessionQuery{Live: new(false)})
	if err != nil || limit != 1 || len(p.Items) == 0 {
		return w.DeleteExpiredSessions(ctx, before, limit)
	}
	return 1, w.DeleteSession(ctx, p.Items[len(p.Items)-1].ID)
}

// sweepSoon takes what will have ended.
func sweepSoon(ctx context.Context, w storage.ReadWriter, before time.Time, limit int) (int, error) {
	n, err := w.DeleteExpiredSessions(ctx, before, limit)
	if err != nil {
		return n, err
	}
	p, err := w.Sessions(ctx, storage.SessionQuery{Live: new(true)})
	for _, s := range p.Items {
		if err == nil && !s.ExpiresAt.IsZero() && s.ExpiresAt.Before(before) {
			n++
			err = w.DeleteSession(ctx, s.ID)
		}
	}
	return n, err
}
