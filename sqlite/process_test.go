package sqlite

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage/backend"
)

// childEnv makes the test binary a child process: it names the file to open,
// and childName what to put there.
const (
	childEnv  = "LAIR_TEST_CHILD_FILE"
	childName = "LAIR_TEST_CHILD_NAME"
)

// child opens a store and puts a name, if this is a child process.
func child() {
	path := os.Getenv(childEnv)
	if path == "" {
		return
	}
	if err := childPut(path, os.Getenv(childName)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func childPut(path, name string) error {
	e, err := open(context.Background(), path, nil, vfsName, backend.SearchVersion)
	if err != nil {
		return err
	}
	for i := range 20 {
		if _, err := e.Write(context.Background(), put(fmt.Sprint(name, i))); err != nil {
			return err
		}
	}
	return e.Close()
}

// TestProcessesOpenNewFile has several processes open a new file at once and
// write to it.
func TestProcessesOpenNewFile(t *testing.T) {
	t.Parallel()
	const rounds, processes = 3, 4
	for range rounds {
		path := filepath.Join(t.TempDir(), "chat.db")
		var children []*exec.Cmd
		for i := range processes {
			c := exec.CommandContext(t.Context(), os.Args[0])
			c.Env = append(os.Environ(), childEnv+"="+path, fmt.Sprintf("%s=p%d-", childName, i))
			c.Stderr = os.Stderr
			require.NoError(t, c.Start())
			children = append(children, c)
		}
		for _, c := range children {
			assert.NoError(t, c.Wait())
		}
		e := openEngineAt(t, path, nil)
		assert.Len(t, stored(t, e), processes*20)
	}
}
