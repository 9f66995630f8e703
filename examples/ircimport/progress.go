package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far an import has come.
type progress interface {
	start(total int64)
	update(done int64, entries int)
	say(line string)
	finish()
}

// newProgress returns a bar on a terminal, and otherwise a line now and then.
func newProgress(w io.Writer) progress {
	if isTerminal(w) {
		return &bar{w: w}
	}
	return &plain{w: w, now: time.Now}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// bar is a progress bar with the rate and the time that is left.
type bar struct {
	w     io.Writer
	bar   *progressbar.ProgressBar
	begun time.Time
}

func (b *bar) start(total int64) {
	b.begun = time.Now()
	b.bar = progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(b.w),
		progressbar.OptionSetDescription("importing"),
		progressbar.OptionSetWidth(30),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)
}

// A bar that cannot be drawn is no reason to stop an import: what drawing
// returns is dropped here and below.
func (b *bar) update(done int64, entries int) {
	b.bar.Describe(english.Sprintf("%d entries, %d/s", entries, rate(entries, time.Since(b.begun))))
	_ = b.bar.Set64(min(done, b.bar.GetMax64()))
}

func (b *bar) say(line string) {
	_ = b.bar.Clear()
	fmt.Fprintln(b.w, line)
}

func (b *bar) finish() { _ = b.bar.Finish() }

// plainEvery is how often a log gets a line.
const plainEvery = 5 * time.Second

// plain writes lines, for logs and pipes.
type plain struct {
	w     io.Writer
	now   func() time.Time
	begun time.Time
	last  time.Time
	total int64
}

func (p *plain) start(total int64) {
	p.total = total
	p.begun = p.now()
	p.last = p.begun
}

func (p *plain) update(done int64, entries int) {
	now := p.now()
	done = min(done, p.total) // a file may have grown
	if now.Sub(p.last) < plainEvery || done == 0 {
		return
	}
	p.last = now
	took := now.Sub(p.begun)
	left := time.Duration(float64(took) * float64(p.total-done) / float64(done))
	english.Fprintf(p.w, "%d entries, %d/s, %d%%, %v left\n",
		entries, rate(entries, took), 100*done/p.total, left.Round(time.Second))
}

func (p *plain) say(line string) { fmt.Fprintln(p.w, line) }

func (p *plain) finish() {}
