package storagetest

import (
	"context"
	"strings"

	"github.com/lairchat/lair/storage"
)

// tooLong fits nowhere.
var tooLong = strings.Repeat("x", storage.MaxBody+1)

// invalidDisputes are invalid first of all.
func invalidDisputes(p parties) []dispute {
	return append(invalidMessages(p), []dispute{
		{"user: taken name, invalid profile", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateUser(ctx, &storage.User{Username: "ann", Profile: storage.Profile{Bio: "\xff"}})
		}},
		{"patch of nobody: invalid name", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.UpdateUser(ctx, nobody, storage.UserPatch{Username: new("")})
			return err
		}},
		{"role of nobody: unknown", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.SetUserRole(ctx, nobody, 99)
		}},
		{"hash of nobody: too tooLong", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.SetPasswordHash(ctx, nobody, storage.Secret(tooLong))
		}},
		{"direct room of nobody, name taken", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateRoom(ctx, &storage.Room{Type: storage.RoomDirectMessage, Name: "room", CreatorID: nobody})
		}},
		{"patch of no room: invalid topic", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.UpdateRoom(ctx, nowhere, storage.RoomPatch{Topic: &tooLong, IfVersion: 9})
			return err
		}},
		{"settings of no room: negative", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.UpdateRoomSettings(ctx, nowhere, storage.RoomSettings{RateLimit: -1})
			return err
		}},
		{"member of no room: unknown role", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.AddMember(ctx, &storage.Membership{RoomID: nowhere, UserID: nobody, Role: 99})
		}},
		{"members of no room: unknown role", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.AddMembers(ctx, nowhere, 99, nobody)
			return err
		}},
		{"role of no member: unset", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.SetMemberRole(ctx, nowhere, nobody, 0)
		}},
		{"settings of no member: invalid", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.UpdateMemberSettings(ctx, nowhere, nobody, storage.MemberSettings{Nickname: "\x00"})
		}},
	}...)
}

func invalidMessages(p parties) []dispute {
	return []dispute{
		{"message of nobody: too tooLong", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateMessage(ctx, &storage.Message{RoomID: nowhere, AuthorID: nobody, Body: tooLong})
			return err
		}},
		{"messages, the last one invalid", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateMessages(ctx, []*storage.Message{{RoomID: nowhere}, {RoomID: p.room}, {Body: "x"}})
			return err
		}},
		{"edit of no message: invalid body", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.EditMessage(ctx, storage.MessageID{}, nobody, storage.MessagePatch{Body: &tooLong})
			return err
		}},
		{"stale edit: invalid tags", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.EditMessage(ctx, p.message, nobody, storage.MessagePatch{Tags: &[]string{""}, IfVersion: 9})
			return err
		}},
		{"reaction to no message: empty", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.AddReaction(ctx, storage.MessageID{}, nobody, "")
			return err
		}},
		{"reaction of nobody, taken back: too long", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.RemoveReaction(ctx, p.message, nobody, tooLong)
			return err
		}},
		{"page before no message: negative limit", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.Messages(ctx, storage.MessageQuery{Room: p.room, Before: storage.At(storage.MessageID{1}), Limit: -1})
			return err
		}},
	}
}

// parties are who and what the disputes of valid calls are about.
type parties struct {
	ann, bob, carol    storage.UserID // bob is nowhere a member, carol is in full
	room, full, closed storage.RoomID // ann owns them
	message, tombstone storage.MessageID
	file               storage.AttachmentID // which message carries
}

// missingDisputes are about a record that is missing, among other things.
func missingDisputes(p parties) []dispute {
	return []dispute{
		{"creator missing, name taken", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateRoom(ctx, &storage.Room{Name: "ROOM", CreatorID: nobody})
		}},
		{"inviter missing, room full", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return s.AddMember(ctx, &storage.Membership{RoomID: p.full, UserID: p.bob, InvitedBy: nobody})
		}},
		{"inviter missing, a member already", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return s.AddMember(ctx, &storage.Membership{RoomID: p.room, UserID: p.ann, InvitedBy: nobody})
		}},
		{"one missing, room full", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.AddMembers(ctx, p.full, 0, p.bob, nobody)
			return err
		}},
		{"heir missing, not an owner", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return s.TransferOwnership(ctx, p.full, p.carol, nobody)
		}},
		{"author missing, room inactive", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateMessage(ctx, &storage.Message{RoomID: p.closed, AuthorID: nobody})
			return err
		}},
		{"mentioned missing, room inactive", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateMessage(ctx, &storage.Message{RoomID: p.closed, Mentions: []storage.UserID{nobody}})
			return err
		}},
		{"editor missing, stale version", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.EditMessage(ctx, p.message, nobody, storage.MessagePatch{IfVersion: 9})
			return err
		}},
		{"who reacts missing, a tombstone", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.AddReaction(ctx, p.tombstone, nobody, "x")
			return err
		}},
		{"who pins missing, a tombstone", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.PinMessage(ctx, p.tombstone, nobody)
			return err
		}},
		{"mentioned missing, a tombstone", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.EditMessage(ctx, p.tombstone, p.ann, storage.MessagePatch{Mentions: &[]storage.UserID{nobody}})
			return err
		}},
	}
}

// staleDisputes are in conflict, and something else is taken.
func staleDisputes(p parties) []dispute {
	return []dispute{
		{"user stale, name taken", storage.ErrConflict, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.UpdateUser(ctx, p.ann, storage.UserPatch{Username: new("BOB"), IfVersion: 9})
			return err
		}},
		{"room stale, name taken", storage.ErrConflict, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.UpdateRoom(ctx, p.room, storage.RoomPatch{Name: new("FULL"), IfVersion: 9})
			return err
		}},
		{"nonce of another message, ID taken", storage.ErrConflict, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateMessage(ctx, &storage.Message{ID: p.message, RoomID: p.room, AuthorID: p.ann, Nonce: "n", Body: "other"})
			return err
		}},
	}
}
