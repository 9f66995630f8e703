package storagetest_test

// What can be rebuilt from the change feed alone is what the readers report.

import (
	"context"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// replica is what the feed promises of a store.
type replica struct {
	Users map[storage.UserID]int64 // versions
	Rooms map[storage.RoomID]*replicaRoom
}

type replicaRoom struct {
	Version  int64
	LastSeq  int64
	Members  map[storage.UserID]replicaMember
	Messages map[int64]replicaMessage // by Seq
}

type replicaMember struct {
	Role    storage.MemberRole
	ReadSeq int64
}

type replicaMessage struct {
	ID, RootID      storage.MessageID
	Author          storage.UserID
	Version         int64
	Deleted, Pinned bool
	Reactions       int
}

// replicaReaction is a reaction that is there.
type replicaReaction struct {
	message storage.MessageID
	user    storage.UserID
	emoji   string
}

// replayer makes a replica of a feed.
type replayer struct {
	replica
	reactions map[replicaReaction]bool
}

func newReplica() replica {
	return replica{Users: map[storage.UserID]int64{}, Rooms: map[storage.RoomID]*replicaRoom{}}
}

// lookAtFeed requires that both backends tell the same, and that it is enough.
func (h *history) lookAtFeed() {
	h.t.Helper()
	var feeds [][]storage.Change
	for _, s := range h.subjects[1:] {
		for hold, err := range storage.All(s.ctx, s.on.Holds, storage.HoldQuery{}) { // which keep what has expired
			require.NoError(h.t, err)
			_, err = s.on.ReleaseHold(s.ctx, hold.ID, storage.UserID{})
			require.NoError(h.t, err)
		}
		_, err := storage.Purge(s.ctx, s.on.(storage.Store), storage.PurgeQuery{Expired: true}) // which nobody reports
		require.NoError(h.t, err)
		all := feedOf(h.t, s.ctx, s.on)
		replayed := replay(all)
		require.Equal(h.t, reported(h.t, s.ctx, s.on), replayed, "what %s tells, replayed", s.name)
		feeds = append(feeds, all)
	}
	require.Equal(h.t, feeds[0], feeds[1], "the feeds of the backends")
}

func feedOf(t require.TestingT, ctx context.Context, r storage.Reader) (all []storage.Change) {
	read := func(ctx context.Context, q storage.ChangeQuery) (storage.Page[storage.Change], error) {
		p, err := r.Changes(ctx, q)
		return p.Page, err
	}
	for c, err := range storage.All(ctx, read, storage.ChangeQuery{Limit: storage.MaxLimit}) {
		require.NoError(t, err)
		require.Equal(t, storage.Position(len(all)+1), c.Position, "Position")
		all = append(all, c)
	}
	return all
}

// replay rebuilds what a feed promises. There are no invites and sanctions in
// it: of whom they let in or put out, a change of its own tells.
func replay(all []storage.Change) replica {
	r := replayer{replica: newReplica(), reactions: map[replicaReaction]bool{}}
	for _, c := range all {
		switch {
		case c.Kind <= storage.ChangeUserDeleted:
			r.user(c)
		case c.Kind <= storage.ChangeUserUnblocked: // of which a replica has nothing
		case c.Kind <= storage.ChangeRoomDeleted:
			r.room(c)
		case c.Kind <= storage.ChangeMemberRemoved || c.Kind == storage.ChangeReadMarker:
			r.member(c)
		case c.Kind < storage.ChangeInviteCreated:
			r.message(c)
		}
	}
	for reaction := range r.reactions {
		r.count(reaction)
	}
	return r.replica
}

func (r *replayer) user(c storage.Change) {
	if c.Kind != storage.ChangeUserDeleted {
		r.Users[c.UserID] = c.Version
		return
	}
	delete(r.Users, c.UserID)
	for _, room := range r.Rooms {
		delete(room.Members, c.UserID)
		for seq, m := range room.Messages {
			if m.Author == c.UserID {
				m.Author = storage.UserID{}
				room.Messages[seq] = m
			}
		}
	}
	for reaction := range r.reactions {
		if reaction.user == c.UserID {
			delete(r.reactions, reaction)
		}
	}
}

func (r *replayer) room(c storage.Change) {
	switch c.Kind {
	case storage.ChangeRoomCreated:
		r.Rooms[c.RoomID] = &replicaRoom{
			Version: c.Version, Members: map[storage.UserID]replicaMember{}, Messages: map[int64]replicaMessage{},
		}
	case storage.ChangeRoomUpdated:
		r.Rooms[c.RoomID].Version = c.Version
	case storage.ChangeRoomDeleted:
		for _, m := range r.Rooms[c.RoomID].Messages { // whose IDs others may have from now on
			r.forget(m.ID)
		}
		delete(r.Rooms, c.RoomID)
	}
}

func (r *replayer) member(c storage.Change) {
	members := r.Rooms[c.RoomID].Members
	m := members[c.UserID]
	switch c.Kind {
	case storage.ChangeMemberAdded:
		m = replicaMember{Role: c.Role, ReadSeq: c.Seq}
	case storage.ChangeMemberUpdated:
		m.Role = c.Role
	case storage.ChangeReadMarker:
		m.ReadSeq = c.Seq
	case storage.ChangeMemberRemoved:
		delete(members, c.UserID)
		return
	}
	members[c.UserID] = m
}

func (r *replayer) message(c storage.Change) {
	room := r.Rooms[c.RoomID]
	m := room.Messages[c.Seq]
	switch c.Kind {
	case storage.ChangeMessageCreated:
		m = replicaMessage{ID: c.MessageID, RootID: c.RootID, Author: c.UserID}
		room.LastSeq = c.Seq
		if sender, in := room.Members[c.Actor]; in {
			sender.ReadSeq = c.Seq
			room.Members[c.Actor] = sender
		}
	case storage.ChangeMessageDeleted:
		m.Deleted, m.Pinned = true, false
		r.forget(c.MessageID)
	case storage.ChangeMessagePinned:
		m.Pinned = true
	case storage.ChangeMessageUnpinned:
		m.Pinned = false
	case storage.ChangeReactionAdded:
		r.reactions[replicaReaction{c.MessageID, c.UserID, c.Emoji}] = true
		return
	case storage.ChangeReactionRemoved:
		delete(r.reactions, replicaReaction{c.MessageID, c.UserID, c.Emoji})
		return
	case storage.ChangeMessagesPurged:
		r.purge(room, c.Purged)
		return
	}
	if c.Version > 0 {
		m.Version = c.Version
		room.Messages[c.Seq] = m
	}
}

func (r *replayer) purge(room *replicaRoom, ranges []storage.SeqRange) {
	for _, purged := range ranges {
		for seq := purged.First; seq <= purged.Last; seq++ {
			r.forget(room.Messages[seq].ID)
			delete(room.Messages, seq)
		}
	}
}

// forget takes the reactions of a message away.
func (r *replayer) forget(message storage.MessageID) {
	for reaction := range r.reactions {
		if reaction.message == message {
			delete(r.reactions, reaction)
		}
	}
}

// count counts a reaction where its message is.
func (r *replayer) count(reaction replicaReaction) {
	for _, room := range r.Rooms {
		for seq, m := range room.Messages {
			if m.ID == reaction.message {
				m.Reactions++
				room.Messages[seq] = m
			}
		}
	}
}

// reported is the same by the readers.
func reported(t require.TestingT, ctx context.Context, s storage.Reader) replica {
	r := newReplica()
	for u, err := range storage.All(ctx, s.Users, storage.UserQuery{}) {
		require.NoError(t, err)
		r.Users[u.ID] = u.Version
	}
	for room, err := range storage.All(ctx, s.Rooms, storage.RoomQuery{}) {
		require.NoError(t, err)
		r.Rooms[room.ID] = reportedRoom(t, ctx, s, room)
	}
	return r
}

func reportedRoom(t require.TestingT, ctx context.Context, s storage.Reader, room storage.Room) *replicaRoom {
	r := &replicaRoom{
		Version: room.Version, LastSeq: room.LastSeq,
		Members: map[storage.UserID]replicaMember{}, Messages: map[int64]replicaMessage{},
	}
	for m, err := range storage.All(ctx, s.Memberships, storage.MembershipQuery{Room: room.ID}) {
		require.NoError(t, err)
		r.Members[m.UserID] = replicaMember{Role: m.Role, ReadSeq: m.ReadSeq}
	}
	for m, err := range storage.All(ctx, s.Messages, storage.MessageQuery{Room: room.ID, WithDeleted: true}) {
		require.NoError(t, err)
		reactions := 0
		for _, err := range storage.All(ctx, s.Reactions, storage.ReactionQuery{Message: m.ID}) {
			require.NoError(t, err)
			reactions++
		}
		r.Messages[m.Seq] = replicaMessage{
			ID: m.ID, RootID: m.RootID, Author: m.AuthorID, Version: m.Version,
			Deleted: m.Deleted(), Pinned: !m.PinnedAt.IsZero(), Reactions: reactions,
		}
	}
	return r
}
