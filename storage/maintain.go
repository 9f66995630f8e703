package storage

import (
	"context"
	"time"
)

// MaintainOptions say what [Maintain] does beyond what is always due. The zero
// value is right for most.
type MaintainOptions struct {
	// UnattachedFor is how long an attachment may wait for a message to carry
	// it, or stay behind when its message is deleted, before it is taken away;
	// 0: a day.
	UnattachedFor time.Duration
}

// MaintainReport tells what [Maintain] did.
type MaintainReport struct {
	Expired     PurgeResult // disappearing messages whose time was over
	Attachments PurgeResult // attachments of deleted rooms, and those that no message carried for long
}

// Blobs returns what was set free: no attachment has these blobs any more.
func (r MaintainReport) Blobs() []string {
	all := r.Expired.Clone()
	all.add(r.Attachments)
	return all.Blobs
}

// Maintain takes away what is due: messages that have expired, the attachments
// of deleted rooms, and attachments that no message carries. It works in
// batches that other writers hardly notice; call it now and then, every few
// minutes say. After an error the report tells what was done before it.
func Maintain(ctx context.Context, s Store, o MaintainOptions) (r MaintainReport, err error) {
	if o.UnattachedFor < 0 {
		return r, WithOp("maintain", Invalid("UnattachedFor", "negative"))
	}
	if o.UnattachedFor == 0 {
		o.UnattachedFor = 24 * time.Hour
	}
	if r.Expired, err = Purge(ctx, s, PurgeQuery{Expired: true}); err != nil {
		return r, err
	}
	r.Attachments, err = purgeAll(func() (PurgeResult, error) {
		return s.PurgeAttachments(ctx, AttachmentPurge{UnattachedFor: o.UnattachedFor})
	})
	return r, err
}
