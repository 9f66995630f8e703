package storagetest_test

import (
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
)

// erase erases a user: in batches of a few where they are one transaction. Where
// each is one of its own, the feed tells where it ended, and that depends on what
// the backend counts as a receipt.
func (h *history) erase() {
	user := h.user()
	o := storage.EraseOptions{
		Messages: oneOf(h.draws, storage.EraseTombstones, storage.ErasePurge, storage.EraseKeep, 0), By: h.maybe(), Limit: 1 + h.below(6),
	}
	h.call(say("EraseUser(%s, %s)", user, o), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		o := o
		if _, alone := s.(storage.Store); alone {
			o.Limit = storage.MaxLimit
		}
		e, err := storage.EraseUser(ctx, s, user, o)
		// What a model has nothing of, or each backend counts in its own way.
		e.Receipts, e.Changes, e.Scrubbed = 0, 0, false
		return e, err
	})
}

// EraseUserData takes all at once.
func (m *model) EraseUserData(ctx context.Context, id storage.UserID, o storage.EraseOptions) (e storage.Erasure, err error) {
	e.UserID = id
	if !m.users[id] {
		return e, m.eraseEntries(ctx, id, &e)
	}
	if err := m.mayBe(o.By, "By"); err != nil {
		return storage.Erasure{}, err
	}
	if err := m.userKept(id); err != nil {
		return storage.Erasure{}, err
	}
	e.User = true
	m.eraseLogins(id, &e)
	if err := m.eraseEntries(ctx, id, &e); err != nil {
		return e, err
	}
	for seat := range m.members {
		if seat.user == id && !m.rooms[seat.room].gone {
			e.Memberships++
		}
	}
	if o.Messages != storage.EraseKeep {
		m.eraseMessages(id, o, &e)
	}
	m.eraseUploads(id, o, &e)
	for i, message := range m.messages {
		for _, r := range message.reactions {
			if r.UserID == id && m.held(i) && !message.Expired(m.now()) {
				e.Reactions++
			}
		}
	}
	m.eraseAccess(id, &e)
	slices.Sort(e.Blobs)
	e.Blobs = slices.Compact(e.Blobs)
	if len(e.Blobs) == 0 {
		e.Blobs = nil
	}
	return e, m.DeleteUser(ctx, id)
}

func (m *model) eraseMessages(id storage.UserID, o storage.EraseOptions, e *storage.Erasure) {
	for _, i := range m.toPurge(storage.PurgeQuery{Author: id}) {
		message := &m.messages[i]
		if o.Messages == storage.ErasePurge || message.Expired(m.now()) {
			out := m.purge([]int{i})
			e.Purged++
			e.Attachments += out.Attachments
			e.Blobs = append(e.Blobs, out.Blobs...)
			continue
		}
		m.bury(i, o.By)
		left := slices.DeleteFunc(slices.Clone(message.left), func(k int) bool { return m.files[k].gone })
		e.Tombstones++
		e.Attachments += int64(len(left))
		e.Blobs = append(e.Blobs, m.discard(left)...)
		message.AuthorID, message.Nonce, message.known, message.left = storage.UserID{}, "", false, nil
	}
}

func (m *model) eraseUploads(id storage.UserID, o storage.EraseOptions, e *storage.Erasure) {
	for k, f := range m.files {
		if f.UploaderID != id || !m.shown(k) || o.Messages == storage.EraseKeep && !f.MessageID.IsZero() {
			continue
		}
		blob, _ := m.DeleteAttachment(context.Background(), f.ID)
		e.Attachments++
		if blob != "" {
			e.Blobs = append(e.Blobs, blob)
		}
	}
}

func (m *model) eraseAccess(id storage.UserID, e *storage.Erasure) {
	m.invites = slices.DeleteFunc(m.invites, func(i modelInvite) bool {
		gone := m.names(i.Invite, id)
		if gone && !m.rooms[i.room].gone {
			e.Invites++
		}
		return gone
	})
	for _, s := range m.sanctions {
		if s.UserID == id && (s.RoomID.IsZero() || !m.rooms[s.room].gone) {
			e.Sanctions++
		}
	}
}

// eraseEntries has the audit log tell nothing of a user.
func (m *model) eraseEntries(ctx context.Context, id storage.UserID, e *storage.Erasure) error {
	n, err := m.EraseAudit(ctx, id, len(m.audit))
	e.Audit = int64(n)
	return err
}

// eraseLogins takes away attempts of nobody under the names of a user, and counts
// what goes with the user.
func (m *model) eraseLogins(id storage.UserID, e *storage.Erasure) {
	u := m.profiles[id]
	n := len(m.logins)
	m.logins = slices.DeleteFunc(m.logins, func(a storage.LoginAttempt) bool {
		named := a.Login == asNobodys(u.Username) || u.Email != "" && a.Login == asNobodys(u.Email)
		return a.UserID == id || a.UserID.IsZero() && named
	})
	e.Logins = int64(n - len(m.logins))
	for _, s := range m.sessions {
		if s.UserID == id {
			e.Sessions++
		}
	}
	for _, b := range m.blocks {
		if b.UserID == id || b.BlockedID == id {
			e.Blocks++
		}
	}
}
