package storage_test

// Tests of the records and queries that no store has yet: what they refuse,
// and their normal forms.

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var (
	someRoom    = storage.NewID[storage.Room]()
	someUser    = storage.NewID[storage.User]()
	someMessage = storage.NewID[storage.Message]()
)

func validAttachment() storage.Attachment {
	return storage.Attachment{RoomID: someRoom, Name: "cat.png", Blob: "b/1"}
}
func validInvite() storage.Invite      { return storage.Invite{RoomID: someRoom} }
func validSession() storage.Session    { return storage.Session{UserID: someUser} }
func validAudit() storage.AuditEntry   { return storage.AuditEntry{Action: "user.ban"} }
func validHold() storage.Hold          { return storage.Hold{RoomID: someRoom, Reason: "case 7"} }
func validConfig() storage.Config      { return storage.Config{Key: "motd"} }
func validLogin() storage.LoginAttempt { return storage.LoginAttempt{Login: "ann"} }
func validReaction() storage.Reaction {
	return storage.Reaction{MessageID: someMessage, UserID: someUser, Emoji: "👍"}
}
func validSanction() storage.Sanction {
	return storage.Sanction{UserID: someUser, Kind: storage.SanctionBan}
}

func TestRecordTexts(t *testing.T) {
	for _, f := range []textField{
		{"Emoji", storage.MaxEmoji, withText(validReaction, func(r *storage.Reaction, s string) { r.Emoji = s })},
		{"Name", storage.MaxAttachmentName, withText(validAttachment, func(a *storage.Attachment, s string) { a.Name = s })},
		{"MediaType", storage.MaxMediaType, withText(validAttachment, func(a *storage.Attachment, s string) { a.MediaType = s })},
		{"Hash", storage.MaxHash, withText(validAttachment, func(a *storage.Attachment, s string) { a.Hash = s })},
		{"Blob", storage.MaxBlob, withText(validAttachment, func(a *storage.Attachment, s string) { a.Blob = s })},
		{"UserAgent", storage.MaxUserAgent, withText(validSession, func(v *storage.Session, s string) { v.UserAgent = s })},
		{"Metadata.ClientType", storage.MaxClientType, withText(validSession, func(v *storage.Session, s string) { v.Metadata.ClientType = s })},
		{"Metadata.ClientVersion", storage.MaxClientVersion, withText(validSession, func(v *storage.Session, s string) { v.Metadata.ClientVersion = s })},
		{"Metadata.Device", storage.MaxDevice, withText(validSession, func(v *storage.Session, s string) { v.Metadata.Device = s })},
		{"Metadata.Location", storage.MaxLocation, withText(validSession, func(v *storage.Session, s string) { v.Metadata.Location = s })},
		{"Action", storage.MaxAuditAction, withText(validAudit, func(e *storage.AuditEntry, s string) { e.Action = s })},
		{"TargetID", storage.MaxAuditTarget, withText(validAudit, func(e *storage.AuditEntry, s string) { e.TargetID = s })},
		{"Actor.Name", storage.MaxAuditTarget, withText(validAudit, func(e *storage.AuditEntry, s string) { e.Actor.Name = s })},
		{"Subject.Detail", storage.MaxAuditDetail, withText(validAudit, func(e *storage.AuditEntry, s string) { e.Subject.Detail = s })},
		{"Reason", storage.MaxHoldReason, withText(validHold, func(h *storage.Hold, s string) { h.Reason = s })},
		{"Reason", storage.MaxSanctionReason, withText(validSanction, func(v *storage.Sanction, s string) { v.Reason = s })},
		{"Key", storage.MaxConfigKey, withText(validConfig, func(c *storage.Config, s string) { c.Key = s })},
		{"Value", storage.MaxConfigValue, withText(validConfig, func(c *storage.Config, s string) { c.Value = storage.Secret(s) })},
		{"Login", storage.MaxLogin, withText(validLogin, func(a *storage.LoginAttempt, s string) { a.Login = s })},
		{"Password", storage.MaxPassword, func(s string) error { return storage.Credentials{Login: "ann", Password: storage.Secret(s)}.Validate() }},
	} {
		assert.NoError(t, f.validate(strings.Repeat("a", f.limit)), "%s at its limit", f.field)
		assertInvalid(t, f.field, f.validate(strings.Repeat("a", f.limit+1)), "a byte too many")
		assertInvalid(t, f.field, f.validate("a\x00"), "a NUL byte")
		assertInvalid(t, f.field, f.validate("a\xff"), "invalid UTF-8")
	}
}

func TestRecordsRefuse(t *testing.T) {
	both := func(h storage.Hold) storage.Hold { h.UserID = someUser; return h }(validHold())
	far := time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		field  string
		record interface{ Validate() error }
	}{
		{"Emoji", storage.Reaction{MessageID: someMessage, UserID: someUser}},
		{"UserID", storage.Reaction{MessageID: someMessage, Emoji: "x"}},
		{"MessageID", storage.Reaction{UserID: someUser, Emoji: "x"}},
		{"RoomID", storage.Attachment{Blob: "b"}},
		{"Blob", storage.Attachment{RoomID: someRoom}},
		{"Size", storage.Attachment{RoomID: someRoom, Blob: "b", Size: -1}},
		{"Duration", storage.Attachment{RoomID: someRoom, Blob: "b", Duration: -1}},
		{"Custom", storage.Attachment{RoomID: someRoom, Blob: "b", Custom: json.RawMessage("[]")}},
		{"RoomID", storage.Invite{}},
		{"Email", storage.Invite{RoomID: someRoom, Email: "nobody"}},
		{"Email", storage.Invite{RoomID: someRoom, InviteeID: someUser, Email: "ann@example.org"}},
		{"MaxUses", storage.Invite{RoomID: someRoom, MaxUses: -1}},
		{"Role", storage.Invite{RoomID: someRoom, Role: 9}},
		{"ExpiresAt", storage.Invite{RoomID: someRoom, ExpiresAt: far}},
		{"UserID", storage.Session{}},
		{"ExpiresAt", storage.Session{UserID: someUser, ExpiresAt: far}},
		{"Kind", storage.Sanction{UserID: someUser}},
		{"UserID", storage.Sanction{Kind: storage.SanctionBan}},
		{"ExpiresAt", storage.Sanction{UserID: someUser, Kind: storage.SanctionKick, ExpiresAt: noon}},
		{"Action", storage.AuditEntry{}},
		{"Subject.Metadata", storage.AuditEntry{Action: "x", Subject: storage.AuditSubject{Metadata: json.RawMessage("1")}}},
		{"RoomID", storage.Hold{Reason: "x"}},
		{"UserID", both},
		{"Reason", storage.Hold{RoomID: someRoom}},
		{"Key", storage.Config{}},
		{"Type", storage.Config{Key: "x", Type: 9}},
	} {
		assertInvalid(t, tt.field, tt.record.Validate(), reflect.TypeOf(tt.record).String())
	}
}

func TestQueriesRefuse(t *testing.T) {
	later := noon.Add(time.Hour)
	for _, tt := range []struct {
		field string
		query interface{ Validate() error }
	}{
		{"Message", storage.ReactionQuery{}},
		{"Message", storage.RevisionQuery{}},
		{"Message", storage.ReceiptQuery{}},
		{"User", storage.InboxQuery{}},
		{"Types", storage.InboxQuery{User: someUser, Types: []storage.RoomType{0}}},
		{"Unattached", storage.AttachmentQuery{Message: someMessage, Unattached: true}},
		{"To", storage.AttachmentQuery{From: later, To: noon}},
		{"Room", storage.PurgeQuery{}},
		{"Keep", storage.PurgeQuery{Keep: 1}},
		{"Keep", storage.PurgeQuery{Room: someRoom, Keep: -1}},
		{"User", storage.BlockQuery{}},
		{"User", storage.HoldQuery{Room: someRoom, User: someUser}},
		{"Permission", storage.RoleQuery{Permission: 99}},
		{"Permission", storage.RoleQuery{Permission: storage.PermissionExport, Rooms: true}},
		{"Roles", storage.RoleQuery{Roles: []storage.Role{storage.RoleAdmin}, Room: someRoom}},
		{"MemberRoles", storage.RoleQuery{MemberRoles: []storage.MemberRole{storage.MemberOwner}}},
		{"Kinds", storage.SanctionQuery{Kinds: []storage.SanctionKind{0}}},
		{"Everywhere", storage.SanctionQuery{Room: someRoom, Everywhere: true}},
		{"To", storage.LoginQuery{From: later, To: noon}},
		{"To", storage.AuditQuery{From: later, To: noon}},
		{"After", storage.ChangeQuery{After: -1}},
		{"After", storage.ChangeQuery{After: 1, Cursor: "x"}},
		{"Kinds", storage.ChangeQuery{Kinds: []storage.ChangeKind{200}}},
		{"Age", storage.ChangePrune{}},
		{"Age", storage.ChangePrune{Age: -1, Keep: 1}},
		{"Keep", storage.ChangePrune{Age: 1, Keep: -1}},
		{"UnattachedFor", storage.MaintainOptions{UnattachedFor: -1}},
		{"ChangesFor", storage.MaintainOptions{ChangesFor: -1}},
		{"ChangesKeep", storage.MaintainOptions{ChangesKeep: -1}},
		{"Top", storage.StatsQuery{Top: -1}},
		{"To", storage.StatsQuery{From: later, To: noon}},
		{"Kind", storage.RawQuery{}},
		{"Kind", storage.RawQuery{Kind: 99}},
	} {
		assertInvalid(t, tt.field, tt.query.Validate(), reflect.TypeOf(tt.query).String())
	}
}

func TestActivityQueries(t *testing.T) {
	year := noon.AddDate(1, 0, 0)
	for _, q := range []storage.ActivityQuery{
		{From: noon, To: noon},
		{From: noon, To: year, Unit: storage.ActivityHour},
		{From: noon, To: noon.AddDate(27, 0, 0)},
		{From: noon, To: year, TimeZone: "Asia/Kathmandu"},
	} {
		assert.NoError(t, q.Validate(), "%+v", q)
	}
	for _, tt := range []struct {
		field string
		q     storage.ActivityQuery
	}{
		{"To", storage.ActivityQuery{}},
		{"To", storage.ActivityQuery{From: noon}},
		{"To", storage.ActivityQuery{From: year, To: noon}},
		{"To", storage.ActivityQuery{From: noon, To: noon.AddDate(2, 0, 0), Unit: storage.ActivityHour}},
		{"To", storage.ActivityQuery{From: noon, To: noon.AddDate(28, 0, 0)}},
		{"To", storage.ActivityQuery{From: noon, To: noon.AddDate(5000, 0, 0), Unit: storage.ActivityMonth}},
		{"Unit", storage.ActivityQuery{From: noon, To: year, Unit: 9}},
		{"TimeZone", storage.ActivityQuery{From: noon, To: year, TimeZone: "Middle-earth/Shire"}},
		{"TimeZone", storage.ActivityQuery{From: noon, To: year, TimeZone: "Local"}},
	} {
		assertInvalid(t, tt.field, tt.q.Validate(), "a span that cannot be counted")
	}
}

func TestConfiguredValues(t *testing.T) {
	for _, tt := range []struct {
		typ   storage.ConfigType
		value string
		ok    bool
	}{
		{storage.ConfigString, "", true}, {storage.ConfigString, "any \n text", true}, {0, "text", true},
		{storage.ConfigInteger, "-12", true}, {storage.ConfigInteger, "9223372036854775807", true},
		{storage.ConfigInteger, "9223372036854775808", false}, {storage.ConfigInteger, "", false},
		{storage.ConfigInteger, "+1", false}, {storage.ConfigInteger, "007", false}, {storage.ConfigInteger, "1.0", false},
		{storage.ConfigBoolean, "true", true}, {storage.ConfigBoolean, "false", true}, {storage.ConfigBoolean, "TRUE", false},
		{storage.ConfigJSON, `[1, "a"]`, true}, {storage.ConfigJSON, "null", true}, {storage.ConfigJSON, "", false},
	} {
		c := storage.Config{Key: "k", Type: tt.typ, Value: storage.Secret(tt.value)}
		if tt.ok {
			assert.NoError(t, c.Validate(), "%v %q", tt.typ, tt.value)
			continue
		}
		assertInvalid(t, "Value", c.Validate(), tt.value)
		if tt.value != "" {
			assert.NotContains(t, c.Validate().Error(), tt.value, "the error tells the value")
		}
	}
	n, err := storage.Config{Type: storage.ConfigInteger, Value: "-12"}.Int()
	require.NoError(t, err)
	assert.EqualValues(t, -12, n)
	b, err := storage.Config{Type: storage.ConfigBoolean, Value: "true"}.Bool()
	require.NoError(t, err)
	assert.True(t, b)
	_, err = storage.Config{Type: storage.ConfigString, Value: "true"}.Bool()
	assertInvalid(t, "Value", err, "a value of another type")
}

func TestRecordNormalForms(t *testing.T) {
	mapped := netip.MustParseAddr("::ffff:192.0.2.1")
	zoned := netip.MustParseAddr("fe80::1%eth0")
	s := storage.Session{IP: mapped, Metadata: storage.SessionMetadata{Custom: json.RawMessage{}}}
	s.Normalize()
	assert.Equal(t, storage.Session{IP: netip.MustParseAddr("192.0.2.1")}, s)
	a := storage.LoginAttempt{Login: "ＡNN", UserID: storage.UserID{1}, IP: zoned}
	a.Normalize()
	assert.Equal(t, storage.LoginAttempt{Login: "ann", UserID: storage.UserID{1}, IP: netip.MustParseAddr("fe80::1")}, a)
	a.UserID = storage.UserID{}
	for range 2 { // a digest stays as it is
		a.Normalize()
		assert.Equal(t, "~4991", a.Login)
	}
	a.Login = "~ann!"
	a.Normalize()
	assert.Regexp(t, "^~[0-9a-f]{4}$", a.Login)
	r := storage.Reaction{Emoji: "e\u0301"}
	r.Normalize()
	assert.Equal(t, "\u00e9", r.Emoji)

	link, letter := validInvite(), storage.Invite{RoomID: someRoom, Email: "ann@example.org"}
	link.Normalize()
	letter.Normalize()
	assert.Equal(t, storage.Invite{RoomID: someRoom, Role: storage.MemberMember}, link, "a link serves any number")
	assert.EqualValues(t, 1, letter.MaxUses, "a letter serves once")
}

func TestWhatEndsEndsAtItsInstant(t *testing.T) {
	for name, live := range map[string]func(time.Time) bool{
		"Sanction": storage.Sanction{Kind: storage.SanctionMute, ExpiresAt: noon}.InForce,
		"Invite":   storage.Invite{ExpiresAt: noon}.Live,
		"Session":  storage.Session{ExpiresAt: noon}.Live,
	} {
		assert.True(t, live(noon.Add(-time.Microsecond)), name)
		assert.False(t, live(noon), name)
	}
	for name, live := range map[string]bool{
		"lifted":  storage.Sanction{Kind: storage.SanctionBan, LiftedAt: noon}.InForce(noon),
		"a kick":  storage.Sanction{Kind: storage.SanctionKick}.InForce(noon),
		"used up": storage.Invite{MaxUses: 2, Uses: 2}.Live(noon),
		"revoked": storage.Invite{RevokedAt: noon}.Live(noon),
		"ended":   storage.Session{RevokedAt: noon}.Live(noon),
	} {
		assert.False(t, live, name)
	}
}

func TestAuditHash(t *testing.T) {
	want := storage.AuditHash{0: 0xab, 31: 0x01}
	text, err := json.Marshal(want)
	require.NoError(t, err)
	assert.Equal(t, `"ab`+strings.Repeat("00", 30)+`01"`, string(text))
	var got storage.AuditHash
	require.NoError(t, json.Unmarshal(text, &got))
	assert.Equal(t, want, got)
	for _, bad := range []string{`""`, `"ab"`, `"` + strings.Repeat("zz", 32) + `"`} {
		assert.ErrorIs(t, json.Unmarshal([]byte(bad), &got), storage.ErrInvalid, bad)
	}
}
