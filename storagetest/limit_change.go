package storagetest

// The limits of texts hold on every way into a record.

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testNewMemberTexts(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("general", ann.ID)
	testTexts(t, f, texts[storage.Membership]{
		fields: memberTexts,
		make:   func() storage.Membership { return storage.Membership{RoomID: room.ID, UserID: bob.ID} },
		store:  func(m *storage.Membership) error { return f.AddMember(f.ctx, m) },
		read: func(storage.Membership) storage.Membership {
			got := f.readMember(room.ID, bob.ID)
			require.NoError(t, f.RemoveMember(f.ctx, room.ID, bob.ID))
			return got
		},
	})
}

func testRoomTextsChanged(t *testing.T, f *fixture) {
	room := f.room("general", f.user("ann").ID)
	testTexts(t, f, texts[storage.Room]{
		fields: roomTexts,
		make:   func() storage.Room { return f.readRoom(room.ID) },
		store: func(r *storage.Room) (err error) {
			next, err := f.UpdateRoom(f.ctx, room.ID, storage.RoomPatch{
				Name: &r.Name, DisplayName: &r.DisplayName, Description: &r.Description, Topic: &r.Topic,
				PasswordHash: &r.PasswordHash,
			})
			if err == nil {
				*r = next
			}
			return err
		},
		read: func(storage.Room) storage.Room { return f.readRoom(room.ID) },
	})
}

func testImportedTexts(t *testing.T, f *fixture) {
	room := f.room("general", storage.UserID{})
	testTexts(t, f, texts[storage.Message]{
		fields: []limited[storage.Message]{
			{"[0].Body", storage.MaxBody, func(m *storage.Message) *string { return &m.Body }},
		},
		make: func() storage.Message { return storage.Message{RoomID: room.ID} },
		store: func(m *storage.Message) error {
			_, err := f.CreateMessages(f.ctx, []*storage.Message{m})
			return err
		},
		read: func(m storage.Message) storage.Message { return f.readMessage(m.ID) },
	})
}
