package search_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lairchat/lair/storage/search"
)

// analysisCase says which tokens a text has, joined by spaces.
type analysisCase struct{ name, text, want string }

func checkAnalysis(t *testing.T, cases []analysisCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := search.Join(search.Analyze(c.text))
			assert.Equal(t, c.want, got, "Analyze(%q)", c.text)
		})
	}
}

func TestAnalyzeAlphabets(t *testing.T) {
	t.Parallel()
	checkAnalysis(t, []analysisCase{
		{"english", "The quick, brown FOX!", "the quick brown fox"},
		{"french", "Crème brûlée à l’Élysée", "creme brulee a l elysee"},
		{"decomposed", "Cre\u0300me bru\u0302le\u0301e", "creme brulee"},
		{"german", "Straße STRASSE STRAẞE Größe", "strasse strasse strasse grosse"},
		{"turkish", "İstanbul ISPARTA ısparta ılık", "istanbul isparta isparta ilik"},
		{"polish", "Łódź Żółć", "lodz zolc"},
		{"scandinavian", "Ærø smørrebrød þing Đuro", "aero smorrebrod thing duro"},
		{"vietnamese", "Tiếng Việt", "tieng viet"},
		{"catalan", "col·lecció", "col leccio"},
		{"greek", "Ὀδυσσεύς ΟΔΥΣΣΕΥΣ ὁδός ᾳ", "οδυσσευσ οδυσσευσ οδοσ α"},
		{"cyrillic", "Ёлка ЕЛКА чай", "елка елка чаи"},
		{"arabic", "مُحَمَّد محمد أحمد محـــمد", "محمد محمد احمد محمد"},
		{"persian", "می\u200cخواهم", "میخواهم"},
		{"hebrew", "שָׁלוֹם שלום צה\"ל צה״ל \"שלום\"", "שלום שלום צהל צהל שלום"},
		{"hindi", "हिन्दी में लिखो", "हिन्दी में लिखो"},
		{"hindi nukta", "क़लम क\u093cलम", "क\u093cलम क\u093cलम"},
		{"grapheme joiner", "लि\u034Fखो", "लिखो"},
		{"armenian", "Հայերեն", "հայերեն"},
		{"georgian", "ᲥᲐᲠᲗᲣᲚᲘ ქართული", "ქართული ქართული"},
	})
}

func TestAnalyzePairs(t *testing.T) {
	t.Parallel()
	checkAnalysis(t, []analysisCase{
		{"chinese", "我家在上海", "我家 家在 在上 上海 海"},
		{"chinese, punctuation", "你好，世界！", "你好 好 世界 界"},
		{"chinese, quotes", `上"海`, "上 海"},
		{"one character", "上", "上"},
		{"japanese, three scripts", "東京タワーへ行く", "東京 京タ タワ ワー ーへ へ行 行く く"},
		{"half-width katakana", "ﾀﾞﾜｰ", "ダワ ワー ー"},
		{"dakuten alone", "か\u3099く", "がく く"},
		{"hangul", "한국어는", "한국 국어 어는 는"},
		{"jamo", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국 국"},
		{"thai", "กินข้าว", "กิ ิน นข ข้ ้า าว ว"},
		{"lao", "ລາວ", "ລາ າວ ວ"},
		{"khmer with zero-width space", "ខ្មែ\u200bរ", "ខ្ ្ម មែ ែរ រ"},
		{"burmese", "မြန်", "မြ ြန န် ်"},
		{"latin among chinese", "我用iPhone手机", "我用 用 iphone 手机 机 | i phone"},
		{"latin among korean", "LG전자 3층", "lg 전자 자 3 층"},
		{"digits", "2024年5月", "2024 年 5 月"},
		{"variation selector", "葛\U000E0100城", "葛城 城"},
		{"squared words", "㍿", "株式 式会 会社 社"},
	})
}

func TestAnalyzeSymbols(t *testing.T) {
	t.Parallel()
	checkAnalysis(t, []analysisCase{
		{"nothing", "", ""},
		{"punctuation alone", " .,;!?… — “”()[]{}<>@#$%^&*+=|\\/~`'\"_:-- ", ""},
		{"contractions", "don't don’t ‘tis rock'n'roll x'", "don t don t tis rock n roll x"},
		{"numbers", "3.14 1,000 ½ ② x²", "3 14 1 000 1 2 2 x2 | x 2"},
		{"connectors", "_italic_ snake_case note:this a__b ＿x＿", "italic snake case note this a b x"},
		{"code", "c++ f(x)=y", "c f x y | c++"},
		{"addresses", "user@x.com https://go.dev/doc?x=1", "user x com https go dev doc x 1 | @x.com .com .dev"},
		{"full width", "ＨＥＬＬＯ，１２３", "hello 123"},
		{"ligatures", "ﬁnd oﬀer ŉ", "find offer n"},
		{"soft hyphen", "soft\u00ADhyphen", "softhyphen"},
		{"tabs and lines", "a\tb\r\nc\u00a0d\u3000e\x00f", "a b c d e f"},
		{"emoji", "nice👍👍 ❤️", "nice 👍 👍 ❤"},
		{"emoji, skin tone", "👍🏽👋🏿", "👍🏽 👋🏿"},
		{"emoji, joined", "👨‍👩‍👧👁️‍🗨️", "👨‍👩‍👧 👁‍🗨"},
		{"emoji, joiner left over", "👍\u200d x", "👍 x"},
		{"flags", "🇩🇪🇫🇷 🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F", "🇩🇪 🇫🇷 🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F"},
		{"keycap", "1️⃣", "1"},
		{"private use", "a\uE000b\U000F0000c\U0010FFFDd", "a b c d"},
		{"invalid", "a\xffb\xe4\xb8c 上\xff海", "a b c 上 海"},
		{"long", strings.Repeat("Ab", 40), strings.Repeat("ab", 32)},
		{"long, two bytes each", "a" + strings.Repeat("я", 40), "a" + strings.Repeat("я", 31)},
	})
}

func TestAnalyzeWholes(t *testing.T) {
	t.Parallel()
	checkAnalysis(t, []analysisCase{
		{"names", "call pkg.Func now", "call pkg func now | .func"},
		{"scope", "std::vector a:b", "std vector a b"},
		{"long name", "std.mem.readInt", "std mem readint | .mem .readint read int"},
		{"sentences", "One.Two wait...what end. Next", "one two wait what end next | .two"},
		{"plus and sharp", "C++ C# F# g++, 5++ C++17 +++", "c c f g 5 c 17 | c++ c# f# g++ c++"},
		{"dots in front", ".NET ~/.bashrc ...x .5", "net bashrc x 5 | .net .bashrc"},
		{"tags and names", "#go @bob_x #123 a#b @@c", "go bob x 123 a b c | #go @bob_x #123 #b @c"},
		{"tags of runs", "今天#上海iPhone手机！#東京_大", "今天 天 上海 海 iphone 手机 机 東京 京 大 | #上海iphone #上海iphone手机 #東京_大 i phone"},
		{"options", "git commit --no-verify -m x -1 :-D a--b", "git commit no verify m x 1 d a b | --no --no-verify -m"},
		{"hyphens", "well-known e-mail", "well known e mail"},
		{"mail", "Bob+tag@my-site.example.com", "bob tag my site example com | @my-site.example.com .example .com"},
		{"url", "https://GitHub.com:8080/a/?q=%C3#L1.", "https github com 8080 a q c3 l1 | .com #l1 git hub | c 3 | l 1"},
		{"paths", "/usr/bin C:\\Win\\x.dll and/or", "usr bin c win x dll and or | .dll"},
		{"constants", "SQLITE_BUSY __init__.py", "sqlite busy init py | .py"},
		{"versions", "v1.2.3 1.2.3-beta.1", "v 1 2 3 1 2 3 beta 1"},
		{"error codes", "E1001 0x80070005 0xZ", "e1001 0x80070005 0xz | e 1001 | 80070005 | 0x z"},
		{"capitals", "HTTPServer2 URLs IDs readInt ABC Abc aBCde utf8Decode A1B2",
			"httpserver2 urls ids readint abc abc abcde utf8decode a1b2 | http server 2 | read int | a b cde | utf8 decode"},
		{"many capitals", "aBcDeFgHiJkLmNoPqR", "abcdefghijklmnopqr | a bc de fg hi jk lm no pq r"},
		{"capitals elsewhere", "ПриветМир ΑβγΔελτα", "приветмир αβγδελτα | привет мир | αβγ δελτα"},
		{"apostrophes", "O'Reilly d'accord", "o reilly d accord"},
		{"script without spaces", "上海.com 你@x.y", "上海 海 com 你 x y | .com @x @x.y .y"},
		{"long", "#" + strings.Repeat("ab_", 40), strings.Repeat("ab ", 40) + "| #" + strings.Repeat("ab_", 40)[:63]},
	})
}
