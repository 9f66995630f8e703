package backend

import (
	"cmp"
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// RoomsDue implements storage.RetentionReader. Rooms are looked at a chunk at a
// time, until a page is full.
func (r Reader) RoomsDue(ctx context.Context, q storage.RetentionQuery) (storage.Page[storage.RoomDue], error) {
	var p *pager
	check := func() (err error) {
		if err := q.Validate(); err != nil {
			return err
		}
		bare := q.WithCursor("")
		bare.Limit = 0
		p, err = newPager(bare, q.Limit, q.Cursor)
		return err
	}
	var due []datedRoom
	err := r.in.view(ctx, "list rooms with what is due", check, func(rows Rows) (int, error) {
		s, now := p.scan(false), r.now()
		want := s.Limit
		for s.Limit = max(want, ageChunk); len(due) < want; {
			some, err := rows.RoomAges(ctx, s)
			if err != nil {
				return 0, err
			}
			for _, age := range some {
				s.After = &storage.Keyset{Int: Micros(age.CreatedAt), ID: age.Room}
				if len(due) == want {
					break
				}
				d, _, err := age.due(ctx, rows, q, now)
				if err != nil {
					return 0, err
				}
				if !d.To.IsZero() || d.Keep > 0 {
					due = append(due, datedRoom{d, age.CreatedAt})
				}
			}
			if len(some) < s.Limit {
				break
			}
		}
		return len(due), nil
	})
	if err != nil {
		return storage.Page[storage.RoomDue]{}, err
	}
	dated, err := page(p, due, func(d datedRoom) storage.Keyset {
		return storage.Keyset{Int: Micros(d.createdAt), ID: d.Room}
	})
	out := storage.Page[storage.RoomDue]{Next: dated.Next, Prev: dated.Prev}
	for _, d := range dated.Items {
		out.Items = append(out.Items, d.RoomDue)
	}
	return out, err
}

// ageChunk is how many rooms are looked at in one statement.
const ageChunk = 500

// datedRoom is a room that is due, with its place.
type datedRoom struct {
	storage.RoomDue
	createdAt time.Time
}

// due returns what is due in a room, and how many messages are too many.
func (a RoomAge) due(ctx context.Context, rows Rows, q storage.RetentionQuery, now time.Time) (d storage.RoomDue, many int64, err error) {
	d.Room = a.Room
	if to := a.oldBefore(q.For, now); !a.Oldest.IsZero() && a.Oldest.Before(to) {
		d.To = to
	}
	if keep := cmp.Or(a.Max, q.Keep); keep > 0 {
		if many, err = tooMany(ctx, rows, a.Room, a.Messages, keep, now); many > 0 {
			d.Keep = keep
		}
	}
	return d, many, err
}

// mostDays is longer than the span of all the times that can be stored.
const mostDays = 9999 * 366

// oldBefore returns the time before which messages of a room are too old, by its
// own setting or else by the age of the server; zero if none are. It counts days
// by the calendar: a time.Duration ends after 292 years.
func (a RoomAge) oldBefore(age time.Duration, now time.Time) time.Time {
	switch {
	case a.Days > 0:
		return now.AddDate(0, 0, -int(min(a.Days, mostDays)))
	case age > 0:
		return ceilTime(now.Add(-age))
	}
	return time.Time{}
}

// DeleteInvites implements storage.RetentionWriter.
func (w Writer) DeleteInvites(ctx context.Context, before time.Time, limit int) (int, error) {
	return w.deleteEnded(ctx, "delete invites", before, limit, RetentionRows.DeleteInvites)
}

// DeleteSanctions implements storage.RetentionWriter.
func (w Writer) DeleteSanctions(ctx context.Context, before time.Time, limit int) (int, error) {
	return w.deleteEnded(ctx, "delete sanctions", before, limit, RetentionRows.DeleteSanctions)
}

// deleteEnded takes away what has ended before a time, and by now.
func (w Writer) deleteEnded(
	ctx context.Context, op string, before time.Time, limit int,
	remove func(RetentionRows, context.Context, time.Time, int) (int, error),
) (deleted int, err error) {
	check := func() (err error) { limit, err = checkSweep(before, limit); return err }
	err = w.in.write(ctx, op, check, func(t *rules) (_ int, err error) {
		deleted, err = remove(t.rows, ctx, t.ended(before), limit)
		return deleted, err
	})
	if err != nil {
		return 0, err
	}
	return deleted, nil
}

// ended returns before, or the present if that is to come: what ends at this very
// instant has ended.
func (t *rules) ended(before time.Time) time.Time {
	if before.After(t.now) {
		before = t.now.Add(storage.TimePrecision)
	}
	return ceilTime(before)
}
