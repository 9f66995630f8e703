package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/sqlite"
	"github.com/lairchat/lair/storage"
)

// stage is how far a message is. It never goes back.
type stage int

const (
	stageSent stage = iota
	stageEdited
	stageDeleted
)

// stageOf returns how far a message is.
func stageOf(m storage.Message) stage {
	switch {
	case m.Deleted():
		return stageDeleted
	case !m.EditedAt.IsZero():
		return stageEdited
	}
	return stageSent
}

// A message is one of a batch that is stored in one transaction. Its nonce is
// "BATCH/PLACE/SIZE", so that a batch that is not whole shows, and its text
// follows from nonce and stage: a word of its own, one that all have, and
// filling of some length.

// said returns what the message with a nonce says at a stage.
func said(at stage, nonce string) string {
	if at == stageDeleted {
		return ""
	}
	return fmt.Sprintf("common %s%s", ownWord(at, nonce), strings.Repeat(" filling", int(nonce[0])*int(nonce[1])%200))
}

// ownWord returns the word that only the message with a nonce has, at a stage.
func ownWord(at stage, nonce string) string {
	return [...]string{"first", "second"}[at] + strings.ReplaceAll(nonce, "/", "x")
}

// newBatch returns messages to be stored together, without room and author.
func newBatch(size int) []*storage.Message {
	id := storage.NewID[storage.Message]()
	batch := make([]*storage.Message, size)
	for i := range batch {
		nonce := fmt.Sprintf("%x/%d/%d", reversed(id), i, size)
		batch[i] = &storage.Message{Nonce: nonce, Body: said(stageSent, nonce)}
	}
	return batch
}

// reversed puts an identifier's random bytes in front.
func reversed(id storage.MessageID) (b [16]byte) {
	for i := range id {
		b[len(b)-1-i] = id[i]
	}
	return b
}

// crashChild writes until it is killed, and prints a line for each operation
// that is acknowledged.
func crashChild(t *testing.T, path string) {
	fmt.Println("opening")
	s, err := sqlite.Open(t.Context(), path, &sqlite.Options{Durability: sqlite.DurabilityFull})
	require.NoError(t, err)
	users, err := s.Users(t.Context(), storage.UserQuery{})
	require.NoError(t, err)
	rooms, err := s.Rooms(t.Context(), storage.RoomQuery{})
	require.NoError(t, err)
	fmt.Println("open")

	failed := make(chan error)
	for range crashWriters {
		w := &crashWriter{Store: s, users: users.Items, rooms: rooms.Items}
		go func() {
			for {
				if err := w.write(t.Context()); err != nil {
					failed <- err
				}
			}
		}()
	}
	fmt.Fprintln(os.Stderr, <-failed)
	os.Exit(1)
}

// crashWriter is one of those who write at the same time.
type crashWriter struct {
	*sqlite.Store
	users []storage.User
	rooms []storage.Room
}

// acknowledged tells the parent, in one write, what is stored now.
func acknowledged(at stage, ms ...*storage.Message) error {
	line := fmt.Sprint(int(at))
	for _, m := range ms {
		line += " " + m.ID.String()
	}
	_, err := fmt.Fprintln(os.Stdout, line)
	return err
}

func (w *crashWriter) room() storage.RoomID { return w.rooms[rand.IntN(len(w.rooms))].ID }

func (w *crashWriter) user() storage.UserID { return w.users[rand.IntN(len(w.users))].ID }

// write does one operation of any kind.
func (w *crashWriter) write(ctx context.Context) error {
	switch rand.IntN(8) {
	case 0:
		return w.sendBulk(ctx)
	case 1:
		return w.sendTogether(ctx)
	case 2, 3:
		return w.change(ctx)
	}
	batch := newBatch(1)
	batch[0].RoomID, batch[0].AuthorID = w.room(), w.user()
	if _, err := w.CreateMessage(ctx, batch[0]); err != nil {
		return err
	}
	return acknowledged(stageSent, batch...)
}

// sendBulk stores messages of several rooms in one call.
func (w *crashWriter) sendBulk(ctx context.Context) error {
	batch := newBatch(1 + rand.IntN(12))
	for _, m := range batch {
		m.RoomID, m.AuthorID = w.room(), w.user()
	}
	if _, err := w.CreateMessages(ctx, batch); err != nil {
		return err
	}
	return acknowledged(stageSent, batch...)
}

// sendTogether stores messages of several rooms in one transaction of several
// calls.
func (w *crashWriter) sendTogether(ctx context.Context) error {
	batch := newBatch(3)
	err := w.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		for _, m := range batch {
			m.RoomID, m.AuthorID = w.room(), w.user()
			if _, err := tx.CreateMessage(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return acknowledged(stageSent, batch...)
}

// change edits or deletes one of the latest messages of a room.
func (w *crashWriter) change(ctx context.Context) error {
	page, err := w.Messages(ctx, storage.MessageQuery{Room: w.room(), Limit: 20})
	if err != nil || len(page.Items) == 0 {
		return err
	}
	m := page.Items[rand.IntN(len(page.Items))]
	at := stageDeleted
	if stageOf(m) == stageSent && rand.IntN(3) > 0 {
		at = stageEdited
		_, err = w.EditMessage(ctx, m.ID, w.user(), storage.MessagePatch{Body: new(said(at, m.Nonce))})
	} else {
		_, err = w.DeleteMessage(ctx, m.ID, w.user())
	}
	switch {
	case errors.Is(err, storage.ErrConflict): // somebody else deleted it
		return nil
	case err != nil:
		return err
	}
	return acknowledged(at, &m)
}
