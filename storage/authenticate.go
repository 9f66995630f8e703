package storage

import "net/netip"

// Credentials are what a user logs in with. A function takes them:
//
//	func Authenticate(ctx context.Context, store Store, c Credentials) (User, error)
//
// It looks the user up by username or email, with the same work and the same
// error (ErrUnauthenticated) for an unknown user, a deactivated one, one
// without a password and a wrong password. Too many failed attempts for the
// login or from the address are ErrThrottled with RetryAfter, before any
// hashing; too many hashes at once are ErrBusy. It records every attempt but
// those that are throttled or busy, and replaces the hash where it is weaker
// than new ones. It never hashes inside a transaction. Over passwords alone stand
// HashPassword and VerifyPassword.
type Credentials struct {
	Login     string // a username, or an email address if there is an @ in it
	Password  Secret `json:"-"`
	IP        netip.Addr
	UserAgent string
}

// Validate refuses credentials that cannot be anybody's.
func (c Credentials) Validate() error {
	return checkTexts(
		text{"Login", c.Login, MaxLogin},
		text{"Password", string(c.Password), MaxPassword},
		text{"UserAgent", c.UserAgent, MaxUserAgent},
	)
}
