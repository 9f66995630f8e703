package sqlite_test

import (
	"flag"
	"testing"

	"github.com/lairchat/lair/sqlite"
	"github.com/lairchat/lair/storagetest"
)

var ungroupedSuite = flag.Bool("store.ungrouped", false, "run the whole suite on a store whose writers share no commits, too")

// A store whose writers share no commits keeps the same contract. A lone writer
// shares none anyway, so that what is different are the cases with several:
// those are run always, the others by the flag.
func TestStoreUngrouped(t *testing.T) {
	b := backend(sqlite.Options{Durability: sqlite.DurabilityNormal, MaxGroup: 1})
	if *ungroupedSuite {
		storagetest.Run(t, b)
		return
	}
	storagetest.Load(t, b, storagetest.LoadOptions{Goroutines: 500, Calls: 4})
}
