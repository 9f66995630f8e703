package storage_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/memory"
	"github.com/lairchat/lair/storage"
)

// rawless is a store whose backend knows of no raw records.
type rawless struct{ storage.Store }

func (s rawless) View(ctx context.Context, fn func(context.Context, storage.Reader) error) error {
	return s.Store.View(ctx, func(ctx context.Context, r storage.Reader) error { return fn(ctx, struct{ storage.Reader }{r}) })
}

func (s rawless) Update(ctx context.Context, fn func(context.Context, storage.Tx) error) error {
	return s.Store.Update(ctx, func(ctx context.Context, tx storage.Tx) error { return fn(ctx, struct{ storage.Tx }{tx}) })
}

func TestDumpUnsupported(t *testing.T) {
	t.Parallel()
	s := rawless{memory.New(nil)}
	defer func() { require.NoError(t, s.Close()) }()
	var e *storage.Error
	_, err := storage.Dump(t.Context(), s, io.Discard, storage.DumpOptions{})
	require.ErrorAs(t, err, &e)
	require.Equal(t, []any{"dump", storage.ErrUnsupported}, []any{e.Op, e.Kind})
	for _, o := range []storage.LoadOptions{{}, {Merge: true}} {
		_, err = storage.Load(t.Context(), s, bytes.NewReader(nil), o)
		require.ErrorAs(t, err, &e)
		require.Equal(t, []any{"load", storage.ErrUnsupported}, []any{e.Op, e.Kind})
	}
}

// full is a writer that takes no more than so many bytes, and a reader that fails
// behind them.
type full int

var errFull = errors.New("full")

func (f *full) Write(p []byte) (int, error) {
	if *f -= full(len(p)); *f < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func (f *full) Read(p []byte) (int, error) { return 0, errFull }

// What is no fault of the store's is told as it is.
func TestDumpToAndFromWhatFails(t *testing.T) {
	t.Parallel()
	s := memory.New(nil)
	defer func() { require.NoError(t, s.Close()) }()
	for i := range 1000 {
		key := string(rune('a'+i/100)) + string(rune('a'+i/10%10)) + string(rune('a'+i%10))
		require.NoError(t, s.SetConfig(t.Context(), &storage.Config{Key: key, Value: "x"}))
	}
	for _, room := range []full{0, 1000, 70_000} {
		_, err := storage.Dump(t.Context(), s, &room, storage.DumpOptions{})
		require.ErrorIs(t, err, errFull)
		require.ErrorIs(t, err, storage.ErrQuery)
	}
	var b bytes.Buffer
	_, err := storage.Dump(t.Context(), s, &b, storage.DumpOptions{})
	require.NoError(t, err)
	to := memory.New(nil)
	defer func() { require.NoError(t, to.Close()) }()
	_, err = storage.Load(t.Context(), to, io.MultiReader(bytes.NewReader(b.Bytes()[:5000]), new(full)), storage.LoadOptions{})
	require.ErrorIs(t, err, errFull)
	require.ErrorIs(t, err, storage.ErrQuery)
}
