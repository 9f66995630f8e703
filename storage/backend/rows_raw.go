package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// RawScan is a part of the raw records of one kind: at most Limit of them,
// beyond After, if it is not nil.
type RawScan struct {
	Kind    storage.RawKind
	Secrets bool
	After   *storage.Keyset // the Place of the last one, with whatever the rows put into it
	Limit   int
}

// PlacedRaw is a raw record and its place in its list.
type PlacedRaw struct {
	storage.Raw
	Place storage.Keyset
}

// rawPageBytes is how large the texts are that rows read for one page, roughly,
// before they leave the rest to the next one.
const rawPageBytes = 1 << 20

// RawPage gathers the records of a page.
type RawPage struct {
	Limit   int
	Records []PlacedRaw
	More    bool // there was one more
	bytes   int
}

// Add adds a record with a text of a length, and reports whether it had room
// for it. If not, the walk is to end.
func (p *RawPage) Add(place storage.Keyset, text int, r storage.Raw) bool {
	if len(p.Records) >= p.Limit || p.bytes >= rawPageBytes {
		p.More = true
		return false
	}
	p.Records = append(p.Records, PlacedRaw{r, place})
	p.bytes += text
	return true
}

// RawRows is implemented by rows of backends that can be dumped and loaded. What
// other rows list as well, and store as well, is no business of theirs.
type RawRows interface {
	// RawRecords lists raw records of these kinds, and tells whether there are
	// more: users, rooms and messages, in the order in which they were stored;
	// blocks, by identifiers; memberships, stubs, revisions, reactions and
	// receipts, in the order of their rooms and, in a room, of users
	// (memberships, receipts) or of messages (revisions by Version then,
	// reactions by emoji and user); invites and sessions, by CreatedAt and ID;
	// what was pruned, by subject; stays by user, room and From, but for those
	// that ended before the oldest change; leftovers by rooms, in the order of
	// these, CreatedAt and ID; activities as Rollups gives them. Of deleted rooms
	// there is nothing else but stays. Receipts are those of ReadRuns.
	RawRecords(ctx context.Context, s RawScan) (records []PlacedRaw, more bool, err error)

	// RestoreRoom sets the LastSeq and LastMessageAt of a room that was inserted.
	RestoreRoom(ctx context.Context, id storage.RoomID, lastSeq int64, lastMessageAt time.Time) error

	// RestoreLeftover stores an attachment of a deleted room: of that of the one
	// before or, where Next is set, of another one. An ID that is taken is
	// storage.ErrDuplicate.
	RestoreLeftover(ctx context.Context, v *storage.RawLeftover) error

	// RestoreStub stores a stub in a room that exists. A Seq or an ID that a
	// stub or a message has is storage.ErrDuplicate.
	RestoreStub(ctx context.Context, s *storage.RawStub) error

	// RestoreMessage stores a message with its Seq in a room that exists, whose
	// LastSeq is beyond it: it raises MessageCount, unless it is a tombstone, and
	// nothing else of the room, and moves no marker. Its Attachments exist; those
	// of a tombstone are detached at its DeletedAt. Its author and Live exist,
	// and so does the root of its thread. A Seq, an ID or a nonce that is taken,
	// and an attachment that another message carries or carried, is
	// storage.ErrDuplicate; one that has a message of its room beyond it is
	// storage.ErrConstraint.
	RestoreMessage(ctx context.Context, m *RestoredMessage) error

	// RestoreReceipt stores that a user has read a run of messages. No receipt of
	// the user overlaps it; one that does is storage.ErrDuplicate.
	RestoreReceipt(ctx context.Context, v *storage.RawReceipt) error

	// RestoreAuditHead replaces the head of the audit log.
	RestoreAuditHead(ctx context.Context, h storage.AuditHead) error

	// RestoreChange stores a change at its Position, which follows the highest
	// so far, if there is any. One that does not is storage.ErrDuplicate or, if
	// it leaves a gap, storage.ErrConstraint.
	RestoreChange(ctx context.Context, c *storage.Change) error

	// RestoreChangeHead sets the head, from which the changes that are there do
	// not differ.
	RestoreChangeHead(ctx context.Context, h storage.ChangeHead) error

	// RestorePruned sets what Pruned returns of a subject.
	RestorePruned(ctx context.Context, subject [16]byte, at storage.Position) error

	// RestoreStay stores a stay, which goes on if its To is 0. One of the user
	// in the room from the same position is storage.ErrDuplicate.
	RestoreStay(ctx context.Context, user storage.UserID, s Stay) error
}

// PlaceActivities makes a page of what Rollups.RawActivities gave for the place
// ActivityAt, one more than the page holds.
func (p *RawPage) PlaceActivities(all []storage.RawActivity) {
	for i := range all {
		a := &all[i]
		place := storage.Keyset{Int: a.At.UnixMicro(), ID: a.RoomID, Text: string(a.UserID[:])}
		if !p.Add(place, 0, storage.Raw{Activity: a}) {
			return
		}
	}
}

// ActivityAt returns the activity at a place, nil for the beginning.
func ActivityAt(at *storage.Keyset) *storage.RawActivity {
	if at == nil {
		return nil
	}
	a := &storage.RawActivity{At: time.UnixMicro(at.Int).UTC(), RoomID: at.ID}
	copy(a.UserID[:], at.Text)
	return a
}

// RestoredMessage is a message that comes from a dump.
type RestoredMessage struct {
	MessageRow
	Live []storage.UserID // of the Mentions, those that mention somebody
	Gone bool             // the author was deleted: the nonce, which there is, is nobody's, and equal to no other
}
