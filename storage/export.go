package storage

import (
	"context"
	"encoding/json"
	"io"
	"net/netip"
	"time"
)

// ExportVersion is the version of what [ExportUser] writes. It rises when a
// member comes to mean something else or is no longer written; others may come
// without.
const ExportVersion = 1

// exportFormat names what is written.
const exportFormat = "lair user export"

// ExportUser writes everything that is held about a person, as a right of access
// asks for it, in constant memory and of one moment (it is one View). A user who
// does not exist is ErrNotFound, and nothing is written then. After any other
// error what was written is no JSON, since its end is missing.
//
// It is one JSON object with these members, in this order. Lists are empty where
// there is nothing, and their records have the members of their types in this
// package; JSON objects of the embedder's own stand without spaces.
//
//   - format, "lair user export"; version, ExportVersion; exported_at, the moment
//   - user: the User, with profile and settings
//   - rooms_created: id, name and created_at of the rooms of which the user is the
//     CreatorID
//   - memberships: each Membership, with its settings and read marker, without
//     invited_by
//   - messages: each Message of which the user is the author, room by room, by Seq,
//     with the metadata of what it carries, whoever uploaded that, and with
//     revisions, each Revision of it, the latest first, whoever edited it.
//     Tombstones are among them, and what has expired, too, as long as it is
//     stored, which a legal hold may make long. mentions are the identifiers of
//     those whom the user has named
//   - mentions: id, room_id, seq and created_at of each message that mentions the
//     user by name, room by room, by Seq, and has not expired
//   - reactions: each Reaction of the user, room by room
//   - receipts: what the user has read, room by room: room_id, first_seq and
//     last_seq of a run of messages that were read at once, and read_at. The user's
//     own messages, and places where none is left, may be in between
//   - attachments: each Attachment that the user has uploaded, carried by a message
//     or not
//   - invites_made: each Invite by the user, without invitee_id and email, which
//     say whom the user has invited
//   - invites_received: each Invite that names the user or the user's present
//     address, without inviter_id
//   - sanctions: each Sanction against the user, without moderator_id and lifted_by
//   - holds: each Hold on the user, released or not, without created_by and
//     released_by; whoever must not tell of one takes it out
//   - sessions: each Session, live or not
//   - login_attempts: each LoginAttempt of the user, from wherever somebody made it,
//     and then those of nobody that LoginAttempt takes for the user's
//   - blocks: each Block of others by the user; blocked_id are the identifiers of
//     those whom the user blocks
//   - audit: entries of the audit log by the user, and those about the user, whose
//     target is the user: id, action, room_id, created_at and target_kind; actor
//     where the user acted; target_id where it is the user, a room or a message;
//     subject where the target is the user
//
// No secret is in it: no password hash, no digest of a token or of a code, no salt.
//
// Other people's data is theirs. No identifier of another user is in it, but for
// mentions and blocked_id, and in place of the others that a record has there is
// nothing. Who has done something to the user is left out: moderators, who invited,
// who put a hold, who deleted or edited a message, who acted in an audit entry about
// the user, who blocks the user. So is what others wrote, be it about the user, but
// for what stands in the user's own records: the reasons of sanctions and holds, and
// what a message of the user's says since somebody else has edited it. So is whom an
// audit entry by the user is about. What the user has written may name anybody.
//
// What a user has done to others' messages and as a moderator is told by the audit
// log alone, as far as the server kept one. The change feed, and since when and until
// when the user could read of a room in it, which is all identifiers and positions,
// is not in it, nor are words and counts that are made of what is; nor is what is in
// rooms that are deleted, which is about to go; nor blobs, which are the embedder's:
// attachments name them.
func ExportUser(ctx context.Context, s Store, user UserID, w io.Writer) error {
	if w == nil {
		return WithOp("export user", Invalid("w", "nil"))
	}
	err := s.View(ctx, func(ctx context.Context, r Reader) error {
		u, err := r.User(ctx, user)
		if err != nil {
			return err
		}
		e := newExporter(r, u, w)
		e.member("format", exportFormat)
		e.member("version", ExportVersion)
		e.member("exported_at", Timestamp(timeOf(r)))
		e.member("user", u)
		e.everything(ctx)
		return e.end()
	})
	return WithOp("export user", err)
}

// everything writes the lists.
func (e *exporter) everything(ctx context.Context) {
	id := e.user.ID
	exportList(ctx, e, "rooms_created", e.r.Rooms, RoomQuery{Creator: id, Limit: MaxLimit}, func(r Room) any {
		return exportedRoom{r.ID, r.Name, r.CreatedAt}
	})
	exportList(ctx, e, "memberships", e.r.Memberships, MembershipQuery{User: id, Limit: MaxLimit}, func(m Membership) any {
		m.InvitedBy = e.self(m.InvitedBy)
		return m
	})
	e.rooms(ctx, "messages", e.messages)
	e.rooms(ctx, "mentions", e.mentions)
	e.rooms(ctx, "reactions", e.reactions)
	e.rooms(ctx, "receipts", e.receipts)
	exportList(ctx, e, "attachments", e.r.Attachments, AttachmentQuery{Uploader: id, WithExpired: true, Limit: MaxLimit}, whole[Attachment])
	exportList(ctx, e, "invites_made", e.r.Invites, InviteQuery{Inviter: id, Limit: MaxLimit}, e.invite)
	exportList(ctx, e, "invites_received", e.r.Invites, InviteQuery{Invitee: id, Limit: MaxLimit}, e.invite)
	exportList(ctx, e, "sanctions", e.r.Sanctions, SanctionQuery{User: id, Limit: MaxLimit}, func(s Sanction) any {
		s.ModeratorID, s.LiftedBy = e.self(s.ModeratorID), e.self(s.LiftedBy)
		return s
	})
	exportList(ctx, e, "holds", e.r.Holds, HoldQuery{User: id, WithReleased: true, Limit: MaxLimit}, func(h Hold) any {
		h.CreatedBy, h.ReleasedBy = e.self(h.CreatedBy), e.self(h.ReleasedBy)
		return h
	})
	exportList(ctx, e, "sessions", e.r.Sessions, SessionQuery{User: id, Limit: MaxLimit}, whole[Session])
	e.logins(ctx)
	exportList(ctx, e, "blocks", e.r.BlockedUsers, BlockQuery{User: id, Limit: MaxLimit}, whole[Block])
	e.audit(ctx)
}

func whole[T any](v T) any { return v }

// exportedRoom is what is told of a room.
type exportedRoom struct {
	ID        RoomID    `json:"id"`
	Name      string    `json:"name,omitzero"`
	CreatedAt time.Time `json:"created_at"`
}

// exportedMention is what is told of somebody else's message.
type exportedMention struct {
	ID        MessageID `json:"id"`
	RoomID    RoomID    `json:"room_id"`
	Seq       int64     `json:"seq"`
	CreatedAt time.Time `json:"created_at"`
}

// exportedReceipt is a run of messages that were read at once.
type exportedReceipt struct {
	RoomID   RoomID    `json:"room_id"`
	FirstSeq int64     `json:"first_seq"`
	LastSeq  int64     `json:"last_seq"`
	ReadAt   time.Time `json:"read_at"`
}

// exportedAudit is what is told of an audit entry.
type exportedAudit struct {
	ID         AuditID       `json:"id"`
	Action     string        `json:"action"`
	RoomID     RoomID        `json:"room_id,omitzero"`
	CreatedAt  time.Time     `json:"created_at"`
	Actor      *auditActor   `json:"actor,omitzero"`
	TargetKind Entity        `json:"target_kind,omitzero"`
	TargetID   string        `json:"target_id,omitzero"`
	Subject    *auditSubject `json:"subject,omitzero"`
}

// auditActor and auditSubject are AuditActor and AuditSubject without their seals.
type auditActor struct {
	Name      string     `json:"name,omitzero"`
	IP        netip.Addr `json:"ip,omitzero"`
	UserAgent string     `json:"user_agent,omitzero"`
}

type auditSubject struct {
	TargetName string          `json:"target_name,omitzero"`
	Detail     string          `json:"detail,omitzero"`
	Metadata   json.RawMessage `json:"metadata,omitzero"`
}
