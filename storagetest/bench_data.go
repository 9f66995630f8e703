package storagetest

// What the benchmarks run on: rooms and words of very different frequency, as
// people fill a chat.

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lairchat/lair/storage"
)

// BenchOptions say how much is in the store before anything is measured. The
// zero value takes about a second; a million messages in a thousand rooms are
// a fair trial.
type BenchOptions struct {
	Messages int // 20,000 unless given
	Rooms    int // 100 unless given
	Users    int // 200 unless given
}

func (o BenchOptions) withDefaults() BenchOptions {
	if o.Messages <= 0 {
		o.Messages = 20_000
	}
	if o.Rooms <= 0 {
		o.Rooms = 100
	}
	if o.Users <= 0 {
		o.Users = 200
	}
	return o
}

const (
	benchBatch   = 1000   // messages of a bulk call
	benchWords   = 20_000 // in the vocabulary
	benchMembers = 20     // of a room
	benchKnown   = 10_000 // messages that are read by their identifier
)

// benchStore is a store that is filled for the benchmarks.
type benchStore struct {
	storage.Store
	size  BenchOptions
	ctx   context.Context
	words []string // the most frequent first
	users []storage.UserID
	rooms []storage.RoomID // the busiest first
	known []storage.MessageID
	seeds atomic.Uint64
}

func newBenchStore(b *testing.B, backend Backend, o BenchOptions) *benchStore {
	s := &benchStore{Store: backend.Open(b, storage.Options{}), size: o.withDefaults(), ctx: b.Context()}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Errorf("Close: %v", err)
		}
	})
	g := s.generator()
	s.words = vocabulary(g.Rand)
	if err := s.populate(g); err != nil {
		b.Fatalf("filling the store: %v", err)
	}
	if err := s.fill(s.generator()); err != nil {
		b.Fatalf("filling the store: %v", err)
	}
	return s
}

// populate makes users and rooms.
func (s *benchStore) populate(g *generator) error {
	return s.Update(s.ctx, func(ctx context.Context, tx storage.Tx) error {
		for i := range s.size.Users {
			u := storage.User{Username: fmt.Sprint("user", i)}
			if err := tx.CreateUser(ctx, &u); err != nil {
				return err
			}
			s.users = append(s.users, u.ID)
		}
		for i := range s.size.Rooms {
			r := storage.Room{Name: fmt.Sprint("room ", i)}
			if err := tx.CreateRoom(ctx, &r); err != nil {
				return err
			}
			s.rooms = append(s.rooms, r.ID)
			members := make([]storage.UserID, benchMembers)
			for n := range members {
				members[n] = s.users[g.IntN(len(s.users))]
			}
			if _, err := tx.AddMembers(ctx, r.ID, storage.MemberMember, members...); err != nil {
				return err
			}
		}
		return nil
	})
}

// fill stores the messages, by bulk calls, with times a second apart up to the
// present.
func (s *benchStore) fill(g *generator) error {
	at := time.Now().Add(-time.Duration(s.size.Messages) * time.Second)
	for stored := 0; stored < s.size.Messages; {
		batch := g.batch(min(benchBatch, s.size.Messages-stored))
		for _, m := range batch {
			m.CreatedAt = at
			at = at.Add(time.Second)
		}
		if _, err := s.CreateMessages(s.ctx, batch); err != nil {
			return err
		}
		stored += len(batch)
		for _, m := range batch {
			if len(s.known) < benchKnown || g.IntN(stored) < benchKnown {
				s.remember(g, m.ID)
			}
		}
	}
	return nil
}

// remember keeps a sample of the messages, which may come from any time.
func (s *benchStore) remember(g *generator, id storage.MessageID) {
	if len(s.known) < benchKnown {
		s.known = append(s.known, id)
		return
	}
	s.known[g.IntN(benchKnown)] = id
}

// generator makes up what to say and where. It serves one goroutine.
type generator struct {
	*rand.Rand
	s     *benchStore
	room  *rand.Zipf
	word  *rand.Zipf
	built strings.Builder
}

// generator returns a new source, which differs from all others.
func (s *benchStore) generator() *generator {
	random := rand.New(rand.NewPCG(s.seeds.Add(1), 20))
	return &generator{
		Rand: random, s: s,
		room: rand.NewZipf(random, 1.2, 4, uint64(s.size.Rooms-1)),
		word: rand.NewZipf(random, 1.1, 3, benchWords-1),
	}
}

// someRoom returns a room, a busy one more often.
func (g *generator) someRoom() storage.RoomID { return g.s.rooms[g.room.Uint64()] }

func (g *generator) someUser() storage.UserID { return g.s.users[g.IntN(len(g.s.users))] }

// text makes up a message: mostly short, some long.
func (g *generator) text() string {
	g.built.Reset()
	for n := 2 + int(g.ExpFloat64()*9); n > 0; n-- {
		if g.built.Len() > 0 {
			g.built.WriteByte(' ')
		}
		g.built.WriteString(g.s.words[g.word.Uint64()])
	}
	return g.built.String()
}

func (g *generator) message() *storage.Message {
	return &storage.Message{RoomID: g.someRoom(), AuthorID: g.someUser(), Body: g.text()}
}

func (g *generator) batch(n int) []*storage.Message {
	ms := make([]*storage.Message, n)
	for i := range ms {
		ms[i] = g.message()
	}
	return ms
}

// vocabulary makes up words, shorter ones first, since those are frequent.
func vocabulary(random *rand.Rand) []string {
	const consonants, vowels = "bcdfghjklmnprstvwz", "aeiou"
	words := make([]string, 0, benchWords)
	seen := map[string]bool{}
	for len(words) < benchWords {
		var b strings.Builder
		for range 1 + len(words)*3/benchWords + random.IntN(2) {
			b.WriteByte(consonants[random.IntN(len(consonants))])
			b.WriteByte(vowels[random.IntN(len(vowels))])
		}
		if random.IntN(2) == 0 || seen[b.String()] {
			b.WriteByte(consonants[random.IntN(len(consonants))])
		}
		if word := b.String(); !seen[word] {
			seen[word] = true
			words = append(words, word)
		}
	}
	return words
}
