package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// compounder finds the wholes of a text: words with the signs that belong to
// them.
type compounder struct {
	text   string  // normalised, and in lower case if it is ASCII
	src    *source // nil: the text is ASCII
	tokens []Token // of the running text, then wholes
	pieces []piece // of the running text; nil: the spans are the places
	parted bool    // a gap stands before the wholes
}

func (c *compounder) place(i int) place {
	if c.pieces != nil {
		p := &c.pieces[i]
		return place{from: p.at, to: p.next, kind: p.kind}
	}
	span := c.tokens[i].Span
	return place{from: span.Start, to: span.End}
}

// finish adds the wholes.
func (c *compounder) finish() analysis {
	running := len(c.tokens)
	for i := range running {
		p := c.place(i)
		if p.from > 0 && p.kind != kindEmoji && leads[c.text[p.from-1]] {
			c.addLed(i, running)
		}
		if p.to < len(c.text) && (c.text[p.to] == '+' || c.text[p.to] == '#') {
			if trail := c.trail(i); trail > 0 {
				c.add(i, i+1, 0, trail)
			}
		}
	}
	return analysis{tokens: c.tokens, running: running, wholes: len(c.tokens)}
}

// leads are the signs that a whole may begin with.
var leads = [256]bool{'#': true, '@': true, '.': true, '-': true}

// addLed adds what begins with the signs before a word.
func (c *compounder) addLed(i, n int) {
	p := c.place(i)
	before := c.text[:p.from-1]
	last, _ := utf8.DecodeLastRuneInString(before)
	behind := isAlphanumeric(last) && !isPaired(last)
	switch c.text[p.from-1] {
	case '#':
		c.addName(i, c.tagEnd(i, n), 1)
	case '@':
		switch end := c.nameEnd(i, n); {
		case !behind:
			c.addName(i, c.tagEnd(i, n), 1)
		case end > i+1 && c.isWord(end-1): // of an address
			c.add(i, end, 1, 0)
		}
	case '.':
		if last != '.' && c.isWord(i) {
			c.add(i, i+1, 1, 0)
		}
	case '-':
		before = strings.TrimSuffix(before, "-")
		if last, _ := utf8.DecodeLastRuneInString(before); c.isWord(i) && beginsOption(last) {
			c.addName(i, c.nameEnd(i, n), p.from-len(before))
		}
	}
}

// isWord reports whether a token begins with a letter and is of no run.
func (c *compounder) isWord(i int) bool {
	p := c.place(i)
	first, _ := utf8.DecodeRuneInString(c.text[p.from:])
	return p.kind == kindWord && unicode.IsLetter(first)
}

// beginsOption reports whether -m and --force may follow a rune, which is
// utf8.RuneError at the beginning.
func beginsOption(before rune) bool {
	return isPaired(before) || !isAlphanumeric(before) && before != '-' && before != ':'
}

// maxNames is how many beginnings of a name are wholes.
const maxNames = 8

// addName adds a name with the signs before it, and of one that goes on over
// dots and hyphens, or in a script without spaces, what is before these: it may
// be the next sentence that follows (@bob.Thanks).
func (c *compounder) addName(i, end, lead int) {
	added := 0
	for j := i + 1; j < end && added < maxNames; j++ {
		last, next := c.place(j-1), c.place(j)
		if last.kind == kindWord && !strings.Contains(c.text[last.to:next.from], "_") {
			c.add(i, j, lead, 0)
			added++
		}
	}
	c.add(i, end, lead, 0)
}

// nameEnd returns the end of the words that are joined to one by the signs of
// names.
func (c *compounder) nameEnd(i, n int) int {
	for i++; i < n; i++ {
		last, next := c.place(i-1), c.place(i)
		if next.kind != kindWord || next.from < last.to || !isNameGap(c.text[last.to:next.from]) {
			break
		}
	}
	return i
}

// isNameGap reports whether what stands between two words joins them to a name:
// a dot, a hyphen, underscores.
func isNameGap(between string) bool {
	if between == "-" || between == "." {
		return true
	}
	bare := strings.Replace(between, ".", "", 1)
	return bare != "" && strings.Trim(bare, "_") == ""
}

// isAlphanumeric reports whether a rune belongs to a word that it stands in.
func isAlphanumeric(r rune) bool {
	return unicode.In(r, unicode.L, unicode.N) || unicode.Is(unicode.M, r) && !isIgnored(r)
}

// trail returns the length of the signs behind a word that belong to it: those
// of C# and C++. The one right behind it is a plus or a number sign.
func (c *compounder) trail(i int) int {
	p := c.place(i)
	rest := c.text[p.to:]
	if p.kind != kindWord {
		return 0
	}
	if last, _ := utf8.DecodeLastRuneInString(c.text[:p.to]); !unicode.IsLetter(last) {
		return 0
	}
	if strings.HasPrefix(rest, "++") && !strings.HasPrefix(rest, "+++") {
		return 2
	}
	if rest[0] != '#' {
		return 0
	}
	if r, _ := utf8.DecodeRuneInString(rest[1:]); r == '#' || unicode.IsLetter(r) && !isPaired(r) {
		return 0
	}
	return 1
}

// tagEnd returns the end of a #tag or @name, which runs on through scripts
// without spaces.
func (c *compounder) tagEnd(i, n int) int {
	for i++; i < n; i++ {
		last, next := c.place(i-1), c.place(i)
		if next.kind == kindEmoji || next.from < last.to {
			return i
		}
		if between := c.text[last.to:next.from]; between != "" && !isNameGap(between) {
			return i
		}
	}
	return i
}

// add adds the whole of the words [i, end), with signs before and behind.
func (c *compounder) add(i, end, lead, trail int) {
	if !c.parted {
		c.parted = true
		c.tokens = append(c.tokens, Token{Text: gap, Span: c.tokens[i].Span})
	}
	first, last := c.place(i), c.place(end-1)
	from, to := first.from-lead, last.to+trail
	if c.src == nil {
		c.tokens = append(c.tokens, Token{Text: truncate(c.text[from:to]), Span: Span{Start: from, End: to}})
		return
	}
	span := Span{Start: c.tokens[i].Span.Start, End: c.src.find(to - 1).End}
	if lead > 0 {
		span.Start = c.src.find(from).Start
	}
	c.tokens = append(c.tokens, Token{Text: c.join(i, end, lead, trail), Span: span})
}

// join returns the text of a whole, no more of it than goes into a token.
func (c *compounder) join(i, end, lead, trail int) string {
	at := c.place(i).from - lead
	var b strings.Builder
	for ; i < end && b.Len() < maxTokenBytes; i++ {
		p, text := c.place(i), c.tokens[i].Text
		if p.kind == kindPaired {
			_, size := utf8.DecodeRuneInString(text)
			text = text[:size]
		}
		b.WriteString(c.text[at:p.from])
		b.WriteString(text)
		at = p.to
	}
	b.WriteString(c.text[at : at+trail])
	return truncate(b.String())
}
