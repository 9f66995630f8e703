package storagetest_test

// Which messages histories ask for.

import "github.com/lairchat/lair/storage"

// query draws which messages to read.
func (d *draws) query() (q storage.MessageQuery) {
	switch d.below(6) {
	case 0, 1, 2:
		q.Room = d.room()
	case 3:
		q.Author = d.user()
	case 4:
		q.Thread = d.message()
		if i := d.m.messageAt(q.Thread); i >= 0 && !d.m.messages[i].RootID.IsZero() && d.below(4) > 0 {
			q.Thread = d.m.messages[i].RootID
		}
	case 5:
		q.Mentioned = d.user()
	}
	d.narrow(&q)
	if q.InOneRoom() && d.oneIn(2) {
		d.anchors(&q)
	}
	q.Order = oneOf(d, 0, storage.NewestFirst, storage.OldestFirst)
	q.Limit = 1 + d.below(6)
	return q
}

// narrow draws further conditions.
func (d *draws) narrow(q *storage.MessageQuery) {
	q.WithDeleted = d.oneIn(3)
	q.Pinned = d.oneIn(10)
	if d.oneIn(8) {
		q.Room = d.room()
	}
	if d.oneIn(8) {
		q.Author = d.user()
	}
	if d.oneIn(8) {
		q.Mentioned = d.user()
	}
	if d.oneIn(8) {
		q.Tags = d.tags()
	}
	if d.oneIn(10) {
		q.Types = []storage.MessageType{oneOf(d, storage.MessageText, storage.MessageSystem, storage.MessageMarkdown)}
	}
	if d.oneIn(10) {
		q.From = d.moment()
	}
	if d.oneIn(10) {
		q.To = d.moment()
	}
	if d.oneIn(3) {
		q.Viewer = d.user()
	}
}

// anchors draws the bounds of a query, or its middle.
func (d *draws) anchors(q *storage.MessageQuery) {
	room := q.Room
	if i, _, ok := d.m.place(q.Thread); ok && room.IsZero() {
		room = d.m.rooms[i].ID
	}
	switch d.below(4) {
	case 0:
		q.Before = d.anchor(room)
	case 1:
		q.After = d.anchor(room)
	case 2:
		q.Around = d.anchor(room)
	case 3:
		q.Before, q.After = d.anchor(room), d.anchor(room)
	}
}

// purge draws what to purge.
func (d *draws) purge() (q storage.PurgeQuery) {
	if d.below(3) > 0 {
		q.Room = d.room()
		if d.oneIn(3) {
			q.Keep = int64(d.below(4))
		}
	}
	if d.oneIn(4) {
		q.Author = d.user()
	}
	if d.oneIn(4) {
		q.To = d.moment()
	}
	q.Expired, q.Tombstones, q.KeepPinned = d.oneIn(4), d.oneIn(4), d.oneIn(3)
	if d.below(4) > 0 {
		q.Limit = 1 + d.below(3)
	}
	return q
}
