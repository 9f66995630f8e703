package storagetest

// What callers get wrong: one transaction in several goroutines, a context
// that outlives its transaction, values that no record could have.

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var misuseCases = []testCase{
	{"a transaction in several goroutines", testMisuseSharedTx},
	{"a call that outlives its transaction", testMisuseOutlived},
	{"a context that outlives its transaction", testMisuseContext},
	{"look-ups by what no record could have", testMisuseLookups},
	{"ranges at the end of time", testMisuseEndOfTime},
	{"a wrong role for nobody", testMisuseNobody},
	{"empty filters and cursors", testMisuseEmptyFilters},
	{"a function that panics is observed", testMisusePanicObserved},
	{"secrets in errors", testMisuseSecrets},
}

// Calls of two goroutines may meet in time or not: then one is refused. What
// was acknowledged is stored.
func testMisuseSharedTx(t *testing.T, f *fixture) {
	room := f.room("r", storage.UserID{})
	var stored atomic.Int64
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 20 {
					_, err := tx.CreateMessage(ctx, &storage.Message{RoomID: room.ID})
					if err != nil {
						wantErr(t, err, storage.ErrInvalid)
						continue
					}
					stored.Add(1)
				}
			})
		}
		wg.Wait()
		return nil
	}))
	room = f.readRoom(room.ID)
	require.Equal(t, stored.Load(), room.LastSeq)
	require.Equal(t, stored.Load(), room.MessageCount)
	n, err := f.CountMessages(f.ctx, storage.MessageQuery{Room: room.ID, Types: []storage.MessageType{storage.MessageText}})
	require.NoError(t, err)
	require.Equal(t, stored.Load(), n)
}

func testMisuseOutlived(t *testing.T, f *fixture) {
	room := f.room("r", storage.UserID{})
	for range 20 {
		var wg sync.WaitGroup
		require.NoError(t, f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
			started := make(chan struct{})
			wg.Go(func() {
				close(started)
				for {
					if _, err := r.Room(ctx, room.ID); err != nil {
						wantErr(t, err, storage.ErrClosed)
						return
					}
				}
			})
			<-started
			return nil
		}))
		wg.Wait()
	}
}

func testMisuseContext(t *testing.T, f *fixture) {
	var kept []context.Context
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, _ storage.Tx) error {
		kept = append(kept, ctx)
		return nil
	}))
	require.NoError(t, f.View(f.ctx, func(ctx context.Context, _ storage.Reader) error {
		kept = append(kept, ctx)
		return nil
	}))
	for i, ctx := range kept {
		require.NoError(t, f.CreateUser(ctx, &storage.User{Username: "user" + string(rune('a'+i))}))
	}
}

func testMisuseLookups(t *testing.T, f *fixture) {
	f.room("\uFFFD", storage.UserID{})
	f.user("ann", func(u *storage.User) { u.Email, u.ExternalID = "\uFFFD@example.com", "\uFFFD" })
	for _, bad := range []string{"\xff", "a\x00b", strings.Repeat("x", 1000)} {
		_, err := f.RoomByName(f.ctx, bad)
		wantErr(t, err, storage.ErrInvalid, "name")
		_, err = f.UserByEmail(f.ctx, bad+"@example.com")
		wantErr(t, err, storage.ErrInvalid, "email")
		_, err = f.UserByExternalID(f.ctx, bad)
		wantErr(t, err, storage.ErrInvalid, "externalID")
		_, err = f.UserByUsername(f.ctx, bad)
		wantErr(t, err, storage.ErrInvalid, "Username")
	}
	for _, bad := range []string{"", "a b", "line\nfeed", "\u0430dmin"} {
		_, err := f.UserByUsername(f.ctx, bad)
		wantErr(t, err, storage.ErrInvalid, "Username")
	}
}

func testMisuseEndOfTime(t *testing.T, f *fixture) {
	room := f.room("r", storage.UserID{})
	for _, name := range []string{"ann", "bob"} {
		f.user(name)
		f.say(room.ID, storage.UserID{}, name)
	}
	last := time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	users, err := f.Users(f.ctx, storage.UserQuery{CreatedTo: last, Limit: 1})
	require.NoError(t, err)
	require.NotEmpty(t, users.Next)
	messages, err := f.Messages(f.ctx, storage.MessageQuery{Room: room.ID, To: last, Limit: 1})
	require.NoError(t, err)
	require.NotEmpty(t, messages.Next)
	f.upload(room.ID, storage.UserID{}, "a")
	f.upload(room.ID, storage.UserID{}, "b")
	attachments, err := f.Attachments(f.ctx, storage.AttachmentQuery{To: last, Limit: 1})
	require.NoError(t, err)
	require.NotEmpty(t, attachments.Next)
	f.failures(2, storage.LoginAttempt{Login: "ann"})
	logins, err := f.LoginAttempts(f.ctx, storage.LoginQuery{To: last, Limit: 1})
	require.NoError(t, err)
	require.NotEmpty(t, logins.Next)
	f.wantFailed(2, storage.LoginQuery{To: last})
	s, token := f.login(f.user("cid").ID, func(s *storage.Session) { s.ExpiresAt = last })
	f.wantAdmitted(token, s)
	_, err = f.Users(f.ctx, storage.UserQuery{CreatedTo: last.Add(1)})
	wantErr(t, err, storage.ErrInvalid, "CreatedTo")
}

func testMisuseNobody(t *testing.T, f *fixture) {
	room := f.room("r", storage.UserID{})
	_, err := f.AddMembers(f.ctx, room.ID, 99)
	wantErr(t, err, storage.ErrInvalid, "Role")
	_, err = f.AddMembers(f.ctx, storage.RoomID{}, 0)
	wantErr(t, err, storage.ErrInvalid, "RoomID")
}

func testMisuseEmptyFilters(t *testing.T, f *fixture) {
	f.user("ann")
	f.user("bob")
	page, err := f.Users(f.ctx, storage.UserQuery{Limit: 1})
	require.NoError(t, err)
	page, err = f.Users(f.ctx, storage.UserQuery{Limit: 1, Roles: []storage.Role{}, Cursor: page.Next})
	require.NoError(t, err)
	require.Equal(t, "bob", page.Items[0].Username)
	f.login(page.Items[0].ID)
	f.revokeAll(1, page.Items[0].ID, []storage.SessionID{}...)
}

func testMisusePanicObserved(t *testing.T, f *fixture) {
	var ops []storage.Op
	other := f.another(func(o *storage.Options) {
		o.Observe = func(_ context.Context, op storage.Op) { ops = append(ops, op) }
	})
	require.Panics(t, func() {
		_ = other.Update(f.ctx, func(context.Context, storage.Tx) error { panic("in a transaction") })
	})
	require.Len(t, ops, 1)
	require.Error(t, ops[0].Err)
	_, err := other.User(f.ctx, id[storage.User](1))
	wantErr(t, err, storage.ErrNotFound)
	require.Zero(t, ops[1].Rows, "rows of a call that failed")
}
