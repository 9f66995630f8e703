package storagetest_test

// What maintenance would take away.

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

var errTrial = errors.New("only a trial")

// CountDue takes all away in the order of Maintain and undoes that.
func (m *model) CountDue(ctx context.Context, o storage.MaintainOptions) (r storage.MaintainReport, err error) {
	o = o.WithDefaults()
	m.try(func() {
		for i, room := range m.rooms {
			if !m.rooms[i].gone && room.Expired(m.now()) && m.roomKept(room.ID) == nil {
				r.Rooms++
				_ = m.DeleteRoom(ctx, room.ID)
			}
		}
		r.Expired = m.purge(m.toPurge(storage.PurgeQuery{Expired: true}))
		r.Retention = m.purge(m.retained(o))
		r.Attachments, _ = m.PurgeAttachments(ctx, storage.AttachmentPurge{UnattachedFor: o.UnattachedFor})
	})
	r.Expired.Blobs, r.Retention.Blobs, r.Attachments.Blobs = nil, nil, nil
	const all = storage.MaxLimit
	for _, old := range []struct {
		age    time.Duration
		count  *int64
		remove func(context.Context, time.Time, int) (int, error)
	}{
		{o.SessionsFor, &r.Sessions, m.DeleteExpiredSessions}, {o.LoginsFor, &r.Logins, m.PruneLoginAttempts},
		{o.AuditFor, &r.Audit, m.PruneAudit}, {o.InvitesFor, &r.Invites, m.DeleteInvites}, {o.SanctionsFor, &r.Sanctions, m.DeleteSanctions},
	} {
		if old.age > 0 {
			m.try(func() {
				n, _ := old.remove(ctx, m.now().Add(-old.age), all)
				*old.count = int64(n)
			})
		}
	}
	return r, nil
}

// try runs something and undoes it.
func (m *model) try(fn func()) {
	_ = m.atomic(func() error {
		fn()
		return errTrial
	})
}

// retained returns the messages that retention lets go.
func (m *model) retained(o storage.MaintainOptions) (all []int) {
	for _, room := range m.rooms {
		if room.gone {
			continue
		}
		age := cmp.Or(time.Duration(room.Settings.RetentionDays)*24*time.Hour, o.MessagesFor)
		if age > 0 {
			all = append(all, m.toPurge(storage.PurgeQuery{Room: room.ID, To: m.now().Add(-age), KeepPinned: true})...)
		}
		if most := cmp.Or(room.Settings.RetentionMax, o.MessagesKeep); most > 0 {
			all = append(all, m.toPurge(storage.PurgeQuery{Room: room.ID, Keep: most, KeepPinned: true})...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (d *draws) maintenance() storage.MaintainOptions {
	return storage.MaintainOptions{
		UnattachedFor: oneOf(d, 0, time.Second, time.Minute),
		MessagesFor:   oneOf(d, 0, 0, time.Second, time.Minute, time.Hour), MessagesKeep: oneOf(d, int64(0), 0, 2, 5),
		InvitesFor: oneOf(d, 0, time.Minute), SanctionsFor: oneOf(d, 0, time.Minute),
		SessionsFor: oneOf(d, 0, time.Second, time.Hour), LoginsFor: oneOf(d, 0, time.Minute, 24*time.Hour),
		AuditFor: oneOf(d, 0, time.Minute, 24*time.Hour),
	}
}

// lookAtDry compares what maintenance would take away.
func (h *history) lookAtDry(o storage.MaintainOptions) {
	h.quietly(say("CountDue(%s)", o), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.CountDue(ctx, o))
	})
}

// maintain calls Maintain, unless a transaction is open.
func (h *history) maintain() {
	if _, open := h.subjects[1].on.(storage.Store); !open {
		return
	}
	o := h.maintenance()
	h.lookAtDry(o)
	h.call(say("Maintain(%s)", o), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		r, err := storage.Maintain(ctx, s.(storage.Store), o)
		r.Expired.Scrubbed, r.Attachments.Scrubbed, r.Retention.Scrubbed = false, false, false
		return r, err
	})
}
