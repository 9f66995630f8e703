package storagetest_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/lairchat/lair/storage"
)

// draws makes the random choices of a history. What is drawn first is what
// shrinking ends at.
type draws struct {
	t         *rapid.T
	m         *model
	last      uint64 // number of the last identifier
	users     []storage.UserID
	rooms     []storage.RoomID
	messages  []storage.MessageID
	files     []storage.AttachmentID
	invites   []storage.InviteID
	sanctions []storage.SanctionID
	sessions  []storage.SessionID
	requests  []storage.Message // sent with a nonce
}

// id returns a new identifier, in no order of time.
func (d *draws) id() (id [16]byte) {
	d.last++
	mixed := d.last * 0x9e3779b97f4a7c15
	binary.BigEndian.PutUint64(id[:], mixed^mixed>>29)
	id[6], id[8] = 0x70, 0x80
	binary.BigEndian.PutUint32(id[12:], uint32(d.last))
	return id
}

// below draws a number, the smaller ones a little more often.
func (d *draws) below(n int) int { return rapid.IntRange(0, n-1).Draw(d.t, "number") }

// oneIn draws true about once in n times.
func (d *draws) oneIn(n int) bool { return d.below(n) == n-1 }

// oneOf draws one of several values.
func oneOf[T any](d *draws, values ...T) T { return values[d.below(len(values))] }

// recent draws one of several values, the last ones more often: mostly one that
// is there, and now and then one that never was.
func recent[T any](d *draws, values []storage.ID[T], there func(storage.ID[T]) bool) storage.ID[T] {
	if !d.oneIn(10) {
		values = slices.DeleteFunc(slices.Clone(values), func(id storage.ID[T]) bool { return !there(id) })
	}
	if len(values) == 0 || d.oneIn(60) {
		return storage.ID[T]{0: 1, 15: 255}
	}
	back := d.below(len(values))
	if d.oneIn(2) {
		back = d.below(min(8, len(values)))
	}
	return values[len(values)-1-back]
}

func (d *draws) user() storage.UserID {
	return recent(d, d.users, func(id storage.UserID) bool { return d.m.users[id] })
}

func (d *draws) room() storage.RoomID {
	return recent(d, d.rooms, func(id storage.RoomID) bool { return d.m.roomAt(id) >= 0 })
}

func (d *draws) file() storage.AttachmentID {
	return recent(d, d.files, func(id storage.AttachmentID) bool { return d.m.fileAt(id) >= 0 })
}

func (d *draws) invite() storage.InviteID {
	return recent(d, d.invites, func(id storage.InviteID) bool { _, err := d.m.inviteByID(id); return err == nil })
}

func (d *draws) sanction() storage.SanctionID {
	return recent(d, d.sanctions, func(id storage.SanctionID) bool { _, err := d.m.sanctionAt(id); return err == nil })
}

func (d *draws) message() storage.MessageID { return recent(d, d.messages, d.exists) }

func (d *draws) exists(id storage.MessageID) bool { return d.m.messageAt(id) >= 0 }

// member draws a member of a room, mostly.
func (d *draws) member(room storage.RoomID) storage.UserID {
	return recent(d, d.users, func(id storage.UserID) bool {
		_, is := d.m.members[modelSeat{d.m.roomAt(room), id}]
		return is
	})
}

// maybe draws a user, or nobody.
func (d *draws) maybe() storage.UserID {
	if d.oneIn(6) {
		return storage.UserID{}
	}
	return d.user()
}

// messageIn draws a message of a room, if it has any.
func (d *draws) messageIn(room storage.RoomID) storage.MessageID {
	var all []storage.MessageID
	for _, message := range d.m.messages {
		if message.RoomID == room {
			all = append(all, message.ID)
		}
	}
	if len(all) == 0 || d.oneIn(20) {
		return d.message()
	}
	return recent(d, all, func(storage.MessageID) bool { return true })
}

// anchor draws an anchor in a room, which may be zero.
func (d *draws) anchor(room storage.RoomID) storage.Anchor {
	switch d.below(5) {
	case 0:
		return storage.Anchor{}
	case 1:
		return storage.AtSeq(int64(1 + d.below(12)))
	}
	return storage.At(d.messageIn(room))
}

var (
	modelWords = []string{"apple", "plum", "cherry"}
	modelTags  = []string{"red", "green", "blue"}
	modelFound = []string{"apple", "plum", "cherry", "red", "blue", "file", "scroll"}
	modelEmoji = []string{"👍", ":tea:", "x"}
	modelBlobs = []string{"blob 1", "blob 2", "blob 3", "blob 4"}
)

func (d *draws) text() string {
	var words []string
	for range d.below(4) {
		words = append(words, oneOf(d, modelWords...))
	}
	return strings.Join(words, " ")
}

func (d *draws) tags() []string {
	var tags []string
	for range 1 + d.below(2) {
		tags = append(tags, oneOf(d, modelTags...))
	}
	return tags
}

func (d *draws) mentions() []storage.UserID {
	var users []storage.UserID
	for range 1 + d.below(2) {
		users = append(users, d.user())
	}
	return users
}

// moment draws a time around the present.
func (d *draws) moment() time.Time {
	return d.m.now().Add(oneOf(d, 0, time.Second, -time.Second, time.Minute, -time.Minute, time.Hour, -time.Hour, 24*time.Hour, -24*time.Hour))
}

// newMessage draws what somebody says.
func (d *draws) newMessage() storage.Message {
	m := storage.Message{ID: d.id(), RoomID: d.room(), AuthorID: d.maybe(), Body: d.text()}
	if d.oneIn(30) {
		m.ID = d.message()
	}
	d.messages = append(d.messages, m.ID)
	if d.oneIn(3) {
		m.ParentID = d.messageIn(m.RoomID)
	}
	if d.oneIn(4) {
		m.Mentions = d.mentions()
	}
	m.MentionsAll = d.oneIn(8)
	if d.oneIn(4) {
		m.Tags = d.tags()
	}
	if d.oneIn(6) {
		m.Type = oneOf(d, storage.MessageSystem, storage.MessageEncrypted, storage.MessageMarkdown)
	}
	if d.oneIn(5) {
		m.ExpiresAt = d.moment()
	}
	if d.oneIn(4) {
		d.carry(&m)
	}
	if d.oneIn(4) {
		m.Nonce = oneOf(d, "one", "two", "three")
		d.requests = append(d.requests, m.Clone())
	}
	return m
}

// carry draws attachments of the message's room that no message carries or
// carried, mostly.
func (d *draws) carry(m *storage.Message) {
	var free []storage.AttachmentID
	for _, f := range d.m.files {
		if f.RoomID == m.RoomID && f.MessageID.IsZero() && f.DetachedAt.IsZero() && !f.gone {
			free = append(free, f.ID)
		}
	}
	if d.oneIn(6) {
		free = append(free, d.file())
	}
	for len(free) > 0 && len(m.Attachments) < 3 {
		i := d.below(len(free))
		m.Attachments = append(m.Attachments, storage.Attachment{ID: free[i]})
		free = append(free[:i:i], free[i+1:]...)
		if d.oneIn(2) {
			return
		}
	}
}

// patch draws an edit.
func (d *draws) patch() (p storage.MessagePatch) {
	if d.below(3) > 0 {
		p.Body = new(d.text())
	}
	if d.oneIn(3) {
		p.Mentions = new([]storage.UserID(nil))
		if d.oneIn(2) {
			p.Mentions = new(d.mentions())
		}
	}
	if d.oneIn(5) {
		p.MentionsAll = new(d.oneIn(2))
	}
	if d.oneIn(4) {
		p.Tags = new(d.tags())
	}
	if d.oneIn(8) {
		p.IfVersion = int64(1 + d.below(3))
	}
	return p
}
