package storagetest_test

import (
	"context"
	"slices"
	"testing"

	"github.com/lairchat/lair/storage"
)

// broken is a good store behind readers and writers that are not.
type broken struct {
	storage.Reader
	storage.Writer
	storage.TypingReader
	storage.TypingWriter
	storage.ChangeWatcher
	good  storage.Store
	read  func(storage.Reader) storage.Reader
	write func(storage.ReadWriter) storage.Writer
}

// newBroken returns good with everything that it hands out wrapped: its own
// methods, the Reader of a View and the Tx of an Update.
func newBroken(
	good storage.Store, read func(storage.Reader) storage.Reader, write func(storage.ReadWriter) storage.Writer,
) *broken {
	safe := func(w storage.ReadWriter) storage.Writer { return nilSafe{Writer: write(w), good: w} }
	return &broken{
		Reader: read(good), Writer: safe(good), TypingReader: good, TypingWriter: good, ChangeWatcher: good,
		good: good, read: read, write: safe,
	}
}

func (b *broken) View(ctx context.Context, fn func(context.Context, storage.Reader) error) error {
	return b.good.View(ctx, func(ctx context.Context, r storage.Reader) error {
		return fn(ctx, rawView{b.read(r), r.(clock), r.(storage.RawReader)})
	})
}

// rawView is a Reader that tells its time and reads raw records, too.
type rawView struct {
	storage.Reader
	clock
	storage.RawReader
}

func (b *broken) Update(ctx context.Context, fn func(context.Context, storage.Tx) error) error {
	return b.good.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		return fn(ctx, brokenTx{b.read(tx), b.write(tx), tx, tx.(storage.RawReader), tx.(storage.RawRestorer)})
	})
}

func (b *broken) Health(ctx context.Context) (storage.Health, error) { return b.good.Health(ctx) }

func (b *broken) Close() error { return b.good.Close() }

// brokenTx is a Tx in two halves.
type brokenTx struct {
	storage.Reader
	storage.Writer
	clock
	storage.RawReader
	storage.RawRestorer
}

// nilSafe keeps from the faults what is not there, so that each is caught for
// what it is and not for a panic.
type nilSafe struct {
	storage.Writer
	good storage.Writer
}

func (w nilSafe) CreateUser(ctx context.Context, u *storage.User) error {
	if u == nil {
		return w.good.CreateUser(ctx, u)
	}
	return w.Writer.CreateUser(ctx, u)
}

func (w nilSafe) CreateRoom(ctx context.Context, r *storage.Room) error {
	if r == nil {
		return w.good.CreateRoom(ctx, r)
	}
	return w.Writer.CreateRoom(ctx, r)
}

func (w nilSafe) AddMember(ctx context.Context, m *storage.Membership) error {
	if m == nil {
		return w.good.AddMember(ctx, m)
	}
	return w.Writer.AddMember(ctx, m)
}

func (w nilSafe) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	if m == nil {
		return w.good.CreateMessage(ctx, m)
	}
	return w.Writer.CreateMessage(ctx, m)
}

func (w nilSafe) CreateMessages(ctx context.Context, ms []*storage.Message) (int, error) {
	if slices.Contains(ms, nil) {
		return w.good.CreateMessages(ctx, ms)
	}
	return w.Writer.CreateMessages(ctx, ms)
}

func (w nilSafe) CreateAttachment(ctx context.Context, a *storage.Attachment) error {
	if a == nil {
		return w.good.CreateAttachment(ctx, a)
	}
	return w.Writer.CreateAttachment(ctx, a)
}

func (w nilSafe) CreateSession(ctx context.Context, s *storage.Session) (storage.Secret, error) {
	if s == nil {
		return w.good.CreateSession(ctx, s)
	}
	return w.Writer.CreateSession(ctx, s)
}

func (w nilSafe) RecordLoginAttempt(ctx context.Context, a *storage.LoginAttempt) error {
	if a == nil {
		return w.good.RecordLoginAttempt(ctx, a)
	}
	return w.Writer.RecordLoginAttempt(ctx, a)
}

func (w nilSafe) AppendAudit(ctx context.Context, e *storage.AuditEntry) error {
	if e == nil {
		return w.good.AppendAudit(ctx, e)
	}
	return w.Writer.AppendAudit(ctx, e)
}

func (w nilSafe) SetConfig(ctx context.Context, c *storage.Config) error {
	if c == nil {
		return w.good.SetConfig(ctx, c)
	}
	return w.Writer.SetConfig(ctx, c)
}

func sameReader(r storage.Reader) storage.Reader { return r }

func sameWriter(w storage.ReadWriter) storage.Writer { return w }

// reads opens stores that read through what wrap returns.
func reads(wrap func(storage.Reader) storage.Reader) opener {
	return func(o storage.Options) storage.Store { return newBroken(memoryStore(o), wrap, sameWriter) }
}

// writes opens stores that write through what wrap returns.
func writes(wrap func(storage.ReadWriter) storage.Writer) opener {
	return func(o storage.Options) storage.Store { return newBroken(memoryStore(o), sameReader, wrap) }
}

// stores opens stores that wrap returns.
func stores(wrap func(storage.Store) storage.Store) opener {
	return func(o storage.Options) storage.Store { return wrap(memoryStore(o)) }
}

// configured opens stores whose options are not those that were asked for.
func configured(edit func(*storage.Options)) opener {
	return func(o storage.Options) storage.Store {
		edit(&o)
		return memoryStore(o)
	}
}

// keeper is a store that outlives its Close, for opening it again.
type keeper struct {
	storage.Store
	kept storage.Store
}

// Close puts a closed store into the place of the one that is kept.
func (k *keeper) Close() error {
	if k.Store != k.kept {
		return k.Store.Close()
	}
	k.Store = memoryStore(storage.Options{})
	return k.Store.Close()
}

func keepOpen(_ testing.TB, o storage.Options) storage.Store {
	s := memoryStore(o)
	return &keeper{Store: s, kept: s}
}

// again opens the store that was kept, with the fault in it.
func (f fault) again(_ testing.TB, s storage.Store, o storage.Options) storage.Store {
	k := s.(*keeper)
	next := f.reopen(k.kept, o)
	return &keeper{Store: next, kept: next}
}
