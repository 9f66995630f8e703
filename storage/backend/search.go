package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/search"
)

// reasonNoWord says why a search finds nothing.
const reasonNoWord = "no word to search for"

// SearchMessages implements storage.MessageReader.
func (r Reader) SearchMessages(ctx context.Context, q storage.SearchQuery) (storage.SearchResult, error) {
	var p *pager
	var s SearchScan
	check := func() (err error) {
		if s, err = searchScan(&q); err != nil {
			return err
		}
		tied := q
		tied.Limit, tied.Cursor = 0, ""
		p, err = newPager(tied, q.Limit, q.Cursor)
		return err
	}
	var hits []SearchHit
	var resume int64
	err := r.in.view(ctx, "search messages", check, func(rows Rows) (n int, err error) {
		if s.Query.Empty() {
			return 0, nil
		}
		scan := p.scan(q.Order == storage.NewestFirst)
		s.After, s.Desc, s.Limit, s.Now = p.at.Int, scan.Desc, scan.Limit, r.now()
		if hits, resume, err = rows.SearchMessages(ctx, s); err == nil {
			err = fillInHits(ctx, rows, hits, s.Now)
		}
		return len(hits), err
	})
	if err != nil {
		return storage.SearchResult{}, err
	}
	return searchResult(p, s.Query, hits, resume)
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

// searchScan checks a query, fills in its defaults and parses its text.
func searchScan(q *storage.SearchQuery) (SearchScan, error) {
	if err := q.Validate(); err != nil {
		return SearchScan{}, err
	}
	if q.Order == 0 {
		q.Order = storage.NewestFirst
	}
	parsed, err := search.Parse(q.Text)
	if err != nil {
		return SearchScan{}, &storage.Error{Field: "Text", Kind: storage.ErrInvalid, Err: err}
	}
	q.Rooms = noneIfEmpty(q.Rooms)
	rooms, err := checkIDs("Rooms", q.Rooms)
	return SearchScan{Query: parsed, Rooms: rooms, Reader: q.Reader, Author: q.Author}, err
}

// searchResult makes the page of what a search gave. A walk that ended early
// goes on where it stopped, even if it has found nothing.
func searchResult(p *pager, q search.Query, hits []SearchHit, resume int64) (storage.SearchResult, error) {
	var out storage.SearchResult
	if q.Empty() {
		out.Reason = reasonNoWord
		return out, nil
	}
	items, before, after := cut(p, hits)
	place := func(h SearchHit) storage.Keyset { return storage.Keyset{Int: h.Position} }
	page, err := edges(p, items, before, after, place)
	if resume != 0 {
		page, err = stopped(p, items, storage.Keyset{Int: resume}, place)
	}
	if err != nil {
		return out, err
	}
	out.Next, out.Prev = page.Next, page.Prev
	for _, hit := range items {
		out.Items = append(out.Items, storage.Match{Message: hit.Message, Highlights: q.Highlights(hit.Message.Body)})
	}
	return out, nil
}
