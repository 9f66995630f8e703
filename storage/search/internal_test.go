package search

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// The path for ASCII gives what the general path gives.
func TestASCIIPathAgrees(t *testing.T) {
	t.Parallel()
	likely := rapid.StringOfN(rapid.SampledFrom([]rune("abZ019 _':.,;\"-@\n\x00")), 0, 40, -1)
	ascii := rapid.StringOfN(rapid.RuneFrom(nil, &unicode.RangeTable{
		R16: []unicode.Range16{{Lo: 0, Hi: 127, Stride: 1}},
	}), 0, 100, -1)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(likely, ascii).Draw(t, "text")
		require.Equal(t, analyzeUnicode(text), analyzeASCII(text, nil), "tokens of %q", text)
	})
}

func FuzzASCII(f *testing.F) {
	for _, seed := range []string{"", "don't _stop_ 3.14, a_.b 1,_2 a:'b ", "x.com/a?b=c&d#e", "\x00\x7f'a'\r\n", "aaV000A v1.2 15T10:00Z", ".a-b #a.b@c.d --x-y"} {
		f.Add(seed)
	}
	f.Add(strings.Repeat("a.", 100))
	f.Fuzz(func(t *testing.T, text string) {
		if isASCII(text) {
			require.Equal(t, analyzeUnicode(text), analyzeASCII(text, nil), "tokens of %q", text)
		}
	})
}

// The short cuts for common runes say what the tables say.
func TestCommonClasses(t *testing.T) {
	t.Parallel()
	for r := rune(utf8.RuneSelf); r <= 0xFFFF; r++ {
		if !norm.NFKC.IsNormalString(string(r)) {
			continue
		}
		if isCommonPaired(r) && unicode.In(r, unicode.L, unicode.N, unicode.M) {
			assert.True(t, unicode.Is(pairedScripts, r), "%U is of a script of pairs", r)
		}
		if isCommonLetter(r) {
			letter := unicode.IsLetter(r) && !isIgnored(r) && !isJoiner(r) &&
				!unicode.Is(pairedScripts, r) && !unicode.Is(emoji, r)
			assert.True(t, letter, "%U is a letter", r)
		}
	}
}

// All cases of a letter fold to one, and what follows the base in the
// decomposition of a letter that loses its marks is marks.
func TestFolding(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !norm.NFKC.IsNormalString(string(r)) || !unicode.IsLetter(r) {
			continue
		}
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			if norm.NFKC.IsNormalString(string(other)) && unicode.IsLetter(other) {
				assert.Equal(t, foldCase(r), foldCase(other), "%c and %c", r, other)
			}
		}
		if losesMarks(r) {
			decomposed := []rune(norm.NFD.String(string(r)))
			for _, mark := range decomposed[1:] {
				assert.True(t, unicode.Is(unicode.Mn, mark), "%c decomposes to %U", r, decomposed)
			}
		}
	}
}

// No text takes long for its length: what people may send is up to 64 kB. The
// time is held against that of an eighth of it, of which a quadratic analysis
// would take 64 times as much, however busy the machine is.
func TestAnalyzeIsLinear(t *testing.T) {
	for _, unit := range []string{
		"a", "a'", "a:", "1,", "_", "\u0301", "a\u0301", "a'\u0301", "上", "か\u3099", "한", "\u1112\u1161",
		"🇩", "👍\u200d", "\u200d", "א\"", "\uFDFA", "\xff", "\uE000", "ﬁ", "ก\u0E34", "\u0345\u0301",
	} {
		n := (64 << 10) / len(unit)
		short := analyzeTime("x" + strings.Repeat(unit, n/8))
		long := analyzeTime("x" + strings.Repeat(unit, n))
		assert.Less(t, long, 32*max(short, 10*time.Millisecond), "Analyze of 64 kB of %q; of 8 kB: %v", unit, short)
	}
}

// analyzeTime returns the shortest of several times that an analysis takes.
func analyzeTime(text string) time.Duration {
	best := time.Duration(math.MaxInt64)
	for range 3 {
		begin := time.Now()
		Analyze(text)
		best = min(best, time.Since(begin))
	}
	return best
}
