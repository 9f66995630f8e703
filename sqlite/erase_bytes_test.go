package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// secretPerson is a user of whom every text is secret, in a store with others.
type secretPerson struct {
	*secretStore
	ctx         context.Context
	said        secrets // what of the secrets stands in messages
	deleted     secrets // what of them stood in messages that were deleted or have expired
	addresses   [][]byte
	user, other storage.UserID
	attic       storage.RoomID
}

// address returns an address of which there is no other.
func (p *secretPerson) address() netip.Addr {
	b := [16]byte{0: 0x20, 1: 0x01, 2: 0xfe, 3: 0xdc, 14: 0x5a, 15: byte(len(p.addresses))}
	copy(b[4:], "zqzqzqzqzq")
	p.addresses = append(p.addresses, b[:])
	return netip.AddrFrom16(b)
}

// json returns an object with a secret in it.
func (p *secretPerson) json() []byte { return []byte(`{"a":"` + p.secrets.word() + `"}`) }

func newSecretPerson(t *testing.T, size int) *secretPerson {
	p := &secretPerson{secretStore: newSecretStore(t), ctx: t.Context()}
	p.other = p.author
	p.attic = p.newRoom("attic")
	u := storage.User{Username: p.secrets.word(), Email: p.secrets.word() + "@example.org", ExternalID: p.secrets.word()}
	p.profile(&u)
	require.NoError(t, p.s.CreateUser(p.ctx, &u))
	p.user = u.ID
	p.around(p.s)
	p.rename(u)
	p.logIn()
	p.belong()
	p.write(size)
	p.takenBack(size)
	p.elsewhere()
	p.others()
	p.telling(p.s, p.user, p.other, min(size, 2000))
	p.around(p.s)
	p.ahead.Store(int64(time.Hour))
	return p
}

func (p *secretPerson) newRoom(name string) storage.RoomID {
	room := storage.Room{Name: name, CreatorID: p.other}
	require.NoError(p.t, p.s.CreateRoom(p.ctx, &room))
	return room.ID
}

func (p *secretPerson) profile(u *storage.User) {
	u.PasswordHash = storage.Secret(p.secrets.word())
	u.Profile = storage.Profile{
		DisplayName: p.secrets.word() + " " + p.secrets.word(), Avatar: p.secrets.word(), StatusMessage: p.secrets.word(),
		Bio: p.secrets.text(3000), Timezone: p.secrets.word(), Language: p.secrets.word(), Custom: p.json(),
	}
	u.Settings = storage.UserSettings{Theme: p.secrets.word(), Chat: p.json()}
}

// rename gives the user other names than those of before, which are secret too.
func (p *secretPerson) rename(u storage.User) {
	p.profile(&u)
	patch := storage.UserPatch{
		Username: new(p.secrets.word()), Email: new(p.secrets.word() + "@example.org"), ExternalID: new(p.secrets.word()),
		Profile: &u.Profile, Settings: &u.Settings,
	}
	_, err := p.s.UpdateUser(p.ctx, p.user, patch)
	require.NoError(p.t, err)
	require.NoError(p.t, p.s.SetPasswordHash(p.ctx, p.user, u.PasswordHash))
}

// logIn stores sessions and attempts to log in.
func (p *secretPerson) logIn() {
	u, err := p.s.User(p.ctx, p.user)
	require.NoError(p.t, err)
	for range 5 {
		s := storage.Session{UserID: p.user, IP: p.address(), UserAgent: p.secrets.word(), Metadata: storage.SessionMetadata{
			ClientType: p.secrets.word(), ClientVersion: p.secrets.word(), Device: p.secrets.word(), Location: p.secrets.word(), Custom: p.json(),
		}}
		_, err := p.s.CreateSession(p.ctx, &s)
		require.NoError(p.t, err)
		home := p.address()
		for _, a := range []storage.LoginAttempt{
			{Login: u.Username, UserID: p.user}, {Login: u.Email, UserID: p.user}, {Login: p.secrets.word(), UserID: p.user},
			{Login: u.Username, UserID: p.user, IP: home, Success: true},
			{Login: u.Username, IP: home}, {Login: u.Email, IP: home}, // from before there was the account
		} {
			a.UserAgent = p.secrets.word()
			if !a.IP.IsValid() {
				a.IP = p.address()
			}
			require.NoError(p.t, p.s.RecordLoginAttempt(p.ctx, &a))
		}
	}
}

// belong stores what ties the user to rooms and to others.
func (p *secretPerson) belong() {
	u, err := p.s.User(p.ctx, p.user)
	require.NoError(p.t, err)
	for _, room := range []storage.RoomID{p.room, p.attic} {
		settings := storage.MemberSettings{Nickname: p.secrets.word(), Theme: p.secrets.word(), Custom: p.json()}
		require.NoError(p.t, p.s.AddMember(p.ctx, &storage.Membership{RoomID: room, UserID: p.user, Settings: settings}))
		settings.Nickname = p.secrets.word()
		require.NoError(p.t, p.s.UpdateMemberSettings(p.ctx, room, p.user, settings))
		_, err := p.s.CreateInvite(p.ctx, &storage.Invite{RoomID: room, InviterID: p.other, Email: u.Email})
		require.NoError(p.t, err)
	}
}

// write stores messages that stand, were edited, were deleted, and have expired.
func (p *secretPerson) write(size int) {
	p.author = p.user
	defer func() { p.author = p.other }()
	p.into(&p.said, func() {
		for range 3 {
			p.edit(p.s, p.say(p.s, size), size)
		}
	})
	p.into(&p.deleted, func() {
		for range 3 {
			m := p.say(p.s, size)
			p.edit(p.s, m, size)
			_, err := p.s.DeleteMessage(p.ctx, m.ID, p.user)
			require.NoError(p.t, err)
			short := storage.Message{
				RoomID: p.room, AuthorID: p.user, Body: p.secrets.text(size), Nonce: p.secrets.word(), Tags: []string{p.secrets.word()},
				ExpiresAt: time.Now().Add(time.Microsecond),
			}
			_, err = p.s.CreateMessage(p.ctx, &short)
			require.NoError(p.t, err)
		}
	})
	for range 3 {
		p.file(p.attic)
	}
}

// takenBack stores what is gone, or replaced, before the user is.
func (p *secretPerson) takenBack(size int) {
	left := p.newRoom("left")
	settings := storage.MemberSettings{Nickname: p.secrets.word(), Custom: p.json()}
	require.NoError(p.t, p.s.AddMember(p.ctx, &storage.Membership{RoomID: left, UserID: p.user, Settings: settings}))
	require.NoError(p.t, p.s.RemoveMember(p.ctx, left, p.user))
	s := storage.Session{UserID: p.user, UserAgent: p.secrets.word(), Metadata: storage.SessionMetadata{Device: p.secrets.word(), Custom: p.json()}}
	_, err := p.s.CreateSession(p.ctx, &s)
	require.NoError(p.t, err)
	_, err = p.s.UpdateSessionMetadata(p.ctx, s.ID, storage.SessionMetadata{Device: p.secrets.word(), Location: p.secrets.word()})
	require.NoError(p.t, err)
	require.NoError(p.t, p.s.RevokeSession(p.ctx, s.ID))
	a := p.file(p.attic)
	_, err = p.s.DeleteAttachment(p.ctx, a.ID)
	require.NoError(p.t, err)
	p.author = p.user
	defer func() { p.author = p.other }()
	p.into(&p.deleted, func() {
		p.purge(p.s, p.say(p.s, size))
		err = p.s.Update(p.ctx, func(_ context.Context, tx storage.Tx) error {
			p.edit(tx, p.say(tx, size), size)
			return errUndone
		})
	})
	require.ErrorIs(p.t, err, errUndone)
}

var errUndone = errors.New("undone")

// file stores an upload of the user's.
func (p *secretPerson) file(room storage.RoomID) storage.Attachment {
	a := storage.Attachment{
		RoomID: room, UploaderID: p.user, Name: p.secrets.word(), Blob: p.secrets.word(), MediaType: p.secrets.word(), Hash: p.secrets.word(), Custom: p.json(),
	}
	require.NoError(p.t, p.s.CreateAttachment(p.ctx, &a))
	return a
}

// elsewhere stores what is in rooms that are deleted, and about others' messages
// that are, or have expired.
func (p *secretPerson) elsewhere() {
	gone := p.newRoom("gone")
	require.NoError(p.t, p.s.AddMember(p.ctx, &storage.Membership{RoomID: gone, UserID: p.user, Settings: storage.MemberSettings{Nickname: p.secrets.word()}}))
	_, err := p.s.CreateInvite(p.ctx, &storage.Invite{RoomID: gone, InviterID: p.other, InviteeID: p.user})
	require.NoError(p.t, err)
	require.NoError(p.t, p.s.CreateSanction(p.ctx, &storage.Sanction{UserID: p.user, RoomID: gone, Kind: storage.SanctionKick, Reason: p.secrets.word()}))
	p.file(gone)
	for _, room := range []storage.RoomID{gone, p.attic} {
		for _, expires := range []bool{false, true} {
			a := p.file(room)
			m := storage.Message{RoomID: room, AuthorID: p.other, Body: "zp stays", Attachments: []storage.Attachment{{ID: a.ID}}}
			if expires {
				m.ExpiresAt = time.Now().Add(time.Minute)
			}
			_, err = p.s.CreateMessage(p.ctx, &m)
			require.NoError(p.t, err)
			_, err = p.s.AddReaction(p.ctx, m.ID, p.user, ":"+p.secrets.word()+":")
			require.NoError(p.t, err)
			if !expires {
				_, err = p.s.DeleteMessage(p.ctx, m.ID, p.other)
				require.NoError(p.t, err)
			}
		}
	}
	own := storage.Message{RoomID: gone, AuthorID: p.user, Body: p.secrets.text(700), Nonce: p.secrets.word(), Tags: []string{p.secrets.word()}, Custom: p.json()}
	_, err = p.s.CreateMessage(p.ctx, &own)
	require.NoError(p.t, err)
	require.NoError(p.t, p.s.DeleteRoom(p.ctx, gone))
}

// into notes in a list of its own, too, what is secret of what a function stores.
func (p *secretPerson) into(list *secrets, fn func()) {
	before := len(p.secrets)
	fn()
	*list = append(*list, p.secrets[before:]...)
}

// others have messages that the user reacts to.
func (p *secretPerson) others() {
	for range 5 {
		m := storage.Message{RoomID: p.attic, AuthorID: p.other, Body: "zp stays", Mentions: []storage.UserID{p.user}}
		_, err := p.s.CreateMessage(p.ctx, &m)
		require.NoError(p.t, err)
		for range 2 {
			emoji := ":" + p.secrets.word() + ":"
			_, err = p.s.AddReaction(p.ctx, m.ID, p.user, emoji)
			require.NoError(p.t, err)
			emoji = ":" + p.secrets.word() + ":"
			_, err = p.s.AddReaction(p.ctx, m.ID, p.user, emoji)
			require.NoError(p.t, err)
			_, err = p.s.RemoveReaction(p.ctx, m.ID, p.user, emoji)
			require.NoError(p.t, err)
		}
		require.NoError(p.t, p.s.MarkRead(p.ctx, p.attic, p.user, storage.Anchor{}))
	}
	for _, room := range []storage.RoomID{p.room, p.attic, {}} {
		require.NoError(p.t, p.s.CreateSanction(p.ctx, &storage.Sanction{
			UserID: p.user, RoomID: room, Kind: storage.SanctionMute, Reason: p.secrets.word() + " " + p.secrets.word(),
		}))
	}
}

// missing returns the secrets of which the files hold nothing.
func (p *secretPerson) missing(all secrets) (missing []string) {
	held := p.bytes()
	for _, w := range all {
		if !bytes.Contains(held, []byte(w)) {
			missing = append(missing, w)
		}
	}
	return missing
}

// bytes returns all that the files of the store hold, in lower case.
func (p *secretPerson) bytes() (all []byte) {
	names, err := filepath.Glob(p.s.engine.source.path + "*")
	require.NoError(p.t, err)
	for _, name := range names {
		raw, err := os.ReadFile(name)
		require.NoError(p.t, err)
		all = append(all, bytes.ToLower(raw)...)
	}
	return all
}

// wantNothing requires that the files hold nothing of the secrets, be it in parts.
func (p *secretPerson) wantNothing(all secrets) {
	p.t.Helper()
	held := p.bytes()
	for _, w := range all {
		for _, part := range []string{w, w[:6] + "x", w[:6]} {
			assert.False(p.t, bytes.Contains(held, []byte(part)), "%q is left", part)
		}
	}
	for _, address := range p.addresses {
		assert.False(p.t, bytes.Contains(held, address), "an address is left")
	}
}

// Nothing of what a person wrote, or was called, is left in the files, whether the
// log is cleared before what is due is taken away, or after.
func TestEraseLeavesNoByte(t *testing.T) {
	t.Parallel()
	for _, how := range []storage.MessageErasure{storage.EraseTombstones, storage.ErasePurge} {
		for _, size := range []int{1, 700, 20_000} {
			for _, checkpoint := range []bool{false, true} {
				t.Run(fmt.Sprint(how, size, checkpoint), func(t *testing.T) {
					t.Parallel()
					p := newSecretPerson(t, size)
					require.NoError(t, p.s.Checkpoint(p.ctx))
					require.Less(t, len(p.missing(p.secrets)), len(p.secrets)/2, "what was replaced or deleted before")
					if size > 700 {
						_, err := p.s.engine.Update(p.ctx, execute(`ANALYZE`))
						require.NoError(t, err)
					}
					p.erased(storage.EraseOptions{Messages: how, By: p.other}, checkpoint)
					p.wantNothing(p.secrets)
					require.NoError(t, storage.VerifyAudit(p.ctx, p.s, storage.AuditHead{}))
				})
			}
		}
	}
}

// erased erases the person, does what Maintain does, and clears the log, or clears
// it first.
func (p *secretPerson) erased(o storage.EraseOptions, checkpoint bool) {
	e, err := storage.EraseUser(p.ctx, p.s, p.user, o)
	require.NoError(p.t, err)
	require.True(p.t, e.User)
	assert.True(p.t, e.Scrubbed)
	if checkpoint {
		require.NoError(p.t, p.s.Checkpoint(p.ctx))
	}
	_, err = storage.Maintain(p.ctx, p.s, storage.MaintainOptions{})
	require.NoError(p.t, err)
	p.wantNothing(slices.DeleteFunc(slices.Clone(p.secrets), func(w string) bool {
		return o.Messages == storage.EraseKeep && slices.Concat(p.said, p.deleted).has(w)
	}))
	require.NoError(p.t, p.s.Checkpoint(p.ctx))
}

// What is to be kept is, and nothing else.
func TestEraseLeavesKeptMessages(t *testing.T) {
	t.Parallel()
	for _, checkpoint := range []bool{false, true} {
		p := newSecretPerson(t, 700)
		p.erased(storage.EraseOptions{Messages: storage.EraseKeep}, checkpoint)
		p.wantNothing(slices.DeleteFunc(p.secrets, slices.Concat(p.said, p.deleted).has))
		assert.Len(t, p.missing(p.said), 3, "all but the author's own reactions, one to each")
	}
}
