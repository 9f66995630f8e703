package storage

import (
	"slices"
	"time"
)

// validate is what the kind of a record asks for beside times, numbers and
// identifiers.
func (r Raw) validate() error {
	switch {
	case r.User != nil:
		return r.User.User.Validate()
	case r.Block != nil && r.Block.UserID == r.Block.BlockedID:
		return Invalid("BlockedID", "the same user")
	case r.Room != nil:
		return r.Room.validate()
	case r.Membership != nil:
		return r.Membership.Validate()
	case r.Attachment != nil:
		if !r.Attachment.MessageID.IsZero() {
			return Invalid("MessageID", "set, where the message tells")
		}
		return r.Attachment.Validate()
	case r.Leftover != nil:
		return r.Leftover.validate()
	case r.Message != nil:
		return r.Message.validate()
	case r.Revision != nil:
		return r.Revision.validate()
	case r.Reaction != nil:
		return r.Reaction.validate()
	case r.Invite != nil:
		return r.Invite.validate()
	case r.Sanction != nil:
		return r.Sanction.Validate()
	case r.Hold != nil:
		return r.Hold.Validate()
	case r.Session != nil:
		return r.Session.validate()
	}
	return r.validateBeside()
}

func (r Raw) validateBeside() error {
	switch {
	case r.Login != nil:
		if r.Login.IP != foldAddr(r.Login.IP) {
			return Invalid("IP", "not in its stored form")
		}
		return r.Login.Validate()
	case r.Config != nil:
		if r.Config.Type == 0 {
			return Invalid("Type", "unset")
		}
		return r.Config.Config.Validate()
	case r.Audit != nil:
		return validateAudit(*r.Audit)
	case r.AuditHead != nil && r.AuditHead.PrunedPosition > r.AuditHead.Position:
		return Invalid("PrunedPosition", "beyond Position")
	case r.Change != nil:
		return validateChange(*r.Change)
	case r.Consumer != nil:
		if r.Consumer.Name == "" {
			return Invalid("Name", "empty")
		}
		return CheckText("Name", r.Consumer.Name, MaxConsumer)
	case r.Activity != nil && !r.Activity.At.Equal(r.Activity.At.Truncate(15*time.Minute)):
		return Invalid("At", "not the beginning of a quarter of an hour")
	}
	return nil
}

func (r RawRoom) validate() error {
	switch low, high := r.Pair[0], r.Pair[1]; {
	case r.MessageCount != 0:
		return Invalid("MessageCount", "set, where messages are counted")
	case r.MemberCount != 0:
		return Invalid("MemberCount", "set, where members are counted")
	case r.LastSeq == 0 && !r.LastMessageAt.IsZero():
		return Invalid("LastMessageAt", "of a room without a message")
	case low.IsZero() != high.IsZero():
		return Invalid("Pair", "only one user")
	case !low.IsZero() && r.Type != RoomDirectMessage:
		return Invalid("Pair", "of a room that is no direct one")
	case !low.IsZero() && low.Compare(high) > 0:
		return Invalid("Pair", "the higher ID first")
	}
	return r.Room.Validate()
}

func (l RawLeftover) validate() error {
	a := l.Attachment
	if !a.RoomID.IsZero() || !a.MessageID.IsZero() {
		return Invalid("RoomID", "set, where the room is gone")
	}
	a.RoomID = RoomID{1} // which every other attachment needs
	return a.Validate()
}

func (m RawMessage) validate() error {
	switch {
	case m.Attachments != nil || m.Reactions != nil || m.Thread != (Thread{}):
		return Invalid("Message", "with what is filled in on reading")
	case (m.Nonce != "") != (len(m.Digest) > 0) || len(m.Digest) > 0 && len(m.Digest) != 16:
		return Invalid("Digest", "not that of a nonce")
	case m.AuthorGone && (!m.AuthorID.IsZero() || m.Nonce == ""):
		return Invalid("AuthorGone", "an author who is there, or no nonce")
	case len(m.AttachmentIDs) > MaxAttachments || hasTwice(m.AttachmentIDs):
		return Invalid("AttachmentIDs", "too many, or one twice")
	case hasTwice(m.Missed) || slices.ContainsFunc(m.Missed, func(id UserID) bool { return !slices.Contains(m.Mentions, id) }):
		return Invalid("Missed", "not among the mentions")
	case m.RootID.IsZero() != m.ParentID.IsZero():
		return Invalid("RootID", "a reply without a thread, or the other way round")
	case m.RootID == m.ID && !m.RootID.IsZero():
		return Invalid("RootID", "the message itself")
	case m.Deleted() && (m.Body != "" || m.Mentions != nil || m.MentionsAll || m.Tags != nil || m.Custom != nil || !m.PinnedAt.IsZero()):
		return Invalid("DeletedAt", "a tombstone that says something")
	case !m.Deleted() && !m.DeletedBy.IsZero():
		return Invalid("DeletedBy", "of a message that is not deleted")
	}
	return m.Message.Validate()
}

func hasTwice[T comparable](all []T) bool { return len(distinct(all)) < len(all) }

// validate holds a revision to what its message was held to.
func (v RawRevision) validate() error {
	m := Message{
		RoomID: v.RoomID, Type: MessageText, Body: v.Body, Mentions: v.Mentions, MentionsAll: v.MentionsAll,
		Tags: v.Tags, Custom: v.Custom,
	}
	if hasTwice(v.Mentions) || hasTwice(v.Tags) {
		return Invalid("Mentions", "one, or a tag, twice")
	}
	return m.Validate()
}

func (v RawReaction) validate() error {
	stored := v.Reaction
	if stored.Normalize(); stored.Emoji != v.Emoji {
		return Invalid("Emoji", "not in its stored form")
	}
	return v.Reaction.Validate()
}

func (i RawInvite) validate() error {
	if i.CodeHash != "" {
		if err := checkDigest("CodeHash", i.CodeHash); err != nil {
			return err
		}
	}
	if i.Role == 0 {
		return Invalid("Role", "unset")
	}
	return i.Invite.Validate()
}

func (s RawSession) validate() error {
	if err := checkDigest("TokenHash", s.TokenHash); err != nil {
		return err
	}
	return s.Session.Validate()
}

func validateAudit(e AuditEntry) error {
	for field, seal := range map[string]AuditSeal{"Actor.Seal": e.Actor.Seal, "Subject.Seal": e.Subject.Seal} {
		if len(seal.Salt) != 0 && len(seal.Salt) != AuditSaltSize {
			return Invalid(field, "a salt of the wrong length")
		}
	}
	stored := e.Clone()
	if stored.Normalize(); stored.TargetID != e.TargetID || stored.Actor.IP != e.Actor.IP || string(stored.Subject.Metadata) != string(e.Subject.Metadata) {
		return Invalid("Audit", "not in its stored form")
	}
	return e.Validate()
}

func validateChange(c Change) error {
	if !c.Kind.Valid() {
		return Invalid("Kind", "unset")
	}
	if err := memberRoles.check("Role", c.Role); err != nil {
		return err
	}
	last := int64(0)
	for _, span := range c.Purged {
		if span.First <= last || span.Last < span.First || span.Last > MaxSeq {
			return Invalid("Purged", "not in order")
		}
		last = span.Last
	}
	return CheckText("Emoji", c.Emoji, MaxEmoji)
}

// hasSecret reports whether a record is one, or has something, that only a dump
// with secrets has.
func hasSecret(r Raw) bool {
	switch {
	case r.User != nil:
		return r.User.PasswordHash != ""
	case r.Room != nil:
		return r.Room.PasswordHash != ""
	case r.Invite != nil:
		return r.Invite.CodeHash != ""
	case r.Config != nil:
		return r.Config.Sensitive
	}
	return r.Session != nil
}
