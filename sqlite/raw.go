package sqlite

import (
	"context"
	"encoding/hex"
	"errors"
	"math"
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

var _ backend.RawRows = (*rows)(nil)

// RawRecords implements backend.RawRows. Every list is a range of the table or
// of an index, in its order.
func (r *rows) RawRecords(_ context.Context, s backend.RawScan) ([]backend.PlacedRaw, bool, error) {
	if err := errors.Join(r.snapshot(), r.flush()); err != nil {
		return nil, false, err
	}
	page := &rawPage{RawPage: backend.RawPage{Limit: s.Limit}}
	if s.After != nil {
		page.after = *s.After
	}
	err := r.rawPage(page, s)
	if errors.Is(err, errPageFull) {
		err = nil
	}
	return page.Records, page.More, err
}

// rawPage is a page of raw records that is being read.
type rawPage struct {
	backend.RawPage
	after storage.Keyset
}

var errPageFull = errors.New("the page is full")

func (p *rawPage) add(place storage.Keyset, text int, record storage.Raw) error {
	if !p.Add(place, text, record) {
		return errPageFull
	}
	return nil
}

// asked is how many rows a statement is to give: one more than the page holds.
func (p *rawPage) asked() int64 { return int64(p.Limit) + 1 }

func (r *rows) rawPage(page *rawPage, s backend.RawScan) error {
	switch s.Kind {
	case storage.RawUsers:
		return r.rawUsers(page, s.Secrets)
	case storage.RawBlocks:
		return r.rawBlocks(page)
	case storage.RawRooms:
		return r.rawRooms(page, s.Secrets)
	case storage.RawMemberships:
		return r.rawMemberships(page)
	case storage.RawLeftovers:
		return r.rawLeftovers(page, s.After)
	case storage.RawStubs:
		return r.rawStubs(page)
	case storage.RawMessages:
		return r.rawMessages(page)
	case storage.RawRevisions:
		return r.rawRevisions(page)
	case storage.RawReactions:
		return r.rawReactions(page)
	case storage.RawReceipts:
		return r.rawReceipts(page)
	case storage.RawInvites:
		return r.rawInvites(page, s)
	case storage.RawSessions:
		return r.rawSessions(page, s)
	case storage.RawPruned:
		return r.rawPruned(page, s.After)
	case storage.RawStays:
		return r.rawStays(page, s.After)
	case storage.RawActivities:
		all, err := r.rawActivities(backend.ActivityAt(s.After), int(page.asked()))
		page.PlaceActivities(all)
		return err
	}
	return inconsistent(storage.ErrNotFound, "a kind of raw records that other rows list")
}

func secretIf(wanted bool, s storage.Secret) storage.Secret {
	if !wanted {
		return ""
	}
	return s
}

const rawUsersSQL = `SELECT` + userColumns + `, u.key
FROM users AS u
WHERE u.key > ?
ORDER BY u.key
LIMIT ?`

func (r *rows) rawUsers(page *rawPage, secrets bool) error {
	return r.c.query(rawUsersSQL, func(a *args) { a.int(page.after.Int); a.int(page.asked()) }, func(row *row) error {
		raw := &storage.RawUser{User: scanUser(row)}
		raw.PasswordHash = secretIf(secrets, raw.User.PasswordHash)
		return page.add(storage.Keyset{Int: row.int()}, len(raw.Profile.Custom), storage.Raw{User: raw})
	})
}

const rawBlocksSQL = `
SELECT user_id, blocked_id, created_at
FROM user_blocks
WHERE (user_id, blocked_id) > (?, ?)
ORDER BY user_id, blocked_id
LIMIT ?`

func (r *rows) rawBlocks(page *rawPage) error {
	bind := func(a *args) {
		a.blob(page.after.ID[:])
		a.blob(append(make([]byte, 0, 16), page.after.Text...))
		a.int(page.asked())
	}
	return r.c.query(rawBlocksSQL, bind, func(row *row) error {
		b := &storage.Block{UserID: row.id(), BlockedID: row.id(), CreatedAt: row.time()}
		return page.add(storage.Keyset{ID: b.UserID, Text: string(b.BlockedID[:])}, 0, storage.Raw{Block: b})
	})
}

const rawRoomsSQL = `SELECT` + roomColumns + `, r.key, l.id, h.id
FROM ` + roomTables + `
LEFT JOIN direct_rooms AS d ON d.room_key = r.key
LEFT JOIN users AS l ON l.key = d.low_key
LEFT JOIN users AS h ON h.key = d.high_key
WHERE r.key > ?
ORDER BY r.key
LIMIT ?`

func (r *rows) rawRooms(page *rawPage, secrets bool) error {
	return r.c.query(rawRoomsSQL, func(a *args) { a.int(page.after.Int); a.int(page.asked()) }, func(row *row) error {
		raw := &storage.RawRoom{Room: scanRoom(row)}
		raw.PasswordHash = secretIf(secrets, raw.Room.PasswordHash)
		raw.MessageCount, raw.MemberCount = 0, 0
		key, low, high := row.int(), storage.UserID(row.id()), storage.UserID(row.id())
		if !low.IsZero() && !high.IsZero() {
			raw.Pair = [2]storage.UserID{low, high}
			slices.SortFunc(raw.Pair[:], storage.UserID.Compare)
		}
		return page.add(storage.Keyset{Int: key}, len(raw.Settings.Custom), storage.Raw{Room: raw})
	})
}

const rawMembershipsSQL = `SELECT` + membershipColumns + `, m.room_key, m.user_key, r.id, u.id
FROM room_memberships AS m
CROSS JOIN rooms AS r ON r.key = m.room_key
CROSS JOIN users AS u ON u.key = m.user_key
LEFT JOIN users AS i ON i.key = m.invited_by_key
WHERE (m.room_key, m.user_key) > (?, ?)
ORDER BY m.room_key, m.user_key
LIMIT ?`

func (r *rows) rawMemberships(page *rawPage) error {
	bind := func(a *args) {
		a.int(page.after.Int)
		a.int(page.after.Low)
		a.int(page.asked())
	}
	return r.c.query(rawMembershipsSQL, bind, func(row *row) error {
		m := scanMembership(row)
		place := storage.Keyset{Int: row.int(), Low: row.int()}
		m.RoomID, m.UserID = row.id(), row.id()
		return page.add(place, len(m.Settings.Custom), storage.Raw{Membership: &m})
	})
}

const rawInvitesSQL = `SELECT` + inviteColumns + `, i.code_hash
FROM ` + inviteTables + `
WHERE (i.created_at, i.id) > (?, ?)
ORDER BY i.created_at, i.id
LIMIT ?`

// fromTime binds where a list by time and identifier begins.
func (a *args) fromTime(p *rawPage, after *storage.Keyset) {
	a.int(beginning(after))
	a.blob(p.after.ID[:])
	a.int(p.asked())
}

// beginning is before every time there can be.
func beginning(after *storage.Keyset) int64 {
	if after == nil {
		return math.MinInt64
	}
	return after.Int
}

func (r *rows) rawInvites(page *rawPage, s backend.RawScan) error {
	return r.c.query(rawInvitesSQL, func(a *args) { a.fromTime(page, s.After) }, func(row *row) error {
		raw := &storage.RawInvite{Invite: scanInvite(row)}
		raw.CodeHash = secretIf(s.Secrets, storage.Secret(hex.EncodeToString(row.rawBlob())))
		place := storage.Keyset{Int: backend.Micros(raw.CreatedAt), ID: raw.ID}
		return page.add(place, 0, storage.Raw{Invite: raw})
	})
}

const rawSessionsSQL = `SELECT` + sessionColumns + `, s.token_hash
FROM sessions AS s
WHERE (s.created_at, s.id) > (?, ?)
ORDER BY s.created_at, s.id
LIMIT ?`

func (r *rows) rawSessions(page *rawPage, s backend.RawScan) error {
	if !s.Secrets {
		return nil
	}
	return r.c.query(rawSessionsSQL, func(a *args) { a.fromTime(page, s.After) }, func(row *row) error {
		raw := &storage.RawSession{Session: scanSession(row)}
		raw.TokenHash = storage.Secret(hex.EncodeToString(row.rawBlob()))
		place := storage.Keyset{Int: backend.Micros(raw.CreatedAt), ID: raw.ID}
		return page.add(place, len(raw.Metadata.Custom), storage.Raw{Session: raw})
	})
}
