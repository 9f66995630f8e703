package storagetest

// What storage.Options inject.

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testOptionsNow(t *testing.T, f *fixture) {
	at := time.Date(2001, 2, 3, 4, 5, 6, 7_654_321, time.FixedZone("", -3*3600))
	other := f.another(func(o *storage.Options) { o.Now = func() time.Time { return at } })
	u := other.user("ann")
	room := other.room("hall", u.ID)
	m := other.say(room.ID, u.ID, "x")
	want := time.Date(2001, 2, 3, 7, 5, 6, 7_654_000, time.UTC)
	for _, got := range []time.Time{u.CreatedAt, room.CreatedAt, other.readMember(room.ID, u.ID).JoinedAt, m.CreatedAt, other.readMessage(m.ID).CreatedAt} {
		require.Equal(t, want, got)
	}
	at = at.Add(time.Hour)
	require.Equal(t, want.Add(time.Hour), other.say(room.ID, u.ID, "y").CreatedAt)
}

func testOptionsUUID(t *testing.T, f *fixture) {
	given := map[[16]byte]bool{}
	var mu sync.Mutex
	last := byte(0)
	other := f.another(func(o *storage.Options) {
		o.NewUUID = func() [16]byte {
			mu.Lock()
			defer mu.Unlock()
			last++
			given[[16]byte{0: 0xab, 15: last}] = true
			return [16]byte{0: 0xab, 15: last}
		}
	})
	u := other.user("ann")
	room := other.room("hall", u.ID)
	batch := []*storage.Message{{RoomID: room.ID}, {RoomID: room.ID}}
	other.createMany(2, batch...)
	for _, got := range [][16]byte{u.ID, room.ID, other.say(room.ID, u.ID, "x").ID, batch[0].ID, batch[1].ID} {
		require.True(t, given[got], "an identifier %x that NewUUID did not make", got)
		delete(given, got)
	}
}

func testOptionsZero(t *testing.T, f *fixture) {
	other := f.another(func(o *storage.Options) { *o = storage.Options{} })
	before := storage.Timestamp(time.Now())
	m := other.say(other.room("hall", storage.UserID{}).ID, storage.UserID{}, "x")
	after := storage.Timestamp(time.Now())
	require.False(t, m.CreatedAt.Before(before) || m.CreatedAt.After(after), "%v between %v and %v", m.CreatedAt, before, after)
	require.WithinRange(t, m.ID.Time(), before.Add(-time.Second), after.Add(time.Second))
}

// observed is a store whose calls are noted.
type observed struct {
	*fixture
	ops        []storage.Op
	marks      []any
	goroutines []string
}

type mark struct{}

func (f *fixture) observed() *observed {
	f.t.Helper()
	o := &observed{}
	o.fixture = f.another(func(options *storage.Options) {
		options.Observe = func(ctx context.Context, op storage.Op) {
			o.ops = append(o.ops, op)
			o.marks = append(o.marks, ctx.Value(mark{}))
			o.goroutines = append(o.goroutines, string(goroutine()))
		}
	})
	return o
}

// one requires that a call was observed once, rightly.
func (o *observed) one(t *testing.T, method string, write bool, call func(ctx context.Context) error) {
	t.Helper()
	o.ops, o.marks, o.goroutines = nil, nil, nil
	err := call(context.WithValue(o.ctx, mark{}, method))
	require.Len(t, o.ops, 1, "times that %s was observed", method)
	op := o.ops[0]
	require.Equal(t, method, o.marks[0], "the context of Observe is not the caller's")
	require.Equal(t, string(goroutine()), o.goroutines[0], "the goroutine of Observe")
	require.NotEmpty(t, op.Name, method)
	require.GreaterOrEqual(t, op.Duration, time.Duration(0), method)
	require.Equal(t, err, op.Err, "Err of %s", method)
	require.Equal(t, write, op.Write, "Write of %s", method)
	if write && err == nil {
		require.GreaterOrEqual(t, op.Group, 1, "Group of %s", method)
	} else {
		require.Zero(t, op.Group, "Group of %s, which committed nothing", method)
	}
}

func testObserve(t *testing.T, f *fixture) {
	requireAllReads(t)
	requireAllWrites(t)
	o := f.observed()
	w := o.world()
	names := map[string]string{}
	for _, read := range reads {
		o.one(t, read.method, false, func(ctx context.Context) error { _, err := read.run(ctx, o, w); return err })
		names[read.method] = o.ops[0].Name
	}
	for _, write := range writes {
		o.one(t, write.method, true, func(ctx context.Context) error {
			err := write.run(ctx, o, w)
			require.NoError(t, err, write.method)
			return err
		})
		names[write.method] = o.ops[0].Name
	}
	o.one(t, "Health", false, func(ctx context.Context) error { _, err := o.Health(ctx); return err })
	require.Equal(t, "create message", names["CreateMessage"], "the name in the documentation of Op")
	methods := map[string]string{}
	for method, name := range names {
		require.Empty(t, methods[name], "%s has the same name", method)
		methods[name] = method
	}
}

func testObserveFailures(t *testing.T, f *fixture) {
	o := f.observed()
	w := o.world()
	for _, call := range failing {
		o.one(t, call.method, true, func(ctx context.Context) error {
			err := call.run(ctx, o, w)
			e := wantErr(t, err, call.kind)
			require.NotEmpty(t, e.Op)
			return err
		})
		require.Equal(t, o.ops[0].Name, wantErr(t, o.ops[0].Err, call.kind).Op, "Op.Name and Error.Op")
	}
	for kind, done := range doneContexts(t, o.ctx) {
		o.one(t, "CreateUser", true, func(ctx context.Context) error {
			done := context.WithValue(done, mark{}, ctx.Value(mark{}))
			err := o.CreateUser(done, &storage.User{Username: "x"})
			wantErr(t, err, kind)
			return err
		})
	}
	require.NoError(t, o.Close())
	o.one(t, "User", false, func(ctx context.Context) error { _, err := o.User(ctx, w.ann.ID); return err })
	wantErr(t, o.ops[0].Err, storage.ErrClosed)
}

func testObserveTx(t *testing.T, f *fixture) {
	o := f.observed()
	w := o.world()
	for _, result := range []error{nil, errUndo} {
		o.one(t, "Update", true, func(ctx context.Context) error {
			return o.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
				require.NoError(t, tx.TouchUser(ctx, w.ann.ID))
				_, err := tx.User(ctx, w.ann.ID)
				require.NoError(t, err)
				return result
			})
		})
		o.one(t, "View", false, func(ctx context.Context) error {
			return o.View(ctx, func(ctx context.Context, r storage.Reader) error {
				_, err := r.User(ctx, w.ann.ID)
				require.NoError(t, err)
				return result
			})
		})
	}
}
