package backend

import (
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
)

// UserRooms implements storage.TraceReader.
func (r Reader) UserRooms(ctx context.Context, q storage.UserRoomQuery) (storage.Page[storage.RoomID], error) {
	var p *pager
	check := func() (err error) {
		if err := q.Validate(); err != nil {
			return err
		}
		p, err = newPager(storage.UserRoomQuery{User: q.User}, q.Limit, q.Cursor)
		return err
	}
	var ids []storage.RoomID
	err := r.in.view(ctx, "list rooms of user", check, func(rows Rows) (int, error) {
		all, err := rows.UserRooms(ctx, q.User)
		ids = scanRooms(all, p.scan(false))
		return len(ids), err
	})
	if err != nil {
		return storage.Page[storage.RoomID]{}, err
	}
	return page(p, ids, func(id storage.RoomID) storage.Keyset { return storage.Keyset{ID: id} })
}

// scanRooms returns the part of a list of rooms that a scan asks for.
func scanRooms(all []storage.RoomID, s Scan) []storage.RoomID {
	compare := storage.RoomID.Compare
	if s.Desc {
		compare = func(a, b storage.RoomID) int { return b.Compare(a) }
	}
	if s.After != nil {
		all = slices.DeleteFunc(all, func(id storage.RoomID) bool { return compare(id, s.After.ID) <= 0 })
	}
	slices.SortFunc(all, compare)
	return noneIfEmpty(all[:min(len(all), s.Limit)])
}

// UserMessages implements storage.TraceReader.
func (r Reader) UserMessages(ctx context.Context, q storage.TraceQuery) (storage.Page[storage.Message], error) {
	read := func(rows Rows, s TraceScan) ([]storage.Message, error) {
		scan := MessageScan{Now: s.Now, Scan: s.Scan, MessageQuery: storage.MessageQuery{
			Room: s.Room, Author: s.User, WithDeleted: true, Order: storage.OldestFirst,
		}}
		if k := s.After; k != nil && s.Desc {
			scan.High, scan.Scan.After = k.Int, nil
		} else if k != nil {
			scan.Low, scan.Scan.After = k.Int, nil
		}
		all, err := rows.Messages(ctx, scan)
		if err == nil {
			err = rows.FillIn(ctx, all, storage.UserID{}, r.now())
		}
		for i := range all {
			all[i].Reactions, all[i].Thread = nil, storage.Thread{}
		}
		return all, err
	}
	return traced(ctx, r, "list messages of user", q, read, func(m storage.Message) storage.Keyset {
		return storage.Keyset{Int: m.Seq}
	})
}

// UserReactions implements storage.TraceReader.
func (r Reader) UserReactions(ctx context.Context, q storage.TraceQuery) (storage.Page[storage.Reaction], error) {
	// Where a message stands in its room is no part of a reaction.
	places := map[storage.MessageID]int64{}
	read := func(rows Rows, s TraceScan) ([]storage.Reaction, error) {
		all, err := rows.UserReactions(ctx, s)
		for i := 0; i < len(all) && err == nil; i++ {
			_, places[all[i].MessageID], err = rows.MessagePlace(ctx, all[i].MessageID)
		}
		return all, err
	}
	return traced(ctx, r, "list reactions of user", q, read, func(v storage.Reaction) storage.Keyset {
		return storage.Keyset{Int: places[v.MessageID], Text: v.Emoji}
	})
}

// UserReceipts implements storage.TraceReader.
func (r Reader) UserReceipts(ctx context.Context, q storage.TraceQuery) (storage.Page[storage.MessageReceipt], error) {
	read := func(rows Rows, s TraceScan) ([]storage.MessageReceipt, error) { return rows.UserReceipts(ctx, s) }
	return traced(ctx, r, "list receipts of user", q, read, func(v storage.MessageReceipt) storage.Keyset {
		return storage.Keyset{Int: v.Seq}
	})
}

// traced reads a page of what a user has left in a room.
func traced[T any](
	ctx context.Context, r Reader, op string, q storage.TraceQuery,
	read func(Rows, TraceScan) ([]T, error), key func(T) storage.Keyset,
) (storage.Page[T], error) {
	var p *pager
	check := func() (err error) {
		if err := q.Validate(); err != nil {
			return err
		}
		p, err = newPager(storage.TraceQuery{Room: q.Room, User: q.User, WithExpired: q.WithExpired}, q.Limit, q.Cursor)
		return err
	}
	var items []T
	err := r.in.view(ctx, op, check, func(rows Rows) (_ int, err error) {
		items, err = read(rows, TraceScan{Room: q.Room, User: q.User, Now: r.unexpired(q.WithExpired), Scan: p.scan(false)})
		return len(items), err
	})
	if err != nil {
		return storage.Page[T]{}, err
	}
	return page(p, items, key)
}
