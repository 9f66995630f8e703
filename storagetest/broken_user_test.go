package storagetest_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lairchat/lair/storage"
)

var userFaults = []fault{
	{name: "usernames are looked up case-sensitively", caught: "user name/usernames that are the same", open: reads(func(r storage.Reader) storage.Reader {
		return exactNames{r}
	})},
	{name: "emails are looked up case-sensitively", caught: "user/read by every key", open: reads(func(r storage.Reader) storage.Reader {
		return exactEmails{r}
	})},
	{name: "a username twice", caught: "user name/usernames that are the same", open: writes(func(w storage.ReadWriter) storage.Writer {
		return secondUser{w, "Username"}
	})},
	{name: "an email twice", caught: "user name/emails that are the same", open: writes(func(w storage.ReadWriter) storage.Writer {
		return secondUser{w, "Email"}
	})},
	{name: "an external identifier twice", caught: "user name/external identifiers", open: writes(func(w storage.ReadWriter) storage.Writer {
		return secondUser{w, "ExternalID"}
	})},
	{name: "a user's stale version", caught: "user change/patch on a version", open: writes(func(w storage.ReadWriter) storage.Writer {
		return staleUsers{w}
	})},
	{name: "a user's version stays", caught: "user change/patch each field", open: (&hooks{
		user: func(u *storage.User) { u.Version = 1 },
	}).opener()},
	{name: "a patch that changes nothing raises a user's version", caught: "user change/patch that changes nothing", open: writes(func(w storage.ReadWriter) storage.Writer {
		return restlessUsers{w}
	})},
	{name: "touching moves back", caught: "user change/last seen", open: forgetfulTouch()},
	{name: "touching raises the version", caught: "user change/last seen", open: writes(func(w storage.ReadWriter) storage.Writer {
		return touchyUsers{w}
	})},
	{name: "users by identifier in the order of storing", caught: "user/read several", open: reads(func(r storage.Reader) storage.Reader {
		return sortedUsers{r}
	})},
	{name: "users by identifier twice", caught: "user/read several", open: reads(func(r storage.Reader) storage.Reader {
		return repeatedUsers{r}
	})},
	{name: "too many users by identifier", caught: "user/read too many", open: reads(func(r storage.Reader) storage.Reader {
		return greedyUsers{r}
	})},
	{name: "equal times of users the other way", caught: "user list/by creation under equal times", open: reads(func(r storage.Reader) storage.Reader {
		return otherTies{r}
	})},
	{name: "SeenSince is exclusive", caught: "user list/every filter in every order", open: (&hooks{users: func(q *storage.UserQuery) {
		q.SeenSince = later(q.SeenSince)
	}}).opener()},
	{name: "CreatedFrom is exclusive", caught: "user list/every filter in every order", open: (&hooks{users: func(q *storage.UserQuery) {
		q.CreatedFrom = later(q.CreatedFrom)
	}}).opener()},
	{name: "CreatedTo is inclusive", caught: "user list/every filter in every order", open: (&hooks{users: func(q *storage.UserQuery) {
		q.CreatedTo = later(q.CreatedTo)
	}}).opener()},
	{name: "only the first of the roles", caught: "user list/every filter in every order", open: (&hooks{users: func(q *storage.UserQuery) {
		q.Roles = q.Roles[:min(len(q.Roles), 1)]
	}}).opener()},
	{name: "a percent sign finds every user", caught: "text/metacharacters find nothing by themselves", open: (&hooks{users: func(q *storage.UserQuery) {
		q.Text = strings.Trim(q.Text, "%_")
	}}).opener()},
	{name: "deleting a user deletes messages", caught: "user delete/messages stay, written by nobody", open: writes(func(w storage.ReadWriter) storage.Writer {
		return silencing{w}
	})},
	{name: "memberships outlive the user", caught: "user delete/memberships go", open: ghosts()},
	{name: "a given identifier is ignored", caught: "user/create keeps and overwrites", open: writes(func(w storage.ReadWriter) storage.Writer {
		return ownIDs{w}
	})},
}

// later returns the next time that can be stored.
func later(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return storage.Timestamp(t).Add(storage.TimePrecision)
}

func noUser() error {
	return &storage.Error{Op: "read user", Entity: storage.EntityUser, Kind: storage.ErrNotFound}
}

type exactNames struct{ storage.Reader }

func (r exactNames) UserByUsername(ctx context.Context, name string) (storage.User, error) {
	u, err := r.Reader.UserByUsername(ctx, name)
	if err == nil && u.Username != name {
		return storage.User{}, noUser()
	}
	return u, err
}

type exactEmails struct{ storage.Reader }

func (r exactEmails) UserByEmail(ctx context.Context, email string) (storage.User, error) {
	u, err := r.Reader.UserByEmail(ctx, email)
	if err == nil && u.Email != email {
		return storage.User{}, noUser()
	}
	return u, err
}

// secondUser stores a user in spite of a value that is taken.
type secondUser struct {
	storage.Writer
	field string
}

func (w secondUser) CreateUser(ctx context.Context, u *storage.User) error {
	err := w.Writer.CreateUser(ctx, u)
	var e *storage.Error
	if !errors.Is(err, storage.ErrDuplicate) || !errors.As(err, &e) || e.Field != w.field {
		return err
	}
	next := u.Clone()
	switch w.field {
	case "Username":
		next.Username += "2"
	case "Email":
		next.Email = ""
	case "ExternalID":
		next.ExternalID = ""
	}
	return w.Writer.CreateUser(ctx, &next)
}

type staleUsers struct{ storage.Writer }

func (w staleUsers) UpdateUser(ctx context.Context, id storage.UserID, p storage.UserPatch) (storage.User, error) {
	p.IfVersion = min(p.IfVersion, 0)
	return w.Writer.UpdateUser(ctx, id, p)
}

// restlessUsers raises the version with every patch.
type restlessUsers struct{ storage.ReadWriter }

func (w restlessUsers) UpdateUser(ctx context.Context, id storage.UserID, p storage.UserPatch) (storage.User, error) {
	before, _ := w.User(ctx, id)
	after, err := w.ReadWriter.UpdateUser(ctx, id, p)
	if err != nil || after.Version != before.Version {
		return after, err
	}
	return toggleUser(ctx, w, id)
}

// toggleUser changes a user and changes it back.
func toggleUser(ctx context.Context, w storage.ReadWriter, id storage.UserID) (storage.User, error) {
	u, err := w.User(ctx, id)
	if err != nil {
		return u, err
	}
	if err := w.SetPasswordHash(ctx, id, u.PasswordHash+"x"); err != nil {
		return u, err
	}
	if err := w.SetPasswordHash(ctx, id, u.PasswordHash); err != nil {
		return u, err
	}
	return w.User(ctx, id)
}

type touchyUsers struct{ storage.ReadWriter }

func (w touchyUsers) TouchUser(ctx context.Context, id storage.UserID) error {
	if err := w.ReadWriter.TouchUser(ctx, id); err != nil {
		return err
	}
	_, err := toggleUser(ctx, w, id)
	return err
}

// touchedUsers tells the time of the last touch, however early.
type touchedUsers struct {
	storage.Writer
	now  func() time.Time
	seen *sync.Map // storage.UserID to time.Time
}

func forgetfulTouch() opener {
	return func(o storage.Options) storage.Store {
		seen := new(sync.Map)
		h := &hooks{user: func(u *storage.User) {
			if at, ok := seen.Load(u.ID); ok {
				u.LastSeenAt = at.(time.Time)
			}
		}}
		read := func(r storage.Reader) storage.Reader { return hookedReader{r, h} }
		write := func(w storage.ReadWriter) storage.Writer { return touchedUsers{w, o.Now, seen} }
		return newBroken(memoryStore(o), read, write)
	}
}

func (w touchedUsers) TouchUser(ctx context.Context, id storage.UserID) error {
	w.seen.Store(id, storage.Timestamp(w.now()))
	return w.Writer.TouchUser(ctx, id)
}

type sortedUsers struct{ storage.Reader }

func (r sortedUsers) UsersByID(ctx context.Context, ids ...storage.UserID) ([]storage.User, error) {
	us, err := r.Reader.UsersByID(ctx, ids...)
	slices.SortFunc(us, func(a, b storage.User) int { return a.ID.Compare(b.ID) })
	return us, err
}

type repeatedUsers struct{ storage.Reader }

func (r repeatedUsers) UsersByID(ctx context.Context, ids ...storage.UserID) ([]storage.User, error) {
	var all []storage.User
	for _, id := range ids {
		us, err := r.Reader.UsersByID(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, us...)
	}
	return all, nil
}

type greedyUsers struct{ storage.Reader }

func (r greedyUsers) UsersByID(ctx context.Context, ids ...storage.UserID) ([]storage.User, error) {
	return r.Reader.UsersByID(ctx, ids[:min(len(ids), storage.MaxLimit)]...)
}

// otherTies sorts a page by time alone, ties by ascending identifiers.
type otherTies struct{ storage.Reader }

func (r otherTies) Users(ctx context.Context, q storage.UserQuery) (storage.Page[storage.User], error) {
	p, err := r.Reader.Users(ctx, q)
	if q.Order == storage.UsersByCreation {
		slices.SortFunc(p.Items, func(a, b storage.User) int {
			return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), a.ID.Compare(b.ID))
		})
	}
	return p, err
}

type silencing struct{ storage.ReadWriter }

func (w silencing) DeleteUser(ctx context.Context, id storage.UserID) error {
	for m, err := range storage.All(ctx, w.Messages, storage.MessageQuery{Author: id}) {
		if err != nil {
			return err
		}
		if _, err := w.DeleteMessage(ctx, m.ID, storage.UserID{}); err != nil {
			return err
		}
	}
	return w.ReadWriter.DeleteUser(ctx, id)
}

// ghosts keeps the rows of a deleted user, and hides the account only.
func ghosts() opener {
	return func(o storage.Options) storage.Store {
		gone := new(sync.Map)
		read := func(r storage.Reader) storage.Reader { return ghostReader{r, gone} }
		write := func(w storage.ReadWriter) storage.Writer { return ghostWriter{w, gone} }
		return newBroken(memoryStore(o), read, write)
	}
}

type ghostReader struct {
	storage.Reader
	gone *sync.Map
}

func (r ghostReader) User(ctx context.Context, id storage.UserID) (storage.User, error) {
	if _, ok := r.gone.Load(id); ok {
		return storage.User{}, noUser()
	}
	return r.Reader.User(ctx, id)
}

type ghostWriter struct {
	storage.Writer
	gone *sync.Map
}

func (w ghostWriter) DeleteUser(ctx context.Context, id storage.UserID) error {
	name := "x" + strings.ReplaceAll(id.String(), "-", "")
	_, err := w.UpdateUser(ctx, id, storage.UserPatch{Username: &name, Email: new(""), ExternalID: new("")})
	w.gone.Store(id, true)
	return err
}

// ownIDs ignores the identifiers that are given.
type ownIDs struct{ storage.Writer }

func (w ownIDs) CreateUser(ctx context.Context, u *storage.User) error {
	next := u.Clone()
	next.ID = storage.UserID{}
	if err := w.Writer.CreateUser(ctx, &next); err != nil {
		return err
	}
	*u = next
	return nil
}
