package storage

// The lines of a dump. They are raw records as JSON, but for two things: secrets
// are text, where a Secret would be a placeholder, and the JSON objects that are
// kept byte for byte are text too, since JSON in JSON is written anew.

import (
	"bytes"
	"encoding/json"
	"io"
)

const (
	dumpFormat  = "lair"
	dumpVersion = 1
)

// MaxDumpLine is the limit of a line of a dump, in bytes: more than the largest
// record takes.
const MaxDumpLine = 1 << 20

// dumpLine is a line: the header, the end, or a record. Its fields shadow those
// of Raw that are written in another way.
type dumpLine struct {
	Dump *dumpHeader `json:"dump,omitzero"`
	End  *dumpEnd    `json:"end,omitzero"`
	Raw
	User       *userLine       `json:"user,omitzero"`
	Room       *roomLine       `json:"room,omitzero"`
	Membership *memberLine     `json:"membership,omitzero"`
	Attachment *attachmentLine `json:"attachment,omitzero"`
	Leftover   *leftoverLine   `json:"leftover,omitzero"`
	Message    *messageLine    `json:"message,omitzero"`
	Revision   *revisionLine   `json:"revision,omitzero"`
	Invite     *inviteLine     `json:"invite,omitzero"`
	Session    *sessionLine    `json:"session,omitzero"`
	Config     *configLine     `json:"config,omitzero"`
}

// dumpHeader is the first line.
type dumpHeader struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Secrets bool   `json:"secrets"`
}

// dumpEnd is the last line.
type dumpEnd struct {
	Records map[RawKind]int64 `json:"records"`
	SHA256  AuditHash         `json:"sha256"` // of all lines before
}

type userLine struct {
	RawUser
	PasswordHash string           `json:"password_hash,omitzero"`
	Profile      profileLine      `json:"profile,omitzero"`
	Settings     userSettingsLine `json:"settings,omitzero"`
}

type profileLine struct {
	Profile
	Custom string `json:"custom,omitzero"`
}

type userSettingsLine struct {
	UserSettings
	Chat string `json:"chat,omitzero"`
}

type roomLine struct {
	RawRoom
	PasswordHash string           `json:"password_hash,omitzero"`
	Settings     roomSettingsLine `json:"settings,omitzero"`
}

type roomSettingsLine struct {
	RoomSettings
	Custom string `json:"custom,omitzero"`
}

type memberLine struct {
	Membership
	Settings memberSettingsLine `json:"settings,omitzero"`
}

type memberSettingsLine struct {
	MemberSettings
	Custom string `json:"custom,omitzero"`
}

type attachmentLine struct {
	Attachment
	Custom string `json:"custom,omitzero"`
}

type leftoverLine struct {
	RawLeftover
	Custom string `json:"custom,omitzero"`
}

type messageLine struct {
	RawMessage
	Custom string `json:"custom,omitzero"`
}

type revisionLine struct {
	RawRevision
	Custom string `json:"custom,omitzero"`
}

type inviteLine struct {
	RawInvite
	CodeHash string `json:"code_hash,omitzero"`
}

type sessionLine struct {
	RawSession
	TokenHash string       `json:"token_hash"`
	Metadata  metadataLine `json:"metadata,omitzero"`
}

type metadataLine struct {
	SessionMetadata
	Custom string `json:"custom,omitzero"`
}

type configLine struct {
	RawConfig
	Value string `json:"value"`
}

// lineOf returns the line of a record.
func lineOf(r Raw) *dumpLine {
	l := &dumpLine{Raw: r}
	switch {
	case r.User != nil:
		l.User = &userLine{
			*r.User, string(r.User.PasswordHash), profileLine{r.User.Profile, string(r.User.Profile.Custom)},
			userSettingsLine{r.User.Settings, string(r.User.Settings.Chat)},
		}
	case r.Room != nil:
		l.Room = &roomLine{
			*r.Room, string(r.Room.PasswordHash), roomSettingsLine{r.Room.Settings, string(r.Room.Settings.Custom)},
		}
	case r.Membership != nil:
		l.Membership = &memberLine{
			*r.Membership, memberSettingsLine{r.Membership.Settings, string(r.Membership.Settings.Custom)},
		}
	case r.Attachment != nil:
		l.Attachment = &attachmentLine{*r.Attachment, string(r.Attachment.Custom)}
	case r.Leftover != nil:
		l.Leftover = &leftoverLine{*r.Leftover, string(r.Leftover.Custom)}
	case r.Message != nil:
		l.Message = &messageLine{*r.Message, string(r.Message.Custom)}
	case r.Revision != nil:
		l.Revision = &revisionLine{*r.Revision, string(r.Revision.Custom)}
	case r.Invite != nil:
		l.Invite = &inviteLine{*r.Invite, string(r.Invite.CodeHash)}
	case r.Session != nil:
		l.Session = &sessionLine{
			*r.Session, string(r.Session.TokenHash), metadataLine{r.Session.Metadata, string(r.Session.Metadata.Custom)},
		}
	case r.Config != nil:
		l.Config = &configLine{*r.Config, string(r.Config.Value)}
	}
	return l
}

// record is the inverse of lineOf.
func (l *dumpLine) record() Raw {
	r := l.Raw
	if l.User != nil {
		r.User = &l.User.RawUser
		r.User.PasswordHash, r.User.Profile, r.User.Settings = Secret(l.User.PasswordHash), l.User.Profile.Profile, l.User.Settings.UserSettings
		r.User.Profile.Custom, r.User.Settings.Chat = object(l.User.Profile.Custom), object(l.User.Settings.Chat)
	}
	if l.Room != nil {
		r.Room = &l.Room.RawRoom
		r.Room.PasswordHash, r.Room.Settings = Secret(l.Room.PasswordHash), l.Room.Settings.RoomSettings
		r.Room.Settings.Custom = object(l.Room.Settings.Custom)
	}
	if l.Membership != nil {
		r.Membership = &l.Membership.Membership
		r.Membership.Settings = l.Membership.Settings.MemberSettings
		r.Membership.Settings.Custom = object(l.Membership.Settings.Custom)
	}
	if l.Attachment != nil {
		r.Attachment = &l.Attachment.Attachment
		r.Attachment.Custom = object(l.Attachment.Custom)
	}
	if l.Leftover != nil {
		r.Leftover = &l.Leftover.RawLeftover
		r.Leftover.Custom = object(l.Leftover.Custom)
	}
	if l.Message != nil {
		r.Message = &l.Message.RawMessage
		r.Message.Custom = object(l.Message.Custom)
	}
	if l.Revision != nil {
		r.Revision = &l.Revision.RawRevision
		r.Revision.Custom = object(l.Revision.Custom)
	}
	if l.Invite != nil {
		r.Invite = &l.Invite.RawInvite
		r.Invite.CodeHash = Secret(l.Invite.CodeHash)
	}
	if l.Session != nil {
		r.Session = &l.Session.RawSession
		r.Session.TokenHash, r.Session.Metadata = Secret(l.Session.TokenHash), l.Session.Metadata.SessionMetadata
		r.Session.Metadata.Custom = object(l.Session.Metadata.Custom)
	}
	if l.Config != nil {
		r.Config = &l.Config.RawConfig
		r.Config.Value = Secret(l.Config.Value)
	}
	return r
}

// object returns what is kept byte for byte, nil for none.
func object(text string) json.RawMessage { return nilIfEmpty(json.RawMessage(text)) }

// parseLine reads a line, which must hold nothing that is not known.
func parseLine(line []byte) (*dumpLine, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	var l dumpLine
	if err := d.Decode(&l); err != nil {
		return nil, &Error{Kind: ErrInvalid, Err: err}
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, Invalid("", "more than one value")
	}
	return &l, nil
}
