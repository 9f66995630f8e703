package backend

import (
	"context"
	"math"

	"github.com/lairchat/lair/storage"
)

// rawReader is the reader of a transaction or a snapshot whose rows can be
// dumped.
type rawReader struct {
	reader
	raw RawRows
}

var _ storage.RawReader = rawReader{}

// withRaw returns a reader that reads raw records too, where the rows do.
func (t *Tx) withRaw() storage.Reader {
	if raw, ok := t.open.rules.rows.(RawRows); ok {
		return rawReader{t.reader, raw}
	}
	return t.reader
}

// RawRecords implements storage.RawReader.
func (r rawReader) RawRecords(ctx context.Context, q storage.RawQuery) (out storage.Page[storage.Raw], err error) {
	var p *pager
	check := func() (err error) {
		if err := q.Validate(); err != nil {
			return err
		}
		p, err = newPager(storage.RawQuery{Kind: q.Kind, Secrets: q.Secrets}, q.Limit, q.Cursor)
		return err
	}
	err = r.in.view(ctx, "read raw records", check, func(rows Rows) (int, error) {
		s := RawScan{Kind: q.Kind, Secrets: q.Secrets, After: p.scan(false).After, Limit: p.limit}
		records, more, err := listRaw(ctx, rows, r.raw, s)
		if err != nil || len(records) == 0 {
			return 0, err
		}
		for _, record := range records {
			tellSecretsOnce(record.Raw)
			out.Items = append(out.Items, record.Raw)
		}
		last := records[len(records)-1].Place
		_, out.Next, err = p.cursors(last, last, false, more)
		return len(records), err
	})
	if err != nil {
		return storage.Page[storage.Raw]{}, err
	}
	return out, nil
}

// tellSecretsOnce leaves in a record's embedded one only the secrets that the
// record tells itself.
func tellSecretsOnce(r storage.Raw) {
	switch {
	case r.User != nil:
		r.User.User.PasswordHash = r.User.PasswordHash
	case r.Room != nil:
		r.Room.Room.PasswordHash = r.Room.PasswordHash
	}
}

// scan is the scan for a page of what all rows list by a time and an ID, or a
// key.
func (s RawScan) scan() Scan { return Scan{After: s.After, Limit: s.Limit + 1} }

// listed makes raw records of what rows have listed: one more than the page
// holds tells that there are more.
func listed[T any](items []T, limit int, err error, place func(*T) PlacedRaw) ([]PlacedRaw, bool, error) {
	if err != nil {
		return nil, false, err
	}
	more := len(items) > limit
	items = items[:min(len(items), limit)]
	all := make([]PlacedRaw, len(items))
	for i := range items {
		all[i] = place(&items[i])
	}
	return all, more, nil
}

// listRaw lists raw records, of most kinds by the rows that list them for
// others.
func listRaw(ctx context.Context, rows Rows, raw RawRows, s RawScan) ([]PlacedRaw, bool, error) {
	switch s.Kind {
	case storage.RawAttachments:
		all, err := rows.Attachments(ctx, AttachmentScan{Scan: s.scan()})
		return listed(all, s.Limit, err, func(a *storage.Attachment) PlacedRaw {
			a.MessageID = storage.MessageID{}
			return PlacedRaw{storage.Raw{Attachment: a}, storage.Keyset{Int: Micros(a.CreatedAt), ID: a.ID}}
		})
	case storage.RawSanctions:
		all, err := rows.Sanctions(ctx, SanctionScan{Scan: s.scan()})
		return listed(all, s.Limit, err, func(v *storage.Sanction) PlacedRaw {
			return PlacedRaw{storage.Raw{Sanction: v}, storage.Keyset{Int: Micros(v.CreatedAt), ID: v.ID}}
		})
	case storage.RawHolds:
		all, err := rows.Holds(ctx, HoldScan{HoldQuery: storage.HoldQuery{WithReleased: true}, Scan: s.scan()})
		return listed(all, s.Limit, err, func(h *storage.Hold) PlacedRaw {
			return PlacedRaw{storage.Raw{Hold: h}, storage.Keyset{Int: Micros(h.CreatedAt), ID: h.ID}}
		})
	case storage.RawLogins:
		all, err := rows.LoginAttempts(ctx, LoginScan{Scan: s.scan()})
		return listed(all, s.Limit, err, func(a *storage.LoginAttempt) PlacedRaw {
			return PlacedRaw{storage.Raw{Login: a}, storage.Keyset{Int: Micros(a.CreatedAt), ID: a.ID}}
		})
	case storage.RawConfigs:
		return listConfigs(ctx, rows, s)
	case storage.RawAudit:
		all, err := rows.AuditChain(ctx, s.afterInt(0), s.Limit+1)
		return listed(all, s.Limit, err, func(e *storage.AuditEntry) PlacedRaw {
			return PlacedRaw{storage.Raw{Audit: e}, storage.Keyset{Int: e.Position}}
		})
	case storage.RawAuditHeads:
		head, err := rows.AuditHead(ctx)
		return []PlacedRaw{{Raw: storage.Raw{AuditHead: &head}}}, false, err
	case storage.RawChanges:
		return listChanges(ctx, rows, s)
	case storage.RawChangeHeads:
		head, err := rows.ChangeHead(ctx)
		return []PlacedRaw{{Raw: storage.Raw{ChangeHead: &storage.RawChangeHead{Newest: head.Newest, Oldest: head.Oldest}}}}, false, err
	case storage.RawConsumers: // of which there are few
		all, err := rows.Consumers(ctx)
		return listed(all, math.MaxInt, err, func(c *storage.Consumer) PlacedRaw { return PlacedRaw{Raw: storage.Raw{Consumer: c}} })
	}
	return raw.RawRecords(ctx, s)
}

// afterInt returns the number that a scan begins behind.
func (s RawScan) afterInt(beginning int64) int64 {
	if s.After == nil {
		return beginning
	}
	return s.After.Int
}

// configPage bounds what settings may take, which are the largest records beside
// messages.
const configPage = 50

func listConfigs(ctx context.Context, rows Rows, s RawScan) (all []PlacedRaw, more bool, err error) {
	s.Limit = min(s.Limit, configPage)
	for {
		configs, err := rows.Configs(ctx, ConfigScan{Scan: s.scan()})
		if err != nil {
			return nil, false, err
		}
		more = len(configs) > s.Limit
		for _, c := range configs[:min(len(configs), s.Limit)] {
			s.After = &storage.Keyset{Text: c.Key}
			if s.Secrets || !c.Sensitive {
				all = append(all, PlacedRaw{storage.Raw{Config: &storage.RawConfig{Config: c, Value: c.Value}}, *s.After})
			}
		}
		if len(all) > 0 || !more {
			return all, more, nil
		}
	}
}

// listChanges leaves out the emoji of changes in rooms that are deleted, which
// the sweep of such a room would have taken out in its time.
func listChanges(ctx context.Context, rows Rows, s RawScan) ([]PlacedRaw, bool, error) {
	head, err := rows.ChangeHead(ctx)
	if err != nil {
		return nil, false, err
	}
	after := storage.Position(s.afterInt(int64(head.Oldest) - 1))
	changes, through, err := rows.Changes(ctx, ChangeScan{After: after, Limit: s.Limit, Walk: s.Limit})
	if err != nil {
		return nil, false, err
	}
	there := make(map[storage.RoomID]bool)
	all := make([]PlacedRaw, len(changes))
	for i := range changes {
		c := &changes[i]
		if c.Emoji != "" {
			if _, known := there[c.RoomID]; !known {
				_, err := rows.RoomState(ctx, c.RoomID)
				if there[c.RoomID], err = found(err); err != nil {
					return nil, false, err
				}
			}
			if !there[c.RoomID] {
				c.Emoji = ""
			}
		}
		all[i] = PlacedRaw{storage.Raw{Change: c}, storage.Keyset{Int: int64(c.Position)}}
	}
	return all, through < head.Newest, nil
}
