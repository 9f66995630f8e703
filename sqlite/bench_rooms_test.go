package sqlite

// What the list of a member's rooms costs, with what rooms are furnished with.

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// memberRooms is in how many rooms the member is.
const memberRooms = 500

// BenchmarkRoomsOfMember lists a member's rooms in the order of activity, all in
// one page and a first page, where rooms have names alone, and where they have
// all that rooms have.
func BenchmarkRoomsOfMember(b *testing.B) {
	for name, furnish := range map[string]func(int, *storage.Room){
		"plain": func(int, *storage.Room) {},
		"furnished": func(i int, r *storage.Room) {
			r.DisplayName, r.Topic, r.Description = "Room "+r.Name, "what room "+r.Name+" is about", "A room for those who like rooms."
			r.Settings = storage.RoomSettings{
				MaxMembers: int64(100 * (i%20 + 1)), RetentionDays: 30, RateLimit: 60,
				Uploads: storage.UploadRules{MaxBytes: 1 << 20, Types: []string{"image/png", "image/jpeg"}},
			}
		},
	} {
		b.Run(name, func(b *testing.B) {
			s, err := Open(b.Context(), filepath.Join(b.TempDir(), "rooms.db"), nil)
			require.NoError(b, err)
			defer func() { require.NoError(b, s.Close()) }()
			member := roomsOf(b, s, furnish)
			for _, limit := range []int{memberRooms, 50} {
				b.Run(fmt.Sprint(limit), func(b *testing.B) { benchMemberRooms(b, s, member, limit) })
			}
		})
	}
}

func benchMemberRooms(b *testing.B, s *Store, member storage.UserID, limit int) {
	ctx := b.Context()
	q := storage.RoomQuery{Member: member, Order: storage.RoomsByActivity, Limit: limit}
	var took []float64
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		p, err := s.Rooms(ctx, q)
		took = append(took, float64(time.Since(start).Nanoseconds())/1000)
		if err != nil || len(p.Items) != limit {
			b.Fatal(len(p.Items), err)
		}
	}
	b.ReportMetric(middle(took), "median-us")
}

// roomsOf makes rooms by several creators, with a message in each, and a user
// who is in them and in none of as many others.
func roomsOf(b *testing.B, s *Store, furnish func(int, *storage.Room)) storage.UserID {
	var users [10]storage.User
	err := s.Update(b.Context(), func(ctx context.Context, tx storage.Tx) error {
		for i := range users {
			users[i] = storage.User{Username: fmt.Sprintf("user%d", i)}
			if err := tx.CreateUser(ctx, &users[i]); err != nil {
				return err
			}
		}
		for i := range 2 * memberRooms {
			r := storage.Room{Name: fmt.Sprintf("r%d", i*7919%1000), CreatorID: users[1+i%9].ID}
			furnish(i, &r)
			if err := tx.CreateRoom(ctx, &r); err != nil {
				return err
			}
			if i%2 == 0 {
				if err := tx.AddMember(ctx, &storage.Membership{RoomID: r.ID, UserID: users[0].ID}); err != nil {
					return err
				}
			}
			m := storage.Message{RoomID: r.ID, Body: "hello", CreatedAt: time.Unix(int64(i*7919%1000), 0)}
			if _, err := tx.CreateMessages(ctx, []*storage.Message{&m}); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(b, err)
	return users[0].ID
}
