package sqlite

import (
	"context"
	"math"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const (
	revisions = `
SELECT v.version, v.body, v.mentions_all, v.mentions, v.tags, v.custom, v.replaced_at, u.id
FROM messages AS m
CROSS JOIN message_revisions AS v ON v.key = m.key
LEFT JOIN users AS u ON u.key = v.replaced_by_key
WHERE m.id = ?
AND v.version `

	revisionSQL        = revisions + `= ?`
	newestRevisionsSQL = revisions + `< ?
ORDER BY v.version DESC
LIMIT ?`
	oldestRevisionsSQL = revisions + `> ?
ORDER BY v.version
LIMIT ?`
)

func scanRevision(row *row, message storage.MessageID) storage.Revision {
	v := storage.Revision{MessageID: message, Version: row.int(), Body: row.text(), MentionsAll: row.bool()}
	v.Mentions = scanMentions(row)
	row.json(&v.Tags)
	v.Custom, v.ReplacedAt, v.ReplacedBy = row.blob(), row.time(), row.id()
	return v
}

// Revision implements backend.RevisionRows.
func (r *rows) Revision(_ context.Context, message storage.MessageID, version int64) (v storage.Revision, err error) {
	bind := func(a *args) {
		a.id(message)
		a.int(version)
	}
	err = r.c.one(revisionSQL, bind, func(row *row) error {
		v = scanRevision(row, message)
		return nil
	})
	return v, err
}

// Revisions implements backend.RevisionRows.
func (r *rows) Revisions(_ context.Context, s backend.RevisionScan) (all []storage.Revision, err error) {
	sql, from := oldestRevisionsSQL, int64(0)
	if s.Desc {
		sql, from = newestRevisionsSQL, math.MaxInt64
	}
	if s.After != nil {
		from = s.After.Int
	}
	bind := func(a *args) {
		a.id(s.Message)
		a.int(from)
		a.int(int64(s.Limit))
	}
	err = r.c.query(sql, bind, func(row *row) error {
		all = append(all, scanRevision(row, s.Message))
		return nil
	})
	return all, err
}

const insertRevisionSQL = `
INSERT INTO message_revisions (
	key, version, body, mentions_all, mentions, tags, custom, replaced_at, replaced_by_key
)
VALUES ((SELECT key FROM messages WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?)`

// InsertRevision implements backend.RevisionRows.
func (r *rows) InsertRevision(_ context.Context, v *storage.Revision) error {
	editor, err := r.userKey(v.ReplacedBy)
	if err != nil {
		return err
	}
	tags, err := tagsJSON(v.Tags)
	if err != nil {
		return err
	}
	r.pending.bytes += rowBytes + len(v.Body)
	return r.c.exec(insertRevisionSQL, func(a *args) {
		a.id(v.MessageID)
		a.int(v.Version)
		a.text(v.Body)
		a.bool(v.MentionsAll)
		a.mentions(v.Mentions)
		a.textOrNull(tags)
		a.textOrNull(string(v.Custom))
		a.time(v.ReplacedAt)
		a.key(editor)
	})
}
