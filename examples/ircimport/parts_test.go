package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	lairsearch "github.com/lairchat/lair/storage/search"
)

func TestAccount(t *testing.T) {
	for _, nick := range []string{"ada", "ADA_", "[zed]", `a\b^c{d|e}`, "bob`", "42", "ада"} {
		u := account(nick)
		assert.Equal(t, nick, u.Username)
		assert.Empty(t, u.Profile.DisplayName)
	}
	for _, nick := range []string{"", "a b", "\u200b", "admаn", strings.Repeat("ö", 200), "☃", "a\x00b"} {
		u := account(nick)
		require.NoError(t, u.Validate(), "account(%q)", nick)
		assert.True(t, strings.HasPrefix(u.Username, "irc-"), "account(%q) = %q", nick, u.Username)
		assert.Equal(t, u, account(nick))
	}
	assert.Equal(t, "☃", account("☃").Profile.DisplayName)
	assert.Equal(t, account("Admаn").Username, account("aDMАN").Username, "letters of two scripts, in other cases")
	assert.NotEqual(t, account("☃").Username, account("☂").Username)
}

func TestFindLogs(t *testing.T) {
	logs, err := findLogs([]string{"testdata/go", "testdata/zig/2018", "testdata/zig/2017/12-31.txt"}, "")
	require.NoError(t, err)
	var got []string
	for _, log := range logs {
		got = append(got, log.room+" "+log.nonce(7))
	}
	assert.Equal(t, []string{
		"go go/2018-05-14.log#00000007",
		"zig 2018/05-14.txt#00000007",
		"zig 2017/12-31.txt#00000007",
	}, got)
}

func TestNonceOfLongNames(t *testing.T) {
	for _, name := range []string{strings.Repeat("x", 300), "a/\xff"} {
		m := storage.Message{RoomID: storage.NewID[storage.Room](), Nonce: logFile{name: name}.nonce(1)}
		assert.NoError(t, m.Validate())
	}
}

func TestPlainProgress(t *testing.T) {
	var out strings.Builder
	now := time.Unix(0, 0)
	p := &plain{w: &out, now: func() time.Time { return now }}
	p.start(1000)
	p.update(0, 0)
	now = now.Add(time.Second)
	p.update(100, 10_000) // too early for a line
	now = now.Add(9 * time.Second)
	p.update(250, 25_000)
	p.say("a line")
	now = now.Add(10 * time.Second)
	p.update(1100, 100_000)
	p.finish()
	assert.Equal(t, "25,000 entries, 2,500/s, 25%, 30s left\na line\n100,000 entries, 5,000/s, 100%, 0s left\n", out.String())
}

func TestBar(t *testing.T) {
	var out strings.Builder
	b := &bar{w: &out}
	b.start(1000)
	b.update(2000, 12_345)
	b.say("a line")
	b.finish()
	assert.Contains(t, out.String(), "12,345 entries")
	assert.Contains(t, out.String(), "a line\n")
}

func TestHighlight(t *testing.T) {
	body := "an \x1b[31merror here"
	spans := []lairsearch.Span{{Start: 8, End: 13}}
	assert.Equal(t, "an [31merror here", highlight(body, spans, false))
	assert.Equal(t, "an [31m\x1b[1merror\x1b[0m here", highlight(body, spans, true))
}
