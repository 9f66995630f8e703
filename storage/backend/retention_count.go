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
		for _, count := range []func() error{c.rooms, c.expired, c.retention, c.attachments, c.records, c.changes} {
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
	gone map[storage.RoomID]bool // the rooms that go, with all that is in them
	out  storage.MaintainReport
}

func (c *dueCounter) rooms() error {
	c.gone = map[storage.RoomID]bool{}
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
				c.gone[room.ID] = true
			}
			k := roomKeyset(s.Order, room)
			s.After = &k
		}
		if len(some) < s.Scan.Limit {
			c.out.Rooms = int64(len(c.gone))
			return nil
		}
	}
}

// expired counts the messages whose time is over, but those that go with their
// rooms.
func (c *dueCounter) expired() error {
	s := PurgeScan{PurgeQuery: storage.PurgeQuery{Expired: true}, First: -1, Now: c.now}
	err := c.count(s, 1, &c.out.Expired)
	for room := range c.gone {
		if err == nil {
			s.Room = room
			err = c.count(s, -1, &c.out.Expired)
		}
	}
	return err
}

func (c *dueCounter) retention() error {
	q := storage.RetentionQuery{For: c.o.MessagesFor, Keep: c.o.MessagesKeep}
	for s := (Scan{Limit: ageChunk}); ; {
		ages, err := c.rows.RoomAges(c.ctx, s)
		if err != nil {
			return err
		}
		for _, age := range ages {
			s.After = &storage.Keyset{Int: Micros(age.CreatedAt), ID: age.Room}
			if c.gone[age.Room] {
				continue
			}
			d, many, err := age.due(c.ctx, c.rows, q, c.now)
			if err == nil {
				err = c.retained(d, many)
			}
			if err != nil {
				return err
			}
		}
		if len(ages) < s.Limit {
			return nil
		}
	}
}

// retained counts what goes from a room by number or by age once: what both let
// go is taken off again. What has expired goes before.
func (c *dueCounter) retained(d storage.RoomDue, many int64) error {
	most := PurgeScan{PurgeQuery: storage.PurgeQuery{Room: d.Room, Keep: d.Keep, KeepPinned: true}, First: many, Unexpired: true, Now: c.now}
	old := most
	old.Keep, old.First, old.To = 0, -1, d.To
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
	return nil
}

func (c *dueCounter) count(s PurgeScan, sign int64, into *storage.PurgeResult) error {
	n, err := c.rows.CountPurge(c.ctx, s, c.unattached())
	into.Messages += sign * n.Messages
	into.Attachments += sign * n.Attachments
	c.out.Attachments.Attachments -= sign * n.Unattached // they go with their tombstones
	return err
}

// unattached is since when an attachment must have been without a message to go.
func (c *dueCounter) unattached() time.Time { return c.now.Add(-c.o.UnattachedFor) }

// attachments counts those that nothing carries and, where rooms go, what they
// have.
func (c *dueCounter) attachments() error {
	ids, err := c.rows.AttachmentsToPurge(c.ctx, c.unattached(), math.MaxInt)
	if err != nil {
		return err
	}
	c.out.Attachments.Attachments += int64(len(ids))
	if len(c.gone) == 0 {
		return nil
	}
	for _, id := range ids {
		a, err := c.rows.Attachment(c.ctx, id)
		if _, err := found(err); err != nil {
			return err
		}
		if c.gone[a.RoomID] {
			c.out.Attachments.Attachments--
		}
	}
	for room := range c.gone {
		n, err := c.attachmentsOf(room)
		if err != nil {
			return err
		}
		c.out.Attachments.Attachments += n
	}
	return nil
}

func (c *dueCounter) attachmentsOf(room storage.RoomID) (n int64, err error) {
	s := AttachmentScan{AttachmentQuery: storage.AttachmentQuery{Room: room}, Scan: Scan{Limit: ageChunk}}
	for {
		some, err := c.rows.Attachments(c.ctx, s)
		if err != nil {
			return 0, err
		}
		for _, a := range some {
			n++
			s.After = &storage.Keyset{Int: Micros(a.CreatedAt), ID: a.ID}
		}
		if len(some) < s.Scan.Limit {
			return n, nil
		}
	}
}

// records counts what is old enough beside messages.
func (c *dueCounter) records() (err error) {
	before := func(age time.Duration) time.Time { return ceilTime(c.now.Add(-age)) } // as the deletions do
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
