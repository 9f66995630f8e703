package storagetest

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// BenchGroupCommit compares a backend whose writers share commits with one
// whose writers do not, many writers and a lone one, storing messages with
// search entries. Each round measures the two right after another, and the
// metric is the median of the rounds' ratios.
func BenchGroupCommit(b *testing.B, shared, single Backend) {
	for _, c := range []struct{ goroutines, messages int }{{64, 4000}, {1, 1000}} {
		b.Run(fmt.Sprintf("goroutines=%d", c.goroutines), func(b *testing.B) {
			grouped, ungrouped := newSender(b, shared), newSender(b, single)
			rate := func(s *sender) func() float64 {
				return func() float64 { return s.rate(b, c.goroutines, c.messages) }
			}
			compare(b, measure{"ungrouped/s", rate(ungrouped)}, measure{"grouped/s", rate(grouped)})
		})
	}
}

// sender stores messages in a hundred rooms.
type sender struct {
	storage.Store
	users []storage.User
	rooms []storage.Room
	sent  atomic.Int64
}

func newSender(b *testing.B, backend Backend) *sender {
	s := backend.Open(b, storage.Options{})
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	out := &sender{Store: s, users: make([]storage.User, 1000), rooms: make([]storage.Room, 100)}
	for i := range out.users {
		out.users[i].Username = fmt.Sprint("user", i)
		require.NoError(b, s.CreateUser(b.Context(), &out.users[i]))
	}
	for i := range out.rooms {
		out.rooms[i].Name = fmt.Sprint("room", i)
		require.NoError(b, s.CreateRoom(b.Context(), &out.rooms[i]))
	}
	return out
}

// rate stores messages from so many goroutines, and returns how many a second.
func (s *sender) rate(b *testing.B, goroutines, messages int) float64 {
	took := spread(b, goroutines, messages, func() func() error {
		return func() error { return s.send(b) }
	})
	return float64(messages) / took.Seconds()
}

var chatter = strings.Fields(`the build is green again after we moved the cache out of the way
	who has seen the log of yesterday deploy it fails with a timeout near the end
	lunch at noon anyone please review my change when you find the time thanks`)

func (s *sender) send(b *testing.B) error {
	n := int(s.sent.Add(1))
	var body strings.Builder
	for i := range 10 {
		fmt.Fprintf(&body, "%s ", chatter[(n*7+i*i)%len(chatter)])
	}
	_, err := s.CreateMessage(b.Context(), &storage.Message{
		RoomID:   s.rooms[n%len(s.rooms)].ID,
		AuthorID: s.users[n*31%len(s.users)].ID,
		Body:     fmt.Sprint(body.String(), n),
		Nonce:    fmt.Sprintf("%012d", n),
	})
	return err
}
