package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/lairchat/lair/storage"
)

// tour is one walk through the store. Each step looks for what it is about to
// make, or gives it a nonce, so that walking again does no harm.
type tour struct {
	store      storage.Store
	w          io.Writer
	alice, bob storage.User
	room       storage.Room
	said       []storage.Message
}

// settle makes two users and their room, all or nothing.
func (t *tour) settle(ctx context.Context) error {
	fmt.Fprintln(t.w, "Two users and a room, in one transaction:")
	return t.store.Update(ctx, func(ctx context.Context, tx storage.Tx) (err error) {
		if t.alice, err = t.user(ctx, tx, "alice", "Alice Liddell"); err != nil {
			return err
		}
		if t.bob, err = t.user(ctx, tx, "bob", "Bob the Cook"); err != nil {
			return err
		}
		t.room, err = tx.RoomByName(ctx, "kitchen")
		if errors.Is(err, storage.ErrNotFound) {
			// The creator becomes the room's first member, and its owner.
			t.room = storage.Room{Name: "kitchen", Topic: "Who cooks what", CreatorID: t.alice.ID}
			err = tx.CreateRoom(ctx, &t.room)
		}
		if err != nil {
			return err
		}
		_, err = tx.AddMembers(ctx, t.room.ID, storage.MemberMember, t.bob.ID)
		fmt.Fprintf(t.w, "  room %s: %s\n", t.room.Name, t.room.Topic)
		return err
	})
}

// user returns the user of that name, who is made if there is none.
func (t *tour) user(ctx context.Context, tx storage.Tx, name, display string) (storage.User, error) {
	u, err := tx.UserByUsername(ctx, name)
	switch {
	case err == nil:
		fmt.Fprintf(t.w, "  user %s was here before\n", u.Username)
	case errors.Is(err, storage.ErrNotFound):
		u = storage.User{Username: name, Profile: storage.Profile{DisplayName: display}}
		err = tx.CreateUser(ctx, &u)
		fmt.Fprintf(t.w, "  user %s is new\n", u.Username)
	}
	return u, err
}

// talk stores a conversation. The nonce is what a client sends along so that
// it may try again: the same message is never stored twice.
func (t *tour) talk(ctx context.Context) error {
	fmt.Fprintln(t.w, "\nA conversation:")
	for i, line := range []struct {
		author storage.User
		body   string
	}{
		{t.alice, "Who is cooking tonight?"},
		{t.bob, "I am: ramen with shiitake, at seven."},
		{t.alice, "Is there crème brûlée afterwards?"},
		{t.bob, "There is now. 上海 style!"},
		{t.alice, "oops, wrong window"},
	} {
		m := storage.Message{
			RoomID:   t.room.ID,
			AuthorID: line.author.ID,
			Body:     line.body,
			Nonce:    fmt.Sprintf("quickstart-%d", i),
		}
		created, err := t.store.CreateMessage(ctx, &m)
		if err != nil {
			return err
		}
		t.said = append(t.said, m)
		was := "stored"
		if !created {
			was = "was there before"
		}
		fmt.Fprintf(t.w, "  message %d by %s %s\n", m.Seq, line.author.Username, was)
	}
	return nil
}

// history reads a page from the end, and the one before it by its cursor.
func (t *tour) history(ctx context.Context) error {
	fmt.Fprintln(t.w, "\nIts history, newest first, in pages of three:")
	q := storage.MessageQuery{Room: t.room.ID, WithDeleted: true, Limit: 3}
	for page := 1; ; page++ {
		messages, err := t.store.Messages(ctx, q)
		if err != nil {
			return err
		}
		for _, m := range messages.Items {
			fmt.Fprintf(t.w, "  page %d: %s\n", page, t.line(m))
		}
		if messages.Next == "" {
			return nil
		}
		q.Cursor = messages.Next
	}
}

// line writes a message out.
func (t *tour) line(m storage.Message) string {
	author := "nobody"
	switch m.AuthorID {
	case t.alice.ID:
		author = t.alice.Username
	case t.bob.ID:
		author = t.bob.Username
	}
	body := m.Body
	switch {
	case m.Deleted():
		body = "(deleted)"
	case !m.EditedAt.IsZero():
		body += " (edited)"
	}
	return fmt.Sprintf("%d %s: %s", m.Seq, author, body)
}

// change edits a message and deletes another.
func (t *tour) change(ctx context.Context) error {
	fmt.Fprintln(t.w, "\nBob corrects himself, Alice takes something back:")
	edited, err := t.store.EditMessage(ctx, t.said[1].ID, t.bob.ID,
		storage.MessagePatch{Body: new("I am: ramen with shiitake, at eight.")})
	if err != nil {
		return err
	}
	fmt.Fprintf(t.w, "  %s\n", t.line(edited))
	tombstone, err := t.store.DeleteMessage(ctx, t.said[4].ID, t.alice.ID)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.w, "  %s\n", t.line(tombstone))
	return nil
}

// search finds messages in the rooms that Alice is in: whatever the case and
// the accents, and inside what is written without spaces.
func (t *tour) search(ctx context.Context) error {
	fmt.Fprintln(t.w, "\nWhat Alice finds:")
	for _, text := range []string{"shiitake ramen", "creme brulee", "上海", "wrong window"} {
		found, err := t.store.SearchMessages(ctx, storage.SearchQuery{Text: text, Reader: t.alice.ID})
		if err != nil {
			return err
		}
		fmt.Fprintf(t.w, "  %q: %d\n", text, len(found.Items))
		for _, match := range found.Items {
			fmt.Fprintf(t.w, "    %s\n", t.line(match.Message))
		}
	}
	return nil
}

// counts reads several things of one moment, whatever is written meanwhile.
func (t *tour) counts(ctx context.Context) error {
	fmt.Fprintln(t.w, "\nHow things stand, in one snapshot:")
	return t.store.View(ctx, func(ctx context.Context, r storage.Reader) error {
		room, err := r.Room(ctx, t.room.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.w, "  %s: %d members, %d messages, the last is number %d\n",
			room.Name, room.MemberCount, room.MessageCount, room.LastSeq)
		for _, u := range []storage.User{t.alice, t.bob} {
			m, err := r.Membership(ctx, room.ID, u.ID)
			if err != nil {
				return err
			}
			written, err := r.CountMessages(ctx, storage.MessageQuery{Room: room.ID, Author: u.ID})
			if err != nil {
				return err
			}
			fmt.Fprintf(t.w, "  %s, %s: wrote %d, read marker at %d of %d\n",
				u.Username, m.Role, written, m.ReadSeq, room.LastSeq)
		}
		return nil
	})
}
