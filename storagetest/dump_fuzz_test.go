package storagetest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/memory"
	"github.com/lairchat/lair/storage"
)

// village is a small store with something of most kinds in it.
func village(t require.TestingT, ctx context.Context) *memory.Store {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	s := memory.New(&memory.Options{Options: storage.Options{Now: func() time.Time { now = now.Add(time.Second); return now }}})
	must := func(err error) { require.NoError(t, err) }
	var users []storage.UserID
	for _, name := range []string{"ann", "bob", "eve"} {
		u := storage.User{Username: name, Profile: storage.Profile{Custom: json.RawMessage(`{"a": 1}`)}}
		must(s.CreateUser(ctx, &u))
		users = append(users, u.ID)
	}
	ann, bob, eve := users[0], users[1], users[2]
	hall, shed := storage.Room{Name: "hall", CreatorID: ann}, storage.Room{Name: "shed", CreatorID: ann}
	must(s.CreateRoom(ctx, &hall))
	must(s.CreateRoom(ctx, &shed))
	must(s.AddMember(ctx, &storage.Membership{RoomID: hall.ID, UserID: bob}))
	var file [3]storage.Attachment
	for i, room := range []storage.RoomID{hall.ID, hall.ID, shed.ID} {
		file[i] = storage.Attachment{RoomID: room, UploaderID: bob, Name: "cat.png", Blob: fmt.Sprint(i)}
		must(s.CreateAttachment(ctx, &file[i]))
	}
	var root storage.MessageID
	for _, m := range []storage.Message{
		{AuthorID: ann, Body: "hello", Mentions: []storage.UserID{bob, eve}, Tags: []string{"x"}, Attachments: file[:1]},
		{AuthorID: bob, Body: "hi", Nonce: "n"},
		{AuthorID: eve, Body: "psst", Nonce: "n", ExpiresAt: now.Add(time.Hour)},
		{AuthorID: ann, Body: "gone", Attachments: file[1:2]},
		{AuthorID: ann, Body: "purged"},
	} {
		m.RoomID, m.ParentID = hall.ID, root
		_, err := s.CreateMessage(ctx, &m)
		must(err)
		switch m.Body {
		case "hello":
			root = m.ID
			_, err = s.EditMessage(ctx, m.ID, ann, storage.MessagePatch{Body: new("hello all")})
			must(err)
			_, err = s.AddReaction(ctx, m.ID, bob, "👍")
		case "gone":
			_, err = s.DeleteMessage(ctx, m.ID, ann)
		case "purged":
			_, err = s.PurgeMessage(ctx, m.ID)
		}
		must(err)
	}
	furnish(t, ctx, s, hall.ID, ann, bob)
	must(s.DeleteUser(ctx, eve))
	must(s.DeleteRoom(ctx, shed.ID))
	must(s.CreateHold(ctx, &storage.Hold{RoomID: hall.ID, Reason: "inquiry"}))
	_, err := s.PruneChanges(ctx, storage.ChangePrune{Keep: 9, PastConsumers: true})
	must(err)
	return s
}

// furnish stores what is beside messages.
func furnish(t require.TestingT, ctx context.Context, s storage.Store, room storage.RoomID, ann, bob storage.UserID) {
	must := func(err error) { require.NoError(t, err) }
	must(s.BlockUser(ctx, ann, bob))
	_, _, err := s.OpenDirectRoom(ctx, ann, bob)
	must(err)
	_, err = s.CreateInvite(ctx, &storage.Invite{RoomID: room, InviterID: ann})
	must(err)
	must(s.CreateSanction(ctx, &storage.Sanction{UserID: bob, Kind: storage.SanctionMute}))
	_, err = s.CreateSession(ctx, &storage.Session{UserID: ann})
	must(err)
	must(s.RecordLoginAttempt(ctx, &storage.LoginAttempt{Login: "ann", UserID: ann}))
	must(s.SetConfig(ctx, &storage.Config{Key: "motd", Value: "x", Sensitive: true}))
	must(s.AppendAudit(ctx, &storage.AuditEntry{Action: "x", ActorID: ann, Actor: storage.AuditActor{Name: "ann"}}))
	must(s.AdvanceConsumer(ctx, "push", 3))
}

// recordKinds are the kinds by the names that lines begin with.
var recordKinds = func() map[string]storage.RawKind {
	kinds := map[string]storage.RawKind{}
	for field := range reflect.TypeFor[storage.Raw]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		kinds[name] = storage.RawKind(len(kinds) + 1)
	}
	return kinds
}()

// sealedDump makes a dump of lines, with the end that fits.
func sealedDump(lines []byte) []byte {
	dump := append([]byte(`{"dump":{"format":"lair","version":1,"secrets":true}}`+"\n"), lines...)
	if !bytes.HasSuffix(dump, []byte("\n")) {
		dump = append(dump, '\n')
	}
	counts := map[storage.RawKind]int64{}
	for line := range bytes.Lines(dump) {
		if _, rest, ok := strings.Cut(string(line), `"`); ok {
			if name, _, ok := strings.Cut(rest, `"`); ok && recordKinds[name] != 0 {
				counts[recordKinds[name]]++
			}
		}
	}
	records, err := json.Marshal(counts)
	if err != nil {
		panic(err)
	}
	return fmt.Appendf(dump, `{"end":{"records":%s,"sha256":"%x"}}`+"\n", records, sha256.Sum256(dump))
}

// FuzzLoad loads any lines. What is refused is refused with an error that says
// so, and merging changes nothing then. What is taken makes a store as good as
// any: it can be dumped and loaded, and everything in it taken away.
func FuzzLoad(f *testing.F) {
	var b bytes.Buffer
	s := village(f, f.Context())
	_, err := storage.Dump(f.Context(), s, &b, storage.DumpOptions{Secrets: true})
	require.NoError(f, err)
	lines := bytes.SplitAfter(b.Bytes(), []byte("\n"))
	whole := bytes.Join(lines[1:len(lines)-2], nil)
	f.Add(whole)
	for i := 1; i < len(lines)-2; i++ { // each line left out, and each twice
		f.Add(bytes.Replace(whole, lines[i], nil, 1))
		f.Add(bytes.Replace(whole, lines[i], append(bytes.Clone(lines[i]), lines[i]...), 1))
	}
	plain := memory.New(nil)
	f.Fuzz(func(t *testing.T, lines []byte) {
		ctx := t.Context()
		dump := sealedDump(lines)
		s := memory.New(nil)
		defer s.Close()
		_, err := storage.Load(ctx, s, bytes.NewReader(dump), storage.LoadOptions{Batch: 3})
		merged := memory.New(nil)
		defer merged.Close()
		_, mergeErr := storage.Load(ctx, merged, bytes.NewReader(dump), storage.LoadOptions{Merge: true})
		require.Equal(t, err == nil, mergeErr == nil, "%v, and merging into an empty store: %v", err, mergeErr)
		if err != nil {
			var e *storage.Error
			require.True(t, errors.As(err, &e) && e.Op == "load" && strings.HasPrefix(e.Field, "line "), "%v", err)
			require.Equal(t, dumped(t, t, plain, storage.DumpOptions{}), dumped(t, t, merged, storage.DumpOptions{}))
			return
		}
		secrets := storage.DumpOptions{Secrets: true}
		again, other := dumped(t, t, s, secrets), memory.New(nil)
		defer other.Close()
		require.Equal(t, string(again), string(dumped(t, t, merged, secrets)))
		_, err = storage.Load(ctx, other, bytes.NewReader(again), storage.LoadOptions{})
		require.NoError(t, err, "loading what was dumped")
		require.Equal(t, string(again), string(dumped(t, t, other, secrets)))
		empty(t, ctx, other)
	})
}

// empty takes away what can be taken away.
func empty(t *testing.T, ctx context.Context, s storage.Store) {
	for m, err := range storage.All(ctx, s.Rooms, storage.RoomQuery{}) {
		require.NoError(t, err)
		_, err := s.Messages(ctx, storage.MessageQuery{Room: m.ID, WithDeleted: true})
		require.NoError(t, err)
	}
	_, err := storage.Purge(ctx, s, storage.PurgeQuery{To: time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	holds, err := s.Holds(ctx, storage.HoldQuery{Limit: storage.MaxLimit})
	require.NoError(t, err)
	for _, h := range holds.Items {
		_, err := s.ReleaseHold(ctx, h.ID, storage.UserID{})
		require.NoError(t, err)
	}
	_, err = storage.Purge(ctx, s, storage.PurgeQuery{To: time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	rooms, err := s.Rooms(ctx, storage.RoomQuery{Limit: storage.MaxLimit})
	require.NoError(t, err)
	for _, r := range rooms.Items {
		require.NoError(t, s.DeleteRoom(ctx, r.ID))
	}
	users, err := s.Users(ctx, storage.UserQuery{Limit: storage.MaxLimit})
	require.NoError(t, err)
	for _, u := range users.Items {
		require.NoError(t, s.DeleteUser(ctx, u.ID))
	}
	for more := true; more; {
		r, err := s.PurgeAttachments(ctx, storage.AttachmentPurge{UnattachedFor: 1})
		require.NoError(t, err)
		more = r.More
	}
	_, err = s.PruneChanges(ctx, storage.ChangePrune{Age: 1, PastConsumers: true})
	require.NoError(t, err)
}
