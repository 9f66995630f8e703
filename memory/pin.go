package memory

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

func (r *rows) PinMessage(_ context.Context, id storage.MessageID, at time.Time, version int64) error {
	p, ok := r.place(id)
	if !ok {
		return storage.ErrNotFound
	}
	old, _ := r.messages.Get(p)
	m := *old
	m.PinnedAt, m.Version = at, version
	r.setMessage(&m)
	return nil
}
