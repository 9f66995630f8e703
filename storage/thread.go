package storage

import "time"

// Thread is the summary of a thread, kept by the store, so that a page shows
// it without reading the replies. It is zero where there are none to count.
// Replies to replies belong to the root's thread: their RootID is the root's.
//
// A thread outlives its root: under a tombstone, which shows the summary, or a
// purged message the replies stay, are found by the root's identifier
// (MessageQuery.Thread), and may be replied to.
type Thread struct {
	Replies      int64     `json:"replies"`                 // that are neither tombstones nor expired nor purged
	Participants int64     `json:"participants"`            // distinct authors of these; deleted users are nobody and do not count
	LastReplyID  MessageID `json:"last_reply_id,omitzero"`  // the one of these with the highest Seq
	LastReplyAt  time.Time `json:"last_reply_at,omitzero"`  // its CreatedAt
	LastAuthorID UserID    `json:"last_author_id,omitzero"` // its author
}
