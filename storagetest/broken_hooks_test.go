package storagetest_test

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// clock is what a Tx has beyond reading and writing.
type clock interface{ Now() time.Time }

// hooks are the small faults: one change of every record of a kind on its way
// out, or of every query on its way in. Those that are nil do nothing.
type hooks struct {
	user     func(*storage.User)
	room     func(*storage.Room)
	member   func(*storage.Membership)
	message  func(*storage.Message)
	file     func(*storage.Attachment)
	users    func(*storage.UserQuery)
	rooms    func(*storage.RoomQuery)
	members  func(*storage.MembershipQuery)
	messages func(*storage.MessageQuery)
	search   func(*storage.SearchQuery)
	files    func(*storage.AttachmentQuery)
	emoji    func(*storage.ReactionQuery)
	receipt  func(*storage.ReadReceipt)
	unread   func(*storage.Unread)
	inbox    func(*storage.InboxQuery)
	only     string // the one method whose records are changed; all if empty
	counts   bool   // the queries that are changed are those that count, and not those that list
}

// opener opens stores with these faults.
func (h *hooks) opener() opener {
	return func(o storage.Options) storage.Store {
		read := func(r storage.Reader) storage.Reader { return hookedReader{r, h} }
		write := func(w storage.ReadWriter) storage.Writer { return hookedWriter{w, h} }
		return newBroken(memoryStore(o), read, write)
	}
}

// on returns the hook of a method.
func on[T any](h *hooks, method string, hook func(*T)) func(*T) {
	if h.only != "" && h.only != method {
		return nil
	}
	return hook
}

// apply runs a hook, if there is one, on what a call that succeeded returns.
func apply[T any](hook func(*T), v T, err error) (T, error) {
	if hook != nil && err == nil {
		hook(&v)
	}
	return v, err
}

func applyAll[T any](hook func(*T), vs []T, err error) ([]T, error) {
	if hook != nil {
		for i := range vs {
			hook(&vs[i])
		}
	}
	return vs, err
}

func applyPage[T any](hook func(*T), p storage.Page[T], err error) (storage.Page[T], error) {
	p.Items, err = applyAll(hook, p.Items, err)
	return p, err
}

// asked runs a hook, if there is one and its time has come, on a query.
func asked[Q any](hook func(*Q), now bool, q Q) Q {
	if hook != nil && now {
		hook(&q)
	}
	return q
}

type hookedReader struct {
	storage.Reader
	*hooks
}

func (r hookedReader) User(ctx context.Context, id storage.UserID) (storage.User, error) {
	u, err := r.Reader.User(ctx, id)
	return apply(on(r.hooks, "User", r.user), u, err)
}

func (r hookedReader) UsersByID(ctx context.Context, ids ...storage.UserID) ([]storage.User, error) {
	us, err := r.Reader.UsersByID(ctx, ids...)
	return applyAll(on(r.hooks, "UsersByID", r.user), us, err)
}

func (r hookedReader) UserByUsername(ctx context.Context, name string) (storage.User, error) {
	u, err := r.Reader.UserByUsername(ctx, name)
	return apply(on(r.hooks, "UserByUsername", r.user), u, err)
}

func (r hookedReader) UserByEmail(ctx context.Context, email string) (storage.User, error) {
	u, err := r.Reader.UserByEmail(ctx, email)
	return apply(on(r.hooks, "UserByEmail", r.user), u, err)
}

func (r hookedReader) UserByExternalID(ctx context.Context, id string) (storage.User, error) {
	u, err := r.Reader.UserByExternalID(ctx, id)
	return apply(on(r.hooks, "UserByExternalID", r.user), u, err)
}

func (r hookedReader) Users(ctx context.Context, q storage.UserQuery) (storage.Page[storage.User], error) {
	p, err := r.Reader.Users(ctx, asked(r.users, !r.counts, q))
	return applyPage(on(r.hooks, "Users", r.user), p, err)
}

func (r hookedReader) CountUsers(ctx context.Context, q storage.UserQuery) (int64, error) {
	return r.Reader.CountUsers(ctx, asked(r.users, r.counts, q))
}

func (r hookedReader) Room(ctx context.Context, id storage.RoomID) (storage.Room, error) {
	room, err := r.Reader.Room(ctx, id)
	return apply(on(r.hooks, "Room", r.room), room, err)
}

func (r hookedReader) RoomsByID(ctx context.Context, ids ...storage.RoomID) ([]storage.Room, error) {
	rooms, err := r.Reader.RoomsByID(ctx, ids...)
	return applyAll(on(r.hooks, "RoomsByID", r.room), rooms, err)
}

func (r hookedReader) RoomByName(ctx context.Context, name string) (storage.Room, error) {
	room, err := r.Reader.RoomByName(ctx, name)
	return apply(on(r.hooks, "RoomByName", r.room), room, err)
}

func (r hookedReader) Rooms(ctx context.Context, q storage.RoomQuery) (storage.Page[storage.Room], error) {
	p, err := r.Reader.Rooms(ctx, asked(r.rooms, !r.counts, q))
	return applyPage(on(r.hooks, "Rooms", r.room), p, err)
}

func (r hookedReader) CountRooms(ctx context.Context, q storage.RoomQuery) (int64, error) {
	return r.Reader.CountRooms(ctx, asked(r.rooms, r.counts, q))
}

func (r hookedReader) Membership(ctx context.Context, room storage.RoomID, user storage.UserID) (storage.Membership, error) {
	m, err := r.Reader.Membership(ctx, room, user)
	return apply(on(r.hooks, "Membership", r.member), m, err)
}

func (r hookedReader) Memberships(ctx context.Context, q storage.MembershipQuery) (storage.Page[storage.Membership], error) {
	p, err := r.Reader.Memberships(ctx, asked(r.members, !r.counts, q))
	return applyPage(on(r.hooks, "Memberships", r.member), p, err)
}

func (r hookedReader) CountMembers(ctx context.Context, q storage.MembershipQuery) (int64, error) {
	return r.Reader.CountMembers(ctx, asked(r.members, r.counts, q))
}

func (r hookedReader) Message(ctx context.Context, id storage.MessageID) (storage.Message, error) {
	m, err := r.Reader.Message(ctx, id)
	return apply(on(r.hooks, "Message", r.message), m, err)
}

func (r hookedReader) MessagesByID(ctx context.Context, ids ...storage.MessageID) ([]storage.Message, error) {
	ms, err := r.Reader.MessagesByID(ctx, ids...)
	return applyAll(on(r.hooks, "MessagesByID", r.message), ms, err)
}

func (r hookedReader) Messages(ctx context.Context, q storage.MessageQuery) (storage.Page[storage.Message], error) {
	p, err := r.Reader.Messages(ctx, asked(r.messages, !r.counts, q))
	return applyPage(on(r.hooks, "Messages", r.message), p, err)
}

func (r hookedReader) CountMessages(ctx context.Context, q storage.MessageQuery) (int64, error) {
	return r.Reader.CountMessages(ctx, asked(r.messages, r.counts, q))
}

func (r hookedReader) SearchMessages(ctx context.Context, q storage.SearchQuery) (storage.SearchResult, error) {
	found, err := r.Reader.SearchMessages(ctx, asked(r.search, !r.counts, q))
	for i := range found.Items {
		found.Items[i].Message, err = apply(on(r.hooks, "SearchMessages", r.message), found.Items[i].Message, err)
	}
	return found, err
}

func (r hookedReader) Attachment(ctx context.Context, id storage.AttachmentID) (storage.Attachment, error) {
	a, err := r.Reader.Attachment(ctx, id)
	return apply(on(r.hooks, "Attachment", r.file), a, err)
}

func (r hookedReader) Attachments(ctx context.Context, q storage.AttachmentQuery) (storage.Page[storage.Attachment], error) {
	p, err := r.Reader.Attachments(ctx, asked(r.files, !r.counts, q))
	return applyPage(on(r.hooks, "Attachments", r.file), p, err)
}

func (r hookedReader) Reactions(ctx context.Context, q storage.ReactionQuery) (storage.Page[storage.Reaction], error) {
	return r.Reader.Reactions(ctx, asked(r.emoji, !r.counts, q))
}

// hookedWriter changes the records that writers give back.
type hookedWriter struct {
	storage.Writer
	*hooks
}

// fill runs a hook, if there is one, on a record that a writer has filled in.
func fill[T any](hook func(*T), v *T, err error) {
	if hook != nil && err == nil {
		hook(v)
	}
}

func (w hookedWriter) CreateUser(ctx context.Context, u *storage.User) error {
	err := w.Writer.CreateUser(ctx, u)
	fill(on(w.hooks, "CreateUser", w.user), u, err)
	return err
}

func (w hookedWriter) UpdateUser(ctx context.Context, id storage.UserID, p storage.UserPatch) (storage.User, error) {
	u, err := w.Writer.UpdateUser(ctx, id, p)
	return apply(on(w.hooks, "UpdateUser", w.user), u, err)
}

func (w hookedWriter) CreateRoom(ctx context.Context, r *storage.Room) error {
	err := w.Writer.CreateRoom(ctx, r)
	fill(on(w.hooks, "CreateRoom", w.room), r, err)
	return err
}

func (w hookedWriter) UpdateRoom(ctx context.Context, id storage.RoomID, p storage.RoomPatch) (storage.Room, error) {
	r, err := w.Writer.UpdateRoom(ctx, id, p)
	return apply(on(w.hooks, "UpdateRoom", w.room), r, err)
}

func (w hookedWriter) UpdateRoomSettings(ctx context.Context, id storage.RoomID, s storage.RoomSettings) (storage.Room, error) {
	r, err := w.Writer.UpdateRoomSettings(ctx, id, s)
	return apply(on(w.hooks, "UpdateRoomSettings", w.room), r, err)
}

func (w hookedWriter) AddMember(ctx context.Context, m *storage.Membership) error {
	err := w.Writer.AddMember(ctx, m)
	fill(on(w.hooks, "AddMember", w.member), m, err)
	return err
}

func (w hookedWriter) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	created, err := w.Writer.CreateMessage(ctx, m)
	fill(on(w.hooks, "CreateMessage", w.message), m, err)
	return created, err
}

func (w hookedWriter) CreateMessages(ctx context.Context, ms []*storage.Message) (int, error) {
	created, err := w.Writer.CreateMessages(ctx, ms)
	for _, m := range ms {
		fill(on(w.hooks, "CreateMessages", w.message), m, err)
	}
	return created, err
}

func (w hookedWriter) EditMessage(ctx context.Context, id storage.MessageID, by storage.UserID, p storage.MessagePatch) (storage.Message, error) {
	m, err := w.Writer.EditMessage(ctx, id, by, p)
	return apply(on(w.hooks, "EditMessage", w.message), m, err)
}

func (w hookedWriter) DeleteMessage(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	m, err := w.Writer.DeleteMessage(ctx, id, by)
	return apply(on(w.hooks, "DeleteMessage", w.message), m, err)
}

func (w hookedWriter) PinMessage(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	m, err := w.Writer.PinMessage(ctx, id, by)
	return apply(on(w.hooks, "PinMessage", w.message), m, err)
}

func (w hookedWriter) UnpinMessage(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	m, err := w.Writer.UnpinMessage(ctx, id, by)
	return apply(on(w.hooks, "UnpinMessage", w.message), m, err)
}

func (w hookedWriter) CreateAttachment(ctx context.Context, a *storage.Attachment) error {
	err := w.Writer.CreateAttachment(ctx, a)
	fill(on(w.hooks, "CreateAttachment", w.file), a, err)
	return err
}
