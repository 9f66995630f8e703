package storage

// Login attempts, and what Authenticate takes. Declared here as the contract
// to come; no backend implements it yet, and Store does not have it.

import (
	"context"
	"net/netip"
	"time"
)

// MaxLogin is the limit of a login's name, in bytes: that of a username or an
// email address, whichever is longer.
const MaxLogin = 254

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

// LoginAttemptID identifies a login attempt.
type LoginAttemptID = ID[LoginAttempt]

// LoginAttempt is one try to log in.
type LoginAttempt struct {
	ID        LoginAttemptID `json:"id"`
	Login     string         `json:"login"`            // what was typed as the name, in its folded form where it has one
	UserID    UserID         `json:"user_id,omitzero"` // nobody, where no user has that login; the attempt goes with the user
	IP        netip.Addr     `json:"ip,omitzero"`
	UserAgent string         `json:"user_agent,omitzero"`
	Success   bool           `json:"success"`
	CreatedAt time.Time      `json:"created_at"`
}

// Validate refuses an attempt that cannot be stored.
func (a LoginAttempt) Validate() error {
	return checkTexts(text{"Login", a.Login, MaxLogin}, text{"UserAgent", a.UserAgent, MaxUserAgent})
}

// Normalize gives the login and the address the form in which they are
// compared.
func (a *LoginAttempt) Normalize() {
	a.Login = foldText(a.Login)
	a.IP = foldAddr(a.IP)
}

// LoginQuery selects login attempts; the zero value selects all. Conditions
// are combined with AND. The newest come first, ties by ID descending.
type LoginQuery struct {
	User    UserID
	Login   string // by its folded form
	IP      netip.Addr
	Success *bool
	From    time.Time // inclusive
	To      time.Time // exclusive
	Limit   int
	Cursor  Cursor
}

// WithCursor returns the query for the page at c.
func (q LoginQuery) WithCursor(c Cursor) LoginQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q LoginQuery) Validate() error {
	if err := CheckText("Login", q.Login, MaxLogin); err != nil {
		return err
	}
	return checkRange("To", q.From, q.To)
}

// LoginReader reads login attempts.
type LoginReader interface {
	// LoginAttempts lists the attempts that q selects, a page at a time.
	LoginAttempts(ctx context.Context, q LoginQuery) (Page[LoginAttempt], error)

	// CountFailedLogins counts the failed attempts that q selects, whatever
	// its Limit and Cursor, since the latest success among those it selects: a
	// login that worked wipes the slate. A Success in q is ErrInvalid.
	CountFailedLogins(ctx context.Context, q LoginQuery) (int64, error)
}

// LoginWriter changes the record of login attempts.
type LoginWriter interface {
	// RecordLoginAttempt stores an attempt and sets in *a what the store
	// decides: ID if it is unset, and CreatedAt. A UserID that does not exist
	// is ErrNotFound. After an error *a is as it was.
	RecordLoginAttempt(ctx context.Context, a *LoginAttempt) error

	// PruneLoginAttempts removes attempts from before a time, the oldest
	// first: at most limit of them (0 and too many as in a query's Limit).
	// Fewer than that mean that there are no more.
	PruneLoginAttempts(ctx context.Context, before time.Time, limit int) (pruned int, err error)
}
