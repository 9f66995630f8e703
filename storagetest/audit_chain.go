package storagetest

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testAuditChain(t *testing.T, f *fixture) {
	f.clock.advance(10 * time.Hour)
	for range 5 {
		f.clock.advance(-time.Hour)
		f.audit(fullAudit(nobody, nobody, nowhere))
	}
	all := f.chain()
	wantChain(t, 0, storage.AuditHash{}, all)
	for after := range int64(6) {
		for limit := 1; limit <= 6; limit++ {
			got, err := f.AuditChain(f.ctx, after, limit)
			require.NoError(t, err)
			want := all[after:min(5, int(after)+limit)]
			if len(want) == 0 {
				want = nil
			}
			require.Equal(t, want, got, "%d beyond %d", limit, after)
		}
	}
	for _, after := range []int64{1 << 60, math.MaxInt64 - 1, math.MaxInt64} {
		got, err := f.AuditChain(f.ctx, after, 1)
		require.NoError(t, err)
		require.Nil(t, got, "beyond %d", after)
	}
	_, err := f.AuditChain(f.ctx, -1, 1)
	wantErr(t, err, storage.ErrInvalid, "after")
	_, err = f.AuditChain(f.ctx, 0, -1)
	wantErr(t, err, storage.ErrInvalid, "Limit")
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range storage.DefaultLimit {
			require.NoError(t, tx.AppendAudit(ctx, &storage.AuditEntry{Action: "x"}))
		}
	})
	got, err := f.AuditChain(f.ctx, 0, 0)
	require.NoError(t, err)
	require.Len(t, got, storage.DefaultLimit)
}

func testAuditHead(t *testing.T, f *fixture) {
	require.Zero(t, f.auditHead())
	for n := range int64(4) {
		e := f.audit(storage.AuditEntry{Action: "x"})
		require.Equal(t, storage.AuditHead{Position: n + 1, Hash: e.Hash}, f.auditHead())
		f.clock.advance(time.Second)
	}
	all := f.chain()
	want := storage.AuditHead{Position: 4, Hash: all[3].Hash, PrunedPosition: 2, PrunedHash: all[1].Hash}
	f.prunedAudit(2, f.now(), 2)
	require.Equal(t, want, f.auditHead())
	f.prunedAudit(2, f.now(), 0)
	want.PrunedPosition, want.PrunedHash = want.Position, want.Hash
	require.Equal(t, want, f.auditHead(), "no entry is left")
	next := f.audit(storage.AuditEntry{Action: "x"})
	require.Equal(t, int64(5), next.Position)
	require.Equal(t, want.Hash, next.Prev)
	f.verified(want)
}

func (f *fixture) auditStats(q storage.StatsQuery) storage.AuditStats {
	f.t.Helper()
	s, err := f.AuditStats(f.ctx, q)
	require.NoError(f.t, err)
	return s
}

func testAuditStats(t *testing.T, f *fixture) {
	require.Equal(t, storage.AuditStats{ByAction: map[string]int64{}}, f.auditStats(storage.StatsQuery{}))
	users := []storage.UserID{id[storage.User](3), id[storage.User](1), id[storage.User](2)}
	for i, n := range []int{1, 2, 2} {
		for range n {
			f.audit(storage.AuditEntry{Action: "user.ban", ActorID: users[i]})
		}
	}
	f.audit(storage.AuditEntry{Action: "server.start"})
	f.clock.advance(time.Hour)
	want := storage.AuditStats{
		Total: 6, Recent: storage.Recent{Day: 6, Week: 6, Month: 6},
		ByAction:   map[string]int64{"user.ban": 5, "server.start": 1},
		MostActive: []storage.UserCount{{UserID: users[1], Count: 2}, {UserID: users[2], Count: 2}, {UserID: users[0], Count: 1}},
	}
	require.Equal(t, want, f.auditStats(storage.StatsQuery{}))
	require.Equal(t, want, f.auditStats(storage.StatsQuery{Top: storage.MaxTop + 1, User: nobody, Room: nowhere}))
	f.prunedAudit(1, f.now(), 1)
	want = storage.AuditStats{
		Total: 5, Recent: storage.Recent{Day: 5, Week: 5, Month: 5},
		ByAction: map[string]int64{"user.ban": 4, "server.start": 1}, MostActive: want.MostActive[:1],
	}
	require.Equal(t, want, f.auditStats(storage.StatsQuery{Top: 1}))
	_, err := f.AuditStats(f.ctx, storage.StatsQuery{Top: -1})
	wantErr(t, err, storage.ErrInvalid, "Top")
	_, err = f.AuditStats(f.ctx, storage.StatsQuery{From: f.now(), To: f.now().Add(-1)})
	wantErr(t, err, storage.ErrInvalid, "To")
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for n := range storage.DefaultTop + 1 {
			require.NoError(t, tx.AppendAudit(ctx, &storage.AuditEntry{Action: "x", ActorID: id[storage.User](byte(100 + n))}))
		}
	})
	require.Len(t, f.auditStats(storage.StatsQuery{}).MostActive, storage.DefaultTop)
}

func testAuditStatsTime(t *testing.T, f *fixture) {
	const day = 24 * time.Hour
	f.audit(storage.AuditEntry{Action: "x"})
	for _, c := range []struct {
		at   time.Duration
		want storage.Recent
	}{
		{day, storage.Recent{Day: 1, Week: 1, Month: 1}},
		{day + time.Microsecond, storage.Recent{Week: 1, Month: 1}},
		{7 * day, storage.Recent{Week: 1, Month: 1}},
		{7*day + time.Microsecond, storage.Recent{Month: 1}},
		{30 * day, storage.Recent{Month: 1}},
		{30*day + time.Microsecond, storage.Recent{}},
	} {
		f.clock.advance(c.at)
		require.Equal(t, c.want, f.auditStats(storage.StatsQuery{}).Recent, "after %s", c.at)
		f.clock.advance(-c.at)
	}
}
