package storagetest

// Erasing in batches, and going on after what came between two of them.

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// person is a user of whom there is something everywhere.
func (f *fixture) person() (user, other storage.UserID, room storage.RoomID) {
	f.t.Helper()
	user = f.user("ann", func(u *storage.User) { u.Email = "ann@example.com" }).ID
	other = f.user("bob").ID
	room = f.room("hall", user).ID
	f.join(room, other)
	attic := f.room("attic", other).ID
	f.join(attic, user)
	for i := range 3 {
		m := f.say(attic, other, fmt.Sprint("hello ", i))
		f.react(m.ID, user, "x")
		f.react(m.ID, user, "y")
		f.fullMessageOf(room, user, other, fmt.Sprint("mine ", i))
		f.upload(room, user, fmt.Sprint("loose ", i))
		f.login(user)
		f.attempt(storage.LoginAttempt{Login: "ann", UserID: user})
		f.invite(storage.Invite{RoomID: attic, InviterID: other, Email: "ann@example.com"})
		f.audit(fullAudit(user, other, room))
		f.sanction(storage.Sanction{UserID: user, RoomID: attic, Kind: storage.SanctionMute, ExpiresAt: f.now().Add(time.Minute)})
		f.clock.advance(time.Minute)
		require.NoError(f.t, f.MarkRead(f.ctx, attic, user, storage.Anchor{}))
	}
	f.block(other, user)
	f.block(user, other)
	return user, other, room
}

func (f *fixture) fullMessageOf(room storage.RoomID, author, other storage.UserID, nonce string) {
	f.t.Helper()
	f.say(room, author, "words", carrying(f.upload(room, author, "file")), func(m *storage.Message) {
		m.Nonce, m.Mentions, m.Tags = nonce, []storage.UserID{other}, []string{"tag"}
	})
}

// testEraseInBatches requires that no batch takes more than it may, and that all
// of them do what one does.
func testEraseInBatches(t *testing.T, f *fixture) {
	whole := newFixture(t, f.backend)
	user, _, _ := whole.person()
	want := whole.erase(user, storage.EraseOptions{Limit: storage.MaxLimit})
	all := storage.Erasure{UserID: user}
	f.person()
	for batches := 0; ; batches++ {
		e, err := f.EraseUserData(f.ctx, user, storage.EraseOptions{Limit: 1})
		require.NoError(t, err)
		took := eraseCounts(e)
		require.LessOrEqual(t, took, int64(1), "%+v", e)
		require.Equal(t, !e.More, e.User)
		all = added(all, e)
		if !e.More {
			require.Greater(t, batches, 30)
			break
		}
		require.False(t, f.readUser(user).Active, "deactivated until all is done")
	}
	require.Equal(t, want, all)
	require.Equal(t, whole.erasedDump(), f.erasedDump())
}

// eraseCounts adds up the records that a batch took; what a message carries goes
// with it.
func eraseCounts(e storage.Erasure) int64 {
	n := e.Tombstones + e.Purged + e.Memberships + e.Reactions + e.Sessions + e.Logins + e.Invites +
		e.Sanctions + e.Blocks + e.Audit + e.Changes
	if e.Tombstones+e.Purged == 0 {
		n += e.Attachments
	}
	return n
}

// added adds up two parts of an erasure, as EraseUser does.
func added(a, b storage.Erasure) storage.Erasure {
	sum, err := storage.EraseUser(context.Background(), &parts{all: []storage.Erasure{a, b}}, b.UserID, storage.EraseOptions{})
	if err != nil {
		panic(err)
	}
	sum.Scrubbed = false
	return sum
}

// parts is an eraser that has done its work.
type parts struct{ all []storage.Erasure }

// EraseUserData returns one part after the other.
func (p *parts) EraseUserData(context.Context, storage.UserID, storage.EraseOptions) (storage.Erasure, error) {
	e := p.all[0]
	p.all = p.all[1:]
	e.More = len(p.all) > 0
	return e, nil
}

// erasedDump is what is left, whatever the transactions were.
func (f *fixture) erasedDump() dump {
	d := f.dump()
	for i := range d.Changes {
		d.Changes[i].Tx = 0
	}
	for i := range d.Audit { // salts are random
		d.Audit[i] = storage.AuditEntry{Position: d.Audit[i].Position, ActorID: d.Audit[i].ActorID, Actor: storage.AuditActor{Name: d.Audit[i].Actor.Name}}
	}
	d.AuditHead = storage.AuditHead{Position: d.AuditHead.Position}
	return d
}

func testEraseDefault(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	f.numbered(storage.DefaultErase+1, ann, f.room("hall", bob).ID)
	e, err := f.EraseUserData(f.ctx, ann, storage.EraseOptions{})
	require.NoError(t, err)
	require.Equal(t, storage.Erasure{UserID: ann, Tombstones: storage.DefaultErase, More: true}, e)
	e, err = f.EraseUserData(f.ctx, ann, storage.EraseOptions{Limit: storage.MaxLimit + 1})
	require.NoError(t, err)
	require.Equal(t, storage.Erasure{UserID: ann, User: true, Tombstones: 1}, f.withoutScrub(e))
}

// testEraseResumed stops after each batch there can be, and goes on.
func testEraseResumed(t *testing.T, f *fixture) {
	whole := newFixture(t, f.backend)
	user, other, _ := whole.person()
	whole.erase(user, storage.EraseOptions{By: other})
	want := whole.erasedDump()
	for stop := range 12 {
		g := newFixture(t, f.backend)
		g.person()
		some, err := storage.EraseUser(g.ctx, &failingEraser{UserEraser: g, after: stop}, user, storage.EraseOptions{By: other, Limit: 3})
		require.ErrorIs(t, err, storage.ErrConnection)
		require.False(t, some.User)
		require.Equal(t, stop > 0, eraseCounts(some) > 0, "what was done before the error")
		rest := g.erase(user, storage.EraseOptions{By: other, Limit: 4})
		require.True(t, rest.User)
		require.Equal(t, want, g.erasedDump(), "stopped after %d batches", stop)
	}
}

// failingEraser is an eraser that fails after some calls.
type failingEraser struct {
	storage.UserEraser
	after int
}

// EraseUserData fails if it was called often enough.
func (e *failingEraser) EraseUserData(ctx context.Context, user storage.UserID, o storage.EraseOptions) (storage.Erasure, error) {
	if e.after--; e.after < 0 {
		return storage.Erasure{}, &storage.Error{Op: "erase user", Kind: storage.ErrConnection}
	}
	return e.UserEraser.EraseUserData(ctx, user, o)
}

// testEraseResumedLater has the user do more of everything between two batches.
func testEraseResumedLater(t *testing.T, f *fixture) {
	user, other, room := f.person()
	for i := 0; ; i++ {
		e, err := f.EraseUserData(f.ctx, user, storage.EraseOptions{Limit: 5})
		require.NoError(t, err)
		if !e.More {
			break
		}
		if i < 5 {
			require.NoError(t, errOf(f.AddMembers(f.ctx, room, 0, user)))
			m := f.say(room, user, fmt.Sprint("still here ", i), func(m *storage.Message) { m.Nonce = fmt.Sprint("again ", i) })
			f.react(m.ID, user, ":still:")
			require.NoError(t, f.ReactivateUser(f.ctx, user))
			f.login(user)
		}
	}
	for _, m := range list(f, f.Messages, storage.MessageQuery{Room: room, WithDeleted: true}) {
		require.True(t, m.Deleted() && m.AuthorID.IsZero() && m.Nonce == "", "%+v", m)
	}
	require.Empty(t, list(f, f.Sessions, storage.SessionQuery{}))
	require.Empty(t, f.readRoom(room).MessageCount)
	for _, c := range f.changesOf(storage.ChangeQuery{}) {
		require.Empty(t, c.Emoji)
	}
	m := storage.Message{RoomID: room, AuthorID: user}
	wantNotFound(t, errOf(f.CreateMessage(f.ctx, &m)), storage.EntityUser)
	require.Len(t, list(f, f.Users, storage.UserQuery{}), 1)
	require.NotZero(t, f.readUser(other))
}

// testEraseContext ends the context between two batches.
func testEraseContext(t *testing.T, f *fixture) {
	user, _, _ := f.person()
	ctx, cancel := context.WithCancel(f.ctx)
	some, err := storage.EraseUser(ctx, &cancelingEraser{UserEraser: f, cancel: cancel, after: 3}, user, storage.EraseOptions{Limit: 4})
	wantErr(t, err, storage.ErrCanceled)
	require.Positive(t, eraseCounts(some))
	require.False(t, f.readUser(user).Active)
	require.True(t, f.erase(user, storage.EraseOptions{Limit: 4}).User)
	wantNotFound(t, errOf(f.User(f.ctx, user)), storage.EntityUser)
}

// cancelingEraser ends a context after some calls.
type cancelingEraser struct {
	storage.UserEraser
	cancel func()
	after  int
}

// EraseUserData erases, and then ends the context if it was called often enough.
func (e *cancelingEraser) EraseUserData(ctx context.Context, user storage.UserID, o storage.EraseOptions) (storage.Erasure, error) {
	if e.after--; e.after == 0 {
		e.cancel()
	}
	return e.UserEraser.EraseUserData(ctx, user, o)
}

// testEraseHeld has a hold put on the user, or on a room, between two batches.
func testEraseHeld(t *testing.T, f *fixture) {
	user, _, room := f.person()
	for _, h := range []storage.Hold{{UserID: user}, {RoomID: room}} {
		some, err := f.EraseUserData(f.ctx, user, storage.EraseOptions{Limit: 2})
		require.NoError(t, err)
		require.True(t, some.More)
		h = f.hold(h)
		for _, how := range []storage.MessageErasure{storage.EraseTombstones, storage.ErasePurge, storage.EraseKeep} {
			o := storage.EraseOptions{Messages: how}
			e := f.refused(t, func() error { return errOf(f.EraseUserData(f.ctx, user, o)) }, storage.ErrForbidden)
			require.Equal(t, storage.ReasonHeld, e.Reason)
			require.Equal(t, user.String(), e.ID)
			all, err := storage.EraseUser(f.ctx, f, user, o)
			wantForbidden(t, err, storage.ReasonHeld)
			require.Equal(t, storage.Erasure{UserID: user}, all)
		}
		require.NoError(t, errOf(f.ReleaseHold(f.ctx, h.ID, storage.UserID{})))
	}
	require.True(t, f.erase(user, storage.EraseOptions{}).User)
	require.Len(t, list(f, f.Holds, storage.HoldQuery{User: user, WithReleased: true}), 1, "which stays on record")
}
