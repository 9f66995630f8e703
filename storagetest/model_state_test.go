package storagetest_test

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

// model is a store in the plainest way: lists of all that was ever stored, from
// which every answer is worked out anew. It implements what histories call.
type model struct {
	// What no history calls is nil: the change feed, which lookAtFeed replays, and
	// of traces UserRooms, which may list what was once.
	storage.ChangeReader
	storage.ChangeWriter
	storage.TraceReader

	*modelState
	clock    func() time.Time
	newUUID  func() [16]byte
	lastCode int // the last of an invite, whether or not its transaction was undone
}

var _ storage.Tx = (*model)(nil)

// modelState is what a model knows. What a slice within a record holds is never
// changed but replaced, so that a copy of the lists is a copy of everything.
type modelState struct {
	users     map[storage.UserID]bool
	profiles  map[storage.UserID]storage.User
	rooms     []modelRoom // in the order of creation
	members   map[modelSeat]storage.Membership
	joined    map[modelSeat]int64 // the room's LastSeq at the latest joining
	directs   []modelDirect
	invites   []modelInvite
	sanctions []modelSanction
	holds     []storage.Hold
	sessions  []storage.Session
	logins    []storage.LoginAttempt
	blocks    []storage.Block
	config    map[string]storage.Config
	audit     []storage.AuditEntry // in the order of the chain
	messages  []modelMessage       // in the order of storing
	files     []modelFile          // in the order of creation
	passes    []modelPass
	singles   []modelSingle
	events    []modelEvent
	emoji     []modelToldEmoji // what the feed tells

	audited, auditPruned int64 // positions
}

// modelToldEmoji is a change of the feed that tells an emoji of a user's on a
// message, which is known by its index.
type modelToldEmoji struct {
	message int
	user    storage.UserID
}

// modelRoom is a room, whose counts are not kept.
type modelRoom struct {
	storage.Room
	gone bool
}

// modelSeat is a member's place: a room by its index, and a user.
type modelSeat struct {
	room int
	user storage.UserID
}

// modelDirect tells whose direct room a room is.
type modelDirect struct {
	a, b storage.UserID
	room int
}

// modelInvite is an invite to a room, which is known by its index.
type modelInvite struct {
	storage.Invite
	room int
	code storage.Secret
}

// modelSanction is a sanction in a room, which is known by its index.
type modelSanction struct {
	storage.Sanction
	room int
}

// modelMessage is a message without what others have added to it.
type modelMessage struct {
	storage.Message
	room      int
	sent      bool // rather than imported
	purged    bool // a stub
	swept     bool // gone with its room, and its ID free
	known     bool // its nonce stands for it
	digest    [16]byte
	files     []int // that it carries, in their order
	left      []int // that it carried when it was deleted
	reactions []storage.Reaction
	revisions []storage.Revision // the oldest first
}

// modelFile is an attachment.
type modelFile struct {
	storage.Attachment
	room int
	gone bool
}

// modelPass is a marker that moved over the messages beyond one Seq and up to
// another.
type modelPass struct {
	modelSeat
	beyond, upTo int64
	at           time.Time
}

// modelSingle is a receipt of one message, which is known by its index.
type modelSingle struct {
	message int
	user    storage.UserID
	at      time.Time
}

func newModel(clock func() time.Time, newUUID func() [16]byte) *model {
	return &model{clock: clock, newUUID: newUUID, modelState: &modelState{
		users:    make(map[storage.UserID]bool),
		profiles: make(map[storage.UserID]storage.User),
		config:   make(map[string]storage.Config),
		members:  make(map[modelSeat]storage.Membership),
		joined:   make(map[modelSeat]int64),
	}}
}

func (s *modelState) clone() *modelState {
	next := *s
	next.users, next.profiles, next.members = maps.Clone(s.users), maps.Clone(s.profiles), maps.Clone(s.members)
	next.joined = maps.Clone(s.joined)
	next.directs, next.invites, next.sanctions = slices.Clone(s.directs), slices.Clone(s.invites), slices.Clone(s.sanctions)
	next.rooms, next.messages = slices.Clone(s.rooms), slices.Clone(s.messages)
	next.files, next.passes, next.singles = slices.Clone(s.files), slices.Clone(s.passes), slices.Clone(s.singles)
	next.events, next.holds, next.emoji = slices.Clone(s.events), slices.Clone(s.holds), slices.Clone(s.emoji)
	next.sessions, next.logins, next.audit = slices.Clone(s.sessions), slices.Clone(s.logins), slices.Clone(s.audit)
	next.blocks, next.config = slices.Clone(s.blocks), maps.Clone(s.config)
	return &next
}

func (m *model) now() time.Time { return storage.Timestamp(m.clock()) }

// Now returns the time by which the model decides what has expired.
func (m *model) Now() time.Time { return m.now() }

// atomic undoes what fn did if it fails.
func (m *model) atomic(fn func() error) error {
	before := m.modelState.clone()
	err := fn()
	if err != nil {
		m.modelState = before
	}
	return err
}

// Update has the rooms that were deleted swept at its end.
func (m *model) Update(ctx context.Context, fn func(context.Context, storage.Tx) error) error {
	before := m.modelState.clone()
	done := false
	defer func() {
		if !done {
			m.modelState = before
		}
	}()
	if err := fn(ctx, m); err != nil {
		return err
	}
	done = true
	m.sweep()
	return nil
}

// sweep frees the identifiers of messages of deleted rooms, and has the feed tell
// nothing more of what they were reacted to with.
func (m *model) sweep() {
	for i := range m.messages {
		if m.rooms[m.messages[i].room].gone {
			m.messages[i].swept = true
		}
	}
	m.emoji = slices.DeleteFunc(m.emoji, func(c modelToldEmoji) bool { return m.messages[c.message].swept })
}

// roomAt returns the index of a room, or -1.
func (m *model) roomAt(id storage.RoomID) int {
	return slices.IndexFunc(m.rooms, func(r modelRoom) bool { return r.ID == id && !r.gone })
}

// held reports whether there is a message, or its tombstone.
func (m *model) held(i int) bool { return !m.messages[i].purged && !m.rooms[m.messages[i].room].gone }

// messageAt returns the index of a message that may have expired, or -1.
func (m *model) messageAt(id storage.MessageID) int {
	for i := range m.messages {
		if m.messages[i].ID == id && m.held(i) {
			return i
		}
	}
	return -1
}

// live returns the index of a message whose time is not over.
func (m *model) live(id storage.MessageID) (int, error) {
	i := m.messageAt(id)
	if i < 0 || m.messages[i].Expired(m.now()) {
		return -1, storage.NotFound(storage.EntityMessage, id.String())
	}
	return i, nil
}

// place returns the room and the Seq of a message that is there or was purged.
func (m *model) place(id storage.MessageID) (room int, seq int64, ok bool) {
	for _, message := range m.messages {
		if message.ID == id && !m.rooms[message.room].gone {
			return message.room, message.Seq, true
		}
	}
	return -1, 0, false
}

// anchor returns an anchor's place in a room.
func (m *model) anchor(room int, a storage.Anchor) (int64, error) {
	if a.Seq > 0 {
		return a.Seq, nil
	}
	at, seq, ok := m.place(a.ID)
	if !ok || at != room {
		return 0, storage.NotFound(storage.EntityMessage, a.ID.String())
	}
	return seq, nil
}

// needUser refuses a user who does not exist; nobody is no user.
func (m *model) needUser(id storage.UserID, field string) error {
	if m.users[id] {
		return nil
	}
	return &storage.Error{Entity: storage.EntityUser, ID: id.String(), Field: field, Kind: storage.ErrNotFound}
}

// mayBe is needUser where nobody will do.
func (m *model) mayBe(id storage.UserID, field string) error {
	if id.IsZero() {
		return nil
	}
	return m.needUser(id, field)
}
