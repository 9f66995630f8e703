package backend

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var typingStart = time.Date(2026, time.March, 29, 12, 0, 0, 0, time.UTC)

// remembered is how many indicators are kept, expired ones too.
func (t *typing) remembered() int {
	n := 0
	for _, in := range []typists{t.young, t.old} {
		for _, users := range in {
			n += len(users)
		}
	}
	return n
}

// What has expired goes as the store is used, in rooms that nobody asks about
// any more too, and however often the same users type.
func TestTypingLeaksNothing(t *testing.T) {
	const perSecond, minutes = 20, 30
	var typing typing
	random := rand.New(rand.NewPCG(1, 2))
	now := typingStart
	for range minutes * 60 {
		for range perSecond {
			until := now.Add(time.Duration(random.Int64N(int64(2 * storage.MaxTyping))))
			typing.set(storage.NewID[storage.Room](), storage.NewID[storage.User](), until, now)
		}
		now = now.Add(time.Second)
		require.LessOrEqual(t, typing.remembered(), perSecond*2*int(storage.MaxTyping/time.Second))
	}
	require.NotZero(t, typing.remembered())
	now = now.Add(2 * storage.MaxTyping)
	assert.Empty(t, typing.users(storage.NewID[storage.Room](), now))
	assert.Zero(t, typing.remembered())
}

// An indicator counts for all of its time, whenever the old ones go, and the
// latest word about a user is the only one.
func TestTypingTurns(t *testing.T) {
	room, ann := storage.NewID[storage.Room](), storage.NewID[storage.User]()
	for offset := time.Duration(0); offset < storage.MaxTyping; offset += time.Second {
		var typing typing
		typing.set(storage.NewID[storage.Room](), ann, typingStart.Add(time.Second), typingStart)
		set := typingStart.Add(offset)
		typing.set(room, ann, set.Add(storage.MaxTyping), set)
		for second := time.Duration(0); second < storage.MaxTyping; second += time.Second {
			assert.Equal(t, []storage.UserID{ann}, typing.users(room, set.Add(second)), "%v after %v", second, offset)
		}
		last := set.Add(storage.MaxTyping - storage.TimePrecision)
		typing.set(room, ann, last.Add(2*time.Second), last)
		assert.Equal(t, []storage.UserID{ann}, typing.users(room, last.Add(time.Second)), "set again, %v after", offset)
		typing.set(room, ann, time.Time{}, last)
		assert.Zero(t, len(typing.users(room, last)), "cleared, %v after", offset)
	}
}

func TestTypingClearsRooms(t *testing.T) {
	var typing typing
	room, ann, bob := storage.NewID[storage.Room](), storage.NewID[storage.User](), storage.NewID[storage.User]()
	typing.set(room, ann, typingStart.Add(time.Second), typingStart)
	typing.set(room, bob, typingStart.Add(time.Second), typingStart)
	typing.set(room, ann, time.Time{}, typingStart)
	assert.Equal(t, 1, typing.remembered())
	typing.set(room, bob, typingStart, typingStart)
	assert.Empty(t, typing.young, "a room where nobody types")
}

// A clock that was put back must not keep indicators until it has caught up.
func TestTypingClockPutBack(t *testing.T) {
	var typing typing
	room, ann := storage.NewID[storage.Room](), storage.NewID[storage.User]()
	typing.set(room, ann, typingStart.Add(time.Minute), typingStart)
	moment := typingStart.Add(-time.Millisecond)
	assert.Equal(t, []storage.UserID{ann}, typing.users(room, moment), "a moment earlier")
	assert.Empty(t, typing.users(room, typingStart.Add(-time.Hour)), "an hour earlier")
	assert.Zero(t, typing.remembered())
}

func TestTypingAtTheFirstInstant(t *testing.T) {
	var typing typing
	room, ann := storage.NewID[storage.Room](), storage.NewID[storage.User]()
	typing.set(room, ann, time.Time{}.Add(time.Second), time.Time{})
	assert.Equal(t, []storage.UserID{ann}, typing.users(room, time.Time{}))
}
