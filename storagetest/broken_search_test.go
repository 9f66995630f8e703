package storagetest_test

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/search"
)

var searchFaults = []fault{
	{name: "only the first word matters", caught: "search/words", open: (&hooks{
		search: func(q *storage.SearchQuery) { q.Text, _, _ = strings.Cut(q.Text, " ") },
	}).opener()},
	{name: "OR is a word", caught: "search/language", open: (&hooks{
		search: func(q *storage.SearchQuery) { q.Text = strings.ReplaceAll(q.Text, "OR", "or") },
	}).opener()},
	{name: "what is left out is looked for", caught: "search/language", open: (&hooks{
		search: func(q *storage.SearchQuery) { q.Text = strings.ReplaceAll(q.Text, " -", " ") },
	}).opener()},
	{name: "quotes make no phrase", caught: "search/language", open: (&hooks{
		search: func(q *storage.SearchQuery) { q.Text = strings.ReplaceAll(q.Text, `"`, "") },
	}).opener()},
	{name: "a star says nothing", caught: "search/language", open: (&hooks{
		search: func(q *storage.SearchQuery) { q.Text = strings.ReplaceAll(q.Text, "*", "") },
	}).opener()},
	{name: "leaving out alone has no reason to find nothing", caught: "search/only left out", open: reads(func(r storage.Reader) storage.Reader {
		return noReason{r}
	})},
	{name: "case matters to a search", caught: "search/words", open: reads(func(r storage.Reader) storage.Reader {
		return exactSearch{r}
	})},
	{name: "highlights are off by one", caught: "search/highlights", open: reads(func(r storage.Reader) storage.Reader {
		return otherHighlights{r, func(_ string, s search.Span) search.Span { s.Start++; return s }}
	})},
	{name: "highlights count characters", caught: "search/highlights", open: reads(func(r storage.Reader) storage.Reader {
		return otherHighlights{r, func(body string, s search.Span) search.Span {
			s.Start, s.End = len([]rune(body[:s.Start])), len([]rune(body[:s.End]))
			return s
		}}
	})},
	{name: "a search without a word finds nothing for no reason", caught: "search/nothing to search for", open: reads(func(r storage.Reader) storage.Reader {
		return noReason{r}
	})},
	{name: "a deleted message is found", caught: "edit/delete and search", open: outdated(storage.Message.Deleted)},
	{name: "an edited message is found by its old text", caught: "edit/search", open: outdated(func(m storage.Message) bool {
		return !m.Deleted()
	})},
	{name: "an edited message is not found by its new text", caught: "edit/search", open: reads(func(r storage.Reader) storage.Reader {
		return searching{r, func(_ context.Context, _ storage.SearchQuery, m storage.Message) bool { return m.EditedAt.IsZero() }}
	})},
	{name: "what is said behind a sign of the index is hidden", caught: "search/a backend's own signs", open: reads(func(r storage.Reader) storage.Reader {
		return searching{r, func(_ context.Context, _ storage.SearchQuery, m storage.Message) bool {
			return !strings.Contains(m.Body, "\ue000")
		}}
	})},
	{name: "a search goes on after its deadline", caught: "search/deadline", open: reads(func(r storage.Reader) storage.Reader {
		return untiring{r}
	})},
	{name: "bulk messages are not found", caught: "search/imported", open: unindexedBulk()},
}

// searching drops some of what is found.
type searching struct {
	storage.Reader
	keep func(context.Context, storage.SearchQuery, storage.Message) bool
}

func (r searching) SearchMessages(ctx context.Context, q storage.SearchQuery) (storage.SearchResult, error) {
	found, err := r.Reader.SearchMessages(ctx, q)
	found.Items = slices.DeleteFunc(found.Items, func(m storage.Match) bool { return !r.keep(ctx, q, m.Message) })
	return found, err
}

type exactSearch struct{ storage.Reader }

func (r exactSearch) SearchMessages(ctx context.Context, q storage.SearchQuery) (storage.SearchResult, error) {
	exact := func(_ context.Context, q storage.SearchQuery, m storage.Message) bool {
		words := strings.Fields(q.Text)
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(m.Body, w) })
	}
	return searching{r.Reader, exact}.SearchMessages(ctx, q)
}

type otherHighlights struct {
	storage.Reader
	shift func(body string, s search.Span) search.Span
}

func (r otherHighlights) SearchMessages(ctx context.Context, q storage.SearchQuery) (storage.SearchResult, error) {
	found, err := r.Reader.SearchMessages(ctx, q)
	for _, match := range found.Items {
		for i, s := range match.Highlights {
			match.Highlights[i] = r.shift(match.Message.Body, s)
		}
	}
	return found, err
}

// untiring looks at the context once, when a search begins.
type untiring struct{ storage.Reader }

func (r untiring) SearchMessages(ctx context.Context, q storage.SearchQuery) (storage.SearchResult, error) {
	if err := ctx.Err(); err != nil {
		return storage.SearchResult{}, storage.WithOp("search messages", err)
	}
	return r.Reader.SearchMessages(context.WithoutCancel(ctx), q)
}

type noReason struct{ storage.Reader }

func (r noReason) SearchMessages(ctx context.Context, q storage.SearchQuery) (storage.SearchResult, error) {
	found, err := r.Reader.SearchMessages(ctx, q)
	found.Reason = ""
	return found, err
}

// outdated finds messages of some kind by what they said before they were
// changed.
func outdated(which func(storage.Message) bool) opener {
	return func(o storage.Options) storage.Store {
		old := new(sync.Map)
		read := func(r storage.Reader) storage.Reader { return oldTexts{r, old, which} }
		write := func(w storage.ReadWriter) storage.Writer { return remembering{w, old} }
		return newBroken(memoryStore(o), read, write)
	}
}

type oldTexts struct {
	storage.Reader
	old   *sync.Map // storage.MessageID to storage.Message
	which func(storage.Message) bool
}

func (r oldTexts) SearchMessages(ctx context.Context, q storage.SearchQuery) (storage.SearchResult, error) {
	found, err := r.Reader.SearchMessages(ctx, q)
	if err != nil || found.Reason != "" {
		return found, err
	}
	r.old.Range(func(_, value any) bool {
		was := value.(storage.Message)
		now, err := r.Message(ctx, was.ID)
		if err == nil && r.which(now) && strings.Contains(was.Body, q.Text) {
			found.Items = append(found.Items, storage.Match{Message: now})
		}
		return true
	})
	return found, nil
}

// unindexedBulk finds nothing that was stored in bulk.
func unindexedBulk() opener {
	return func(o storage.Options) storage.Store {
		bulk := new(sync.Map)
		read := func(r storage.Reader) storage.Reader {
			return searching{r, func(_ context.Context, _ storage.SearchQuery, m storage.Message) bool {
				_, ok := bulk.Load(m.ID)
				return !ok
			}}
		}
		write := func(w storage.ReadWriter) storage.Writer { return bulkNoting{w, bulk} }
		return newBroken(memoryStore(o), read, write)
	}
}

type bulkNoting struct {
	storage.Writer
	stored *sync.Map
}

func (w bulkNoting) CreateMessages(ctx context.Context, ms []*storage.Message) (int, error) {
	created, err := w.Writer.CreateMessages(ctx, ms)
	for _, m := range ms {
		w.stored.Store(m.ID, true)
	}
	return created, err
}
