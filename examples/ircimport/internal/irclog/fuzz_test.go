package irclog_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/lairchat/lair/examples/ircimport/internal/irclog"
)

// FuzzRead holds both parsers to what their callers rely on: every line
// belongs to one entry, entries are numbered, and text is UTF-8.
func FuzzRead(f *testing.F) {
	f.Add("1\na\nhi\n\n2\nb\n\n\n")
	f.Add("1\n\nx\n\n\n\n3\nc\nho\nhu\n")
	f.Add("[02:06:03] <nick> a message\n[02:06:09] * nick waves\n\n[02:07:00] *** Joins: nick (user@host)")
	f.Add("[02:06:03] <\n[02:06:03] -\n[02:06:03] *\n\xff\n")
	f.Fuzz(func(t *testing.T, log string) {
		lines := strings.Count(log, "\n")
		if log != "" && !strings.HasSuffix(log, "\n") {
			lines++
		}
		for _, format := range []irclog.Format{irclog.ThreeLine, irclog.ZNC} {
			checkEntries(t, read(t, strings.NewReader(log), format), lines)
		}
	})
}

func checkEntries(t *testing.T, entries []irclog.Entry, lines int) {
	t.Helper()
	seen, number := 0, 0
	for _, e := range entries {
		assert.Equal(t, seen+1, e.Line, "first line of %+v", e)
		assert.Positive(t, e.Lines)
		seen += e.Lines
		if e.Kind != irclog.Blank {
			number++
			assert.Equal(t, number, e.Number, "number of %+v", e)
		}
		assert.Equal(t, e.Kind == irclog.Malformed, e.Problem != "", "problem of %+v", e)
		assert.Equal(t, e.Said(), e.Nick != "", "nickname of %+v", e)
		assert.True(t, utf8.ValidString(e.Nick+e.Text), "text of %+v", e)
	}
	assert.Equal(t, lines, seen, "lines accounted for")
}
