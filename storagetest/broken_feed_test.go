package storagetest_test

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/lairchat/lair/storage"
)

// feedFaults are about the change feed: what it tells, and how it is read.
var feedFaults = []fault{
	{name: "changes without a transaction", caught: "change in order/calls are transactions", open: changed(func(c *storage.Change) { c.Tx = c.Position })},
	{name: "changes without a time", caught: "change/time", open: changed(func(c *storage.Change) { c.At = time.Time{} })},
	{name: "changes with a gap", caught: "change/gapless", open: changed(func(c *storage.Change) { c.Position += c.Position / 5 })},
	{name: "changes of another kind", caught: "change/pins", open: changed(func(c *storage.Change) {
		if c.Kind == storage.ChangeMessageUnpinned {
			c.Kind = storage.ChangeMessagePinned
		}
	})},
	{name: "changes without an actor", caught: "change/messages", open: changed(func(c *storage.Change) { c.Actor = storage.UserID{} })},
	{name: "imports with an actor", caught: "change/imports", open: changed(func(c *storage.Change) { c.Actor = c.UserID })},
	{name: "changes without a room", caught: "change/rooms", open: changed(func(c *storage.Change) { c.RoomID = storage.RoomID{} })},
	{name: "changes without a user", caught: "change/users", open: changed(func(c *storage.Change) { c.UserID = storage.UserID{} })},
	{name: "changes without a message", caught: "change/messages", open: changed(func(c *storage.Change) { c.MessageID = storage.MessageID{} })},
	{name: "changes without a root", caught: "change/replies", open: changed(func(c *storage.Change) { c.RootID = storage.MessageID{} })},
	{name: "changes without an attachment", caught: "change/attachments", open: changed(func(c *storage.Change) { c.AttachmentID = storage.AttachmentID{} })},
	{name: "changes without an invite", caught: "change/invites", open: changed(func(c *storage.Change) { c.InviteID = storage.InviteID{} })},
	{name: "changes without a sanction", caught: "change/sanctions", open: changed(func(c *storage.Change) { c.SanctionID = storage.SanctionID{} })},
	{name: "changes without a Seq", caught: "change/markers", open: changed(func(c *storage.Change) { c.Seq = 0 })},
	{name: "changes without a version", caught: "change/edits", open: changed(func(c *storage.Change) { c.Version = 0 })},
	{name: "changes without a role", caught: "change/roles", open: changed(func(c *storage.Change) { c.Role = 0 })},
	{name: "changes without an emoji", caught: "change/reactions", open: changed(func(c *storage.Change) { c.Emoji = "" })},
	{name: "purges tell the first range", caught: "change/purges", open: changed(func(c *storage.Change) { c.Purged = c.Purged[:min(1, len(c.Purged))] })},
	{name: "the feed quotes", caught: "change/no text and no secret", open: changed(func(c *storage.Change) { c.Emoji += "good morning" })},
	{name: "After is inclusive in the feed", caught: "change list/after a position", open: asking(func(q *storage.ChangeQuery) { q.After = max(q.After-1, 0) })},
	{name: "the feed of every room", caught: "change list/of a room", open: asking(func(q *storage.ChangeQuery) { q.Room = storage.RoomID{} })},
	{name: "the feed of every kind", caught: "change list/of some kinds", open: asking(func(q *storage.ChangeQuery) { q.Kinds = nil })},
	{name: "the feed of every user", caught: "change sight/a member", open: asking(func(q *storage.ChangeQuery) { q.User = storage.UserID{} })},
	{name: "old messages where history is hidden", caught: "change sight/messages from before, where history is hidden", open: reads(func(r storage.Reader) storage.Reader { return talkative{r} })},
	{name: "purges of old messages where history is hidden", caught: "change sight/purges, where history is hidden", open: reads(func(r storage.Reader) storage.Reader { return unclipped{r} })},
	{name: "whose an invited address is", caught: "change sight/invites by address", open: reads(func(r storage.Reader) storage.Reader { return gossip{r} })},
	{name: "pages of the feed without a limit", caught: "change list/limits", open: asking(func(q *storage.ChangeQuery) { q.Limit = storage.MaxLimit })},
	{name: "through the last item only", caught: "change list/through", open: paging(func(p *storage.ChangePage) {
		if n := len(p.Items); n > 0 {
			p.Through = p.Items[n-1].Position
		}
	})},
	{name: "a page of the feed too many", caught: "change list/pages", open: paging(func(p *storage.ChangePage) {
		if p.Next == "" && len(p.Items) > 0 {
			p.Next = "again"
		}
	})},
	{name: "pages back in the feed", caught: "change list/pages", open: paging(func(p *storage.ChangePage) { p.Prev = p.Next })},
	{name: "what was pruned is passed over", caught: "change list/pruned", open: forgiving(storage.ErrGone)},
	{name: "the beginning is whatever is left", caught: "change list/pruned before the first look", open: reads(func(r storage.Reader) storage.Reader { return lenient{r} })},
	{name: "gone without telling what is left", caught: "change list/pruned", open: failingOtherwise(func(e *storage.Error) { e.Oldest = 0 })},
	{name: "the emoji of a deleted room", caught: "change in order/reactions in a deleted room", open: changed(func(c *storage.Change) {
		if c.Kind == storage.ChangeReactionAdded && c.Emoji == "" {
			c.Emoji = "👍"
		}
	})},
	{name: "invites tell of nobody", caught: "change/invites by address", open: changed(func(c *storage.Change) {
		if !c.InviteID.IsZero() {
			c.UserID = storage.UserID{}
		}
	})},
	{name: "beyond the newest is nothing", caught: "change list/beyond the newest", open: forgiving(storage.ErrInvalid)},
	{name: "the oldest of nothing is 0", caught: "change list/of an empty store", open: reads(func(r storage.Reader) storage.Reader { return headless{r} })},

	{name: "a consumer steps back", caught: "consumer/never back", open: writes(func(w storage.ReadWriter) storage.Writer { return steppingBack{w} })},
	{name: "a consumer stays", caught: "consumer/delete", open: writes(func(w storage.ReadWriter) storage.Writer { return keepingConsumer{w} })},
	{name: "gone for what happened in other rooms", caught: "change pruned/of a quiet room", open: reads(func(r storage.Reader) storage.Reader { return pessimist{r} })},
	{name: "gone for what others saw", caught: "change pruned/of a user's rooms", open: reads(func(r storage.Reader) storage.Reader { return pessimist{r} })},
	{name: "pruned rooms are passed over", caught: "change pruned/of a quiet room", open: reads(func(r storage.Reader) storage.Reader { return optimist{r} })},
	{name: "what was pruned of a user's rooms is passed over", caught: "change pruned/of rooms that a user left", open: reads(func(r storage.Reader) storage.Reader { return optimist{r} })},
	{name: "consumers by age", caught: "consumer/in order of names", open: reads(func(r storage.Reader) storage.Reader { return disordered{r} })},
	{name: "a consumer that nobody knows is at 0", caught: "consumer/advance", open: reads(func(r storage.Reader) storage.Reader { return gullible{r} })},
	{name: "pruning waits for nobody", caught: "change prune/waits for consumers", open: pruning(func(p *storage.ChangePrune) { p.PastConsumers = true })},
	{name: "pruning always waits", caught: "change prune/waits for consumers", open: pruning(func(p *storage.ChangePrune) { p.PastConsumers = false })},
	{name: "pruning keeps one more", caught: "change prune/all but the newest", open: pruning(func(p *storage.ChangePrune) {
		if p.Keep > 0 {
			p.Keep++
		}
	})},
	{name: "pruning what is a little younger", caught: "change prune/by age", open: pruning(func(p *storage.ChangePrune) {
		if p.Age > 1 {
			p.Age -= time.Microsecond
		}
	})},
	{name: "pruning without a limit", caught: "change prune/batches", open: pruning(func(p *storage.ChangePrune) {
		if p.Limit > 0 {
			p.Limit *= 10
		}
	})},
	{name: "pruning by age alone", caught: "change prune/by age or beyond the newest", open: pruning(func(p *storage.ChangePrune) {
		if p.Age > 0 {
			p.Keep = 0
		}
	})},

	{name: "watching ends with what there is", caught: "watch/live", open: watching(once)},
	{name: "watching begins at the beginning", caught: "watch/from a position", open: askedToWatch(func(q *storage.ChangeQuery) { q.After = 0 })},
	{name: "watching every room", caught: "watch/of a room", open: askedToWatch(func(q *storage.ChangeQuery) { q.Room = storage.RoomID{} })},
	{name: "watching every kind", caught: "watch/of some kinds", open: askedToWatch(func(q *storage.ChangeQuery) { q.Kinds = nil })},
	{name: "watching with everybody's eyes", caught: "watch/of a user", open: askedToWatch(func(q *storage.ChangeQuery) { q.User = storage.UserID{} })},
	{name: "watching forgets the context", caught: "watch/context", open: watching(func(s storage.Store, ctx context.Context, q storage.ChangeQuery) iter.Seq2[storage.Change, error] {
		return func(yield func(storage.Change, error) bool) {
			s.Watch(ctx, q)(func(c storage.Change, err error) bool {
				return errors.Is(err, storage.ErrCanceled) || yield(c, err)
			})
		}
	})},
	{name: "watching ends silently", caught: "watch/close", open: watching(func(s storage.Store, ctx context.Context, q storage.ChangeQuery) iter.Seq2[storage.Change, error] {
		return func(yield func(storage.Change, error) bool) {
			s.Watch(ctx, q)(func(c storage.Change, err error) bool { return err != nil || yield(c, err) })
		}
	})},
	{name: "watching passes over what was pruned", caught: "watch/gone before it began", open: watching(func(s storage.Store, ctx context.Context, q storage.ChangeQuery) iter.Seq2[storage.Change, error] {
		if h, err := s.ChangeHead(ctx); err == nil {
			q.After = max(q.After, h.Oldest-1)
		}
		return s.Watch(ctx, q)
	})},
	{name: "watching repeats itself", caught: "watch/what is there", open: watching(func(s storage.Store, ctx context.Context, q storage.ChangeQuery) iter.Seq2[storage.Change, error] {
		return func(yield func(storage.Change, error) bool) {
			s.Watch(ctx, q)(func(c storage.Change, err error) bool {
				first := yield(c, err)
				return first && yield(c, err)
			})
		}
	})},
	{name: "watching within a transaction", caught: "watch/within View and Update", open: watching(func(s storage.Store, _ context.Context, q storage.ChangeQuery) iter.Seq2[storage.Change, error] {
		return s.Watch(context.Background(), q)
	})},
}
