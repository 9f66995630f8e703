package memory

import (
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lairchat/lair/storage"
)

// dumpedAs tells for the trees of a state of which kinds of raw records they are
// made again. A tree that is added has to be thought of here.
var dumpedAs = map[storage.RawKind][]string{
	storage.RawUsers: {
		"users", "userIDs", "userEmails", "userExternals", "userNames", "userCreations", "userSightings", "userRoles", "lastUser",
	},
	storage.RawBlocks:      {"blocks", "blockedBy"},
	storage.RawRooms:       {"rooms", "roomIDs", "roomNames", "roomCreations", "directRooms", "lastRoom"},
	storage.RawMemberships: {"members", "memberOf", "joinings"},
	storage.RawAttachments: {"attachments", "attachmentIDs", "attachmentLists", "lastAttachment"},
	storage.RawLeftovers:   {"deletedWithFiles"},
	storage.RawStubs:       {"stubs", "stubIDs"},
	storage.RawMessages: {
		"messages", "messageIDs", "stored", "authored", "nonces", "pins", "tombstones", "creations", "expiries", "roomExpiries",
		"tombstoneCreations", "backdated", "mentions", "tags", "replies", "participants", "carried", "documents", "tokens", "postings",
		"lastDocument", "lastToken", "lastIndexed",
	},
	storage.RawRevisions:   {"revisions"},
	storage.RawReactions:   {"reactions", "reactionsBy"},
	storage.RawReceipts:    {"readings", "readIn"},
	storage.RawInvites:     {"invites", "inviteIDs", "inviteCodes", "inviteTimes", "lastInvite"},
	storage.RawSanctions:   {"sanctions", "sanctionIDs", "sanctionTimes", "sanctionsBy", "lastSanction"},
	storage.RawHolds:       {"holds", "holdIDs", "holdTimes", "heldRooms", "heldUsers", "lastHold"},
	storage.RawSessions:    {"sessions", "sessionIDs", "sessionTokens", "sessionTimes", "sessionsBy", "sessionEnds", "lastSession"},
	storage.RawLogins:      {"logins", "loginIDs", "loginPlaces", "lastLogin"},
	storage.RawConfigs:     {"configs"},
	storage.RawAudit:       {"audit", "auditIDs", "auditTimes"},
	storage.RawAuditHeads:  {"auditHead"},
	storage.RawChanges:     {"changes", "emoji", "emojiBy"},
	storage.RawChangeHeads: {"lastChange"},
	storage.RawPruned:      {"pruned"},
	storage.RawStays:       {"stays", "openStays", "endedStays"},
	storage.RawConsumers:   {"consumers"},
	storage.RawActivities:  {"cells", "deltas"}, // messages are counted
}

// notDumped are the rooms whose messages are to be swept: nobody will miss them.
var notDumped = []string{"deletedRooms"}

func TestEveryTreeIsDumped(t *testing.T) {
	t.Parallel()
	known := slices.Clone(notDumped)
	for kind := storage.RawUsers; kind.Valid(); kind++ {
		_, ok := dumpedAs[kind]
		assert.True(t, ok, "nothing is made of %s", kind)
		known = append(known, dumpedAs[kind]...)
	}
	var fields []string
	for field := range reflect.TypeFor[state]().Fields() {
		fields = append(fields, field.Name)
	}
	assert.ElementsMatch(t, fields, known, "fields of a state, and what dumps know of")
}
