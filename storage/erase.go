package storage

import (
	"context"
	"slices"
)

// DefaultErase is how much EraseUserData takes away where the options' Limit is
// 0: few enough that other writers hardly notice.
const DefaultErase = 10

// MessageErasure is what becomes of the messages of a user who is erased.
type MessageErasure uint8

// What becomes of them.
const (
	EraseTombstones MessageErasure = iota + 1 // tombstones by nobody: replies and pages hold together, and nothing that was said is left
	ErasePurge                                // stubs, as by PurgeMessages
	EraseKeep                                 // they stay as they are, written by nobody
)

var messageErasures = enum[MessageErasure]{"MessageErasure", []string{"tombstones", "purge", "keep"}}

// ParseMessageErasure returns what [MessageErasure.String] writes as s.
func ParseMessageErasure(s string) (MessageErasure, error) { return messageErasures.parse(s) }

// Valid reports whether e is one of them.
func (e MessageErasure) Valid() bool { return messageErasures.valid(e) }

// String returns its name.
func (e MessageErasure) String() string { return messageErasures.string(e) }

// MarshalText returns its name, "" when it is unset.
func (e MessageErasure) MarshalText() ([]byte, error) { return messageErasures.marshal(e) }

// UnmarshalText is the inverse of [MessageErasure.MarshalText].
func (e *MessageErasure) UnmarshalText(text []byte) error { return messageErasures.unmarshal(e, text) }

// EraseOptions say how a user is erased.
type EraseOptions struct {
	Messages MessageErasure // EraseTombstones unless given
	By       UserID         // who erases: DeletedBy of the tombstones, Actor of what the feed tells of them; may be nobody
	Limit    int            // records in one batch: DefaultErase if 0, at most MaxLimit
}

// Validate refuses options that mean nothing.
func (o EraseOptions) Validate() error {
	if o.Limit < 0 {
		return Invalid("Limit", "negative")
	}
	return messageErasures.check("Messages", o.Messages)
}

// Erasure tells what was done to erase a user. Each record is counted once, in the
// call that took it away: the sums over all batches are of the whole erasure, and
// of any backend the same. Not counted is what was read, of which each backend
// keeps records in its own way, nor what is in rooms that are deleted, but for
// emoji, nor what goes with the record of the user.
type Erasure struct {
	UserID UserID `json:"user_id"`
	User   bool   `json:"user"` // the record was there, and is gone

	Tombstones  int64    `json:"tombstones"`     // messages that are tombstones by nobody now, those that were tombstones already too
	Purged      int64    `json:"purged"`         // messages and tombstones purged, as those that have expired are
	Attachments int64    `json:"attachments"`    // that the user uploaded, or that one of these messages carried, or did until it was deleted
	Blobs       []string `json:"blobs,omitzero"` // set free: no attachment has them any more; each once, sorted
	Memberships int64    `json:"memberships"`    // of the rooms that the user was in
	Reactions   int64    `json:"reactions"`      // taken back, from messages that stay and have not expired
	Sessions    int64    `json:"sessions"`       // live or not
	Logins      int64    `json:"logins"`         // login attempts
	Invites     int64    `json:"invites"`        // to the user, or to the user's address
	Sanctions   int64    `json:"sanctions"`      // against the user
	Blocks      int64    `json:"blocks"`         // of the user, and against the user
	Audit       int64    `json:"audit"`          // entries that tell nothing of the user any more
	Changes     int64    `json:"changes"`        // changes of the feed that told an emoji of the user's, those by which Reactions were taken back too
	More        bool     `json:"more,omitzero"`  // whether another call would go on
	Scrubbed    bool     `json:"scrubbed"`       // nothing is left in the write-ahead log either, as PurgeResult tells it
}

// Clone returns a copy that shares nothing with e.
func (e Erasure) Clone() Erasure {
	e.Blobs = cloneSlice(e.Blobs)
	return e
}

// add adds what a later batch did.
func (e *Erasure) add(later Erasure) {
	for _, n := range []struct {
		sum   *int64
		later int64
	}{
		{&e.Tombstones, later.Tombstones}, {&e.Purged, later.Purged}, {&e.Attachments, later.Attachments},
		{&e.Memberships, later.Memberships}, {&e.Reactions, later.Reactions},
		{&e.Sessions, later.Sessions}, {&e.Logins, later.Logins}, {&e.Invites, later.Invites},
		{&e.Sanctions, later.Sanctions}, {&e.Blocks, later.Blocks}, {&e.Audit, later.Audit}, {&e.Changes, later.Changes},
	} {
		*n.sum += n.later
	}
	e.Blobs = append(e.Blobs, later.Blobs...)
	slices.Sort(e.Blobs)
	e.Blobs = nilIfEmpty(slices.Compact(e.Blobs))
	e.UserID, e.User = later.UserID, e.User || later.User
	e.More, e.Scrubbed = later.More, later.Scrubbed
}

// UserEraser takes away what is held about a person. The function [EraseUser]
// does so until nothing is left.
type UserEraser interface {
	// EraseUserData takes away a batch of what is held about a user: at most so
	// many records as the options' Limit says, and as many of what the user has
	// read, in one transaction, which other writers wait for, some millisecond a
	// message on SQLite. The last batch
	// takes the record of the user, with the few things that DeleteUser knows
	// and this does not count; until then the user is deactivated, and what is
	// read of the user may be anything between all and nothing.
	//
	// A user who does not exist is no error, since what names one by identifier
	// may be left: audit entries, and changes. By is ErrNotFound while the user
	// exists and By does not. A legal hold that covers the user, or anything that
	// the user said, is ErrForbidden with ReasonHeld, whatever is to become of
	// messages; one that is put while an erasure is under way stops it where it
	// is. An unset user is ErrInvalid.
	EraseUserData(ctx context.Context, user UserID, o EraseOptions) (Erasure, error)
}

// EraseUser takes away what is held about a person, for good, in batches that
// other writers hardly notice, each a transaction of its own if s is a Store, and
// tells what it did. After an error, or a context that is done, it tells what was
// done before: call it again, and it goes on where it was and ends as if nothing
// had come between. Once the user is gone, it finds little to do and says so.
//
// What goes: the record with profile and settings, and the words by which it is
// found; sessions; login attempts, also those of nobody that LoginAttempt takes
// for the user's, and no others; memberships with their settings, read markers and
// receipts; reactions, and their emoji in the change feed; blocks; typing
// indicators; invites to the user or to the address; sanctions against the user;
// what audit entries tell about the user, as by EraseAudit: the chain still
// verifies. What the user uploaded goes, and the options say what becomes of
// messages. A tombstone keeps place and times and no text: not the nonce, not
// the revisions, not the tags, and nothing of what it carried, whoever uploaded
// that; it is nobody's from then on. With EraseKeep messages and the attachments
// that messages carry stay; uploads that none carries go all the same.
//
// What stays: identifiers, in the audit log, the change feed and the mentions of
// others' messages, which name nobody once the record is gone; rooms that the user
// created, with their names and topics, and those the user owned, with nobody in
// the user's place, as by DeleteUser; login attempts under the username or the
// address of which nobody can tell whose they are; what the user wrote into other
// people's records, such as reasons of sanctions and of legal holds, or others'
// messages by editing them; and what others wrote about the user: names and quotes
// in their messages are their data, not the user's, and a hold on the user that was
// released stays on record with its reason. Former addresses are not known, nor is
// what was done under them but for what has the user's identifier.
//
// What is written by the user, or about the user, while this goes on is erased
// too, as long as it is committed before the record goes; after that the writers
// are ErrNotFound.
//
// On SQLite no byte of it is left in the database's files once the write-ahead log
// is clear (Erasure.Scrubbed tells, Checkpoint sees to it), but for attachments of
// rooms that are deleted and what others' messages that have expired carry, which
// Maintain takes away. Blobs are the embedder's to delete, and so is what is in
// backups and dumps. Whether the erasure is to have an audit entry of its own is
// the caller's to decide.
func EraseUser(ctx context.Context, s UserEraser, user UserID, o EraseOptions) (Erasure, error) {
	all := Erasure{UserID: user}
	for {
		e, err := s.EraseUserData(ctx, user, o)
		if err != nil {
			return all, err
		}
		all.add(e)
		if !e.More {
			return all, nil
		}
	}
}
