package storagetest_test

// Blocks and the configuration.

import (
	"context"
	"slices"
	"strings"

	"github.com/lairchat/lair/storage"
)

func (m *model) HasBlocked(_ context.Context, user, other storage.UserID) (bool, error) {
	return slices.ContainsFunc(m.blocks, func(b storage.Block) bool { return b.UserID == user && b.BlockedID == other }), nil
}

func (m *model) BlockedUsers(_ context.Context, q storage.BlockQuery) (storage.Page[storage.Block], error) {
	if err := q.Validate(); err != nil {
		return storage.Page[storage.Block]{}, err
	}
	key := func(b storage.Block) storage.Keyset {
		k := storage.Keyset{Int: b.CreatedAt.UnixMicro(), ID: b.BlockedID}
		if q.User.IsZero() {
			k.ID = b.UserID
		}
		return k
	}
	var all []storage.Block
	for _, b := range m.blocks {
		if (q.User.IsZero() || b.UserID == q.User) && (q.Blocked.IsZero() || b.BlockedID == q.Blocked) {
			all = append(all, b)
		}
	}
	slices.SortFunc(all, func(a, b storage.Block) int { return compareKeys(key(b), key(a)) })
	return modelPage(all, key, true, q.Limit, q.Cursor)
}

func (m *model) BlockUser(ctx context.Context, user, other storage.UserID) error {
	is, err := m.blockable(ctx, user, other)
	if err == nil && !is {
		m.blocks = append(m.blocks, storage.Block{UserID: user, BlockedID: other, CreatedAt: m.now()})
	}
	return err
}

func (m *model) UnblockUser(ctx context.Context, user, other storage.UserID) error {
	_, err := m.blockable(ctx, user, other)
	if err == nil {
		m.blocks = slices.DeleteFunc(m.blocks, func(b storage.Block) bool { return b.UserID == user && b.BlockedID == other })
	}
	return err
}

// blockable refuses a block that makes no sense, and reports whether it is there.
func (m *model) blockable(ctx context.Context, user, other storage.UserID) (bool, error) {
	if user == other {
		return false, storage.Invalid("other", "the user itself")
	}
	if err := m.needUser(user, "user"); err != nil {
		return false, err
	}
	if err := m.needUser(other, "other"); err != nil {
		return false, err
	}
	return m.HasBlocked(ctx, user, other)
}

func (m *model) ConfigValue(_ context.Context, key string) (storage.Config, error) {
	c, is := m.config[key]
	if !is {
		return c, storage.NotFound(storage.EntityConfig, key)
	}
	return c, nil
}

func (m *model) ConfigValues(_ context.Context, q storage.ConfigQuery) (storage.Page[storage.Config], error) {
	var all []storage.Config
	for key, c := range m.config {
		if strings.HasPrefix(key, q.Prefix) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b storage.Config) int { return strings.Compare(a.Key, b.Key) })
	return modelPage(all, func(c storage.Config) storage.Keyset { return storage.Keyset{Text: c.Key} }, false, q.Limit, q.Cursor)
}

func (m *model) SetConfig(_ context.Context, given *storage.Config) error {
	c := *given
	c.Normalize()
	if err := c.Validate(); err != nil {
		return err
	}
	old := m.config[c.Key]
	if c.UpdatedAt = old.UpdatedAt; c != old {
		c.UpdatedAt = m.now()
		m.config[c.Key] = c
	}
	*given = c
	return nil
}

func (m *model) DeleteConfig(_ context.Context, key string) error {
	_, is := m.config[key]
	if !is {
		return storage.NotFound(storage.EntityConfig, key)
	}
	delete(m.config, key)
	return nil
}

var modelKeys = []string{"mail", "mail.host", "mail.port", "Mail.host", "mailbox"}

func (h *history) setConfig() {
	key := oneOf(h.draws, modelKeys...)
	if h.oneIn(4) {
		h.call(say("DeleteConfig(%s)", key), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.DeleteConfig(ctx, key)
		})
		return
	}
	c := storage.Config{
		Key: key, Type: oneOf(h.draws, 0, storage.ConfigString, storage.ConfigInteger, storage.ConfigJSON),
		Value: oneOf(h.draws, storage.Secret("1"), "2", "plum"), Sensitive: h.oneIn(3),
	}
	h.call(say("SetConfig(%s, %s, sensitive: %s)", key, string(c.Value), c.Sensitive), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		next := c
		err := s.SetConfig(ctx, &next)
		return next, err
	})
}

func (h *history) lookAtConfig() {
	q, key := storage.ConfigQuery{Prefix: oneOf(h.draws, "", "mail", "mail."), Limit: 1 + h.below(3)}, oneOf(h.draws, modelKeys...)
	h.quietly(say("ConfigValues(%s)", q), walk(func(s storage.ReadWriter) lister[storage.ConfigQuery, storage.Config] {
		return s.ConfigValues
	}, q))
	h.quietly(say("ConfigValue(%s)", key), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.ConfigValue(ctx, key))
	})
}

func (h *history) block() {
	user, other := h.user(), h.user()
	if h.oneIn(3) {
		h.call(say("UnblockUser(%s, %s)", user, other), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.UnblockUser(ctx, user, other)
		})
		return
	}
	h.call(say("BlockUser(%s, %s)", user, other), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return nil, s.BlockUser(ctx, user, other)
	})
}

func (h *history) lookAtBlocks() {
	q := storage.BlockQuery{Limit: 1 + h.below(2)}
	switch h.below(3) {
	case 0:
		q.User = h.user()
	case 1:
		q.Blocked = h.user()
	case 2:
		q.User, q.Blocked = h.user(), h.user()
	}
	h.quietly(say("BlockedUsers(%s)", q), walk(func(s storage.ReadWriter) lister[storage.BlockQuery, storage.Block] {
		return s.BlockedUsers
	}, q))
	user, other := h.user(), h.user()
	h.quietly(say("HasBlocked(%s, %s)", user, other), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.HasBlocked(ctx, user, other))
	})
}
