package sqlite

import (
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// A thread as it is asked for all the time: its root, which has the lowest
// Seq, and its replies.
const (
	ofThread = `
WHERE r.id = ?
AND m.key > (r.key << 32) + ?
AND m.key < (r.key << 32) + ?
AND (m.expires_at IS NULL OR m.expires_at > ?)`
	threadRoot = `SELECT` + messageColumns + `, ` + generationColumn + `
FROM rooms AS r
CROSS JOIN messages AS m INDEXED BY messages_by_id` + ofThread + `
AND m.id = ?
AND m.root_id IS NULL`
	threadReplies = `SELECT` + messageColumns + `, ` + generationColumn + `
FROM rooms AS r
CROSS JOIN messages AS m INDEXED BY messages_by_root` + ofThread + `
AND m.root_id = ?`

	rootOfThreadSQL             = threadRoot + notDeleted + oldestFirst
	rootOfThreadWithDeletedSQL  = threadRoot + oldestFirst
	newestRepliesSQL            = threadReplies + notDeleted + newestFirst
	oldestRepliesSQL            = threadReplies + notDeleted + oldestFirst
	newestRepliesWithDeletedSQL = threadReplies + newestFirst
	oldestRepliesWithDeletedSQL = threadReplies + oldestFirst
)

func threadSQL(s backend.MessageScan, of part) string {
	switch {
	case of == rootOfThread && s.WithDeleted:
		return rootOfThreadWithDeletedSQL
	case of == rootOfThread:
		return rootOfThreadSQL
	case s.Desc && s.WithDeleted:
		return newestRepliesWithDeletedSQL
	case s.Desc:
		return newestRepliesSQL
	case s.WithDeleted:
		return oldestRepliesWithDeletedSQL
	}
	return oldestRepliesSQL
}

// inParts reads a list part by part, in its order, up to its limit.
func (r *rows) inParts(
	s backend.MessageScan, read func(backend.MessageScan, part) ([]storage.Message, error),
) (all []storage.Message, err error) {
	in := parts(s)
	if len(in) > 1 {
		if err := r.snapshot(); err != nil {
			return nil, err
		}
	}
	if s.Desc {
		slices.Reverse(in)
	}
	for _, of := range in {
		found, err := read(s, of)
		if err != nil {
			return nil, err
		}
		if all = append(all, found...); len(found) == s.Scan.Limit {
			break
		}
		s.Scan.Limit -= len(found)
	}
	return all, nil
}

// threadPart reads a part of a thread of which all is wanted.
func (r *rows) threadPart(s backend.MessageScan, of part) ([]storage.Message, error) {
	low, high := seqBounds(s)
	hint := 0
	if of == repliesOfThread {
		hint = min(s.Scan.Limit, pageHint)
	}
	return r.page(threadSQL(s, of), s.Room, hint, func(a *args) {
		a.id(s.Room)
		a.int(low)
		a.int(high)
		a.int(s.Now.UnixMicro())
		a.id(s.Thread)
		a.int(int64(s.Scan.Limit))
	})
}
