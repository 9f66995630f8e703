package storagetest_test

import (
	"context"
	"net/netip"
	"time"

	"github.com/lairchat/lair/storage"
)

// authenticateFaults are stores on which Authenticate would answer more guesses
// than it should, or fewer.
var authenticateFaults = []fault{
	{name: "attempts of every account throttle one", caught: "authenticate/an account has one slate", open: listedLogins(func(q *storage.LoginQuery) {
		q.User = storage.UserID{}
	})},
	{name: "attempts throttle for ever", caught: "authenticate/a quiet day", open: listedLogins(func(q *storage.LoginQuery) { q.From = time.Time{} })},
	{name: "attempts of the future throttle", caught: "authenticate/clocks that were wrong", open: listedLogins(func(q *storage.LoginQuery) { q.To = time.Time{} })},
	{name: "attempts from anywhere throttle an address", caught: "authenticate/an address", open: listedLogins(func(q *storage.LoginQuery) {
		q.IP = netip.Addr{}
	})},
	{name: "a success wipes the slate of an address", caught: "authenticate/an address that succeeds", open: listedLogins(func(q *storage.LoginQuery) {
		if q.User.IsZero() && q.Login == "" {
			q.Success = nil
		}
	})},
	{name: "a success wipes the slate of an account", caught: "authenticate/a success wipes no other slate", open: listedLogins(func(q *storage.LoginQuery) {
		if !q.User.IsZero() && q.Success != nil && !*q.Success {
			q.Success = nil
		}
	})},
	{name: "attempts are not recorded", caught: "authenticate/wait", open: writes(func(w storage.ReadWriter) storage.Writer { return forgetter{w} })},
	{name: "transactions do not see attempts", caught: "authenticate/a burst of guesses", open: stores(func(s storage.Store) storage.Store {
		return unseeing{s}
	})},
	{name: "passwords are never replaced", caught: "authenticate/rehash", open: writes(func(w storage.ReadWriter) storage.Writer { return keeperOfHashes{w} })},
}

// forgetter acknowledges attempts and does not store them.
type forgetter struct{ storage.Writer }

func (forgetter) RecordLoginAttempt(_ context.Context, a *storage.LoginAttempt) error {
	a.Normalize()
	return nil
}

// keeperOfHashes keeps the hash that a user has.
type keeperOfHashes struct{ storage.ReadWriter }

func (k keeperOfHashes) SetPasswordHash(ctx context.Context, id storage.UserID, _ storage.Secret) error {
	_, err := k.User(ctx, id)
	return err
}

// unseeing is a store whose transactions see no attempts.
type unseeing struct{ storage.Store }

func (b unseeing) Update(ctx context.Context, fn func(context.Context, storage.Tx) error) error {
	return b.Store.Update(ctx, func(ctx context.Context, tx storage.Tx) error { return fn(ctx, unseeingTx{tx}) })
}

type unseeingTx struct{ storage.Tx }

func (unseeingTx) LoginAttempts(context.Context, storage.LoginQuery) (storage.Page[storage.LoginAttempt], error) {
	return storage.Page[storage.LoginAttempt]{}, nil
}
