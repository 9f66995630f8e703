package sqlite

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage/backend"
)

// Two people talk in few threads and take back what they said: every thread
// finds the reply before the last one.
func TestThreadsAgainstModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			e := openEngine(t, nil)
			d := &tester{t: t, rand: rand.New(rand.NewPCG(seed, 1)), m: newModel(), now: time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)}
			_, err := e.Update(t.Context(), func(r backend.Rows) error {
				d.r = r.(*rows)
				d.createRoom()
				d.createUser()
				d.createUser()
				for range 60 {
					d.send()
				}
				for range 40 {
					d.tombstone()
					d.checkRooms()
					d.checkLists()
					require.False(t, t.Failed(), "seed %d", seed)
				}
				d.deleteUser()
				d.checkRooms()
				return nil
			})
			require.NoError(t, err)
		})
	}
}
