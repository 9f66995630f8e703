package storage

// What makes usernames and email addresses legal, and equal.

import (
	"net/mail"
	"strings"
	"unicode"

	"golang.org/x/text/secure/precis"
)

// FoldUsername returns the form by which usernames are unique: PRECIS
// UsernameCaseMapped (RFC 8265, section 3.3). Full-width letters, case and the
// order of combining marks make no difference; look-alike letters of another
// script do. What is no username is ErrInvalid: empty, longer than MaxUsername,
// of several scripts, or with a character that PRECIS does not allow.
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
	if len(folded) > MaxUsername {
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
			script = scriptOf(r)
		}
		if seen != "" && seen != script {
			return true
		}
		seen = script
	}
	return false
}

func scriptOf(r rune) string {
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return name
		}
	}
	return "unknown"
}

// FoldEmail returns the form by which email addresses are unique: local part
// and domain case-folded and compatibility-composed.
func FoldEmail(email string) string { return foldText(email) }

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
	return nil
}
