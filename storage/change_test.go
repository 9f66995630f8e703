package storage_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func TestChangeQueries(t *testing.T) {
	for _, q := range []interface{ Validate() error }{
		storage.ChangeQuery{},
		storage.ChangeQuery{After: 1, Kinds: []storage.ChangeKind{storage.ChangeUserCreated, storage.ChangeSanctionLifted}},
		storage.ChangeQuery{After: 1, Limit: 2}.WithCursor("x"),
		storage.ChangePrune{Age: 1},
		storage.ChangePrune{Keep: 1},
		storage.ChangePrune{Age: time.Hour, Keep: 1, PastConsumers: true},
		storage.MaintainOptions{ChangesFor: time.Hour, ChangesKeep: 1},
	} {
		assert.NoError(t, q.Validate(), "%+v", q)
	}
	next := storage.ChangeQuery{After: 7, Room: someRoom, Limit: 2}.WithCursor("x")
	assert.Equal(t, storage.ChangeQuery{Room: someRoom, Limit: 2, Cursor: "x"}, next)
}

// What is unset is not written, so that a change of a message stays short.
func TestChangeJSON(t *testing.T) {
	c := storage.Change{
		Position: 3, Tx: 2, At: noon, Kind: storage.ChangeMessagesPurged, RoomID: someRoom,
		Purged: []storage.SeqRange{{First: 1, Last: 4}},
	}
	text, err := json.Marshal(c)
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(text, &fields))
	assert.Len(t, fields, 6)
	assert.Equal(t, "messages_purged", fields["kind"])
	var back storage.Change
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, c, back)
}
