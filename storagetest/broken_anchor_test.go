package storagetest_test

import (
	"context"
	"errors"

	"github.com/lairchat/lair/storage"
)

// livingAnchors finds an anchor only where it can be read.
type livingAnchors struct{ storage.Reader }

func (r livingAnchors) Messages(ctx context.Context, q storage.MessageQuery) (storage.Page[storage.Message], error) {
	for _, a := range []storage.Anchor{q.Before, q.After, q.Around} {
		if _, err := r.Message(ctx, a.ID); !a.ID.IsZero() && err != nil {
			return storage.Page[storage.Message]{}, err
		}
	}
	return r.Reader.Messages(ctx, q)
}

type nothingAround struct{ storage.Reader }

func (r nothingAround) Messages(ctx context.Context, q storage.MessageQuery) (storage.Page[storage.Message], error) {
	if _, err := r.Message(ctx, q.Around.ID); !q.Around.ID.IsZero() && errors.Is(err, storage.ErrNotFound) {
		return storage.Page[storage.Message]{}, nil
	}
	return r.Reader.Messages(ctx, q)
}

// fullPages looks further around until the page is full.
type fullPages struct{ storage.Reader }

func (r fullPages) Messages(ctx context.Context, q storage.MessageQuery) (storage.Page[storage.Message], error) {
	limit := q.Limit
	p, err := r.Reader.Messages(ctx, q)
	for err == nil && !q.Around.IsZero() && len(p.Items) < limit && (p.HasBefore() || p.HasAfter()) {
		q.Limit++
		p, err = r.Reader.Messages(ctx, q)
	}
	return p, err
}

// aroundLeads changes where the pages around messages lead.
func aroundLeads(edit func(*storage.Page[storage.Message])) opener {
	return reads(func(r storage.Reader) storage.Reader { return leading{r, edit} })
}

type leading struct {
	storage.Reader
	edit func(*storage.Page[storage.Message])
}

func (r leading) Messages(ctx context.Context, q storage.MessageQuery) (storage.Page[storage.Message], error) {
	p, err := r.Reader.Messages(ctx, q)
	if err == nil && !q.Around.IsZero() {
		r.edit(&p)
	}
	return p, err
}
