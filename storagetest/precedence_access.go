package storagetest

import (
	"context"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// doors are what the disputes about ways into rooms are about.
type doors struct {
	dan    storage.UserID // banned everywhere
	direct storage.RoomID // of ann and bob, where bob is banned
	past   storage.RoomID // its time is over
	open   storage.Invite // to the room that is full
	code   storage.Secret
	ban    storage.Sanction // of dan
}

func (f *fixture) doors(p parties) doors {
	f.t.Helper()
	d := doors{dan: f.user("dan").ID}
	d.direct = f.direct(p.ann, p.bob).ID
	f.sanction(storage.Sanction{UserID: p.bob, RoomID: d.direct, Kind: storage.SanctionBan})
	d.past = f.room("past", p.ann, expiring(f.now()), func(r *storage.Room) { r.Settings.MaxMembers = 1 }).ID
	d.open, d.code = f.invite(storage.Invite{RoomID: p.full})
	d.ban = f.sanction(storage.Sanction{UserID: d.dan, Kind: storage.SanctionBan})
	require.NoError(f.t, f.DeactivateUser(f.ctx, d.dan))
	return d
}

func accessDisputes(p parties, d doors) []dispute {
	return slices.Concat(invalidAccess(p, d), entryDisputes(p, d), bannedDisputes(p, d))
}

// entryDisputes are about the ways into a room.
func entryDisputes(p parties, d doors) []dispute {
	return []dispute{
		{"invite: inviter missing, ID taken", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateInvite(ctx, &storage.Invite{ID: d.open.ID, RoomID: p.room, InviterID: nobody})
			return err
		}},
		{"redeeming: nobody, the room is full", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.RedeemInvite(ctx, d.code, nobody)
			return err
		}},
		{"redeeming: no such code, a member already", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.RedeemInvite(ctx, d.code+"x", p.ann)
			return err
		}},
		{"redeeming: banned, the room is full", storage.ErrForbidden, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.RedeemInvite(ctx, d.code, d.dan)
			return err
		}},
		{"accepting: for anybody, a member already", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.AcceptInvite(ctx, d.open.ID, p.ann)
			return err
		}},
		{"sanction: moderator missing, ID taken", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateSanction(ctx, &storage.Sanction{ID: d.ban.ID, UserID: p.ann, Kind: storage.SanctionMute, ModeratorID: nobody})
		}},
		{"lifting: by nobody who is there, a sanction that is not", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.LiftSanction(ctx, storage.SanctionID{}, nobody)
			return err
		}},
		{"direct room: one banned, the other missing", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, _, err := s.OpenDirectRoom(ctx, d.dan, nobody)
			return err
		}},
		{"member of a direct room: inviter missing", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return s.AddMember(ctx, &storage.Membership{RoomID: d.direct, UserID: p.ann, InvitedBy: nobody})
		}},
		{"member of a direct room, banned", storage.ErrConstraint, func(ctx context.Context, s storage.ReadWriter) error {
			return s.AddMember(ctx, &storage.Membership{RoomID: d.direct, UserID: d.dan})
		}},
		{"members: one missing, another banned", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.AddMembers(ctx, p.room, 0, d.dan, nobody)
			return err
		}},
	}
}

// bannedDisputes are about what is written into a room.
func bannedDisputes(p parties, d doors) []dispute {
	return []dispute{
		{"message: mentioned missing, author banned", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateMessage(ctx, &storage.Message{RoomID: p.room, AuthorID: d.dan, Mentions: []storage.UserID{nobody}})
			return err
		}},
		{"message: author banned, file taken", storage.ErrForbidden, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateMessage(ctx, &storage.Message{
				RoomID: p.room, AuthorID: d.dan, Attachments: []storage.Attachment{{ID: p.file}},
			})
			return err
		}},
		{"message: author banned, ID taken", storage.ErrForbidden, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateMessage(ctx, &storage.Message{ID: p.message, RoomID: p.room, AuthorID: d.dan})
			return err
		}},
		{"room: creator banned, name taken", storage.ErrForbidden, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateRoom(ctx, &storage.Room{Name: "ROOM", CreatorID: d.dan})
		}},
		{"edit: mentioned missing, editor banned", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.EditMessage(ctx, p.message, d.dan, storage.MessagePatch{Mentions: &[]storage.UserID{nobody}}))
		}},
		{"edit: editor banned, a tombstone", storage.ErrForbidden, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.EditMessage(ctx, p.tombstone, d.dan, storage.MessagePatch{}))
		}},
		{"edit: editor banned, stale version", storage.ErrForbidden, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.EditMessage(ctx, p.message, d.dan, storage.MessagePatch{IfVersion: 9}))
		}},
		{"pin: banned, a tombstone", storage.ErrForbidden, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.PinMessage(ctx, p.tombstone, d.dan))
		}},
		{"reaction: banned, a tombstone", storage.ErrForbidden, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.AddReaction(ctx, p.tombstone, d.dan, "x"))
		}},
		{"attachment: uploader banned, ID taken", storage.ErrForbidden, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateAttachment(ctx, &storage.Attachment{ID: p.file, RoomID: p.room, UploaderID: d.dan, Blob: "b"})
		}},
		{"attachment: room expired, uploader missing", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateAttachment(ctx, &storage.Attachment{RoomID: d.past, UploaderID: nobody, Blob: "b"})
		}},
	}
}

// invalidAccess are invalid first of all.
func invalidAccess(p parties, d doors) []dispute {
	return []dispute{
		{"invite to no room: both user and address", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateInvite(ctx, &storage.Invite{RoomID: nowhere, InviteeID: nobody, Email: "x@example.com"})
			return err
		}},
		{"invite to no room: expired", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateInvite(ctx, &storage.Invite{RoomID: nowhere, ExpiresAt: time.Unix(1, 0)})
			return err
		}},
		{"invite to a direct room: inviter missing", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateInvite(ctx, &storage.Invite{ID: d.open.ID, RoomID: d.direct, InviterID: nobody})
			return err
		}},
		{"sanction of nobody: a kick that lasts", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateSanction(ctx, &storage.Sanction{UserID: nobody, Kind: storage.SanctionKick, ExpiresAt: time.Unix(1<<40, 0)})
		}},
		{"sanction of nobody: expired", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateSanction(ctx, &storage.Sanction{ID: d.ban.ID, UserID: nobody, Kind: storage.SanctionBan, ExpiresAt: time.Unix(1, 0)})
		}},
		{"direct room, stale: a name", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.UpdateRoom(ctx, d.direct, storage.RoomPatch{Name: new("room"), IfVersion: 9})
			return err
		}},
		{"direct room: a limit of members", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.UpdateRoomSettings(ctx, d.direct, storage.RoomSettings{MaxMembers: 2}))
		}},
		{"room that is not temporary, stale: a time", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.UpdateRoom(ctx, p.room, storage.RoomPatch{ExpiresAt: new(time.Unix(1, 0)), IfVersion: 9}))
		}},
		{"room of nobody: a time, not temporary", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateRoom(ctx, &storage.Room{CreatorID: nobody, ExpiresAt: time.Unix(1, 0)})
		}},
		{"sanction in force: a kick", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.ActiveSanction(ctx, nobody, p.room, storage.SanctionKick)
			return err
		}},
		{"sanctions: everywhere in a room", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.Sanctions(ctx, storage.SanctionQuery{User: nobody, Room: p.room, Everywhere: true})
			return err
		}},
		{"invites of nobody: negative limit", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.Invites(ctx, storage.InviteQuery{Invitee: nobody, Limit: -1})
			return err
		}},
		{"rooms that nobody finds: unknown order", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.Rooms(ctx, storage.RoomQuery{VisibleTo: nobody, Order: 99})
			return err
		}},
	}
}
