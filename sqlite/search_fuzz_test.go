package sqlite

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/search"
)

// FuzzSearchExpression holds that FTS5 takes whatever is typed, and that its
// index says of a text what the matcher says. In the other forms it may find more.
func FuzzSearchExpression(f *testing.F) {
	for _, typed := range []string{
		"", "foo AND", "c++", "user@x.com", `"`, `"foo bar`, "-", "--", "-x y", "*", "foo*", "OR OR", "a OR b", `a "b c" -"d e"`,
		"NEAR(a b)", "text:a", "^a", "上", "上海 -海", "#上海", "--no-verify", "it's", "C:\\x\\y.z", "a|b", "| x", "x_y*", "'", "\x00", "\xff", "\ue000r1",
		"https://x.com/a?b=1#c", "readInt", `"read int"`, "HTTPServer2 E1001", `"call pkg.Func" OR x`,
	} {
		f.Add(typed, typed)
		f.Add(typed, "foo a b "+typed+" x")
	}
	e := openEngine(f, nil)
	f.Fuzz(func(t *testing.T, typed, text string) {
		query, err := search.Parse(typed)
		if err != nil || query.Empty() {
			return
		}
		tokens := search.Analyze(text)
		var found [formLoose + 1]int
		_, err = e.Write(t.Context(), func(r backend.Rows) error {
			rows := r.(*rows)
			all, err := rows.writeIndexes()
			require.NoError(t, err)
			if len(tokens) > 0 {
				require.NoError(t, rows.addEntry(all[0], entry{doc: 1, room: 1, author: 1, text: search.Join(tokens)}))
			}
			for form := formExact; form <= formLoose; form++ {
				found[form] = 0
				match := (&finder{s: backend.SearchScan{Query: query}, form: form}).expression()
				bind := func(a *args) {
					a.text(match)
					a.int(0)
					a.int(math.MaxInt64)
				}
				require.NoError(t, rows.c.query(all[0].table().oldest, bind, func(*row) error {
					found[form]++
					return nil
				}), "%q as %s", typed, match)
			}
			return errTaken
		})
		require.ErrorIs(t, err, errTaken)
		require.Equal(t, query.Match(tokens), found[formExact] == 1, "%q in %q", typed, text)
		if found[formExact] == 1 {
			require.Equal(t, [...]int{1, 1, 1}, found, "%q in %q, in all forms", typed, text)
		}
	})
}

// errTaken rolls back.
var errTaken = errors.New("taken back")
