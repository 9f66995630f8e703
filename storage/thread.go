package storage

// Threads. Declared here as the contract to come; no backend implements it
// yet, and Store does not have it.

import "time"

// Thread is the summary of a thread, kept by the store, so that a page shows
// it without reading the replies. Replies to replies belong to the root's
// thread: their RootID is the root's.
//
// With threads, Message gets the field Thread, which readers fill in for a
// message that has replies and leave zero for any other, and MessageQuery the
// field Thread (a MessageID): the root and all its replies, in the order of
// Seq, where Room may be left out. A thread outlives its root: under a
// tombstone or a purged message the replies stay, are found by its identifier,
// and may be replied to.
type Thread struct {
	Replies      int64     `json:"replies"`                 // that are neither tombstones nor expired nor purged
	Participants int64     `json:"participants"`            // distinct authors of these; deleted users are nobody and do not count
	LastReplyID  MessageID `json:"last_reply_id,omitzero"`  // the one of these with the highest Seq
	LastReplyAt  time.Time `json:"last_reply_at,omitzero"`  // its CreatedAt
	LastAuthorID UserID    `json:"last_author_id,omitzero"` // its author
}
