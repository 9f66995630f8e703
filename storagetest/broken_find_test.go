package storagetest_test

import (
	"context"
	"slices"
	"strings"

	"github.com/lairchat/lair/storage"
)

// findFaults are stores whose searches look at too little of a message, or weigh
// and count wrongly.
var findFaults = []fault{
	{name: "only bodies are searched, and not tags", caught: "search filter/tags are found", open: finding(func(q storage.SearchQuery, m storage.Message) bool {
		return q.Order != 0 || len(m.Tags) == 0 || strings.Contains(m.Body, q.Text)
	})},
	{name: "names of attachments are not searched", caught: "search filter/attachment names are found", open: finding(func(q storage.SearchQuery, m storage.Message) bool {
		return len(m.Attachments) == 0 || strings.Contains(m.Body, q.Text)
	})},
	{name: "any of the tags will do", caught: "search filter/all of the tags", open: (&hooks{
		search: func(q *storage.SearchQuery) { q.Tags = q.Tags[:min(len(q.Tags), 1)] },
	}).opener()},
	{name: "the end of a search's range is in it", caught: "search filter/times", open: (&hooks{
		search: func(q *storage.SearchQuery) {
			if !q.To.IsZero() {
				q.To = q.To.Add(storage.TimePrecision)
			}
		},
	}).opener()},
	{name: "the most relevant are the newest", caught: "search rank/most relevant", open: (&hooks{
		search: func(q *storage.SearchQuery) {
			if q.Order == storage.MostRelevant {
				q.Order = storage.NewestFirst
			}
		},
	}).opener()},
	{name: "the total is of the page", caught: "search rank/total", open: results(func(q storage.SearchQuery, found *storage.SearchResult) {
		found.Total = min(found.Total, len(found.Items))
	})},
	{name: "the total is told unasked", caught: "search rank/total", open: results(func(q storage.SearchQuery, found *storage.SearchResult) {
		if !q.WithTotal {
			found.Total = len(found.Items)
		}
	})},
	{name: "ties are newest first", caught: "search rank/most relevant", open: results(func(q storage.SearchQuery, found *storage.SearchResult) {
		if q.Order == storage.MostRelevant && q.Text == "plum" {
			slices.Reverse(found.Items)
		}
	})},
}

// finding drops what keep says no to of what is found.
func finding(keep func(storage.SearchQuery, storage.Message) bool) opener {
	return reads(func(r storage.Reader) storage.Reader {
		return searching{r, func(_ context.Context, q storage.SearchQuery, m storage.Message) bool { return keep(q, m) }}
	})
}

// results changes what a search gives.
func results(change func(storage.SearchQuery, *storage.SearchResult)) opener {
	return reads(func(r storage.Reader) storage.Reader { return otherResults{r, change} })
}

type otherResults struct {
	storage.Reader
	change func(storage.SearchQuery, *storage.SearchResult)
}

func (r otherResults) SearchMessages(ctx context.Context, q storage.SearchQuery) (storage.SearchResult, error) {
	found, err := r.Reader.SearchMessages(ctx, q)
	if err == nil {
		r.change(q, &found)
	}
	return found, err
}
