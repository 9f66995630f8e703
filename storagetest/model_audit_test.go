package storagetest_test

// The audit log, but for its hashes: those are random, and VerifyAudit holds each
// store to them.

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/lairchat/lair/storage"
)

// plainAudit takes what is random out of an entry, and leaves whether its fields
// are sealed or erased.
func plainAudit(e storage.AuditEntry) storage.AuditEntry {
	e.Prev, e.Hash = storage.AuditHash{}, storage.AuditHash{}
	for _, seal := range []*storage.AuditSeal{&e.Actor.Seal, &e.Subject.Seal} {
		seal.Sum, seal.Salt = storage.AuditHash{}, bytes.Repeat([]byte{1}, len(seal.Salt))
	}
	return e
}

func plainAudits(all []storage.AuditEntry, err error) ([]storage.AuditEntry, error) {
	for i := range all {
		all[i] = plainAudit(all[i])
	}
	return all, err
}

// modelSeal is that of fields which were not erased.
var modelSeal = storage.AuditSeal{Salt: bytes.Repeat([]byte{1}, storage.AuditSaltSize)}

func (m *model) AppendAudit(_ context.Context, given *storage.AuditEntry) error {
	e := given.Clone()
	e.Normalize()
	if slices.ContainsFunc(m.audit, func(other storage.AuditEntry) bool { return other.ID == e.ID }) {
		return storage.Duplicate(storage.EntityAudit, e.ID.String(), "ID")
	}
	m.audited++
	e.Position, e.CreatedAt, e.Actor.Seal, e.Subject.Seal = m.audited, m.now(), modelSeal, modelSeal
	m.audit = append(m.audit, e)
	*given = e
	return nil
}

func (m *model) EraseAudit(_ context.Context, user storage.UserID, limit int) (erased int, err error) {
	for i := range m.audit {
		e := &m.audit[i]
		by := e.ActorID == user && len(e.Actor.Seal.Salt) > 0
		about := e.TargetKind == storage.EntityUser && e.TargetID == user.String() && len(e.Subject.Seal.Salt) > 0
		if erased == limit || !by && !about {
			continue
		}
		if by {
			e.Actor = storage.AuditActor{}
		}
		if about {
			e.Subject = storage.AuditSubject{}
		}
		erased++
	}
	return erased, nil
}

func (m *model) PruneAudit(_ context.Context, before time.Time, limit int) (pruned int, err error) {
	for pruned < limit && len(m.audit) > 0 && m.audit[0].CreatedAt.Before(before) {
		m.auditPruned = m.audit[0].Position
		m.audit = m.audit[1:]
		pruned++
	}
	return pruned, nil
}

func (m *model) AuditHead(context.Context) (storage.AuditHead, error) {
	return storage.AuditHead{Position: m.audited, PrunedPosition: m.auditPruned}, nil
}

func (m *model) AuditChain(_ context.Context, after int64, limit int) (all []storage.AuditEntry, err error) {
	for _, e := range m.audit {
		if e.Position > after && len(all) < limit {
			all = append(all, e)
		}
	}
	return all, nil
}

func (m *model) selectedAudit(q storage.AuditQuery) (all []storage.AuditEntry) {
	for _, e := range m.audit {
		text := strings.Join([]string{e.Action, strings.ReplaceAll(e.Action, ".", " "), e.Actor.Name, e.Subject.TargetName, e.Subject.Detail}, " ")
		if (q.Actor.IsZero() || e.ActorID == q.Actor) && (q.TargetKind == "" || e.TargetKind == q.TargetKind) &&
			(q.TargetID == "" || e.TargetID == q.TargetID) && (q.Room.IsZero() || e.RoomID == q.Room) &&
			(len(q.Actions) == 0 || slices.Contains(q.Actions, e.Action)) && !e.CreatedAt.Before(q.From) &&
			(q.To.IsZero() || e.CreatedAt.Before(q.To)) && hasWords(strings.Fields(text), q.Text) {
			all = append(all, e)
		}
	}
	return all
}

func (m *model) AuditEntries(_ context.Context, q storage.AuditQuery) (storage.Page[storage.AuditEntry], error) {
	if err := q.Validate(); err != nil {
		return storage.Page[storage.AuditEntry]{}, err
	}
	key := func(e storage.AuditEntry) storage.Keyset {
		k := storage.Keyset{Int: e.CreatedAt.UnixMicro()}
		binary.BigEndian.PutUint64(k.ID[:], uint64(e.Position))
		return k
	}
	all := m.selectedAudit(q)
	slices.SortFunc(all, func(a, b storage.AuditEntry) int { return compareKeys(key(a), key(b)) })
	if !q.OldestFirst {
		slices.Reverse(all)
	}
	return modelPage(all, key, !q.OldestFirst, q.Limit, q.Cursor)
}

func (m *model) CountAudit(_ context.Context, q storage.AuditQuery) (int64, error) {
	return int64(len(m.selectedAudit(q))), q.Validate()
}

func (m *model) AuditStats(_ context.Context, q storage.StatsQuery) (storage.AuditStats, error) {
	s := storage.AuditStats{ByAction: map[string]int64{}}
	actors := map[storage.UserID]int64{}
	for _, e := range m.audit {
		s.Total++
		m.lately(&s.Recent, e.CreatedAt)
		s.ByAction[e.Action]++
		if !e.ActorID.IsZero() {
			actors[e.ActorID]++
		}
	}
	for _, id := range ranked(actors, q.Top) {
		s.MostActive = append(s.MostActive, storage.UserCount{UserID: id, Count: actors[id]})
	}
	return s, nil
}

var modelActions = []string{"user.ban", "room.rename", "message"}

func (h *history) appendAudit() {
	e := storage.AuditEntry{
		ID: h.id(), Action: oneOf(h.draws, modelActions...), ActorID: h.maybe(),
		Actor:   storage.AuditActor{Name: h.text(), IP: oneOf(h.draws, modelAddrs...)},
		Subject: storage.AuditSubject{TargetName: h.text(), Detail: h.text()},
	}
	switch h.below(4) {
	case 1, 2:
		e.TargetKind, e.TargetID = storage.EntityUser, h.user().String()
	case 3:
		e.RoomID = h.room()
		e.TargetKind, e.TargetID = storage.EntityRoom, e.RoomID.String()
	}
	if h.oneIn(4) {
		e.Subject.Metadata = json.RawMessage(`{"for": "<plum>"}`)
	}
	if len(h.model.audit) > 0 && h.oneIn(20) {
		e.ID = h.model.audit[h.below(len(h.model.audit))].ID
	}
	h.call(say("AppendAudit(%s)", e), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		next := e.Clone()
		err := s.AppendAudit(ctx, &next)
		return plainAudit(next), err
	})
}

// changeAudit takes entries away, or what they tell.
func (h *history) changeAudit() {
	limit := 1 + h.below(4)
	if user := h.user(); h.oneIn(2) {
		h.call(say("EraseAudit(%s, %s)", user, limit), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.EraseAudit(ctx, user, limit))
		})
		return
	}
	before := h.moment()
	h.call(say("PruneAudit(%s, %s)", before, limit), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.PruneAudit(ctx, before, limit))
	})
}

func (h *history) lookAtAudit(q storage.AuditQuery) {
	h.quietly(say("AuditEntries(%s)", q), walk(func(s storage.ReadWriter) lister[storage.AuditQuery, storage.AuditEntry] {
		return func(ctx context.Context, q storage.AuditQuery) (storage.Page[storage.AuditEntry], error) {
			p, err := s.AuditEntries(ctx, q)
			p.Items, err = plainAudits(p.Items, err)
			return p, err
		}
	}, q))
	h.quietly(say("CountAudit(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.CountAudit(ctx, q))
	})
	after := int64(h.below(8))
	h.quietly(say("AuditHead, and AuditChain(%s)", after), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		head, err := s.AuditHead(ctx)
		if err != nil {
			return nil, err
		}
		chain, err := plainAudits(s.AuditChain(ctx, after, 3))
		return []any{head.Position, head.PrunedPosition, chain}, err
	})
}

func (h *history) auditQuery() storage.AuditQuery {
	q := storage.AuditQuery{OldestFirst: h.oneIn(3), Limit: 1 + h.below(4)}
	switch h.below(5) {
	case 1:
		q.Actor = h.user()
	case 2:
		q.TargetKind, q.TargetID = storage.EntityUser, h.user().String()
	case 3:
		q.Room = h.room()
	case 4:
		q.TargetKind = storage.EntityRoom
	}
	if h.oneIn(3) {
		q.Actions = []string{oneOf(h.draws, modelActions...), "user.ban"}
	}
	if h.oneIn(4) {
		q.From = h.moment()
	}
	if h.oneIn(4) {
		q.To = h.moment().Add(24 * time.Hour)
	}
	if h.oneIn(3) {
		q.Text = oneOf(h.draws, "plum", "APP", "ban", "user", "user.ban", "room che", "zebra", " ")
	}
	return q
}
