package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/sqlite"
	"github.com/lairchat/lair/storage"
)

// watchFile names the file that a child process watches.
const watchFile = "LAIR_TEST_WATCH_FILE"

// abroad is how late a watcher may hear of what another process wrote.
const abroad = time.Second

// TestWatchingChild is the child of TestProcessesWatch: it says which user it
// hears of, and creates one whenever it is asked to.
func TestWatchingChild(t *testing.T) {
	path := os.Getenv(watchFile)
	if path == "" {
		return
	}
	s, err := sqlite.Open(t.Context(), path, nil)
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close()) }()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			u := storage.User{Username: in.Text()}
			assert.NoError(t, s.CreateUser(ctx, &u))
			fmt.Println("created", u.ID)
		}
	}()
	for c, err := range s.Watch(ctx, storage.ChangeQuery{}) {
		if err != nil {
			require.ErrorIs(t, err, storage.ErrCanceled)
			return
		}
		fmt.Println("heard", c.UserID)
	}
}

// TestProcessesWatch has two processes on one file hear of each other's changes.
func TestProcessesWatch(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "chat.db")
	s, err := sqlite.Open(t.Context(), path, nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	ask, lines, wait := watchingChild(t, path)
	next, stop := iter.Pull2(s.Watch(t.Context(), storage.ChangeQuery{}))
	defer stop()
	for i := range 4 {
		u := storage.User{Username: fmt.Sprint("parent", i)}
		require.NoError(t, s.CreateUser(t.Context(), &u))
		written := time.Now()
		require.Equal(t, fmt.Sprint("heard ", u.ID), <-lines)
		if i > 0 { // before, the child was only starting
			require.Less(t, time.Since(written), abroad, "until the child heard")
		}
		c, err, _ := next()
		require.NoError(t, err)
		require.Equal(t, u.ID, c.UserID)

		_, err = fmt.Fprintf(ask, "child%d\n", i)
		require.NoError(t, err)
		c, err, _ = next()
		heard := time.Now()
		require.NoError(t, err)
		said := map[string]time.Time{}
		for range 2 { // it hears of its own, too
			said[<-lines] = time.Now()
		}
		require.Contains(t, said, fmt.Sprint("created ", c.UserID))
		require.Contains(t, said, fmt.Sprint("heard ", c.UserID))
		require.Less(t, heard.Sub(c.At), abroad, "until the parent heard")
	}
	require.NoError(t, ask.Close())
	require.NoError(t, wait())
}

// watchingChild starts a child process, and returns how to ask it, what it says
// and what waits for its end.
func watchingChild(t *testing.T, path string) (ask io.WriteCloser, lines <-chan string, wait func() error) {
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWatchingChild$")
	child.Env = append(os.Environ(), watchFile+"="+path)
	child.Stderr = os.Stderr
	ask, err := child.StdinPipe()
	require.NoError(t, err)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	said, done := make(chan string, 100), make(chan struct{})
	go func() {
		defer close(done)
		for in := bufio.NewScanner(out); in.Scan(); {
			said <- in.Text()
		}
	}()
	return ask, said, func() error { <-done; return child.Wait() }
}
