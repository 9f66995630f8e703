package sqlite

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// counting is a store in which people come, talk and go.
type counting struct {
	*backend.Store
	t     testing.TB
	e     *engine
	rand  *rand.Rand
	now   time.Time
	users []storage.UserID
	rooms []storage.RoomID
	said  []storage.MessageID
}

func newCounting(t testing.TB) *counting {
	c := &counting{t: t, rand: rand.New(rand.NewPCG(3, 3)), now: time.Date(2026, 3, 30, 1, 2, 3, 0, time.UTC)}
	c.open(openEngine(t, nil))
	for i := range 6 {
		u := storage.User{Username: fmt.Sprint("user", i)}
		require.NoError(t, c.CreateUser(t.Context(), &u))
		c.users = append(c.users, u.ID)
		r := storage.Room{Name: u.Username, CreatorID: u.ID}
		require.NoError(t, c.CreateRoom(t.Context(), &r))
		c.rooms = append(c.rooms, r.ID)
	}
	return c
}

func (c *counting) open(e *engine) {
	c.e = e
	c.Store = backend.New(e, storage.Options{Now: func() time.Time { return c.now }})
}

func (c *counting) reopen() {
	path := c.e.source.path
	require.NoError(c.t, c.Close())
	c.open(openEngineAt(c.t, path, nil))
}

// talk stores messages of all times and takes some away.
func (c *counting) talk(messages int) {
	for range messages {
		m := storage.Message{
			RoomID: c.rooms[c.rand.IntN(len(c.rooms))], AuthorID: c.users[c.rand.IntN(len(c.users))], Body: "x",
			CreatedAt: c.now.Add(-time.Duration(c.rand.Int64N(int64(50 * 24 * time.Hour)))),
		}
		if c.rand.IntN(10) == 0 {
			m.ExpiresAt = c.now.Add(time.Minute)
		}
		_, err := c.CreateMessages(c.t.Context(), []*storage.Message{&m})
		require.NoError(c.t, err)
		c.said = append(c.said, m.ID)
		id := c.said[c.rand.IntN(len(c.said))]
		switch c.rand.IntN(6) {
		case 0:
			_, err = c.DeleteMessage(c.t.Context(), id, storage.UserID{})
		case 1:
			_, err = c.PurgeMessage(c.t.Context(), id)
		}
		if err != nil {
			require.ErrorIs(c.t, err, storage.ErrNotFound)
		}
	}
}

// lose takes away a room and a user.
func (c *counting) lose() {
	require.NoError(c.t, c.DeleteRoom(c.t.Context(), c.rooms[0]))
	require.NoError(c.t, c.DeleteUser(c.t.Context(), c.users[0]))
	c.rooms, c.users = c.rooms[1:], c.users[1:]
	c.now = c.now.Add(time.Hour)
}

// counts are statistics of everything, and of each room and user.
func (c *counting) counts() (all []any) {
	ctx := c.t.Context()
	for _, room := range append([]storage.RoomID{{}}, c.rooms...) {
		for _, user := range append([]storage.UserID{{}}, c.users...) {
			s, err := c.MessageStats(ctx, storage.StatsQuery{Room: room, User: user})
			require.NoError(c.t, err)
			days, err := c.Activity(ctx, storage.ActivityQuery{Room: room, User: user, From: c.now.AddDate(0, 0, -60), To: c.now, TimeZone: "Asia/Kathmandu"})
			require.NoError(c.t, err)
			all = append(all, s, days)
		}
	}
	return all
}

func (c *counting) raw() (all []storage.RawActivity) {
	require.NoError(c.t, c.e.Read(c.t.Context(), func(r backend.Rows) (err error) {
		all, err = r.(*rows).rawActivities(nil, 1000)
		return err
	}))
	return all
}

func (c *counting) folding() (f folding) {
	require.NoError(c.t, c.e.Read(c.t.Context(), func(r backend.Rows) (err error) {
		f, err = r.(*rows).folding()
		return err
	}))
	return f
}

// assertSame compares counts, and prints only what is different.
func assertSame(t *testing.T, want, got []any, say string) {
	t.Helper()
	for i := range want {
		if !reflect.DeepEqual(want[i], got[i]) {
			assert.Fail(t, say, "%d:\nwant %v\ngot  %v", i, want[i], got[i])
			return
		}
	}
}

// What is counted anew is what was counted message by message.
func TestRebuildRollups(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	c.talk(200)
	c.lose()
	for c.talk(20); !c.folding().open; c.talk(1) { // amid folding
	}
	want, raw := c.counts(), c.raw()
	require.Len(t, raw, 11, "six registrations and the five rooms' founders, of whom one is nobody, and the sixth room the server")
	rebuild := func(r backend.Rows) error { return r.(*rows).rebuildRollups() }
	for range 2 {
		_, err := c.e.Write(t.Context(), rebuild)
		require.NoError(t, err)
		assertSame(t, want, c.counts(), "")
		assert.Equal(t, raw, c.raw())
	}
	c.talk(100)
	want = c.counts()
	_, err := c.e.Write(t.Context(), rebuild)
	require.NoError(t, err)
	assertSame(t, want, c.counts(), "after more messages")
}

// The migration counts what was there before it: all but who has left.
func TestMigrationFillsRollups(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	c.talk(300)
	want, raw := c.counts(), c.raw()
	path := c.e.source.path
	require.NoError(t, c.Close())
	downTo(t, c.e.source, 18)
	c.open(openEngineAt(t, path, nil))
	assertSame(t, want, c.counts(), "")
	assert.Equal(t, raw, c.raw())
	require.NoError(t, c.e.foldLog(t.Context()))
	assertSame(t, want, c.counts(), "once that is in the cells")
	c.talk(100)
	c.reopen()
	c.lose()
	want = c.counts()
	_, err := c.e.Write(t.Context(), func(r backend.Rows) error { return r.(*rows).rebuildRollups() })
	require.NoError(t, err)
	assertSame(t, want, c.counts(), "")
}

// A group that fails while it folds leaves no trace, nor does what it read of
// the log.
func TestFoldingFails(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	c.talk(30)
	for ; !c.folding().open; c.talk(1) {
	}
	want := c.counts()
	failed := fmt.Errorf("failed")
	_, err := c.e.Update(t.Context(), func(r backend.Rows) error {
		for more := true; more; {
			var err error
			if _, more, err = r.(*rows).foldPart(3); err != nil {
				return err
			}
		}
		return failed
	})
	require.ErrorIs(t, err, failed)
	assertSame(t, want, c.counts(), "")
	require.NoError(t, c.Update(context.Background(), func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.CreateMessage(ctx, &storage.Message{RoomID: c.rooms[0], AuthorID: c.users[0], Body: "x"})
		return err
	}))
	c.talk(100)
	want = c.counts()
	_, err = c.e.Write(t.Context(), func(r backend.Rows) error { return r.(*rows).rebuildRollups() })
	require.NoError(t, err)
	assertSame(t, want, c.counts(), "")
}
