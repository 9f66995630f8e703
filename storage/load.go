package storage

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"strings"
)

// LoadOptions say how [Load] stores what it reads. The zero value loads into an
// empty store.
type LoadOptions struct {
	// Merge lets the store have records already. See Load for what comes of
	// those that are in both.
	Merge bool

	// SkipAudit leaves the audit log out that is in the dump: two chains cannot
	// be made one.
	SkipAudit bool

	// Resume goes on with a Load that failed: it is the Records that its
	// progress told, of the same dump. These are read and checked again, but not
	// stored.
	Resume int64

	// Batch is how many records are stored in one Update, at most: 1000 unless
	// given, at most MaxBatch.
	Batch int

	// Progress is told how far loading has come, after each batch; with Merge, how
	// much was read.
	Progress func(DumpProgress)
}

// loadBytes bounds a batch too, by the length of its lines.
const loadBytes = 4 << 20

// Load stores what [Dump] has written: identifiers, sequence numbers, versions,
// times, positions of the feed and the chain of the audit log are what they
// were, and what is computed from them (searches, unread counts, summaries of
// threads) is computed anew. It reads a line at a time and stores batches,
// each an Update, in constant memory. Nothing else may write to the store
// meanwhile. A store whose backend cannot load is ErrUnsupported.
//
// Whatever is wrong with the dump is an error that names the line in its Field
// ("line 12"): ErrInvalid for what is no valid record, ErrUnsupported for a
// version that is newer than the program, ErrCorrupt for a dump that was cut off
// or changed, and otherwise that of RawRestorer. A line is stored whole or not at
// all. The progress tells how many records are stored for good. After an error
// the store holds these, counts may be wrong, and it is not to be used until
// Load went through: either with LoadOptions.Resume, once what was in the way is
// away (a context that was done, a full disk), or into an empty store.
//
// A store that has users, rooms, settings or anything else is ErrConflict, but
// for LoadOptions.Merge. Then all is one Update, which stores everything or
// nothing, and whose memory grows with the text of the messages. What is in both
// stays as the store has it:
//
//   - A user is in both by its ID. The user's sessions, login attempts,
//     sanctions everywhere, and blocks of others in both, are not taken either.
//   - A room is in both by its ID. Nothing in it is taken: neither members, nor
//     messages, nor what hangs on these, nor invites and sanctions. A room that
//     is new comes whole, with the messages and memberships of users in both.
//   - A setting is in both by its key, a legal hold by its ID.
//   - A username, an address, an external identifier, a room's name, the direct
//     room of two users, an identifier of a message, or whatever else is unique,
//     that is another record's in the store, is ErrDuplicate: one of the two has
//     to change first.
//   - The audit log is taken where the store has none, and otherwise ErrConflict
//     unless it is empty or LoadOptions.SkipAudit is set.
//   - The feed is taken, with its consumers, where the store has had no change,
//     and so is what is nobody's: attempts of unknown users, what deleted rooms
//     have left of files, what is counted of deleted users. Otherwise the
//     store's own feed goes on, which does not tell what was merged: it is cut
//     (RawRestorer), so that whoever follows it begins anew, and new members
//     are in their rooms from there on.
func Load(ctx context.Context, s Store, r io.Reader, o LoadOptions) (DumpProgress, error) {
	l := &loader{o: o, store: s, sum: sha256.New(), counts: make(map[RawKind]int64)}
	l.in, l.progress.Records = bufio.NewReaderSize(r, MaxDumpLine), max(o.Resume, 0)
	err := l.check()
	switch {
	case err != nil:
	case o.Merge:
		if err = l.update(ctx, l.merge); err != nil {
			l.progress.Records = 0
		}
	default:
		err = l.load(ctx)
	}
	return l.progress, WithOp("load", err)
}

// loader reads one dump.
type loader struct {
	o     LoadOptions
	store Store
	in    *bufio.Reader
	sum   hash.Hash // of the lines before the present one

	line     int // the number of the present line
	read     int64
	last     RawKind
	counts   map[RawKind]int64
	secrets  bool
	batch    []Raw
	from     []int // the lines of the batch
	bytes    int   // of the batch
	progress DumpProgress
}

func (l *loader) check() error {
	switch {
	case l.o.Batch < 0:
		return Invalid("Batch", "negative")
	case l.o.Resume < 0:
		return Invalid("Resume", "negative")
	case l.o.Resume > 0 && l.o.Merge:
		return Invalid("Resume", "together with Merge, which stores all or nothing")
	}
	if l.o.Batch = min(l.o.Batch, MaxBatch); l.o.Batch == 0 {
		l.o.Batch = 1000
	}
	return nil
}

// update runs fn in an Update whose Tx restores.
func (l *loader) update(ctx context.Context, fn func(context.Context, Tx, RawRestorer) error) error {
	return l.store.Update(ctx, func(ctx context.Context, tx Tx) error {
		to, ok := tx.(RawRestorer)
		if !ok {
			return &Error{Kind: ErrUnsupported, Err: errors.New("the backend cannot load dumps")}
		}
		return fn(ctx, tx, to)
	})
}

// load stores the dump batch by batch.
func (l *loader) load(ctx context.Context) error {
	if l.o.Resume == 0 {
		if err := l.update(ctx, func(ctx context.Context, tx Tx, _ RawRestorer) error { return requireEmpty(ctx, tx) }); err != nil {
			return err
		}
	}
	store := func(ctx context.Context) error {
		return l.update(ctx, func(ctx context.Context, _ Tx, to RawRestorer) error { return l.restore(ctx, to) })
	}
	if err := l.all(ctx, l.resumes, store); err != nil {
		return err
	}
	return l.update(ctx, func(ctx context.Context, _ Tx, to RawRestorer) error { return to.FinishRestore(ctx) })
}

// resumes reports whether a record is still to be stored.
func (l *loader) resumes(_ context.Context, r Raw) (bool, error) {
	return l.read > l.o.Resume && !l.skips(r), nil
}

// skips reports whether a record is left out whatever the store has.
func (l *loader) skips(r Raw) bool { return l.o.SkipAudit && (r.Audit != nil || r.AuditHead != nil) }

// restore stores the batch, and says which line is at fault.
func (l *loader) restore(ctx context.Context, to RawRestorer) error {
	err := to.RestoreRaw(ctx, l.batch...)
	var e *Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	var i int
	if n, _ := fmt.Sscanf(e.Field, "[%d]", &i); n == 0 || i < 0 || i >= len(l.from) {
		return err
	}
	at := *e
	at.Op = ""
	_, at.Field, _ = strings.Cut(e.Field, "].")
	return atLine(l.from[i], &at)
}

// atLine is an error of a line.
func atLine(line int, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return &Error{Field: fmt.Sprintf("line %d", line), Kind: ErrQuery, Err: err}
	}
	at := *e
	at.Field = fmt.Sprintf("line %d", line)
	if e.Field != "" {
		at.Field += ": " + e.Field
	}
	return &at
}

// all reads the dump to its end, and has what is kept of it stored in batches.
func (l *loader) all(ctx context.Context, keep func(context.Context, Raw) (bool, error), store func(context.Context) error) error {
	if err := l.readHeader(); err != nil {
		return err
	}
	for {
		next, size, err := l.next()
		if err != nil {
			return err
		}
		if next.End != nil {
			if err := l.readEnd(next); err != nil {
				return err
			}
			return l.flush(ctx, store)
		}
		record, err := l.record(next)
		if err != nil {
			return atLine(l.line, err)
		}
		l.read++
		kept, err := keep(ctx, record)
		if err != nil {
			return atLine(l.line, err)
		}
		if kept {
			l.batch, l.from, l.bytes = append(l.batch, record), append(l.from, l.line), l.bytes+size
		}
		if len(l.batch) >= l.o.Batch || l.bytes >= loadBytes {
			if err := l.flush(ctx, store); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// flush has the batch stored.
func (l *loader) flush(ctx context.Context, store func(context.Context) error) error {
	if len(l.batch) > 0 {
		if err := store(ctx); err != nil {
			return err
		}
	}
	clear(l.batch)
	l.batch, l.from, l.bytes = l.batch[:0], l.from[:0], 0
	l.progress.Records, l.progress.Kind = max(l.read, l.progress.Records), l.last
	if l.o.Progress != nil {
		l.o.Progress(l.progress)
	}
	return nil
}

// record returns the record of a line, which must be in its place.
func (l *loader) record(next *dumpLine) (Raw, error) {
	if next.Dump != nil {
		return Raw{}, Invalid("", "another header")
	}
	r := next.record()
	kind := r.Kind()
	switch {
	case kind == 0:
		return r, Invalid("", "not one record")
	case kind < l.last:
		return r, Invalid("", fmt.Sprintf("%s after %s", kind, l.last))
	case !l.secrets && hasSecret(r):
		return r, Invalid("", "a secret, in a dump that has none")
	}
	l.last = kind
	l.counts[kind]++
	r.Normalize()
	return r, r.Validate()
}

// next reads and parses a line, and returns its length.
func (l *loader) next() (*dumpLine, int, error) {
	line, err := l.readLine()
	if err != nil {
		return nil, 0, err
	}
	next, err := parseLine(line)
	if err != nil {
		return nil, 0, atLine(l.line, err)
	}
	if next.End == nil {
		l.sum.Write(line) // never fails
	}
	return next, len(line), nil
}

// readLine reads a line, which is valid until the next one is.
func (l *loader) readLine() ([]byte, error) {
	l.line++
	line, err := l.in.ReadSlice('\n')
	l.progress.Bytes += int64(len(line))
	switch {
	case err == nil:
		return line, nil
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, atLine(l.line, Invalid("", fmt.Sprintf("more than %d bytes", MaxDumpLine)))
	case errors.Is(err, io.EOF):
		return nil, atLine(l.line, &Error{Kind: ErrCorrupt, Err: errors.New("the dump is cut off")})
	}
	return nil, atLine(l.line, &Error{Kind: ErrQuery, Err: err})
}

// readHeader reads the first line. Of a newer version only that is understood.
func (l *loader) readHeader() error {
	line, err := l.readLine()
	if err != nil {
		return err
	}
	var any struct {
		Dump struct {
			Format  string `json:"format"`
			Version int    `json:"version"`
		} `json:"dump"`
	}
	if err := json.Unmarshal(line, &any); err != nil || any.Dump.Format != dumpFormat || any.Dump.Version < 1 {
		return atLine(l.line, Invalid("", "not the first line of a dump"))
	}
	if any.Dump.Version > dumpVersion {
		return atLine(l.line, &Error{
			Kind: ErrUnsupported, Err: fmt.Errorf("version %d of the format, known up to %d", any.Dump.Version, dumpVersion),
		})
	}
	header, err := parseLine(line)
	if err != nil || header.Raw.Kind() != 0 || header.End != nil {
		return atLine(l.line, Invalid("", "not the first line of a dump"))
	}
	l.secrets = header.Dump.Secrets
	l.sum.Write(line) // never fails
	return nil
}

// readEnd checks the last line, behind which nothing may be.
func (l *loader) readEnd(next *dumpLine) error {
	switch {
	case next.Dump != nil || *next != dumpLine{End: next.End}:
		return atLine(l.line, Invalid("", "not the last line of a dump"))
	case !maps.Equal(next.End.Records, l.counts):
		return atLine(l.line, &Error{Kind: ErrCorrupt, Err: errors.New("not the records that were dumped")})
	case next.End.SHA256 != AuditHash(l.sum.Sum(nil)):
		return atLine(l.line, &Error{Kind: ErrCorrupt, Err: errors.New("not the lines that were dumped")})
	case l.o.Resume > l.read:
		return Invalid("Resume", "more records than the dump has")
	}
	if _, err := l.in.ReadByte(); err != io.EOF {
		return atLine(l.line+1, Invalid("", "something after the last line"))
	}
	return nil
}
