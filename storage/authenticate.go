package storage

import (
	"context"
	"errors"
	"net/netip"
	"strings"
)

// Credentials are what a user logs in with, and where from.
type Credentials struct {
	Login     string // a username, or an email address if there is an @ in it
	Password  Secret `json:"-"`
	IP        netip.Addr
	UserAgent string

	// Hasher verifies the password and makes the hash that replaces a weaker
	// one; nil means that of VerifyPassword. Unknown users cost as much as its
	// new hashes do.
	Hasher *PasswordHasher `json:"-"`
}

// Validate refuses credentials that cannot be anybody's.
func (c Credentials) Validate() error {
	if c.Login == "" {
		return Invalid("Login", "empty")
	}
	if err := checkTexts(text{"Login", c.Login, MaxLogin}, text{"UserAgent", c.UserAgent, MaxUserAgent}); err != nil {
		return err
	}
	_, err := preparePassword(c.Password)
	var e *Error
	if errors.As(err, &e) {
		e.Field = "Password"
	}
	return err
}

// hasher returns what the password is verified by.
func (c Credentials) hasher() *PasswordHasher {
	if c.Hasher == nil {
		return &passwords
	}
	return c.Hasher
}

// Authenticate returns the user whose login and password these are.
//
// An unknown user, one who is deactivated or has no usable password, and a wrong
// password are ErrUnauthenticated in the same words, after the same work: one
// hash and the same calls of the store. (The hash is that of a new password. A
// user whose stored hash has another cost is told from others by that until
// the next login, which replaces it.)
//
// Two things tell who has an account all the same, to whoever spends failures on
// finding out. A user has one slate by username and by email, and what is
// nobody's has one for each, so whoever knows both learns whether they are one
// user's. And nobody's names are counted by a short digest (LoginAttempt): who
// fails at one learns of another with the same digest whether it is nobody's too.
//
// Too many failed attempts are ErrThrottled with RetryAfter, before any
// hashing and whatever the password: see [LoginFree]. Too many hashes at once
// are ErrBusy. All other attempts are recorded (LoginAttempts), in the
// transaction that looks again whether they were too many: of any number of
// guesses at once none is answered that the throttle does not allow.
//
// A stored hash that is no argon2id, or too costly a one, is that of no
// password, and refused like it: only VerifyPassword tells that it is
// ErrCorrupt. Whoever brings users along under other hashes has them set a
// password first.
//
// Where the stored hash is weaker than new ones, it is replaced once the login
// has succeeded, unless it has changed meanwhile; should that fail, the login
// stands, and the next one tries again. A password that has changed before the
// attempt is settled is looked at again.
// What is hashed is hashed outside of any transaction, so that nobody waits for
// it; inside one of the store's, with its context, Authenticate is ErrInvalid.
// It does not make a session: CreateSession does.
func Authenticate(ctx context.Context, store Store, c Credentials) (User, error) {
	u, err := authenticate(ctx, store, c)
	if err != nil {
		return User{}, WithOp("authenticate", err)
	}
	return u, nil
}

func authenticate(ctx context.Context, store Store, c Credentials) (User, error) {
	if err := c.Validate(); err != nil {
		return User{}, err
	}
	for {
		u, err := authenticateOnce(ctx, store, c)
		if !errors.Is(err, errAccountChanged) {
			return u, err
		}
	}
}

// errAccountChanged says that what was verified is not what is stored any more.
var errAccountChanged = errors.New("the account has changed")

// authenticateOnce looks, hashes, and settles what came of it.
func authenticateOnce(ctx context.Context, store Store, c Credentials) (u User, err error) {
	var seen User
	err = store.View(ctx, func(ctx context.Context, r Reader) (err error) {
		seen, err = admit(ctx, r, c)
		return err
	})
	if err != nil {
		return User{}, err
	}
	v, err := c.verify(ctx, usableHash(seen))
	if err != nil {
		return User{}, err
	}
	err = store.Update(ctx, func(ctx context.Context, tx Tx) (err error) {
		u, err = v.settle(ctx, tx, c, seen)
		return err
	})
	if err != nil {
		return User{}, err
	}
	if !v.right {
		return User{}, &Error{Kind: ErrUnauthenticated}
	}
	if v.rehash {
		u = c.strengthen(ctx, store, u)
	}
	return u, nil
}

// admit returns the user that a login names, the zero User if there is none,
// unless there were too many attempts.
func admit(ctx context.Context, r Reader, c Credentials) (User, error) {
	u, err := userByLogin(ctx, r, c.Login)
	if err != nil {
		return User{}, err
	}
	wait, err := throttle(ctx, r, u.ID, c, timeOf(r))
	if err != nil {
		return User{}, err
	}
	if wait > 0 {
		return User{}, &Error{Kind: ErrThrottled, RetryAfter: wait}
	}
	return u, nil
}

// userByLogin returns the zero User where there is none. What could be nobody's
// name is asked for all the same, so that the calls are.
func userByLogin(ctx context.Context, r Reader, login string) (u User, err error) {
	if strings.Contains(login, "@") {
		u, err = r.UserByEmail(ctx, login)
	} else {
		u, err = r.UserByUsername(ctx, login)
	}
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrInvalid) {
		return User{}, nil
	}
	return u, err
}

// usableHash returns the hash that a password must be of, empty if none serves:
// then as much is hashed in vain.
func usableHash(u User) Secret {
	if !u.Active {
		return ""
	}
	return u.PasswordHash
}

// verdict is what came of a password.
type verdict struct {
	right  bool
	rehash bool // the stored hash is weaker than new ones
}

// verify looks whether the password is that of a hash. One that cannot be read
// is nobody's, and costs what that of nobody does.
func (c Credentials) verify(ctx context.Context, hash Secret) (verdict, error) {
	rehash, err := c.hasher().Verify(ctx, hash, c.Password)
	if errors.Is(err, ErrCorrupt) {
		_, err = c.hasher().Verify(ctx, "", c.Password)
	}
	if errors.Is(err, ErrUnauthenticated) {
		return verdict{}, nil
	}
	return verdict{right: err == nil, rehash: rehash}, err
}

// settle records the attempt, if it is still one of those that may be answered
// and was made at what is stored now.
func (v verdict) settle(ctx context.Context, tx Tx, c Credentials, seen User) (User, error) {
	u, err := admit(ctx, tx, c)
	if err != nil {
		return u, err
	}
	if u.ID != seen.ID || usableHash(u) != usableHash(seen) {
		return u, errAccountChanged
	}
	a := LoginAttempt{Login: c.Login, UserID: u.ID, IP: c.IP, UserAgent: c.UserAgent, Success: v.right}
	return u, tx.RecordLoginAttempt(ctx, &a)
}

// strengthen replaces the hash of a user who is logged in by a stronger one,
// unless it has changed meanwhile, and returns the user as stored. The login
// stands whatever comes of it: the next one tries again. It comes after the
// attempt was settled, or the time of the new hash would tell who is made to
// wait that the password is right.
func (c Credentials) strengthen(ctx context.Context, store Store, u User) User {
	hash, err := c.hasher().Hash(ctx, c.Password)
	if err != nil {
		return u
	}
	stored := u
	err = store.Update(ctx, func(ctx context.Context, tx Tx) error {
		now, err := tx.User(ctx, u.ID)
		if err != nil || usableHash(now) != u.PasswordHash {
			return err
		}
		if err := tx.SetPasswordHash(ctx, u.ID, hash); err != nil {
			return err
		}
		stored, err = tx.User(ctx, u.ID)
		return err
	})
	if err != nil {
		return u
	}
	return stored
}
