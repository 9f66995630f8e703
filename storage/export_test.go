package storage

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// exportedAs is where an export tells what there is of each kind of record, or why
// it does not. Tests of the backends require that whatever they keep is of one of
// these kinds, or made of what is.
var exportedAs = map[RawKind]string{
	RawUsers:       "user",
	RawBlocks:      "blocks",
	RawRooms:       "rooms_created",
	RawMemberships: "memberships",
	RawAttachments: "attachments, and what messages carry",
	RawLeftovers:   "not: of rooms that are deleted",
	RawStubs:       "not: they tell nothing of anybody",
	RawMessages:    "messages, and mentions",
	RawRevisions:   "messages, revisions; of others' messages, which the user edited, the others'",
	RawReactions:   "reactions",
	RawReceipts:    "receipts",
	RawInvites:     "invites_made and invites_received",
	RawSanctions:   "sanctions",
	RawHolds:       "holds",
	RawSessions:    "sessions",
	RawLogins:      "login_attempts",
	RawConfigs:     "not: nobody's",
	RawAudit:       "audit",
	RawAuditHeads:  "not: nobody's",
	RawChanges:     "not: identifiers and positions; an emoji is in reactions as long as it stands",
	RawChangeHeads: "not: nobody's",
	RawPruned:      "not: positions",
	RawStays:       "not: identifiers and positions",
	RawConsumers:   "not: nobody's",
	RawActivities:  "not: counts of what is",
}

func TestEveryKindIsExported(t *testing.T) {
	for kind := RawUsers; kind.Valid(); kind++ {
		assert.NotEmpty(t, exportedAs[kind], "%s is not exported, and nobody says why", kind)
	}
	assert.Len(t, exportedAs, len(rawKinds.names))
}
