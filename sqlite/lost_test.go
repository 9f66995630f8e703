package sqlite

// What SQLite takes back of its own accord, or should never have begun.

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// A disk that is full while the cache spills ends the whole transaction. A
// function that goes on must not write outside of any.
func TestUpdateGoesOnAfterItsTransactionIsLost(t *testing.T) {
	t.Parallel()
	e, f := openFaulty(t, &Options{CacheSize: 64 << 10})
	s := backend.New(e, storage.Options{})
	room := storage.Room{Name: "r"}
	require.NoError(t, s.CreateRoom(t.Context(), &room))
	send := func(ctx context.Context, w storage.MessageWriter) error {
		m := storage.Message{RoomID: room.ID, Body: strings.Repeat("many words to spill ", 500)}
		_, err := w.CreateMessage(ctx, &m)
		return err
	}
	require.NoError(t, send(t.Context(), s))

	failed := 0
	err := s.Update(t.Context(), func(ctx context.Context, tx storage.Tx) error {
		for i := 0; i < 3000 && failed < 5; i++ {
			if i == 100 {
				fail(&f.write, syscall.ENOSPC)
			}
			err := send(ctx, tx)
			switch {
			case err != nil:
				failed++
				fail(&f.write, nil)
			case failed > 0:
				t.Error("a write succeeded after the transaction was lost")
			}
		}
		return nil
	})
	require.Equal(t, 5, failed, "writes that failed")
	require.ErrorIs(t, err, storage.ErrFull)

	require.NoError(t, send(t.Context(), s))
	page, err := s.Messages(t.Context(), storage.MessageQuery{Room: room.ID})
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	assert.Equal(t, int64(2), page.Items[0].Seq)
	found, err := s.SearchMessages(t.Context(), storage.SearchQuery{Text: "spill"})
	require.NoError(t, err)
	assert.Len(t, found.Items, 2)
}

// A mistyped path must not change another program's database.
func TestOpenLeavesForeignDatabaseAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := sqlite3.Open("file:" + filepath.ToSlash(path))
	require.NoError(t, err)
	require.NoError(t, db.Exec(`CREATE TABLE t (a)`))
	require.NoError(t, db.Close())
	before, err := os.ReadFile(path)
	require.NoError(t, err)

	for _, o := range []*Options{nil, {ReadOnly: true}} {
		_, err = Open(t.Context(), path, o)
		require.ErrorIs(t, err, storage.ErrInvalid)
	}
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, before, after)
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "files beside it")
}

// Counters that are wrong are corruption, and no message that was sent twice.
func TestCorruptCounters(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	s := backend.New(e, storage.Options{})
	room := storage.Room{Name: "r"}
	require.NoError(t, s.CreateRoom(t.Context(), &room))
	_, err := s.CreateMessage(t.Context(), &storage.Message{RoomID: room.ID})
	require.NoError(t, err)
	_, err = e.Write(t.Context(), func(r backend.Rows) error {
		return r.(*rows).c.exec(`UPDATE room_counters SET last_seq = 0`, nil)
	})
	require.NoError(t, err)
	_, err = s.CreateMessage(t.Context(), &storage.Message{RoomID: room.ID})
	require.ErrorIs(t, err, storage.ErrCorrupt)
	require.NotErrorIs(t, err, storage.ErrDuplicate)
}

// What a crash has left of a deleted room goes when the file is opened again.
func TestOpenSweeps(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "chat.db")
	e := openEngineAt(t, path, nil)
	s := backend.New(e, storage.Options{})
	room := storage.Room{Name: "r"}
	require.NoError(t, s.CreateRoom(t.Context(), &room))
	batch := make([]*storage.Message, sweepMost*2+1)
	for i := range batch {
		batch[i] = &storage.Message{RoomID: room.ID, Body: "left"}
	}
	_, err := s.CreateMessages(t.Context(), batch)
	require.NoError(t, err)
	_, err = e.Write(t.Context(), func(r backend.Rows) error { return r.DeleteRoom(t.Context(), room.ID) })
	require.NoError(t, err)
	left, err := e.unswept(t.Context())
	require.NoError(t, err)
	require.True(t, left)
	require.NoError(t, s.Close())

	again, err := Open(t.Context(), path, nil)
	require.NoError(t, err)
	left, err = again.engine.unswept(t.Context())
	require.NoError(t, err)
	assert.False(t, left)
	require.NoError(t, again.engine.Read(t.Context(), func(r backend.Rows) error {
		return r.(*rows).c.query(`SELECT key FROM messages`, nil, func(*row) error {
			return errors.New("a message is left")
		})
	}))
	require.NoError(t, again.Close())
}

// writingHandler is a log that is kept in the store that it is about.
type writingHandler struct {
	slog.Handler
	write func(context.Context) error
	once  sync.Once
	done  chan error
}

func (h *writingHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h *writingHandler) Handle(context.Context, slog.Record) error {
	h.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		h.done <- h.write(ctx)
	})
	return nil
}

// The writer is not held while the logger is told of a checkpoint that failed
// in its slot: a logger may write to the store.
func TestLoggerMayWrite(t *testing.T) {
	t.Parallel()
	h := &writingHandler{done: make(chan error, 1)}
	o := &Options{Durability: DurabilityNormal, Options: storage.Options{Logger: slog.New(h)}}
	e, f := openFaulty(t, o)
	h.write = func(ctx context.Context) error {
		_, err := e.Write(ctx, put("logged"))
		return err
	}
	_, err := e.Write(t.Context(), write("first", 1))
	require.NoError(t, err)
	fail(&f.sync, syscall.EIO)
	w := e.writer
	w.slot = gauge{last: -slotPages} // due at the next commit
	_, err = e.Write(t.Context(), write("second", 1))
	require.NoError(t, err)
	require.NoError(t, <-h.done)
	fail(&f.sync, nil)
}

// A checkpoint that did not run says nothing of the last one.
func TestCheckpointThatDidNotRun(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	e.log.report(true, storage.ErrConnection)
	e.log.report(false, nil)
	require.ErrorIs(t, e.log.err(), storage.ErrConnection)
	e.log.report(true, nil)
	require.NoError(t, e.log.err())
}
