package sqlite

import (
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// Lists whose conditions vary are built by squirrel. It costs some 12 µs, so
// nothing that is asked for at every click is.

// list is a query that is being built.
type list struct {
	squirrel.SelectBuilder
}

func from(columns, tables string) list {
	return list{squirrel.Select(columns).From(tables)}
}

func (l *list) where(condition string, args ...any) {
	l.SelectBuilder = l.Where(condition, args...)
}

// whereIn keeps the rows in which a column has one of some values; none at all
// means that any will do.
func whereIn[E ~uint8](l *list, column string, values []E) {
	if len(values) == 0 {
		return
	}
	in := make([]int64, len(values))
	for i, v := range values {
		in[i] = int64(v)
	}
	l.SelectBuilder = l.Where(squirrel.Eq{column: in})
}

// lastRune ends the range of the words that begin with a prefix.
const lastRune = "\U0010FFFF"

// wherePrefixes keeps the rows that have, for each prefix, a word that begins
// with it. The words are text, which ends before the highest code point.
func (l *list) wherePrefixes(column, words string, prefixes []string) {
	for _, prefix := range prefixes {
		l.where(column+" IN (SELECT "+words+" AND word < ?)", prefix, prefix+lastRune)
	}
}

// order is what a list is sorted by: a column, then the identifiers. Where the
// column is unique there are none, and the list's bounds are its conditions.
type order struct {
	column, id string
	text       bool   // the column holds text
	chunk      string // a column that rises with it and leads to it, if there is one
}

// scan adds the order and the part of it that is wanted. The bound on the
// column alone is what finds the place in its index.
func (l *list) scan(o order, s backend.Scan) {
	direction := " ASC"
	if s.Desc {
		direction = " DESC"
	}
	if o.chunk != "" {
		l.SelectBuilder = l.OrderBy(o.chunk + direction)
	}
	l.SelectBuilder = l.OrderBy(o.column+direction).Suffix("LIMIT ?", s.Limit)
	if o.id == "" {
		return
	}
	l.SelectBuilder = l.OrderBy(o.id + direction)
	l.beyond(o, s)
}

// beyond keeps what comes after a scan's beginning.
func (l *list) beyond(o order, s backend.Scan) {
	beyond := ">"
	if s.Desc {
		beyond = "<"
	}
	if k := s.After; k != nil {
		var at any = k.Int
		if o.text {
			at = k.Text
		}
		l.where(o.column+" "+beyond+"= ?", at)
		l.where("("+o.column+" "+beyond+" ? OR "+o.id+" "+beyond+" ?)", at, k.ID[:])
	}
}

// listed runs a list and gathers what scan makes of its rows.
func listed[T any](r *rows, l list, scan func(*row) T) ([]T, error) {
	sql, values, err := l.ToSql()
	if err != nil {
		return nil, &storage.Error{Kind: storage.ErrQuery, Err: err}
	}
	var out []T
	err = r.c.query(sql, func(a *args) { a.all(values) }, func(row *row) error {
		out = append(out, scan(row))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// counted runs a list of one row with one number.
func counted(r *rows, l list) (n int64, err error) {
	sql, values, err := l.ToSql()
	if err != nil {
		return 0, &storage.Error{Kind: storage.ErrQuery, Err: err}
	}
	err = r.c.one(sql, func(a *args) { a.all(values) }, func(row *row) error {
		n = row.int()
		return nil
	})
	return n, err
}

// all binds the values of a query that was built.
func (a *args) all(values []any) {
	for _, value := range values {
		switch v := value.(type) {
		case int64:
			a.int(v)
		case int:
			a.int(int64(v))
		case bool:
			a.bool(v)
		case string:
			a.text(v)
		case []byte:
			a.blob(v)
		case time.Time:
			a.time(v)
		default:
			a.err = fmt.Errorf("cannot bind %T", value)
		}
	}
}
