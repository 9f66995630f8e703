package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// MaxLogin is the limit of a login's name, in bytes as it was typed: that of a
// username or an email address, whichever is longer.
const MaxLogin = 254

// LoginAttemptID identifies a login attempt.
type LoginAttemptID = ID[LoginAttempt]

// LoginAttempt is one try to log in, for counting them and for whoever looks
// into an attack. Let Maintain take attempts away when they have served
// (LoginsFor).
//
// Login is what was typed as the name, in the form in which users are found by
// it, where UserID says whose it is. People type passwords into the field for
// the name by mistake. So what is not known to be a user's name is never stored:
// in its place is a digest, ~ and four hexadecimal digits. Attempts are counted
// by it, one name in 65536 together with another; whoever steals it can rule
// passwords out by it, and find none. A longer digest would single out the one
// password of a dictionary, without the cost of argon2id.
//
// So an attempt of nobody's may have been that of the person who came to have the
// name later, or a stranger's, or one at another name with the same digest. For
// ExportUser and EraseUser it is a user's if it has the digest of the username or
// of the address that the user has now, and came from where the user has logged
// in: an attempt of the user's that succeeded, and is on record, has the same IP,
// as LoginQuery compares it. Of any other nobody can tell whose it is. To tell it
// would hand out strangers' addresses, and to take it away would let whoever
// guesses begin anew; what is kept of it tells a name no better than one in 65536,
// and goes as all attempts do, by PruneLoginAttempts.
type LoginAttempt struct {
	ID        LoginAttemptID `json:"id"`
	Login     string         `json:"login"`            // of nobody, a digest
	UserID    UserID         `json:"user_id,omitzero"` // unset where no user had that login; the attempt goes with the user
	IP        netip.Addr     `json:"ip,omitzero"`
	UserAgent string         `json:"user_agent,omitzero"`
	Success   bool           `json:"success"`
	CreatedAt time.Time      `json:"created_at"`
}

// Validate refuses an attempt that cannot be stored. The limit of Login is that
// of what was typed: its folded form may be longer.
func (a LoginAttempt) Validate() error {
	if a.Login == "" {
		return Invalid("Login", "unset")
	}
	return checkTexts(text{"Login", a.Login, MaxLogin}, text{"UserAgent", a.UserAgent, MaxUserAgent})
}

// Normalize gives the login and the address the form in which they are stored.
func (a *LoginAttempt) Normalize() {
	a.Login = foldLogin(a.Login)
	if a.UserID.IsZero() {
		a.Login = loginDigest(a.Login)
	}
	a.IP = foldAddr(a.IP)
}

// loginDigestSize is how many bytes of a digest are stored.
const loginDigestSize = 2

// loginDigest returns what is stored of a folded login that is nobody's: of one
// that is a digest, itself.
func loginDigest(login string) string {
	if rest, ok := strings.CutPrefix(login, "~"); ok && len(rest) == 2*loginDigestSize {
		if _, err := hex.DecodeString(rest); err == nil {
			return login
		}
	}
	sum := sha256.Sum256([]byte(login))
	return "~" + hex.EncodeToString(sum[:loginDigestSize])
}

// digestsOf returns the digests under which attempts of nobody may be a user's.
func digestsOf(u User) (digests []string) {
	for _, login := range []string{u.Username, u.Email} {
		if login == "" {
			continue
		}
		if d := loginDigest(foldLogin(login)); !slices.Contains(digests, d) {
			digests = append(digests, d)
		}
	}
	return digests
}

// foldLogin returns the form in which a login finds its user: as an address if
// there is an @ in it, and as a username otherwise. Where it could be neither,
// letters that differ in case alone are still the same.
func foldLogin(login string) string {
	if strings.Contains(login, "@") {
		return FoldEmail(login)
	}
	if folded, err := FoldUsername(login); err == nil {
		return folded
	}
	return foldText(login)
}

// LoginQuery selects login attempts; the zero value selects all. Conditions
// are combined with AND. The newest come first, ties by ID descending.
type LoginQuery struct {
	User    UserID
	Login   string     // by its folded form, and nobody's by the digest of that; a digest serves too
	IP      netip.Addr // of IPv6: from its network, without the 64 bits that each interface chooses (RFC 4291, section 2.5.1)
	Success *bool
	From    time.Time // inclusive
	To      time.Time // exclusive
	Limit   int
	Cursor  Cursor
}

// WithCursor returns the query for the page at c.
func (q LoginQuery) WithCursor(c Cursor) LoginQuery { q.Cursor = c; return q }

// Normalize gives the login and the address the form in which they are
// compared.
func (q *LoginQuery) Normalize() {
	if q.Login != "" {
		q.Login = foldLogin(q.Login)
	}
	q.IP = foldAddr(q.IP)
}

// Validate refuses a query that means nothing.
func (q LoginQuery) Validate() error {
	if err := CheckText("Login", q.Login, MaxLogin); err != nil {
		return err
	}
	return checkRange("To", q.From, q.To)
}

// LoginReader reads login attempts.
type LoginReader interface {
	// LoginAttempts lists the attempts that q selects, a page at a time. A user
	// who does not exist has none.
	LoginAttempts(ctx context.Context, q LoginQuery) (Page[LoginAttempt], error)

	// CountFailedLogins counts the failed attempts that q selects, whatever
	// its Limit and Cursor, since the latest success among those it selects: a
	// login that worked wipes the slate. Those of one time are in the order of
	// their IDs. A Success in q is ErrInvalid. Its cost grows with the attempts
	// of the user, login or address, the first of these that q has, in the
	// span of time.
	CountFailedLogins(ctx context.Context, q LoginQuery) (int64, error)
}

// LoginWriter changes the record of login attempts.
type LoginWriter interface {
	// RecordLoginAttempt stores an attempt and sets in *a what the store
	// decides: ID if it is unset, Login as it is stored, and CreatedAt. A UserID that
	// does not exist is ErrNotFound, an ID that is taken ErrDuplicate. After an
	// error *a is as it was.
	RecordLoginAttempt(ctx context.Context, a *LoginAttempt) error

	// PruneLoginAttempts removes attempts from before a time, the oldest
	// first: at most limit of them (0 and too many as in a query's Limit).
	// Fewer than that mean that there are no more. An unset time is ErrInvalid.
	PruneLoginAttempts(ctx context.Context, before time.Time, limit int) (pruned int, err error)
}
