package irclog_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/examples/ircimport/internal/irclog"
)

var day = time.Date(2018, 5, 14, 0, 0, 0, 0, time.UTC)

func read(t *testing.T, r io.Reader, f irclog.Format) []irclog.Entry {
	t.Helper()
	var entries []irclog.Entry
	for e, err := range irclog.Read(r, f, day) {
		require.NoError(t, err)
		entries = append(entries, e)
	}
	return entries
}

func TestReadThreeLine(t *testing.T) {
	at := func(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }
	said := func(number, line, lines int, seconds int64, nick, text string) irclog.Entry {
		return irclog.Entry{Kind: irclog.Message, Number: number, Line: line, Lines: lines, Time: at(seconds), Nick: nick, Text: text}
	}
	wrong := func(number, line, lines int, problem string) irclog.Entry {
		return irclog.Entry{Kind: irclog.Malformed, Number: number, Line: line, Lines: lines, Problem: problem}
	}
	tests := map[string]struct {
		log  string
		want []irclog.Entry
	}{
		"nothing":                  {"", nil},
		"two":                      {"1\na\nhi\n\n2\nb\nho\n\n", []irclog.Entry{said(1, 1, 4, 1, "a", "hi"), said(2, 5, 4, 2, "b", "ho")}},
		"empty message":            {"1\na\n\n\n2\nb\nho\n\n", []irclog.Entry{said(1, 1, 4, 1, "a", ""), said(2, 5, 4, 2, "b", "ho")}},
		"last empty line missing":  {"1\na\nhi\n", []irclog.Entry{said(1, 1, 3, 1, "a", "hi")}},
		"last line feed missing":   {"1\na\nhi", []irclog.Entry{said(1, 1, 3, 1, "a", "hi")}},
		"carriage returns":         {"1\r\na\r\nhi\r\n\r\n", []irclog.Entry{said(1, 1, 4, 1, "a", "hi")}},
		"spaces are kept":          {"1\na\n  hi \n\n", []irclog.Entry{said(1, 1, 4, 1, "a", "  hi ")}},
		"Latin-1":                  {"1\na\ncaf\xe9\n\n", []irclog.Entry{said(1, 1, 4, 1, "a", "café")}},
		"not a time":               {"x\na\nhi\n\n2\nb\nho\n\n", []irclog.Entry{wrong(1, 1, 4, "not a time"), said(2, 5, 4, 2, "b", "ho")}},
		"time too large":           {"99999999999999999999\na\nhi\n\n", []irclog.Entry{wrong(1, 1, 4, "not a time")}},
		"no nickname":              {"1\n\n2\nb\nho\n\n", []irclog.Entry{wrong(1, 1, 2, "no nickname"), said(2, 3, 4, 2, "b", "ho")}},
		"a line too many":          {"1\na\nhi\nho\n\n2\nb\nho\n\n", []irclog.Entry{wrong(1, 1, 5, "no empty line at the end"), said(2, 6, 4, 2, "b", "ho")}},
		"cut after the time":       {"1\n", []irclog.Entry{wrong(1, 1, 1, "cut short: no nickname")}},
		"cut after the nickname":   {"1\na\n", []irclog.Entry{wrong(1, 1, 2, "cut short: no message")}},
		"line too long":            {"1\na\n" + strings.Repeat("x", 1<<20) + "\n\n2\nb\nho\n\n", []irclog.Entry{wrong(1, 1, 4, "line too long"), said(2, 5, 4, 2, "b", "ho")}},
		"blank lines between them": {"1\na\nhi\n\n\n2\nb\nho\n\n", []irclog.Entry{said(1, 1, 4, 1, "a", "hi"), {Kind: irclog.Blank, Line: 5, Lines: 1}, said(2, 6, 4, 2, "b", "ho")}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, read(t, strings.NewReader(test.log), irclog.ThreeLine))
			assert.Equal(t, test.want, read(t, iotest.OneByteReader(strings.NewReader(test.log)), irclog.ThreeLine), "byte by byte")
		})
	}
}

func TestReadZNC(t *testing.T) {
	at := time.Date(2018, 5, 14, 2, 6, 3, 0, time.UTC)
	tests := map[string]struct {
		line string
		want irclog.Entry
	}{
		"message":               {"[02:06:03] <nick> a message", irclog.Entry{Kind: irclog.Message, Time: at, Nick: "nick", Text: "a message"}},
		"message with brackets": {"[02:06:03] <nick> a> b", irclog.Entry{Kind: irclog.Message, Time: at, Nick: "nick", Text: "a> b"}},
		"operator":              {"[02:06:03] <@nick> hi", irclog.Entry{Kind: irclog.Message, Time: at, Nick: "nick", Text: "hi"}},
		"empty message":         {"[02:06:03] <nick> ", irclog.Entry{Kind: irclog.Message, Time: at, Nick: "nick"}},
		"trimmed message":       {"[02:06:03] <nick>", irclog.Entry{Kind: irclog.Message, Time: at, Nick: "nick"}},
		"action":                {"[02:06:03] * nick waves", irclog.Entry{Kind: irclog.Action, Time: at, Nick: "nick", Text: "waves"}},
		"empty action":          {"[02:06:03] * nick", irclog.Entry{Kind: irclog.Action, Time: at, Nick: "nick"}},
		"notice":                {"[02:06:03] -bot- a-b", irclog.Entry{Kind: irclog.Notice, Time: at, Nick: "bot", Text: "a-b"}},
		"join":                  {"[02:06:03] *** Joins: nick (user@host)", irclog.Entry{Kind: irclog.Event, Time: at, Text: "Joins: nick (user@host)"}},
		"nick change":           {"[02:06:03] *** a is now known as b", irclog.Entry{Kind: irclog.Event, Time: at, Text: "a is now known as b"}},
		"no time":               {"<nick> hi", irclog.Entry{Kind: irclog.Malformed, Problem: "not a time"}},
		"impossible time":       {"[25:06:03] <nick> hi", irclog.Entry{Kind: irclog.Malformed, Problem: "not a time"}},
		"short":                 {"[02:06", irclog.Entry{Kind: irclog.Malformed, Problem: "not a time"}},
		"empty nickname":        {"[02:06:03] <> hi", irclog.Entry{Kind: irclog.Malformed, Problem: "no nickname"}},
		"only a prefix":         {"[02:06:03] <@> hi", irclog.Entry{Kind: irclog.Malformed, Problem: "no nickname"}},
		"nickname not closed":   {"[02:06:03] <nick hi", irclog.Entry{Kind: irclog.Malformed, Problem: "no nickname"}},
		"space in nickname":     {"[02:06:03] <a b> hi", irclog.Entry{Kind: irclog.Malformed, Problem: "no nickname"}},
		"something else":        {"[02:06:03] hi", irclog.Entry{Kind: irclog.Malformed, Problem: "neither a message, an action nor an event"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.want.Number, test.want.Line, test.want.Lines = 1, 2, 1
			blank := irclog.Entry{Kind: irclog.Blank, Line: 1, Lines: 1}
			got := read(t, strings.NewReader("\n"+test.line+"\n"), irclog.ZNC)
			assert.Equal(t, []irclog.Entry{blank, test.want}, got)
		})
	}
}

func TestReadPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	r := io.MultiReader(strings.NewReader("1\na\nhi\n\n2\nb\n"), iotest.ErrReader(broken))
	var kinds []irclog.Kind
	var last error
	for e, err := range irclog.Read(r, irclog.ThreeLine, day) {
		last = err
		kinds = append(kinds, e.Kind)
	}
	require.ErrorIs(t, last, broken)
	assert.Equal(t, []irclog.Kind{irclog.Message, 0}, kinds)
}

func TestDetect(t *testing.T) {
	tests := []struct {
		name, head string
		want       irclog.Format
	}{
		{"05-14.txt", "1526321341\nbodie_\n", irclog.ThreeLine},
		{"2018-05-14.log", "[02:06:03] <nick> a message\n", irclog.ZNC},
		{"2018-05-14.txt", "1526321341\nbodie_\n", irclog.ThreeLine},
		{"05-14.txt", "\n[02:06:03] <nick> a message\n", irclog.ZNC},
		{"2018-05-14.log", "garbage\n", irclog.ZNC},
		{"user_net_#chan_20180514.log", "", irclog.ZNC},
		{"05-14.txt", "garbage\n", irclog.ThreeLine},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, irclog.Detect(test.name, []byte(test.head)), "%s: %q", test.name, test.head)
	}
}

func TestDate(t *testing.T) {
	for name, want := range map[string]string{
		"2018-05-14.log":              "2018-05-14",
		"logs/2018-05-14.log":         "2018-05-14",
		"user_net_#chan_20180514.log": "2018-05-14",
		"2018-13-14.log":              "",
		"120180514.log":               "",
		"05-14.txt":                   "",
	} {
		got, ok := irclog.Date(name, time.UTC)
		assert.Equal(t, want != "", ok, name)
		if ok {
			assert.Equal(t, want, got.Format(time.DateOnly), name)
		}
	}
}
