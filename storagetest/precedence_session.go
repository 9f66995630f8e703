package storagetest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// sessionDisputes are about sessions, of which one is revoked.
func (f *fixture) sessionDisputes(p parties) []dispute {
	f.t.Helper()
	over, token := f.login(p.ann)
	require.NoError(f.t, f.RevokeSession(f.ctx, over.ID))
	eve := f.user("eve").ID
	require.NoError(f.t, f.DeactivateUser(f.ctx, eve))
	past := time.Unix(1, 0)
	return []dispute{
		{"session of nobody: expired", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateSession(ctx, &storage.Session{ID: over.ID, UserID: nobody, ExpiresAt: past})
			return err
		}},
		{"session of nobody, ID taken", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateSession(ctx, &storage.Session{ID: over.ID, UserID: nobody})
			return err
		}},
		{"session of who is deactivated, ID taken", storage.ErrForbidden, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateSession(ctx, &storage.Session{ID: over.ID, UserID: eve})
			return err
		}},
		{"extending what is revoked, into the past", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.ExtendSession(ctx, over.ID, past)
			return err
		}},
		{"metadata of no session: invalid", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.UpdateSessionMetadata(ctx, storage.SessionID{1}, storage.SessionMetadata{Device: "\xff"})
			return err
		}},
		{"revoking sessions of nobody: too many exceptions", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.RevokeSessions(ctx, nobody, make([]storage.SessionID, storage.MaxLimit+1)...)
			return err
		}},
		{"sweeping nothing: negative limit", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.DeleteExpiredSessions(ctx, past, -1)
			return err
		}},
		{"token of what is revoked", storage.ErrUnauthenticated, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.SessionByToken(ctx, token)
			return err
		}},
		{"touching no session", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return s.TouchSession(ctx, storage.SessionID{1})
		}},
		{"sessions of nobody: beyond time", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.Sessions(ctx, storage.SessionQuery{User: nobody, ActiveSince: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)})
			return err
		}},
	}
}

// loginDisputes are about login attempts, of which there is one.
func (f *fixture) loginDisputes(p parties) []dispute {
	f.t.Helper()
	a := f.attempt(storage.LoginAttempt{Login: "ann", UserID: p.ann})
	return []dispute{
		{"attempt of nobody: no login", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.RecordLoginAttempt(ctx, &storage.LoginAttempt{ID: a.ID, UserID: nobody})
		}},
		{"attempt of nobody, ID taken", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return s.RecordLoginAttempt(ctx, &storage.LoginAttempt{ID: a.ID, Login: "x", UserID: nobody})
		}},
		{"counting the failures that worked", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CountFailedLogins(ctx, storage.LoginQuery{User: nobody, Success: new(true)})
			return err
		}},
		{"attempts of nobody: a range that ends before it begins", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.LoginAttempts(ctx, storage.LoginQuery{User: nobody, From: time.Unix(2, 0), To: time.Unix(1, 0)})
			return err
		}},
		{"pruning nothing: no time", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.PruneLoginAttempts(ctx, time.Time{}, 1)
			return err
		}},
	}
}
