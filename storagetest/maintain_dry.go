package storagetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// untold is a report without what a dry run does not tell.
func untold(r storage.MaintainReport) storage.MaintainReport {
	for _, p := range []*storage.PurgeResult{&r.Retention, &r.Expired, &r.Attachments} {
		p.Blobs, p.Scrubbed = nil, false
	}
	return r
}

// wantDry requires that a dry run changes nothing and tells what Maintain then
// does.
func (f *fixture) wantDry(o storage.MaintainOptions) storage.MaintainReport {
	f.t.Helper()
	before := f.dump()
	o.DryRun = true
	dry, err := storage.Maintain(f.ctx, f, o)
	require.NoError(f.t, err)
	require.Equal(f.t, before, f.dump(), "a dry run changed something")
	o.DryRun = false
	did, err := storage.Maintain(f.ctx, f, o)
	require.NoError(f.t, err)
	require.Equal(f.t, untold(did), dry, "%+v", o)
	o.DryRun = true
	again, err := storage.Maintain(f.ctx, f, o)
	require.NoError(f.t, err)
	require.Zero(f.t, again, "when all is done")
	return did
}

// testMaintainDry has something due of every kind, and something of each that is
// not.
func testMaintainDry(t *testing.T, f *fixture) {
	e := f.newEstate(0)
	tent := f.room("tent", e.ann, expiring(f.now()))
	f.room("held tent", e.ann, expiring(f.now()), func(r *storage.Room) { r.ID = id[storage.Room](9) })
	f.hold(storage.Hold{RoomID: id[storage.Room](9)})
	f.upload(e.attic, e.ann, "loose")
	f.say(e.attic, e.bob, "carries", carrying(f.upload(e.attic, e.bob, "carried"), f.upload(e.attic, e.bob, "too")))
	f.login(e.bob, f.expiringIn(time.Minute))
	f.login(e.bob)
	f.attempt(storage.LoginAttempt{Login: "x"})
	f.audit(storage.AuditEntry{Action: "x"})
	f.invite(storage.Invite{RoomID: e.hall, ExpiresAt: f.now().Add(time.Minute)})
	f.invite(storage.Invite{RoomID: e.hall})
	f.sanction(storage.Sanction{UserID: e.bob, RoomID: e.hall, Kind: storage.SanctionKick})
	f.sanction(storage.Sanction{UserID: e.bob, RoomID: tent.ID, Kind: storage.SanctionMute})
	f.clock.advance(2 * aDay)
	f.audit(storage.AuditEntry{Action: "x"})
	f.attempt(storage.LoginAttempt{Login: "x"})
	f.saying(3, e.hall, e.ann)
	head := f.head()
	r := f.wantDry(storage.MaintainOptions{
		SessionsFor: aDay, LoginsFor: aDay, AuditFor: aDay, InvitesFor: aDay, SanctionsFor: aDay, ChangesFor: aDay,
	})
	require.Equal(t, storage.MaintainReport{
		Rooms: 1, Expired: storage.PurgeResult{Messages: 3}, Attachments: storage.PurgeResult{Attachments: 1},
		Changes: r.Changes, Sessions: 1, Logins: 1, Audit: 1, Invites: 1, Sanctions: 1,
	}, untold(r))
	require.Equal(t, int64(head.Newest-head.Oldest)+1-3, r.Changes, "but the last three messages")
}

// testMaintainDryRetention has ages and numbers meet.
func testMaintainDryRetention(t *testing.T, f *fixture) {
	for n, o := range []storage.MaintainOptions{
		{MessagesFor: 4*time.Hour + 5*time.Minute}, {MessagesKeep: 2}, {MessagesFor: 4*time.Hour + 5*time.Minute, MessagesKeep: 2},
		{MessagesFor: time.Hour, MessagesKeep: 1}, {MessagesFor: 9 * time.Hour, MessagesKeep: 3},
	} {
		for held := range 3 {
			e := f.newEstate(10*n + held)
			for _, letter := range "bfi" { // whose time would be over
				f.forget(e.at(letter).ID)
			}
			late := storage.Message{RoomID: e.hall, Body: "late", CreatedAt: f.now().Add(-24 * time.Hour)}
			f.createMany(1, &late)
			f.say(e.attic, e.bob, "carries", carrying(f.upload(e.attic, e.bob, "carried")))
			h := storage.Hold{ID: storage.HoldID{}, UserID: e.ann}
			switch held {
			case 1:
				h = f.hold(h)
			case 2:
				h.UserID, h.RoomID = storage.UserID{}, e.hall
				h = f.hold(h)
			}
			r := f.wantDry(o)
			require.Equal(t, held < 2 || n != 4, r.Retention.Messages > 0, "estate %d of %+v: %+v", held, o, r)
			if held > 0 {
				f.release(h.ID)
			}
			require.NoError(t, f.DeleteRoom(f.ctx, e.hall))
			require.NoError(t, f.DeleteRoom(f.ctx, e.attic))
			f.maintained(storage.MaintainOptions{})
		}
	}
}

// testMaintainDryTogether has what is due in more than one way told once.
func testMaintainDryTogether(t *testing.T, f *fixture) {
	e := f.newEstate(0)
	tent := f.room("tent", e.ann, expiring(f.now().Add(2*time.Hour))).ID
	for _, room := range []storage.RoomID{tent, e.attic} {
		f.upload(room, e.bob, "loose")
		for range 3 {
			f.say(room, e.bob, "carries", carrying(f.upload(room, e.bob, "carried")))
			f.say(room, e.bob, "brief", carrying(f.upload(room, e.bob, "lost")), func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Minute) })
		}
		f.remove(f.say(room, e.bob, "deleted", carrying(f.upload(room, e.bob, "left"))).ID, e.bob)
	}
	f.clock.advance(2*time.Hour - time.Minute)
	young := f.upload(tent, e.bob, "young")
	f.upload(e.attic, e.bob, "young")
	f.clock.advance(time.Minute)
	r := f.wantDry(storage.MaintainOptions{MessagesFor: time.Hour, MessagesKeep: 1, UnattachedFor: time.Hour})
	require.Equal(t, storage.MaintainReport{
		Rooms:       1,
		Expired:     storage.PurgeResult{Messages: 3 + 3, Attachments: 3},
		Retention:   storage.PurgeResult{Messages: 3 + 7 - 1, Attachments: 3 + 1},
		Attachments: storage.PurgeResult{Attachments: 1 + 9},
	}, untold(r))
	wantNotFound(t, errOf(f.Attachment(f.ctx, young.ID)), storage.EntityAttachment)
}

// testMaintainDryNanoseconds has ages end between the times that are stored, of
// records that are between 0 and 4 microseconds old.
func testMaintainDryNanoseconds(t *testing.T, f *fixture) {
	for age := time.Duration(500); age <= 3*time.Microsecond; age += 500 {
		ann := f.user(fmt.Sprint("ann", int64(age))).ID
		room := f.room("", ann).ID
		for range 5 {
			f.login(ann, f.expiringIn(time.Microsecond))
			f.invite(storage.Invite{RoomID: room, ExpiresAt: f.now().Add(time.Microsecond)})
			f.clock.advance(time.Microsecond)
			f.attempt(storage.LoginAttempt{Login: "x"})
			f.audit(storage.AuditEntry{Action: "x"})
			f.sanction(storage.Sanction{UserID: ann, RoomID: room, Kind: storage.SanctionKick})
			f.upload(room, ann, "loose")
			f.say(room, ann, "x")
		}
		r := f.wantDry(storage.MaintainOptions{
			SessionsFor: age, LoginsFor: age, AuditFor: age, InvitesFor: age, SanctionsFor: age, MessagesFor: age, UnattachedFor: age,
		})
		older := int64(4 - age/time.Microsecond)
		for _, n := range []int64{r.Sessions, r.Logins, r.Audit, r.Invites, r.Sanctions, r.Retention.Messages} {
			require.Equal(t, older, n, "older than %v: %+v", age, r)
		}
		require.Equal(t, 5-int64((age+999)/time.Microsecond), r.Attachments.Attachments, "as old as %v, or older", age)
		f.clock.advance(time.Hour)
		f.maintained(storage.MaintainOptions{
			SessionsFor: age, LoginsFor: age, AuditFor: age, InvitesFor: age, SanctionsFor: age, MessagesFor: age, UnattachedFor: age,
		})
	}
}

func testMaintainDryRefused(t *testing.T, f *fixture) {
	for field, o := range map[string]storage.MaintainOptions{"MessagesFor": {MessagesFor: -1}, "AuditFor": {AuditFor: -1}} {
		_, err := f.CountDue(f.ctx, o)
		wantErr(t, err, storage.ErrInvalid, field)
		o.DryRun = true
		_, err = storage.Maintain(f.ctx, f, o)
		wantErr(t, err, storage.ErrInvalid, field)
	}
}
