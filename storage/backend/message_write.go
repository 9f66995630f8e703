package backend

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

// messageRow prepares a message for storing.
func messageRow(m storage.Message) (*MessageRow, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	row := &MessageRow{Message: m}
	if m.Nonce != "" {
		row.Digest = m.Digest()
	}
	row.Text = SearchText(&m)
	return row, nil
}

// newMessage prepares a message that is sent.
func (w Writer) newMessage(m *storage.Message) (*MessageRow, error) {
	if m == nil {
		return nil, storage.Invalid("m", "nil")
	}
	next := m.Clone()
	next.Normalize()
	if next.ID.IsZero() {
		next.ID = w.o.NewUUID()
	}
	next.Seq, next.RootID, next.Version = 0, storage.MessageID{}, 1
	next.EditedAt, next.DeletedAt, next.PinnedAt = time.Time{}, time.Time{}, time.Time{}
	next.DeletedBy, next.Reactions, next.Thread = storage.UserID{}, nil, storage.Thread{}
	return messageRow(next)
}

// CreateMessage implements storage.MessageWriter.
func (w Writer) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	var row *MessageRow
	check := func() (err error) {
		if row, err = w.newMessage(m); err == nil {
			row.CreatedAt, row.Marks = time.Time{}, true
		}
		return err
	}
	created := 0
	err := w.in.write(ctx, "create message", check, func(t *rules) (int, error) {
		isNew, err := t.createMessage(ctx, row)
		if isNew {
			created = 1
		}
		return created, err
	})
	if err != nil {
		return false, err
	}
	*m = row.Message
	return created == 1, nil
}

// CreateMessages implements storage.MessageWriter.
func (w Writer) CreateMessages(ctx context.Context, ms []*storage.Message) (int, error) {
	rows := make([]*MessageRow, len(ms))
	check := func() (err error) {
		if len(ms) > storage.MaxBatch {
			return storage.Invalid("ms", fmt.Sprintf("%d messages, at most %d", len(ms), storage.MaxBatch))
		}
		for i, m := range ms {
			if rows[i], err = w.newMessage(m); err != nil {
				return atIndex(i, err)
			}
		}
		return nil
	}
	created := 0
	err := w.in.write(ctx, "create messages", check, func(t *rules) (int, error) {
		for i, row := range rows {
			isNew, err := t.createMessage(ctx, row)
			if err != nil {
				return 0, atIndex(i, err)
			}
			if isNew {
				created++
			}
		}
		return created, nil
	})
	if err != nil {
		return 0, err
	}
	for i, m := range ms {
		*m = rows[i].Message
	}
	return created, nil
}

// atIndex says which of several records an error is about: "[3].Body".
func atIndex(i int, err error) error {
	var e *storage.Error
	if !errors.As(err, &e) {
		return err
	}
	at := *e
	at.Field = fmt.Sprintf("[%d]", i)
	if e.Field != "" {
		at.Field += "." + e.Field
	}
	return &at
}

// createMessage stores a message, or finds the one that its nonce was used
// for.
func (t *rules) createMessage(ctx context.Context, row *MessageRow) (created bool, err error) {
	if err := t.mayPost(ctx, row); err != nil {
		// A request that was granted once is granted again, even if it could
		// not be made for the first time now.
		if row.Nonce != "" && !errors.Is(err, storage.ErrInvalid) && t.repeated(ctx, row) == nil {
			return false, nil
		}
		return false, err
	}
	if row.CreatedAt.IsZero() {
		row.CreatedAt = t.now
	}
	switch err := t.rows.InsertMessage(ctx, row); {
	case errors.Is(err, storage.ErrDuplicate):
		return false, t.repeated(ctx, row)
	case err != nil:
		return false, err
	}
	if err := t.countedMessage(ctx, &row.Message, 1); err != nil {
		return false, err
	}
	var sender storage.UserID
	if row.Marks {
		sender = row.AuthorID
	}
	return true, t.changed(ctx, messageChange(storage.ChangeMessageCreated, row.Message, sender))
}

func messageChange(kind storage.ChangeKind, m storage.Message, actor storage.UserID) storage.Change {
	return storage.Change{
		Kind: kind, Actor: actor, RoomID: m.RoomID, MessageID: m.ID, Seq: m.Seq,
		UserID: m.AuthorID, RootID: m.RootID, Version: m.Version,
	}
}

// mayPost checks what a message refers to, and sets its RootID.
func (t *rules) mayPost(ctx context.Context, row *MessageRow) error {
	noParent, unfit := t.setRoot(ctx, row), t.setAttachments(ctx, row)
	for _, err := range []error{noParent, unfit} {
		if errors.Is(err, storage.ErrInvalid) {
			return err // goes before whatever is not found
		}
	}
	room, err := t.rows.RoomState(ctx, row.RoomID)
	if err != nil {
		return missing(err, storage.EntityRoom, row.RoomID)
	}
	if !row.AuthorID.IsZero() {
		if err := t.needUser(ctx, row.AuthorID, "AuthorID"); err != nil {
			return err
		}
	}
	for _, user := range row.Mentions {
		if err := t.needUser(ctx, user, "Mentions"); err != nil {
			return err
		}
	}
	if noParent != nil {
		return noParent
	}
	if unfit != nil && !errors.Is(unfit, storage.ErrConflict) {
		return unfit
	}
	if err := t.mayPostIn(ctx, row, room); err != nil {
		return err
	}
	if unfit != nil {
		return unfit
	}
	if room.LastSeq >= storage.MaxSeq {
		return &storage.Error{Entity: storage.EntityRoom, ID: row.RoomID.String(), Kind: storage.ErrConstraint}
	}
	return nil
}

// mayPostIn refuses what a room does not take, now or from this author.
func (t *rules) mayPostIn(ctx context.Context, row *MessageRow, room RoomState) error {
	if err := room.takes(row.RoomID, t.now); err != nil {
		return err
	}
	if row.AuthorID.IsZero() || !row.Marks {
		return nil
	}
	err := t.unbound(ctx, row.RoomID, row.AuthorID, storage.SanctionBan, storage.SanctionMute)
	if err != nil || room.RateLimit == 0 {
		return err
	}
	at, err := t.rows.LatestByAuthor(ctx, row.RoomID, row.AuthorID, room.RateLimit)
	many, err := found(err)
	// What was imported with a time to come, or stored before the clock was set
	// back, keeps nobody waiting.
	if wait := at.Add(time.Minute).Sub(t.now); many && wait > 0 && wait <= time.Minute {
		return &storage.Error{
			Entity: storage.EntityRoom, ID: row.RoomID.String(), Kind: storage.ErrForbidden,
			Reason: storage.ReasonRateLimit, RetryAfter: wait,
		}
	}
	return err
}

// takes refuses everything new in a room that is closed.
func (s RoomState) takes(room storage.RoomID, now time.Time) error {
	if !s.Active {
		return storage.Forbidden(storage.EntityRoom, room.String(), storage.ReasonRoomInactive)
	}
	if (storage.Room{ExpiresAt: s.ExpiresAt}).Expired(now) {
		return storage.Forbidden(storage.EntityRoom, room.String(), storage.ReasonRoomExpired)
	}
	return nil
}

// setRoot puts a reply into its thread: the parent's, which the parent begins
// unless it is a reply itself.
func (t *rules) setRoot(ctx context.Context, row *MessageRow) error {
	if row.ParentID.IsZero() {
		return nil
	}
	parent, err := liveMessage(ctx, t.rows, row.ParentID, t.now)
	if err != nil {
		return err
	}
	if parent.RoomID != row.RoomID {
		return storage.Invalid("ParentID", "in another room")
	}
	row.RootID = parent.RootID
	if row.RootID.IsZero() {
		row.RootID = parent.ID
	}
	return nil
}

// repeated replaces row's message by the first one that was sent under its
// nonce. Where the request was another, or it is the ID that is taken, it says
// so.
func (t *rules) repeated(ctx context.Context, row *MessageRow) error {
	if row.Nonce != "" {
		first, digest, err := t.rows.MessageByNonce(ctx, row.RoomID, row.AuthorID, row.Nonce)
		switch {
		case err == nil && digest == row.Digest:
			row.Message, err = t.fillIn(ctx, first)
			return err
		case err == nil:
			return &storage.Error{
				Entity: storage.EntityMessage, ID: first.ID.String(), Field: "Nonce", Kind: storage.ErrConflict,
				Err: errors.New("used for another message"),
			}
		case !errors.Is(err, storage.ErrNotFound):
			return err
		}
	}
	return storage.Duplicate(storage.EntityMessage, row.ID.String(), "ID")
}

// EditMessage implements storage.MessageWriter.
func (w Writer) EditMessage(ctx context.Context, id storage.MessageID, by storage.UserID, p storage.MessagePatch) (storage.Message, error) {
	check := func() error {
		return checkPatch(p.IfVersion, storage.Message{RoomID: storage.RoomID{1}}, p.Apply)
	}
	return writeOne(ctx, w.in, "edit message", check, func(t *rules) (storage.Message, error) {
		old, err := t.changeable(ctx, id, by)
		if err != nil {
			return old, err
		}
		next, err := t.editMessage(ctx, old, by, p)
		if err != nil {
			return old, err
		}
		return t.fillIn(ctx, next)
	})
}

// fillIn returns a message with what others have added to it.
func (t *rules) fillIn(ctx context.Context, m storage.Message) (storage.Message, error) {
	return fillIn(ctx, t.rows, m, storage.UserID{}, t.now)
}

// changeable reads a message for somebody, who may be nobody, to change.
func (t *rules) changeable(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	m, err := liveMessage(ctx, t.rows, id, t.now)
	if err != nil || by.IsZero() {
		return m, err
	}
	return m, t.needUser(ctx, by, "by")
}

func (t *rules) editMessage(ctx context.Context, old storage.Message, by storage.UserID, p storage.MessagePatch) (storage.Message, error) {
	next := old.Clone()
	changed := p.Apply(&next)
	for _, user := range next.Mentions {
		if slices.Contains(old.Mentions, user) { // who may be gone by now
			continue
		}
		if err := t.needUser(ctx, user, "Mentions"); err != nil {
			return old, err
		}
	}
	if err := t.admits(ctx, old.RoomID, by, storage.SanctionBan, storage.SanctionMute); err != nil {
		return old, err
	}
	if err := undeleted(old); err != nil {
		return old, err
	}
	if err := fresh(storage.EntityMessage, old.ID.String(), old.Version, p.IfVersion); err != nil {
		return old, err
	}
	if !changed {
		return old, nil
	}
	if err := t.rows.InsertRevision(ctx, revision(old, by, t.now)); err != nil {
		return old, err
	}
	next.Version++
	next.EditedAt = t.now
	return t.updateMessage(ctx, old, next, storage.ChangeMessageEdited, by)
}

// updateMessage stores a new version of a message and tells the feed.
func (t *rules) updateMessage(ctx context.Context, old, next storage.Message, change storage.ChangeKind, by storage.UserID) (storage.Message, error) {
	filled, err := t.fillIn(ctx, old)
	if err != nil {
		return old, err
	}
	old.Attachments = filled.Attachments
	if !next.Deleted() {
		next.Attachments = filled.Attachments
	}
	row, err := messageRow(next)
	if err != nil {
		return old, err
	}
	if err := t.rows.UpdateMessage(ctx, &old, row); err != nil {
		return old, err
	}
	return next.Clone(), t.changed(ctx, messageChange(change, next, by))
}
