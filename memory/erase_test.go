package memory

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// reach walks everything that can be reached from a value, and calls found with
// each text in it. What slices have beyond their length is reached, too.
type reach struct {
	seen  map[[2]any]bool
	found func(text string)
}

func (r *reach) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		r.found(v.String())
	case reflect.Pointer, reflect.Interface:
		r.walkBehind(v)
	case reflect.Struct:
		for i := range v.NumField() {
			r.walk(v.Field(i))
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			r.found(string(v.Bytes()[:v.Cap()]))
			return
		}
		for i := range v.Cap() {
			r.walk(v.Slice(0, v.Cap()).Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			r.walk(v.Index(i))
		}
	case reflect.Map:
		for each := v.MapRange(); each.Next(); {
			r.walk(each.Key())
			r.walk(each.Value())
		}
	}
}

func (r *reach) walkBehind(v reflect.Value) {
	if v.IsNil() {
		return
	}
	if v.Kind() == reflect.Pointer {
		at := [2]any{v.Type(), v.Pointer()}
		if r.seen[at] {
			return
		}
		r.seen[at] = true
	}
	r.walk(v.Elem())
}

// reachable returns the texts with a mark that can be reached from a state.
func reachable(s *state, mark string) (texts []string) {
	r := &reach{seen: map[[2]any]bool{}, found: func(text string) {
		if strings.Contains(strings.ToLower(text), mark) {
			texts = append(texts, text)
		}
	}}
	r.walk(reflect.ValueOf(s))
	return texts
}

// markedPerson stores a user of whom each text has a mark.
func (c *clutter) markedPerson(mark string) storage.UserID {
	ctx, object := c.t.Context(), []byte(`{"a":"`+mark+`"}`)
	u := storage.User{
		Username: mark, Email: mark + "@example.org", ExternalID: mark, PasswordHash: storage.Secret(mark),
		Profile: storage.Profile{
			DisplayName: mark, Avatar: mark, StatusMessage: mark, Bio: mark, Timezone: mark, Language: mark, Custom: object,
		},
		Settings: storage.UserSettings{Theme: mark, Chat: object},
	}
	require.NoError(c.t, c.CreateUser(ctx, &u))
	settings := storage.MemberSettings{Nickname: mark, Theme: mark, Custom: object}
	require.NoError(c.t, c.AddMember(ctx, &storage.Membership{RoomID: c.room, UserID: u.ID, Settings: settings}))
	_, err := c.CreateSession(ctx, &storage.Session{UserID: u.ID, UserAgent: mark, Metadata: storage.SessionMetadata{
		ClientType: mark, ClientVersion: mark, Device: mark, Location: mark, Custom: object,
	}})
	require.NoError(c.t, err)
	for _, user := range []storage.UserID{u.ID, {}} {
		a := storage.LoginAttempt{Login: mark, UserID: user, UserAgent: mark, IP: netip.IPv4Unspecified(), Success: !user.IsZero()}
		require.NoError(c.t, c.RecordLoginAttempt(ctx, &a))
	}
	_, err = c.CreateInvite(ctx, &storage.Invite{RoomID: c.room, Email: u.Email})
	require.NoError(c.t, err)
	require.NoError(c.t, c.AppendAudit(ctx, &storage.AuditEntry{
		Action: "x", ActorID: u.ID, TargetKind: storage.EntityUser, TargetID: u.ID.String(),
		Actor:   storage.AuditActor{Name: mark, UserAgent: mark},
		Subject: storage.AuditSubject{TargetName: mark, Detail: mark, Metadata: object},
	}))
	c.markedWords(u.ID, mark)
	require.NoError(c.t, c.CreateSanction(ctx, &storage.Sanction{UserID: u.ID, Kind: storage.SanctionMute, Reason: mark}))
	return u.ID
}

// markedWords stores messages that stand, that were deleted, and that expire.
func (c *clutter) markedWords(user storage.UserID, mark string) {
	ctx := c.t.Context()
	for i := range 3 {
		a := storage.Attachment{RoomID: c.room, UploaderID: user, Name: mark, Blob: mark + strings.Repeat("x", i), Hash: mark, MediaType: mark}
		require.NoError(c.t, c.CreateAttachment(ctx, &a))
		m := storage.Message{
			RoomID: c.room, AuthorID: user, Body: mark, Nonce: mark + strings.Repeat("x", i), Tags: []string{mark},
			Custom: []byte(`{"a":"` + mark + `"}`), Attachments: []storage.Attachment{{ID: a.ID}},
		}
		if i == 2 {
			m.ExpiresAt = time.Now().Add(time.Microsecond)
		}
		_, err := c.CreateMessage(ctx, &m)
		require.NoError(c.t, err)
		if i < 2 {
			_, err = c.EditMessage(ctx, m.ID, user, storage.MessagePatch{Body: new(mark + " again")})
			require.NoError(c.t, err)
		}
		if i == 1 {
			_, err = c.DeleteMessage(ctx, m.ID, user)
			require.NoError(c.t, err)
		}
	}
	_, err := c.AddReaction(ctx, c.root.ID, user, mark)
	require.NoError(c.t, err)
	_, err = c.RemoveReaction(ctx, c.root.ID, user, mark)
	require.NoError(c.t, err)
	_, err = c.AddReaction(ctx, c.root.ID, user, mark)
	require.NoError(c.t, err)
}

// TestNothingIsReachable erases a user among others, and looks for what is left
// of the user's texts.
func TestNothingIsReachable(t *testing.T) {
	t.Parallel()
	const mark = "zqmark"
	for _, how := range []storage.MessageErasure{storage.EraseTombstones, storage.ErasePurge} {
		c := newClutter(t)
		before := c.engine.present.Load().entries()
		user := c.markedPerson(mark)
		for range 2 * maxTail { // so that the text is indexed
			_, err := c.CreateMessage(t.Context(), &storage.Message{RoomID: c.room, Body: "of the server"})
			require.NoError(t, err)
		}
		assert.Greater(t, len(reachable(c.engine.present.Load(), mark)), 50)
		e, err := storage.EraseUser(t.Context(), c, user, storage.EraseOptions{Messages: how, Limit: 2})
		require.NoError(t, err)
		assert.True(t, e.User && e.Scrubbed)
		assert.Empty(t, reachable(c.engine.present.Load(), mark), how)
		after := c.engine.present.Load().entries()
		for _, tree := range []string{
			"users", "userIDs", "userNames", "members", "memberOf", "joinings", "sessions", "sessionsBy", "logins", "loginPlaces", "invites",
			"sanctions", "sanctionsBy", "reactions", "reactionsBy", "readings", "readIn", "attachments", "carried", "revisions", "tags", "nonces",
		} {
			assert.Equal(t, before[tree], after[tree], "%s, %v", tree, how)
		}
	}
}
