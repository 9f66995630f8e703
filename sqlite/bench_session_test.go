package sqlite

// What SessionByToken costs beside IsMember.

import (
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// BenchmarkSessionByToken compares the two in turns. The sessions are as those
// of a web client are.
func BenchmarkSessionByToken(b *testing.B) {
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "sessions.db"), nil)
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	rooms, users := peopled(b, s)
	tokens := loggedIn(b, s, users, 100)
	ctx := b.Context()
	members := func(i int) error {
		_, err := s.IsMember(ctx, rooms[i%len(rooms)], users[i*7%len(users)])
		return err
	}
	sessions := func(i int) error {
		_, err := s.SessionByToken(ctx, tokens[i*7919%len(tokens)])
		return err
	}
	run := func(call func(int) error) float64 {
		start := time.Now()
		for i := range memberCalls {
			if err := call(i); err != nil {
				b.Fatal(err)
			}
		}
		return float64(time.Since(start)) / memberCalls
	}
	var base, costs, ratios []float64
	for round := 0; b.Loop(); round++ {
		var x, y float64
		if round%2 == 0 {
			x, y = run(members), run(sessions)
		} else {
			y = run(sessions)
			x = run(members)
		}
		base, costs, ratios = append(base, x), append(costs, y), append(ratios, y/x)
	}
	b.ReportMetric(middle(base), "member-ns")
	b.ReportMetric(middle(costs), "session-ns")
	b.ReportMetric(middle(ratios), "ratio")
	b.ReportMetric(0, "ns/op")
}

// loggedIn stores so many sessions of each user.
func loggedIn(b *testing.B, s *Store, users []storage.UserID, each int) (tokens []storage.Secret) {
	err := s.Update(b.Context(), func(ctx context.Context, tx storage.Tx) error {
		for _, user := range users {
			for i := range each {
				token, err := tx.CreateSession(ctx, &storage.Session{
					UserID: user, IP: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}),
					UserAgent: fmt.Sprintf("Mozilla/5.0 (X11; Linux x86_64; rv:%d.0) Gecko/20100101 Firefox/%d.0", i, i),
					ExpiresAt: time.Now().Add(24 * time.Hour),
					Metadata:  storage.SessionMetadata{ClientType: "web", ClientVersion: "1.4.2"},
				})
				if err != nil {
					return err
				}
				tokens = append(tokens, token)
			}
		}
		return nil
	})
	require.NoError(b, err)
	return tokens
}
