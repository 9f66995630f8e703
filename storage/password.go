package storage

// Passwords of users and of rooms, as argon2id hashes.

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"

	"golang.org/x/text/secure/precis"
)

// MaxPassword is the limit of a password, in bytes as it was typed: no
// character of the 64 or more that NIST SP 800-63B-4 (section 3.1.1.2) asks for
// takes more than 4 bytes. Nothing is ever cut off; what is longer is
// ErrInvalid, so that nobody can have megabytes hashed.
//
// How short a password may be, and which are too common, is the embedder's to
// say: the same section asks for 15 characters where a password is all there
// is, for 8 beside a second factor, and for a list of those to refuse. Where it
// asks for NFKC or NFKD, passwords are in NFC here, as RFC 8265 has it.
const MaxPassword = 1024

// The lengths of what new hashes are made of (RFC 9106, section 3.1).
const (
	saltLength = 16
	keyLength  = 32
)

// passwords is what the functions hash by.
var passwords PasswordHasher

// HashPassword is [PasswordHasher.Hash] with the parameters of the zero
// PasswordHasher. All callers in the process share its turns.
func HashPassword(ctx context.Context, password Secret) (Secret, error) {
	return passwords.Hash(ctx, password)
}

// VerifyPassword is [PasswordHasher.Verify] with the parameters of the zero
// PasswordHasher. All callers in the process share its turns.
func VerifyPassword(ctx context.Context, hash, password Secret) (rehash bool, err error) {
	return passwords.Verify(ctx, hash, password)
}

// Hash returns a password's hash, to be stored: argon2id in the PHC string
// format, with a salt of its own. Passwords are compared as RFC 8265, section
// 4.2, says (OpaqueString): by their characters, however these were composed,
// all kinds of spaces being one. A password that is empty, longer than
// MaxPassword or holds control characters is ErrInvalid.
//
// Callers beyond h.Concurrent wait for their turn, or for the end of ctx, and
// those beyond h.Waiting are ErrBusy at once. It is not to be called within
// View or Update, which would hold up others.
func (h *PasswordHasher) Hash(ctx context.Context, password Secret) (Secret, error) {
	hash, err := h.hash(ctx, password)
	return hash, WithOp("hash password", err)
}

// Verify reports by its error whether a password is the one that was hashed:
// another is ErrUnauthenticated. An empty hash is that of no password; it costs
// as much work as a new one, so that time does not tell who has none. rehash
// says that the hash is weaker than new ones are, and that the password, which
// is right, should be hashed again.
//
// What is not argon2id in the PHC string format, or asks for more than a
// PasswordHasher may, is ErrCorrupt: files are not to be trusted with our
// memory and time. Otherwise it is as Hash.
func (h *PasswordHasher) Verify(ctx context.Context, hash, password Secret) (rehash bool, err error) {
	rehash, err = h.verify(ctx, hash, password)
	return rehash, WithOp("verify password", err)
}

func (h *PasswordHasher) hash(ctx context.Context, password Secret) (Secret, error) {
	secret, err := h.prepare(ctx, password)
	if err != nil {
		return "", err
	}
	made := argon2Hash{cost: h.cost(), salt: make([]byte, saltLength)}
	rand.Read(made.salt) // never fails
	if made.key, err = h.derive(ctx, made, secret, keyLength); err != nil {
		return "", err
	}
	return Secret(made.String()), nil
}

func (h *PasswordHasher) verify(ctx context.Context, hash, password Secret) (rehash bool, err error) {
	secret, err := h.prepare(ctx, password)
	if err != nil {
		return false, err
	}
	stored, err := h.stored(hash)
	if err != nil {
		return false, err
	}
	key, err := h.derive(ctx, stored, secret, len(stored.key))
	if err != nil {
		return false, err
	}
	if hash == "" || subtle.ConstantTimeCompare(key, stored.key) != 1 {
		return false, &Error{Kind: ErrUnauthenticated}
	}
	return stored.weakerThan(h.cost()), nil
}

// derive computes a hash's key, in turn.
func (h *PasswordHasher) derive(ctx context.Context, hash argon2Hash, secret string, length int) ([]byte, error) {
	turns := h.turns()
	if err := turns.take(ctx); err != nil {
		return nil, err
	}
	defer turns.give()
	return hash.derive(secret, length), nil
}

// stored reads a stored hash. An empty one becomes the hash of nothing that
// could be typed.
func (h *PasswordHasher) stored(hash Secret) (argon2Hash, error) {
	if hash == "" {
		return argon2Hash{cost: h.cost(), salt: make([]byte, saltLength), key: make([]byte, keyLength)}, nil
	}
	stored, ok := parseArgon2(string(hash))
	if !ok {
		return argon2Hash{}, &Error{Field: "hash", Kind: ErrCorrupt, Err: errors.New("no argon2id hash, or too costly a one")}
	}
	return stored, nil
}

// prepare checks what can be without any work, and returns the password in the
// form in which it is hashed. Its errors do not quote it.
func (h *PasswordHasher) prepare(ctx context.Context, password Secret) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if err := h.Validate(); err != nil {
		return "", err
	}
	return preparePassword(password)
}

func preparePassword(password Secret) (string, error) {
	if password == "" {
		return "", Invalid("password", "empty")
	}
	if err := CheckText("password", string(password), MaxPassword); err != nil {
		return "", err
	}
	secret, err := precis.OpaqueString.String(string(password))
	if err != nil {
		return "", Invalid("password", "a character that no password may hold")
	}
	return secret, nil
}
