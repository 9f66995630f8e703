package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/lairchat/lair/examples/ircimport/internal/irclog"
	"github.com/lairchat/lair/storage"
)

// batchSize is how many messages share a transaction: enough that the commit
// costs little for each, few enough that the progress shows.
const batchSize = 1000

// importer stores logs, file by file, in batches.
type importer struct {
	store    storage.Store
	zone     *time.Location
	progress progress
	summary  summary

	room  storage.Room              // the one that is imported into
	nicks map[string]storage.UserID // the users behind nicknames, as they were spelled
	batch []pending
	read  int64 // bytes
}

// pending is a message of the batch that waits to be stored.
type pending struct {
	message storage.Message
	nick    string
	file    string
	line    int
}

func newImporter(store storage.Store, zone *time.Location, stderr io.Writer) *importer {
	return &importer{
		store:    store,
		zone:     zone,
		progress: newProgress(stderr),
		summary:  summary{users: map[storage.UserID]bool{}},
	}
}

func (im *importer) run(ctx context.Context, logs []logFile) error {
	var total int64
	for _, log := range logs {
		total += log.size
	}
	start := time.Now()
	im.progress.start(total)
	err := im.files(ctx, logs)
	im.progress.finish()
	im.summary.took = time.Since(start)
	return err
}

func (im *importer) files(ctx context.Context, logs []logFile) error {
	for _, log := range logs {
		if err := im.enter(ctx, log.room); err != nil {
			return err
		}
		if err := im.file(ctx, log); err != nil {
			return err
		}
		im.summary.files++
	}
	return im.flush(ctx)
}

// enter makes a room the one that is imported into.
func (im *importer) enter(ctx context.Context, name string) error {
	if im.room.Name == name {
		return nil
	}
	if err := im.flush(ctx); err != nil {
		return err
	}
	room, err := im.store.RoomByName(ctx, name)
	if errors.Is(err, storage.ErrNotFound) {
		room = storage.Room{Name: name, Privacy: storage.PrivacyPublic}
		err = im.store.CreateRoom(ctx, &room)
	}
	if err != nil {
		return err
	}
	im.room = room
	im.room.Name = name // as it was asked for
	im.nicks = map[string]storage.UserID{}
	return nil
}

func (im *importer) file(ctx context.Context, log logFile) (err error) {
	f, err := os.Open(log.path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReader(&countingReader{f, &im.read})
	head, err := r.Peek(irclog.DetectSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	format := irclog.Detect(log.name, head)
	day, ok := irclog.Date(log.name, im.zone)
	if format == irclog.ZNC && !ok {
		im.summary.entries++
		im.problem(log.name, 1, "no date in the name of the file, which is left out")
		return nil
	}
	for e, err := range irclog.Read(r, format, day) {
		if err != nil {
			return fmt.Errorf("%s: %w", log.name, err)
		}
		if err := im.entry(ctx, log, e); err != nil {
			return err
		}
	}
	return nil
}

func (im *importer) entry(ctx context.Context, log logFile, e irclog.Entry) error {
	switch {
	case e.Kind == irclog.Blank:
		return nil
	case e.Kind == irclog.Malformed:
		im.problem(log.name, e.Line, e.Problem)
	case e.Kind == irclog.Event:
		im.summary.events++
	default:
		im.batch = append(im.batch, pending{im.message(log, e), e.Nick, log.name, e.Line})
	}
	im.summary.entries++
	if len(im.batch) < batchSize {
		return nil
	}
	return im.flush(ctx)
}

func (im *importer) message(log logFile, e irclog.Entry) storage.Message {
	m := storage.Message{
		RoomID:    im.room.ID,
		Body:      e.Text,
		Nonce:     log.nonce(e.Number),
		CreatedAt: e.Time,
	}
	switch e.Kind {
	case irclog.Action:
		m.Custom = json.RawMessage(`{"irc":"action"}`)
	case irclog.Notice:
		m.Custom = json.RawMessage(`{"irc":"notice"}`)
	}
	return m
}

// problem reports an entry that is not stored.
func (im *importer) problem(file string, line int, what string) {
	im.summary.malformed++
	im.progress.say(fmt.Sprintf("%s:%d: %s", file, line, what))
}

// countingReader adds up what is read.
type countingReader struct {
	io.Reader
	n *int64
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	*r.n += int64(n)
	return n, err
}
