//go:build !race

package sqlite_test

import (
	"testing"

	"github.com/lairchat/lair/sqlite"
	"github.com/lairchat/lair/storagetest"
)

// A store whose writers do not share commits keeps the same contract. Under the
// race detector it would take minutes to run what TestStore runs there already.
func TestStoreUngrouped(t *testing.T) {
	storagetest.Run(t, backend(sqlite.Options{Durability: sqlite.DurabilityNormal, MaxGroup: 1}))
}
