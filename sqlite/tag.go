package sqlite

import "slices"

const (
	insertTagSQL = `
INSERT INTO message_tags (tag, key)
VALUES (?, ?)`
	deleteTagSQL = `
DELETE FROM message_tags
WHERE tag = ?
AND key = ?`
)

func (r *rows) insertTags(key int64, tags []string) error { return r.eachTag(insertTagSQL, key, tags) }

func (r *rows) deleteTags(key int64, tags []string) error { return r.eachTag(deleteTagSQL, key, tags) }

func (r *rows) eachTag(sql string, key int64, tags []string) error {
	for _, tag := range tags {
		err := r.c.exec(sql, func(a *args) {
			a.text(tag)
			a.int(key)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *rows) changeTags(key int64, old, tags []string) error {
	if slices.Equal(old, tags) {
		return nil
	}
	if err := r.deleteTags(key, old); err != nil {
		return err
	}
	return r.insertTags(key, tags)
}
