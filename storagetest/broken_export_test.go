package storagetest_test

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// exportFaults are about what an export of a user reads.
var exportFaults = []fault{
	{name: "an export of many moments", caught: "export/one moment", open: stores(func(s storage.Store) storage.Store { return momentless{s} })},
	{name: "an export without tombstones", caught: "export/messages", open: traces{messages: func(m storage.Message) bool {
		return !m.Deleted()
	}}.opener()},
	{name: "a failure makes an address known", caught: "export/logins of nobody", open: reads(func(r storage.Reader) storage.Reader {
		return knownByFailure{r}
	})},
	{name: "an export of rooms of members alone", caught: "export/mentions, reactions and receipts", open: tracesRooms(
		func(ctx context.Context, r storage.Reader, user storage.UserID, room storage.RoomID) bool {
			member, err := r.IsMember(ctx, room, user)
			return member && err == nil
		})},
}

// momentless is a store whose views see what others do meanwhile.
type momentless struct{ storage.Store }

// View runs fn over the store as it is at each call.
func (s momentless) View(ctx context.Context, fn func(context.Context, storage.Reader) error) error {
	return fn(ctx, s.Store)
}

// knownByFailure takes failures for successes where it is asked about a user at an
// address.
type knownByFailure struct{ storage.Reader }

func (r knownByFailure) LoginAttempts(ctx context.Context, q storage.LoginQuery) (storage.Page[storage.LoginAttempt], error) {
	if !q.User.IsZero() && q.IP.IsValid() {
		q.Success = nil
	}
	return r.Reader.LoginAttempts(ctx, q)
}
