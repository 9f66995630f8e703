package storagetest_test

import (
	"context"
	"reflect"
	"time"

	"github.com/lairchat/lair/storage"
)

// activityFaults are stores that sum up all of a user but one field, or sum up
// something else.
var activityFaults = func() (all []fault) {
	caught := map[string]string{
		"UserID": "nothing yet", "CreatedAt": "nothing yet", "LastSeenAt": "nothing yet",
		"LastMessageAt": "messages", "LastLoginAt": "logins", "Messages": "messages",
		"RecentMessages": "messages of late", "Reactions": "reactions",
		"Attachments": "attachments", "AttachedBytes": "attachments",
		"Rooms": "rooms", "RoomsCreated": "rooms", "Sessions": "sessions",
		"FailedLogins": "logins", "Sanctions": "sanctions",
	}
	t := reflect.TypeFor[storage.UserActivity]()
	for i := range t.NumField() {
		all = append(all, fault{
			name: "activity without " + t.Field(i).Name, caught: "user activity/" + caught[t.Field(i).Name],
			open: sumsUp(func(_ context.Context, _ storage.Reader, a *storage.UserActivity) error {
				reflect.ValueOf(a).Elem().Field(i).SetZero()
				return nil
			}),
		})
	}
	return append(all,
		fault{name: "activity of nobody", caught: "user activity/nobody", open: reads(func(r storage.Reader) storage.Reader {
			return summary{r, func(context.Context, storage.Reader, *storage.UserActivity) error { return nil }, true}
		})},
		fault{name: "a week of activity is a month", caught: "user activity/messages of late", open: sumsUp(
			func(_ context.Context, _ storage.Reader, a *storage.UserActivity) error {
				a.RecentMessages.Week = a.RecentMessages.Month
				return nil
			})},
		fault{name: "activity counts tombstones", caught: "user activity/messages", open: sumsUp(
			func(ctx context.Context, r storage.Reader, a *storage.UserActivity) (err error) {
				a.Messages, err = r.CountMessages(ctx, storage.MessageQuery{Author: a.UserID, WithDeleted: true})
				return err
			})},
		fault{name: "the latest message by its place", caught: "user activity/messages in an order of their own", open: sumsUp(lastSaid)},
		fault{name: "activity counts old failures", caught: "user activity/logins", open: sumsUp(
			func(ctx context.Context, r storage.Reader, a *storage.UserActivity) (err error) {
				a.FailedLogins, err = r.CountFailedLogins(ctx, storage.LoginQuery{User: a.UserID})
				return err
			})},
		fault{name: "activity counts sessions that are over", caught: "user activity/sessions", open: sumsUp(
			func(ctx context.Context, r storage.Reader, a *storage.UserActivity) (err error) {
				a.Sessions, err = r.CountSessions(ctx, storage.SessionQuery{User: a.UserID})
				return err
			})},
		fault{name: "activity counts kicks", caught: "user activity/sanctions", open: sumsUp(
			func(ctx context.Context, r storage.Reader, a *storage.UserActivity) error {
				p, err := r.Sanctions(ctx, storage.SanctionQuery{User: a.UserID})
				a.Sanctions = int64(len(p.Items))
				return err
			})},
	)
}()

// lastSaid takes the time of the last message of the last room.
func lastSaid(ctx context.Context, r storage.Reader, a *storage.UserActivity) error {
	p, err := r.Memberships(ctx, storage.MembershipQuery{User: a.UserID})
	if err != nil {
		return err
	}
	for _, m := range p.Items {
		said, err := r.Messages(ctx, storage.MessageQuery{Room: m.RoomID, Author: a.UserID, Limit: 1})
		if err != nil {
			return err
		}
		for _, s := range said.Items {
			a.LastMessageAt = s.CreatedAt
		}
	}
	return nil
}

// summary is a reader that changes what is summed up of a user.
type summary struct {
	storage.Reader
	change  func(context.Context, storage.Reader, *storage.UserActivity) error
	anybody bool
}

func sumsUp(change func(context.Context, storage.Reader, *storage.UserActivity) error) opener {
	return reads(func(r storage.Reader) storage.Reader { return summary{r, change, false} })
}

func (s summary) UserActivity(ctx context.Context, id storage.UserID) (storage.UserActivity, error) {
	a, err := s.Reader.UserActivity(ctx, id)
	if err != nil && s.anybody {
		return storage.UserActivity{UserID: id, CreatedAt: time.Unix(1, 0)}, nil
	}
	if err != nil {
		return a, err
	}
	return a, s.change(ctx, s.Reader, &a)
}
