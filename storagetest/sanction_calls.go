package storagetest

// What sanctions forbid, call by call.

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// court is two rooms with a user in both, who is a plain member.
type court struct {
	ann, bob    storage.UserID // ann owns the rooms
	room, other storage.RoomID
	message     storage.MessageID // in room, by ann
}

func (f *fixture) court() court {
	f.t.Helper()
	c := court{ann: f.user("ann").ID, bob: f.user("bob").ID}
	c.room, c.other = f.room("room", c.ann).ID, f.room("other", c.ann).ID
	for _, room := range []storage.RoomID{c.room, c.other} {
		f.join(room, c.bob)
	}
	c.message = f.say(c.room, c.ann, "order").ID
	f.clock.advance(time.Minute)
	return c
}

// posting are the calls that a ban and a mute forbid, wherever they are for.
func (f *fixture) posting(c court) map[string]func() error {
	return map[string]func() error{
		"CreateMessage": func() error {
			_, err := f.CreateMessage(f.ctx, &storage.Message{RoomID: c.room, AuthorID: c.bob, Body: "objection"})
			return err
		},
		"EditMessage": func() error {
			return errOf(f.EditMessage(f.ctx, c.message, c.bob, storage.MessagePatch{Body: new("objection")}))
		},
		"EditMessage, nothing": func() error { return errOf(f.EditMessage(f.ctx, c.message, c.bob, storage.MessagePatch{})) },
		"AddReaction":          func() error { return errOf(f.AddReaction(f.ctx, c.message, c.bob, "👎")) },
		"CreateAttachment": func() error {
			return f.CreateAttachment(f.ctx, &storage.Attachment{RoomID: c.room, UploaderID: c.bob, Blob: "b"})
		},
	}
}

// joining are the calls that a ban forbids to one who is no member.
func (f *fixture) joining(c court) map[string]func() error {
	f.t.Helper()
	_, code := f.invite(storage.Invite{RoomID: c.room})
	named, _ := f.invite(storage.Invite{RoomID: c.room, InviteeID: c.bob})
	return map[string]func() error{
		"AddMember":    func() error { return f.AddMember(f.ctx, &storage.Membership{RoomID: c.room, UserID: c.bob}) },
		"AddMembers":   func() error { _, err := f.AddMembers(f.ctx, c.room, 0, c.ann, c.bob); return err },
		"RedeemInvite": func() error { _, err := f.RedeemInvite(f.ctx, code, c.bob); return err },
		"AcceptInvite": func() error { _, err := f.AcceptInvite(f.ctx, named.ID, c.bob); return err },
	}
}

// pinning is a call that a ban forbids.
func (f *fixture) pinning(c court) map[string]func() error {
	return map[string]func() error{"PinMessage": func() error { return errOf(f.PinMessage(f.ctx, c.message, c.bob)) }}
}

func (f *fixture) wantRefused(calls map[string]func() error, reason storage.Reason) {
	f.t.Helper()
	for name, call := range calls {
		e := f.refused(f.t, call, storage.ErrForbidden)
		require.Equal(f.t, reason, e.Reason, name)
		require.Zero(f.t, e.RetryAfter, name)
	}
}
