package sqlite

import (
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// selectsFew reports whether a scan is for few rooms, which are to be found by
// what they are few by, and sorted.
func selectsFew(s backend.RoomScan) bool {
	return !s.Member.IsZero() || !s.Creator.IsZero() || len(s.Prefixes) > 0 || s.Expired != nil && *s.Expired
}

// startRooms begins a list of rooms at what selects the fewest, whatever SQLite
// knows of the tables: where it has seen few rooms, it walks all of them. It
// returns what is left to ask.
func startRooms(columns string, s backend.RoomScan, byHour bool) (l list, rest backend.RoomScan) {
	l.SelectBuilder, rest = squirrel.Select(columns), s
	rooms := "CROSS JOIN rooms AS r ON r.key = "
	switch {
	case !s.Member.IsZero():
		l.SelectBuilder = l.From("room_memberships AS o").JoinClause(rooms + "o.room_key")
		l.where("o.user_key = (SELECT key FROM users WHERE id = ?)", slices.Clone(s.Member[:]))
		rest.Member = storage.UserID{}
	case !s.Creator.IsZero():
		l.SelectBuilder = l.From("rooms AS r INDEXED BY rooms_by_creator")
	case len(s.Prefixes) > 0:
		words := squirrel.Select("DISTINCT room_key").From("room_words")
		words = words.Where("word >= ? AND word < ?", s.Prefixes[0], s.Prefixes[0]+lastRune)
		l.SelectBuilder = l.FromSelect(words, "w").JoinClause(rooms + "w.room_key")
		rest.Prefixes = s.Prefixes[1:]
	case s.Expired != nil && *s.Expired:
		l.SelectBuilder = l.From("rooms AS r INDEXED BY rooms_by_expiry")
	case byHour:
		l.SelectBuilder = l.From("room_counters AS c INDEXED BY room_counters_by_hour").JoinClause(rooms + "c.room_key")
	default:
		l.SelectBuilder = l.From("rooms AS r")
	}
	if columns != roomColumns {
		return l, rest
	}
	if !byHour {
		l.SelectBuilder = l.JoinClause(countersOfRoom)
	}
	l.SelectBuilder = l.JoinClause(creatorOfRoom)
	return l, rest
}

func roomList(s backend.RoomScan) list {
	o := roomOrder(s.Order)
	if s.Order == storage.RoomsByActivity && !selectsFew(s) {
		o.chunk = "c.active_hour"
	}
	l, rest := startRooms(roomColumns, s, o.chunk != "")
	l.whereRooms(rest)
	if o.chunk != "" && s.After != nil {
		beyond := ">="
		if s.Scan.Desc {
			beyond = "<="
		}
		l.where(o.chunk+" "+beyond+" ?", hourOf(s.After.Int))
	}
	l.scan(o, s.Scan)
	return l
}

func roomCountList(s backend.RoomScan) list {
	l, rest := startRooms("count(*)", s, false)
	l.whereRooms(rest)
	return l
}

func roomOrder(o storage.RoomOrder) order {
	switch o {
	case storage.RoomsByCreation:
		return order{column: "r.created_at", id: "r.id"}
	case storage.RoomsByActivity:
		return order{column: "ifnull(c.last_message_at, 0)", id: "r.id"}
	case storage.RoomsByMembers:
		return order{column: "r.member_count", id: "r.id"}
	}
	return order{column: "r.name_folded", id: "r.id", text: true}
}

const roomPrefixes = `room_key FROM room_words WHERE word >= ?`

func (l *list) whereRooms(s backend.RoomScan) {
	whereIn(l, "r.type", s.Types)
	whereIn(l, "r.privacy", s.Privacies)
	if !s.Creator.IsZero() {
		l.where("r.creator_key = (SELECT key FROM users WHERE id = ?)", s.Creator[:])
	}
	if !s.Member.IsZero() {
		l.where(`r.key IN (
	SELECT room_key
	FROM room_memberships
	WHERE user_key = (SELECT key FROM users WHERE id = ?)
)`, s.Member[:])
	}
	if s.Active != nil {
		l.where("r.active = ?", *s.Active)
	}
	l.whereExpired(s)
	if !s.VisibleTo.IsZero() {
		l.where(visibleTo, s.VisibleTo[:], s.VisibleTo[:], s.Email, s.Now, s.Now, s.VisibleTo[:], s.Now)
	}
	l.wherePrefixes("r.key", roomPrefixes, s.Prefixes)
}

func (l *list) whereExpired(s backend.RoomScan) {
	switch {
	case s.Expired == nil:
	case *s.Expired:
		l.where("r.expires_at <= ?", s.Now)
	default:
		l.where("(r.expires_at IS NULL OR r.expires_at > ?)", s.Now)
	}
}

// visibleTo is what storage.RoomQuery says of VisibleTo. An address is never
// empty in the table.
const visibleTo = `(r.key IN (
	SELECT room_key
	FROM room_memberships
	WHERE user_key = (SELECT key FROM users WHERE id = ?)
) OR r.key IN (
	SELECT i.room_key
	FROM room_invites AS i
	WHERE (i.invitee_key = (SELECT key FROM users WHERE id = ?) OR i.email_folded = ?)
	AND ` + liveInvite + `
) OR (
	r.privacy IN (1, 3)
	AND r.active
	AND (r.expires_at IS NULL OR r.expires_at > ?)
	AND NOT EXISTS (
		SELECT 1
		FROM user_moderation AS s
		WHERE s.user_key = (SELECT key FROM users WHERE id = ?)
		AND s.kind = 1
		AND ` + sanctionInForce + `
		AND (s.room_key IS NULL OR s.room_key = r.key)
	)
))`
