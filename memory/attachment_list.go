package memory

import (
	"cmp"
	"context"
	"iter"
	"math"
	"strings"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// attachmentList is one of the lists of attachments: of all, or of those that
// have something in common.
type attachmentList struct {
	by    attachmentOwner
	owner key
	text  string
}

// attachmentOwner is what the attachments of a list have in common.
type attachmentOwner int

const (
	byNothing attachmentOwner = iota
	byRoom
	byUploader
	byHash
	byBlob
	unattached
	resting // unattached, in the order in which they have become so
)

// listed is a place in a list, in the order of creation unless told otherwise.
type listed struct {
	attachmentList
	entry
}

func lessListed(a, b listed) bool {
	c := cmp.Or(cmp.Compare(a.by, b.by), cmp.Compare(a.owner, b.owner))
	if c == 0 {
		c = strings.Compare(a.attachmentList.text, b.attachmentList.text)
	}
	return c < 0 || c == 0 && lessEntries(a.entry, b.entry)
}

func (a *attachment) entry() entry {
	return entry{n: backend.Micros(a.CreatedAt), id: a.ID, key: a.key}
}

// lists returns an attachment's places in the lists.
func (a *attachment) lists() []listed {
	all := []attachmentList{{by: byNothing}, {by: byRoom, owner: a.room}, {by: byBlob, text: a.Blob}}
	if a.uploader != 0 {
		all = append(all, attachmentList{by: byUploader, owner: a.uploader})
	}
	if a.Hash != "" {
		all = append(all, attachmentList{by: byHash, text: a.Hash})
	}
	if a.carrier() == 0 {
		all = append(all, attachmentList{by: unattached})
	}
	var places []listed
	for _, l := range all {
		places = append(places, listed{l, a.entry()})
	}
	if a.carrier() == 0 {
		since := entry{n: backend.Micros(a.restsSince()), id: a.ID, key: a.key}
		places = append(places, listed{attachmentList{by: resting}, since})
	}
	return places
}

// restsSince returns since when no message carries an attachment that none does.
func (a *attachment) restsSince() time.Time {
	if a.DetachedAt.IsZero() {
		return a.CreatedAt
	}
	return a.DetachedAt
}

func (s *state) isListed(l attachmentList) bool {
	for range s.attachmentsIn(l, nil, false) {
		return true
	}
	return false
}

// attachmentsIn walks a list from its end, or from strictly beyond an entry.
func (s *state) attachmentsIn(l attachmentList, after *entry, desc bool) iter.Seq[*attachment] {
	from := entry{n: math.MinInt64}
	switch {
	case after != nil:
		from = *after
	case desc:
		from = lastEntry
	}
	return func(yield func(*attachment) bool) {
		visit := func(e listed) bool {
			if e.attachmentList != l {
				return false
			}
			a, _ := s.attachments.Get(e.key)
			return compareEntries(e.entry, from) == 0 || yield(a)
		}
		if desc {
			s.attachmentLists.Descend(listed{l, from}, visit)
			return
		}
		s.attachmentLists.Ascend(listed{l, from}, visit)
	}
}

// attachmentScan is a scan of attachments with its identifiers looked up.
type attachmentScan struct {
	backend.AttachmentScan
	room, uploader key
	message        pair
}

func (r *rows) Attachments(_ context.Context, scan backend.AttachmentScan) ([]storage.Attachment, error) {
	s := &attachmentScan{AttachmentScan: scan, room: r.roomKey(scan.Room), uploader: r.userKey(scan.Uploader)}
	s.message, _ = r.place(scan.Message)
	if s.room == 0 && !s.Room.IsZero() || s.uploader == 0 && !s.Uploader.IsZero() || s.message == 0 && !s.Message.IsZero() {
		return nil, nil
	}
	return list(r.selectedAttachments(s), s.Scan.Limit, r.readAttachment), nil
}

// selectedAttachments walks the attachments that a query selects, in its order.
func (r *rows) selectedAttachments(s *attachmentScan) iter.Seq[*attachment] {
	return func(yield func(*attachment) bool) {
		for a := range r.attachmentsWithin(s) {
			if r.selectsAttachment(s, a) && !yield(a) {
				return
			}
		}
	}
}

// attachmentsWithin walks a list that has all that a query selects.
func (r *rows) attachmentsWithin(s *attachmentScan) iter.Seq[*attachment] {
	l := attachmentList{by: byNothing}
	switch {
	case s.message != 0:
		return r.carriedInOrder(s)
	case s.Blob != "":
		l = attachmentList{by: byBlob, text: s.Blob}
	case s.Hash != "":
		l = attachmentList{by: byHash, text: s.Hash}
	case s.Unattached:
		l = attachmentList{by: unattached}
	case s.uploader != 0:
		l = attachmentList{by: byUploader, owner: s.uploader}
	case s.room != 0:
		l = attachmentList{by: byRoom, owner: s.room}
	}
	return r.attachmentsIn(l, intAfter(s.After), s.Desc)
}

// carriedInOrder walks what a message carries, in the order of creation.
func (r *rows) carriedInOrder(s *attachmentScan) iter.Seq[*attachment] {
	top := newTop(intAfter(s.After), backend.Scan{Desc: s.Desc, Limit: storage.MaxAttachments})
	keys, _ := r.carried.Get(s.message)
	for _, k := range keys {
		if a, _ := r.attachments.Get(k); a.carrier() != 0 {
			top.add(a.entry())
		}
	}
	return func(yield func(*attachment) bool) {
		for _, e := range top.first() {
			if a, _ := r.attachments.Get(e.key); !yield(a) {
				return
			}
		}
	}
}

func (r *rows) selectsAttachment(s *attachmentScan, a *attachment) bool {
	if _, there := r.rooms.Get(a.room); !there {
		return false
	}
	if m, carried := r.messages.Get(a.carrier()); carried && m.Expired(s.Now) {
		return false
	}
	switch {
	case s.room != 0 && a.room != s.room,
		s.uploader != 0 && a.uploader != s.uploader,
		s.Hash != "" && a.Hash != s.Hash,
		s.Blob != "" && a.Blob != s.Blob,
		s.Unattached && a.carrier() != 0:
		return false
	}
	return inRange(a.CreatedAt, s.From, s.To)
}

// attachmentsToPurge walks the attachments of deleted rooms, and then those
// that were unattached by then.
func (r *rows) attachmentsToPurge(by time.Time) iter.Seq[*attachment] {
	return func(yield func(*attachment) bool) {
		more := true
		r.deletedWithFiles.Scan(func(room key, _ struct{}) bool {
			for a := range r.attachmentsIn(attachmentList{by: byRoom, owner: room}, nil, false) {
				if more = yield(a); !more {
					break
				}
			}
			return more
		})
		if !more || by.IsZero() {
			return
		}
		for a := range r.attachmentsIn(attachmentList{by: resting}, nil, false) {
			_, there := r.rooms.Get(a.room)
			if a.restsSince().After(by) || there && !r.attachmentIsHeld(a) && !yield(a) {
				return
			}
		}
	}
}
