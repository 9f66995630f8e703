package storagetest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

func (m *model) CreateMessage(_ context.Context, given *storage.Message) (bool, error) {
	next := given.Clone()
	next.CreatedAt = time.Time{}
	created, err := m.create(&next, true)
	if err != nil {
		return false, err
	}
	*given = next
	if seat := (modelSeat{m.roomAt(next.RoomID), next.AuthorID}); created {
		m.moveMarker(seat, next.Seq)
	}
	return created, nil
}

func (m *model) CreateMessages(_ context.Context, given []*storage.Message) (created int, err error) {
	all := make([]storage.Message, len(given))
	for i := range given {
		all[i] = given[i].Clone()
		all[i].Normalize()
		if err := all[i].Validate(); err != nil {
			return 0, fieldAt(i, err)
		}
	}
	err = m.atomic(func() error {
		for i := range given {
			isNew, err := m.create(&all[i], false)
			if err != nil {
				return fieldAt(i, err)
			}
			if isNew {
				created++
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for i := range given {
		*given[i] = all[i]
	}
	return created, nil
}

// fieldAt says which of several records an error is about.
func fieldAt(i int, err error) error {
	at := *asError(err)
	field := fmt.Sprintf("[%d]", i)
	if at.Field != "" {
		field += "." + at.Field
	}
	at.Field = field
	return &at
}

func asError(err error) *storage.Error {
	var e *storage.Error
	if !errors.As(err, &e) {
		return &storage.Error{Kind: err}
	}
	return e
}

// create stores a message, moving no marker. Sanctions and rates are of no
// concern to one that is imported rather than sent.
func (m *model) create(given *storage.Message, sent bool) (created bool, err error) {
	given.Normalize()
	given.Seq, given.RootID, given.Version = 0, storage.MessageID{}, 1
	given.EditedAt, given.DeletedAt, given.PinnedAt = time.Time{}, time.Time{}, time.Time{}
	given.DeletedBy, given.Reactions, given.Thread = storage.UserID{}, nil, storage.Thread{}
	if err := given.Validate(); err != nil {
		return false, err
	}
	next := modelMessage{Message: *given, room: m.roomAt(given.RoomID), sent: sent, known: given.Nonce != "", digest: given.Digest()}
	first := m.byNonce(given)
	if first >= 0 && m.messages[first].digest == next.digest {
		*given = m.filled(first, storage.UserID{})
		return false, nil
	}
	if err := m.refusal(&next); err != nil {
		return false, err
	}
	if first >= 0 {
		return false, &storage.Error{Entity: storage.EntityMessage, Field: "Nonce", Kind: storage.ErrConflict}
	}
	if slices.ContainsFunc(m.messages, func(other modelMessage) bool { return other.ID == next.ID && !other.swept }) {
		return false, storage.Duplicate(storage.EntityMessage, "", "ID")
	}
	*given = m.store(next)
	return true, nil
}

// byNonce returns the message that was stored under a nonce, or -1.
func (m *model) byNonce(given *storage.Message) int {
	if given.Nonce == "" || m.mayBe(given.AuthorID, "") != nil {
		return -1
	}
	room := m.roomAt(given.RoomID)
	for i, other := range m.messages {
		if m.held(i) && other.known && other.room == room && other.AuthorID == given.AuthorID && other.Nonce == given.Nonce {
			return i
		}
	}
	return -1
}

// refusal returns why a message cannot be stored, but for its nonce and ID, and
// sets its RootID and files.
func (m *model) refusal(next *modelMessage) error {
	parent, notFound := m.parent(next)
	files, absent, carried := m.given(next)
	switch {
	case parent >= 0 && m.messages[parent].RoomID != next.RoomID:
		return storage.Invalid("ParentID", "in another room")
	case slices.ContainsFunc(files, func(k int) bool { return m.files[k].RoomID != next.RoomID }):
		return storage.Invalid("Attachments", "in another room")
	case next.room < 0:
		return storage.NotFound(storage.EntityRoom, next.RoomID.String())
	}
	if err := m.mayBe(next.AuthorID, "AuthorID"); err != nil {
		return err
	}
	for _, user := range next.Mentions {
		if err := m.needUser(user, "Mentions"); err != nil {
			return err
		}
	}
	switch {
	case notFound != nil:
		return notFound
	case absent:
		return &storage.Error{Entity: storage.EntityAttachment, Field: "Attachments", Kind: storage.ErrNotFound}
	}
	if err := m.mayPostIn(next); err != nil {
		return err
	}
	if carried {
		return storage.Conflict(storage.EntityAttachment, "", "another message carries it")
	}
	next.files = files
	if parent >= 0 {
		next.RootID = m.messages[parent].RootID
		if next.RootID.IsZero() {
			next.RootID = next.ParentID
		}
	}
	return nil
}

// mayPostIn refuses what a room does not take, now or from this author.
func (m *model) mayPostIn(next *modelMessage) error {
	if err := m.takes(next.room); err != nil || !next.sent || next.AuthorID.IsZero() {
		return err
	}
	if err := m.unbound(next.AuthorID, next.room, storage.SanctionBan, storage.SanctionMute); err != nil {
		return err
	}
	limit := m.rooms[next.room].Settings.RateLimit
	for i, other := range slices.Backward(m.messages) {
		if other.room != next.room || other.AuthorID != next.AuthorID || !m.held(i) {
			continue
		}
		if limit--; limit != 0 {
			continue
		}
		if wait := other.CreatedAt.Add(time.Minute).Sub(m.now()); wait > 0 && wait <= time.Minute {
			return &storage.Error{
				Entity: storage.EntityRoom, Kind: storage.ErrForbidden, Reason: storage.ReasonRateLimit, RetryAfter: wait,
			}
		}
	}
	return nil
}

// takes refuses everything new in a room that is closed.
func (m *model) takes(room int) error {
	switch r := m.rooms[room]; {
	case !r.Active:
		return storage.Forbidden(storage.EntityRoom, r.ID.String(), storage.ReasonRoomInactive)
	case r.Expired(m.now()):
		return storage.Forbidden(storage.EntityRoom, r.ID.String(), storage.ReasonRoomExpired)
	}
	return nil
}

// parent returns the index of the message that another replies to, or -1.
func (m *model) parent(next *modelMessage) (int, error) {
	if next.ParentID.IsZero() {
		return -1, nil
	}
	return m.live(next.ParentID)
}

// given returns the files that a message is to carry, as far as they exist.
func (m *model) given(next *modelMessage) (files []int, absent, carried bool) {
	for _, a := range next.Attachments {
		k := m.fileAt(a.ID)
		if k < 0 || !m.shown(k) {
			absent = true
			continue
		}
		files = append(files, k)
		carried = carried || !m.files[k].MessageID.IsZero() || !m.files[k].DetachedAt.IsZero()
	}
	return files, absent, carried
}

// store stores a message that nothing speaks against.
func (m *model) store(next modelMessage) storage.Message {
	room := &m.rooms[next.room]
	if next.CreatedAt.IsZero() {
		next.CreatedAt = m.now()
	}
	room.LastSeq++
	next.Seq = room.LastSeq
	if next.CreatedAt.After(room.LastMessageAt) {
		room.LastMessageAt = next.CreatedAt
	}
	next.Attachments = nil
	for _, k := range next.files {
		m.files[k].MessageID = next.ID
	}
	m.messages = append(m.messages, next)
	return m.filled(len(m.messages)-1, storage.UserID{})
}
