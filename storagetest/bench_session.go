package storagetest

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// benchSessions is how many sessions each user has.
const benchSessions = 50

// logIn stores sessions as those of web clients are.
func (s *benchStore) logIn(b *testing.B) {
	require.NoError(b, s.Update(s.ctx, func(ctx context.Context, tx storage.Tx) error {
		for _, user := range s.users[:min(len(s.users), 200)] {
			for i := range benchSessions {
				token, err := tx.CreateSession(ctx, &storage.Session{
					UserID: user, IP: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), ExpiresAt: time.Now().Add(24 * time.Hour),
					UserAgent: fmt.Sprintf("Mozilla/5.0 (X11; Linux x86_64; rv:%d.0) Gecko/20100101 Firefox/%d.0", i, i),
					Metadata:  storage.SessionMetadata{ClientType: "web", ClientVersion: "1.4.2"},
				})
				if err != nil {
					return err
				}
				s.tokens = append(s.tokens, token)
			}
		}
		return nil
	}))
}

func (s *benchStore) sessionByToken(g *generator) error {
	_, err := s.SessionByToken(s.ctx, s.tokens[g.IntN(len(s.tokens))])
	return err
}

// compareSessions compares what every request begins with to the cheapest
// question there is.
func (s *benchStore) compareSessions(b *testing.B) {
	const calls = 500
	g := s.generator()
	run := func(call step) func() float64 {
		return func() float64 {
			return micros(b, func() error {
				for range calls {
					if err := call(g); err != nil {
						return err
					}
				}
				return nil
			}) / calls
		}
	}
	compare(b, measure{"member-µs", run(s.isMember)}, measure{"session-µs", run(s.sessionByToken)})
}
