package sqlite_test

import (
	"flag"
	"testing"

	"github.com/lairchat/lair/sqlite"
	"github.com/lairchat/lair/storagetest"
)

var benchSize storagetest.BenchOptions

func init() {
	flag.IntVar(&benchSize.Messages, "bench.messages", 0, "messages in the store of BenchmarkStore")
	flag.IntVar(&benchSize.Rooms, "bench.rooms", 0, "rooms in the store of BenchmarkStore")
	flag.IntVar(&benchSize.Users, "bench.users", 0, "users in the store of BenchmarkStore")
}

func BenchmarkStore(b *testing.B) {
	o := benchSize
	o.Texts = sqlite.Archived(b)
	storagetest.BenchSize(b, backend(sqlite.Options{}), o)
}

func BenchmarkGroupCommit(b *testing.B) {
	storagetest.BenchGroupCommit(b, backend(sqlite.Options{}), backend(sqlite.Options{MaxGroup: 1}))
}

func BenchmarkStats(b *testing.B) {
	storagetest.BenchStats(b, backend(sqlite.Options{}), benchSize)
}
