package storagetest

// What the benchmarks say: words of very different frequency.

import (
	"math/rand/v2"
	"strings"

	"github.com/lairchat/lair/storage"
)

const benchWords = 20_000 // in the vocabulary

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

// someMember returns a member of a room who posts there.
func (g *generator) someMember(room storage.RoomID) storage.UserID {
	members := g.s.members[room]
	return members[g.IntN(len(members))]
}

func (g *generator) someReader() storage.UserID { return g.s.readers[g.IntN(len(g.s.readers))] }

func (g *generator) someUser() storage.UserID { return g.s.users[g.IntN(len(g.s.users))] }

// text makes up a message: mostly short, some long.
func (g *generator) text() string {
	if all := g.s.size.Texts; len(all) > 0 {
		return all[int(g.s.said.Add(1))%len(all)]
	}
	g.built.Reset()
	for n := 2 + int(g.ExpFloat64()*9); n > 0; n-- {
		if g.built.Len() > 0 {
			g.built.WriteByte(' ')
		}
		g.built.WriteString(g.s.words[g.word.Uint64()])
	}
	return g.built.String()
}

// message makes up a message by a member of a room.
func (g *generator) message() *storage.Message { return g.messageIn(g.someRoom()) }

// messageIn makes up a message by a member of one room.
func (g *generator) messageIn(room storage.RoomID) *storage.Message {
	return &storage.Message{RoomID: room, AuthorID: g.someMember(room), Body: g.text()}
}

// reply makes up a reply to a recent message.
func (g *generator) reply() *storage.Message {
	to := g.s.recent[g.IntN(len(g.s.recent))]
	m := g.messageIn(to.room)
	m.ParentID = to.id
	return m
}

// history makes up a message as people leave them: some are replies, some
// mention somebody.
func (g *generator) history() *storage.Message {
	m := g.message()
	if len(g.s.recent) > 0 && g.IntN(8) == 0 {
		m = g.reply()
	}
	switch g.IntN(1000) {
	case 0:
		m.MentionsAll = true
	case 1, 2, 3, 4, 5, 6, 7, 8, 9:
		m.Mentions = []storage.UserID{g.someReader()}
	default:
		if g.IntN(20) == 0 {
			m.Mentions = []storage.UserID{g.someMember(m.RoomID)}
		}
	}
	return m
}

// batch makes up so many messages, each by next.
func (g *generator) batch(n int, next func() *storage.Message) []*storage.Message {
	ms := make([]*storage.Message, n)
	for i := range ms {
		ms[i] = next()
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
