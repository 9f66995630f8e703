package storagetest_test

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/lairchat/lair/storage"
)

// eraseFaults are about erasing users.
var eraseFaults = slices.Concat(composedErasures(), untoldErasures(), []fault{
	{name: "an erasure is a deletion", caught: "erase/messages become tombstones", open: erases(
		func(ctx context.Context, w storage.ReadWriter, user storage.UserID, _ storage.EraseOptions) (storage.Erasure, error) {
			return storage.Erasure{UserID: user, User: true}, w.DeleteUser(ctx, user)
		})},
	{name: "the record goes first", caught: "erase/messages are purged", open: erases(
		func(ctx context.Context, w storage.ReadWriter, user storage.UserID, o storage.EraseOptions) (storage.Erasure, error) {
			if _, err := w.User(ctx, user); err == nil {
				if err := w.DeleteUser(ctx, user); err != nil {
					return storage.Erasure{}, err
				}
			}
			return w.EraseUserData(ctx, user, o)
		})},
	{name: "a batch without a limit", caught: "erase/in batches", open: erasesWith(func(o *storage.EraseOptions) { o.Limit = storage.MaxLimit })},
	{name: "a batch of another size", caught: "erase/the default of a batch", open: erasesWith(func(o *storage.EraseOptions) { o.Limit = max(o.Limit, 1) })},
	{name: "a negative limit is none", caught: "erase/refused", open: erasesWith(func(o *storage.EraseOptions) { o.Limit = max(o.Limit, 0) })},
	{name: "nobody erases", caught: "erase/messages become tombstones", open: erasesWith(func(o *storage.EraseOptions) { o.By = storage.UserID{} })},
	{name: "messages of who is erased are always purged", caught: "erase/messages become tombstones", open: erasesWith(func(o *storage.EraseOptions) {
		o.Messages = storage.ErasePurge
	})},
	{name: "messages of who is erased always become tombstones", caught: "erase/messages are kept", open: erasesWith(func(o *storage.EraseOptions) {
		o.Messages = 0
	})},
	{name: "who does not exist cannot be erased", caught: "erase/who is gone already", open: erases(
		func(ctx context.Context, w storage.ReadWriter, user storage.UserID, o storage.EraseOptions) (storage.Erasure, error) {
			if _, err := w.User(ctx, user); err != nil {
				return storage.Erasure{}, err
			}
			return w.EraseUserData(ctx, user, o)
		})},
	{name: "whoever erases", caught: "erase/refused", open: erases(
		func(ctx context.Context, w storage.ReadWriter, user storage.UserID, o storage.EraseOptions) (storage.Erasure, error) {
			if _, err := w.User(ctx, o.By); errors.Is(err, storage.ErrNotFound) {
				o.By = storage.UserID{}
			}
			return w.EraseUserData(ctx, user, o)
		})},
	{name: "active until the end", caught: "erase/in batches", open: erases(
		func(ctx context.Context, w storage.ReadWriter, user storage.UserID, o storage.EraseOptions) (storage.Erasure, error) {
			e, err := w.EraseUserData(ctx, user, o)
			if err == nil && e.More {
				err = w.ReactivateUser(ctx, user)
			}
			return e, err
		})},
	{name: "one batch is all", caught: "erase/gone on with", open: erases(
		func(ctx context.Context, w storage.ReadWriter, user storage.UserID, o storage.EraseOptions) (storage.Erasure, error) {
			e, err := w.EraseUserData(ctx, user, o)
			e.More = false
			return e, err
		})},
})

// composedErasures are stores that erase with what else there is, which is not
// enough.
func composedErasures() (all []fault) {
	for _, caught := range []string{
		"logins of nobody", "invites", "the feed", "tombstones of before", "uploads", "messages that have expired", "messages become tombstones",
	} {
		all = append(all, fault{name: "an erasure of other calls: " + caught, caught: "erase/" + caught, open: erases(composedErasure)})
	}
	return append(all, fault{name: "an erasure passes over the audit log", caught: "erase/the audit log", open: writes(func(w storage.ReadWriter) storage.Writer {
		return eraser{auditKeeper{w}, composedErasure}
	})})
}

// composedErasure deletes what a user wrote, and the user.
func composedErasure(ctx context.Context, w storage.ReadWriter, user storage.UserID, o storage.EraseOptions) (storage.Erasure, error) {
	e := storage.Erasure{UserID: user}
	n, more, err := w.DeleteMessages(ctx, storage.MessageQuery{Author: user, Limit: storage.MaxLimit}, o.By)
	e.Tombstones, e.More = int64(n), more
	if err == nil {
		n, err = w.EraseAudit(ctx, user, storage.MaxLimit)
		e.Audit = int64(n)
	}
	if err == nil && !more {
		e.User, err = true, w.DeleteUser(ctx, user)
	}
	return e, err
}

// auditKeeper erases nothing in the audit log.
type auditKeeper struct{ storage.ReadWriter }

// EraseAudit does nothing.
func (auditKeeper) EraseAudit(context.Context, storage.UserID, int) (int, error) { return 0, nil }

// untoldErasures are stores that leave out of an erasure what they did.
func untoldErasures() (all []fault) {
	caught := map[string]string{
		"UserID": "the account", "User": "the account", "Tombstones": "messages become tombstones", "Purged": "messages are purged",
		"Attachments": "uploads", "Blobs": "uploads", "Memberships": "memberships and rooms", "Reactions": "reactions and receipts",
		"Sessions": "sessions and logins", "Logins": "sessions and logins", "Invites": "invites",
		"Sanctions": "sanctions and blocks", "Blocks": "sanctions and blocks", "Audit": "the audit log", "Changes": "the feed", "More": "in batches",
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[storage.Erasure]()) {
		if field.Name == "Scrubbed" { // no backend must be
			continue
		}
		all = append(all, fault{name: "an erasure does not tell " + field.Name, caught: "erase/" + caught[field.Name], open: erases(
			func(ctx context.Context, w storage.ReadWriter, user storage.UserID, o storage.EraseOptions) (storage.Erasure, error) {
				e, err := w.EraseUserData(ctx, user, o)
				reflect.ValueOf(&e).Elem().FieldByIndex(field.Index).SetZero()
				return e, err
			})})
	}
	return all
}

// eraser is a writer that erases users in another way.
type eraser struct {
	storage.ReadWriter
	erase func(context.Context, storage.ReadWriter, storage.UserID, storage.EraseOptions) (storage.Erasure, error)
}

func (w eraser) EraseUserData(ctx context.Context, user storage.UserID, o storage.EraseOptions) (storage.Erasure, error) {
	return w.erase(ctx, w.ReadWriter, user, o)
}

func erases(
	erase func(context.Context, storage.ReadWriter, storage.UserID, storage.EraseOptions) (storage.Erasure, error),
) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return eraser{w, erase} })
}

// erasesWith opens stores that erase with other options.
func erasesWith(edit func(*storage.EraseOptions)) opener {
	return erases(func(ctx context.Context, w storage.ReadWriter, user storage.UserID, o storage.EraseOptions) (storage.Erasure, error) {
		edit(&o)
		return w.EraseUserData(ctx, user, o)
	})
}
