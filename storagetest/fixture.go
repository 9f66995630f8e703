package storagetest

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// fixture is a fresh store with all that a case needs around it. Its helpers
// fail the case when the store refuses what they ask for.
type fixture struct {
	storage.Store
	t       testing.TB
	ctx     context.Context
	clock   *clock
	options storage.Options
	backend Backend
}

func newFixture(t testing.TB, b Backend) *fixture {
	c := &clock{now: clockStart}
	f := &fixture{
		t: t, ctx: t.Context(), clock: c, backend: b,
		options: storage.Options{Now: c.Now, NewUUID: risingUUIDs()},
	}
	f.Store = b.Open(t, f.options)
	t.Cleanup(func() {
		if err := f.Close(); err != nil && !errors.Is(err, storage.ErrClosed) {
			t.Errorf("Close: %v", err)
		}
	})
	return f
}

// reopen closes the store and opens again what it held.
func (f *fixture) reopen() {
	f.t.Helper()
	_, nested := f.Store.(*txStore)
	if nested {
		f.unnest()
	}
	f.Store = f.backend.Reopen(f.t, f.Store, f.options)
	if nested {
		f.nest()
	}
}

// now returns what a record stored at this moment carries.
func (f *fixture) now() time.Time { return storage.Timestamp(f.clock.Now()) }

// clock is the time of one store. It moves only when it is told to, or by a
// tick with each look at it.
type clock struct {
	before, after func() // called around each move, if set

	mu   sync.Mutex
	now  time.Time
	tick time.Duration
}

// clockStart is neither in UTC nor whole in microseconds, so that a backend
// that stores what it is given shows.
var clockStart = time.Date(2026, time.March, 29, 1, 59, 59, 123456789, time.FixedZone("", 5*3600+45*60))

// Now returns the clock's time.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(c.tick)
	return c.now
}

// ticks has the clock move by d with each look, as if every step of a call took
// so long.
func (c *clock) ticks(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick = d
}

// advance moves the clock; a negative d moves it back.
func (c *clock) advance(d time.Duration) {
	if c.before != nil {
		c.before()
		defer c.after()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// risingUUIDs returns a source of identifiers that look like UUIDs of version
// 7 and rise.
func risingUUIDs() func() [16]byte {
	var last atomic.Uint64
	return func() [16]byte {
		n := last.Add(1)
		var id [16]byte
		binary.BigEndian.PutUint64(id[:], uint64(clockStart.UnixMilli())<<16+n<<16)
		id[6], id[8] = 0x70, 0x80
		binary.BigEndian.PutUint32(id[12:], uint32(n))
		return id
	}
}

// id returns an identifier that is none of a fixture's own and sorts by n, for
// records whose order matters and for records that do not exist.
func id[T any](n byte) storage.ID[T] {
	return storage.ID[T]{0: 1, 6: 0x70, 8: 0x80, 15: n}
}

// Who and what does not exist.
var (
	nobody  = id[storage.User](0)
	nowhere = id[storage.Room](0)
)

// user stores a user, changed by edits first.
func (f *fixture) user(name string, edits ...func(*storage.User)) storage.User {
	f.t.Helper()
	u := storage.User{Username: name}
	for _, edit := range edits {
		edit(&u)
	}
	require.NoError(f.t, f.CreateUser(f.ctx, &u))
	return u
}

// room stores a room, changed by edits first. Its creator, who may be nobody,
// is its owner.
func (f *fixture) room(name string, creator storage.UserID, edits ...func(*storage.Room)) storage.Room {
	f.t.Helper()
	r := storage.Room{Name: name, CreatorID: creator}
	for _, edit := range edits {
		edit(&r)
	}
	require.NoError(f.t, f.CreateRoom(f.ctx, &r))
	return r
}

// expiring makes a new room one whose time is over at some moment.
func expiring(at time.Time) func(*storage.Room) {
	return func(r *storage.Room) { r.Type, r.ExpiresAt = storage.RoomTemporary, at }
}

// join makes a user a member of a room, with a membership changed by edits
// first.
func (f *fixture) join(room storage.RoomID, user storage.UserID, edits ...func(*storage.Membership)) storage.Membership {
	f.t.Helper()
	m := storage.Membership{RoomID: room, UserID: user}
	for _, edit := range edits {
		edit(&m)
	}
	require.NoError(f.t, f.AddMember(f.ctx, &m))
	return m
}

// say stores a message, changed by edits first.
func (f *fixture) say(room storage.RoomID, author storage.UserID, body string, edits ...func(*storage.Message)) storage.Message {
	f.t.Helper()
	m := storage.Message{RoomID: room, AuthorID: author, Body: body}
	for _, edit := range edits {
		edit(&m)
	}
	created, err := f.CreateMessage(f.ctx, &m)
	require.NoError(f.t, err)
	require.True(f.t, created, "CreateMessage(%q) stored nothing", body)
	return m
}

func (f *fixture) readUser(id storage.UserID) storage.User {
	f.t.Helper()
	u, err := f.User(f.ctx, id)
	require.NoError(f.t, err)
	return u
}

func (f *fixture) readRoom(id storage.RoomID) storage.Room {
	f.t.Helper()
	r, err := f.Room(f.ctx, id)
	require.NoError(f.t, err)
	return r
}

func (f *fixture) readMember(room storage.RoomID, user storage.UserID) storage.Membership {
	f.t.Helper()
	m, err := f.Membership(f.ctx, room, user)
	require.NoError(f.t, err)
	return m
}

func (f *fixture) readMessage(id storage.MessageID) storage.Message {
	f.t.Helper()
	m, err := f.Message(f.ctx, id)
	require.NoError(f.t, err)
	return m
}
