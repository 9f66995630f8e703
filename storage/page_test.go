package storage_test

import (
	"context"
	"errors"
	"math"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lairchat/lair/storage"
)

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func TestLimit(t *testing.T) {
	for _, tt := range []struct{ limit, want int }{
		{0, storage.DefaultLimit}, {1, 1}, {storage.MaxLimit, storage.MaxLimit},
		{storage.MaxLimit + 1, storage.MaxLimit}, {math.MaxInt, storage.MaxLimit},
	} {
		got, err := storage.Limit(tt.limit)
		require.NoError(t, err)
		assert.Equal(t, tt.want, got, "Limit(%d)", tt.limit)
	}
	for _, limit := range []int{-1, math.MinInt} {
		_, err := storage.Limit(limit)
		assert.ErrorIs(t, err, storage.ErrInvalid, "Limit(%d)", limit)
	}
}

func keysets() *rapid.Generator[storage.Keyset] {
	return rapid.Custom(func(t *rapid.T) storage.Keyset {
		return storage.Keyset{
			Int:  rapid.Int64().Draw(t, "Int"),
			Text: rapid.String().Draw(t, "Text"),
			ID:   [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "ID")),
			Low:  rapid.Int64().Draw(t, "Low"),
			High: rapid.Int64().Draw(t, "High"),
			Back: rapid.Bool().Draw(t, "Back"), Edge: rapid.Bool().Draw(t, "Edge"),
		}
	})
}

func tieTo(t require.TestingT, query any) storage.Tie {
	tie, err := storage.TieTo(query)
	require.NoError(t, err)
	return tie
}

func TestCursorKeepsItsKeyset(t *testing.T) {
	tie := tieTo(t, storage.UserQuery{Text: "ann"})
	rapid.Check(t, func(t *rapid.T) {
		want := keysets().Draw(t, "keyset")
		cursor := want.Cursor(tie)
		assert.Equal(t, string(cursor), url.QueryEscape(string(cursor)), "a cursor survives a URL")
		got, err := storage.ParseCursor(cursor, tie)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	})
}

func TestTamperedCursorIsInvalid(t *testing.T) {
	tie := tieTo(t, storage.UserQuery{})
	for _, k := range []storage.Keyset{
		{},
		{Int: math.MaxInt64, Text: "anna", ID: storage.NewID[storage.User](), Back: true},
		{Text: "a", ID: storage.NewID[storage.User]()}, // lengths of every remainder by 3
		{Text: "ab", ID: storage.NewID[storage.User]()},
	} {
		cursor := string(k.Cursor(tie))
		for i := range cursor {
			for _, c := range base64Alphabet {
				if byte(c) == cursor[i] {
					continue
				}
				changed := cursor[:i] + string(c) + cursor[i+1:]
				if _, err := storage.ParseCursor(storage.Cursor(changed), tie); !errors.Is(err, storage.ErrInvalid) {
					t.Fatalf("ParseCursor with byte %d changed to %q = %v, want ErrInvalid", i, c, err)
				}
			}
		}
	}
}

func TestCursorOfAnotherShapeIsInvalid(t *testing.T) {
	tie := tieTo(t, storage.UserQuery{})
	cursor := string(storage.Keyset{Text: "anna"}.Cursor(tie))
	shapes := []string{"", "x", "not a cursor", "\x00", "é", cursor + cursor, cursor + "=", strings.Repeat("A", 4096)}
	for i := range cursor {
		shapes = append(shapes, cursor[:i], cursor[i+1:], cursor[:i]+cursor[i+1:])
		for _, c := range []string{"A", "\n", "\r", "=", " ", "+", "/", "%"} {
			shapes = append(shapes, cursor[:i]+c+cursor[i:])
		}
	}
	for _, c := range []string{"\n", "\r\n", "\n\n\n\n"} {
		shapes = append(shapes, cursor+c)
	}
	for _, shape := range shapes {
		_, err := storage.ParseCursor(storage.Cursor(shape), tie)
		assert.ErrorIs(t, err, storage.ErrInvalid, "ParseCursor(%q)", shape)
	}
}

func TestCursorIsTiedToItsQuery(t *testing.T) {
	active, id := true, storage.NewID[storage.User]()
	queries := []any{
		storage.UserQuery{},
		storage.UserQuery{Text: "ann"},
		storage.UserQuery{Active: &active},
		storage.UserQuery{Active: new(bool)},
		storage.UserQuery{Roles: []storage.Role{storage.RoleAdmin}},
		storage.UserQuery{Order: storage.UsersByCreation},
		storage.RoomQuery{},
		storage.RoomQuery{Text: "ann"},
		storage.RoomQuery{Creator: id},
		storage.RoomQuery{Member: id},
		storage.MessageQuery{Author: id},
		storage.MembershipQuery{User: id},
	}
	for i, made := range queries {
		cursor := storage.Keyset{Int: 1}.Cursor(tieTo(t, made))
		for j, used := range queries {
			_, err := storage.ParseCursor(cursor, tieTo(t, used))
			if i == j {
				assert.NoError(t, err, "%#v", made)
				continue
			}
			assert.ErrorIs(t, err, storage.ErrInvalid, "a cursor of %#v for %#v", made, used)
		}
	}
	same := true
	assert.Equal(t, tieTo(t, storage.UserQuery{Active: &active}), tieTo(t, storage.UserQuery{Active: &same}), "what a pointer points to counts")
}

// lister is a list of users, five on a page, that counts its pages.
type lister struct {
	pages int
	fails int // the page that fails, from 1
}

var errPage = errors.New("this page fails")

func (l *lister) list(_ context.Context, q storage.UserQuery) (storage.Page[int], error) {
	l.pages++
	if l.pages == l.fails {
		return storage.Page[int]{}, errPage
	}
	page := storage.Page[int]{Next: q.Cursor + "x"}
	for i := range 5 {
		page.Items = append(page.Items, len(q.Cursor)*5+i)
	}
	switch len(q.Cursor) {
	case 1: // short, but there is more
		page.Items = nil
	case 3:
		page.Next = ""
	}
	return page, nil
}

func TestAllWalksEveryPage(t *testing.T) {
	l := &lister{}
	var got []int
	for item, err := range storage.All(t.Context(), l.list, storage.UserQuery{}) {
		require.NoError(t, err)
		got = append(got, item)
	}
	assert.Equal(t, []int{0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}, got)
	assert.Equal(t, 4, l.pages)
}

func TestAllBeginsAtTheCursorOfItsQuery(t *testing.T) {
	l := &lister{}
	for item, err := range storage.All(t.Context(), l.list, storage.UserQuery{Cursor: "xx"}) {
		require.NoError(t, err)
		assert.Equal(t, 10, item)
		break
	}
}

func TestAllIsLazy(t *testing.T) {
	l := &lister{}
	seq := storage.All(t.Context(), l.list, storage.UserQuery{})
	assert.Zero(t, l.pages, "pages read before the walk")
	seen := 0
	for range seq {
		if seen++; seen == 5 {
			break
		}
	}
	assert.Equal(t, 1, l.pages, "pages read for the items of one")

	l.pages = 0
	for item := range seq {
		assert.Zero(t, item, "a second walk begins anew")
		break
	}
}

func TestAllStopsOnError(t *testing.T) {
	l := &lister{fails: 3}
	var items, failures int
	for item, err := range storage.All(t.Context(), l.list, storage.UserQuery{}) {
		if err == nil {
			items++
			continue
		}
		failures++
		assert.ErrorIs(t, err, errPage)
		assert.Zero(t, item)
	}
	assert.Equal(t, 5, items)
	assert.Equal(t, 1, failures, "errors yielded")
	assert.Equal(t, 3, l.pages)
}
