package sqlite_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/sqlite"
	"github.com/lairchat/lair/storage"
)

var crashKills = flag.Int("crash.kills", defaultCrashKills, "how often TestCrash kills its child process")

// crashVariable names the file to a child process.
const crashVariable = "LAIR_TEST_CRASH_FILE"

// How many there are of what the child writes with.
const (
	crashUsers   = 3
	crashRooms   = 4
	crashWriters = 8
)

// TestCrash kills a child process that writes, again and again, and requires
// that everything that it was told is stored is there afterwards, and that
// everything else holds together. The file lives on from kill to kill.
func TestCrash(t *testing.T) {
	if path := os.Getenv(crashVariable); path != "" {
		crashChild(t, path)
		return
	}
	t.Parallel()
	c := newCrash(t)
	checks := 0
	for kills := 0; kills < *crashKills; checks++ {
		// A child that is killed may find what the one before it has left,
		// and be killed while it recovers that.
		for range min(1+c.rng.IntN(3), *crashKills-kills) {
			c.kill()
			kills++
		}
		c.check()
	}
	t.Logf("%d kills, %d checks, %d operations acknowledged, %d messages", *crashKills, checks, c.told, len(c.acked))
}

// crash is what the parent knows.
type crash struct {
	t     *testing.T
	rng   *rand.Rand
	self  string
	path  string
	rooms []storage.RoomID
	acked map[storage.MessageID]stage // how far each message must be at least
	told  int                         // operations that were acknowledged
	feed  []storage.Change            // what it was
}

func newCrash(t *testing.T) *crash {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	c := &crash{
		t: t, self: self, rng: rand.New(rand.NewPCG(1, uint64(*crashKills))),
		path: filepath.Join(t.TempDir(), "chat.db"), acked: map[storage.MessageID]stage{},
	}
	s := c.open()
	for i := range crashUsers {
		require.NoError(t, s.CreateUser(t.Context(), &storage.User{Username: fmt.Sprint("user", i)}))
	}
	for i := range crashRooms {
		r := storage.Room{Name: fmt.Sprint("room", i)}
		require.NoError(t, s.CreateRoom(t.Context(), &r))
		c.rooms = append(c.rooms, r.ID)
	}
	require.NoError(t, s.Close())
	return c
}

func (c *crash) open() *sqlite.Store {
	c.t.Helper()
	s, err := sqlite.Open(c.t.Context(), c.path, nil)
	require.NoError(c.t, err, "open after a crash")
	return s
}

// kill runs a child, kills it after some of the lines that it prints, and
// notes what it was told is stored.
func (c *crash) kill() {
	c.t.Helper()
	child := exec.CommandContext(c.t.Context(), c.self, "-test.run=^TestCrash$")
	child.Env = append(os.Environ(), crashVariable+"="+c.path)
	var stderr bytes.Buffer
	child.Stderr = &stderr
	stdout, err := child.StdoutPipe()
	require.NoError(c.t, err)
	require.NoError(c.t, child.Start())

	after, lines := 1+c.rng.IntN(60), 0
	var said bytes.Buffer
	for in := bufio.NewReader(stdout); ; lines++ {
		if lines == after {
			require.NoError(c.t, child.Process.Kill())
		}
		// What the child has printed before it died is in the pipe; a line
		// without an end was not printed whole.
		line, err := in.ReadString('\n')
		if err != nil {
			break
		}
		said.WriteString(line)
		c.note(line)
	}
	require.Error(c.t, child.Wait())
	require.GreaterOrEqual(c.t, lines, after, "the child ended by itself:\n%s%s", &said, &stderr)
}

// note reads a line of the child: a stage, and the messages that have reached
// it.
func (c *crash) note(line string) {
	number, ids, _ := strings.Cut(strings.TrimSpace(line), " ")
	n, err := strconv.Atoi(number)
	if err != nil {
		return // what it says about opening
	}
	c.told++
	for _, field := range strings.Fields(ids) {
		id, err := storage.ParseID[storage.Message](field)
		require.NoError(c.t, err, "line %q", line)
		c.acked[id] = max(c.acked[id], stage(n))
	}
}
