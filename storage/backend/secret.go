package backend

import (
	"crypto/sha256"
	"fmt"
	"log/slog"

	"github.com/lairchat/lair/storage"
)

// SecretHash is the digest of a token or a code. Printing, logging and JSON give
// a placeholder, as of a storage.Secret; only its bytes tell it.
type SecretHash [sha256.Size]byte

// hidden is what shows instead.
func (h SecretHash) hidden() storage.Secret {
	if h == (SecretHash{}) {
		return ""
	}
	return "a digest"
}

// Format writes the placeholder for any verb.
func (h SecretHash) Format(f fmt.State, verb rune) { h.hidden().Format(f, verb) }

// LogValue returns the placeholder, for log/slog.
func (h SecretHash) LogValue() slog.Value { return h.hidden().LogValue() }

// MarshalText returns the placeholder, for JSON and others.
func (h SecretHash) MarshalText() ([]byte, error) { return h.hidden().MarshalText() }
