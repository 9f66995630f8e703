package storagetest

// Lists of the messages with certain tags.

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var tagCases = []testCase{
	{"all of the tags", testTagList},
	{"exact text", testTagText},
	{"edits", testTagEdits},
	{"tombstones", testTagTombstones},
	{"expired and purged messages", testTagGone},
	{"deleted room", testTagDeletedRoom},
	{"limits", testTagLimits},
	{"given twice", testTagTwice},
	{"anchors", testTagAnchors},
	{"cursors", testTagCursors},
	{"rolled back and reopened", testTagKept},
}

// tagged gives a message tags.
func tagged(tags ...string) func(*storage.Message) {
	return func(m *storage.Message) { m.Tags = tags }
}

// wantTagged requires that these messages of a room have all of some tags, the
// latest first.
func (f *fixture) wantTagged(room storage.RoomID, tags []string, want ...string) {
	f.t.Helper()
	q := storage.MessageQuery{Room: room, Tags: tags}
	require.Equal(f.t, want, bodies(list(f, f.Messages, q)), "tags %q", tags)
	n, err := f.CountMessages(f.ctx, q)
	require.NoError(f.t, err)
	require.Equal(f.t, int64(len(want)), n, "CountMessages with tags %q", tags)
}

func testTagList(t *testing.T, f *fixture) {
	h := f.newThreads()
	from, to := clockStart.Add(2*time.Minute), clockStart.Add(5*time.Minute)
	for i, tags := range [][]string{{"red"}, {"Red", "red"}, {"red", "blue", "Red"}, {"blue"}, {"green"}, {"red", "green"}, {}} {
		for j, q := range []storage.MessageQuery{
			{Room: h.room.ID},
			{Room: h.side.ID, WithDeleted: true},
			{Author: h.ann.ID},
			{Room: h.room.ID, Author: h.bob.ID},
			{Author: h.bob.ID, Types: []storage.MessageType{storage.MessageCode}},
			{Room: h.room.ID, Types: []storage.MessageType{storage.MessageText}},
			{Room: h.room.ID, From: from, To: to},
			{Author: h.ann.ID, From: from},
			{Room: h.room.ID, Pinned: true},
			{Thread: h.roots[0], Author: h.ann.ID},
		} {
			q.Tags = tags
			q.Order = []storage.MessageOrder{storage.NewestFirst, storage.OldestFirst}[(i+j)%2]
			f.wantHistory(h.history, q)
		}
	}
	require.NotEmpty(t, h.selected(storage.MessageQuery{Room: h.room.ID, Tags: []string{"red", "blue"}}, f.now()))
}

// Tags are compared byte by byte.
func testTagText(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	var all []string
	for _, tag := range append([]string{of(storage.MaxTag), "tag", "Tag", "tags", "ta", "tag "}, kept...) {
		if len(tag) <= storage.MaxTag && tag != "" {
			all = append(all, tag)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	for i, tag := range all {
		f.say(room.ID, storage.UserID{}, fmt.Sprint(i), tagged(tag))
	}
	for i, tag := range all {
		f.wantTagged(room.ID, []string{tag}, fmt.Sprint(i))
	}
	f.wantTagged(room.ID, []string{all[0], all[1]})
}

func testTagEdits(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "m", tagged("a", "b"))
	f.say(room.ID, ann.ID, "other", tagged("b", "c"))
	f.wantTagged(room.ID, []string{"b"}, "other", "m")
	f.edit(m.ID, ann.ID, storage.MessagePatch{Body: new("edited")})
	f.wantTagged(room.ID, []string{"b", "a"}, "edited")
	f.edit(m.ID, ann.ID, storage.MessagePatch{Tags: &[]string{"c", "a"}})
	f.wantTagged(room.ID, []string{"b"}, "other")
	f.wantTagged(room.ID, []string{"c"}, "other", "edited")
	f.wantTagged(room.ID, []string{"a", "c"}, "edited")
	f.edit(m.ID, ann.ID, storage.MessagePatch{Tags: &[]string{}})
	f.wantTagged(room.ID, []string{"a"})
	f.edit(m.ID, ann.ID, storage.MessagePatch{Tags: &[]string{"a"}})
	f.wantTagged(room.ID, []string{"a"}, "edited")
	f.pin(m.ID, ann.ID)
	f.wantTagged(room.ID, []string{"a"}, "edited")
}

func testTagTombstones(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	m := f.say(room.ID, storage.UserID{}, "m", tagged("a"))
	f.say(room.ID, storage.UserID{}, "other", tagged("a"))
	require.Empty(t, f.remove(m.ID, storage.UserID{}).Tags)
	f.wantTagged(room.ID, []string{"a"}, "other")
	page, err := f.Messages(f.ctx, storage.MessageQuery{Room: room.ID, Tags: []string{"a"}, WithDeleted: true})
	require.NoError(t, err)
	require.Equal(t, []string{"other"}, bodies(page.Items), "a tombstone has no tags")
}

func testTagGone(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	f.say(room.ID, storage.UserID{}, "expires", tagged("a"), func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Minute) })
	purged := f.say(room.ID, storage.UserID{}, "purged", tagged("a"))
	f.say(room.ID, storage.UserID{}, "stays", tagged("a"))
	f.wantTagged(room.ID, []string{"a"}, "stays", "purged", "expires")
	f.forget(purged.ID)
	f.wantTagged(room.ID, []string{"a"}, "stays", "expires")
	f.clock.advance(time.Minute)
	f.wantTagged(room.ID, []string{"a"}, "stays")
}

func testTagDeletedRoom(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, other := f.room("hall", ann.ID), f.room("attic", ann.ID)
	f.say(room.ID, ann.ID, "gone", tagged("a"))
	stays := f.say(other.ID, ann.ID, "stays", tagged("a"))
	require.NoError(t, f.DeleteRoom(f.ctx, room.ID))
	f.wantTagged(room.ID, []string{"a"})
	wantList(t, []storage.Message{stays}, f.messagePages(storage.MessageQuery{Author: ann.ID, Tags: []string{"a"}}))
}

func testTagLimits(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	most := make([]string, storage.MaxTags)
	for i := range most {
		most[i] = fmt.Sprint(i)
	}
	f.say(room.ID, storage.UserID{}, "most", tagged(most...))
	f.wantTagged(room.ID, most, "most")
	f.wantTagged(room.ID, append(most[1:len(most):len(most)], "other"))
	for _, tags := range [][]string{
		append(most, "one more"), {""}, {"a", ""}, {strings.Repeat("x", storage.MaxTag+1)}, {"\x00"}, {"a", "\xff"},
	} {
		q := storage.MessageQuery{Room: room.ID, Tags: tags}
		wantErr(t, errOf(f.Messages(f.ctx, q)), storage.ErrInvalid, "Tags")
		wantErr(t, errOf(f.CountMessages(f.ctx, q)), storage.ErrInvalid, "Tags")
		f.refuseMessage(t, storage.Message{RoomID: room.ID, Tags: tags}, storage.ErrInvalid, "Tags")
	}
	wantErr(t, errOf(f.Messages(f.ctx, storage.MessageQuery{Tags: []string{"a"}})), storage.ErrInvalid, "Room")
}

func testTagTwice(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	m := f.say(room.ID, storage.UserID{}, "m", tagged("b", "a", "b", "a"))
	require.Equal(t, []string{"b", "a"}, m.Tags)
	f.say(room.ID, storage.UserID{}, "other", tagged("b"))
	f.wantTagged(room.ID, []string{"a", "a"}, "m")
	f.wantTagged(room.ID, []string{"b", "b"}, "other", "m")
	f.wantTagged(room.ID, []string{"a", "b", "a"}, "m")
	given := []string{"b", "b"}
	_, err := f.Messages(f.ctx, storage.MessageQuery{Room: room.ID, Tags: given})
	require.NoError(t, err)
	require.Equal(t, []string{"b", "b"}, given, "what the caller gave stays")
}

func testTagAnchors(t *testing.T, f *fixture) {
	h := f.newThreads()
	q := storage.MessageQuery{Room: h.room.ID, Tags: []string{"red"}}
	for i, m := range h.places() {
		if i%3 != 1 {
			continue
		}
		bounds, around := q, q
		bounds.Before = anchors(m)[i%2]
		f.wantBounded(h.history, bounds, 0, m.Seq)
		around.Around, around.Limit, around.Order = anchors(m)[1-i%2], 4, storage.OldestFirst
		f.wantAround(h.history, around, m.Seq)
	}
}

func testTagCursors(t *testing.T, f *fixture) {
	h := f.newThreads()
	q := storage.MessageQuery{Room: h.room.ID, Tags: []string{"red"}}
	read := f.messagePages(q)
	wantTampered(t, read, next(t, read))
	wantOtherLimit(t, h.selected(q, f.now()), read)
	wantForeign(t, read,
		next(t, f.messagePages(storage.MessageQuery{Room: h.room.ID})),
		next(t, f.messagePages(storage.MessageQuery{Room: h.room.ID, Tags: []string{"Red"}})),
		next(t, f.messagePages(storage.MessageQuery{Author: h.ann.ID, Tags: []string{"red"}})),
	)
}

func testTagKept(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	m := f.say(room.ID, storage.UserID{}, "m", tagged("a"))
	f.rollBack(func(tx storage.Tx) error {
		_, err := tx.EditMessage(f.ctx, m.ID, storage.UserID{}, storage.MessagePatch{Tags: &[]string{"b"}})
		return err
	})
	f.wantTagged(room.ID, []string{"a"}, "m")
	f.wantTagged(room.ID, []string{"b"})
	if f.backend.lacks(FeatureReopen) {
		return
	}
	f.reopen()
	f.wantTagged(room.ID, []string{"a"}, "m")
}
