package storage

import (
	"crypto/subtle"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/argon2"
)

// Tampered and foreign hashes are refused before any work is done.
func TestArgon2Corrupt(t *testing.T) {
	const salt, key = "c29tZXNhbHQ", "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	for _, hash := range []string{
		"plain", "$", "$$$$$", "$argon2id$v=19$m=256,t=2,p=1$" + salt, "[redacted]",
		"$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
		"$argon2i$v=19$m=256,t=2,p=1$" + salt + "$" + key,
		"$argon2d$v=19$m=256,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=16$m=256,t=2,p=1$" + salt + "$" + key,
		"$argon2id$m=256,t=2,p=1$" + salt + "$" + key,
		"argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + key + "$",
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + key + "\n",
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + key + "=",
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + key[:len(key)-1] + "5", // the same bytes, other spare bits
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbA$" + key,                      // 7 bytes of salt
		"$argon2id$v=19$m=256,t=2,p=1$$" + key,
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$",
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + key[:20], // 15 bytes of key
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + strings.Repeat(key[:40], 5),
		"$argon2id$v=19$m=256,t=2,p=1$" + strings.Repeat(salt[:8], 11) + "$" + key,
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + strings.Repeat("A", MaxPasswordHash),
		"$argon2id$v=19$t=2,m=256,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=256,t=2$" + salt + "$" + key,
		"$argon2id$v=19$m=256,t=2,p=1,data=AA$" + salt + "$" + key,
		"$argon2id$v=19$m=+256,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=0256,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m= 256,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=0x100,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=-256,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=256,t=0,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=256,t=2,p=0$" + salt + "$" + key,
		"$argon2id$v=19$m=7,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=15,t=2,p=2$" + salt + "$" + key,
		"$argon2id$v=19$m=262145,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=4294967552,t=2,p=1$" + salt + "$" + key, // 256 more than 32 bits hold
		"$argon2id$v=19$m=256,t=17,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=256,t=4294967298,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=256,t=2,p=17$" + salt + "$" + key,
		"$argon2id$v=19$m=256,t=2,p=257$" + salt + "$" + key,
		"$argon2id$v=19$m=262144,t=5,p=1$" + salt + "$" + key,
	} {
		wantRefused(t, Secret(hash), "something", ErrCorrupt)
	}
}

func TestArgon2Bounds(t *testing.T) {
	for cost, want := range map[argon2Cost]bool{
		{memory: 8, iterations: 1, parallelism: 1}:                              true,
		{memory: 128, iterations: 16, parallelism: 16}:                          true,
		{memory: 127, iterations: 16, parallelism: 16}:                          false,
		{memory: mostMemory, iterations: 4, parallelism: 16}:                    true,
		{memory: mostMemory, iterations: 5, parallelism: 1}:                     false,
		{memory: math.MaxUint32, iterations: math.MaxUint32, parallelism: 255}:  false,
		{memory: mostWork / 16, iterations: mostIterations, parallelism: 4}:     true,
		{memory: mostWork/16 + 1, iterations: mostIterations, parallelism: 4}:   false,
		{memory: mostMemory, iterations: 1, parallelism: mostParallelism + 1}:   false,
		{memory: 1 << 16, iterations: mostIterations + 1, parallelism: 1}:       false,
		{memory: presentCost.memory, iterations: 0, parallelism: 1}:             false,
		{memory: presentCost.memory, iterations: presentCost.iterations}:        false,
		{memory: presentCost.memory * 4, iterations: 3, parallelism: 4}:         true,
		{memory: presentCost.memory, iterations: 2, parallelism: 2}:             true,
		{memory: mostMemory + 1, iterations: 1, parallelism: mostParallelism}:   false,
		{memory: mostMemory, iterations: 1, parallelism: mostParallelism}:       true,
		{memory: mostMemory / 4, iterations: mostIterations, parallelism: 1}:    true,
		{memory: mostMemory/4 + 1, iterations: mostIterations, parallelism: 16}: false,
	} {
		assert.Equal(t, want, cost.bearable(), "%+v", cost)
	}
}

// Hashes of other costs than the present are read, and are told to be weak
// where they are.
func TestArgon2Weak(t *testing.T) {
	for name, c := range map[string]struct {
		cost      argon2Cost
		salt, key int
		want      bool
	}{
		"the present":                   {presentCost, 16, 32, false},
		"more of everything":            {argon2Cost{65536, 3, 4}, 32, 64, false},
		"more memory, fewer iterations": {argon2Cost{47104, 1, 1}, 16, 32, false},
		"more iterations, less memory":  {argon2Cost{12288, 3, 1}, 16, 32, true},
		"fewer iterations":              {argon2Cost{19456, 1, 1}, 16, 32, true},
		"less memory":                   {argon2Cost{19455, 4, 1}, 16, 32, true},
		"a shorter salt":                {presentCost, 15, 32, true},
		"a shorter key":                 {presentCost, 16, 31, true},
	} {
		h, ok := parseArgon2(argon2Hash{cost: c.cost, salt: make([]byte, c.salt), key: make([]byte, c.key)}.String())
		require.True(t, ok, name)
		assert.Equal(t, c.want, h.weakerThan(presentCost), name)
	}
}

func TestArgon2Work(t *testing.T) {
	assert.Equal(t, uint64(math.MaxUint32)*math.MaxUint32, argon2Cost{math.MaxUint32, math.MaxUint32, 1}.work())
}

// Whatever is stored, a password is right only where the key is its own.
func FuzzVerifyPassword(f *testing.F) {
	for _, v := range argon2Vectors {
		f.Add(v.hash, v.password)
	}
	f.Add("", "password")
	f.Add("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "caf\u00e9\u3000")
	f.Fuzz(func(t *testing.T, hash, password string) {
		h, ok := parseArgon2(hash)
		if hash == "" || ok && h.cost.work() > 1<<12 {
			return // right, but it would take long
		}
		_, err := VerifyPassword(t.Context(), Secret(hash), Secret(password))
		switch {
		case errors.Is(err, ErrInvalid):
			_, err := HashPassword(t.Context(), Secret(password))
			require.ErrorIs(t, err, ErrInvalid)
		case !ok:
			require.ErrorIs(t, err, ErrCorrupt)
		default:
			require.Equal(t, hash, h.String())
			secret, _ := preparePassword(Secret(password))
			c := h.cost
			key := argon2.IDKey([]byte(secret), h.salt, c.iterations, c.memory, c.parallelism, uint32(len(h.key)))
			if subtle.ConstantTimeCompare(key, h.key) == 1 {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, ErrUnauthenticated)
			}
		}
	})
}
