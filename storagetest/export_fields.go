package storagetest

// What an export tells, field by field, and what of it may be about others.

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// embedded are fields with JSON of the embedder's.
var embedded = []string{"custom", "chat", "metadata"}

// walkJSON calls visit with each value that is neither an object nor a list, and
// where it is: the names of the members that lead there.
func walkJSON(v any, path string, visit func(path, text string)) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			inner := strings.TrimPrefix(path+"."+name, ".")
			if slices.Contains(embedded, name) && inner != "sessions.metadata" {
				visit(inner, jsonText(member))
			} else {
				walkJSON(member, inner, visit)
			}
		}
	case []any:
		for _, item := range v {
			walkJSON(item, path, visit)
		}
	default:
		visit(path, jsonText(v))
	}
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// testExportFields has everything of a person, all of it tied to others, and looks
// for these in each field.
func testExportFields(t *testing.T, f *fixture) {
	user := f.manifold()
	others := f.others(user.ID)
	text, _ := f.export(user.ID)
	var out any
	require.NoError(t, json.Unmarshal([]byte(text), &out))
	found, named := map[string]bool{}, map[string]bool{}
	walkJSON(out, "", func(path, value string) {
		found[path] = true
		for _, name := range others {
			if strings.Contains(value, name) {
				require.Contains(t, aboutOthers, path, "it tells of somebody else: %s", value)
				named[path] = true
			}
		}
	})
	known := 0
	for record, fields := range exportedFields {
		for _, field := range strings.Fields(fields) {
			known++
			require.True(t, found[strings.TrimPrefix(record+"."+field, ".")], "%s.%s is tested with nothing", record, field)
		}
	}
	require.Len(t, found, known, "no other field")
	require.Len(t, named, len(aboutOthers), "each that may tell of others is tested with something")
}

// others returns what users but one are known by, and who is no user.
func (f *fixture) others(user storage.UserID) (names []string) {
	f.t.Helper()
	for _, u := range list(f, f.Users, storage.UserQuery{}) {
		if u.ID != user {
			names = append(names, u.ID.String(), u.Username, u.Email, u.ExternalID, u.Profile.DisplayName)
		}
	}
	return append(names, "stranger@", "Qstranger", "198.51.100.99")
}

// manifold is a person with everything that there can be of one, in every field.
func (f *fixture) manifold() storage.User {
	f.t.Helper()
	named := func(name string) func(*storage.User) {
		return func(u *storage.User) {
			u.Email, u.ExternalID, u.PasswordHash = name+"@example.com", "oidc|"+name, "a hash"
			u.Profile = storage.Profile{
				DisplayName: "The " + name, Avatar: "a", StatusMessage: "b", Bio: "c", Timezone: "Europe/Vienna", Language: "de", Custom: json.RawMessage(`{"a":1}`),
			}
			u.Settings = storage.UserSettings{
				Theme: "dark", Chat: json.RawMessage(`{"a":1}`), Notifications: storage.NotificationSettings{
					Mentions: true, DirectMessages: true, Rooms: true, Sound: true, DoNotDisturb: true, QuietFrom: "22:00", QuietTo: "06:00",
				},
				Privacy: storage.UserPrivacy{ShowOnline: true, StrangerDMs: true, ShowTyping: true, SendReceipts: true, DiscoverEmail: true},
			}
		}
	}
	user := f.user("qann", named("qann"))
	bob, mod := f.user("qbob", named("qbob")).ID, f.user("qmod", named("qmod")).ID
	own, room := f.room("mine", user.ID).ID, f.room("hall", bob).ID
	f.join(own, bob, func(m *storage.Membership) { m.InvitedBy = user.ID })
	f.join(room, user.ID, func(m *storage.Membership) {
		m.InvitedBy = bob
		m.Settings = storage.MemberSettings{
			Nickname: "q", Notifications: storage.NotifyMentions, MutedUntil: f.now().Add(time.Hour), Theme: "dark", Custom: json.RawMessage(`{"a":1}`),
		}
	})
	f.join(f.room("attic", mod).ID, user.ID, func(m *storage.Membership) { m.InvitedBy = user.ID })
	f.direct(user.ID, bob)
	f.manifoldMessages(user.ID, bob, mod, room)
	f.manifoldAccess(user.ID, bob, mod, room)
	require.NoError(f.t, f.TouchUser(f.ctx, user.ID))
	require.NoError(f.t, f.TouchMember(f.ctx, room, user.ID))
	return f.readUser(user.ID)
}

func (f *fixture) manifoldMessages(user, bob, mod storage.UserID, room storage.RoomID) {
	f.t.Helper()
	rich := func(a *storage.Attachment) {
		a.MediaType, a.Size, a.Hash, a.Width, a.Height, a.Duration, a.Custom = "image/png", 1, "abc", 2, 3, time.Second, json.RawMessage(`{"a":1}`)
	}
	root := f.say(room, bob, "words of qbob's", func(m *storage.Message) { m.Mentions = []storage.UserID{user, mod} })
	m := f.say(room, user, "first, said qbob", func(m *storage.Message) {
		m.ParentID, m.Nonce, m.Mentions, m.MentionsAll, m.Tags = root.ID, "mine", []storage.UserID{bob}, true, []string{"tag", "qbob"}
		m.Custom, m.ExpiresAt = json.RawMessage(`{"by":"qbob"}`), f.now().Add(time.Hour)
	}, carrying(f.upload(room, user, "file", rich), f.upload(room, bob, "file of qbob's", rich)))
	f.edit(m.ID, user, storage.MessagePatch{Body: new("second"), Mentions: new([]storage.UserID{bob, mod})})
	f.edit(m.ID, mod, storage.MessagePatch{Body: new("third, by qmod"), Tags: new([]string{"qmod"})})
	require.NoError(f.t, errOf(f.PinMessage(f.ctx, m.ID, mod)))
	f.react(m.ID, bob, ":qbob:")
	f.react(root.ID, user, ":mine:")
	f.say(room, bob, "a reply", func(m *storage.Message) { m.ParentID = root.ID })
	f.remove(f.say(room, user, "slip", carrying(f.upload(room, user, "slip", rich), f.upload(room, bob, "lent", rich))).ID, mod)
	f.remove(f.say(room, user, "slip too").ID, user)
	f.edit(f.say(room, bob, "bob").ID, user, storage.MessagePatch{Body: new("rewritten")})
	require.NoError(f.t, f.MarkRead(f.ctx, room, user, storage.Anchor{}))
	f.upload(room, user, "loose", rich)
	f.say(room, bob, "look", carrying(f.upload(room, user, "carried by qbob", rich)))
}

func (f *fixture) manifoldAccess(user, bob, mod storage.UserID, room storage.RoomID) {
	f.t.Helper()
	soon := f.now().Add(time.Hour)
	for _, i := range []storage.Invite{
		{RoomID: room, InviterID: user, InviteeID: bob, ExpiresAt: soon}, {RoomID: room, InviterID: user, Email: "stranger@example.com"},
		{RoomID: room, InviterID: bob, InviteeID: user, ExpiresAt: soon}, {RoomID: room, InviterID: mod, Email: "QANN@example.com"},
		{RoomID: room, InviterID: user, Email: "qann@example.com"},
	} {
		i, _ = f.invite(i)
		if !i.ExpiresAt.IsZero() {
			require.NoError(f.t, f.RevokeInvite(f.ctx, i.ID))
		}
	}
	_, code := f.invite(storage.Invite{RoomID: room, InviterID: user, MaxUses: 3})
	require.NoError(f.t, errOf(f.RedeemInvite(f.ctx, code, mod)))
	s := f.sanction(storage.Sanction{UserID: user, RoomID: room, Kind: storage.SanctionMute, ModeratorID: mod, Reason: "shouted at qbob", ExpiresAt: soon})
	require.NoError(f.t, errOf(f.LiftSanction(f.ctx, s.ID, bob)))
	f.sanction(storage.Sanction{UserID: bob, RoomID: room, Kind: storage.SanctionMute, ModeratorID: user, Reason: "about qbob"})
	s = f.sanction(storage.Sanction{UserID: user, Kind: storage.SanctionMute, ModeratorID: user, Reason: "needs a break"})
	require.NoError(f.t, errOf(f.LiftSanction(f.ctx, s.ID, user)))
	for _, by := range []storage.UserID{mod, user} {
		h := f.hold(storage.Hold{UserID: user, CreatedBy: by, Reason: "qbob complained"})
		require.NoError(f.t, errOf(f.ReleaseHold(f.ctx, h.ID, by)))
	}
	session := storage.Session{UserID: user, IP: netip.MustParseAddr("192.0.2.9"), UserAgent: "Lair/1.0", ExpiresAt: soon, Metadata: storage.SessionMetadata{
		ClientType: "web", ClientVersion: "1", Device: "phone", Location: "Graz", Custom: json.RawMessage(`{"a":1}`),
	}}
	require.NoError(f.t, errOf(f.CreateSession(f.ctx, &session)))
	require.NoError(f.t, f.RevokeSession(f.ctx, session.ID))
	f.attempt(storage.LoginAttempt{Login: "qann", UserID: user, IP: netip.MustParseAddr("192.0.2.9"), UserAgent: "Lair/1.0", Success: true})
	f.attempt(storage.LoginAttempt{Login: twinOf("qann"), IP: netip.MustParseAddr("198.51.100.99"), UserAgent: "Qstranger"})
	f.attempt(storage.LoginAttempt{Login: "qbob", UserID: bob, IP: netip.MustParseAddr("192.0.2.9")})
	f.block(user, bob)
	f.block(mod, user)
	f.manifoldAudit(user, bob, room)
}

// manifoldAudit has entries by the user about others, be it through a record of
// theirs, and by others about the user.
func (f *fixture) manifoldAudit(user, bob storage.UserID, room storage.RoomID) {
	f.t.Helper()
	subject := storage.AuditSubject{TargetName: "The qbob", Detail: "qbob, again", Metadata: json.RawMessage(`{"who": "qbob"}`)}
	for _, e := range []storage.AuditEntry{
		{TargetKind: storage.EntityUser, TargetID: bob.String(), Subject: subject},
		{TargetKind: storage.EntityMembership, TargetID: room.String() + " " + bob.String(), Subject: subject},
		{TargetKind: storage.EntitySession, TargetID: "qbob's phone", Subject: subject},
		{TargetKind: storage.EntityRoom, TargetID: room.String(), Subject: subject},
		{TargetKind: storage.EntityMessage, TargetID: storage.NewID[storage.Message]().String(), Subject: subject},
		{TargetKind: storage.EntityConfig, TargetID: "motd", Subject: subject},
	} {
		e.Action, e.ActorID, e.RoomID = "do", user, room
		e.Actor = storage.AuditActor{Name: "qann", IP: netip.MustParseAddr("192.0.2.9"), UserAgent: "Lair/1.0"}
		f.audit(e)
	}
	e := fullAudit(bob, user, room)
	e.Actor = storage.AuditActor{Name: "The qbob", IP: netip.MustParseAddr("198.51.100.99"), UserAgent: "Qstranger"}
	f.audit(e)
}

// testExportExpired has messages of the user's and of others, whose time is over,
// and which a hold keeps.
func testExportExpired(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	f.join(room, ann)
	short := func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Minute) }
	m := f.say(room, ann, "first words", short, carrying(f.upload(room, ann, "own")))
	other := f.say(room, bob, "bob's", short, carrying(f.upload(room, ann, "lent")), func(m *storage.Message) { m.Mentions = []storage.UserID{ann} })
	f.edit(m.ID, ann, storage.MessagePatch{Body: new("vanishing words")})
	f.react(other.ID, ann, "x")
	require.NoError(t, f.MarkRead(f.ctx, room, ann, storage.Anchor{}))
	m = f.readMessage(m.ID)
	reactions := list(f, f.Reactions, storage.ReactionQuery{Message: other.ID})
	revisions := list(f, f.MessageRevisions, storage.RevisionQuery{Message: m.ID})
	read := f.now()
	f.hold(storage.Hold{UserID: ann})
	f.hold(storage.Hold{RoomID: room})
	f.clock.advance(time.Hour)
	text, out := f.export(ann)
	require.Len(t, out.Messages, 1)
	require.Equal(t, m, out.Messages[0].Message)
	require.Equal(t, revisions, out.Messages[0].Revisions)
	require.Len(t, out.Attachments, 2)
	require.Equal(t, reactions, out.Reactions)
	require.Equal(t, []exportedRun{{room, other.Seq, other.Seq, read}}, out.Receipts)
	require.Empty(t, out.Mentions, "others' messages")
	require.NotContains(t, text, "bob's")
}

func testExportLoginsOfNobody(t *testing.T, f *fixture) {
	n := f.attemptsOfNobody()
	ann := f.user("ann", func(u *storage.User) { u.Email = "ann@example.com" }).ID
	_, out := f.export(ann)
	require.Empty(t, out.LoginAttempts, "of a user who has never logged in")
	want := n.own
	for _, a := range n.known(ann) {
		want = append(want, f.attempt(a))
	}
	_, out = f.export(ann)
	require.ElementsMatch(t, want, out.LoginAttempts)
	require.Equal(t, list(f, f.LoginAttempts, storage.LoginQuery{User: ann}), out.LoginAttempts[:len(want)-len(n.own)], "the user's come first")
}

// exportedFields are the fields of an export, those of a record together.
var exportedFields = map[string]string{
	"":                            "format version exported_at",
	"user":                        "id external_id username email role active created_at updated_at last_seen_at version",
	"user.profile":                "display_name avatar status_message bio timezone language custom",
	"user.settings":               "theme chat",
	"user.settings.notifications": "mentions direct_messages rooms sound do_not_disturb quiet_from quiet_to",
	"user.settings.privacy":       "show_online stranger_dms show_typing send_receipts discover_email",
	"rooms_created":               "id name created_at",
	"memberships":                 "room_id user_id role joined_at last_active_at invited_by read_seq",
	"memberships.settings":        "nickname notifications muted_until theme custom",
	"messages": "id room_id seq author_id type body parent_id root_id nonce mentions mentions_all tags custom " +
		"created_at edited_at deleted_at deleted_by expires_at pinned_at version",
	"messages.attachments": "id room_id message_id uploader_id name media_type size hash blob width height duration custom created_at",
	"messages.revisions":   "message_id version body mentions mentions_all tags custom replaced_at replaced_by",
	"mentions":             "id room_id seq created_at",
	"reactions":            "message_id user_id emoji created_at",
	"receipts":             "room_id first_seq last_seq read_at",
	"attachments":          "id room_id message_id uploader_id name media_type size hash blob width height duration custom created_at detached_at",
	"invites_made":         "id room_id inviter_id email role max_uses uses created_at expires_at revoked_at",
	"invites_received":     "id room_id inviter_id invitee_id email role max_uses created_at expires_at revoked_at",
	"sanctions":            "id user_id room_id kind moderator_id reason created_at expires_at lifted_at lifted_by",
	"holds":                "id user_id reason created_by created_at released_by released_at",
	"sessions":             "id user_id ip user_agent created_at expires_at last_active_at revoked_at",
	"sessions.metadata":    "client_type client_version device location custom",
	"login_attempts":       "id login user_id ip user_agent success created_at",
	"blocks":               "user_id blocked_id created_at",
	"audit":                "id action room_id created_at target_kind target_id",
	"audit.actor":          "name ip user_agent",
	"audit.subject":        "target_name detail metadata",
}

// aboutOthers are the fields that may tell of others, and why.
var aboutOthers = map[string]string{
	"messages.body":               "the user's words, and those of whoever edited them",
	"messages.custom":             "as the body",
	"messages.tags":               "as the body",
	"messages.mentions":           "whom the user has named",
	"messages.revisions.body":     "as the body",
	"messages.revisions.custom":   "as the body",
	"messages.revisions.tags":     "as the body",
	"messages.revisions.mentions": "whom the user has named",
	"messages.attachments.name":   "what the user has sent, whoever uploaded it",
	"messages.attachments.blob":   "the same",
	"attachments.name":            "what the user has uploaded",
	"attachments.blob":            "the same",
	"blocks.blocked_id":           "whom the user blocks",
	"sanctions.reason":            "why is the user's to know",
	"holds.reason":                "the same",
}
