package backend

import (
	"slices"

	"github.com/lairchat/lair/storage"
)

// pager turns a query's Limit and Cursor into a Scan, and the rows of the scan
// into a page.
type pager struct {
	tie     func() (storage.Tie, error)
	limit   int
	at      storage.Keyset // where the cursor stands, if there is one
	started bool           // there is a cursor
}

// newPager reads the paging of a query, which is given without it.
func newPager(query any, limit int, c storage.Cursor) (*pager, error) {
	p := &pager{tie: func() (storage.Tie, error) { return storage.TieTo(query) }}
	var err error
	if p.limit, err = storage.Limit(limit); err != nil {
		return nil, err
	}
	if c == "" {
		return p, nil
	}
	tie, err := p.tie()
	if err != nil {
		return nil, err
	}
	p.at, err = storage.ParseCursor(c, tie)
	p.started = true
	return p, err
}

// scan returns what to read for an order that is descending by nature or not:
// one row more than the page holds tells whether there is another page.
func (p *pager) scan(desc bool) Scan {
	s := Scan{Desc: desc != p.at.Back, Limit: p.limit + 1}
	if p.started {
		s.After = &p.at
	}
	return s
}

// cut takes the page's rows out of what a scan gave, in the query's order, and
// tells whether there are rows before and after them.
func cut[T any](p *pager, rows []T) (items []T, before, after bool) {
	more := len(rows) > p.limit
	if more {
		rows = rows[:p.limit]
	}
	if p.at.Back {
		slices.Reverse(rows)
		return rows, more, !p.at.Edge
	}
	return rows, p.started && !p.at.Edge, more
}

// page makes the page of what a scan gave.
func page[T any](p *pager, rows []T, key func(T) storage.Keyset) (storage.Page[T], error) {
	items, before, after := cut(p, rows)
	return edges(p, items, before, after, key)
}

// edges makes a page with its cursors.
func edges[T any](p *pager, items []T, before, after bool, key func(T) storage.Keyset) (out storage.Page[T], err error) {
	out.Items = items
	if len(items) > 0 {
		out.Prev, out.Next, err = p.cursors(key(items[0]), key(items[len(items)-1]), before, after)
	}
	return out, err
}

// cursors returns those to the rows before first and after last, as far as
// there are any.
func (p *pager) cursors(first, last storage.Keyset, before, after bool) (prev, next storage.Cursor, err error) {
	if !before && !after {
		return "", "", nil
	}
	tie, err := p.tie()
	if err != nil {
		return "", "", err
	}
	if before {
		first.Back = true
		prev = first.Cursor(tie)
	}
	if after {
		next = last.Cursor(tie)
	}
	return prev, next, nil
}
