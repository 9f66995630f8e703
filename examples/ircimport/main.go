// Command ircimport brings logs of IRC channels into a lair database, and
// searches them.
//
//	ircimport -db irc.db -room '#zig' logs/zig
//	ircimport -db irc.db -search 'comptime error'
//
// It reads files, and folders of files that end in .txt or .log, in two
// formats: entries of three lines and an empty one (Unix time, nickname,
// message), and those of ZNC's log module, with the date in the file's name.
// Without -room, the room has the name of the folder.
//
// Running it again on the same logs, or on logs that have grown, stores what
// is new: each entry has a nonce from its file's name (with that of its
// folder) and its number in the file. Joins, quits, nick changes and the like
// are counted and left out. What cannot be read is reported, and stops
// nothing.
//
// A nickname becomes a user of that name, whatever its case; one that is not a
// legal username gets a made-up name, and itself as the display name. Who
// speaks is a member of the room.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/lairchat/lair/sqlite"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "ircimport:", err)
		stop()
		os.Exit(1)
	}
}

// config is what the command line asks for.
type config struct {
	db     string
	room   string
	zone   *time.Location
	search string
	limit  int
	paths  []string
}

func parseArgs(args []string, stderr io.Writer) (config, error) {
	c := config{zone: time.UTC}
	flags := flag.NewFlagSet("ircimport", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: ircimport [flags] [file or folder ...]")
		flags.PrintDefaults()
	}
	flags.StringVar(&c.db, "db", "irc.db", "the database `file`; made if there is none")
	flags.StringVar(&c.room, "room", "", "the `name` of the room to import into or to search; made if there is none")
	flags.Func("zone", "the time `zone` of ZNC's logs, such as Europe/Berlin (default UTC)", func(name string) error {
		zone, err := time.LoadLocation(name)
		c.zone = zone
		return err
	})
	flags.StringVar(&c.search, "search", "", "find messages with all these `words`, newest first")
	flags.IntVar(&c.limit, "limit", 20, "how many messages to show at most")
	if err := flags.Parse(args); err != nil {
		return config{}, err
	}
	c.paths = flags.Args()
	if len(c.paths) == 0 && c.search == "" {
		flags.Usage()
		return config{}, errors.New("nothing to import and nothing to search for")
	}
	return c, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	c, err := parseArgs(args, stderr)
	if err != nil {
		return err
	}
	logs, err := findLogs(c.paths, c.room)
	if err != nil {
		return err
	}
	if len(logs) == 0 {
		if _, err := os.Stat(c.db); err != nil {
			return err // a search should not make an empty database
		}
	}
	store, err := sqlite.Open(ctx, c.db, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	if len(logs) > 0 {
		im := newImporter(store, c.zone, stderr)
		err := im.run(ctx, logs)
		im.summary.print(stdout)
		if err != nil {
			return err
		}
	}
	if c.search != "" {
		return search(ctx, store, c, stdout)
	}
	return nil
}
