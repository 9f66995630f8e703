package storagetest_test

import (
	"context"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
)

// lifeFaults are about options, contexts, closing and opening again.
var lifeFaults = []fault{
	{name: "a clock of its own", caught: "lifecycle/injected time", open: configured(func(o *storage.Options) { o.Now = nil })},
	{name: "identifiers of its own", caught: "lifecycle/injected identifiers", open: configured(func(o *storage.Options) { o.NewUUID = nil })},
	{name: "nothing is observed", caught: "lifecycle/observe", open: configured(func(o *storage.Options) { o.Observe = nil })},
	{name: "a writer ignores its context", caught: "lifecycle/context done before every call", open: writes(func(w storage.ReadWriter) storage.Writer {
		return stubbornWriter{w}
	})},
	{name: "a reader ignores its context", caught: "lifecycle/context done before every call", open: reads(func(r storage.Reader) storage.Reader {
		return stubbornReader{r}
	})},
	{name: "a deadline is a cancellation", caught: "lifecycle/context done before every call", open: writes(func(w storage.ReadWriter) storage.Writer {
		return confusedWriter{w}
	})},
	{name: "closing closes nothing", caught: "lifecycle/every call after Close", open: stores(func(s storage.Store) storage.Store {
		return neverCloses{s}
	})},
	{name: "closing twice", caught: "lifecycle/Close twice", open: stores(func(s storage.Store) storage.Store {
		return closesTwice{s}
	})},
	{name: "closing does not wait", caught: "lifecycle/Close waits for Update", open: stores(func(s storage.Store) storage.Store {
		return hastyClose{s}
	})},
	{name: "invalid before closed", caught: "lifecycle/every call after Close", open: stores(func(s storage.Store) storage.Store {
		return checksFirst{s}
	})},
	{name: "reopening forgets", caught: "lifecycle/reopening keeps everything", reopen: func(_ storage.Store, o storage.Options) storage.Store {
		return memoryStore(o)
	}},
	{name: "reopening forgets nonces", caught: "message/nonce after reopening", reopen: func(s storage.Store, _ storage.Options) storage.Store {
		return newBroken(s, sameReader, func(w storage.ReadWriter) storage.Writer { return ignoresNonces{w} })
	}},
	{name: "reopening begins the versions again", caught: "lifecycle/reopening keeps everything", reopen: func(s storage.Store, _ storage.Options) storage.Store {
		h := &hooks{user: func(u *storage.User) { u.Version = 1 }}
		return newBroken(s, func(r storage.Reader) storage.Reader { return hookedReader{r, h} }, sameWriter)
	}},
	{name: "reopening loses the last message", caught: "lifecycle/reopening keeps everything", reopen: func(s storage.Store, _ storage.Options) storage.Store {
		h := &hooks{room: func(r *storage.Room) { r.LastSeq = max(r.LastSeq-1, 0) }}
		return newBroken(s, func(r storage.Reader) storage.Reader { return hookedReader{r, h} }, sameWriter)
	}},
}

// presentClock tells the time of the moment.
type presentClock struct{ o storage.Options }

// Now returns the time as it would be stored.
func (c presentClock) Now() time.Time {
	return storage.Timestamp(c.o.WithDefaults().Now())
}

type stubbornWriter struct{ storage.Writer }

func (w stubbornWriter) CreateRoom(ctx context.Context, r *storage.Room) error {
	return w.Writer.CreateRoom(context.WithoutCancel(ctx), r)
}

type stubbornReader struct{ storage.Reader }

func (r stubbornReader) Rooms(ctx context.Context, q storage.RoomQuery) (storage.Page[storage.Room], error) {
	return r.Reader.Rooms(context.WithoutCancel(ctx), q)
}

type confusedWriter struct{ storage.Writer }

func (w confusedWriter) CreateRoom(ctx context.Context, r *storage.Room) error {
	return edited(w.Writer.CreateRoom(ctx, r), func(e *storage.Error) {
		if e.Kind == storage.ErrTimeout {
			e.Kind = storage.ErrCanceled
		}
	})
}

type neverCloses struct{ storage.Store }

func (neverCloses) Close() error { return nil }

type closesTwice struct{ storage.Store }

func (s closesTwice) Close() error {
	if err := s.Store.Close(); !errors.Is(err, storage.ErrClosed) {
		return err
	}
	return nil
}

type hastyClose struct{ storage.Store }

func (s hastyClose) Close() error {
	go s.Store.Close()
	return nil
}

// checksFirst looks at a query before it asks whether the store is closed.
type checksFirst struct{ storage.Store }

func (s checksFirst) Memberships(ctx context.Context, q storage.MembershipQuery) (storage.Page[storage.Membership], error) {
	if err := q.Validate(); err != nil {
		return storage.Page[storage.Membership]{}, storage.WithOp("list memberships", err)
	}
	return s.Store.Memberships(ctx, q)
}
