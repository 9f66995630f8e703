package storage_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lairchat/lair/storage"
)

const idText = "0190a6e2-7c3f-7abc-8def-0123456789ab"

func TestIDPrintsAndParses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := storage.UserID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		got, err := storage.ParseID[storage.User](want.String())
		require.NoError(t, err)
		assert.Equal(t, want, got)
	})
	id, err := storage.ParseID[storage.Room](strings.ToUpper(idText))
	require.NoError(t, err)
	assert.Equal(t, idText, id.String(), "String() is canonical: lower case")
}

func TestIDRefusesBadText(t *testing.T) {
	for _, s := range []string{
		"", "x", idText[:35], idText + "0", " " + idText, idText + "\n", "{" + idText + "}",
		"urn:uuid:" + idText, strings.ReplaceAll(idText, "-", ""), strings.Replace(idText, "0", "g", 1),
		strings.ReplaceAll(idText, "-", "_"), strings.Repeat("0", 36), strings.Repeat("é", 18),
	} {
		_, err := storage.ParseID[storage.User](s)
		assert.ErrorIs(t, err, storage.ErrInvalid, "ParseID(%q)", s)
		if s == "" {
			continue // which UnmarshalText and Scan take for the zero ID
		}
		id := storage.NewID[storage.User]()
		before := id
		assert.ErrorIs(t, id.UnmarshalText([]byte(s)), storage.ErrInvalid, "UnmarshalText(%q)", s)
		assert.ErrorIs(t, id.Scan("-"+s), storage.ErrInvalid, "Scan(%q)", "-"+s)
		assert.Equal(t, before, id, "a failed read changed the ID")
	}
}

func TestIDInJSON(t *testing.T) {
	type record struct {
		ID    storage.UserID           `json:"id"`
		None  storage.UserID           `json:"none"`
		Named map[storage.RoomID]int64 `json:"named"`
	}
	id, err := storage.ParseID[storage.User](idText)
	require.NoError(t, err)
	want := record{ID: id, Named: map[storage.RoomID]int64{storage.RoomID(id): 1}}

	text, err := json.Marshal(want)
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":"`+idText+`","none":"","named":{"`+idText+`":1}}`, string(text))
	got := record{None: id}
	require.NoError(t, json.Unmarshal(text, &got))
	assert.Equal(t, want, got)
	assert.ErrorIs(t, json.Unmarshal([]byte(`{"id":"nobody"}`), &got), storage.ErrInvalid)
}

func TestIDInDatabases(t *testing.T) {
	want := storage.NewID[storage.Message]()
	value, err := want.Value()
	require.NoError(t, err)
	assert.Equal(t, want[:], value)

	for _, src := range []any{value, want.String(), []byte(want.String())} {
		var got storage.MessageID
		require.NoError(t, got.Scan(src))
		assert.Equal(t, want, got, "Scan(%T)", src)
	}
	for _, src := range []any{nil, "", []byte{}} {
		got := want
		require.NoError(t, got.Scan(src))
		assert.True(t, got.IsZero(), "Scan(%#v)", src)
	}
	for _, src := range []any{int64(1), 1.5, true, time.Now()} {
		got := want
		assert.ErrorIs(t, got.Scan(src), storage.ErrInvalid, "Scan(%T)", src)
		assert.Equal(t, want, got)
	}
	zero, err := storage.MessageID{}.Value()
	require.NoError(t, err)
	assert.Nil(t, zero)
}

func TestIDDoesNotShareWithItsValue(t *testing.T) {
	id := storage.NewID[storage.User]()
	before := id
	value, err := id.Value()
	require.NoError(t, err)
	value.([]byte)[0] ^= 0xff
	assert.Equal(t, before, id)

	src := bytes.Clone(id[:])
	var scanned storage.UserID
	require.NoError(t, scanned.Scan(src))
	src[0] ^= 0xff
	assert.Equal(t, id, scanned)
}

func TestIDTime(t *testing.T) {
	before := time.Now().Truncate(time.Millisecond)
	id := storage.NewID[storage.User]()
	assert.WithinRange(t, id.Time(), before, time.Now())
	assert.Equal(t, time.UTC, id.Time().Location())

	fixed, err := storage.ParseID[storage.User](idText)
	require.NoError(t, err)
	assert.Equal(t, time.UnixMilli(0x0190a6e27c3f).UTC(), fixed.Time())

	assert.Zero(t, storage.UserID{}.Time(), "the zero ID has no time")
	random, err := storage.ParseID[storage.User]("9c5b94b1-35ad-49bb-b118-8e8fc24abf80")
	require.NoError(t, err)
	assert.Zero(t, random.Time(), "a UUID of version 4 has no time")
}

func TestIDOrder(t *testing.T) {
	ids := make([]storage.UserID, 1000)
	for i := range ids {
		ids[i] = storage.NewID[storage.User]()
	}
	assert.True(t, slices.IsSortedFunc(ids, storage.UserID.Compare), "new identifiers rise")
	assert.Len(t, slices.Compact(ids), 1000, "new identifiers differ")

	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) storage.UserID {
			return storage.UserID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, name))
		}
		a, b := draw("a"), draw("b")
		assert.Equal(t, strings.Compare(a.String(), b.String()), a.Compare(b), "Compare agrees with text")
		assert.Zero(t, a.Compare(a))
	})
}
