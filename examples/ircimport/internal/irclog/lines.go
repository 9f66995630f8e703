package irclog

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxLine is the longest line that is read whole, in bytes. Those of IRC have
// 512; what is longer than this is no log.
const maxLine = 128 << 10

// line is one line of a log, without its end.
type line struct {
	text    string
	tooLong bool // the text is cut
}

// scanner gives the lines of a log one by one, with a look at the next.
type scanner struct {
	r      *bufio.Reader
	next   line
	ready  bool // next is read
	number int  // of the line taken last
	err    error
}

func newScanner(r io.Reader) *scanner { return &scanner{r: bufio.NewReaderSize(r, 64<<10)} }

// more reports whether there is another line.
func (s *scanner) more() bool {
	if s.ready || s.err != nil {
		return s.ready
	}
	var b []byte
	read, tooLong := false, false
	for {
		chunk, err := s.r.ReadSlice('\n')
		read = read || len(chunk) > 0
		room := maxLine - len(b)
		tooLong = tooLong || len(bytes.TrimRight(chunk, "\r\n")) > room
		b = append(b, chunk[:min(len(chunk), room)]...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			s.err = err
			return false
		}
		break
	}
	b = bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
	s.next, s.ready = line{toUTF8(b), tooLong}, read
	return read
}

// peek returns the next line, which must be there.
func (s *scanner) peek() line { return s.next }

// take goes past the next line, if there is one, and returns it.
func (s *scanner) take() (line, bool) {
	if !s.more() {
		return line{}, false
	}
	s.ready = false
	s.number++
	return s.next, true
}
