package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/search"
)

// finding is a search as it is asked for, and what it gave.
type finding struct {
	q    storage.SearchQuery
	scan SearchScan
	p    *pager

	hits   []SearchHit
	resume int64
	ranked rankedPage
	total  int
}

// SearchMessages implements storage.MessageReader.
func (r Reader) SearchMessages(ctx context.Context, q storage.SearchQuery) (storage.SearchResult, error) {
	f := finding{q: q}
	look := func(rows Rows) (int, error) { return f.look(ctx, rows, r.now) }
	var out storage.SearchResult
	err := r.in.viewThen(ctx, "search messages", f.check, look, func() (err error) {
		out, err = f.result(ctx)
		return err
	})
	if err != nil {
		return storage.SearchResult{}, err
	}
	return out, nil
}

// check checks a query, fills in its defaults and parses its text.
func (f *finding) check() error {
	q := &f.q
	if err := q.Validate(); err != nil {
		return err
	}
	q.Normalize()
	parsed, err := search.Parse(q.Text)
	if err != nil {
		return &storage.Error{Field: "Text", Kind: storage.ErrInvalid, Err: err}
	}
	rooms, err := checkIDs("Rooms", q.Rooms)
	if err != nil {
		return err
	}
	q.From, q.To = ceilTime(q.From), ceilTime(q.To)
	f.scan = SearchScan{
		Query: parsed, Rooms: rooms, Reader: q.Reader, Author: q.Author, Types: q.Types, Tags: q.Tags,
		From: q.From, To: q.To, HasAttachment: q.HasAttachment,
	}
	tied := *q
	tied.Limit, tied.Cursor, tied.WithTotal = 0, "", false
	f.p, err = newPager(tied, q.Limit, q.Cursor)
	return err
}

// look finds the messages of the page, and how many were found.
func (f *finding) look(ctx context.Context, rows Rows, now func() time.Time) (int, error) {
	if f.scan.Query.Empty() {
		return 0, nil
	}
	f.scan.Now = now()
	err := f.hide(ctx, rows)
	if err == nil {
		err = f.find(ctx, rows)
	}
	if err == nil {
		err = fillInHits(ctx, rows, f.hits, f.scan.Now)
	}
	return len(f.hits), err
}

// hide keeps from the reader what rooms hide from those who joined later. One
// look tells of all rooms.
func (f *finding) hide(ctx context.Context, rows Rows) (err error) {
	if !f.q.Reader.IsZero() {
		f.scan.HiddenUpTo, err = rows.HiddenUpTo(ctx, f.q.Reader)
	}
	return err
}

func (f *finding) find(ctx context.Context, rows Rows) (err error) {
	if f.q.WithTotal {
		all := f.scan
		all.Desc, all.Whole, all.Limit = true, true, storage.MaxSearchTotal
		found, _, err := rows.SearchMessages(ctx, all)
		if err != nil {
			return err
		}
		f.total = len(found)
	}
	if f.q.Order == storage.MostRelevant {
		return f.rank(ctx, rows)
	}
	scan, s := f.p.scan(f.q.Order == storage.NewestFirst), f.scan
	s.After, s.Desc, s.Limit = f.p.at.Int, scan.Desc, scan.Limit
	f.hits, f.resume, err = rows.SearchMessages(ctx, s)
	return err
}

// fillInHits is FillIn for what was found.
func fillInHits(ctx context.Context, rows Rows, hits []SearchHit, now time.Time) error {
	ms := make([]storage.Message, len(hits))
	for i, hit := range hits {
		ms[i] = hit.Message
	}
	err := rows.FillIn(ctx, ms, storage.UserID{}, now)
	for i, m := range ms {
		hits[i].Message = m
	}
	return err
}

// result makes the page of what a search gave. A walk that ended early goes on
// where it stopped, even if it has found nothing. To highlight long messages takes
// long, and nobody waits for a page whose context is done.
func (f *finding) result(ctx context.Context) (storage.SearchResult, error) {
	var out storage.SearchResult
	if f.scan.Query.Empty() {
		out.Reason = f.scan.Query.Reason()
		return out, nil
	}
	page, err := f.page()
	if err != nil {
		return out, err
	}
	out.Next, out.Prev, out.Total = page.Next, page.Prev, f.total
	for _, hit := range page.Items {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		highlights := f.scan.Query.Highlights(hit.Message.Body)
		out.Items = append(out.Items, storage.Match{Message: hit.Message, Highlights: highlights})
	}
	return out, ctx.Err()
}

func (f *finding) page() (storage.Page[SearchHit], error) {
	if f.q.Order == storage.MostRelevant {
		return edges(f.p, f.hits, f.ranked.before, f.ranked.after, f.keyset)
	}
	items, before, after := cut(f.p, f.hits)
	place := func(h SearchHit) storage.Keyset { return storage.Keyset{Int: h.Position} }
	if f.resume != 0 {
		return stopped(f.p, items, storage.Keyset{Int: f.resume}, place)
	}
	return edges(f.p, items, before, after, place)
}
