package sqlite

import (
	"fmt"
	"runtime"
	"time"

	"github.com/lairchat/lair/storage"
)

// Durability tells what a commit survives.
type Durability uint8

// The degrees of durability.
const (
	// DurabilityFull syncs the log at every commit: what was acknowledged
	// survives a power failure.
	DurabilityFull Durability = iota + 1

	// DurabilityNormal syncs the log at checkpoints only: a power failure may
	// take back the last commits, in order, and never damages the database. The
	// end of the program alone takes back nothing.
	DurabilityNormal
)

// Limits and defaults of [Options].
const (
	DefaultMaxGroup      = 256
	DefaultMaxGroupBytes = 8 << 20
	DefaultCacheSize     = 16 << 20
	DefaultReaderWait    = 5 * time.Second
	DefaultLockWait      = 10 * time.Second

	MaxReaders   = 256
	MaxGroup     = 1 << 16
	MaxCacheSize = 64 << 20
	MaxMmapSize  = 128 << 20 // cache and mapping share the 256 MB that SQLite has for a connection
)

// Options are the options of [Open]. The zero value is a good choice.
type Options struct {
	storage.Options

	// Readers is the number of connections for reading: that of the
	// processors, and at least two, unless given. More make it slower.
	Readers int

	// Durability is DurabilityFull unless given.
	Durability Durability

	// MaxGroup bounds how many calls share a commit, and MaxGroupBytes the
	// bytes that they write, roughly. A MaxGroup of 1 gives every call its own
	// commit.
	MaxGroup      int
	MaxGroupBytes int

	// CacheSize is the memory in bytes that each connection keeps pages in.
	CacheSize int

	// MmapSize is how much of the file is mapped into memory, in bytes; 0 is
	// nothing. Mapping speeds up reading, but a disk that fails to read then
	// crashes the program.
	MmapSize int

	// ReaderWait is how long a call waits for a free reader before it is
	// storage.ErrPoolExhausted.
	ReaderWait time.Duration

	// LockWait is how long a call waits for another process that writes
	// before it is storage.ErrTimeout.
	LockWait time.Duration

	// ReadOnly opens an existing file without the means to write it: every
	// writer is storage.ErrReadOnly.
	ReadOnly bool

	// NoMigrate refuses, as storage.ErrUnsupported, a file whose schema is
	// older than the program's, instead of bringing it up to date.
	NoMigrate bool
}

// withDefaults returns the options with what is unset filled in.
func (o Options) withDefaults() Options {
	o.Options = o.Options.WithDefaults()
	setDefault(&o.Readers, max(2, runtime.GOMAXPROCS(0)))
	setDefault(&o.Durability, DurabilityFull)
	setDefault(&o.MaxGroup, DefaultMaxGroup)
	setDefault(&o.MaxGroupBytes, DefaultMaxGroupBytes)
	setDefault(&o.CacheSize, DefaultCacheSize)
	setDefault(&o.ReaderWait, DefaultReaderWait)
	setDefault(&o.LockWait, DefaultLockWait)
	return o
}

func setDefault[T comparable](field *T, value T) {
	if *field == *new(T) {
		*field = value
	}
}

// validate refuses what cannot work. The defaults are filled in.
func (o Options) validate() error {
	if o.Durability > DurabilityNormal {
		return storage.Invalid("Durability", fmt.Sprintf("unknown value %d", o.Durability))
	}
	for _, bound := range []struct {
		field         string
		value, lo, hi int64
	}{
		{"Readers", int64(o.Readers), 1, MaxReaders},
		{"MaxGroup", int64(o.MaxGroup), 1, MaxGroup},
		{"MaxGroupBytes", int64(o.MaxGroupBytes), 1, 1 << 30},
		{"CacheSize", int64(o.CacheSize), 64 << 10, MaxCacheSize},
		{"MmapSize", int64(o.MmapSize), 0, MaxMmapSize},
		{"ReaderWait", int64(o.ReaderWait), 1, int64(24 * time.Hour)},
		{"LockWait", int64(o.LockWait), 1, int64(24 * time.Hour)},
	} {
		if bound.value < bound.lo || bound.value > bound.hi {
			return storage.Invalid(bound.field,
				fmt.Sprintf("%d is not between %d and %d", bound.value, bound.lo, bound.hi))
		}
	}
	return nil
}
