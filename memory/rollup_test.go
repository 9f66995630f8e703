package memory

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// What is counted anew is what was counted message by message.
func TestRebuildRollups(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 30, 1, 2, 3, 0, time.UTC)
	e := newEngine()
	s := backend.New(e, storage.Options{Now: func() time.Time { return now }})
	defer func() { require.NoError(t, s.Close()) }()
	var users []storage.UserID
	var rooms []storage.RoomID
	for i := range 5 {
		u := storage.User{Username: fmt.Sprint("user", i)}
		require.NoError(t, s.CreateUser(t.Context(), &u))
		r := storage.Room{Name: u.Username, CreatorID: u.ID}
		require.NoError(t, s.CreateRoom(t.Context(), &r))
		users, rooms = append(users, u.ID), append(rooms, r.ID)
	}
	ms := make([]*storage.Message, 2*foldFrom+100)
	for i := range ms {
		ms[i] = &storage.Message{
			RoomID: rooms[i%5], AuthorID: users[i/5%5], Body: "x", CreatedAt: now.Add(-time.Duration(i) * 7 * time.Minute),
		}
		if i%11 == 0 {
			ms[i].ExpiresAt = now.Add(time.Duration(i) * time.Minute)
		}
	}
	_, err := s.CreateMessages(t.Context(), ms)
	require.NoError(t, err)
	require.NoError(t, s.DeleteRoom(t.Context(), rooms[1]))
	require.NoError(t, s.DeleteUser(t.Context(), users[2]))
	_, _, err = s.DeleteMessages(t.Context(), storage.MessageQuery{Room: rooms[0], Limit: 200}, storage.UserID{})
	require.NoError(t, err)
	now = now.Add(time.Hour)

	type answer struct {
		stats storage.MessageStats
		days  []storage.Bucket
		raw   []storage.RawActivity
	}
	ask := func() (all []answer) {
		for _, room := range append(rooms, storage.RoomID{}) {
			for _, user := range append(users, storage.UserID{}) {
				var a answer
				a.stats, err = s.MessageStats(t.Context(), storage.StatsQuery{Room: room, User: user})
				require.NoError(t, err)
				a.days, err = s.Activity(t.Context(), storage.ActivityQuery{Room: room, User: user, From: now.AddDate(0, 0, -12), To: now})
				require.NoError(t, err)
				a.raw, err = (&rows{state: e.present.Load()}).rawActivities(nil, 100)
				require.NoError(t, err)
				all = append(all, a)
			}
		}
		return all
	}
	want := ask()
	_, err = e.Write(t.Context(), func(r backend.Rows) error { return r.(*rows).rebuildRollups() })
	require.NoError(t, err)
	require.Equal(t, want, ask())
}
