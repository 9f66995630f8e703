package storagetest_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/lairchat/lair/storage"
)

// readingFaults are about receipts, what is unread, and inboxes.
var readingFaults = slices.Concat(receiptFaults, unreadFaults, inboxFaults)

var receiptFaults = []fault{
	{name: "a single receipt moves the marker", caught: "receipt/single", open: singles(func(ctx context.Context, w storage.ReadWriter, m storage.Message, user storage.UserID) error {
		if err := w.AddReadReceipt(ctx, m.ID, user); err != nil {
			return err
		}
		return w.MarkRead(ctx, m.RoomID, user, storage.At(m.ID))
	})},
	{name: "a single receipt is lost", caught: "receipt/single", open: singles(func(context.Context, storage.ReadWriter, storage.Message, storage.UserID) error {
		return nil
	})},
	{name: "a stranger's receipt is no error", caught: "receipt/unknown message and reader", open: singles(func(ctx context.Context, w storage.ReadWriter, m storage.Message, user storage.UserID) error {
		return unlessMember(w.AddReadReceipt(ctx, m.ID, user))
	})},
	{name: "a tombstone cannot be read", caught: "receipt/tombstone", open: singles(func(ctx context.Context, w storage.ReadWriter, m storage.Message, user storage.UserID) error {
		if m.Deleted() {
			return storage.WithOp("add read receipt", storage.Conflict(storage.EntityMessage, m.ID.String(), "deleted"))
		}
		return w.AddReadReceipt(ctx, m.ID, user)
	})},
	{name: "the author has read it", caught: "receipt/the author has none", open: receipts(func(_ context.Context, _ storage.Reader, m storage.Message, all []storage.ReadReceipt) []storage.ReadReceipt {
		if m.AuthorID.IsZero() {
			return all
		}
		return append([]storage.ReadReceipt{{UserID: m.AuthorID, ReadAt: m.CreatedAt}}, all...)
	})},
	{name: "leaving takes receipts away", caught: "receipt/leaving", open: receipts(func(ctx context.Context, r storage.Reader, m storage.Message, all []storage.ReadReceipt) []storage.ReadReceipt {
		return slices.DeleteFunc(all, func(v storage.ReadReceipt) bool {
			member, err := r.IsMember(ctx, m.RoomID, v.UserID)
			return err == nil && !member
		})
	})},
	{name: "unread takes receipts away", caught: "receipt/unread and read again", open: receipts(func(ctx context.Context, r storage.Reader, m storage.Message, all []storage.ReadReceipt) []storage.ReadReceipt {
		return slices.DeleteFunc(all, func(v storage.ReadReceipt) bool {
			member, err := r.Membership(ctx, m.RoomID, v.UserID)
			return err == nil && member.ReadSeq < m.Seq
		})
	})},
	{name: "who joined later has read it", caught: "receipt/unread before joining", open: receipts(joinedLater)},
	{name: "receipts are as old as the message", caught: "receipt/by reading", open: receipts(func(_ context.Context, _ storage.Reader, m storage.Message, all []storage.ReadReceipt) []storage.ReadReceipt {
		for i := range all {
			all[i].ReadAt = m.CreatedAt
		}
		return all
	})},
	{name: "a tombstone has no receipts", caught: "receipt/tombstone", open: receipts(func(_ context.Context, _ storage.Reader, m storage.Message, all []storage.ReadReceipt) []storage.ReadReceipt {
		if m.Deleted() {
			return nil
		}
		return all
	})},
	{name: "no message has no receipts", caught: "receipt/unknown message and reader", open: reads(func(r storage.Reader) storage.Reader {
		return receiptsOfNothing{r}
	})},
}

// singles opens stores whose AddReadReceipt does it in this way, where the
// message is there.
func singles(add func(context.Context, storage.ReadWriter, storage.Message, storage.UserID) error) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return singleReceipts{w, add} })
}

type singleReceipts struct {
	storage.ReadWriter
	add func(context.Context, storage.ReadWriter, storage.Message, storage.UserID) error
}

func (w singleReceipts) AddReadReceipt(ctx context.Context, message storage.MessageID, user storage.UserID) error {
	m, err := w.Message(ctx, message)
	if err != nil {
		return w.ReadWriter.AddReadReceipt(ctx, message, user)
	}
	return w.add(ctx, w.ReadWriter, m, user)
}

// receipts opens stores whose pages of receipts are changed by edit.
func receipts(edit func(context.Context, storage.Reader, storage.Message, []storage.ReadReceipt) []storage.ReadReceipt) opener {
	return reads(func(r storage.Reader) storage.Reader { return editedReceipts{r, edit} })
}

type editedReceipts struct {
	storage.Reader
	edit func(context.Context, storage.Reader, storage.Message, []storage.ReadReceipt) []storage.ReadReceipt
}

func (r editedReceipts) ReadReceipts(ctx context.Context, q storage.ReceiptQuery) (storage.Page[storage.ReadReceipt], error) {
	page, err := r.Reader.ReadReceipts(ctx, q)
	if err != nil {
		return page, err
	}
	m, err := r.Message(ctx, q.Message)
	if err == nil {
		page.Items = r.edit(ctx, r.Reader, m, page.Items)
	}
	return page, err
}

// joinedLater adds all whose marker is beyond a message, however it came there.
func joinedLater(ctx context.Context, r storage.Reader, m storage.Message, all []storage.ReadReceipt) []storage.ReadReceipt {
	for member, err := range storage.All(ctx, r.Memberships, storage.MembershipQuery{Room: m.RoomID}) {
		if err != nil {
			return all
		}
		known := slices.ContainsFunc(all, func(v storage.ReadReceipt) bool { return v.UserID == member.UserID })
		if !known && member.UserID != m.AuthorID && member.ReadSeq >= m.Seq {
			all = append(all, storage.ReadReceipt{UserID: member.UserID, ReadAt: member.JoinedAt})
		}
	}
	return all
}

type receiptsOfNothing struct{ storage.Reader }

func (r receiptsOfNothing) ReadReceipts(ctx context.Context, q storage.ReceiptQuery) (storage.Page[storage.ReadReceipt], error) {
	page, err := r.Reader.ReadReceipts(ctx, q)
	if errors.Is(err, storage.ErrNotFound) {
		return storage.Page[storage.ReadReceipt]{}, nil
	}
	return page, err
}

var unreadFaults = []fault{
	{name: "own messages are unread", caught: "unread/own messages", open: counting(counted{own: true})},
	{name: "system messages are unread", caught: "unread/types", open: counting(counted{system: true})},
	{name: "tombstones are unread", caught: "unread/tombstones", open: counting(counted{deleted: true})},
	{name: "mentions of all do not count", caught: "unread/mentions", open: counting(counted{notAll: true})},
	{name: "a mention of both kinds counts twice", caught: "unread/mentions", open: counting(counted{twice: true})},
	{name: "mentions that were read count", caught: "unread/mentions", open: counting(counted{readMentions: true})},
	{name: "the first unread message is the last", caught: "unread/the first", open: counting(counted{last: true})},
	{name: "unread is a difference of Seq", caught: "unread/purges", open: unreads(func(ctx context.Context, r storage.Reader, m storage.Membership, u storage.Unread) storage.Unread {
		if room, err := r.Room(ctx, m.RoomID); err == nil {
			u.Messages = room.LastSeq - m.ReadSeq
		}
		return u
	})},
	{name: "what expires stays unread", caught: "unread/expiry", open: cachedUnread()},
	{name: "edits leave mentions as they were", caught: "unread/mentions edited", open: cachedUnread()},
	{name: "who is no member has read all", caught: "marker/who is no member", open: reads(func(r storage.Reader) storage.Reader {
		return strangersRead{r}
	})},
}

// unreads opens stores whose Unread is changed by edit.
func unreads(edit func(context.Context, storage.Reader, storage.Membership, storage.Unread) storage.Unread) opener {
	return reads(func(r storage.Reader) storage.Reader { return editedUnread{r, edit} })
}

type editedUnread struct {
	storage.Reader
	edit func(context.Context, storage.Reader, storage.Membership, storage.Unread) storage.Unread
}

func (r editedUnread) Unread(ctx context.Context, room storage.RoomID, user storage.UserID) (storage.Unread, error) {
	u, err := r.Reader.Unread(ctx, room, user)
	if err != nil {
		return u, err
	}
	m, err := r.Membership(ctx, room, user)
	if err != nil {
		return storage.Unread{}, err
	}
	return r.edit(ctx, r.Reader, m, u), nil
}

// counted says what is counted wrongly.
type counted struct{ own, system, deleted, notAll, twice, readMentions, last bool }

func counting(c counted) opener { return unreads(c.count) }

func (c counted) count(ctx context.Context, r storage.Reader, member storage.Membership, _ storage.Unread) (u storage.Unread) {
	q := storage.MessageQuery{Room: member.RoomID, WithDeleted: true, Order: storage.OldestFirst}
	for m, err := range storage.All(ctx, r.Messages, q) {
		if err != nil {
			return u
		}
		if m.AuthorID == member.UserID && !c.own || m.Type == storage.MessageSystem && !c.system || m.Deleted() && !c.deleted {
			continue
		}
		unread := m.Seq > member.ReadSeq
		if unread || c.readMentions {
			u.Mentions += c.mentions(m, member.UserID)
		}
		if !unread {
			continue
		}
		if u.Messages++; u.FirstSeq == 0 || c.last {
			u.FirstID, u.FirstSeq = m.ID, m.Seq
		}
	}
	return u
}

func (c counted) mentions(m storage.Message, user storage.UserID) int64 {
	named, all := slices.Contains(m.Mentions, user), m.MentionsAll && !c.notAll
	switch {
	case named && all && c.twice:
		return 2
	case named || all:
		return 1
	}
	return 0
}

// cachedUnread opens stores that count anew only when a message was stored or
// deleted, or the marker moved.
func cachedUnread() opener {
	return func(o storage.Options) storage.Store {
		var mu sync.Mutex
		known := map[[5]string]storage.Unread{}
		return unreads(func(ctx context.Context, r storage.Reader, m storage.Membership, u storage.Unread) storage.Unread {
			room, err := r.Room(ctx, m.RoomID)
			if err != nil {
				return u
			}
			number := func(n int64) string { return time.UnixMicro(n).UTC().String() }
			key := [5]string{m.RoomID.String(), m.UserID.String(), number(m.ReadSeq), number(room.LastSeq), number(room.MessageCount)}
			mu.Lock()
			defer mu.Unlock()
			if old, ok := known[key]; ok {
				return old
			}
			known[key] = u
			return u
		})(o)
	}
}

type strangersRead struct{ storage.Reader }

func (r strangersRead) Unread(ctx context.Context, room storage.RoomID, user storage.UserID) (storage.Unread, error) {
	u, err := r.Reader.Unread(ctx, room, user)
	return u, unlessMember(err)
}

var inboxFaults = []fault{
	{name: "inactive rooms are not in the inbox", caught: "inbox/active", open: inboxes(hiding(func(e storage.InboxEntry) bool { return !e.Room.Active }))},
	{name: "empty rooms are not in the inbox", caught: "inbox/by activity", open: inboxes(hiding(func(e storage.InboxEntry) bool { return e.Room.LastSeq == 0 }))},
	{name: "empty rooms come first", caught: "inbox/by activity", open: inboxes(func(_ context.Context, _ storage.Reader, all []storage.InboxEntry) []storage.InboxEntry {
		slices.SortStableFunc(all, func(a, b storage.InboxEntry) int {
			return min(int(a.Room.LastSeq), 1) - min(int(b.Room.LastSeq), 1)
		})
		return all
	})},
	{name: "the last message is never a tombstone", caught: "inbox/last message is a tombstone", open: lastMessages(func(ctx context.Context, r storage.Reader, room storage.RoomID, _ storage.Message) storage.Message {
		page, _ := r.Messages(ctx, storage.MessageQuery{Room: room, Limit: 1})
		return append(page.Items, storage.Message{})[0]
	})},
	{name: "the last message is the latest", caught: "inbox/last message", open: lastMessages(func(ctx context.Context, r storage.Reader, room storage.RoomID, last storage.Message) storage.Message {
		for m, err := range storage.All(ctx, r.Messages, storage.MessageQuery{Room: room, WithDeleted: true}) {
			if err == nil && m.CreatedAt.After(last.CreatedAt) {
				last = m
			}
		}
		return last
	})},
	{name: "reactions in an inbox are nobody's", caught: "inbox/last message in full", open: lastMessages(func(_ context.Context, _ storage.Reader, _ storage.RoomID, last storage.Message) storage.Message {
		for i := range last.Reactions {
			last.Reactions[i].Mine = false
		}
		return last
	})},
	{name: "the last message carries nothing", caught: "inbox/last message in full", open: lastMessages(func(_ context.Context, _ storage.Reader, _ storage.RoomID, last storage.Message) storage.Message {
		last.Attachments = nil
		return last
	})},
	{name: "nobody's inbox is an error", caught: "inbox/nobody's", open: reads(func(r storage.Reader) storage.Reader {
		return knownInboxes{r}
	})},
}

// inboxes opens stores whose pages of an inbox are changed by edit.
func inboxes(edit func(context.Context, storage.Reader, []storage.InboxEntry) []storage.InboxEntry) opener {
	return reads(func(r storage.Reader) storage.Reader { return editedInboxes{r, edit} })
}

type editedInboxes struct {
	storage.Reader
	edit func(context.Context, storage.Reader, []storage.InboxEntry) []storage.InboxEntry
}

func (r editedInboxes) Inbox(ctx context.Context, q storage.InboxQuery) (storage.Page[storage.InboxEntry], error) {
	page, err := r.Reader.Inbox(ctx, q)
	if err == nil {
		page.Items = r.edit(ctx, r.Reader, page.Items)
	}
	return page, err
}

func hiding(hidden func(storage.InboxEntry) bool) func(context.Context, storage.Reader, []storage.InboxEntry) []storage.InboxEntry {
	return func(_ context.Context, _ storage.Reader, all []storage.InboxEntry) []storage.InboxEntry {
		return slices.DeleteFunc(all, hidden)
	}
}

// lastMessages opens stores whose inboxes show the last messages that pick
// returns.
func lastMessages(pick func(context.Context, storage.Reader, storage.RoomID, storage.Message) storage.Message) opener {
	return inboxes(func(ctx context.Context, r storage.Reader, all []storage.InboxEntry) []storage.InboxEntry {
		for i := range all {
			all[i].LastMessage = pick(ctx, r, all[i].Room.ID, all[i].LastMessage)
		}
		return all
	})
}

type knownInboxes struct{ storage.Reader }

func (r knownInboxes) Inbox(ctx context.Context, q storage.InboxQuery) (storage.Page[storage.InboxEntry], error) {
	if _, err := r.User(ctx, q.User); errors.Is(err, storage.ErrNotFound) && !q.User.IsZero() {
		return storage.Page[storage.InboxEntry]{}, err
	}
	return r.Reader.Inbox(ctx, q)
}
