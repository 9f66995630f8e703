package storagetest

import (
	"context"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// dump is all that a store holds, for comparing.
type dump struct {
	Users    []storage.User
	Rooms    []storage.Room
	Members  map[storage.RoomID][]storage.Membership
	Messages map[storage.RoomID][]storage.Message // in the order of Seq, with tombstones

	Attachments []storage.Attachment
	Invites     []storage.Invite
	Sanctions   []storage.Sanction
	Holds       []storage.Hold
	Sessions    []storage.Session
	Config      []storage.Config
	Audit       []storage.AuditEntry
	AuditHead   storage.AuditHead
	Logins      []storage.LoginAttempt
	Blocks      []storage.Block // of the first users

	// Revisions and Reactions are those of messages that have any.
	Revisions map[storage.MessageID][]storage.Revision
	Reactions map[storage.MessageID][]storage.Reaction

	// Receipts are those of the last messages of each room, Inboxes those of
	// the first users: a store may hold thousands.
	Receipts map[storage.MessageID][]storage.ReadReceipt
	Inboxes  map[storage.UserID][]storage.InboxEntry

	// Changes are the last ones of the feed.
	Head      storage.ChangeHead
	Changes   []storage.Change
	Consumers []storage.Consumer

	// Counts are what statistics tell of everything.
	UserStats    storage.UserStats
	RoomStats    storage.RoomStats
	MessageStats storage.MessageStats
	Moves        [3]int64
}

// dumpMost is how many of them are enough.
const dumpMost = 50

// dump reads everything that the lists show.
func (f *fixture) dump() dump {
	f.t.Helper()
	d := dump{
		Users:    list(f, f.Users, storage.UserQuery{}),
		Rooms:    list(f, f.Rooms, storage.RoomQuery{}),
		Members:  map[storage.RoomID][]storage.Membership{},
		Messages: map[storage.RoomID][]storage.Message{},

		Attachments: list(f, f.Attachments, storage.AttachmentQuery{}),
		Invites:     list(f, f.Invites, storage.InviteQuery{}),
		Sanctions:   list(f, f.Sanctions, storage.SanctionQuery{}),
		Holds:       list(f, f.Holds, storage.HoldQuery{WithReleased: true}),
		Sessions:    list(f, f.Sessions, storage.SessionQuery{}),
		Config:      list(f, f.ConfigValues, storage.ConfigQuery{}),
		Audit:       list(f, f.AuditEntries, storage.AuditQuery{}),
		AuditHead:   f.auditHead(),
		Logins:      list(f, f.LoginAttempts, storage.LoginQuery{}),

		Revisions: map[storage.MessageID][]storage.Revision{},
		Reactions: map[storage.MessageID][]storage.Reaction{},
		Receipts:  map[storage.MessageID][]storage.ReadReceipt{},
		Inboxes:   map[storage.UserID][]storage.InboxEntry{},

		Head: f.head(),

		UserStats: f.userStats(), RoomStats: f.roomStats(storage.StatsQuery{}), MessageStats: f.messageStats(storage.StatsQuery{}),
		Moves: f.moves(storage.RoomID{}, storage.UserID{}),
	}
	var err error
	d.Consumers, err = f.Consumers(f.ctx)
	require.NoError(f.t, err)
	d.Changes = f.changesOf(storage.ChangeQuery{After: max(d.Head.Oldest-1, d.Head.Newest-dumpMost), Limit: dumpMost})
	for i, c := range d.Changes { // from which the sweep of a deleted room takes them, in its time
		if _, err := f.Room(f.ctx, c.RoomID); err != nil {
			d.Changes[i].Emoji = ""
		}
	}
	for _, u := range d.Users[:min(len(d.Users), dumpMost)] {
		d.Inboxes[u.ID] = list(f, f.Inbox, storage.InboxQuery{User: u.ID})
		d.Blocks = append(d.Blocks, list(f, f.BlockedUsers, storage.BlockQuery{User: u.ID})...)
	}
	for _, r := range d.Rooms {
		d.Members[r.ID] = list(f, f.Memberships, storage.MembershipQuery{Room: r.ID})
		d.Messages[r.ID] = list(f, f.Messages, storage.MessageQuery{Room: r.ID, WithDeleted: true, Order: storage.OldestFirst})
		for _, m := range d.Messages[r.ID] {
			if !m.EditedAt.IsZero() {
				d.Revisions[m.ID] = list(f, f.MessageRevisions, storage.RevisionQuery{Message: m.ID})
			}
			if len(m.Reactions) > 0 {
				d.Reactions[m.ID] = list(f, f.Reactions, storage.ReactionQuery{Message: m.ID})
			}
		}
		for _, m := range d.Messages[r.ID][max(0, len(d.Messages[r.ID])-dumpMost):] {
			d.Receipts[m.ID] = list(f, f.ReadReceipts, storage.ReceiptQuery{Message: m.ID})
		}
	}
	return d
}

// list returns all items of a list, which is walked page by page.
func list[T any, Q interface{ WithCursor(storage.Cursor) Q }](
	f *fixture, read func(context.Context, Q) (storage.Page[T], error), q Q,
) []T {
	f.t.Helper()
	var items []T
	for item, err := range storage.All(f.ctx, read, q) {
		require.NoError(f.t, err)
		items = append(items, item)
	}
	return items
}
