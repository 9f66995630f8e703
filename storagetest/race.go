package storagetest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var raceCases = []testCase{
	{"one username", testRaceUsername},
	{"one email", testRaceEmail},
	{"one room name", testRaceRoomName},
	{"last seat", testRaceSeat},
	{"last use of an invite", testRaceInvite},
	{"last use of an invite by whom it names", testRaceNamedInvite},
	{"one direct room", testRaceDirect},
	{"owners leave", testRaceOwners},
	{"a ban", testRaceBan},
	{"a legal hold", testRaceHold},
	{"touches of a session", testRaceTouch},
	{"logins and a deactivation", testRaceDeactivate},
	{"revocations", testRaceRevoke},
	{"one request", testRaceRequest},
	{"one nonce", testRaceNonces},
	{"Seq", testRaceSeq},
	{"purges of the same", testRacePurge},
	{"version", testRaceVersion},
	{"deletions of one message", testRaceDelete},
	{"one room for all writers", testRaceMixed},
	{"one reaction", testReactRacers},
	{"markers", testMarkerRacers},
	{"consumers", testConsumerRacers},
	{"the audit log", testRaceAudit},
	{"an erasure", testRaceErase},
}

const (
	racers = 16
	rounds = 5
)

// race runs fn n times at once and returns what each run returned.
func race(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// winner requires that one of the racers won and all the others were refused
// with a kind of error, and returns the one.
func winner(t *testing.T, errs []error, kind error, field ...string) int {
	t.Helper()
	won := -1
	for i, err := range errs {
		if err != nil {
			wantErr(t, err, kind, field...)
			continue
		}
		require.Equal(t, -1, won, "a second racer won")
		won = i
	}
	require.NotEqual(t, -1, won, "nobody won")
	return won
}

func testRaceUsername(t *testing.T, f *fixture) {
	for round := range rounds {
		users := make([]storage.User, racers)
		errs := race(racers, func(i int) error {
			name := fmt.Sprintf("ann%d", round)
			if i%2 == 0 {
				name = fmt.Sprintf("ANN%d", round)
			}
			users[i].Username = name
			return f.CreateUser(f.ctx, &users[i])
		})
		won := winner(t, errs, storage.ErrDuplicate, "Username")
		found, err := f.UserByUsername(f.ctx, fmt.Sprintf("ann%d", round))
		require.NoError(t, err)
		require.Equal(t, users[won], found)
	}
	n, err := f.CountUsers(f.ctx, storage.UserQuery{})
	require.NoError(t, err)
	require.Equal(t, int64(rounds), n)
}

func testRaceEmail(t *testing.T, f *fixture) {
	var users []storage.User
	for i := range racers {
		users = append(users, f.user(fmt.Sprintf("user%d", i)))
	}
	for round := range rounds {
		email := fmt.Sprintf("box%d@example.com", round)
		errs := race(racers, func(i int) error {
			_, err := f.UpdateUser(f.ctx, users[i].ID, storage.UserPatch{Email: &email})
			return err
		})
		won := winner(t, errs, storage.ErrDuplicate, "Email")
		found, err := f.UserByEmail(f.ctx, email)
		require.NoError(t, err)
		require.Equal(t, users[won].ID, found.ID)
	}
}

// Different requests under one nonce: one is stored, the others are told.
func testRaceNonces(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	for round := range rounds {
		sent := make([]storage.Message, racers)
		errs := race(racers, func(i int) error {
			sent[i] = storage.Message{RoomID: room.ID, AuthorID: ann.ID, Nonce: fmt.Sprint(round), Body: fmt.Sprint(i)}
			_, err := f.CreateMessage(f.ctx, &sent[i])
			return err
		})
		won := winner(t, errs, storage.ErrConflict)
		require.Equal(t, sent[won], f.readMessage(sent[won].ID))
		require.Equal(t, int64(round+1), sent[won].Seq, "Seq")
	}
	require.Equal(t, int64(rounds), f.readRoom(room.ID).MessageCount)
}

func testRaceVersion(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	m := f.say(room.ID, storage.UserID{}, "start")
	for round := range rounds {
		errs := race(racers, func(i int) error {
			_, err := f.EditMessage(f.ctx, m.ID, storage.UserID{}, storage.MessagePatch{
				Body: new(fmt.Sprint(round, "by", i)), IfVersion: int64(round + 1),
			})
			return err
		})
		won := winner(t, errs, storage.ErrConflict)
		got := f.readMessage(m.ID)
		assert.Equal(t, fmt.Sprint(round, "by", won), got.Body)
		require.Equal(t, int64(round+2), got.Version)
	}
}
