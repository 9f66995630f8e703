package memory

import (
	"github.com/tidwall/btree"

	"github.com/lairchat/lair/storage/backend"
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

	rooms         btree.Map[key, *room]
	roomIDs       tree[identified[key]]
	roomNames     tree[entry] // by folded form, those without a name too
	roomCreations tree[entry]
	deletedRooms  btree.Map[key, struct{}] // that have messages left

	members  btree.Map[pair, *member]  // by room and user
	memberOf btree.Map[pair, struct{}] // by user and room
	joinings tree[joining]

	messages   btree.Map[pair, *message] // by room and seq
	messageIDs tree[identified[pair]]
	authored   tree[authorship]
	nonces     tree[nonce]
	pins       btree.Map[pair, struct{}]
	revisions  tree[revision]

	reactions   tree[reaction]
	reactionsBy tree[reaction] // by user

	documents btree.Map[key, pair] // searchable messages in the order of storing
	tokens    btree.Map[string, key]
	postings  tree[posting]

	lastUser, lastRoom, lastDocument, lastToken key

	lastIndexed key // documents beyond it have no postings yet
}

func newState() *state {
	return &state{
		userIDs:       newTree(lessIdentified[key]),
		userNames:     newTree(lessEntries),
		userCreations: newTree(lessEntries),
		userSightings: newTree(lessEntries),
		roomIDs:       newTree(lessIdentified[key]),
		roomNames:     newTree(lessEntries),
		roomCreations: newTree(lessEntries),
		joinings:      newTree(lessJoinings),
		messageIDs:    newTree(lessIdentified[pair]),
		authored:      newTree(lessAuthorships),
		nonces:        newTree(lessNonces),
		revisions:     newTree(lessRevisions),
		reactions:     newTree(lessReactions),
		reactionsBy:   newTree(lessReactionsByUser),
		postings:      newTree(lessPostings),
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

	s.rooms = *s.rooms.Copy()
	s.roomIDs = *s.roomIDs.Copy()
	s.roomNames = *s.roomNames.Copy()
	s.roomCreations = *s.roomCreations.Copy()
	s.deletedRooms = *s.deletedRooms.Copy()

	s.members = *s.members.Copy()
	s.memberOf = *s.memberOf.Copy()
	s.joinings = *s.joinings.Copy()

	s.messages = *s.messages.Copy()
	s.messageIDs = *s.messageIDs.Copy()
	s.authored = *s.authored.Copy()
	s.nonces = *s.nonces.Copy()
	s.pins = *s.pins.Copy()
	s.revisions = *s.revisions.Copy()
	s.reactions = *s.reactions.Copy()
	s.reactionsBy = *s.reactionsBy.Copy()

	s.documents = *s.documents.Copy()
	s.tokens = *s.tokens.Copy()
	s.postings = *s.postings.Copy()
	return &s
}
