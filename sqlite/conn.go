package sqlite

import (
	"errors"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/lairchat/lair/storage"
)

// maxStatements bounds a connection's cache: queries that are built have many
// shapes. Those of the hot paths are used so often that they are never the
// oldest.
const maxStatements = 256

// conn is a connection with its prepared statements. It serves one goroutine
// at a time.
type conn struct {
	db     *sqlite3.Conn
	stmts  map[string]*stmt
	uses   uint64                          // statements run so far: the clock of the cache
	fault  error                           // the last error other than a constraint's
	broken bool                            // not to be used again
	within bool                            // a transaction of the writer's has begun
	lost   bool                            // SQLite has rolled it back: a statement would run outside of any
	parsed map[string]storage.RoomSettings // what some texts say (json.go)
}

func newConn(db *sqlite3.Conn) *conn {
	return &conn{db: db, stmts: make(map[string]*stmt), parsed: make(map[string]storage.RoomSettings)}
}

// exec runs a statement to its end. bind may be nil.
func (c *conn) exec(sql string, bind func(*args)) error {
	s, err := c.stmt(sql)
	if err != nil {
		return err
	}
	defer s.release()
	if err := s.bind(bind); err != nil {
		return err
	}
	return s.run()
}

// query calls scan for each row, in order. An error of scan ends it and is
// returned as it is.
func (c *conn) query(sql string, bind func(*args), scan func(*row) error) error {
	s, err := c.stmt(sql)
	if err != nil {
		return err
	}
	defer s.release()
	if err := s.bind(bind); err != nil {
		return err
	}
	for {
		found, err := s.step()
		if err != nil || !found {
			return err
		}
		if err := s.scan(scan); err != nil {
			return err
		}
	}
}

// one calls scan for the first row, and returns storage.ErrNotFound if there
// is none.
func (c *conn) one(sql string, bind func(*args), scan func(*row) error) error {
	s, err := c.stmt(sql)
	if err != nil {
		return err
	}
	defer s.release()
	if err := s.bind(bind); err != nil {
		return err
	}
	found, err := s.step()
	if err != nil {
		return err
	}
	if !found {
		return storage.ErrNotFound
	}
	return s.scan(scan)
}

// scan gives the present row to a function.
func (s *stmt) scan(scan func(*row) error) error {
	err := scan(&s.row)
	if s.row.err != nil {
		return s.row.err
	}
	return err
}

// changes returns the number of rows that the last statement changed.
func (c *conn) changes() int64 { return c.db.Changes() }

// idle tells whether no transaction is open.
func (c *conn) idle() bool { return c.db.GetAutocommit() }

// stmt takes a statement from the cache, or prepares it. A text that is being
// used further up the stack has more statements than one.
func (c *conn) stmt(sql string) (*stmt, error) {
	if c.broken {
		return nil, &storage.Error{Kind: storage.ErrConnection, Err: c.fault}
	}
	if c.lost {
		return nil, c.fault
	}
	c.uses++
	first := c.stmts[sql]
	for s := first; s != nil; s = s.next {
		if !s.busy {
			s.busy, s.used = true, c.uses
			return s, nil
		}
	}
	s, err := c.prepare(sql)
	if err != nil {
		return nil, err
	}
	s.next = first
	c.evict()
	c.stmts[sql] = s
	return s, nil
}

func (c *conn) prepare(sql string) (s *stmt, err error) {
	defer c.rescue(&err)
	st, tail, err := c.db.PrepareFlags(sql, sqlite3.PREPARE_PERSISTENT)
	if err != nil {
		return nil, c.fail(err)
	}
	if st == nil || strings.TrimSpace(tail) != "" {
		return nil, errors.Join(c.fail(sqlite3.MISUSE), st.Close()) // not one statement
	}
	return &stmt{c: c, st: st, sql: sql, busy: true, used: c.uses}, nil
}

// evict makes room in the cache by closing what was not used for the longest
// time.
func (c *conn) evict() {
	if len(c.stmts) < maxStatements {
		return
	}
	var oldest *stmt
	for _, s := range c.stmts {
		if !s.busy && s.next == nil && (oldest == nil || s.used < oldest.used) {
			oldest = s
		}
	}
	if oldest != nil {
		delete(c.stmts, oldest.sql)
		c.finalize(oldest.st)
	}
}

// finalize frees a statement. Its error is that of its last run.
func (c *conn) finalize(st *sqlite3.Stmt) {
	var err error
	defer c.rescue(&err)
	st.Close()
}

// fail makes the error of a call of SQLite ours, and remembers what a
// transaction may have died of. An interrupted call returns its context's
// error.
func (c *conn) fail(err error) error {
	if err == nil {
		return nil
	}
	if isCode(err, sqlite3.INTERRUPT) {
		if cause := c.db.GetInterrupt().Err(); cause != nil {
			return cause
		}
	}
	if isCode(err, sqlite3.CONSTRAINT) {
		return wrap(err)
	}
	c.fault = wrap(err)
	c.broken = c.broken || brokenBy(c.fault)
	c.lost = c.within && c.idle()
	return c.fault
}

// rescue is deferred around calls of SQLite's code: a panic in there becomes
// an error, and the connection is thrown away.
func (c *conn) rescue(err *error) {
	if value := recover(); value != nil {
		c.broken = true
		c.fault = panicked(value)
		*err = c.fault
	}
}

// close closes the connection. What is left of a transaction is rolled back,
// even where SQLite is not able to close the connection any more: its lock
// would keep everybody else from writing.
func (c *conn) close() error {
	err := c.closeDB()
	if err != nil {
		return errors.Join(err, c.exec0(`ROLLBACK`))
	}
	return nil
}

func (c *conn) closeDB() (err error) {
	defer c.rescue(&err)
	for _, st := range slices.Collect(c.db.Stmts()) {
		c.finalize(st)
	}
	clear(c.stmts)
	return wrap(c.db.Close())
}
