package memory_test

import (
	"testing"

	"github.com/lairchat/lair/memory"
	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storagetest"
)

func TestStore(t *testing.T) {
	storagetest.Run(t, storagetest.Backend{
		Open: func(_ testing.TB, o storage.Options) storage.Store {
			return memory.New(&memory.Options{Options: o})
		},
	})
}
