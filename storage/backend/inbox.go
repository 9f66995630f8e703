package backend

import (
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

// inboxWalk is how many rooms a page that wants unread ones looks at.
const inboxWalk = 1000

// Inbox implements storage.ReceiptReader.
func (r Reader) Inbox(ctx context.Context, q storage.InboxQuery) (storage.Page[storage.InboxEntry], error) {
	var p *pager
	s := InboxScan{InboxQuery: q.WithCursor("")}
	check := func() (err error) {
		if err := q.Validate(); err != nil {
			return err
		}
		s.InboxQuery.Limit, s.Types = 0, noneIfEmpty(q.Types)
		p, err = newPager(s.InboxQuery, q.Limit, q.Cursor)
		return err
	}
	var out storage.Page[storage.InboxEntry]
	err := r.in.view(ctx, "read inbox", check, func(rows Rows) (n int, err error) {
		s.Scan = p.scan(true)
		w := inboxWalker{pager: p, scan: s, rows: rows, now: r.now()}
		out, err = w.page(ctx)
		return len(out.Items), err
	})
	if err != nil {
		return storage.Page[storage.InboxEntry]{}, err
	}
	return out, nil
}

// inboxWalker makes one page of an inbox.
type inboxWalker struct {
	*pager
	scan InboxScan
	rows Rows
	now  time.Time
}

func (w *inboxWalker) page(ctx context.Context) (storage.Page[storage.InboxEntry], error) {
	entries, stop, err := w.walk(ctx)
	if err != nil {
		return storage.Page[storage.InboxEntry]{}, err
	}
	items, before, after := cut(w.pager, entries)
	if err := w.hide(ctx, items); err != nil {
		return storage.Page[storage.InboxEntry]{}, err
	}
	if err := w.fillIn(ctx, items); err != nil {
		return storage.Page[storage.InboxEntry]{}, err
	}
	place := func(e storage.InboxEntry) storage.Keyset { return placeOf(e.Room.ID, e.Room.LastMessageAt) }
	if stop != nil {
		return stopped(w.pager, items, *stop, place)
	}
	return edges(w.pager, items, before, after, place)
}

func placeOf(room storage.RoomID, at time.Time) storage.Keyset {
	return storage.Keyset{Int: Micros(at), ID: room}
}

// walk gathers one entry more than the page holds, in the order of the scan.
// Where it gives up before the end, it says at which place.
func (w *inboxWalker) walk(ctx context.Context) (entries []storage.InboxEntry, stop *storage.Keyset, err error) {
	if w.scan.UnreadOnly {
		w.scan.Scan.Limit = inboxWalk // to find and sort all the places costs the same for few as for many
	}
	places, err := w.rows.InboxPlaces(ctx, w.scan)
	if err != nil {
		return nil, nil, err
	}
	for some := range slices.Chunk(places, w.limit+1) {
		more, err := w.read(ctx, some)
		if err != nil {
			return nil, nil, err
		}
		if entries = append(entries, more...); len(entries) > w.limit {
			return entries[:w.limit+1], nil, nil
		}
	}
	if w.scan.UnreadOnly && len(places) == inboxWalk {
		last := places[inboxWalk-1]
		at := placeOf(last.Room, last.LastMessageAt)
		stop = &at
	}
	return entries, stop, nil
}

// read returns the entries at some places that the query selects.
func (w *inboxWalker) read(ctx context.Context, places []InboxPlace) ([]storage.InboxEntry, error) {
	rooms := make([]storage.RoomID, len(places))
	for i, p := range places {
		rooms[i] = p.Room
	}
	if len(rooms) > w.limit && !w.scan.UnreadOnly {
		// The one beyond the page only tells that there is more.
		entries, err := w.rows.InboxEntries(ctx, w.scan.User, rooms[:w.limit], w.now)
		return append(entries, storage.InboxEntry{}), err
	}
	entries, err := w.rows.InboxEntries(ctx, w.scan.User, rooms, w.now)
	if w.scan.UnreadOnly {
		entries = slices.DeleteFunc(entries, func(e storage.InboxEntry) bool { return e.Unread.Messages == 0 })
	}
	return entries, err
}

// hide takes away last messages that rooms hide from those who joined later:
// what is older than the last is hidden too. Few rooms do, so most pages cost no
// look.
func (w *inboxWalker) hide(ctx context.Context, entries []storage.InboxEntry) error {
	hides := func(e storage.InboxEntry) bool { return e.Room.Settings.HistoryHidden && e.LastMessage.Seq > 0 }
	if !slices.ContainsFunc(entries, hides) {
		return nil
	}
	upTo, err := w.rows.HiddenUpTo(ctx, w.scan.User)
	for i, e := range entries {
		if hides(e) && e.LastMessage.Seq <= upTo[e.Room.ID] {
			entries[i].LastMessage = storage.Message{}
		}
	}
	return err
}

// fillIn is FillIn for the last messages.
func (w *inboxWalker) fillIn(ctx context.Context, entries []storage.InboxEntry) error {
	ms := make([]storage.Message, 0, len(entries))
	for _, e := range entries {
		if !e.LastMessage.ID.IsZero() {
			ms = append(ms, e.LastMessage)
		}
	}
	err := w.rows.FillIn(ctx, ms, w.scan.User, w.now)
	for i := range entries {
		if !entries[i].LastMessage.ID.IsZero() {
			entries[i].LastMessage, ms = ms[0], ms[1:]
		}
	}
	return err
}
