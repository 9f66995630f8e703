package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// memberKey names a membership in an error.
func memberKey(room storage.RoomID, user storage.UserID) string {
	return room.String() + " " + user.String()
}

func missingMember(err error, room storage.RoomID, user storage.UserID) error {
	return missingKey(err, storage.EntityMembership, func() string { return memberKey(room, user) })
}

// Membership implements storage.MembershipReader.
func (r Reader) Membership(ctx context.Context, room storage.RoomID, user storage.UserID) (storage.Membership, error) {
	return readOne(ctx, r.in, "read membership", unchecked, func(rows Rows) (storage.Membership, error) {
		m, err := rows.Membership(ctx, room, user)
		return m, missingMember(err, room, user)
	})
}

// IsMember implements storage.MembershipReader.
func (r Reader) IsMember(ctx context.Context, room storage.RoomID, user storage.UserID) (bool, error) {
	return readOne(ctx, r.in, "check membership", unchecked, func(rows Rows) (bool, error) {
		return rows.IsMember(ctx, room, user)
	})
}

// Memberships implements storage.MembershipReader.
func (r Reader) Memberships(ctx context.Context, q storage.MembershipQuery) (storage.Page[storage.Membership], error) {
	var p *pager
	var s MembershipScan
	check := func() (err error) {
		if s, err = membershipScan(q); err != nil {
			return err
		}
		p, err = newPager(s.MembershipQuery, q.Limit, q.Cursor)
		return err
	}
	rows, err := readList(ctx, r.in, "list memberships", check, func(rows Rows) ([]storage.Membership, error) {
		s.Scan = p.scan(s.Order == storage.MembersByActivity)
		return rows.Memberships(ctx, s)
	})
	if err != nil {
		return storage.Page[storage.Membership]{}, err
	}
	return page(p, rows, func(m storage.Membership) storage.Keyset { return membershipKeyset(s.MembershipQuery, m) })
}

// CountMembers implements storage.MembershipReader.
func (r Reader) CountMembers(ctx context.Context, q storage.MembershipQuery) (int64, error) {
	var s MembershipScan
	check := func() (err error) { s, err = membershipScan(q); return err }
	return readOne(ctx, r.in, "count members", check, func(rows Rows) (int64, error) {
		return rows.CountMembers(ctx, s)
	})
}

func membershipScan(q storage.MembershipQuery) (MembershipScan, error) {
	if err := q.Validate(); err != nil {
		return MembershipScan{}, err
	}
	q.Limit, q.Cursor = 0, ""
	if q.Order == 0 {
		q.Order = storage.MembersByJoining
	}
	q.Roles = noneIfEmpty(q.Roles)
	q.ActiveSince = ceilTime(q.ActiveSince)
	return MembershipScan{MembershipQuery: q}, nil
}

func membershipKeyset(q storage.MembershipQuery, m storage.Membership) storage.Keyset {
	k := storage.Keyset{ID: m.UserID, Int: Micros(m.JoinedAt)}
	if q.Room.IsZero() {
		k.ID = m.RoomID
	}
	if q.Order == storage.MembersByActivity {
		k.Int = Micros(m.LastActiveAt)
	}
	return k
}

// AddMember implements storage.MembershipWriter.
func (w Writer) AddMember(ctx context.Context, m *storage.Membership) error {
	var next storage.Membership
	check := func() error {
		if m == nil {
			return storage.Invalid("m", "nil")
		}
		next = m.Clone()
		next.Normalize()
		next.LastActiveAt = time.Time{}
		return next.Validate()
	}
	err := writeOnly(ctx, w.in, "add member", check, func(t *rules) error { return t.addMember(ctx, &next) })
	if err == nil {
		*m = next
	}
	return err
}

func (t *rules) addMember(ctx context.Context, m *storage.Membership) error {
	room, err := t.rows.Room(ctx, m.RoomID)
	if err != nil {
		return missing(err, storage.EntityRoom, m.RoomID)
	}
	if err := t.needUser(ctx, m.UserID, "UserID"); err != nil {
		return err
	}
	if !m.InvitedBy.IsZero() {
		if err := t.needUser(ctx, m.InvitedBy, "InvitedBy"); err != nil {
			return err
		}
	}
	if err := notDirect(room.ID, room.Type); err != nil {
		return err
	}
	member, err := t.rows.IsMember(ctx, m.RoomID, m.UserID)
	if err != nil {
		return err
	}
	if member {
		// What is forbidden is so to newcomers; for a member this says more.
		return storage.Duplicate(storage.EntityMembership, memberKey(m.RoomID, m.UserID), "UserID")
	}
	if err := t.mayJoin(ctx, room, m.UserID); err != nil {
		return err
	}
	m.JoinedAt, m.ReadSeq = t.now, room.LastSeq
	return t.insertMember(ctx, m)
}

// mayJoin refuses a newcomer.
func (t *rules) mayJoin(ctx context.Context, room storage.Room, user storage.UserID) error {
	if err := t.unbanned(ctx, room.ID, user); err != nil {
		return err
	}
	if room.Expired(t.now) {
		return storage.Forbidden(storage.EntityRoom, room.ID.String(), storage.ReasonRoomExpired)
	}
	if limit := room.Settings.MaxMembers; limit > 0 && room.MemberCount >= limit {
		return storage.Forbidden(storage.EntityRoom, room.ID.String(), storage.ReasonRoomFull)
	}
	return nil
}

// insertMember stores a membership and tells the feed and the rollups.
func (t *rules) insertMember(ctx context.Context, m *storage.Membership) error {
	if err := t.rows.InsertMembership(ctx, m); err != nil {
		return err
	}
	if err := t.counted(ctx, Activity{At: t.now, Room: m.RoomID, User: m.UserID, Joins: 1}); err != nil {
		return err
	}
	at, err := t.changedAt(ctx, memberChange(storage.ChangeMemberAdded, m, m.ReadSeq))
	if err != nil {
		return err
	}
	// Nothing is unread yet, so the marker is where the room is.
	return t.rows.BeginStay(ctx, m.UserID, Stay{Room: m.RoomID, From: at, Seq: m.ReadSeq})
}

func memberChange(kind storage.ChangeKind, m *storage.Membership, seq int64) storage.Change {
	return storage.Change{Kind: kind, RoomID: m.RoomID, UserID: m.UserID, Role: m.Role, Seq: seq}
}

// AddMembers implements storage.MembershipWriter.
func (w Writer) AddMembers(ctx context.Context, room storage.RoomID, role storage.MemberRole, users ...storage.UserID) (int, error) {
	members := make([]storage.Membership, len(users))
	check := func() error {
		if len(users) > storage.MaxBatch {
			return storage.Invalid("users", "too many")
		}
		any := storage.Membership{RoomID: room, UserID: storage.UserID{1}, Role: role}
		if err := any.Validate(); err != nil { // even if there are no users
			return err
		}
		for i, user := range users {
			members[i] = storage.Membership{RoomID: room, UserID: user, Role: role}
			members[i].Normalize()
			if err := members[i].Validate(); err != nil {
				return err
			}
		}
		return nil
	}
	added := 0
	err := w.in.write(ctx, "add members", check, func(t *rules) (int, error) {
		if err := t.roomError(ctx, room); err != nil {
			return 0, missing(err, storage.EntityRoom, room)
		}
		for _, user := range users { // before anything that is forbidden is reported
			if err := t.needUser(ctx, user, "users"); err != nil {
				return 0, err
			}
		}
		n, err := t.addMembers(ctx, room, members)
		added = n
		return n, err
	})
	if err != nil {
		return 0, err
	}
	return added, nil
}

func (t *rules) addMembers(ctx context.Context, room storage.RoomID, members []storage.Membership) (added int, err error) {
	for i := range members {
		member, err := t.rows.IsMember(ctx, room, members[i].UserID)
		if err != nil {
			return 0, err
		}
		if member {
			continue
		}
		if err := t.addMember(ctx, &members[i]); err != nil {
			return 0, err
		}
		added++
	}
	return added, nil
}

// RemoveMember implements storage.MembershipWriter.
func (w Writer) RemoveMember(ctx context.Context, room storage.RoomID, user storage.UserID) error {
	return writeOnly(ctx, w.in, "remove member", unchecked, func(t *rules) error {
		m, err := t.rows.Membership(ctx, room, user)
		if err != nil {
			return missingMember(err, room, user)
		}
		if err := t.keepOwner(ctx, m); err != nil {
			return err
		}
		return t.removeMember(ctx, room, user)
	})
}

func (t *rules) removeMember(ctx context.Context, room storage.RoomID, user storage.UserID) error {
	if err := t.rows.DeleteMembership(ctx, room, user); err != nil {
		return err
	}
	if err := t.counted(ctx, Activity{At: t.now, Room: room, User: user, Leaves: 1}); err != nil {
		return err
	}
	at, err := t.changedAt(ctx, storage.Change{Kind: storage.ChangeMemberRemoved, RoomID: room, UserID: user})
	if err != nil {
		return err
	}
	return t.rows.EndStays(ctx, room, user, at)
}

// keepOwner refuses that m stops being an owner where it is the last one and
// others remain.
func (t *rules) keepOwner(ctx context.Context, m storage.Membership) error {
	if m.Role != storage.MemberOwner {
		return nil
	}
	members := MembershipScan{MembershipQuery: storage.MembershipQuery{Room: m.RoomID}}
	all, err := t.rows.CountMembers(ctx, members)
	if err != nil || all == 1 {
		return err
	}
	members.Roles = []storage.MemberRole{storage.MemberOwner}
	owners, err := t.rows.CountMembers(ctx, members)
	if err == nil && owners == 1 {
		return storage.Forbidden(storage.EntityMembership, memberKey(m.RoomID, m.UserID), storage.ReasonLastOwner)
	}
	return err
}

// SetMemberRole implements storage.MembershipWriter.
func (w Writer) SetMemberRole(ctx context.Context, room storage.RoomID, user storage.UserID, role storage.MemberRole) error {
	check := func() error {
		if !role.Valid() {
			return storage.Invalid("role", "no role of a member")
		}
		return nil
	}
	return writeOnly(ctx, w.in, "set member role", check, func(t *rules) error {
		m, err := t.rows.Membership(ctx, room, user)
		if err != nil {
			return missingMember(err, room, user)
		}
		if err := t.rolesChange(ctx, room); err != nil {
			return err
		}
		if role != storage.MemberOwner {
			if err := t.keepOwner(ctx, m); err != nil {
				return err
			}
		}
		return t.setMemberRole(ctx, m, role)
	})
}

// rolesChange refuses a room in which they do not.
func (t *rules) rolesChange(ctx context.Context, room storage.RoomID) error {
	state, err := t.rows.RoomState(ctx, room)
	if err != nil {
		return err
	}
	return notDirect(room, state.Type)
}

func (t *rules) setMemberRole(ctx context.Context, m storage.Membership, role storage.MemberRole) error {
	if !assign(&m.Role, role) {
		return nil
	}
	return t.updateMember(ctx, &m)
}

func (t *rules) updateMember(ctx context.Context, m *storage.Membership) error {
	if err := t.rows.UpdateMembership(ctx, m); err != nil {
		return err
	}
	return t.changed(ctx, memberChange(storage.ChangeMemberUpdated, m, 0))
}

// UpdateMemberSettings implements storage.MembershipWriter.
func (w Writer) UpdateMemberSettings(ctx context.Context, room storage.RoomID, user storage.UserID, s storage.MemberSettings) error {
	next := storage.Membership{Settings: s}.Clone()
	next.Normalize()
	return writeOnly(ctx, w.in, "update member settings", next.Settings.Validate, func(t *rules) error {
		m, err := t.rows.Membership(ctx, room, user)
		if err != nil {
			return missingMember(err, room, user)
		}
		if m.Settings.Equal(next.Settings) {
			return nil
		}
		m.Settings = next.Settings
		return t.updateMember(ctx, &m)
	})
}

// TouchMember implements storage.MembershipWriter.
func (w Writer) TouchMember(ctx context.Context, room storage.RoomID, user storage.UserID) error {
	return writeOnly(ctx, w.in, "touch member", unchecked, func(t *rules) error {
		m, err := t.rows.Membership(ctx, room, user)
		if err != nil {
			return missingMember(err, room, user)
		}
		if !t.now.After(m.LastActiveAt) {
			return nil
		}
		m.LastActiveAt = t.now
		return t.rows.UpdateMembership(ctx, &m)
	})
}

// TransferOwnership implements storage.MembershipWriter.
func (w Writer) TransferOwnership(ctx context.Context, room storage.RoomID, from, to storage.UserID) error {
	check := func() error {
		if from == to {
			return storage.Invalid("to", "the same user")
		}
		return nil
	}
	return writeOnly(ctx, w.in, "transfer ownership", check, func(t *rules) error {
		old, err := t.rows.Membership(ctx, room, from)
		if err != nil {
			return missingMember(err, room, from)
		}
		heir, err := t.rows.Membership(ctx, room, to)
		if err != nil {
			return missingMember(err, room, to)
		}
		if err := t.rolesChange(ctx, room); err != nil {
			return err
		}
		if old.Role != storage.MemberOwner {
			return storage.Forbidden(storage.EntityMembership, memberKey(room, from), storage.ReasonNotOwner)
		}
		if err := t.setMemberRole(ctx, heir, storage.MemberOwner); err != nil {
			return err
		}
		return t.setMemberRole(ctx, old, storage.MemberAdmin)
	})
}
