package storagetest_test

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/lairchat/lair/storage"
)

// threadFaults are about threads, mentions, tags and anchors.
var threadFaults = []fault{
	{name: "a thread counts tombstones", caught: "thread/deleted replies", open: summing(func(s *storage.Thread, replies []storage.Message) {
		s.Replies = int64(len(replies))
	})},
	{name: "a thread counts direct replies alone", caught: "thread/replies to replies", open: summing(func(s *storage.Thread, replies []storage.Message) {
		for _, m := range replies {
			if m.ParentID != m.RootID && !m.Deleted() {
				s.Replies--
			}
		}
	})},
	{name: "every reply is a participant's", caught: "thread/summary", open: summing(func(s *storage.Thread, _ []storage.Message) {
		s.Participants = s.Replies
	})},
	{name: "nobody takes part", caught: "thread/replies of nobody", open: summing(func(s *storage.Thread, replies []storage.Message) {
		if slices.ContainsFunc(replies, func(m storage.Message) bool { return m.AuthorID.IsZero() && !m.Deleted() }) {
			s.Participants++
		}
	})},
	{name: "the last reply is the latest", caught: "thread/imported replies", open: summing(func(s *storage.Thread, replies []storage.Message) {
		for _, m := range replies {
			if !m.Deleted() && m.CreatedAt.After(s.LastReplyAt) {
				s.LastReplyID, s.LastReplyAt, s.LastAuthorID = m.ID, m.CreatedAt, m.AuthorID
			}
		}
	})},
	{name: "the last reply may be a tombstone", caught: "thread/deleted replies", open: summing(func(s *storage.Thread, replies []storage.Message) {
		if len(replies) > 0 {
			s.LastReplyID = replies[len(replies)-1].ID
		}
	})},
	{name: "a tombstone has no thread", caught: "thread/deleted root", open: (&hooks{message: func(m *storage.Message) {
		if m.Deleted() {
			m.Thread = storage.Thread{}
		}
	}}).opener()},
	{name: "replying to what is not there", caught: "thread/unknown parents", open: writes(func(w storage.ReadWriter) storage.Writer {
		return orphans{w}
	})},
	{name: "a thread without its root", caught: "thread/list", open: dropping(func(q storage.MessageQuery, m storage.Message) bool {
		return m.ID == q.Thread
	})},
	{name: "a thread without replies to replies", caught: "thread/list", open: dropping(func(q storage.MessageQuery, m storage.Message) bool {
		return !q.Thread.IsZero() && m.ID != q.Thread && m.ParentID != q.Thread
	})},
	{name: "a purged root has no thread", caught: "thread/purged root", open: reads(func(r storage.Reader) storage.Reader { return rooted{r} })},
	{name: "a reply has the thread of its root", caught: "thread/list of what is no root", open: reads(func(r storage.Reader) storage.Reader {
		return anyRoot{r}
	})},
	{name: "everybody is mentioned", caught: "mention/everybody", open: writes(func(w storage.ReadWriter) storage.Writer {
		return mentionsEach{w}
	})},
	{name: "an edit drops no mentions", caught: "mention/edits", open: writes(func(w storage.ReadWriter) storage.Writer {
		return addsOnly{w}
	})},
	{name: "an edit drops no tags", caught: "tag/edits", open: writes(func(w storage.ReadWriter) storage.Writer { return addsOnly{w} })},
	{name: "any of the tags", caught: "tag/all of the tags", open: tagging(func(has, wanted []string) bool {
		return slices.ContainsFunc(wanted, func(tag string) bool { return slices.Contains(has, tag) })
	})},
	{name: "tags in any case", caught: "tag/exact text", open: tagging(func(has, wanted []string) bool {
		return !slices.ContainsFunc(wanted, func(tag string) bool {
			return !slices.ContainsFunc(has, func(other string) bool { return strings.EqualFold(tag, other) })
		})
	})},
	{name: "the first tag alone", caught: "tag/all of the tags", open: (&hooks{messages: func(q *storage.MessageQuery) {
		q.Tags = q.Tags[:min(len(q.Tags), 1)]
	}}).opener()},
	{name: "too many tags are asked for", caught: "tag/limits", open: (&hooks{messages: func(q *storage.MessageQuery) {
		q.Tags = q.Tags[:min(len(q.Tags), storage.MaxTags)]
	}}).opener()},
	{name: "a purged anchor is not found", caught: "anchor/bounds at purged messages", open: reads(func(r storage.Reader) storage.Reader {
		return livingAnchors{r}
	})},
	{name: "around a purged message there is nothing", caught: "anchor/around purged messages", open: reads(func(r storage.Reader) storage.Reader {
		return nothingAround{r}
	})},
	{name: "around makes up for what one side lacks", caught: "anchor/what is before and after", open: reads(func(r storage.Reader) storage.Reader {
		return fullPages{r}
	})},
	{name: "nothing is before what is around", caught: "anchor/what is before and after", open: aroundLeads(func(p *storage.Page[storage.Message]) {
		p.Prev = ""
	})},
	{name: "something is always after what is around", caught: "anchor/what is before and after", open: aroundLeads(func(p *storage.Page[storage.Message]) {
		if p.Next == "" {
			p.Next = "x"
		}
	})},
}

// summing gives roots another summary of their replies, tombstones among
// them, which are in the order of Seq.
func summing(sum func(*storage.Thread, []storage.Message)) opener {
	return reads(func(r storage.Reader) storage.Reader { return otherSums{r, sum} })
}

type otherSums struct {
	storage.Reader
	sum func(*storage.Thread, []storage.Message)
}

func (r otherSums) Message(ctx context.Context, id storage.MessageID) (storage.Message, error) {
	m, err := r.Reader.Message(ctx, id)
	if err != nil {
		return m, err
	}
	q := storage.MessageQuery{Thread: id, WithDeleted: true, Order: storage.OldestFirst, Limit: storage.MaxLimit}
	p, err := r.Reader.Messages(ctx, q)
	if len(p.Items) > 1 {
		r.sum(&m.Thread, p.Items[1:])
	}
	return m, err
}

// orphans drops a parent that is not there.
type orphans struct{ storage.Writer }

func (w orphans) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	created, err := w.Writer.CreateMessage(ctx, m)
	var e *storage.Error
	if errors.As(err, &e) && e.Kind == storage.ErrNotFound && e.Entity == storage.EntityMessage {
		m.ParentID = storage.MessageID{}
		return w.Writer.CreateMessage(ctx, m)
	}
	return created, err
}

// dropping leaves messages out of lists.
func dropping(drop func(storage.MessageQuery, storage.Message) bool) opener {
	return reads(func(r storage.Reader) storage.Reader { return incomplete{r, drop} })
}

type incomplete struct {
	storage.Reader
	drop func(storage.MessageQuery, storage.Message) bool
}

func (r incomplete) Messages(ctx context.Context, q storage.MessageQuery) (storage.Page[storage.Message], error) {
	p, err := r.Reader.Messages(ctx, q)
	p.Items = slices.DeleteFunc(p.Items, func(m storage.Message) bool { return r.drop(q, m) })
	return p, err
}

// rooted looks for the root of a thread first.
type rooted struct{ storage.Reader }

func (r rooted) Messages(ctx context.Context, q storage.MessageQuery) (storage.Page[storage.Message], error) {
	if !q.Thread.IsZero() {
		if _, err := r.Message(ctx, q.Thread); errors.Is(err, storage.ErrNotFound) {
			return storage.Page[storage.Message]{}, nil
		}
	}
	return r.Reader.Messages(ctx, q)
}

type anyRoot struct{ storage.Reader }

func (r anyRoot) Messages(ctx context.Context, q storage.MessageQuery) (storage.Page[storage.Message], error) {
	if m, err := r.Message(ctx, q.Thread); err == nil && !m.RootID.IsZero() {
		q.Thread = m.RootID
	}
	return r.Reader.Messages(ctx, q)
}

// mentionsEach mentions every user where everybody is meant.
type mentionsEach struct{ storage.ReadWriter }

func (w mentionsEach) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	if m.MentionsAll {
		page, err := w.Users(ctx, storage.UserQuery{})
		if err != nil {
			return false, err
		}
		for _, u := range page.Items {
			m.Mentions = append(m.Mentions, u.ID)
		}
	}
	return w.ReadWriter.CreateMessage(ctx, m)
}

// addsOnly keeps the tags and mentions that an edit would drop.
type addsOnly struct{ storage.ReadWriter }

func (w addsOnly) EditMessage(ctx context.Context, id storage.MessageID, by storage.UserID, p storage.MessagePatch) (storage.Message, error) {
	if m, err := w.Message(ctx, id); err == nil && p.Mentions != nil {
		p.Mentions = new(append(m.Mentions, *p.Mentions...))
	} else if err == nil && p.Tags != nil {
		p.Tags = new(append(m.Tags, *p.Tags...))
	}
	return w.ReadWriter.EditMessage(ctx, id, by, p)
}

// tagging selects by tags in another way.
func tagging(selects func(has, wanted []string) bool) opener {
	return reads(func(r storage.Reader) storage.Reader { return otherTags{r, selects} })
}

type otherTags struct {
	storage.Reader
	selects func(has, wanted []string) bool
}

func (r otherTags) Messages(ctx context.Context, q storage.MessageQuery) (storage.Page[storage.Message], error) {
	wanted := q.Tags
	q.Tags = nil
	p, err := r.Reader.Messages(ctx, q)
	p.Items = slices.DeleteFunc(p.Items, func(m storage.Message) bool { return len(wanted) > 0 && !r.selects(m.Tags, wanted) })
	return p, err
}
