package irclog

import (
	"strings"
	"time"
)

const zncTime = "[15:04:05] "

// zncEntry takes one entry, which is one line:
//
//	[02:06:03] <nick> a message
//	[02:06:09] * nick waves
//	[02:06:30] -nick- a notice
//	[02:07:00] *** Joins: nick (user@host)
func zncEntry(lines *scanner, day time.Time) Entry {
	l, _ := lines.take()
	e := Entry{Line: lines.number, Lines: 1}
	if l.text == "" {
		e.Kind = Blank
		return e
	}
	problem := e.readZNC(l.text, day)
	if l.tooLong {
		problem = "line too long"
	}
	if problem != "" {
		return Entry{Kind: Malformed, Line: e.Line, Lines: 1, Problem: problem}
	}
	return e
}

// readZNC fills in what the line says, and returns what is wrong with it.
func (e *Entry) readZNC(s string, day time.Time) (problem string) {
	if len(s) < len(zncTime) {
		return "not a time"
	}
	clock, err := time.Parse(zncTime, s[:len(zncTime)])
	if err != nil {
		return "not a time"
	}
	// On a day when clocks change, what the clock showed counts.
	e.Time = time.Date(day.Year(), day.Month(), day.Day(),
		clock.Hour(), clock.Minute(), clock.Second(), 0, day.Location()).UTC()
	s = s[len(zncTime):]

	var found bool
	switch {
	case strings.HasPrefix(s, "*** "):
		e.Kind, e.Text, found = Event, s[len("*** "):], true
	case strings.HasPrefix(s, "* "):
		e.Kind = Action
		e.Nick, e.Text, found = speaker(s[len("* "):], " ")
	case strings.HasPrefix(s, "<"):
		e.Kind = Message
		e.Nick, e.Text, found = speaker(s[len("<"):], "> ")
		e.Nick = strings.TrimLeft(e.Nick, "~&@%+") // a member's prefix, which no nickname begins with
	case strings.HasPrefix(s, "-"):
		e.Kind = Notice
		e.Nick, e.Text, found = speaker(s[len("-"):], "- ")
	default:
		return "neither a message, an action nor an event"
	}
	if !found || (e.Kind != Event && e.Nick == "") {
		return "no nickname"
	}
	return ""
}

// speaker cuts a nickname, which holds no space, from what its owner said. An
// empty text may have lost its leading space to an editor.
func speaker(s, end string) (nick, text string, found bool) {
	nick, text, found = strings.Cut(s, end)
	if !found {
		nick, found = strings.CutSuffix(s, strings.TrimSpace(end))
	}
	return nick, text, found && !strings.Contains(nick, " ")
}
