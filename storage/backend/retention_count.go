package backend

import (
	"context"
	"math"
	"time"

	"github.com/lairchat/lair/storage"
)

// CountDue implements storage.RetentionReader.
func (r Reader) CountDue(ctx context.Context, o storage.MaintainOptions) (out storage.MaintainReport, err error) {
	o = o.WithDefaults()
	err = r.in.view(ctx, "count what is due", o.Validate, func(rows Rows) (int, error) {
		c := dueCounter{ctx: ctx, rows: rows, o: o, now: r.now()}
		for _, count := range []func() error{c.rooms, c.retention, c.purges, c.records, c.changes} {
			if err := count(); err != nil {
				return 0, err
			}
		}
		out = c.out
		return 1, nil
	})
	if err != nil {
		return storage.MaintainReport{}, err
	}
	return out, nil
}

// dueCounter counts what Maintain would take away.
type dueCounter struct {
	ctx  context.Context
	rows Rows
	o    storage.MaintainOptions
	now  time.Time
	out  storage.MaintainReport
}

func (c *dueCounter) rooms() error {
	s := RoomScan{RoomQuery: storage.RoomQuery{Expired: new(true), Order: storage.RoomsByName}, Now: c.now, Scan: Scan{Limit: ageChunk}}
	for {
		some, err := c.rows.Rooms(c.ctx, s)
		if err != nil {
			return err
		}
		for _, room := range some {
			held, err := c.rows.RoomHeld(c.ctx, room.ID)
			if err != nil {
				return err
			}
			if !held {
				c.out.Rooms++
			}
			k := roomKeyset(s.Order, room)
			s.After = &k
		}
		if len(some) < s.Scan.Limit {
			return nil
		}
	}
}

// retention counts what goes by number or by age once: what both let go is taken
// off again.
func (c *dueCounter) retention() error {
	q := storage.RetentionQuery{For: c.o.MessagesFor, Keep: c.o.MessagesKeep}
	for s := (Scan{Limit: ageChunk}); ; {
		ages, err := c.rows.RoomAges(c.ctx, s)
		if err != nil {
			return err
		}
		for _, age := range ages {
			s.After = &storage.Keyset{Int: Micros(age.CreatedAt), ID: age.Room}
			d := age.due(q, c.now)
			most := PurgeScan{PurgeQuery: storage.PurgeQuery{Room: age.Room, KeepPinned: true}, First: age.Messages - d.Keep, Now: c.now}
			old := most
			old.First, old.To = -1, d.To
			both := most
			both.To = d.To
			for _, part := range []struct {
				scan PurgeScan
				due  bool
				sign int64
			}{{most, d.Keep > 0, 1}, {old, !d.To.IsZero(), 1}, {both, d.Keep > 0 && !d.To.IsZero(), -1}} {
				if !part.due {
					continue
				}
				if err := c.count(part.scan, part.sign, &c.out.Retention); err != nil {
					return err
				}
			}
		}
		if len(ages) < s.Limit {
			return nil
		}
	}
}

func (c *dueCounter) count(s PurgeScan, sign int64, into *storage.PurgeResult) error {
	messages, attachments, err := c.rows.CountPurge(c.ctx, s)
	into.Messages += sign * messages
	into.Attachments += sign * attachments
	return err
}

func (c *dueCounter) purges() (err error) {
	expired := PurgeScan{PurgeQuery: storage.PurgeQuery{Expired: true}, First: -1, Now: c.now}
	if err := c.count(expired, 1, &c.out.Expired); err != nil {
		return err
	}
	ids, err := c.rows.AttachmentsToPurge(c.ctx, c.now.Add(-c.o.UnattachedFor), math.MaxInt)
	c.out.Attachments.Attachments = int64(len(ids))
	return err
}

// records counts what is old enough beside messages.
func (c *dueCounter) records() (err error) {
	before := func(age time.Duration) time.Time { return storage.Timestamp(c.now.Add(-age)) }
	if c.o.SessionsFor != 0 {
		c.out.Sessions, err = c.rows.CountEnded(c.ctx, EndedSessions, before(c.o.SessionsFor))
	}
	if err == nil && c.o.InvitesFor != 0 {
		c.out.Invites, err = c.rows.CountEnded(c.ctx, EndedInvites, before(c.o.InvitesFor))
	}
	if err == nil && c.o.SanctionsFor != 0 {
		c.out.Sanctions, err = c.rows.CountEnded(c.ctx, EndedSanctions, before(c.o.SanctionsFor))
	}
	if err == nil && c.o.LoginsFor != 0 {
		c.out.Logins, err = c.rows.CountLoginAttempts(c.ctx, LoginScan{LoginQuery: storage.LoginQuery{To: before(c.o.LoginsFor)}, Scan: Scan{Limit: math.MaxInt}})
	}
	if err == nil && c.o.AuditFor != 0 {
		c.out.Audit, err = c.rows.CountAudit(c.ctx, AuditScan{AuditQuery: storage.AuditQuery{To: before(c.o.AuditFor)}})
	}
	return err
}

// changes walks the feed from its oldest change up to the first that stays.
func (c *dueCounter) changes() error {
	if c.o.ChangesFor == 0 && c.o.ChangesKeep == 0 {
		return nil
	}
	head, err := c.rows.ChangeHead(c.ctx)
	if err != nil {
		return err
	}
	last := head.Newest
	consumers, err := c.rows.Consumers(c.ctx)
	for _, v := range consumers {
		last = min(last, v.Position)
	}
	if err != nil {
		return err
	}
	for at := head.Oldest - 1; ; {
		some, through, err := c.rows.Changes(c.ctx, ChangeScan{After: at, Limit: ageChunk, Walk: ageChunk})
		if err != nil {
			return err
		}
		for _, change := range some {
			old := c.o.ChangesFor != 0 && !change.At.After(c.now.Add(-c.o.ChangesFor))
			many := c.o.ChangesKeep != 0 && int64(head.Newest-change.Position) >= c.o.ChangesKeep
			if change.Position > last || !old && !many {
				return nil
			}
			c.out.Changes++
		}
		if at = through; at >= head.Newest || len(some) == 0 {
			return nil
		}
	}
}
