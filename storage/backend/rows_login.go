package backend

import (
	"context"
	"net/netip"
	"time"

	"github.com/lairchat/lair/storage"
)

// LoginScan is a list of login attempts, in the order of CreatedAt and ID.
// After holds these, CreatedAt in Int as microseconds since 1970.
type LoginScan struct {
	storage.LoginQuery        // Limit and Cursor are unset, it is in its normal form
	Network            string // of IP, empty if that is unset
	Scan
}

// LoginRow is a login attempt as it is stored.
type LoginRow struct {
	storage.LoginAttempt
	Network string // of IP, empty if that is unset
}

// loginNetwork returns what stands for an address where attempts are counted:
// the bytes of one of IPv4, and those of the network of one of IPv6.
func loginNetwork(a netip.Addr) string {
	b := a.AsSlice()
	return string(b[:min(len(b), 8)])
}

// LoginRows reads and writes login attempts. Those of deleted users are not
// there.
type LoginRows interface {
	LoginAttempts(ctx context.Context, s LoginScan) ([]storage.LoginAttempt, error)

	// CountLoginAttempts counts what is beyond s.After, whatever s.Limit.
	CountLoginAttempts(ctx context.Context, s LoginScan) (int64, error)

	// InsertLoginAttempt stores an attempt of a user who exists, if one is set.
	// An ID that is taken is storage.ErrDuplicate.
	InsertLoginAttempt(ctx context.Context, a *LoginRow) error

	// PruneLoginAttempts removes up to limit attempts from before a time, in the
	// order of CreatedAt and ID.
	PruneLoginAttempts(ctx context.Context, before time.Time, limit int) (pruned int, err error)
}
