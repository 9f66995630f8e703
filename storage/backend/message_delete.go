package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// DeleteMessage implements storage.MessageWriter.
func (w Writer) DeleteMessage(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	return writeOne(ctx, w.in, "delete message", unchecked, func(t *rules) (storage.Message, error) {
		m, err := t.changeable(ctx, id, by)
		if err != nil {
			return m, err
		}
		if !m.Deleted() {
			if err := free(ctx, t.rows.MessageHeld, storage.EntityMessage, id); err != nil {
				return m, err
			}
			if m, err = t.deleteMessage(ctx, m, by); err != nil {
				return m, err
			}
		}
		return t.fillIn(ctx, m)
	})
}

// deleteMessage turns a message into its tombstone.
func (t *rules) deleteMessage(ctx context.Context, old storage.Message, by storage.UserID) (storage.Message, error) {
	next := old
	next.Tombstone(by, t.now)
	if err := t.countedMessage(ctx, &old, -1); err != nil {
		return old, err
	}
	return t.updateMessage(ctx, old, next, storage.ChangeMessageDeleted, by)
}

// DeleteMessages implements storage.MessageWriter.
func (w Writer) DeleteMessages(ctx context.Context, q storage.MessageQuery, by storage.UserID) (int, bool, error) {
	check := func() error {
		switch {
		case !q.Around.IsZero():
			return storage.Invalid("Around", "deleting takes no place to look around from")
		case q.WithDeleted:
			return storage.Invalid("WithDeleted", "tombstones are deleted")
		case q.Cursor != "":
			return storage.Invalid("Cursor", "deleting changes the list that it walks")
		}
		_, err := newMessageList(q, time.Time{})
		return err
	}
	var deleted int
	var more bool
	err := w.in.write(ctx, "delete messages", check, func(t *rules) (int, error) {
		if !by.IsZero() {
			if err := t.needUser(ctx, by, "by"); err != nil {
				return 0, err
			}
		}
		all, rest, err := t.selected(ctx, q)
		for i := 0; i < len(all) && err == nil; i++ {
			_, err = t.deleteMessage(ctx, all[i], by)
		}
		deleted, more = len(all), rest
		return deleted, err
	})
	if err != nil {
		return 0, false, err
	}
	return deleted, more, nil
}

// selected returns the first messages that a query selects and that no legal hold
// covers, and whether there are more.
func (t *rules) selected(ctx context.Context, q storage.MessageQuery) ([]storage.Message, bool, error) {
	l, err := newMessageList(q, t.now)
	if err != nil {
		return nil, false, err
	}
	l.scan.Unheld = true
	p, err := l.page(ctx, t.rows)
	return p.Items, p.HasAfter(), err
}
