package sqlite

// Where a list of messages is read from: the index that holds the fewest of
// them, in the order of their keys.

import "github.com/lairchat/lair/storage/backend"

// part is what of a thread is read. Its root is found by its identifier, its
// replies by their index: together they would be sorted.
type part uint8

const (
	everything part = iota // no thread is asked for
	rootOfThread
	repliesOfThread
)

// access is what a list is read from.
type access struct {
	tables string // in the order in which they are read
	key    string // the column of the message's key that gives the order
}

// order is that of the keys.
func (a access) order() order {
	o := order{column: a.key}
	if a.key == "n.key" {
		o.chunk = "p.chunk"
	}
	return o
}

// accessTo chooses what a scan is read from.
func accessTo(s backend.MessageScan, of part) access {
	inRoom := !s.Room.IsZero()
	switch {
	case of == rootOfThread:
		return access{"rooms AS r CROSS JOIN messages AS m INDEXED BY messages_by_id", "m.key"}
	case of == repliesOfThread:
		return access{"rooms AS r CROSS JOIN messages AS m INDEXED BY messages_by_root", "m.key"}
	case len(s.Tags) > 0 && inRoom:
		return access{"rooms AS r CROSS JOIN message_tags AS t CROSS JOIN messages AS m ON m.key = t.key", "t.key"}
	case len(s.Tags) > 0:
		return access{"message_tags AS t CROSS JOIN messages AS m ON m.key = t.key" + itsRoom, "t.key"}
	case !s.Mentioned.IsZero() && inRoom:
		return access{"rooms AS r CROSS JOIN " + mentions + " CROSS JOIN messages AS m ON m.key = n.key", "n.key"}
	case !s.Mentioned.IsZero():
		return access{mentions + " CROSS JOIN messages AS m ON m.key = n.key" + itsRoom, "n.key"}
	case pinnedInRoom(s):
		return access{pinnedTables, "m.key"}
	case inRoom:
		return access{"rooms AS r CROSS JOIN messages AS m", "m.key"}
	}
	return access{"messages AS m" + itsRoom, "m.key"}
}

// The messages that mention a user come by chunk, and so in the order of keys.
const mentions = `mention_chunks AS p
CROSS JOIN message_mentions AS n ON n.chunk = p.chunk AND n.user_key = p.user_key`

const itsRoom = " CROSS JOIN rooms AS r ON r.key = m.key >> 32"

// parts returns what a scan is read in, the lowest Seq first.
func parts(s backend.MessageScan) []part {
	if s.Thread.IsZero() {
		return []part{everything}
	}
	return []part{rootOfThread, repliesOfThread}
}

// messageList is a list of a part of what a scan selects.
func messageList(columns string, s backend.MessageScan, of part) list {
	d := accessTo(s, of)
	l := from(columns, d.tables)
	l.whereRoom(s, d.key)
	switch of {
	case rootOfThread:
		l.where("m.id = ?", s.Thread[:])
		l.where("m.root_id IS NULL")
	case repliesOfThread:
		l.where("m.root_id = ?", s.Thread[:])
	}
	l.whereTags(s, d.key)
	l.whereMentioned(s, d.key)
	l.whereMessages(s)
	return l
}

func (l *list) whereRoom(s backend.MessageScan, key string) {
	if s.Room.IsZero() {
		return
	}
	low, high := seqBounds(s)
	l.where("r.id = ?", s.Room[:])
	l.where(key+" > (r.key << 32) + ?", low)
	l.where(key+" < (r.key << 32) + ?", high)
}

func (l *list) whereTags(s backend.MessageScan, key string) {
	for i, tag := range s.Tags {
		if i == 0 && key == "t.key" {
			l.where("t.tag = ?", tag)
			continue
		}
		l.where("EXISTS (SELECT 1 FROM message_tags AS o WHERE o.tag = ? AND o.key = m.key)", tag)
	}
}

func (l *list) whereMentioned(s backend.MessageScan, key string) {
	switch {
	case s.Mentioned.IsZero():
	case key == "n.key":
		l.where("p.user_key = (SELECT key FROM users WHERE id = ?)", s.Mentioned[:])
		if !s.Room.IsZero() {
			low, high := seqBounds(s)
			l.where("p.chunk >= ((r.key << 32) + ?) >> 9", low)
			l.where("p.chunk <= ((r.key << 32) + ?) >> 9", high)
		}
	default:
		l.where(`EXISTS (
	SELECT 1
	FROM message_mentions AS o
	WHERE o.chunk = m.key >> 9
	AND o.user_key = (SELECT key FROM users WHERE id = ?)
	AND o.key = m.key
)`, s.Mentioned[:])
	}
}

// whereMessages adds the conditions that need the message itself.
func (l *list) whereMessages(s backend.MessageScan) {
	if !s.Author.IsZero() {
		l.where("m.author_key = (SELECT key FROM users WHERE id = ?)", s.Author[:])
	}
	whereIn(l, "m.type", s.Types)
	if !s.From.IsZero() {
		l.where("m.created_at >= ?", s.From)
	}
	if !s.To.IsZero() {
		l.where("m.created_at < ?", s.To)
	}
	if s.Pinned {
		l.where("m.pinned_at IS NOT NULL")
	}
	if !s.WithDeleted {
		l.where("m.deleted_at IS NULL")
	}
	l.where("(m.expires_at IS NULL OR m.expires_at > ?)", s.Now.UnixMicro())
	if s.Unheld {
		l.where("NOT (" + messageHeld + ")")
	}
}
