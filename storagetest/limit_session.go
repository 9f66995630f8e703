package storagetest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var metadataTexts = []limited[storage.Session]{
	{"Metadata.ClientType", storage.MaxClientType, func(s *storage.Session) *string { return &s.Metadata.ClientType }},
	{"Metadata.ClientVersion", storage.MaxClientVersion, func(s *storage.Session) *string { return &s.Metadata.ClientVersion }},
	{"Metadata.Device", storage.MaxDevice, func(s *storage.Session) *string { return &s.Metadata.Device }},
	{"Metadata.Location", storage.MaxLocation, func(s *storage.Session) *string { return &s.Metadata.Location }},
}

func testSessionTexts(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	testTexts(t, f, texts[storage.Session]{
		fields: append([]limited[storage.Session]{
			{"UserAgent", storage.MaxUserAgent, func(s *storage.Session) *string { return &s.UserAgent }},
		}, metadataTexts...),
		make:  func() storage.Session { return storage.Session{UserID: ann} },
		store: func(s *storage.Session) error { _, err := f.CreateSession(f.ctx, s); return err },
		read:  func(s storage.Session) storage.Session { return f.readSession(s.ID) },
	})
	s, _ := f.login(ann)
	testTexts(t, f, texts[storage.Session]{
		fields: metadataTexts,
		make:   func() storage.Session { return s },
		store: func(next *storage.Session) error {
			_, err := f.UpdateSessionMetadata(f.ctx, s.ID, next.Metadata)
			return err
		},
		read: func(storage.Session) storage.Session { return f.readSession(s.ID) },
	})
}

func testSessionCustom(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	s, _ := f.login(ann)
	wantCustom(t, f, "Metadata.Custom",
		func(c json.RawMessage) error {
			_, err := f.UpdateSessionMetadata(f.ctx, s.ID, storage.SessionMetadata{Custom: c})
			return err
		},
		func() json.RawMessage { return f.readSession(s.ID).Metadata.Custom })
	wantCustom(t, f, "Metadata.Custom",
		func(c json.RawMessage) error {
			next := storage.Session{UserID: ann, Metadata: storage.SessionMetadata{Custom: c}}
			_, err := f.CreateSession(f.ctx, &next)
			if err == nil {
				s = next
			}
			return err
		},
		func() json.RawMessage {
			require.Equal(t, s, f.readSession(s.ID))
			return s.Metadata.Custom
		})
}

func testLoginTexts(t *testing.T, f *fixture) {
	testTexts(t, f, texts[storage.LoginAttempt]{
		fields: []limited[storage.LoginAttempt]{
			{"UserAgent", storage.MaxUserAgent, func(a *storage.LoginAttempt) *string { return &a.UserAgent }},
		},
		make:  func() storage.LoginAttempt { return storage.LoginAttempt{Login: "ann"} },
		store: func(a *storage.LoginAttempt) error { return f.RecordLoginAttempt(f.ctx, a) },
		read: func(a storage.LoginAttempt) storage.LoginAttempt {
			for _, other := range list(f, f.LoginAttempts, storage.LoginQuery{}) {
				if other.ID == a.ID {
					return other
				}
			}
			return storage.LoginAttempt{}
		},
	})
	for _, login := range append([]string{"", of(storage.MaxLogin + 1)}, refusedTexts...) {
		a := storage.LoginAttempt{Login: login}
		f.refused(t, func() error { return f.RecordLoginAttempt(f.ctx, &a) }, storage.ErrInvalid, "Login")
		if login != "" {
			_, err := f.LoginAttempts(f.ctx, storage.LoginQuery{Login: login})
			wantErr(t, err, storage.ErrInvalid, "Login")
		}
	}
	for _, login := range append([]string{of(storage.MaxLogin), strings.Repeat("\ufdfa", storage.MaxLogin/3)}, kept...) {
		if login == "" {
			continue
		}
		a := f.attempt(storage.LoginAttempt{Login: login})
		got, err := firstOf(f.LoginAttempts(f.ctx, storage.LoginQuery{Login: login}))
		require.NoError(t, err)
		require.Equal(t, a.Login, got.Login, "%q", login)
	}
}
