package storagetest_test

import (
	"context"
	"flag"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lairchat/lair/storage"
)

// erase erases a user: in batches of a few where they are one transaction. Where
// each is one of its own, the feed tells where it ended, and where the last one
// did depends on how the backend keeps what was read.
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
		return value(storage.EraseUser(ctx, s, user, o))
	})
}

// EraseUserData takes all at once.
func (m *model) EraseUserData(ctx context.Context, id storage.UserID, o storage.EraseOptions) (e storage.Erasure, err error) {
	e.UserID = id
	if !m.users[id] {
		m.silence(id, &e)
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
				m.emoji = append(m.emoji, modelToldEmoji{i, id}) // that it was taken back
			}
		}
	}
	m.silence(id, &e)
	m.eraseAccess(id, &e)
	slices.Sort(e.Blobs)
	e.Blobs = slices.Compact(e.Blobs)
	if len(e.Blobs) == 0 {
		e.Blobs = nil
	}
	return e, m.DeleteUser(ctx, id)
}

// silence forgets what the feed told of emoji of a user's.
func (m *model) silence(id storage.UserID, e *storage.Erasure) {
	before := len(m.emoji)
	m.emoji = slices.DeleteFunc(m.emoji, func(c modelToldEmoji) bool { return c.user == id })
	e.Changes += int64(before - len(m.emoji))
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
	known := map[netip.Prefix]bool{}
	for _, a := range m.logins {
		if a.UserID == id && a.Success && a.IP.IsValid() {
			known[network(a.IP)] = true
		}
	}
	m.logins = slices.DeleteFunc(m.logins, func(a storage.LoginAttempt) bool {
		named := a.Login == asNobodys(u.Username) || u.Email != "" && a.Login == asNobodys(u.Email)
		return a.UserID == id || a.UserID.IsZero() && named && a.IP.IsValid() && known[network(a.IP)]
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

var erasures = flag.Int("model.erasures", 20, "histories after which the model test erases a user in batches")

// TestErasureBatches erases users batch by batch on both backends, while others
// take away what the next batch would, and requires that each batch counts the
// same: so both take the same things first.
func TestErasureBatches(t *testing.T) {
	setFlag(t, "rapid.checks", *erasures)
	setFlag(t, "rapid.steps", modelHistory/2)
	dir, histories := t.TempDir(), 0
	rapid.Check(t, func(r *rapid.T) {
		histories++
		h := newHistory(t, r, filepath.Join(dir, strconv.Itoa(histories)+".db"))
		defer h.close()
		r.Repeat(map[string]func(*rapid.T){"step": func(*rapid.T) { h.step() }, "": func(*rapid.T) {}})
		user := h.user()
		for range 6 {
			h.reactAs(user)
		}
		h.subjects = h.subjects[1:]
		o := storage.EraseOptions{Messages: oneOf(h.draws, storage.EraseTombstones, storage.ErasePurge, storage.EraseKeep)}
		for ends := []bool{false, false}; slices.Contains(ends, false); {
			o.Limit = 1 + h.below(4)
			h.call(say("EraseUserData(%s, %s)", user, o), func(ctx context.Context, s storage.ReadWriter) (any, error) {
				e, err := s.EraseUserData(ctx, user, o)
				ends = append(ends[1:], !e.More)
				e.More, e.User, e.Scrubbed = false, false, false // which depend on what there is left of what was read
				return e, err
			})
			if !slices.Contains(ends, true) {
				h.takeAway()
			}
		}
	})
}

func (h *history) reactAs(user storage.UserID) {
	id, emoji := h.message(), oneOf(h.draws, modelEmoji...)
	h.call(say("AddReaction(%s, %s, %s)", id, user, emoji), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.AddReaction(ctx, id, user, emoji))
	})
}

// takeAway has something go that is not a user's to keep.
func (h *history) takeAway() {
	switch h.below(4) {
	case 0:
		n := 1 + h.below(10)
		h.call(say("PruneChanges(%s)", n), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.PruneChanges(ctx, storage.ChangePrune{Keep: int64(n)}))
		})
	case 1:
		q := storage.PurgeQuery{Tombstones: true, Limit: 1 + h.below(3)}
		h.call(say("PurgeMessages(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			r, err := s.PurgeMessages(ctx, q)
			r.Scrubbed = false
			return r, err
		})
	case 2:
		at := h.clock.Add(-time.Minute)
		h.call(say("DeleteInvites(%s)", at), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.DeleteInvites(ctx, at, 2))
		})
	}
}
