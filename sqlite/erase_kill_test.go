package sqlite

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// What a child process is to erase, and where.
const (
	eraseFileVariable = "LAIR_TEST_ERASE_FILE"
	eraseUserVariable = "LAIR_TEST_ERASE_USER"
)

// TestEraseAfterKills kills a process that erases somebody, after some batches,
// and again, until another one ends it.
func TestEraseAfterKills(t *testing.T) {
	if path := os.Getenv(eraseFileVariable); path != "" {
		eraseChild(t, path)
		return
	}
	t.Parallel()
	p := newSecretPerson(t, 700)
	said := p.stands()
	for _, after := range []int{1, 2, 5, 11, 23} {
		p.killEraser(after)
		u, err := p.s.User(p.ctx, p.user)
		require.NoError(t, err, "after a kill")
		require.False(t, u.Active)
	}
	require.Less(t, p.stands(), said-20, "what the children have done is done")
	p.erased(storage.EraseOptions{}, false)
	p.wantNothing(p.secrets)
	require.NoError(t, storage.VerifyAudit(p.ctx, p.s, storage.AuditHead{}))
	for m, err := range storage.All(p.ctx, p.s.Messages, storage.MessageQuery{Room: p.room, WithDeleted: true}) {
		require.NoError(t, err)
		require.True(t, m.AuthorID == p.other || m.Deleted() && m.AuthorID.IsZero() && m.Nonce == "", "%+v", m)
	}
}

// stands counts what the person said, as far as it stands.
func (p *secretPerson) stands() int64 {
	n, err := p.s.CountMessages(p.ctx, storage.MessageQuery{Author: p.user})
	require.NoError(p.t, err)
	return n
}

// killEraser runs a child, and kills it after some of its batches.
func (p *secretPerson) killEraser(after int) {
	self, err := os.Executable()
	require.NoError(p.t, err)
	child := exec.CommandContext(p.ctx, self, "-test.run=^TestEraseAfterKills$")
	child.Env = append(os.Environ(), eraseFileVariable+"="+p.s.engine.source.path, eraseUserVariable+"="+p.user.String())
	stdout, err := child.StdoutPipe()
	require.NoError(p.t, err)
	require.NoError(p.t, child.Start())
	lines := bufio.NewScanner(stdout)
	for n := 0; lines.Scan(); {
		if n++; n == after {
			require.NoError(p.t, child.Process.Kill())
		}
	}
	require.Error(p.t, child.Wait(), "the child ended by itself")
}

// eraseChild erases by single records, and prints a line for each batch.
func eraseChild(t *testing.T, path string) {
	s, err := Open(t.Context(), path, nil)
	require.NoError(t, err)
	user, err := storage.ParseID[storage.User](os.Getenv(eraseUserVariable))
	require.NoError(t, err)
	for more := true; more; {
		e, err := s.EraseUserData(t.Context(), user, storage.EraseOptions{Limit: 1})
		require.NoError(t, err)
		fmt.Println("a batch")
		more = e.More
	}
}
