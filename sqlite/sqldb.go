package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// newDB presents a connection as the sql.DB that migrations need. There is a
// driver for it beside go-sqlite3, but importing that one claims the name
// "sqlite3" in the whole program, which panics where another library claims it
// too.
func newDB(c *conn) *sql.DB {
	db := sql.OpenDB(sqlConn{c})
	db.SetMaxOpenConns(1)
	return db
}

// sqlConn is all of a driver for one connection, which stays its owner's:
// driver.Connector, driver.Driver, driver.Conn and driver.Tx.
type sqlConn struct{ c *conn }

func (s sqlConn) Connect(context.Context) (driver.Conn, error) { return s, nil }
func (s sqlConn) Driver() driver.Driver                        { return s }
func (s sqlConn) Open(string) (driver.Conn, error)             { return s, nil }

func (s sqlConn) Prepare(query string) (driver.Stmt, error) { return sqlStmt{s.c, query}, nil }
func (s sqlConn) Close() error                              { return nil }
func (s sqlConn) Begin() (driver.Tx, error)                 { return s, s.c.exec(`BEGIN IMMEDIATE`, nil) }
func (s sqlConn) Commit() error                             { return s.c.exec(`COMMIT`, nil) }

func (s sqlConn) Rollback() error {
	if s.c.idle() { // SQLite has done so
		return nil
	}
	return s.c.exec(`ROLLBACK`, nil)
}

// sqlStmt implements driver.Stmt. The connection's cache prepares it.
type sqlStmt struct {
	c     *conn
	query string
}

func (s sqlStmt) Close() error  { return nil }
func (s sqlStmt) NumInput() int { return -1 } // SQLite checks

func (s sqlStmt) Exec(values []driver.Value) (driver.Result, error) {
	var err error
	if len(values) == 0 {
		err = s.c.exec0(s.query) // may be several statements
	} else {
		err = s.c.exec(s.query, bindValues(values))
	}
	if err != nil {
		return nil, err
	}
	return driver.RowsAffected(s.c.changes()), nil
}

func (s sqlStmt) Query(values []driver.Value) (driver.Rows, error) {
	rows := new(sqlRows)
	err := s.c.query(s.query, bindValues(values), func(r *row) error {
		rows.all = append(rows.all, r.values())
		return nil
	})
	if err != nil {
		return nil, err
	}
	rows.columns, err = s.c.columns(s.query)
	return rows, err
}

// bindValues binds what database/sql hands down.
func bindValues(values []driver.Value) func(*args) {
	return func(a *args) {
		for _, value := range values {
			switch v := value.(type) {
			case nil:
				a.null()
			case int64:
				a.int(v)
			case bool:
				a.bool(v)
			case string:
				a.text(v)
			case []byte:
				a.blob(v)
			default:
				a.bound(fmt.Errorf("a parameter of type %T: %w", value, sqlite3.MISMATCH))
			}
		}
	}
}

// values returns the row for database/sql.
func (r *row) values() []driver.Value {
	values := make([]driver.Value, r.s.st.ColumnCount())
	for i := range values {
		switch r.s.st.ColumnType(i) {
		case sqlite3.INTEGER:
			values[i] = r.s.st.ColumnInt64(i)
		case sqlite3.FLOAT:
			values[i] = r.s.st.ColumnFloat(i)
		case sqlite3.TEXT:
			values[i] = timestamp(r.s.st.ColumnDeclType(i), r.s.st.ColumnText(i))
		case sqlite3.BLOB:
			values[i] = r.s.st.ColumnBlob(i, nil)
		}
	}
	return values
}

// timestamp reads the texts of goose's own table that are times.
func timestamp(declared, text string) driver.Value {
	if declared == "TIMESTAMP" {
		if t, err := time.Parse(time.DateTime, text); err == nil {
			return t
		}
	}
	return text
}

// columns returns the names of a query's columns.
func (c *conn) columns(query string) ([]string, error) {
	s, err := c.stmt(query)
	if err != nil {
		return nil, err
	}
	defer s.release()
	names := make([]string, s.st.ColumnCount())
	for i := range names {
		names[i] = s.st.ColumnName(i)
	}
	return names, nil
}

// sqlRows implements driver.Rows over rows that have been read.
type sqlRows struct {
	columns []string
	all     [][]driver.Value
}

func (r *sqlRows) Columns() []string { return r.columns }
func (r *sqlRows) Close() error      { return nil }

func (r *sqlRows) Next(dest []driver.Value) error {
	if len(r.all) == 0 {
		return io.EOF
	}
	copy(dest, r.all[0])
	r.all = r.all[1:]
	return nil
}
