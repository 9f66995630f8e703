package storagetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// world is a small population for cases about all operations at once.
type world struct {
	ann storage.User // owns hall and shed
	bob storage.User // in hall
	cid storage.User // in hall; created attic and wrote there and in hall
	dan storage.User // in hall
	eve storage.User // inactive, nowhere
	fay storage.User // nowhere

	hall  storage.Room
	attic storage.Room // inactive
	shed  storage.Room

	first storage.Message // in hall, by ann, with everything a message can have; edited by cid; cid and ann reacted
	reply storage.Message // to first, by bob, and edited by him
	third storage.Message // by cid, pinned, with photo
	gone  storage.Message // a tombstone
	tools storage.Message // in shed

	photo storage.Attachment // in hall, by cid
	draft storage.Attachment // in hall, by ann, carried by no message
	plan  storage.Attachment // in shed, by cid, carried by no message

	pair storage.Room // the direct room of ann and bob

	open     storage.Invite // to attic, by cid, for anybody with openCode
	openCode storage.Secret
	letter   storage.Invite   // to attic, by ann, for bob
	mute     storage.Sanction // of eve in hall, by cid
	ban      storage.Sanction // of eve everywhere, until it was lifted by ann

	held     storage.Hold // on pair
	released storage.Hold // on shed

	phone      storage.Session // of ann
	phoneToken storage.Secret
	desk       storage.Session // of ann
	deskToken  storage.Secret
	tablet     storage.Session // of dan
	kiosk      storage.Session // of cid, revoked

	setting storage.Config
	banned  storage.AuditEntry // by ann, of bob
}

func (f *fixture) world() *world {
	f.t.Helper()
	w := &world{
		ann: f.user("ann", func(u *storage.User) { u.Email, u.ExternalID = "ann@example.com", "oidc|ann" }),
		bob: f.user("bob"), cid: f.user("cid"), dan: f.user("dan"), eve: f.user("eve"), fay: f.user("fay"),
	}
	require.NoError(f.t, f.DeactivateUser(f.ctx, w.eve.ID))
	w.hall = f.room("hall", w.ann.ID, func(r *storage.Room) { r.Topic = "where we meet" })
	w.attic = f.room("attic", w.cid.ID)
	w.shed = f.room("shed", w.ann.ID)
	for _, u := range []storage.User{w.bob, w.cid, w.dan} {
		f.join(w.hall.ID, u.ID)
	}
	w.first = f.say(w.hall.ID, w.ann.ID, "good morning", func(m *storage.Message) {
		m.Nonce, m.Mentions, m.Tags = "n1", []storage.UserID{w.bob.ID}, []string{"greeting"}
		m.Custom = json.RawMessage(`{"a": [1]}`)
	})
	w.reply = f.say(w.hall.ID, w.bob.ID, "morning, ann", func(m *storage.Message) { m.ParentID = w.first.ID })
	w.photo, w.draft = f.upload(w.hall.ID, w.cid.ID, "photo"), f.upload(w.hall.ID, w.ann.ID, "draft")
	w.plan = f.upload(w.shed.ID, w.cid.ID, "plan")
	w.third = f.say(w.hall.ID, w.cid.ID, "is there coffee", carrying(w.photo))
	w.gone = f.say(w.hall.ID, w.bob.ID, "a slip of the tongue")
	f.say(w.attic.ID, w.cid.ID, "dust everywhere")
	w.tools = f.say(w.shed.ID, w.ann.ID, "a hammer in the morning")
	var err error
	w.gone, err = f.DeleteMessage(f.ctx, w.gone.ID, w.ann.ID)
	require.NoError(f.t, err)
	w.first, err = f.EditMessage(f.ctx, w.first.ID, w.cid.ID, storage.MessagePatch{Tags: &[]string{"greeting", "early"}})
	require.NoError(f.t, err)
	w.reply, err = f.EditMessage(f.ctx, w.reply.ID, w.bob.ID, storage.MessagePatch{Body: new("morning, dear ann")})
	require.NoError(f.t, err)
	w.third, err = f.PinMessage(f.ctx, w.third.ID, w.ann.ID)
	require.NoError(f.t, err)
	for _, user := range []storage.User{w.cid, w.ann} {
		f.react(w.first.ID, user.ID, "👍")
	}
	f.react(w.third.ID, w.bob.ID, ":tea:")
	w.first, w.third = f.readMessage(w.first.ID), f.readMessage(w.third.ID)
	require.NoError(f.t, f.DeactivateRoom(f.ctx, w.attic.ID))
	f.admit(w)
	f.block(w.ann.ID, w.fay.ID)
	f.block(w.cid.ID, w.ann.ID)
	f.logins(w)
	w.setting = f.configure("mail.port", "25", sensitive)
	f.audit(storage.AuditEntry{Action: "server.start"})
	w.banned = f.audit(fullAudit(w.ann.ID, w.bob.ID, w.hall.ID))
	require.NoError(f.t, f.AdvanceConsumer(f.ctx, "push", 1))
	return w
}

// logins stores who is logged in. One has just come, and one is long due to be
// touched.
func (f *fixture) logins(w *world) {
	f.t.Helper()
	w.desk, w.deskToken = f.login(w.ann.ID, func(s *storage.Session) { *s = f.fullSession(w.ann.ID) })
	f.clock.advance(-storage.SessionTouchInterval)
	f.attempt(storage.LoginAttempt{Login: "ann", UserID: w.ann.ID, Success: true})
	f.attempt(storage.LoginAttempt{Login: "ann", UserID: w.ann.ID})
	w.phone, w.phoneToken = f.login(w.ann.ID)
	f.clock.advance(storage.SessionTouchInterval)
	w.tablet, _ = f.login(w.dan.ID)
	w.kiosk, _ = f.login(w.cid.ID)
	require.NoError(f.t, f.RevokeSession(f.ctx, w.kiosk.ID))
	w.kiosk = f.readSession(w.kiosk.ID)
}

// admit stores who may come in, and who may not.
func (f *fixture) admit(w *world) {
	f.t.Helper()
	w.pair = f.direct(w.ann.ID, w.bob.ID)
	w.open, w.openCode = f.invite(storage.Invite{RoomID: w.attic.ID, InviterID: w.cid.ID, MaxUses: 3})
	w.letter, _ = f.invite(storage.Invite{RoomID: w.attic.ID, InviterID: w.ann.ID, InviteeID: w.bob.ID, Role: storage.MemberAdmin})
	w.mute = f.sanction(storage.Sanction{UserID: w.eve.ID, RoomID: w.hall.ID, Kind: storage.SanctionMute, ModeratorID: w.cid.ID, Reason: "noise"})
	w.ban = f.sanction(storage.Sanction{UserID: w.eve.ID, Kind: storage.SanctionBan})
	var err error
	w.ban, err = f.LiftSanction(f.ctx, w.ban.ID, w.ann.ID)
	require.NoError(f.t, err)
	w.held = f.hold(storage.Hold{RoomID: w.pair.ID, CreatedBy: w.ann.ID})
	w.released = f.release(f.hold(storage.Hold{RoomID: w.shed.ID}).ID)
}

// seen is what one read told.
type seen struct {
	Value any
	Error string // its kind
}

// sight is what every read tells of a world; in a shape that can be compared.
func sight(ctx context.Context, r storage.Reader, w *world) map[string]seen {
	out := map[string]seen{}
	for i, read := range reads {
		value, err := read.run(ctx, r, w)
		s := seen{Value: value}
		if err != nil {
			s = seen{Error: kindOf(err)}
		}
		out[fmt.Sprintf("%02d %s", i, read.method)] = s
	}
	return out
}

func kindOf(err error) string {
	var e *storage.Error
	if errors.As(err, &e) {
		return e.Kind.Error()
	}
	return err.Error()
}

// requireComplete requires that calls holds every method of an interface, but
// for those named, so that no operation is forgotten when the contract grows.
func requireComplete(t testing.TB, contract reflect.Type, called []string, but ...string) {
	t.Helper()
	known := map[string]bool{}
	for _, name := range append(called, but...) {
		known[name] = true
	}
	for method := range contract.Methods() {
		require.True(t, known[method.Name], "the suite does not call %s.%s", contract.Name(), method.Name)
	}
}

// requireAllReads requires that every method of storage.Reader is in reads.
func requireAllReads(t testing.TB) {
	t.Helper()
	var called []string
	for _, r := range reads {
		called = append(called, r.method)
	}
	requireComplete(t, reflect.TypeFor[storage.Reader](), called)
}

// requireAllWrites requires that every method of storage.Writer is in writes.
func requireAllWrites(t testing.TB) {
	t.Helper()
	var called []string
	for _, w := range writes {
		called = append(called, w.method)
	}
	requireComplete(t, reflect.TypeFor[storage.Writer](), called)
}

// changeAll makes every kind of change in a world, one after the other.
func changeAll(t testing.TB, ctx context.Context, to storage.Writer, w *world) {
	t.Helper()
	for _, write := range writes {
		require.NoError(t, write.run(ctx, to, w), write.method)
	}
}

// another opens a second store of the same backend, with other options.
func (f *fixture) another(edit func(*storage.Options)) *fixture {
	f.t.Helper()
	other := &fixture{t: f.t, ctx: f.ctx, clock: f.clock, backend: f.backend, options: f.options}
	edit(&other.options)
	other.Store = f.backend.Open(f.t, other.options)
	f.t.Cleanup(func() {
		if err := other.Close(); err != nil && !errors.Is(err, storage.ErrClosed) {
			f.t.Errorf("Close: %v", err)
		}
	})
	return other
}
