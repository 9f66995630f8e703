package storage

// What a raw record must be to be stored. A record that a store has written is
// all that; what stands in a file may be anything.

import (
	"encoding/hex"
	"time"
)

// Validate refuses a raw record that cannot be stored, as far as that can be
// told without looking at other records. The record must be normalized.
func (r Raw) Validate() error {
	if r.Kind() == 0 {
		return Invalid("Raw", "not one record")
	}
	for _, t := range r.times() {
		switch {
		case t.needed && t.at.IsZero():
			return Invalid(t.field, "unset")
		case !t.at.Equal(Timestamp(*t.at)):
			return Invalid(t.field, "finer than a microsecond")
		}
		if err := checkTime(t.field, *t.at); err != nil {
			return err
		}
	}
	for _, n := range r.numbers() {
		if n.value < n.low || n.value > n.high {
			return Invalid(n.field, "out of range")
		}
	}
	for _, id := range r.identifiers() {
		if id.zero {
			return Invalid(id.field, "unset")
		}
	}
	return r.validate()
}

// Normalize gives times, slices and what has a default their stored form.
func (r *Raw) Normalize() {
	for _, t := range r.times() {
		if !t.at.IsZero() {
			*t.at = t.at.UTC()
		}
	}
	switch {
	case r.User != nil:
		r.User.User.PasswordHash = r.User.PasswordHash
		r.User.User.Normalize()
	case r.Room != nil:
		r.Room.Room.PasswordHash = r.Room.PasswordHash
		r.Room.Room.Normalize()
	case r.Membership != nil:
		r.Membership.Normalize()
	case r.Attachment != nil:
		r.Attachment.Normalize()
	case r.Leftover != nil:
		r.Leftover.Attachment.Normalize()
	case r.Message != nil:
		r.Message.Message.Normalize()
	case r.Revision != nil:
		r.Revision.Revision = r.Revision.Clone()
	case r.Session != nil:
		r.Session.Session.Normalize()
	case r.Config != nil:
		r.Config.Config.Value = r.Config.Value
	}
}

// instant is a time of a record.
type instant struct {
	field  string
	at     *time.Time
	needed bool
}

func (r Raw) times() []instant {
	switch {
	case r.User != nil:
		return []instant{{"CreatedAt", &r.User.CreatedAt, true}, {"UpdatedAt", &r.User.UpdatedAt, true}, {"LastSeenAt", &r.User.LastSeenAt, false}}
	case r.Block != nil:
		return []instant{{"CreatedAt", &r.Block.CreatedAt, true}}
	case r.Room != nil:
		m := &r.Room.Room
		return []instant{
			{"CreatedAt", &m.CreatedAt, true}, {"UpdatedAt", &m.UpdatedAt, true}, {"ExpiresAt", &m.ExpiresAt, false},
			{"LastMessageAt", &m.LastMessageAt, false},
		}
	case r.Membership != nil:
		m := r.Membership
		return []instant{
			{"JoinedAt", &m.JoinedAt, true}, {"LastActiveAt", &m.LastActiveAt, false},
			{"Settings.MutedUntil", &m.Settings.MutedUntil, false},
		}
	case r.Attachment != nil:
		return []instant{{"CreatedAt", &r.Attachment.CreatedAt, true}, {"DetachedAt", &r.Attachment.DetachedAt, false}}
	case r.Leftover != nil:
		return []instant{{"CreatedAt", &r.Leftover.CreatedAt, true}, {"DetachedAt", &r.Leftover.DetachedAt, false}}
	case r.Message != nil:
		m := &r.Message.Message
		return []instant{
			{"CreatedAt", &m.CreatedAt, true}, {"EditedAt", &m.EditedAt, false}, {"DeletedAt", &m.DeletedAt, false},
			{"ExpiresAt", &m.ExpiresAt, false}, {"PinnedAt", &m.PinnedAt, false},
		}
	case r.Revision != nil:
		return []instant{{"ReplacedAt", &r.Revision.ReplacedAt, true}}
	case r.Reaction != nil:
		return []instant{{"CreatedAt", &r.Reaction.CreatedAt, true}}
	case r.Receipt != nil:
		return []instant{{"ReadAt", &r.Receipt.ReadAt, true}}
	}
	return r.timesBeside()
}

// timesBeside is times for what is not about messages.
func (r Raw) timesBeside() []instant {
	switch {
	case r.Invite != nil:
		i := &r.Invite.Invite
		return []instant{{"CreatedAt", &i.CreatedAt, true}, {"ExpiresAt", &i.ExpiresAt, false}, {"RevokedAt", &i.RevokedAt, false}}
	case r.Sanction != nil:
		s := r.Sanction
		return []instant{{"CreatedAt", &s.CreatedAt, true}, {"ExpiresAt", &s.ExpiresAt, false}, {"LiftedAt", &s.LiftedAt, false}}
	case r.Hold != nil:
		return []instant{{"CreatedAt", &r.Hold.CreatedAt, true}, {"ReleasedAt", &r.Hold.ReleasedAt, false}}
	case r.Session != nil:
		s := &r.Session.Session
		return []instant{
			{"CreatedAt", &s.CreatedAt, true}, {"LastActiveAt", &s.LastActiveAt, true}, {"ExpiresAt", &s.ExpiresAt, false},
			{"RevokedAt", &s.RevokedAt, false},
		}
	case r.Login != nil:
		return []instant{{"CreatedAt", &r.Login.CreatedAt, true}}
	case r.Config != nil:
		return []instant{{"UpdatedAt", &r.Config.UpdatedAt, true}}
	case r.Audit != nil:
		return []instant{{"CreatedAt", &r.Audit.CreatedAt, true}}
	case r.Change != nil:
		return []instant{{"At", &r.Change.At, true}}
	case r.Consumer != nil:
		return []instant{{"UpdatedAt", &r.Consumer.UpdatedAt, true}}
	case r.Activity != nil:
		return []instant{{"At", &r.Activity.At, true}}
	}
	return nil
}

// bounded is a number of a record.
type bounded struct {
	field            string
	value, low, high int64
}

// What numbers may be: a version or a position that can still grow, a Seq, and
// what can happen in a quarter of an hour.
const (
	most      = 1 << 53
	mostSeq   = int64(MaxSeq)
	mostTimes = 1<<31 - 1
)

func (r Raw) numbers() []bounded {
	switch {
	case r.User != nil:
		return []bounded{{"Version", r.User.Version, 1, most}}
	case r.Room != nil:
		return []bounded{{"Version", r.Room.Version, 1, most}, {"LastSeq", r.Room.LastSeq, 0, mostSeq}}
	case r.Membership != nil:
		return []bounded{{"ReadSeq", r.Membership.ReadSeq, 0, mostSeq}}
	case r.Stub != nil:
		return []bounded{{"Seq", r.Stub.Seq, 1, mostSeq}}
	case r.Message != nil:
		return []bounded{{"Version", r.Message.Version, 1, most}, {"Seq", r.Message.Seq, 1, mostSeq}}
	case r.Revision != nil:
		return []bounded{{"Version", r.Revision.Version, 1, most}}
	case r.Receipt != nil:
		span := r.Receipt.Range
		return []bounded{{"Range.First", span.First, 1, mostSeq}, {"Range.Last", span.Last, span.First, mostSeq}}
	case r.Invite != nil:
		return []bounded{{"Uses", r.Invite.Uses, 0, most}}
	case r.Audit != nil:
		return []bounded{{"Position", r.Audit.Position, 1, most}}
	case r.AuditHead != nil:
		return []bounded{{"Position", r.AuditHead.Position, 0, most}, {"PrunedPosition", r.AuditHead.PrunedPosition, 0, most}}
	case r.Change != nil:
		c := r.Change
		return []bounded{
			{"Position", int64(c.Position), 1, most}, {"Tx", int64(c.Tx), 1, int64(c.Position)},
			{"Seq", c.Seq, 0, mostSeq}, {"Version", c.Version, 0, most},
		}
	case r.ChangeHead != nil:
		h := r.ChangeHead
		return []bounded{{"Newest", int64(h.Newest), 0, most - 1}, {"Oldest", int64(h.Oldest), 1, int64(h.Newest) + 1}}
	case r.Pruned != nil:
		return []bounded{{"Position", int64(r.Pruned.Position), 1, most}}
	case r.Stay != nil:
		s := r.Stay
		all := []bounded{{"From", int64(s.From), 0, most}, {"Seq", s.Seq, 0, mostSeq}}
		if s.To != 0 {
			all = append(all, bounded{"To", int64(s.To), int64(s.From), most})
		}
		return all
	case r.Consumer != nil:
		return []bounded{{"Position", int64(r.Consumer.Position), 0, most}}
	case r.Activity != nil:
		a := r.Activity
		return []bounded{{"Joins", a.Joins, 0, mostTimes}, {"Leaves", a.Leaves, 0, mostTimes}, {"Registrations", a.Registrations, 0, mostTimes}}
	}
	return nil
}

// needed is an identifier that a record must have.
type needed struct {
	field string
	zero  bool
}

func (r Raw) identifiers() []needed {
	switch {
	case r.User != nil:
		return []needed{{"ID", r.User.ID.IsZero()}}
	case r.Block != nil:
		return []needed{{"UserID", r.Block.UserID.IsZero()}, {"BlockedID", r.Block.BlockedID.IsZero()}}
	case r.Room != nil:
		return []needed{{"ID", r.Room.ID.IsZero()}}
	case r.Attachment != nil:
		return []needed{{"ID", r.Attachment.ID.IsZero()}}
	case r.Leftover != nil:
		return []needed{{"ID", r.Leftover.ID.IsZero()}}
	case r.Stub != nil:
		return []needed{{"ID", r.Stub.ID.IsZero()}, {"RoomID", r.Stub.RoomID.IsZero()}}
	case r.Message != nil:
		return []needed{{"ID", r.Message.ID.IsZero()}}
	case r.Revision != nil:
		return []needed{{"MessageID", r.Revision.MessageID.IsZero()}, {"RoomID", r.Revision.RoomID.IsZero()}}
	case r.Reaction != nil:
		v := r.Reaction
		return []needed{{"MessageID", v.MessageID.IsZero()}, {"UserID", v.UserID.IsZero()}, {"RoomID", v.RoomID.IsZero()}}
	case r.Receipt != nil:
		return []needed{{"RoomID", r.Receipt.RoomID.IsZero()}, {"UserID", r.Receipt.UserID.IsZero()}}
	case r.Invite != nil:
		return []needed{{"ID", r.Invite.ID.IsZero()}}
	case r.Sanction != nil:
		return []needed{{"ID", r.Sanction.ID.IsZero()}}
	case r.Hold != nil:
		return []needed{{"ID", r.Hold.ID.IsZero()}}
	case r.Session != nil:
		return []needed{{"ID", r.Session.ID.IsZero()}}
	case r.Login != nil:
		return []needed{{"ID", r.Login.ID.IsZero()}}
	case r.Audit != nil:
		return []needed{{"ID", r.Audit.ID.IsZero()}}
	case r.Stay != nil:
		return []needed{{"UserID", r.Stay.UserID.IsZero()}, {"RoomID", r.Stay.RoomID.IsZero()}}
	}
	return nil
}

// checkDigest refuses what is no SHA-256 in hexadecimal.
func checkDigest(field string, s Secret) error {
	if b, err := hex.DecodeString(string(s)); err != nil || len(b) != len(AuditHash{}) {
		return Invalid(field, "not a SHA-256 in hexadecimal")
	}
	return nil
}
