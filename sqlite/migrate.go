package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/ncruces/go-sqlite3"
	sqldriver "github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/ext/fts5"
	"github.com/ncruces/go-sqlite3/ext/serdes"
	"github.com/pressly/goose/v3"

	"github.com/lairchat/lair/storage"
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

// applicationID marks a database as ours, in its header: "lair"
// (https://sqlite.org/pragma.html#pragma_application_id).
const applicationID = 0x6C616972

// emptyDatabase returns the bytes of a database that has the schema of this
// program and no content. It is made once.
var emptyDatabase = sync.OnceValues(func() ([]byte, error) {
	ctx := context.Background()
	db, err := sqldriver.Open(":memory:", func(c *sqlite3.Conn) error {
		return errors.Join(fts5.Register(c), c.Exec(fmt.Sprintf("PRAGMA application_id = %d", applicationID)))
	})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // another would be another database
	if err := migrateUp(ctx, db, migrations()); err != nil {
		return nil, err
	}
	return serialize(ctx, db)
})

// serialize returns a database's file, which says that it has a write-ahead
// log (https://sqlite.org/fileformat2.html#file_format_version_numbers): then
// nobody has to change the journal mode of a file that others open, too.
func serialize(ctx context.Context, db *sql.DB) (image []byte, err error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	err = c.Raw(func(c any) (err error) {
		image, err = serdes.Serialize(c.(sqldriver.Conn).Raw(), "main")
		return err
	})
	if err == nil {
		image[18], image[19] = 2, 2
	}
	return image, err
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

// database opens the file for a migration. Foreign keys are not enforced
// meanwhile, since a table is changed by making another in its place
// (https://sqlite.org/lang_altertable.html, section 7).
func (s *source) database() (*sql.DB, error) {
	return sqldriver.Open(s.uri()+"&_txlock=immediate", func(db *sqlite3.Conn) error {
		c := newConn(db)
		if err := c.setUp(&s.options); err != nil {
			return err
		}
		return c.exec0("PRAGMA foreign_keys = OFF;")
	})
}

// migrate brings the schema of an existing file up to date. Another process
// may be doing so at the same time: then one of the two finds the change made,
// and looks again.
func (s *source) migrate(ctx context.Context, dir fs.FS) error {
	db, err := s.database()
	if err != nil {
		return wrap(err)
	}
	defer db.Close()
	for {
		before, err := schemaVersion(ctx, db)
		if err != nil {
			return wrap(err)
		}
		failed := migrateUp(ctx, db, dir)
		if failed == nil {
			return wrap(checkForeignKeys(ctx, db))
		}
		if after, err := schemaVersion(ctx, db); err != nil || after == before {
			return wrap(failed)
		}
	}
}

const schemaVersionSQL = `
	SELECT ifnull(max(version_id), 0)
	FROM goose_db_version
	WHERE is_applied`

func schemaVersion(ctx context.Context, db *sql.DB) (version int64, err error) {
	err = db.QueryRowContext(ctx, schemaVersionSQL).Scan(&version)
	return version, err
}

func checkForeignKeys(ctx context.Context, db *sql.DB) error {
	var table string
	err := db.QueryRowContext(ctx, `SELECT "table" FROM pragma_foreign_key_check`).Scan(&table)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		err = &storage.Error{Kind: storage.ErrCorrupt, Err: fmt.Errorf("dangling reference in table %s", table)}
	}
	return err
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
	err = c.one(schemaVersionSQL, nil, func(r *row) error {
		version = r.int()
		return nil
	})
	return version, err
}
