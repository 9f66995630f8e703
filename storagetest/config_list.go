package storagetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// configPages makes a reader of pages of a query.
func (f *fixture) configPages(q storage.ConfigQuery) pages[storage.Config] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.Config], error) {
		q.Limit, q.Cursor = limit, c
		return f.ConfigValues(f.ctx, q)
	}
}

// configuredKeys stores settings and returns them in the order of their keys.
func (f *fixture) configuredKeys(keys ...string) []storage.Config {
	f.t.Helper()
	var all []storage.Config
	for _, key := range keys {
		all = append(all, f.configure(key, "value of "+key))
	}
	slices.SortFunc(all, func(a, b storage.Config) int { return strings.Compare(a.Key, b.Key) })
	return all
}

func testConfigList(t *testing.T, f *fixture) {
	wantList(t, nil, f.configPages(storage.ConfigQuery{}))
	want := f.configuredKeys("mail.port", "Motd", "mail", "mail.host", "motd", "ärger", "zoo", "MAIL", "!")
	wantList(t, want, f.configPages(storage.ConfigQuery{}))
	wantOtherLimit(t, want, f.configPages(storage.ConfigQuery{}))
}

func testConfigPrefix(t *testing.T, f *fixture) {
	all := f.configuredKeys(
		"mail", "mail.port", "mail.host", "mail.\U0010ffff", "mail.\U0010ffff.x", "Mail.host", "mai", "mail/", "mail-", "mailx",
		"m_il.x", "m%", "\U0010ffff", "\U0010ffffa", "é", "e",
	)
	for _, prefix := range []string{
		"", "m", "mail", "mail.", "mail.port", "mail.port.x", "M", "m_", "m%", "\U0010ffff", "mail.\U0010ffff", "é", "x", " ",
	} {
		var want []storage.Config
		for _, c := range all {
			if strings.HasPrefix(c.Key, prefix) {
				want = append(want, c)
			}
		}
		wantList(t, want, f.configPages(storage.ConfigQuery{Prefix: prefix}))
	}
}

func testConfigListLive(t *testing.T, f *fixture) {
	all := f.configuredKeys("a", "b", "c", "d", "e")
	read := f.configPages(storage.ConfigQuery{})
	first := wantPage(t, all, 0, 2, read, "")
	require.NoError(t, f.DeleteConfig(f.ctx, "b"))
	require.NoError(t, f.DeleteConfig(f.ctx, "c"))
	f.configuredKeys("aa", "cc")
	second, err := read(2, first.Next)
	require.NoError(t, err)
	require.Equal(t, []string{"cc", "d"}, []string{second.Items[0].Key, second.Items[1].Key})
	back, err := read(2, second.Prev)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "aa"}, []string{back.Items[0].Key, back.Items[1].Key})
}

func testConfigListLimits(t *testing.T, f *fixture) {
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for n := range storage.MaxLimit + 1 {
			require.NoError(t, tx.SetConfig(ctx, &storage.Config{Key: fmt.Sprint("key.", n)}))
		}
	})
	wantLimits(t, f.configPages(storage.ConfigQuery{}))
}

func testConfigListCursors(t *testing.T, f *fixture) {
	f.configuredKeys("a", "ab", "abc", "b")
	read := f.configPages(storage.ConfigQuery{Prefix: "a"})
	wantTampered(t, read, next(t, read))
	wantForeign(t, read,
		next(t, f.configPages(storage.ConfigQuery{})),
		next(t, f.configPages(storage.ConfigQuery{Prefix: "ab"})),
	)
}

func testConfigListRefused(t *testing.T, f *fixture) {
	for _, prefix := range append([]string{of(storage.MaxConfigKey + 1)}, refusedTexts...) {
		_, err := f.ConfigValues(f.ctx, storage.ConfigQuery{Prefix: prefix})
		wantErr(t, err, storage.ErrInvalid, "Prefix")
	}
	_, err := f.ConfigValues(f.ctx, storage.ConfigQuery{Limit: -1})
	wantErr(t, err, storage.ErrInvalid, "Limit")
}
