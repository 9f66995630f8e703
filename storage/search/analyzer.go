package search

import (
	"unicode"
	"unicode/utf8"
)

// previous says what the rune before the current one was, within one segment:
// what a mark or a joiner does depends on it.
type previous uint8

const (
	prevNone   previous = iota // nothing that counts
	prevFolded                 // a letter that loses its marks
	prevLetter                 // a letter that keeps its marks
	prevPaired                 // a character of a run of pairs
	prevEmoji                  // an emoji
	prevZWJ                    // a joiner after an emoji
)

// piece is a token whose text is still out[from:to].
type piece struct {
	from, to    int
	span        Span
	at, next    int // where it stands in the normalised text, of a run its own character
	kind        kind
	first, rest uint8 // what its first letter is, and what there is behind it
}

func (p *piece) mixed() bool { return isMixed(p.first, p.rest) }

// analyzer makes tokens of normalised runes. At most one of word (a word or an
// emoji being built) and run (characters awaiting their pairing) is open.
type analyzer struct {
	text   string // normalised
	split  bool   // whether v1.2 and 15T10 are two words
	out    []byte // the folded text of all tokens, one after another
	pieces []piece
	prev   previous

	from, to int  // where the rune that is added stands in the normalised text
	hebrew   bool // the last letter was

	word piece // open when to > from; runes of out beyond to are joiners
	run  []piece
}

// beginSegment forgets the previous rune: marks and joiners never look across
// the boundaries of UAX #29. A run goes on, since each of its characters may be
// a segment of its own.
func (a *analyzer) beginSegment() { a.prev = prevNone }

// add takes the next rune, which came from span in the original text.
func (a *analyzer) add(r rune, span Span) {
	switch classify(r) {
	case classPaired:
		a.addPaired(r, span)
	case classLetter:
		a.addLetter(r, span)
	case classMark:
		a.addMark(r, span)
	case classEmoji:
		a.addEmoji(r, span)
	case classIgnored:
		a.ignore(r, span)
	case classJoiner:
		a.addJoiner(r)
	case classQuote:
		a.addQuote(r, span)
	default:
		a.separate()
	}
}

// addQuote drops the gershayim of a Hebrew abbreviation, which UAX #29 keeps
// inside the word and people type as a double quote. Everywhere else a quote
// is a segment of its own.
func (a *analyzer) addQuote(r rune, span Span) {
	if a.prev == prevFolded {
		a.ignore(r, span)
		return
	}
	a.separate()
}

func (a *analyzer) separate() {
	a.endWord()
	a.endRun()
	a.prev = prevNone
}

func (a *analyzer) addLetter(r rune, span Span) {
	a.endRun()
	if a.prev == prevEmoji || a.prev == prevZWJ || a.split && a.wordOpen() && splits(a.word.first, a.word.rest, a.out[a.word.from], a.text[a.from:]) {
		a.endWord()
	}
	a.prev = prevLetter
	if losesMarks(r) {
		a.prev = prevFolded
	}
	a.openWord(span)
	a.note(r)
	a.out = appendFolded(a.out, r)
	a.extendWord(span)
}

// note keeps in mind what tells of parts in a word.
func (a *analyzer) note(r rune) {
	k := kindOf(r)
	a.hebrew = isHebrew(r)
	if a.word.first == 0 {
		a.word.first = k
	} else {
		a.word.rest |= k
	}
}

// addPaired adds a character to the run.
func (a *analyzer) addPaired(r rune, span Span) {
	a.endWord()
	from := len(a.out)
	a.out = utf8.AppendRune(a.out, r)
	a.run = append(a.run, piece{from: from, to: len(a.out), span: span, at: a.from, next: a.to, kind: kindPaired})
	a.prev = prevPaired
}

// addMark keeps the mark where it is a part of its letter, and else only lets
// the token it stands on reach over it.
func (a *analyzer) addMark(r rune, span Span) {
	switch a.prev {
	case prevPaired:
		a.addPaired(r, span)
	case prevLetter:
		a.out = utf8.AppendRune(a.out, r)
		a.extendWord(span)
	default:
		a.ignore(r, span)
	}
}

// addEmoji begins a new token, unless the rune modifies the emoji before it, is
// joined to it, or is the second letter of a flag: UAX #29 has put just two of
// those into a segment.
func (a *analyzer) addEmoji(r rune, span Span) {
	a.endRun()
	goesOn := a.prev == prevZWJ || a.prev == prevEmoji && extendsEmoji(r)
	if !goesOn {
		a.endWord()
	}
	a.openWord(span)
	a.word.kind = kindEmoji
	a.out = utf8.AppendRune(a.out, r)
	a.extendWord(span)
	a.prev = prevEmoji
}

// ignore passes over a rune that leaves no trace in the index. Inside an emoji
// the zero-width joiner does, once another emoji follows, and so do the tags
// that spell a region's flag.
func (a *analyzer) ignore(r rune, span Span) {
	switch {
	case a.prev == prevEmoji && r == zeroWidthJoiner:
		a.out = utf8.AppendRune(a.out, r)
		a.prev = prevZWJ
	case a.prev == prevEmoji && isTag(r):
		a.out = utf8.AppendRune(a.out, r)
		a.extendWord(span)
	case a.prev == prevPaired && len(a.run) > 0:
		a.run[len(a.run)-1].span.End = span.End
		a.run[len(a.run)-1].next = a.to
	case a.prev != prevNone && a.prev != prevZWJ:
		a.word.span.End = span.End
		a.word.next = a.to
	}
}

// addJoiner keeps an apostrophe in a Hebrew word; at its end it is forgotten,
// because the word does not grow before its next letter. Everywhere else it
// separates words.
func (a *analyzer) addJoiner(r rune) {
	if a.prev != prevFolded || !a.hebrew {
		a.separate()
		return
	}
	a.out = utf8.AppendRune(a.out, foldJoiner(r))
	a.prev = prevNone
}

func (a *analyzer) wordOpen() bool { return a.word.to > a.word.from }

func (a *analyzer) openWord(span Span) {
	if !a.wordOpen() {
		a.word = piece{from: len(a.out), span: span, at: a.from}
	}
}

func (a *analyzer) extendWord(span Span) {
	a.word.to = len(a.out)
	a.word.span.End, a.word.next = span.End, a.to
}

// endWord turns the open word into a token.
func (a *analyzer) endWord() {
	if !a.wordOpen() {
		return
	}
	a.out = a.out[:a.word.to]
	a.pieces = append(a.pieces, a.word)
	a.word = piece{}
}

// endRun turns the run into its pairs and its last character.
func (a *analyzer) endRun() {
	for i, first := range a.run {
		if i+1 < len(a.run) {
			second := a.run[i+1]
			first.to, first.span.End = second.to, second.span.End
		}
		a.pieces = append(a.pieces, first)
	}
	a.run = a.run[:0]
}

func (a *analyzer) tokens() []Token {
	text := string(a.out)
	tokens := make([]Token, len(a.pieces))
	for i, p := range a.pieces {
		tokens[i] = Token{Text: truncate(text[p.from:p.to]), Span: p.span}
	}
	return tokens
}

// extendsEmoji reports whether a rune belongs to the emoji right before it.
func extendsEmoji(r rune) bool {
	return isSkinTone(r) || unicode.Is(unicode.Regional_Indicator, r)
}
