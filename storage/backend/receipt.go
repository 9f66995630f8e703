package backend

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// ReadReceipts implements storage.ReceiptReader.
func (r Reader) ReadReceipts(ctx context.Context, q storage.ReceiptQuery) (storage.Page[storage.ReadReceipt], error) {
	var p *pager
	check := func() (err error) {
		if err := q.Validate(); err != nil {
			return err
		}
		p, err = newPager(storage.ReceiptQuery{Message: q.Message}, q.Limit, q.Cursor)
		return err
	}
	var items []storage.ReadReceipt
	err := r.in.view(ctx, "list read receipts", check, func(rows Rows) (int, error) {
		_, err := liveMessage(ctx, rows, q.Message, r.now())
		if err != nil {
			return 0, err
		}
		items, err = rows.Receipts(ctx, ReceiptScan{Message: q.Message, Scan: p.scan(false)})
		return len(items), err
	})
	if err != nil {
		return storage.Page[storage.ReadReceipt]{}, err
	}
	return page(p, items, func(v storage.ReadReceipt) storage.Keyset {
		return storage.Keyset{Int: Micros(v.ReadAt), ID: v.UserID}
	})
}

// Unread implements storage.ReceiptReader.
func (r Reader) Unread(ctx context.Context, room storage.RoomID, user storage.UserID) (storage.Unread, error) {
	return readOne(ctx, r.in, "count unread messages", unchecked, func(rows Rows) (storage.Unread, error) {
		u, err := rows.Unread(ctx, room, user, r.now())
		return u, missingMember(err, room, user)
	})
}

// MarkRead implements storage.ReceiptWriter.
func (w Writer) MarkRead(ctx context.Context, room storage.RoomID, user storage.UserID, upTo storage.Anchor) error {
	check := func() error { return upTo.Validate("upTo") }
	return writeOnly(ctx, w.in, "mark read", check, func(t *rules) error {
		m, last, err := t.marker(ctx, room, user)
		if err != nil {
			return err
		}
		to := last
		if !upTo.IsZero() {
			if to, err = anchorSeq(ctx, t.rows, room, upTo); err != nil {
				return err
			}
		}
		if to = min(to, last); to <= m.ReadSeq {
			return nil
		}
		if err := t.rows.MoveMarker(ctx, &m, to, t.now); err != nil {
			return err
		}
		return t.changed(ctx, markerChange(&m, to))
	})
}

// MarkUnread implements storage.ReceiptWriter.
func (w Writer) MarkUnread(ctx context.Context, room storage.RoomID, user storage.UserID, from storage.Anchor) error {
	check := func() error {
		if from.IsZero() {
			return storage.Invalid("from", "unset")
		}
		return from.Validate("from")
	}
	return writeOnly(ctx, w.in, "mark unread", check, func(t *rules) error {
		m, _, err := t.marker(ctx, room, user)
		if err != nil {
			return err
		}
		seq, err := anchorSeq(ctx, t.rows, room, from)
		if err != nil || seq > m.ReadSeq {
			return err
		}
		if err := t.rows.SetMarkerBack(ctx, &m, seq-1); err != nil {
			return err
		}
		return t.changed(ctx, markerChange(&m, seq-1))
	})
}

// marker reads a membership, and the end of its room.
func (t *rules) marker(ctx context.Context, room storage.RoomID, user storage.UserID) (storage.Membership, int64, error) {
	state, err := t.rows.RoomState(ctx, room)
	if err != nil {
		return storage.Membership{}, 0, missing(err, storage.EntityRoom, room)
	}
	m, err := t.rows.Membership(ctx, room, user)
	return m, state.LastSeq, missingMember(err, room, user)
}

func markerChange(m *storage.Membership, to int64) storage.Change {
	return storage.Change{Kind: storage.ChangeReadMarker, Actor: m.UserID, RoomID: m.RoomID, UserID: m.UserID, Seq: to}
}

// AddReadReceipt implements storage.ReceiptWriter.
func (w Writer) AddReadReceipt(ctx context.Context, message storage.MessageID, user storage.UserID) error {
	return writeOnly(ctx, w.in, "add read receipt", unchecked, func(t *rules) error {
		m, err := liveMessage(ctx, t.rows, message, t.now)
		if err != nil {
			return err
		}
		member, err := t.rows.IsMember(ctx, m.RoomID, user)
		if err != nil {
			return err
		}
		if !member {
			return storage.NotFound(storage.EntityMembership, memberKey(m.RoomID, user))
		}
		if m.AuthorID == user {
			return nil
		}
		if read, err := t.rows.HasReceipt(ctx, message, user); err != nil || read {
			return err
		}
		if err := t.rows.InsertReceipt(ctx, message, user, t.now); err != nil {
			return err
		}
		return t.changed(ctx, storage.Change{
			Kind: storage.ChangeReadReceipt, Actor: user, RoomID: m.RoomID, MessageID: m.ID, Seq: m.Seq, UserID: user,
		})
	})
}
