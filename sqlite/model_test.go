package sqlite

import (
	"cmp"
	"fmt"
	"maps"
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

// model is what the rows of a store should say, kept the simplest way.
type model struct {
	users    map[storage.UserID]bool
	rooms    map[storage.RoomID]storage.Room // counters and Active only
	messages map[storage.MessageID]modelMessage
	reacted  map[storage.MessageID][]storage.Reaction // slices are replaced, never changed
	stored   int                                      // messages that were ever stored
	changes  []storage.Change                         // all that ever were
	pruned   int                                      // of these, how many are gone
}

type modelMessage struct {
	storage.Message
	place int // in the order of storing
}

func newModel() *model {
	return &model{
		users:    make(map[storage.UserID]bool),
		rooms:    make(map[storage.RoomID]storage.Room),
		messages: make(map[storage.MessageID]modelMessage),
		reacted:  make(map[storage.MessageID][]storage.Reaction),
	}
}

func (m *model) clone() *model {
	return &model{
		maps.Clone(m.users), maps.Clone(m.rooms), maps.Clone(m.messages), maps.Clone(m.reacted), m.stored, m.changes, m.pruned,
	}
}

// in returns the messages that keep says yes to, in the order of storing.
func (m *model) in(keep func(storage.Message) bool) []storage.Message {
	var found []modelMessage
	for _, message := range m.messages {
		if keep(message.Message) {
			found = append(found, message)
		}
	}
	slices.SortFunc(found, func(a, b modelMessage) int { return cmp.Compare(a.place, b.place) })
	var out []storage.Message
	for _, message := range found {
		out = append(out, message.Message)
	}
	return out
}

// tester does the same to rows and to a model of them.
type tester struct {
	t    *testing.T
	rand *rand.Rand
	r    *rows
	m    *model
	now  time.Time

	batches int // with how many rows batches of a new search index are made in between
}

// vocabulary is what messages are made of.
var vocabulary = []string{"apple", "plum", "cherry", "don't", "3,14", "上海", "élan"}

func (d *tester) id() (id [16]byte) {
	for i := range id {
		id[i] = byte(d.rand.UintN(256))
	}
	return id
}

// pick returns one of the keys of a map, in an order that a seed repeats.
func pick[T any, V any](d *tester, from map[storage.ID[T]]V) (storage.ID[T], bool) {
	if len(from) == 0 {
		return storage.ID[T]{}, false
	}
	ids := slices.SortedFunc(maps.Keys(from), storage.ID[T].Compare)
	return ids[d.rand.IntN(len(ids))], true
}

func (d *tester) text() string {
	var words []string
	for range d.rand.IntN(4) {
		words = append(words, vocabulary[d.rand.IntN(len(vocabulary))])
	}
	return strings.Join(words, " ")
}

func (d *tester) createUser() {
	id := storage.UserID(d.id())
	name := fmt.Sprintf("user%x", id[:6])
	u := storage.User{ID: id, Username: name, Role: storage.RoleUser, Active: true, CreatedAt: d.now, UpdatedAt: d.now, Version: 1}
	require.NoError(d.t, d.r.InsertUser(d.t.Context(), &backend.UserRow{User: u, FoldedName: name, Words: []string{name}}))
	d.m.users[id] = true
}

func (d *tester) deleteUser() {
	id, ok := pick(d, d.m.users)
	if !ok {
		return
	}
	require.NoError(d.t, d.r.DeleteUser(d.t.Context(), id))
	exists, err := d.r.UserExists(d.t.Context(), id)
	require.NoError(d.t, err)
	assert.False(d.t, exists, "UserExists after DeleteUser")
	delete(d.m.users, id)
	for key, message := range d.m.messages {
		if message.AuthorID == id {
			message.AuthorID = storage.UserID{}
		}
		if message.DeletedBy == id {
			message.DeletedBy = storage.UserID{}
		}
		d.m.messages[key] = message
	}
	d.forgetReactions(id)
}

func (d *tester) createRoom() {
	room := storage.Room{
		ID: d.id(), Type: storage.RoomGroup, Privacy: storage.PrivacyPublic, Active: true,
		CreatedAt: d.now, UpdatedAt: d.now, Version: 1,
	}
	require.NoError(d.t, d.r.InsertRoom(d.t.Context(), &backend.RoomRow{Room: room}))
	d.m.rooms[room.ID] = room
}

func (d *tester) deleteRoom() {
	id, ok := pick(d, d.m.rooms)
	if !ok {
		return
	}
	require.NoError(d.t, d.r.DeleteRoom(d.t.Context(), id))
	_, err := d.r.RoomState(d.t.Context(), id)
	require.ErrorIs(d.t, err, storage.ErrNotFound, "RoomState after DeleteRoom")
	delete(d.m.rooms, id)
	maps.DeleteFunc(d.m.messages, func(_ storage.MessageID, m modelMessage) bool { return m.RoomID == id })
}

func (d *tester) sweep() {
	_, err := d.r.SweepRooms(d.t.Context(), 3)
	require.NoError(d.t, err)
}

func (d *tester) toggleRoom() {
	id, ok := pick(d, d.m.rooms)
	if !ok {
		return
	}
	room := d.m.rooms[id]
	room.Active = !room.Active
	require.NoError(d.t, d.r.UpdateRoom(d.t.Context(), &backend.RoomRow{Room: room}))
	d.m.rooms[id] = room
}

func (d *tester) send() {
	room, ok := pick(d, d.m.rooms)
	if !ok {
		return
	}
	author, _ := pick(d, d.m.users)
	message := storage.Message{
		ID: d.id(), RoomID: room, AuthorID: author, Type: storage.MessageType(1 + d.rand.IntN(9)), Body: d.text(),
		CreatedAt: d.now.Add(time.Duration(d.rand.IntN(1000)) * time.Second), Version: 1,
	}
	if mentioned, ok := pick(d, d.m.users); ok {
		message.Mentions = []storage.UserID{mentioned, d.id()}
	}
	d.hang(&message)
	row := &backend.MessageRow{Message: message, Text: backend.SearchText(&message)}
	if taken, ok := pick(d, d.m.messages); ok && d.rand.IntN(4) == 0 {
		row.ID = taken
		require.Equal(d.t, storage.ErrDuplicate, d.r.InsertMessage(d.t.Context(), row), "InsertMessage of a taken ID")
		return
	}
	require.NoError(d.t, d.r.InsertMessage(d.t.Context(), row))
	d.m.send(d.t, row.Message)
}

func (m *model) send(t *testing.T, message storage.Message) {
	room := m.rooms[message.RoomID]
	room.LastSeq++
	room.MessageCount++
	if message.CreatedAt.After(room.LastMessageAt) {
		room.LastMessageAt = message.CreatedAt
	}
	m.rooms[room.ID] = room
	assert.Equal(t, room.LastSeq, message.Seq, "Seq")
	m.stored++
	m.messages[message.ID] = modelMessage{message, m.stored}
}

func (d *tester) edit() {
	d.update(func(m *storage.Message) {
		said := storage.Revision{MessageID: m.ID, Version: m.Version, Body: m.Body, Mentions: m.Mentions, Tags: m.Tags, ReplacedAt: d.now}
		require.NoError(d.t, d.r.InsertRevision(d.t.Context(), &said))
		m.Body, m.EditedAt, m.Tags = d.text(), d.now, d.tags()
		m.Version++
	})
}

func (d *tester) tombstone() {
	by, _ := pick(d, d.m.users)
	d.update(func(m *storage.Message) { m.Tombstone(by, d.now) })
}

func (d *tester) update(change func(*storage.Message)) {
	id, ok := pick(d, d.m.messages)
	if !ok || d.m.messages[id].Deleted() {
		return
	}
	was := d.m.messages[id]
	next := was
	next.Message = was.Clone()
	change(&next.Message)
	row := &backend.MessageRow{Message: next.Message, Text: backend.SearchText(&next.Message)}
	require.NoError(d.t, d.r.UpdateMessage(d.t.Context(), &was.Message, row))
	d.m.messages[id] = next
	if next.Deleted() {
		delete(d.m.reacted, id)
		room := d.m.rooms[next.RoomID]
		room.MessageCount--
		d.m.rooms[room.ID] = room
	}
}

// checkRooms compares rooms and their histories.
func (d *tester) checkRooms() {
	for id, want := range d.m.rooms {
		got, err := d.r.Room(d.t.Context(), id)
		require.NoError(d.t, err)
		want.UpdatedAt = got.UpdatedAt
		assert.Equal(d.t, want, got, "Room")
		state, err := d.r.RoomState(d.t.Context(), id)
		require.NoError(d.t, err)
		assert.Equal(d.t, backend.RoomState{
			Type: want.Type, Active: want.Active, ExpiresAt: want.ExpiresAt, RateLimit: want.Settings.RateLimit, LastSeq: want.LastSeq,
		}, state, "RoomState")
		scan := backend.MessageScan{
			MessageQuery: storage.MessageQuery{Room: id, WithDeleted: true}, Now: d.now,
			Scan: backend.Scan{Limit: 10_000},
		}
		messages, err := d.r.Messages(d.t.Context(), scan)
		require.NoError(d.t, err)
		here := func(m storage.Message) bool { return m.RoomID == id && !m.Expired(d.now) }
		assert.Equal(d.t, d.expected(here), d.filled(messages), "Messages")
		scan.WithDeleted = false
		count, err := d.r.CountMessages(d.t.Context(), scan)
		require.NoError(d.t, err)
		standing := d.m.in(func(m storage.Message) bool { return here(m) && !m.Deleted() })
		assert.EqualValues(d.t, len(standing), count, "CountMessages")
	}
}

// checkSearch compares what a word finds, everywhere, in one room, in two, and
// by an author.
func (d *tester) checkSearch() {
	word := vocabulary[d.rand.IntN(len(vocabulary))]
	query, err := search.Parse(word)
	require.NoError(d.t, err)
	one, _ := pick(d, d.m.rooms)
	two, _ := pick(d, d.m.rooms)
	author, _ := pick(d, d.m.users)
	for _, rooms := range [][]storage.RoomID{nil, {one}, {one, two}} {
		for _, by := range []storage.UserID{{}, author} {
			s := backend.SearchScan{Query: query, Rooms: rooms, Author: by, Limit: 10_000, Now: d.now}
			if s.HasAttachment = d.rand.IntN(4) == 0; d.rand.IntN(4) == 0 {
				s.Tags = d.tags()
			}
			d.compareSearch(s)
		}
	}
}

func (d *tester) compareSearch(s backend.SearchScan) {
	if len(d.m.rooms) == 0 {
		return
	}
	want := d.expected(func(m storage.Message) bool {
		return m.Searchable() && !m.Expired(d.now) && s.Query.Match(backend.AppendTokens(nil, backend.SearchText(&m))) && s.Selects(&m, len(m.Attachments) > 0) &&
			(s.Rooms == nil || slices.Contains(s.Rooms, m.RoomID)) && (s.Author.IsZero() || s.Author == m.AuthorID)
	})
	for _, s.Desc = range []bool{false, true} {
		hits, _, err := d.r.SearchMessages(d.t.Context(), s)
		require.NoError(d.t, err)
		var got []storage.Message
		for _, hit := range hits {
			got = append(got, hit.Message)
		}
		assert.Equal(d.t, want, d.filled(got), "SearchMessages(%+v)", s)
		slices.Reverse(want)
	}
}
