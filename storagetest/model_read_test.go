package storagetest_test

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/lairchat/lair/storage"
)

// filled returns a message with what others have added to it.
func (m *model) filled(i int, viewer storage.UserID) storage.Message {
	out := m.messages[i].Clone()
	for _, k := range m.messages[i].files {
		out.Attachments = append(out.Attachments, m.files[k].Clone())
	}
	out.Reactions = countReactions(m.messages[i].reactions, viewer)
	if out.RootID.IsZero() {
		out.Thread = m.thread(out.ID)
	}
	return out
}

func (m *model) allFilled(all []int, viewer storage.UserID) []storage.Message {
	var out []storage.Message
	for _, i := range all {
		out = append(out, m.filled(i, viewer))
	}
	return out
}

// countReactions sums up reactions, which stand in the order in which they were
// added.
func countReactions(all []storage.Reaction, viewer storage.UserID) []storage.ReactionCount {
	first := make(map[string]time.Time)
	var out []storage.ReactionCount
	for _, r := range all {
		i := slices.IndexFunc(out, func(c storage.ReactionCount) bool { return c.Emoji == r.Emoji })
		if i < 0 {
			i = len(out)
			out = append(out, storage.ReactionCount{Emoji: r.Emoji})
			first[r.Emoji] = r.CreatedAt
		}
		out[i].Count++
		out[i].Mine = out[i].Mine || r.UserID == viewer
	}
	slices.SortFunc(out, func(a, b storage.ReactionCount) int {
		return cmp.Or(first[a.Emoji].Compare(first[b.Emoji]), strings.Compare(a.Emoji, b.Emoji))
	})
	return out
}

// thread sums up the replies to a root.
func (m *model) thread(root storage.MessageID) (t storage.Thread) {
	authors := make(map[storage.UserID]bool)
	for i, reply := range m.messages {
		if reply.RootID != root || !m.held(i) || reply.Deleted() || reply.Expired(m.now()) {
			continue
		}
		t.Replies++
		t.LastReplyID, t.LastReplyAt, t.LastAuthorID = reply.ID, reply.CreatedAt, reply.AuthorID
		if !reply.AuthorID.IsZero() {
			authors[reply.AuthorID] = true
		}
	}
	t.Participants = int64(len(authors))
	return t
}

func (m *model) Message(_ context.Context, id storage.MessageID) (storage.Message, error) {
	i, err := m.live(id)
	if err != nil {
		return storage.Message{}, err
	}
	return m.filled(i, storage.UserID{}), nil
}

func (m *model) MessagesByID(_ context.Context, ids ...storage.MessageID) ([]storage.Message, error) {
	var all []int
	for _, id := range ids {
		if i, err := m.live(id); err == nil && !slices.Contains(all, i) {
			all = append(all, i)
		}
	}
	return m.allFilled(all, storage.UserID{}), nil
}

// selected returns the messages that a query selects beyond one Seq and before
// another, 0 for no bound, in its order.
func (m *model) selected(q storage.MessageQuery, low, high int64) []int {
	var all []int
	for i := range m.messages {
		seq := m.messages[i].Seq
		if m.selects(q, i) && seq > low && (high == 0 || seq < high) {
			all = append(all, i)
		}
	}
	slices.SortFunc(all, func(a, b int) int {
		order := m.messages[a].CreatedAt.Compare(m.messages[b].CreatedAt)
		order = cmp.Or(order, m.messages[a].ID.Compare(m.messages[b].ID))
		if q.InOneRoom() {
			order = cmp.Compare(m.messages[a].Seq, m.messages[b].Seq)
		}
		return order
	})
	if q.Order != storage.OldestFirst {
		slices.Reverse(all)
	}
	return all
}

// selects reports whether a query selects a message.
func (m *model) selects(q storage.MessageQuery, i int) bool {
	message := m.messages[i].Message
	is := func(user storage.UserID) bool { return m.users[user] }
	switch {
	case !m.held(i) || message.Expired(m.now()) || message.Deleted() && !q.WithDeleted,
		!q.Room.IsZero() && message.RoomID != q.Room,
		!q.Author.IsZero() && !(is(q.Author) && message.AuthorID == q.Author),
		!q.Mentioned.IsZero() && !(is(q.Mentioned) && slices.Contains(message.Mentions, q.Mentioned)),
		!q.Thread.IsZero() && message.RootID != q.Thread && !(message.ID == q.Thread && message.RootID.IsZero()),
		len(q.Types) > 0 && !slices.Contains(q.Types, message.Type),
		!q.From.IsZero() && message.CreatedAt.Before(q.From),
		!q.To.IsZero() && !message.CreatedAt.Before(q.To),
		q.Pinned && message.PinnedAt.IsZero():
		return false
	}
	for _, tag := range q.Tags {
		if !slices.Contains(message.Tags, tag) {
			return false
		}
	}
	return true
}

// anchorRoom returns the room in which a query's anchors are.
func (m *model) anchorRoom(q storage.MessageQuery) int {
	if !q.Room.IsZero() {
		return m.roomAt(q.Room)
	}
	room, _, _ := m.place(q.Thread)
	return room
}

// bounds returns where a query's anchors are.
func (m *model) bounds(q storage.MessageQuery) (low, high int64, err error) {
	if !q.After.IsZero() {
		if low, err = m.anchor(m.anchorRoom(q), q.After); err != nil {
			return 0, 0, err
		}
	}
	if !q.Before.IsZero() {
		high, err = m.anchor(m.anchorRoom(q), q.Before)
	}
	return low, high, err
}

func (m *model) Messages(_ context.Context, q storage.MessageQuery) (storage.Page[storage.Message], error) {
	if err := q.Validate(); err != nil {
		return storage.Page[storage.Message]{}, err
	}
	at := keysetOf(q.Cursor)
	low, high, err := m.bounds(q)
	if err != nil {
		return storage.Page[storage.Message]{}, err
	}
	low, high = cmp.Or(low, at.Low), cmp.Or(high, at.High)
	key := func(i int) storage.Keyset {
		message := m.messages[i]
		if q.InOneRoom() {
			return storage.Keyset{Int: message.Seq, Low: low, High: high}
		}
		return storage.Keyset{Int: message.CreatedAt.UnixMicro(), ID: message.ID}
	}
	all := m.selected(q, low, high)
	if !q.Around.IsZero() {
		seq, err := m.anchor(m.anchorRoom(q), q.Around)
		return m.around(q, all, seq, key), err
	}
	p, err := modelPage(all, key, q.Order != storage.OldestFirst, q.Limit, q.Cursor)
	return convert(p, func(i int) storage.Message { return m.filled(i, q.Viewer) }), err
}

// around returns the page around a Seq of all that a query selects.
func (m *model) around(q storage.MessageQuery, all []int, seq int64, key func(int) storage.Keyset) storage.Page[storage.Message] {
	limit, _ := storage.Limit(q.Limit)
	var older, newer, page []int
	for _, i := range all {
		switch at := m.messages[i].Seq; {
		case at < seq:
			older = append(older, i)
		case at > seq:
			newer = append(newer, i)
		default:
			page = append(page, i)
		}
	}
	bySeq := func(a, b int) int { return cmp.Compare(m.messages[a].Seq, m.messages[b].Seq) }
	slices.SortFunc(older, bySeq)
	slices.SortFunc(newer, bySeq)
	before, after := limit/2, limit-1-limit/2
	moreOlder, moreNewer := len(older) > before, len(newer) > after
	page = slices.Concat(older[max(0, len(older)-before):], page, newer[:min(after, len(newer))])
	if q.Order != storage.OldestFirst {
		slices.Reverse(page)
		moreOlder, moreNewer = moreNewer, moreOlder
	}
	out := storage.Page[storage.Message]{Items: m.allFilled(page, q.Viewer)}
	first, last := storage.Keyset{Int: seq}, storage.Keyset{Int: seq}
	if len(page) > 0 {
		first, last = key(page[0]), key(page[len(page)-1])
	}
	if first.Back = true; moreOlder {
		out.Prev = cursorOf(first)
	}
	if moreNewer {
		out.Next = cursorOf(last)
	}
	return out
}

func (m *model) CountMessages(_ context.Context, q storage.MessageQuery) (int64, error) {
	if !q.Around.IsZero() {
		return 0, storage.Invalid("Around", "")
	}
	if err := q.Validate(); err != nil {
		return 0, err
	}
	low, high, err := m.bounds(q)
	if err != nil {
		return 0, err
	}
	return int64(len(m.selected(q, low, high))), nil
}

// cursorOf writes a place down in a form of the model's own.
func cursorOf(k storage.Keyset) storage.Cursor {
	text, err := json.Marshal(k)
	if err != nil {
		panic(err)
	}
	return storage.Cursor(text)
}

func keysetOf(c storage.Cursor) (k storage.Keyset) {
	if c == "" {
		return k
	}
	if err := json.Unmarshal([]byte(c), &k); err != nil {
		panic(err)
	}
	return k
}

// modelPage cuts a page out of the whole list, which falls in key, or rises.
func modelPage[T any](all []T, key func(T) storage.Keyset, falls bool, limit int, c storage.Cursor) (out storage.Page[T], err error) {
	if limit, err = storage.Limit(limit); err != nil {
		return out, err
	}
	at := keysetOf(c)
	from, to := 0, min(limit, len(all))
	if c != "" {
		beyond := func(v T) bool { // in the list's order
			order := compareKeys(key(v), at)
			if falls {
				order = -order
			}
			return order > 0 || at.Back && order == 0
		}
		from = slices.IndexFunc(all, beyond)
		if from < 0 {
			from = len(all)
		}
		to = min(from+limit, len(all))
		if at.Back {
			from, to = max(0, from-limit), from
		}
	}
	out.Items = slices.Clone(all[from:to])
	if len(out.Items) == 0 {
		return storage.Page[T]{}, nil
	}
	first, last := key(all[from]), key(all[to-1])
	if first.Back = true; from > 0 {
		out.Prev = cursorOf(first)
	}
	if to < len(all) {
		out.Next = cursorOf(last)
	}
	return out, nil
}

func compareKeys(a, b storage.Keyset) int {
	return cmp.Or(cmp.Compare(a.Int, b.Int), slices.Compare(a.ID[:], b.ID[:]), strings.Compare(a.Text, b.Text))
}

// convert returns a page of what fn makes of each item.
func convert[T, U any](p storage.Page[T], fn func(T) U) storage.Page[U] {
	out := storage.Page[U]{Prev: p.Prev, Next: p.Next}
	for _, v := range p.Items {
		out.Items = append(out.Items, fn(v))
	}
	return out
}
