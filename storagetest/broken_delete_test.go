package storagetest_test

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/lairchat/lair/storage"
)

// deleteFaults are about deleting many messages.
var deleteFaults = slices.Concat(ignoringDeletes(), []fault{
	{name: "nobody deleted them", caught: "delete many/tombstones", open: writes(func(w storage.ReadWriter) storage.Writer {
		return manyDeleter{w, func(_ context.Context, _ storage.ReadWriter, by *storage.UserID) { *by = storage.UserID{} }}
	})},
	{name: "whoever deletes them", caught: "delete many/unknown user", open: writes(func(w storage.ReadWriter) storage.Writer {
		return manyDeleter{w, func(ctx context.Context, r storage.ReadWriter, by *storage.UserID) {
			if _, err := r.User(ctx, *by); errors.Is(err, storage.ErrNotFound) {
				*by = storage.UserID{}
			}
		}}
	})},
	{name: "no more messages to delete are told", caught: "delete many/order and limit", open: deletesTold(func(n *int, more *bool) { *more = false })},
	{name: "more messages to delete are always told", caught: "delete many/tombstones", open: deletesTold(func(n *int, more *bool) { *more = true })},
	{name: "deleted messages are not counted", caught: "delete many/tombstones", open: deletesTold(func(n *int, more *bool) { *n = 0 })},
	{name: "messages are purged instead", caught: "delete many/tombstones", open: writes(func(w storage.ReadWriter) storage.Writer {
		return purgesMany{w}
	})},
})

// ignoringDeletes are stores that delete by a query without one of its
// conditions.
func ignoringDeletes() (all []fault) {
	but := map[string]string{
		"Before": "delete many/bounds", "After": "delete many/bounds", "Order": "delete many/order and limit", "Limit": "delete many/order and limit",
		"Around": "delete many/invalid", "WithDeleted": "delete many/invalid", "Cursor": "delete many/invalid",
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[storage.MessageQuery]()) {
		if field.Name == "Viewer" { // selects nothing
			continue
		}
		all = append(all, fault{
			name: "DeleteMessages ignores " + field.Name, caught: cmp.Or(but[field.Name], "delete many/every condition"),
			open: writes(func(w storage.ReadWriter) storage.Writer { return ignoringDeleter{w, field.Index} }),
		})
	}
	return all
}

type ignoringDeleter struct {
	storage.Writer
	field []int
}

func (w ignoringDeleter) DeleteMessages(ctx context.Context, q storage.MessageQuery, by storage.UserID) (int, bool, error) {
	reflect.ValueOf(&q).Elem().FieldByIndex(w.field).SetZero()
	return w.Writer.DeleteMessages(ctx, q, by)
}

// manyDeleter changes who deletes messages.
type manyDeleter struct {
	storage.ReadWriter
	edit func(context.Context, storage.ReadWriter, *storage.UserID)
}

func (w manyDeleter) DeleteMessages(ctx context.Context, q storage.MessageQuery, by storage.UserID) (int, bool, error) {
	w.edit(ctx, w.ReadWriter, &by)
	return w.ReadWriter.DeleteMessages(ctx, q, by)
}

// deletesTold changes what is told about messages that were deleted.
func deletesTold(edit func(n *int, more *bool)) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return deleteTeller{w, edit} })
}

type deleteTeller struct {
	storage.Writer
	edit func(n *int, more *bool)
}

func (w deleteTeller) DeleteMessages(ctx context.Context, q storage.MessageQuery, by storage.UserID) (int, bool, error) {
	n, more, err := w.Writer.DeleteMessages(ctx, q, by)
	if err == nil {
		w.edit(&n, &more)
	}
	return n, more, err
}

type purgesMany struct{ storage.ReadWriter }

func (w purgesMany) DeleteMessages(ctx context.Context, q storage.MessageQuery, by storage.UserID) (int, bool, error) {
	p, err := w.Messages(ctx, q)
	for _, m := range p.Items {
		_, gone := w.PurgeMessage(ctx, m.ID)
		err = errors.Join(err, gone)
	}
	return len(p.Items), p.HasAfter(), err
}
