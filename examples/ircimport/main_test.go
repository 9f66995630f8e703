package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/sqlite"
	"github.com/lairchat/lair/storage"
)

// imported runs the command and returns what it printed, less the last line of
// the summary, which has the time taken in it.
func imported(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	require.NoError(t, run(t.Context(), args, &out, &errs))
	before, _, found := strings.Cut(out.String(), "time  ")
	require.True(t, found, out.String())
	return before, errs.String()
}

// messages returns the messages of a room, oldest first.
func messages(t *testing.T, db, room string) []storage.Message {
	t.Helper()
	var found []storage.Message
	withStore(t, db, func(store storage.Store) {
		r, err := store.RoomByName(t.Context(), room)
		require.NoError(t, err)
		q := storage.MessageQuery{Room: r.ID, Order: storage.OldestFirst}
		for m, err := range storage.All(t.Context(), store.Messages, q) {
			require.NoError(t, err)
			found = append(found, m)
		}
		require.EqualValues(t, len(found), r.MessageCount)
	})
	return found
}

func withStore(t *testing.T, db string, fn func(storage.Store)) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), db, nil)
	require.NoError(t, err)
	fn(store)
	require.NoError(t, store.Close())
}

func TestImportThreeLine(t *testing.T) {
	db := filepath.Join(t.TempDir(), "irc.db")
	stdout, stderr := imported(t, "-db", db, "testdata/zig")
	assert.Equal(t, `files          2
entries        8
stored         7
already there  0
left out       0 (joins, quits and the like)
malformed      1
users          4, 4 of them new
`, stdout)
	assert.Equal(t, "2018/05-14.txt:5: not a time\n", stderr)

	ms := messages(t, db, "zig")
	var bodies []string
	for _, m := range ms {
		bodies = append(bodies, m.Body)
	}
	assert.Equal(t, []string{
		"hello wörld", "hello again", "", "ping", "ping", "comptime is nice", "comptime, an error",
	}, bodies)
	assert.Equal(t, "2017/12-31.txt#00000001", ms[0].Nonce)
	assert.Equal(t, "2018/05-14.txt#00000003", ms[6].Nonce, "the malformed entry has its number too")
	assert.Equal(t, time.Unix(1514700000, 0).UTC(), ms[0].CreatedAt)
	assert.Equal(t, ms[0].AuthorID, ms[1].AuthorID, "nicknames that differ in case only")
	assert.NotEqual(t, ms[1].AuthorID, ms[2].AuthorID)
	checkUsers(t, db, ms)
}

func checkUsers(t *testing.T, db string, ms []storage.Message) {
	t.Helper()
	withStore(t, db, func(store storage.Store) {
		ada, err := store.User(t.Context(), ms[0].AuthorID)
		require.NoError(t, err)
		assert.Equal(t, "ada_", ada.Username)
		mixed, err := store.User(t.Context(), ms[6].AuthorID)
		require.NoError(t, err)
		assert.Equal(t, "кириллиcа", mixed.Profile.DisplayName)
		for _, m := range ms {
			member, err := store.IsMember(t.Context(), m.RoomID, m.AuthorID)
			require.NoError(t, err)
			assert.True(t, member, "author of %q", m.Body)
		}
	})
}

func TestImportZNC(t *testing.T) {
	db := filepath.Join(t.TempDir(), "irc.db")
	stdout, stderr := imported(t, "-db", db, "-room", "#go", "-zone", "Europe/Berlin", "testdata/go")
	assert.Equal(t, `files          1
entries        7
stored         4
already there  0
left out       2 (joins, quits and the like)
malformed      1
users          3, 3 of them new
`, stdout)
	assert.Equal(t, "go/2018-05-14.log:5: not a time\n", stderr)

	ms := messages(t, db, "#go")
	require.Len(t, ms, 4)
	assert.Equal(t, time.Date(2018, 5, 14, 0, 6, 3, 0, time.UTC), ms[0].CreatedAt)
	assert.Equal(t, "waves", ms[1].Body)
	assert.JSONEq(t, `{"irc":"action"}`, string(ms[1].Custom))
	assert.JSONEq(t, `{"irc":"notice"}`, string(ms[2].Custom))
}

func TestImportAgain(t *testing.T) {
	db := filepath.Join(t.TempDir(), "irc.db")
	logs := filepath.Join(t.TempDir(), "zig")
	require.NoError(t, os.CopyFS(logs, os.DirFS("testdata/zig")))
	imported(t, "-db", db, logs)

	stdout, _ := imported(t, "-db", db, logs)
	assert.Contains(t, stdout, "stored         0\nalready there  7\n")
	assert.Contains(t, stdout, "users          4, 0 of them new\n")

	// One file by itself, which has grown.
	grown := filepath.Join(logs, "2018", "05-14.txt")
	f, err := os.OpenFile(grown, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString("1526321343\neve\nnew\n\n")
	require.NoError(t, err)
	require.NoError(t, f.Close())
	stdout, _ = imported(t, "-db", db, grown)
	assert.Contains(t, stdout, "stored         1\nalready there  2\n")
	assert.Len(t, messages(t, db, "zig"), 8)
}

func TestImportOfChangedEntries(t *testing.T) {
	db := filepath.Join(t.TempDir(), "irc.db")
	log := filepath.Join(t.TempDir(), "2018-05-14.txt")
	write := func(text string) { require.NoError(t, os.WriteFile(log, []byte(text), 0o600)) }
	write("1\na\none\n\n2\na\ntwo\n\n3\na\nthree\n\n")
	imported(t, "-db", db, "-room", "r", log)

	// One entry is another one now, one is longer than a message may be.
	write("1\na\none\n\n2\na\nzwei\n\n3\na\nthree\n\n4\na\n" + strings.Repeat("x", storage.MaxBody+1) + "\n\n5\na\nfive\n\n")
	stdout, stderr := imported(t, "-db", db, "-room", "r", log)
	assert.Contains(t, stdout, "stored         1\nalready there  2\n")
	assert.Contains(t, stdout, "malformed      2\n")
	assert.Regexp(t, `2018-05-14\.txt:5: .*conflict`, stderr)
	assert.Regexp(t, `2018-05-14\.txt:13: .*invalid`, stderr)
	assert.Len(t, messages(t, db, "r"), 4)
}

func TestImportStops(t *testing.T) {
	db := filepath.Join(t.TempDir(), "irc.db")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out strings.Builder
	err := run(ctx, []string{"-db", db, "testdata/zig"}, &out, &out)
	require.ErrorIs(t, err, storage.ErrCanceled)
}

func TestImportOfUndatedZNC(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "znc.log")
	require.NoError(t, os.WriteFile(log, []byte("[02:06:03] <nick> a message\n"), 0o600))
	stdout, stderr := imported(t, "-db", filepath.Join(dir, "irc.db"), log)
	assert.Contains(t, stdout, "malformed      1\n")
	assert.Contains(t, stderr, "znc.log:1: no date in the name of the file")
}

func TestSearch(t *testing.T) {
	db := filepath.Join(t.TempDir(), "irc.db")
	imported(t, "-db", db, "testdata/zig", "testdata/go")
	find := func(args ...string) string {
		var out strings.Builder
		require.NoError(t, run(t.Context(), append([]string{"-db", db}, args...), &out, &out))
		return out.String()
	}
	assert.Regexp(t, `^2018-05-14 18:09 <кириллиcа> comptime, an error
2018-05-14 18:09 <\[zed\]> comptime is nice
2 found in \S+
$`, find("-search", "COMPTIME"))
	assert.Regexp(t, `^2018-05-14 02:08 <ada_> an error in my Go
1 found in \S+, and there are more
$`, find("-search", "error", "-limit", "1"))
	assert.Regexp(t, `^2018-05-14 18:09 <кириллиcа> comptime, an error
1 found in \S+
$`, find("-search", "error", "-room", "zig"))
	assert.Regexp(t, `^0 found in \S+\n$`, find("-search", "nothing of the kind"))
	assert.Regexp(t, "^0 found in .*: no word", find("-search", "?!"))

	err := run(t.Context(), []string{"-db", db, "-search", "x", "-room", "none"}, &strings.Builder{}, &strings.Builder{})
	require.ErrorIs(t, err, storage.ErrNotFound)
}

func TestRunRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, args := range map[string][]string{
		"nothing to do":       {},
		"no such zone":        {"-zone", "Nowhere/Land", "testdata"},
		"no such folder":      {filepath.Join(dir, "none")},
		"a folder of no logs": {dir},
		"search in no file":   {"-db", filepath.Join(dir, "none.db"), "-search", "x"},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			args := append([]string{"-db", filepath.Join(t.TempDir(), "irc.db")}, args...)
			assert.Error(t, run(t.Context(), args, &out, &out))
		})
	}
}
