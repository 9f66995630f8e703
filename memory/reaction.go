package memory

import (
	"bytes"
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// reaction is a reaction as it is kept, in the order of messages, emoji and
// users.
type reaction struct {
	message pair
	emoji   string
	user    key
	at      time.Time
}

func lessReactions(a, b reaction) bool {
	if a.message != b.message {
		return a.message < b.message
	}
	if c := strings.Compare(a.emoji, b.emoji); c != 0 {
		return c < 0
	}
	return a.user < b.user
}

// lessReactionsByUser is the order of users, messages and emoji.
func lessReactionsByUser(a, b reaction) bool {
	if a.user != b.user {
		return a.user < b.user
	}
	return lessReactions(a, b)
}

// reactionsTo walks the reactions to a message, those with one emoji together,
// or only those with an emoji that is given.
func (s *state) reactionsTo(message pair, emoji string) iter.Seq[reaction] {
	return func(yield func(reaction) bool) {
		s.reactions.Ascend(reaction{message: message, emoji: emoji}, func(r reaction) bool {
			return r.message == message && (emoji == "" || r.emoji == emoji) && yield(r)
		})
	}
}

func (r *rows) Reactions(_ context.Context, s backend.ReactionScan) ([]storage.Reaction, error) {
	at, ok := r.place(s.Message)
	if !ok {
		return nil, nil
	}
	compare := compareReactions
	if s.Desc {
		compare = func(a, b storage.Reaction) int { return compareReactions(b, a) }
	}
	var after storage.Reaction
	if k := s.After; k != nil {
		after = storage.Reaction{UserID: k.ID, Emoji: k.Text, CreatedAt: time.UnixMicro(k.Int)}
	}
	var all []storage.Reaction
	for e := range r.reactionsTo(at, s.Emoji) {
		v := storage.Reaction{MessageID: s.Message, UserID: r.userID(e.user), Emoji: e.emoji, CreatedAt: e.at}
		if s.After == nil || compare(v, after) > 0 {
			all = append(all, v)
		}
	}
	slices.SortFunc(all, compare)
	return all[:min(len(all), s.Limit)], nil
}

// compareReactions is the order in which reactions were added.
func compareReactions(a, b storage.Reaction) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), bytes.Compare(a.UserID[:], b.UserID[:]), strings.Compare(a.Emoji, b.Emoji))
}

// countReactions sums up the reactions to a message.
func (s *state) countReactions(message pair, viewer key) []storage.ReactionCount {
	var all []backend.Tally
	for r := range s.reactionsTo(message, "") {
		count := storage.ReactionCount{Emoji: r.emoji, Count: 1, Mine: r.user == viewer}
		all = backend.AddTally(all, backend.Tally{ReactionCount: count, First: r.at})
	}
	return backend.SortTallies(all)
}

func (r *rows) HasReaction(_ context.Context, message storage.MessageID, user storage.UserID, emoji string) (bool, error) {
	at, _ := r.place(message)
	if !user.IsZero() {
		_, ok := r.reactions.Get(reaction{message: at, emoji: emoji, user: r.userKey(user)})
		return ok, nil
	}
	for range r.reactionsTo(at, emoji) {
		return true, nil
	}
	return false, nil
}

func (r *rows) CountEmoji(_ context.Context, message storage.MessageID) (int, error) {
	at, _ := r.place(message)
	return len(r.countReactions(at, 0)), nil
}

func (r *rows) InsertReaction(_ context.Context, v *storage.Reaction) error {
	at, ok := r.place(v.MessageID)
	if !ok {
		return storage.ErrNotFound
	}
	e := reaction{at, v.Emoji, r.userKey(v.UserID), v.CreatedAt}
	r.reactions.Set(e)
	r.reactionsBy.Set(e)
	return nil
}

func (r *rows) DeleteReaction(_ context.Context, message storage.MessageID, user storage.UserID, emoji string) error {
	at, _ := r.place(message)
	e, ok := r.reactions.Get(reaction{message: at, emoji: emoji, user: r.userKey(user)})
	if !ok {
		return storage.ErrNotFound
	}
	r.removeReactions([]reaction{e})
	return nil
}

func (s *state) removeReactions(all []reaction) {
	for _, r := range all {
		s.reactions.Delete(r)
		s.reactionsBy.Delete(r)
	}
}

// reactionsByUser returns the reactions of a user.
func (s *state) reactionsByUser(user key) (all []reaction) {
	s.reactionsBy.Ascend(reaction{user: user}, func(r reaction) bool {
		if r.user != user {
			return false
		}
		all = append(all, r)
		return true
	})
	return all
}
