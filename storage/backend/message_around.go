package backend

import (
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
)

// around reads the page around an anchor: of the places that the anchor
// leaves, half before it and half after it, the odd one before. What is
// missing on one side is not made up for on the other.
func (l *messageList) around(ctx context.Context, rows Rows) (storage.Page[storage.Message], error) {
	seq, err := l.seq(ctx, rows, l.anchor.Around, 0)
	if err != nil {
		return storage.Page[storage.Message]{}, err
	}
	before := l.limit / 2
	after := l.limit - 1 - before
	older, moreOlder, err := l.side(ctx, rows, MessageScan{High: seq, Scan: Scan{Desc: true}}, before)
	if err != nil {
		return storage.Page[storage.Message]{}, err
	}
	newer, moreNewer, err := l.side(ctx, rows, MessageScan{Low: seq}, after)
	if err != nil {
		return storage.Page[storage.Message]{}, err
	}
	anchor, _, err := l.side(ctx, rows, MessageScan{Low: seq - 1, High: seq + 1}, 1)
	if err != nil {
		return storage.Page[storage.Message]{}, err
	}
	slices.Reverse(older)
	items := slices.Concat(older, anchor, newer)
	if l.scan.Order == storage.NewestFirst {
		slices.Reverse(items)
		moreOlder, moreNewer = moreNewer, moreOlder
	}
	if len(items) > 0 {
		return edges(l.pager, items, moreOlder, moreNewer, l.keyset)
	}
	// The anchor is not selected, and the page too small for its neighbours.
	var out storage.Page[storage.Message]
	out.Prev, out.Next, err = l.cursors(
		storage.Keyset{Int: seq, Edge: !moreNewer}, storage.Keyset{Int: seq, Edge: !moreOlder}, moreOlder, moreNewer)
	return out, err
}

// side reads up to limit messages within the bounds of s, and whether there
// are more. A Low of 0 would mean no bound, and no Seq is below 1.
func (l *messageList) side(ctx context.Context, rows Rows, s MessageScan, limit int) ([]storage.Message, bool, error) {
	if l.none {
		return nil, false, nil
	}
	s.MessageQuery, s.Now, s.Scan.Limit = l.scan.MessageQuery, l.scan.Now, limit+1
	items, err := rows.Messages(ctx, s)
	if err != nil {
		return nil, false, err
	}
	more := len(items) > limit
	return items[:min(limit, len(items))], more, nil
}
