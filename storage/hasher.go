package storage

import (
	"cmp"
	"fmt"
	"runtime"
	"sync"
)

// PasswordHasher hashes passwords by argon2id, at a cost of the embedder's, a
// few at a time. The zero value is ready. A hasher serves any number of
// goroutines; it is neither changed nor copied once it is in use. One serves
// the whole process: each has turns of its own.
//
// The zero parameters are of those that the OWASP Password Storage Cheat Sheet
// recommends as equally strong
// (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html):
// 19 MiB, 2 iterations, 1 lane, some 30 ms of a processor. RFC 9106 (section 4)
// recommends more where it can be afforded: 64 MiB, 3 iterations, 4 lanes. Less
// than the former is for tests. Raising them is safe at any time: old hashes
// are still read, and Verify tells which are due.
//
// So that a storm of logins takes no more than its share, at most Concurrent
// hashes are computed at once, in Concurrent times Memory (or what stored
// hashes ask for, if that is more: 256 MiB each at most), Waiting callers wait,
// and all others are ErrBusy.
type PasswordHasher struct {
	Memory      uint32 // KiB of each hash; at least 8 for each lane, at most 256 MiB; 19456 if 0
	Iterations  uint32 // at most 16, and with Memory at most 1 GiB written in all; 2 if 0
	Parallelism uint8  // lanes, computed at the same time, at most 16; 1 if 0
	Concurrent  int    // hashes at once; as many as processors, but at most 8, if 0
	Waiting     int    // callers in the queue for these; 32 for each of Concurrent if 0

	once sync.Once
	line *turns
}

// mostTurns bounds how many may run and wait.
const mostTurns = 1 << 20

// Validate refuses parameters with which nothing is hashed.
func (h *PasswordHasher) Validate() error {
	c := h.cost()
	switch {
	case c.parallelism > mostParallelism:
		return Invalid("Parallelism", fmt.Sprintf("%d, at most %d", c.parallelism, mostParallelism))
	case c.memory > mostMemory:
		return Invalid("Memory", fmt.Sprintf("%d KiB, at most %d", c.memory, mostMemory))
	case c.memory < laneMemory*uint32(c.parallelism):
		return Invalid("Memory", fmt.Sprintf("%d KiB, less than %d for each of %d lanes", c.memory, laneMemory, c.parallelism))
	case c.iterations > mostIterations:
		return Invalid("Iterations", fmt.Sprintf("%d, at most %d", c.iterations, mostIterations))
	case c.work() > mostWork:
		return Invalid("Iterations", fmt.Sprintf("%d of %d KiB, at most %d KiB in all", c.iterations, c.memory, mostWork))
	case h.Concurrent < 0 || h.Concurrent > mostTurns:
		return Invalid("Concurrent", fmt.Sprintf("%d, not from 0 to %d", h.Concurrent, mostTurns))
	case h.Waiting < 0 || h.Waiting > mostTurns:
		return Invalid("Waiting", fmt.Sprintf("%d, not from 0 to %d", h.Waiting, mostTurns))
	}
	return nil
}

// cost is what new hashes cost.
func (h *PasswordHasher) cost() argon2Cost {
	return argon2Cost{
		memory:      cmp.Or(h.Memory, presentCost.memory),
		iterations:  cmp.Or(h.Iterations, presentCost.iterations),
		parallelism: cmp.Or(h.Parallelism, presentCost.parallelism),
	}
}

// turns returns those in which h hashes. More at once than there are processors
// would take memory and make nothing faster; 32 waiting for each are about a
// second of work.
func (h *PasswordHasher) turns() *turns {
	h.once.Do(func() {
		running := cmp.Or(h.Concurrent, min(runtime.GOMAXPROCS(0), 8))
		h.line = newTurns(running, cmp.Or(h.Waiting, 32*running))
	})
	return h.line
}
