package storage

import (
	"context"
	"errors"
	"time"
)

// MaintainOptions say what [Maintain] does beyond what is always due. The zero
// value is right for most.
type MaintainOptions struct {
	// UnattachedFor is how long an attachment may wait for a message to carry
	// it, or stay behind when its message is deleted, before it is taken away;
	// 0: a day.
	UnattachedFor time.Duration

	// ChangesFor is how long changes stay in the feed, ChangesKeep how many of
	// the newest; what either lets go is pruned. 0 lets nothing go. Pruning
	// waits for consumers.
	ChangesFor  time.Duration
	ChangesKeep int64

	// SessionsFor is how long sessions stay on record that have expired or were
	// revoked; 0 lets none go.
	SessionsFor time.Duration

	// LoginsFor is how long login attempts stay on record; 0 lets none go.
	// Authenticate looks at those of 30 days.
	LoginsFor time.Duration

	// AuditFor is how long entries stay in the audit log; 0 lets none go. What
	// is left verifies. Whether such pruning is to have an entry of its own is
	// the caller's to decide.
	AuditFor time.Duration
}

// Validate refuses options that mean nothing.
func (o MaintainOptions) Validate() error {
	switch {
	case o.UnattachedFor < 0:
		return Invalid("UnattachedFor", "negative")
	case o.ChangesFor < 0:
		return Invalid("ChangesFor", "negative")
	case o.ChangesKeep < 0:
		return Invalid("ChangesKeep", "negative")
	case o.SessionsFor < 0:
		return Invalid("SessionsFor", "negative")
	case o.LoginsFor < 0:
		return Invalid("LoginsFor", "negative")
	case o.AuditFor < 0:
		return Invalid("AuditFor", "negative")
	}
	return nil
}

// MaintainReport tells what [Maintain] did.
type MaintainReport struct {
	Rooms       int64       // temporary rooms whose time was over
	Expired     PurgeResult // disappearing messages whose time was over
	Attachments PurgeResult // attachments of deleted rooms, and those that no message carried for long
	Changes     int64       // changes pruned from the feed
	Sessions    int64       // sessions that had ended long enough ago
	Logins      int64       // login attempts that were old enough
	Audit       int64       // audit entries that were old enough
}

// Blobs returns what was set free: no attachment has these blobs any more.
func (r MaintainReport) Blobs() []string {
	all := r.Expired.Clone()
	all.add(r.Attachments)
	return all.Blobs
}

// Maintain takes away what is due: rooms and messages that have expired, the
// attachments of deleted rooms, attachments that no message carries, old
// changes, sessions and login attempts. It works in batches that other writers hardly notice; call it now and
// then, every few minutes say. After an error the report tells what was done before it.
func Maintain(ctx context.Context, s Store, o MaintainOptions) (r MaintainReport, err error) {
	if err := o.Validate(); err != nil {
		return r, WithOp("maintain", err)
	}
	if o.UnattachedFor == 0 {
		o.UnattachedFor = 24 * time.Hour
	}
	if r.Rooms, err = deleteExpiredRooms(ctx, s); err != nil {
		return r, err
	}
	if r.Expired, err = Purge(ctx, s, PurgeQuery{Expired: true}); err != nil {
		return r, err
	}
	r.Attachments, err = purgeAll(func() (PurgeResult, error) {
		return s.PurgeAttachments(ctx, AttachmentPurge{UnattachedFor: o.UnattachedFor})
	})
	if err != nil {
		return r, err
	}
	return r, prune(ctx, s, o, &r)
}

// prune takes away what has become old, as far as o lets it go.
func prune(ctx context.Context, s Store, o MaintainOptions, r *MaintainReport) (err error) {
	if o.ChangesFor != 0 || o.ChangesKeep != 0 {
		p := ChangePrune{Age: o.ChangesFor, Keep: o.ChangesKeep, Limit: MaxLimit}
		r.Changes, err = inBatches(func() (int, error) { return s.PruneChanges(ctx, p) })
	}
	if err == nil && o.SessionsFor != 0 {
		r.Sessions, err = inBatches(olderThan(ctx, s, o.SessionsFor, Tx.DeleteExpiredSessions))
	}
	if err == nil && o.LoginsFor != 0 {
		r.Logins, err = inBatches(olderThan(ctx, s, o.LoginsFor, Tx.PruneLoginAttempts))
	}
	if err == nil && o.AuditFor != 0 {
		r.Audit, err = inBatches(olderThan(ctx, s, o.AuditFor, Tx.PruneAudit))
	}
	return err
}

// olderThan returns what takes away a batch of what is older than an age, by the
// store's clock.
func olderThan(
	ctx context.Context, s Store, age time.Duration, batch func(Tx, context.Context, time.Time, int) (int, error),
) func() (int, error) {
	return func() (gone int, err error) {
		err = s.Update(ctx, func(ctx context.Context, tx Tx) (err error) {
			gone, err = batch(tx, ctx, tx.Now().Add(-age), MaxLimit)
			return err
		})
		return gone, err
	}
}

// inBatches calls what takes away up to MaxLimit records until there are no
// more, and returns how many went.
func inBatches(batch func() (int, error)) (gone int64, err error) {
	for {
		n, err := batch()
		gone += int64(n)
		if err != nil || n < MaxLimit {
			return gone, err
		}
	}
}

// deleteExpiredRooms deletes the rooms whose time is over, and returns how many.
// It passes over those that are held, and so looks at each once.
func deleteExpiredRooms(ctx context.Context, s Store) (deleted int64, err error) {
	for room, err := range All(ctx, s.Rooms, RoomQuery{Expired: new(true)}) {
		if err != nil {
			return deleted, err
		}
		gone, err := deleteExpiredRoom(ctx, s, room.ID)
		if err != nil {
			return deleted, err
		}
		if gone {
			deleted++
		}
	}
	return deleted, nil
}

// deleteExpiredRoom deletes a room, unless it is gone by now, a legal hold covers
// it, or somebody has given it more time.
func deleteExpiredRoom(ctx context.Context, s Store, id RoomID) (deleted bool, err error) {
	err = s.Update(ctx, func(ctx context.Context, tx Tx) error {
		room, err := tx.Room(ctx, id)
		if is, err := exists(err); err != nil || !is || !room.Expired(tx.Now()) {
			return err
		}
		err = tx.DeleteRoom(ctx, id)
		if errors.Is(err, ErrForbidden) { // held: nothing else keeps a room
			return nil
		}
		deleted = err == nil
		return err
	})
	return deleted && err == nil, err
}
