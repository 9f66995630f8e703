package storagetest_test

import (
	"reflect"
	"slices"
	"strings"

	"github.com/lairchat/lair/storage"
)

// forgetFaults are stores that lose one field of a record, as one does whose
// column was left out of a statement, in what one method returns. The methods
// take turns at losing the fields.
var forgetFaults = slices.Concat(
	forgets("whole/users", nil, func(forget func(*storage.User)) *hooks { return &hooks{user: forget} },
		"User", "UsersByID", "UserByUsername", "UserByEmail", "UserByExternalID", "Users", "UpdateUser"),
	forgets("whole/rooms", nil, func(forget func(*storage.Room)) *hooks { return &hooks{room: forget} },
		"Room", "RoomsByID", "RoomByName", "Rooms", "UpdateRoom", "UpdateRoomSettings", "Inbox"),
	forgets("whole/memberships", nil, func(forget func(*storage.Membership)) *hooks { return &hooks{member: forget} },
		"Membership", "Memberships", "Inbox"),
	forgets("receipt/by reading", nil, func(forget func(*storage.ReadReceipt)) *hooks { return &hooks{receipt: forget} }, "ReadReceipts"),
	forgets("unread/mentions", nil, func(forget func(*storage.Unread)) *hooks { return &hooks{unread: forget} }, "Unread"),
	forgets("unread/mentions", nil, func(forget func(*storage.Unread)) *hooks { return &hooks{unread: forget} }, "Inbox"),
	forgets("whole/messages", livingFields, func(forget func(*storage.Message)) *hooks { return &hooks{message: forget} }, "Inbox"),
	forgets("whole/tombstones", deadFields, func(forget func(*storage.Message)) *hooks { return &hooks{message: forget} }, "Inbox"),
	forgets("whole/messages", livingFields, func(forget func(*storage.Message)) *hooks { return &hooks{message: forget} },
		"Message", "MessagesByID", "Messages", "SearchMessages", "CreateMessage", "CreateMessages", "EditMessage"),
	forgets("whole/messages", carriedFields, func(forget func(*storage.Attachment)) *hooks {
		return &hooks{message: func(m *storage.Message) {
			for i := range m.Attachments {
				forget(&m.Attachments[i])
			}
		}}
	}, "Message", "MessagesByID", "Messages", "SearchMessages", "CreateMessage", "CreateMessages", "EditMessage"),
	forgets("whole/roots of threads", threadFields, func(forget func(*storage.Message)) *hooks { return &hooks{message: forget} },
		"Message", "MessagesByID", "Messages", "SearchMessages", "CreateMessage", "EditMessage", "PinMessage", "DeleteMessage", "UnpinMessage"),
	forgets("whole/attachments", carriedFields, func(forget func(*storage.Attachment)) *hooks { return &hooks{file: forget} },
		"Attachment", "Attachments"),
	forgets("whole/detached attachments", detachedFields, func(forget func(*storage.Attachment)) *hooks { return &hooks{file: forget} }, "Attachment"),
	forgets("whole/detached attachments", detachedFields, func(forget func(*storage.Attachment)) *hooks { return &hooks{file: forget} }, "Attachments"),
	forgets("whole/tombstones", deadFields, func(forget func(*storage.Message)) *hooks { return &hooks{message: forget} },
		"Message", "MessagesByID", "Messages", "CreateMessage", "CreateMessages", "DeleteMessage"),
)

// deadFields are the fields that only a tombstone has.
func deadFields(name string) bool { return name == "DeletedAt" || name == "DeletedBy" }

// detachedFields are the fields that only an attachment has that a deleted
// message carried.
func detachedFields(name string) bool { return name == "DetachedAt" }

// carriedFields are the fields that an attachment has which a message carries.
func carriedFields(name string) bool { return !detachedFields(name) }

// threadFields are the fields that only the root of a thread has.
func threadFields(name string) bool { return strings.HasPrefix(name, "Thread.") }

// livingFields are the fields that a message has which is neither.
func livingFields(name string) bool { return !deadFields(name) && !threadFields(name) }

// forgets returns the faults for the fields that which selects, all if it is
// nil.
func forgets[R any](caught string, which func(name string) bool, hook func(func(*R)) *hooks, methods ...string) []fault {
	var all []fault
	for i, field := range leaves(reflect.TypeFor[R]()) {
		if which != nil && !which(field.Name) {
			continue
		}
		h := hook(func(r *R) { reflect.ValueOf(r).Elem().FieldByIndex(field.Index).SetZero() })
		h.only = methods[i%len(methods)]
		all = append(all, fault{name: h.only + " forgets " + reflect.TypeFor[R]().Name() + "." + field.Name, caught: caught, open: h.opener()})
	}
	return all
}

// leaves returns the fields of a record and of the structs in it, which are
// named with their path.
func leaves(record reflect.Type) []reflect.StructField {
	var all []reflect.StructField
	for _, f := range reflect.VisibleFields(record) {
		if f.Type.Kind() != reflect.Struct || f.Type.PkgPath() == "time" {
			all = append(all, f)
			continue
		}
		for _, inner := range leaves(f.Type) {
			inner.Name = f.Name + "." + inner.Name
			inner.Index = append(slices.Clone(f.Index), inner.Index...)
			all = append(all, inner)
		}
	}
	return all
}
