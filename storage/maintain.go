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

	// MessagesFor is how long messages and tombstones stay in rooms whose
	// RetentionDays is 0, MessagesKeep how many of the newest messages stay in
	// rooms whose RetentionMax is 0; 0 lets none go. What either lets go goes, but
	// what is pinned, and what a legal hold covers. Among the newest are messages
	// that readers still see, pinned and held ones too: tombstones and what has
	// expired take no place of theirs.
	MessagesFor  time.Duration
	MessagesKeep int64

	// InvitesFor is how long invites stay on record that have ended, SanctionsFor
	// how long sanctions do (Invite.EndsAt, Sanction.EndsAt); 0 lets none go.
	InvitesFor   time.Duration
	SanctionsFor time.Duration

	// DryRun has Maintain take nothing away, and report what it would (CountDue).
	DryRun bool
}

// WithDefaults returns the options with every default filled in.
func (o MaintainOptions) WithDefaults() MaintainOptions {
	if o.UnattachedFor == 0 {
		o.UnattachedFor = 24 * time.Hour
	}
	return o
}

// Validate refuses options that mean nothing.
func (o MaintainOptions) Validate() error {
	for _, n := range []struct {
		field string
		value int64
	}{
		{"UnattachedFor", int64(o.UnattachedFor)}, {"ChangesFor", int64(o.ChangesFor)}, {"ChangesKeep", o.ChangesKeep},
		{"SessionsFor", int64(o.SessionsFor)}, {"LoginsFor", int64(o.LoginsFor)}, {"AuditFor", int64(o.AuditFor)},
		{"MessagesFor", int64(o.MessagesFor)}, {"MessagesKeep", o.MessagesKeep},
		{"InvitesFor", int64(o.InvitesFor)}, {"SanctionsFor", int64(o.SanctionsFor)},
	} {
		if n.value < 0 {
			return Invalid(n.field, "negative")
		}
	}
	return nil
}

// MaintainReport tells what [Maintain] did.
type MaintainReport struct {
	Rooms       int64       `json:"rooms"`       // temporary rooms whose time was over
	Expired     PurgeResult `json:"expired"`     // disappearing messages whose time was over; Scrubbed tells of all that was taken away
	Retention   PurgeResult `json:"retention"`   // messages that were too old for their rooms, or too many
	Attachments PurgeResult `json:"attachments"` // attachments of deleted rooms, and those that no message carried for long
	Changes     int64       `json:"changes"`     // changes pruned from the feed
	Sessions    int64       `json:"sessions"`    // sessions that had ended long enough ago
	Logins      int64       `json:"logins"`      // login attempts that were old enough
	Audit       int64       `json:"audit"`       // audit entries that were old enough
	Invites     int64       `json:"invites"`     // invites that had ended long enough ago
	Sanctions   int64       `json:"sanctions"`   // sanctions that had ended long enough ago
}

// Blobs returns what was set free: no attachment has these blobs any more.
func (r MaintainReport) Blobs() []string {
	all := r.Expired.Clone()
	all.add(r.Retention)
	all.add(r.Attachments)
	return all.Blobs
}

// Maintain takes away what is due: rooms and messages that have expired, what
// retention lets go, by the settings of rooms and by the options, the attachments
// of deleted rooms, attachments that no message carries, old changes, sessions,
// login attempts, audit entries, invites and sanctions. What a legal hold covers
// stays.
//
// When all else is done it clears the write-ahead log, so that nothing is left of
// what it took away (Expired.Scrubbed tells), nor of what EraseUser did before.
//
// It works in batches that other writers hardly notice, each a transaction of its
// own: what a crash or a context that is done interrupts, the next call goes on
// with, and a second call at the same moment finds nothing to do. Call it now and
// then, every few minutes say; [Maintainer] does. After an error the report tells
// what was done before it.
func Maintain(ctx context.Context, s Store, o MaintainOptions) (r MaintainReport, err error) {
	if err := o.Validate(); err != nil {
		return r, WithOp("maintain", err)
	}
	if o = o.WithDefaults(); o.DryRun {
		r, err := s.CountDue(ctx, o)
		return r, WithOp("maintain", err)
	}
	if r.Rooms, err = deleteExpiredRooms(ctx, s); err != nil {
		return r, err
	}
	if r.Expired, err = Purge(ctx, s, PurgeQuery{Expired: true, KeepLog: true}); err != nil {
		return r, err
	}
	if r.Retention, err = retain(ctx, s, o); err != nil {
		return r, err
	}
	r.Attachments, err = purgeAll(func() (PurgeResult, error) {
		return s.PurgeAttachments(ctx, AttachmentPurge{UnattachedFor: o.UnattachedFor})
	})
	if err != nil {
		return r, err
	}
	if err = prune(ctx, s, o, &r); err != nil {
		return r, err
	}
	late, err := Purge(ctx, s, PurgeQuery{Expired: true}) // after all else, since it clears the log
	r.Expired.add(late)
	return r, err
}

// retain purges what is due in rooms by its age or its number. By the number
// first, so that what is too old does not count among the newest twice.
func retain(ctx context.Context, s Store, o MaintainOptions) (all PurgeResult, err error) {
	q := RetentionQuery{For: o.MessagesFor, Keep: o.MessagesKeep, Limit: MaxLimit}
	for due, err := range All(ctx, s.RoomsDue, q) {
		if err != nil {
			return all, err
		}
		for _, p := range due.purges() {
			done, err := Purge(ctx, s, p)
			all.add(done)
			if err != nil {
				return all, err
			}
		}
	}
	return all, nil
}

// purges returns what takes away what is due.
func (d RoomDue) purges() (all []PurgeQuery) {
	if d.Keep > 0 {
		all = append(all, PurgeQuery{Room: d.Room, Keep: d.Keep, KeepPinned: true, KeepLog: true})
	}
	if !d.To.IsZero() {
		all = append(all, PurgeQuery{Room: d.Room, To: d.To, KeepPinned: true, KeepLog: true})
	}
	return all
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
	if err == nil && o.InvitesFor != 0 {
		r.Invites, err = inBatches(olderThan(ctx, s, o.InvitesFor, Tx.DeleteInvites))
	}
	if err == nil && o.SanctionsFor != 0 {
		r.Sanctions, err = inBatches(olderThan(ctx, s, o.SanctionsFor, Tx.DeleteSanctions))
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
