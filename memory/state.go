package memory

import (
	"time"

	"github.com/tidwall/btree"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/backend/rollup"
)

// state is everything that is stored. What a tree points to is never changed,
// only replaced; so is a state, once readers have it.
type state struct {
	users         btree.Map[key, *backend.UserRow]
	userIDs       tree[identified[key]]
	userEmails    btree.Map[string, key] // by folded form
	userExternals btree.Map[string, key]
	userNames     tree[entry] // by folded form
	userCreations tree[entry]
	userSightings tree[entry]
	userRoles     tree[entry]

	blocks    btree.Map[pair, time.Time] // when, by who blocks and whom
	blockedBy btree.Map[pair, struct{}]  // by whom, and who blocks

	rooms         btree.Map[key, *room]
	roomIDs       tree[identified[key]]
	roomNames     tree[entry] // by folded form, those without a name too
	roomCreations tree[entry]
	deletedRooms  btree.Map[key, struct{}] // that have messages left

	members  btree.Map[pair, *member]  // by room and user
	memberOf btree.Map[pair, struct{}] // by user and room
	joinings tree[joining]

	directRooms btree.Map[pair, key] // by their users, the lower key first

	invites     btree.Map[key, *invite]
	inviteIDs   tree[identified[key]]
	inviteCodes btree.Map[string, key] // by hash
	inviteTimes tree[entry]

	sanctions     btree.Map[key, *sanction]
	sanctionIDs   tree[identified[key]]
	sanctionTimes tree[entry]
	sanctionsBy   btree.Map[pair, struct{}] // by user and sanction

	holds     btree.Map[key, *hold]
	holdIDs   tree[identified[key]]
	holdTimes tree[entry]
	heldRooms btree.Map[pair, struct{}] // by room and hold, of those that stand
	heldUsers btree.Map[pair, struct{}] // by user and hold, of those that stand

	sessions      btree.Map[key, *session]
	sessionIDs    tree[identified[key]]
	sessionTokens tree[ticket]
	sessionTimes  tree[entry]
	sessionsBy    btree.Map[pair, struct{}] // by user and session
	sessionEnds   tree[entry]               // of those that end

	logins      btree.Map[key, *loginAttempt]
	loginIDs    tree[identified[key]]
	loginPlaces tree[entry] // by what they are looked for, and time

	configs btree.Map[string, storage.Config]

	audit      btree.Map[key, *backend.AuditRow] // by Position
	auditIDs   tree[identified[key]]
	auditTimes tree[entry]

	messages           btree.Map[pair, *message] // by room and seq
	messageIDs         tree[identified[pair]]
	stored             btree.Map[key, pair]               // messages in the order of storing
	stubs              btree.Map[pair, storage.MessageID] // of messages that were purged
	stubIDs            tree[identified[pair]]
	authored           tree[authorship]
	nonces             tree[nonce]
	pins               btree.Map[pair, struct{}]
	tombstones         btree.Map[pair, struct{}]
	creations          tree[moment] // of messages
	expiries           tree[moment] // of messages that expire
	tombstoneCreations tree[moment]
	roomExpiries       tree[roomMoment]
	backdated          tree[roomMoment]
	mentions           tree[mention]
	tags               tree[tagged]
	revisions          tree[revision]

	replies      tree[reply]
	participants tree[participation]

	reactions   tree[reaction]
	reactionsBy tree[reaction] // by user

	attachments      btree.Map[key, *attachment]
	attachmentIDs    tree[identified[key]]
	attachmentLists  tree[listed]
	carried          btree.Map[pair, []key]   // attachments of a message, in their order; no slice is ever changed
	deletedWithFiles btree.Map[key, struct{}] // rooms that have attachments left

	readings tree[reading]
	readIn   btree.Map[pair, struct{}] // users and the rooms in which they have readings

	documents btree.Map[key, pair] // searchable messages in the order of storing
	tokens    btree.Map[string, key]
	postings  tree[posting]

	changes    btree.Map[storage.Position, *storage.Change]
	emoji      tree[emojiChange]
	emojiBy    tree[emojiOfUser]
	stays      tree[stay]
	openStays  tree[stay]                          // by room
	endedStays tree[stay]                          // by their ends
	pruned     btree.Map[string, storage.Position] // by subject
	consumers  btree.Map[string, storage.Consumer]

	cells  tree[cell]     // of the rollups
	deltas []rollup.Delta // that are in no cell; only ever appended to

	lastUser, lastRoom, lastDocument, lastToken, lastAttachment, lastInvite, lastSanction, lastHold, lastSession, lastLogin key

	lastIndexed key // documents beyond it have no postings yet
	lastChange  storage.Position

	auditHead storage.AuditHead
}

func newState() *state {
	return &state{
		userIDs:            newTree(lessIdentified[key]),
		userNames:          newTree(lessEntries),
		userCreations:      newTree(lessEntries),
		userSightings:      newTree(lessEntries),
		userRoles:          newTree(lessEntries),
		roomIDs:            newTree(lessIdentified[key]),
		roomNames:          newTree(lessEntries),
		roomCreations:      newTree(lessEntries),
		joinings:           newTree(lessJoinings),
		inviteIDs:          newTree(lessIdentified[key]),
		inviteTimes:        newTree(lessEntries),
		sanctionIDs:        newTree(lessIdentified[key]),
		sanctionTimes:      newTree(lessEntries),
		holdIDs:            newTree(lessIdentified[key]),
		holdTimes:          newTree(lessEntries),
		sessionIDs:         newTree(lessIdentified[key]),
		sessionTokens:      newTree(lessTickets),
		sessionTimes:       newTree(lessEntries),
		sessionEnds:        newTree(lessEntries),
		loginIDs:           newTree(lessIdentified[key]),
		loginPlaces:        newTree(lessEntries),
		auditIDs:           newTree(lessIdentified[key]),
		auditTimes:         newTree(lessEntries),
		messageIDs:         newTree(lessIdentified[pair]),
		stubIDs:            newTree(lessIdentified[pair]),
		authored:           newTree(lessAuthorships),
		nonces:             newTree(lessNonces),
		creations:          newTree(lessMoments),
		expiries:           newTree(lessMoments),
		tombstoneCreations: newTree(lessMoments),
		roomExpiries:       newTree(lessRoomMoments),
		backdated:          newTree(lessRoomMoments),
		mentions:           newTree(lessMentions),
		tags:               newTree(lessTagged),
		revisions:          newTree(lessRevisions),
		replies:            newTree(lessReplies),
		participants:       newTree(lessParticipations),
		reactions:          newTree(lessReactions),
		reactionsBy:        newTree(lessReactionsByUser),
		attachmentIDs:      newTree(lessIdentified[key]),
		attachmentLists:    newTree(lessListed),
		readings:           newTree(lessReadings),
		postings:           newTree(lessPostings),
		emoji:              newTree(lessEmojiChanges),
		emojiBy:            newTree(lessEmojiOfUsers),
		stays:              newTree(lessStaysByUser),
		openStays:          newTree(lessStaysByRoom),
		endedStays:         newTree(lessStaysByEnd),
		cells:              newTree(lessCells),
	}
}

// copy returns a state that may be written while others read the original.
//
// Copy of a tree makes both trees, and so writes to the original too, take
// nodes for their own only from then on. Here the original is the receiver,
// which is no more than a local copy of the roots: the state that readers
// hold is not written, and neither are its nodes, for the trees returned take
// none of them for their own.
func (s state) copy() *state {
	s.users = *s.users.Copy()
	s.userIDs = *s.userIDs.Copy()
	s.userEmails = *s.userEmails.Copy()
	s.userExternals = *s.userExternals.Copy()
	s.userNames = *s.userNames.Copy()
	s.userCreations = *s.userCreations.Copy()
	s.userSightings = *s.userSightings.Copy()
	s.userRoles = *s.userRoles.Copy()
	s.blocks = *s.blocks.Copy()
	s.blockedBy = *s.blockedBy.Copy()

	s.rooms = *s.rooms.Copy()
	s.roomIDs = *s.roomIDs.Copy()
	s.roomNames = *s.roomNames.Copy()
	s.roomCreations = *s.roomCreations.Copy()
	s.deletedRooms = *s.deletedRooms.Copy()

	s.members = *s.members.Copy()
	s.memberOf = *s.memberOf.Copy()
	s.joinings = *s.joinings.Copy()
	s.directRooms = *s.directRooms.Copy()

	s.copyAccess()
	s.copyMessages()

	s.changes = *s.changes.Copy()
	s.emoji = *s.emoji.Copy()
	s.emojiBy = *s.emojiBy.Copy()
	s.stays = *s.stays.Copy()
	s.openStays = *s.openStays.Copy()
	s.endedStays = *s.endedStays.Copy()
	s.pruned = *s.pruned.Copy()
	s.consumers = *s.consumers.Copy()
	s.cells = *s.cells.Copy()
	return &s
}

// copyAccess is copy for who may come in and do what, and who did.
func (s *state) copyAccess() {
	s.invites = *s.invites.Copy()
	s.inviteIDs = *s.inviteIDs.Copy()
	s.inviteCodes = *s.inviteCodes.Copy()
	s.inviteTimes = *s.inviteTimes.Copy()

	s.sanctions = *s.sanctions.Copy()
	s.sanctionIDs = *s.sanctionIDs.Copy()
	s.sanctionTimes = *s.sanctionTimes.Copy()
	s.sanctionsBy = *s.sanctionsBy.Copy()

	s.holds = *s.holds.Copy()
	s.holdIDs = *s.holdIDs.Copy()
	s.holdTimes = *s.holdTimes.Copy()
	s.heldRooms = *s.heldRooms.Copy()
	s.heldUsers = *s.heldUsers.Copy()

	s.sessions = *s.sessions.Copy()
	s.sessionIDs = *s.sessionIDs.Copy()
	s.sessionTokens = *s.sessionTokens.Copy()
	s.sessionTimes = *s.sessionTimes.Copy()
	s.sessionsBy = *s.sessionsBy.Copy()
	s.sessionEnds = *s.sessionEnds.Copy()

	s.configs = *s.configs.Copy()

	s.audit = *s.audit.Copy()
	s.auditIDs = *s.auditIDs.Copy()
	s.auditTimes = *s.auditTimes.Copy()

	s.logins = *s.logins.Copy()
	s.loginIDs = *s.loginIDs.Copy()
	s.loginPlaces = *s.loginPlaces.Copy()
}

// copyMessages is the part of copy that is about messages and what hangs on
// them.
func (s *state) copyMessages() {
	s.messages = *s.messages.Copy()
	s.messageIDs = *s.messageIDs.Copy()
	s.stored = *s.stored.Copy()
	s.stubs = *s.stubs.Copy()
	s.stubIDs = *s.stubIDs.Copy()
	s.authored = *s.authored.Copy()
	s.nonces = *s.nonces.Copy()
	s.pins = *s.pins.Copy()
	s.tombstones = *s.tombstones.Copy()
	s.creations = *s.creations.Copy()
	s.expiries = *s.expiries.Copy()
	s.tombstoneCreations = *s.tombstoneCreations.Copy()
	s.roomExpiries = *s.roomExpiries.Copy()
	s.backdated = *s.backdated.Copy()
	s.mentions = *s.mentions.Copy()
	s.tags = *s.tags.Copy()
	s.revisions = *s.revisions.Copy()
	s.replies = *s.replies.Copy()
	s.participants = *s.participants.Copy()
	s.reactions = *s.reactions.Copy()
	s.reactionsBy = *s.reactionsBy.Copy()
	s.attachments = *s.attachments.Copy()
	s.attachmentIDs = *s.attachmentIDs.Copy()
	s.attachmentLists = *s.attachmentLists.Copy()
	s.carried = *s.carried.Copy()
	s.deletedWithFiles = *s.deletedWithFiles.Copy()
	s.readings = *s.readings.Copy()
	s.readIn = *s.readIn.Copy()
	s.documents = *s.documents.Copy()
	s.tokens = *s.tokens.Copy()
	s.postings = *s.postings.Copy()
}
