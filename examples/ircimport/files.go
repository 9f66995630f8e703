package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// logFile is one file to import.
type logFile struct {
	path string
	name string // its last two names, slash-separated: wherever it is read from, its entries keep their nonces
	room string
	size int64
}

// findLogs returns the files that the paths name, and those in the folders
// they name, in the order of the paths and then of their names. An empty room
// means that folders give it theirs.
func findLogs(paths []string, room string) ([]logFile, error) {
	var logs []logFile
	for _, path := range paths {
		root, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		before := len(logs)
		err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			switch {
			case path != root && strings.HasPrefix(d.Name(), ".") && d.IsDir():
				return filepath.SkipDir
			case d.IsDir() || (path != root && !isLog(d)):
				return nil
			}
			log, err := newLogFile(path, root, room)
			logs = append(logs, log)
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(logs) == before {
			return nil, fmt.Errorf("%s: no .txt or .log files in it", path)
		}
	}
	return logs, nil
}

func isLog(d fs.DirEntry) bool {
	ext := filepath.Ext(d.Name())
	return d.Type().IsRegular() && !strings.HasPrefix(d.Name(), ".") && (ext == ".txt" || ext == ".log")
}

func newLogFile(path, root, room string) (logFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return logFile{}, err
	}
	folder := filepath.Base(filepath.Dir(path))
	if room == "" {
		if path == root {
			root = filepath.Dir(path)
		}
		room = roomName(root)
	}
	return logFile{path: path, name: folder + "/" + filepath.Base(path), room: room, size: info.Size()}, nil
}

// roomName is the name of a folder, or of the one around it where that is a
// year.
func roomName(folder string) string {
	name := filepath.Base(folder)
	if len(name) == 4 && strings.Trim(name, "0123456789") == "" {
		name = filepath.Base(filepath.Dir(folder))
	}
	return name
}

// nonce is the idempotency key of an entry. The keys of a file rise, which
// keeps their index compact.
func (f logFile) nonce(number int) string {
	name := f.name
	if len(name) > 96 || !utf8.ValidString(name) {
		sum := sha256.Sum256([]byte(name))
		name = hex.EncodeToString(sum[:16])
	}
	return fmt.Sprintf("%s#%08d", name, number)
}
