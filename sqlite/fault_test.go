package sqlite

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3/vfs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// faults is a file system that fails when it is told to, under our guard.
type faults struct {
	guardVFS
	write, sync, read atomic.Pointer[error]
	log               bool // the faults concern the log only
}

type faultyFile struct {
	*guardFile
	faults *faults
	log    bool
}

func (f *faults) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	file, flags, err := f.guardVFS.OpenFilename(name, flags)
	if err != nil {
		return nil, flags, err
	}
	return &faultyFile{file.(*guardFile), f, flags&vfs.OPEN_WAL != 0}, flags, nil
}

func (f *faultyFile) fault(p *atomic.Pointer[error]) error {
	if err := p.Load(); err != nil && (f.log || !f.faults.log) {
		return *err
	}
	return nil
}

func (f *faultyFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.fault(&f.faults.read); err != nil {
		return 0, err
	}
	return f.guardFile.ReadAt(p, off)
}

func (f *faultyFile) WriteAt(p []byte, off int64) (int, error) {
	if err := f.fault(&f.faults.write); err != nil {
		return 0, err
	}
	return f.guardFile.WriteAt(p, off)
}

func (f *faultyFile) Sync(flags vfs.SyncFlag) error {
	if err := f.fault(&f.faults.sync); err != nil {
		return err
	}
	return f.guardFile.Sync(flags)
}

// fail makes calls of a kind fail, until err is nil.
func fail(p *atomic.Pointer[error], err error) {
	if err == nil {
		p.Store(nil)
		return
	}
	p.Store(&err)
}

// faulty counts file systems, for their names.
var faulty atomic.Int64

// openFaulty opens an engine on a file system that can fail.
func openFaulty(t *testing.T, o *Options) (*engine, *faults) {
	t.Helper()
	f := &faults{guardVFS: guardVFS{vfs.Find("os")}}
	name := fmt.Sprint("faulty-", faulty.Add(1))
	vfs.Register(name, guardVFS{f})
	t.Cleanup(func() { vfs.Unregister(name) })
	return openEngineOn(t, filepath.Join(t.TempDir(), "chat.db"), o, name), f
}

// write puts a name and some bytes.
func write(name string, size int) func(backend.Rows) error {
	return put(name + strings.Repeat("x", size))
}

func TestDiskFullAtCommit(t *testing.T) {
	t.Parallel()
	for _, errno := range []error{syscall.ENOSPC, syscall.EDQUOT} {
		e, f := openFaulty(t, nil)
		_, err := e.Write(t.Context(), put("before"))
		require.NoError(t, err)

		fail(&f.write, errno)
		_, err = e.Write(t.Context(), put("during"))
		assert.ErrorIs(t, err, storage.ErrCommitUnknown)
		assert.ErrorIs(t, err, storage.ErrFull)
		assert.Equal(t, []string{"before"}, stored(t, e), "readers go on")

		fail(&f.write, nil)
		_, err = e.Write(t.Context(), put("past"))
		assert.NoError(t, err)
		assert.Contains(t, stored(t, e), "past")
	}
}

// TestDiskFullWithinGroup makes the disk full before the commit, when pages
// no longer fit into memory: SQLite then rolls back everything, everybody's.
func TestDiskFullWithinGroup(t *testing.T) {
	t.Parallel()
	e, f := openFaulty(t, &Options{CacheSize: 64 << 10})
	c := hold(t, e)
	c.queue(e.Write, put("a"))
	large := c.queue(e.Write, func(r backend.Rows) error {
		fail(&f.write, syscall.ENOSPC)
		defer fail(&f.write, nil)
		return write("large", 2<<20)(r)
	})
	after := c.queue(e.Write, put("after"))
	c.release()
	assert.ErrorIs(t, large.err, storage.ErrFull)
	assert.NotErrorIs(t, large.err, storage.ErrCommitUnknown)
	for _, o := range c.outcomes[:2] {
		assert.ErrorIs(t, o.err, storage.ErrFull, "of the same transaction")
	}
	assert.NoError(t, after.err)
	assert.Equal(t, []string{"after"}, stored(t, e))
}

// TestFailedSync fails the sync of a commit: nobody can tell whether it is
// durable, and everyone in the group is told so.
func TestFailedSync(t *testing.T) {
	t.Parallel()
	e, f := openFaulty(t, nil)
	c := hold(t, e)
	c.queue(e.Write, put("a"))
	c.queue(e.Update, put("b"))
	bad := c.queue(e.Write, failing("bad"))
	fail(&f.sync, syscall.EIO)
	c.release()
	for i, o := range c.outcomes[:3] {
		assert.ErrorIs(t, o.err, storage.ErrCommitUnknown, "call %d", i)
		assert.ErrorIs(t, o.err, storage.ErrConnection, "call %d", i)
		assert.Zero(t, o.group)
	}
	assert.ErrorIs(t, bad.err, errTest)

	fail(&f.sync, nil)
	_, err := e.Write(t.Context(), put("past"))
	assert.NoError(t, err)
	assert.Contains(t, stored(t, e), "past")
}

// TestFailedRead breaks a reader, which is then opened anew.
func TestFailedRead(t *testing.T) {
	t.Parallel()
	e, f := openFaulty(t, &Options{Readers: 1})
	_, err := e.Write(t.Context(), put("a"))
	require.NoError(t, err)
	fail(&f.read, syscall.EIO)
	err = e.Read(t.Context(), execute("SELECT count(*) FROM counters"))
	assert.ErrorIs(t, err, storage.ErrConnection)
	fail(&f.read, nil)
	assert.Equal(t, []string{"a"}, stored(t, e))
	assert.Equal(t, 1, e.pool.opened)
}

// TestFailedCheckpoint shows in Health and goes away with the next.
func TestFailedCheckpoint(t *testing.T) {
	t.Parallel()
	e, f := openFaulty(t, nil)
	_, err := e.Write(t.Context(), put("a"))
	require.NoError(t, err)
	fail(&f.sync, syscall.EIO)
	assert.ErrorIs(t, e.checkpoint(t.Context()), storage.ErrConnection)
	e.log.wake <- struct{}{}
	require.Eventually(t, func() bool { return e.log.err() != nil }, waitLimit, waitStep)
	h, err := e.Health(t.Context())
	require.NoError(t, err)
	assert.ErrorIs(t, h.CheckpointError, storage.ErrConnection)

	fail(&f.sync, nil)
	e.log.wake <- struct{}{}
	require.Eventually(t, func() bool { return e.log.err() == nil }, waitLimit, waitStep)
	assert.Equal(t, []string{"a"}, stored(t, e))
}

// TestOutOfMemory panics within SQLite's code: an error, and another
// connection.
func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	const hungry = `
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
		SELECT i, zeroblob(1000000) || i FROM n ORDER BY 2, 1`
	e := openEngine(t, &Options{Readers: 1})
	_, err := e.Write(t.Context(), execute("PRAGMA temp_store = MEMORY"))
	require.NoError(t, err)
	_, err = e.Write(t.Context(), execute(hungry))
	assert.ErrorIs(t, err, storage.ErrConnection)
	_, err = e.Write(t.Context(), put("a"))
	assert.NoError(t, err)
	assert.Equal(t, []string{"a"}, stored(t, e))
}

// TestUnclosableConnection lets go of its lock all the same.
func TestUnclosableConnection(t *testing.T) {
	t.Parallel()
	e := openEngine(t, &Options{LockWait: time.Second})
	c, err := e.source.writer()
	require.NoError(t, err)
	require.NoError(t, c.exec(`BEGIN IMMEDIATE`, nil))
	_, err = c.db.OpenBlob("main", "goose_db_version", "tstamp", 1, false)
	require.NoError(t, err)
	assert.ErrorIs(t, c.close(), storage.ErrTimeout, "BUSY: the blob is open")
	_, err = e.Write(t.Context(), put("a"))
	assert.NoError(t, err)
}
