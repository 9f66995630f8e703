package storagetest_test

import (
	"cmp"
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
)

// rawStore is a store of which raw records are others. What is nil is good.
type rawStore struct {
	storage.Store
	rawFault
}

type rawFault struct {
	read    func(*storage.Raw) bool // of RawRecords: whether it is among them
	page    func(*storage.RawQuery, []storage.Raw)
	restore func(*storage.Raw) bool // of RestoreRaw: whether it is stored
	each    bool                    // RestoreRaw stores what it can of its records
	cut     func() bool             // whether CutChanges cuts
	live    bool                    // a View is no snapshot
}

func (f rawFault) opener() opener {
	return func(o storage.Options) storage.Store { return rawStore{memoryStore(o), f} }
}

func (s rawStore) View(ctx context.Context, fn func(context.Context, storage.Reader) error) error {
	return s.Store.View(ctx, func(ctx context.Context, r storage.Reader) error {
		if s.live {
			return fn(ctx, rawView{r, r.(clock), rawLive{s.Store}})
		}
		return fn(ctx, rawView{r, r.(clock), rawReads{r.(storage.RawReader), s.rawFault}})
	})
}

func (s rawStore) Update(ctx context.Context, fn func(context.Context, storage.Tx) error) error {
	return s.Store.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		return fn(ctx, rawWrites{tx, rawReads{tx.(storage.RawReader), s.rawFault}, tx.(storage.RawRestorer)})
	})
}

// rawLive reads each page in a View of its own.
type rawLive struct{ storage.Store }

func (s rawLive) RawRecords(_ context.Context, q storage.RawQuery) (out storage.Page[storage.Raw], err error) {
	err = s.View(context.Background(), func(ctx context.Context, r storage.Reader) error {
		out, err = r.(storage.RawReader).RawRecords(ctx, q)
		return err
	})
	return out, err
}

type rawReads struct {
	storage.RawReader
	rawFault
}

func (r rawReads) RawRecords(ctx context.Context, q storage.RawQuery) (storage.Page[storage.Raw], error) {
	p, err := r.RawReader.RawRecords(ctx, q)
	if err != nil {
		return p, err
	}
	if r.read != nil {
		p.Items = slices.DeleteFunc(p.Items, func(v storage.Raw) bool { return !r.read(&v) })
	}
	if r.page != nil {
		r.page(&q, p.Items)
	}
	return p, nil
}

type rawWrites struct {
	storage.Tx
	rawReads
	to storage.RawRestorer
}

func (w rawWrites) RestoreRaw(ctx context.Context, records ...storage.Raw) error {
	var all []storage.Raw
	for _, v := range records {
		if w.rawFault.restore == nil || w.rawFault.restore(&v) {
			all = append(all, v)
		}
	}
	if !w.each {
		return w.to.RestoreRaw(ctx, all...)
	}
	for i, v := range all {
		if err := w.to.RestoreRaw(ctx, v); err != nil {
			err.(*storage.Error).Field = "[1]" + err.(*storage.Error).Field[3:]
			if i == 0 {
				err.(*storage.Error).Field = "[0]" + err.(*storage.Error).Field[3:]
			}
			return err
		}
	}
	return nil
}

func (w rawWrites) FinishRestore(ctx context.Context) error { return w.to.FinishRestore(ctx) }

func (w rawWrites) CutChanges(ctx context.Context) (storage.Position, error) {
	if w.cut != nil && !w.cut() {
		head, err := w.ChangeHead(ctx)
		return head.Newest, err
	}
	return w.to.CutChanges(ctx)
}

// lost leaves records of a kind out when they are restored.
func lost(kind storage.RawKind) func(*storage.Raw) bool {
	return func(v *storage.Raw) bool { return v.Kind() != kind }
}

// rewritten changes the records that are restored.
func rewritten(change func(*storage.Raw)) func(*storage.Raw) bool {
	return func(v *storage.Raw) bool {
		change(v)
		return true
	}
}

var rawFaults = []fault{
	{name: "blocks are not dumped", caught: "raw/everything", open: rawFault{read: lost(storage.RawBlocks)}.opener()},
	{name: "reactions are not restored", caught: "raw/everything", open: rawFault{restore: lost(storage.RawReactions)}.opener()},
	{name: "revisions are not restored", caught: "raw/everything", open: rawFault{restore: lost(storage.RawRevisions)}.opener()},
	{name: "sessions are not restored", caught: "raw/everything", open: rawFault{restore: lost(storage.RawSessions)}.opener()},
	{name: "receipts are not restored", caught: "raw/receipts", open: rawFault{restore: lost(storage.RawReceipts)}.opener()},
	{name: "leftovers are not restored", caught: "raw/deleted rooms", open: rawFault{restore: lost(storage.RawLeftovers)}.opener()},
	{name: "stubs are not restored", caught: "raw/purged messages", open: rawFault{read: lost(storage.RawStubs)}.opener()},
	{name: "stays are not dumped", caught: "raw/the feed", open: rawFault{read: lost(storage.RawStays)}.opener()},
	{name: "what was pruned is not dumped", caught: "raw/the feed", open: rawFault{read: lost(storage.RawPruned)}.opener()},
	{name: "holds are not dumped", caught: "raw/holds", open: rawFault{read: lost(storage.RawHolds)}.opener()},
	{name: "activities are not dumped", caught: "raw/activity", open: rawFault{read: lost(storage.RawActivities)}.opener()},
	{name: "the head of the audit log is not dumped", caught: "raw/the audit log", open: rawFault{read: lost(storage.RawAuditHeads)}.opener()},
	{name: "passwords are forgotten", caught: "raw/nothing is lost of a field", open: rawFault{restore: rewritten(func(v *storage.Raw) {
		if v.User != nil {
			v.User.PasswordHash = ""
		}
	})}.opener()},
	{name: "markers are put to the end", caught: "raw/everything", open: rawFault{read: rewritten(func(v *storage.Raw) {
		if v.Membership != nil && v.Membership.ReadSeq > 0 {
			v.Membership.ReadSeq--
		}
	})}.opener()},
	{name: "the dead still have their nonces", caught: "raw/deleted users", open: rawFault{restore: rewritten(func(v *storage.Raw) {
		if v.Message != nil && v.Message.AuthorGone {
			v.Message.AuthorGone, v.Message.Nonce = false, v.Message.Nonce+"x"
		}
	})}.opener()},
	{name: "identifiers of the dead are mentioned", caught: "raw/deleted users", open: rawFault{read: rewritten(func(v *storage.Raw) {
		if v.Message != nil {
			v.Message.Mentions = slices.DeleteFunc(v.Message.Mentions, func(id storage.UserID) bool { return slices.Contains(v.Message.Missed, id) })
			v.Message.Missed = nil
		}
	})}.opener()},
	{name: "rooms are dumped by identifier", caught: "raw/the order of storing", open: rawFault{page: func(_ *storage.RawQuery, all []storage.Raw) {
		if len(all) > 0 && all[0].Room != nil {
			slices.SortFunc(all, func(a, b storage.Raw) int { return a.Room.ID.Compare(b.Room.ID) })
		}
	}}.opener()},
	{name: "messages are dumped by room", caught: "raw/the order of storing", open: rawFault{page: func(_ *storage.RawQuery, all []storage.Raw) {
		if len(all) > 0 && all[0].Message != nil {
			slices.SortStableFunc(all, func(a, b storage.Raw) int {
				return cmp.Or(a.Message.RoomID.Compare(b.Message.RoomID), cmp.Compare(a.Message.Seq, b.Message.Seq))
			})
		}
	}}.opener()},
	{name: "secrets are always dumped", caught: "raw/without secrets", open: func(o storage.Options) storage.Store {
		return alwaysSecret{memoryStore(o)}
	}},
	{name: "a dump is of many moments", caught: "raw/one moment", open: rawFault{live: true}.opener()},
	{name: "half a batch is restored", caught: "raw/records refused", open: rawFault{each: true}.opener()},
	{name: "what is there already is passed over", caught: "raw/not twice", open: rawFault{restore: func() func(*storage.Raw) bool {
		seen := map[string]bool{}
		return func(v *storage.Raw) bool {
			if v.Config == nil {
				return true
			}
			twice := seen[v.Config.Key]
			seen[v.Config.Key] = true
			return !twice
		}
	}()}.opener()},
	{name: "the feed is not cut", caught: "raw/merge cuts the feed", open: rawFault{cut: func() bool { return false }}.opener()},
}

// alwaysSecret tells secrets to whoever asks for none.
type alwaysSecret struct{ storage.Store }

func (s alwaysSecret) View(ctx context.Context, fn func(context.Context, storage.Reader) error) error {
	return s.Store.View(ctx, func(ctx context.Context, r storage.Reader) error {
		return fn(ctx, rawView{r, r.(clock), telling{r.(storage.RawReader)}})
	})
}

type telling struct{ storage.RawReader }

func (r telling) RawRecords(ctx context.Context, q storage.RawQuery) (storage.Page[storage.Raw], error) {
	q.Secrets = true
	return r.RawReader.RawRecords(ctx, q)
}
