package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const firstRun = `Two users and a room, in one transaction:
  user alice is new
  user bob is new
  room kitchen: Who cooks what

A conversation:
  message 1 by alice stored
  message 2 by bob stored
  message 3 by alice stored
  message 4 by bob stored
  message 5 by alice stored

Its history, newest first, in pages of three:
  page 1: 5 alice: oops, wrong window
  page 1: 4 bob: There is now. 上海 style!
  page 1: 3 alice: Is there crème brûlée afterwards?
  page 2: 2 bob: I am: ramen with shiitake, at seven.
  page 2: 1 alice: Who is cooking tonight?
` + ending

const secondRun = `Two users and a room, in one transaction:
  user alice was here before
  user bob was here before
  room kitchen: Who cooks what

A conversation:
  message 1 by alice was there before
  message 2 by bob was there before
  message 3 by alice was there before
  message 4 by bob was there before
  message 5 by alice was there before

Its history, newest first, in pages of three:
  page 1: 5 alice: (deleted)
  page 1: 4 bob: There is now. 上海 style!
  page 1: 3 alice: Is there crème brûlée afterwards?
  page 2: 2 bob: I am: ramen with shiitake, at eight. (edited)
  page 2: 1 alice: Who is cooking tonight?
` + ending

const ending = `
Bob corrects himself, Alice takes something back:
  2 bob: I am: ramen with shiitake, at eight. (edited)
  5 alice: (deleted)

What Alice finds:
  "shiitake ramen": 1
    2 bob: I am: ramen with shiitake, at eight. (edited)
  "creme brulee": 1
    3 alice: Is there crème brûlée afterwards?
  "上海": 1
    4 bob: There is now. 上海 style!
  "wrong window": 0

How things stand, in one snapshot:
  kitchen: 2 members, 4 messages, the last is number 5
  alice, owner: wrote 2, read marker at 5 of 5
  bob, member: wrote 2, read marker at 4 of 5
`

func TestRunTwice(t *testing.T) {
	db := filepath.Join(t.TempDir(), "chat.db")
	for i, want := range []string{firstRun, secondRun, secondRun} {
		var out strings.Builder
		require.NoError(t, run(t.Context(), &out, []string{"-db", db}))
		assert.Equal(t, want, out.String(), "run %d", i+1)
	}
	assert.FileExists(t, db)
}

func TestRunWithoutFileKeepsNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir) // as Windows calls it
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, nil))
	assert.Equal(t, firstRun, out.String())
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestRunRefusesUnknownFlags(t *testing.T) {
	require.Error(t, run(t.Context(), &strings.Builder{}, []string{"-no-such-flag"}))
}
