package storage

import "time"

// UserActivity sums up one user, for an administrator's page. A message stands
// that is no tombstone and has not expired, in a room that exists.
type UserActivity struct {
	UserID         UserID    `json:"user_id"`
	CreatedAt      time.Time `json:"created_at"`
	LastSeenAt     time.Time `json:"last_seen_at,omitzero"`
	LastMessageAt  time.Time `json:"last_message_at,omitzero"` // the latest CreatedAt of the messages that stand
	LastLoginAt    time.Time `json:"last_login_at,omitzero"`   // that worked, as far as login attempts are kept
	Messages       int64     `json:"messages"`                 // that stand
	RecentMessages Recent    `json:"recent_messages"`          // of these
	Reactions      int64     `json:"reactions"`                // to messages that stand
	Attachments    int64     `json:"attachments"`              // as Attachments lists them by Uploader
	AttachedBytes  int64     `json:"attached_bytes"`           // of these
	Rooms          int64     `json:"rooms"`                    // memberships
	RoomsCreated   int64     `json:"rooms_created"`            // that exist
	Sessions       int64     `json:"sessions"`                 // live
	FailedLogins   int64     `json:"failed_logins"`            // as CountFailedLogins, of the last 24 hours
	Sanctions      int64     `json:"sanctions"`                // in force
}
