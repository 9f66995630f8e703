package storage_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func TestOptionsHaveDefaults(t *testing.T) {
	o := storage.Options{}.WithDefaults()
	assert.WithinDuration(t, time.Now(), o.Now(), time.Minute)
	assert.NotEqual(t, o.NewUUID(), o.NewUUID())
	require.NotNil(t, o.Logger)
	assert.False(t, o.Logger.Enabled(t.Context(), slog.LevelError), "nobody is told")
	assert.Nil(t, o.Observe)
}

func TestOptionsThatAreGivenStay(t *testing.T) {
	id := [16]byte{15: 1}
	logger := slog.New(slog.DiscardHandler)
	observed := 0
	o := storage.Options{
		Now: func() time.Time { return noon }, NewUUID: func() [16]byte { return id },
		Logger: logger, Observe: func(context.Context, storage.Op) { observed++ },
	}.WithDefaults()
	assert.Equal(t, noon, o.Now())
	assert.Equal(t, id, o.NewUUID())
	assert.Same(t, logger, o.Logger)
	o.Observe(t.Context(), storage.Op{})
	assert.Equal(t, 1, observed)
}
