package storage

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"hash"
	"io"
)

// DumpOptions say what [Dump] writes. The zero value leaves secrets out.
type DumpOptions struct {
	// Secrets are to be written too: password hashes, the digests of tokens and
	// of invite codes, sensitive settings. See Dump for what is missing without.
	Secrets bool

	// Progress is told how far the dump has come, after each page of records.
	Progress func(DumpProgress)
}

// DumpProgress tells how far a [Dump] or a [Load] has come.
type DumpProgress struct {
	Kind    RawKind // of the latest record, 0 before the first
	Records int64   // written; of Load, stored or passed over for good
	Bytes   int64   // of the dump, written or read
}

// Dump writes all that a store holds, as [Load] reads it into a store of any
// backend: JSON, one record a line, of one moment (it is one View), in constant
// memory. Stores that hold the same make the same bytes, whatever their backend.
// A store whose backend cannot be dumped is ErrUnsupported. The progress is that
// at the end; after an error what was written is no dump.
//
// Without DumpOptions.Secrets what was loaded has no password hashes: users need
// another password (SetPasswordHash), and rooms that are protected by one let
// nobody in by it. There are no sessions, so that everybody has to log in
// again. The codes of invites lead nowhere; those that name somebody can be
// accepted as before. Sensitive settings are not there. With them the dump is as
// secret as the store.
//
// Not in a dump are typing indicators, which no backend keeps, and the messages
// of deleted rooms that are not swept yet.
//
// The first line tells format, version and whether secrets are in the dump, the
// last how many records there are of each kind and a digest of all lines before,
// by which Load knows a dump that was cut off or changed.
func Dump(ctx context.Context, s Store, w io.Writer, o DumpOptions) (DumpProgress, error) {
	d := newDumper(w, o)
	err := s.View(ctx, func(ctx context.Context, r Reader) error {
		raw, ok := r.(RawReader)
		if !ok {
			return &Error{Kind: ErrUnsupported, Err: errors.New("the backend cannot be dumped")}
		}
		return d.dump(ctx, raw)
	})
	return d.progress, WithOp("dump", err)
}

// dumpPage is how many records a page of a dump has at most.
const dumpPage = 500

// dumper writes one dump.
type dumper struct {
	o        DumpOptions
	out      *bufio.Writer
	sum      hash.Hash
	line     lineWriter
	lines    *json.Encoder
	counts   map[RawKind]int64
	progress DumpProgress
}

func newDumper(w io.Writer, o DumpOptions) *dumper {
	d := &dumper{o: o, out: bufio.NewWriterSize(w, 64<<10), sum: sha256.New(), counts: make(map[RawKind]int64)}
	d.line = lineWriter{d}
	d.lines = json.NewEncoder(d.line)
	d.lines.SetEscapeHTML(false)
	return d
}

// lineWriter is where lines go: the encoder writes each at once.
type lineWriter struct{ *dumper }

func (w lineWriter) Write(line []byte) (int, error) {
	if len(line) > MaxDumpLine {
		return 0, &Error{Kind: ErrCorrupt, Err: errors.New("a record that is larger than any can be")}
	}
	w.sum.Write(line) // never fails
	w.progress.Bytes += int64(len(line))
	return w.out.Write(line)
}

func (d *dumper) dump(ctx context.Context, r RawReader) error {
	if err := d.write(&dumpLine{Dump: &dumpHeader{dumpFormat, dumpVersion, d.o.Secrets}}); err != nil {
		return err
	}
	for kind := RawUsers; kind.Valid(); kind++ {
		if err := d.dumpKind(ctx, r, kind); err != nil {
			return err
		}
	}
	end := dumpEnd{Records: d.counts, SHA256: AuditHash(d.sum.Sum(nil))}
	if err := d.write(&dumpLine{End: &end}); err != nil {
		return err
	}
	if err := d.out.Flush(); err != nil {
		return &Error{Field: "w", Kind: ErrQuery, Err: err}
	}
	return nil
}

func (d *dumper) dumpKind(ctx context.Context, r RawReader, kind RawKind) error {
	q := RawQuery{Kind: kind, Secrets: d.o.Secrets, Limit: dumpPage}
	for {
		page, err := r.RawRecords(ctx, q)
		if err != nil {
			return err
		}
		for _, record := range page.Items {
			if err := d.write(lineOf(record)); err != nil {
				return err
			}
			d.progress.Kind = kind
			d.progress.Records++
			d.counts[kind]++
		}
		if d.o.Progress != nil && len(page.Items) > 0 {
			d.o.Progress(d.progress)
		}
		if page.Next == "" {
			return nil
		}
		q = q.WithCursor(page.Next)
	}
}

// write writes a line. What the writer refuses is no fault of the store's.
func (d *dumper) write(l *dumpLine) error {
	err := d.lines.Encode(l)
	var e *Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return &Error{Field: "w", Kind: ErrQuery, Err: err}
}
