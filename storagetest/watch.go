package storagetest

// Following the change feed live.

import (
	"iter"

	"github.com/lairchat/lair/storage"
)

// ended returns the error with which a watch ends that yields nothing.
func ended(changes iter.Seq2[storage.Change, error]) error {
	for _, err := range changes {
		return err
	}
	return nil
}
