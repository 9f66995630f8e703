// Package sqlite keeps a lair store in one SQLite file, without a C compiler.
//
//	store, err := sqlite.Open(ctx, "chat.db", nil)
//
// [Open] makes the file when there is none, with mode 0600, and brings its
// schema up to date. What a writing call has acknowledged is on disk: the
// database has a write-ahead log that is synced at every commit
// ([DurabilityFull]).
//
// # Writing
//
// There is one writer at a time. Calls that wait for it at the same moment
// share one commit, and so the cost of the sync; each of them still succeeds
// or fails by itself. A lone call pays nothing for that.
//
// # Reading
//
// Readers never wait for the writer, nor it for them. There are as many
// connections for reading as there are processors; a call that finds them all
// busy waits, as long as its context and [Options].ReaderWait allow.
//
// # The file
//
// Beside the file stand its log (-wal) and the log's index (-shm) while it is
// open, and after a crash; they belong to it and must be moved with it. A
// checkpoint in the background moves the log into the file. Several processes
// may open the same file, on a local file system. Within one process, no other
// SQLite library may: closing a file there drops the locks of all
// (https://sqlite.org/howtocorrupt.html, section 2.2).
package sqlite
