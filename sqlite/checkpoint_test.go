package sqlite

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage/backend"
)

// logSize returns the length of the log, in bytes.
func logSize(t *testing.T, e *engine) int64 {
	t.Helper()
	size, err := fileSize(e.source.path + "-wal")
	require.NoError(t, err)
	return size
}

func TestCheckpointEmptiesLog(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	_, err := e.Write(t.Context(), put("a"))
	require.NoError(t, err)
	require.Positive(t, logSize(t, e))
	require.NoError(t, e.checkpoint(t.Context()))
	assert.Zero(t, logSize(t, e))
	_, err = e.Write(t.Context(), put("b"))
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, stored(t, e))
}

// TestCheckpointWaitsForReaders and lets writers go on meanwhile.
func TestCheckpointWaitsForReaders(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	_, err := e.Write(t.Context(), put("a"))
	require.NoError(t, err)
	release := occupy(t, e, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	assert.ErrorIs(t, e.checkpoint(ctx), context.DeadlineExceeded)

	done := make(chan error, 1)
	go func() { done <- e.checkpoint(t.Context()) }()
	_, err = e.Write(t.Context(), put("b"))
	assert.NoError(t, err)
	release()
	assert.NoError(t, <-done)
}

// TestLogStaysShort writes much more than the log is to hold.
func TestLogStaysShort(t *testing.T) {
	t.Parallel()
	e := openEngine(t, &Options{Durability: DurabilityNormal})
	const blob = 40 << 12 // 40 pages
	var longest int64
	for i := range 600 {
		_, err := e.Write(t.Context(), write(fmt.Sprint(i), blob))
		require.NoError(t, err)
		_, err = e.Write(t.Context(), execute(`DELETE FROM counters WHERE value = 1`))
		require.NoError(t, err)
		longest = max(longest, logSize(t, e))
	}
	assert.Less(t, longest, int64(3*slotPages*4096))
}

// TestGauge is due once for each step that the log grows.
func TestGauge(t *testing.T) {
	t.Parallel()
	var g gauge
	for _, c := range []struct {
		pages int
		due   bool
	}{{50, false}, {100, true}, {150, false}, {200, true}, {300, true}, {3, false}, {99, false}, {103, true}} {
		g.read(c.pages)
		assert.Equal(t, c.due, g.due(100), "at %d pages", c.pages)
	}
}

func TestCloseEmptiesLog(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	_, err := e.Write(t.Context(), put("a"))
	require.NoError(t, err)
	require.NoError(t, e.Read(t.Context(), nothing))
	require.NoError(t, e.Close())
	assert.NoFileExists(t, e.source.path+"-wal")
	assert.NoFileExists(t, e.source.path+"-shm")
}

// TestSoloTurn takes its turn between two groups.
func TestSoloTurn(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	c := hold(t, e)
	before := c.queue(e.Write, put("a"))
	solo := c.queue(func(ctx context.Context, _ func(backend.Rows) error) (int, error) {
		return 0, e.checkpoint(ctx)
	}, nil)
	after := c.queue(e.Write, put("b"))
	c.release()
	assert.NoError(t, solo.err)
	assert.Equal(t, 2, before.group)
	assert.Equal(t, 1, after.group)
}
