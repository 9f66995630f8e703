package storagetest_test

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/lairchat/lair/storage"
)

// queryFaults are stores that leave one condition out of a query: where it
// lists, or where it counts.
var queryFaults = slices.Concat(
	ignores(query[storage.UserQuery]{
		list: "Users", count: "CountUsers", caught: "user list/every filter in every order",
		but:  map[string]string{"Text": "text/users by what they are called"},
		hook: func(ignore func(*storage.UserQuery)) hooks { return hooks{users: ignore} },
	}),
	ignores(query[storage.RoomQuery]{
		list: "Rooms", count: "CountRooms", caught: "room list/every filter in every order",
		but: map[string]string{
			"Text": "text/rooms by what they are called", "VisibleTo": "room visible/every case",
			"Expired": "temporary/is found by its time",
		},
		hook: func(ignore func(*storage.RoomQuery)) hooks { return hooks{rooms: ignore} },
	}),
	ignores(query[storage.MembershipQuery]{
		list: "Memberships", count: "CountMembers", caught: "membership list/every filter in every order",
		but:  map[string]string{"User": "membership list/of a user, under equal times"},
		hook: func(ignore func(*storage.MembershipQuery)) hooks { return hooks{members: ignore} },
	}),
	ignores(query[storage.MessageQuery]{
		list: "Messages", count: "CountMessages", caught: "message page/filters",
		but: map[string]string{
			"From": "message page/range of times", "To": "message page/range of times", "Before": "message page/bounds",
			"After": "message page/bounds", "Around": "message page/around",
			"Pinned": "pin/lists", "Viewer": "reaction/viewer", "Thread": "thread/list", "Mentioned": "mention/list",
			"Tags":                         "tag/all of the tags",
			"CountMessages ignores Around": "message page/invalid anchors",
		},
		hook: func(ignore func(*storage.MessageQuery)) hooks { return hooks{messages: ignore} },
	}),
	ignores(query[storage.InboxQuery]{
		list: "Inbox", caught: "inbox/filters together",
		hook: func(ignore func(*storage.InboxQuery)) hooks { return hooks{inbox: ignore} },
	}),
	ignores(query[storage.AttachmentQuery]{
		list: "Attachments", caught: "attachment list/every condition",
		but:  map[string]string{"From": "attachment list/range of times", "To": "attachment list/range of times"},
		hook: func(ignore func(*storage.AttachmentQuery)) hooks { return hooks{files: ignore} },
	}),
	ignores(query[storage.ReactionQuery]{
		list: "Reactions", caught: "reaction/list",
		hook: func(ignore func(*storage.ReactionQuery)) hooks { return hooks{emoji: ignore} },
	}),
	ignores(query[storage.SearchQuery]{
		list: "SearchMessages", caught: "search/words",
		but: map[string]string{
			"Rooms": "search/rooms", "Reader": "search/reader", "Author": "search/author", "Order": "search/order",
			"Types": "search filter/types", "Tags": "search filter/all of the tags",
			"From": "search filter/times", "To": "search filter/times",
			"HasAttachment": "search filter/has an attachment", "WithTotal": "search rank/total",
		},
		hook: func(ignore func(*storage.SearchQuery)) hooks { return hooks{search: ignore} },
	}),
)

// query is a kind of query: the methods that take it, and the cases that fail
// when a field is ignored.
type query[Q any] struct {
	list, count string // no count: nothing counts by it
	caught      string
	but         map[string]string // by field, or by the name of the fault
	hook        func(ignore func(*Q)) hooks
}

func ignores[Q any](q query[Q]) []fault {
	var all []fault
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Q]()) {
		h := q.hook(func(query *Q) { reflect.ValueOf(query).Elem().FieldByIndex(field.Index).SetZero() })
		switch field.Name {
		case "Limit", "Cursor": // pageFaults are about these
			continue
		case "Order", "Viewer": // of no count
		default:
			counting := h
			counting.counts = true
			all = append(all, q.fault(q.count, field.Name, &counting))
		}
		all = append(all, q.fault(q.list, field.Name, &h))
	}
	return slices.DeleteFunc(all, func(f fault) bool { return f.open == nil })
}

func (q query[Q]) fault(method, field string, h *hooks) fault {
	if method == "" {
		return fault{}
	}
	name := method + " ignores " + field
	return fault{name: name, caught: cmp.Or(q.but[name], q.but[field], q.caught), open: h.opener()}
}
