package storagetest_test

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

var loginFaults = []fault{
	{name: "logins that are others", caught: "login/logins are folded", open: recording(func(a *storage.LoginAttempt) {
		a.Login += "x"
	})},
	{name: "what nobody is named is told", caught: "authenticate/records no name of nobody", open: relisting(func(_ storage.LoginQuery, all []storage.LoginAttempt) []storage.LoginAttempt {
		for i := range all {
			if all[i].UserID.IsZero() {
				all[i].Login = "as it was typed"
			}
		}
		return all
	})},
	{name: "what nobody is named is not found", caught: "login/logins of nobody", open: relisting(func(q storage.LoginQuery, all []storage.LoginAttempt) []storage.LoginAttempt {
		return slices.DeleteFunc(all, func(a storage.LoginAttempt) bool { return q.Login != "" && a.UserID.IsZero() })
	})},
	{name: "who tried is lost", caught: "login/as it is stored", open: recording(func(a *storage.LoginAttempt) { a.UserID = storage.UserID{} })},
	{name: "where from is lost", caught: "login/as it is stored", open: recording(func(a *storage.LoginAttempt) { a.IP = netip.Addr{} })},
	{name: "agents of attempts are lost", caught: "whole/login attempts", open: recording(func(a *storage.LoginAttempt) { a.UserAgent = "" })},
	{name: "every attempt has failed", caught: "login/count since a success", open: recording(func(a *storage.LoginAttempt) { a.Success = false })},
	{name: "attempts outlive their user", caught: "login/the user is deleted", open: recording(func(a *storage.LoginAttempt) {
		a.UserID = storage.UserID{}
	})},
	{name: "a success wipes every slate", caught: "login/count since a success", open: countingLogins(func(ctx context.Context, r storage.Reader, q storage.LoginQuery) (int64, error) {
		n, err := r.CountFailedLogins(ctx, storage.LoginQuery{From: q.From, To: q.To})
		m, failed := r.CountFailedLogins(ctx, q)
		if err != nil || failed != nil {
			return m, failed
		}
		return min(n, m), nil
	})},
	{name: "a success wipes no slate", caught: "login/count since a success", open: countingLogins(countAll)},
	{name: "failures of any window", caught: "login/count within a window", open: countingLogins(func(ctx context.Context, r storage.Reader, q storage.LoginQuery) (int64, error) {
		if !q.To.Before(q.From) {
			q.From = time.Time{}
		}
		return r.CountFailedLogins(ctx, q)
	})},
	{name: "failures of others too", caught: "login/count of an account", open: countingLogins(func(ctx context.Context, r storage.Reader, q storage.LoginQuery) (int64, error) {
		q.User = storage.UserID{}
		return r.CountFailedLogins(ctx, q)
	})},
	{name: "one address of many", caught: "login/count of a network", open: countingLogins(func(ctx context.Context, r storage.Reader, q storage.LoginQuery) (int64, error) {
		if !q.IP.Is6() || q.IP.Is4In6() {
			return r.CountFailedLogins(ctx, q)
		}
		var n int64
		for a, err := range storage.All(ctx, r.LoginAttempts, q) {
			if err != nil {
				return 0, err
			}
			if !a.Success && a.IP == q.IP {
				n++
			}
		}
		return n, nil
	})},
	{name: "a success may be counted", caught: "login/count refuses", open: countingLogins(func(ctx context.Context, r storage.Reader, q storage.LoginQuery) (int64, error) {
		q.Success = nil
		return r.CountFailedLogins(ctx, q)
	})},
	{name: "the newest attempts are pruned", caught: "login/prune in order", open: writes(func(w storage.ReadWriter) storage.Writer {
		return newestPruner{w}
	})},
	{name: "attempts of everybody", caught: "login/list", open: listedLogins(func(q *storage.LoginQuery) { q.User = storage.UserID{} })},
	{name: "attempts for any login", caught: "login/list", open: listedLogins(func(q *storage.LoginQuery) { q.Login = "" })},
	{name: "attempts from anywhere", caught: "login/list", open: listedLogins(func(q *storage.LoginQuery) { q.IP = netip.Addr{} })},
	{name: "attempts that failed or not", caught: "login/list", open: listedLogins(func(q *storage.LoginQuery) { q.Success = nil })},
	{name: "attempts of any time", caught: "login/list", open: listedLogins(func(q *storage.LoginQuery) {
		if !q.To.Before(q.From) || q.To.IsZero() {
			q.From = time.Time{}
		}
	})},
}

// relisted is a reader whose attempts are changed when they are listed.
type relisted struct {
	storage.Reader
	change func(q storage.LoginQuery, all []storage.LoginAttempt) []storage.LoginAttempt
}

func relisting(change func(storage.LoginQuery, []storage.LoginAttempt) []storage.LoginAttempt) opener {
	return reads(func(r storage.Reader) storage.Reader { return relisted{r, change} })
}

func (r relisted) LoginAttempts(ctx context.Context, q storage.LoginQuery) (storage.Page[storage.LoginAttempt], error) {
	p, err := r.Reader.LoginAttempts(ctx, q)
	p.Items = r.change(q, p.Items)
	return p, err
}

// recorder stores other attempts than it was given, and says nothing of it.
type recorder struct {
	storage.Writer
	change func(*storage.LoginAttempt)
}

func recording(change func(*storage.LoginAttempt)) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return recorder{w, change} })
}

func (r recorder) RecordLoginAttempt(ctx context.Context, a *storage.LoginAttempt) error {
	next := *a
	if next.Login != "" {
		r.change(&next)
	}
	err := r.Writer.RecordLoginAttempt(ctx, &next)
	if err == nil {
		a.ID, a.CreatedAt = next.ID, next.CreatedAt
		a.Normalize()
	}
	return err
}

// newestPruner begins at the wrong end.
type newestPruner struct{ storage.ReadWriter }

func (p newestPruner) PruneLoginAttempts(ctx context.Context, before time.Time, limit int) (int, error) {
	all, err := p.LoginAttempts(ctx, storage.LoginQuery{})
	if err != nil || limit != 1 || len(all.Items) < 2 || before.Before(all.Items[0].CreatedAt) {
		return p.ReadWriter.PruneLoginAttempts(ctx, before, limit)
	}
	return p.ReadWriter.PruneLoginAttempts(ctx, before, limit+1)
}

// loginReader counts and lists otherwise. What is nil is as it should be.
type loginReader struct {
	storage.Reader
	count func(ctx context.Context, r storage.Reader, q storage.LoginQuery) (int64, error)
	list  func(*storage.LoginQuery)
}

func countingLogins(count func(context.Context, storage.Reader, storage.LoginQuery) (int64, error)) opener {
	return reads(func(r storage.Reader) storage.Reader { return loginReader{Reader: r, count: count} })
}

func listedLogins(change func(*storage.LoginQuery)) opener {
	return reads(func(r storage.Reader) storage.Reader { return loginReader{Reader: r, list: change} })
}

func (r loginReader) CountFailedLogins(ctx context.Context, q storage.LoginQuery) (int64, error) {
	if r.count == nil {
		return r.Reader.CountFailedLogins(ctx, q)
	}
	return r.count(ctx, r.Reader, q)
}

func (r loginReader) LoginAttempts(ctx context.Context, q storage.LoginQuery) (storage.Page[storage.LoginAttempt], error) {
	return r.Reader.LoginAttempts(ctx, asked(r.list, true, q))
}

func countAll(ctx context.Context, r storage.Reader, q storage.LoginQuery) (n int64, err error) {
	if q.Success != nil || q.Cursor != "" {
		return r.CountFailedLogins(ctx, q)
	}
	q.Success = new(false)
	for _, err := range storage.All(ctx, r.LoginAttempts, q) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}
