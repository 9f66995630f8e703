package storagetest

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func (f *fixture) sanctionPages(q storage.SanctionQuery) pages[storage.Sanction] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.Sanction], error) {
		q.Limit, q.Cursor = limit, c
		return f.Sanctions(f.ctx, q)
	}
}

// docket stores sanctions that differ in all that a query asks for, and returns
// them, the newest first.
func (f *fixture) docket(c court) (all []storage.Sanction) {
	f.t.Helper()
	for n := range 30 {
		s := storage.Sanction{
			ID: id[storage.Sanction](byte(101 * n)), UserID: []storage.UserID{c.ann, c.bob}[n%2],
			RoomID:      []storage.RoomID{c.room, c.other, {}}[n%3],
			Kind:        []storage.SanctionKind{storage.SanctionBan, storage.SanctionMute, storage.SanctionKick}[n/2%3],
			ModeratorID: []storage.UserID{c.ann, {}, c.bob}[n/4%3],
		}
		if n%5 == 0 && s.Kind != storage.SanctionKick {
			s.ExpiresAt = f.now().Add(time.Minute)
		}
		s = f.sanction(s)
		if n%7 == 0 {
			s = f.lift(s.ID)
		}
		all = append(all, s)
		if n%4 == 0 {
			f.clock.advance(time.Microsecond)
		}
	}
	f.clock.advance(time.Minute)
	slices.SortFunc(all, func(a, b storage.Sanction) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), b.ID.Compare(a.ID))
	})
	return all
}

func testSanctionList(t *testing.T, f *fixture) {
	c := f.court()
	wantList(t, nil, f.sanctionPages(storage.SanctionQuery{}))
	all := f.docket(c)
	kinds := [][]storage.SanctionKind{
		nil, {}, {storage.SanctionMute}, {storage.SanctionKick, storage.SanctionBan, storage.SanctionKick},
	}
	for _, q := range []storage.SanctionQuery{{}, {Room: c.room}, {Room: c.other}, {Room: nowhere}, {Everywhere: true}} {
		for _, q.User = range []storage.UserID{{}, c.ann, c.bob, nobody} {
			for _, q.Moderator = range []storage.UserID{{}, c.ann, nobody} {
				for _, q.Kinds = range kinds {
					for _, q.InForce = range []bool{false, true} {
						want := slices.DeleteFunc(slices.Clone(all), func(s storage.Sanction) bool { return !selects(q, s, f.now()) })
						wantWalk(t, want, max(len(want), 1), f.sanctionPages(q))
						wantWalk(t, want, 3, f.sanctionPages(q))
					}
				}
			}
		}
	}
	wantList(t, all, f.sanctionPages(storage.SanctionQuery{}))
}

// selects is what SanctionQuery says.
func selects(q storage.SanctionQuery, s storage.Sanction, now time.Time) bool {
	return (q.User.IsZero() || q.User == s.UserID) && (q.Room.IsZero() || q.Room == s.RoomID) &&
		(!q.Everywhere || s.RoomID.IsZero()) && (len(q.Kinds) == 0 || slices.Contains(q.Kinds, s.Kind)) &&
		(q.Moderator.IsZero() || q.Moderator == s.ModeratorID) && (!q.InForce || s.InForce(now))
}

func testSanctionListOrder(t *testing.T, f *fixture) {
	c := f.court()
	for _, batch := range []string{"cab", "fd", "e"} {
		for _, letter := range batch {
			f.sanction(storage.Sanction{ID: id[storage.Sanction](byte(letter)), UserID: c.bob, Kind: storage.SanctionMute})
		}
		f.clock.advance(time.Microsecond)
	}
	q := storage.SanctionQuery{User: c.bob}
	all := list(f, f.Sanctions, q)
	var order []byte
	for _, s := range all {
		order = append(order, s.ID[15])
	}
	require.Equal(t, "efdcba", string(order))
	wantList(t, all, f.sanctionPages(q))
}

func testSanctionListLimits(t *testing.T, f *fixture) {
	c := f.court()
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range storage.MaxLimit + 1 {
			require.NoError(t, tx.CreateSanction(ctx, &storage.Sanction{UserID: c.bob, Kind: storage.SanctionKick}))
		}
	})
	wantLimits(t, f.sanctionPages(storage.SanctionQuery{User: c.bob}))
}

func testSanctionListCursors(t *testing.T, f *fixture) {
	c := f.court()
	all := f.docket(c)
	read := f.sanctionPages(storage.SanctionQuery{})
	wantOtherLimit(t, all, read)
	wantTampered(t, read, next(t, read))
	wantForeign(t, read,
		next(t, f.sanctionPages(storage.SanctionQuery{User: c.bob})),
		next(t, f.sanctionPages(storage.SanctionQuery{Room: c.room})),
		next(t, f.sanctionPages(storage.SanctionQuery{Everywhere: true})),
		next(t, f.sanctionPages(storage.SanctionQuery{Kinds: []storage.SanctionKind{storage.SanctionBan}})),
		next(t, f.sanctionPages(storage.SanctionQuery{Moderator: c.ann})),
		next(t, f.sanctionPages(storage.SanctionQuery{InForce: true})),
		next(t, f.roomPages(storage.RoomQuery{})),
	)
	kinds := storage.SanctionQuery{Kinds: []storage.SanctionKind{}}
	_, err := f.sanctionPages(kinds)(1, next(t, read))
	require.NoError(t, err, "no kinds are any")
}

func testSanctionListRefused(t *testing.T, f *fixture) {
	for field, q := range map[string]storage.SanctionQuery{
		"Everywhere": {Room: nowhere, Everywhere: true},
		"Kinds":      {Kinds: []storage.SanctionKind{storage.SanctionBan, 99}},
		"Limit":      {Limit: -1},
		"Cursor":     {Cursor: "x"},
	} {
		_, err := f.Sanctions(f.ctx, q)
		wantErr(t, err, storage.ErrInvalid, field)
	}
}
