package backend

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

// PurgeMessage implements storage.MessagePurger.
func (w Writer) PurgeMessage(ctx context.Context, id storage.MessageID) (storage.PurgeResult, error) {
	out, err := writeOne(ctx, w.in, "purge message", unchecked, func(t *rules) (out storage.PurgeResult, err error) {
		m, err := t.rows.Message(ctx, id)
		if err != nil {
			return out, missing(err, storage.EntityMessage, id)
		}
		if err := free(ctx, t.rows.MessageHeld, storage.EntityMessage, id); err != nil {
			return out, err
		}
		return t.purge(ctx, []storage.Message{m})
	})
	if err == nil {
		out.Scrubbed = w.in.scrub(ctx)
	}
	return out, err
}

// PurgeMessages implements storage.MessagePurger. What to purge is looked for
// before the writer is taken, since that can take long where there is little.
// But how many messages a room keeps is right only while nobody else deletes.
func (w Writer) PurgeMessages(ctx context.Context, q storage.PurgeQuery) (storage.PurgeResult, error) {
	limit := min(cmp.Or(q.Limit, storage.DefaultPurge), storage.MaxLimit)
	scan := PurgeScan{PurgeQuery: q, First: -1, Limit: limit + 1}
	scan.PurgeQuery.Limit, scan.PurgeQuery.KeepLog, scan.To = 0, false, ceilTime(q.To)
	var ms []storage.Message
	look := func(rows Rows) (err error) {
		if q.Keep == 0 {
			scan.Now = w.now()
			ms, err = rows.MessagesToPurge(ctx, scan)
		}
		return err
	}
	var out storage.PurgeResult
	err := w.in.writeAfter(ctx, "purge messages", q.Validate, look, func(t *rules) (_ int, err error) {
		if q.Keep > 0 {
			if ms, err = t.beyondKept(ctx, scan); err != nil {
				return 0, err
			}
		}
		more := len(ms) > limit // whatever became of those that were found
		ms, err = t.stillToPurge(ctx, ms[:min(len(ms), limit)], q.KeepPinned)
		if err != nil {
			return 0, err
		}
		out, err = t.purge(ctx, ms)
		out.More = more
		return int(out.Messages), err
	})
	if err != nil {
		return storage.PurgeResult{}, err
	}
	if !out.More && !q.KeepLog {
		w.in.sweepRooms(ctx) // what a crash, or a context that was done, has left
		out.Scrubbed = w.in.scrub(ctx)
	}
	return out, nil
}

// beyondKept returns the messages to purge of a room that keeps its newest ones.
func (t *rules) beyondKept(ctx context.Context, s PurgeScan) ([]storage.Message, error) {
	room, err := t.rows.Room(ctx, s.Room)
	exists, err := found(err)
	if err != nil || !exists {
		return nil, err
	}
	s.Now = t.now
	if s.First, err = tooMany(ctx, t.rows, room.ID, room.MessageCount, s.Keep, t.now); err != nil || s.First == 0 {
		return nil, err
	}
	return t.rows.MessagesToPurge(ctx, s)
}

// tooMany returns how many messages of a room, which has so many that are no
// tombstones, are beyond the newest that it keeps. What has expired nobody sees
// any more, and so it takes no place among them.
func tooMany(ctx context.Context, rows Rows, room storage.RoomID, messages, keep int64, now time.Time) (int64, error) {
	if messages <= keep {
		return 0, nil
	}
	expired, err := rows.CountExpired(ctx, room, now)
	return max(0, messages-expired-keep), err
}

// stillToPurge reads again what was found before the transaction began: somebody
// may have pinned it since, or have it held.
func (t *rules) stillToPurge(ctx context.Context, before []storage.Message, keepPinned bool) ([]storage.Message, error) {
	var still []storage.Message
	for _, m := range before {
		m, err := t.rows.Message(ctx, m.ID)
		there, err := found(err)
		if err != nil {
			return nil, err
		}
		if !there || keepPinned && !m.PinnedAt.IsZero() {
			continue
		}
		held, err := t.rows.MessageHeld(ctx, m.ID)
		if err != nil {
			return nil, err
		}
		if !held {
			still = append(still, m)
		}
	}
	return still, nil
}

// purge takes messages away and tells the feed, room by room.
func (t *rules) purge(ctx context.Context, ms []storage.Message) (out storage.PurgeResult, err error) {
	if err := t.rows.FillIn(ctx, ms, storage.UserID{}, t.now); err != nil {
		return out, err
	}
	for i := range ms {
		m := &ms[i]
		attachments, freed, err := t.rows.PurgeMessage(ctx, m)
		if err != nil {
			return out, err
		}
		out.Messages++
		out.Attachments += attachments
		out.Blobs = append(out.Blobs, freed...)
		if m.Deleted() {
			continue
		}
		if err := t.countedMessage(ctx, m, -1); err != nil {
			return out, err
		}
	}
	slices.Sort(out.Blobs)
	for _, c := range purgeChanges(ms) {
		if err := t.changed(ctx, c); err != nil {
			return out, err
		}
	}
	return out, nil
}

// purgeChanges returns one change for each room that lost messages.
func purgeChanges(ms []storage.Message) []storage.Change {
	ordered := slices.Clone(ms)
	slices.SortFunc(ordered, func(a, b storage.Message) int {
		return cmp.Or(a.RoomID.Compare(b.RoomID), cmp.Compare(a.Seq, b.Seq))
	})
	var changes []storage.Change
	for _, m := range ordered {
		last := len(changes) - 1
		if last < 0 || changes[last].RoomID != m.RoomID {
			changes = append(changes, storage.Change{Kind: storage.ChangeMessagesPurged, RoomID: m.RoomID})
			last++
		}
		c := &changes[last]
		if n := len(c.Purged) - 1; n >= 0 && c.Purged[n].Last+1 == m.Seq {
			c.Purged[n].Last = m.Seq
			continue
		}
		c.Purged = append(c.Purged, storage.SeqRange{First: m.Seq, Last: m.Seq})
	}
	return changes
}
