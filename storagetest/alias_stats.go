package storagetest

import (
	"testing"
	"time"

	"github.com/lairchat/lair/storage"
)

func testAliasStats(t *testing.T, f *fixture) {
	ann := f.user("ann")
	hall := f.room("hall", ann.ID)
	f.say(hall.ID, ann.ID, "x")
	for _, read := range []func() (any, error){
		func() (any, error) { return got(f.UserStats(f.ctx)) },
		func() (any, error) { return got(f.RoomStats(f.ctx, storage.StatsQuery{})) },
		func() (any, error) { return got(f.MessageStats(f.ctx, storage.StatsQuery{})) },
		func() (any, error) {
			return got(f.Activity(f.ctx, storage.ActivityQuery{From: f.now(), To: f.now().Add(time.Hour)}))
		},
	} {
		stored := func() any {
			v, err := read()
			if err != nil {
				return err
			}
			return v
		}
		wantUnaliased(t, stored, exchange{"statistics", read})
	}
}
