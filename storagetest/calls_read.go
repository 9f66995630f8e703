package storagetest

import (
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
)

// read is a call of a reading method.
type read struct {
	method string
	run    func(context.Context, storage.Reader, *world) (any, error)
}

// items is a page without its cursors, which need not be the same text for the
// same place.
func items[T any](p storage.Page[T], err error) (any, error) { return p.Items, err }

// value fits what a method returns to what a read returns.
func value[T any](v T, err error) (any, error) { return v, err }

var reads = slices.Concat(statsReads, []read{
	{"User", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.User(ctx, w.bob.ID))
	}},
	{"User", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.User(ctx, w.cid.ID))
	}},
	{"UsersByID", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.UsersByID(ctx, w.fay.ID, w.cid.ID, w.ann.ID))
	}},
	{"UserByUsername", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.UserByUsername(ctx, "gil"))
	}},
	{"UserByUsername", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.UserByUsername(ctx, "bob"))
	}},
	{"UserByEmail", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.UserByEmail(ctx, "bob@example.com"))
	}},
	{"UserByExternalID", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.UserByExternalID(ctx, "oidc|ann"))
	}},
	{"Users", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return items(r.Users(ctx, storage.UserQuery{Order: storage.UsersBySeen}))
	}},
	{"Users", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return items(r.Users(ctx, storage.UserQuery{Text: "b"}))
	}},
	{"CountUsers", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.CountUsers(ctx, storage.UserQuery{Active: new(true)}))
	}},
	{"RoleHolders", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return items(r.RoleHolders(ctx, storage.RoleQuery{}))
	}},
	{"RoleHolders", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return items(r.RoleHolders(ctx, storage.RoleQuery{Rooms: true}))
	}},
	{"UserActivity", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.UserActivity(ctx, w.ann.ID))
	}},
	{"BlockedUsers", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.BlockedUsers(ctx, storage.BlockQuery{User: w.ann.ID}))
	}},
	{"BlockedUsers", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.BlockedUsers(ctx, storage.BlockQuery{Blocked: w.ann.ID}))
	}},
	{"HasBlocked", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.HasBlocked(ctx, w.bob.ID, w.ann.ID))
	}},
	{"Room", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.Room(ctx, w.hall.ID))
	}},
	{"Room", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.Room(ctx, w.attic.ID))
	}},
	{"RoomsByID", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.RoomsByID(ctx, w.shed.ID, w.attic.ID))
	}},
	{"RoomByName", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.RoomByName(ctx, "lobby"))
	}},
	{"RoomByName", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.RoomByName(ctx, "hall"))
	}},
	{"Rooms", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Rooms(ctx, storage.RoomQuery{Member: w.ann.ID, Order: storage.RoomsByMembers}))
	}},
	{"Rooms", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return items(r.Rooms(ctx, storage.RoomQuery{Text: "meet"}))
	}},
	{"CountRooms", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.CountRooms(ctx, storage.RoomQuery{Active: new(true)}))
	}},
	{"Membership", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.Membership(ctx, w.hall.ID, w.bob.ID))
	}},
	{"IsMember", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.IsMember(ctx, w.hall.ID, w.fay.ID))
	}},
	{"Memberships", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Memberships(ctx, storage.MembershipQuery{Room: w.hall.ID}))
	}},
	{"Memberships", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Memberships(ctx, storage.MembershipQuery{User: w.cid.ID}))
	}},
	{"CountMembers", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.CountMembers(ctx, storage.MembershipQuery{Room: w.hall.ID, Roles: []storage.MemberRole{storage.MemberMember}}))
	}},
	{"DirectRoom", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.DirectRoom(ctx, w.bob.ID, w.ann.ID))
	}},
	{"DirectRoom", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		room, err := r.DirectRoom(ctx, w.ann.ID, w.fay.ID)
		return room.Type, err
	}},
	{"Rooms", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Rooms(ctx, storage.RoomQuery{VisibleTo: w.bob.ID, Expired: new(false), Order: storage.RoomsByMembers}))
	}},
	{"Invite", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.Invite(ctx, w.letter.ID))
	}},
	{"InviteByCode", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.InviteByCode(ctx, w.openCode))
	}},
	{"Invites", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Invites(ctx, storage.InviteQuery{Room: w.attic.ID}))
	}},
	{"Invites", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Invites(ctx, storage.InviteQuery{Invitee: w.bob.ID, Live: new(true)}))
	}},
	{"Sanction", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.Sanction(ctx, w.mute.ID))
	}},
	{"Sanctions", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Sanctions(ctx, storage.SanctionQuery{User: w.eve.ID}))
	}},
	{"ActiveSanction", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.ActiveSanction(ctx, w.eve.ID, w.hall.ID, storage.SanctionMute))
	}},
	{"ActiveSanction", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		s, err := r.ActiveSanction(ctx, w.dan.ID, w.hall.ID, storage.SanctionBan)
		return s.Kind, err
	}},
	{"CountDue", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.CountDue(ctx, storage.MaintainOptions{MessagesKeep: 2, AuditFor: 1, ChangesKeep: 3}))
	}},
	{"RoomsDue", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.RoomsDue(ctx, storage.RetentionQuery{Keep: 2}))
	}},
	{"Hold", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.Hold(ctx, w.held.ID))
	}},
	{"Holds", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Holds(ctx, storage.HoldQuery{WithReleased: true}))
	}},
	{"Holds", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Holds(ctx, storage.HoldQuery{Room: w.pair.ID}))
	}},
	{"Session", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.Session(ctx, w.desk.ID))
	}},
	{"SessionByToken", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.SessionByToken(ctx, w.phoneToken))
	}},
	{"Sessions", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Sessions(ctx, storage.SessionQuery{User: w.ann.ID}))
	}},
	{"Sessions", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		s, err := r.Sessions(ctx, storage.SessionQuery{User: w.bob.ID, Live: new(true)})
		return len(s.Items), err
	}},
	{"CountSessions", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.CountSessions(ctx, storage.SessionQuery{Live: new(false)}))
	}},
	{"UserRooms", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.UserRooms(ctx, storage.UserRoomQuery{User: w.ann.ID}))
	}},
	{"UserMessages", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.UserMessages(ctx, storage.TraceQuery{Room: w.hall.ID, User: w.ann.ID}))
	}},
	{"UserReactions", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.UserReactions(ctx, storage.TraceQuery{Room: w.hall.ID, User: w.ann.ID}))
	}},
	{"UserReceipts", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.UserReceipts(ctx, storage.TraceQuery{Room: w.hall.ID, User: w.ann.ID}))
	}},
	{"AuditEntries", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return items(r.AuditEntries(ctx, storage.AuditQuery{Text: "ban"}))
	}},
	{"CountAudit", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.CountAudit(ctx, storage.AuditQuery{Actor: w.ann.ID}))
	}},
	{"AuditChain", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.AuditChain(ctx, 0, 2))
	}},
	{"AuditHead", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.AuditHead(ctx))
	}},
	{"AuditStats", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.AuditStats(ctx, storage.StatsQuery{}))
	}},
	{"ConfigValue", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.ConfigValue(ctx, w.setting.Key))
	}},
	{"ConfigValues", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return items(r.ConfigValues(ctx, storage.ConfigQuery{Prefix: "mail."}))
	}},
	{"SessionStats", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.SessionStats(ctx))
	}},
	{"LoginAttempts", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.LoginAttempts(ctx, storage.LoginQuery{User: w.ann.ID}))
	}},
	{"CountFailedLogins", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.CountFailedLogins(ctx, storage.LoginQuery{Login: "ann"}))
	}},
	{"Message", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.Message(ctx, w.first.ID))
	}},
	{"Message", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.Message(ctx, w.tools.ID))
	}},
	{"MessagesByID", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.MessagesByID(ctx, w.reply.ID, w.third.ID, w.tools.ID))
	}},
	{"Messages", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Messages(ctx, storage.MessageQuery{Room: w.hall.ID, WithDeleted: true}))
	}},
	{"Messages", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Messages(ctx, storage.MessageQuery{Author: w.ann.ID, Order: storage.OldestFirst}))
	}},
	{"Messages", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Messages(ctx, storage.MessageQuery{Room: w.hall.ID, Pinned: true}))
	}},
	{"Messages", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Messages(ctx, storage.MessageQuery{Room: w.hall.ID, Viewer: w.bob.ID}))
	}},
	{"Messages", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Messages(ctx, storage.MessageQuery{Room: w.attic.ID, WithDeleted: true}))
	}},
	{"Messages", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Messages(ctx, storage.MessageQuery{Thread: w.first.ID, Order: storage.OldestFirst}))
	}},
	{"Messages", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Messages(ctx, storage.MessageQuery{Mentioned: w.bob.ID, Tags: []string{"early", "greeting"}}))
	}},
	{"Attachment", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.Attachment(ctx, w.photo.ID))
	}},
	{"Attachment", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.Attachment(ctx, w.draft.ID))
	}},
	{"Attachments", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Attachments(ctx, storage.AttachmentQuery{Room: w.hall.ID}))
	}},
	{"Attachments", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return items(r.Attachments(ctx, storage.AttachmentQuery{Unattached: true}))
	}},
	{"Reactions", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Reactions(ctx, storage.ReactionQuery{Message: w.first.ID}))
	}},
	{"ReactionCounts", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.ReactionCounts(ctx, w.third.ID, w.bob.ID))
	}},
	{"MessageRevisions", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.MessageRevisions(ctx, storage.RevisionQuery{Message: w.first.ID}))
	}},
	{"MessageRevisions", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.MessageRevisions(ctx, storage.RevisionQuery{Message: w.reply.ID}))
	}},
	{"MessageRevision", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.MessageRevision(ctx, w.first.ID, 1))
	}},
	{"CountMessages", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.CountMessages(ctx, storage.MessageQuery{Room: w.hall.ID}))
	}},
	{"ReadReceipts", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.ReadReceipts(ctx, storage.ReceiptQuery{Message: w.first.ID}))
	}},
	{"ReadReceipts", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.ReadReceipts(ctx, storage.ReceiptQuery{Message: w.third.ID}))
	}},
	{"Unread", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.Unread(ctx, w.hall.ID, w.ann.ID))
	}},
	{"Unread", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.Unread(ctx, w.hall.ID, w.bob.ID))
	}},
	{"Inbox", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Inbox(ctx, storage.InboxQuery{User: w.ann.ID}))
	}},
	{"Inbox", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return items(r.Inbox(ctx, storage.InboxQuery{User: w.bob.ID, UnreadOnly: true}))
	}},
	{"SearchMessages", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		found, err := r.SearchMessages(ctx, storage.SearchQuery{Text: "morning"})
		return found.Items, err
	}},
	{"SearchMessages", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		found, err := r.SearchMessages(ctx, storage.SearchQuery{Text: "good", Reader: w.bob.ID})
		return found.Items, err
	}},
	{"Changes", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		p, err := r.Changes(ctx, storage.ChangeQuery{Limit: storage.MaxLimit})
		return p.Items, err
	}},
	{"Changes", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		p, err := r.Changes(ctx, storage.ChangeQuery{User: w.bob.ID, Room: w.hall.ID, Limit: 10})
		return p.Items, err
	}},
	{"ChangeHead", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.ChangeHead(ctx))
	}},
	{"ConsumerPosition", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.ConsumerPosition(ctx, "push"))
	}},
	{"Consumers", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.Consumers(ctx))
	}},
})
