package memory

import (
	"context"
	"iter"
	"math"
	"slices"

	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/search"
)

const (
	// checkEvery is how many documents a search passes between two looks at its
	// context.
	checkEvery = 1024

	// bytesPerDocument is how much text is matched in the time of passing one.
	bytesPerDocument = 64
)

// SearchMessages never stops early: nobody waits for a reader of memory.
func (r *rows) SearchMessages(ctx context.Context, s backend.SearchScan) ([]backend.SearchHit, int64, error) {
	f, ok := r.newFinder(ctx, &s)
	if !ok {
		return nil, 0, nil
	}
	var hits []backend.SearchHit
	for document := range f.candidates() {
		if !f.goesOn(1) {
			break
		}
		m, ok := f.match(document)
		if !ok {
			continue
		}
		hits = append(hits, backend.SearchHit{Message: r.readMessage(m).Clone(), Position: int64(document)})
		if s.Ranked {
			f.weigh()
		}
		if len(hits) == s.Limit {
			break
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	f.score(hits)
	return hits, 0, nil
}

// goesOn notes that so many documents were passed. It reports false once the
// context is done: what the search has then is for nobody.
func (f *finder) goesOn(documents int) bool {
	if f.passed += documents; f.passed >= checkEvery {
		f.passed = 0
		f.done = f.done || f.ctx.Err() != nil
	}
	return !f.done
}

// finder is one search. Documents are messages by their place in the order of
// storing.
type finder struct {
	*state
	ctx       context.Context
	passed    int  // documents since the last look at the context
	done      bool // the context, when it was looked at
	scan      *backend.SearchScan
	author    key
	scope     map[key]bool   // the rooms to search; nil: all
	low, high key            // the documents in question, both included
	text      []search.Token // of the message that is looked at
	weights   []weight       // of the hits, if they are ranked
}

// newFinder reports false if nothing can be found.
func (r *rows) newFinder(ctx context.Context, s *backend.SearchScan) (*finder, bool) {
	f := &finder{state: r.state, ctx: ctx, scan: s, author: r.userKey(s.Author), low: 1, high: math.MaxInt64}
	switch {
	case s.After > 0 && s.Desc:
		f.high = key(s.After) - 1
	case s.After > 0:
		f.low = key(s.After) + 1
	}
	if len(s.Rooms) > 0 || !s.Reader.IsZero() {
		f.scope = make(map[key]bool)
		for room := range f.roomsInScope() {
			f.scope[room] = true
		}
	}
	nowhere := f.scope != nil && len(f.scope) == 0
	nobody := !s.Author.IsZero() && f.author == 0
	return f, !nowhere && !nobody && !s.Query.Empty()
}

// roomsInScope walks the rooms that a search is restricted to.
func (f *finder) roomsInScope() iter.Seq[key] {
	return func(yield func(key) bool) {
		reader := f.userKey(f.scan.Reader)
		if len(f.scan.Rooms) == 0 {
			for p := range within(&f.memberOf, spanOf(reader), false) {
				if !yield(p.minor()) {
					return
				}
			}
			return
		}
		for _, id := range f.scan.Rooms {
			room := f.roomKey(id)
			_, joined := f.members.Get(pairOf(room, reader))
			if room != 0 && (joined || f.scan.Reader.IsZero()) && !yield(room) {
				return
			}
		}
	}
}

// candidates walks documents among which all matches are, in the order of the
// search: by the rarest thing that must occur, or those of the rooms, if they
// are fewer.
func (f *finder) candidates() iter.Seq[key] {
	tokens, n := f.rarestClause()
	if f.scope != nil && f.messagesInRooms() < int64(n) {
		return f.inOrder(f.documentsInRooms())
	}
	parts := []iter.Seq[key]{f.indexed(tokens), f.notIndexed()}
	if f.scan.Desc {
		slices.Reverse(parts)
	}
	return func(yield func(key) bool) {
		for _, part := range parts {
			for document := range part {
				if !yield(document) {
					return
				}
			}
		}
	}
}

// notIndexed walks the documents in question that have no postings.
func (f *finder) notIndexed() iter.Seq[key] {
	tail := f.tail()
	tail.low, tail.high = max(tail.low, f.low), min(tail.high, f.high)
	return func(yield func(key) bool) {
		for document := range within(&f.documents, tail, f.scan.Desc) {
			if !yield(document) {
				return
			}
		}
	}
}

func (f *finder) messagesInRooms() (n int64) {
	for room := range f.scope {
		r, _ := f.rooms.Get(room)
		n += r.lastSeq
	}
	return n
}

func (f *finder) documentsInRooms() []key {
	var documents []key
	for room := range f.scope {
		for _, m := range within(&f.messages, spanOf(room), false) {
			if !f.goesOn(1) {
				return nil
			}
			if m.text != "" && f.low <= m.document && m.document <= f.high {
				documents = append(documents, m.document)
			}
		}
	}
	return documents
}

// match returns the message of a document if it is what is looked for.
func (f *finder) match(document key) (*message, bool) {
	at, _ := f.documents.Get(document)
	if !f.inScope(at) {
		return nil, false
	}
	m, _ := f.messages.Get(at)
	if f.author != 0 && f.author != m.author || m.Expired(f.scan.Now) {
		return nil, false
	}
	if carried, _ := f.carried.Get(at); !f.scan.Selects(&m.Message, len(carried) > 0) {
		return nil, false
	}
	if !f.goesOn(len(m.text) / bytesPerDocument) {
		return nil, false
	}
	f.text = backend.AppendTokens(f.text[:0], m.text)
	return m, f.scan.Query.Match(f.text)
}

func (f *finder) inScope(at pair) bool {
	if f.scope != nil {
		return f.scope[at.major()]
	}
	return !f.roomGone(at)
}
