package memory

import (
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

func subjectKey(subject [16]byte) string { return string(subject[:]) }

func (r *rows) Pruned(_ context.Context, subject [16]byte) (storage.Position, error) {
	at, _ := r.pruned.Get(subjectKey(subject))
	return at, nil
}

// notePruned remembers where a change was that is removed.
func (s *state) notePruned(c *storage.Change) {
	s.prunedAt(c.RoomID, c.Position)
	if !c.RoomID.IsZero() && !c.UserID.IsZero() && slices.Contains(backend.ToldToNamed, c.Kind) {
		s.prunedAt(c.UserID, c.Position)
	}
}

func (s *state) prunedAt(subject [16]byte, at storage.Position) {
	if before, _ := s.pruned.Get(subjectKey(subject)); before < at {
		s.pruned.Set(subjectKey(subject), at)
	}
}

// forgetPruned takes away what was remembered of what a change says is deleted.
func (s *state) forgetPruned(c *storage.Change) {
	subject := [16]byte(c.RoomID)
	if c.Kind == storage.ChangeUserDeleted {
		subject = c.UserID
	}
	if at, known := s.pruned.Get(subjectKey(subject)); known && at <= c.Position {
		s.pruned.Delete(subjectKey(subject))
	}
}
