package storage

import (
	"errors"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPasswordHasherParameters(t *testing.T) {
	for name, c := range map[string]struct {
		hasher *PasswordHasher
		want   string
	}{
		"none":                     {&PasswordHasher{}, "m=19456,t=2,p=1"},
		"memory alone":             {&PasswordHasher{Memory: 64}, "m=64,t=2,p=1"},
		"iterations alone":         {&PasswordHasher{Iterations: 3}, "m=19456,t=3,p=1"},
		"all":                      {&PasswordHasher{Memory: 128, Iterations: 4, Parallelism: 2}, "m=128,t=4,p=2"},
		"the least":                {&PasswordHasher{Memory: 8, Iterations: 1}, "m=8,t=1,p=1"},
		"as many lanes as may be":  {&PasswordHasher{Memory: 128, Iterations: 1, Parallelism: 16}, "m=128,t=1,p=16"},
		"one turn, and one behind": {&PasswordHasher{Memory: 8, Concurrent: 1, Waiting: 1}, "m=8,t=2,p=1"},
	} {
		t.Run(name, func(t *testing.T) {
			hash, err := c.hasher.Hash(t.Context(), "correct horse")
			require.NoError(t, err)
			require.Equal(t, c.want, strings.Split(string(hash), "$")[3])
			for _, reader := range []*PasswordHasher{c.hasher, {}} {
				_, err := reader.Verify(t.Context(), hash, "correct horse")
				require.NoError(t, err)
				_, err = reader.Verify(t.Context(), hash, "correct hors")
				require.ErrorIs(t, err, ErrUnauthenticated)
			}
		})
	}
}

func TestPasswordHasherInvalid(t *testing.T) {
	for name, c := range map[string]struct {
		hasher *PasswordHasher
		field  string
	}{
		"too little memory":               {&PasswordHasher{Memory: 7}, "Memory"},
		"too little memory for its lanes": {&PasswordHasher{Memory: 31, Parallelism: 4}, "Memory"},
		"too much memory":                 {&PasswordHasher{Memory: mostMemory + 1}, "Memory"},
		"all memory":                      {&PasswordHasher{Memory: math.MaxUint32}, "Memory"},
		"too many iterations":             {&PasswordHasher{Memory: 8, Iterations: 17}, "Iterations"},
		"too many of so much":             {&PasswordHasher{Memory: mostMemory, Iterations: 5}, "Iterations"},
		"too many lanes":                  {&PasswordHasher{Parallelism: 17}, "Parallelism"},
		"negative turns":                  {&PasswordHasher{Concurrent: -1}, "Concurrent"},
		"too many turns":                  {&PasswordHasher{Concurrent: mostTurns + 1}, "Concurrent"},
		"a negative queue":                {&PasswordHasher{Waiting: -1}, "Waiting"},
		"too long a queue":                {&PasswordHasher{Waiting: math.MaxInt}, "Waiting"},
	} {
		t.Run(name, func(t *testing.T) {
			_, hashed := c.hasher.Hash(t.Context(), "correct horse")
			_, verified := c.hasher.Verify(t.Context(), cheapHash, "password")
			for _, err := range []error{c.hasher.Validate(), hashed, verified} {
				var e *Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, ErrInvalid, e.Kind)
				require.Equal(t, c.field, e.Field)
			}
		})
	}
}

// The bounds of what is made are those of what is read.
func TestPasswordHasherBounds(t *testing.T) {
	for _, c := range []argon2Cost{
		{8, 1, 1}, {7, 1, 1}, {128, 16, 16}, {127, 16, 16}, {mostMemory, 4, 16}, {mostMemory, 5, 1}, {mostMemory + 1, 1, 1},
		{mostWork / 16, 16, 4}, {mostWork/16 + 1, 16, 4}, {1 << 16, 17, 1}, {1 << 16, 1, 17}, {math.MaxUint32, math.MaxUint32, 255},
	} {
		h := &PasswordHasher{Memory: c.memory, Iterations: c.iterations, Parallelism: c.parallelism}
		assert.Equal(t, c.bearable(), h.Validate() == nil, "%+v", c)
	}
}

// What is due depends on who asks: the hash of one's own parameters never is.
func TestPasswordHasherRehash(t *testing.T) {
	stronger := &PasswordHasher{Memory: 512, Iterations: 3}
	hash, err := stronger.Hash(t.Context(), "correct horse")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		hasher *PasswordHasher
		want   bool
	}{
		"itself":                        {stronger, false},
		"more memory":                   {&PasswordHasher{Memory: 513, Iterations: 1}, true},
		"more iterations":               {&PasswordHasher{Memory: 512, Iterations: 4}, true},
		"less of everything":            {&PasswordHasher{Memory: 256, Iterations: 1}, false},
		"less memory, as much work":     {&PasswordHasher{Memory: 384, Iterations: 4}, false},
		"less memory, more work":        {&PasswordHasher{Memory: 256, Iterations: 8}, true},
		"more lanes, which cost nobody": {&PasswordHasher{Memory: 512, Iterations: 3, Parallelism: 4}, false},
		"the defaults":                  {&PasswordHasher{}, true},
	} {
		got, err := c.hasher.Verify(t.Context(), hash, "correct horse")
		require.NoError(t, err, name)
		assert.Equal(t, c.want, got, "rehash by %s", name)
	}
}

// An empty hash costs what a new one of the same hasher does.
func TestPasswordHasherNone(t *testing.T) {
	h := &PasswordHasher{Memory: 1024, Iterations: 5}
	stored, err := h.stored("")
	require.NoError(t, err)
	require.Equal(t, h.cost(), stored.cost)
	_, err = h.Verify(t.Context(), "", "something")
	require.ErrorIs(t, err, ErrUnauthenticated)
}

// Eighty logins at once, 8 MiB each: memory holds the few that run, some are
// served in their turn, and the rest are told at once to come again.
func TestPasswordHasherStorm(t *testing.T) {
	const logins, memory, concurrent, waiting = 80, 8 << 10, 2, 22
	h := &PasswordHasher{Memory: memory, Iterations: 3, Concurrent: concurrent, Waiting: waiting}
	debug.FreeOSMemory()
	before := heapInUse()
	var peak, served, busy, start = uint64(0), 0, 0, make(chan struct{})
	var mu sync.Mutex
	var all sync.WaitGroup
	for range logins {
		all.Go(func() {
			<-start
			_, err := h.Hash(t.Context(), "correct horse")
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				served++
			case errors.Is(err, ErrBusy):
				busy++
			default:
				assert.NoError(t, err)
			}
			peak = max(peak, heapInUse())
		})
	}
	close(start)
	all.Wait()
	assert.Equal(t, logins, served+busy)
	assert.GreaterOrEqual(t, served, concurrent+waiting, "logins served in their turn")
	// Those served leave their memory to the collector, which lets the heap
	// double.
	most := uint64(5*concurrent) * memory << 10
	assert.Less(t, peak-min(before, peak), most, "bytes of heap, of %d hashes", served)
}

// heapInUse returns how many bytes of the heap hold objects, living ones and
// those that were not collected yet.
func heapInUse() uint64 {
	runtime.Gosched()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
