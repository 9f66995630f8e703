// Package storagetest holds a backend of lair to its contract: the doc
// comments of the package storage.
//
// The author of a backend calls [Run] in a test of the backend's package:
//
//	func TestStore(t *testing.T) {
//		storagetest.Run(t, storagetest.Backend{
//			Open: func(t testing.TB, o storage.Options) storage.Store {
//				return memory.New(&memory.Options{Options: o})
//			},
//		})
//	}
//
// Every area of the contract is a subtest, every case in it a parallel subtest
// with a fresh store of its own, whose clock stands still unless the case
// moves it, and whose identifiers rise. What a backend cannot do it names in
// [Backend]; the suite then tells what it leaves out.
//
// What holds for a Store holds for a Tx: most areas run a second time with all
// calls of a case inside one transaction, which is committed whenever the clock
// moves, and what it saw before the commit has to be there after it.
package storagetest
