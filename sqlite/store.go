package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// Store is a store in a SQLite file.
type Store struct {
	*backend.Store
	engine *engine
}

var _ storage.Store = (*Store)(nil)

// Open opens the store in the file at path. It makes the file if there is
// none, and brings the schema of an older one up to date; a newer one is
// storage.ErrSchemaTooNew. opts may be nil.
//
// An empty file, and one that is not a store, are refused.
func Open(ctx context.Context, path string, opts *Options) (*Store, error) {
	e, err := open(ctx, path, opts, vfsName, backend.SearchVersion)
	if err != nil {
		return nil, storage.WithOp("open", err)
	}
	s := &Store{backend.New(e, e.source.options.Options), e}
	unswept, err := e.unswept(ctx)
	if err != nil {
		return nil, storage.WithOp("open", errors.Join(err, s.Close()))
	}
	if err := e.foldLog(ctx); err != nil {
		return nil, storage.WithOp("open", errors.Join(err, s.Close()))
	}
	if unswept {
		backend.Resume(ctx, s.Store)
	}
	return s, nil
}

// unswept reports whether a crash has left messages of deleted rooms. It does
// not ask for the writer, which another process may hold for long.
func (e *engine) unswept(ctx context.Context) (left bool, err error) {
	if e.writer == nil {
		return false, nil
	}
	err = e.Read(ctx, func(r backend.Rows) error {
		return r.(*rows).c.query(deletedRoomSQL, nil, func(*row) error {
			left = true
			return nil
		})
	})
	return left, err
}

// open is Open with another file system, and as a program whose search index is
// of some version.
func open(ctx context.Context, path string, opts *Options, files string, version int64) (*engine, error) {
	if opts == nil {
		opts = new(Options)
	}
	o := opts.withDefaults()
	if err := o.validate(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := &source{files: files, options: o, version: version}
	if err := s.locate(path); err != nil {
		return nil, err
	}
	c, err := s.prepare(ctx)
	if err != nil {
		return nil, err
	}
	return newEngine(s, c)
}

// locate finds the file, or makes it.
func (s *source) locate(path string) (err error) {
	if path == "" || path == ":memory:" || strings.ContainsRune(path, 0) {
		return storage.Invalid("path", "not the name of a file")
	}
	if s.path, err = filepath.Abs(path); err != nil {
		return storage.Invalid("path", err.Error())
	}
	info, err := os.Stat(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && s.options.ReadOnly:
		return &storage.Error{Field: "path", Kind: storage.ErrNotFound, Err: err}
	case errors.Is(err, fs.ErrNotExist):
		return s.create()
	case err != nil:
		return &storage.Error{Field: "path", Kind: storage.ErrConnection, Err: err}
	case !info.Mode().IsRegular():
		return storage.Invalid("path", "not a regular file")
	case info.Size() == 0:
		return storage.Invalid("path", "an empty file: remove it to have a store made in its place")
	}
	s.path, err = filepath.EvalSymlinks(s.path) // the log stands beside the file itself
	return err
}

// prepare returns a connection to the file, whose schema is the program's.
func (s *source) prepare(ctx context.Context) (*conn, error) {
	latest, err := latestSchema()
	if err != nil {
		return nil, err
	}
	version, err := s.identify()
	if err != nil {
		return nil, err
	}
	if version < latest {
		if s.options.ReadOnly || s.options.NoMigrate {
			return nil, &storage.Error{Kind: storage.ErrUnsupported, Err: versions(version, latest)}
		}
		if err := s.migrate(ctx, migrations()); err != nil {
			return nil, err
		}
		if version, err = s.identify(); err != nil { // by a newer program, meanwhile
			return nil, err
		}
	}
	if version > latest {
		return nil, &storage.Error{Kind: storage.ErrSchemaTooNew, Err: versions(version, latest)}
	}
	return s.writer()
}

// identify returns the version of the file's schema. It changes nothing: the
// file may be another program's.
func (s *source) identify() (version int64, err error) {
	c, err := s.bare()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.prepareToLook(&s.options); err != nil {
		return 0, err
	}
	return c.identify()
}

// versions says which schemas do not fit.
func versions(file, program int64) error {
	return fmt.Errorf("the file's schema is version %d, the program's %d", file, program)
}

// engine implements backend.Engine.
type engine struct {
	source  *source
	shared  *shared
	pool    *pool
	writer  *writer       // nil: read-only
	log     *checkpointer // nil: read-only
	indexer *indexer      // nil: the search index is whole, or read-only
	version string        // SQLite's
}

var (
	_ backend.Engine = (*engine)(nil)
	_ backend.Shared = (*engine)(nil)
)

// newEngine takes over a connection that may write, unless the store is
// read-only.
func newEngine(s *source, c *conn) (*engine, error) {
	version, err := c.libVersion()
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	e := &engine{source: s, shared: newShared(s.version), version: version}
	e.pool = newPool(s.options.Readers, s.options.ReaderWait, e.openReader)
	if s.options.ReadOnly {
		return e, c.close()
	}
	stale, err := newRows(c, e.shared, false).stale()
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	e.log = newCheckpointer(s)
	e.writer = &writer{source: s, shared: e.shared, log: e.log}
	if err := e.writer.adopt(c); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	if stale {
		e.indexer = newIndexer(e)
	}
	return e, nil
}

func (e *engine) openReader() (*reader, error) {
	c, err := e.source.reader()
	if err != nil {
		return nil, err
	}
	return &reader{c: c, rows: newRows(c, e.shared, false)}, nil
}

// Read implements backend.Engine.
func (e *engine) Read(ctx context.Context, fn func(backend.Rows) error) error {
	r, err := e.pool.acquire(ctx)
	if err != nil {
		return err
	}
	defer e.pool.release(r)
	return fn(r.rows)
}

// Snapshot implements backend.Engine. A transaction sees the moment of its
// first read, so that is made at once.
func (e *engine) Snapshot(ctx context.Context, fn func(backend.Rows) error) error {
	r, err := e.pool.acquire(ctx)
	if err != nil {
		return err
	}
	defer e.pool.release(r)
	if err := r.c.exec(`BEGIN DEFERRED`, nil); err != nil {
		return err
	}
	if err := r.c.exec(`SELECT 1 FROM sqlite_schema LIMIT 1`, nil); err != nil {
		return err
	}
	return fn(r.rows)
}

// Write implements backend.Engine.
func (e *engine) Write(ctx context.Context, fn func(backend.Rows) error) (int, error) {
	return e.write(ctx, fn, false)
}

// Update implements backend.Engine.
func (e *engine) Update(ctx context.Context, fn func(backend.Rows) error) (int, error) {
	return e.write(ctx, fn, true)
}

func (e *engine) write(ctx context.Context, fn func(backend.Rows) error, own bool) (int, error) {
	if e.writer == nil {
		return 0, &storage.Error{Kind: storage.ErrReadOnly}
	}
	return e.writer.write(ctx, fn, own)
}

// Shared implements backend.Shared.
func (e *engine) Shared() {}

// Close implements backend.Engine.
func (e *engine) Close() error {
	if e.indexer != nil {
		e.indexer.close()
	}
	err := e.pool.close()
	if e.writer != nil {
		e.log.close()
		err = errors.Join(err, e.writer.close())
	}
	return err
}
