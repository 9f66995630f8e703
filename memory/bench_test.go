package memory_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/memory"
	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storagetest"
)

func BenchmarkStore(b *testing.B) {
	storagetest.Bench(b, storagetest.Backend{
		Open: func(_ testing.TB, o storage.Options) storage.Store {
			return memory.New(&memory.Options{Options: o})
		},
	})
}

func BenchmarkStats(b *testing.B) {
	storagetest.BenchStats(b, storagetest.Backend{
		Open: func(_ testing.TB, o storage.Options) storage.Store {
			return memory.New(&memory.Options{Options: o})
		},
	}, storagetest.BenchOptions{})
}

// filled is a store with a room, its creator, and a history.
type filled struct {
	*memory.Store
	user storage.UserID
	room storage.RoomID
	last storage.Message
}

func fill(b *testing.B, messages int) *filled {
	ctx := context.Background()
	f := &filled{Store: memory.New(nil)}
	b.Cleanup(func() { require.NoError(b, f.Close()) })
	user := storage.User{Username: "ann"}
	require.NoError(b, f.CreateUser(ctx, &user))
	room := storage.Room{Name: "hall", CreatorID: user.ID}
	require.NoError(b, f.CreateRoom(ctx, &room))
	f.user, f.room = user.ID, room.ID
	for i := 0; i < messages; i += 1000 {
		batch := make([]*storage.Message, 1000)
		for j := range batch {
			batch[j] = f.message(i + j)
		}
		_, err := f.CreateMessages(ctx, batch)
		require.NoError(b, err)
		f.last = *batch[len(batch)-1]
	}
	return f
}

func (f *filled) message(i int) *storage.Message {
	return &storage.Message{
		RoomID: f.room, AuthorID: f.user,
		Body: fmt.Sprintf("could you please look at build %d of %d, it fails again", i, i%89),
	}
}

func BenchmarkCreateMessage(b *testing.B) {
	f := fill(b, 50_000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := f.CreateMessage(b.Context(), f.message(i)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	f := fill(b, 50_000)
	ctx := b.Context()
	for _, c := range []struct {
		name string
		read func() error
	}{
		{"Message", func() error { _, err := f.Message(ctx, f.last.ID); return err }},
		{"IsMember", func() error { _, err := f.IsMember(ctx, f.room, f.user); return err }},
		{"Page", func() error {
			_, err := f.Messages(ctx, storage.MessageQuery{Room: f.room})
			return err
		}},
		{"SearchCommon", func() error {
			_, err := f.SearchMessages(ctx, storage.SearchQuery{Text: "please look"})
			return err
		}},
		{"SearchRare", func() error {
			_, err := f.SearchMessages(ctx, storage.SearchQuery{Text: "build 4711"})
			return err
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := c.read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
