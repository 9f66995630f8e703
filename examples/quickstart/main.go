// Command quickstart shows lair at work: two users, a room, a conversation, a
// page of its history, an edit, a deletion, a search.
//
//	go run ./examples/quickstart           # with a database that is thrown away
//	go run ./examples/quickstart -db FILE  # with one that is kept: run it twice
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/lairchat/lair/sqlite"
)

func main() {
	err := run(context.Background(), os.Stdout, os.Args[1:])
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, args []string) (err error) {
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(w)
	path := flags.String("db", "", "the database `file`, which is kept; without it, a temporary one")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *path == "" {
		dir, err := os.MkdirTemp("", "quickstart")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		*path = filepath.Join(dir, "chat.db")
	}
	store, err := sqlite.Open(ctx, *path, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	t := &tour{store: store, w: w}
	for _, step := range []func(context.Context) error{
		t.settle, t.talk, t.history, t.change, t.search, t.counts,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
