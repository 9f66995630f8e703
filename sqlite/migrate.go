package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/ext/fts5"
	"github.com/ncruces/go-sqlite3/ext/serdes"
	"github.com/pressly/goose/v3"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// embedded are the migrations, up and down, in goose's form: its program can
// run them too.
//
//go:embed migrations/*.sql
var embedded embed.FS

// migrations is the folder of the migrations.
func migrations() fs.FS {
	dir, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return dir
}

// applicationID marks a database as ours, in its header: "lair". The first
// migration writes it
// (https://sqlite.org/pragma.html#pragma_application_id).
const applicationID = 0x6C616972

// emptyDatabase returns the bytes of a database that has the schema of this
// program and no content. It is made once.
var emptyDatabase = sync.OnceValues(func() (image []byte, err error) {
	db, err := openFlags(":memory:", sqlite3.OPEN_READWRITE)
	if err != nil {
		return nil, err
	}
	c := newConn(db)
	defer func() { err = errors.Join(err, c.close()) }()
	if err := fts5.Register(db); err != nil {
		return nil, wrap(err)
	}
	sqlDB := newDB(c)
	defer sqlDB.Close()
	if err := migrateUp(context.Background(), sqlDB, migrations()); err != nil {
		return nil, err
	}
	if err := c.makeIndex(backend.SearchVersion); err != nil {
		return nil, err
	}
	return c.serialize()
})

// makeIndex makes the search index of a version in a database that nobody else
// has, in place of what the migrations made.
func (c *conn) makeIndex(version int64) error {
	r := newRows(c, newShared(version), true)
	for more := true; more; {
		var err error
		if more, err = r.makeIndex(batchRows); err != nil {
			return err
		}
	}
	return nil
}

// serialize returns a database's file, which says that it has a write-ahead
// log (https://sqlite.org/fileformat2.html#file_format_version_numbers): then
// nobody has to change the journal mode of a file that others open, too.
func (c *conn) serialize() (image []byte, err error) {
	defer c.rescue(&err)
	image, err = serdes.Serialize(c.db, "main")
	if err != nil {
		return nil, wrap(err)
	}
	image[18], image[19] = 2, 2
	return image, nil
}

// latestSchema returns the version of the schema that this program makes.
var latestSchema = sync.OnceValues(func() (int64, error) {
	p, err := goose.NewProvider(goose.DialectSQLite3, new(sql.DB), migrations(), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return 0, err
	}
	sources := p.ListSources()
	return sources[len(sources)-1].Version, nil
})

// migrateUp brings a database up to date.
func migrateUp(ctx context.Context, db *sql.DB, dir fs.FS) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// migrator opens the file for a migration. Foreign keys are not enforced
// meanwhile, since a table is changed by making another in its place
// (https://sqlite.org/lang_altertable.html, section 7).
func (s *source) migrator() (*conn, error) { return s.open("PRAGMA foreign_keys = OFF;") }

// migrate brings the schema of an existing file up to date. Another process
// may be doing so at the same time: then one of the two finds the change made,
// and looks again.
func (s *source) migrate(ctx context.Context, dir fs.FS) (err error) {
	c, err := s.migrator()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	db := newDB(c)
	defer db.Close()
	for {
		before, err := c.schemaVersion()
		if err = cmp.Or(err, ctx.Err()); err != nil {
			return err
		}
		// A context that ended would have database/sql roll back from another
		// goroutine.
		failed := migrateUp(context.WithoutCancel(ctx), db, dir)
		if failed == nil {
			return c.checkForeignKeys()
		}
		if after, err := c.schemaVersion(); err != nil || after == before {
			return failed
		}
	}
}

const schemaVersionSQL = `
	SELECT ifnull(max(version_id), 0)
	FROM goose_db_version
	WHERE is_applied`

func (c *conn) schemaVersion() (version int64, err error) {
	err = c.one(schemaVersionSQL, nil, func(r *row) error {
		version = r.int()
		return nil
	})
	return version, err
}

func (c *conn) checkForeignKeys() error {
	return c.query(`SELECT "table" FROM pragma_foreign_key_check`, nil, func(r *row) error {
		return &storage.Error{Kind: storage.ErrCorrupt, Err: fmt.Errorf("dangling reference in table %s", r.text())}
	})
}

// identify refuses the database of another program, and returns the version
// of the schema.
func (c *conn) identify() (version int64, err error) {
	err = c.one("PRAGMA application_id", nil, func(r *row) error {
		if r.int() != applicationID {
			return storage.Invalid("path", "a database of another program")
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return c.schemaVersion()
}
