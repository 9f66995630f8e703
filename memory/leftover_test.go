package memory

import (
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// entries returns how many entries each tree has, those without any left out.
func (s *state) entries() map[string]int64 {
	all := make(map[string]int64)
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		if v.Field(i).Kind() == reflect.Struct && v.Field(i).FieldByName("count").IsValid() && v.Field(i).FieldByName("count").Int() > 0 {
			all[v.Type().Field(i).Name] = v.Field(i).FieldByName("count").Int()
		}
	}
	return all
}

// clutter is a store in which every tree has something.
type clutter struct {
	*Store
	t            *testing.T
	engine       *engine
	ann, bob     storage.UserID
	eve          storage.UserID // who does not stay
	room, direct storage.RoomID
	root, purged storage.Message
}

func newClutter(t *testing.T) *clutter {
	e := newEngine()
	c := &clutter{Store: &Store{backend.New(e, storage.Options{})}, t: t, engine: e}
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	ctx := t.Context()
	for name, id := range map[string]*storage.UserID{"ann": &c.ann, "bob": &c.bob, "eve": &c.eve} {
		u := storage.User{Username: name, Email: name + "@example.org", ExternalID: name}
		require.NoError(t, c.CreateUser(ctx, &u))
		*id = u.ID
	}
	c.fillRoom()
	c.admit()
	return c
}

// admit stores who may come into the rooms, and who may not.
func (c *clutter) admit() {
	ctx := c.t.Context()
	direct, _, err := c.OpenDirectRoom(ctx, c.ann, c.bob)
	require.NoError(c.t, err)
	c.direct = direct.ID
	for _, i := range []storage.Invite{{RoomID: c.room, InviteeID: c.bob}, {RoomID: c.room, Email: "x@example.org"}} {
		_, err := c.CreateInvite(ctx, &i)
		require.NoError(c.t, err)
	}
	for _, s := range []storage.Sanction{
		{UserID: c.bob, Kind: storage.SanctionMute}, {UserID: c.ann, RoomID: c.room, Kind: storage.SanctionMute}, {UserID: c.ann, Kind: storage.SanctionMute},
	} {
		require.NoError(c.t, c.CreateSanction(ctx, &s))
	}
	for range 2 {
		require.NoError(c.t, c.AddMember(ctx, &storage.Membership{RoomID: c.room, UserID: c.eve}))
		require.NoError(c.t, c.RemoveMember(ctx, c.room, c.eve))
	}
	require.NoError(c.t, c.AppendAudit(ctx, &storage.AuditEntry{Action: "room.open"}))
	require.NoError(c.t, c.SetConfig(ctx, &storage.Config{Key: "motd"}))
	require.NoError(c.t, c.AdvanceConsumer(ctx, "push", 1))
	require.NoError(c.t, c.BlockUser(ctx, c.ann, c.bob))
	require.NoError(c.t, c.BlockUser(ctx, c.bob, c.eve))
	for _, user := range []storage.UserID{c.ann, c.bob} {
		require.NoError(c.t, c.RecordLoginAttempt(ctx, &storage.LoginAttempt{Login: "x", UserID: user, IP: netip.IPv4Unspecified()}))
		_, err := c.CreateSession(ctx, &storage.Session{UserID: user, ExpiresAt: time.Now().Add(time.Hour)})
		require.NoError(c.t, err)
	}
}

// fillRoom creates a room that has what a room can have.
func (c *clutter) fillRoom() {
	ctx := c.t.Context()
	room := storage.Room{Name: "hall", CreatorID: c.ann}
	require.NoError(c.t, c.CreateRoom(ctx, &room))
	c.room = room.ID
	require.NoError(c.t, c.AddMember(ctx, &storage.Membership{RoomID: c.room, UserID: c.bob}))
	c.root = c.say(storage.Message{Nonce: "once", Tags: []string{"a", "b"}, Mentions: []storage.UserID{c.bob}})
	for _, blob := range []string{"loose", "one", "two"} {
		a := storage.Attachment{RoomID: c.room, UploaderID: c.bob, Name: blob, Blob: blob, Hash: "hash"}
		require.NoError(c.t, c.CreateAttachment(ctx, &a))
		if blob != "loose" {
			c.say(storage.Message{ParentID: c.root.ID, Attachments: []storage.Attachment{{ID: a.ID}}})
		}
	}
	c.say(storage.Message{ParentID: c.root.ID, ExpiresAt: time.Now().Add(time.Hour)})
	gone := c.say(storage.Message{ParentID: c.root.ID, Tags: []string{"c"}})
	_, err := c.DeleteMessage(ctx, gone.ID, c.bob)
	require.NoError(c.t, err)
	c.purged = c.say(storage.Message{Mentions: []storage.UserID{c.ann}})
	require.NoError(c.t, c.MarkRead(ctx, c.room, c.bob, storage.AtSeq(2)))
	require.NoError(c.t, c.AddReadReceipt(ctx, c.purged.ID, c.bob))
	_, err = c.PurgeMessage(ctx, c.purged.ID)
	require.NoError(c.t, err)
	_, err = c.AddReaction(ctx, c.root.ID, c.bob, "👍")
	require.NoError(c.t, err)
	_, err = c.EditMessage(ctx, c.root.ID, c.ann, storage.MessagePatch{Tags: &[]string{"b", "d"}})
	require.NoError(c.t, err)
	_, err = c.PinMessage(ctx, c.root.ID, c.ann)
	require.NoError(c.t, err)
	_, err = c.CreateMessages(ctx, []*storage.Message{{RoomID: c.room, CreatedAt: time.Now().Add(-time.Hour)}})
	require.NoError(c.t, err)
}

func (c *clutter) say(m storage.Message) storage.Message {
	m.RoomID, m.AuthorID, m.Body = c.room, c.ann, "said"
	_, err := c.CreateMessage(c.t.Context(), &m)
	require.NoError(c.t, err)
	return m
}

// rows runs fn in a transaction.
func (c *clutter) rows(fn func(r backend.Rows) error) {
	_, err := c.engine.Write(c.t.Context(), fn)
	require.NoError(c.t, err)
}

// TestNothingIsLeft deletes what there is, a little at a time.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	c := newClutter(t)
	ctx := t.Context()
	for _, h := range []storage.Hold{{RoomID: c.room, Reason: "x"}, {UserID: c.eve, Reason: "x"}} {
		require.NoError(t, c.CreateHold(ctx, &h))
	}
	full := c.engine.present.Load().entries()
	for _, empty := range []string{"deletedRooms", "deletedWithFiles", "pruned", "tokens", "postings", "cells"} { // the latter are for many messages
		assert.NotContains(t, full, empty)
		full[empty] = 0
	}
	assert.Len(t, full, reflect.TypeFor[state]().NumField()-len(counters), "some tree is not tested: %v", full)

	for hold, err := range storage.All(ctx, c.Holds, storage.HoldQuery{}) {
		require.NoError(t, err)
		_, err = c.ReleaseHold(ctx, hold.ID, c.ann)
		require.NoError(t, err)
	}
	require.NoError(t, c.DeleteUser(ctx, c.bob))
	left := c.engine.present.Load().entries()
	for _, ofBob := range []string{"readings", "readIn", "reactions", "reactionsBy"} {
		assert.NotContains(t, left, ofBob, "after the user is deleted")
	}
	for _, room := range []storage.RoomID{c.room, c.direct} {
		c.rows(func(r backend.Rows) error {
			require.NoError(c.t, r.DeleteRoom(ctx, room))
			return r.AppendChange(ctx, &storage.Change{Kind: storage.ChangeRoomDeleted, RoomID: room})
		})
	}
	left = c.engine.present.Load().entries()
	for _, ofRooms := range []string{"directRooms", "invites", "inviteIDs", "inviteCodes", "inviteTimes"} {
		assert.NotContains(t, left, ofRooms, "after the rooms are deleted")
	}
	assert.Equal(t, int64(1), left["sanctions"], "sanctions everywhere stay")
	for more := true; more; {
		c.rows(func(r backend.Rows) (err error) { more, err = r.SweepRooms(ctx, 1); return err })
	}
	for more := true; more; {
		r, err := c.PurgeAttachments(ctx, storage.AttachmentPurge{Limit: 1})
		require.NoError(t, err)
		more = r.More
	}
	require.NoError(t, c.DeleteUser(ctx, c.ann))
	require.NoError(t, c.DeleteUser(ctx, c.eve))
	_, err := c.PruneAudit(ctx, time.Now().Add(time.Hour), 0)
	require.NoError(t, err)
	require.NoError(t, c.DeleteConfig(ctx, "motd"))
	c.forgetChanges()
	left = c.engine.present.Load().entries()
	assert.Equal(t, map[string]int64{"pruned": 1, "cells": 1, "holds": 2, "holdIDs": 2, "holdTimes": 2}, left,
		"where the last change was that was in no room, which numbers of users are nobody's, and the holds that there were")
}

// forgetChanges prunes the feed, a little at a time, and what is beside it.
func (c *clutter) forgetChanges() {
	ctx := c.t.Context()
	head, err := c.ChangeHead(ctx)
	require.NoError(c.t, err)
	for left := int64(head.Newest); left > 0; {
		c.rows(func(r backend.Rows) error {
			pruned, err := r.PruneChanges(ctx, backend.ChangePruning{Until: time.Now(), Last: head.Newest, Limit: 2})
			left -= int64(pruned)
			require.Positive(c.t, pruned, "%d are left", left)
			return err
		})
	}
	after, err := c.ChangeHead(ctx)
	require.NoError(c.t, err)
	assert.Equal(c.t, storage.ChangeHead{Newest: head.Newest, Oldest: head.Newest + 1}, after)
	require.NoError(c.t, c.DeleteConsumer(ctx, "push"))
}

// counters are the fields of a state that are no trees.
var counters = []string{"lastUser", "lastRoom", "lastDocument", "lastToken", "lastAttachment", "lastIndexed", "lastInvite", "lastSanction", "lastHold", "lastSession", "lastLogin", "lastChange", "auditHead", "deltas"}
