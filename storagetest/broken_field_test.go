package storagetest_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/lairchat/lair/storage"
)

// fieldFaults are about what a record may hold, how it comes back, and whose
// memory it is.
var fieldFaults = []fault{
	{name: "NUL bytes are dropped from messages", caught: "message/texts", open: repaired(func(s string) string {
		return strings.ReplaceAll(s, "\x00", "")
	})},
	{name: "long messages are cut", caught: "message/limits", open: repaired(func(s string) string {
		return cut(s, storage.MaxBody)
	})},
	{name: "invalid UTF-8 is repaired in messages", caught: "message/texts", open: repaired(func(s string) string {
		return strings.ToValidUTF8(s, "?")
	})},
	{name: "an empty message is refused", caught: "message/limits", open: writes(func(w storage.ReadWriter) storage.Writer {
		return refusesEmpty{w}
	})},
	{name: "a long biography is cut", caught: "limit/texts of a new user", open: writes(func(w storage.ReadWriter) storage.Writer {
		return cutsBiographies{w}
	})},
	{name: "a long topic is cut", caught: "limit/texts of a room", open: writes(func(w storage.ReadWriter) storage.Writer {
		return cutsTopics{w}
	})},
	{name: "a long new topic is cut", caught: "limit/texts of a room that changes", open: writes(func(w storage.ReadWriter) storage.Writer {
		return cutsNewTopics{w}
	})},
	{name: "a long new biography is cut", caught: "limit/texts of a user who changes", open: writes(func(w storage.ReadWriter) storage.Writer {
		return cutsNewBiographies{w}
	})},
	{name: "a long edit is cut", caught: "edit/invalid", open: writes(func(w storage.ReadWriter) storage.Writer {
		return cutsEdits{w}
	})},
	{name: "a long import is cut", caught: "limit/texts of an imported message", open: writes(func(w storage.ReadWriter) storage.Writer {
		return cutsImports{w}
	})},
	{name: "a long nickname is cut", caught: "limit/texts of a new membership", open: writes(func(w storage.ReadWriter) storage.Writer {
		return cutsNicknames{w}
	})},
	{name: "an unknown role is the user's", caught: "user/unknown enumerated values", open: writes(func(w storage.ReadWriter) storage.Writer {
		return anyRole{w}
	})},
	{name: "custom fields are reformatted", caught: "limit/custom fields", open: (&hooks{user: func(u *storage.User) {
		u.Profile.Custom = reformatted(u.Profile.Custom)
	}}).opener()},
	{name: "custom fields of a message are reformatted", caught: "message/custom fields", open: (&hooks{message: func(m *storage.Message) {
		m.Custom = reformatted(m.Custom)
	}}).opener()},
	{name: "a password hash is lost", caught: "user change/password hash", open: (&hooks{
		user: func(u *storage.User) { u.PasswordHash = "" },
	}).opener()},
	{name: "names come back folded", caught: "user name/names are kept as typed", open: (&hooks{
		user: func(u *storage.User) { u.Username = strings.ToLower(u.Username) },
	}).opener()},
	{name: "bodies are trimmed", caught: "message/texts", open: (&hooks{
		message: func(m *storage.Message) { m.Body = strings.TrimSpace(m.Body) },
	}).opener()},
	{name: "bodies are normalized", caught: "message/texts", open: (&hooks{
		message: func(m *storage.Message) { m.Body = strings.ReplaceAll(m.Body, "\r\n", "\n") },
	}).opener()},
	{name: "times are not truncated", caught: "user/create fills in", open: rawTimes(func(t time.Time) time.Time { return t.UTC() })},
	{name: "times are not in UTC", caught: "user/create fills in", open: rawTimes(func(t time.Time) time.Time {
		return t.Truncate(storage.TimePrecision)
	})},
	{name: "times are in milliseconds", caught: "user/create fills in", open: (&hooks{
		user: func(u *storage.User) { u.CreatedAt = u.CreatedAt.Truncate(time.Millisecond) },
	}).opener()},
	{name: "never is 1970", caught: "user change/last seen", open: (&hooks{user: func(u *storage.User) {
		if u.LastSeenAt.IsZero() {
			u.LastSeenAt = time.Unix(0, 0).UTC()
		}
	}}).opener()},
	{name: "no mentions are an empty slice", caught: "message/create fills in", open: (&hooks{message: func(m *storage.Message) {
		if m.Mentions == nil {
			m.Mentions = []storage.UserID{}
		}
	}}).opener()},
	{name: "no custom fields are an empty slice", caught: "room/create fills in", open: (&hooks{room: func(r *storage.Room) {
		if r.Settings.Custom == nil {
			r.Settings.Custom = json.RawMessage{}
		}
	}}).opener()},
	{name: "a message shares memory with what is stored", caught: "alias/messages", open: sharedMessages()},
	{name: "a user shares memory with what is stored", caught: "alias/users", open: sharedUsers()},
	{name: "a room shares memory with what is stored", caught: "alias/rooms", open: sharedRooms()},
	{name: "a membership shares memory with what is stored", caught: "alias/memberships", open: sharedMembers()},
	{name: "what is stored shares memory with a message", caught: "alias/messages", open: adopted()},
}

// repaired stores the body of a message after mending it.
func repaired(mend func(string) string) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return mending{w, mend} })
}

type mending struct {
	storage.Writer
	mend func(string) string
}

func (w mending) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	m.Body = w.mend(m.Body)
	return w.Writer.CreateMessage(ctx, m)
}

type refusesEmpty struct{ storage.Writer }

func (w refusesEmpty) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	if m.Body == "" {
		return false, &storage.Error{Op: "create message", Field: "Body", Kind: storage.ErrInvalid}
	}
	return w.Writer.CreateMessage(ctx, m)
}

// cut takes away what is over the limit, and no part of a character.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

type cutsBiographies struct{ storage.Writer }

func (w cutsBiographies) CreateUser(ctx context.Context, u *storage.User) error {
	u.Profile.Bio = cut(u.Profile.Bio, storage.MaxBio)
	return w.Writer.CreateUser(ctx, u)
}

type cutsTopics struct{ storage.Writer }

func (w cutsTopics) CreateRoom(ctx context.Context, r *storage.Room) error {
	r.Topic = cut(r.Topic, storage.MaxTopic)
	return w.Writer.CreateRoom(ctx, r)
}

type cutsNewTopics struct{ storage.Writer }

func (w cutsNewTopics) UpdateRoom(ctx context.Context, id storage.RoomID, p storage.RoomPatch) (storage.Room, error) {
	if p.Topic != nil {
		p.Topic = new(cut(*p.Topic, storage.MaxTopic))
	}
	return w.Writer.UpdateRoom(ctx, id, p)
}

type cutsNewBiographies struct{ storage.Writer }

func (w cutsNewBiographies) UpdateUser(ctx context.Context, id storage.UserID, p storage.UserPatch) (storage.User, error) {
	if p.Profile != nil {
		profile := *p.Profile
		profile.Bio = cut(profile.Bio, storage.MaxBio)
		p.Profile = &profile
	}
	return w.Writer.UpdateUser(ctx, id, p)
}

type cutsEdits struct{ storage.Writer }

func (w cutsEdits) EditMessage(ctx context.Context, id storage.MessageID, by storage.UserID, p storage.MessagePatch) (storage.Message, error) {
	if p.Body != nil {
		p.Body = new(cut(*p.Body, storage.MaxBody))
	}
	return w.Writer.EditMessage(ctx, id, by, p)
}

type cutsImports struct{ storage.Writer }

func (w cutsImports) CreateMessages(ctx context.Context, ms []*storage.Message) (int, error) {
	for _, m := range ms {
		m.Body = cut(m.Body, storage.MaxBody)
	}
	return w.Writer.CreateMessages(ctx, ms)
}

type cutsNicknames struct{ storage.Writer }

func (w cutsNicknames) AddMember(ctx context.Context, m *storage.Membership) error {
	m.Settings.Nickname = cut(m.Settings.Nickname, storage.MaxNickname)
	return w.Writer.AddMember(ctx, m)
}

type anyRole struct{ storage.Writer }

func (w anyRole) SetUserRole(ctx context.Context, id storage.UserID, role storage.Role) error {
	if !role.Valid() {
		role = storage.RoleUser
	}
	return w.Writer.SetUserRole(ctx, id, role)
}

// reformatted returns JSON as a database that understands it gives it back.
func reformatted(custom json.RawMessage) json.RawMessage {
	var fields map[string]any
	if json.Unmarshal(custom, &fields) != nil {
		return custom
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return custom
	}
	return text
}

// rawTimes gives new users the clock's time as it is.
func rawTimes(form func(time.Time) time.Time) opener {
	return func(o storage.Options) storage.Store {
		write := func(w storage.ReadWriter) storage.Writer {
			return hookedWriter{w, &hooks{user: func(u *storage.User) { u.CreatedAt = form(o.Now()) }}}
		}
		return newBroken(memoryStore(o), sameReader, write)
	}
}

// shared returns a hook that gives every reader of a record the slices that
// the first one got, as long as the record has the same version.
func shared[T any](key func(T) any, share func(to *T, from T)) func(*T) {
	var first sync.Map
	return func(v *T) {
		kept, _ := first.LoadOrStore(key(*v), *v)
		share(v, kept.(T))
	}
}

// versioned is the key of a record in one of its versions.
type versioned struct {
	id      any
	version int64
}

func sharedUsers() opener {
	return func(o storage.Options) storage.Store {
		return (&hooks{user: shared(
			func(u storage.User) any { return versioned{u.ID, u.Version} },
			func(to *storage.User, from storage.User) { to.Profile.Custom = from.Profile.Custom },
		)}).opener()(o)
	}
}

func sharedRooms() opener {
	return func(o storage.Options) storage.Store {
		return (&hooks{room: shared(
			func(r storage.Room) any { return versioned{r.ID, r.Version} },
			func(to *storage.Room, from storage.Room) { to.Settings = from.Settings },
		)}).opener()(o)
	}
}

func sharedMembers() opener {
	return func(o storage.Options) storage.Store {
		return (&hooks{member: shared(
			func(m storage.Membership) any { return [2]any{m.RoomID, m.UserID} },
			func(to *storage.Membership, from storage.Membership) { to.Settings.Custom = from.Settings.Custom },
		)}).opener()(o)
	}
}

func sharedMessages() opener {
	return func(o storage.Options) storage.Store {
		return (&hooks{message: shared(
			func(m storage.Message) any { return versioned{m.ID, m.Version} },
			func(to *storage.Message, from storage.Message) { to.Tags, to.Mentions = from.Tags, from.Mentions },
		)}).opener()(o)
	}
}

// adopted keeps the slices of the message that it was given.
func adopted() opener {
	return func(o storage.Options) storage.Store {
		given := new(sync.Map)
		h := &hooks{message: func(m *storage.Message) {
			if custom, ok := given.Load(m.ID); ok && !m.Deleted() {
				m.Custom = custom.(json.RawMessage)
			}
		}}
		read := func(r storage.Reader) storage.Reader { return hookedReader{r, h} }
		write := func(w storage.ReadWriter) storage.Writer { return adopting{w, given} }
		return newBroken(memoryStore(o), read, write)
	}
}

type adopting struct {
	storage.Writer
	given *sync.Map // storage.MessageID to json.RawMessage
}

func (w adopting) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	custom := m.Custom
	created, err := w.Writer.CreateMessage(ctx, m)
	if err == nil && custom != nil {
		w.given.LoadOrStore(m.ID, custom)
	}
	return created, err
}
