package storage_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// someReader reads what Authorize asks for. A record that is nil is not there;
// an error is what a method fails with.
type someReader struct {
	storage.Reader
	user    *storage.User
	room    *storage.Room
	member  *storage.Membership
	ban     *storage.Sanction
	mute    *storage.Sanction
	invite  *storage.Invite
	failing map[string]error
}

func read[T any](r *someReader, method string, entity storage.Entity, record *T) (T, error) {
	if err := r.failing[method]; err != nil {
		return *new(T), &storage.Error{Op: method, Kind: err}
	}
	if record == nil {
		return *new(T), &storage.Error{Op: method, Entity: entity, Kind: storage.ErrNotFound}
	}
	return *record, nil
}

func (r *someReader) User(context.Context, storage.UserID) (storage.User, error) {
	return read(r, "user", storage.EntityUser, r.user)
}

func (r *someReader) Room(context.Context, storage.RoomID) (storage.Room, error) {
	return read(r, "room", storage.EntityRoom, r.room)
}

func (r *someReader) Membership(context.Context, storage.RoomID, storage.UserID) (storage.Membership, error) {
	return read(r, "membership", storage.EntityMembership, r.member)
}

func (r *someReader) ActiveSanction(_ context.Context, _ storage.UserID, _ storage.RoomID, kind storage.SanctionKind) (storage.Sanction, error) {
	if kind == storage.SanctionBan {
		return read(r, "ban", storage.EntitySanction, r.ban)
	}
	return read(r, "mute", storage.EntitySanction, r.mute)
}

// Invites finds the invite where the query asks for a live one to the room that
// names the user.
func (r *someReader) Invites(_ context.Context, q storage.InviteQuery) (storage.Page[storage.Invite], error) {
	if err := r.failing["invites"]; err != nil {
		return storage.Page[storage.Invite]{}, &storage.Error{Op: "invites", Kind: err}
	}
	var p storage.Page[storage.Invite]
	if r.invite != nil && q.Room == someRoom && q.Invitee == someUser && q.Live != nil && *q.Live {
		p.Items = append(p.Items, *r.invite)
	}
	return p, nil
}

// clockReader tells the time too, as a Tx does.
type clockReader struct {
	*someReader
	now time.Time
}

func (r clockReader) Now() time.Time { return r.now }

// newReader reads what an access is made of.
func newReader(privacy storage.Privacy, role storage.Role, member storage.MemberRole) *someReader {
	a := newAccess(storage.Room{Type: storage.RoomChannel, Privacy: privacy}, role, member)
	return &someReader{user: &a.User, room: &a.Room, member: a.Membership}
}

// authorized asks, and requires an error that names the operation.
func authorized(t *testing.T, r storage.Reader, action storage.Action) *storage.Error {
	t.Helper()
	err := storage.Authorize(t.Context(), r, someUser, someRoom, action)
	if err == nil {
		return nil
	}
	var e *storage.Error
	require.ErrorAs(t, err, &e)
	require.NotEmpty(t, e.Op)
	return e
}

func wantReason(t *testing.T, r storage.Reader, action storage.Action, reason storage.Reason) {
	t.Helper()
	e := authorized(t, r, action)
	if reason == "" {
		require.Nil(t, e)
		return
	}
	require.NotNil(t, e, "%v is allowed", action)
	assert.Equal(t, storage.ErrForbidden, e.Kind)
	assert.Equal(t, "authorize", e.Op)
	assert.Equal(t, reason, e.Reason)
}

func TestAuthorize(t *testing.T) {
	member := newReader(storage.PrivacyPublic, storage.RoleUser, storage.MemberMember)
	wantReason(t, member, storage.ActionPost, "")
	wantReason(t, member, storage.ActionManage, storage.ReasonRole)
	stranger := newReader(storage.PrivacyPublic, storage.RoleUser, 0)
	wantReason(t, stranger, storage.ActionRead, "")
	wantReason(t, stranger, storage.ActionJoin, "")
	wantReason(t, stranger, storage.ActionPost, storage.ReasonNotMember)
	wantReason(t, newReader(storage.PrivacyProtected, storage.RoleUser, 0), storage.ActionJoin, storage.ReasonPassword)
	wantReason(t, newReader(storage.PrivacyPrivate, storage.RoleAdmin, 0), storage.ActionManage, "")

	member.mute = &storage.Sanction{Kind: storage.SanctionMute}
	wantReason(t, member, storage.ActionPost, storage.ReasonMuted)
	wantReason(t, member, storage.ActionRead, "")
	member.ban = &storage.Sanction{Kind: storage.SanctionBan, RoomID: someRoom}
	wantReason(t, member, storage.ActionRead, storage.ReasonBanned)
}

// To one who is no member, a private room is not there, in the very words in
// which one that does not exist is not.
func TestAuthorizeHidden(t *testing.T) {
	missing := newReader(storage.PrivacyPrivate, storage.RoleUser, 0)
	missing.room = nil
	want := authorized(t, missing, storage.ActionRead)
	require.Equal(t, &storage.Error{
		Op: "authorize", Entity: storage.EntityRoom, ID: someRoom.String(), Kind: storage.ErrNotFound,
	}, want)
	for name, edit := range map[string]func(*someReader){
		"private":             func(*someReader) {},
		"direct":              func(r *someReader) { r.room.Type, r.room.Privacy = storage.RoomDirectMessage, storage.PrivacyPublic },
		"direct, to an admin": func(r *someReader) { r.room.Type, r.user.Role = storage.RoomDirectMessage, storage.RoleAdmin },
		"inactive":            func(r *someReader) { r.room.Active = false },
		"expired":             func(r *someReader) { r.room.ExpiresAt = noon },
		"banned":              func(r *someReader) { r.ban = &storage.Sanction{Kind: storage.SanctionBan} },
		"user inactive":       func(r *someReader) { r.user.Active = false },
	} {
		r := newReader(storage.PrivacyPrivate, storage.RoleUser, 0)
		edit(r)
		for _, action := range values[storage.Action]() {
			assert.Equal(t, want, authorized(t, r, action), "%s: %v", name, action)
		}
		r.invite = new(storage.Invite{})
		for _, action := range values[storage.Action]() { // who is invited may know of it
			e := authorized(t, r, action)
			require.NotNil(t, e, "%s: %v", name, action)
			assert.Equal(t, storage.ErrForbidden, e.Kind, "%s: %v", name, action)
		}
	}
	for _, privacy := range []storage.Privacy{storage.PrivacyProtected, storage.PrivacySystem} {
		wantReason(t, newReader(privacy, storage.RoleUser, 0), storage.ActionRead, storage.ReasonNotMember)
	}
	wantReason(t, newReader(storage.PrivacyPrivate, storage.RoleUser, storage.MemberGuest), storage.ActionPin, storage.ReasonRole)
}

func TestAuthorizeMissing(t *testing.T) {
	r := newReader(storage.PrivacyPublic, storage.RoleUser, 0)
	r.user, r.room = nil, nil
	assert.Equal(t, &storage.Error{
		Op: "authorize", Entity: storage.EntityUser, ID: someUser.String(), Kind: storage.ErrNotFound,
	}, authorized(t, r, storage.ActionRead))
	for _, action := range []storage.Action{0, 99} {
		e := authorized(t, r, action)
		require.NotNil(t, e)
		assert.Equal(t, storage.ErrInvalid, e.Kind)
		assert.Equal(t, "action", e.Field)
	}
}

// What cannot be read is no permission, and no lack of one.
func TestAuthorizeFailing(t *testing.T) {
	for _, method := range []string{"user", "room", "membership", "ban", "mute"} {
		r := newReader(storage.PrivacyPrivate, storage.RoleAdmin, storage.MemberOwner)
		r.failing = map[string]error{method: storage.ErrClosed}
		e := authorized(t, r, storage.ActionRead)
		require.NotNil(t, e, method)
		assert.Equal(t, storage.ErrClosed, e.Kind, method)
		assert.Equal(t, method, e.Op)
		require.False(t, errors.Is(e, storage.ErrForbidden))
	}
	r := newReader(storage.PrivacyPrivate, storage.RoleUser, 0)
	r.failing = map[string]error{"invites": storage.ErrClosed}
	for _, action := range values[storage.Action]() {
		e := authorized(t, r, action)
		require.NotNil(t, e, action)
		assert.Equal(t, storage.ErrClosed, e.Kind, action)
	}
}

// Rooms expire by the time of the transaction; a sanction that is said to be in
// force is, whatever the time.
func TestAuthorizeTime(t *testing.T) {
	r := newReader(storage.PrivacyPublic, storage.RoleUser, storage.MemberMember)
	r.room.ExpiresAt = noon
	wantReason(t, clockReader{r, noon.Add(-time.Microsecond)}, storage.ActionPost, "")
	wantReason(t, clockReader{r, noon}, storage.ActionPost, storage.ReasonRoomExpired)
	r.room.ExpiresAt = time.Now().Add(-time.Hour)
	wantReason(t, r, storage.ActionPost, storage.ReasonRoomExpired)
	r.room.ExpiresAt = time.Now().Add(time.Hour)
	wantReason(t, r, storage.ActionPost, "")
	r.mute = &storage.Sanction{Kind: storage.SanctionMute, ExpiresAt: noon}
	wantReason(t, r, storage.ActionPost, storage.ReasonMuted)
}
