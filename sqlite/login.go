package sqlite

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const loginColumns = `
	a.id, a.login, a.user_id, a.ip, a.user_agent, a.success, a.created_at`

func scanLogin(row *row) storage.LoginAttempt {
	a := storage.LoginAttempt{ID: row.id(), Login: row.text(), UserID: row.id()}
	a.IP, a.UserAgent, a.Success, a.CreatedAt = row.addr(), row.text(), row.bool(), row.time()
	return a
}

// loginTimes is the order of attempts.
var loginTimes = order{column: "a.created_at", id: "a.id"}

// LoginAttempts implements backend.LoginRows.
func (r *rows) LoginAttempts(_ context.Context, s backend.LoginScan) ([]storage.LoginAttempt, error) {
	return listed(r, loginList(s), scanLogin)
}

func loginList(s backend.LoginScan) list {
	l := from(loginColumns, "login_attempts AS a")
	l.whereLogins(s)
	l.scan(loginTimes, s.Scan)
	return l
}

// CountLoginAttempts implements backend.LoginRows.
func (r *rows) CountLoginAttempts(_ context.Context, s backend.LoginScan) (int64, error) {
	return counted(r, loginCount(s))
}

func loginCount(s backend.LoginScan) list {
	l := from("count(*)", "login_attempts AS a")
	l.whereLogins(s)
	l.beyond(loginTimes, s.Scan)
	return l
}

// outcomes are conditions that the index of failures knows.
var outcomes = map[bool]string{false: "a.success = 0", true: "a.success = 1"}

// whereLogins keeps what a query selects. The first of user, login and network
// leads to an index, in which the time is a range; a plus sign keeps the others
// from leading elsewhere.
func (l *list) whereLogins(s backend.LoginScan) {
	by := ""
	if !s.User.IsZero() {
		l.where("a.user_id = ?", s.User[:])
		by = "+"
	}
	if s.Login != "" {
		l.where(by+"a.login = ?", s.Login)
		by = "+"
	}
	if s.Network != "" {
		l.where(by+"a.network = ?", []byte(s.Network))
	}
	if s.Success != nil {
		l.where(outcomes[*s.Success])
	}
	if !s.From.IsZero() {
		l.where("a.created_at >= ?", s.From)
	}
	if !s.To.IsZero() {
		l.where("a.created_at < ?", s.To)
	}
}

const insertLoginSQL = `
INSERT INTO login_attempts (created_at, id, login, user_id, ip, network, user_agent, success)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)`

// InsertLoginAttempt implements backend.LoginRows.
func (r *rows) InsertLoginAttempt(_ context.Context, a *backend.LoginRow) error {
	r.pending.bytes += rowBytes
	err := r.c.exec(insertLoginSQL, func(b *args) {
		b.time(a.CreatedAt)
		b.id(a.ID)
		b.text(a.Login)
		b.id(a.UserID)
		b.addr(a.IP)
		b.bytesOrNull(a.Network)
		b.textOrNull(a.UserAgent)
		b.bool(a.Success)
	})
	return bareDuplicate(err)
}

// bytesOrNull binds bytes, and NULL for none.
func (a *args) bytesOrNull(v string) {
	if v == "" {
		a.null()
		return
	}
	a.blob([]byte(v))
}

const pruneLoginsSQL = `
DELETE FROM login_attempts
WHERE key IN (
	SELECT key
	FROM login_attempts
	WHERE created_at < ?
	ORDER BY created_at, id
	LIMIT ?
)`

// PruneLoginAttempts implements backend.LoginRows.
func (r *rows) PruneLoginAttempts(_ context.Context, before time.Time, limit int) (pruned int, err error) {
	err = r.c.exec(pruneLoginsSQL, func(a *args) {
		a.time(before)
		a.int(int64(limit))
	})
	if err != nil {
		return 0, err
	}
	pruned = int(r.c.changes())
	r.pending.bytes += pruned * rowBytes
	return pruned, nil
}
