package storagetest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// txStore makes a case that calls a Store call one Tx instead. The transaction
// is committed, and another one begun, whenever the clock moves, since a
// transaction has one time.
type txStore struct {
	storage.ReadWriter // of tx, or of plain once that is closed
	f                  *fixture
	tx                 storage.Tx
	plain              storage.Store
	commit             chan<- struct{}
	outcome            <-chan error
}

var _ storage.Store = (*txStore)(nil)

// nest puts the fixture into a transaction.
func (f *fixture) nest() {
	s := &txStore{f: f, plain: f.Store}
	f.Store = s
	f.clock.before, f.clock.after = func() { f.commit(s) }, func() { f.begin(s) }
	f.begin(s)
}

// unnest ends what nest began.
func (f *fixture) unnest() {
	s := f.Store.(*txStore)
	f.clock.before, f.clock.after = nil, nil
	if s.tx != nil {
		f.commit(s)
	}
	f.Store = s.plain
}

// begin opens a transaction. It stays open on a goroutine of its own, while
// the case uses the Tx.
func (f *fixture) begin(s *txStore) {
	opened, commit, outcome := make(chan storage.Tx), make(chan struct{}), make(chan error, 1)
	ctx := context.WithoutCancel(f.ctx) // which is done before the store is closed
	go func() {
		outcome <- s.plain.Update(ctx, func(_ context.Context, tx storage.Tx) error {
			opened <- tx
			<-commit
			return nil
		})
	}()
	select {
	case s.tx = <-opened:
	case err := <-outcome:
		require.NoError(f.t, err, "begin a transaction")
	}
	s.ReadWriter, s.commit, s.outcome = s.tx, commit, outcome
}

// commit ends the transaction and requires that all can now see what it saw.
func (f *fixture) commit(s *txStore) {
	f.t.Helper()
	inside := f.dump()
	require.NoError(f.t, s.end(), "commit")
	require.Equal(f.t, inside, f.dump(), "what was there before the commit is not what is there after it")
}

func (s *txStore) end() error {
	close(s.commit)
	s.ReadWriter, s.tx = s.plain, nil
	return <-s.outcome
}

// View stands between two transactions.
func (s *txStore) View(ctx context.Context, fn func(context.Context, storage.Reader) error) error {
	s.f.commit(s)
	defer s.f.begin(s)
	return s.plain.View(ctx, fn)
}

// Update stands between two transactions, so that it can be undone.
func (s *txStore) Update(ctx context.Context, fn func(context.Context, storage.Tx) error) error {
	s.f.commit(s)
	defer s.f.begin(s)
	return s.plain.Update(ctx, fn)
}

func (s *txStore) TypingUsers(ctx context.Context, room storage.RoomID) ([]storage.UserID, error) {
	return s.plain.TypingUsers(ctx, room)
}

func (s *txStore) SetTyping(ctx context.Context, room storage.RoomID, user storage.UserID, until time.Time) error {
	return s.plain.SetTyping(ctx, room, user, until)
}

func (s *txStore) ClearTyping(ctx context.Context, room storage.RoomID, user storage.UserID) error {
	return s.plain.ClearTyping(ctx, room, user)
}

func (s *txStore) Health(ctx context.Context) (storage.Health, error) { return s.plain.Health(ctx) }

// Close commits and closes the store.
func (s *txStore) Close() error {
	if s.tx != nil {
		if err := s.end(); err != nil {
			return err
		}
	}
	return s.plain.Close()
}
