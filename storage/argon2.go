package storage

// The PHC string format of argon2id hashes:
// https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md

import (
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// argon2Cost is what a hash costs to compute.
type argon2Cost struct {
	memory      uint32 // KiB
	iterations  uint32
	parallelism uint8
}

// presentCost is the cost of new hashes unless another is asked for.
var presentCost = argon2Cost{memory: 19456, iterations: 2, parallelism: 1}

// work is how much memory is written in all, in KiB.
func (c argon2Cost) work() uint64 { return uint64(c.memory) * uint64(c.iterations) }

// What a hash may ask for, new or stored. The memory of each lane is at least 8 KiB
// (RFC 9106, section 3.1).
const (
	mostMemory      = 256 << 10 // KiB
	mostIterations  = 16
	mostParallelism = 16
	mostWork        = 1 << 20 // KiB
	laneMemory      = 8       // KiB
)

// bearable reports whether a cost is a possible one and within bounds.
func (c argon2Cost) bearable() bool {
	return c.parallelism >= 1 && c.parallelism <= mostParallelism &&
		c.iterations >= 1 && c.iterations <= mostIterations &&
		c.memory >= laneMemory*uint32(c.parallelism) && c.memory <= mostMemory &&
		c.work() <= mostWork
}

// argon2Hash is a hash with what it was made of.
type argon2Hash struct {
	cost      argon2Cost
	salt, key []byte
}

// derive computes the key of a password.
func (h argon2Hash) derive(password string, length int) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.cost.iterations, h.cost.memory, h.cost.parallelism, uint32(length))
}

// weakerThan reports whether new hashes of a cost are stronger. More memory
// makes up for fewer iterations; lanes change how long a hash takes, and not
// what it costs to guess.
func (h argon2Hash) weakerThan(c argon2Cost) bool {
	return h.cost.memory < c.memory || h.cost.work() < c.work() ||
		len(h.salt) < saltLength || len(h.key) < keyLength
}

// String returns the hash in its format.
func (h argon2Hash) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.cost.memory, h.cost.iterations, h.cost.parallelism,
		base64.RawStdEncoding.EncodeToString(h.salt), base64.RawStdEncoding.EncodeToString(h.key))
}

// parseArgon2 is the inverse of String, for hashes within bounds. There is one
// way to write a hash: what would be written otherwise is none.
func parseArgon2(s string) (h argon2Hash, ok bool) {
	if len(s) > MaxPasswordHash {
		return argon2Hash{}, false
	}
	parts := strings.Split(s, "$") // "", argon2id, version, cost, salt, key
	if len(parts) != 6 {
		return argon2Hash{}, false
	}
	c := &h.cost
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.iterations, &c.parallelism); err != nil || !c.bearable() {
		return argon2Hash{}, false
	}
	var okSalt, okKey bool
	h.salt, okSalt = decode(parts[4], 8, 64)
	h.key, okKey = decode(parts[5], 16, 128)
	return h, okSalt && okKey && h.String() == s
}

// decode reads base64 of so many bytes.
func decode(s string, least, most int) ([]byte, bool) {
	b, err := base64.RawStdEncoding.DecodeString(s)
	return b, err == nil && len(b) >= least && len(b) <= most
}
