package storagetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var precedenceCases = []testCase{
	{"invalid, not found, forbidden, conflict, duplicate", testPrecedence},
	{"the same in a transaction", testPrecedenceTx},
	{"context before invalid", testContextFirst},
	{"closed before context", testClosedFirst},
	{"no record to fill in", testNilRecords},
}

// dispute is a call that several kinds of error apply to.
type dispute struct {
	name string
	kind error // the one to be reported
	call func(context.Context, storage.ReadWriter) error
}

// disputes stores what they need and returns calls that must fail.
func (f *fixture) disputes() []dispute {
	f.t.Helper()
	ann, bob, carol := f.user("ann"), f.user("bob"), f.user("carol")
	room, full := f.room("room", ann.ID), f.room("full", ann.ID, func(r *storage.Room) { r.Settings.MaxMembers = 2 })
	f.join(full.ID, carol.ID)
	closed := f.room("closed", ann.ID)
	file := f.upload(room.ID, ann.ID, "file")
	message := f.say(room.ID, ann.ID, "hello", carrying(file), func(m *storage.Message) { m.Nonce = "n" })
	tombstone, err := f.DeleteMessage(f.ctx, f.say(room.ID, ann.ID, "x").ID, ann.ID)
	require.NoError(f.t, err)
	require.NoError(f.t, f.DeactivateRoom(f.ctx, closed.ID))
	p := parties{
		ann: ann.ID, bob: bob.ID, carol: carol.ID, room: room.ID, full: full.ID, closed: closed.ID,
		message: message.ID, tombstone: tombstone.ID, file: file.ID,
	}
	return slices.Concat(
		invalidDisputes(p), missingDisputes(p), staleDisputes(p), readingDisputes(p), attachmentDisputes(p),
		purgeDisputes(), accessDisputes(p, f.doors(p)), f.holdDisputes(p), feedDisputes(), f.sessionDisputes(p), configDisputes(), f.loginDisputes(p),
		userDisputes(p),
		configDisputes(), f.auditDisputes(), statsDisputes(),
		traceDisputes(), eraseDisputes(p),
	)
}

func testPrecedence(t *testing.T, f *fixture) {
	for _, d := range f.disputes() {
		t.Run(d.name, func(t *testing.T) {
			f.refused(t, func() error { return d.call(f.ctx, f) }, d.kind)
		})
	}
}

func testPrecedenceTx(t *testing.T, f *fixture) {
	for _, d := range f.disputes() {
		t.Run(d.name, func(t *testing.T) {
			var got error
			f.refused(t, func() error {
				require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
					got = d.call(ctx, tx)
					return nil
				}))
				return got
			}, d.kind)
		})
	}
}

func testContextFirst(t *testing.T, f *fixture) {
	disputes := f.disputes()
	before := f.dump()
	canceled, cancel := context.WithCancel(f.ctx)
	cancel()
	late, cancel := context.WithDeadline(f.ctx, time.Unix(1, 0))
	defer cancel()
	for _, d := range disputes {
		wantErr(t, d.call(canceled, f), storage.ErrCanceled)
		require.ErrorIs(t, d.call(canceled, f), context.Canceled, d.name)
		wantErr(t, d.call(late, f), storage.ErrTimeout)
		require.ErrorIs(t, d.call(late, f), context.DeadlineExceeded, d.name)
	}
	require.Equal(t, before, f.dump())
}

func testClosedFirst(t *testing.T, f *fixture) {
	disputes := f.disputes()
	require.NoError(t, f.Close())
	canceled, cancel := context.WithCancel(f.ctx)
	cancel()
	for _, d := range disputes {
		for _, ctx := range []context.Context{f.ctx, canceled} {
			e := wantErr(t, d.call(ctx, f), storage.ErrClosed)
			require.NotErrorIs(t, e, context.Canceled, d.name)
		}
	}
}

func testNilRecords(t *testing.T, f *fixture) {
	for name, call := range map[string]func() error{
		"CreateUser":         func() error { return f.CreateUser(f.ctx, nil) },
		"CreateRoom":         func() error { return f.CreateRoom(f.ctx, nil) },
		"AddMember":          func() error { return f.AddMember(f.ctx, nil) },
		"CreateMessage":      func() error { _, err := f.CreateMessage(f.ctx, nil); return err },
		"CreateAttachment":   func() error { return f.CreateAttachment(f.ctx, nil) },
		"CreateInvite":       func() error { _, err := f.CreateInvite(f.ctx, nil); return err },
		"CreateSanction":     func() error { return f.CreateSanction(f.ctx, nil) },
		"CreateHold":         func() error { return f.CreateHold(f.ctx, nil) },
		"RecordLoginAttempt": func() error { return f.RecordLoginAttempt(f.ctx, nil) },
		"CreateSession":      func() error { _, err := f.CreateSession(f.ctx, nil); return err },
		"AppendAudit":        func() error { return f.AppendAudit(f.ctx, nil) },
		"SetConfig":          func() error { return f.SetConfig(f.ctx, nil) },
		"CreateMessages":     func() error { _, err := f.CreateMessages(f.ctx, []*storage.Message{nil}); return err },
	} {
		require.NotPanics(t, func() { wantErr(t, call(), storage.ErrInvalid) }, name)
	}
}
