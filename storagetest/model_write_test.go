package storagetest_test

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

// moveMarker moves a member's marker forward; for others it does nothing.
func (m *model) moveMarker(seat modelSeat, to int64) {
	member, is := m.members[seat]
	if !is || to <= member.ReadSeq {
		return
	}
	m.passes = append(m.passes, modelPass{modelSeat: seat, beyond: member.ReadSeq, upTo: to, at: m.now()})
	member.ReadSeq = to
	m.members[seat] = member
}

// marker returns the seat of a member, and the place of an anchor.
func (m *model) marker(room storage.RoomID, user storage.UserID, a storage.Anchor) (modelSeat, int64, error) {
	i := m.roomAt(room)
	if i < 0 {
		return modelSeat{}, 0, storage.NotFound(storage.EntityRoom, room.String())
	}
	seat, err := m.seat(room, user)
	if err != nil || a.IsZero() {
		return seat, m.rooms[i].LastSeq, err
	}
	seq, err := m.anchor(i, a)
	return seat, seq, err
}

func (m *model) MarkRead(_ context.Context, room storage.RoomID, user storage.UserID, upTo storage.Anchor) error {
	if err := upTo.Validate("upTo"); err != nil {
		return err
	}
	seat, seq, err := m.marker(room, user, upTo)
	if err != nil {
		return err
	}
	m.moveMarker(seat, min(seq, m.rooms[seat.room].LastSeq))
	return nil
}

func (m *model) MarkUnread(_ context.Context, room storage.RoomID, user storage.UserID, from storage.Anchor) error {
	if from.IsZero() {
		return storage.Invalid("from", "unset")
	}
	if err := from.Validate("from"); err != nil {
		return err
	}
	seat, seq, err := m.marker(room, user, from)
	if err != nil {
		return err
	}
	member := m.members[seat]
	member.ReadSeq = min(member.ReadSeq, seq-1)
	m.members[seat] = member
	return nil
}

func (m *model) AddReadReceipt(_ context.Context, id storage.MessageID, user storage.UserID) error {
	i, err := m.live(id)
	if err != nil {
		return err
	}
	if _, err := m.seat(m.messages[i].RoomID, user); err != nil {
		return err
	}
	if m.messages[i].AuthorID != user && m.receipt(i, user).ReadAt.IsZero() {
		m.singles = append(m.singles, modelSingle{i, user, m.now()})
	}
	return nil
}

func (m *model) CreateAttachment(_ context.Context, a *storage.Attachment) error {
	room := m.roomAt(a.RoomID)
	if room < 0 {
		return storage.NotFound(storage.EntityRoom, a.RoomID.String())
	}
	if err := m.mayBe(a.UploaderID, "UploaderID"); err != nil {
		return err
	}
	if err := m.admits(room, a.UploaderID, storage.SanctionBan, storage.SanctionMute); err != nil {
		return err
	}
	switch {
	case m.rooms[room].Settings.Uploads.Forbidden:
		return storage.Forbidden(storage.EntityRoom, a.RoomID.String(), storage.ReasonUpload)
	case slices.ContainsFunc(m.files, func(f modelFile) bool { return f.ID == a.ID && !f.gone }):
		return storage.Duplicate(storage.EntityAttachment, a.ID.String(), "ID")
	}
	a.MessageID, a.CreatedAt, a.DetachedAt = storage.MessageID{}, m.now(), time.Time{}
	m.files = append(m.files, modelFile{Attachment: *a, room: room})
	return nil
}

func (m *model) DeleteAttachment(_ context.Context, id storage.AttachmentID) (string, error) {
	k := m.fileAt(id)
	if k < 0 || !m.shown(k) {
		return "", storage.NotFound(storage.EntityAttachment, id.String())
	}
	if m.fileKept(k) {
		return "", storage.Forbidden(storage.EntityAttachment, id.String(), storage.ReasonHeld)
	}
	if i := m.messageAt(m.files[k].MessageID); i >= 0 {
		m.messages[i].Version++
		m.messages[i].files = slices.DeleteFunc(slices.Clone(m.messages[i].files), func(other int) bool { return other == k })
	}
	freed := m.discard([]int{k})
	return slices.Concat(freed, []string{""})[0], nil
}

// discard takes files away and returns the blobs that no other file has.
func (m *model) discard(files []int) (freed []string) {
	for _, k := range files {
		m.files[k].gone = true
	}
	for _, k := range files {
		blob := m.files[k].Blob
		if !slices.ContainsFunc(m.files, func(f modelFile) bool { return f.Blob == blob && !f.gone }) {
			freed = append(freed, blob)
		}
	}
	slices.Sort(freed)
	return slices.Compact(freed)
}

// PurgeAttachments takes all at once.
func (m *model) PurgeAttachments(_ context.Context, q storage.AttachmentPurge) (out storage.PurgeResult, err error) {
	if err := q.Validate(); err != nil {
		return out, err
	}
	var files []int
	for k, f := range m.files {
		since := f.CreatedAt
		if !f.DetachedAt.IsZero() {
			since = f.DetachedAt
		}
		old := q.UnattachedFor > 0 && f.MessageID.IsZero() && !since.After(m.now().Add(-q.UnattachedFor))
		if !f.gone && (m.rooms[f.room].gone || old && !m.fileKept(k)) {
			files = append(files, k)
		}
	}
	return storage.PurgeResult{Attachments: int64(len(files)), Blobs: m.discard(files)}, nil
}

func (m *model) PurgeMessage(_ context.Context, id storage.MessageID) (out storage.PurgeResult, err error) {
	i := m.messageAt(id)
	if i < 0 {
		return out, storage.NotFound(storage.EntityMessage, id.String())
	}
	if m.messageKept(i) {
		return out, storage.Forbidden(storage.EntityMessage, id.String(), storage.ReasonHeld)
	}
	return m.purge([]int{i}), nil
}

// purge turns messages into stubs.
func (m *model) purge(all []int) storage.PurgeResult {
	var files []int
	for _, i := range all {
		left := slices.DeleteFunc(slices.Clone(m.messages[i].left), func(k int) bool { return m.files[k].gone })
		files = slices.Concat(files, m.messages[i].files, left)
		stub := m.messages[i]
		m.messages[i] = modelMessage{room: stub.room, purged: true, Message: storage.Message{ID: stub.ID, RoomID: stub.RoomID, Seq: stub.Seq}}
	}
	m.emoji = slices.DeleteFunc(m.emoji, func(c modelToldEmoji) bool { return slices.Contains(all, c.message) })
	return storage.PurgeResult{Messages: int64(len(all)), Attachments: int64(len(files)), Blobs: m.discard(files)}
}

func (m *model) PurgeMessages(_ context.Context, q storage.PurgeQuery) (out storage.PurgeResult, err error) {
	if err := q.Validate(); err != nil {
		return out, err
	}
	all := m.toPurge(q)
	n := min(len(all), cmp.Or(q.Limit, storage.DefaultPurge))
	out = m.purge(all[:n])
	out.More = len(m.toPurge(q)) > 0
	return out, nil
}

// toPurge returns what a query selects, in its order.
func (m *model) toPurge(q storage.PurgeQuery) []int {
	newest := m.newestToPurge(q)
	var all []int
	for i, message := range m.messages {
		if m.held(i) && (q.Room.IsZero() || message.RoomID == q.Room) && (q.Keep == 0 || message.Seq <= newest) &&
			(q.Author.IsZero() || m.users[q.Author] && message.AuthorID == q.Author) &&
			(q.To.IsZero() || message.CreatedAt.Before(q.To)) && (!q.Expired || message.Expired(m.now())) &&
			(!q.Tombstones || message.Deleted()) && !(q.KeepPinned && !message.PinnedAt.IsZero()) && !m.messageKept(i) {
			all = append(all, i)
		}
	}
	slices.SortFunc(all, func(i, k int) int {
		a, b := m.messages[i], m.messages[k]
		order := cmp.Or(cmp.Compare(a.room, b.room), cmp.Compare(a.Seq, b.Seq))
		switch {
		case q.Expired:
			order = cmp.Or(a.ExpiresAt.Compare(b.ExpiresAt), order)
		case !q.To.IsZero() && q.Room.IsZero() && q.Author.IsZero():
			order = cmp.Or(a.CreatedAt.Compare(b.CreatedAt), order)
		}
		return order
	})
	return all
}

// newestToPurge returns the Seq of the newest message that is not to be kept.
func (m *model) newestToPurge(q storage.PurgeQuery) int64 {
	kept := int64(0)
	for i, message := range slices.Backward(m.messages) {
		if !m.held(i) || message.RoomID != q.Room || message.Deleted() || message.Expired(m.now()) {
			continue
		}
		if kept++; kept > q.Keep {
			return message.Seq
		}
	}
	return 0
}
