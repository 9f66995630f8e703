package sqlite

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// What hangs on messages, in the model and in rows.

var allTags = []string{"a", "plum", "c"}

// tags returns some tags, mostly none.
func (d *tester) tags() (tags []string) {
	for _, tag := range allTags {
		if d.rand.IntN(4) == 0 {
			tags = append(tags, tag)
		}
	}
	return tags
}

// hang makes a message that is about to be sent a reply perhaps, gives it tags
// and attachments, and an end.
func (d *tester) hang(m *storage.Message) {
	parent, ok := pick(d, d.m.messages)
	if ok && d.m.messages[parent].RoomID == m.RoomID && d.rand.IntN(2) == 0 {
		m.ParentID, m.RootID = parent, d.m.messages[parent].RootID
		if m.RootID.IsZero() {
			m.RootID = parent
		}
	}
	m.Tags = d.tags()
	if n := d.rand.IntN(10); n < 2 {
		m.ExpiresAt = d.now.Add([]time.Duration{0, time.Hour}[n])
	}
	for range max(d.rand.IntN(8)-5, 0) {
		a := storage.Attachment{ID: d.id(), RoomID: m.RoomID, Name: vocabulary[d.rand.IntN(len(vocabulary))], Blob: "b", CreatedAt: d.now}
		require.NoError(d.t, d.r.InsertAttachment(d.t.Context(), &a))
		a.MessageID = m.ID
		m.Attachments = append(m.Attachments, a)
	}
}

// react puts one user's emoji on a message, or takes it away.
func (d *tester) react() {
	message, ok := pick(d, d.m.messages)
	user, is := pick(d, d.m.users)
	if !ok || !is || d.m.messages[message].Deleted() {
		return
	}
	emoji := []string{"x", "y,", "é z"}[d.rand.IntN(3)]
	reacted := slices.Clone(d.m.reacted[message])
	i := slices.IndexFunc(reacted, func(v storage.Reaction) bool { return v.UserID == user && v.Emoji == emoji })
	has, err := d.r.HasReaction(d.t.Context(), message, user, emoji)
	require.NoError(d.t, err)
	require.Equal(d.t, i >= 0, has, "HasReaction")
	if has {
		require.NoError(d.t, d.r.DeleteReaction(d.t.Context(), message, user, emoji))
		d.m.reacted[message] = slices.Delete(reacted, i, i+1)
		return
	}
	v := storage.Reaction{MessageID: message, UserID: user, Emoji: emoji}
	v.CreatedAt = d.now.Add(time.Duration(d.rand.IntN(9)) * time.Second)
	require.NoError(d.t, d.r.InsertReaction(d.t.Context(), &v))
	d.m.reacted[message] = append(reacted, v)
}

// forgetReactions takes the reactions of a user out of the model.
func (d *tester) forgetReactions(user storage.UserID) {
	for id, reacted := range d.m.reacted {
		d.m.reacted[id] = slices.DeleteFunc(slices.Clone(reacted), func(v storage.Reaction) bool { return v.UserID == user })
	}
}

// filled is FillIn.
func (d *tester) filled(ms []storage.Message) []storage.Message {
	require.NoError(d.t, d.r.FillIn(d.t.Context(), ms, storage.UserID{}, d.now))
	return ms
}

// expected returns messages of the model as FillIn should.
func (d *tester) expected(keep func(storage.Message) bool) []storage.Message {
	ms := d.m.in(keep)
	for i := range ms {
		ms[i].Reactions, ms[i].Thread = d.m.counts(ms[i].ID), d.m.thread(ms[i].ID, d.now)
	}
	return ms
}

func (m *model) counts(id storage.MessageID) (counts []storage.ReactionCount) {
	reacted := slices.Clone(m.reacted[id])
	slices.SortFunc(reacted, func(a, b storage.Reaction) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.Emoji, b.Emoji))
	})
	for _, v := range reacted {
		i := slices.IndexFunc(counts, func(c storage.ReactionCount) bool { return c.Emoji == v.Emoji })
		if i < 0 {
			i, counts = len(counts), append(counts, storage.ReactionCount{Emoji: v.Emoji})
		}
		counts[i].Count++
	}
	return counts
}

func (m *model) thread(root storage.MessageID, now time.Time) (t storage.Thread) {
	authors := make(map[storage.UserID]bool)
	for _, reply := range m.in(func(m storage.Message) bool { return m.RootID == root && !m.Deleted() && !m.Expired(now) }) {
		t.Replies++
		t.LastReplyID, t.LastReplyAt, t.LastAuthorID = reply.ID, reply.CreatedAt, reply.AuthorID
		if !reply.AuthorID.IsZero() {
			authors[reply.AuthorID] = true
		}
	}
	t.Participants = int64(len(authors))
	return t
}

// checkLists compares lists by thread, tags, mention and author, alone and
// combined, in a room and across rooms.
func (d *tester) checkLists() {
	root, _ := pick(d, d.m.messages)
	user, _ := pick(d, d.m.users)
	room := d.m.messages[root].RoomID
	maybe := func() bool { return d.rand.IntN(2) == 0 }
	var q storage.MessageQuery
	if q.Mentioned = user; maybe() {
		q.Room = room
	}
	if maybe() {
		q.Room, q.Thread = room, root
	}
	if maybe() {
		q.Mentioned, q.Author = q.Author, q.Mentioned
	}
	if maybe() {
		q.Tags = d.tags()
	}
	if q.WithDeleted = maybe(); q.Room.IsZero() && user.IsZero() {
		return
	}
	d.compareList(backend.MessageScan{MessageQuery: q, Now: d.now, Scan: backend.Scan{Limit: 1 + d.rand.IntN(9), Desc: maybe()}})
	if !q.Room.IsZero() {
		low := d.rand.Int64N(9)
		d.compareList(backend.MessageScan{
			MessageQuery: storage.MessageQuery{Room: room, Thread: root}, Low: low, High: low + d.rand.Int64N(20), Now: d.now,
			Scan: backend.Scan{Limit: 1 + d.rand.IntN(9), Desc: maybe()},
		})
	}
}

func (d *tester) compareList(s backend.MessageScan) {
	inRoom := !s.Room.IsZero()
	want := d.expected(func(m storage.Message) bool {
		return (!inRoom || m.RoomID == s.Room) && !m.Expired(d.now) &&
			(s.Thread.IsZero() || m.RootID == s.Thread || m.RootID.IsZero() && m.ID == s.Thread) &&
			(s.Author.IsZero() || m.AuthorID == s.Author) &&
			(s.Mentioned.IsZero() || slices.Contains(m.Mentions, s.Mentioned)) &&
			!slices.ContainsFunc(s.Tags, func(tag string) bool { return !slices.Contains(m.Tags, tag) }) &&
			(s.WithDeleted || !m.Deleted()) && m.Seq > s.Low && (s.High == 0 || m.Seq < s.High)
	})
	count, err := d.r.CountMessages(d.t.Context(), s)
	require.NoError(d.t, err)
	assert.EqualValues(d.t, len(want), count, "CountMessages(%+v)", s)
	slices.SortFunc(want, func(a, b storage.Message) int {
		if inRoom {
			return cmp.Compare(a.Seq, b.Seq)
		}
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), a.ID.Compare(b.ID))
	})
	if s.Desc {
		slices.Reverse(want)
	}
	if want = want[:min(len(want), s.Scan.Limit)]; len(want) == 0 {
		want = nil
	}
	got, err := d.r.Messages(d.t.Context(), s)
	require.NoError(d.t, err)
	assert.Equal(d.t, want, d.filled(got), "Messages(%+v)", s)
}
