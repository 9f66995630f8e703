package main

import (
	"io"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/lairchat/lair/storage"
)

// english writes numbers with separators: 137,412.
var english = message.NewPrinter(language.English)

// summary is what an import came to: each entry is stored, known, an event
// or malformed.
type summary struct {
	files     int
	entries   int
	stored    int
	known     int
	events    int
	malformed int
	users     map[storage.UserID]bool
	newUsers  int
	took      time.Duration
}

func (s summary) print(w io.Writer) {
	english.Fprintf(w, "files          %d\n", s.files)
	english.Fprintf(w, "entries        %d\n", s.entries)
	english.Fprintf(w, "stored         %d\n", s.stored)
	english.Fprintf(w, "already there  %d\n", s.known)
	english.Fprintf(w, "left out       %d (joins, quits and the like)\n", s.events)
	english.Fprintf(w, "malformed      %d\n", s.malformed)
	english.Fprintf(w, "users          %d, %d of them new\n", len(s.users), s.newUsers)
	english.Fprintf(w, "time           %v, %d entries a second\n",
		s.took.Round(time.Millisecond), rate(s.entries, s.took))
}

// rate is how many there are in a second.
func rate(n int, took time.Duration) int {
	if took <= 0 {
		return 0
	}
	return int(float64(n) / took.Seconds())
}
