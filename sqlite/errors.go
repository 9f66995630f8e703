package sqlite

import (
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"

	"github.com/lairchat/lair/storage"
)

// wrap turns an error of SQLite into a *storage.Error. Result codes decide,
// never texts. What comes from elsewhere is left alone.
func wrap(err error) error {
	var code sqlite3.ExtendedErrorCode
	if err == nil || !errors.As(err, &code) {
		return err
	}
	if diskFull(err) {
		return &storage.Error{Kind: storage.ErrFull, Err: err}
	}
	return &storage.Error{Kind: kindOf(code), Err: err}
}

// kindOf tells what a result code means to a caller
// (https://sqlite.org/rescode.html).
func kindOf(code sqlite3.ExtendedErrorCode) error {
	switch code {
	case sqlite3.CONSTRAINT_UNIQUE, sqlite3.CONSTRAINT_PRIMARYKEY, sqlite3.CONSTRAINT_ROWID:
		return storage.ErrDuplicate
	}
	switch code.Code() {
	case sqlite3.BUSY, sqlite3.LOCKED, sqlite3.PROTOCOL:
		return storage.ErrTimeout
	case sqlite3.FULL:
		return storage.ErrFull
	case sqlite3.CORRUPT, sqlite3.NOTADB:
		return storage.ErrCorrupt
	case sqlite3.READONLY, sqlite3.PERM:
		return storage.ErrReadOnly
	case sqlite3.IOERR, sqlite3.CANTOPEN, sqlite3.NOMEM:
		return storage.ErrConnection
	case sqlite3.CONSTRAINT:
		return storage.ErrConstraint
	}
	return storage.ErrQuery
}

// inconsistent reports, where something was not found that must be there, that
// this program cannot have written what there is.
func inconsistent(err error, what string) error {
	if errors.Is(err, storage.ErrNotFound) {
		return &storage.Error{Kind: storage.ErrCorrupt, Err: errors.New(what)}
	}
	return err
}

// brokenBy tells the errors after which a connection is not to be used again.
func brokenBy(err error) bool { return errors.Is(err, storage.ErrConnection) }

// panicked is the error of a call in which the code of SQLite panicked, as it
// does when it has run out of the connection's memory.
func panicked(value any) error {
	return &storage.Error{Kind: storage.ErrConnection, Err: fmt.Errorf("panic in SQLite: %v", value)}
}

// isCode tells whether err is of one of SQLite's primary result codes.
func isCode(err error, code sqlite3.ErrorCode) bool { return errors.Is(err, code) }
