package storagetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var holdCases = []testCase{
	{"as it is stored", testHoldStored},
	{"create refuses", testHoldRefused},
	{"an ID that is taken", testHoldTaken},
	{"release", testHoldRelease},
	{"release refused", testHoldReleaseRefused},
	{"outlives what it names", testHoldOutlives},
	{"with its audit entry", testHoldAudited},
	{"both or neither", testHoldAuditedRefused},
	{"end with its audit entry", testHoldEnd},
	{"pruned audit entries", testHoldAuditPruned},
	{"tells the feed nothing", testHoldQuiet},
	{"list", testHoldList},
	{"list limits", testHoldListLimits},
	{"list cursors", testHoldListCursors},
	{"list refused", testHoldListRefused},
}

// hold stores a legal hold.
func (f *fixture) hold(h storage.Hold) storage.Hold {
	f.t.Helper()
	h.Reason = cmp.Or(h.Reason, "case 7")
	require.NoError(f.t, f.CreateHold(f.ctx, &h))
	return h
}

func (f *fixture) readHold(id storage.HoldID) storage.Hold {
	f.t.Helper()
	h, err := f.Hold(f.ctx, id)
	require.NoError(f.t, err)
	return h
}

// release ends a hold by nobody's hand.
func (f *fixture) release(id storage.HoldID) storage.Hold {
	f.t.Helper()
	h, err := f.ReleaseHold(f.ctx, id, storage.UserID{})
	require.NoError(f.t, err)
	return h
}

func testHoldStored(t *testing.T, f *fixture) {
	c := f.circle()
	for _, given := range []storage.Hold{
		{ID: id[storage.Hold](7), RoomID: c.room, Reason: "case 7", CreatedBy: c.ann},
		{UserID: c.bob, Reason: "case 8"},
		{UserID: c.bob, Reason: "another about the same", CreatedBy: c.bob},
	} {
		given.CreatedAt, given.ReleasedAt, given.ReleasedBy = time.Unix(1, 0), time.Unix(2, 0), nobody
		want := given
		want.CreatedAt, want.ReleasedAt, want.ReleasedBy = f.now(), time.Time{}, storage.UserID{}
		h := f.hold(given)
		if given.ID.IsZero() {
			require.False(t, h.ID.IsZero(), "ID")
			want.ID = h.ID
		}
		require.Equal(t, want, h)
		require.Equal(t, want, f.readHold(h.ID))
		require.True(t, h.Stands())
	}
	_, err := f.Hold(f.ctx, id[storage.Hold](8))
	wantNotFound(t, err, storage.EntityHold)
}

func testHoldRefused(t *testing.T, f *fixture) {
	c := f.circle()
	for _, x := range []struct {
		field string
		kind  error
		edit  func(*storage.Hold)
	}{
		{"RoomID", storage.ErrInvalid, func(h *storage.Hold) { h.RoomID = storage.RoomID{} }},
		{"UserID", storage.ErrInvalid, func(h *storage.Hold) { h.UserID = c.bob }},
		{"Reason", storage.ErrInvalid, func(h *storage.Hold) { h.Reason = "" }},
		{"UserID", storage.ErrNotFound, func(h *storage.Hold) { h.RoomID, h.UserID = storage.RoomID{}, nobody }},
		{"CreatedBy", storage.ErrNotFound, func(h *storage.Hold) { h.CreatedBy = nobody }},
	} {
		h := storage.Hold{RoomID: c.room, Reason: "case 7"}
		x.edit(&h)
		before := h
		f.refused(t, func() error { return f.CreateHold(f.ctx, &h) }, x.kind, x.field)
		require.Equal(t, before, h, "after an error the record is as it was")
	}
	h := storage.Hold{RoomID: nowhere, Reason: "case 7"}
	e := f.refused(t, func() error { return f.CreateHold(f.ctx, &h) }, storage.ErrNotFound)
	require.Equal(t, storage.EntityRoom, e.Entity)
}

func testHoldTaken(t *testing.T, f *fixture) {
	c := f.circle()
	first := f.hold(storage.Hold{RoomID: c.room})
	again := storage.Hold{ID: first.ID, UserID: c.bob, Reason: "another"}
	f.refused(t, func() error { return f.CreateHold(f.ctx, &again) }, storage.ErrDuplicate, "ID")
	f.release(first.ID)
	f.refused(t, func() error { return f.CreateHold(f.ctx, &again) }, storage.ErrDuplicate, "ID")
}

func testHoldRelease(t *testing.T, f *fixture) {
	c := f.circle()
	h, other := f.hold(storage.Hold{RoomID: c.room, CreatedBy: c.ann}), f.hold(storage.Hold{UserID: c.bob})
	f.clock.advance(time.Hour)
	want := h
	want.ReleasedAt, want.ReleasedBy = f.now(), c.bob
	got, err := f.ReleaseHold(f.ctx, h.ID, c.bob)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.False(t, got.Stands())
	f.clock.advance(time.Hour)
	got, err = f.ReleaseHold(f.ctx, h.ID, c.ann)
	require.NoError(t, err)
	require.Equal(t, want, got, "released again")
	require.Equal(t, want, f.readHold(h.ID))
	require.Equal(t, other, f.readHold(other.ID))
	require.Zero(t, f.release(other.ID).ReleasedBy)
}

func testHoldReleaseRefused(t *testing.T, f *fixture) {
	c := f.circle()
	h := f.hold(storage.Hold{RoomID: c.room})
	release := func(id storage.HoldID, by storage.UserID) func() error {
		return func() error { return errOf(f.ReleaseHold(f.ctx, id, by)) }
	}
	f.refused(t, release(h.ID, nobody), storage.ErrNotFound, "by")
	wantNotFound(t, release(storage.HoldID{}, c.ann)(), storage.EntityHold)
	f.release(h.ID)
	f.refused(t, release(h.ID, nobody), storage.ErrNotFound, "by")
}

// testHoldOutlives reads holds of what is gone, and of what has come after it.
func testHoldOutlives(t *testing.T, f *fixture) {
	c := f.circle()
	dan := f.user("dan").ID
	room, user := f.hold(storage.Hold{RoomID: c.room, CreatedBy: dan}), f.hold(storage.Hold{UserID: dan, CreatedBy: dan})
	var err error
	room, err = f.ReleaseHold(f.ctx, room.ID, dan)
	require.NoError(t, err)
	user = f.release(user.ID)
	require.NoError(t, f.DeleteRoom(f.ctx, c.room))
	require.NoError(t, f.DeleteUser(f.ctx, dan))
	require.Equal(t, room, f.readHold(room.ID), "the room is gone, and who held and released it")
	require.Equal(t, user, f.readHold(user.ID), "the user is gone")
	q := storage.HoldQuery{Room: c.room, WithReleased: true}
	require.Equal(t, []storage.Hold{room}, list(f, f.Holds, q))
	f.room("again", c.ann, func(r *storage.Room) { r.ID = c.room })
	standing := f.hold(storage.Hold{UserID: c.bob})
	require.NoError(t, f.DeleteRoom(f.ctx, c.room), "a later room with the same ID is not held")
	require.Equal(t, []storage.Hold{standing}, list(f, f.Holds, storage.HoldQuery{}))
}

func testHoldAudited(t *testing.T, f *fixture) {
	c := f.circle()
	room, err := storage.HoldRoom(f.ctx, f, c.room, c.ann, "case 7")
	require.NoError(t, err)
	require.Equal(t, storage.Hold{ID: room.ID, RoomID: c.room, Reason: "case 7", CreatedBy: c.ann, CreatedAt: f.now()}, room)
	require.Equal(t, room, f.readHold(room.ID))
	f.wantHoldEntry(storage.AuditHoldCreated, storage.EntityRoom, c.room.String(), c.room, c.ann)

	user, err := storage.HoldUser(f.ctx, f, c.bob, storage.UserID{}, "case 7")
	require.NoError(t, err)
	require.Equal(t, storage.Hold{ID: user.ID, UserID: c.bob, Reason: "case 7", CreatedAt: f.now()}, user)
	require.Equal(t, user, f.readHold(user.ID))
	f.wantHoldEntry(storage.AuditHoldCreated, storage.EntityUser, c.bob.String(), storage.RoomID{}, storage.UserID{})
	f.verified(storage.AuditHead{})
}

// wantHoldEntry requires that the latest entry of the audit log is about a hold.
func (f *fixture) wantHoldEntry(action string, kind storage.Entity, target string, room storage.RoomID, by storage.UserID) {
	f.t.Helper()
	e := f.newestAudit()
	require.Equal(f.t, action, e.Action)
	require.Equal(f.t, kind, e.TargetKind)
	require.Equal(f.t, target, e.TargetID)
	require.Equal(f.t, room, e.RoomID)
	require.Equal(f.t, by, e.ActorID)
	require.Equal(f.t, "case 7", e.Subject.Detail)
}

func testHoldAuditedRefused(t *testing.T, f *fixture) {
	c := f.circle()
	for field, call := range map[string]func() (storage.Hold, error){
		"Reason":    func() (storage.Hold, error) { return storage.HoldRoom(f.ctx, f, c.room, c.ann, "") },
		"CreatedBy": func() (storage.Hold, error) { return storage.HoldUser(f.ctx, f, c.bob, nobody, "x") },
		"UserID":    func() (storage.Hold, error) { return storage.HoldUser(f.ctx, f, nobody, c.ann, "x") },
		"by": func() (storage.Hold, error) {
			return storage.EndHold(f.ctx, f, f.hold(storage.Hold{UserID: c.bob}).ID, nobody)
		},
	} {
		before := f.auditHead()
		h, err := call()
		require.Error(t, err, field)
		var e *storage.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, field, e.Field)
		require.Zero(t, h, field)
		require.Equal(t, before, f.auditHead(), field)
	}
	_, err := storage.HoldUser(f.ctx, f, storage.UserID{}, c.ann, "x")
	wantErr(t, err, storage.ErrInvalid, "UserID")
	_, err = storage.HoldRoom(f.ctx, f, storage.RoomID{}, c.ann, "x")
	wantErr(t, err, storage.ErrInvalid, "RoomID")
	require.Empty(t, list(f, f.Holds, storage.HoldQuery{Room: c.room}))
	failing := noAudit{f.Store}
	_, err = storage.HoldRoom(f.ctx, failing, c.room, c.ann, "case 7")
	require.ErrorIs(t, err, errNoAudit)
	require.Empty(t, list(f, f.Holds, storage.HoldQuery{Room: c.room}), "a hold without its entry")
	h := f.hold(storage.Hold{RoomID: c.room})
	_, err = storage.EndHold(f.ctx, failing, h.ID, c.ann)
	require.ErrorIs(t, err, errNoAudit)
	require.Equal(t, h, f.readHold(h.ID), "released without an entry")
}

var errNoAudit = errors.New("refused")

// noAudit is a store whose transactions take no audit entries.
type noAudit struct{ storage.Store }

func (s noAudit) Update(ctx context.Context, fn func(context.Context, storage.Tx) error) error {
	return s.Store.Update(ctx, func(ctx context.Context, tx storage.Tx) error { return fn(ctx, noAuditTx{tx}) })
}

type noAuditTx struct{ storage.Tx }

func (noAuditTx) AppendAudit(context.Context, *storage.AuditEntry) error { return errNoAudit }

func testHoldEnd(t *testing.T, f *fixture) {
	c := f.circle()
	h := f.hold(storage.Hold{RoomID: c.room})
	want := h
	f.clock.advance(time.Second)
	want.ReleasedAt, want.ReleasedBy = f.now(), c.bob
	got, err := storage.EndHold(f.ctx, f, h.ID, c.bob)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, want, f.readHold(h.ID))
	f.wantHoldEntry(storage.AuditHoldReleased, storage.EntityRoom, c.room.String(), c.room, c.bob)
	before := f.auditHead()
	got, err = storage.EndHold(f.ctx, f, h.ID, c.ann)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, before, f.auditHead(), "an entry for what had ended")
	_, err = storage.EndHold(f.ctx, f, id[storage.Hold](1), c.ann)
	wantNotFound(t, err, storage.EntityHold)
}

func testHoldAuditPruned(t *testing.T, f *fixture) {
	c := f.circle()
	h, err := storage.HoldUser(f.ctx, f, c.bob, c.ann, "case 7")
	require.NoError(t, err)
	f.clock.advance(time.Hour)
	f.erased(1, c.bob, 0)
	f.prunedAudit(1, f.now(), 0)
	require.Equal(t, h, f.readHold(h.ID), "the hold stays")
	f.refused(t, func() error { return f.DeleteUser(f.ctx, c.bob) }, storage.ErrForbidden)
}

func testHoldQuiet(t *testing.T, f *fixture) {
	c := f.circle()
	f.makes(func() error {
		_, err := storage.HoldRoom(f.ctx, f, c.room, c.ann, "case 7")
		return err
	})
	f.makes(func() error { return errOf(f.ReleaseHold(f.ctx, f.hold(storage.Hold{UserID: c.bob}).ID, c.ann)) })
}

func (f *fixture) holdPages(q storage.HoldQuery) pages[storage.Hold] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.Hold], error) {
		q.Limit, q.Cursor = limit, c
		return f.Holds(f.ctx, q)
	}
}

// manyHolds stores holds that differ in all that a query asks for, and returns
// them, the newest first.
func (f *fixture) manyHolds(c circle) (all []storage.Hold) {
	f.t.Helper()
	for n := range 24 {
		h := storage.Hold{ID: id[storage.Hold](byte(101 * n)), UserID: []storage.UserID{{}, c.ann, c.bob}[n%3]}
		if h.UserID.IsZero() {
			h.RoomID = c.room
		}
		h = f.hold(h)
		if n%5 == 0 {
			h = f.release(h.ID)
		}
		all = append(all, h)
		if n%4 == 0 {
			f.clock.advance(time.Microsecond)
		}
	}
	slices.SortFunc(all, func(a, b storage.Hold) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), b.ID.Compare(a.ID))
	})
	return all
}

func testHoldList(t *testing.T, f *fixture) {
	c := f.circle()
	wantList(t, nil, f.holdPages(storage.HoldQuery{}))
	all := f.manyHolds(c)
	for _, q := range []storage.HoldQuery{{}, {Room: c.room}, {Room: nowhere}, {User: c.ann}, {User: c.bob}, {User: c.cid}, {User: nobody}} {
		for _, q.WithReleased = range []bool{false, true} {
			want := slices.DeleteFunc(slices.Clone(all), func(h storage.Hold) bool {
				return !q.Room.IsZero() && h.RoomID != q.Room || !q.User.IsZero() && h.UserID != q.User || !q.WithReleased && !h.Stands()
			})
			wantWalk(t, want, max(len(want), 1), f.holdPages(q))
			wantWalk(t, want, 3, f.holdPages(q))
		}
	}
	wantList(t, all, f.holdPages(storage.HoldQuery{WithReleased: true}))
}

func testHoldListLimits(t *testing.T, f *fixture) {
	c := f.circle()
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range storage.MaxLimit + 1 {
			require.NoError(t, tx.CreateHold(ctx, &storage.Hold{UserID: c.bob, Reason: "x"}))
		}
	})
	wantLimits(t, f.holdPages(storage.HoldQuery{User: c.bob}))
}

func testHoldListCursors(t *testing.T, f *fixture) {
	c := f.circle()
	all := f.manyHolds(c)
	read := f.holdPages(storage.HoldQuery{WithReleased: true})
	wantOtherLimit(t, all, read)
	wantTampered(t, read, next(t, read))
	wantForeign(t, read,
		next(t, f.holdPages(storage.HoldQuery{})),
		next(t, f.holdPages(storage.HoldQuery{User: c.bob, WithReleased: true})),
		next(t, f.holdPages(storage.HoldQuery{Room: c.room, WithReleased: true})),
		next(t, f.userPages(storage.UserQuery{})),
	)
}

func testHoldListRefused(t *testing.T, f *fixture) {
	for field, q := range map[string]storage.HoldQuery{
		"User":   {Room: nowhere, User: nobody},
		"Limit":  {Limit: -1},
		"Cursor": {Cursor: "x"},
	} {
		_, err := f.Holds(f.ctx, q)
		wantErr(t, err, storage.ErrInvalid, field)
	}
}
