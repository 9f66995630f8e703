package backend

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

// LoginAttempts implements storage.LoginReader.
func (r Reader) LoginAttempts(ctx context.Context, q storage.LoginQuery) (storage.Page[storage.LoginAttempt], error) {
	var p *pager
	var s LoginScan
	check := func() (err error) {
		if s, err = loginScan(q); err != nil {
			return err
		}
		p, err = newPager(s.LoginQuery, q.Limit, q.Cursor)
		return err
	}
	items, err := readList(ctx, r.in, "list login attempts", check, func(rows Rows) ([]storage.LoginAttempt, error) {
		s.Scan = p.scan(true)
		return listLogins(ctx, rows, s)
	})
	if err != nil {
		return storage.Page[storage.LoginAttempt]{}, err
	}
	return page(p, items, loginKeyset)
}

func loginKeyset(a storage.LoginAttempt) storage.Keyset {
	return storage.Keyset{Int: Micros(a.CreatedAt), ID: a.ID}
}

// loginScan checks a query.
func loginScan(q storage.LoginQuery) (LoginScan, error) {
	if err := q.Validate(); err != nil {
		return LoginScan{}, err
	}
	q.Limit, q.Cursor = 0, ""
	q.Normalize()
	q.From, q.To = ceilTime(q.From), ceilTime(q.To)
	return LoginScan{LoginQuery: q, Network: loginNetwork(q.IP)}, nil
}

// CountFailedLogins implements storage.LoginReader.
func (r Reader) CountFailedLogins(ctx context.Context, q storage.LoginQuery) (n int64, err error) {
	var s LoginScan
	check := func() (err error) {
		if q.Success != nil {
			return storage.Invalid("Success", "set")
		}
		s, err = loginScan(q)
		return err
	}
	err = r.in.view(ctx, "count failed logins", check, func(rows Rows) (int, error) {
		n, err = countFailed(ctx, rows, s)
		return 1, err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// countFailed counts what is beyond the latest success.
func countFailed(ctx context.Context, rows Rows, s LoginScan) (int64, error) {
	s.Success, s.Scan = new(true), Scan{Desc: true, Limit: 1}
	latest, err := listLogins(ctx, rows, s)
	if err != nil {
		return 0, err
	}
	s.Success, s.Scan = new(false), Scan{}
	if len(latest) > 0 {
		after := loginKeyset(latest[0])
		s.After = &after
	}
	var n int64
	for _, form := range loginForms(s) {
		found, err := rows.CountLoginAttempts(ctx, form)
		if err != nil {
			return 0, err
		}
		n += found
	}
	return n, nil
}

// loginForms returns a scan for each form in which the login that is asked for
// may be stored: a user's as it is, and nobody's as a digest.
func loginForms(s LoginScan) []LoginScan {
	nobodys := storage.LoginAttempt{Login: s.Login}
	nobodys.Normalize()
	if s.Login == "" || !s.User.IsZero() || nobodys.Login == s.Login {
		return []LoginScan{s}
	}
	digest := s
	digest.Login = nobodys.Login
	return []LoginScan{s, digest}
}

// listLogins lists what a scan selects, of whatever form, in its order.
func listLogins(ctx context.Context, rows Rows, s LoginScan) ([]storage.LoginAttempt, error) {
	var all []storage.LoginAttempt
	forms := loginForms(s)
	for _, form := range forms {
		found, err := rows.LoginAttempts(ctx, form)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	if len(forms) == 1 {
		return all, nil
	}
	slices.SortFunc(all, func(a, b storage.LoginAttempt) int {
		if s.Desc {
			a, b = b, a
		}
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), a.ID.Compare(b.ID))
	})
	if s.Scan.Limit > 0 && len(all) > s.Scan.Limit {
		all = all[:s.Scan.Limit]
	}
	return all, nil
}

// RecordLoginAttempt implements storage.LoginWriter.
func (w Writer) RecordLoginAttempt(ctx context.Context, a *storage.LoginAttempt) error {
	var row *LoginRow
	check := func() error {
		if a == nil {
			return storage.Invalid("a", "nil")
		}
		if err := a.Validate(); err != nil {
			return err
		}
		next := *a
		next.Normalize()
		if next.ID.IsZero() {
			next.ID = w.o.NewUUID()
		}
		row = &LoginRow{LoginAttempt: next, Network: loginNetwork(next.IP)}
		return nil
	}
	err := writeOnly(ctx, w.in, "record login attempt", check, func(t *rules) error { return t.recordLogin(ctx, row) })
	if err == nil {
		*a = row.LoginAttempt
	}
	return err
}

func (t *rules) recordLogin(ctx context.Context, row *LoginRow) error {
	if !row.UserID.IsZero() {
		if err := t.needUser(ctx, row.UserID, "UserID"); err != nil {
			return err
		}
	}
	row.CreatedAt = t.now
	err := t.rows.InsertLoginAttempt(ctx, row)
	if errors.Is(err, storage.ErrDuplicate) {
		return storage.Duplicate(storage.EntityLogin, row.ID.String(), "ID")
	}
	return err
}

// PruneLoginAttempts implements storage.LoginWriter.
func (w Writer) PruneLoginAttempts(ctx context.Context, before time.Time, limit int) (pruned int, err error) {
	check := func() (err error) { limit, err = checkSweep(before, limit); return err }
	err = w.in.write(ctx, "prune login attempts", check, func(t *rules) (_ int, err error) {
		end := before
		if latest := t.now.AddDate(1000, 0, 0); end.After(latest) {
			end = latest // which can be compared in microseconds
		}
		pruned, err = t.rows.PruneLoginAttempts(ctx, ceilTime(end), limit)
		return pruned, err
	})
	if err != nil {
		return 0, err
	}
	return pruned, nil
}
