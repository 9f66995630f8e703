package sqlite

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// What a user has read in a room is put together by stretches of its messages:
// for each, the moves of the marker and the receipts that concern it are looked
// up at once. Asked message by message (readAt), what the user has written would
// be walked again for each.

// receiptStretch is how many messages are looked at together.
const receiptStretch = 1000

// passing is a span of messages that were read at once.
type passing struct {
	span
	at int64
}

// traced is a message that somebody may have read.
type traced struct {
	storage.MessageReceipt
	skip bool // the user's own, or its time is over
	at   int64
}

// UserReceipts implements backend.TraceRows.
func (r *rows) UserReceipts(_ context.Context, s backend.TraceScan) ([]storage.MessageReceipt, error) {
	if err := r.snapshot(); err != nil {
		return nil, err
	}
	user, err := r.userKey(s.User)
	if err != nil {
		return nil, absent(err)
	}
	var out []storage.MessageReceipt
	for after := s.After; ; {
		room, some, err := r.stretch(s, user, after)
		if err != nil || len(some) == 0 {
			return out, err
		}
		if err := r.setReadAt(room, user, some); err != nil {
			return nil, err
		}
		for _, m := range some {
			if m.skip || m.at == math.MaxInt64 {
				continue
			}
			m.ReadAt = time.UnixMicro(m.at).UTC()
			if out = append(out, m.MessageReceipt); len(out) == s.Limit {
				return out, nil
			}
		}
		after = &storage.Keyset{Int: some[len(some)-1].Seq}
	}
}

// stretchList is the next messages of a scan.
func stretchList(s backend.TraceScan, after *storage.Keyset) list {
	l := from("m.id, m.key, m.author_key, m.expires_at", "rooms AS r CROSS JOIN messages AS m")
	s.After = after
	l.whereTraced(s, "m.key")
	if after != nil {
		l.where("m.key <> (r.key << 32) + ?", after.Int)
	}
	s.Scan.Limit = receiptStretch
	l.ordered(s.Scan, "m.key")
	return l
}

// stretch returns the next messages of a scan, and the key of their room.
func (r *rows) stretch(s backend.TraceScan, user int64, after *storage.Keyset) (room int64, some []traced, err error) {
	some, err = listed(r, stretchList(s, after), func(row *row) traced {
		m := traced{MessageReceipt: storage.MessageReceipt{MessageID: row.id()}, at: math.MaxInt64}
		key := row.int()
		room, m.Seq = key>>32, key&seqMask
		own, expires := row.int() == user, row.time()
		m.skip = own || (storage.Message{ExpiresAt: expires}).Expired(s.Now)
		return m
	})
	return room, some, err
}

// What has passed messages from one Seq, inclusive, to another: what ends among
// them, and the first that ends beyond.
const (
	rangesEndingSQL = `
SELECT from_seq, to_seq, at
FROM read_ranges
WHERE room_key = ?1
AND user_key = ?2
AND to_seq BETWEEN ?3 AND ?4`
	rangeBeyondSQL = `
SELECT from_seq, to_seq, at
FROM read_ranges
WHERE room_key = ?1
AND user_key = ?2
AND to_seq > ?4
AND ?3 > 0
ORDER BY to_seq
LIMIT 1`
	passesEndingSQL = `
SELECT passed, key & 4294967295, created_at
FROM messages INDEXED BY messages_by_author
WHERE author_key = ?2
AND key BETWEEN (?1 << 32) + ?3 AND (?1 << 32) + ?4
AND passed IS NOT NULL`
	passBeyondSQL = `
SELECT passed, key & 4294967295, created_at
FROM messages INDEXED BY messages_by_author
WHERE author_key = ?2
AND key > (?1 << 32) + ?4
AND key <= (?1 << 32) + 4294967295
AND passed IS NOT NULL
AND ?3 > 0
ORDER BY key
LIMIT 1`
	singleReceiptsSQL = `
SELECT (key & 4294967295) - 1, key & 4294967295, at
FROM message_read_receipts INDEXED BY message_read_receipts_by_user
WHERE user_key = ?2
AND key BETWEEN (?1 << 32) + ?3 AND (?1 << 32) + ?4`
)

var passingsSQL = []string{rangesEndingSQL, rangeBeyondSQL, passesEndingSQL, passBeyondSQL, singleReceiptsSQL}

// setReadAt sets when a user read messages of a room, which are in the order of
// their Seq, one way or the other.
func (r *rows) setReadAt(room, user int64, some []traced) error {
	first, last := some[0].Seq, some[len(some)-1].Seq
	bind := func(a *args) {
		a.int(room)
		a.int(user)
		a.int(min(first, last))
		a.int(max(first, last))
	}
	backwards := first > last
	if backwards {
		slices.Reverse(some)
		defer slices.Reverse(some)
	}
	for _, sql := range passingsSQL {
		err := r.c.query(sql, bind, func(row *row) error {
			p := passing{span{row.int(), row.int()}, row.int()}
			i, _ := slices.BinarySearchFunc(some, p.from+1, func(m traced, seq int64) int { return cmp.Compare(m.Seq, seq) })
			for ; i < len(some) && some[i].Seq <= p.to; i++ {
				some[i].at = min(some[i].at, p.at)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
