package memory

import (
	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

var _ storage.Store = (*Store)(nil)

// Options are the options of a Store. The zero value works.
type Options struct {
	storage.Options
}

// Store is a storage.Store that keeps everything in memory. Nothing outlives
// its Close.
type Store struct {
	*backend.Store
}

// New returns an empty store. Nil options are the zero value.
func New(opts *Options) *Store {
	if opts == nil {
		opts = new(Options)
	}
	return &Store{backend.New(newEngine(), opts.Options)}
}
