package storagetest

// What retention lets go, by age and by number.

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var retentionCases = []testCase{
	{"by age", testRetentionAge},
	{"by number", testRetentionKeep},
	{"by the settings of rooms", testRetentionSettings},
	{"by age and number", testRetentionBoth},
	{"what is pinned", testRetentionPinned},
	{"what is held", testRetentionHeld},
	{"what has expired", testRetentionExpired},
	{"what has expired and is held", testRetentionExpiredHeld},
	{"what is imported", testRetentionImported},
	{"a clock that goes back", testRetentionClockBack},
	{"tombstones", testRetentionTombstones},
	{"attachments", testRetentionAttachments},
	{"settings that change", testRetentionChanged},
	{"for ever", testRetentionForEver},
	{"for centuries", testRetentionCenturies},
	{"interrupted", testRetentionInterrupted},
	{"many rooms", testRetentionManyRooms},
	{"pages of rooms", testRetentionPages},
	{"pages of rooms refused", testRetentionRefused},
	{"invites", testRetentionInvites},
	{"sanctions", testRetentionSanctions},
	{"batches of invites and sanctions", testRetentionEndedBatches},
	{"invites and sanctions refused", testRetentionEndedRefused},
}

const aDay = 24 * time.Hour

// retained runs Maintain, and returns what retention took.
func (f *fixture) retained(o storage.MaintainOptions) int64 {
	f.t.Helper()
	r, err := storage.Maintain(f.ctx, f, o)
	require.NoError(f.t, err)
	r.Expired = f.unscrubbed(r.Expired, nil)
	require.False(f.t, r.Retention.Scrubbed)
	took := r.Retention.Messages
	r.Retention = storage.PurgeResult{}
	require.Zero(f.t, r, "beside retention")
	return took
}

// wantRetained requires how many messages retention takes, and that it then finds
// nothing more.
func (f *fixture) wantRetained(want int64, o storage.MaintainOptions) {
	f.t.Helper()
	require.Equal(f.t, want, f.retained(o), "messages of %+v", o)
	require.Zero(f.t, f.retained(o), "again")
	due, err := f.RoomsDue(f.ctx, storage.RetentionQuery{For: o.MessagesFor, Keep: o.MessagesKeep})
	require.NoError(f.t, err)
	for _, d := range due.Items {
		for m := range f.messagesOf(d.Room) {
			require.True(f.t, !m.PinnedAt.IsZero() || d.To.IsZero() || !m.CreatedAt.Before(d.To), "%v is left of %+v", m.Seq, d)
		}
	}
}

func (f *fixture) messagesOf(room storage.RoomID) func(func(storage.Message) bool) {
	return func(yield func(storage.Message) bool) {
		for _, m := range list(f, f.Messages, storage.MessageQuery{Room: room, WithDeleted: true}) {
			if !yield(m) {
				return
			}
		}
	}
}

// daily stores a message in a room each day.
func (f *fixture) daily(days int, room storage.RoomID, author storage.UserID) (ms []storage.Message) {
	f.t.Helper()
	for range days {
		ms = append(ms, f.say(room, author, "x"))
		f.clock.advance(aDay)
	}
	return ms
}

func testRetentionAge(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.daily(5, c.room, c.ann)
	f.wantRetained(0, storage.MaintainOptions{})
	f.wantRetained(0, storage.MaintainOptions{MessagesFor: 5 * aDay})
	f.wantRetained(1, storage.MaintainOptions{MessagesFor: 5*aDay - time.Microsecond})
	f.wantRetained(2, storage.MaintainOptions{MessagesFor: 2*aDay + time.Hour})
	require.Equal(t, ms[3:], f.there(ms))
	room := f.readRoom(c.room)
	require.Equal(t, int64(2), room.MessageCount)
	require.Equal(t, int64(5), room.LastSeq)
	f.clock.advance(aDay)
	f.wantRetained(2, storage.MaintainOptions{MessagesFor: time.Hour})
	require.Zero(t, f.readRoom(c.room).MessageCount)
}

func testRetentionKeep(t *testing.T, f *fixture) {
	c := f.circle()
	other := f.room("attic", c.ann).ID
	ms, others := f.saying(2*storage.DefaultPurge+5, c.room, c.ann), f.saying(3, other, c.ann)
	f.wantRetained(0, storage.MaintainOptions{MessagesKeep: int64(len(ms))})
	f.wantRetained(int64(len(ms))-4, storage.MaintainOptions{MessagesKeep: 4})
	require.Equal(t, ms[len(ms)-4:], f.there(ms))
	require.Equal(t, others, f.there(others))
	f.wantRetained(5, storage.MaintainOptions{MessagesKeep: 1})
}

func testRetentionSettings(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	room := func(days, most int64) storage.RoomID {
		return f.room("", ann, func(r *storage.Room) { r.Settings.RetentionDays, r.Settings.RetentionMax = days, most }).ID
	}
	short, long, few, plain := room(2, 0), room(8, 0), room(0, 2), room(0, 0)
	rooms := []storage.RoomID{short, long, few, plain}
	for range 6 {
		for _, room := range rooms {
			f.say(room, ann, "x")
		}
		f.clock.advance(aDay)
	}
	counts := func() (all []int64) {
		for _, room := range rooms {
			all = append(all, f.readRoom(room).MessageCount)
		}
		return all
	}
	f.wantRetained(4+4, storage.MaintainOptions{})
	require.Equal(t, []int64{2, 6, 2, 6}, counts(), "short, long, few and plain ones, by themselves")
	f.wantRetained(1+2, storage.MaintainOptions{MessagesFor: 4*aDay + time.Hour, MessagesKeep: 5})
	require.Equal(t, []int64{2, 5, 2, 4}, counts(), "the server's age where there is none, and the server's number")
	f.wantRetained(1+3, storage.MaintainOptions{MessagesFor: time.Hour + aDay})
	require.Equal(t, []int64{2, 5, 1, 1}, counts(), "longer than the server's, and shorter")
}

func testRetentionBoth(t *testing.T, f *fixture) {
	c := f.circle()
	f.daily(6, c.room, c.ann)
	old := storage.Message{RoomID: c.room, AuthorID: c.ann, Body: "old", CreatedAt: f.now().Add(-10 * aDay)}
	f.createMany(1, &old)
	// Of seven, the newest five stay by their number, of which one is too old and
	// was not to make room for another.
	f.wantRetained(3, storage.MaintainOptions{MessagesFor: 8 * aDay, MessagesKeep: 5})
	require.Equal(t, int64(4), f.readRoom(c.room).MessageCount)
}

func testRetentionPinned(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.daily(5, c.room, c.ann)
	f.pin(ms[0].ID, c.ann)
	f.pin(ms[2].ID, c.ann)
	f.wantRetained(1, storage.MaintainOptions{MessagesKeep: 3})
	f.wantRetained(2, storage.MaintainOptions{MessagesFor: time.Hour})
	require.Len(t, f.pinned(c.room), 2)
	f.unpin(ms[0].ID, c.ann)
	f.wantRetained(1, storage.MaintainOptions{MessagesFor: time.Hour})
	f.unpin(ms[2].ID, c.ann)
	f.wantRetained(1, storage.MaintainOptions{MessagesFor: time.Hour})
}

func testRetentionHeld(t *testing.T, f *fixture) {
	e := f.newEstate(0)
	f.clock.advance(aDay)
	f.unpin(e.at('d').ID, e.ann)
	holds := []storage.Hold{f.hold(storage.Hold{RoomID: e.hall}), f.hold(storage.Hold{UserID: e.ann})}
	o := storage.MaintainOptions{MessagesFor: time.Hour, MessagesKeep: 1}
	takes := func(expired, retention int64) {
		t.Helper()
		r := f.maintained(o)
		require.Equal(t, []int64{expired, retention}, []int64{r.Expired.Messages, r.Retention.Messages}, "expired, and else")
		require.Zero(t, f.maintained(o), "again")
	}
	left := func(want string) {
		t.Helper()
		require.Equal(t, want, e.letters(f.there(e.all)))
	}
	takes(1, 1)
	left("acdefghi")
	f.release(holds[0].ID)
	takes(1, 2)
	left("adegi")
	f.release(holds[1].ID)
	takes(1, 3)
	left("g")
}

func testRetentionImported(t *testing.T, f *fixture) {
	c := f.circle()
	f.saying(3, c.room, c.ann)
	var ms []*storage.Message
	for days := range 6 {
		ms = append(ms, &storage.Message{RoomID: c.room, AuthorID: c.bob, Body: "imported", CreatedAt: f.now().Add(-time.Duration(days) * aDay)})
	}
	f.createMany(6, ms...)
	f.say(c.room, c.ann, "after")
	for want := range 3 {
		due, err := f.RoomsDue(f.ctx, storage.RetentionQuery{For: time.Duration(5-want)*aDay - time.Hour})
		require.NoError(t, err)
		require.Len(t, due.Items, 1)
		f.wantRetained(1, storage.MaintainOptions{MessagesFor: time.Duration(5-want)*aDay - time.Hour})
		require.Equal(t, int64(10-want-1), f.readRoom(c.room).MessageCount)
	}
	require.True(t, f.readMessage(ms[2].ID).CreatedAt.Equal(storage.Timestamp(ms[2].CreatedAt)))
	f.clock.advance(3 * aDay)
	f.wantRetained(2, storage.MaintainOptions{MessagesFor: 3*aDay + time.Hour})
	f.wantRetained(5, storage.MaintainOptions{MessagesFor: 3*aDay - time.Hour})
	require.Zero(t, f.readRoom(c.room).MessageCount)
}

func testRetentionClockBack(t *testing.T, f *fixture) {
	c := f.circle()
	first := f.say(c.room, c.ann, "late")
	f.clock.advance(-2 * aDay)
	early := f.say(c.room, c.ann, "early")
	f.clock.advance(3 * aDay)
	last := f.say(c.room, c.ann, "last")
	f.wantRetained(1, storage.MaintainOptions{MessagesFor: 2 * aDay})
	require.Empty(t, f.there([]storage.Message{early}))
	f.wantRetained(1, storage.MaintainOptions{MessagesFor: aDay - time.Hour})
	require.Empty(t, f.there([]storage.Message{first}))
	require.Len(t, f.there([]storage.Message{last}), 1)
}

func testRetentionTombstones(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.daily(4, c.room, c.ann)
	f.remove(ms[0].ID, c.ann)
	f.remove(ms[2].ID, c.ann)
	f.wantRetained(2, storage.MaintainOptions{MessagesKeep: 1})
	require.True(t, f.readMessage(ms[2].ID).Deleted())
	f.wantRetained(1, storage.MaintainOptions{MessagesFor: aDay + time.Hour})
	require.Len(t, f.there(ms), 1)
}

func testRetentionAttachments(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	f.clock.advance(time.Hour)
	r, err := storage.Maintain(f.ctx, f, storage.MaintainOptions{MessagesFor: time.Minute})
	require.NoError(t, err)
	require.Equal(t, storage.PurgeResult{Messages: 1, Attachments: 2, Blobs: []string{a.Blob, b.Blob}}, r.Retention)
	require.Equal(t, []string{a.Blob, b.Blob}, r.Blobs())
	require.Empty(t, f.there([]storage.Message{m}))
}

func testRetentionChanged(t *testing.T, f *fixture) {
	c := f.circle()
	f.daily(4, c.room, c.ann)
	set := func(days, most int64) {
		t.Helper()
		_, err := f.UpdateRoomSettings(f.ctx, c.room, storage.RoomSettings{RetentionDays: days, RetentionMax: most})
		require.NoError(t, err)
	}
	set(9, 9)
	f.wantRetained(0, storage.MaintainOptions{MessagesFor: time.Hour, MessagesKeep: 1})
	set(3, 0)
	f.wantRetained(1, storage.MaintainOptions{MessagesFor: time.Hour})
	set(0, 2)
	f.wantRetained(1, storage.MaintainOptions{})
	set(0, 0)
	f.wantRetained(0, storage.MaintainOptions{})
}

func testRetentionForEver(t *testing.T, f *fixture) {
	const most = 1<<63 - 1
	ann := f.user("ann").ID
	room := f.room("hall", ann, func(r *storage.Room) { r.Settings.RetentionDays, r.Settings.RetentionMax = most, most })
	f.createMany(1, &storage.Message{RoomID: room.ID, Body: "x", CreatedAt: time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)})
	f.daily(2, room.ID, ann)
	require.Zero(t, f.retained(storage.MaintainOptions{MessagesFor: time.Hour, MessagesKeep: 1}))
	other := f.room("attic", ann)
	f.say(other.ID, ann, "x")
	require.Zero(t, f.retained(storage.MaintainOptions{MessagesFor: most, MessagesKeep: most}))
}

// interrupted ends a context after some purges.
type interrupted struct {
	storage.Store
	purges int
	end    context.CancelFunc
}

func (s *interrupted) PurgeMessages(ctx context.Context, q storage.PurgeQuery) (storage.PurgeResult, error) {
	if s.purges--; s.purges < 0 {
		s.end()
	}
	return s.Store.PurgeMessages(ctx, q)
}

func testRetentionInterrupted(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	var rooms []storage.RoomID
	for range 3 {
		rooms = append(rooms, f.room("", ann).ID)
		f.saying(2*storage.DefaultPurge+1, rooms[len(rooms)-1], ann)
	}
	f.clock.advance(time.Hour)
	o, took := storage.MaintainOptions{MessagesFor: time.Minute, MessagesKeep: storage.DefaultPurge}, int64(0)
	for purges := 1; took < 3*(2*storage.DefaultPurge+1); purges++ {
		require.Less(t, purges, 9, "interrupted runs get on")
		ctx, end := context.WithCancel(f.ctx)
		r, err := storage.Maintain(ctx, &interrupted{f.Store, purges, end}, o)
		end()
		took += r.Retention.Messages
		left := int64(0)
		for _, room := range rooms {
			left += f.readRoom(room).MessageCount
		}
		require.Equal(t, 3*(2*storage.DefaultPurge+1)-took, left, "what is reported is what was taken")
		if err != nil {
			wantErr(t, err, storage.ErrCanceled)
		}
	}
	f.wantRetained(0, o)
}

func testRetentionManyRooms(t *testing.T, f *fixture) {
	const rooms = storage.DefaultLimit + 10
	ann, due := f.user("ann").ID, map[storage.RoomID]bool{}
	for i := range rooms {
		room := f.room("", ann).ID
		f.say(room, ann, "x")
		due[room] = i%3 == 0
	}
	f.clock.advance(time.Hour)
	want := 0
	for room, is := range due {
		if is {
			want++
		} else {
			_, err := f.UpdateRoomSettings(f.ctx, room, storage.RoomSettings{RetentionDays: 1})
			require.NoError(t, err)
		}
	}
	f.wantRetained(int64(want), storage.MaintainOptions{MessagesFor: time.Minute})
	for room, is := range due {
		require.Equal(t, is, f.readRoom(room).MessageCount == 0)
	}
}
