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
		var count, first, emoji []byte
		count, first, emoji, raw = cutTally(raw)
		t := tally{count: r.tallyCount(count)}
		var err error
		if t.first, err = strconv.ParseInt(string(first), 10, 64); err != nil {
			r.corrupt("a time of a reaction that is none")
		}
		text, err := hex.AppendDecode(nil, emoji)
		if err != nil {
			r.corrupt("an emoji that is none")
		}
		t.emoji = string(text)
		all = append(all, t)
	}
	return all
}

// reactionCounts is tallies for who only shows them: what a page does for each
// of its messages. The emoji of a message share one string.
func (r *row) reactionCounts() []storage.ReactionCount {
	raw := r.rawBlob()
	if len(raw) == 0 {
		return nil
	}
	counts := make([]storage.ReactionCount, 0, 1+bytes.Count(raw, []byte{','}))
	var space [512]byte
	text, ends := space[:0], [storage.MaxReactions]int{}
	for len(raw) > 0 && len(counts) < len(ends) {
		var count, emoji []byte
		var err error
		count, _, emoji, raw = cutTally(raw)
		if text, err = hex.AppendDecode(text, emoji); err != nil {
			r.corrupt("an emoji that is none")
		}
		ends[len(counts)] = len(text)
		counts = append(counts, storage.ReactionCount{Count: r.tallyCount(count)})
	}
	if len(raw) > 0 {
		r.corrupt("more emoji than a message can have")
	}
	all, start := string(text), 0
	for i := range counts {
		counts[i].Emoji, start = all[start:ends[i]], ends[i]
	}
	return counts
}

// cutTally parts the first entry of a column from the rest.
func cutTally(raw []byte) (count, first, emoji, rest []byte) {
	entry, rest, _ := bytes.Cut(raw, []byte{','})
	count, entry, _ = bytes.Cut(entry, []byte{' '})
	first, emoji, _ = bytes.Cut(entry, []byte{' '})
	return count, first, emoji, rest
}

func (r *row) tallyCount(digits []byte) (n int64) {
	for i, d := range digits {
		if d -= '0'; d > 9 || i > 15 {
			n = 0
			break
		}
		n = 10*n + int64(d)
	}
	if n <= 0 {
		r.corrupt("a count of reactions that is none")
	}
	return n
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
