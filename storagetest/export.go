package storagetest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var exportCases = []testCase{
	{"nobody", testExportNobody},
	{"the account", testExportAccount},
	{"messages", testExportMessages},
	{"mentions, reactions and receipts", testExportTraces},
	{"the rest", testExportRest},
	{"the audit log", testExportAudit},
	{"nothing there", testExportNothing},
	{"no secret", testExportSecrets},
	{"nothing of others", testExportOthers},
	{"every field", testExportFields},
	{"what has expired", testExportExpired},
	{"logins of nobody", testExportLoginsOfNobody},
	{"more than a page", testExportPages},
	{"one moment", testExportMoment},
	{"a writer that fails", testExportFails},
	{"a context that is done", testExportContext},
	{"who was erased", testExportErased},
}

// exported is what an export says.
type exported struct {
	Format       string       `json:"format"`
	Version      int          `json:"version"`
	ExportedAt   time.Time    `json:"exported_at"`
	User         storage.User `json:"user"`
	RoomsCreated []struct {
		ID        storage.RoomID `json:"id"`
		Name      string         `json:"name"`
		CreatedAt time.Time      `json:"created_at"`
	} `json:"rooms_created"`
	Memberships []storage.Membership `json:"memberships"`
	Messages    []struct {
		storage.Message
		Revisions []storage.Revision `json:"revisions"`
	} `json:"messages"`
	Mentions []struct {
		ID        storage.MessageID `json:"id"`
		RoomID    storage.RoomID    `json:"room_id"`
		Seq       int64             `json:"seq"`
		CreatedAt time.Time         `json:"created_at"`
	} `json:"mentions"`
	Reactions       []storage.Reaction     `json:"reactions"`
	Receipts        []exportedRun          `json:"receipts"`
	Attachments     []storage.Attachment   `json:"attachments"`
	InvitesMade     []storage.Invite       `json:"invites_made"`
	InvitesReceived []storage.Invite       `json:"invites_received"`
	Sanctions       []storage.Sanction     `json:"sanctions"`
	Holds           []storage.Hold         `json:"holds"`
	Sessions        []storage.Session      `json:"sessions"`
	LoginAttempts   []storage.LoginAttempt `json:"login_attempts"`
	Blocks          []storage.Block        `json:"blocks"`
	Audit           []exportedEntry        `json:"audit"`
}

type exportedRun struct {
	RoomID   storage.RoomID `json:"room_id"`
	FirstSeq int64          `json:"first_seq"`
	LastSeq  int64          `json:"last_seq"`
	ReadAt   time.Time      `json:"read_at"`
}

type exportedEntry struct {
	ID         storage.AuditID       `json:"id"`
	Action     string                `json:"action"`
	RoomID     storage.RoomID        `json:"room_id"`
	CreatedAt  time.Time             `json:"created_at"`
	Actor      *storage.AuditActor   `json:"actor"`
	TargetKind storage.Entity        `json:"target_kind"`
	TargetID   string                `json:"target_id"`
	Subject    *storage.AuditSubject `json:"subject"`
}

// export exports a user, and requires that nothing is in it that is not
// documented.
func (f *fixture) export(user storage.UserID) (text string, out exported) {
	f.t.Helper()
	var b bytes.Buffer
	require.NoError(f.t, storage.ExportUser(f.ctx, f, user, &b))
	d := json.NewDecoder(bytes.NewReader(b.Bytes()))
	d.DisallowUnknownFields()
	require.NoError(f.t, d.Decode(&out))
	require.False(f.t, d.More(), "one object")
	return b.String(), out
}

func testExportNobody(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	require.NoError(t, f.DeleteUser(f.ctx, ann))
	for _, user := range []storage.UserID{{}, nobody, ann} {
		var b bytes.Buffer
		wantNotFound(t, storage.ExportUser(f.ctx, f, user, &b), storage.EntityUser)
		require.Zero(t, b.Len())
	}
	wantErr(t, storage.ExportUser(f.ctx, f, ann, nil), storage.ErrInvalid, "w")
}

func testExportAccount(t *testing.T, f *fixture) {
	object := json.RawMessage(`{"a":"<b>"}`)
	ann := f.user("ann", func(u *storage.User) {
		u.Email, u.ExternalID, u.Profile.Bio, u.Profile.Custom, u.Settings.Chat = "ann@example.com", "oidc|ann", "Ann & co", object, object
	})
	room, other := f.room("mine", ann.ID), f.room("other", f.user("bob").ID)
	f.join(other.ID, ann.ID, func(m *storage.Membership) { m.Settings = storage.MemberSettings{Nickname: "annie", Custom: object} })
	text, out := f.export(ann.ID)
	require.True(t, strings.HasPrefix(text, `{"format":"lair user export",`+"\n"+`"version":1,`), text)
	require.Equal(t, storage.ExportVersion, out.Version)
	require.True(t, out.ExportedAt.Equal(f.now()), out.ExportedAt)
	require.Equal(t, ann, out.User)
	require.Contains(t, text, "Ann & co", "signs as they are")
	require.Len(t, out.RoomsCreated, 1)
	require.Equal(t, room.ID, out.RoomsCreated[0].ID)
	require.Equal(t, "mine", out.RoomsCreated[0].Name)
	require.Equal(t, list(f, f.Memberships, storage.MembershipQuery{User: ann.ID}), out.Memberships)
}

// testExportMessages has messages with all that they can have, and a tombstone.
func testExportMessages(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room, attic := f.room("hall", bob).ID, f.room("attic", bob).ID
	m := f.fullMessage(room, ann, bob)
	f.edit(m.ID, bob, storage.MessagePatch{Body: new("as bob would say it")})
	slip := f.remove(f.say(attic, ann, "a slip").ID, bob)
	later := f.say(room, ann, "later")
	m = f.readMessage(m.ID)
	revisions := list(f, f.MessageRevisions, storage.RevisionQuery{Message: m.ID})
	_, out := f.export(ann)
	byRoom := map[storage.RoomID][]storage.Message{}
	for _, got := range out.Messages {
		byRoom[got.RoomID] = append(byRoom[got.RoomID], got.Message)
		if got.ID == m.ID {
			revisions[0].ReplacedBy = storage.UserID{}
			require.Equal(t, revisions, got.Revisions, "by bob, and by ann")
		} else {
			require.Empty(t, got.Revisions)
			require.NotNil(t, got.Revisions, "a list, if an empty one")
		}
	}
	m.Reactions, m.Attachments[1].UploaderID, slip.DeletedBy = nil, storage.UserID{}, storage.UserID{}
	require.Equal(t, map[storage.RoomID][]storage.Message{room: {m, later}, attic: {slip}}, byRoom)
	require.Len(t, out.Attachments, 1, "uploads of ann's")
}

func testExportTraces(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room, attic := f.room("hall", bob).ID, f.room("attic", bob).ID
	f.join(room, ann)
	var ms []storage.Message
	for i := range 6 {
		ms = append(ms, f.say(room, bob, fmt.Sprint(i), func(m *storage.Message) {
			if i%2 == 1 {
				m.Mentions = []storage.UserID{ann}
			}
		}))
	}
	away := f.say(attic, bob, "where ann is not", func(m *storage.Message) { m.Mentions = []storage.UserID{ann} })
	f.react(ms[4].ID, ann, "x")
	f.react(away.ID, ann, "y")
	f.clock.advance(time.Minute)
	require.NoError(t, f.MarkRead(f.ctx, room, ann, storage.At(ms[2].ID)))
	first := f.now()
	f.clock.advance(time.Minute)
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[4].ID, ann))
	second := f.now()
	f.clock.advance(time.Minute)
	require.NoError(t, f.MarkRead(f.ctx, room, ann, storage.Anchor{}))
	require.NoError(t, errOf(f.PurgeMessage(f.ctx, ms[1].ID)))
	_, out := f.export(ann)
	require.Equal(t, []exportedRun{
		{room, 1, 3, first}, {room, 4, 4, f.now()}, {room, 5, 5, second}, {room, 6, 6, f.now()},
	}, out.Receipts)
	var mentions []storage.MessageID
	for _, m := range out.Mentions {
		mentions = append(mentions, m.ID)
		require.True(t, m.CreatedAt.Equal(away.CreatedAt) && m.Seq > 0 && !m.RoomID.IsZero())
	}
	require.ElementsMatch(t, []storage.MessageID{ms[3].ID, ms[5].ID, away.ID}, mentions)
	require.ElementsMatch(t, append(list(f, f.Reactions, storage.ReactionQuery{Message: ms[4].ID}),
		list(f, f.Reactions, storage.ReactionQuery{Message: away.ID})...), out.Reactions)
}

func testExportRest(t *testing.T, f *fixture) {
	user, other, room := f.person()
	f.invite(storage.Invite{RoomID: room, InviterID: user, Email: "gil@example.com"})
	f.invite(storage.Invite{RoomID: room, InviterID: other, InviteeID: user})
	held := []storage.Hold{f.hold(storage.Hold{UserID: user, CreatedBy: user}), f.hold(storage.Hold{UserID: user, CreatedBy: other})}
	f.hold(storage.Hold{UserID: other})
	var err error
	held[0], err = f.ReleaseHold(f.ctx, held[0].ID, other)
	require.NoError(t, err)
	_, out := f.export(user)
	held[0].ReleasedBy, held[1].CreatedBy = storage.UserID{}, storage.UserID{}
	require.Equal(t, []storage.Hold{held[1], held[0]}, out.Holds, "whoever put and released them")
	require.Equal(t, list(f, f.Attachments, storage.AttachmentQuery{Uploader: user}), out.Attachments)
	made, received := list(f, f.Invites, storage.InviteQuery{Inviter: user}), list(f, f.Invites, storage.InviteQuery{Invitee: user})
	for i := range made {
		made[i].Email = ""
	}
	for i := range received {
		received[i].InviterID = storage.UserID{}
	}
	require.Equal(t, made, out.InvitesMade, "whomever the user invited")
	require.Equal(t, received, out.InvitesReceived, "whoever invited the user")
	require.Len(t, out.InvitesReceived, 4)
	require.Equal(t, list(f, f.Sessions, storage.SessionQuery{User: user}), out.Sessions)
	require.Equal(t, list(f, f.LoginAttempts, storage.LoginQuery{User: user}), out.LoginAttempts)
	require.Equal(t, list(f, f.BlockedUsers, storage.BlockQuery{User: user}), out.Blocks)
	require.Equal(t, list(f, f.Sanctions, storage.SanctionQuery{User: user}), out.Sanctions)
	for _, n := range []int{len(out.Attachments), len(out.Sessions), len(out.LoginAttempts), len(out.Blocks), len(out.Sanctions), len(out.Messages)} {
		require.NotZero(t, n)
	}
}

func testExportAudit(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	onRoom := storage.AuditEntry{
		Action: "room.close", ActorID: ann, TargetKind: storage.EntityRoom, TargetID: room.String(), Subject: storage.AuditSubject{Detail: "for the night"},
	}
	all := []storage.AuditEntry{
		f.audit(fullAudit(ann, bob, room)), f.audit(fullAudit(bob, ann, room)), f.audit(fullAudit(ann, ann, room)), f.audit(onRoom),
		f.audit(fullAudit(bob, bob, room)),
	}
	_, out := f.export(ann)
	want := func(e storage.AuditEntry, actor, target bool) exportedEntry {
		out := exportedEntry{ID: e.ID, Action: e.Action, RoomID: e.RoomID, CreatedAt: e.CreatedAt, TargetKind: e.TargetKind}
		if actor {
			e.Actor.Seal = storage.AuditSeal{}
			out.Actor = &e.Actor
		}
		if target {
			e.Subject.Seal = storage.AuditSeal{}
			out.TargetID, out.Subject = e.TargetID, &e.Subject
		}
		return out
	}
	ofRoom := want(all[3], true, false)
	ofRoom.TargetID = room.String()
	require.Equal(t, []exportedEntry{
		want(all[0], true, false), want(all[2], true, true), ofRoom, want(all[1], false, true),
	}, out.Audit)
}

func testExportNothing(t *testing.T, f *fixture) {
	f.world()
	text, out := f.export(f.user("new").ID)
	require.NotContains(t, text, "null")
	require.Equal(t, 15, strings.Count(text, ":[]"), "each list is there, and empty: %s", text)
	require.Empty(t, out.Messages)
}

func testExportSecrets(t *testing.T, f *fixture) {
	ann := f.user("ann", func(u *storage.User) { u.PasswordHash = "argon2id of a secret" }).ID
	room := f.room("hall", ann).ID
	_, token := f.login(ann)
	_, code := f.invite(storage.Invite{RoomID: room, InviterID: ann})
	e := f.audit(fullAudit(ann, ann, room))
	text, _ := f.export(ann)
	for _, secret := range []storage.Secret{"argon2id of a secret", token, code} {
		require.NotContains(t, text, string(secret))
	}
	for _, salt := range [][]byte{e.Actor.Seal.Salt, e.Subject.Seal.Salt} {
		require.NotContains(t, text, base64.StdEncoding.EncodeToString(salt))
		require.NotContains(t, text, hex.EncodeToString(salt))
	}
	require.NotContains(t, text, "redacted")
}

func testExportOthers(t *testing.T, f *fixture) {
	ann, bob, mod := f.user("ann").ID, f.user("bob").ID, f.user("moderator").ID
	room := f.room("hall", bob).ID
	root := f.say(room, bob, "words of bob's", func(m *storage.Message) { m.Mentions = []storage.UserID{ann} })
	m := f.say(room, ann, "hello", func(m *storage.Message) { m.ParentID = root.ID })
	f.say(room, bob, "bob's reply", func(m *storage.Message) { m.ParentID = m.ID })
	f.react(m.ID, bob, ":bobs:")
	f.edit(m.ID, mod, storage.MessagePatch{Body: new("hello, said the moderator")})
	f.remove(f.say(room, ann, "spam").ID, mod)
	s := f.sanction(storage.Sanction{UserID: ann, Kind: storage.SanctionMute, ModeratorID: mod, Reason: "shouting"})
	require.NoError(t, errOf(f.LiftSanction(f.ctx, s.ID, mod)))
	f.sanction(storage.Sanction{UserID: bob, Kind: storage.SanctionMute, ModeratorID: ann, Reason: "about bob"})
	f.block(bob, ann)
	f.audit(fullAudit(mod, ann, room))
	f.audit(fullAudit(ann, mod, room))
	text, out := f.export(ann)
	for _, others := range []string{mod.String(), bob.String(), "bob's", ":bobs:", "about bob"} {
		require.NotContains(t, text, others)
	}
	require.Contains(t, text, "shouting", "why is the user's to know")
	require.Len(t, out.Mentions, 1)
	require.Len(t, out.Audit, 2)
}
