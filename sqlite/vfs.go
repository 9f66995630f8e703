package sqlite

import (
	"io/fs"
	"os"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// vfsName is the name of our file system among SQLite's.
const vfsName = "lair"

// fileMode is what nobody but the owner gets around.
const fileMode fs.FileMode = 0o600

func init() { vfs.Register(vfsName, guardVFS{vfs.Find("os")}) }

// guardVFS stands before a file system: the log and its index are created with
// the mode of a secret, and a full disk is told as such. Underneath, they are
// created as the umask has it, and a full disk is an I/O error.
type guardVFS struct{ vfs.VFS }

// Open implements vfs.VFS, for temporary files.
func (g guardVFS) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	return guarded(vfsutil.WrapOpen(g.VFS, name, flags))
}

// OpenFilename implements vfs.VFSFilename.
func (g guardVFS) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	const secret = vfs.OPEN_WAL | vfs.OPEN_MAIN_JOURNAL
	if flags&vfs.OPEN_CREATE != 0 && flags&secret != 0 {
		createSecret(name.String(), name.Database())
	}
	file, flags, err := guarded(vfsutil.WrapOpenFilename(g.VFS, name, flags))
	if f, ok := file.(*guardFile); ok && flags&vfs.OPEN_MAIN_DB != 0 {
		f.main = name.String()
	}
	return file, flags, err
}

func guarded(file vfs.File, flags vfs.OpenFlag, err error) (vfs.File, vfs.OpenFlag, error) {
	if err != nil {
		return nil, flags, err
	}
	return &guardFile{File: file}, flags, nil
}

// createSecret makes a file, unless it exists, that is no wider open than its
// database. If that fails, opening it will say why.
func createSecret(name, database string) {
	mode := fileMode
	if info, err := os.Stat(database); err == nil {
		mode &= info.Mode().Perm()
	}
	if f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode); err == nil {
		f.Close()
	}
}

// guardFile is a file of a guardVFS.
type guardFile struct {
	vfs.File
	main string // the name of a database, until its index has been made
}

var (
	_ vfs.FileUnwrap             = (*guardFile)(nil)
	_ vfs.FileLockState          = (*guardFile)(nil)
	_ vfs.FilePersistWAL         = (*guardFile)(nil)
	_ vfs.FilePowersafeOverwrite = (*guardFile)(nil)
	_ vfs.FileSizeHint           = (*guardFile)(nil)
	_ vfs.FileHasMoved           = (*guardFile)(nil)
	_ vfs.FileBatchAtomicWrite   = (*guardFile)(nil)
	_ vfs.FileSharedMemory       = (*guardFile)(nil)
	_ vfs.FileMemoryMapper       = (*guardFile)(nil)
)

// full gives the errors of a full disk their code.
func full(err error) error {
	if err != nil && diskFull(err) {
		return vfs.SystemError(err, sqlite3.FULL)
	}
	return err
}

// Lock implements vfs.File. The index of the log is made as soon as the
// database is locked, for from then on nobody takes it away.
func (f *guardFile) Lock(lock vfs.LockLevel) error {
	err := f.File.Lock(lock)
	if err == nil && f.main != "" {
		if f.hasLog() {
			createSecret(f.main+"-shm", f.main)
		}
		f.main = ""
	}
	return err
}

// hasLog reports whether the database says that it has a write-ahead log
// (https://sqlite.org/fileformat2.html#file_format_version_numbers).
func (f *guardFile) hasLog() bool {
	var versions [2]byte
	_, err := f.File.ReadAt(versions[:], 18)
	return err == nil && versions == [2]byte{2, 2}
}

// WriteAt implements vfs.File.
func (f *guardFile) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.File.WriteAt(p, off)
	return n, full(err)
}

// Truncate implements vfs.File.
func (f *guardFile) Truncate(size int64) error { return full(f.File.Truncate(size)) }

// Sync implements vfs.File.
func (f *guardFile) Sync(flags vfs.SyncFlag) error { return full(f.File.Sync(flags)) }

// SizeHint implements vfs.FileSizeHint.
func (f *guardFile) SizeHint(size int64) error { return full(vfsutil.WrapSizeHint(f.File, size)) }

// The rest is handed through.

func (f *guardFile) Unwrap() vfs.File                { return f.File }
func (f *guardFile) LockState() vfs.LockLevel        { return vfsutil.WrapLockState(f.File) }
func (f *guardFile) PersistWAL() bool                { return vfsutil.WrapPersistWAL(f.File) }
func (f *guardFile) SetPersistWAL(keep bool)         { vfsutil.WrapSetPersistWAL(f.File, keep) }
func (f *guardFile) PowersafeOverwrite() bool        { return vfsutil.WrapPowersafeOverwrite(f.File) }
func (f *guardFile) SetPowersafeOverwrite(psow bool) { vfsutil.WrapSetPowersafeOverwrite(f.File, psow) }
func (f *guardFile) HasMoved() (bool, error)         { return vfsutil.WrapHasMoved(f.File) }
func (f *guardFile) BeginAtomicWrite() error         { return vfsutil.WrapBeginAtomicWrite(f.File) }
func (f *guardFile) CommitAtomicWrite() error        { return full(vfsutil.WrapCommitAtomicWrite(f.File)) }
func (f *guardFile) RollbackAtomicWrite() error      { return vfsutil.WrapRollbackAtomicWrite(f.File) }
func (f *guardFile) SharedMemory() vfs.SharedMemory  { return vfsutil.WrapSharedMemory(f.File) }
func (f *guardFile) MemoryMapper() vfs.MemoryMapper  { return vfsutil.WrapMemoryMapper(f.File) }
