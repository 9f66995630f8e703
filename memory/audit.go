package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/search"
)

// auditPlace is where an entry stands in lists.
func auditPlace(e *backend.AuditRow) entry {
	place := backend.AuditPlace(&e.AuditEntry)
	return entry{n: place.Int, id: place.ID, key: key(e.Position)}
}

func (r *rows) AuditEntries(_ context.Context, s backend.AuditScan) (all []storage.AuditEntry, stop *storage.Keyset, err error) {
	looked := 0
	for at := range beyond(&r.auditTimes, intAfter(s.After), s.Desc) {
		e, _ := r.audit.Get(at.key)
		if !selectsAudit(&s, e) {
			continue
		}
		if search.MatchWords(e.Words, s.Prefixes) {
			all = append(all, e.Clone())
		}
		if looked++; len(s.Prefixes) > 0 && looked == s.Walk {
			stop = &storage.Keyset{Int: at.n, ID: at.id}
			break
		}
		if len(all) == s.Scan.Limit {
			break
		}
	}
	return all, stop, nil
}

// selectsAudit reports whether an entry meets all conditions but the words.
func selectsAudit(s *backend.AuditScan, e *backend.AuditRow) bool {
	return (s.Actor.IsZero() || s.Actor == e.ActorID) &&
		(s.TargetKind == "" || s.TargetKind == e.TargetKind) &&
		(s.TargetID == "" || s.TargetID == e.TargetID) &&
		(s.Room.IsZero() || s.Room == e.RoomID) &&
		(len(s.Actions) == 0 || slices.Contains(s.Actions, e.Action)) &&
		inRange(e.CreatedAt, s.From, s.To)
}

func (r *rows) CountAudit(_ context.Context, s backend.AuditScan) (n int64, err error) {
	r.audit.Scan(func(_ key, e *backend.AuditRow) bool {
		if selectsAudit(&s, e) && search.MatchWords(e.Words, s.Prefixes) {
			n++
		}
		return true
	})
	return n, nil
}

func (r *rows) AuditChain(_ context.Context, after int64, limit int) (all []storage.AuditEntry, err error) {
	r.audit.Ascend(key(after+1), func(_ key, e *backend.AuditRow) bool {
		all = append(all, e.Clone())
		return len(all) < limit
	})
	return all, nil
}

func (r *rows) AuditHead(context.Context) (storage.AuditHead, error) { return r.auditHead, nil }

func (r *rows) AuditStats(_ context.Context, now time.Time, top int) (storage.AuditStats, error) {
	s := storage.AuditStats{ByAction: map[string]int64{}}
	actors := map[storage.UserID]int64{}
	r.audit.Scan(func(_ key, e *backend.AuditRow) bool {
		s.Total++
		s.ByAction[e.Action]++
		if !e.ActorID.IsZero() {
			actors[e.ActorID]++
		}
		backend.CountRecent(&s.Recent, e.CreatedAt, now)
		return true
	})
	for user, n := range actors {
		s.MostActive = append(s.MostActive, storage.UserCount{UserID: user, Count: n})
	}
	slices.SortFunc(s.MostActive, func(a, b storage.UserCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), a.UserID.Compare(b.UserID))
	})
	s.MostActive = s.MostActive[:min(top, len(s.MostActive))]
	return s, nil
}
