package sqlite

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// loginScans are what a login is counted by, with the range of an index that
// bounds the cost.
func loginScans() map[string]struct {
	backend.LoginScan
	index string
} {
	user, ip := storage.UserID{1}, netip.IPv4Unspecified()
	scan := func(q storage.LoginQuery) backend.LoginScan {
		s := backend.LoginScan{LoginQuery: q}
		s.From, s.To = time.Unix(1, 0), time.Unix(2, 0)
		if q.IP.IsValid() {
			s.Network = "1234"
		}
		return s
	}
	const byUser, byLogin = "login_attempts_by_user (user_id=?", "login_attempts_by_login (login=?"
	return map[string]struct {
		backend.LoginScan
		index string
	}{
		"all":             {scan(storage.LoginQuery{}), "login_attempts_by_time ("},
		"of a user":       {scan(storage.LoginQuery{User: user}), byUser},
		"of a login":      {scan(storage.LoginQuery{Login: "ann"}), byLogin},
		"from an address": {scan(storage.LoginQuery{IP: ip}), "login_attempts_by_network (network=?"},
		"from an address, which failed": {
			scan(storage.LoginQuery{IP: ip, Success: new(false)}), "login_attempts_failed (network=?",
		},
		"of a user, by address":   {scan(storage.LoginQuery{User: user, IP: ip}), byUser},
		"of a login, by address":  {scan(storage.LoginQuery{Login: "ann", IP: ip}), byLogin},
		"of a user and a login":   {scan(storage.LoginQuery{User: user, Login: "ann"}), byUser},
		"of a user, which failed": {scan(storage.LoginQuery{User: user, Success: new(false)}), byUser},
		"of a login, which worked": {
			scan(storage.LoginQuery{Login: "ann", IP: ip, Success: new(true)}), byLogin,
		},
	}
}

// Counting by user, login or address reads the attempts in its window and no
// others.
func TestPlansOfLogins(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	checkPlans(t, e, map[string]string{"attempts to prune": pruneLoginsSQL}, "of an empty store")
	lists := make(map[string]accessPlan)
	for name, s := range loginScans() {
		s.Scan = newestPage
		lists[name] = accessPlan{loginList(s.LoginScan), s.index, false}
		s.Scan = backend.Scan{After: newestPage.After}
		lists["count "+name] = accessPlan{loginCount(s.LoginScan), s.index, false}
	}
	checkLists(t, e, lists)
	for name, l := range lists {
		sql, _, err := l.ToSql()
		require.NoError(t, err)
		steps := strings.Join(plan(t, e, sql), "\n")
		assert.Contains(t, steps, "created_at>? AND created_at<?)", "%s: a range of time in the index", name)
	}
	for _, name := range []string{"count of a user, which failed", "count of a user", "count of a login", "count from an address"} {
		sql, _, err := lists[name].ToSql()
		require.NoError(t, err)
		assert.Contains(t, plan(t, e, sql)[0], "COVERING INDEX", "%s reads the index alone", name)
	}
}
