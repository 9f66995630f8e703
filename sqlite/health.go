package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/lairchat/lair/storage"
)

// The oldest SQLite that is safe to use: before it, a log that was reset could
// damage the database, and a crafted search index the program
// (CVE-2026-11822).
const (
	oldestSQLite     = 3_053_002
	oldestSQLiteText = "3.53.2"
)

// libVersion returns the version of SQLite, and refuses one that is too old.
func (c *conn) libVersion() (version string, err error) {
	err = c.one(`SELECT sqlite_version()`, nil, func(r *row) error {
		version = r.text()
		return nil
	})
	if err != nil {
		return "", err
	}
	if number, err := versionNumber(version); err != nil || number < oldestSQLite {
		return "", &storage.Error{
			Kind: storage.ErrUnsupported,
			Err:  errors.Join(fmt.Errorf("SQLite %s is older than %s", version, oldestSQLiteText), err),
		}
	}
	return version, nil
}

// versionNumber returns 3.54.1 as 3054001 (https://sqlite.org/versionnumbers.html).
func versionNumber(text string) (int, error) {
	var major, minor, patch int
	_, err := fmt.Sscanf(text, "%d.%d.%d", &major, &minor, &patch)
	return major*1_000_000 + minor*1_000 + patch, err
}

// Health implements backend.Engine.
func (e *engine) Health(ctx context.Context) (storage.Health, error) {
	h := storage.Health{Backend: "sqlite " + e.version}
	r, err := e.pool.acquire(ctx)
	if err != nil {
		return storage.Health{}, err
	}
	h.SchemaVersion, err = r.c.identify()
	if err == nil {
		h.Reindexing, h.Reindexed, err = r.rows.reindexed()
	}
	e.pool.release(r)
	if err != nil {
		return storage.Health{}, err
	}
	if h.Size, err = fileSize(e.source.path); err != nil {
		return storage.Health{}, err
	}
	if h.LogSize, err = fileSize(e.source.path + "-wal"); err != nil {
		return storage.Health{}, err
	}
	h.Readers, h.ReadersBusy = e.pool.busy()
	if e.writer != nil {
		h.Waiting = e.writer.waiting()
		h.CheckpointError = e.log.err()
	}
	if h.Reindexing && e.indexer != nil {
		h.ReindexError = e.indexer.err()
	}
	return h, nil
}

// fileSize returns 0 for a file that is not there.
func fileSize(name string) (int64, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, &storage.Error{Kind: storage.ErrConnection, Err: err}
	}
	return info.Size(), nil
}
