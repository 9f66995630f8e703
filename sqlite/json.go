package sqlite

import (
	"encoding/json"
	"slices"

	"github.com/lairchat/lair/storage"
)

// toJSON returns v for a column that is NULL, written as "", for the zero
// value.
func toJSON(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", &storage.Error{Kind: storage.ErrQuery, Err: err}
	}
	if string(text) == "{}" || string(text) == "null" {
		return "", nil
	}
	return string(text), nil
}

// json is the inverse of toJSON for the next column. What it does not
// understand, such as an unknown value of an enum, is corrupt.
func (r *row) json(v any) {
	raw := r.rawBlob()
	if len(raw) == 0 {
		return
	}
	if err := json.Unmarshal(raw, v); err != nil {
		r.corrupt(err.Error())
	}
}

// Bounds of the texts of settings that a connection remembers: how many, and how
// long each.
const (
	maxParsed     = 256
	maxParsedText = 1024
)

// roomSettings is json for the settings of a room. Those that many rooms have
// are parsed once: to read them takes longer than the rest of the row.
func (r *row) roomSettings() (s storage.RoomSettings) {
	raw := r.rawBlob()
	if len(raw) == 0 {
		return s
	}
	parsed := r.s.c.parsed
	s, ok := parsed[string(raw)]
	if !ok {
		if err := json.Unmarshal(raw, &s); err != nil {
			r.corrupt(err.Error())
			return storage.RoomSettings{}
		}
		if len(parsed) >= maxParsed {
			clear(parsed)
		}
		if len(raw) <= maxParsedText {
			parsed[string(raw)] = s
		}
	}
	s.Uploads.Types = slices.Clone(s.Uploads.Types)
	return s
}

// known reports as corrupt a value that is none of its enum.
func known[E interface {
	~uint8
	Valid() bool
}](r *row) E {
	n := r.int()
	e := E(n)
	if n != int64(e) || !e.Valid() {
		r.corrupt("an unknown value of an enumeration")
	}
	return e
}
