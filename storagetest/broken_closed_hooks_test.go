package storagetest_test

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// strictWriter is a writer that refuses more than it should.
type strictWriter struct {
	storage.ReadWriter
	strict
}

func strictly(s strict) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return strictWriter{w, s} })
}

// ask returns why a call is refused, if it is.
func (w strictWriter) ask(
	ctx context.Context, refuse func(context.Context, storage.Reader, storage.MessageID, storage.UserID) error,
	m storage.MessageID, by storage.UserID,
) error {
	if refuse == nil {
		return nil
	}
	return refuse(ctx, w.ReadWriter, m, by)
}

func (w strictWriter) PinMessage(ctx context.Context, m storage.MessageID, by storage.UserID) (storage.Message, error) {
	if err := w.ask(ctx, w.pin, m, by); err != nil {
		return storage.Message{}, err
	}
	return w.ReadWriter.PinMessage(ctx, m, by)
}

func (w strictWriter) UnpinMessage(ctx context.Context, m storage.MessageID, by storage.UserID) (storage.Message, error) {
	if err := w.ask(ctx, w.unpin, m, by); err != nil {
		return storage.Message{}, err
	}
	return w.ReadWriter.UnpinMessage(ctx, m, by)
}

func (w strictWriter) EditMessage(ctx context.Context, m storage.MessageID, by storage.UserID, p storage.MessagePatch) (storage.Message, error) {
	if err := w.ask(ctx, w.edit, m, by); err != nil {
		return storage.Message{}, err
	}
	return w.ReadWriter.EditMessage(ctx, m, by, p)
}

func (w strictWriter) DeleteMessage(ctx context.Context, m storage.MessageID, by storage.UserID) (storage.Message, error) {
	if err := w.ask(ctx, w.remove, m, by); err != nil {
		return storage.Message{}, err
	}
	return w.ReadWriter.DeleteMessage(ctx, m, by)
}

func (w strictWriter) RemoveReaction(ctx context.Context, m storage.MessageID, user storage.UserID, emoji string) (bool, error) {
	if err := w.ask(ctx, w.unreact, m, user); err != nil {
		return false, err
	}
	return w.ReadWriter.RemoveReaction(ctx, m, user, emoji)
}
