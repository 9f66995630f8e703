package sqlite

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// tell appends a change to the feed.
func (d *tester) tell() {
	c := storage.Change{
		At: d.now, Kind: storage.ChangeKind(1 + d.rand.IntN(int(storage.ChangeSanctionLifted))),
		RoomID: storage.RoomID{1, byte(d.rand.IntN(3))}, UserID: d.id(), MessageID: d.id(), Seq: int64(d.rand.IntN(1000)),
	}
	*objectOf(&c) = d.id()
	switch d.rand.IntN(4) {
	case 0:
		c.Actor = c.UserID
	case 1:
		c.Actor, c.Version, c.Emoji = d.id(), 7, "x"
	case 2:
		c.Role, c.Purged = storage.MemberAdmin, []storage.SeqRange{{First: 1, Last: 2}, {First: 9, Last: 9}}
	}
	if n := len(d.m.changes); n > 0 && d.rand.IntN(2) == 0 { // of the transaction before
		c.Tx = d.m.changes[n-1].Tx
	}
	require.NoError(d.t, d.r.AppendChange(d.t.Context(), &c))
	want := storage.Position(len(d.m.changes) + 1)
	assert.Equal(d.t, want, c.Position, "Position")
	if c.Tx > want || c.Tx == 0 {
		assert.Fail(d.t, "Tx", "of %d is %d", want, c.Tx)
	}
	d.m.changes = append(d.m.changes, c)
}

// prune takes away some of the oldest changes.
func (d *tester) prune() {
	keep, limit := 1+d.rand.IntN(20), 1+d.rand.IntN(9)
	p := backend.ChangePruning{Keep: int64(keep), Limit: limit, Last: storage.Position(len(d.m.changes) - d.rand.IntN(10))}
	pruned, err := d.r.PruneChanges(d.t.Context(), p)
	require.NoError(d.t, err)
	want := d.m.pruned
	for i, c := range d.m.changes {
		at := storage.Position(i + 1)
		if ends := i+1 == len(d.m.changes) || d.m.changes[i+1].Tx != c.Tx; !ends || i < d.m.pruned {
			continue
		}
		if want-d.m.pruned >= limit || at > p.Last || i+1+keep > len(d.m.changes) {
			break
		}
		want = i + 1
	}
	assert.Equal(d.t, want-d.m.pruned, pruned, "PruneChanges(%+v)", p)
	d.m.pruned = want
}

// checkChanges compares the feed, and what a scan of a part of it finds.
func (d *tester) checkChanges() {
	head, err := d.r.ChangeHead(d.t.Context())
	require.NoError(d.t, err)
	newest := storage.Position(len(d.m.changes))
	assert.Equal(d.t, storage.ChangeHead{Newest: newest, Oldest: storage.Position(d.m.pruned + 1)}, head)
	d.compareChanges(backend.ChangeScan{Limit: 10_000, Walk: 10_000}, newest)
	s := backend.ChangeScan{
		After: storage.Position(d.m.pruned), Room: storage.RoomID{1, byte(d.rand.IntN(3))}, Limit: 10_000, Walk: 5,
		Kinds: []storage.ChangeKind{storage.ChangeRoomUpdated, storage.ChangeReadMarker, storage.ChangeSanctionLifted},
	}
	d.compareChanges(s, min(newest, s.After+5))
}

func (d *tester) compareChanges(s backend.ChangeScan, through storage.Position) {
	var want []storage.Change
	for _, c := range d.m.changes[max(d.m.pruned, int(s.After)):through] {
		if (s.Room.IsZero() || s.Room == c.RoomID) && (s.Kinds == nil || slices.Contains(s.Kinds, c.Kind)) {
			want = append(want, c)
		}
	}
	if int(through) == d.m.pruned { // nothing to look at
		through = s.After
	}
	got, at, err := d.r.Changes(d.t.Context(), s)
	require.NoError(d.t, err)
	assert.Equal(d.t, want, got, "Changes(%+v)", s)
	assert.Equal(d.t, through, at, "how far Changes(%+v) looked", s)
}

// TestChangesOfAllKinds reads back what the kinds have.
func TestChangesOfAllKinds(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	var want []storage.Change
	_, err := e.Update(t.Context(), func(r backend.Rows) error {
		for k := storage.ChangeKind(1); k.Valid(); k++ {
			c := storage.Change{At: time.Unix(int64(k), 1000).UTC(), Kind: k}
			*objectOf(&c) = [16]byte{byte(k)}
			if err := r.AppendChange(t.Context(), &c); err != nil {
				return err
			}
			want = append(want, c)
		}
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, e.Read(t.Context(), func(r backend.Rows) error {
		for i, c := range want {
			s := backend.ChangeScan{Kinds: []storage.ChangeKind{c.Kind}, Limit: 2, Walk: 100}
			got, through, err := r.Changes(t.Context(), s)
			require.NoError(t, err)
			assert.Equal(t, want[i:i+1], got, fmt.Sprint(c.Kind))
			assert.Equal(t, storage.Position(len(want)), through)
		}
		return nil
	}))
}

// TestMigrationBeginsStays has members see what happens from then on, and hides
// from them what was before they joined, as far as that is known.
func TestMigrationBeginsStays(t *testing.T) {
	t.Parallel()
	for _, hidden := range []bool{false, true} {
		e := openEngine(t, nil)
		d := populate(t, e, 0)
		user, _ := pick(d, d.m.users)
		room := d.id()
		want := backend.Stay{Room: room, Seq: 5}
		if hidden {
			want.Seq = 3
		}
		_, err := e.Update(t.Context(), func(r backend.Rows) error {
			row := backend.RoomRow{Room: storage.Room{
				ID: room, Type: storage.RoomChannel, Privacy: storage.PrivacyPublic, Settings: storage.RoomSettings{HistoryHidden: hidden}, CreatedAt: d.now, UpdatedAt: d.now,
			}}
			require.NoError(t, r.InsertRoom(t.Context(), &row))
			for i := range 5 {
				m := storage.Message{ID: d.id(), RoomID: room, Type: storage.MessageText, CreatedAt: d.now.Add(time.Duration(i) * time.Hour)}
				require.NoError(t, r.InsertMessage(t.Context(), &backend.MessageRow{Message: m}))
			}
			joined := d.now.Add(2 * time.Hour) // with the third message
			return r.InsertMembership(t.Context(), &storage.Membership{RoomID: room, UserID: user, Role: storage.MemberMember, JoinedAt: joined})
		})
		require.NoError(t, err)
		require.NoError(t, e.Close())
		downTo(t, e.source, 7)
		e = openEngineAt(t, e.source.path, nil)
		wantStays(t, e, user, want)
	}
}

func wantStays(t *testing.T, e *engine, user storage.UserID, want ...backend.Stay) {
	t.Helper()
	require.NoError(t, e.Read(t.Context(), func(r backend.Rows) error {
		stays, err := r.Stays(t.Context(), user)
		assert.Equal(t, want, stays)
		return err
	}))
}

// TestMigrationReadsStays has stays that are older than what they tell of rooms
// read it in the changes that began them, and expect the most where these are
// gone.
func TestMigrationReadsStays(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/chat.db"
	s, err := Open(t.Context(), path, nil)
	require.NoError(t, err)
	ann, bob := storage.User{Username: "ann"}, storage.User{Username: "bob"}
	require.NoError(t, s.CreateUser(t.Context(), &ann))
	require.NoError(t, s.CreateUser(t.Context(), &bob))
	room, gone := storage.Room{Name: "hall"}, storage.Room{Name: "attic"}
	require.NoError(t, s.CreateRoom(t.Context(), &room))
	require.NoError(t, s.CreateRoom(t.Context(), &gone))
	send := func() {
		_, err := s.CreateMessage(t.Context(), &storage.Message{RoomID: room.ID})
		require.NoError(t, err)
	}
	join := func(room storage.RoomID, user storage.UserID) storage.Position {
		require.NoError(t, s.AddMember(t.Context(), &storage.Membership{RoomID: room, UserID: user}))
		h, err := s.ChangeHead(t.Context())
		require.NoError(t, err)
		return h.Newest
	}
	send()
	first, old := join(room.ID, ann.ID), join(gone.ID, ann.ID)
	_, err = s.PruneChanges(t.Context(), storage.ChangePrune{Keep: 1})
	require.NoError(t, err)
	send()
	second := join(room.ID, bob.ID)
	send()
	require.NoError(t, s.RemoveMember(t.Context(), room.ID, ann.ID))
	require.NoError(t, s.DeleteRoom(t.Context(), gone.ID))
	head, err := s.ChangeHead(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Close())

	e := openEngineAt(t, path, nil)
	require.NoError(t, e.Close())
	downTo(t, e.source, 13)
	e = openEngineAt(t, path, nil)
	wantStays(t, e, bob.ID, backend.Stay{Room: room.ID, From: second, Seq: 2})
	wantStays(t, e, ann.ID,
		backend.Stay{Room: room.ID, From: first, To: head.Newest - 1, Seq: 3},
		backend.Stay{Room: gone.ID, From: old, To: head.Newest, Seq: 0},
	)
}

// TestMigrationOfPrunedChanges has everybody miss what was pruned before it was
// known of whom.
func TestMigrationOfPrunedChanges(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/chat.db"
	s, err := Open(t.Context(), path, nil)
	require.NoError(t, err)
	ann, hall := storage.User{Username: "ann"}, storage.Room{Name: "hall"}
	require.NoError(t, s.CreateRoom(t.Context(), &hall))
	require.NoError(t, s.CreateUser(t.Context(), &ann))
	_, err = s.PruneChanges(t.Context(), storage.ChangePrune{Keep: 1})
	require.NoError(t, err)
	require.NoError(t, s.DeactivateUser(t.Context(), ann.ID))
	require.NoError(t, s.Close())
	e := openEngineAt(t, path, nil)
	require.NoError(t, e.Close())
	downTo(t, e.source, 13)

	s = openStoreAt(t, path)
	for _, q := range []storage.ChangeQuery{{Room: hall.ID}, {User: ann.ID}} {
		_, err := s.Changes(t.Context(), q)
		assert.ErrorIs(t, err, storage.ErrGone)
		q.After = 1
		_, err = s.Changes(t.Context(), q)
		assert.NoError(t, err)
	}
}
