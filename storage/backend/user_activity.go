package backend

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// UserActivity implements storage.UserReader.
func (r Reader) UserActivity(ctx context.Context, id storage.UserID) (a storage.UserActivity, err error) {
	err = r.in.view(ctx, "read user activity", unchecked, func(rows Rows) (int, error) {
		a, err = r.userActivity(ctx, rows, id)
		return 1, err
	})
	if err != nil {
		return storage.UserActivity{}, err
	}
	return a, nil
}

func (r Reader) userActivity(ctx context.Context, rows Rows, id storage.UserID) (a storage.UserActivity, err error) {
	u, err := rows.User(ctx, id)
	if err != nil {
		return a, missing(err, storage.EntityUser, id)
	}
	now := r.now()
	t, err := rows.UserTotals(ctx, id, now)
	if err != nil {
		return a, err
	}
	a = storage.UserActivity{
		UserID: id, CreatedAt: u.CreatedAt, LastSeenAt: u.LastSeenAt, LastMessageAt: t.LastMessageAt,
		Messages: t.Messages, RecentMessages: t.RecentMessages, Reactions: t.Reactions,
		Attachments: t.Attachments, AttachedBytes: t.AttachedBytes, Sanctions: t.Sanctions,
	}
	a.Rooms, err = rows.CountMembers(ctx, MembershipScan{MembershipQuery: storage.MembershipQuery{User: id}})
	if err != nil {
		return a, err
	}
	a.RoomsCreated, err = rows.CountRooms(ctx, RoomScan{RoomQuery: storage.RoomQuery{Creator: id}, Now: now})
	if err != nil {
		return a, err
	}
	a.Sessions, err = rows.CountSessions(ctx, SessionScan{
		SessionQuery: storage.SessionQuery{User: id, Live: new(true)}, Now: now,
	})
	if err != nil {
		return a, err
	}
	a.FailedLogins, err = countFailed(ctx, rows, LoginScan{
		LoginQuery: storage.LoginQuery{User: id, From: now.Add(-RecentDay), To: now.Add(storage.TimePrecision)},
	})
	if err != nil {
		return a, err
	}
	logins, err := rows.LoginAttempts(ctx, LoginScan{
		LoginQuery: storage.LoginQuery{User: id, Success: new(true)}, Scan: Scan{Desc: true, Limit: 1},
	})
	if len(logins) > 0 {
		a.LastLoginAt = logins[0].CreatedAt
	}
	return a, err
}
