package memory

import (
	"context"
	"crypto/sha256"
	"iter"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// invite is an invite as it is kept.
type invite struct {
	storage.Invite // never changed; its room and users mean nothing
	key            key
	room           key
	inviter        key
	invitee        key
	foldedEmail    string
	code           [sha256.Size]byte
}

func (i *invite) creation() entry {
	return entry{n: backend.Micros(i.CreatedAt), id: i.ID, key: i.key}
}

// readInvite puts an invite together.
func (s *state) readInvite(i *invite) storage.Invite {
	record := i.Invite
	room, _ := s.roomAt(i.room)
	record.RoomID = room.ID
	record.InviterID, record.InviteeID = s.userID(i.inviter), s.userID(i.invitee)
	return record
}

func (r *rows) Invite(_ context.Context, id storage.InviteID) (storage.Invite, error) {
	e, _ := r.inviteIDs.Get(identified[key]{id: id})
	return r.inviteAt(e.key)
}

func (r *rows) InviteByCode(_ context.Context, hash [sha256.Size]byte) (storage.Invite, error) {
	k, _ := r.inviteCodes.Get(string(hash[:]))
	return r.inviteAt(k)
}

func (r *rows) inviteAt(k key) (storage.Invite, error) {
	i, ok := r.invites.Get(k)
	if !ok {
		return storage.Invite{}, storage.ErrNotFound
	}
	return r.readInvite(i), nil
}

func (r *rows) Invites(_ context.Context, s backend.InviteScan) ([]storage.Invite, error) {
	selects := func(i *invite) bool { return r.selectsInvite(&s, i) }
	return byTime(&r.inviteTimes, s.Scan, r.invites.Get, selects, r.readInvite), nil
}

func (r *rows) selectsInvite(s *backend.InviteScan, i *invite) bool {
	switch {
	case !s.Room.IsZero() && i.room != r.roomKey(s.Room),
		!s.Inviter.IsZero() && (i.inviter == 0 || i.inviter != r.userKey(s.Inviter)),
		!s.Invitee.IsZero() && !isFor(i, r.userKey(s.Invitee), s.Email),
		s.Live != nil && *s.Live != i.Live(s.Now):
		return false
	}
	return true
}

// isFor reports whether an invite names a user, who has an address or none.
func isFor(i *invite, user key, email string) bool {
	return user != 0 && i.invitee == user || email != "" && i.foldedEmail == email
}

func (r *rows) InsertInvite(_ context.Context, row *backend.InviteRow) error {
	room := r.roomKey(row.RoomID)
	if room == 0 {
		return storage.ErrNotFound
	}
	if _, taken := r.inviteIDs.Get(identified[key]{id: row.ID}); taken {
		return storage.ErrDuplicate
	}
	r.lastInvite++
	i := &invite{
		Invite: row.Invite, key: r.lastInvite, room: room, foldedEmail: row.FoldedEmail, code: row.CodeHash,
		inviter: r.userKey(row.InviterID), invitee: r.userKey(row.InviteeID),
	}
	r.invites.Set(i.key, i)
	r.inviteIDs.Set(identified[key]{i.ID, i.key})
	r.inviteCodes.Set(string(i.code[:]), i.key)
	r.inviteTimes.Set(i.creation())
	return nil
}

func (r *rows) UpdateInvite(_ context.Context, next *storage.Invite) error {
	e, _ := r.inviteIDs.Get(identified[key]{id: next.ID})
	old, ok := r.invites.Get(e.key)
	if !ok {
		return storage.ErrNotFound
	}
	i := *old
	i.Uses, i.RevokedAt = next.Uses, next.RevokedAt
	r.invites.Set(i.key, &i)
	return nil
}

// allInvites walks the invites, in no order that matters.
func (s *state) allInvites() iter.Seq[*invite] {
	return func(yield func(*invite) bool) {
		s.invites.Scan(func(_ key, i *invite) bool { return yield(i) })
	}
}

// removeInvites takes away the invites of which a function says so.
func (s *state) removeInvites(gone func(*invite) bool) {
	var all []*invite
	for i := range s.allInvites() {
		if gone(i) {
			all = append(all, i)
		}
	}
	for _, i := range all {
		s.invites.Delete(i.key)
		s.inviteIDs.Delete(identified[key]{id: i.ID})
		s.inviteCodes.Delete(string(i.code[:]))
		s.inviteTimes.Delete(i.creation())
	}
}
