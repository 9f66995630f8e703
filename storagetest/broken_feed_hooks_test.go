package storagetest_test

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/lairchat/lair/storage"
)

// feedReader reads the feed wrongly.
type feedReader struct {
	storage.Reader
	ask  func(*storage.ChangeQuery)
	page func(*storage.ChangePage)
	err  func(error) error
}

func (r feedReader) Changes(ctx context.Context, q storage.ChangeQuery) (storage.ChangePage, error) {
	if r.ask != nil {
		r.ask(&q)
	}
	p, err := r.Reader.Changes(ctx, q)
	if r.err != nil {
		err = r.err(err)
	}
	if r.page != nil && err == nil {
		r.page(&p)
	}
	return p, err
}

// changed opens stores whose changes are not what they were.
func changed(edit func(*storage.Change)) opener {
	return paging(func(p *storage.ChangePage) {
		for i := range p.Items {
			edit(&p.Items[i])
		}
	})
}

// asking opens stores that are asked something else about the feed.
func asking(edit func(*storage.ChangeQuery)) opener {
	return reads(func(r storage.Reader) storage.Reader { return feedReader{Reader: r, ask: edit} })
}

// paging opens stores whose pages of the feed are wrong.
func paging(edit func(*storage.ChangePage)) opener {
	return reads(func(r storage.Reader) storage.Reader { return feedReader{Reader: r, page: edit} })
}

// forgiving opens stores whose feed ends where it should fail.
func forgiving(kind error) opener {
	return reads(func(r storage.Reader) storage.Reader {
		return feedReader{Reader: r, err: func(err error) error {
			if errors.Is(err, kind) {
				return nil
			}
			return err
		}}
	})
}

// failingOtherwise opens stores whose feed fails in another way.
func failingOtherwise(edit func(*storage.Error)) opener {
	return reads(func(r storage.Reader) storage.Reader {
		return feedReader{Reader: r, err: func(err error) error {
			if e := (*storage.Error)(nil); errors.As(err, &e) {
				edit(e)
			}
			return err
		}}
	})
}

// gossip tells everybody whose an invited address is.
type gossip struct{ storage.Reader }

func (r gossip) Changes(ctx context.Context, q storage.ChangeQuery) (storage.ChangePage, error) {
	p, err := r.Reader.Changes(ctx, q)
	for i := range p.Items {
		if c := &p.Items[i]; err == nil && !c.InviteID.IsZero() && c.UserID.IsZero() {
			var all storage.ChangePage
			all, err = r.Reader.Changes(ctx, storage.ChangeQuery{After: c.Position - 1, Limit: 1})
			if err == nil {
				c.UserID = all.Items[0].UserID
			}
		}
	}
	return p, err
}

// lenient lets begin who knows nothing where the feed begins.
type lenient struct{ storage.Reader }

func (r lenient) Changes(ctx context.Context, q storage.ChangeQuery) (storage.ChangePage, error) {
	p, err := r.Reader.Changes(ctx, q)
	if e := (*storage.Error)(nil); q.After == 0 && q.Cursor == "" && errors.As(err, &e) && e.Kind == storage.ErrGone {
		q.After = e.Oldest - 1
		return r.Reader.Changes(ctx, q)
	}
	return p, err
}

// talkative tells a user also what happened to messages from before.
type talkative struct{ storage.Reader }

func (r talkative) Changes(ctx context.Context, q storage.ChangeQuery) (storage.ChangePage, error) {
	p, err := r.Reader.Changes(ctx, q)
	if err != nil || q.User.IsZero() || p.Next != "" {
		return p, err
	}
	told := make(map[storage.Position]bool)
	for _, c := range p.Items {
		told[c.Position] = true
	}
	all, err := r.Reader.Changes(ctx, storage.ChangeQuery{After: q.After, Limit: storage.MaxLimit})
	p.Items = slices.DeleteFunc(all.Items, func(c storage.Change) bool {
		in, inErr := r.IsMember(ctx, c.RoomID, q.User)
		return inErr != nil || !told[c.Position] && (!in || c.MessageID.IsZero())
	})
	return p, err
}

// unclipped tells a user all of a purge.
type unclipped struct{ storage.Reader }

func (r unclipped) Changes(ctx context.Context, q storage.ChangeQuery) (storage.ChangePage, error) {
	p, err := r.Reader.Changes(ctx, q)
	for i, c := range p.Items {
		if c.Kind != storage.ChangeMessagesPurged {
			continue
		}
		whole, err := r.Reader.Changes(ctx, storage.ChangeQuery{After: c.Position - 1, Limit: 1})
		if err != nil {
			return p, err
		}
		p.Items[i] = whole.Items[0]
	}
	return p, err
}

// pessimist takes all that was pruned for what a query selects.
type pessimist struct{ storage.Reader }

func (r pessimist) Changes(ctx context.Context, q storage.ChangeQuery) (storage.ChangePage, error) {
	if h, err := r.ChangeHead(ctx); err == nil && q.Cursor == "" && q.After < h.Oldest-1 {
		q.Room, q.User = storage.RoomID{}, storage.UserID{}
	}
	return r.Reader.Changes(ctx, q)
}

// optimist takes nothing that was pruned for what a query selects that does not
// select all.
type optimist struct{ storage.Reader }

func (r optimist) Changes(ctx context.Context, q storage.ChangeQuery) (storage.ChangePage, error) {
	h, err := r.ChangeHead(ctx)
	if some := !q.Room.IsZero() || !q.User.IsZero(); some && err == nil && q.Cursor == "" {
		q.After = max(q.After, h.Oldest-1)
	}
	return r.Reader.Changes(ctx, q)
}

type headless struct{ storage.Reader }

func (r headless) ChangeHead(ctx context.Context) (storage.ChangeHead, error) {
	h, err := r.Reader.ChangeHead(ctx)
	h.Oldest = min(h.Oldest, h.Newest)
	return h, err
}

type disordered struct{ storage.Reader }

func (r disordered) Consumers(ctx context.Context) ([]storage.Consumer, error) {
	all, err := r.Reader.Consumers(ctx)
	slices.Reverse(all)
	return all, err
}

type gullible struct{ storage.Reader }

func (r gullible) ConsumerPosition(ctx context.Context, name string) (storage.Position, error) {
	at, err := r.Reader.ConsumerPosition(ctx, name)
	if errors.Is(err, storage.ErrNotFound) {
		return 0, nil
	}
	return at, err
}

type steppingBack struct{ storage.ReadWriter }

func (w steppingBack) AdvanceConsumer(ctx context.Context, name string, position storage.Position) error {
	at, err := w.ReadWriter.ConsumerPosition(ctx, name)
	if err == nil && position >= 0 && position < at {
		if err := w.ReadWriter.DeleteConsumer(ctx, name); err != nil {
			return err
		}
	}
	return w.ReadWriter.AdvanceConsumer(ctx, name, position)
}

type keepingConsumer struct{ storage.ReadWriter }

func (w keepingConsumer) DeleteConsumer(ctx context.Context, name string) error {
	_, err := w.ReadWriter.ConsumerPosition(ctx, name)
	return err
}

type pruner struct {
	storage.Writer
	ask func(*storage.ChangePrune)
}

func (w pruner) PruneChanges(ctx context.Context, p storage.ChangePrune) (int, error) {
	w.ask(&p)
	return w.Writer.PruneChanges(ctx, p)
}

// pruning opens stores that prune something else.
func pruning(edit func(*storage.ChangePrune)) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return pruner{w, edit} })
}

// watch is what Watch does.
type watch func(s storage.Store, ctx context.Context, q storage.ChangeQuery) iter.Seq2[storage.Change, error]

type wrongWatcher struct {
	storage.Store
	watch watch
}

func (s wrongWatcher) Watch(ctx context.Context, q storage.ChangeQuery) iter.Seq2[storage.Change, error] {
	return s.watch(s.Store, ctx, q)
}

// watching opens stores that are watched wrongly.
func watching(w watch) opener {
	return stores(func(s storage.Store) storage.Store { return wrongWatcher{s, w} })
}

// askedToWatch opens stores that watch something else.
func askedToWatch(edit func(*storage.ChangeQuery)) opener {
	return watching(func(s storage.Store, ctx context.Context, q storage.ChangeQuery) iter.Seq2[storage.Change, error] {
		edit(&q)
		return s.Watch(ctx, q)
	})
}

// once yields what there is.
func once(s storage.Store, ctx context.Context, q storage.ChangeQuery) iter.Seq2[storage.Change, error] {
	return func(yield func(storage.Change, error) bool) {
		h, err := s.ChangeHead(ctx)
		if err != nil || h.Newest == q.After {
			return
		}
		for c, err := range s.Watch(ctx, q) {
			if !yield(c, err) || c.Position == h.Newest {
				return
			}
		}
	}
}
