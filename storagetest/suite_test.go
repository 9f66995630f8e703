package storagetest_test

import (
	"testing"

	"github.com/lairchat/lair/memory"
	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storagetest"
)

// TestMemory is the suite's own trial: what it asks for can be had.
func TestMemory(t *testing.T) {
	storagetest.Run(t, storagetest.Backend{
		Open: func(_ testing.TB, o storage.Options) storage.Store {
			return memory.New(&memory.Options{Options: o})
		},
	})
}
