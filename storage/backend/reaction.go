package backend

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lairchat/lair/storage"
)

// Reactions implements storage.ReactionReader.
func (r Reader) Reactions(ctx context.Context, q storage.ReactionQuery) (storage.Page[storage.Reaction], error) {
	var p *pager
	check := func() (err error) {
		q.Emoji = normalEmoji(q.Emoji)
		if err := q.Validate(); err != nil {
			return err
		}
		p, err = newPager(storage.ReactionQuery{Message: q.Message, Emoji: q.Emoji}, q.Limit, q.Cursor)
		return err
	}
	var items []storage.Reaction
	err := r.in.view(ctx, "list reactions", check, func(rows Rows) (int, error) {
		_, err := liveMessage(ctx, rows, q.Message, r.now())
		if err != nil {
			return 0, err
		}
		items, err = rows.Reactions(ctx, ReactionScan{Message: q.Message, Emoji: q.Emoji, Scan: p.scan(false)})
		return len(items), err
	})
	if err != nil {
		return storage.Page[storage.Reaction]{}, err
	}
	return page(p, items, func(v storage.Reaction) storage.Keyset {
		return storage.Keyset{Int: Micros(v.CreatedAt), ID: v.UserID, Text: v.Emoji}
	})
}

// ReactionCounts implements storage.ReactionReader.
func (r Reader) ReactionCounts(ctx context.Context, message storage.MessageID, viewer storage.UserID) ([]storage.ReactionCount, error) {
	var m storage.Message
	err := r.in.view(ctx, "count reactions", unchecked, func(rows Rows) (int, error) {
		var err error
		now := r.now()
		if m, err = liveMessage(ctx, rows, message, now); err == nil {
			m, err = fillIn(ctx, rows, m, viewer, now)
		}
		return len(m.Reactions), err
	})
	if err != nil {
		return nil, err
	}
	return m.Reactions, nil
}

// Tally is a ReactionCount and when the first of the reactions was added, for
// rows to put them in order.
type Tally struct {
	storage.ReactionCount
	First time.Time
}

// AddTally adds to the counts of one message, among which the same emoji may be.
func AddTally(all []Tally, t Tally) []Tally {
	i := slices.IndexFunc(all, func(other Tally) bool { return other.Emoji == t.Emoji })
	if i < 0 {
		return append(all, t)
	}
	all[i].Count += t.Count
	all[i].Mine = all[i].Mine || t.Mine
	if t.First.Before(all[i].First) {
		all[i].First = t.First
	}
	return all
}

// SortTallies returns the counts in the order of Message.Reactions, nil if there
// are none.
func SortTallies(all []Tally) []storage.ReactionCount {
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, func(a, b Tally) int {
		return cmp.Or(a.First.Compare(b.First), strings.Compare(a.Emoji, b.Emoji))
	})
	counts := make([]storage.ReactionCount, len(all))
	for i, t := range all {
		counts[i] = t.ReactionCount
	}
	return counts
}

// normalEmoji returns the form in which an emoji is stored.
func normalEmoji(emoji string) string {
	r := storage.Reaction{Emoji: emoji}
	r.Normalize()
	return r.Emoji
}

// newReaction prepares a reaction. Whether its message and user exist shows
// later.
func newReaction(message storage.MessageID, user storage.UserID, emoji string) (*storage.Reaction, error) {
	r := &storage.Reaction{MessageID: message, UserID: user, Emoji: normalEmoji(emoji)}
	return r, storage.Reaction{MessageID: storage.MessageID{1}, UserID: storage.UserID{1}, Emoji: r.Emoji}.Validate()
}

// AddReaction implements storage.ReactionWriter.
func (w Writer) AddReaction(ctx context.Context, message storage.MessageID, user storage.UserID, emoji string) (bool, error) {
	return w.react(ctx, "add reaction", message, user, emoji, (*rules).addReaction)
}

// RemoveReaction implements storage.ReactionWriter.
func (w Writer) RemoveReaction(ctx context.Context, message storage.MessageID, user storage.UserID, emoji string) (bool, error) {
	return w.react(ctx, "remove reaction", message, user, emoji, (*rules).removeReaction)
}

// react runs a change of a reaction, which is told whether the reaction is
// there and returns whether it has changed anything.
func (w Writer) react(
	ctx context.Context, op string, message storage.MessageID, user storage.UserID, emoji string,
	change func(t *rules, ctx context.Context, m storage.Message, r *storage.Reaction, there bool) (bool, error),
) (bool, error) {
	var r *storage.Reaction
	check := func() (err error) { r, err = newReaction(message, user, emoji); return err }
	return writeOne(ctx, w.in, op, check, func(t *rules) (bool, error) {
		m, err := liveMessage(ctx, t.rows, message, t.now)
		if err != nil {
			return false, err
		}
		if err := t.needUser(ctx, user, "user"); err != nil {
			return false, err
		}
		there, err := t.rows.HasReaction(ctx, message, user, r.Emoji)
		if err != nil {
			return false, err
		}
		return change(t, ctx, m, r, there)
	})
}

func (t *rules) addReaction(ctx context.Context, m storage.Message, r *storage.Reaction, there bool) (bool, error) {
	if there {
		return false, nil
	}
	if err := t.admits(ctx, m.RoomID, r.UserID, storage.SanctionBan, storage.SanctionMute); err != nil {
		return false, err
	}
	if err := undeleted(m); err != nil {
		return false, err
	}
	if err := t.mayAddEmoji(ctx, r); err != nil {
		return false, err
	}
	r.CreatedAt = t.now
	if err := t.rows.InsertReaction(ctx, r); err != nil {
		return false, err
	}
	return true, t.changed(ctx, reactionChange(storage.ChangeReactionAdded, m, r))
}

// undeleted refuses a tombstone.
func undeleted(m storage.Message) error {
	if !m.Deleted() {
		return nil
	}
	return storage.Conflict(storage.EntityMessage, m.ID.String(), "deleted")
}

// mayAddEmoji refuses one emoji too many on a message.
func (t *rules) mayAddEmoji(ctx context.Context, r *storage.Reaction) error {
	known, err := t.rows.HasReaction(ctx, r.MessageID, storage.UserID{}, r.Emoji)
	if err != nil || known {
		return err
	}
	n, err := t.rows.CountEmoji(ctx, r.MessageID)
	if err != nil || n < storage.MaxReactions {
		return err
	}
	return &storage.Error{
		Entity: storage.EntityMessage, ID: r.MessageID.String(), Field: "Emoji", Kind: storage.ErrConstraint,
		Err: fmt.Errorf("%d different ones already", n),
	}
}

func (t *rules) removeReaction(ctx context.Context, m storage.Message, r *storage.Reaction, there bool) (bool, error) {
	if err := undeleted(m); err != nil || !there {
		return false, err
	}
	if err := t.rows.DeleteReaction(ctx, r.MessageID, r.UserID, r.Emoji); err != nil {
		return false, err
	}
	return true, t.changed(ctx, reactionChange(storage.ChangeReactionRemoved, m, r))
}

func reactionChange(kind storage.ChangeKind, m storage.Message, r *storage.Reaction) storage.Change {
	return storage.Change{
		Kind: kind, Actor: r.UserID, RoomID: m.RoomID, MessageID: m.ID, Seq: m.Seq, UserID: r.UserID, Emoji: r.Emoji,
	}
}
