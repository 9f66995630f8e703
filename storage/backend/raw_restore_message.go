package backend

import (
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
)

// Raw records of messages and what hangs on them.

func (r *restorer) attachment(ctx context.Context, a *storage.Attachment) error {
	if _, err := r.needRoom(ctx, a.RoomID); err != nil {
		return err
	}
	if err := r.need(ctx, "UploaderID", a.UploaderID); err != nil {
		return err
	}
	return twice(storage.EntityAttachment, a.ID.String(), "ID", r.rows.InsertAttachment(ctx, a))
}

func (r *restorer) leftover(ctx context.Context, v *storage.RawLeftover) error {
	if err := r.need(ctx, "UploaderID", v.UploaderID); err != nil {
		return err
	}
	return twice(storage.EntityAttachment, v.ID.String(), "ID", r.raw.RestoreLeftover(ctx, v))
}

func (r *restorer) stub(ctx context.Context, s *storage.RawStub) error {
	room, err := r.needRoom(ctx, s.RoomID)
	if err != nil {
		return err
	}
	if s.Seq > room.LastSeq {
		return storage.Invalid("Seq", "beyond the last message")
	}
	return twice(storage.EntityMessage, s.ID.String(), "ID", r.raw.RestoreStub(ctx, s))
}

func (r *restorer) message(ctx context.Context, v *storage.RawMessage) error {
	room, err := r.needRoom(ctx, v.RoomID)
	if err != nil {
		return err
	}
	if v.Seq > room.LastSeq {
		return storage.Invalid("Seq", "beyond the last message")
	}
	m := &RestoredMessage{MessageRow: MessageRow{Message: v.Message}, Gone: v.AuthorGone}
	copy(m.Digest[:], v.Digest)
	if err := r.people(ctx, v, m); err != nil {
		return err
	}
	if err := r.before(ctx, v, "ParentID", v.ParentID); err != nil {
		return err
	}
	if err := r.before(ctx, v, "RootID", v.RootID); err != nil {
		return err
	}
	if err := r.carried(ctx, v, m); err != nil {
		return err
	}
	m.Text = SearchText(&m.Message)
	if err := r.raw.RestoreMessage(ctx, m); err != nil || m.Deleted() {
		return twice(storage.EntityMessage, v.ID.String(), "ID", err)
	}
	return r.rows.AddActivity(ctx, Activity{At: m.CreatedAt, Room: m.RoomID, User: m.AuthorID, Type: m.Type, Messages: 1})
}

// people sees to the users whom a message names.
func (r *restorer) people(ctx context.Context, v *storage.RawMessage, m *RestoredMessage) error {
	if err := r.need(ctx, "AuthorID", v.AuthorID); err != nil {
		return err
	}
	if err := r.need(ctx, "DeletedBy", v.DeletedBy); err != nil {
		return err
	}
	for _, user := range v.Mentions {
		if slices.Contains(v.Missed, user) {
			continue
		}
		if err := r.need(ctx, "Mentions", user); err != nil {
			return err
		}
		m.Live = append(m.Live, user)
	}
	return nil
}

// before refuses a message that replies to what is not before it in its room.
func (r *restorer) before(ctx context.Context, v *storage.RawMessage, field string, other storage.MessageID) error {
	if other.IsZero() {
		return nil
	}
	room, seq, err := r.rows.MessagePlace(ctx, other)
	if err != nil {
		return refersTo(field, err)
	}
	if room != v.RoomID || seq >= v.Seq {
		return storage.Invalid(field, "not before the message, in its room")
	}
	return nil
}

// carried gives a message the attachments that it carries, or carried. That the
// message itself is there already is to be told first.
func (r *restorer) carried(ctx context.Context, v *storage.RawMessage, m *RestoredMessage) error {
	if len(v.AttachmentIDs) == 0 {
		return nil
	}
	_, _, err := r.rows.MessagePlace(ctx, v.ID)
	switch there, err := found(err); {
	case err != nil:
		return err
	case there:
		return storage.Duplicate(storage.EntityMessage, v.ID.String(), "ID")
	}
	for _, id := range v.AttachmentIDs {
		a, err := r.rows.Attachment(ctx, id)
		switch {
		case err != nil:
			return refersTo("AttachmentIDs", err)
		case a.RoomID != v.RoomID || !a.MessageID.IsZero() || !a.DetachedAt.Equal(v.DeletedAt):
			return storage.Invalid("AttachmentIDs", "of another room or message, or not deleted with this one")
		}
		m.Attachments = append(m.Attachments, a)
	}
	return nil
}

// needMessage refuses a record of a message that is not there, or not in its
// room.
func (r *restorer) needMessage(ctx context.Context, room storage.RoomID, id storage.MessageID) (storage.Message, error) {
	m, err := r.rows.Message(ctx, id)
	if err != nil {
		return m, refersTo("MessageID", err)
	}
	if m.RoomID != room || m.Deleted() {
		return m, storage.Invalid("MessageID", "of another room, or a tombstone")
	}
	return m, nil
}

func (r *restorer) revision(ctx context.Context, v *storage.RawRevision) error {
	m, err := r.needMessage(ctx, v.RoomID, v.MessageID)
	if err != nil {
		return err
	}
	if v.Version >= m.Version {
		return storage.Invalid("Version", "not before the message's")
	}
	if err := r.need(ctx, "ReplacedBy", v.ReplacedBy); err != nil {
		return err
	}
	_, err = r.rows.Revision(ctx, v.MessageID, v.Version)
	switch there, err := found(err); {
	case err != nil:
		return err
	case there:
		return storage.Duplicate(storage.EntityRevision, v.MessageID.String(), "Version")
	}
	return r.rows.InsertRevision(ctx, &v.Revision)
}

func (r *restorer) reaction(ctx context.Context, v *storage.RawReaction) error {
	if _, err := r.needMessage(ctx, v.RoomID, v.MessageID); err != nil {
		return err
	}
	if err := r.need(ctx, "UserID", v.UserID); err != nil {
		return err
	}
	there, err := r.rows.HasReaction(ctx, v.MessageID, v.UserID, v.Emoji)
	if err != nil {
		return err
	}
	if there {
		return storage.Duplicate(storage.EntityMessage, v.MessageID.String(), "Emoji")
	}
	return r.rows.InsertReaction(ctx, &v.Reaction)
}

func (r *restorer) receipt(ctx context.Context, v *storage.RawReceipt) error {
	room, err := r.needRoom(ctx, v.RoomID)
	if err != nil {
		return err
	}
	if v.Range.Last > room.LastSeq {
		return storage.Invalid("Range.Last", "beyond the last message")
	}
	if err := r.need(ctx, "UserID", v.UserID); err != nil {
		return err
	}
	return twice("", "", "Range", r.raw.RestoreReceipt(ctx, v))
}
