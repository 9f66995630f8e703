package storagetest_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/memory"
	"github.com/lairchat/lair/sqlite"
	"github.com/lairchat/lair/storage"
)

// rivals are a store of each backend with the same in them.
type rivals struct {
	stores [2]storage.Store
	empty  storage.RoomID // where nothing is said
	rooms  int
}

func newRivals(t testing.TB) *rivals {
	disk, err := sqlite.Open(t.Context(), t.TempDir()+"/rival.db", &sqlite.Options{Durability: sqlite.DurabilityNormal, Readers: 1})
	require.NoError(t, err)
	r := &rivals{stores: [2]storage.Store{memory.New(nil), disk}}
	t.Cleanup(func() {
		for _, s := range r.stores {
			require.NoError(t, s.Close())
		}
	})
	r.empty = r.room(t)
	return r
}

func (r *rivals) room(t testing.TB) storage.RoomID {
	r.rooms++
	room := storage.Room{ID: storage.NewID[storage.Room](), Name: fmt.Sprint("room ", r.rooms)}
	for _, s := range r.stores {
		given := room
		require.NoError(t, s.CreateRoom(t.Context(), &given))
	}
	return room.ID
}

// say stores texts in a room, a third of them as tags.
func (r *rivals) say(t testing.TB, room storage.RoomID, texts []string) {
	for i, text := range texts {
		m := storage.Message{ID: storage.NewID[storage.Message](), RoomID: room, Body: text}
		if name := strings.TrimSpace(text); name != "" && len(name) <= storage.MaxTag && i%3 == 0 {
			m.Body, m.Tags = "", []string{name}
		}
		for _, s := range r.stores {
			given := m.Clone()
			_, err := s.CreateMessage(t.Context(), &given)
			require.NoError(t, err, "CreateMessage(%q)", text)
		}
	}
}

// agree requires that a search finds the same in both, in a room, where SQLite
// reads what is said there, in several, where it asks its index, and everywhere.
func (r *rivals) agree(t testing.TB, room storage.RoomID, text string) (found int) {
	for _, rooms := range [][]storage.RoomID{{room}, {room, r.empty}, nil} {
		for _, order := range []storage.MessageOrder{storage.NewestFirst, storage.OldestFirst, storage.MostRelevant} {
			q := storage.SearchQuery{Text: text, Rooms: rooms, Order: order, Limit: storage.MaxLimit, WithTotal: true}
			var got [2]storage.SearchResult
			var failed [2]error
			var ids [2][]string
			for i, s := range r.stores {
				got[i], failed[i] = s.SearchMessages(t.Context(), q)
				for _, match := range got[i].Items {
					ids[i] = append(ids[i], fmt.Sprint(match.Message.ID, match.Highlights))
				}
				if order == storage.MostRelevant {
					slices.Sort(ids[i])
				}
			}
			require.Equal(t, failed[0] == nil, failed[1] == nil, "errors of %q: %v", text, failed)
			require.Equal(t, ids[0], ids[1], "memory and SQLite, %q in %d rooms, %s", text, len(rooms), order)
			assert.Equal(t, got[0].Total, got[1].Total, "Total of %q", text)
			assert.Equal(t, got[0].Reason, got[1].Reason, "Reason of %q", text)
			found += len(ids[0])
		}
	}
	return found
}

// pieces is what random texts and queries are made of.
var pieces = []string{
	"apple", "plum", "app", "a", "Élan", "élan", "don't", "3,14", "上海", "上", "海", "東京タワー", "สวัสดี", "한국어", "Привет", "שָׁלוֹם", "नमस्ते",
	"👍🏽", "👍", "user@x.com", "c++", "C#", "snake_case", "camelCase", "pkg.Func", "v1.2.3", "--no-verify", "#tag", "@name", "http://x.org/a?b=c",
	"_", ".", ";", "(", ")", "*", "'", "^", ":", "\ue000", "\u0301", "ß", "ﬁ", "AND", "OR", "NOT", "NEAR", "0x80070005",
}

var operators = []string{"", "", "", "", "-", `"`, "*", " OR ", "+"}

func drawText(random *rand.Rand, with []string) string {
	var b strings.Builder
	for range random.IntN(6) {
		b.WriteString(with[random.IntN(len(with))] + pieces[random.IntN(len(pieces))] + with[random.IntN(len(with))])
		if random.IntN(4) > 0 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// Memory and SQLite find the same of random texts, whatever is asked.
func TestSearchAgrees(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 7))
	r := newRivals(t)
	found := 0
	for range 4 {
		room := r.room(t)
		var texts []string
		for range 30 {
			texts = append(texts, drawText(random, []string{""}))
		}
		r.say(t, room, texts)
		for range 60 {
			found += r.agree(t, room, drawText(random, operators))
		}
	}
	assert.Greater(t, found, 500, "or the test says nothing")
}

// FuzzSearch is the same for any texts, which stand on a line each.
func FuzzSearch(f *testing.F) {
	f.Add("apple plum\nplum apple\napple_plum", `"apple plum" OR -plum`)
	f.Add("我家在上海东边\n上海", "上海*")
	f.Add("c++ is not c\nuser@x.com", "c++ -is")
	f.Add("\ue000r1 \ue000a0\nr1", "\ue000r1")
	r := newRivals(f)
	f.Fuzz(func(t *testing.T, texts, query string) {
		if len(texts) > 4096 || storage.CheckText("Text", texts, 4096) != nil {
			return // no text that a store takes
		}
		room := r.room(t)
		r.say(t, room, strings.Split(texts, "\n"))
		r.agree(t, room, query)
	})
}
