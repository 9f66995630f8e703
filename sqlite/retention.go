package sqlite

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// The messages of a room that are not in backdated_messages have times that rise
// with their keys.
const (
	backdatedSQL = `
INSERT INTO backdated_messages (key, created_at)
VALUES (?, ?)`
	forgetBackdatedSQL = `
DELETE FROM backdated_messages
WHERE key BETWEEN ? AND ?`
	inOrder = `NOT EXISTS (SELECT 1 FROM backdated_messages AS b WHERE b.key = m.key)`
)

// noteBackdated notes a new message that is older than the latest one of its room
// was.
func (r *rows) noteBackdated(key int64, at, latest time.Time) error {
	if !at.Before(latest) {
		return nil
	}
	r.pending.bytes += rowBytes
	return r.c.exec(backdatedSQL, func(a *args) {
		a.int(key)
		a.time(at)
	})
}

// forgetBackdated forgets the messages from first to last.
func (r *rows) forgetBackdated(first, last int64) error {
	return r.c.exec(forgetBackdatedSQL, func(a *args) {
		a.int(first)
		a.int(last)
	})
}

// backdatedLook is how many messages a restored one is held against.
const backdatedLook = 100

const messagesBeforeSQL = `
SELECT m.created_at, ` + inOrder + `
FROM messages AS m
WHERE m.key >= ?
AND m.key < ?
ORDER BY m.key DESC
LIMIT ?`

// noteRestored is noteBackdated for a message that is restored, when its room has
// the time of its latest message already. Where many before it are backdated, it
// is as well: noting one too many costs no more than its row.
func (r *rows) noteRestored(key int64, at, latest time.Time) error {
	seen, found := 0, false
	bind := func(a *args) {
		a.int(key &^ seqMask)
		a.int(key)
		a.int(backdatedLook)
	}
	err := r.c.query(messagesBeforeSQL, bind, func(row *row) error {
		seen++
		if when, rises := row.time(), row.bool(); rises && !found {
			latest, found = when, true
		}
		return nil
	})
	if err != nil || !found && seen < backdatedLook {
		return err
	}
	return r.noteBackdated(key, at, latest)
}

const (
	roomAgeColumns = `r.id, r.created_at, r.settings, c.message_count, (
	SELECT m.created_at
	FROM messages AS m
	WHERE m.key BETWEEN r.key << 32 AND (r.key << 32) + 4294967295
	AND ` + inOrder + `
	ORDER BY m.key
	LIMIT 1
), (
	SELECT min(b.created_at)
	FROM backdated_messages AS b INDEXED BY backdated_messages_by_time
	WHERE b.key >> 32 = +r.key
)`
	roomAgeTables = `rooms AS r INDEXED BY rooms_by_creation
CROSS JOIN room_counters AS c ON c.room_key = r.key`
)

func roomAgeList(s backend.Scan) list {
	l := from(roomAgeColumns, roomAgeTables)
	l.where("NOT " + standingOnRoom + "r.key\n)")
	l.scan(order{column: "r.created_at", id: "r.id"}, s)
	return l
}

// RoomAges implements backend.RetentionRows.
func (r *rows) RoomAges(_ context.Context, s backend.Scan) ([]backend.RoomAge, error) {
	if err := r.flushRooms(); err != nil {
		return nil, err
	}
	return listed(r, roomAgeList(s), scanRoomAge)
}

func scanRoomAge(row *row) backend.RoomAge {
	age := backend.RoomAge{Room: row.id(), CreatedAt: row.time()}
	var settings storage.RoomSettings
	row.json(&settings)
	age.Days, age.Max, age.Messages = settings.RetentionDays, settings.RetentionMax, row.int()
	age.Oldest = row.time()
	if backdated := row.time(); age.Oldest.IsZero() || !backdated.IsZero() && backdated.Before(age.Oldest) {
		age.Oldest = backdated
	}
	return age
}

// oldInRoom reports whether a scan is for what is old in a room, of which there is
// little where the room is kept tidy.
func oldInRoom(s backend.PurgeScan) bool {
	return !s.Room.IsZero() && !s.To.IsZero() && !s.Expired && !s.Tombstones && s.Author.IsZero()
}

// oldToPurge is toPurge for what is old in a room. Of the messages that rise with
// their keys it reads from the first up to one that is too young, or as many as are
// wanted; the others it looks for only if one is old enough.
func (r *rows) oldToPurge(s backend.PurgeScan, end int64) ([]storage.Message, error) {
	ms, err := r.purgePage(risingList(s, end))
	if err != nil {
		return nil, err
	}
	if young := slices.IndexFunc(ms, func(m storage.Message) bool { return !m.CreatedAt.Before(s.To) }); young >= 0 {
		ms = ms[:young]
	}
	some, err := r.hasBackdated(s.Room, s.To)
	if err != nil || !some {
		return ms, err
	}
	more, err := r.purgePage(backdatedList(s, end))
	if err != nil {
		return nil, err
	}
	ms = append(ms, more...)
	slices.SortFunc(ms, func(a, b storage.Message) int { return cmp.Compare(a.Seq, b.Seq) })
	return ms[:min(len(ms), s.Limit)], nil
}

// risingList lists the messages of a room that rise with their keys, young ones
// too.
func risingList(s backend.PurgeScan, end int64) list {
	s.To = time.Time{}
	l := purgeFrom(messageColumns+", "+generationColumn+", r.id", "rooms AS r CROSS JOIN messages AS m NOT INDEXED", s, 0, end)
	l.where(inOrder)
	l.byKey(s.Limit)
	return l
}

const (
	backdatedTables = "rooms AS r CROSS JOIN backdated_messages AS b CROSS JOIN messages AS m ON m.key = b.key"
	backdatedOfRoom = "b.key BETWEEN r.key << 32 AND (r.key << 32) + 4294967295"
)

// backdatedList lists those that do not.
func backdatedList(s backend.PurgeScan, end int64) list {
	l := purgeFrom(messageColumns+", "+generationColumn+", r.id", backdatedTables, s, 0, end)
	l.where(backdatedOfRoom)
	l.SelectBuilder = l.OrderBy("b.key").Suffix("LIMIT ?", s.Limit)
	return l
}

const hasBackdatedSQL = `
SELECT EXISTS (
	SELECT 1
	FROM rooms AS r
	CROSS JOIN backdated_messages AS b INDEXED BY backdated_messages_by_time
	WHERE r.id = ?
	AND b.key >> 32 = +r.key
	AND b.created_at < ?
)`

// hasBackdated reports whether a room has messages from before a time that were
// stored after younger ones.
func (r *rows) hasBackdated(room storage.RoomID, to time.Time) (has bool, err error) {
	bind := func(a *args) {
		a.id(room)
		a.int(to.UnixMicro())
	}
	err = r.c.one(hasBackdatedSQL, bind, func(row *row) error {
		has = row.bool()
		return nil
	})
	return has, err
}

const (
	deleteInvitesSQL = `
DELETE FROM room_invites
WHERE key IN (
	SELECT i.key
	FROM room_invites AS i INDEXED BY room_invites_by_end
	CROSS JOIN rooms AS r ON r.key = i.room_key
	WHERE ` + inviteEnd + ` < ?
	ORDER BY ` + inviteEnd + `, i.id
	LIMIT ?
)`
	deleteSanctionsSQL = `
DELETE FROM user_moderation
WHERE key IN (
	SELECT s.key
	FROM user_moderation AS s INDEXED BY user_moderation_by_end
	WHERE ` + sanctionEnd + ` < ?
	AND (s.room_key IS NULL OR EXISTS (SELECT 1 FROM rooms AS r WHERE r.key = s.room_key))
	ORDER BY ` + sanctionEnd + `, s.id
	LIMIT ?
)`
	inviteEnd   = `iif(i.max_uses > 0 AND i.uses >= i.max_uses, i.created_at, min(ifnull(i.expires_at, i.revoked_at), ifnull(i.revoked_at, i.expires_at)))`
	sanctionEnd = `iif(s.kind = 3, s.created_at, min(ifnull(s.expires_at, s.lifted_at), ifnull(s.lifted_at, s.expires_at)))`
)

// DeleteInvites implements backend.RetentionRows.
func (r *rows) DeleteInvites(_ context.Context, before time.Time, limit int) (int, error) {
	return r.deleteEnded(deleteInvitesSQL, before, limit)
}

// DeleteSanctions implements backend.RetentionRows.
func (r *rows) DeleteSanctions(_ context.Context, before time.Time, limit int) (int, error) {
	return r.deleteEnded(deleteSanctionsSQL, before, limit)
}

func (r *rows) deleteEnded(sql string, before time.Time, limit int) (int, error) {
	err := r.c.exec(sql, func(a *args) {
		a.time(before)
		a.int(int64(limit))
	})
	if err != nil {
		return 0, err
	}
	n := int(r.c.changes())
	r.pending.bytes += n * rowBytes
	return n, nil
}
