package storage

import (
	"context"
	"time"
)

// Reader reads everything. A Store is one, each call seeing what is committed
// when it begins, and so are the argument of View (one snapshot) and a Tx
// (with its own writes).
type Reader interface {
	UserReader
	BlockReader
	RoleReader
	RoomReader
	MembershipReader
	MessageReader
	RevisionReader
	ReactionReader
	AttachmentReader
	ReceiptReader
	TraceReader
	InviteReader
	SanctionReader
	HoldReader
	SessionReader
	LoginReader
	ConfigReader
	AuditReader
	ChangeReader
	RetentionReader
	StatsReader
}

// Writer writes everything. A call that fails changes nothing.
type Writer interface {
	UserWriter
	BlockWriter
	RoomWriter
	MembershipWriter
	MessageWriter
	PinWriter
	ReactionWriter
	AttachmentWriter
	ReceiptWriter
	MessagePurger
	InviteWriter
	SanctionWriter
	HoldWriter
	SessionWriter
	LoginWriter
	ConfigWriter
	AuditWriter
	ChangeWriter
	RetentionWriter
	UserEraser
}

// ReadWriter is a Reader and a Writer.
type ReadWriter interface {
	Reader
	Writer
}

// Tx is a write transaction. It serves one goroutine at a time: a call during
// another one is ErrInvalid.
type Tx interface {
	ReadWriter

	// Now returns the transaction's one time, which all its writes carry.
	Now() time.Time
}

// Store is the storage of a chat server. It serves any number of goroutines;
// each of its calls is a transaction of its own. What a writing call has
// acknowledged by returning without error is durable, as far as the backend
// promises durability.
//
// A context that is done before a call gets its turn makes it fail with
// ErrCanceled or ErrTimeout, and nothing is stored. Once it has its turn, its
// outcome is awaited and reported as it is.
//
// Contracts stand on the methods of the interfaces; backends are held to them
// by the package storagetest. Every argument is checked before anything is
// changed, every error is an [*Error], but for those of the caller's own
// functions in View and Update, which come back as they are.
type Store interface {
	ReadWriter
	TypingReader
	ChangeWatcher
	TypingWriter

	// View runs fn over one consistent snapshot, which stays as it is while
	// writers go on. The Reader serves one goroutine at a time (a second one is
	// ErrInvalid) and is ErrClosed once fn has returned. The context that fn gets is marked as
	// Update's is.
	View(ctx context.Context, fn func(context.Context, Reader) error) error

	// Update runs fn in a write transaction, all or nothing: an error, a panic
	// or a Goexit in fn, or a context that is done before it returns, rolls
	// everything back. fn runs at most once, on the caller's goroutine. A call
	// on the Tx that fails changes nothing, and fn may go on. Other writers
	// wait meanwhile, also those that share its commit and have run already, so
	// fn should be quick and must not wait for them.
	//
	// The context that fn gets marks the nesting: the Store's own writers,
	// View and Update refuse it as ErrInvalid, where they would deadlock.
	// A Tx used after fn has returned is ErrClosed.
	Update(ctx context.Context, fn func(context.Context, Tx) error) error

	// Health tells how the store is. An error means that it cannot be used.
	Health(ctx context.Context) (Health, error)

	// Close waits for the calls that run, then frees everything. Later calls
	// are ErrClosed, another Close too. Within View or Update it would wait for
	// itself.
	Close() error
}

// Health is what Store.Health tells.
type Health struct {
	Backend       string // "sqlite 3.54.1", "memory"
	SchemaVersion int64  // of the database; 0 where there is none
	Size          int64  // bytes of the database, 0 if unknown
	LogSize       int64  // bytes of the write-ahead log, 0 if there is none
	Readers       int    // connections for reading, 0 if there are none
	ReadersBusy   int    // of these, in use
	Waiting       int    // writers waiting for their turn

	// CheckpointError is the failure of the last checkpoint, nil if it went
	// well: the data is safe, but the log grows.
	CheckpointError error

	// Reindexing says that what is stored was analysed for searching by an
	// earlier version of the program, and is being analysed anew in the
	// background: until that is done, searches look in what the earlier analysis
	// made, and may miss what it made otherwise. Reindexed is the share of the
	// messages that is done, from 0 to 1, and ReindexError why it does not go on,
	// nil if it does: it is tried again.
	Reindexing   bool
	Reindexed    float64
	ReindexError error
}
