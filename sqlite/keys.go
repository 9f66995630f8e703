package sqlite

// Users have a key in this database and an identifier outside. Both ways are
// remembered by the process, because a page of messages would otherwise look
// up an author for each.
//
// Keys never change and are never used again, so what is remembered is right
// until a user is deleted. The database counts deletions; what was learned
// under one count serves those transactions that see the same count.

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lairchat/lair/storage"
)

// maxShared bounds what is remembered: some 20 MB.
const maxShared = 1 << 17

// shared is what the connections of a store know of users, and which version of
// the search index the program makes.
type shared struct {
	version  int64
	unfolded atomic.Int64 // at least as many deltas of this process are in the log of rollups (rollup_fold.go)

	stopwatch func() func() time.Duration // which a search starts; tests replace it

	mu         sync.RWMutex
	generation int64                    // the count of deletions
	ids        map[int64]storage.UserID // zero: deleted
	keys       map[storage.UserID]int64
	mentioned  map[mentioned]struct{} // whatever the generation: it stays as long as the keys mean anything
}

// mentioned says that a user is noted as mentioned in a chunk (mention.go).
type mentioned struct{ user, chunk int64 }

func newShared(version int64) *shared {
	s := &shared{version: version, stopwatch: startStopwatch, mentioned: make(map[mentioned]struct{})}
	s.begin(0)
	return s
}

func (s *shared) begin(generation int64) {
	s.generation = generation
	s.ids = make(map[int64]storage.UserID)
	s.keys = make(map[storage.UserID]int64)
}

func (s *shared) id(generation, key int64) (id storage.UserID, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.generation == generation {
		id, ok = s.ids[key]
	}
	return id, ok
}

func (s *shared) key(generation int64, id storage.UserID) (key int64, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.generation == generation {
		key, ok = s.keys[id]
	}
	return key, ok
}

// add remembers a user of committed data.
func (s *shared) add(generation, key int64, id storage.UserID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(generation, key, id)
}

// noted reports whether a user is known to be noted as mentioned in a chunk.
func (s *shared) noted(m mentioned) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ok := s.mentioned[m]
	return ok
}

// learn takes over what a transaction that is committed knew.
func (s *shared) learn(k *knownUsers) {
	if (k.generation < 0 || len(k.ids) == 0) && len(k.mentioned) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.mentioned) >= maxShared {
		clear(s.mentioned)
	}
	maps.Copy(s.mentioned, k.mentioned)
	if k.generation < 0 {
		return
	}
	for key, id := range k.ids {
		s.put(k.generation, key, id)
	}
}

func (s *shared) put(generation, key int64, id storage.UserID) {
	if s.generation > generation {
		return
	}
	if s.generation < generation || len(s.ids) >= maxShared {
		s.begin(generation)
	}
	s.ids[key] = id
	if !id.IsZero() {
		s.keys[id] = key
	}
}

// knownUsers is what one write transaction knows. It is not shared before the
// commit: a rollback lets keys be dealt again.
type knownUsers struct {
	generation int64 // -1: not read yet
	ids        map[int64]storage.UserID
	keys       map[storage.UserID]int64
	mentioned  map[mentioned]struct{}
}

func (k *knownUsers) forget() {
	k.generation = -1
	if k.ids == nil || len(k.ids) > maxKept || len(k.mentioned) > maxKept {
		k.ids = make(map[int64]storage.UserID)
		k.keys = make(map[storage.UserID]int64)
		k.mentioned = make(map[mentioned]struct{})
		return
	}
	clear(k.ids)
	clear(k.keys)
	clear(k.mentioned)
}

// noted reports whether a user is known to be noted as mentioned in a chunk.
func (r *rows) noted(m mentioned) bool {
	if _, ok := r.known.mentioned[m]; ok {
		return true
	}
	return r.shared.noted(m)
}

func (k *knownUsers) add(key int64, id storage.UserID) {
	k.ids[key] = id
	if !id.IsZero() {
		k.keys[id] = key
	}
}

const generationSQL = `
SELECT value
FROM counters
WHERE name = 'user_deletions'`

// generation returns the count of deletions that the write transaction sees.
func (r *rows) generation() (int64, error) {
	if r.known.generation >= 0 {
		return r.known.generation, nil
	}
	err := r.c.one(generationSQL, nil, func(row *row) error {
		r.known.generation = row.int()
		return nil
	})
	return r.known.generation, err
}

const userKeySQL = `
SELECT key
FROM users
WHERE id = ?`

// userKey returns a user's key, 0 for the zero ID.
func (r *rows) userKey(id storage.UserID) (key int64, err error) {
	if id.IsZero() {
		return 0, nil
	}
	if r.writable {
		if key, ok := r.known.keys[id]; ok {
			return key, nil
		}
		generation, err := r.generation()
		if err != nil {
			return 0, err
		}
		if key, ok := r.shared.key(generation, id); ok {
			return key, nil
		}
	}
	err = r.c.one(userKeySQL, func(a *args) { a.id(id) }, func(row *row) error {
		key = row.int()
		return nil
	})
	if err == nil && r.writable {
		r.known.add(key, id)
	}
	return key, err
}

const userIDSQL = `
SELECT
	(SELECT id FROM users WHERE key = ?),
	(SELECT value FROM counters WHERE name = 'user_deletions')`

// userID returns the identifier behind a key that was read under a count of
// deletions, and the zero ID if there is no such user (any more). It is not
// ok if the count has risen since.
func (r *rows) userID(generation, key int64) (id storage.UserID, ok bool, err error) {
	if key == 0 {
		return id, true, nil
	}
	if id, ok := r.known.ids[key]; ok && r.known.generation == generation {
		return id, true, nil
	}
	if id, ok := r.shared.id(generation, key); ok {
		return id, true, nil
	}
	now := generation
	err = r.c.one(userIDSQL, func(a *args) { a.int(key) }, func(row *row) error {
		id, now = row.id(), row.int()
		return nil
	})
	if err != nil || now != generation {
		return storage.UserID{}, false, err
	}
	r.meet(generation, key, id)
	return id, true, nil
}

// meet remembers a user.
func (r *rows) meet(generation, key int64, id storage.UserID) {
	if !r.writable {
		r.shared.add(generation, key, id)
		return
	}
	if r.known.generation != generation {
		r.known.forget()
		r.known.generation = generation
	}
	r.known.add(key, id)
}
