package memory

import (
	"context"
	"iter"
	"math"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// revision is a revision as it is kept, in the order of messages and versions.
type revision struct {
	message pair
	version int64
	editor  key
	record  *storage.Revision // never changed; its editor means nothing
}

func lessRevisions(a, b revision) bool {
	if a.message != b.message {
		return a.message < b.message
	}
	return a.version < b.version
}

func (s *state) readRevision(v revision) storage.Revision {
	record := *v.record
	record.ReplacedBy = s.userID(v.editor)
	return record
}

func (r *rows) Revision(_ context.Context, message storage.MessageID, version int64) (storage.Revision, error) {
	at, _ := r.place(message)
	v, ok := r.revisions.Get(revision{message: at, version: version})
	if !ok {
		return storage.Revision{}, storage.ErrNotFound
	}
	return r.readRevision(v).Clone(), nil
}

func (r *rows) Revisions(_ context.Context, s backend.RevisionScan) ([]storage.Revision, error) {
	at, ok := r.place(s.Message)
	if !ok {
		return nil, nil
	}
	return list(r.revisionsOf(at, s.Scan), s.Limit, r.readRevision), nil
}

// revisionsOf walks the revisions of a message.
func (s *state) revisionsOf(message pair, scan backend.Scan) iter.Seq[revision] {
	return func(yield func(revision) bool) {
		from := revision{message: message}
		if scan.Desc {
			from.version = math.MaxInt64
		}
		if scan.After != nil {
			from.version = scan.After.Int
		}
		visit := func(v revision) bool {
			if v.message != message {
				return false
			}
			return scan.After != nil && v.version == scan.After.Int || yield(v)
		}
		if scan.Desc {
			s.revisions.Descend(from, visit)
			return
		}
		s.revisions.Ascend(from, visit)
	}
}

func (r *rows) InsertRevision(_ context.Context, v *storage.Revision) error {
	at, ok := r.place(v.MessageID)
	if !ok {
		return storage.ErrNotFound
	}
	record := v.Clone()
	r.revisions.Set(revision{at, v.Version, r.userKey(v.ReplacedBy), &record})
	return nil
}

// removeRevisions takes away the revisions of a message.
func (s *state) removeRevisions(message pair) {
	var all []revision
	for v := range s.revisionsOf(message, backend.Scan{}) {
		all = append(all, v)
	}
	for _, v := range all {
		s.revisions.Delete(v)
	}
}
