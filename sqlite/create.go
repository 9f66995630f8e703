package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/lairchat/lair/storage"
)

// create makes the file of a new store. It comes into being as a whole:
// whoever opens it sees no half-made database, and if several make it at once,
// one of theirs becomes everybody's.
func (s *source) create() error {
	image, err := emptyDatabase()
	if err != nil {
		return wrap(err)
	}
	dir, base := filepath.Split(s.path)
	file, err := os.CreateTemp(dir, base+".new-*") // of mode 0600
	if err != nil {
		return cannotCreate(err)
	}
	defer os.Remove(file.Name())
	if err := fill(file, image); err != nil {
		return cannotCreate(err)
	}
	err = os.Link(file.Name(), s.path)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrExist):
		return nil // another was quicker
	default:
		if err := createInPlace(s.path, image); err != nil {
			return cannotCreate(err)
		}
	}
	return cannotCreate(syncDir(dir))
}

// createInPlace makes the file where the file system has no links. Who opens
// it before it is complete is told that it is not a store.
func createInPlace(path string, image []byte) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := fill(file, image); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// fill writes a file, makes it durable, and closes it.
func fill(file *os.File, content []byte) error {
	_, err := file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func cannotCreate(err error) error {
	switch {
	case err == nil:
		return nil
	case diskFull(err):
		return &storage.Error{Field: "path", Kind: storage.ErrFull, Err: err}
	}
	return &storage.Error{Field: "path", Kind: storage.ErrConnection, Err: err}
}
