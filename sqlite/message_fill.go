package sqlite

// What hangs on the messages of a page is read with one statement for each
// kind, however large the page is and wherever its messages stand, and with
// none where nothing hangs on them.

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/lairchat/lair/storage"
)

// hint leaves word for FillIn, in the summary that it is to fill in: whether a
// message was ever replied to, and how many attachments it carries.
func hint(m *storage.Message, replied, attachments int64) {
	m.Thread = storage.Thread{Replies: replied, Participants: attachments}
}

// FillIn implements backend.MessageRows. The counts of reactions were read with
// the messages.
func (r *rows) FillIn(_ context.Context, ms []storage.Message, viewer storage.UserID, now time.Time) error {
	var reacted, replied, carriers []*storage.Message
	for i := range ms {
		m := &ms[i]
		if len(m.Reactions) > 0 && !viewer.IsZero() {
			reacted = append(reacted, m)
		}
		if m.Thread.Replies > 0 {
			replied = append(replied, m)
		}
		if m.Thread.Participants > 0 || len(m.Attachments) > 0 {
			carriers = append(carriers, m)
		}
		m.Thread, m.Attachments = storage.Thread{}, nil
	}
	if err := r.fillMine(reacted, viewer); err != nil {
		return err
	}
	if err := r.fillThreads(replied, now); err != nil {
		return err
	}
	return r.fillAttachments(carriers)
}

// filling is a statement that reads what hangs on messages, in two forms: for
// those that stand together in a room, by the room and the first and the last
// Seq, giving the Seq of each; and for those from anywhere, by a JSON list of
// their identifiers, giving the place in that list.
type filling struct {
	between, anywhere string
	bind              func(*args) // what comes after, if there is anything
	scan              func(*row, *storage.Message)
}

func (r *rows) fill(ms []*storage.Message, f filling) error {
	if len(ms) == 0 {
		return nil
	}
	low, high, near := together(ms)
	sql, at := f.anywhere, func(i int64) (int, bool) { return int(i), true }
	if near {
		sql, at = f.between, places(ms)
	}
	bind := func(a *args) {
		if near {
			a.id(ms[0].RoomID)
			a.int(low)
			a.int(high)
		} else {
			a.text(hexList(ms))
		}
		if f.bind != nil {
			f.bind(a)
		}
	}
	return r.c.query(sql, bind, func(row *row) error {
		if i, ok := at(row.int()); ok {
			f.scan(row, ms[i])
		}
		return nil
	})
}

// together reports whether messages are of one room, in the order of Seq or
// against it, and so close to each other that its range holds little else. It
// returns the ends of that range.
func together(ms []*storage.Message) (low, high int64, ok bool) {
	low, high = ms[0].Seq, ms[len(ms)-1].Seq
	for i, m := range ms[1:] {
		before := ms[i].Seq
		if m.RoomID != ms[0].RoomID || (before < m.Seq) != (low < high) {
			return 0, 0, false
		}
	}
	low, high = min(low, high), max(low, high)
	return low, high, high-low < 2*int64(len(ms))+100
}

// places returns where in ms, which are together, the message with a Seq is.
func places(ms []*storage.Message) func(seq int64) (int, bool) {
	ascending := ms[0].Seq <= ms[len(ms)-1].Seq
	return func(seq int64) (int, bool) {
		return slices.BinarySearchFunc(ms, seq, func(m *storage.Message, seq int64) int {
			if ascending {
				return cmp.Compare(m.Seq, seq)
			}
			return cmp.Compare(seq, m.Seq)
		})
	}
}

// hexList returns the identifiers of messages as a list for json_each.
func hexList(ms []*storage.Message) string {
	var b strings.Builder
	for i, m := range ms {
		b.WriteString([...]string{`["`, `","`}[min(i, 1)])
		b.WriteString(hex.EncodeToString(m.ID[:]))
	}
	b.WriteString(`"]`)
	return b.String()
}

const (
	mineBetweenSQL = `
SELECT x.key & 4294967295, x.emoji
FROM rooms AS r
CROSS JOIN message_reactions AS x INDEXED BY message_reactions_by_user
WHERE r.id = ?
AND x.key BETWEEN (r.key << 32) + ? AND (r.key << 32) + ?
AND x.user_key = (SELECT key FROM users WHERE id = ?)`
	mineAnywhereSQL = `
SELECT j.key, x.emoji
FROM json_each(?) AS j
CROSS JOIN messages AS m ON m.id = unhex(j.value)
CROSS JOIN message_reactions AS x INDEXED BY message_reactions_by_user ON x.key = m.key
WHERE x.user_key = (SELECT key FROM users WHERE id = ?)`
)

// fillMine tells which of the reactions that were counted are the viewer's.
func (r *rows) fillMine(ms []*storage.Message, viewer storage.UserID) error {
	return r.fill(ms, filling{
		between: mineBetweenSQL, anywhere: mineAnywhereSQL,
		bind: func(a *args) { a.id(viewer) },
		scan: func(row *row, m *storage.Message) {
			emoji := row.text()
			for i := range m.Reactions {
				m.Reactions[i].Mine = m.Reactions[i].Mine || m.Reactions[i].Emoji == emoji
			}
		},
	})
}
