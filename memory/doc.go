// Package memory is the backend that keeps everything in memory: for tests,
// bots and small servers. It gives the answers of the package sqlite, to the
// last tie in an order, and forgets everything when the process ends.
//
//	store := memory.New(nil)
//	defer store.Close()
//
// The data is one immutable state of copy-on-write B-trees. A reader takes the
// present state and never waits, whatever writers do; a writer copies the
// state, which costs the same whatever it holds, changes its copy, and puts it
// in the old one's place. Writers take turns.
package memory
