package storagetest_test

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

func (m *model) Reactions(_ context.Context, q storage.ReactionQuery) (storage.Page[storage.Reaction], error) {
	i, err := m.live(q.Message)
	if err != nil {
		return storage.Page[storage.Reaction]{}, err
	}
	key := func(r storage.Reaction) storage.Keyset {
		return storage.Keyset{Int: r.CreatedAt.UnixMicro(), ID: r.UserID, Text: r.Emoji}
	}
	all := slices.DeleteFunc(slices.Clone(m.messages[i].reactions), func(r storage.Reaction) bool {
		return q.Emoji != "" && r.Emoji != q.Emoji
	})
	slices.SortFunc(all, func(a, b storage.Reaction) int { return compareKeys(key(a), key(b)) })
	return modelPage(all, key, false, q.Limit, q.Cursor)
}

func (m *model) ReactionCounts(_ context.Context, id storage.MessageID, viewer storage.UserID) ([]storage.ReactionCount, error) {
	i, err := m.live(id)
	if err != nil {
		return nil, err
	}
	return countReactions(m.messages[i].reactions, viewer), nil
}

func (m *model) MessageRevisions(_ context.Context, q storage.RevisionQuery) (storage.Page[storage.Revision], error) {
	i, err := m.live(q.Message)
	if err != nil {
		return storage.Page[storage.Revision]{}, err
	}
	all := slices.Clone(m.messages[i].revisions)
	slices.Reverse(all)
	return modelPage(all, func(r storage.Revision) storage.Keyset { return storage.Keyset{Int: r.Version} }, true, q.Limit, q.Cursor)
}

func (m *model) MessageRevision(_ context.Context, id storage.MessageID, version int64) (storage.Revision, error) {
	i, err := m.live(id)
	if err != nil {
		return storage.Revision{}, err
	}
	for _, r := range m.messages[i].revisions {
		if r.Version == version {
			return r, nil
		}
	}
	return storage.Revision{}, storage.NotFound(storage.EntityRevision, "")
}

// hides reports whether a room hides a message from a member who joined later.
func (m *model) hides(message modelMessage, member storage.UserID) bool {
	return m.rooms[message.room].Settings.HistoryHidden && message.Seq <= m.joined[modelSeat{message.room, member}]
}

// fileAt returns the index of an attachment, which may be that of a message
// that has expired, or -1.
func (m *model) fileAt(id storage.AttachmentID) int {
	return slices.IndexFunc(m.files, func(f modelFile) bool { return f.ID == id && !f.gone && !m.rooms[f.room].gone })
}

// shown reports whether readers find an attachment.
func (m *model) shown(k int) bool {
	f := m.files[k]
	if f.gone || m.rooms[f.room].gone {
		return false
	}
	if f.MessageID.IsZero() {
		return true
	}
	_, err := m.live(f.MessageID)
	return err == nil
}

func (m *model) Attachment(_ context.Context, id storage.AttachmentID) (storage.Attachment, error) {
	k := m.fileAt(id)
	if k < 0 || !m.shown(k) {
		return storage.Attachment{}, storage.NotFound(storage.EntityAttachment, id.String())
	}
	return m.files[k].Clone(), nil
}

func (m *model) Attachments(_ context.Context, q storage.AttachmentQuery) (storage.Page[storage.Attachment], error) {
	if err := q.Validate(); err != nil {
		return storage.Page[storage.Attachment]{}, err
	}
	var all []storage.Attachment
	for k, f := range m.files {
		if m.shown(k) && (q.Room.IsZero() || f.RoomID == q.Room) && (q.Message.IsZero() || f.MessageID == q.Message) &&
			(q.Uploader.IsZero() || f.UploaderID == q.Uploader) && (q.Hash == "" || f.Hash == q.Hash) &&
			(q.Blob == "" || f.Blob == q.Blob) && (!q.Unattached || f.MessageID.IsZero()) &&
			(q.From.IsZero() || !f.CreatedAt.Before(q.From)) && (q.To.IsZero() || f.CreatedAt.Before(q.To)) {
			all = append(all, f.Clone())
		}
	}
	key := func(a storage.Attachment) storage.Keyset {
		return storage.Keyset{Int: a.CreatedAt.UnixMicro(), ID: a.ID}
	}
	slices.SortFunc(all, func(a, b storage.Attachment) int { return compareKeys(key(b), key(a)) })
	return modelPage(all, key, true, q.Limit, q.Cursor)
}

func (m *model) Unread(_ context.Context, room storage.RoomID, user storage.UserID) (u storage.Unread, err error) {
	seat, err := m.seat(room, user)
	if err != nil {
		return u, err
	}
	marker := m.members[seat].ReadSeq
	for i, message := range m.messages {
		if message.room != seat.room || !m.held(i) || message.Seq <= marker || message.AuthorID == user ||
			message.Type == storage.MessageSystem || message.Deleted() || message.Expired(m.now()) {
			continue
		}
		if u.Messages++; u.Messages == 1 {
			u.FirstID, u.FirstSeq = message.ID, message.Seq
		}
		if message.MentionsAll || slices.Contains(message.Mentions, user) {
			u.Mentions++
		}
	}
	return u, nil
}

func (m *model) ReadReceipts(_ context.Context, q storage.ReceiptQuery) (storage.Page[storage.ReadReceipt], error) {
	i, err := m.live(q.Message)
	if err != nil {
		return storage.Page[storage.ReadReceipt]{}, err
	}
	var all []storage.ReadReceipt
	for user := range m.users {
		if r := m.receipt(i, user); !r.ReadAt.IsZero() && user != m.messages[i].AuthorID {
			all = append(all, r)
		}
	}
	key := func(r storage.ReadReceipt) storage.Keyset {
		return storage.Keyset{Int: r.ReadAt.UnixMicro(), ID: r.UserID}
	}
	slices.SortFunc(all, func(a, b storage.ReadReceipt) int { return compareKeys(key(a), key(b)) })
	return modelPage(all, key, false, q.Limit, q.Cursor)
}

// receipt returns a user's receipt of a message, with the earliest of the times.
func (m *model) receipt(i int, user storage.UserID) storage.ReadReceipt {
	r := storage.ReadReceipt{UserID: user}
	read := func(at time.Time) {
		if r.ReadAt.IsZero() || at.Before(r.ReadAt) {
			r.ReadAt = at
		}
	}
	message := m.messages[i]
	for _, p := range m.passes {
		if p.modelSeat == (modelSeat{message.room, user}) && p.beyond < message.Seq && message.Seq <= p.upTo {
			read(p.at)
		}
	}
	for _, s := range m.singles {
		if s.message == i && s.user == user {
			read(s.at)
		}
	}
	return r
}

func (m *model) Inbox(_ context.Context, q storage.InboxQuery) (storage.Page[storage.InboxEntry], error) {
	var all []storage.InboxEntry
	for i, r := range m.rooms {
		member, is := m.members[modelSeat{i, q.User}]
		if !is || len(q.Types) > 0 && !slices.Contains(q.Types, r.Type) || q.Active != nil && *q.Active != r.Active {
			continue
		}
		e := storage.InboxEntry{Room: m.counted(i), Membership: member}
		e.Unread, _ = m.Unread(context.Background(), r.ID, q.User)
		for k := range m.messages {
			if m.messages[k].room == i && m.held(k) && !m.messages[k].Expired(m.now()) && !m.hides(m.messages[k], q.User) {
				e.LastMessage = m.filled(k, q.User)
			}
		}
		if !q.UnreadOnly || e.Unread.Messages > 0 {
			all = append(all, e)
		}
	}
	key := func(e storage.InboxEntry) storage.Keyset {
		k := storage.Keyset{ID: e.Room.ID}
		if !e.Room.LastMessageAt.IsZero() {
			k.Int = e.Room.LastMessageAt.UnixMicro()
		}
		return k
	}
	slices.SortFunc(all, func(a, b storage.InboxEntry) int { return cmp.Compare(0, compareKeys(key(a), key(b))) })
	return modelPage(all, key, true, q.Limit, q.Cursor)
}
