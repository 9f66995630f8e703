package storage

// Passwords of users and of rooms, as argon2id hashes.

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"

	"golang.org/x/text/secure/precis"
)

// MaxPassword is the limit of a password, in bytes as it was typed.
const MaxPassword = 1024

// presentCost is the cost of new hashes, as the OWASP Password Storage Cheat
// Sheet has it for argon2id
// (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html).
var presentCost = argon2Cost{memory: 19456, iterations: 2, parallelism: 1}

// The lengths of what new hashes are made of (RFC 9106, section 3.1).
const (
	saltLength = 16
	keyLength  = 32
)

// HashPassword returns a password's hash, to be stored: argon2id in the PHC
// string format, with a salt of its own. Passwords are compared as RFC 8265
// says (OpaqueString): by their characters, however these were composed. One
// that is empty, longer than MaxPassword or holds control characters is
// ErrInvalid.
//
// A hash costs some 30 ms of a processor and 19 MiB of memory. Only a few are
// computed at once in the process, some callers more wait for their turn or
// for the end of ctx, and others are ErrBusy at once. It is not to be called
// within View or Update, which would hold up others.
func HashPassword(ctx context.Context, password Secret) (Secret, error) {
	hash, err := hashPassword(ctx, hashing, password)
	return hash, WithOp("hash password", err)
}

// VerifyPassword reports by its error whether a password is the one that was
// hashed: another is ErrUnauthenticated. An empty hash is that of no password;
// it costs as much work as a new one, so that time does not tell who has none.
// rehash says that the hash is weaker than new ones are, and that the password,
// which is right, should be hashed again.
//
// What is not argon2id in the PHC string format, or asks for more than 256 MiB,
// 16 iterations or 16 lanes, or together for more than 1 GiB of work, is
// ErrCorrupt: files are not to be trusted with our memory and time. Otherwise
// it is as [HashPassword].
func VerifyPassword(ctx context.Context, hash, password Secret) (rehash bool, err error) {
	rehash, err = verifyPassword(ctx, hashing, hash, password)
	return rehash, WithOp("verify password", err)
}

func hashPassword(ctx context.Context, turns *turns, password Secret) (Secret, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	secret, err := preparePassword(password)
	if err != nil {
		return "", err
	}
	h := argon2Hash{cost: presentCost, salt: make([]byte, saltLength)}
	rand.Read(h.salt) // never fails
	if err := turns.take(ctx); err != nil {
		return "", err
	}
	defer turns.give()
	h.key = h.derive(secret, keyLength)
	return Secret(h.String()), nil
}

func verifyPassword(ctx context.Context, turns *turns, hash, password Secret) (rehash bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	secret, err := preparePassword(password)
	if err != nil {
		return false, err
	}
	h, err := parseStored(hash)
	if err != nil {
		return false, err
	}
	if err := turns.take(ctx); err != nil {
		return false, err
	}
	defer turns.give()
	key := h.derive(secret, len(h.key))
	if hash == "" || subtle.ConstantTimeCompare(key, h.key) != 1 {
		return false, &Error{Kind: ErrUnauthenticated}
	}
	return h.weak(), nil
}

// parseStored reads a stored hash. An empty one becomes the hash of nothing
// that could be typed.
func parseStored(hash Secret) (argon2Hash, error) {
	if hash == "" {
		return argon2Hash{cost: presentCost, salt: make([]byte, saltLength), key: make([]byte, keyLength)}, nil
	}
	h, ok := parseArgon2(string(hash))
	if !ok {
		return argon2Hash{}, &Error{Field: "hash", Kind: ErrCorrupt, Err: errors.New("no argon2id hash, or too costly a one")}
	}
	return h, nil
}

// preparePassword returns a password in the form in which it is hashed. Its
// errors do not quote it.
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
