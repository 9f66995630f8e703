package sqlite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// retainFileVariable tells a child process what to maintain.
const retainFileVariable = "LAIR_TEST_RETAIN_FILE"

var retainOptions = storage.MaintainOptions{MessagesFor: 24 * time.Hour, MessagesKeep: 40}

// telling is a store that prints a line after each batch that took something, and
// waits for one to go on.
type telling struct{ storage.Store }

func (s telling) PurgeMessages(ctx context.Context, q storage.PurgeQuery) (storage.PurgeResult, error) {
	r, err := s.Store.PurgeMessages(ctx, q)
	if r.Messages > 0 {
		fmt.Println("a batch")
		_, failed := fmt.Scanln(new(string))
		err = errors.Join(err, failed)
	}
	return r, err
}

// TestRetentionAfterKills kills processes that maintain a store, after some
// batches, until another one ends it: what stays is what should, and no more.
func TestRetentionAfterKills(t *testing.T) {
	if path := os.Getenv(retainFileVariable); path != "" {
		s, err := Open(t.Context(), path, nil)
		require.NoError(t, err)
		_, err = storage.Maintain(t.Context(), telling{s}, retainOptions)
		require.NoError(t, err)
		return
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "retain.db")
	s, err := Open(t.Context(), path, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	stay := fillForRetention(t, s)
	left := len(whatIsThere(t, s))
	for _, after := range []int{1, 3, 2, 1} {
		killRetainer(t, path, after)
		now := len(whatIsThere(t, s))
		require.Less(t, now, left, "what a child has done is done")
		require.Greater(t, now, len(stay), "a child was killed too late")
		left = now
	}
	r, err := storage.Maintain(t.Context(), s, retainOptions)
	require.NoError(t, err)
	require.Equal(t, int64(left-len(stay)), r.Retention.Messages)
	require.Equal(t, stay, whatIsThere(t, s))
	for room, err := range storage.All(t.Context(), s.Rooms, storage.RoomQuery{}) {
		require.NoError(t, err)
		n := int64(0)
		for _, in := range stay {
			if in == room.ID {
				n++
			}
		}
		require.Equal(t, n, room.MessageCount, "MessageCount")
	}
	r, err = storage.Maintain(t.Context(), s, retainOptions)
	require.NoError(t, err)
	require.Zero(t, r.Retention.Messages)
}

// fillForRetention stores four rooms of sixty messages, of which the older half is
// due unless it is pinned or held, and returns which are to stay.
func fillForRetention(t *testing.T, s *Store) map[storage.MessageID]storage.RoomID {
	t.Helper()
	ctx, stay := t.Context(), map[storage.MessageID]storage.RoomID{}
	bob := storage.User{Username: "bob"}
	require.NoError(t, s.CreateUser(ctx, &bob))
	for n := range 4 {
		room := storage.Room{}
		require.NoError(t, s.CreateRoom(ctx, &room))
		var ms []*storage.Message
		for i := range 60 {
			m := &storage.Message{RoomID: room.ID, Body: "said", CreatedAt: time.Now().Add(-48 * time.Hour)}
			if i >= 30 {
				m.CreatedAt = time.Now()
			}
			if n == 2 && i%4 == 0 {
				m.AuthorID = bob.ID
			}
			ms = append(ms, m)
		}
		_, err := s.CreateMessages(ctx, ms)
		require.NoError(t, err)
		for i, m := range ms {
			if i >= 30 || n == 0 && i == 7 || n == 1 || m.AuthorID == bob.ID {
				stay[m.ID] = room.ID
			}
		}
		switch n {
		case 0:
			_, err = s.PinMessage(ctx, ms[7].ID, storage.UserID{})
		case 1:
			_, err = storage.HoldRoom(ctx, s, room.ID, storage.UserID{}, "case 7")
		case 2:
			_, err = storage.HoldUser(ctx, s, bob.ID, storage.UserID{}, "case 7")
		}
		require.NoError(t, err)
	}
	return stay
}

// whatIsThere returns which messages there are, and where.
func whatIsThere(t *testing.T, s *Store) map[storage.MessageID]storage.RoomID {
	t.Helper()
	all := map[storage.MessageID]storage.RoomID{}
	for room, err := range storage.All(t.Context(), s.Rooms, storage.RoomQuery{}) {
		require.NoError(t, err)
		for m, err := range storage.All(t.Context(), s.Messages, storage.MessageQuery{Room: room.ID}) {
			require.NoError(t, err)
			all[m.ID] = room.ID
		}
	}
	return all
}

// killRetainer runs a child, and kills it after some of its batches.
func killRetainer(t *testing.T, path string, after int) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	child := exec.CommandContext(t.Context(), self, "-test.run=^TestRetentionAfterKills$")
	child.Env = append(os.Environ(), retainFileVariable+"="+path)
	stdout, err := child.StdoutPipe()
	require.NoError(t, err)
	stdin, err := child.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	lines := bufio.NewScanner(stdout)
	for range after - 1 {
		require.True(t, lines.Scan(), "the child ended by itself")
		_, err := stdin.Write([]byte("go\n"))
		require.NoError(t, err)
	}
	require.True(t, lines.Scan(), "the child ended by itself")
	require.NoError(t, child.Process.Kill())
	require.Error(t, child.Wait())
}
