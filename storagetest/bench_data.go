package storagetest

// What the benchmarks run on: rooms and words of very different frequency, as
// people fill a chat.

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// BenchOptions say how much is in the store before anything is measured. The
// zero value takes about a second; a million messages in a thousand rooms are
// a fair trial.
type BenchOptions struct {
	Messages int // 20,000 unless given
	Rooms    int // 100 unless given
	Users    int // 200 unless given

	// Texts are what messages say, one after the other and again from the
	// beginning; they are made up unless given.
	Texts []string
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
	benchMembers = 20     // of a room, who post there
	benchKnown   = 10_000 // messages that are read by their identifier
)

// benchStore is a store that is filled for the benchmarks.
type benchStore struct {
	storage.Store
	size    BenchOptions
	ctx     context.Context
	words   []string // the most frequent first
	users   []storage.UserID
	readers []storage.UserID // of very many rooms, who post nowhere
	rooms   []storage.RoomID // the busiest first
	members map[storage.RoomID][]storage.UserID
	known   []storage.MessageID // from any time
	tokens  []storage.Secret    // of sessions
	recent  []benchPlace        // of the last batch
	young   float64             // microseconds that an inbox took when a tenth was there
	quiet   storage.UserID      // of a few rooms where nothing is said
	small   []storage.RoomID    // see noteSmall
	phrases []string            // of two words
	rare    []string            // words, see noteRare

	youngSearches map[string]searched // what they took when a tenth was there, by kind
	began         time.Time           // when the first message was sent
	stored        int                 // messages
	seeds         atomic.Uint64
	said          atomic.Uint64 // texts that were taken
}

// someName returns a name that nothing else in the store has.
func (s *benchStore) someName() string { return fmt.Sprint(s.seeds.Add(1)) }

// benchPlace is where a message is.
type benchPlace struct {
	room storage.RoomID
	id   storage.MessageID
}

func newBenchStore(b *testing.B, backend Backend, o BenchOptions) *benchStore {
	s := &benchStore{
		Store: backend.Open(b, storage.Options{}), size: o.withDefaults(), ctx: b.Context(),
		members: map[storage.RoomID][]storage.UserID{},
	}
	s.began = time.Now().Add(-time.Duration(s.size.Messages) * time.Second)
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Errorf("Close: %v", err)
		}
	})
	g := s.generator()
	if s.words = vocabulary(g.Rand); len(s.size.Texts) > 0 {
		s.words = wordsOf(s.size.Texts)
	}
	require.NoError(b, s.populate(g), "making users and rooms")
	require.NoError(b, s.hush(), "making quiet rooms")
	early := s.size.Messages / 10
	s.fillAndRead(b, early)
	s.young = median(s.inboxes(b, 300))
	if !backend.lacks(FeatureSearch) {
		s.noteSearches(b)
	}
	s.fillAndRead(b, s.size.Messages-early)
	return s
}

// fillAndRead stores more messages and has the readers read, as far as they do.
func (s *benchStore) fillAndRead(b *testing.B, messages int) {
	require.NoError(b, s.fill(s.generator(), messages), "filling the store")
	require.NoError(b, s.catchUp(s.generator()), "reading")
}

// populate makes users and rooms.
func (s *benchStore) populate(g *generator) error {
	return s.Update(s.ctx, func(ctx context.Context, tx storage.Tx) (err error) {
		if s.users, err = benchUsers(ctx, tx, "user", s.size.Users); err != nil {
			return err
		}
		if s.readers, err = benchUsers(ctx, tx, "reader", benchReaders); err != nil {
			return err
		}
		for i := range s.size.Rooms {
			r := storage.Room{Name: fmt.Sprint("room ", i)}
			if err := tx.CreateRoom(ctx, &r); err != nil {
				return err
			}
			s.rooms = append(s.rooms, r.ID)
			for _, n := range g.Perm(len(s.users))[:min(benchMembers, len(s.users))] {
				s.members[r.ID] = append(s.members[r.ID], s.users[n])
			}
			members := slices.Concat(s.members[r.ID], s.readersOf(i))
			if _, err := tx.AddMembers(ctx, r.ID, storage.MemberMember, members...); err != nil {
				return err
			}
		}
		return nil
	})
}

func benchUsers(ctx context.Context, tx storage.Tx, name string, n int) ([]storage.UserID, error) {
	var ids []storage.UserID
	for i := range n {
		u := storage.User{Username: fmt.Sprint(name, i)}
		if err := tx.CreateUser(ctx, &u); err != nil {
			return nil, err
		}
		ids = append(ids, u.ID)
	}
	return ids, nil
}

// fill stores messages, by bulk calls, with times a second apart up to the
// present, once all are there.
func (s *benchStore) fill(g *generator, messages int) error {
	for ; messages > 0; messages -= benchBatch {
		batch := g.batch(min(benchBatch, messages), g.history)
		for i, m := range batch {
			s.notePhrase(m.Body)
			m.CreatedAt = s.began.Add(time.Duration(s.stored+i) * time.Second)
		}
		if _, err := s.CreateMessages(s.ctx, batch); err != nil {
			return err
		}
		s.stored += len(batch)
		s.recent = s.recent[:0]
		for _, m := range batch {
			s.recent = append(s.recent, benchPlace{m.RoomID, m.ID})
			if len(s.known) < benchKnown || g.IntN(s.stored) < benchKnown {
				s.remember(g, m.ID)
			}
		}
		if err := s.respond(g); err != nil {
			return err
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

// respond has people react to messages of the last batch and read rooms.
func (s *benchStore) respond(g *generator) error {
	return s.Update(s.ctx, func(ctx context.Context, tx storage.Tx) error {
		for range len(s.recent) / 10 {
			to := s.recent[g.IntN(len(s.recent))]
			emoji := benchEmoji[g.IntN(len(benchEmoji))]
			if _, err := tx.AddReaction(ctx, to.id, g.someMember(to.room), emoji); err != nil {
				return err
			}
			room := g.someRoom()
			if err := tx.MarkRead(ctx, room, g.someMember(room), storage.Anchor{}); err != nil {
				return err
			}
		}
		return nil
	})
}
