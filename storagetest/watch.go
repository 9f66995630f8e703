package storagetest

// Following the change feed live.

import (
	"context"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var watchCases = []testCase{
	{"what is there", testWatchThere},
	{"live", testWatchLive},
	{"from a position", testWatchAfter},
	{"waits", testWatchWaits},
	{"several", testWatchSeveral},
	{"of a room", testWatchRoom},
	{"of some kinds", testWatchKinds},
	{"of a user", testWatchUser},
	{"of a user, wherever it happens", testWatchUserWoken},
	{"of a user with others at work", testWatchUserIdle},
	{"of a room with others at work", testWatchIdle},
	{"limit and cursor", testWatchLimit},
	{"whole transactions", testWatchTx},
	{"nothing of what is rolled back", testWatchRolledBack},
	{"slow", testWatchSlow},
	{"writes while it reads", testWatchWrites},
	{"many writers", testWatchLoad},
	{"break", testWatchBreak},
	{"context", testWatchContext},
	{"deadline", testWatchDeadline},
	{"close", testWatchClose},
	{"close while it reads", testWatchCloseReading},
	{"gone before it began", testWatchGone},
	{"gone while it was slow", testWatchGoneSlow},
	{"gone though it had begun with nothing", testWatchGoneEmpty},
	{"invalid", testWatchInvalid},
	{"within View and Update", testWatchNested},
	{"twice", testWatchTwice},
}

// ended returns the error with which a watch ends that yields nothing.
func ended(changes iter.Seq2[storage.Change, error]) error {
	for _, err := range changes {
		return err
	}
	return nil
}

// patience is how long a watcher waits for what must come at once.
const patience = 20 * time.Second

// watching is somebody who watches, and reads when told to.
type watching struct {
	t    testing.TB
	next func() (storage.Change, error, bool)
	stop func()
}

func (f *fixture) watch(q storage.ChangeQuery) *watching {
	ctx, cancel := context.WithTimeout(f.ctx, patience)
	next, stop := iter.Pull2(f.Watch(ctx, q))
	w := &watching{t: f.t, next: next, stop: sync.OnceFunc(func() { stop(); cancel() })}
	f.t.Cleanup(w.stop)
	return w
}

// one returns the next change, for which it waits if it must.
func (w *watching) one() storage.Change {
	w.t.Helper()
	c, err, ok := w.next()
	require.NoError(w.t, err, "a watch ended")
	require.True(w.t, ok, "a watch ended")
	return c
}

// reads requires that these changes come next.
func (w *watching) reads(want ...storage.Change) {
	w.t.Helper()
	for _, c := range want {
		require.Equal(w.t, c, w.one())
	}
}

// ends requires that the watch ends now, with an error.
func (w *watching) ends(kind error) {
	w.t.Helper()
	c, err, ok := w.next()
	require.True(w.t, ok, "a watch ended without an error")
	wantErr(w.t, err, kind)
	require.Zero(w.t, c, "a change beside the error")
	_, _, ok = w.next()
	require.False(w.t, ok, "a watch went on after its error")
}

// later runs what a watcher waits for, and returns what waits until it is done,
// which is done at the end of the case at the latest.
func (f *fixture) later(call func()) (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		call()
	}()
	wait = func() { <-done }
	f.t.Cleanup(wait)
	return wait
}

func testWatchThere(_ *testing.T, f *fixture) {
	f.world()
	f.watch(storage.ChangeQuery{}).reads(f.wantGapless()...)
}

func testWatchLive(t *testing.T, f *fixture) {
	c := f.circle()
	w := f.watch(storage.ChangeQuery{})
	w.reads(f.wantGapless()...)
	for range 20 {
		var m storage.Message
		wait := f.later(func() { m = f.say(c.room, c.ann, "hello") })
		got := w.one()
		wait()
		require.Equal(t, m.ID, got.MessageID)
	}
}

func testWatchAfter(_ *testing.T, f *fixture) {
	f.circle()
	all := f.wantGapless()
	for i := range all {
		w := f.watch(storage.ChangeQuery{After: all[i].Position})
		w.reads(all[i+1:]...)
		w.stop()
	}
	w := f.watch(storage.ChangeQuery{After: f.head().Newest})
	f.user("dan")
	w.reads(f.changesOf(storage.ChangeQuery{After: f.head().Newest - 1})...)
}

// looked is another store with one watcher, which tells how often it has looked
// at the feed. After its first look it waits until it may go on.
type looked struct {
	*fixture
	first chan struct{} // closed after the first look
	goOn  chan struct{} // to be closed
	looks atomic.Int64
}

func (f *fixture) looked() *looked {
	f.t.Helper()
	l := &looked{first: make(chan struct{}), goOn: make(chan struct{})}
	l.fixture = f.another(func(o *storage.Options) {
		o.Observe = func(ctx context.Context, op storage.Op) {
			if op.Name != "watch changes" || l.looks.Add(1) > 1 {
				return
			}
			close(l.first)
			select {
			case <-l.goOn:
			case <-ctx.Done():
			}
		}
	})
	return l
}

// A watcher that has read everything is woken by the next write.
func testWatchWaits(t *testing.T, f *fixture) {
	l := f.looked()
	w := l.watch(storage.ChangeQuery{})
	var got storage.Change
	wait := f.later(func() { got = w.one() })
	<-l.first // and there was nothing
	close(l.goOn)
	room := l.room("", storage.UserID{})
	wait()
	require.Equal(t, room.ID, got.RoomID)
}

func testWatchSeveral(_ *testing.T, f *fixture) {
	var all []*watching
	for range 5 {
		all = append(all, f.watch(storage.ChangeQuery{}))
	}
	c := f.circle()
	all[3].reads(f.wantGapless()...)
	f.saying(3, c.room, c.ann)
	for _, w := range all[:3] {
		w.reads(f.wantGapless()...)
	}
	all[0].stop()
	all[4].reads(f.wantGapless()...)
	all[3].reads(f.wantGapless()[len(f.wantGapless())-3:]...)
}

func testWatchRoom(_ *testing.T, f *fixture) {
	c := f.circle()
	attic := f.room("attic", c.ann).ID
	hall, up := f.watch(storage.ChangeQuery{Room: c.room}), f.watch(storage.ChangeQuery{Room: attic})
	for range 3 {
		f.say(c.room, c.ann, "in the hall")
		f.room("", c.ann)
		f.say(attic, c.ann, "in the attic")
	}
	hall.reads(f.changesOf(storage.ChangeQuery{Room: c.room})...)
	up.reads(f.changesOf(storage.ChangeQuery{Room: attic})...)
}

func testWatchKinds(_ *testing.T, f *fixture) {
	q := storage.ChangeQuery{Kinds: []storage.ChangeKind{storage.ChangeReactionAdded, storage.ChangeMessageEdited}}
	w := f.watch(q)
	f.world()
	w.reads(f.changesOf(q)...)
}

func testWatchUser(t *testing.T, f *fixture) {
	c := f.circle()
	f.hidden(c)
	dan := f.user("dan").ID
	f.saying(2, c.room, c.ann)
	w := f.watch(storage.ChangeQuery{User: dan})
	require.Equal(t, storage.ChangeUserCreated, w.one().Kind)
	f.say(c.room, c.ann, "before")
	f.join(c.room, dan)
	require.Equal(t, storage.ChangeMemberAdded, w.one().Kind)
	m := f.say(c.room, c.ann, "with dan")
	require.Equal(t, m.ID, w.one().MessageID)
	f.leave(c.room, dan)
	require.Equal(t, storage.ChangeMemberRemoved, w.one().Kind)
	f.say(c.room, c.ann, "without dan")
	f.join(c.room, dan)
	require.Equal(t, storage.ChangeMemberAdded, w.one().Kind)
}

// Who watches a room is not woken by what happens in others.
func testWatchIdle(t *testing.T, f *fixture) {
	l := f.looked()
	hall, attic := l.room("hall", storage.UserID{}).ID, l.room("attic", storage.UserID{}).ID
	w := l.watch(storage.ChangeQuery{Room: attic, After: l.head().Newest})
	var got storage.Change
	wait := f.later(func() { got = w.one() })
	<-l.first
	close(l.goOn)
	for range 50 {
		l.say(hall, storage.UserID{}, "elsewhere")
		runtime.Gosched()
	}
	m := l.say(attic, storage.UserID{}, "at last")
	wait()
	require.Equal(t, m.ID, got.MessageID)
	require.LessOrEqual(t, l.looks.Load(), int64(5), "looks at the feed for one change")
}

func testWatchLimit(_ *testing.T, f *fixture) {
	f.circle()
	f.watch(storage.ChangeQuery{Limit: 1, Cursor: "nothing that was ever a cursor"}).reads(f.wantGapless()...)
	f.watch(storage.ChangeQuery{Limit: -1}).reads(f.wantGapless()...)
}

func testWatchTx(t *testing.T, f *fixture) {
	w := f.watch(storage.ChangeQuery{})
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		for range 3 {
			require.NoError(t, tx.CreateRoom(ctx, &storage.Room{}))
		}
		return nil
	}))
	for range 3 {
		require.Equal(t, storage.Position(1), w.one().Tx)
	}
}

func testWatchRolledBack(t *testing.T, f *fixture) {
	w := f.watch(storage.ChangeQuery{})
	f.rollBack(func(tx storage.Tx) error { return tx.CreateRoom(f.ctx, &storage.Room{}) })
	ann := f.user("ann")
	require.Equal(t, ann.ID, w.one().UserID)
}

// A slow reader holds nobody up, and loses nothing.
func testWatchSlow(t *testing.T, f *fixture) {
	slow, quick := f.watch(storage.ChangeQuery{}), f.watch(storage.ChangeQuery{})
	room := f.room("hall", storage.UserID{})
	require.Equal(t, room.ID, slow.one().RoomID)
	f.toggle(room.ID, 1000)
	all := f.wantGapless()
	quick.reads(all...)
	f.say(room.ID, storage.UserID{}, "after")
	slow.reads(f.wantGapless()[1:]...)
}

// A watcher may write, between two changes.
func testWatchWrites(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	w := f.watch(storage.ChangeQuery{Room: room.ID})
	w.one()
	for range 5 {
		m := f.say(room.ID, storage.UserID{}, "and")
		require.Equal(t, m.ID, w.one().MessageID)
	}
	n := 0
	for c, err := range f.Watch(f.ctx, storage.ChangeQuery{Room: room.ID}) {
		assert.NoError(t, err)
		if n++; n == 10 {
			break
		}
		f.say(c.RoomID, storage.UserID{}, "more")
	}
}
