package sqlite

// What IsMember costs beside its statement alone.

import (
	"context"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// memberCalls is how many calls are measured at once: enough for the clock, and
// few enough for both sides to meet the same disturbances.
const memberCalls = 500

// BenchmarkIsMember compares IsMember with the same SQL, prepared once on a
// connection of the driver's own, in turns.
func BenchmarkIsMember(b *testing.B) {
	path := filepath.Join(b.TempDir(), "members.db")
	s, err := Open(b.Context(), path, nil)
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	rooms, users := peopled(b, s)
	bare, closeBare := bareIsMember(b, path)
	defer closeBare()
	run := func(call func(storage.RoomID, storage.UserID) bool) float64 {
		start, members := time.Now(), 0
		for i := range memberCalls {
			if call(rooms[i%len(rooms)], users[i*7%len(users)]) {
				members++
			}
		}
		took := time.Since(start)
		if members != memberCalls/2 {
			b.Fatalf("%d of %d are members", members, memberCalls)
		}
		return float64(took) / memberCalls
	}
	ctx := b.Context()
	asked := func(room storage.RoomID, user storage.UserID) bool {
		is, err := s.IsMember(ctx, room, user)
		if err != nil {
			b.Fatal(err)
		}
		return is
	}
	var bares, calls, ratios []float64
	for round := 0; b.Loop(); round++ {
		var x, y float64
		if round%2 == 0 {
			x, y = run(bare), run(asked)
		} else {
			y = run(asked)
			x = run(bare)
		}
		bares, calls, ratios = append(bares, x), append(calls, y), append(ratios, y/x)
	}
	b.ReportMetric(middle(bares), "bare-ns")
	b.ReportMetric(middle(calls), "call-ns")
	b.ReportMetric(middle(ratios), "ratio")
	b.ReportMetric(0, "ns/op")
}

func middle(s []float64) float64 {
	slices.Sort(s)
	return s[len(s)/2]
}

// peopled makes rooms and users of which the even are in all rooms.
func peopled(b *testing.B, s *Store) (rooms []storage.RoomID, users []storage.UserID) {
	err := s.Update(b.Context(), func(ctx context.Context, tx storage.Tx) error {
		for i := range 100 {
			u := storage.User{ID: benchID(i), Username: fmt.Sprintf("user%d", i)}
			if err := tx.CreateUser(ctx, &u); err != nil {
				return err
			}
			users = append(users, u.ID)
		}
		for i := range 50 {
			r := storage.Room{ID: benchID(i)}
			if err := tx.CreateRoom(ctx, &r); err != nil {
				return err
			}
			rooms = append(rooms, r.ID)
			for k := 0; k < len(users); k += 2 {
				if err := tx.AddMember(ctx, &storage.Membership{RoomID: r.ID, UserID: users[k]}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	require.NoError(b, err)
	return rooms, users
}

func benchID(n int) (id [16]byte) {
	id[6], id[8] = 0x70, 0x80
	binary.BigEndian.PutUint32(id[12:], uint32(n+1))
	return id
}

// bareIsMember returns the statement through the driver, and what closes it.
func bareIsMember(b *testing.B, path string) (call func(storage.RoomID, storage.UserID) bool, closeIt func()) {
	db, err := sqlite3.Open("file:" + filepath.ToSlash(path))
	require.NoError(b, err)
	st, _, err := db.Prepare(isMemberSQL)
	require.NoError(b, err)
	call = func(room storage.RoomID, user storage.UserID) bool {
		is, err := bareStep(st, room, user)
		if err != nil {
			b.Fatal(err)
		}
		return is
	}
	return call, func() {
		require.NoError(b, st.Close())
		require.NoError(b, db.Close())
	}
}

func bareStep(st *sqlite3.Stmt, room storage.RoomID, user storage.UserID) (is bool, err error) {
	if err := st.BindBlob(1, room[:]); err != nil {
		return false, err
	}
	if err := st.BindBlob(2, user[:]); err != nil {
		return false, err
	}
	if st.Step() {
		is = st.ColumnBool(0)
	}
	return is, st.Reset()
}
