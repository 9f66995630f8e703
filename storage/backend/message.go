package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// Message implements storage.MessageReader.
func (r Reader) Message(ctx context.Context, id storage.MessageID) (storage.Message, error) {
	var m storage.Message
	err := r.in.view(ctx, "read message", unchecked, func(rows Rows) (_ int, err error) {
		now := r.now()
		if m, err = liveMessage(ctx, rows, id, now); err == nil {
			m, err = fillIn(ctx, rows, m, storage.UserID{}, now)
		}
		return 1, err
	})
	if err != nil {
		return storage.Message{}, err
	}
	return m, nil
}

// liveMessage reads a message whose time is not over.
func liveMessage(ctx context.Context, rows Rows, id storage.MessageID, now time.Time) (storage.Message, error) {
	m, err := rows.Message(ctx, id)
	if err == nil && m.Expired(now) {
		return storage.Message{}, storage.NotFound(storage.EntityMessage, id.String())
	}
	return m, missing(err, storage.EntityMessage, id)
}

// fillIn returns a message with what others have added to it.
func fillIn(ctx context.Context, rows Rows, m storage.Message, viewer storage.UserID, now time.Time) (storage.Message, error) {
	one := []storage.Message{m}
	err := rows.FillIn(ctx, one, viewer, now)
	return one[0], err
}

// MessagesByID implements storage.MessageReader.
func (r Reader) MessagesByID(ctx context.Context, ids ...storage.MessageID) ([]storage.Message, error) {
	check := func() (err error) { ids, err = checkIDs("ids", ids); return err }
	var live []storage.Message
	err := r.in.view(ctx, "read messages", check, func(rows Rows) (int, error) {
		found, err := rows.MessagesByID(ctx, ids)
		if err != nil {
			return 0, err
		}
		now := r.now()
		for _, m := range found {
			if !m.Expired(now) {
				live = append(live, m)
			}
		}
		return len(live), rows.FillIn(ctx, live, storage.UserID{}, now)
	})
	if err != nil {
		return nil, err
	}
	return live, nil
}

// messageList is one call of Messages.
type messageList struct {
	*pager
	scan   MessageScan
	anchor storage.MessageQuery // the query as it was, for its anchors
	none   bool                 // there can be nothing
}

func newMessageList(q storage.MessageQuery, now time.Time) (*messageList, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	l := &messageList{anchor: q}
	limit, cursor := q.Limit, q.Cursor
	q = q.WithCursor("")
	q.Normalize()
	q.Limit = 0
	q.From, q.To = ceilTime(q.From), ceilTime(q.To)
	p, err := newPager(q, limit, cursor)
	if err != nil {
		return nil, err
	}
	l.pager = p
	l.scan = MessageScan{MessageQuery: q, Low: p.at.Low, High: p.at.High, Now: now}
	return l, nil
}

// anchored reports whether a query's place must be looked up.
func anchored(q storage.MessageQuery) bool {
	return !q.Before.IsZero() || !q.After.IsZero() || !q.Around.IsZero() || !q.Thread.IsZero()
}

// locate finds the room of a thread.
func (l *messageList) locate(ctx context.Context, rows Rows) error {
	if l.scan.Thread.IsZero() {
		return nil
	}
	room, _, err := rows.MessagePlace(ctx, l.scan.Thread)
	exists, err := found(err)
	if err != nil {
		return err
	}
	l.none = !exists || !l.scan.Room.IsZero() && l.scan.Room != room
	if l.scan.Room.IsZero() {
		l.scan.Room = room
	}
	return nil
}

// resolve looks up the bounds.
func (l *messageList) resolve(ctx context.Context, rows Rows) (err error) {
	if l.scan.Low, err = l.seq(ctx, rows, l.anchor.After, l.scan.Low); err != nil {
		return err
	}
	l.scan.High, err = l.seq(ctx, rows, l.anchor.Before, l.scan.High)
	return err
}

// seq returns an anchor's place, or otherwise where there is none.
func (l *messageList) seq(ctx context.Context, rows Rows, a storage.Anchor, otherwise int64) (int64, error) {
	if a.IsZero() {
		return otherwise, nil
	}
	return anchorSeq(ctx, rows, l.scan.Room, a)
}

// anchorSeq returns the place of an anchor, which is not zero, in a room.
func anchorSeq(ctx context.Context, rows Rows, room storage.RoomID, a storage.Anchor) (int64, error) {
	if a.Seq > 0 {
		return a.Seq, nil
	}
	at, seq, err := rows.MessagePlace(ctx, a.ID)
	if err == nil && at != room {
		err = storage.ErrNotFound
	}
	return seq, missing(err, storage.EntityMessage, a.ID)
}

// forward reads the page from the cursor or the bounds on.
func (l *messageList) forward(ctx context.Context, rows Rows) ([]storage.Message, error) {
	if l.none {
		return nil, nil
	}
	s := l.scan
	s.Scan = l.pager.scan(s.Order == storage.NewestFirst)
	if s.InOneRoom() && l.started {
		if s.Desc {
			s.High = l.at.Int
		} else {
			s.Low = l.at.Int
		}
		s.Scan.After = nil
	}
	return rows.Messages(ctx, s)
}

func (l *messageList) keyset(m storage.Message) storage.Keyset {
	if !l.scan.InOneRoom() {
		return storage.Keyset{Int: Micros(m.CreatedAt), ID: m.ID}
	}
	return storage.Keyset{Int: m.Seq, Low: l.scan.Low, High: l.scan.High}
}

// Messages implements storage.MessageReader.
func (r Reader) Messages(ctx context.Context, q storage.MessageQuery) (storage.Page[storage.Message], error) {
	var l *messageList
	var out storage.Page[storage.Message]
	check := func() (err error) { l, err = newMessageList(q, r.now()); return err }
	err := r.in.view(ctx, "list messages", check, func(rows Rows) (n int, err error) {
		if out, err = l.page(ctx, rows); err == nil {
			err = rows.FillIn(ctx, out.Items, q.Viewer, l.scan.Now)
		}
		return len(out.Items), err
	})
	if err != nil {
		return storage.Page[storage.Message]{}, err
	}
	return out, nil
}

func (l *messageList) page(ctx context.Context, rows Rows) (storage.Page[storage.Message], error) {
	if err := l.locate(ctx, rows); err != nil {
		return storage.Page[storage.Message]{}, err
	}
	if !l.anchor.Around.IsZero() {
		return l.around(ctx, rows)
	}
	if err := l.resolve(ctx, rows); err != nil {
		return storage.Page[storage.Message]{}, err
	}
	items, err := l.forward(ctx, rows)
	if err != nil {
		return storage.Page[storage.Message]{}, err
	}
	return page(l.pager, items, l.keyset)
}

// CountMessages implements storage.MessageReader.
func (r Reader) CountMessages(ctx context.Context, q storage.MessageQuery) (int64, error) {
	var l *messageList
	q.Limit, q.Cursor = 0, ""
	check := func() (err error) {
		if !q.Around.IsZero() {
			return storage.Invalid("Around", "there is nothing around to count")
		}
		l, err = newMessageList(q, r.now())
		return err
	}
	run := r.in.read
	if anchored(q) {
		run = r.in.view
	}
	var count int64
	err := run(ctx, "count messages", check, func(rows Rows) (_ int, err error) {
		if err = l.locate(ctx, rows); err != nil {
			return 0, err
		}
		if err = l.resolve(ctx, rows); err != nil || l.none {
			return 0, err
		}
		count, err = rows.CountMessages(ctx, l.scan)
		return 1, err
	})
	if err != nil {
		return 0, err
	}
	return count, nil
}
