package memory_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/lairchat/lair/memory"
	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	storagetest.Run(t, storagetest.Backend{
		Open: func(_ testing.TB, o storage.Options) storage.Store {
			return memory.New(&memory.Options{Options: o})
		},
	})
}
