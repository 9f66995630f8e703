package sqlite

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/ext/fts5"

	"github.com/lairchat/lair/storage"
)

// maxValue bounds a string, a blob and a row: what no record reaches, and what
// a group_concat gone wrong can have without using up a connection's memory.
const maxValue = 16 << 20

// maxLog is what is left of a log that has once been longer.
const maxLog = 64 << 20

// source is where connections lead, and how they are set up.
type source struct {
	path    string
	files   string // the name of the file system
	version int64  // of the search index that the program makes
	options Options
}

// uri names the file to SQLite (https://sqlite.org/uri.html).
func (s *source) uri() string {
	path := filepath.ToSlash(s.path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/Users …
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: "vfs=" + url.QueryEscape(s.files)}
	return u.String()
}

// reader opens a connection that cannot write.
func (s *source) reader() (*conn, error) {
	return s.open("PRAGMA query_only = ON;")
}

// writer opens a connection for writing, or for checkpoints.
func (s *source) writer() (*conn, error) { return s.open("") }

// bare opens a connection that nothing is set on.
func (s *source) bare() (*conn, error) {
	flags := sqlite3.OPEN_URI | sqlite3.OPEN_READWRITE
	if s.options.ReadOnly {
		flags = sqlite3.OPEN_URI | sqlite3.OPEN_READONLY
	}
	db, err := openFlags(s.uri(), flags)
	if err != nil {
		return nil, err
	}
	return newConn(db), nil
}

func (s *source) open(pragmas string) (c *conn, err error) {
	c, err = s.bare()
	if err != nil {
		return nil, err
	}
	if err = c.setUp(&s.options); err == nil {
		err = c.exec0(pragmas)
	}
	if err == nil {
		err = c.check(&s.options)
	}
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func openFlags(uri string, flags sqlite3.OpenFlag) (db *sqlite3.Conn, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = panicked(value)
		}
	}()
	db, err = sqlite3.OpenFlags(uri, flags)
	return db, wrap(err)
}

// prepareToLook sets what reading a file that may be anybody's needs.
func (c *conn) prepareToLook(o *Options) (err error) {
	defer c.rescue(&err)
	if err := c.db.BusyTimeout(o.LockWait); err != nil {
		return wrap(err)
	}
	return wrap(c.harden())
}

// setUp sets what must be set anew on each connection: SQLite keeps it
// nowhere.
func (c *conn) setUp(o *Options) (err error) {
	defer c.rescue(&err)
	if err := c.prepareToLook(o); err != nil {
		return err
	}
	if err := fts5.Register(c.db); err != nil {
		return wrap(err)
	}
	return c.exec0(fmt.Sprintf(`
		PRAGMA journal_mode = WAL;
		PRAGMA synchronous = %s;
		PRAGMA wal_autocheckpoint = 0;
		PRAGMA journal_size_limit = %d;
		PRAGMA foreign_keys = ON;
		PRAGMA cell_size_check = ON;
		PRAGMA secure_delete = ON;
		PRAGMA cache_size = -%d;
		PRAGMA mmap_size = %d;
	`, o.Durability.pragma(), maxLog, o.CacheSize>>10, o.MmapSize))
}

// harden makes the connection safe against a file that means harm, and its
// statements independent of the values bound to them: without QPSG they are
// prepared again at each binding once the database has been analysed.
func (c *conn) harden() error {
	for _, set := range []struct {
		option sqlite3.DBConfig
		on     bool
	}{
		{sqlite3.DBCONFIG_DEFENSIVE, true},
		{sqlite3.DBCONFIG_TRUSTED_SCHEMA, false},
		{sqlite3.DBCONFIG_ENABLE_QPSG, true},
		{sqlite3.DBCONFIG_DQS_DML, false},
		{sqlite3.DBCONFIG_DQS_DDL, false},
	} {
		if now, err := c.db.Config(set.option, set.on); err != nil || now != set.on {
			return errors.Join(err, fmt.Errorf("configuration %d is %t", set.option, now))
		}
	}
	c.db.Limit(sqlite3.LIMIT_LENGTH, maxValue)
	return nil
}

// exec0 runs statements that are not worth keeping.
func (c *conn) exec0(sql string) (err error) {
	defer c.rescue(&err)
	return wrap(c.db.Exec(sql))
}

// check reads back what durability hangs on: a pragma that SQLite does not
// follow is no error to it.
func (c *conn) check(o *Options) error {
	for _, want := range []struct{ pragma, value string }{
		{"PRAGMA journal_mode", "wal"},
		{"PRAGMA synchronous", fmt.Sprint(o.Durability.level())},
	} {
		err := c.one(want.pragma, nil, func(r *row) error {
			if got := r.text(); got != want.value {
				return &storage.Error{Kind: storage.ErrUnsupported, Err: fmt.Errorf("%s is %s, not %s", want.pragma, got, want.value)}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d Durability) pragma() string {
	if d == DurabilityNormal {
		return "NORMAL"
	}
	return "FULL"
}

// level is the pragma's value as it reads back.
func (d Durability) level() int {
	if d == DurabilityNormal {
		return 1
	}
	return 2
}
