package storagetest_test

import (
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
)

// hiddenFaults are about rooms that hide their history.
var hiddenFaults = []fault{
	{name: "a reader finds what was before", caught: "search/hidden history", open: revealing(func(storage.SearchQuery) bool { return true }, everything)},
	{name: "a reader finds by relevance what was before", caught: "search/hidden history", open: revealing(func(q storage.SearchQuery) bool {
		return q.Order == storage.MostRelevant
	}, everything)},
	{name: "a reader finds what was before in the one room asked for", caught: "search/hidden history", open: revealing(func(q storage.SearchQuery) bool {
		return len(q.Rooms) == 1
	}, everything)},
	{name: "a reader finds what was said since the first joining", caught: "search/hidden history and rejoining", open: revealing(func(storage.SearchQuery) bool {
		return true
	}, sinceFirstJoining)},
	{name: "the total counts what was before", caught: "search/hidden history", open: reads(func(r storage.Reader) storage.Reader {
		return tellingTotals{r}
	})},
	{name: "rooms that hide their history are not searched", caught: "search/hidden history", open: reads(func(r storage.Reader) storage.Reader {
		return searching{r, func(ctx context.Context, q storage.SearchQuery, m storage.Message) bool {
			room, err := r.Room(ctx, m.RoomID)
			return err != nil || q.Reader.IsZero() || !room.Settings.HistoryHidden
		}}
	})},
	{name: "the last message is from before", caught: "inbox/last message is hidden", open: lastMessages(func(ctx context.Context, r storage.Reader, room storage.RoomID, _ storage.Message) storage.Message {
		page, _ := r.Messages(ctx, storage.MessageQuery{Room: room, WithDeleted: true, Limit: 1})
		return append(page.Items, storage.Message{})[0]
	})},
	{name: "rooms that hide their history have no last message", caught: "inbox/last message is hidden", open: lastMessages(func(ctx context.Context, r storage.Reader, room storage.RoomID, last storage.Message) storage.Message {
		if found, err := r.Room(ctx, room); err == nil && found.Settings.HistoryHidden {
			return storage.Message{}
		}
		return last
	})},
}

// revealing opens stores that search, as some queries ask, wherever the reader
// is a member, and show of what they find what shown lets through.
func revealing(which func(storage.SearchQuery) bool, shown func(context.Context, storage.Reader, storage.UserID, storage.Message) bool) opener {
	return reads(func(r storage.Reader) storage.Reader { return revealingSearch{r, which, shown} })
}

type revealingSearch struct {
	storage.Reader
	which func(storage.SearchQuery) bool
	shown func(context.Context, storage.Reader, storage.UserID, storage.Message) bool
}

func (r revealingSearch) SearchMessages(ctx context.Context, q storage.SearchQuery) (storage.SearchResult, error) {
	if q.Reader.IsZero() || !r.which(q) {
		return r.Reader.SearchMessages(ctx, q)
	}
	all := q
	all.Reader, all.WithTotal = storage.UserID{}, false
	found, err := r.Reader.SearchMessages(ctx, all)
	found.Items = slices.DeleteFunc(found.Items, func(m storage.Match) bool {
		member, err := r.IsMember(ctx, m.Message.RoomID, q.Reader)
		return err != nil || !member || !r.shown(ctx, r.Reader, q.Reader, m.Message)
	})
	if err == nil && q.WithTotal {
		q.Cursor = ""
		known, err := r.Reader.SearchMessages(ctx, q)
		found.Total = known.Total
		return found, err
	}
	return found, err
}

func everything(context.Context, storage.Reader, storage.UserID, storage.Message) bool { return true }

// sinceFirstJoining reports whether a message came after the reader joined the
// room for the first time.
func sinceFirstJoining(ctx context.Context, r storage.Reader, reader storage.UserID, m storage.Message) bool {
	q := storage.ChangeQuery{Room: m.RoomID, Kinds: []storage.ChangeKind{storage.ChangeMemberAdded}, Limit: storage.MaxLimit}
	changes, err := r.Changes(ctx, q)
	if err != nil {
		return false
	}
	i := slices.IndexFunc(changes.Items, func(c storage.Change) bool { return c.UserID == reader })
	return i >= 0 && m.Seq > changes.Items[i].Seq
}

// tellingTotals counts all that was said in rooms of the reader.
type tellingTotals struct{ storage.Reader }

func (r tellingTotals) SearchMessages(ctx context.Context, q storage.SearchQuery) (storage.SearchResult, error) {
	found, err := r.Reader.SearchMessages(ctx, q)
	if err != nil || !q.WithTotal || q.Reader.IsZero() || found.Reason != "" {
		return found, err
	}
	found.Total = 0
	q.Limit, q.Cursor, q.WithTotal = storage.MaxLimit, "", false
	for _, err := range storage.All(ctx, revealingSearch{r.Reader, func(storage.SearchQuery) bool { return true }, everything}.pages, q) {
		if err != nil {
			return found, err
		}
		found.Total++
	}
	return found, nil
}

func (r revealingSearch) pages(ctx context.Context, q storage.SearchQuery) (storage.Page[storage.Match], error) {
	found, err := r.SearchMessages(ctx, q)
	return found.Page, err
}
