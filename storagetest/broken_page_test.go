package storagetest_test

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/lairchat/lair/storage"
)

// pageFault is a way for a list to be wrong, whatever it lists.
type pageFault struct {
	name     string
	limit    func(int) int                    // changes the Limit
	lenient  bool                             // a cursor of another query begins again
	from     bool                             // the page before is the list's first
	order    func(n int, back bool) []int     // the items that come out, by their place
	cursors  func(next, prev *storage.Cursor) // changes where the page leads
	boundary bool                             // wrong in the cases about limits and cursors only
}

// upTo returns 0, 1, 2 … n-1.
func upTo(n int) []int {
	places := make([]int, n)
	for i := range places {
		places[i] = i
	}
	return places
}

func reversed(n int) []int {
	places := upTo(n)
	slices.Reverse(places)
	return places
}

var listFaults = []pageFault{
	{name: "in the wrong order", order: func(n int, _ bool) []int { return reversed(n) }},
	{name: "without the last item of a page", order: func(n int, _ bool) []int { return upTo(max(n-1, 0)) }},
	{name: "with the first item of a page twice", order: func(n int, _ bool) []int {
		return append(upTo(min(n, 1)), upTo(n)...)
	}},
	{name: "with the page before in reverse", order: func(n int, back bool) []int {
		if back {
			return reversed(n)
		}
		return upTo(n)
	}},
	{name: "with the first page before every other", from: true},
	{name: "without Prev", cursors: func(_, prev *storage.Cursor) { *prev = "" }},
	{name: "without Next", cursors: func(next, _ *storage.Cursor) { *next = "" }},
	{name: "with Next at the end", cursors: func(next, prev *storage.Cursor) {
		if *next == "" {
			*next = *prev + "x"
		}
	}},
	{name: "with Prev at the beginning", cursors: func(next, prev *storage.Cursor) {
		if *prev == "" {
			*prev = *next + "x"
		}
	}},
	{name: "of any size", limit: func(int) int { return 0 }, boundary: true},
	{name: "with a negative limit", limit: func(n int) int { return max(n, 0) }, boundary: true},
	{name: "at a cursor of another query", lenient: true, boundary: true},
}

// pageFaults are the ways for each list: its cases about order, and those
// about limits and cursors.
var pageFaults = slices.Concat(
	listOf("Users", "user list/by name", "user list/limits", "user list/cursors of another query"),
	listOf("Rooms", "room list/by creation under equal times", "room list/limits", "room list/cursors of another query"),
	listOf("Memberships", "membership list/of a room, by joining under equal times", "membership list/limits",
		"membership list/cursors of another query"),
	listOf("Messages", "message page/order across rooms", "message page/limits", "message page/cursors of other queries"),
	listOf("ReadReceipts", "receipt/pages", "receipt/limits", "receipt/cursors"),
	listOf("Inbox", "inbox/pages", "inbox/limits", "inbox/cursors"),
	listOf("Attachments", "attachment list/equal times", "attachment list/limits", "attachment list/cursors"),
	listOf("Reactions", "reaction/list", "reaction/invalid queries", "reaction/cursors"),
	listOf("MessageRevisions", "revision/pages", "revision/invalid queries", "revision/cursors"),
	listOf("SearchMessages", "search/pages", "search/invalid", "search/cursors"),
)

func listOf(list, order, limits, cursors string) []fault {
	var all []fault
	for _, p := range listFaults {
		caught := order
		switch {
		case p.lenient:
			caught = cursors
		case p.boundary:
			caught = limits
		}
		open := reads(func(r storage.Reader) storage.Reader { return pagingReader{r, list, p} })
		all = append(all, fault{name: list + " " + p.name, caught: caught, open: open})
	}
	return all
}

// pagingReader has the fault in one of its lists.
type pagingReader struct {
	storage.Reader
	list  string
	fault pageFault
}

func (r pagingReader) Users(ctx context.Context, q storage.UserQuery) (storage.Page[storage.User], error) {
	return pageWith(r, "Users", &q.Limit, &q.Cursor, func() (storage.Page[storage.User], error) {
		return r.Reader.Users(ctx, q)
	})
}

func (r pagingReader) Rooms(ctx context.Context, q storage.RoomQuery) (storage.Page[storage.Room], error) {
	return pageWith(r, "Rooms", &q.Limit, &q.Cursor, func() (storage.Page[storage.Room], error) {
		return r.Reader.Rooms(ctx, q)
	})
}

func (r pagingReader) Memberships(ctx context.Context, q storage.MembershipQuery) (storage.Page[storage.Membership], error) {
	return pageWith(r, "Memberships", &q.Limit, &q.Cursor, func() (storage.Page[storage.Membership], error) {
		return r.Reader.Memberships(ctx, q)
	})
}

func (r pagingReader) Messages(ctx context.Context, q storage.MessageQuery) (storage.Page[storage.Message], error) {
	return pageWith(r, "Messages", &q.Limit, &q.Cursor, func() (storage.Page[storage.Message], error) {
		return r.Reader.Messages(ctx, q)
	})
}

func (r pagingReader) SearchMessages(ctx context.Context, q storage.SearchQuery) (found storage.SearchResult, err error) {
	found.Page, err = pageWith(r, "SearchMessages", &q.Limit, &q.Cursor, func() (storage.Page[storage.Match], error) {
		good, err := r.Reader.SearchMessages(ctx, q)
		found.Reason = good.Reason
		return good.Page, err
	})
	return found, err
}

func (r pagingReader) Attachments(ctx context.Context, q storage.AttachmentQuery) (storage.Page[storage.Attachment], error) {
	return pageWith(r, "Attachments", &q.Limit, &q.Cursor, func() (storage.Page[storage.Attachment], error) {
		return r.Reader.Attachments(ctx, q)
	})
}

func (r pagingReader) Reactions(ctx context.Context, q storage.ReactionQuery) (storage.Page[storage.Reaction], error) {
	return pageWith(r, "Reactions", &q.Limit, &q.Cursor, func() (storage.Page[storage.Reaction], error) {
		return r.Reader.Reactions(ctx, q)
	})
}

func (r pagingReader) MessageRevisions(ctx context.Context, q storage.RevisionQuery) (storage.Page[storage.Revision], error) {
	return pageWith(r, "MessageRevisions", &q.Limit, &q.Cursor, func() (storage.Page[storage.Revision], error) {
		return r.Reader.MessageRevisions(ctx, q)
	})
}

// backMark begins the cursors that lead back, so that they are known again.
const backMark = "~"

// pageWith reads a page, whose query has its limit and cursor at these, with the fault in it.
func pageWith[T any](
	r pagingReader, list string, limit *int, cursor *storage.Cursor, read func() (storage.Page[T], error),
) (storage.Page[T], error) {
	if list != r.list {
		return read()
	}
	f := r.fault
	text, back := strings.CutPrefix(string(*cursor), backMark)
	*cursor = storage.Cursor(text)
	if f.limit != nil {
		*limit = f.limit(*limit)
	}
	if f.from && back {
		*cursor = ""
	}
	page, err := read()
	var e *storage.Error
	if f.lenient && errors.As(err, &e) && e.Field == "Cursor" {
		*cursor = ""
		page, err = read()
	}
	if err != nil {
		return page, err
	}
	if f.cursors != nil {
		f.cursors(&page.Next, &page.Prev)
	}
	if page.Prev != "" {
		page.Prev = backMark + page.Prev
	}
	return inOrder(page, f.order, back), nil
}

// inOrder gives a page the items that order says.
func inOrder[T any](page storage.Page[T], order func(int, bool) []int, back bool) storage.Page[T] {
	if order == nil {
		return page
	}
	items := page.Items
	page.Items = nil
	for _, place := range order(len(items), back) {
		page.Items = append(page.Items, items[place])
	}
	return page
}
