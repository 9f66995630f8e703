package storagetest_test

import (
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

// typingFaults are about who is typing.
var typingFaults = []fault{
	{name: "typing is everywhere", caught: "typing/who is typing, by room", open: sets(func(s typingSet) typingSet {
		return func(ctx context.Context, _ storage.RoomID, user storage.UserID, until time.Time) error {
			return s(ctx, storage.RoomID{1}, user, until)
		}
	}, storage.RoomID{1})},
	{name: "who is typing is not sorted", caught: "typing/who is typing, by room", open: typists(func(users []storage.UserID) []storage.UserID {
		slices.Reverse(users)
		return users
	})},
	{name: "typing ends late", caught: "typing/expires at its instant", open: until(func(t, _ time.Time) time.Time {
		return t.Add(storage.TimePrecision)
	})},
	{name: "typing ends early", caught: "typing/expires at its instant", open: until(func(t, _ time.Time) time.Time {
		return t.Add(-storage.TimePrecision)
	})},
	{name: "typing lasts half a minute", caught: "typing/a minute at most", open: until(func(t, now time.Time) time.Time {
		if most := now.Add(storage.MaxTyping / 2); t.After(most) {
			return most
		}
		return t
	})},
	{name: "typing that is too long is none", caught: "typing/a minute at most", open: until(func(t, now time.Time) time.Time {
		if t.After(now.Add(storage.MaxTyping)) {
			return time.Time{}
		}
		return t
	})},
	{name: "a time that has passed is the present", caught: "typing/a time that has passed", open: until(func(t, now time.Time) time.Time {
		if !t.After(now) {
			return now.Add(time.Second)
		}
		return t
	})},
	{name: "the first to say how long is right", caught: "typing/set again", open: stores(func(s storage.Store) storage.Store {
		return firstWord{s}
	})},
	{name: "clearing clears nothing", caught: "typing/cleared", open: clears(func(context.Context, storage.Store, storage.RoomID, storage.UserID) error {
		return nil
	})},
	{name: "clearing clears the room", caught: "typing/cleared", open: clears(func(ctx context.Context, s storage.Store, room storage.RoomID, _ storage.UserID) error {
		users, err := s.TypingUsers(ctx, room)
		for _, user := range users {
			err = s.ClearTyping(ctx, room, user)
		}
		return err
	})},
	{name: "who is not typing cannot stop", caught: "typing/cleared", open: clears(func(ctx context.Context, s storage.Store, room storage.RoomID, user storage.UserID) error {
		if users, err := s.TypingUsers(ctx, room); err == nil && !slices.Contains(users, user) {
			return &storage.Error{Op: "clear typing", Entity: storage.EntityUser, Kind: storage.ErrNotFound}
		}
		return s.ClearTyping(ctx, room, user)
	})},
	{name: "nobody stops typing", caught: "typing/unset rooms and users", open: clears(func(ctx context.Context, s storage.Store, room storage.RoomID, user storage.UserID) error {
		if user.IsZero() {
			return nil
		}
		return s.ClearTyping(ctx, room, user)
	})},
	{name: "clearing is observed as setting", caught: "typing/observed", open: clears(func(ctx context.Context, s storage.Store, room storage.RoomID, user storage.UserID) error {
		return s.SetTyping(ctx, room, user, time.Time{})
	})},
	{name: "clearing ignores its context", caught: "typing/context and Close", open: clears(func(ctx context.Context, s storage.Store, room storage.RoomID, user storage.UserID) error {
		return s.ClearTyping(context.WithoutCancel(ctx), room, user)
	})},
	{name: "who is typing is one slice", caught: "typing/the caller's slices", open: sharedTypists},
	{name: "nobody types in a transaction", caught: "typing/within a transaction", open: stores(func(s storage.Store) storage.Store {
		return silentTx{s}
	})},
	{name: "who is deleted within a transaction types on", caught: "typing/who is deleted", open: outlivingTypists(false)},
	{name: "who is deleted is not typing, even if not deleted after all", caught: "typing/who is deleted", open: outlivingTypists(true)},
	{name: "typing outlives its store", caught: "typing/not stored", reopen: func(s storage.Store, _ storage.Options) storage.Store { return s }},
	{name: "ten may type at once", caught: "typing/many at once", open: typists(func(users []storage.UserID) []storage.UserID {
		return users[:min(len(users), 10)]
	})},
}

// typingSet is SetTyping.
type typingSet = func(context.Context, storage.RoomID, storage.UserID, time.Time) error

// typingStore is a good store but for what is not nil.
type typingStore struct {
	storage.Store
	set   typingSet
	clear func(context.Context, storage.Store, storage.RoomID, storage.UserID) error
	users func([]storage.UserID) []storage.UserID
	room  storage.RoomID // the one that is read, if set
}

func (s typingStore) SetTyping(ctx context.Context, room storage.RoomID, user storage.UserID, until time.Time) error {
	if s.set == nil || room.IsZero() {
		return s.Store.SetTyping(ctx, room, user, until)
	}
	return s.set(ctx, room, user, until)
}

func (s typingStore) ClearTyping(ctx context.Context, room storage.RoomID, user storage.UserID) error {
	if s.clear == nil {
		return s.Store.ClearTyping(ctx, room, user)
	}
	return s.clear(ctx, s.Store, room, user)
}

func (s typingStore) TypingUsers(ctx context.Context, room storage.RoomID) ([]storage.UserID, error) {
	if !s.room.IsZero() {
		room = s.room
	}
	users, err := s.Store.TypingUsers(ctx, room)
	if s.users == nil || err != nil {
		return users, err
	}
	return s.users(users), nil
}

func sets(wrap func(typingSet) typingSet, room storage.RoomID) opener {
	return stores(func(s storage.Store) storage.Store { return typingStore{Store: s, set: wrap(s.SetTyping), room: room} })
}

func clears(fn func(context.Context, storage.Store, storage.RoomID, storage.UserID) error) opener {
	return stores(func(s storage.Store) storage.Store { return typingStore{Store: s, clear: fn} })
}

func typists(fn func([]storage.UserID) []storage.UserID) opener {
	return stores(func(s storage.Store) storage.Store { return typingStore{Store: s, users: fn} })
}

// until opens stores that have another time in mind than what they are told.
func until(other func(t, now time.Time) time.Time) opener {
	return func(o storage.Options) storage.Store {
		s := memoryStore(o)
		return typingStore{Store: s, set: func(ctx context.Context, room storage.RoomID, user storage.UserID, t time.Time) error {
			return s.SetTyping(ctx, room, user, other(t, storage.Timestamp(o.Now())))
		}}
	}
}

// sharedTypists hands out the slice that it keeps as long as nobody else types.
func sharedTypists(o storage.Options) storage.Store {
	var kept []storage.UserID
	return typists(func(users []storage.UserID) []storage.UserID {
		if len(users) != len(kept) {
			kept = users
		}
		return kept
	})(o)
}

// firstWord does not listen to who is typing already.
type firstWord struct{ storage.Store }

func (s firstWord) SetTyping(ctx context.Context, room storage.RoomID, user storage.UserID, until time.Time) error {
	if users, err := s.TypingUsers(ctx, room); err == nil && slices.Contains(users, user) {
		return nil
	}
	return s.Store.SetTyping(ctx, room, user, until)
}

// silentTx refuses who types within a transaction.
type silentTx struct{ storage.Store }

type insideTx struct{}

func (s silentTx) Update(ctx context.Context, fn updateFunc) error {
	return s.Store.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		return fn(context.WithValue(ctx, insideTx{}, true), tx)
	})
}

func (s silentTx) SetTyping(ctx context.Context, room storage.RoomID, user storage.UserID, until time.Time) error {
	if ctx.Value(insideTx{}) != nil {
		return storage.WithOp("set typing", storage.Invalid("ctx", "belongs to a transaction of this store"))
	}
	return s.Store.SetTyping(ctx, room, user, until)
}

// hastyTypists is a store that clears whoever types before a transaction that is
// rolled back, or keeps all of these typing after one that is committed.
type hastyTypists struct {
	storage.Store
	clears bool
}

func outlivingTypists(clears bool) opener {
	return stores(func(s storage.Store) storage.Store { return hastyTypists{s, clears} })
}

// typingRooms are the rooms in which the suite has users type.
var typingRooms = []storage.RoomID{{0: 1, 6: 0x70, 8: 0x80, 15: 1}, {0: 1, 6: 0x70, 8: 0x80, 15: 2}}

func (s hastyTypists) Update(ctx context.Context, fn updateFunc) error {
	before := map[storage.RoomID][]storage.UserID{}
	for _, room := range typingRooms {
		before[room], _ = s.TypingUsers(ctx, room)
	}
	err := s.Store.Update(ctx, fn)
	for room, users := range before {
		for _, user := range users {
			if s.clears && err != nil {
				_ = s.ClearTyping(ctx, room, user)
			} else if !s.clears && err == nil {
				_ = s.SetTyping(ctx, room, user, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
			}
		}
	}
	return err
}
