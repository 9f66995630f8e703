package storagetest

// Which rooms are due, and since when.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// testRetentionCenturies counts days where a time.Duration has ended.
func testRetentionCenturies(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	days := int64(400 * 366)
	room := f.room("hall", ann, func(r *storage.Room) { r.Settings.RetentionDays = days })
	exact := f.now().Add(-100 * 366 * aDay).Add(-100 * 366 * aDay).Add(-100 * 366 * aDay).Add(-100 * 366 * aDay)
	var ms []*storage.Message
	for _, at := range []time.Time{exact.Add(-1000 * time.Hour), exact.Add(-time.Microsecond), exact, exact.Add(aDay)} {
		ms = append(ms, &storage.Message{RoomID: room.ID, AuthorID: ann, Body: "x", CreatedAt: at})
	}
	f.createMany(len(ms), ms...)
	wantList(t, []storage.RoomDue{{Room: room.ID, To: exact}}, f.duePages(storage.RetentionQuery{For: time.Hour}))
	f.wantDry(storage.MaintainOptions{MessagesFor: time.Hour})
	require.Equal(t, int64(2), f.readRoom(room.ID).MessageCount)
	require.Equal(t, int64(3), f.readMessage(ms[2].ID).Seq)
	for _, days := range []int64{400 * 366, 2000 * 366, 9999 * 366, 9999*366 + 1, 1 << 40} {
		_, err := f.UpdateRoomSettings(f.ctx, room.ID, storage.RoomSettings{RetentionDays: days})
		require.NoError(t, err)
		f.wantRetained(0, storage.MaintainOptions{MessagesFor: time.Hour})
	}
	f.clock.advance(time.Microsecond)
	_, err := f.UpdateRoomSettings(f.ctx, room.ID, storage.RoomSettings{RetentionDays: days})
	require.NoError(t, err)
	f.wantRetained(1, storage.MaintainOptions{MessagesFor: time.Hour})
}

func (f *fixture) duePages(q storage.RetentionQuery) pages[storage.RoomDue] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.RoomDue], error) {
		q.Limit, q.Cursor = limit, c
		return f.RoomsDue(f.ctx, q)
	}
}

func testRetentionPages(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	read := f.duePages(storage.RetentionQuery{For: aDay, Keep: 2})
	wantList(t, nil, read)
	var want []storage.RoomDue
	start := f.now()
	for i := range 16 {
		room := f.room("", ann, func(r *storage.Room) {
			r.ID = id[storage.Room](byte(16 + 101*i%16*(1-i/8*2)))
			r.Settings.RetentionDays = int64(i / 4 % 2 * 3)
		})
		f.saying(i%4, room.ID, ann)
		d := storage.RoomDue{Room: room.ID}
		if i%4 == 3 {
			d.Keep = 2
		}
		if i%4 > 0 && i/4%2 == 0 {
			d.To = start.Add(2*aDay - aDay)
		}
		if !d.To.IsZero() || d.Keep > 0 {
			want = append(want, d)
		}
		if i == 8 {
			f.hold(storage.Hold{RoomID: room.ID})
		}
		f.clock.advance(time.Microsecond)
	}
	f.clock.advance(2*aDay - 16*time.Microsecond)
	wantList(t, want, read)
	wantOtherLimit(t, want, read)
	wantTampered(t, read, next(t, read))
	wantForeign(t, read, next(t, f.duePages(storage.RetentionQuery{For: aDay})), next(t, f.duePages(storage.RetentionQuery{For: 1, Keep: 2})))
	wantList(t, nil, f.duePages(storage.RetentionQuery{For: 9 * aDay}))
	f.hold(storage.Hold{RoomID: want[0].Room})
	f.hold(storage.Hold{UserID: ann})
	wantList(t, want[1:], read)
}

func testRetentionRefused(t *testing.T, f *fixture) {
	for field, q := range map[string]storage.RetentionQuery{
		"For": {For: -1}, "Keep": {Keep: -1}, "Limit": {Limit: -1}, "Cursor": {Cursor: "x"},
	} {
		_, err := f.RoomsDue(f.ctx, q)
		wantErr(t, err, storage.ErrInvalid, field)
	}
}
