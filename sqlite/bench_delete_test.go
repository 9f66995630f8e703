package sqlite

// How long others wait for the deletion of a large room.

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var benchLarge = flag.Int("bench.large", 10000, "members and messages of the room of BenchmarkDeleteRoom")

// BenchmarkDeleteRoom deletes a room with as many members as messages, and tells
// the longest time that another writer waited meanwhile.
func BenchmarkDeleteRoom(b *testing.B) {
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "large.db"), nil)
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	users := manyUsers(b, s, *benchLarge)
	for b.Loop() {
		b.StopTimer()
		room := largeRoom(b, s, users)
		b.StartTimer()
		deleted := make(chan error)
		go func() { deleted <- s.DeleteRoom(b.Context(), room) }()
		longest := longestWait(b, s, users[0], deleted)
		b.ReportMetric(float64(longest.Microseconds())/1000, "longest-wait-ms")
	}
}

// longestWait writes until something is done, and returns the longest time that
// a write took.
func longestWait(b *testing.B, s *Store, user storage.UserID, done <-chan error) (longest time.Duration) {
	for n := 0; ; n++ {
		select {
		case err := <-done:
			require.NoError(b, err)
			return longest
		default:
		}
		status := fmt.Sprint(n)
		start := time.Now()
		_, err := s.UpdateUser(b.Context(), user, storage.UserPatch{Profile: &storage.Profile{StatusMessage: status}})
		longest = max(longest, time.Since(start))
		require.NoError(b, err)
	}
}

func manyUsers(b *testing.B, s *Store, n int) (users []storage.UserID) {
	for len(users) < n {
		err := s.Update(b.Context(), func(ctx context.Context, tx storage.Tx) error {
			for range min(1000, n-len(users)) {
				u := storage.User{Username: fmt.Sprintf("user%d", len(users))}
				if err := tx.CreateUser(ctx, &u); err != nil {
					return err
				}
				users = append(users, u.ID)
			}
			return nil
		})
		require.NoError(b, err)
	}
	return users
}

// largeRoom is a room with all users in it, and one message of each.
func largeRoom(b *testing.B, s *Store, users []storage.UserID) storage.RoomID {
	ctx := b.Context()
	room := storage.Room{}
	require.NoError(b, s.CreateRoom(ctx, &room))
	for at := 0; at < len(users); at += 1000 {
		some := users[at:min(at+1000, len(users))]
		_, err := s.AddMembers(ctx, room.ID, 0, some...)
		require.NoError(b, err)
		ms := make([]*storage.Message, len(some))
		for i, user := range some {
			ms[i] = &storage.Message{RoomID: room.ID, AuthorID: user, Body: "one of many words"}
		}
		_, err = s.CreateMessages(ctx, ms)
		require.NoError(b, err)
	}
	return room.ID
}
