package backend

import (
	"context"

	"github.com/lairchat/lair/storage"
)

const (
	changeWalk  = 10_000 // changes that one step of a page looks at
	changeSteps = 5      // steps of a page
	sightBatch  = 500    // changes of a step of which a user may see few
)

// Changes implements storage.ChangeReader.
func (r Reader) Changes(ctx context.Context, q storage.ChangeQuery) (storage.ChangePage, error) {
	out, _, err := r.changes(ctx, "list changes", q)
	return out, err
}

// changes is Changes, by another name, and returns what the user may see, if the
// query names one.
func (r Reader) changes(ctx context.Context, op string, q storage.ChangeQuery) (out storage.ChangePage, seen *sight, err error) {
	var p *pager
	q.Kinds = noneIfEmpty(q.Kinds)
	check := func() (err error) {
		if err := q.Validate(); err != nil {
			return err
		}
		p, err = newPager(storage.ChangeQuery{Room: q.Room, User: q.User, Kinds: q.Kinds}, q.Limit, q.Cursor)
		return err
	}
	err = r.in.view(ctx, op, check, func(rows Rows) (n int, err error) {
		if p.started {
			q.After = storage.Position(p.at.Int)
		}
		w := changeWalker{pager: p, rows: rows, q: q}
		out, err = w.page(ctx)
		seen = w.sight
		return len(out.Items), err
	})
	if err != nil {
		return storage.ChangePage{}, nil, err
	}
	return out, seen, nil
}

// changeWalker makes one page of the feed.
type changeWalker struct {
	*pager
	rows Rows
	q    storage.ChangeQuery

	sight *sight // nil: everything
}

func (w *changeWalker) page(ctx context.Context) (out storage.ChangePage, err error) {
	head, err := w.rows.ChangeHead(ctx)
	if err != nil {
		return out, err
	}
	switch {
	case w.q.After > head.Newest:
		return out, storage.Invalid("After", "beyond the newest change")
	case !w.q.User.IsZero():
		if w.sight, err = newSight(ctx, w.rows, w.q.User); err != nil {
			return out, err
		}
	}
	if err := w.skipPruned(ctx, head); err != nil {
		return out, err
	}
	if out.Items, out.Through, err = w.walk(ctx, head.Newest); err != nil {
		return out, err
	}
	if more := len(out.Items) > w.limit; more {
		out.Items = out.Items[:w.limit]
		out.Through = out.Items[w.limit-1].Position
	}
	if out.Through < head.Newest {
		at := storage.Keyset{Int: int64(out.Through)}
		_, out.Next, err = w.cursors(at, at, false, true)
	}
	return out, err
}

// walk gathers one change more than the page holds, and tells how far it looked.
func (w *changeWalker) walk(ctx context.Context, newest storage.Position) (items []storage.Change, at storage.Position, err error) {
	at = w.q.After
	for step := 0; step < changeSteps && at < newest && len(items) <= w.limit; step++ {
		scan := ChangeScan{
			After: at, Room: w.q.Room, Kinds: w.q.Kinds, Limit: w.limit + 1 - len(items), Walk: changeWalk,
		}
		if w.sight != nil {
			scan.Limit = max(scan.Limit, sightBatch)
		}
		some, through, err := w.rows.Changes(ctx, scan)
		if err != nil {
			return nil, 0, err
		}
		at = through
		for _, c := range some {
			if len(items) > w.limit {
				break
			}
			seen, err := w.sight.sees(ctx, &c)
			if err != nil {
				return nil, 0, err
			}
			if seen {
				items = append(items, c)
			}
		}
	}
	return items, at, nil
}

// ChangeHead implements storage.ChangeReader.
func (r Reader) ChangeHead(ctx context.Context) (storage.ChangeHead, error) {
	return readOne(ctx, r.in, "read head of changes", unchecked, func(rows Rows) (storage.ChangeHead, error) {
		return rows.ChangeHead(ctx)
	})
}

// PruneChanges implements storage.ChangeWriter.
func (w Writer) PruneChanges(ctx context.Context, p storage.ChangePrune) (int, error) {
	limit := 0
	check := func() (err error) {
		if err := p.Validate(); err != nil {
			return err
		}
		limit, err = storage.Limit(p.Limit)
		return err
	}
	return writeOne(ctx, w.in, "prune changes", check, func(t *rules) (int, error) {
		head, err := t.rows.ChangeHead(ctx)
		if err != nil {
			return 0, err
		}
		prune := ChangePruning{Keep: p.Keep, Last: head.Newest, Limit: limit}
		if p.Age > 0 {
			prune.Until = t.now.Add(-p.Age)
		}
		if !p.PastConsumers {
			all, err := t.rows.Consumers(ctx)
			if err != nil {
				return 0, err
			}
			for _, c := range all {
				prune.Last = min(prune.Last, c.Position)
			}
		}
		return t.rows.PruneChanges(ctx, prune)
	})
}
