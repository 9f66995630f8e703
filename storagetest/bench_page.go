package storagetest

// What reactions and threads add to the cost of a page: rooms that hold the
// same texts by the same authors, and differ in what hangs on these.

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var benchEmoji = []string{"👍", "❤️", "😂", "🎉", "👀", ":party:"}

const (
	dressedMessages = 1000 // that pages are taken from
	dressedReplies  = 1000 // that come after them
	dressedPages    = 20   // of a round
)

// dress is what hangs on the messages of a room.
type dress struct {
	parent    func(i int) int                // which message the i-th replies to, or -1
	reactions func(i int) (emoji, users int) // how many users put each of how many emoji on it
}

var (
	// bare has nothing.
	bare = dress{
		parent:    func(int) int { return -1 },
		reactions: func(int) (int, int) { return 0, 0 },
	}
	// lively is what one sees in a room where people talk: reactions on every
	// fifth message, every fifth the root of a thread, every tenth a reply.
	lively = dress{
		parent: func(i int) int {
			switch {
			case i < dressedMessages && i%10 == 5:
				return i - 3
			case i >= dressedMessages && i%3 == 0:
				return i * 10 % dressedMessages
			}
			return -1
		},
		reactions: func(i int) (int, int) {
			if i%5 > 0 || i >= dressedMessages {
				return 0, 0
			}
			return 1 + i/5%3, 1 + i/15%4
		},
	}
	// crowded has six emoji of four users on every message, and every second
	// is the root of a thread.
	crowded = dress{
		parent: func(i int) int {
			if i < dressedMessages {
				return -1
			}
			return i * 2 % dressedMessages
		},
		reactions: func(i int) (int, int) {
			if i >= dressedMessages {
				return 0, 0
			}
			return len(benchEmoji), 4
		},
	}
)

// comparePages compares pages with reactions and threads with bare ones.
func (s *benchStore) comparePages(b *testing.B) {
	g := s.generator()
	texts := make([]string, dressedMessages+dressedReplies)
	for i := range texts {
		texts[i] = g.text()
	}
	plain := s.dressed(b, texts, bare)
	for _, c := range []struct {
		name string
		room storage.RoomID
	}{{"lively", s.dressed(b, texts, lively)}, {"crowded", s.dressed(b, texts, crowded)}} {
		for _, v := range []struct {
			name   string
			viewer storage.UserID
		}{{"", storage.UserID{}}, {" for a viewer", s.users[1]}} {
			b.Run(c.name+v.name, func(b *testing.B) {
				compare(b,
					measure{"bare-µs", func() float64 { return s.pageTime(b, storage.MessageQuery{Room: plain}) }},
					measure{c.name + "-µs", func() float64 {
						return s.pageTime(b, storage.MessageQuery{Room: c.room, Viewer: v.viewer})
					}})
			})
		}
	}
}

// pageTime returns how long a page of 50 of the first messages of a room takes.
func (s *benchStore) pageTime(b *testing.B, q storage.MessageQuery) float64 {
	q.Limit = 50
	took := micros(b, func() error {
		for n := range dressedPages {
			q.Before = storage.AtSeq(int64(52 + n*499%(dressedMessages-50)))
			page, err := s.Messages(s.ctx, q)
			if err != nil {
				return err
			}
			if len(page.Items) != q.Limit {
				return fmt.Errorf("a page of %d messages", len(page.Items))
			}
		}
		return nil
	})
	return took / dressedPages
}

// dressed makes a room of texts.
func (s *benchStore) dressed(b *testing.B, texts []string, d dress) storage.RoomID {
	room := storage.Room{Name: "dressed " + s.someName()}
	err := s.Update(s.ctx, func(ctx context.Context, tx storage.Tx) error {
		if err := tx.CreateRoom(ctx, &room); err != nil {
			return err
		}
		ms := make([]storage.Message, len(texts))
		for i := range ms {
			ms[i] = storage.Message{RoomID: room.ID, AuthorID: s.users[i*7%benchMembers], Body: texts[i]}
			if p := d.parent(i); p >= 0 {
				ms[i].ParentID = ms[p].ID
			}
			if _, err := tx.CreateMessage(ctx, &ms[i]); err != nil {
				return err
			}
			if err := s.react(ctx, tx, ms[i].ID, i, d); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(b, err, "making a room")
	return room.ID
}

func (s *benchStore) react(ctx context.Context, tx storage.Tx, m storage.MessageID, i int, d dress) error {
	emoji, users := d.reactions(i)
	for e := range emoji {
		for u := range users {
			if _, err := tx.AddReaction(ctx, m, s.users[(i+e+u*3)%benchMembers], benchEmoji[e]); err != nil {
				return err
			}
		}
	}
	return nil
}
