package memory

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/search"
)

// library is a store with enough messages for the index to take part, and
// changed enough for its entries to come and go.
type library struct {
	*world
	rooms []storage.RoomID
	users []storage.UserID
	now   time.Time
}

func newLibrary(t *testing.T, rnd *rand.Rand) *library {
	l := &library{world: newWorld(t), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	l.users = append(l.users, l.user)
	l.rooms = append(l.rooms, l.room)
	l.write(l.addRoomsAndUsers)
	for range 10 {
		l.write(func(r backend.Rows) error { return l.talk(r, rnd, 60) })
		l.write(func(r backend.Rows) error { return l.change(r, rnd, 15) })
	}
	l.write(func(r backend.Rows) error { return r.DeleteRoom(t.Context(), l.rooms[3]) })
	l.write(func(r backend.Rows) error { return r.DeleteUser(t.Context(), l.users[3]) })
	return l
}

func (l *library) addRoomsAndUsers(r backend.Rows) error {
	for i := range 3 {
		user := &backend.UserRow{User: storage.User{ID: storage.NewID[storage.User]()}, FoldedName: fmt.Sprint("u", i)}
		room := &backend.RoomRow{Room: storage.Room{ID: storage.NewID[storage.Room]()}}
		l.users, l.rooms = append(l.users, user.ID), append(l.rooms, room.ID)
		if err := r.InsertUser(l.t.Context(), user); err != nil {
			return err
		}
		if err := r.InsertRoom(l.t.Context(), room); err != nil {
			return err
		}
		m := &storage.Membership{RoomID: room.ID, UserID: l.users[1]}
		if i == 1 {
			m.UserID = l.user
		}
		if err := r.InsertMembership(l.t.Context(), m); err != nil {
			return err
		}
	}
	return nil
}

func text(rnd *rand.Rand) string {
	words := []string{"the", "the", "the", "build", "build", "fails", "上海", "上天", "天上海", "rare", "!", "again"}
	text := ""
	for range rnd.IntN(5) {
		text += words[rnd.IntN(len(words))] + " "
	}
	return text
}

func (l *library) talk(r backend.Rows, rnd *rand.Rand, n int) error {
	for range n {
		body := text(rnd)
		row := &backend.MessageRow{
			Message: storage.Message{
				ID: storage.NewID[storage.Message](), RoomID: l.rooms[rnd.IntN(len(l.rooms))],
				AuthorID: l.users[rnd.IntN(len(l.users))], Body: body, CreatedAt: l.now.Add(time.Duration(rnd.IntN(3)-1) * time.Hour),
			},
			Text: search.Join(search.Analyze(body)),
		}
		if rnd.IntN(10) == 0 {
			row.ExpiresAt = l.now.Add(time.Duration(rnd.IntN(2)) * time.Second)
		}
		if err := r.InsertMessage(l.t.Context(), row); err != nil {
			return err
		}
	}
	return nil
}

// change edits some messages and deletes others.
func (l *library) change(r backend.Rows, rnd *rand.Rand, n int) error {
	all := l.stored(r)
	for range n {
		old := r.(*rows).readMessage(all[rnd.IntN(len(all))]).Clone()
		if old.Deleted() {
			continue
		}
		row := &backend.MessageRow{Message: old}
		if rnd.IntN(2) == 0 {
			row.Tombstone(l.user, l.now)
		} else {
			row.Body = text(rnd)
			row.Text = search.Join(search.Analyze(row.Body))
		}
		if err := r.UpdateMessage(l.t.Context(), &old, row); err != nil {
			return err
		}
	}
	return nil
}

// stored returns all messages in the order of storing, those of deleted rooms
// too.
func (l *library) stored(r backend.Rows) []*message {
	all := r.(*rows).messages.Values()
	slices.SortFunc(all, func(a, b *message) int { return int(a.document - b.document) })
	return all
}

// want does what SearchMessages promises by looking at everything.
func (l *library) want(r *rows, s backend.SearchScan) (positions []int64) {
	for _, m := range l.stored(r) {
		beyond := s.After == 0 || s.Desc == (int64(m.document) < s.After) && int64(m.document) != s.After
		_, member := r.membership(m.RoomID, s.Reader)
		if beyond && r.roomKey(m.RoomID) != 0 && !m.Deleted() && !m.Expired(s.Now) &&
			(len(s.Rooms) == 0 || slices.Contains(s.Rooms, m.RoomID)) && (s.Reader.IsZero() || member) &&
			(s.Author.IsZero() || s.Author == r.userID(m.author)) && s.Selects(&m.Message, false) && s.Query.Match(search.Analyze(m.Body)) {
			positions = append(positions, int64(m.document))
		}
	}
	if s.Desc {
		slices.Reverse(positions)
	}
	return positions[:min(len(positions), s.Limit)]
}

func queries(t *testing.T) []search.Query {
	var all []search.Query
	for _, text := range []string{"the", "build", "rare", "the build", "fails again rare", "上海", "上", "海", "天上海 the", "none"} {
		q, err := search.Parse(text)
		require.NoError(t, err)
		all = append(all, q)
	}
	term := func(prefix bool, tokens ...string) search.Term { return search.Term{Tokens: tokens, Prefix: prefix} }
	return append(all,
		search.Query{Clauses: []search.Clause{{Any: []search.Term{term(false, "the", "build")}}}},
		search.Query{Clauses: []search.Clause{{Any: []search.Term{term(true, "f"), term(false, "rare")}}}},
		search.Query{Clauses: []search.Clause{
			{Any: []search.Term{term(false, "build")}},
			{Any: []search.Term{term(false, "the")}, Exclude: true},
		}},
	)
}

func TestSearchFindsWhatMatches(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	l := newLibrary(t, rnd)
	r := &rows{state: l.present.Load()}
	found := 0
	for _, query := range queries(t) {
		for range 40 {
			s := backend.SearchScan{Query: query, Desc: rnd.IntN(2) == 0, Limit: 1 + rnd.IntN(100), Now: l.now}
			if rnd.IntN(2) == 0 {
				s.After = 1 + rnd.Int64N(int64(r.lastDocument))
			}
			if rnd.IntN(2) == 0 {
				s.Rooms = slices.Clone(l.rooms[:rnd.IntN(len(l.rooms)+1)])
			}
			if rnd.IntN(3) == 0 {
				s.Reader = l.users[rnd.IntN(3)]
			}
			if rnd.IntN(3) == 0 {
				s.Author = l.users[rnd.IntN(len(l.users))]
			}
			if rnd.IntN(4) == 0 {
				s.From, s.Ranked = l.now, true
			}
			hits, resume, err := r.SearchMessages(t.Context(), s)
			require.NoError(t, err)
			assert.Zero(t, resume)
			var got []int64
			for _, hit := range hits {
				got = append(got, hit.Position)
			}
			require.Equal(t, l.want(r, s), got, "%+v", s)
			found += len(got)
		}
	}
	assert.Greater(t, found, 1000, "or the test says nothing")
}

// TestSweepLeavesNothing finds index entries that outlive their message.
func TestSweepLeavesNothing(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, rand.New(rand.NewPCG(3, 4)))
	l.write(func(r backend.Rows) error {
		for _, room := range l.rooms[:3] {
			require.NoError(t, r.DeleteRoom(t.Context(), room))
		}
		total := r.(*rows).messages.Len()
		for left := total; left > 0; left -= 7 {
			assert.Equal(t, left, r.(*rows).messages.Len())
			more, err := r.SweepRooms(t.Context(), 7)
			require.NoError(t, err)
			assert.Equal(t, left > 7, more, "more, with %d left", left)
		}
		return nil
	})
	s := l.present.Load()
	for name, n := range map[string]int{
		"rooms": s.rooms.Len(), "room IDs": s.roomIDs.Len(), "room names": s.roomNames.Len(),
		"room creations": s.roomCreations.Len(), "deleted rooms": s.deletedRooms.Len(),
		"members": s.members.Len(), "members by user": s.memberOf.Len(), "joinings": s.joinings.Len(),
		"messages": s.messages.Len(), "message IDs": s.messageIDs.Len(), "authors": s.authored.Len(),
		"nonces": s.nonces.Len(), "pins": s.pins.Len(), "revisions": s.revisions.Len(),
		"reactions": s.reactions.Len(), "reactions by user": s.reactionsBy.Len(), "documents": s.documents.Len(), "postings": s.postings.Len(), "tokens": s.tokens.Len(),
	} {
		assert.Zero(t, n, name)
	}
}

func TestIDIsTakenUntilItsRoomIsSwept(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, rand.New(rand.NewPCG(5, 6)))
	l.write(func(r backend.Rows) error {
		all := l.stored(r)
		gone := all[slices.IndexFunc(all, func(m *message) bool { return m.RoomID == l.rooms[3] })]
		row := &backend.MessageRow{Message: storage.Message{ID: gone.ID, RoomID: l.room}}
		require.Equal(t, storage.ErrDuplicate, r.InsertMessage(t.Context(), row))
		_, err := r.SweepRooms(t.Context(), len(all))
		require.NoError(t, err)
		require.NoError(t, r.InsertMessage(t.Context(), row))
		m, err := r.Message(t.Context(), gone.ID)
		assert.Equal(t, l.room, m.RoomID)
		return err
	})
}

// dying is a context that is done after it was asked a few times.
type dying struct {
	context.Context
	asked int
}

func (d *dying) Err() error {
	if d.asked++; d.asked > 3 {
		return context.DeadlineExceeded
	}
	return nil
}

// A search looks at its context while it gathers documents, and while it matches
// a few that are long.
func TestSearchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	long := "long " + strings.Repeat("straw ", checkEvery*bytesPerDocument/len("straw "))
	w.write(func(r backend.Rows) error {
		for i := range 6 * checkEvery {
			body := "needle short"
			if i%checkEvery == 0 {
				body = long
			}
			if _, err := w.say(r, body); err != nil {
				return err
			}
		}
		return nil
	})
	r := &rows{state: w.present.Load()}
	for _, text := range []string{"needle -short", "needle OR short -short", "long -straw", "long OR none -straw"} {
		query, err := search.Parse(text)
		require.NoError(t, err)
		s := backend.SearchScan{Query: query, Limit: 10}
		_, _, err = r.SearchMessages(&dying{Context: t.Context()}, s)
		require.ErrorIs(t, err, context.DeadlineExceeded, text)
		hits, _, err := r.SearchMessages(t.Context(), s)
		require.NoError(t, err)
		require.Empty(t, hits, text)
	}
	query, err := search.Parse("needle OR short")
	require.NoError(t, err)
	f, _ := r.newFinder(&dying{Context: t.Context()}, &backend.SearchScan{Query: query})
	gathered := 0
	for range f.candidates() {
		gathered++
	}
	require.Less(t, gathered, 5*checkEvery, "documents gathered")
}
