package sqlite

import (
	"errors"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/lairchat/lair/storage"
)

// stmt is a prepared statement in a connection's cache. Its args and row live
// in it so that handing them to a function costs no allocation.
type stmt struct {
	c    *conn
	st   *sqlite3.Stmt
	sql  string
	busy bool   // in use further up the stack
	next *stmt  // another of the same text, for when this one is busy
	used uint64 // when it was last used, by the connection's count
	args args
	row  row
}

// bind runs the caller's bindings.
func (s *stmt) bind(bind func(*args)) error {
	if bind == nil {
		return nil
	}
	s.args = args{s: s}
	bind(&s.args)
	return s.args.err
}

// step moves to the next row and reports whether there is one.
func (s *stmt) step() (found bool, err error) {
	defer s.c.rescue(&err)
	if s.st.Step() {
		s.row = row{s: s}
		return true, nil
	}
	return false, s.c.fail(s.st.Err())
}

// run steps to the end.
func (s *stmt) run() (err error) {
	defer s.c.rescue(&err)
	return s.c.fail(s.st.Exec())
}

// release makes the statement ready for its next use. Its error is one that
// step has reported already.
func (s *stmt) release() {
	s.busy = false
	if s.c.broken {
		return
	}
	var err error
	defer s.c.rescue(&err)
	s.st.Reset()
	if s.args.large {
		s.st.ClearBindings()
		s.args.large = false
	}
}

// args binds the parameters of a statement, in their order. The first error
// stays, and is what the call returns.
type args struct {
	s     *stmt
	n     int
	large bool // text or blobs are bound, which hold memory
	err   error
}

func (a *args) bound(err error) {
	if err != nil && a.err == nil {
		a.err = a.s.c.fail(err)
	}
}

func (a *args) int(v int64) {
	a.n++
	a.bound(a.s.st.BindInt64(a.n, v))
}

func (a *args) bool(v bool) {
	a.n++
	a.bound(a.s.st.BindBool(a.n, v))
}

func (a *args) null() {
	a.n++
	a.bound(a.s.st.BindNull(a.n))
}

func (a *args) text(v string) {
	a.n++
	a.large = true
	defer a.s.c.rescue(&a.err)
	a.bound(a.s.st.BindText(a.n, v))
}

// textOrNull binds NULL for the empty string.
func (a *args) textOrNull(v string) {
	if v == "" {
		a.null()
		return
	}
	a.text(v)
}

// blob binds NULL for nil.
func (a *args) blob(v []byte) {
	a.n++
	a.large = true
	defer a.s.c.rescue(&a.err)
	a.bound(a.s.st.BindBlob(a.n, v))
}

// id binds NULL for the zero identifier.
func (a *args) id(v [16]byte) {
	if v == ([16]byte{}) {
		a.null()
		return
	}
	a.blob(v[:])
}

// time binds microseconds since 1970, and NULL for the zero time.
func (a *args) time(v time.Time) {
	if v.IsZero() {
		a.null()
		return
	}
	a.int(v.UnixMicro())
}

// row reads the columns of a row, in their order. The first error stays, and
// is what the call returns.
type row struct {
	s   *stmt
	n   int // the next column
	err error
}

// null tells whether the next column is NULL, without moving on.
func (r *row) null() bool { return r.s.st.ColumnType(r.n) == sqlite3.NULL }

func (r *row) int() int64 {
	r.n++
	return r.s.st.ColumnInt64(r.n - 1)
}

func (r *row) float() float64 {
	v := r.s.st.ColumnFloat(r.n)
	r.n++
	return v
}

func (r *row) bool() bool { return r.int() != 0 }

func (r *row) text() string {
	r.n++
	defer r.s.c.rescue(&r.err)
	return r.s.st.ColumnText(r.n - 1)
}

// rawBlob returns bytes that are valid until the next step only.
func (r *row) rawBlob() []byte {
	r.n++
	defer r.s.c.rescue(&r.err)
	return r.s.st.ColumnRawBlob(r.n - 1)
}

// blob returns a copy, nil for NULL and for the empty blob.
func (r *row) blob() []byte {
	raw := r.rawBlob()
	if len(raw) == 0 {
		return nil
	}
	return append(make([]byte, 0, len(raw)), raw...)
}

// id returns the zero identifier for NULL.
func (r *row) id() (id [16]byte) {
	raw := r.rawBlob()
	if len(raw) != 0 && copy(id[:], raw) != len(raw) || len(raw) != 0 && len(raw) != len(id) {
		r.corrupt("an identifier of the wrong length")
	}
	return id
}

// time returns the zero time for NULL.
func (r *row) time() time.Time {
	if r.null() {
		r.n++
		return time.Time{}
	}
	return time.UnixMicro(r.int()).UTC()
}

// corrupt reports that the row cannot have been written by this program.
func (r *row) corrupt(what string) {
	if r.err == nil {
		r.err = &storage.Error{Kind: storage.ErrCorrupt, Err: errors.New(what)}
	}
}
