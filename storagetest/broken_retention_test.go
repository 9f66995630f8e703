package storagetest_test

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

var retentionFaults = []fault{
	{name: "rooms are due by the server alone", caught: "retention/by the settings of rooms", open: dueOnly(func(due storage.RoomDue, r storage.Room) bool {
		return r.Settings.RetentionDays == 0 && r.Settings.RetentionMax == 0
	})},
	{name: "rooms are due by themselves alone", caught: "retention/by age", open: dueOnly(func(due storage.RoomDue, r storage.Room) bool {
		return r.Settings.RetentionDays > 0 || r.Settings.RetentionMax > 0
	})},
	{name: "held rooms are due", caught: "retention/pages of rooms", open: retentionReads{due: func(ctx context.Context, r storage.Reader, p *storage.Page[storage.RoomDue]) {
		for h, err := range storage.All(ctx, r.Holds, storage.HoldQuery{}) {
			if err == nil && !h.RoomID.IsZero() {
				p.Items = append(p.Items, storage.RoomDue{Room: h.RoomID, Keep: 2})
			}
		}
	}}.opener()},
	{name: "what is imported is young", caught: "retention/what is imported", open: retentionReads{due: func(ctx context.Context, r storage.Reader, p *storage.Page[storage.RoomDue]) {
		for i := range p.Items {
			first, err := r.Messages(ctx, storage.MessageQuery{Room: p.Items[i].Room, Order: storage.OldestFirst, WithDeleted: true, Limit: 1})
			if err == nil && len(first.Items) > 0 && !first.Items[0].CreatedAt.Before(p.Items[i].To) {
				p.Items[i].To = time.Time{}
			}
		}
	}}.opener()},
	{name: "what is pinned is too old", caught: "retention/what is pinned", open: retentionWrites{purge: func(q *storage.PurgeQuery) { q.KeepPinned = false }}.opener()},
	{name: "a room keeps one more", caught: "retention/by number", open: retentionReads{due: func(_ context.Context, _ storage.Reader, p *storage.Page[storage.RoomDue]) {
		for i := range p.Items {
			if p.Items[i].Keep > 0 {
				p.Items[i].Keep++
			}
		}
	}}.opener()},
	{name: "live invites go", caught: "retention/invites", open: retentionWrites{invites: func(ctx context.Context, w storage.ReadWriter) error {
		for i, err := range storage.All(ctx, w.Invites, storage.InviteQuery{Live: new(true)}) {
			if err == nil {
				err = w.RevokeInvite(ctx, i.ID)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}}.opener()},
	{name: "bans go with what has ended", caught: "retention/sanctions", open: retentionWrites{sanctions: func(ctx context.Context, w storage.ReadWriter) error {
		for s, err := range storage.All(ctx, w.Sanctions, storage.SanctionQuery{InForce: true}) {
			if err == nil {
				_, err = w.LiftSanction(ctx, s.ID, storage.UserID{})
			}
			if err != nil {
				return err
			}
		}
		return nil
	}}.opener()},
	{name: "dry runs count what is pinned", caught: "maintain/a dry run of retention", open: retentionReads{count: func(r *storage.MaintainReport) { r.Retention.Messages += min(r.Retention.Messages, 1) }}.opener()},
	{name: "what has expired is among the newest", caught: "purge/keep the newest that are seen", open: retentionWrites{newest: true}.opener()},
	{name: "what has expired takes the place of others", caught: "retention/what has expired and is held", open: retentionWrites{newest: true}.opener()},
	{name: "rooms are due by what has expired", caught: "retention/what has expired", open: retentionReads{due: func(ctx context.Context, r storage.Reader, p *storage.Page[storage.RoomDue]) {
		for room, err := range storage.All(ctx, r.Rooms, storage.RoomQuery{}) {
			most := room.Settings.RetentionMax
			if err == nil && most > 0 && room.MessageCount > most && len(p.Items) == 0 {
				p.Items = append(p.Items, storage.RoomDue{Room: room.ID, Keep: most})
			}
		}
	}}.opener()},
	{name: "no age is longer than a duration", caught: "retention/for centuries", open: retentionReads{due: func(ctx context.Context, r storage.Reader, p *storage.Page[storage.RoomDue]) {
		for i := range p.Items {
			d := &p.Items[i]
			if first := time.Now().Add(-1<<63 + 1); !d.To.IsZero() && d.To.Before(first) {
				d.To = storage.Timestamp(first)
			}
		}
	}}.opener()},
	{name: "dry runs tell of what is as old by the microsecond", caught: "maintain/a dry run by the nanosecond", open: retentionReads{ask: func(o *storage.MaintainOptions) {
		o.SessionsFor = (o.SessionsFor + time.Microsecond - 1).Truncate(time.Microsecond)
	}}.opener()},
	{name: "dry runs tell twice of what goes together", caught: "maintain/a dry run of what goes together", open: retentionReads{count: func(r *storage.MaintainReport) { r.Retention.Messages += r.Expired.Messages }}.opener()},
	{name: "dry runs tell of held rooms", caught: "maintain/dry runs at random", open: retentionReads{count: func(r *storage.MaintainReport) { r.Attachments.Attachments += r.Rooms }}.opener()},
	{name: "dry runs forget attachments", caught: "maintain/a dry run", open: retentionReads{count: func(r *storage.MaintainReport) { r.Attachments.Attachments = 0 }}.opener()},
}

// dueOnly lists those rooms that are due of which a function says so.
func dueOnly(keep func(storage.RoomDue, storage.Room) bool) opener {
	return retentionReads{due: func(ctx context.Context, r storage.Reader, p *storage.Page[storage.RoomDue]) {
		var kept []storage.RoomDue
		for _, d := range p.Items {
			if room, err := r.Room(ctx, d.Room); err == nil && keep(d, room) {
				kept = append(kept, d)
			}
		}
		p.Items = kept
	}}.opener()
}

// retentionReads are changes of what is told; those that are nil do nothing.
type retentionReads struct {
	due   func(context.Context, storage.Reader, *storage.Page[storage.RoomDue])
	ask   func(*storage.MaintainOptions)
	count func(*storage.MaintainReport)
}

func (c retentionReads) opener() opener {
	return reads(func(r storage.Reader) storage.Reader { return retentionReader{r, c} })
}

type retentionReader struct {
	storage.Reader
	retentionReads
}

func (r retentionReader) RoomsDue(ctx context.Context, q storage.RetentionQuery) (storage.Page[storage.RoomDue], error) {
	p, err := r.Reader.RoomsDue(ctx, q)
	if r.due != nil && err == nil {
		r.due(ctx, r.Reader, &p)
	}
	return p, err
}

func (r retentionReader) CountDue(ctx context.Context, o storage.MaintainOptions) (storage.MaintainReport, error) {
	report, err := r.Reader.CountDue(ctx, asked(r.ask, true, o))
	return apply(r.count, report, err)
}

// retentionWrites are changes of what is taken away.
type retentionWrites struct {
	purge     func(*storage.PurgeQuery)
	newest    bool // what has expired is among the newest
	invites   func(context.Context, storage.ReadWriter) error
	sanctions func(context.Context, storage.ReadWriter) error
}

func (c retentionWrites) opener() opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return retentionWriter{w, c} })
}

type retentionWriter struct {
	storage.ReadWriter
	retentionWrites
}

func (w retentionWriter) PurgeMessages(ctx context.Context, q storage.PurgeQuery) (storage.PurgeResult, error) {
	if w.newest && q.Keep > 0 {
		room, err := w.Room(ctx, q.Room)
		if err != nil {
			return storage.PurgeResult{}, err
		}
		seen, err := w.CountMessages(ctx, storage.MessageQuery{Room: q.Room})
		if err != nil {
			return storage.PurgeResult{}, err
		}
		q.Keep = max(1, q.Keep-(room.MessageCount-seen))
	}
	return w.ReadWriter.PurgeMessages(ctx, asked(w.purge, true, q))
}

func (w retentionWriter) DeleteInvites(ctx context.Context, before time.Time, limit int) (int, error) {
	if w.invites != nil {
		if err := w.invites(ctx, w.ReadWriter); err != nil {
			return 0, err
		}
	}
	return w.ReadWriter.DeleteInvites(ctx, before, limit)
}

func (w retentionWriter) DeleteSanctions(ctx context.Context, before time.Time, limit int) (int, error) {
	if w.sanctions != nil {
		if err := w.sanctions(ctx, w.ReadWriter); err != nil {
			return 0, err
		}
	}
	return w.ReadWriter.DeleteSanctions(ctx, before, limit)
}
