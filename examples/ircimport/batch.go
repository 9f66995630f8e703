package main

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/lairchat/lair/storage"
)

// outcome is what became of a batch.
type outcome struct {
	stored, known int
	newUsers      int
	refused       []refusal
}

// refusal is a message that the store would not take.
type refusal struct {
	file string
	line int
	err  error
}

// flush stores the batch with the users it needs, in one transaction.
func (im *importer) flush(ctx context.Context) error {
	if len(im.batch) == 0 {
		return nil
	}
	var out outcome
	newcomers := map[string]storage.UserID{}
	err := im.store.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		if err := im.authors(ctx, tx, newcomers, &out); err != nil {
			return err
		}
		return insert(ctx, tx, im.batch, &out)
	})
	if err != nil {
		return err
	}
	maps.Copy(im.nicks, newcomers)
	im.batch = im.batch[:0]
	im.count(out, newcomers)
	im.progress.update(im.read, im.summary.entries)
	return nil
}

func (im *importer) count(out outcome, newcomers map[string]storage.UserID) {
	im.summary.stored += out.stored
	im.summary.known += out.known
	im.summary.newUsers += out.newUsers
	for _, id := range newcomers {
		im.summary.users[id] = true
	}
	for _, r := range out.refused {
		im.problem(r.file, r.line, r.err.Error())
	}
}

// authors sets the author of each message of the batch. Users who speak for
// the first time are made as needed and become members of the room; they go
// into newcomers, since the transaction may still fail.
func (im *importer) authors(ctx context.Context, tx storage.Tx, newcomers map[string]storage.UserID, out *outcome) error {
	for i := range im.batch {
		p := &im.batch[i]
		id, ok := im.nicks[p.nick]
		if !ok {
			id, ok = newcomers[p.nick]
		}
		if !ok {
			var err error
			if id, err = ensureUser(ctx, tx, p.nick, out); err != nil {
				return err
			}
			newcomers[p.nick] = id
		}
		p.message.AuthorID = id
	}
	if len(newcomers) == 0 {
		return nil
	}
	members := slices.Collect(maps.Values(newcomers))
	_, err := tx.AddMembers(ctx, im.room.ID, storage.MemberMember, members...)
	return err
}

func ensureUser(ctx context.Context, tx storage.Tx, nick string, out *outcome) (storage.UserID, error) {
	u := account(nick)
	found, err := tx.UserByUsername(ctx, u.Username)
	if err == nil || !errors.Is(err, storage.ErrNotFound) {
		return found.ID, err
	}
	if err := tx.CreateUser(ctx, &u); err != nil {
		return storage.UserID{}, err
	}
	out.newUsers++
	return u.ID, nil
}

// insert stores messages. What the store refuses (a text too long, an entry
// that was another one in an earlier import) is found by halving, so that it
// keeps nothing else out.
func insert(ctx context.Context, tx storage.Tx, batch []pending, out *outcome) error {
	messages := make([]*storage.Message, len(batch))
	for i := range batch {
		messages[i] = &batch[i].message
	}
	created, err := tx.CreateMessages(ctx, messages)
	switch {
	case err == nil:
		out.stored += created
		out.known += len(batch) - created
		return nil
	case !errors.Is(err, storage.ErrInvalid) && !errors.Is(err, storage.ErrConflict):
		return err
	case len(batch) == 1:
		out.refused = append(out.refused, refusal{batch[0].file, batch[0].line, err})
		return nil
	}
	half := len(batch) / 2
	if err := insert(ctx, tx, batch[:half], out); err != nil {
		return err
	}
	return insert(ctx, tx, batch[half:], out)
}
