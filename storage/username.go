package storage

// What makes usernames and email addresses legal, and equal.

import (
	"net/mail"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
)

// FoldUsername returns the form by which usernames are unique: PRECIS
// UsernameCaseMapped (RFC 8265, section 3.3), with one sigma. Full-width letters,
// case and the order of combining marks make no difference; look-alike letters
// of another script do, and so do ß and ss, ı and i. What is no username is
// ErrInvalid: empty, longer than MaxUsername, of several scripts, with a
// character that PRECIS does not allow, or with an @, which would make it
// somebody's email address where either is asked for.
func FoldUsername(username string) (string, error) {
	if username == "" {
		return "", Invalid("Username", "empty")
	}
	if err := CheckText("Username", username, MaxUsername); err != nil {
		return "", err
	}
	if mixedScripts(username) {
		return "", Invalid("Username", "letters of more than one script")
	}
	folded, err := precis.UsernameCaseMapped.String(username)
	if err != nil {
		return "", &Error{Field: "Username", Kind: ErrInvalid, Err: err}
	}
	// Both small sigmas are the small form of one letter, which lower-casing
	// letter by letter does not see.
	folded = strings.ReplaceAll(folded, "ς", "σ")
	switch {
	case strings.Contains(folded, "@"): // also where a full-width one was typed
		return "", Invalid("Username", "an @ is for email addresses")
	case len(folded) > MaxUsername:
		return "", Invalid("Username", "folded form too long")
	}
	return folded, nil
}

// mixedScripts reports letters of several scripts. Han, Hiragana, Katakana,
// Hangul and Bopomofo are written together and count as one; digits and marks
// belong to any.
func mixedScripts(s string) bool {
	east := []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo}
	seen := ""
	for _, r := range s {
		script := ""
		switch {
		case !unicode.IsLetter(r) || unicode.Is(unicode.Common, r) || unicode.Is(unicode.Inherited, r):
			continue
		case r < unicode.MaxASCII || unicode.Is(unicode.Latin, r):
			script = "Latin"
		case unicode.In(r, east...):
			script = "East"
		default:
			script = scriptOf(r, seen)
		}
		if seen != "" && seen != script {
			return true
		}
		seen = script
	}
	return false
}

// scriptOf returns the one script that a letter belongs to, most likely that of
// the letter before it: there are many to look through.
func scriptOf(r rune, likely string) string {
	if table := unicode.Scripts[likely]; table != nil && unicode.Is(table, r) {
		return likely
	}
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return name
		}
	}
	return "unknown"
}

// FoldEmail returns the form by which email addresses are unique, both parts
// compatibility-composed: the local part case-folded, the domain in lower case.
// The two differ where domains do: straße.example and strasse.example may be two
// owners' (RFC 5892), and an address must never be taken for another owner's.
// An international domain and its form in ASCII (xn--…) are two domains: who
// takes addresses in both forms settles for one before they are stored.
func FoldEmail(email string) string {
	email = norm.NFKC.String(email)
	at := strings.LastIndexByte(email, '@') + 1
	return foldText(email[:at]) + norm.NFKC.String(lowerDomain.String(email[at:]))
}

// lowerDomain maps each letter by itself, as domains do (RFC 5895).
var lowerDomain = cases.Lower(language.Und, cases.HandleFinalSigma(false))

func checkEmail(email string) error {
	if email == "" {
		return nil
	}
	if err := CheckText("Email", email, MaxEmail); err != nil {
		return err
	}
	addr, err := mail.ParseAddress(email)
	at := strings.LastIndexByte(email, '@')
	if err != nil || addr.Address != email || at > 64 {
		return Invalid("Email", "not an email address")
	}
	// A full-width @ would come to part local part and domain elsewhere once it
	// is folded: for another owner.
	if strings.Count(norm.NFKC.String(email), "@") != strings.Count(email, "@") {
		return Invalid("Email", "an @ that is none")
	}
	return nil
}
