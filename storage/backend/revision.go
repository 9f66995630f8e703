package backend

import (
	"context"
	"fmt"
	"time"

	"github.com/lairchat/lair/storage"
)

// revision is what a message says before by edits it at now.
func revision(m storage.Message, by storage.UserID, now time.Time) *storage.Revision {
	return &storage.Revision{
		MessageID: m.ID, Version: m.Version, Body: m.Body, Mentions: m.Mentions, MentionsAll: m.MentionsAll,
		Tags: m.Tags, Custom: m.Custom, ReplacedAt: now, ReplacedBy: by,
	}
}

// MessageRevisions implements storage.RevisionReader.
func (r Reader) MessageRevisions(ctx context.Context, q storage.RevisionQuery) (storage.Page[storage.Revision], error) {
	var p *pager
	check := func() (err error) {
		if err := q.Validate(); err != nil {
			return err
		}
		p, err = newPager(storage.RevisionQuery{Message: q.Message, WithExpired: q.WithExpired}, q.Limit, q.Cursor)
		return err
	}
	var items []storage.Revision
	err := r.in.view(ctx, "list revisions", check, func(rows Rows) (int, error) {
		_, err := liveMessage(ctx, rows, q.Message, r.unexpired(q.WithExpired))
		if err != nil {
			return 0, err
		}
		items, err = rows.Revisions(ctx, RevisionScan{Message: q.Message, Scan: p.scan(true)})
		return len(items), err
	})
	if err != nil {
		return storage.Page[storage.Revision]{}, err
	}
	return page(p, items, func(v storage.Revision) storage.Keyset { return storage.Keyset{Int: v.Version} })
}

// MessageRevision implements storage.RevisionReader.
func (r Reader) MessageRevision(ctx context.Context, message storage.MessageID, version int64) (storage.Revision, error) {
	var out storage.Revision
	err := r.in.view(ctx, "read revision", unchecked, func(rows Rows) (int, error) {
		_, err := liveMessage(ctx, rows, message, r.now())
		if err != nil {
			return 0, err
		}
		out, err = rows.Revision(ctx, message, version)
		key := func() string { return fmt.Sprintf("%s %d", message, version) }
		return 1, missingKey(err, storage.EntityRevision, key)
	})
	if err != nil {
		return storage.Revision{}, err
	}
	return out, nil
}
