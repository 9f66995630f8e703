package sqlite

// What Authenticate costs beside its hash.

import (
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// BenchmarkAuthenticate compares a login with one whose hash costs next to
// nothing, in turns: what is left is the store's part. Commits are written and
// not waited for.
func BenchmarkAuthenticate(b *testing.B) {
	ctx := b.Context()
	s, err := Open(ctx, filepath.Join(b.TempDir(), "logins.db"), &Options{Durability: DurabilityNormal})
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	address := netip.MustParseAddr("192.0.2.1")
	enter := func(login string, h *storage.PasswordHasher) func() float64 {
		hash, err := h.Hash(ctx, "right")
		require.NoError(b, err)
		u := storage.User{Username: login, PasswordHash: hash}
		require.NoError(b, s.CreateUser(ctx, &u))
		for range 200 {
			a := storage.LoginAttempt{Login: login, UserID: u.ID, IP: address, UserAgent: "curl/8", Success: true}
			require.NoError(b, s.RecordLoginAttempt(ctx, &a))
		}
		return func() float64 {
			start := time.Now()
			_, err := storage.Authenticate(ctx, s, storage.Credentials{
				Login: login, Password: "right", IP: address, UserAgent: "curl/8", Hasher: h,
			})
			if err != nil {
				b.Fatal(err)
			}
			return float64(time.Since(start))
		}
	}
	dear := enter("dear", new(storage.PasswordHasher))
	cheap := enter("cheap", &storage.PasswordHasher{Memory: 8, Iterations: 1})
	var logins, rests []float64
	for round := 0; b.Loop(); round++ {
		if round%2 == 0 {
			logins, rests = append(logins, dear()), append(rests, cheap())
		} else {
			rests, logins = append(rests, cheap()), append(logins, dear())
		}
	}
	login, rest := middle(logins), middle(rests)
	b.ReportMetric(login/1e6, "login-ms")
	b.ReportMetric(rest/1e6, "rest-ms")
	b.ReportMetric(100*(1-rest/login), "%-hashing")
	b.ReportMetric(0, "ns/op")
}
