package storagetest

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// write is a call of a writing method that succeeds in a fresh world, alone
// and after those before it in writes.
type write struct {
	method string
	run    func(context.Context, storage.Writer, *world) error
}

// read is a call of a reading method.
type read struct {
	method string
	run    func(context.Context, storage.Reader, *world) (any, error)
}

var writes = []write{
	{"CreateUser", func(ctx context.Context, s storage.Writer, _ *world) error {
		return s.CreateUser(ctx, &storage.User{Username: "gil", Email: "gil@example.com"})
	}},
	{"UpdateUser", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.UpdateUser(ctx, w.bob.ID, storage.UserPatch{Username: new("robert"), Email: new("bob@example.com")})
		return err
	}},
	{"SetUserRole", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.SetUserRole(ctx, w.bob.ID, storage.RoleModerator)
	}},
	{"SetPasswordHash", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.SetPasswordHash(ctx, w.ann.ID, "a hash")
	}},
	{"TouchUser", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.TouchUser(ctx, w.ann.ID)
	}},
	{"DeactivateUser", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.DeactivateUser(ctx, w.dan.ID)
	}},
	{"ReactivateUser", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.ReactivateUser(ctx, w.eve.ID)
	}},
	{"DeleteUser", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.DeleteUser(ctx, w.cid.ID)
	}},
	{"CreateRoom", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.CreateRoom(ctx, &storage.Room{Name: "cellar", CreatorID: w.ann.ID})
	}},
	{"UpdateRoom", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.UpdateRoom(ctx, w.hall.ID, storage.RoomPatch{Name: new("lobby"), Topic: new("coats")})
		return err
	}},
	{"UpdateRoomSettings", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.UpdateRoomSettings(ctx, w.hall.ID, storage.RoomSettings{MaxMembers: 50})
		return err
	}},
	{"DeactivateRoom", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.DeactivateRoom(ctx, w.shed.ID)
	}},
	{"ReactivateRoom", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.ReactivateRoom(ctx, w.attic.ID)
	}},
	{"DeleteRoom", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.DeleteRoom(ctx, w.shed.ID)
	}},
	{"AddMember", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.AddMember(ctx, &storage.Membership{RoomID: w.hall.ID, UserID: w.fay.ID, InvitedBy: w.ann.ID})
	}},
	{"AddMembers", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.AddMembers(ctx, w.hall.ID, storage.MemberGuest, w.eve.ID, w.bob.ID)
		return err
	}},
	{"RemoveMember", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.RemoveMember(ctx, w.hall.ID, w.dan.ID)
	}},
	{"SetMemberRole", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.SetMemberRole(ctx, w.hall.ID, w.bob.ID, storage.MemberModerator)
	}},
	{"UpdateMemberSettings", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.UpdateMemberSettings(ctx, w.hall.ID, w.bob.ID, storage.MemberSettings{Nickname: "bobby"})
	}},
	{"TouchMember", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.TouchMember(ctx, w.hall.ID, w.ann.ID)
	}},
	{"TransferOwnership", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.TransferOwnership(ctx, w.hall.ID, w.ann.ID, w.bob.ID)
	}},
	{"OpenDirectRoom", func(ctx context.Context, s storage.Writer, w *world) error {
		_, _, err := s.OpenDirectRoom(ctx, w.fay.ID, w.ann.ID)
		return err
	}},
	{"CreateInvite", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.CreateInvite(ctx, &storage.Invite{RoomID: w.hall.ID, InviterID: w.ann.ID, Email: "gil@example.com"})
		return err
	}},
	{"RedeemInvite", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.RedeemInvite(ctx, w.openCode, w.dan.ID)
		return err
	}},
	{"AcceptInvite", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.AcceptInvite(ctx, w.letter.ID, w.bob.ID)
		return err
	}},
	{"RevokeInvite", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.RevokeInvite(ctx, w.open.ID)
	}},
	{"CreateSanction", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.CreateSanction(ctx, &storage.Sanction{UserID: w.dan.ID, Kind: storage.SanctionBan, ModeratorID: w.ann.ID})
	}},
	{"LiftSanction", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.LiftSanction(ctx, w.mute.ID, w.bob.ID)
		return err
	}},
	{"CreateMessage", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.CreateMessage(ctx, &storage.Message{
			RoomID: w.hall.ID, AuthorID: w.ann.ID, Body: "morning again", ParentID: w.first.ID, Attachments: []storage.Attachment{w.draft},
		})
		return err
	}},
	{"CreateMessages", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.CreateMessages(ctx, []*storage.Message{
			{RoomID: w.hall.ID, Body: "from a quiet morning", CreatedAt: clockStart.Add(-time.Hour)},
			{RoomID: w.hall.ID, AuthorID: w.bob.ID, Body: "from another"},
		})
		return err
	}},
	{"EditMessage", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.EditMessage(ctx, w.first.ID, w.ann.ID, storage.MessagePatch{Body: new("good evening")})
		return err
	}},
	{"DeleteMessage", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.DeleteMessage(ctx, w.reply.ID, w.bob.ID)
		return err
	}},
	{"DeleteMessages", func(ctx context.Context, s storage.Writer, w *world) error {
		_, _, err := s.DeleteMessages(ctx, storage.MessageQuery{Room: w.attic.ID}, w.dan.ID)
		return err
	}},
	{"CreateAttachment", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.CreateAttachment(ctx, &storage.Attachment{RoomID: w.hall.ID, UploaderID: w.bob.ID, Name: "cat.png", Blob: w.photo.Blob})
	}},
	{"DeleteAttachment", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.DeleteAttachment(ctx, w.photo.ID)
		return err
	}},
	{"PurgeAttachments", func(ctx context.Context, s storage.Writer, _ *world) error {
		_, err := s.PurgeAttachments(ctx, storage.AttachmentPurge{})
		return err
	}},
	{"AddReaction", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.AddReaction(ctx, w.first.ID, w.bob.ID, "👍")
		return err
	}},
	{"RemoveReaction", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.RemoveReaction(ctx, w.third.ID, w.bob.ID, ":tea:")
		return err
	}},
	{"PinMessage", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.PinMessage(ctx, w.first.ID, w.ann.ID)
		return err
	}},
	{"UnpinMessage", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.UnpinMessage(ctx, w.third.ID, w.ann.ID)
		return err
	}},
	{"AddReadReceipt", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.AddReadReceipt(ctx, w.third.ID, w.ann.ID)
	}},
	{"MarkRead", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.MarkRead(ctx, w.hall.ID, w.ann.ID, storage.Anchor{})
	}},
	{"MarkUnread", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.MarkUnread(ctx, w.hall.ID, w.bob.ID, storage.At(w.third.ID))
	}},
	{"PurgeMessage", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.PurgeMessage(ctx, w.gone.ID)
		return err
	}},
	{"PurgeMessages", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.PurgeMessages(ctx, storage.PurgeQuery{Room: w.hall.ID, Author: w.bob.ID})
		return err
	}},
}

// items is a page without its cursors, which need not be the same text for the
// same place.
func items[T any](p storage.Page[T], err error) (any, error) { return p.Items, err }

// value fits what a method returns to what a read returns.
func value[T any](v T, err error) (any, error) { return v, err }

var reads = []read{
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
}
