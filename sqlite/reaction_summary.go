package sqlite

// What a message shows of its reactions stands in its own row, because a page
// would otherwise read every reaction to count them.

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/lairchat/lair/storage"
)

// tally is how often one emoji stands on a message, and the time of the
// earliest, in microseconds.
type tally struct {
	emoji        string
	count, first int64
}

// encodeTallies returns the column of a message's reactions, "" for none.
func encodeTallies(all []tally) string {
	slices.SortFunc(all, func(a, b tally) int {
		return cmp.Or(cmp.Compare(a.first, b.first), strings.Compare(a.emoji, b.emoji))
	})
	var b []byte
	for i, t := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, t.count, 10)
		b = append(b, ' ')
		b = strconv.AppendInt(b, t.first, 10)
		b = append(b, ' ')
		b = hex.AppendEncode(b, []byte(t.emoji))
	}
	return string(b)
}

// tallies is the inverse of encodeTallies for the next column.
func (r *row) tallies() (all []tally) {
	raw := r.rawBlob()
	for len(raw) > 0 {
		var t tally
		if t, raw = r.nextTally(raw); t.count > 0 {
			all = append(all, t)
		}
	}
	return all
}

// reactionCounts is tallies for who only shows them.
func (r *row) reactionCounts() []storage.ReactionCount {
	raw := r.rawBlob()
	if len(raw) == 0 {
		return nil
	}
	counts := make([]storage.ReactionCount, 0, 1+bytes.Count(raw, []byte{','}))
	for len(raw) > 0 {
		var t tally
		if t, raw = r.nextTally(raw); t.count > 0 {
			counts = append(counts, storage.ReactionCount{Emoji: t.emoji, Count: t.count})
		}
	}
	return counts
}

// nextTally reads what stands up to the next comma, and returns what follows
// it.
func (r *row) nextTally(raw []byte) (t tally, rest []byte) {
	entry, rest, _ := bytes.Cut(raw, []byte{','})
	count, entry, _ := bytes.Cut(entry, []byte{' '})
	first, emoji, _ := bytes.Cut(entry, []byte{' '})
	var ok bool
	if t.count, ok = decimal(count); !ok || t.count <= 0 {
		r.corrupt("a count of reactions that is none")
		return tally{}, nil
	}
	if t.first, ok = decimal(first); !ok {
		r.corrupt("a time of a reaction that is none")
		return tally{}, nil
	}
	var text [storage.MaxEmoji]byte
	if len(emoji) == 0 || len(emoji) > 2*len(text) {
		r.corrupt("an emoji of the wrong length")
		return tally{}, nil
	}
	n, err := hex.Decode(text[:], emoji)
	if err != nil {
		r.corrupt("an emoji that is none")
		return tally{}, nil
	}
	t.emoji = string(text[:n])
	return t, rest
}

// decimal reads a decimal number.
func decimal(digits []byte) (n int64, ok bool) {
	n, err := strconv.ParseInt(string(digits), 10, 64)
	return n, err == nil
}

const (
	talliesSQL = `
SELECT key, reactions
FROM messages
WHERE id = ?`
	setTalliesSQL = `
UPDATE messages
SET reactions = ?
WHERE key = ?`
)

// tallies returns the key of a message, 0 if there is none, and the counts of
// its reactions.
func (r *rows) tallies(message storage.MessageID) (key int64, all []tally, err error) {
	err = r.c.one(talliesSQL, func(a *args) { a.id(message) }, func(row *row) error {
		key, all = row.int(), row.tallies()
		return nil
	})
	return key, all, err
}

func (r *rows) setTallies(key int64, all []tally) error {
	r.pending.bytes += messageBytes
	return r.c.exec(setTalliesSQL, func(a *args) {
		a.textOrNull(encodeTallies(all))
		a.int(key)
	})
}

// findTally returns where an emoji stands, -1 if it does not.
func findTally(all []tally, emoji string) int {
	return slices.IndexFunc(all, func(t tally) bool { return t.emoji == emoji })
}

// uncountReactionsSQL takes a user's reactions, by the user's key, out of what
// the messages show.
const uncountReactionsSQL = `
UPDATE messages
SET reactions = (
	SELECT group_concat(x.count || ' ' || x.first || ' ' || x.emoji, ',' ORDER BY x.first, x.emoji)
	FROM (
		SELECT count(*) AS count, min(created_at) AS first, lower(hex(emoji)) AS emoji
		FROM message_reactions
		WHERE key = messages.key
		AND user_key <> ?1
		GROUP BY emoji
	) AS x
)
WHERE key IN (SELECT key FROM message_reactions WHERE user_key = ?1)`
