package storage

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// CheckText refuses text that no field may hold: longer than its limit in
// bytes, not UTF-8, or with a NUL byte in it.
func CheckText(field, s string, limit int) error {
	switch {
	case len(s) > limit:
		return Invalid(field, fmt.Sprintf("%d bytes, at most %d", len(s), limit))
	case !utf8.ValidString(s):
		return Invalid(field, "not valid UTF-8")
	case strings.IndexByte(s, 0) >= 0:
		return Invalid(field, "contains a NUL byte")
	}
	return nil
}

// text is a field of a record with its limit, for checkTexts.
type text struct {
	field string
	value string
	limit int
}

func checkTexts(texts ...text) error {
	for _, t := range texts {
		if err := CheckText(t.field, t.value, t.limit); err != nil {
			return err
		}
	}
	return nil
}

// checkCustom refuses custom fields that are not one JSON object in bounds.
// Empty is legal and means none.
func checkCustom(field string, custom json.RawMessage) error {
	if len(custom) == 0 {
		return nil
	}
	if err := CheckText(field, string(custom), MaxCustom); err != nil {
		return err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(custom, &object); err != nil || object == nil {
		return Invalid(field, "not a JSON object")
	}
	return nil
}

// MaxCustom is the limit of the Custom fields of a record, in bytes.
const MaxCustom = 16 << 10

// foldText returns the form under which names are equal: compatibility
// composed, cases folded.
func foldText(s string) string {
	folded := cases.Fold().String(norm.NFKC.String(s))
	return norm.NFKC.String(strings.Map(foldCherokee, folded))
}

// foldCherokee gives Cherokee letters the one case that Unicode folds them to,
// which is the upper one; cases.Fold swaps the two.
func foldCherokee(r rune) rune {
	if unicode.Is(unicode.Cherokee, r) {
		return unicode.ToUpper(r)
	}
	return r
}
