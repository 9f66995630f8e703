package storagetest

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// rawPages returns all pages of raw records of a kind.
func (f *fixture) rawPages(q storage.RawQuery) (pages [][]storage.Raw) {
	f.t.Helper()
	require.NoError(f.t, f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
		raw, ok := r.(storage.RawReader)
		require.True(f.t, ok, "the Reader of a View reads no raw records")
		for {
			page, err := raw.RawRecords(ctx, q)
			if err != nil {
				return err
			}
			require.Empty(f.t, page.Prev)
			pages = append(pages, page.Items)
			if page.Next == "" {
				return nil
			}
			q = q.WithCursor(page.Next)
		}
	}))
	return pages
}

// testRawPages walks the kinds with pages of one.
func testRawPages(t *testing.T, f *fixture) {
	w := f.world()
	c := f.moved()
	require.NoError(t, c.MarkRead(f.ctx, w.hall.ID, w.dan.ID, storage.AtSeq(3)))
	for kind := storage.RawUsers; kind.Valid(); kind++ {
		whole := c.rawPages(storage.RawQuery{Kind: kind, Secrets: true, Limit: storage.MaxLimit})
		require.Len(t, whole, 1, "pages of %s", kind)
		var one []storage.Raw
		for _, page := range c.rawPages(storage.RawQuery{Kind: kind, Secrets: true, Limit: 1}) {
			if kind != storage.RawConsumers {
				require.LessOrEqual(t, len(page), 1, "a page of %s", kind)
			}
			one = append(one, page...)
		}
		require.Equal(t, whole[0], one, "pages of one of %s", kind)
		for _, r := range one {
			require.Equal(t, kind, r.Kind())
			require.NoError(t, r.Validate(), "%s that were dumped", kind)
		}
	}
}

// testRawSecrets requires that records have password hashes only where they are
// asked for, also in the records that are embedded in them.
func testRawSecrets(t *testing.T, f *fixture) {
	w := f.world()
	require.NoError(t, f.SetPasswordHash(f.ctx, w.ann.ID, "$argon2id$secret"))
	f.room("locked", w.ann.ID, func(r *storage.Room) { r.Privacy, r.PasswordHash = storage.PrivacyProtected, "$argon2id$room" })
	for _, secrets := range []bool{false, true} {
		var told, embedded []storage.Secret
		for _, kind := range []storage.RawKind{storage.RawUsers, storage.RawRooms} {
			for _, r := range slices.Concat(f.rawPages(storage.RawQuery{Kind: kind, Secrets: secrets})...) {
				if r.User != nil {
					told, embedded = append(told, r.User.PasswordHash), append(embedded, r.User.User.PasswordHash)
				} else {
					told, embedded = append(told, r.Room.PasswordHash), append(embedded, r.Room.Room.PasswordHash)
				}
			}
		}
		require.Equal(t, told, embedded, "with secrets: %v", secrets)
		for _, hash := range []storage.Secret{"$argon2id$secret", "$argon2id$room"} {
			require.Equal(t, secrets, slices.Contains(told, hash), "with secrets: %v", secrets)
		}
	}
}

func testRawPagesRefused(t *testing.T, f *fixture) {
	f.circle()
	require.NoError(t, f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
		raw := r.(storage.RawReader)
		page, err := raw.RawRecords(ctx, storage.RawQuery{Kind: storage.RawUsers, Limit: 1})
		require.NoError(t, err)
		for _, refused := range []struct {
			field string
			q     storage.RawQuery
		}{
			{"Kind", storage.RawQuery{}},
			{"Kind", storage.RawQuery{Kind: 99}},
			{"Limit", storage.RawQuery{Kind: storage.RawUsers, Limit: -1}},
			{"Cursor", storage.RawQuery{Kind: storage.RawRooms, Cursor: page.Next}},
			{"Cursor", storage.RawQuery{Kind: storage.RawUsers, Secrets: true, Cursor: page.Next}},
			{"Cursor", storage.RawQuery{Kind: storage.RawUsers, Cursor: "x"}},
		} {
			_, err := raw.RawRecords(ctx, refused.q)
			wantErr(t, err, storage.ErrInvalid, refused.field)
		}
		return nil
	}))
}
