package storagetest_test

// Searches of the model, which reads the language by itself.

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/search"
)

// SearchMessages knows no order by relevance: the newest come first.
func (m *model) SearchMessages(_ context.Context, q storage.SearchQuery) (storage.SearchResult, error) {
	var all []int
	for i, message := range m.messages {
		if m.held(i) && !message.Deleted() && !message.Expired(m.now()) && message.Type != storage.MessageEncrypted &&
			finds(q.Text, m.texts(i)) && m.fits(i, q) &&
			(len(q.Rooms) == 0 || slices.Contains(q.Rooms, message.RoomID)) &&
			(q.Author.IsZero() || m.users[q.Author] && message.AuthorID == q.Author) && m.mayRead(q.Reader, message) {
			all = append(all, i)
		}
	}
	if q.Order != storage.OldestFirst {
		slices.Reverse(all)
	}
	parsed, err := search.Parse(q.Text)
	if err != nil {
		return storage.SearchResult{}, err
	}
	p, err := modelPage(all, func(i int) storage.Keyset { return storage.Keyset{Int: int64(i)} }, q.Order != storage.OldestFirst, q.Limit, q.Cursor)
	total := 0
	if q.WithTotal {
		total = min(len(all), storage.MaxSearchTotal)
	}
	return storage.SearchResult{Total: total, Page: convert(p, func(i int) storage.Match {
		return storage.Match{Message: m.filled(i, storage.UserID{}), Highlights: parsed.Highlights(m.messages[i].Body)}
	})}, err
}

// texts returns the words of what is searched of a message: its body, each tag,
// each name.
func (m *model) texts(i int) [][]string {
	all := [][]string{strings.Fields(m.messages[i].Body)}
	for _, tag := range m.messages[i].Tags {
		all = append(all, []string{tag})
	}
	for _, k := range m.messages[i].files {
		all = append(all, strings.Fields(m.files[k].Name))
	}
	return all
}

var (
	modelClause = regexp.MustCompile(`-?\S+ OR \S+|-?"[^"]*"|\S+`)
	modelQuotes = strings.NewReplacer(`"`, "")
)

// finds reports whether texts have what a query of searched asks for.
func finds(query string, texts [][]string) bool {
	demands := 0
	for _, clause := range modelClause.FindAllString(query, -1) {
		wanted, exclude := strings.CutPrefix(clause, "-")
		has := slices.ContainsFunc(strings.Split(wanted, " OR "), func(item string) bool {
			return slices.ContainsFunc(texts, func(words []string) bool { return says(words, item) })
		})
		if has == exclude {
			return false
		}
		if !exclude {
			demands++
		}
	}
	return demands > 0
}

// says reports whether words have an item: a word, the beginning of one, or a
// phrase.
func says(words []string, item string) bool {
	beginning, prefix := strings.CutSuffix(item, "*")
	if prefix {
		return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, beginning) })
	}
	phrase := strings.Fields(modelQuotes.Replace(item))
	for i := range words {
		if len(words)-i >= len(phrase) && slices.Equal(words[i:i+len(phrase)], phrase) {
			return true
		}
	}
	return false
}

// searched draws what somebody types.
func (d *draws) searched() string {
	var clauses []string
	for range 1 + d.below(3) {
		word, other := oneOf(d, modelFound...), oneOf(d, modelFound...)
		clauses = append(clauses, oneOf(d, word, word, "-"+word, word+" OR "+other, `"`+word+" "+other+`"`, `-"`+word+" "+other+`"`, word[:2]+"*"))
	}
	return strings.Join(clauses, " ")
}

// fits reports whether a message is what a search is narrowed to.
func (m *model) fits(i int, q storage.SearchQuery) bool {
	message := m.messages[i]
	return (len(q.Types) == 0 || slices.Contains(q.Types, message.Type)) &&
		!slices.ContainsFunc(q.Tags, func(tag string) bool { return !slices.Contains(message.Tags, tag) }) &&
		(q.From.IsZero() || !message.CreatedAt.Before(q.From)) && (q.To.IsZero() || message.CreatedAt.Before(q.To)) &&
		(!q.HasAttachment || len(message.files) > 0)
}

// mayRead reports whether a search for somebody may find a message.
func (m *model) mayRead(reader storage.UserID, message modelMessage) bool {
	_, is := m.members[modelSeat{message.room, reader}]
	return reader.IsZero() || is && !m.hides(message, reader)
}

func (h *history) lookAtSearch(q storage.SearchQuery) {
	h.quietly(say("SearchMessages(%s)", q), walk(func(s storage.ReadWriter) lister[storage.SearchQuery, storage.Match] {
		return func(ctx context.Context, q storage.SearchQuery) (storage.Page[storage.Match], error) {
			r, err := s.SearchMessages(ctx, q)
			return r.Page, err
		}
	}, q))
	if q.WithTotal {
		h.quietly(say("the total of SearchMessages(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			r, err := s.SearchMessages(ctx, q)
			return r.Total, err
		})
		h.lookAtRelevance(q)
	}
}

// lookAtRelevance compares what is found in an order that is each store's own.
func (h *history) lookAtRelevance(q storage.SearchQuery) {
	q.Order, q.Limit, q.WithTotal = storage.MostRelevant, storage.MaxLimit, false
	h.quietly(say("SearchMessages(%s) in any order", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		r, err := s.SearchMessages(ctx, q)
		slices.SortFunc(r.Items, func(a, b storage.Match) int {
			return cmp.Or(a.Message.RoomID.Compare(b.Message.RoomID), cmp.Compare(a.Message.Seq, b.Message.Seq))
		})
		return r.Items, err
	})
}

func (h *history) searchQuery() storage.SearchQuery {
	q := storage.SearchQuery{
		Text: h.searched(), Order: oneOf(h.draws, 0, storage.OldestFirst), Limit: 1 + h.below(5),
		WithTotal: h.oneIn(4), HasAttachment: h.oneIn(8),
	}
	if h.oneIn(6) {
		q.Types = []storage.MessageType{storage.MessageText, storage.MessageCode}
	}
	if h.oneIn(6) {
		q.Tags = []string{oneOf(h.draws, modelTags...)}
	}
	if h.oneIn(6) {
		q.From = modelStart.Add(time.Duration(h.below(100)) * time.Minute)
	}
	if h.oneIn(2) {
		q.Rooms = []storage.RoomID{h.room()}
	}
	if h.oneIn(3) {
		q.Reader = h.user()
	}
	if h.oneIn(3) {
		q.Author = h.user()
	}
	return q
}
