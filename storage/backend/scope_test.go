package backend

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// storage.Authorize asks whatever it reads from for the time. A store tells the
// present, a transaction and a snapshot the moment when they began.
func TestReadersTellTheTime(t *testing.T) {
	now := time.Date(2026, time.March, 29, 12, 0, 0, 123456789, time.UTC)
	o := storage.Options{Now: func() time.Time { return now }}.WithDefaults()
	began := storage.Timestamp(now)
	tx := newTx(nil, began, &o)
	readers := map[string]storage.Reader{"a Tx": tx, "a Reader of View": tx.reader, "a Store": New(nil, o)}
	now = now.Add(time.Hour)
	for name, r := range readers {
		clock, ok := r.(interface{ Now() time.Time })
		require.True(t, ok, "%s tells no time", name)
		want := began
		if name == "a Store" {
			want = storage.Timestamp(now)
		}
		assert.Equal(t, want, clock.Now(), name)
	}
}
