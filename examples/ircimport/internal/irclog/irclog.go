// Package irclog reads the logs of IRC channels, in two formats: entries of
// three lines (time, nickname, message), and those of ZNC's log module.
package irclog

import (
	"bytes"
	"io"
	"iter"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind is what an entry of a log is.
type Kind uint8

// The kinds of entries.
const (
	Message   Kind = iota + 1 // somebody said Text
	Action                    // somebody did Text: * nick waves
	Notice                    // somebody announced Text: -nick- text
	Event                     // a join, quit, nick change, mode or topic: Text tells, Nick is empty
	Blank                     // an empty line between entries
	Malformed                 // Problem tells
)

// Entry is one entry of a log. The entries of a file follow each other
// without gap or overlap, so that every line belongs to exactly one.
type Entry struct {
	Kind    Kind
	Number  int // 1, 2, 3 … in its file, blank lines not counted
	Line    int // its first line, from 1
	Lines   int // how many lines it has
	Time    time.Time
	Nick    string
	Text    string
	Problem string
}

// Said reports whether the entry is something that somebody said.
func (e Entry) Said() bool { return e.Kind == Message || e.Kind == Action || e.Kind == Notice }

// Format is the format of a log.
type Format uint8

// The formats.
const (
	ThreeLine Format = iota + 1 // Unix time in seconds, nickname, message, empty line
	ZNC                         // [15:04:05] <nick> message
)

// String returns the format's name.
func (f Format) String() string {
	switch f {
	case ThreeLine:
		return "three-line"
	case ZNC:
		return "znc"
	}
	return "unknown"
}

var (
	zncStart = regexp.MustCompile(`^\[\d\d:\d\d:\d\d\] `)
	dateName = regexp.MustCompile(`(?:^|\D)(\d{4})-?(\d\d)-?(\d\d)(?:\D|$)`)
)

// DetectSize is how much of a file's beginning [Detect] wants to see.
const DetectSize = 512

// Detect tells the format of a log from its beginning, or from its name where
// that leaves it open: one with a whole date in it is ZNC's.
func Detect(name string, head []byte) Format {
	line, _, _ := bytes.Cut(bytes.TrimLeft(head, "\r\n"), []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	if zncStart.Match(line) {
		return ZNC
	}
	if _, ok := unixTime(string(line)); ok {
		return ThreeLine
	}
	if _, ok := Date(name, time.UTC); ok {
		return ZNC
	}
	return ThreeLine
}

// Date finds the day in a file's name, such as 2018-05-14.log or
// #chan_20180514.log, and reports whether there is one.
func Date(name string, zone *time.Location) (time.Time, bool) {
	m := dateName.FindStringSubmatch(path.Base(name))
	if m == nil {
		return time.Time{}, false
	}
	day, err := time.ParseInLocation("20060102", m[1]+m[2]+m[3], zone)
	return day, err == nil
}

// Read yields the entries of a log as it reads them. The day that ZNC's times
// belong to is ignored for the other format. It ends after the first error,
// which is the reader's: what is wrong with the text is an entry of kind
// [Malformed].
func Read(r io.Reader, f Format, day time.Time) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		lines := newScanner(r)
		next := threeLineEntry
		if f == ZNC {
			next = func(l *scanner) Entry { return zncEntry(l, day) }
		}
		for number := 0; lines.more(); {
			e := next(lines)
			if lines.err != nil {
				break
			}
			if e.Kind != Blank {
				number++
				e.Number = number
			}
			if !yield(e, nil) {
				return
			}
		}
		if lines.err != nil {
			yield(Entry{}, lines.err)
		}
	}
}

// toUTF8 returns text as it is if it is UTF-8, and takes it for ISO 8859-1
// otherwise, as IRC clients do: each byte a character.
func toUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}
