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
	{"BlockUser", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.BlockUser(ctx, w.bob.ID, w.ann.ID)
	}},
	{"UnblockUser", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.UnblockUser(ctx, w.ann.ID, w.fay.ID)
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
	{"CreateHold", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.CreateHold(ctx, &storage.Hold{UserID: w.fay.ID, Reason: "case 9", CreatedBy: w.ann.ID})
	}},
	{"ReleaseHold", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.ReleaseHold(ctx, w.held.ID, w.bob.ID)
		return err
	}},
	{"CreateSession", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.CreateSession(ctx, &storage.Session{UserID: w.bob.ID, UserAgent: "curl"})
		return err
	}},
	{"TouchSession", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.TouchSession(ctx, w.phone.ID)
	}},
	{"ExtendSession", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.ExtendSession(ctx, w.phone.ID, clockStart.AddDate(1, 0, 0))
		return err
	}},
	{"UpdateSessionMetadata", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.UpdateSessionMetadata(ctx, w.desk.ID, storage.SessionMetadata{Device: "desk"})
		return err
	}},
	{"RevokeSession", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.RevokeSession(ctx, w.desk.ID)
	}},
	{"RevokeSessions", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.RevokeSessions(ctx, w.ann.ID, w.desk.ID)
		return err
	}},
	{"DeleteSession", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.DeleteSession(ctx, w.tablet.ID)
	}},
	{"DeleteExpiredSessions", func(ctx context.Context, s storage.Writer, _ *world) error {
		_, err := s.DeleteExpiredSessions(ctx, clockStart.AddDate(1, 0, 0), 0)
		return err
	}},
	{"RecordLoginAttempt", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.RecordLoginAttempt(ctx, &storage.LoginAttempt{Login: "bob", UserID: w.bob.ID, UserAgent: "curl"})
	}},
	{"PruneLoginAttempts", func(ctx context.Context, s storage.Writer, _ *world) error {
		_, err := s.PruneLoginAttempts(ctx, clockStart, 1)
		return err
	}},
	{"AppendAudit", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.AppendAudit(ctx, &storage.AuditEntry{Action: "room.close", ActorID: w.ann.ID, RoomID: w.hall.ID})
	}},
	{"EraseAudit", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.EraseAudit(ctx, w.bob.ID, 0)
		return err
	}},
	{"PruneAudit", func(ctx context.Context, s storage.Writer, _ *world) error {
		_, err := s.PruneAudit(ctx, clockStart.AddDate(1, 0, 0), 1)
		return err
	}},
	{"SetConfig", func(ctx context.Context, s storage.Writer, _ *world) error {
		return s.SetConfig(ctx, &storage.Config{Key: "mail.host", Value: "mail.example.com", Sensitive: true})
	}},
	{"DeleteConfig", func(ctx context.Context, s storage.Writer, w *world) error {
		return s.DeleteConfig(ctx, w.setting.Key)
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
	{"AdvanceConsumer", func(ctx context.Context, s storage.Writer, _ *world) error {
		return s.AdvanceConsumer(ctx, "search", 2)
	}},
	{"DeleteConsumer", func(ctx context.Context, s storage.Writer, _ *world) error {
		return s.DeleteConsumer(ctx, "push")
	}},
	{"EraseUserData", func(ctx context.Context, s storage.Writer, w *world) error {
		_, err := s.EraseUserData(ctx, w.eve.ID, storage.EraseOptions{By: w.ann.ID})
		return err
	}},
	{"DeleteInvites", func(ctx context.Context, s storage.Writer, _ *world) error {
		_, err := s.DeleteInvites(ctx, clockStart.AddDate(1, 0, 0), 1)
		return err
	}},
	{"DeleteSanctions", func(ctx context.Context, s storage.Writer, _ *world) error {
		_, err := s.DeleteSanctions(ctx, clockStart.AddDate(1, 0, 0), 0)
		return err
	}},
	{"PruneChanges", func(ctx context.Context, s storage.Writer, _ *world) error {
		_, err := s.PruneChanges(ctx, storage.ChangePrune{Keep: 5, Limit: 3, PastConsumers: true})
		return err
	}},
}
