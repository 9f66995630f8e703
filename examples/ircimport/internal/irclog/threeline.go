package irclog

import (
	"strconv"
	"time"
)

// threeLineEntry takes one entry: time, nickname, message, empty line. The
// last empty line of a file may be missing.
func threeLineEntry(lines *scanner) Entry {
	first, _ := lines.take()
	e := Entry{Kind: Message, Line: lines.number, Lines: 1}
	if first.text == "" {
		e.Kind = Blank
		return e
	}
	at, ok := unixTime(first.text)
	if !ok {
		return malformed(lines, e, "not a time")
	}
	e.Time = at
	nick, there := lines.take()
	if !there {
		return malformed(lines, e, "cut short: no nickname")
	}
	if nick.text == "" { // the end of an entry, it seems
		return Entry{Kind: Malformed, Line: e.Line, Lines: 2, Problem: "no nickname"}
	}
	text, there := lines.take()
	if !there {
		return malformed(lines, e, "cut short: no message")
	}
	if nick.tooLong || text.tooLong {
		return malformed(lines, e, "line too long")
	}
	e.Nick, e.Text = nick.text, text.text
	if lines.more() && lines.peek().text != "" {
		return malformed(lines, e, "no empty line at the end")
	}
	lines.take()
	e.Lines = lines.number - e.Line + 1
	return e
}

// malformed goes on to where the next entry seems to begin, past all lines up
// to and with an empty one.
func malformed(lines *scanner, e Entry, problem string) Entry {
	for {
		l, there := lines.take()
		if !there || l.text == "" {
			break
		}
	}
	return Entry{Kind: Malformed, Line: e.Line, Lines: lines.number - e.Line + 1, Problem: problem}
}

// unixTime reads a time in seconds since 1970, digits only.
func unixTime(s string) (time.Time, bool) {
	for _, c := range s {
		if c < '0' || c > '9' {
			return time.Time{}, false
		}
	}
	seconds, err := strconv.ParseInt(s, 10, 64)
	return time.Unix(seconds, 0).UTC(), err == nil
}
