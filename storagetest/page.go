package storagetest

import (
	"context"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// pages reads one page of a list that a query makes.
type pages[T any] func(limit int, c storage.Cursor) (storage.Page[T], error)

// userPages, roomPages and memberPages make a reader of pages of a query.
func (f *fixture) userPages(q storage.UserQuery) pages[storage.User] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.User], error) {
		q.Limit, q.Cursor = limit, c
		return f.Users(f.ctx, q)
	}
}

func (f *fixture) roomPages(q storage.RoomQuery) pages[storage.Room] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.Room], error) {
		q.Limit, q.Cursor = limit, c
		return f.Rooms(f.ctx, q)
	}
}

func (f *fixture) memberPages(q storage.MembershipQuery) pages[storage.Membership] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.Membership], error) {
		q.Limit, q.Cursor = limit, c
		return f.Memberships(f.ctx, q)
	}
}

// wantList requires that a list holds exactly these items in this order,
// however large the pages are and whichever way they are walked.
func wantList[T any](t testing.TB, want []T, read pages[T]) {
	t.Helper()
	for limit := 1; limit <= len(want)+1; limit++ {
		wantWalk(t, want, limit, read)
	}
}

// wantWalk requires that pages of one size hold exactly these items, forwards
// and backwards, and that a page has neighbours exactly where there are some.
func wantWalk[T any](t testing.TB, want []T, limit int, read pages[T]) {
	t.Helper()
	var last storage.Page[T]
	cursor := storage.Cursor("")
	for from := 0; from == 0 || from < len(want); from += limit {
		last = wantPage(t, want, from, limit, read, cursor)
		cursor = last.Next
	}
	for from := (len(want) - 1) / limit * limit; from > 0; from -= limit {
		last = wantPage(t, want, from-limit, limit, read, last.Prev)
		if from > limit {
			wantPage(t, want, from, limit, read, last.Next)
		}
	}
}

// wantPage requires that the page at a cursor is the one that begins with
// want[from].
func wantPage[T any](t testing.TB, want []T, from, limit int, read pages[T], c storage.Cursor) storage.Page[T] {
	t.Helper()
	page, err := read(limit, c)
	require.NoError(t, err)
	to := min(from+limit, len(want))
	if from == to {
		require.Empty(t, page.Items, "items %d to %d, pages of %d", from, to, limit)
	} else {
		require.Equal(t, want[from:to], page.Items, "items %d to %d, pages of %d", from, to, limit)
	}
	require.Equal(t, to < len(want), page.HasAfter(), "HasAfter, and Next, of items %d to %d of %d", from, to, len(want))
	require.Equal(t, from > 0, page.HasBefore(), "HasBefore, and Prev, of items %d to %d of %d", from, to, len(want))
	return page
}

// wantLimits holds a list of more than MaxLimit items to what a Limit says.
func wantLimits[T any](t testing.TB, read pages[T]) {
	t.Helper()
	for _, c := range []struct{ limit, want int }{
		{0, storage.DefaultLimit},
		{1, 1},
		{storage.MaxLimit, storage.MaxLimit},
		{storage.MaxLimit + 1, storage.MaxLimit},
		{1 << 40, storage.MaxLimit},
	} {
		page, err := read(c.limit, "")
		require.NoError(t, err)
		assert.Len(t, page.Items, c.want, "Limit %d", c.limit)
		assert.NotEmpty(t, page.Next, "Limit %d", c.limit)
	}
	_, err := read(-1, "")
	wantErr(t, err, storage.ErrInvalid, "Limit")
}

// wantOtherLimit requires that a cursor serves pages of another size, in a
// list of at least five items.
func wantOtherLimit[T any](t testing.TB, want []T, read pages[T]) {
	t.Helper()
	first := wantPage(t, want, 0, 2, read, "")
	rest := wantPage(t, want, 2, len(want), read, first.Next)
	wantPage(t, want, 0, 2, read, rest.Prev)
	third := wantPage(t, want, 2, 1, read, first.Next)

	back, err := read(len(want), third.Prev)
	require.NoError(t, err)
	require.Equal(t, want[:2], back.Items, "a large page before the third item")
	require.Empty(t, back.Prev)
	wantPage(t, want, 2, 2, read, back.Next)
}

// wantTampered requires that a cursor that was changed at any byte, or made up,
// is refused.
func wantTampered[T any](t testing.TB, read pages[T], c storage.Cursor) {
	t.Helper()
	require.NotEmpty(t, c)
	bad := []storage.Cursor{"x", " ", "\x00", "\xff", c + "A", c + "=", c + "\n", c[:1] + "\r\n" + c[1:], " " + c, c + c, c[1:], c[:len(c)-1]}
	for i := range len(c) {
		for _, b := range []byte{c[i] ^ 1, 'A', '_'} {
			if b != c[i] {
				bad = append(bad, c[:i]+storage.Cursor(b)+c[i+1:])
			}
		}
	}
	for _, c := range bad {
		page, err := read(1, c)
		require.ErrorIs(t, err, storage.ErrInvalid, "cursor %q", c)
		wantErr(t, err, storage.ErrInvalid, "Cursor")
		require.Zero(t, page, "a page beside an error")
	}
}

// wantForeign requires that a cursor of another query is refused.
func wantForeign[T any](t testing.TB, read pages[T], others ...storage.Cursor) {
	t.Helper()
	for i, c := range others {
		require.NotEmpty(t, c, "cursor %d", i)
		_, err := read(1, c)
		require.ErrorIs(t, err, storage.ErrInvalid, "cursor %d, of another query", i)
		wantErr(t, err, storage.ErrInvalid, "Cursor")
	}
}

// next returns the cursor behind the first item of a list.
func next[T any](t testing.TB, read pages[T]) storage.Cursor {
	t.Helper()
	page, err := read(1, "")
	require.NoError(t, err)
	require.Equal(t, url.QueryEscape(string(page.Next)), string(page.Next), "a cursor that no URL changes")
	require.NotEmpty(t, page.Next)
	return page.Next
}

// wantSame requires that a list and its count agree with what is wanted.
func wantSame[T any](t testing.TB, want []T, read pages[T], count int64, err error) {
	t.Helper()
	require.NoError(t, err)
	require.Equal(t, int64(len(want)), count, "count")
	wantList(t, want, read)
}

// bulk runs fn in one transaction, for cases that need many records.
func (f *fixture) bulk(fn func(ctx context.Context, tx storage.Tx)) {
	f.t.Helper()
	require.NoError(f.t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		fn(ctx, tx)
		return nil
	}))
}
