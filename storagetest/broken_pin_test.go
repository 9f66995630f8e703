package storagetest_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/lairchat/lair/storage"
)

// pinFaults are about pins, revisions and reactions.
var pinFaults = []fault{
	{name: "nothing is unpinned", caught: "pin/pin and unpin", open: writes(func(w storage.ReadWriter) storage.Writer { return keepsPins{w} })},
	{name: "pinning is an edit", caught: "pin/pin and unpin", open: (&hooks{only: "PinMessage", message: func(m *storage.Message) {
		m.EditedAt = m.PinnedAt
	}}).opener()},
	{name: "pinning again is new", caught: "pin/again", open: writes(func(w storage.ReadWriter) storage.Writer { return pinsAnew{w} })},
	{name: "one pin a room", caught: "pin/lists", open: writes(func(w storage.ReadWriter) storage.Writer { return onePin{w} })},
	{name: "anybody pins", caught: "pin/unknown message and user", open: writes(func(w storage.ReadWriter) storage.Writer { return anyPinner{w} })},
	{name: "a tombstone is pinned", caught: "pin/tombstone", open: writes(func(w storage.ReadWriter) storage.Writer { return pinsStones{w} })},
	{name: "an edit unpins", caught: "pin/edit", open: writes(func(w storage.ReadWriter) storage.Writer { return unpinning{w} })},
	{name: "a revision lacks its editor", caught: "revision/every field", open: revising(func(v *storage.Revision) { v.ReplacedBy = storage.UserID{} })},
	{name: "a revision lacks its tags", caught: "revision/every field", open: revising(func(v *storage.Revision) { v.Tags = nil })},
	{name: "a revision lacks its time", caught: "revision/every field", open: revising(func(v *storage.Revision) { v.ReplacedAt = time.Time{} })},
	{name: "a revision has the next version", caught: "revision/versions", open: revising(func(v *storage.Revision) { v.Version++ })},
	{name: "an edit that changes nothing leaves a revision", caught: "revision/edits that change nothing or fail",
		open: writes(func(w storage.ReadWriter) storage.Writer { return restlessEdits{w} })},
	{name: "a tombstone has revisions", caught: "revision/tombstone", open: lastingRevisions()},
	{name: "revisions of what is not there", caught: "revision/unknown message", open: reads(func(r storage.Reader) storage.Reader { return lenientHistory{r} })},
	{name: "every reaction is new", caught: "reaction/again", open: writes(func(w storage.ReadWriter) storage.Writer { return newReactions{w} })},
	{name: "reacting again is later", caught: "reaction/again", open: writes(func(w storage.ReadWriter) storage.Writer { return laterReactions{w} })},
	{name: "emoji are folded", caught: "reaction/emoji", open: reacting(func(emoji string) string { return strings.ToLower(emoji) })},
	{name: "long emoji are cut", caught: "reaction/emoji", open: reacting(func(emoji string) string { return cut(emoji, storage.MaxEmoji) })},
	{name: "any number of emoji", caught: "reaction/limit", open: allowingReactions(storage.ErrConstraint)},
	{name: "a tombstone is reacted to", caught: "reaction/tombstone", open: allowingReactions(storage.ErrConflict)},
	{name: "somebody unknown reacts", caught: "reaction/unknown message and user", open: allowingReactions(storage.ErrNotFound)},
	{name: "nobody's reaction is the viewer's", caught: "reaction/viewer", open: (&hooks{message: func(m *storage.Message) {
		for i := range m.Reactions {
			m.Reactions[i].Mine = false
		}
	}}).opener()},
	{name: "every reaction is the viewer's", caught: "reaction/viewer", open: (&hooks{only: "Messages", message: func(m *storage.Message) {
		for i := range m.Reactions {
			m.Reactions[i].Mine = true
		}
	}}).opener()},
	{name: "reactions are missing on pages", caught: "reaction/every reader", open: unmoved("Messages")},
	{name: "reactions are missing among many", caught: "reaction/every reader", open: unmoved("MessagesByID")},
	{name: "reactions are missing in what is found", caught: "reaction/every reader", open: unmoved("SearchMessages")},
	{name: "reactions are missing in what is pinned", caught: "reaction/edit and pin", open: unmoved("PinMessage")},
	{name: "reactions are missing in what is unpinned", caught: "reaction/edit and pin", open: unmoved("UnpinMessage")},
	{name: "reactions are missing in what is edited", caught: "reaction/edit and pin", open: unmoved("EditMessage")},
	{name: "reactions raise the version", caught: "reaction/leaves everything else", open: (&hooks{message: func(m *storage.Message) {
		m.Version += int64(len(m.Reactions))
	}}).opener()},
}

// unmoved leaves the reactions out of what one method returns.
func unmoved(method string) opener {
	return (&hooks{only: method, message: func(m *storage.Message) { m.Reactions = nil }}).opener()
}

type keepsPins struct{ storage.ReadWriter }

func (w keepsPins) UnpinMessage(ctx context.Context, id storage.MessageID, _ storage.UserID) (storage.Message, error) {
	return w.Message(ctx, id)
}

type pinsAnew struct{ storage.Writer }

func (w pinsAnew) PinMessage(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	if m, err := w.UnpinMessage(ctx, id, by); err != nil {
		return m, err
	}
	return w.Writer.PinMessage(ctx, id, by)
}

// onePin unpins what is pinned in the room.
type onePin struct{ storage.ReadWriter }

func (w onePin) PinMessage(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	m, err := w.Message(ctx, id)
	if err != nil {
		return w.ReadWriter.PinMessage(ctx, id, by)
	}
	page, err := w.Messages(ctx, storage.MessageQuery{Room: m.RoomID, Pinned: true})
	for _, pinned := range page.Items {
		_, stuck := w.UnpinMessage(ctx, pinned.ID, by)
		err = errors.Join(err, stuck)
	}
	if err != nil {
		return m, err
	}
	return w.ReadWriter.PinMessage(ctx, id, by)
}

type anyPinner struct{ storage.Writer }

func (w anyPinner) PinMessage(ctx context.Context, id storage.MessageID, _ storage.UserID) (storage.Message, error) {
	return w.Writer.PinMessage(ctx, id, storage.UserID{})
}

// pinsStones takes a tombstone for well pinned.
type pinsStones struct{ storage.Writer }

func (w pinsStones) PinMessage(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	m, err := w.Writer.PinMessage(ctx, id, by)
	if errors.Is(err, storage.ErrConflict) {
		return m, nil
	}
	return m, err
}

type unpinning struct{ storage.Writer }

func (w unpinning) EditMessage(ctx context.Context, id storage.MessageID, by storage.UserID, p storage.MessagePatch) (storage.Message, error) {
	m, err := w.Writer.EditMessage(ctx, id, by, p)
	if err != nil {
		return m, err
	}
	return w.UnpinMessage(ctx, id, by)
}

// revising changes revisions on their way out.
func revising(edit func(*storage.Revision)) opener {
	return reads(func(r storage.Reader) storage.Reader { return otherRevisions{r, edit} })
}

type otherRevisions struct {
	storage.Reader
	edit func(*storage.Revision)
}

func (r otherRevisions) MessageRevisions(ctx context.Context, q storage.RevisionQuery) (storage.Page[storage.Revision], error) {
	p, err := r.Reader.MessageRevisions(ctx, q)
	return applyPage(r.edit, p, err)
}

func (r otherRevisions) MessageRevision(ctx context.Context, message storage.MessageID, version int64) (storage.Revision, error) {
	v, err := r.Reader.MessageRevision(ctx, message, version)
	return apply(r.edit, v, err)
}

// lastingRevisions finds the revisions of tombstones.
func lastingRevisions() opener {
	return func(o storage.Options) storage.Store {
		old := new(sync.Map)
		read := func(r storage.Reader) storage.Reader { return lasting{r, old} }
		write := func(w storage.ReadWriter) storage.Writer { return historian{w, old} }
		return newBroken(memoryStore(o), read, write)
	}
}

type historian struct {
	storage.ReadWriter
	old *sync.Map // storage.MessageID to the page of its revisions
}

func (w historian) DeleteMessage(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	if p, err := w.MessageRevisions(ctx, storage.RevisionQuery{Message: id}); err == nil && len(p.Items) > 0 {
		w.old.Store(id, p)
	}
	return w.ReadWriter.DeleteMessage(ctx, id, by)
}

type lasting struct {
	storage.Reader
	old *sync.Map
}

func (r lasting) MessageRevisions(ctx context.Context, q storage.RevisionQuery) (storage.Page[storage.Revision], error) {
	p, err := r.Reader.MessageRevisions(ctx, q)
	if was, ok := r.old.Load(q.Message); ok && err == nil {
		p = was.(storage.Page[storage.Revision])
	}
	return p, err
}

type lenientHistory struct{ storage.Reader }

func (r lenientHistory) MessageRevisions(ctx context.Context, q storage.RevisionQuery) (storage.Page[storage.Revision], error) {
	p, err := r.Reader.MessageRevisions(ctx, q)
	if errors.Is(err, storage.ErrNotFound) {
		err = nil
	}
	return p, err
}

type newReactions struct{ storage.Writer }

func (w newReactions) AddReaction(ctx context.Context, message storage.MessageID, user storage.UserID, emoji string) (bool, error) {
	_, err := w.Writer.AddReaction(ctx, message, user, emoji)
	return err == nil, err
}

type laterReactions struct{ storage.Writer }

func (w laterReactions) AddReaction(ctx context.Context, message storage.MessageID, user storage.UserID, emoji string) (bool, error) {
	removed, err := w.RemoveReaction(ctx, message, user, emoji)
	if err != nil {
		return false, err
	}
	added, err := w.Writer.AddReaction(ctx, message, user, emoji)
	return added && !removed, err
}

// reacting changes emoji before they are stored.
func reacting(edit func(string) string) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return otherEmoji{w, edit} })
}

type otherEmoji struct {
	storage.Writer
	edit func(string) string
}

func (w otherEmoji) AddReaction(ctx context.Context, message storage.MessageID, user storage.UserID, emoji string) (bool, error) {
	return w.Writer.AddReaction(ctx, message, user, w.edit(emoji))
}

// allowingReactions takes a reaction that must be refused for added.
func allowingReactions(kind error) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return allowsReactions{w, kind} })
}

type allowsReactions struct {
	storage.Writer
	kind error
}

func (w allowsReactions) AddReaction(ctx context.Context, message storage.MessageID, user storage.UserID, emoji string) (bool, error) {
	added, err := w.Writer.AddReaction(ctx, message, user, emoji)
	if errors.Is(err, w.kind) {
		return true, nil
	}
	return added, err
}
