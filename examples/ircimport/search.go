package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/lairchat/lair/storage"
	lairsearch "github.com/lairchat/lair/storage/search"
)

// search prints the newest messages that hold all the words.
func search(ctx context.Context, store storage.Store, c config, w io.Writer) error {
	q := storage.SearchQuery{Text: c.search, Limit: c.limit}
	if c.room != "" {
		room, err := store.RoomByName(ctx, c.room)
		if err != nil {
			return err
		}
		q.Rooms = []storage.RoomID{room.ID}
	}
	begun := time.Now()
	found, end, err := find(ctx, store, q)
	took := time.Since(begun)
	if err != nil {
		return err
	}
	names, err := authorNames(ctx, store, found)
	if err != nil {
		return err
	}
	for _, m := range found {
		fmt.Fprintf(w, "%s <%s> %s\n",
			m.Message.CreatedAt.Format("2006-01-02 15:04"), printable(names[m.Message.AuthorID]),
			highlight(m.Message.Body, m.Highlights, isTerminal(w)))
	}
	english.Fprintf(w, "%d found in %v%s\n", len(found), took.Round(time.Microsecond), end)
	return nil
}

// find fills one page, since the store may end one early when its walk gets
// long, and says what else is to be known.
func find(ctx context.Context, store storage.Store, q storage.SearchQuery) (found []storage.Match, end string, err error) {
	limit, err := storage.Limit(q.Limit)
	if err != nil {
		return nil, "", err
	}
	for {
		q.Limit = limit - len(found)
		result, err := store.SearchMessages(ctx, q)
		if err != nil {
			return nil, "", err
		}
		found = append(found, result.Items...)
		switch {
		case result.Reason != "":
			return found, ": " + result.Reason, nil
		case result.Next == "":
			return found, "", nil
		case len(found) == limit:
			return found, ", and there are more", nil
		}
		q.Cursor = result.Next
	}
}

func authorNames(ctx context.Context, store storage.Store, found []storage.Match) (map[storage.UserID]string, error) {
	ids := make([]storage.UserID, 0, len(found))
	for _, m := range found {
		if !m.Message.AuthorID.IsZero() {
			ids = append(ids, m.Message.AuthorID)
		}
	}
	users, err := store.UsersByID(ctx, ids...)
	if err != nil {
		return nil, err
	}
	names := make(map[storage.UserID]string, len(users))
	for _, u := range users {
		names[u.ID] = u.Username
		if u.Profile.DisplayName != "" {
			names[u.ID] = u.Profile.DisplayName
		}
	}
	return names, nil
}

// highlight sets what was found in bold, where that can be seen.
func highlight(body string, spans []lairsearch.Span, terminal bool) string {
	if !terminal {
		return printable(body)
	}
	var b strings.Builder
	at := 0
	for _, span := range spans {
		b.WriteString(printable(body[at:span.Start]))
		b.WriteString("\x1b[1m" + printable(body[span.Start:span.End]) + "\x1b[0m")
		at = span.End
	}
	return b.String() + printable(body[at:])
}

// printable leaves out control characters: IRC's codes for colours, and what
// would command the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}
